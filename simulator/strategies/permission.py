"""Permission: win consent first, then speak to those who agreed; strangers -> friends -> customers.

Money goes, in this order, to the newsletters that are due, to the rewards that members have earned, and with
`recruit_share` of what is left of the day's budget to ads that invite. The rest pays the invitations; what they do not
need stays in the purse.
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import field_validator

from simulator.parameters import ASSUMPTION, parameter
from simulator.strategies.strategy import DAYS_A_WEEK, StrategyTable, ad_buys, mix_of_shares, part_of
from simulator.world.state import Action, MarketView

SPARE = 4.0
"""Mails are staggered by chance: so many standard deviations more than the mean are kept ready."""


class Permission(StrategyTable):
    """Opt-in, newsletters, a loyalty programme."""

    kind: Literal["permission"] = parameter("permission", unit="", meaning="which strategy")
    newsletters_per_week: float = parameter(
        1.0, unit="1/week", meaning="newsletters to each member; at 0 none, at 7 every day",
        evidence=ASSUMPTION, plausible=(0.25, 3.0), ge=0, le=7,
    )  # fmt: skip
    recruit_share: float = parameter(
        0.5, unit="share", evidence=ASSUMPTION, plausible=(0.2, 0.8), ge=0, le=1,
        meaning="of what newsletters and rewards leave of the day's budget: to ads that invite; the rest pays invitations",
    )  # fmt: skip
    recruit_channels: dict[str, float] = parameter(
        factory=lambda: {"search": 0.5, "display_banner": 0.5}, unit="share", evidence=ASSUMPTION,
        meaning="channel mix of the ads that invite; the shares sum to 1",
    )  # fmt: skip
    reward: float = parameter(
        0.0, unit="currency per purchase", meaning="what a member gets back for each purchase; at 0 there is no programme", ge=0
    )
    respect_refusal: bool = parameter(True, unit="", meaning="whether a refusal is respected, and nobody asked again too soon or too often")
    only_wanted: float = parameter(
        0.0, unit="0..1", meaning="send only where this week's desire is at least this; at 0 to all members", ge=0, le=1
    )
    invite: bool = parameter(True, unit="", meaning="whether to ask for consent at touchpoints")

    @field_validator("recruit_channels")
    @classmethod
    def _shares_sum_to_one(cls, channels: dict[str, float]) -> dict[str, float]:
        mix_of_shares(channels, "recruit_channels")
        return channels

    def channels_bought(self) -> frozenset[str]:
        """Those of the ads that invite."""
        return frozenset(name for name, share in self.recruit_channels.items() if share > 0 and self.recruit_share > 0)

    def decide(self, view: MarketView) -> Action:
        """Sends, rewards, recruiting, in this order."""
        purse = view.purse_cents
        members = view.list_size / view.scale
        due = members * self.newsletters_per_week / DAYS_A_WEEK
        ready = min(members, due + SPARE * math.sqrt(due) + 1.0) if due > 0 else 0.0
        cost = view.cost_per_send * view.scale * 100.0
        sends = min(purse, math.ceil(ready * cost))
        rewards = min(purse - sends, view.reward_debt_cents)
        fresh = min(purse - sends - rewards, max(0, view.budget_cents - math.ceil(due * cost) - rewards))
        ads = part_of(fresh, self.recruit_share)
        return Action(
            ads=ad_buys(ads, self.recruit_channels),
            invite=self.invite,
            invite_cents=purse - sends - rewards - ads if self.invite else 0,
            respect_refusal=self.respect_refusal,
            sends_per_week=self.newsletters_per_week,
            send_cents=sends,
            only_wanted=self.only_wanted,
            reward=self.reward,
            reward_cents=rewards,
        )
