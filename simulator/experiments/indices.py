"""Which parameters matter: Morris screening and Sobol indices of what a model says at many points, luck told apart.

Designs and estimators are SALib's (Iwanaga, Usher, Herman 2022, doi:10.18174/sesmo.18155): elementary effects by Morris (1991,
doi:10.1080/00401706.1991.10484804) with mu* by Campolongo et al. (2007, doi:10.1016/j.envsoft.2006.10.004), first-order and total
indices by Saltelli et al. (2010, doi:10.1016/j.cpc.2009.09.018). What the model says is an array y [points, replicates]: every point
has the same seeds, so that what a seed does at all points alike is in no difference between points.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine.chance import address
from simulator.experiments.paired import CONFIDENCE, F64
from simulator.language import _
from simulator.parameters import InputError

if TYPE_CHECKING:
    import pandas as pd

LEVELS = 4
"""Of each range in the screening: a step is two thirds of the range."""

RESAMPLES = 1000
OTHERS = "all others"
"""The group of the parameters that screening left out."""


def salib() -> Any:
    """SALib's designs and estimators: (morris sample, morris analyze, sobol sample, sobol analyze)."""
    try:
        from SALib.analyze import morris, sobol
        from SALib.sample import morris as trajectories
        from SALib.sample import sobol as sequence
    except ImportError:
        raise InputError(_("sensitivity analysis needs SALib: pip install 'world-of-mouth[sensitivity]'")) from None
    return trajectories.sample, morris.analyze, sequence.sample, sobol.analyze


def _problem(names: Sequence[str], groups: Sequence[str] | None = None) -> dict[str, Any]:
    problem: dict[str, Any] = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    return problem if groups is None else problem | {"groups": list(groups)}


# -- screening -------------------------------------------------------------------------------------------------------


def trajectories(names: Sequence[str], count: int, seed: int) -> F64:
    """The points of `count` trajectories, in each of which every parameter takes one step: [count * (k + 1), k], shares of the ranges."""
    sample, *_ = salib()
    points: F64 = np.clip(sample(_problem(names), count, num_levels=LEVELS, seed=_seed(seed, "screening")), 0.0, 1.0)
    return points


def screened(names: Sequence[str], points: F64, y: F64) -> pd.DataFrame:
    """Columns key, mu, mu_star, mu_star_low, mu_star_high, sigma, noise, within_noise; the largest mu* first.

    mu        mean effect of the whole range of the parameter, in units of y
    mu_star   mean of its absolute value, with a 95% bootstrap interval over trajectories; sigma: its standard deviation
    noise     the mu* that luck alone would stay below 19 times of 20; NaN with one replicate, and within_noise is then False
    A parameter that nothing reads has mu* = 0 exactly.

    points  what `trajectories` returned; y [points, replicates]. Trajectories with an unknown y are left out; an InputError if fewer
    than two are whole.
    """
    import pandas as pd

    analyze = salib()[1]
    k = len(names)
    across = y.reshape(-1, k + 1, y.shape[1])
    whole = np.atleast_1d(~np.isnan(across).any(axis=(1, 2)))
    if whole.sum() < 2:
        raise InputError(
            _("{whole} of {count} trajectories are whole; at least 2 are needed").format(whole=int(whole.sum()), count=len(whole))
        )
    points, across = points.reshape(-1, k + 1, k)[whole], across[whole]
    mean = across.mean(axis=2).ravel()
    # SALib's ordinary interval is mu* plus and minus 1.96 standard deviations of the bootstrap
    found = analyze(_problem(names), points.reshape(-1, k), mean, RESAMPLES, CONFIDENCE, num_levels=LEVELS, seed=_seed(0, "morris"))
    mu_star, half = np.asarray(found["mu_star"], float), np.asarray(found["mu_star_conf"], float)
    noise = _screening_noise(points, across)
    table = pd.DataFrame({
        "key": list(names), "mu": np.asarray(found["mu"], float), "mu_star": mu_star, "mu_star_low": np.maximum(0.0, mu_star - half),
        "mu_star_high": mu_star + half, "sigma": np.asarray(found["sigma"], float), "noise": noise,
        "within_noise": (mu_star <= noise) & (mu_star > 0.0),
    })  # fmt: skip
    return table.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)


