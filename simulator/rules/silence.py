"""Falling silent: from a day on some consumers say nothing about a brand to anybody.

They start no message about it and pass none on, at the table or in public. They hear, change their minds, buy, complain to the brand
itself and are seen to own what they own, as before. It is no mechanism but a question put to the model: what would have become of a
story, had she not told it? Draws have addresses, so nobody else's luck changes: what differs comes of what was not told.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from simulator.parameters import parameter
from simulator.world.events import Event, selected
from simulator.world.market import Market
from simulator.world.selection import Selection
from simulator.world.state import I8, I32


class FallsSilent(Event):
    """Some consumers say nothing more about the brand; with nobody in `consumers` nothing happens."""

    rule: ClassVar[str] = "word_of_mouth"
    kind: Literal["falls_silent"] = parameter(unit="", meaning="kind of event")
    consumers: Selection = parameter(unit="consumers", meaning="who tells nobody anything about the brand from that day on")

    def act(self, market: Market, key: int) -> None:
        who = selected(market, self.consumers, key)
        if len(who) == 0:
            return
        if len(market.silenced) == 0:
            market.silenced = np.zeros((market.n, len(market.names)), np.uint8)
        market.silenced[who, market.names.index(self.brand)] = 1


def speaks(market: Market, consumers: I32, brands: I8) -> np.ndarray:
    """bool [len]: whether each of these consumers still says anything about the brand beside her. Only where somebody is silenced."""
    still: np.ndarray = market.silenced[consumers, brands] == 0
    return still
