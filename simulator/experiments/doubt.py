"""Doubt about assumptions: does a verdict survive other guesses that are as plausible?

Each draw (`experiments.draws`) is one paired run in a market with other assumptions. What the draws say is the share of them in which a
difference has the sign of the replicates' mean; for "no practical difference", in which it lies within the smallest difference that
matters. A verdict is "likely" to survive where that share is at least two thirds (the scale of the IPCC: Mastrandrea et
al. 2010, Guidance note on consistent treatment of uncertainties), with 95% confidence: the lower end of Wilson's interval. As every
draw holds luck too, this asks a little more of a difference than the assumptions alone would.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.experiments.ignition import wilson
from simulator.experiments.paired import F64, SAME, UNCLEAR, side

LUCK, ASSUMPTIONS, BOTH = "luck", "assumptions", "both"
DOUBTS = (LUCK, ASSUMPTIONS, BOTH)
"""What a verdict has to survive."""

DRAWS = 60
LIKELY = 2 / 3
FEWEST_DRAWS = 8
"""Below this number of draws not even all of them together are sure enough, and nothing is called decided."""


class Holding(NamedTuple):
    """What the draws say of many rows: arrays [rows]."""

    draws: np.ndarray  # int: draws in which the difference is known
    holds: F64  # share of them that agree; NaN where there is none, or no sign to agree with
    verdicts: list[str]


def holding(drawn: F64, matters: F64, means: Sequence[float], directions: Sequence[int], by_luck: Sequence[str], doubt: str) -> Holding:
    """Hold verdicts against draws.

    drawn    differences [rows, draws], NaN where unknown
    matters  the smallest difference that matters at the levels of each draw [rows, draws]
    means    of each row over the replicates; by_luck: what these say by themselves
    doubt    "both": a verdict by luck stays if the draws agree; "assumptions": what the draws say, whatever luck says
    """
    known = ~np.isnan(drawn)
    n = known.sum(axis=1)
    within = (known & (np.abs(drawn) <= matters)).sum(axis=1)
    alike = (known & (np.sign(drawn) == np.sign(np.asarray(means))[:, None])).sum(axis=1)
    holds, verdicts = np.full(len(drawn), np.nan), []
    for row, (mean, direction, said) in enumerate(zip(means, directions, by_luck, strict=True)):
        count, small, same_sign = int(n[row]), int(within[row]), int(alike[row])
        if doubt == ASSUMPTIONS:
            said = SAME if likely(small, count) else side(mean, direction) if mean else UNCLEAR
        agreeing = small if said == SAME else same_sign
        if count and (said == SAME or mean):
            holds[row] = agreeing / count
        verdicts.append(said if said != UNCLEAR and likely(agreeing, count) else UNCLEAR)
    return Holding(n, holds, verdicts)


@functools.cache
def likely(agreeing: int, draws: int) -> bool:
    """Whether at least two thirds of all draws there could be would agree, with 95% confidence."""
    return draws > 0 and wilson(agreeing, draws).low >= LIKELY
