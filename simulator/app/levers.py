"""What a visitor may set, generated from the declarations: name, meaning, unit, evidence, range and default of each lever."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from simulator.language import N_
from simulator.parameters import ASSUMPTION, DESIGN, LITERATURE, Table, declaration
from simulator.scenario.declared import kinds, tables_in
from simulator.scenario.schema import Scenario
from simulator.strategies import STRATEGIES

EVIDENCE = {LITERATURE: N_("literature"), ASSUMPTION: N_("assumption"), DESIGN: N_("choice")}
"""Words for the evidence tags."""

LEFT_OUT = ("kind", "day", "brand", "plan", "plan_starts", "segments", "tellers", "consumers", "conduct")
"""Fields that no slider sets: they name the thing itself, files, or lists of people."""

STEPS = 100
"""Of a slider without whole numbers."""

LARGEST_WHOLE = 60
"""Of a whole number without an upper limit, and of one that goes far beyond what is plausible."""

EVENTS: dict[str, type[Table]] = {
    kind: event for event in tables_in(Scenario.model_fields["events"].annotation) for kind in kinds(event)
}  # fmt: skip
"""Every kind of event."""

MADE_LIVE = ("scandal", "false_rumour", "service_failure", "response", "campaign", "stock_out")
"""Kinds that the page offers while a run goes on."""

PLAYED = ("silent", "interruption", "permission", "interaction")
"""Strategies that a run can switch to."""


@dataclass(frozen=True)
class Lever:
    """One thing to set. form: number | whole | truth | choice | mix (shares by name, which sum to 1)."""

    name: str
    form: Literal["number", "whole", "truth", "choice", "mix"]
    meaning: str
    unit: str
    evidence: str
    default: Any
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    choices: tuple[str, ...] = ()


def strategy_levers(kind: str, scenario: Scenario) -> list[Lever]:
    """The levers of a strategy."""
    return levers_of(STRATEGIES[kind], scenario, "")


def event_levers(kind: str, scenario: Scenario, brand: str) -> list[Lever]:
    """The levers of an event that happens to a brand."""
    return levers_of(EVENTS[kind], scenario, brand)


def levers_of(table: type[Table], scenario: Scenario, brand: str) -> list[Lever]:
    """Every field that a slider, a switch or a list can set."""
    found = ((name, field) for name, field in table.model_fields.items() if name not in LEFT_OUT)
    return [lever for name, field in found if (lever := _lever(table, name, field, scenario, brand)) is not None]


def _lever(table: type[Table], name: str, field: FieldInfo, scenario: Scenario, brand: str) -> Lever | None:
    kind = _without_none(field.annotation)
    declared = declaration(table, name)
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    said = {"meaning": field.description or "", "unit": declared["unit"], "evidence": EVIDENCE[declared["evidence"]]}
    if get_origin(kind) is Literal:
        choices = tuple(str(choice) for choice in get_args(kind))
        return Lever(name, "choice", default=default if default is not None else choices[-1], choices=choices, **said)
    if kind is bool:
        return Lever(name, "truth", default=bool(default), **said)
    if kind in (int, float):
        low, high = _range(field, declared, default, kind is int)
        if declared["unit"] == "currency/day" and default is None:
            budget = scenario.brand(brand).budget_per_day if brand else 0.0
            default, high = budget or 1000.0, 10.0 * (budget or 1000.0)
        if default is None and not field.is_required():
            return None  # "as the brand has it": there is nothing to slide
        if default is None:
            default = round(low + 0.8 * (high - low), 2)
        if kind is int:
            return Lever(name, "whole", default=int(default), low=low, high=max(high, float(default)), step=1, **said)
        return Lever(name, "number", default=float(default), low=low, high=max(high, float(default)), step=(high - low) / STEPS, **said)
    if get_origin(kind) in (dict, Mapping):
        return Lever(name, "mix", default=dict(default or {}), choices=_channels(scenario), **said)
    return None


def _without_none(annotation: Any) -> Any:
    """The type of a field that may be left out."""
    if get_origin(annotation) in (typing.Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return parts[0] if len(parts) == 1 else None
    return annotation


def _range(field: FieldInfo, declared: Mapping[str, Any], default: Any, whole: bool) -> tuple[float, float]:
    """From the limits, else from what is plausible, else around the default."""
    low, high = 0.0, math.inf
    for limit in field.metadata:
        if isinstance(limit, (Ge, Gt)):
            low = float(limit.ge if isinstance(limit, Ge) else limit.gt)  # type: ignore[arg-type]  # all limits are numbers
        elif isinstance(limit, (Le, Lt)):
            high = float(limit.le if isinstance(limit, Le) else limit.lt)  # type: ignore[arg-type]  # as above
    plausible = declared.get("plausible", (0.0, 0.0))
    usual = max(4.0 * float(default or 0.0), 2.0 * float(plausible[1]), 1.0)
    if whole:
        return low, min(high, max(LARGEST_WHOLE, float(default or 0)))
    return low, high if high <= 10.0 else min(high, usual)


def _channels(scenario: Scenario) -> tuple[str, ...]:
    """Channels that may be bought without consent."""
    free = scenario.permission.jurisdiction == "none"
    return tuple(name for name, channel in scenario.advertising.channels.items() if free or not channel.requires_consent)


def written(levers: list[Lever], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of levers as a scenario has them; the shares of a mix are made to sum to 1."""
    return {lever.name: _as_written(lever, values.get(lever.name, lever.default)) for lever in levers}


def _as_written(lever: Lever, value: Any) -> Any:
    if lever.form == "mix":
        shares = {name: max(0.0, float(share)) for name, share in value.items() if float(share) > 0}
        whole = sum(shares.values())
        return {name: share / whole for name, share in shares.items()} if whole else dict(lever.default)
    if lever.form == "whole":
        return int(value)
    return float(value) if lever.form == "number" else value


def current(scenario: Scenario, brand: str, day: int) -> tuple[str, dict[str, Any]]:
    """Kind and levers of the strategy that a brand follows on a day; of a mixture the component with the largest share."""
    strategy: Any = scenario.brand(brand).strategy
    if strategy.kind != "mixed":
        return strategy.kind, {name: getattr(strategy, name) for name in type(strategy).model_fields}
    shares, tables = strategy.shares, {name: getattr(strategy, name) for name in PLAYED if name != "silent"}
    for phase in strategy.phases:
        if phase.from_day <= day:
            shares = phase.shares
            tables |= {name: given for name in tables if (given := getattr(phase, name)) is not None}
    kind = max(shares, key=lambda name: shares[name])
    table = tables.get(kind)
    return kind, {} if table is None else {name: getattr(table, name) for name in type(table).model_fields}
