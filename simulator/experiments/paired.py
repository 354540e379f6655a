"""Differences of paired runs: how large, how sure, and what to say about them.

The interval is a bootstrap over pairs, its percentiles widened for small samples as in Hesterberg (2015, The American
Statistician 69:371-386, doi:10.1080/00031305.2015.1089789); p is that of the sign-flip test of no difference.
Both draw from an address, so that the same runs always give the same table.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.engine.chance import address

F64 = NDArray[np.float64]

RESAMPLES = 4000
CONFIDENCE = 0.95
FEWEST_PAIRS = 6
"""Below this number of pairs no sign-flip test can reach 5%, and nothing is called decided."""

BETTER, WORSE, SAME, UNCLEAR = "better", "worse", "no practical difference", "cannot tell"
HIGHER, LOWER = "higher", "lower"
_ROWS = 256  # rows worked on at once, to keep the products small


@dataclass(frozen=True)
class Differences:
    """What n pairs say about many quantities: arrays [rows]."""

    n: NDArray[np.int64]  # pairs in which the quantity is known on both sides
    mean: F64
    low: F64  # ends of the 95% interval of the mean difference; NaN below two pairs
    high: F64
    p: F64  # of the sign-flip test; NaN below two pairs


def paired_differences(values: F64) -> Differences:
    """Mean, interval and p of each row of differences [rows, pairs]; NaN where a pair does not know the quantity."""
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    mean, low, high, p = (np.full(len(values), np.nan) for _ in range(4))
    for pairs in np.unique(n[n > 0]):
        rows = np.flatnonzero(n == pairs)
        sample = values[rows][known[rows]].reshape(len(rows), pairs)
        mean[rows] = sample.mean(axis=1)
        if pairs > 1:
            low[rows], high[rows] = _interval(sample)
            p[rows] = _sign_flip(sample)
    return Differences(n, mean, low, high, p)


def _interval(sample: F64) -> tuple[F64, F64]:
    """Ends of the bootstrap interval of each row's mean."""
    from scipy import stats

    n = sample.shape[1]
    draws = np.random.default_rng(int(address(0, "bootstrap", n))).integers(0, n, (RESAMPLES, n))
    weights = np.stack([np.bincount(draw, minlength=n) for draw in draws]) / n
    tail = float(stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1)))
    ends = [np.quantile(_centred(part) @ weights.T, [tail, 1 - tail], axis=1) + part.mean(axis=1) for part in _parts(sample)]
    low, high = np.concatenate(ends, axis=1)
    return low, high


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


def familywise(values: F64) -> F64:
    """p of each row of differences [rows, pairs], adjusted for all rows being looked at together; NaN below two pairs.

    Step-down maximum of |t| under sign flips that are the same for all rows (Westfall and Young 1993, Resampling-based multiple
    testing): the chance that any true zero of the table is called different is at most the level, however rows depend on each other.
    """
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    result = np.full(len(values), np.nan)
    rows = np.flatnonzero(n > 1)
    if len(rows) == 0:
        return result
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
    return result


def _t(total: F64, squares: F64, n: F64) -> F64:
    """|t| of sums of n differences with this sum of squares; 0 where all are 0, infinite where all are equal."""
    spread = np.maximum(squares - total**2 / n, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t: F64 = np.where(squares > 0.0, total / np.sqrt(spread * n / (n - 1.0)), 0.0)
    return t


def _signs(n: int) -> tuple[bool, F64]:
    """Whether these are all signs of n pairs, and the signs: float64 [many, n]."""
    if 2**n <= RESAMPLES:
        return True, np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return False, np.where(np.random.default_rng(int(address(0, "sign flip", n))).random((RESAMPLES, n)) < 0.5, -1.0, 1.0)


def _parts(sample: F64) -> list[F64]:
    return [sample[start : start + _ROWS] for start in range(0, len(sample), _ROWS)]


def _centred(part: F64) -> F64:
    """Deviations from the row's mean: resampling them keeps a constant difference exactly constant."""
    centred: F64 = part - part.mean(axis=1)[:, None]
    return centred


def verdict(n: int, mean: float, low: float, high: float, p: float, matters: float, direction: int) -> str:
    """What a strategist may say of a difference.

    matters    the smallest difference worth talking about
    direction  +1 if more is better, -1 if less is, 0 if neither
    """
    if low == high == 0.0:  # the runs are equal
        return SAME
    if n < FEWEST_PAIRS:
        return UNCLEAR
    if max(abs(low), abs(high)) < matters:
        return SAME
    if low <= 0.0 <= high or p > 1 - CONFIDENCE or abs(mean) < matters:
        return UNCLEAR
    if direction == 0:
        return HIGHER if mean > 0 else LOWER
    return BETTER if (mean > 0) == (direction > 0) else WORSE
