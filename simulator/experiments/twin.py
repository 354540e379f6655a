"""What a story costs: the same run without it, with the same people, ties and luck.

The twin of a scenario lacks the brand's crises (scandal, false rumour, service failure) and its answers to them; nothing else differs. As
every draw has an address, a twin differs from its run only by what the story caused. What happened to rivals stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.experiments.comparison import focal_of
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.paired import F64, paired_differences
from simulator.experiments.pool import Progress, run_all
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.episodes import AFTERMATH, recovery
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate
from simulator.world.state import ANSWERS

if TYPE_CHECKING:
    import pandas as pd

CRISES = ("scandal", "false_rumour", "service_failure")
"""Kinds of events that a twin is spared."""

TAKEN_AWAY = (*CRISES, "response")
"""The answers to them go as well."""

SILENCE = ANSWERS[0]

TOTALS = ("units_lost", "units_lost_share", "trust_gap", "trust_gap_90", "gap_days", "gap_open", "reached_only")
"""What a run lost against its twin, in one number each: see `totals`."""


class Trace(NamedTuple):
    """What is kept of a run to set it against another: of one brand."""

    units: F64  # [days], sold in the real market
    trust: F64  # [days], mean over consumers at the end of the day
    heard: np.ndarray | None  # bool [n]: heard something bad about the brand; None without a log of tellings


def has_story(scenario: Scenario, brand: str | None = None) -> bool:
    """Whether a crisis happens to the brand (default: the focal one)."""
    return any(event.kind in CRISES and event.brand == (brand or focal_of(scenario)) for event in scenario.events)


def answers(scenario: Scenario, brand: str) -> bool:
    """Whether the brand says something to its crises: by an event, or by its strategy."""
    if any(event.kind == "response" and event.brand == brand and event.answer != SILENCE for event in scenario.events):
        return True
    strategy = f"brands.{brand}.strategy."
    levers = (value for value in scenario.values() if value.key.startswith(strategy) and value.key.endswith(".response"))
    return any(lever.value != SILENCE for lever in levers)


def without_story(scenario: Scenario, brand: str | None = None) -> Scenario:
    """The scenario without the brand's crises and its answers to them."""
    brand = brand or focal_of(scenario)
    events = scenario.to_dict().get("events", [])
    return scenario.override({"events": [event for event in events if event["brand"] != brand or event["kind"] not in TAKEN_AWAY]})


def trace(run: RunResult, brand: str) -> Trace:
    """The brand's sales and trust by day, and who heard something bad about it."""
    daily, heard = run.daily[run.daily["brand"] == brand], None
    if run.scenario.record.logs_tellings(run.consumers):
        messages, tellings = run.messages, run.tellings
        bad = messages.loc[(messages["brand"] == brand) & (messages["valence"] < 0), "message"].to_numpy()
        heard = np.zeros(run.consumers, np.bool_)
        heard[tellings["hearer"].to_numpy()[np.isin(tellings["message"].to_numpy(), bad)]] = True
    return Trace(daily["units"].to_numpy(np.float64), daily["trust"].to_numpy(np.float64), heard)


def lost(run: Trace, twin: Trace) -> pd.DataFrame:
    """Columns day, units_lost, trust_lost: the twin minus the run, day by day."""
    import pandas as pd

    return pd.DataFrame({"day": range(len(run.units)), "units_lost": twin.units - run.units, "trust_lost": twin.trust - run.trust})


def totals(run: Trace, twin: Trace, since: int = 0) -> dict[str, float]:
    """What the story cost, in one number each.

    units_lost        units sold less in the whole run, in the real market; units_lost_share: of what the twin sold
    trust_gap         by how much mean trust lies below that of the twin on the worst day; trust_gap_90: 90 days later (NaN if the
                      run is shorter)
    gap_days          days from `since`, the first crisis, until nine tenths of the gap are closed; so far, if gap_open is 1
    reached_only      share of consumers who heard something bad about the brand and in the twin did not (NaN without a log of tellings)
    """
    gap, units, sold = twin.trust - run.trust, float((twin.units - run.units).sum()), float(twin.units.sum())
    worst = int(np.argmax(gap))
    later = float(gap[worst + AFTERMATH]) if worst + AFTERMATH < len(gap) else np.nan
    days, still_open = recovery(-gap, 0.0, since, len(gap))
    only = np.nan if run.heard is None or twin.heard is None else float((run.heard & ~twin.heard).mean())
    values = (units, units / sold if sold else np.nan, float(gap[worst]), later, days, float(still_open), only)
    return dict(zip(TOTALS, values, strict=True))


