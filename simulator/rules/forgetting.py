"""Forgetting: what is not renewed fades, and trust drifts back to the brand's reputation.

    quantity = quantity exp(-ln 2 / half-life)                 awareness, irritation, knowledge, satisfaction, insight
    trust    = trust + (reputation - trust) (1 - exp(-ln 2 / half-life))

Annoyance goes within weeks, memory of advertising within months (two memories). An infinite half-life: never.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.chunks import run_chunks
from simulator.engine.compiled import compiled
from simulator.parameters import ASSUMPTION, LITERATURE, Table, parameter
from simulator.world.market import Market


class Parameters(Table):
    """[forgetting]: half-lives."""

    awareness: float = parameter(
        68.0, unit="days", meaning="half-life of memory of a brand; at inf nobody forgets", evidence=LITERATURE,
        source="carry-over of advertising, half-life 2.26 months (Leone 1995, Marketing Science 14:G141-G150)",
        plausible=(28.0, 180.0), off=math.inf, gt=0,
    )  # fmt: skip
    irritation: float = parameter(
        7.0, unit="days", meaning="half-life of annoyance", evidence=ASSUMPTION, plausible=(2.0, 28.0), off=math.inf, gt=0
    )
    knowledge: float = parameter(
        180.0, unit="days", meaning="half-life of what a brand knows of a consumer", evidence=ASSUMPTION, plausible=(60.0, 720.0),
        off=math.inf, gt=0,
    )  # fmt: skip
    satisfaction: float = parameter(
        14.0, unit="days", meaning="half-life of the last experience", evidence=ASSUMPTION, plausible=(5.0, 60.0), off=math.inf, gt=0
    )
    trust: float = parameter(
        120.0, unit="days", meaning="half-life of the distance between trust and reputation", evidence=ASSUMPTION, plausible=(40.0, 360.0),
        off=math.inf, gt=0,
    )  # fmt: skip
    insight: float = parameter(
        60.0, unit="days", meaning="half-life of what a brand has understood from listening", evidence=ASSUMPTION, plausible=(20.0, 180.0),
        off=math.inf, gt=0,
    )  # fmt: skip


def off(forgetting: Parameters) -> bool:
    """Nothing ever fades."""
    return all(math.isinf(getattr(forgetting, name)) for name in type(forgetting).model_fields)


def kept(half_life: float) -> float:
    """What is left after a day, 0..1; exactly 1 for an infinite half-life."""
    return math.exp(-math.log(2.0) / half_life)


@compiled
def fade(start, stop, values, keep):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Values start..stop lose a day's share."""
    for k in range(start, stop):
        values[k] = np.float64(values[k]) * keep


@compiled
def drift(start, stop, trust, segment, anchor, pull):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Trust of consumers start..stop moves to the reputation in their segment; anchor [segments, B]."""
    for i in range(start, stop):
        s = segment[i]
        for b in range(trust.shape[1]):
            value = np.float64(trust[i, b])
            trust[i, b] = value + (np.float64(anchor[s, b]) - value) * pull


def forget(market: Market, forgetting: Parameters) -> None:
    """A day's worth of forgetting (phase forget)."""
    state, brands = market.state, len(market.names)
    fading = [
        (getattr(state, name).reshape(-1), kept(getattr(forgetting, name)))
        for name in ("awareness", "irritation", "knowledge", "satisfaction")
        if math.isfinite(getattr(forgetting, name))
    ]
    pull = 1.0 - kept(forgetting.trust)

    def chunk(start: int, stop: int) -> None:
        for values, keep in fading:
            fade(start * brands, stop * brands, values, keep)
        if pull > 0.0:
            drift(start, stop, state.trust, market.consumers.segment, market.anchor, pull)

    run_chunks(chunk, market.n, market.threads)
    if math.isfinite(forgetting.insight):
        market.brands.insight *= kept(forgetting.insight)
