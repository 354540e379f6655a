"""Campaigns: advertising on top of what a brand's strategy buys, with money of its own.

Strategies and responses cannot touch that money, neither plan with it nor save it; they see it in what was spent. A campaign is a question
put to the market (what would ten days of television do?), not a decision of the brand. At money_per_day 0 it is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import field_validator

from simulator.language import _
from simulator.parameters import ASSUMPTION, parameter
from simulator.world.events import Event
from simulator.world.market import CENTS, Market
from simulator.world.state import AdBuy


class Campaign(Event):
    """More advertising than the budget pays for: money on top of it buys contacts for some days, whatever the strategy does."""

    rule: ClassVar[str] = "advertising"
    kind: Literal["campaign"] = parameter(unit="", meaning="kind of event")
    money_per_day: float = parameter(
        unit="currency/day", meaning="spent on top of the budget, in the real market; at 0 nothing", ge=0, le=1e12
    )
    days: int = parameter(7, unit="days", meaning="how long it lasts", evidence=ASSUMPTION, ge=1, le=10_000)
    channels: dict[str, float] = parameter(
        factory=lambda: {"tv": 0.4, "video_preroll": 0.3, "popup": 0.3}, unit="share", evidence=ASSUMPTION,
        meaning="channel mix of its ads; the shares sum to 1",
    )  # fmt: skip

    @field_validator("channels")
    @classmethod
    def _shares_sum_to_one(cls, channels: dict[str, float]) -> dict[str, float]:
        if any(share < 0 for share in channels.values()) or abs(sum(channels.values()) - 1.0) > 1e-6:
            raise ValueError(_("channels: shares must not be negative, and must sum to 1"))
        return channels

    def act(self, market: Market, key: int) -> None:
        """Nothing at once: `accrue` and `buy` act on every day of it."""

    def channels_bought(self) -> frozenset[str]:
        """Those of its mix."""
        return frozenset(name for name, share in self.channels.items() if share > 0)

    def buys(self, day: int) -> tuple[AdBuy, ...]:
        """Its ads of a day, in order of the channels."""
        if not self.day <= day < self.day + self.days:
            return ()
        bought = ((name, int(CENTS * self.money_per_day * share + 0.5)) for name, share in sorted(self.channels.items()))
        return tuple(AdBuy(name, cents) for name, cents in bought if cents > 0)

    def paid(self, day: int) -> int:
        """Cents of all days before `day`."""
        return min(max(day - self.day, 0), self.days) * sum(buy.cents for buy in self.buys(self.day))


def accrue(market: Market, campaigns: Iterable[tuple[int, Campaign]]) -> None:
    """Add what campaigns have paid so far, (brand, event) each, to what has accrued."""
    for b, campaign in campaigns:
        market.brands.accrued[b] += campaign.paid(market.day)


def buy(market: Market, campaigns: Iterable[tuple[int, Campaign]]) -> None:
    """Add today's ads of campaigns to the actions of their brands, and their money to what has accrued."""
    actions = list(market.actions)
    for b, campaign in campaigns:
        buys = campaign.buys(market.day)
        market.brands.accrued[b] += sum(each.cents for each in buys)
        actions[b] = replace(actions[b], ads=(*actions[b].ads, *buys))
    market.actions = actions
