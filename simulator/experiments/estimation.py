"""Estimates of free parameters by least squares on an emulator, and what the data say about each of them.

    residual_i = (observed_i - s season_i mu_i(u)) / spread_i            s: the size of the market, where that is free too

Units: spread is 1 and the errors are independent normal ones of one variance, estimated: those of the NLS Bass fit. Shares of a
tracker: spread is the standard error sqrt(share (1 - share) / sample), a binomial in its normal approximation; where the waves scatter
more than that, by their scatter (quasi-binomial).

Intervals are those of the profile: all values of a parameter at which the best fit by all others is not worse by more than the
statistic T = (RSS - smallest RSS) / (smallest RSS / degrees of freedom) is in 90% of series made by the fitted model (Bates and Watts
1988, Nonlinear Regression Analysis, 6.1). These series, in the linear approximation, carry three kinds of noise: the residuals', that
of a market of so many people (luck: whoever tells first), and that of the replicates with which the curve was simulated. Without
luck the limit is the F quantile of Bates and Watts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simulator.engine.chance import address
from simulator.experiments.emulator import Emulator
from simulator.experiments.observed import F64

CONFIDENCE = 0.90
DRAWS = 4000
GRID = 17
"""Points of a profile."""

WIDEST = math.log(50.0)
"""The size of the market is sought within this factor of the best one."""

EDGE = 1e-3
"""So near the end of a range an estimate is at it."""

HALVINGS = 9


@dataclass(frozen=True)
class Data:
    """What is fitted: observed, spread, season: float64 [rows]; known: whether the spread is that of a sample."""

    observed: F64
    spread: F64
    season: F64
    known: bool
    free_scale: bool

    def part(self, rows: int) -> Data:
        """The first rows."""
        return Data(self.observed[:rows], self.spread[:rows], self.season[:rows], self.known, self.free_scale)


@dataclass(frozen=True)
class Noise:
    """market: variance of the market's own luck, as a share of that of one run; runs: of how many runs the fitted curve is the mean.

    deviations: float64 [fresh runs, all rows], runs at the estimate minus their mean, in simulated units.
    """

    market: float
    runs: int
    deviations: F64
    seed: int

    def factor(self, rows: int, scale: float, data: Data) -> F64:
        """float64 [rows, fresh runs]: its product with standard normal numbers is the luck of one run, in units of the spread."""
        found: F64 = (scale * data.season[:, None] * self.deviations[:, :rows].T) / data.spread[:, None]
        return found / math.sqrt(max(1, len(self.deviations) - 1))

    def luck(self, stream: str, draws: int) -> F64:
        """float64 [fresh runs, draws]: for `factor`, to give luck of variance 1; heavier in the tails, as it is known from few runs."""
        runs = len(self.deviations)
        heavy = np.sqrt((runs - 1) / (self.draws(f"{stream} variance", runs - 1, draws) ** 2).sum(axis=0))
        found: F64 = self.draws(stream, runs, draws) * heavy
        return found

    def draws(self, stream: str, *shape: int) -> F64:
        """Standard normal numbers of the calibration's own luck."""
        found: F64 = np.random.default_rng(int(address(self.seed, f"calibration {stream}"))).standard_normal(shape)
        return found


