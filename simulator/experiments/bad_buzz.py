"""Bad buzz in a comparison: what is kept of each run, and the tables that all of them make together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.comparison import focal_of
from simulator.experiments.ignition import Cohort, Outbreak, Trigger, outbreak
from simulator.experiments.twin import TOTALS, Trace, first_crisis, has_story, lost, totals
from simulator.results.cascades import Trees, reproduction, trees
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario
from simulator.world.state import I32

if TYPE_CHECKING:
    import pandas as pd

TOLD = ("scandal", "false_rumour")
"""Crises with a message of their own."""

DRAWN = 4000
"""Consumers of a cascade that are kept for its picture: those through whom most others heard it."""

BY = ("generation", "day")
"""Whom consumers told is counted by both."""

OF_THE_EPISODE = ("start", "peak", "end", "trust_lost_peak", "trust_lost_90", "recovery_days", "censored", "trigger_origin")
"""What a world is known by: columns of its worst episode."""


@dataclass(frozen=True)
class Cascade:
    """The largest cascade of blame of a run: who was told by whom, parents first."""

    size: int  # consumers in the whole tree
    origin: str
    event: bool  # whether an event is the root; else the first entry is the author
    parent: I32  # [kept entries], -1 for the author or first tellers
    day: I32  # [kept entries], days since the message was started


@dataclass(frozen=True, eq=False)
class Buzz:
    """What is kept of one run. `sizes` of every run; the rest of those with a story or an episode."""

    sizes: pd.DataFrame  # size, count: the brand's messages of blame by the size of their tree
    episodes: pd.DataFrame | None = None  # of the focal brand
    outbreak: Outbreak | None = None  # of the crisis' own message
    generations: tuple[Cohort, ...] = ()  # of that message, else of the largest cascade
    days: tuple[Cohort, ...] = ()  # of the same, numbered from the day it was started
    cascade: Cascade | None = None
    lost: pd.DataFrame | None = None  # against the twin, day by day
    totals: dict[str, float] | None = None

    def against(self, run: Trace, twin: Trace, since: int) -> Buzz:
        """The same, with what the run lost against its twin since the first crisis."""
        return replace(self, lost=lost(run, twin), totals=totals(run, twin, since))


def look(run: RunResult, scenario: Scenario, watched: bool) -> Buzz:
    """What is kept of a run. watched: in any case, because a crisis happens somewhere in the comparison."""
    import pandas as pd

    brand = focal_of(scenario)
    bad = run.messages[(run.messages["brand"] == brand) & (run.messages["valence"] < 0)]
    values, counts = np.unique(bad["size"].to_numpy(np.int64), return_counts=True)
    sizes = pd.DataFrame({"size": values, "count": counts})
    daily = run.daily
    if not watched and not daily.loc[daily["brand"] == brand, "bad_buzz"].any():
        return Buzz(sizes)
    episodes = run.episodes[run.episodes["brand"] == brand].reset_index(drop=True)
    if not scenario.record.logs_tellings(run.consumers) or bad.empty:
        return Buzz(sizes, episodes)
    largest = bad[bad["size"] == bad["size"].max()].head(1)
    tree = trees(largest, run.tellings)
    found, began = _outbreak(run, scenario, brand), int(largest["day"].iloc[0])
    if found:
        generations, days, began = found.generations, found.days, found.day
    else:
        generations, days = (tuple(Cohort(*row[:3]) for row in reproduction(tree, by).itertuples(index=False)) for by in BY)
    since = tuple(cohort._replace(number=cohort.number - began) for cohort in days)
    return Buzz(sizes, episodes, found, generations, since, _kept(tree, largest.iloc[0]))


def _outbreak(run: RunResult, scenario: Scenario, brand: str) -> Outbreak | None:
    days = [event.day for event in scenario.events if event.brand == brand and event.kind in TOLD and event.day < run.days]
    return outbreak(run, Trigger(brand, min(days))) if days else None


def _kept(tree: Trees, message: Any) -> Cascade:
    """At most DRAWN entries, closed under parents: a parent has a larger subtree than her children."""
    subtree = np.ones(len(tree.parent), np.int64)
    for entry in range(len(tree.parent) - 1, -1, -1):
        if tree.parent[entry] >= 0:
            subtree[tree.parent[entry]] += subtree[entry]
    kept = np.sort(np.argsort(-subtree, kind="stable")[:DRAWN])
    place = np.full(len(subtree) + 1, -1, np.int32)  # the last: parent of those without one
    place[kept] = np.arange(len(kept))
    days = (tree.day[kept] - int(message["day"])).astype(np.int32)
    return Cascade(int(message["size"]), str(message["origin"]), int(message["author"]) < 0, place[tree.parent[kept]], days)


# -- all runs together ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class BadBuzz:
    """The bad buzz of the focal brand in all runs of a comparison; every table begins with scenario, replicate.

    worlds       a row per run: story (whether a crisis happens), ignited, episode, heard (share who heard the story; without one,
                 something bad inside the worst episode), OF_THE_EPISODE of the worst episode (most tellings, from the first crisis on),
                 largest (consumers in the largest cascade of blame), TOTALS against the twin (NaN without a story)
    episodes     the columns of `results.episodes`
    sizes        size, count: messages of blame by the size of their tree
    cohorts      by (generation or day since it was started), number, consumers, children: of the story, else of the largest cascade
    lost         day, units_lost, trust_lost: against the twin
    cascades     scenario -> the largest cascade of all its runs
    """

    worlds: pd.DataFrame
    episodes: pd.DataFrame
    sizes: pd.DataFrame
    cohorts: pd.DataFrame
    lost: pd.DataFrame
    cascades: dict[str, Cascade]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By the name of the file that holds them."""
        return {
            "worlds": self.worlds, "episodes": self.episodes, "cascade_sizes": self.sizes, "reproduction": self.cohorts,
            "lost_to_the_story": self.lost,
        }  # fmt: skip


