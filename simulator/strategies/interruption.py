"""Interruption: buy presence in people's field of view, wished for or not.

All money goes to ads, by channel mix and flighting, or as a media plan says.

    continuous   the whole purse every day
    pulsed       `on_days` of advertising, `off_days` of silence; what was saved is spread evenly over the days on
    burst        saved for `burst_days` days and spent in one
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import PrivateAttr, field_validator

from simulator.parameters import ASSUMPTION, parameter
from simulator.strategies.media_plan import MediaPlan, read_media_plan
from simulator.strategies.strategy import StrategyTable, ad_buys, mix_of_shares
from simulator.world.state import Action, MarketView


class Interruption(StrategyTable):
    """Unsolicited contacts, bought by the thousand."""

    kind: Literal["interruption"] = parameter("interruption", unit="", meaning="which strategy")
    channels: dict[str, float] = parameter(
        factory=lambda: {"tv": 0.4, "video_preroll": 0.3, "popup": 0.3}, unit="share", evidence=ASSUMPTION,
        meaning="channel mix: what share of the money goes to which channel; the shares sum to 1",
    )  # fmt: skip
    flighting: Literal["continuous", "pulsed", "burst"] = parameter(
        "continuous", unit="", meaning="when the money is spent: every day, in pulses, or saved for bursts"
    )
    on_days: int = parameter(14, unit="days", meaning="pulsed: length of a pulse", ge=1)
    off_days: int = parameter(14, unit="days", meaning="pulsed: silence between two pulses; at 0 it is continuous", ge=0)
    burst_days: int = parameter(14, unit="days", meaning="burst: saved for so many days, spent on the last of them", ge=1)
    promise: float | None = parameter(
        None, unit="0..1", meaning="the level that the ads claim; without it the brand's own promise", ge=0, le=1
    )
    segments: tuple[str, ...] = parameter((), unit="", meaning="segments that the ads aim at; none: everybody")
    plan: str | None = parameter(
        None, unit="", meaning="path of a media plan (CSV); it replaces channels, flighting and segments", file=True
    )
    plan_starts: str | None = parameter(
        None, unit="date", meaning="date of day 0 in a plan that has dates (YYYY-MM-DD); without it the plan's first date"
    )
    _plan: MediaPlan | None = PrivateAttr(None)

    @field_validator("channels")
    @classmethod
    def _shares_sum_to_one(cls, channels: dict[str, float]) -> dict[str, float]:
        mix_of_shares(channels, "channels")
        return channels

    def model_post_init(self, context: Any) -> None:
        """Read the plan as soon as its path is known, so that its errors are found when the scenario is read."""
        if self.plan is not None and Path(self.plan).is_absolute():
            self._plan = read_media_plan(self.plan, self.plan_starts)

    def saves(self) -> bool:
        """Unless it spends all it has every day."""
        return self.plan is not None or self.flighting != "continuous"

    def channels_bought(self) -> frozenset[str]:
        """Those of the mix, or of the plan."""
        return self._plan.channels() if self._plan else frozenset(name for name, share in self.channels.items() if share > 0)

    def segments_named(self) -> frozenset[str]:
        """Those aimed at, by the lever or by the plan."""
        return self._plan.segments() if self._plan else frozenset(self.segments)

    def decide(self, view: MarketView) -> Action:
        """Ads, as far as the purse goes."""
        if self.plan is not None:
            plan = self._plan or read_media_plan(self.plan, self.plan_starts)
            return Action(ads=plan.buys(view), promise=self.promise)
        return Action(ads=ad_buys(self._money_today(view), self.channels, self.segments), promise=self.promise)

    def _money_today(self, view: MarketView) -> int:
        """Cents for today, by flighting."""
        purse, budget = view.purse_cents, min(view.budget_cents, view.purse_cents)
        if self.flighting == "burst":
            return purse if (view.day + 1) % self.burst_days == 0 else 0
        if self.flighting == "pulsed":
            day_of_cycle = view.day % (self.on_days + self.off_days)
            if day_of_cycle >= self.on_days:
                return 0
            days_left = self.on_days - day_of_cycle
            return min(purse, (purse + budget * (days_left - 1)) // days_left)
        return purse
