"""Scenarios side by side: the same consumers, graph and luck, one thing changed.

Replicate r draws from seed + r in every scenario, and scenarios with the same people and ties share one graph. What a
scenario changed is then the difference between the runs of one replicate, free of the noise that both share.

Beside the replicates: the silent twins of the scenarios (`causal`), and draws of the assumptions (`doubt`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from simulator.experiments.bad_buzz import Buzz, gathered, look
from simulator.experiments.causal import QUANTITIES, Books, Silence, against_twins, books, silence
from simulator.experiments.comparison import Comparison, focal_of, reading_days, same_world, world_code
from simulator.experiments.doubt import BOTH, DOUBTS, DRAWS, LUCK
from simulator.experiments.draws import Draw, Drawn, Draws, run_draw, warnings
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.pool import Finished, Progress, described, run_all
from simulator.experiments.sequential import DECIDED, LOOKS, look_table, undecided
from simulator.experiments.twin import Trace, answers, first_crisis, has_story, trace, without_story
from simulator.language import _
from simulator.language import number as in_words
from simulator.parameters import InputError
from simulator.results.kpis import kpi_table
from simulator.results.run_result import RunResult
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

__all__ = ["Comparison", "compare"]

if TYPE_CHECKING:
    import pandas as pd

CURVES = (
    "spend", "reach", "reach_paid", "reach_owned", "reach_earned", "aided_awareness", "trust_aware", "irritation", "list_size", "units",
    "profit", "penetration", "share", "messages_positive", "messages_negative", "tellings_positive", "tellings_negative",
)  # fmt: skip
"""Daily columns of the focal brand that come back from every run."""


@dataclass(frozen=True)
class Replicate:
    """One task: every scenario under one seed, and the silent twins that are none of them."""

    number: int
    seed: int
    scenarios: tuple[Scenario, ...]
    silent: tuple[Scenario, ...] = ()
    twin_of: tuple[int, ...] = ()  # for each scenario: the position of its silent twin in scenarios + silent, -1 for none


@dataclass(frozen=True)
class Extract:
    """What is kept of one run: a few kilobytes instead of its tables."""

    scenario: int
    kpis: pd.DataFrame | None = None  # a row per day of reading and brand
    curves: pd.DataFrame | None = None  # a row per day, focal brand
    spending: pd.DataFrame | None = None  # a row per brand and line, summed over days
    buzz: Buzz | None = None
    causal: dict[str, float] | None = None  # against the silent twin
    consumers: int = 0
    notices: tuple[str, ...] = ()
    error: str | None = None


def compare(
    scenarios: Sequence[Scenario | str | Path],
    replicates: int = 20,
    seed: int = 1,
    workers: int | None = None,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    doubt: str = BOTH,
    draws: int = DRAWS,
    until: str = "",
    explain: bool = False,
) -> Comparison:
    """Simulate each scenario `replicates` times, paired, with seeds seed, seed + 1, ...

    names     what to call the scenarios (default: their file's name, else their title)
    workers   processes (default: one for each processor; 1: this one)
    progress  called with (replicates and draws done, of how many)
    doubt     what a verdict has to survive: "luck" (more replicates), "assumptions" (other guesses as plausible), or "both"
    draws     how many other guesses, unless doubt is "luck"
    until     "decided": look after `replicates` pairs, after twice as many, ... and stop as soon as luck leaves no headline figure
              open, at the latest after five looks; verdicts and intervals are stricter, so that looking often does not pay
    explain   also which consumers were won and lost, and what moved their trust

    A run that fails is a row of `failures`, one of a draw a row of `refused`. Ctrl-C returns what finished, with `interrupted` set.
    """
    chosen = [each if isinstance(each, Scenario) else load_scenario(each) for each in scenarios]
    _refuse_the_impossible(chosen, replicates, doubt, draws, until)
    focal = _one_focal(chosen)
    ordered = _baseline_first(list(zip(chosen, labels(chosen, names), strict=True)))
    compared = _Compared(tuple(scenario for scenario, _ in ordered), tuple(name for _, name in ordered), focal, seed)
    silent = silence(compared.scenarios, focal)
    guesses = Draws.of(compared.scenarios, compared.names, seed, doubt, draws)
    replicated: dict[int, list[Extract]] = {}
    drawn: dict[int, list[Drawn]] = {}
    looks: list[tuple[int, int, int]] = []
    forget()
    for turn in range(1, LOOKS + 1):
        done, aim = len(replicated) + len(drawn), turn * replicates
        block = [
            Replicate(number, seed + number, compared.scenarios, silent.extra, silent.twin_of) for number in range(aim - replicates, aim)
        ]
        tasks: list[Replicate | Draw] = [*block, *(guesses.tasks if turn == 1 else ())]
        finished = run_all(run_task, tasks, workers, _after(done, progress))
        _sort(finished, tasks, replicated, drawn)
        if finished.interrupted and not replicated:
            raise KeyboardInterrupt
        result = replace(_comparison(compared, aim, replicated, silent), **guesses.tables(drawn), until=until)
        if until:
            looks.append((turn, aim, undecided(result.verdicts)))
            result = replace(result, looks=look_table(looks))
        if not until or finished.interrupted or looks[-1][2] == 0:
            break
    result = replace(result, warnings=(*result.warnings, *warnings(result)), interrupted=finished.interrupted)
    return _explained(result, workers, _after(len(replicated) + len(drawn), progress)) if explain and not result.interrupted else result


class _Compared(NamedTuple):
    """Who is compared, the baseline first."""

    scenarios: tuple[Scenario, ...]
    names: tuple[str, ...]
    focal: str
    seed: int


def planned(
    scenarios: Sequence[Scenario], replicates: int, seed: int, names: Sequence[str] | None = None, doubt: str = BOTH, draws: int = DRAWS,
    until: str = "",
) -> str:  # fmt: skip
    """The world code that `compare` will give these arguments: to know before running whether a place is free."""
    ordered = _baseline_first(list(zip(scenarios, labels(scenarios, names), strict=True)))
    return world_code([scenario for scenario, _ in ordered], [name for _, name in ordered], seed, replicates, doubt, draws, until)


def run_task(task: Replicate | Draw) -> list[Extract] | list[Drawn]:
    """A replicate or a draw: what one process does at a time."""
    return simulate_replicate(task) if isinstance(task, Replicate) else run_draw(task)


def simulate_replicate(task: Replicate) -> list[Extract]:
    """Every scenario of one replicate, on one graph where they have the same people and ties; with its twin if a crisis happens."""
    extracts: list[Extract] = []
    kept: dict[int, Books] = {}  # by position in scenarios + silent
    brand = focal_of(task.scenarios[0])
    watched = any(has_story(scenario) for scenario in task.scenarios)
    traces: dict[str, Trace] = {}  # of runs without a story, by the scenario's hash: answers to one story share their twin
    for position, scenario in enumerate(task.scenarios):
        try:
            graph = graph_of(scenario, task.seed)
            run = simulate(scenario, task.seed, threads=1, graph=graph)
            buzz = look(run, scenario, watched)
            if any(twin >= 0 for twin in task.twin_of):
                kept[position] = books(run, scenario, brand)
            if watched:
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
    for position, scenario in enumerate(task.silent, start=len(task.scenarios)):
        try:
            kept[position] = books(simulate(scenario, task.seed, threads=1, graph=graph_of(scenario, task.seed)), scenario, brand)
        except Exception as error:  # as above
            extracts.append(Extract(position, error=described(error)))
    caused = against_twins(kept, task.twin_of)
    return [replace(extract, causal=caused.get(extract.scenario)) for extract in extracts]


def _extract(position: int, scenario: Scenario, run: RunResult, buzz: Buzz) -> Extract:
    """The few numbers that a comparison needs."""
    import pandas as pd

    days, daily = reading_days(scenario.run.days), run.daily
    kpis = pd.concat({day: kpi_table(daily, day) for day in days}, names=["day", "brand"]).reset_index()
    curves = daily.loc[daily["brand"] == focal_of(scenario), ["day", *CURVES]].reset_index(drop=True)
    spending = run.spending.groupby(["brand", "line"], sort=True)[["quantity", "amount"]].sum().reset_index()
    return Extract(position, kpis, curves, spending, buzz, consumers=run.consumers, notices=tuple(run.notices))


def _refuse_the_impossible(scenarios: Sequence[Scenario], replicates: int, doubt: str, draws: int, until: str) -> None:
    if not scenarios:
        raise InputError(_("nothing to compare: give at least one scenario"))
    if replicates < 1:
        raise InputError(_("replicates is {replicates}; at least 1 is needed").format(replicates=replicates))
    if doubt not in DOUBTS:
        raise InputError(_('doubt is "{doubt}"; allowed: {names}').format(doubt=doubt, names=", ".join(DOUBTS)))
    if draws < 1 and doubt != LUCK:
        raise InputError(_('draws is {draws}; at least 1 is needed, or doubt = "{luck}"').format(draws=draws, luck=LUCK))
    if until not in ("", DECIDED):
        raise InputError(_('until is "{until}"; allowed: "{decided}", or nothing').format(until=until, decided=DECIDED))


def labels(scenarios: Sequence[Scenario], names: Sequence[str] | None) -> list[str]:
    """One name for each scenario: as given, else the file's, else the title; numbered where they repeat."""
    if names is not None:
        if len(names) != len(scenarios) or len(set(names)) != len(names):
            raise InputError(
                _("{count} scenarios need as many different names, not {names}").format(count=len(scenarios), names=", ".join(names))
            )
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
        wrong = _("the scenarios speak of different brands ({names}); set `focal` to the same brand in all of them")
        raise InputError(wrong.format(names=", ".join(dict.fromkeys(focal))))
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


def _after(done: int, progress: Progress | None) -> Progress | None:
    """Progress of what follows when so many tasks are done."""
    return None if progress is None else lambda more, total: progress(done + more, done + total)


def _sort(
    finished: Finished[list[Extract] | list[Drawn]], tasks: Sequence[Replicate | Draw], replicated: dict[int, list[Extract]],
    drawn: dict[int, list[Drawn]],
) -> None:  # fmt: skip
    """Lay what came back to the replicates or the draws; a task that was lost as a whole is an error of each of its runs."""
    for position, task in enumerate(tasks):
        error, result = finished.errors.get(position), finished.results.get(position)
        if error is None and result is None:
            continue
        runs = range(len(task.scenarios))
        if isinstance(task, Replicate):
            replicated[task.number] = cast("list[Extract]", result) if error is None else [Extract(run, error=error) for run in runs]
        else:
            drawn[task.number] = cast("list[Drawn]", result) if error is None else [Drawn(run, error=error) for run in runs]


def _comparison(compared: _Compared, replicates: int, replicated: Mapping[int, list[Extract]], silent: Silence) -> Comparison:
    """What the replicates say."""
    scenarios, names, focal, seed = compared
    rows = sorted(replicated.items())
    tables = {name: _gathered(rows, names, seed, name) for name in ("kpis", "curves", "spending")}
    buzz = [(number, extract.scenario, extract.buzz) for number, extracts in rows for extract in extracts if extract.buzz is not None]
    notices = dict.fromkeys(notice for _, extracts in rows for extract in extracts for notice in extract.notices)
    everybody = [*names, *(f"{names[silent.twin_of.index(len(names) + place)]}, silent" for place in range(len(silent.extra)))]
    return Comparison(
        scenarios, names, focal, seed, replicates, tables["kpis"], tables["curves"].drop(columns="seed", errors="ignore"),
        tables["spending"].drop(columns="seed", errors="ignore"), _failures(rows, everybody, seed), tuple(_warnings(scenarios, names)),
        (*notices, *silent.notices), max((extract.consumers for _, extracts in rows for extract in extracts), default=0),
        bad_buzz=gathered(scenarios, names, buzz), causal_runs=_caused(rows, names, seed),
    )  # fmt: skip


def _explained(result: Comparison, workers: int | None, progress: Progress | None) -> Comparison:
    """With what moved trust, and who was won and lost."""
    from simulator.experiments.explain import MOST_EXPLAINED, explained
    from simulator.experiments.flipped import flipped

    told = (result.scenarios, result.names, result.focal, result.seed)
    try:
        causes = explained(*told, min(result.replicates, MOST_EXPLAINED), workers, progress)
        return replace(result, causes=causes, flipped=flipped(*told, workers, progress))
    except KeyboardInterrupt:
        return replace(result, interrupted=True)


def _caused(rows: Sequence[tuple[int, Sequence[Extract]]], names: Sequence[str], seed: int) -> pd.DataFrame:
    """Columns scenario, replicate, seed, and a column for each of QUANTITIES."""
    import pandas as pd

    found = [
        {"scenario": name, "replicate": number, "seed": seed + number, **extract.causal}
        for place, name in enumerate(names) for number, extracts in rows for extract in extracts
        if extract.scenario == place and extract.causal is not None
    ]  # fmt: skip
    return pd.DataFrame(found, columns=["scenario", "replicate", "seed", *QUANTITIES])


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
            said = _("{name} is not paired with {other}: it has other people or ties, so that luck is part of the difference")
            yield said.format(name=name, other=names[0])
    days = {name: scenario.run.days for scenario, name in zip(scenarios, names, strict=True)}
    if len(set(days.values())) > 1:
        each = [_("{name}: {count} days").format(name=name, count=count) for name, count in days.items()]
        yield _("the runs are not equally long ({lengths})").format(lengths=", ".join(each))
    budgets = {name: scenario.brand(focal_of(scenario)).budget_per_day for scenario, name in zip(scenarios, names, strict=True)}
    if len(set(budgets.values())) > 1:
        each = [_("{name}: {budget} a day").format(name=name, budget=in_words(budget)) for name, budget in budgets.items()]
        yield _("budgets are not equal ({budgets})").format(budgets=", ".join(each))
