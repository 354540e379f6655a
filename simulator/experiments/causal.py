"""What a strategy causes: every scenario against its silent twin, the same market in which the focal brand does nothing.

A figure of a run says what happened, not what the strategy did: most customers would have bought anyway. The twin has the same people,
ties and luck, and differs only by what the strategy caused (scenario with `strategy = { kind = "silent" }`, all else equal; what a
silent brand has in its purse does not matter, so twins that differ in the focal brand's budget are one).

First purchases are split as Libai, Muller and Peres (2013, Journal of Marketing Research 50:161) split the value of seeding:
acceleration is what is gained from buyers who would have bought anyway but later (or lost, if earlier), expansion what additional buyers
bring (less those who stayed away). The split knows only the days of the run: who would have bought after its end counts as additional,
so a longer run moves value from expansion to acceleration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simulator.experiments.paired import F64
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario

DISCOUNT = 0.10
"""What a purchase a year later is worth less. An assumption: about what firms ask of their capital; time has no price without one."""

YEAR = 365.0

QUANTITIES = (
    "incremental_units", "incremental_revenue", "incremental_spend", "incremental_profit", "return_per_euro",
    "first_units", "accelerated_units", "expanded_units", "first_value", "accelerated_value", "expanded_value", "days_earlier",
)  # fmt: skip
"""What `effects` tells."""


class Books(NamedTuple):
    """What is kept of a run to set it against its twin: of one brand, in the real market."""

    units: float
    revenue: float
    spend: float
    profit: float
    first: F64  # [consumers], day of the first purchase since day 0; NaN: none
    scale: float  # real people for each consumer
    margin: float  # price minus cost of a unit


@dataclass(frozen=True)
class Silence:
    """Which run is the silent twin of which: positions in `scenarios + extra`, -1 where there is none."""

    extra: tuple[Scenario, ...]  # twins that are none of the scenarios
    twin_of: tuple[int, ...]  # for each scenario
    notices: tuple[str, ...] = ()


def silenced(scenario: Scenario, brand: str) -> Scenario:
    """The scenario in which the brand does nothing, with an empty purse and without its campaigns."""
    changes: dict[str, Any] = {f"brands.{brand}.strategy": {"kind": "silent"}, f"brands.{brand}.budget_per_day": 0.0}
    if any(event.kind == "campaign" and event.brand == brand for event in scenario.events):
        events = scenario.to_dict()["events"]
        changes["events"] = [event for event in events if event["kind"] != "campaign" or event["brand"] != brand]
    return scenario.override(changes)


def silence(scenarios: Sequence[Scenario], brand: str) -> Silence:
    """The twin of each scenario: one of the scenarios where that is the same market, else one more to run.

    None where the scenario is silent itself, cannot be silent, or where twins would add more than half as many runs again.
    """
    keys: dict[str, int] = {}  # of silent markets, by what happens in them
    extra: list[Scenario] = []
    twin_of = []
    silent = [scenario.brand(brand).strategy.kind == "silent" for scenario in scenarios]
    for place, scenario in enumerate(scenarios):
        if silent[place]:
            keys.setdefault(silenced(scenario, brand).hash, place)
    for place, scenario in enumerate(scenarios):
        try:
            twin = None if silent[place] else silenced(scenario, brand)
        except InputError:
            twin = None
        if twin is not None and twin.hash not in keys:
            keys[twin.hash] = len(scenarios) + len(extra)
            extra.append(twin)
        twin_of.append(keys[twin.hash] if twin is not None else -1)
    if len(extra) > max(1, len(scenarios) // 2):
        said = _("no causal figures for some scenarios: their {count} silent twins would take too many runs; compare fewer at once").format(
            count=len(extra)
        )
        return Silence((), tuple(place if place < len(scenarios) else -1 for place in twin_of), (said,))
    return Silence(tuple(extra), tuple(twin_of))


def books(run: RunResult, scenario: Scenario, brand: str) -> Books:
    """The brand's sums over a run, and when each consumer first bought it."""
    daily, bought, own = run.daily, run.adoptions, scenario.brand(brand)
    sums = daily.loc[daily["brand"] == brand, ["units", "revenue", "spend", "profit"]].sum()
    bought = bought[bought["brand"] == brand]
    first = np.full(run.consumers, np.nan)
    first[bought["consumer"].to_numpy()] = bought["day"].to_numpy()
    price = scenario.market.price if own.price is None else own.price
    units, revenue, spend, profit = (float(sums[name]) for name in ("units", "revenue", "spend", "profit"))
    return Books(units, revenue, spend, profit, first, run.scale, price - own.unit_cost)


def effects(run: Books, twin: Books) -> dict[str, float]:
    """What the strategy caused in one pair of runs, by QUANTITIES; money and units of the real market, over the whole run.

    incremental_...    units, revenue, marketing spend and profit of the run minus those of the twin
    return_per_euro    (incremental profit + incremental spend) / incremental spend: the margin that a euro of marketing brought back;
                       1 is break-even, NaN where nothing more was spent
    first_units        first purchases of the run minus those of the twin, each counted (1 + DISCOUNT)^(-day / 365)
    accelerated_units  the part of it that comes from consumers who bought in both, expanded_units: from all others; the parts sum to it
    ..._value          the same times the margin of a unit
    days_earlier       mean number of days by which those who bought in both did so earlier; NaN if there are none
    """
    spend, profit = run.spend - twin.spend, run.profit - twin.profit
    both = ~(np.isnan(run.first) | np.isnan(twin.first))
    gained = _worth(run.first) * run.scale - _worth(twin.first) * twin.scale
    parts = {"first": gained.sum(), "accelerated": gained[both].sum(), "expanded": gained[~both].sum()}
    values = {
        "incremental_units": run.units - twin.units, "incremental_revenue": run.revenue - twin.revenue, "incremental_spend": spend,
        "incremental_profit": profit, "return_per_euro": (profit + spend) / spend if spend > 0.0 else np.nan,
        "days_earlier": (twin.first - run.first)[both].mean() if both.any() else np.nan,
        **{f"{name}_units": units for name, units in parts.items()},
        **{f"{name}_value": units * run.margin for name, units in parts.items()},
    }  # fmt: skip
    return {name: float(values[name]) for name in QUANTITIES}


def _worth(day: F64) -> F64:
    """What a purchase on a day is worth on day 0, in purchases; 0 for none."""
    worth: F64 = np.where(np.isnan(day), 0.0, (1.0 + DISCOUNT) ** (-np.nan_to_num(day) / YEAR))
    return worth


def against_twins(found: Mapping[int, Books], twin_of: Sequence[int]) -> dict[int, dict[str, float]]:
    """The effects of each scenario whose run and twin are both there. found: position -> books."""
    return {
        place: effects(found[place], found[twin])
        for place, twin in enumerate(twin_of) if twin >= 0 and place in found and twin in found
    }  # fmt: skip
