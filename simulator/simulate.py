"""simulate(scenario, seed) -> RunResult: one run, from a scenario to its tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.model import WordOfMouthModel
from simulator.results.checkpoint import Checkpoint
from simulator.results.run_result import RunResult
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    from simulator.world.graph import SocialGraph

THREADS_PAY_FROM = 50_000
"""Consumers from which threads help rather than hinder."""


def simulate(
    scenario: Scenario | str | Path | None = None,
    seed: int = 1,
    *,
    until: int | None = None,
    resume: Checkpoint | None = None,
    without: Sequence[str] = (),
    relabel: Sequence[int] | None = None,
    threads: int | None = None,
    graph: SocialGraph | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RunResult:
    """Run a scenario.

    scenario  a Scenario or the path of one; may be left out with `resume`
    seed      whole number 0 .. 2^64-1: the whole luck of the run
    until     stop before this day (default: run.days); the result's `checkpoint` goes on from there
    resume    go on from a checkpoint (its scenario and seed)
    without   names of rules to leave out of the day
    relabel   a permutation of the consumers: changes nothing but their numbers (a law, for tests)
    threads   default: all processors from 50,000 consumers, else 1; never changes a result
    graph     a social graph made before (the same seed and network), to save the time
    progress  called with (days done, days in all)
    """
    if resume is not None:
        scenario, seed, without = resume.scenario, resume.seed, without or resume.without
    if scenario is None:
        raise TypeError("simulate() needs a scenario or a checkpoint to resume")
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    if threads is None:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        threads = threads if scenario.population.size >= THREADS_PAY_FROM else 1
    model = WordOfMouthModel.build(scenario, seed, without=without, relabel=relabel, threads=threads, graph=graph, warm_up=resume is None)
    if resume is not None:
        resume.restore(model)
    last = scenario.run.days if until is None else min(until, scenario.run.days)
    while model.market.day < last:
        model.step()
        if progress is not None:
            progress(model.market.day, last)
    return RunResult.of(model)
