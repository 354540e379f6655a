"""An emulator: what a scenario would give at settings that were not simulated, from those that were.

The expected series, a number for each row, is a smooth function of the free parameters, because every setting is simulated with the
same luck. It is interpolated by thin-plate splines on a quadratic (Duchon 1977; SciPy's RBFInterpolator); how much they smooth is
chosen by leaving fifths of the simulated settings out. Settings are points of the unit cube: 0 and 1 are the ends of the range of a
parameter, on a logarithmic scale where the range spans a factor of ten and more.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import numpy as np

from simulator.experiments.design import DIGITS, Axis
from simulator.experiments.observed import F64

SMOOTHING = (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 0.0)
AS_GOOD = 1.1
"""The smoothest of all splines whose error is at most so many times the smallest is taken: slopes must not follow noise."""

FOLDS = 5
FLOOR = 0.1
"""Added to a series before its logarithm is taken, as a share of its mean: noise of small numbers counts for little."""

DECADE = 10.0
STEP = 0.05
"""Of the derivatives, in the unit cube."""


class Cube:
    """The unit cube of the free parameters."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.axes = tuple(axes)
        self.keys = tuple(each.key for each in axes)

    def value(self, place: int, u: float) -> float:
        """The value of a parameter at u, to a few digits, so that it can be typed again."""
        each = self.axes[place]
        if _logarithmic(each):
            return float(f"{each.low * (each.high / each.low) ** u:.{DIGITS}g}")
        return float(f"{each.low + u * (each.high - each.low):.{DIGITS}g}")

    def settings(self, point: Sequence[float] | F64) -> dict[str, float]:
        """Dotted key -> value at a point."""
        return {key: self.value(place, float(point[place])) for place, key in enumerate(self.keys)}


def _logarithmic(axis: Axis) -> bool:
    return axis.low > 0 and axis.high / axis.low >= DECADE


class Emulator:
    """Series at points of the unit cube. points: float64 [n, k]; curves: float64 [n, rows]; near: which count most, bool [n]."""

    def __init__(self, points: F64, curves: F64, near: np.ndarray) -> None:
        self.points, self.curves = points, curves
        unit = float(np.abs(curves[near]).mean()) or 1.0
        self.floor = FLOOR * unit if curves.min() >= 0.0 else math.nan
        errors = [self._left_out(smoothing, near) for smoothing in SMOOTHING]
        known = [error for error in errors if math.isfinite(error)]
        best = next((place for place, error in enumerate(errors) if error <= AS_GOOD * min(known)), 0) if known else 0
        self.error = float(errors[best])
        """Root mean square error of settings near the best that were left out, in the unit of the series."""
        self._spline = self._fitted(points, curves, SMOOTHING[best])
        self._shift = np.zeros(curves.shape[1])

    def __call__(self, points: F64) -> F64:
        """float64 [n, rows] at points [n, k], or [rows] at one point [k]."""
        found: F64 = self._straight(self._spline(np.atleast_2d(points)) + self._shift)
        return found[0] if points.ndim == 1 else found

    def through(self, point: F64, curve: F64) -> Emulator:
        """The same, moved to go through a better-known curve [rows] at a point."""
        moved = copy.copy(self)
        moved._shift = self._shift + self._bent(curve) - self._bent(self(point))
        return moved

    def slope(self, point: F64) -> F64:
        """float64 [rows, k]: derivatives at a point, inside the cube."""
        k = len(point)
        low, high = np.clip(point - STEP * np.eye(k), 0.0, 1.0), np.clip(point + STEP * np.eye(k), 0.0, 1.0)
        widths = (high - low).diagonal()
        slope: F64 = (self(high) - self(low)).T / widths
        return slope

    def _fitted(self, points: F64, curves: F64, smoothing: float):  # type: ignore[no-untyped-def]  # SciPy's own type
        from scipy.interpolate import RBFInterpolator

        k = points.shape[1]
        quadratic = len(points) >= (k + 1) * (k + 2)
        return RBFInterpolator(points, self._bent(curves), smoothing=smoothing, kernel="thin_plate_spline", degree=2 if quadratic else 1)

    def _bent(self, curves: F64) -> F64:
        """Logarithms: rates act by factors. Of what may be negative, itself."""
        found: F64 = curves if math.isnan(self.floor) else np.log(np.maximum(curves, 0.0) + self.floor)
        return found

    def _straight(self, bent: F64) -> F64:
        """The inverse, never far beyond what was seen."""
        if math.isnan(self.floor):
            return bent
        found: F64 = np.exp(np.minimum(bent, math.log(10.0 * float(self.curves.max()) + self.floor))) - self.floor
        return found

    def _left_out(self, smoothing: float, near: np.ndarray) -> float:
        fold = np.arange(len(self.points)) % FOLDS
        squares = []
        for part in range(FOLDS):
            out = (fold == part) & near
            if not out.any():
                continue
            try:
                guess = self._fitted(self.points[fold != part], self.curves[fold != part], smoothing)(self.points[out])
            except (np.linalg.LinAlgError, ValueError):  # points in a line
                return math.nan
            squares.append(((self._straight(guess) - self.curves[out]) ** 2).mean(axis=1))
        return float(np.sqrt(np.concatenate(squares).mean())) if squares else math.nan
