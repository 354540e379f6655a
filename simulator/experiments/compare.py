"""Scenarios side by side: the same consumers, graph and luck, one thing changed.

Replicate r draws from seed + r in every scenario, and scenarios with the same people and ties share one graph. What a
scenario changed is then the difference between the runs of one replicate, free of the noise that both share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.experiments.bad_buzz import Buzz, gathered, look
from simulator.experiments.comparison import Comparison, focal_of, same_world, world_code
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.pool import Progress, described, run_all
from simulator.experiments.twin import Trace, answers, first_crisis, has_story, trace, without_story
from simulator.parameters import InputError
from simulator.results.kpis import kpi_table
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

__all__ = ["Comparison", "compare"]

if TYPE_CHECKING:
    import pandas as pd

WEEKS = (4, 13, 26)
"""When the KPIs are read, next to the end of the run."""

CURVES = (
    "spend", "reach", "reach_paid", "reach_owned", "reach_earned", "aided_awareness", "trust_aware", "irritation", "list_size", "units",
    "penetration", "share", "messages_positive", "messages_negative", "tellings_positive", "tellings_negative",
)  # fmt: skip
"""Daily columns of the focal brand that come back from every run."""


@dataclass(frozen=True)
class Replicate:
    """One task: every scenario under one seed."""

    number: int
    seed: int
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class Extract:
    """What is kept of one run: a few kilobytes instead of its tables."""

    scenario: int
    kpis: pd.DataFrame | None = None  # a row per day of reading and brand
    curves: pd.DataFrame | None = None  # a row per day, focal brand
    spending: pd.DataFrame | None = None  # a row per brand and line, summed over days
    buzz: Buzz | None = None
    consumers: int = 0
    notices: tuple[str, ...] = ()
    error: str | None = None


def compare(
    scenarios: Sequence[Scenario],
    replicates: int = 20,
    seed: int = 1,
    workers: int | None = None,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Simulate each scenario `replicates` times, paired, with seeds seed, seed + 1, ...

    names     what to call the scenarios (default: their file's name, else their title)
    workers   processes (default: one for each processor; 1: this one)
    progress  called with (replicates done, of how many)

    A run that fails is a row of `failures`. Ctrl-C returns what finished, with `interrupted` set.
    """
    if not scenarios:
        raise InputError("nothing to compare: give at least one scenario")
    if replicates < 1:
        raise InputError(f"replicates is {replicates}; at least 1 is needed")
    focal = _one_focal(scenarios)
    ordered = _baseline_first(list(zip(scenarios, labels(scenarios, names), strict=True)))
    scenarios, names = tuple(scenario for scenario, _ in ordered), tuple(name for _, name in ordered)
    tasks = [Replicate(number, seed + number, scenarios) for number in range(replicates)]
    forget()
    finished = run_all(simulate_replicate, tasks, workers, progress)
    if finished.interrupted and not finished.results:
        raise KeyboardInterrupt
    lost = [(number, [Extract(scenario, error=error) for scenario in range(len(scenarios))]) for number, error in finished.errors.items()]
    rows = sorted([*finished.results.items(), *lost], key=lambda row: row[0])
    tables = {name: _gathered(rows, names, seed, name) for name in ("kpis", "curves", "spending")}
    buzz = [(number, extract.scenario, extract.buzz) for number, extracts in rows for extract in extracts if extract.buzz is not None]
    notices = dict.fromkeys(notice for _, extracts in rows for extract in extracts for notice in extract.notices)
    return Comparison(
        scenarios, names, focal, seed, replicates, tables["kpis"], tables["curves"].drop(columns="seed", errors="ignore"),
        tables["spending"].drop(columns="seed", errors="ignore"), _failures(rows, names, seed), tuple(_warnings(scenarios, names)),
        tuple(notices), max((extract.consumers for _, extracts in rows for extract in extracts), default=0), finished.interrupted,
        gathered(scenarios, names, buzz),
    )  # fmt: skip


def planned(scenarios: Sequence[Scenario], replicates: int, seed: int, names: Sequence[str] | None = None) -> str:
    """The world code that `compare` will give these arguments: to know before running whether a place is free."""
    ordered = _baseline_first(list(zip(scenarios, labels(scenarios, names), strict=True)))
    return world_code([scenario for scenario, _ in ordered], [name for _, name in ordered], seed, replicates)


def simulate_replicate(task: Replicate) -> list[Extract]:
    """Every scenario of one replicate, on one graph where they have the same people and ties; with its twin if a crisis happens."""
    extracts: list[Extract] = []
    watched = any(has_story(scenario) for scenario in task.scenarios)
    traces: dict[str, Trace] = {}  # of runs without a story, by the scenario's hash: answers to one story share their twin
    for position, scenario in enumerate(task.scenarios):
        try:
            graph = graph_of(scenario, task.seed)
            run = simulate(scenario, task.seed, threads=1, graph=graph)
            buzz = look(run, scenario, watched)
            if watched:
                brand = focal_of(scenario)
                own = trace(run, brand)
                if has_story(scenario):
                    twin = without_story(scenario)
                    if twin.hash not in traces:
                        traces[twin.hash] = trace(simulate(twin, task.seed, threads=1, graph=graph), brand)
                    buzz = buzz.against(own, traces[twin.hash], first_crisis(scenario, brand))
                else:
                    traces[scenario.hash] = own
            extracts.append(_extract(position, scenario, run, buzz))
        except InputError:
            raise
        except Exception as error:  # a run that fails is a recorded row, not the end of the study
            extracts.append(Extract(position, error=described(error)))
    return extracts


