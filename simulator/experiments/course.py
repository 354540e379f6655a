"""The course of a bad buzz: how fast it rises, how high it stands and how long it lasts, of simulated or observed counts per day."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.language import _
from simulator.parameters import InputError

F64 = NDArray[np.float64]

ALIVE = 0.1
"""Share of its highest day down to which a buzz is still going on (as where episodes end)."""


class Course(NamedTuple):
    """Counts per day, above their usual level, in a few numbers. Times are in days."""

    total: float  # over the days in a row around the peak that are above ALIVE of it, so that noise before and after does not count
    peak: float  # on the highest day
    peak_day: int  # position of it (the first, if several are as high)
    peak_share: float  # share of the total on the highest day
    rise: int  # from the first of these days to the peak; 0: it starts with its peak
    half_life: float  # from the peak until counts first fall to half of it, on a straight line between days; NaN if they do not
    duration: int  # how many of these days there are
    censored: bool  # the counts end before it is over: half-life may be NaN, duration and total are lower bounds


def course(counts: ArrayLike, usual: float = 0.0) -> Course:
    """The course of counts per day (float64 [days], >= 0); `usual`: what is counted on a day without a buzz, taken off each day."""
    found = np.asarray(counts, np.float64)
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all() or (found < 0).any():
        raise InputError(_("a course is made of counts per day: a list of numbers from 0 on"))
    above: F64 = np.maximum(0.0, found - usual)
    if not above.any():
        raise InputError(_("no day counts more than the usual {usual:g}: there is no buzz").format(usual=usual))
    top = int(np.argmax(above))
    peak = float(above[top])
    alive = above > ALIVE * peak
    before, after = np.flatnonzero(~alive[:top]), np.flatnonzero(~alive[top:])
    first = int(before[-1]) + 1 if len(before) else 0
    last = top + int(after[0]) - 1 if len(after) else len(above) - 1
    total = float(above[first : last + 1].sum())
    return Course(total, peak, top, peak / total, top - first, _half_life(above[top:]), last - first + 1, not len(after))


def _half_life(falling: F64) -> float:
    """Days from the first of these counts until half of it."""
    half = falling[0] / 2.0
    below = np.flatnonzero(falling <= half)
    if not len(below):
        return math.nan
    at = int(below[0])
    return float(at - 1 + (falling[at - 1] - half) / (falling[at - 1] - falling[at]))
