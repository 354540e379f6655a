"""Ignition: does a story catch fire, how large is it then, and what was its reproduction number?

A story *ignites* in a run if at least 5% of the consumers heard it from somebody who had heard it herself. Why so:
- Outbreaks come in two kinds: below a reproduction number of 1 all stay small whatever the size of the market, above it
  some reach a share of it (Newman 2002, doi:10.1103/PhysRevE.66.016128). A line of 5% lies between the two; where it lies
  exactly matters little, and hardly at all in a large market.
- Whom the first tellers told themselves does not count: a large audience is reach, not spreading. Where they reach a tenth of
  the market, those at second hand can pass the line all the same with a reproduction number below 1: look for the crossing
  with few first tellers.
- It is the event's own message that counts, so that everyday talk neither hides nor feigns a fire. Where an event has no
  message of its own (a failing service, an annoying campaign), `episode` is the criterion: a bad-buzz episode begins.

Ignition is a coin toss with a size: report the probability with its Wilson interval and the size given ignition, never a
mean over both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simulator.engine.trees import generations as generations_of
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.pool import Progress, run_all
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.cascades import Trees, trees
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd

IGNITES_AT = 0.05
"""Share of consumers who hear a story at second hand from which on it has ignited (assumption)."""

EARLY = (1, 3)
"""Generations whose hearers count for the reproduction number of a story: the first one is left out, as first tellers are chosen and
tell for certain, and so are those who come when the people around have heard it all."""

EPISODE_WITHIN = 14
"""Days after an event within which an episode counts as its own (assumption)."""

TELLING = ("scandal", "false_rumour", "staged_messages")
"""Kinds of events that put a message of their own into the world."""


class Trigger(NamedTuple):
    """The event whose message is followed."""

    brand: str
    day: int


class Proportion(NamedTuple):
    """A share of runs and its confidence interval."""

    share: float
    low: float
    high: float


class Cohort(NamedTuple):
    """Consumers who got to know a story together (a generation of its tree, or a day) and whom they then told of it."""

    number: int
    consumers: int
    children: int

    @property
    def reproduction_number(self) -> float:
        """Consumers whom one of them told, on average; NaN if there is nobody."""
        return self.children / self.consumers if self.consumers else math.nan


@dataclass(frozen=True)
class Outbreak:
    """What became of an event's own message in one run."""

    brand: str
    day: int
    consumers: int  # in the market
    heard: float  # share of them who heard it
    passed_on: float  # share who heard it from somebody who had heard it herself (generation 2 and later)
    ignited: bool
    episode: bool  # a bad-buzz episode of the brand begins within EPISODE_WITHIN days of the event
    over: bool  # nobody could tell it any more when the run ended
    generations: tuple[Cohort, ...]  # 0: first tellers, 1: whom they told ...
    days: tuple[Cohort, ...]  # by day of getting to know it; the last ones of a run have not finished telling
    early: Cohort  # hearers of the generations EARLY. Chosen by generation, not by size: else only fires could have more than 1

    @property
    def reproduction_number(self) -> float:
        """Consumers whom one early hearer told, on average; NaN if nobody heard."""
        return self.early.reproduction_number


class Ignition(NamedTuple):
    """Replicates in one line."""

    runs: int
    ignited: int
    probability: Proportion
    size: float  # mean share of consumers who heard the story, given ignition; NaN if it never ignited
    size_low: float  # quartiles of the same
    size_high: float
    episodes: Proportion
    reproduction_number: float  # of early hearers of all runs together
    reproduction_se: float  # standard error of it, from its scatter over runs


# -- one run -------------------------------------------------------------------------------------------------------


def trigger_of(scenario: Scenario) -> Trigger:
    """The first event of a scenario that tells a story; InputError if there is none."""
    telling = [event for event in scenario.events if event.kind in TELLING]
    if not telling:
        raise InputError(_("the scenario has no event that tells a story (one of {names})").format(names=", ".join(TELLING)), key="events")
    first = min(telling, key=lambda event: event.day)
    return Trigger(first.brand, first.day)