def gathered(scenarios: Sequence[Scenario], names: Sequence[str], found: Sequence[tuple[int, int, Buzz]]) -> BadBuzz | None:
    """The tables of (replicate, place of the scenario, what was kept); None where neither a crisis nor an episode was seen."""
    import pandas as pd

    if not any(has_story(scenario) for scenario in scenarios) and not any(
        buzz.episodes is not None and len(buzz.episodes) for _, _, buzz in found
    ):
        return None
    parts: dict[str, list[pd.DataFrame]] = {"episodes": [], "sizes": [], "cohorts": [], "lost": []}
    worlds, cascades = [], dict[str, Cascade]()
    for replicate, place, buzz in sorted(found, key=lambda row: (row[1], row[0])):
        name = names[place]
        worlds.append({"scenario": name, "replicate": replicate, **_world(scenarios[place], buzz)})
        counted = [(by, *cohort) for by, cohorts in zip(BY, (buzz.generations, buzz.days), strict=True) for cohort in cohorts]
        cohorts = pd.DataFrame(counted, columns=EMPTY["cohorts"][2:])
        for table, part in (("episodes", buzz.episodes), ("sizes", buzz.sizes), ("cohorts", cohorts), ("lost", buzz.lost)):
            if part is not None and len(part):
                labelled = part.assign(scenario=name, replicate=replicate)
                parts[table].append(labelled[["scenario", "replicate", *part.columns]])
        if buzz.cascade is not None and (name not in cascades or buzz.cascade.size > cascades[name].size):
            cascades[name] = buzz.cascade
    tables = {name: pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=EMPTY[name]) for name, rows in parts.items()}
    return BadBuzz(pd.DataFrame(worlds), tables["episodes"], tables["sizes"], tables["cohorts"], tables["lost"], cascades)


EMPTY = {
    "episodes": ["scenario", "replicate", "brand", *OF_THE_EPISODE],
    "sizes": ["scenario", "replicate", "size", "count"],
    "cohorts": ["scenario", "replicate", "by", "number", "consumers", "children"],
    "lost": ["scenario", "replicate", "day", "units_lost", "trust_lost"],
}


def _world(scenario: Scenario, buzz: Buzz) -> dict[str, Any]:
    """A row of `worlds`."""
    brand = focal_of(scenario)
    row: dict[str, Any] = dict.fromkeys(OF_THE_EPISODE, math.nan) | {"censored": False, "trigger_origin": ""}
    reached = math.nan
    episodes = buzz.episodes
    since = episodes[episodes["start"] >= first_crisis(scenario, brand)] if episodes is not None else None
    burst = since is not None and len(since) > 0
    if since is not None and burst:
        worst = since.iloc[int(since["tellings"].to_numpy().argmax())]
        row |= {name: worst[name] for name in OF_THE_EPISODE}
        reached = float(worst["reached"])
    story = buzz.outbreak
    return {
        "story": has_story(scenario, brand), "ignited": story.ignited if story else burst, "episode": burst,
        "heard": story.heard if story else reached, **row, "largest": int(buzz.sizes["size"].max()) if len(buzz.sizes) else 0,
        **(buzz.totals or dict.fromkeys(TOTALS, math.nan)),
    }  # fmt: skip
