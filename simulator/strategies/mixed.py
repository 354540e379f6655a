"""A real plan: several strategies at once, each with its share of the purse, in dated phases.

Every component decides on the same view, with its share of the day's budget; the actions add. What was saved on earlier
days is shared among the components that save: a conversation too dear for today is not advertised away tomorrow. All
money to one component is that strategy alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, Literal

from pydantic import field_validator, model_validator

from simulator.parameters import Table, parameter
from simulator.strategies.interaction import Interaction
from simulator.strategies.interruption import Interruption
from simulator.strategies.permission import Permission
from simulator.strategies.strategy import StrategyTable, mix_of_shares, split
from simulator.world.state import Action, AdBuy, MarketView

Component = Literal["interruption", "permission", "interaction"]


class Phase(Table):
    """From a day on, other shares."""

    from_day: int = parameter(unit="day", meaning="first day of the phase; it lasts until the next one")
    shares: dict[Component, float] = parameter(unit="share", meaning="of the purse, by component; they sum to 1")

    @field_validator("shares")
    @classmethod
    def _shares_sum_to_one(cls, shares: dict[Component, float]) -> dict[Component, float]:
        mix_of_shares(shares, "shares")
        return shares


class Mixed(StrategyTable):
    """Shares of the purse over interruption, permission and interaction."""

    kind: Literal["mixed"] = parameter("mixed", unit="", meaning="which strategy")
    shares: dict[Component, float] = parameter(
        factory=lambda: {"interruption": 0.4, "permission": 0.3, "interaction": 0.3}, unit="share",
        meaning="of the purse, by component; they sum to 1",
    )  # fmt: skip
    interruption: Interruption = parameter(factory=Interruption, unit="", meaning="its levers as a component")
    permission: Permission = parameter(factory=Permission, unit="", meaning="its levers as a component")
    interaction: Interaction = parameter(factory=Interaction, unit="", meaning="its levers as a component")
    phases: tuple[Phase, ...] = parameter((), unit="", meaning="dated phases with other shares, in order of their days")

    @field_validator("shares")
    @classmethod
    def _shares_sum_to_one(cls, shares: dict[Component, float]) -> dict[Component, float]:
        mix_of_shares(shares, "shares")
        return shares

    @model_validator(mode="after")
    def _components_fit_together(self) -> Mixed:
        days = [phase.from_day for phase in self.phases]
        if days != sorted(set(days)):
            raise ValueError("phases: from_day must rise from phase to phase")
        for shares in (self.shares, *(phase.shares for phase in self.phases)):
            if shares.get("permission", 0) > 0 and shares.get("interaction", 0) > 0 and self.permission.invite and self.interaction.invite:
                raise ValueError("invite is set by permission and by interaction: one of them must leave it")
        unused = {"interruption", "permission", "interaction"} & self.model_fields_set - self._used()
        if unused:
            raise ValueError(f"{min(unused)} has levers but never a share of the purse")
        return self

    def _component(self, name: str) -> StrategyTable:
        component: StrategyTable = getattr(self, name)
        return component

    def _used(self) -> set[str]:
        return {name for shares in (self.shares, *(phase.shares for phase in self.phases)) for name, share in shares.items() if share > 0}

    def channels_bought(self) -> frozenset[str]:
        """Those of the components that ever have money."""
        return frozenset().union(*(self._component(name).channels_bought() for name in self._used()))

    def segments_named(self) -> frozenset[str]:
        """Those of the components that ever have money."""
        return frozenset().union(*(self._component(name).segments_named() for name in self._used()))

    def decide(self, view: MarketView) -> Action:
        """The sum of what the components do with their shares."""
        shares = self.shares
        for phase in self.phases:
            shares = phase.shares if phase.from_day <= view.day else shares
        shares = {name: share for name, share in shares.items() if share > 0}
        budgets, purses = split(view.budget_cents, shares), self._purses(view, shares)
        actions = [
            self._component(name).decide(replace(view, purse_cents=purses[name], budget_cents=budgets[name])) for name in sorted(shares)
        ]
        return actions[0] if len(actions) == 1 else added(actions)

    def _purses(self, view: MarketView, shares: Mapping[Component, float]) -> dict[Component, int]:
        """Today's budget by share, and the savings by share among those who save (all, if none does)."""
        fresh = min(view.budget_cents, view.purse_cents)
        savers = {name: share for name, share in shares.items() if self._component(name).saves()} or shares
        whole = sum(savers.values())
        saved = split(view.purse_cents - fresh, {name: share / whole for name, share in savers.items()})
        return {name: cents + saved.get(name, 0) for name, cents in split(fresh, shares).items()}


LEVERS: dict[str, Any] = {field.name: field.default for field in fields(Action) if field.name != "ads"}
"""What an action can set besides ads, and what it is where nothing is done."""

all_levers = attrgetter(*LEVERS)


def added(actions: list[Action]) -> Action:
    """One action that does what all do: money adds, every other lever is set by at most one of them."""
    levers = {}
    for (lever, nothing), values in zip(LEVERS.items(), zip(*map(all_levers, actions), strict=True), strict=True):
        levers[lever] = sum(values) if lever.endswith("_cents") else next((value for value in values if value != nothing), nothing)
    bought: dict[tuple[str, tuple[str, ...]], int] = {}
    for buy in (buy for action in actions for buy in action.ads):
        bought[buy.channel, buy.segments] = bought.get((buy.channel, buy.segments), 0) + buy.cents
    return Action(ads=tuple(AdBuy(channel, cents, segments) for (channel, segments), cents in sorted(bought.items())), **levers)