def outbreak(run: RunResult, trigger: Trigger | None = None, ignites_at: float = IGNITES_AT) -> Outbreak:
    """What became of the trigger's message (default: of the scenario's first event that tells a story).

    If several messages of events about the brand begin on that day, the first of `run.messages` is followed. Needs the log of tellings.
    """
    if not run.scenario.record.logs_tellings(run.consumers):
        raise InputError(_("to follow a story its tellings must be logged: set record.tellings = true"), key="record.tellings")
    brand, day = trigger or trigger_of(run.scenario)
    messages = run.messages
    own = messages[(messages["author"] == -1) & (messages["brand"] == brand) & (messages["day"] == day)].head(1)
    if own.empty:
        raise InputError(_("no event tells a story about {brand} on day {day}").format(brand=brand, day=day), key="events")
    story = trees(own, run.tellings[run.tellings["message"] == own["message"].iloc[0]])
    first_tellers = int(own["size"].iloc[0] - own["hearers"].iloc[0])
    generations, days = _cohorts(story, day, first_tellers)
    soon = generations[EARLY[0] : EARLY[1] + 1]
    early = Cohort(EARLY[0], sum(cohort.consumers for cohort in soon), sum(cohort.children for cohort in soon))
    passed_on = sum(cohort.consumers for cohort in generations[2:]) / run.consumers
    last = max((cohort.number for cohort in days), default=day)
    return Outbreak(
        brand, day, run.consumers, heard=int(own["hearers"].iloc[0]) / run.consumers, passed_on=passed_on, ignited=passed_on >= ignites_at,
        episode=_episode_begins(run, brand, day), over=last + run.scenario.word_of_mouth.attention_days < run.days,
        generations=generations, days=days, early=early,
    )  # fmt: skip


def _cohorts(story: Trees, began: int, first_tellers: int) -> tuple[tuple[Cohort, ...], tuple[Cohort, ...]]:
    """The consumers of a story and whom they told, by generation and by day.

    First tellers who told nobody left no trace in the tree; they count all the same.
    """
    silent = first_tellers - int(np.count_nonzero(story.parent < 0))
    children = np.bincount(story.parent[story.parent >= 0], minlength=len(story.parent))
    return _counted(generations_of(story.parent), children, 0, silent), _counted(story.day, children, began, silent)


def _counted(cohort: np.ndarray, children: np.ndarray, first: int, silent: int) -> tuple[Cohort, ...]:
    """Cohorts from number `first` to the last that has anybody; `silent` more consumers without children in the first one."""
    place = np.asarray(cohort, np.int64) - first
    consumers, told = np.bincount(place, minlength=1), np.bincount(place, weights=children, minlength=1)
    consumers[0] += silent
    return tuple(Cohort(first + k, int(consumers[k]), int(told[k])) for k in range(len(consumers)))


def _episode_begins(run: RunResult, brand: str, day: int) -> bool:
    episodes = run.episodes
    soon = (episodes["start"] >= day) & (episodes["start"] <= day + EPISODE_WITHIN)
    return bool((soon & (episodes["brand"] == brand)).any())


# -- replicates ----------------------------------------------------------------------------------------------------


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Proportion:
    """A share of trials with its Wilson score interval (Wilson 1927, JASA 22:209), which holds near 0 and 1 and for few trials."""
    from scipy.stats import binomtest

    interval = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return Proportion(successes / trials, float(interval.low), float(interval.high))


def ignition(outbreaks: Sequence[Outbreak]) -> Ignition:
    """How often it ignited, how large it then was, and the reproduction number of early hearers, over replicates."""
    if not outbreaks:
        raise InputError(_("no runs: ignition is a share of runs"))
    sizes = np.array([each.heard for each in outbreaks if each.ignited])
    low, high = np.quantile(sizes, (0.25, 0.75)).tolist() if len(sizes) else (math.nan, math.nan)
    number, error = _pooled([each.early for each in outbreaks])
    return Ignition(
        len(outbreaks), len(sizes), wilson(len(sizes), len(outbreaks)), float(sizes.mean()) if len(sizes) else math.nan, low, high,
        wilson(sum(each.episode for each in outbreaks), len(outbreaks)), number, error,
    )  # fmt: skip


def _pooled(cohorts: Sequence[Cohort]) -> tuple[float, float]:
    """Children over consumers of all cohorts together, and its standard error (of a ratio of means, over cohorts)."""
    consumers = np.array([cohort.consumers for cohort in cohorts], np.float64)
    children = np.array([cohort.children for cohort in cohorts], np.float64)
    if consumers.sum() == 0:
        return math.nan, math.nan
    number = float(children.sum() / consumers.sum())
    if len(cohorts) < 2:
        return number, math.nan
    scatter = (children - number * consumers).std(ddof=1)
    return number, float(scatter / (consumers.mean() * math.sqrt(len(cohorts))))


