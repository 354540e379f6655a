"""A run that somebody watches: forward a day at a time, back to any day, and with a hand in what happens.

Going back is exact: the model is kept as it was every so many days, and days between are simulated again. An intervention is written into
the scenario, as an event or as a phase of a brand's strategy, from today on: the past is the same to the byte, and the scenario as it
stands at the end, simulated from day 0 with the same seed, is the whole run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.experiments.graphs import graph_of
from simulator.language import _
from simulator.model import WordOfMouthModel
from simulator.parameters import InputError
from simulator.results.checkpoint import Checkpoint
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario
from simulator.scenario.writing import write_scenario
from simulator.strategies.mixed import WITH_LEVERS

if TYPE_CHECKING:
    from simulator.world.graph import SocialGraph

KEPT_EVERY = 14
"""Days between two states that are kept: going back simulates at most so many."""

SILENT, MIXED = "silent", "mixed"


@dataclass(frozen=True)
class Happening:
    """Something happens to a brand today: an event of any kind, with its levers."""

    kind: str
    brand: str
    levers: Mapping[str, Any]

    def on(self, day: int, scenario: Scenario) -> dict[str, Any]:
        """What it changes in a scenario, as dotted overrides."""
        event = {"kind": self.kind, "day": day, "brand": self.brand} | dict(self.levers)
        return {"events": [*scenario.to_dict().get("events", []), event]}


@dataclass(frozen=True)
class Switch:
    """A brand behaves differently from today on: `strategy` is a table of any kind but mixed, with its levers."""

    brand: str
    strategy: Mapping[str, Any]

    def on(self, day: int, scenario: Scenario) -> dict[str, Any]:
        """What it changes in a scenario, as dotted overrides: a phase of a mixed strategy, which takes the place of later ones."""
        if self.brand not in {brand.name for brand in scenario.brands}:
            raise InputError(_("there is no brand {brand}").format(brand=self.brand), key="brand")
        levers = dict(self.strategy)
        kind = levers.pop("kind", SILENT)
        if kind == MIXED:
            raise InputError(_("a run switches to one strategy, not to a mixture of them"), key="kind")
        plan = _as_mixed(_written_strategy(scenario, self.brand))
        phase: dict[str, Any] = {"from_day": day, "shares": {kind: 1.0}}
        if kind in WITH_LEVERS:
            phase[kind] = levers
        phases = [*(earlier for earlier in plan.get("phases", []) if earlier["from_day"] < day), phase]
        paid = {name for part in (plan, *phases) for name, share in part["shares"].items() if share > 0}
        kept = {key: value for key, value in plan.items() if key not in WITH_LEVERS or key in paid}
        return {f"brands.{self.brand}.strategy": kept | {"phases": phases}}


@dataclass(frozen=True)
class Without:
    """An event that the scenario has, the `number`-th of its list, does not happen."""

    number: int

    def on(self, day: int, scenario: Scenario) -> dict[str, Any]:
        """What it changes in a scenario, as dotted overrides."""
        events = scenario.to_dict().get("events", [])
        if not 0 <= self.number < len(events):
            raise InputError(_("there is no event {number}").format(number=self.number), key="events")
        if scenario.events[self.number].day < day:
            raise InputError(_("it has happened already: go back to its day first"), key="day")
        return {"events": [event for number, event in enumerate(events) if number != self.number]}


Intervention = Happening | Switch | Without


@dataclass(frozen=True)
class Intervened:
    """What was done, on which day, and the scenario as it was before."""

    day: int
    intervention: Intervention
    before: Scenario


class LiveRun:
    """A run under way. `day` days are simulated; `model` shows the market at the end of the last of them, for looking only."""

    def __init__(self, scenario: Scenario, seed: int = 1, *, graph: SocialGraph | None = None) -> None:
        self.seed = seed
        self._graph = graph_of(scenario, seed) if graph is None else graph
        self.model = WordOfMouthModel.build(scenario, seed, graph=self._graph)
        self._kept = {0: Checkpoint.of(self.model)}
        self._done: list[Intervened] = []

    @property
    def scenario(self) -> Scenario:
        """What is simulated, interventions included."""
        scenario: Scenario = self.model.scenario
        return scenario

    @property
    def day(self) -> int:
        """The next day to simulate."""
        day: int = self.model.market.day
        return day

    @property
    def days(self) -> int:
        """How many there are."""
        return self.scenario.run.days

    @property
    def finished(self) -> bool:
        """Whether all days are simulated."""
        return self.day >= self.days

    @property
    def interventions(self) -> tuple[Intervened, ...]:
        """What was done so far, in order of the days."""
        return tuple(self._done)

    def result(self) -> RunResult:
        """The run so far, as tables. It must be read before the next step."""
        return RunResult.of(self.model)

    # -- time ----------------------------------------------------------------------------------------------------

    def step(self) -> bool:
        """Simulate a day; False at the end."""
        if self.finished:
            return False
        self.model.step()
        if self.day % KEPT_EVERY == 0 and self.day not in self._kept:
            self._kept[self.day] = Checkpoint.of(self.model)
        return True

    def go_to(self, day: int) -> None:
        """The market as it stood, or will stand, after `day` days (0: before the first)."""
        if not 0 <= day <= self.days:
            raise InputError(_("there is no day {day}; allowed: 0 to {days}").format(day=day, days=self.days), key="day")
        nearest = max(kept for kept in self._kept if kept <= day)
        if day < self.day or nearest > self.day:
            self._kept[nearest].restore(self.model)
        while self.day < day:
            self.step()

    # -- a hand in it --------------------------------------------------------------------------------------------

    def intervene(self, intervention: Intervention) -> None:
        """Do something today, before anything else happens. What was done on later days, before going back, is taken back.

        InputError, and nothing changed, if the scenario would not allow it.
        """
        if self.finished:
            raise InputError(_("the run is over: go back to an earlier day first"), key="day")
        later = [done for done in self._done if done.day > self.day]
        scenario = later[0].before if later else self.scenario
        changed = scenario.override(intervention.on(self.day, scenario))
        self._become(changed)
        self._done = [*(done for done in self._done if done.day <= self.day), Intervened(self.day, intervention, scenario)]

    def undo(self) -> None:
        """Take back the last intervention and go back to its day, if that has passed."""
        if not self._done:
            raise InputError(_("there is nothing to take back"))
        last = self._done[-1]
        self.go_to(min(self.day, last.day))
        self._become(last.before)
        self._done.pop()

    def change(self, settings: Mapping[str, Any]) -> None:
        """Go on from today under dotted overrides that concern later days only. Unlike `intervene`, what was done later stays as it is."""
        self._become(self.scenario.override(settings))

    def fork(self, *interventions: Intervention) -> LiveRun:
        """A second run that is the same up to today, with the same luck after it, and differs by what is done in it from today on."""
        twin = LiveRun.__new__(LiveRun)
        twin.seed, twin._graph, twin._kept, twin._done = self.seed, self._graph, dict(self._kept), list(self._done)
        twin.model = self._grown(Checkpoint.of(self.model))
        for intervention in interventions:
            twin.intervene(intervention)
        return twin

    def _become(self, scenario: Scenario) -> None:
        """Go on from today under another scenario. States of later days are void; the past is that of both."""
        now = replace(Checkpoint.of(self.model), scenario=scenario)
        model = self._grown(now)
        self._kept = {day: replace(kept, scenario=scenario) for day, kept in self._kept.items() if day <= self.day}
        self.model = model

    def _grown(self, checkpoint: Checkpoint) -> WordOfMouthModel:
        """A model at a checkpoint."""
        model = WordOfMouthModel.build(checkpoint.scenario, self.seed, graph=self._graph, warm_up=False)
        checkpoint.restore(model)
        return model

    # -- keeping -------------------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write the scenario, interventions included: `run.py simulate PATH --seed N` is this run again."""
        target = Path(path)
        write_scenario(
            self.scenario, target, [f"a run that was watched; run it again: python run.py simulate {target.name} --seed {self.seed}"]
        )


def _written_strategy(scenario: Scenario, brand: str) -> dict[str, Any]:
    """[brands.strategy] of a brand as it was written."""
    written = next(table for table in scenario.to_dict()["brands"] if table["name"] == brand)
    strategy: dict[str, Any] = written.get("strategy", {"kind": SILENT})
    return strategy


def _as_mixed(strategy: Mapping[str, Any]) -> dict[str, Any]:
    """The same strategy as a mixed one that can be given phases; all money to one component is that strategy to the bit."""
    levers = dict(strategy)
    kind = levers.pop("kind", SILENT)
    if kind == MIXED:
        return dict(strategy)
    return {"kind": MIXED, "shares": {kind: 1.0}} | ({kind: levers} if kind in WITH_LEVERS else {})
