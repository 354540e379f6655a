"""What every strategy is: a frozen table of levers with one pure method, `decide(view) -> Action`.

A strategy knows its brand's books and what it has heard (`MarketView`), nothing else: no dice, no truth, no memory
but `view.history`. It never asks for more than `view.purse_cents`; whatever a rule leaves unspent stays in the purse,
so that fractions add up over the days.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TypeVar

from simulator.language import _
from simulator.parameters import Table
from simulator.world.state import Action, AdBuy, MarketView

DAYS_A_WEEK = 7

Name = TypeVar("Name", bound=str)


class StrategyTable(Table):
    """[brands.strategy]: subclasses add `kind` and their levers."""

    @abstractmethod
    def decide(self, view: MarketView) -> Action:
        """What the brand does today. Pure: the same view gives the same action."""

    def saves(self) -> bool:
        """Whether it may leave money in the purse for later days."""
        return True

    def channels_bought(self) -> frozenset[str]:
        """Channels on which this strategy may buy unsolicited contacts: the scenario checks them against the rate card."""
        return frozenset()

    def segments_named(self) -> frozenset[str]:
        """Segments this strategy aims at: the scenario checks that they exist."""
        return frozenset()


def cents_of(money: float) -> int:
    """Money in whole cents, as the rules book it."""
    return int(money * 100.0 + 0.5)


def part_of(cents: int, share: float) -> int:
    """A share of some cents, rounded down: the fraction stays in the purse. A share of 1 is all of them."""
    return min(cents, int(cents * share + 1e-6))


def split(cents: int, shares: Mapping[Name, float]) -> dict[Name, int]:
    """`cents` by share, in order of the names; never more than there are, whatever the rounding."""
    parts: dict[Name, int] = {}
    left = cents
    for name, share in sorted(shares.items()):
        parts[name] = min(left, part_of(cents, share))
        left -= parts[name]
    return parts


def ad_buys(cents: int, channels: Mapping[str, float], segments: tuple[str, ...] = ()) -> tuple[AdBuy, ...]:
    """`cents` over the channels of a mix."""
    return tuple(AdBuy(channel, money, segments) for channel, money in split(cents, channels).items() if money > 0)


def mix_of_shares(shares: Mapping[Name, float], whole: str) -> None:
    """Refuse shares that are negative or do not sum to 1."""
    if any(share < 0 for share in shares.values()):
        raise ValueError(_("{whole}: shares must not be negative").format(whole=whole))
    if abs(sum(shares.values()) - 1.0) > 1e-6:
        wrong = _("{whole}: shares must sum to 1, these sum to {sum:g}")
        raise ValueError(wrong.format(whole=whole, sum=sum(shares.values())))
