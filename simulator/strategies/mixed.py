"""A real plan: several strategies at once, each with its share of the purse, in dated phases.

Every component decides on the same view, with its share of the day's budget; the actions add. What was saved on earlier
days is shared among the components that save: a conversation too dear for today is not advertised away tomorrow. All
money to one component is that strategy alone; `silent` keeps its share. A phase may also bring other levers: they hold from
its day on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal

from pydantic import field_validator, model_validator

from simulator.language import _
from simulator.parameters import Table, parameter
from simulator.strategies.interaction import Interaction
from simulator.strategies.interruption import Interruption
from simulator.strategies.permission import Permission
from simulator.strategies.silent import Silent
from simulator.strategies.strategy import StrategyTable, mix_of_shares, split
from simulator.world.state import Action, AdBuy, MarketView

Component = Literal["interruption", "permission", "interaction", "silent"]

WITH_LEVERS = ("interruption", "permission", "interaction")


class Phase(Table):
    """From a day on, other shares, and other levers where they are given."""

    from_day: int = parameter(unit="day", meaning="first day of the phase; it lasts until the next one")
    shares: dict[Component, float] = parameter(unit="share", meaning="of the purse, by component; they sum to 1")
    interruption: Interruption | None = parameter(None, unit="", meaning="its levers from then on; none: as before")
    permission: Permission | None = parameter(None, unit="", meaning="its levers from then on; none: as before")
    interaction: Interaction | None = parameter(None, unit="", meaning="its levers from then on; none: as before")

    @field_validator("shares")
    @classmethod
    def _shares_sum_to_one(cls, shares: dict[Component, float]) -> dict[Component, float]:
        mix_of_shares(shares, "shares")
        return shares


class Mixed(StrategyTable):
    """Shares of the purse over interruption, permission, interaction and silence."""

    kind: Literal["mixed"] = parameter("mixed", unit="", meaning="which strategy")
    shares: dict[Component, float] = parameter(
        factory=lambda: {"interruption": 0.4, "permission": 0.3, "interaction": 0.3}, unit="share",
        meaning="of the purse, by component; they sum to 1",
    )  # fmt: skip
    interruption: Interruption = parameter(factory=Interruption, unit="", meaning="its levers as a component")
    permission: Permission = parameter(factory=Permission, unit="", meaning="its levers as a component")
    interaction: Interaction = parameter(factory=Interaction, unit="", meaning="its levers as a component")
    phases: tuple[Phase, ...] = parameter((), unit="", meaning="dated phases with other shares and levers, in order of their days")

    @field_validator("shares")
    @classmethod
    def _shares_sum_to_one(cls, shares: dict[Component, float]) -> dict[Component, float]:
        mix_of_shares(shares, "shares")
        return shares

    @model_validator(mode="after")
    def _components_fit_together(self) -> Mixed:
        days = [phase.from_day for phase in self.phases]
        if days != sorted(set(days)):
            raise ValueError(_("phases: from_day must rise from phase to phase"))
        for plan in self._plans:
            if getattr(plan.get("permission"), "invite", False) and getattr(plan.get("interaction"), "invite", False):
                raise ValueError(_("invite is set by permission and by interaction: one of them must leave it"))
        unused = set(WITH_LEVERS) & self.model_fields_set - self._used()
        if unused:
            raise ValueError(_("{component} has levers but never a share of the purse").format(component=min(unused)))
        return self

    @cached_property
    def _plans(self) -> list[dict[Component, StrategyTable]]:
        """At first, then in each phase: who has money, with the levers of then."""
        levers: dict[str, StrategyTable] = {name: getattr(self, name) for name in WITH_LEVERS} | {"silent": Silent()}
        plans: list[dict[Component, StrategyTable]] = []
        parts: list[Mixed | Phase] = [self, *self.phases]
        for part in parts:
            levers |= {name: given for name in WITH_LEVERS if (given := getattr(part, name)) is not None}
            plans.append({name: levers[name] for name, share in part.shares.items() if share > 0})
        return plans

    def _used(self) -> set[str]:
        return {name for plan in self._plans for name in plan}

    def channels_bought(self) -> frozenset[str]:
        """Those of the components that ever have money."""
        return frozenset().union(*(strategy.channels_bought() for plan in self._plans for strategy in plan.values()))

    def segments_named(self) -> frozenset[str]:
        """Those of the components that ever have money."""
        return frozenset().union(*(strategy.segments_named() for plan in self._plans for strategy in plan.values()))

    def decide(self, view: MarketView) -> Action:
        """The sum of what the components do with their shares."""
        number = sum(phase.from_day <= view.day for phase in self.phases)
        plan = self._plans[number]
        given = self.phases[number - 1].shares if number else self.shares
        shares = {name: given[name] for name in plan}
        budgets, purses = split(view.budget_cents, shares), self._purses(view, shares, plan)
        actions = [plan[name].decide(replace(view, purse_cents=purses[name], budget_cents=budgets[name])) for name in sorted(shares)]
        return actions[0] if len(actions) == 1 else added(actions)

    def _purses(
        self, view: MarketView, shares: Mapping[Component, float], plan: Mapping[Component, StrategyTable]
    ) -> dict[Component, int]:  # fmt: skip
        """Today's budget by share, and the savings by share among those who save (all, if none does)."""
        fresh = min(view.budget_cents, view.purse_cents)
        savers = {name: share for name, share in shares.items() if plan[name].saves()} or shares
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