def reproduction(outbreaks: Sequence[Outbreak], by: str = "generation") -> pd.DataFrame:
    """Columns `by`, runs (that got so far), consumers, children, reproduction_number, pooled over replicates.

    by: "generation" of the story's tree, or "day" since the event on which consumers heard it.
    """
    import pandas as pd

    if by not in ("generation", "day"):
        raise ValueError(f"by is {by!r}; allowed: generation, day")
    counted: dict[int, list[int]] = {}
    for each in outbreaks:
        for cohort in each.generations if by == "generation" else each.days:
            row = counted.setdefault(cohort.number - (each.day if by == "day" else 0), [0, 0, 0])
            for place, more in enumerate((cohort.consumers > 0, cohort.consumers, cohort.children)):
                row[place] += int(more)
    rows = [(number, *counted[number], Cohort(number, *counted[number][1:]).reproduction_number) for number in sorted(counted)]
    return pd.DataFrame(rows, columns=[by, "runs", "consumers", "children", "reproduction_number"])


# -- regimes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Regimes:
    """Ignition along one dotted key."""

    key: str
    values: tuple[Any, ...]
    outbreaks: tuple[tuple[Outbreak, ...], ...]  # of each value
    failures: tuple[str, ...] = ()  # runs that broke down, and why

    @property
    def summary(self) -> pd.DataFrame:
        """A row per value: value, runs, ignited, probability, low, high, size, size_low, size_high, episode_probability,
        reproduction_number, reproduction_se."""  # fmt: skip
        import pandas as pd

        rows = []
        for value, runs in zip(self.values, self.outbreaks, strict=True):
            row = ignition(runs)
            rows.append(
                (value, row.runs, row.ignited, *row.probability, row.size, row.size_low, row.size_high, row.episodes.share, *row[-2:])
            )
        names = ["value", "runs", "ignited", "probability", "low", "high", "size", "size_low", "size_high", "episode_probability"]
        return pd.DataFrame(rows, columns=[*names, "reproduction_number", "reproduction_se"])

    def crossing(self) -> float:
        """The value at which the reproduction number first rises through 1, on a straight line between two neighbours; else NaN."""
        numbers = [ignition(runs).reproduction_number for runs in self.outbreaks]
        for at in range(1, len(numbers)):
            before, after = numbers[at - 1], numbers[at]
            if before < 1.0 <= after:
                return float(self.values[at - 1] + (self.values[at] - self.values[at - 1]) * (1.0 - before) / (after - before))
        return math.nan


class _Task(NamedTuple):
    scenario: Scenario
    seed: int
    ignites_at: float


def sweep_ignition(
    scenario: Scenario, key: str, values: Sequence[Any], replicates: int = 50, seed: int = 1, workers: int | None = None,
    progress: Progress | None = None, ignites_at: float = IGNITES_AT,
) -> Regimes:  # fmt: skip
    """Ignition at each value of a dotted key (such as "word_of_mouth.share"), `replicates` runs each with seeds seed, seed + 1, ...

    workers and progress as in `compare`. The same luck meets every value, so that neighbours differ by the key alone.
    """
    if replicates < 1:
        raise InputError(_("replicates is {replicates}; at least 1 is needed").format(replicates=replicates))
    if not values:
        raise InputError(_("no value of {key} to try").format(key=key))
    variants = [scenario.override({key: value}) for value in values]
    trigger_of(scenario)
    tasks = [_Task(variant, seed + number, ignites_at) for variant in variants for number in range(replicates)]
    forget()
    finished = run_all(follow_story, tasks, workers, progress)
    if finished.interrupted:
        raise KeyboardInterrupt
    found: list[list[Outbreak]] = [[] for _ in variants]
    for position, result in sorted(finished.results.items()):
        found[position // replicates].append(result)
    failures = tuple(f"{key} = {values[position // replicates]}: {error}" for position, error in sorted(finished.errors.items()))
    if not all(found):
        raise InputError(_("every run failed at some value: {error}").format(error=failures[0]), key=key)
    return Regimes(key, tuple(values), tuple(tuple(runs) for runs in found), failures)


def follow_story(task: _Task) -> Outbreak:
    """One run, and what became of its story."""
    scenario = task.scenario
    run = simulate(scenario, task.seed, threads=1, graph=graph_of(scenario, task.seed))
    return outbreak(run, ignites_at=task.ignites_at)