def _screening_noise(points: F64, across: F64) -> F64:
    """For each parameter the 95% point of mu* if its effects were nothing but luck, from how they differ between replicates."""
    r, _, n = across.shape
    if n < 2:
        return np.full(points.shape[2], np.nan)
    step = LEVELS / (2.0 * (LEVELS - 1.0))
    moved = np.abs(np.diff(points, axis=1)).argmax(axis=2)  # [r, k]: which parameter took the step
    spread = (np.diff(across, axis=1) / step).var(axis=2, ddof=1) / n  # [r, k]: of the mean effect
    squares = np.zeros((r, points.shape[2]))
    np.put_along_axis(squares, moved, spread, axis=1)
    error = np.sqrt(squares.mean(axis=0))
    half_normal, its_spread = math.sqrt(2.0 / math.pi), math.sqrt((1.0 - 2.0 / math.pi) / r)
    noise: F64 = error * (half_normal + 1.645 * its_spread)
    return noise


def survivors(tables: Sequence[pd.DataFrame], most: int, fewest: int = 1) -> list[str]:
    """The keys that stand out of the noise for any of several figures, the strongest first, at most `most`.

    Where fewer than `fewest` do, the strongest of the others follow, if they do anything.
    """
    import pandas as pd

    scores = []
    for table in tables:
        largest = float(table["mu_star"].max())
        if largest > 0.0:
            signed = np.where(table["within_noise"], -1.0, 1.0) * table["mu_star"].to_numpy() / largest
            scores.append(pd.Series(signed, table["key"].tolist()))
    if not scores:
        return []
    best = pd.concat(scores, axis=1).apply(lambda row: max(row, key=lambda value: (value > 0.0, abs(value))), axis=1)
    standing = best[best > 0.0].sort_values(ascending=False, kind="stable")
    rest = best[best < 0.0].abs().sort_values(ascending=False, kind="stable")
    chosen = [*standing.index[:most], *rest.index[: max(0, min(fewest, most) - len(standing))]]
    return [str(key) for key in chosen]


# -- indices ---------------------------------------------------------------------------------------------------------