@dataclass(frozen=True)
class Fit:
    """A best fit. point: float64 [k] in the unit cube; scale: 1 unless it is free."""

    data: Data
    point: F64
    scale: float
    rss: float
    emulator: Emulator = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows were fitted."""
        return len(self.data.observed)

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""
        return len(self.point) + self.data.free_scale

    @property
    def freedom(self) -> int:
        """Degrees of freedom left."""
        return self.rows - self.parameters

    def design(self) -> F64:
        """float64 [rows, parameters]: derivatives of the fitted values, in units of the spread; the last that of log scale."""
        rows, weight = self.rows, (self.scale * self.data.season / self.data.spread)[:, None]
        columns = weight * self.emulator.slope(self.point)[:rows]
        if self.data.free_scale:
            columns = np.hstack([columns, weight * self.emulator(self.point)[:rows, None]])
        return columns

    def variance(self, noise: Noise) -> float:
        """Of the residuals, without the part that is luck; in squared units of the spread."""
        design = self.design()
        luck = _residuals(design, noise.factor(self.rows, self.scale, self.data))
        expected = (noise.market + 1.0 / noise.runs) * float((luck**2).sum())
        found = max(0.0, (self.rss - expected) / self.freedom)
        return max(1.0, found) if self.data.known else found


def best_fit(emulator: Emulator, data: Data, starts: F64) -> Fit:
    """The least squares fit, sought from several points [n, k]."""
    found = [_minimum(emulator, data, start, {}) for start in starts]
    rss, point, log_scale = min(found, key=lambda each: each[0])
    return Fit(data, point, math.exp(log_scale), rss, emulator)


def losses(data: Data, curves: F64) -> F64:
    """float64 [n]: sum of squared residuals of simulated curves [n, rows], each with its best scale."""
    rows = len(data.observed)
    expected, observed = curves[:, :rows] * data.season / data.spread, data.observed / data.spread
    scale = _best_scale(expected, observed)[:, None] if data.free_scale else 1.0
    found: F64 = ((observed - scale * expected) ** 2).sum(axis=1)
    return found


def _best_scale(expected: F64, observed: F64) -> F64:
    square = (expected**2).sum(axis=-1)
    found: F64 = np.maximum(1e-12, (expected @ observed) / np.maximum(square, 1e-300))
    return found


def _minimum(emulator: Emulator, data: Data, start: F64, fixed: Mapping[int, float]) -> tuple[float, F64, float]:
    """RSS, point, log scale of the best fit with some parameters fixed (number k: log scale)."""
    from scipy.optimize import least_squares

    rows, k = len(data.observed), len(start)
    observed = data.observed / data.spread
    free = [j for j in range(k) if j not in fixed]
    point = start.copy()
    for j, value in fixed.items():
        if j < k:
            point[j] = value

    def residuals(x: F64) -> F64:
        point[free] = x
        expected = emulator(point)[:rows] * data.season / data.spread
        if not data.free_scale:
            scale = 1.0
        else:
            scale = math.exp(fixed[k]) if k in fixed else float(_best_scale(expected, observed))
        difference: F64 = observed - scale * expected
        return difference

    if free:
        found = least_squares(
            residuals,
            np.clip(point[free], 1e-6, 1.0 - 1e-6),
            bounds=(0.0, 1.0),
            x_scale=0.1,
            diff_step=[1e-4],
            xtol=1e-6,
            ftol=1e-9,
            max_nfev=40,
        )
        point[free] = found.x
    rss = float((residuals(point[free]) ** 2).sum())
    log_scale = 0.0
    if data.free_scale:
        expected = emulator(point)[:rows] * data.season / data.spread
        log_scale = fixed[k] if k in fixed else math.log(float(_best_scale(expected, observed)))
    return rss, point.copy(), log_scale


def _residuals(design: F64, errors: F64) -> F64:
    """What a linear fit of the design leaves of errors [rows, n]."""
    basis = np.linalg.svd(design, full_matrices=False)
    keep = 1e-10 * max(basis.S.max(initial=0.0), 1e-300) < basis.S
    q = basis.U[:, keep]
    left: F64 = errors - q @ (q.T @ errors)
    return left


def covariance(fit: Fit, noise: Noise) -> F64:
    """float64 [parameters, parameters] of the estimates, in the linear approximation, all noise included."""
    inverse = np.linalg.pinv(fit.design(), rcond=1e-8)
    luck = inverse @ noise.factor(fit.rows, fit.scale, fit.data)
    found: F64 = fit.variance(noise) * inverse @ inverse.T + (noise.market + 1.0 / noise.runs) * luck @ luck.T
    return found


def correlations(fit: Fit) -> F64:
    """float64 [parameters, parameters]: of the estimates, from the curvature at the best fit; NaN where the data say nothing."""
    curvature = fit.design().T @ fit.design()
    inverse = np.linalg.pinv(curvature, rcond=1e-12, hermitian=True)
    size = np.sqrt(np.maximum(np.diag(inverse), 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: F64 = np.clip(inverse / np.outer(size, size), -1.0, 1.0)
    return found


def limits(fit: Fit, noise: Noise) -> F64:
    """float64 [parameters]: how large T may be for each parameter; see the top of this file."""
    design, rows = fit.design(), fit.rows
    luck = noise.factor(rows, fit.scale, fit.data)
    errors = math.sqrt(fit.variance(noise)) * noise.draws("residuals", rows, DRAWS)
    errors += math.sqrt(noise.market + 1.0 / noise.runs) * luck @ noise.luck("luck", DRAWS)
    whole = (_residuals(design, errors) ** 2).sum(axis=0)
    below = _denominator(fit.data, whole, fit.freedom)
    without = [(_residuals(np.delete(design, j, axis=1), errors) ** 2).sum(axis=0) for j in range(design.shape[1])]
    return np.array([float(np.quantile((each - whole) / below, CONFIDENCE)) for each in without])


def _denominator(data: Data, rss: F64 | float, freedom: int) -> F64:
    found: F64 = np.asarray(rss, np.float64) / freedom
    return np.maximum(found, 1.0) if data.known else np.maximum(found, 1e-300)


@dataclass(frozen=True)
class Profile:
    """What the data say about one parameter (unit cube, or log scale): T on a grid, and the interval. open_*: the range ends first."""

    places: F64
    statistic: F64
    limit: float
    low: float
    high: float
    open_low: bool
    open_high: bool


def profile(fit: Fit, j: int, limit: float) -> Profile:
    """The profile of parameter j (number k: log scale)."""
    k = len(fit.point)
    centre = math.log(fit.scale) if j == k else float(fit.point[j])
    ends = (centre - WIDEST, centre + WIDEST) if j == k else (0.0, 1.0)
    below = float(_denominator(fit.data, fit.rss, fit.freedom))
    known: dict[float, tuple[float, F64]] = {centre: (fit.rss, fit.point)}

    def statistic(place: float) -> float:
        if place not in known:
            near = min(known, key=lambda other: abs(other - place))
            known[place] = _minimum(fit.emulator, fit.data, known[near][1], {j: place})[:2]
        return max(0.0, (known[place][0] - fit.rss) / below)

    low, open_low = _crossing(statistic, centre, ends[0], limit)
    high, open_high = _crossing(statistic, centre, ends[1], limit)
    reach = max(high - centre, centre - low, 1e-3)
    places = np.unique(np.clip(np.concatenate([np.linspace(centre - 2 * reach, centre + 2 * reach, GRID), [low, centre, high]]), *ends))
    return Profile(places, np.array([statistic(float(place)) for place in places]), limit, low, high, open_low, open_high)


def _crossing(statistic, centre: float, end: float, limit: float) -> tuple[float, bool]:  # type: ignore[no-untyped-def]  # a function
    """Where the statistic first passes the limit on the way from the centre to the end, and whether it does not before the end."""
    if abs(end - centre) < EDGE:
        return end, True
    inside, outside, step = centre, centre, (end - centre) / 64.0
    while statistic(outside) <= limit:
        inside = outside
        if outside == end:
            return end, True
        outside = centre + step
        step *= 2.0
        if (outside - end) * (end - centre) >= 0:
            outside = end
    for _ in range(HALVINGS):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if statistic(middle) <= limit else (inside, middle)
    return 0.5 * (inside + outside), False
