"""What travels to the page each day: one byte for each consumer drawn, and who told whom.

A byte: the lower four bits are a step of the scale or a number of the category, the upper ones PRAISED and WARNED: what she told today.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.app.layout import Drawing
from simulator.language import N_
from simulator.model import WordOfMouthModel
from simulator.results.reading import LOYAL, TIERS, WINDOW
from simulator.world.market import Market
from simulator.world.state import F32, I64, REACHED_EARNED, U8, U16

STEPS = 9
"""Of the scales of trust and awareness; the middle one of trust is neutral."""

PRAISED, WARNED = 16, 32

NOBODY = 15
"""Category of who prefers no brand."""

MOST_BRANDS = 8
"""Brands that can be told apart; later ones share the last colour."""

MOST_SHOWN = 600
"""Tellings of one day that are drawn."""

VIEWS = {
    "favourite": N_("Favourite brand"),
    "trust": N_("Trust"),
    "awareness": N_("Awareness"),
    "tier": N_("Loyalty"),
    "talk": N_("Talk of today"),
}
"""By what consumers are coloured; all but the first are about one brand."""

DIFFERENCE = "difference"
"""A view of two worlds: who differs in them."""

NOTICED = np.float32(0.05)
"""Smaller differences of trust are not shown: what a world thinks of a brand rubs off on everybody a little."""

TRUSTS_MORE, TRUSTS_LESS, HEARD_HERE, HEARD_THERE, NONE_HERE = range(8, 13)
"""Categories of the difference, next to the favourite brand of who has another one there, and NOBODY for who does not differ."""

TIER_NAMES = {
    "prospects": N_("never bought"), "loyal": N_("loyal"), "advocates": N_("loyal, and says so"), "multi_loyal": N_("loyal to two"),
    "switchers": N_("switches"),
}  # fmt: skip


class Tellings(NamedTuple):
    """Who told whom on a day, as far as both are drawn."""

    teller: U16  # places in the drawing
    hearer: U16
    brand: U8
    bad: U8  # 1: a warning


NO_TELLINGS = Tellings(np.zeros(0, np.uint16), np.zeros(0, np.uint16), np.zeros(0, np.uint8), np.zeros(0, np.uint8))


def tellings_of(
    model: WordOfMouthModel, drawing: Drawing, brand: int | None = None, unlike: WordOfMouthModel | None = None
) -> Tellings:  # fmt: skip
    """The first tellings of the last day, of one brand or all; none where the run keeps no log. Of very many, every so manieth.

    unlike: only those which do not happen in that world.
    """
    told = _all_tellings(model, drawing, brand)
    if unlike is not None and len(told.teller):
        there = _all_tellings(unlike, drawing, brand)
        told = _chosen(told, np.flatnonzero(~np.isin(_pairs(told), _pairs(there))))
    if len(told.teller) > MOST_SHOWN:
        told = _chosen(told, np.linspace(0, len(told.teller) - 1, MOST_SHOWN).astype(np.int64))
    return told


def _pairs(told: Tellings) -> I64:
    """A number for each telling, the same for the same teller, hearer, brand and valence."""
    teller, hearer, brand, bad = (column.astype(np.int64) for column in told)
    return teller << 32 | hearer << 16 | brand << 1 | bad


def _chosen(told: Tellings, which: I64) -> Tellings:
    return Tellings(told.teller[which], told.hearer[which], told.brand[which], told.bad[which])


def _all_tellings(model: WordOfMouthModel, drawing: Drawing, brand: int | None) -> Tellings:
    messages, day = model.market.messages, model.market.day - 1
    if not messages.logged or messages.logged[-1][0] != day:
        return NO_TELLINGS
    _day, message, teller, hearer, _layer, _online = messages.logged[-1]
    about, bad = messages.brand[message], messages.valence[message] < 0
    a, b = _places(drawing, teller), _places(drawing, hearer)
    shown = np.flatnonzero((a >= 0) & (b >= 0) & (np.ones(len(a), np.bool_) if brand is None else about == brand))
    return Tellings(a[shown].astype(np.uint16), b[shown].astype(np.uint16), about[shown].astype(np.uint8), bad[shown].astype(np.uint8))


def _places(drawing: Drawing, consumers: np.ndarray) -> I64:
    """Places in the drawing; -1 for nobody and for those who are not drawn."""
    places: I64 = np.where(consumers >= 0, drawing.place[consumers], -1)
    return places


def states_of(model: WordOfMouthModel, drawing: Drawing, view: str, brand: int, other: WordOfMouthModel | None = None) -> U8:
    """uint8 [drawn]: a byte for everybody, coloured by one of VIEWS, or by the difference to another world."""
    market, who = model.market, drawing.consumers
    kinds: dict[str, Callable[[], U8]] = {
        "favourite": lambda: favourite(market.state.loyalty[who]),
        "trust": lambda: _steps(market.state.trust[who, brand]),
        "awareness": lambda: _steps(market.state.awareness[who, brand]),
        "tier": lambda: tiers(market, who, brand),
        "talk": lambda: np.zeros(len(who), np.uint8),
        DIFFERENCE: lambda: difference(market, market if other is None else other.market, who, brand),
    }
    states = kinds[view]()
    told = tellings_of(model, drawing, None if view == "favourite" else brand, other if view == DIFFERENCE else None)
    for bad, flag in ((0, PRAISED), (1, WARNED)):
        states[told.teller[told.bad == bad]] |= flag
    return states


def favourite(loyalty: F32) -> U8:
    """uint8 [n]: the brand that gets the largest part of her purchases; NOBODY for who has never bought."""
    best = np.argmax(loyalty, axis=1)
    return np.where(loyalty.max(axis=1) > 0, np.minimum(best, MOST_BRANDS - 1), NOBODY).astype(np.uint8)


def tiers(market: Market, who: I64, brand: int) -> U8:
    """uint8 [n]: place in TIERS, as `results.reading.tier` has it."""
    state = market.state
    loyalty = state.loyalty[who]
    ordered = np.sort(np.concatenate([loyalty, np.zeros_like(loyalty[:, :1])], axis=1), axis=1)
    first, second, own = ordered[:, -1], ordered[:, -2], loyalty[:, brand]
    praised = state.praised_day[who, brand] > market.day - 1 - WINDOW
    result = np.full(len(who), TIERS.index("switchers"), np.uint8)
    result[(own >= second) & (first + second >= LOYAL)] = TIERS.index("multi_loyal")
    result[own >= LOYAL] = TIERS.index("loyal")
    result[(own >= LOYAL) & praised] = TIERS.index("advocates")
    result[state.purchases[who, brand] == 0] = TIERS.index("prospects")
    return result


def difference(here: Market, there: Market, who: I64, brand: int) -> U8:
    """uint8 [n]: in what each consumer differs from herself in the other world; the favourite brand comes before trust and hearsay."""
    one, other = here.state, there.state
    kind = np.full(len(who), NOBODY, np.uint8)
    heard, there_too = ((state.reached[who, brand] & REACHED_EARNED) != 0 for state in (one, other))
    kind[heard & ~there_too], kind[~heard & there_too] = HEARD_HERE, HEARD_THERE
    more = one.trust[who, brand] - other.trust[who, brand]
    kind[more >= NOTICED], kind[more <= -NOTICED] = TRUSTS_MORE, TRUSTS_LESS
    mine, hers = favourite(one.loyalty[who]), favourite(other.loyalty[who])
    kind[mine != hers] = np.where(mine == NOBODY, NONE_HERE, mine)[mine != hers]
    return kind


def _steps(values: F32) -> U8:
    """0..1 in STEPS steps."""
    return np.minimum((values * STEPS).astype(np.uint8), STEPS - 1)


def frame(
    number: int, model: WordOfMouthModel, drawing: Drawing, view: str, brand: int, other: WordOfMouthModel | None = None
) -> bytes:  # fmt: skip
    """A day for the page, little-endian: uint32 number of the frame, day, consumers, tellings; their bytes, padded to a multiple of 4; for
    each telling uint16 teller and hearer, then uint8 brand and warning, padded likewise. other: the world that this one differs from.
    """
    states = states_of(model, drawing, view, brand, other)
    told = tellings_of(model, drawing, None if view == "favourite" else brand, other if view == DIFFERENCE else None)
    head = np.array([number, model.market.day, len(states), len(told.teller)], "<u4").tobytes()
    pairs = np.stack([told.teller, told.hearer], axis=1).astype("<u2").tobytes()
    about = np.stack([told.brand, told.bad], axis=1).astype(np.uint8).tobytes()
    return head + states.tobytes() + bytes(-len(states) % 4) + pairs + about + bytes(-len(about) % 4)
