"""Differences of paired runs: how large, how sure, and what to say about them.

The interval is a bootstrap over pairs, its percentiles widened for small samples as in Hesterberg (2015, The American
Statistician 69:371-386, doi:10.1080/00031305.2015.1089789); p is that of the sign-flip test of no difference.
Both draw from an address, so that the same runs always give the same table.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.engine.chance import address

F64 = NDArray[np.float64]

RESAMPLES = 4000
LEVEL = 0.05
"""How often a table of nothing but luck may call something different."""

CONFIDENCE = 1.0 - LEVEL
FEWEST_PAIRS = 6
"""Below this number of pairs no sign-flip test can reach 5%, and nothing is called decided."""

MOST_PAIRS = 100_000
"""More pairs than this are no advice: then none would do."""

BETTER, WORSE, SAME, UNCLEAR = "better", "worse", "no practical difference", "cannot tell"
HIGHER, LOWER = "higher", "lower"
_ROWS = 256  # rows worked on at once, to keep the products small


@dataclass(frozen=True)
class Differences:
    """What n pairs say about many quantities: arrays [rows]."""

    n: NDArray[np.int64]  # pairs in which the quantity is known on both sides
    mean: F64
    median: F64
    sd: F64  # of the differences; NaN below two pairs
    low: F64  # ends of the interval of the mean difference; NaN below two pairs
    high: F64
    p: F64  # of the sign-flip test; NaN below two pairs


def paired_differences(values: F64, level: float = LEVEL) -> Differences:
    """What is known of each row of differences [rows, pairs]; NaN where a pair does not know the quantity.

    level: 1 minus the confidence of the intervals
    """
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    mean, median, sd, low, high, p = (np.full(len(values), np.nan) for _ in range(6))
    for pairs in np.unique(n[n > 0]):
        rows = np.flatnonzero(n == pairs)
        sample = values[rows][known[rows]].reshape(len(rows), pairs)
        mean[rows], median[rows] = sample.mean(axis=1), np.median(sample, axis=1)
        if pairs > 1:
            sd[rows] = sample.std(axis=1, ddof=1)
            low[rows], high[rows] = _interval(sample, level)
            p[rows] = _sign_flip(sample)
    return Differences(n, mean, median, sd, low, high, p)


def correlation(a: F64, b: F64) -> F64:
    """Pearson's correlation of each row of a and b [rows, pairs] over the pairs known on both sides.

    NaN below three pairs and where one side does not vary. The more luck two scenarios share, the nearer to 1, and the fewer pairs
    it takes to tell them apart.
    """
    known = ~(np.isnan(a) | np.isnan(b))
    n = known.sum(axis=1)
    centred, varies = [], n > 2
    for values in (a, b):
        there = np.where(known, values, 0.0)
        around = np.where(known, there - there.sum(axis=1, keepdims=True) / np.maximum(n, 1)[:, None], 0.0)
        varies &= (around**2).sum(axis=1) > 1e-24 * (there**2).sum(axis=1)  # more than rounding
        centred.append(around)
    one, other = (around[varies] for around in centred)
    result = np.full(len(a), np.nan)
    result[varies] = np.clip((one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1)), -1.0, 1.0)
    return result


def more_pairs(n: int, mean: float, sd: float, matters: float, bar: float, level: float = LEVEL) -> float:
    """About how many more pairs would decide a row that n pairs leave open, if mean and sd of the differences stay what they are.

    The answer is N - n, at least 1, with N the smallest number of pairs for which q(N) sd / sqrt(N) <= room:
    a mean of at least the smallest difference that matters would be called different once it is far enough from 0: room = |mean|, and q
    is the quantile of Student's t that luck reaches as rarely as a normal one reaches `bar`;
    a smaller one would be called no practical difference once its interval lies inside +-matters: room = matters - |mean|, and q is the
    quantile of that interval.
    NaN where the spread is unknown (fewer than two pairs) and where not even `MOST_PAIRS` would do.

    bar  how many standard errors luck alone reaches in the whole table at this level: `Family.bar`
    """
    from scipy import special

    if n < 2 or not math.isfinite(sd):
        return math.nan
    different = abs(mean) >= matters
    room, tail = (abs(mean), float(special.ndtr(-bar))) if different else (matters - abs(mean), level / 2)

    def enough(pairs: int) -> bool:
        return float(-special.stdtrit(pairs - 1, tail)) * sd <= room * math.sqrt(pairs)

    if room <= 0.0 or not enough(MOST_PAIRS):
        return math.nan
    return float(max(1, bisect.bisect_left(range(MOST_PAIRS), True, lo=fewest_pairs(level), key=enough) - n))


def bar_alone(level: float) -> float:
    """The bar of a row that is looked at alone: the normal quantile of the level."""
    from scipy import stats

    return float(stats.norm.isf(level / 2))


def fewest_pairs(level: float) -> int:
    """The number of pairs below which no sign-flip test can reach the level: 2 of 2^n signs are as extreme as all alike."""
    return math.ceil(1.0 - math.log2(level))


def _interval(sample: F64, level: float) -> tuple[F64, F64]:
    """Ends of the bootstrap interval of each row's mean."""
    from scipy import stats

    n = sample.shape[1]
    weights = _weights(n)
    tail = float(stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf(1.0 - level / 2, n - 1)))
    ends = [np.quantile(_centred(part) @ weights.T, [tail, 1 - tail], axis=1) + part.mean(axis=1) for part in _parts(sample)]
    low, high = np.concatenate(ends, axis=1)
    return low, high


