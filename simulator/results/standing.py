"""How a brand stands with the public: what its sources say, and how far its conduct matches what consumers hold dear."""

from __future__ import annotations

import numpy as np

from simulator.world.market import Market
from simulator.world.state import F64

STANDING = ("reputation", "resonance")
"""The columns that are found here."""


def reputation(market: Market) -> F64:
    """float64 [B], 0..1: the level that trust drifts to, mean over consumers."""
    mean: F64 = market.people_in_segments @ market.anchor.astype(np.float64) / market.n
    return mean


def public_values(market: Market) -> F64:
    """float64 [V]: the sum of what consumers hold dear, each by whom she can tell; V = 0 where nobody is asked."""
    if not market.values.size:
        return np.zeros(0)
    audiences = np.bincount(market.consumers.segment, weights=market.audience, minlength=len(market.segments))
    summed: F64 = audiences @ market.values
    return summed


def resonance(conduct: F64, values: F64) -> F64:
    """float64 [B], -1..1: cosine of the angle between each brand's conduct [B, V] and the public's values [V].

    NaN where there are no values, or conduct or values point nowhere.
    """
    if not values.size:
        return np.full(len(conduct), np.nan)
    lengths = np.sqrt((conduct * conduct).sum(axis=1) * (values @ values))
    cosine: F64 = np.divide(conduct @ values, lengths, out=np.full(len(conduct), np.nan), where=lengths > 0.0)
    return cosine
