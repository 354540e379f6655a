"""Reputation: a stock that a brand does not hold itself; those who speak of it in public hold it for the brand.

Every public act of the day reaches the audience of its teller. With A+ and A- the audiences of today's praise and blame, added up:

    up = 1 - exp(-build A+/n)        down = 1 - exp(-loss A-/n)        reputation += up (1 - reputation) - down reputation

in every segment. What moves it is what the sources say, weighted by whom they reach, not what people hold; praise builds it
slowly, blame wears it off fast (loss/build; direction: Slovic 1993, sizes assumed). Trust drifts to it (forgetting.py), so that
it lends trust to those who never heard a word. With both parameters at 0 it stays where the brand started.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.compiled import compiled
from simulator.parameters import ASSUMPTION, Table, parameter
from simulator.world.market import Market


class Parameters(Table):
    """[reputation]"""

    build: float = parameter(
        0.02, unit="per audience contact and consumer", meaning="reputation gained where praise reaches everybody once; at 0 none",
        evidence=ASSUMPTION, plausible=(0.0, 0.1), off=0.0, ge=0,
    )  # fmt: skip
    loss: float = parameter(
        0.06, unit="per audience contact and consumer", meaning="reputation lost where blame reaches everybody once; at 0 none",
        evidence=ASSUMPTION, source="direction: Slovic 1993, Risk Analysis 13:675-682", plausible=(0.0, 0.3), off=0.0, ge=0,
    )  # fmt: skip


def off(reputation: Parameters) -> bool:
    """Nothing that is said moves it."""
    return reputation.build == reputation.loss == 0.0


@compiled
def reputation_after(reputation: float, up: float, down: float) -> float:
    """Reputation, 0..1, after the day's praise and blame, each a share of the room."""
    return reputation + up * (1.0 - reputation) - down * reputation


def weigh(market: Market, reputation: Parameters) -> None:
    """What today's public acts make of each brand's reputation (phase forget, before trust drifts)."""
    acts = market.messages.mentions
    if len(acts.teller) == 0:
        return
    brands = len(market.names)
    heard = np.zeros((2, brands), np.int64)
    np.add.at(heard, ((acts.valence < 0).astype(np.int64), acts.brand), market.audience[acts.teller])
    for b in range(brands):
        up, down = (-math.expm1(-(rate * int(reached) / market.n)) for rate, reached in
                    zip((reputation.build, reputation.loss), heard[:, b], strict=True))  # fmt: skip
        for s in range(len(market.segments)):
            market.anchor[s, b] = reputation_after.python(float(market.anchor[s, b]), up, down)
