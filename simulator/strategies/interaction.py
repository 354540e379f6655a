"""Interaction: listen, answer, converse, let consumers take part.

A crisis comes first: the price of its answer is set aside, and saved for where the purse does not hold it. Then money goes to what
runs daily (listening desk, fixing, platform), then to the conversations that wait, then with `ads_share` of the day's budget to ads.
What is left answers those who come today; what they do not need stays in the purse, so that a dear conversation is saved for.
"""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from simulator.parameters import ASSUMPTION, parameter
from simulator.strategies.strategy import DAYS_A_WEEK, StrategyTable, ad_buys, cents_of, mix_of_shares, part_of
from simulator.world.state import Action, MarketView


class Interaction(StrategyTable):
    """Community management: listening, conversations, a platform for ideas."""

    kind: Literal["interaction"] = parameter("interaction", unit="", meaning="which strategy")
    listening: float = parameter(
        0.5, unit="share", meaning="of public mentions that are detected; at 0 nobody listens, at 1 every mention is read",
        evidence=ASSUMPTION, plausible=(0.1, 0.9), ge=0, le=1,
    )  # fmt: skip
    effort: float = parameter(
        0.8, unit="0..1", meaning="the brand's side of a conversation, which costs in proportion; at 0 nobody is answered",
        evidence=ASSUMPTION, plausible=(0.2, 1.0), ge=0, le=1,
    )  # fmt: skip
    ads_share: float = parameter(
        0.2, unit="share", meaning="of the day's budget that ads may take", evidence=ASSUMPTION, plausible=(0.0, 0.8), ge=0, le=1
    )
    ads_channels: dict[str, float] = parameter(
        factory=lambda: {"sponsored_post": 1.0}, unit="share", meaning="channel mix of these ads; the shares sum to 1", evidence=ASSUMPTION
    )
    open_days_per_week: int = parameter(
        7, unit="days", meaning="days of a week on which messages are answered, the first ones; below 7 answers come in bursts", ge=0, le=7
    )
    fix: float = parameter(
        0.0, unit="share/day", meaning="of the gap to the best service closed per day at full insight; at 0 nothing is fixed", ge=0, le=1
    )
    integrate: float = parameter(
        0.0,
        unit="share/day",
        meaning="of the way to its talkers' needs that the offer goes per day at full insight; at 0 it stays",
        ge=0,
        le=1,
    )
    platform: bool = parameter(False, unit="", meaning="whether to run a platform where consumers propose and vote")
    invite: bool = parameter(False, unit="", meaning="whether to ask for consent at touchpoints; half of what is left may pay for it")

    response: Literal["silence", "denial", "explanation", "empathy", "apology", "compensation"] = parameter(
        "silence", unit="", meaning="what it says to a crisis"
    )
    response_delay: int = parameter(0, unit="days", meaning="between knowing of a crisis and answering it", ge=0)

    @field_validator("ads_channels")
    @classmethod
    def _shares_sum_to_one(cls, channels: dict[str, float]) -> dict[str, float]:
        mix_of_shares(channels, "ads_channels")
        return channels

    def channels_bought(self) -> frozenset[str]:
        """Those of its ads."""
        return frozenset(name for name, share in self.ads_channels.items() if share > 0 and self.ads_share > 0)

    def decide(self, view: MarketView) -> Action:
        """A crisis, running costs, ads by their share of the day's budget, all the rest for conversations; what is not used waits."""
        left = view.purse_cents
        answering = self._price(view) if self._must_answer(view) else 0
        if answering > left:
            return Action()
        left -= answering
        running = []
        for wanted, cost in ((self.listening > 0, view.listening_cost), (self.fix > 0, view.fix_cost), (self.platform, view.platform_cost)):
            affordable = wanted and cents_of(cost) <= left
            running.append((affordable, cents_of(cost) if affordable else 0))
            left -= running[-1][1]
        (listens, listening), (fixes, fixing), (runs, platform) = running
        is_open = view.day % DAYS_A_WEEK < self.open_days_per_week and self.effort > 0
        ads = part_of(min(left, view.budget_cents), self.ads_share)
        spare = left - ads
        inviting = spare // 2 if self.invite else 0
        return Action(
            ads=ad_buys(ads, self.ads_channels),
            invite=self.invite,
            invite_cents=inviting,
            listening=self.listening if listens else 0.0,
            listening_cents=listening,
            conversation_cents=spare - inviting if is_open else 0,
            effort=self.effort if is_open else 0.0,
            fix=self.fix if fixes else 0.0,
            fix_cents=fixing,
            integrate=self.integrate,
            platform=runs,
            platform_cents=platform,
            response=self.response if self._must_answer(view) else "silence",
            response_cents=answering,
        )

    def _must_answer(self, view: MarketView) -> bool:
        """Whether a crisis has waited for its answer long enough."""
        return self.response != "silence" and any(said == "silence" and days >= self.response_delay for _, days, said in view.crises)

    def _price(self, view: MarketView) -> int:
        """What its answer may cost, in cents: an apology the repair too, whether or not there is something to repair."""
        extra = {"compensation": view.compensation_cost, "apology": view.repair_cost}
        return cents_of(view.statement_cost) + cents_of(extra.get(self.response, 0.0))
