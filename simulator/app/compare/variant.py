"""The main levers of a scenario: how many consumers, how many days, how much money, and what the focal brand does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulator.app.levers import PLAYED, Lever, current, levers_of, strategy_levers, written
from simulator.experiments.comparison import focal_of
from simulator.parameters import Table
from simulator.scenario.schema import Brand, Run, Scenario
from simulator.world.consumers import Population

KIND = "strategy"
"""Under which the chosen kind comes back with the values."""


def main_levers(scenario: Scenario) -> list[Lever]:
    """Consumers, days and budget."""
    size, days = scenario.population.size, scenario.run.days
    money = scenario.brand(focal_of(scenario)).budget_per_day
    found = [
        replace(_lever(Population, "size", scenario), default=size, low=min(200, size), high=max(20_000, size), step=100),
        replace(_lever(Run, "days", scenario), default=days, low=min(28, days), high=max(364, days), step=7),
    ]
    if money > 0:
        found.append(
            replace(_lever(Brand, "budget_per_day", scenario), form="number", default=money, low=0.0, high=4 * money, step=money / 50)
        )
    return found


def levers_for(scenario: Scenario, kind: str) -> list[Lever]:
    """All levers of the form, where the focal brand follows a strategy of a kind."""
    return [*main_levers(scenario), *(strategy_levers(kind, scenario) if kind in PLAYED else [])]


def values_now(scenario: Scenario, kind: str) -> dict[str, Any]:
    """What the scenario has them at."""
    now, values = current(scenario, focal_of(scenario), 0)
    return values if now == kind else {}


def settings_of(scenario: Scenario, values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys for values of the form; only what differs from the scenario is set."""
    brand = focal_of(scenario)
    now = scenario.brand(brand).strategy.kind
    kind = values.get(KIND, now)
    own = written(main_levers(scenario), values)
    settings: dict[str, Any] = {}
    for name, key in (("size", "population.size"), ("days", "run.days"), ("budget_per_day", f"brands.{brand}.budget_per_day")):
        lever = next((each for each in main_levers(scenario) if each.name == name), None)
        if lever is not None and own[name] != lever.default:
            settings[key] = own[name]
    if kind in PLAYED:
        levers = strategy_levers(kind, scenario)
        before = values_now(scenario, kind) if kind == now else {}
        chosen = written(levers, values)
        changed = {name: value for name, value in chosen.items() if kind != now or value != before.get(name)}
        if kind != now:
            settings[f"brands.{brand}.strategy.kind"] = kind
        settings |= {f"brands.{brand}.strategy.{name}": value for name, value in changed.items()}
    return settings


def _lever(table: type[Table], name: str, scenario: Scenario) -> Lever:
    return next(lever for lever in levers_of(table, scenario, focal_of(scenario)) if lever.name == name)
