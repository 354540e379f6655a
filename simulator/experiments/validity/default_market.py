"""The default market, in which facts are looked for: three eras with every brand interrupting, and its twins."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.experiments.validity.target import Effort
from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

if TYPE_CHECKING:
    from simulator.results.run_result import RunResult

FOCAL = "Aurora"
SETTING = "scenario three_eras/interruption: three brands advertise for 26 weeks; nothing is changed but what is named"

RATES = ("base_rate", "a_plus", "a_minus", "standing", "hearsay", "annoyance", "refutation")
MUTE: Mapping[str, Any] = {f"word_of_mouth.{rate}": 0.0 for rate in RATES}
"""Nobody starts a message."""


def repetitions(effort: Effort, more: int = 4) -> tuple[int, ...]:
    """Seeds of independent runs: those of the effort, in the full table `more` times as many."""
    return tuple(seed + 1000 * again for again in range(1 if effort.quick else more) for seed in effort.seeds)


def size(effort: Effort) -> int:
    """How many consumers stand for the market."""
    return 3000 if effort.quick else 4000


@functools.cache
def scenario(name: str = "interruption") -> Scenario:
    """One of the three eras, as it is bundled."""
    return load_scenario(bundled(f"three_eras/{name}"))


def market(effort: Effort, seed: int, changes: Mapping[str, Any] | None = None, name: str = "interruption") -> RunResult:
    """The run of a market of three eras with changes (dotted overrides)."""
    return simulate(scenario(name).override({"population.size": size(effort), **(changes or {})}), seed=seed, threads=1)


def units(run: RunResult, brand: str = "") -> float:
    """Units sold in the run, of one brand or of all."""
    table = run.daily if not brand else run.daily[run.daily["brand"] == brand]
    return float(table["units"].sum())


def alone(brand: Mapping[str, Any]) -> dict[str, Any]:
    """The override that leaves the focal brand alone in the market, with some of its values changed."""
    own = next(dict(each) for each in scenario().to_dict()["brands"] if each["name"] == FOCAL)
    return {"brands": [own | dict(brand)]}
