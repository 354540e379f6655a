"""Draws of the assumptions: the same comparison under other guesses that are as plausible.

Each draw is a market of its own: one point of a Latin hypercube over the plausible ranges of all assumptions that are not the question
(`experiments.assumptions`), set in every scenario alike, and one paired run under a seed of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.engine.chance import address
from simulator.experiments.assumptions import Range, assumption_ranges, at_point, held
from simulator.experiments.comparison import Comparison, reading_days
from simulator.experiments.doubt import FEWEST_DRAWS, LUCK
from simulator.experiments.graphs import graph_of
from simulator.experiments.pool import described
from simulator.language import _
from simulator.results.kpis import kpi_table
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Draw:
    """One task: every scenario under one point of the assumptions, with one seed."""

    number: int
    seed: int
    scenarios: tuple[Scenario, ...]
    days: tuple[tuple[int, ...], ...]  # when the KPIs of each scenario are read
    values: Mapping[str, float | int]


class Drawn(NamedTuple):
    """One run of a draw; without KPIs it failed."""

    scenario: int
    kpis: pd.DataFrame | None = None  # a row per day of reading and brand
    error: str | None = None


def points(scenarios: Sequence[Scenario], ranges: Sequence[Range], draws: int, seed: int) -> list[dict[str, float | int]]:
    """What the assumptions are in each draw: key -> value, in every scenario. Values that are no market together: see `at_point`."""
    from scipy.stats import qmc

    rows = qmc.LatinHypercube(len(ranges), rng=int(address(seed, "assumptions"))).random(draws).tolist()
    keys = held(scenarios, ranges)
    return [at_point(scenarios, ranges, row, keys).values for row in rows]


def seed_of(seed: int, draw: int) -> int:
    """The seed of a draw's runs; 53 bits, so that every reader of JSON keeps it exact."""
    return int(address(seed, "draw", draw)) >> 11


def run_draw(task: Draw) -> list[Drawn]:
    """The runs of a draw."""
    import pandas as pd

    drawn = []
    for position, scenario in enumerate(task.scenarios):
        try:
            guessed = scenario.override(task.values)
            daily = simulate(guessed, task.seed, threads=1, graph=graph_of(guessed, task.seed)).daily
            kpis = pd.concat({day: kpi_table(daily, day) for day in task.days[position]}, names=["day", "brand"]).reset_index()
            drawn.append(Drawn(position, kpis))
        except Exception as error:  # a run that fails is a recorded row, not the end of the study
            drawn.append(Drawn(position, error=described(error)))
    return drawn


@dataclass(frozen=True)
class Draws:
    """The draws of a comparison: none where nothing is doubted, or there is nothing to doubt."""

    doubt: str
    asked: int
    ranges: tuple[Range, ...]
    tasks: tuple[Draw, ...]
    names: tuple[str, ...]  # of the scenarios

    @classmethod
    def of(cls, scenarios: tuple[Scenario, ...], names: tuple[str, ...], seed: int, doubt: str, draws: int) -> Draws:
        """The tasks of `draws` draws."""
        ranges = tuple(assumption_ranges(scenarios)) if doubt != LUCK and len(scenarios) > 1 else ()
        days = tuple(reading_days(scenario.run.days) for scenario in scenarios)
        drawn = enumerate(points(scenarios, ranges, draws, seed) if ranges else [])
        tasks = tuple(Draw(number, seed_of(seed, number), scenarios, days, values) for number, values in drawn)
        return cls(doubt, draws if doubt != LUCK else 0, ranges, tasks, names)

    def tables(self, drawn: Mapping[int, Sequence[Drawn]]) -> dict[str, Any]:
        """What a comparison keeps of them. drawn: number of the draw -> its runs."""
        import pandas as pd

        done = [task for task in self.tasks if task.number in drawn]
        runs = [(task, run) for task in done for run in drawn[task.number]]
        refused = [(self.names[run.scenario], task.number, task.seed, run.error) for task, run in runs if run.kpis is None]
        kpis = [
            run.kpis.assign(scenario=self.names[run.scenario], draw=task.number, seed=task.seed)
            for task, run in sorted(runs, key=lambda row: row[1].scenario) if run.kpis is not None
        ]  # fmt: skip
        front = ["scenario", "draw", "seed", "day", "brand"]
        table = pd.concat(kpis, ignore_index=True) if kpis else pd.DataFrame(columns=front)
        values = [(task.number, key, float(value)) for task in done for key, value in task.values.items()]
        of_a_range = ["key", "low", "high", "default", "evidence", "unit", "meaning"]
        return {
            "doubt": self.doubt, "asked_draws": self.asked,
            "ranges": pd.DataFrame([[getattr(each, name) for name in of_a_range] for each in self.ranges], columns=of_a_range),
            "draws": table[[*front, *(column for column in table.columns if column not in front)]],
            "assumptions": pd.DataFrame(values, columns=["draw", "key", "value"]),
            "refused": pd.DataFrame(refused, columns=["scenario", "draw", "seed", "error"]),
        }  # fmt: skip


def warnings(comparison: Comparison) -> Iterator[str]:
    """What a reader of verdicts that had to survive draws must know."""
    if comparison.doubt == LUCK or len(comparison.names) == 1:
        return
    if not comparison.doubted:
        yield _("there is no assumption to doubt in these scenarios: verdicts are those of luck")
    elif comparison.asked_draws < FEWEST_DRAWS:
        yield _("{asked} draws of the assumptions are too few for any verdict: it takes at least {fewest}").format(
            asked=comparison.asked_draws, fewest=FEWEST_DRAWS
        )
    refused = comparison.refused
    if len(refused):
        count = refused["draw"].nunique()
        yield _("{count} of {asked} draws of the assumptions could not be run and are left out: {error}").format(
            count=count, asked=comparison.asked_draws, error=refused["error"].iloc[0]
        )