def first_crisis(scenario: Scenario, brand: str) -> int:
    """The day of the brand's first crisis; 0 if there is none."""
    return min((event.day for event in scenario.events if event.brand == brand and event.kind in CRISES), default=0)


@dataclass(frozen=True, eq=False)
class Twins:
    """Replicates of a scenario and their twins.

    runs      replicate, seed, units, units_twin, and a column for each of TOTALS
    days      replicate, day, units_lost, trust_lost
    failures  what went wrong, by replicate
    """

    brand: str
    runs: pd.DataFrame
    days: pd.DataFrame
    failures: dict[int, str]

    @property
    def summary(self) -> pd.DataFrame:
        """Columns quantity, n, mean, low, high: TOTALS over replicates with the 95% interval of their mean."""
        return summarised(self.runs, TOTALS)

    @property
    def daily(self) -> pd.DataFrame:
        """Columns quantity, day, n, mean, low, high: what was lost on each day, with the 95% interval of its mean."""
        import pandas as pd

        tables = {name: self.days.pivot(index="day", columns="replicate", values=name) for name in ("units_lost", "trust_lost")}
        return pd.concat([_intervals(name, "day", table) for name, table in tables.items()], ignore_index=True)


def summarised(runs: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Columns quantity, n, mean, low, high: columns of a table of replicates with the 95% interval of their mean."""
    import pandas as pd

    seen = paired_differences(runs[list(columns)].to_numpy(np.float64).T)
    return pd.DataFrame({"quantity": list(columns), "n": seen.n, "mean": seen.mean, "low": seen.low, "high": seen.high})


def _intervals(name: str, index: str, table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    seen = paired_differences(table.to_numpy(np.float64))
    columns = {"quantity": name, index: table.index, "n": seen.n, "mean": seen.mean, "low": seen.low, "high": seen.high}
    return pd.DataFrame(columns)


class _Task(NamedTuple):
    scenario: Scenario
    twin: Scenario
    brand: str
    seed: int


def twins(
    scenario: Scenario, replicates: int = 20, seed: int = 1, workers: int | None = None, brand: str | None = None,
    progress: Progress | None = None,
) -> Twins:  # fmt: skip
    """Simulate a scenario and its twin `replicates` times, with seeds seed, seed + 1, ...; brand: default the focal one.

    workers and progress as in `compare`. A run that breaks down is left out and named in `failures`.
    """
    import pandas as pd

    brand = brand or focal_of(scenario)
    if replicates < 1:
        raise InputError(_("replicates is {replicates}; at least 1 is needed").format(replicates=replicates))
    if not has_story(scenario, brand):
        raise InputError(
            _("nothing happens to {brand}: there is no event of kind {names} to take away").format(brand=brand, names=", ".join(CRISES)),
            key="events",
        )
    tasks = [_Task(scenario, without_story(scenario, brand), brand, seed + number) for number in range(replicates)]
    forget()
    finished = run_all(run_both, tasks, workers, progress)
    if finished.interrupted:
        raise KeyboardInterrupt
    rows, days, since = [], [], first_crisis(scenario, brand)
    for number, (run, twin) in sorted(finished.results.items()):
        sold = {"units": float(run.units.sum()), "units_twin": float(twin.units.sum())}
        rows.append({"replicate": number, "seed": seed + number, **sold, **totals(run, twin, since)})
        days.append(lost(run, twin).assign(replicate=number))
    if not rows:
        raise InputError(_("every run failed: {error}").format(error=finished.errors[0]))
    table = pd.concat(days, ignore_index=True)[["replicate", "day", "units_lost", "trust_lost"]]
    return Twins(brand, pd.DataFrame(rows), table, finished.errors)


def run_both(task: _Task) -> tuple[Trace, Trace]:
    """A run and its twin, on one graph."""
    graph = graph_of(task.scenario, task.seed)
    run, twin = (trace(simulate(each, task.seed, threads=1, graph=graph), task.brand) for each in (task.scenario, task.twin))
    return run, twin