def grouped(names: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """The group of each parameter: itself if chosen, else that of all others."""
    return [name if name in chosen else OTHERS for name in names]


def spread(names: Sequence[str], groups: Sequence[str], count: int, seed: int) -> F64:
    """The points from which Sobol indices of the groups follow: [count * (groups + 2), k], shares of the ranges.

    The first and the last of every groups + 2 rows lie evenly in the space of all parameters: `even` picks them.
    """
    if count < 2 or count & (count - 1):
        above = 1 << max(1, (count - 1).bit_length())
        near = above if count < 2 else f"{above // 2} or {above}"
        raise InputError(_("--points is {count}; a Sobol sequence is even only at powers of two: {near}").format(count=count, near=near))
    sample = salib()[2]
    points: F64 = sample(_problem(names, groups), count, calc_second_order=False, seed=_seed(seed, "indices"))
    return points


def even(groups: Sequence[str], rows: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of the rows of `spread` lie evenly in the space."""
    size = len(dict.fromkeys(groups)) + 2
    return np.isin(np.arange(rows) % size, (0, size - 1))


def indices(groups: Sequence[str], y: F64) -> pd.DataFrame:
    """Columns key, S1, S1_low, S1_high, ST, ST_low, ST_high, noise, within_noise; the largest ST first.

    S1     share of the variance over the space that the parameter explains alone; ST: with all its interactions
    *_low, *_high   95% bootstrap interval
    noise  the part of ST that luck makes: it would be there if the parameter did nothing; NaN with one replicate
    within_noise    whether the interval of ST reaches down to it

    groups  of each parameter, as given to `spread`; y [points, replicates]. Base points with an unknown y are left out; an InputError
    if fewer than two are whole. Where y is the same everywhere all indices are 0.
    """
    import pandas as pd

    analyze = salib()[3]
    keys = list(dict.fromkeys(groups))
    size = len(keys) + 2
    blocks = y.reshape(-1, size, y.shape[1])
    whole = np.atleast_1d(~np.isnan(blocks).any(axis=(1, 2)))
    if whole.sum() < 2:
        raise InputError(
            _("{whole} of {count} base points are whole; at least 2 are needed").format(whole=int(whole.sum()), count=len(whole))
        )
    blocks = blocks[whole]
    mean = blocks.mean(axis=2)
    if np.ptp(mean) == 0.0:
        zero = np.zeros(len(keys))
        found: Any = {"S1": zero, "S1_conf": zero, "ST": zero, "ST_conf": zero}
    else:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Constant values")  # a resample in which all points say the same has no indices
            found = analyze(_problem(keys), mean.ravel(), False, RESAMPLES, CONFIDENCE, seed=_seed(0, "sobol"))
    table = pd.DataFrame({"key": keys})
    for name in ("S1", "ST"):
        value, half = np.asarray(found[name], float), np.asarray(found[f"{name}_conf"], float)
        table = table.assign(**{name: value, f"{name}_low": value - half, f"{name}_high": value + half})
    table["noise"] = _index_noise(blocks)
    table["within_noise"] = (table["ST"] > 0.0) & (table["ST_low"] <= table["noise"].fillna(0.0))
    return table.sort_values("ST", ascending=False, kind="stable", ignore_index=True)


def _index_noise(blocks: F64) -> F64:
    """For each group the expected ST of a parameter without effect whose steps only change the luck. blocks [base, groups + 2, n]."""
    n = blocks.shape[2]
    if n < 2:
        return np.full(blocks.shape[1] - 2, np.nan)
    variance = float(blocks[:, [0, -1]].mean(axis=2).var())
    steps = blocks[:, 1:-1] - blocks[:, :1]
    error: F64 = steps.var(axis=2, ddof=1).mean(axis=0) / n
    return error / (2.0 * variance) if variance > 0.0 else np.zeros_like(error)


def luck(y: F64) -> dict[str, float]:
    """Shares of the variance of one run over points and seeds: parameters, seed (what a seed does everywhere), luck (the rest).

    The two-way analysis of variance without repetition; y [points, replicates], rows with an unknown left out. of_mean: the share of luck
    and seed in the variance of the mean over the replicates. NaN with one replicate, one point, or where nothing varies.
    """
    y = y[~np.isnan(y).any(axis=1)]
    points, n = y.shape
    nothing = dict.fromkeys(("parameters", "seed", "luck", "of_mean"), math.nan)
    if points < 2 or n < 2:
        return nothing
    of_points, of_seeds = y.mean(axis=1), y.mean(axis=0)
    rest = y - of_points[:, None] - of_seeds[None, :] + y.mean()
    luck_square = float((rest**2).sum()) / ((points - 1) * (n - 1))
    parameters = max(0.0, float(of_points.var(ddof=1)) - luck_square / n)
    seed = max(0.0, float(of_seeds.var(ddof=1)) - luck_square / points)
    total = parameters + seed + luck_square
    if total <= 0.0:
        return nothing
    by_chance = (seed + luck_square) / n
    shares = (parameters / total, seed / total, luck_square / total, by_chance / (parameters + by_chance))
    return dict(zip(nothing, shares, strict=True))


def _seed(seed: int, purpose: str) -> int:
    """What SALib draws from: positive, because it takes 0 for none."""
    return 1 + int(address(seed, f"sensitivity {purpose}")) % (2**31 - 1)