def _extract(position: int, scenario: Scenario, run: RunResult, buzz: Buzz) -> Extract:
    """The few numbers that a comparison needs."""
    import pandas as pd

    days, daily = reading_days(scenario.run.days), run.daily
    kpis = pd.concat({day: kpi_table(daily, day) for day in days}, names=["day", "brand"]).reset_index()
    curves = daily.loc[daily["brand"] == focal_of(scenario), ["day", *CURVES]].reset_index(drop=True)
    spending = run.spending.groupby(["brand", "line"], sort=True)[["quantity", "amount"]].sum().reset_index()
    return Extract(position, kpis, curves, spending, buzz, run.consumers, tuple(run.notices))


def reading_days(days: int) -> tuple[int, ...]:
    """After how many days the KPIs of a run of `days` days are read."""
    return tuple(sorted({*(7 * week for week in WEEKS if 7 * week < days), days}))


def labels(scenarios: Sequence[Scenario], names: Sequence[str] | None) -> list[str]:
    """One name for each scenario: as given, else the file's, else the title; numbered where they repeat."""
    if names is not None:
        if len(names) != len(scenarios) or len(set(names)) != len(names):
            raise InputError(f"{len(scenarios)} scenarios need as many different names, not {', '.join(names)}")
        return list(names)
    found = [scenario.name if scenario.path else scenario.title or "scenario" for scenario in scenarios]
    seen: Counter[str] = Counter()
    result = []
    for name in found:
        seen[name] += 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _one_focal(scenarios: Sequence[Scenario]) -> str:
    focal = [focal_of(scenario) for scenario in scenarios]
    if len(set(focal)) > 1:
        raise InputError(
            "the scenarios speak of different brands ("
            + ", ".join(dict.fromkeys(focal))
            + "); set `focal` to the same brand in all of them"
        )
    return focal[0]


def _baseline_first(named: list[tuple[Scenario, str]]) -> list[tuple[Scenario, str]]:
    """The scenario in which the focal brand is silent comes first; the others keep their order.

    Where it is silent in none, that in which it answers no crisis, if it does in others.
    """
    scenarios = [scenario for scenario, _ in named]
    silent = [place for place, scenario in enumerate(scenarios) if scenario.brand(focal_of(scenario)).strategy.kind == "silent"]
    mute = [place for place, scenario in enumerate(scenarios) if not answers(scenario, focal_of(scenario))]
    first = silent[0] if silent else mute[0] if mute else 0
    return [named[first], *named[:first], *named[first + 1 :]]


def _gathered(rows: list[tuple[int, list[Extract]]], names: Sequence[str], seed: int, table: str) -> pd.DataFrame:
    """One of the extracts' tables for all runs, with columns scenario, replicate, seed in front."""
    import pandas as pd

    parts = []
    for number, extracts in rows:
        for extract in extracts:
            part = getattr(extract, table)
            if part is not None:
                parts.append(part.assign(scenario=names[extract.scenario], replicate=number, seed=seed + number))
    if not parts:
        return pd.DataFrame(columns=["scenario", "replicate", "seed", "day", "brand"])
    frame = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(names)}
    frame = frame.sort_values("scenario", key=lambda column: column.map(order), kind="stable", ignore_index=True)
    front = ["scenario", "replicate", "seed"]
    ordered: pd.DataFrame = frame[front + [column for column in frame.columns if column not in front]]
    return ordered


def _failures(rows: list[tuple[int, list[Extract]]], names: Sequence[str], seed: int) -> pd.DataFrame:
    import pandas as pd

    found = [
        (names[extract.scenario], number, seed + number, extract.error)
        for number, extracts in rows for extract in extracts if extract.error is not None
    ]  # fmt: skip
    return pd.DataFrame(found, columns=["scenario", "replicate", "seed", "error"])


def _warnings(scenarios: Sequence[Scenario], names: Sequence[str]) -> Iterator[str]:
    """What a reader of the differences must know."""
    first = scenarios[0]
    for scenario, name in list(zip(scenarios, names, strict=True))[1:]:
        if not same_world(scenario, first):
            yield f"{name} is not paired with {names[0]}: it has other people or ties, so that luck is part of the difference"
    days = {name: scenario.run.days for scenario, name in zip(scenarios, names, strict=True)}
    if len(set(days.values())) > 1:
        yield "the runs are not equally long (" + ", ".join(f"{name}: {count} days" for name, count in days.items()) + ")"
    budgets = {name: scenario.brand(focal_of(scenario)).budget_per_day for scenario, name in zip(scenarios, names, strict=True)}
    if len(set(budgets.values())) > 1:
        yield "budgets are not equal (" + ", ".join(f"{name}: {budget:,.0f} a day" for name, budget in budgets.items()) + ")"
