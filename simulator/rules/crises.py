"""Crises: a scandal told by a few, a service that fails for a while.

A scandal is a message of blame whose first tellers are given (by default the five largest audiences); what comes
of it is word of mouth, nothing else: without ties it harms nobody. A service failure lowers what is delivered
for some days; who is harmed are the customers who then buy, and whom they tell.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from simulator.parameters import ASSUMPTION, parameter
from simulator.rules.speaking import SCANDAL
from simulator.rules.word_of_mouth import announce
from simulator.world.events import Event, Highest, Selection
from simulator.world.market import Market


class Scandal(Event):
    """A story of blame, told first by `tellers`."""

    rule: ClassVar[str] = "crises"
    kind: Literal["scandal"] = parameter(unit="", meaning="kind of event")
    severity: float = parameter(unit="share", meaning="arousal of the message; at 0 a calm remark", ge=0, le=1)
    tellers: Selection = parameter(Highest(highest_audience=5), unit="consumers", meaning="who tells it first", evidence=ASSUMPTION)

    def act(self, market: Market, key: int) -> None:
        announce(market, self.brand, SCANDAL, -1, self.severity, np.nan, self.tellers, key, 1)


class ServiceFailure(Event):
    """What is delivered falls short by `severity` for `days`."""

    rule: ClassVar[str] = "crises"
    kind: Literal["service_failure"] = parameter(unit="", meaning="kind of event")
    severity: float = parameter(unit="quality", meaning="by how much delivered quality falls; at 0 nothing happens", ge=0, le=1)
    days: int = parameter(14, unit="days", meaning="how long it lasts", evidence=ASSUMPTION, ge=1)

    def act(self, market: Market, key: int) -> None:
        brand = market.names.index(self.brand)
        market.brands.failure[brand] = self.severity
        market.brands.failing_until[brand] = market.day + self.days


def recover(market: Market) -> None:
    """Service failures end on their day."""
    over = market.brands.failing_until <= market.day
    market.brands.failure[over] = 0.0