@functools.lru_cache(maxsize=8)
def _weights(n: int) -> F64:
    """How much each of n pairs counts in each resample: float64 [RESAMPLES, n]; not to be changed."""
    draws = np.random.default_rng(int(address(0, "bootstrap", n))).integers(0, n, (RESAMPLES, n))
    weights: F64 = np.stack([np.bincount(draw, minlength=n) for draw in draws]) / n
    return weights


def _sign_flip(sample: F64) -> F64:
    """Share of signs under which a row's mean would be at least as far from zero: of all signs, or of many for many pairs."""
    exact, signs = _signs(sample.shape[1])
    parts = []
    for part in _parts(sample):
        observed = np.abs(part.sum(axis=1))
        slack = 1e-9 * np.abs(part).sum(axis=1)
        as_far = (np.abs(part @ signs.T) >= (observed - slack)[:, None]).sum(axis=1)
        parts.append(as_far / len(signs) if exact else (1 + as_far) / (1 + len(signs)))
    return np.concatenate(parts)


@dataclass(frozen=True)
class Family:
    """Many rows looked at together."""

    p: F64  # of each row, adjusted for all rows; NaN below two pairs
    bar: float  # standard errors beyond which luck alone takes some row of the table in no more than `level` of cases


def familywise(values: F64) -> F64:
    """p of each row of differences [rows, pairs], adjusted for all rows being looked at together; NaN below two pairs."""
    return family(values).p


def family(values: F64, level: float = LEVEL) -> Family:
    """The adjusted p of each row of differences [rows, pairs], and the bar that a row of this table has to pass.

    Step-down maximum of |t| under sign flips that are the same for all rows (Westfall and Young 1993, Resampling-based multiple
    testing): the chance that any true zero of the table is called different is at most the level, however rows depend on each other.
    """
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    result = np.full(len(values), np.nan)
    rows = np.flatnonzero(n > 1)
    if len(rows) == 0:
        return Family(result, bar_alone(level))
    pairs = values.shape[1]
    exact, signs = _signs(pairs)
    sample, n = np.where(known, values, 0.0)[rows], n[rows].astype(np.float64)
    squares = (sample**2).sum(axis=1)
    observed = _t(np.abs(sample.sum(axis=1)), squares, n)
    largest = np.zeros(len(signs))
    adjusted = np.empty(len(rows))
    for row in np.argsort(observed, kind="stable"):  # from the smallest up: what remains of the family grows
        flipped = _t(np.abs(signs @ sample[row]), squares[row], n[row])
        largest = np.maximum(largest, flipped)
        as_far = int((largest >= observed[row] * (1.0 - 1e-9)).sum())
        adjusted[row] = as_far / len(signs) if exact else (1 + as_far) / (1 + len(signs))
    order = np.argsort(-observed, kind="stable")
    adjusted[order] = np.maximum.accumulate(adjusted[order])
    result[rows] = adjusted
    return Family(result, _bar(largest, pairs, len(rows), level))


def _bar(largest: F64, pairs: int, rows: int, level: float) -> float:
    """The quantile of the largest |t| of a table of luck, as a normal one: what many pairs will have to pass.

    Never below that of a single row, nor above that of so many independent ones (where a few pairs cannot say).
    """
    from scipy import stats

    tail = float(stats.t.sf(np.quantile(largest, 1.0 - level, method="higher"), pairs - 1))
    return float(stats.norm.isf(min(max(tail, level / 2 / rows), level / 2)))


def _t(total: F64, squares: F64, n: F64) -> F64:
    """|t| of sums of n differences with this sum of squares; 0 where all are 0, infinite where all are equal."""
    spread = np.maximum(squares - total**2 / n, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t: F64 = np.where(squares > 0.0, total / np.sqrt(spread * n / (n - 1.0)), 0.0)
    return t


@functools.lru_cache(maxsize=8)
def _signs(n: int) -> tuple[bool, F64]:
    """Whether these are all signs of n pairs, and the signs: float64 [many, n]; not to be changed."""
    if 2**n <= RESAMPLES:
        return True, np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return False, np.where(np.random.default_rng(int(address(0, "sign flip", n))).random((RESAMPLES, n)) < 0.5, -1.0, 1.0)


def _parts(sample: F64) -> list[F64]:
    return [sample[start : start + _ROWS] for start in range(0, len(sample), _ROWS)]


def _centred(part: F64) -> F64:
    """Deviations from the row's mean: resampling them keeps a constant difference exactly constant."""
    centred: F64 = part - part.mean(axis=1)[:, None]
    return centred


def verdict(n: int, mean: float, low: float, high: float, p: float, matters: float, direction: int, level: float = LEVEL) -> str:
    """What a strategist may say of a difference, as far as luck goes.

    matters    the smallest difference worth talking about
    direction  +1 if more is better, -1 if less is, 0 if neither
    level      1 minus the confidence of low and high; p must not be above it
    """
    if low == high == 0.0:  # the runs are equal
        return SAME
    if n < fewest_pairs(level):
        return UNCLEAR
    if max(abs(low), abs(high)) < matters:
        return SAME
    if low <= 0.0 <= high or p > level or abs(mean) < matters:
        return UNCLEAR
    return side(mean, direction)


def side(mean: float, direction: int) -> str:
    """What a sure difference is called: better or worse, higher or lower where a figure has no better side."""
    if direction == 0:
        return HIGHER if mean > 0 else LOWER
    return BETTER if (mean > 0) == (direction > 0) else WORSE
