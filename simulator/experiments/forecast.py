"""How well a fit foretells rows it has not seen, beside the baseline that it has to beat.

A forecast of a row is a normal distribution. The fitted scenario's has the mean and variance of series drawn with everything that is
not known: the estimates' errors, the residuals' variance, the luck of the market and of the simulation. The baseline of a durable's
units is the NLS Bass fit, with the errors of p, q and m (delta method); of anything else the last value, with the variance of its
changes, as a random walk has it. Log score: the mean logarithm of the density at what came; the larger the better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.experiments.bass import BassFit, bass_adopters, fit_nls
from simulator.experiments.estimation import CONFIDENCE, Data, Fit, Noise
from simulator.experiments.observed import F64
from simulator.parameters import InputError

PATHS = 2000
"""Drawn series."""

FARTHEST = 3.0
"""Draws of log scale stay so near the estimate."""


@dataclass(frozen=True)
class Forecast:
    """mean, deviation, low, high: float64 [all rows]; low and high hold the middle 90%."""

    name: str
    mean: F64
    deviation: F64
    low: F64
    high: F64


def forecast(name: str, fit: Fit, data: Data, noise: Noise, cover: float = CONFIDENCE) -> Forecast:
    """All rows of `data` (of which the fit has seen the first) as the fitted scenario foretells them."""
    rows, k = len(data.observed), len(fit.point)
    design, inside = fit.design(), fit.rows
    inverse = np.linalg.pinv(design, rcond=1e-6)
    luck = noise.factor(rows, fit.scale, data)
    lucky, wobble = noise.luck("paths", PATHS), noise.luck("runs", PATHS)
    scatter = math.sqrt(fit.variance(noise))
    spread = scatter * np.sqrt(fit.freedom / (noise.draws("variance", fit.freedom, PATHS) ** 2).sum(axis=0))
    errors = spread * noise.draws("seen", inside, PATHS) + (luck[:inside] @ lucky) * math.sqrt(noise.market)
    errors += (luck[:inside] @ wobble) / math.sqrt(noise.runs)
    steps = -inverse @ errors  # estimate plus steps: the truth, had the fitted rows these errors
    points = np.clip(fit.point[:, None] + steps[:k], 0.0, 1.0).T
    scale = fit.scale * np.exp(np.clip(steps[k], -FARTHEST, FARTHEST)) if data.free_scale else np.full(PATHS, fit.scale)
    expected = scale[:, None] * fit.emulator(points)[:, :rows] * data.season / data.spread
    # a market's luck in the rows seen and in those ahead is one; what is not luck is new in every row
    paths = expected + (math.sqrt(noise.market) * luck @ lucky).T
    paths = (paths + spread[:, None] * noise.draws("residuals ahead", PATHS, rows)) * data.spread
    mean = fit.scale * fit.emulator(fit.point)[:rows] * data.season
    low, high = np.quantile(paths, [(1.0 - cover) / 2.0, (1.0 + cover) / 2.0], axis=0)
    deviation = np.sqrt(((paths - mean) ** 2).mean(axis=0))
    return Forecast(name, mean, np.maximum(deviation, 1e-9 * max(1e-300, float(np.abs(data.observed).max()))), np.maximum(low, 0.0), high)


def bass_forecast(data: Data, seen: int) -> tuple[Forecast, BassFit] | None:
    """The NLS Bass fit to the first `seen` rows, carried on; None where a series cannot be fitted so."""
    try:
        fit = fit_nls(data.observed[:seen] / data.season[:seen])
    except InputError:
        return None
    rows = len(data.observed)
    estimate = np.array([fit.p, fit.q, fit.m])

    def curve(x: F64, until: int) -> F64:
        found: F64 = bass_adopters(until, max(1e-12, float(x[0])), max(0.0, float(x[1])), float(x[2])) * data.season[:until]
        return found

    steps = np.diag(np.maximum(1e-4 * np.abs(estimate), 1e-9))
    slope = np.column_stack([(curve(estimate + step, rows) - curve(estimate - step, rows)) / (2.0 * step.sum()) for step in steps])
    mean = curve(estimate, rows)
    variance = float(((data.observed[:seen] - mean[:seen]) ** 2).sum()) / (seen - 3)
    covariance = variance * np.linalg.pinv(slope[:seen].T @ slope[:seen], rcond=1e-12, hermitian=True)
    return _normal("NLS Bass", mean, np.sqrt(variance + np.einsum("ij,jk,ik->i", slope, covariance, slope))), fit


def last_value(data: Data, seen: int) -> Forecast:
    """A random walk from the last row that was seen: for repeat markets and trackers."""
    observed, rows = data.observed, len(data.observed)
    mean = np.concatenate([observed[:1], observed[: seen - 1], np.full(rows - seen, observed[seen - 1])])
    step = float(np.std(np.diff(observed[:seen]))) or 1e-9
    ahead = np.maximum(1.0, np.arange(rows) - seen + 1.0)
    return _normal("last value", mean, step * np.sqrt(ahead))


def _normal(name: str, mean: F64, deviation: F64) -> Forecast:
    from scipy.stats import norm

    reach = float(norm.ppf((1.0 + CONFIDENCE) / 2.0)) * deviation
    return Forecast(name, mean, deviation, np.maximum(mean - reach, 0.0), mean + reach)


def score(forecast: Forecast, observed: F64, seen: int) -> dict[str, float | str | int]:
    """A row of the table of scores: errors on rows seen and not seen, log score of and coverage on those not seen."""
    error, rest = observed - forecast.mean, slice(seen, None)
    z = error[rest] / forecast.deviation[rest]
    density = -0.5 * z**2 - np.log(forecast.deviation[rest]) - 0.5 * math.log(2.0 * math.pi)
    inside = (observed[rest] >= forecast.low[rest]) & (observed[rest] <= forecast.high[rest])
    some = len(z) > 0
    return {
        "model": forecast.name, "rows_fitted": seen, "rmse_fitted": float(np.sqrt((error[:seen] ** 2).mean())), "rows_held_out": len(z),
        "rmse_held_out": float(np.sqrt((error[rest] ** 2).mean())) if some else math.nan,
        "log_score": float(density.mean()) if some else math.nan, "inside_band": int(inside.sum()),
    }  # fmt: skip
