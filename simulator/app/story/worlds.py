"""The twenty worlds of each step: simulated once, kept in the cache folder, and read in a moment.

`prepare` makes what is missing (`run.py doctor --prepare`), `ready` says what that is. A file is named after all that decides what is in
it: the scenarios of the variants, the seeds, what is read from a run, and the program.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.app import cache
from simulator.app.cache import cache_folder, program
from simulator.app.layout import Drawing, drawing_of
from simulator.app.scene import frame
from simulator.app.story.steps import FIRST_PLAN, SEEDS, STEPS, TURN, Plan, Step, planned
from simulator.experiments.explain import watched
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.pool import Progress, run_all
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.ledger import CAUSES, Sums
from simulator.scenario.schema import Scenario
from simulator.world.state import F32, F64, I64, U8

FORMAT = 1
"""Of files in the cache; another number makes them anew."""

SUMMED = ("opt_outs", "unanswered", "profit", "units", "spend")
"""Columns of the daily table of which the sum over all days is read; `WEEKLY`: over the last week; of others the last value."""

WEEKLY, WEEK = ("tellings_negative", "tellings_positive"), 7

ARRAYS = ("curves", "figures", "causes", "positions", "ties", "frames", "cuts", "brands", "shown")


@dataclass(frozen=True, eq=False)
class Worlds:
    """What is kept of the twenty worlds of a step."""

    step: Step
    curves: F32  # [charts, variants, worlds, days], percent as shares; NaN where nothing can be said
    figures: F64  # [variants, worlds, figures of the step]
    causes: F64  # [variants, worlds, 1 + causes]: mean trust of all consumers on day 0, and what each cause moved it
    positions: F32  # [consumers, 2] of the world that is drawn
    ties: np.ndarray  # uint16 [ties, 2]
    frames: U8  # all frames of that world, one after another
    cuts: I64  # [variants, days + 2]: where the frame of each day begins in them, and where the last one ends
    brands: tuple[str, ...]
    shown: int  # which world is drawn: the middle one by the contrast of the step

    @property
    def days(self) -> int:
        """Days simulated."""
        return int(self.curves.shape[-1])

    @property
    def ends(self) -> F64:
        """float64 [charts, variants, worlds]: the curves on the last day."""
        return self.curves[..., -1].astype(np.float64)

    def outcomes(self) -> list[str]:
        """The answer that holds in each world."""
        return self.step.rule([variant.name for variant in self.step.variants], self.ends)

    def frame(self, variant: int, day: int) -> bytes:
        """The consumers of the world that is drawn after so many days."""
        return self.frames[self.cuts[variant, day] : self.cuts[variant, day + 1]].tobytes()


# -- asking for them -----------------------------------------------------------------------------------------------------


def prepare(progress: Progress | None = None, workers: int | None = None) -> None:
    """Make and keep the worlds of all steps that are missing. workers and progress as in `experiments.pool.run_all`.

    Nothing is made if the cache folder cannot be written. Raises InputError if a run breaks down, KeyboardInterrupt after Ctrl-C.
    """
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if not os.access(cache_folder(), os.W_OK):
        return
    for worlds in made([STEPS[name] for name in ready()], FIRST_PLAN, progress, workers):
        keep(worlds, FIRST_PLAN)


def ready() -> list[str]:
    """Names of the steps whose worlds are not prepared; none: everything is."""
    return [name for name, step in STEPS.items() if kept(step) is None]


def path_of(step: Step, plan: Plan = FIRST_PLAN) -> Path:
    """Where the worlds of a step are kept."""
    said = [FORMAT, program(), SEEDS, step.view, step.contrast, [scenario.hash for scenario in scenarios_of(step, plan)]]
    said += [[chart.column for chart in step.charts], [figure.column for figure in step.figures]]
    return cache_folder() / f"story-{step.name}-{hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()}.npz"


def scenarios_of(step: Step, plan: Plan = FIRST_PLAN) -> tuple[Scenario, ...]:
    """The variants of a step; that of the room's own plan is the second one of its step."""
    return step.scenarios()[:1] + (planned(plan),) if step.name == TURN else step.scenarios()


def kept(step: Step, plan: Plan = FIRST_PLAN) -> Worlds | None:
    """The worlds of a step from the cache folder; None if they are not there, or not whole."""
    with contextlib.suppress(OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        with path_of(step, plan).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
        brands, shown = tuple(map(str, arrays.pop("brands"))), int(arrays.pop("shown"))
        worlds = Worlds(step, **arrays, brands=brands, shown=shown)
        if worlds.curves.shape[:3] == (len(step.charts), len(step.variants), len(SEEDS)) and worlds.cuts[-1, -1] == len(worlds.frames):
            return worlds
    return None


def keep(worlds: Worlds, plan: Plan = FIRST_PLAN) -> None:
    """Put them into the cache folder, whole or not at all."""
    arrays: dict[str, Any] = {name: np.asarray(getattr(worlds, name)) for name in ARRAYS}
    cache.keep(path_of(worlds.step, plan), lambda file: np.savez_compressed(file, **arrays))


# -- making them ---------------------------------------------------------------------------------------------------------


class World(NamedTuple):
    """What is read from one world."""

    curves: F32  # [charts, variants, days]
    figures: F64  # [variants, figures]
    causes: F64  # [variants, 1 + causes]
    frames: list[list[bytes]]  # [variants][days + 1]


class _Task(NamedTuple):
    step: str
    scenarios: tuple[Scenario, ...]
    seed: int


def made(
    steps: Sequence[Step], plan: Plan = FIRST_PLAN, progress: Progress | None = None, workers: int | None = None
) -> list[Worlds]:  # fmt: skip
    """Simulate the worlds of some steps."""
    tasks = [_Task(step.name, scenarios_of(step, plan), seed) for step in steps for seed in SEEDS]
    if not tasks:
        return []
    forget()
    finished = run_all(lived, tasks, workers, progress)
    if finished.interrupted:
        raise KeyboardInterrupt
    if finished.errors:
        raise InputError(_("a run of the story broke down: {error}").format(error=next(iter(finished.errors.values()))))
    return [
        _together(step, [finished.results[k * len(SEEDS) + world] for world in range(len(SEEDS))], scenarios_of(step, plan))
        for k, step in enumerate(steps)
    ]


def lived(task: _Task) -> World:
    """All variants of a step in one world."""
    step = STEPS[task.step]
    curves, figures, causes, frames = [], [], [], []
    for scenario in task.scenarios:
        model = watched(scenario, task.seed, graph_of(scenario, task.seed))
        market, brand = model.market, model.market.names.index(scenario.focal)
        sums = model.ledger = Sums(market, scenario)
        everybody = np.arange(market.n)
        drawing = Drawing(everybody, everybody, np.zeros((market.n, 2), np.float32), np.zeros((0, 2), np.uint16))
        seen = [frame(0, model, drawing, step.view, brand)]
        for day in range(1, scenario.run.days + 1):
            model.step()
            seen.append(frame(day, model, drawing, step.view, brand))
        columns = {name: values[:, brand] for name, values in model.recorder.columns().items()}
        curves.append([columns[chart.column] for chart in step.charts])
        figures.append([_figure(figure.column, columns, market.n) for figure in step.figures])
        causes.append(np.concatenate([[sums.opening[brand]], sums.moved[brand]]) / market.n)
        frames.append(seen)
    return World(np.array(curves, np.float32).swapaxes(0, 1), np.array(figures), np.array(causes), frames)


def _figure(name: str, columns: dict[str, F64], consumers: int) -> float:
    values = columns[name]
    if name in SUMMED:
        return float(values.sum())
    return float(values.sum() * WEEK / len(values) * 100.0 / consumers) if name in WEEKLY else float(values[-1])


def _together(step: Step, worlds: Sequence[World], scenarios: Sequence[Scenario]) -> Worlds:
    """The worlds of a step as arrays, and one of them to be drawn."""
    curves = np.stack([world.curves for world in worlds], axis=2)
    first, second = (step.variant(name) for name in step.contrast)
    moved = curves[0, first, :, -1] - curves[0, second, :, -1]
    shown = int(np.argsort(moved, kind="stable")[(len(moved) - 1) // 2])
    frames = worlds[shown].frames
    drawing = drawing_of(graph_of(scenarios[0], SEEDS[shown]))
    return Worlds(
        step, curves, np.stack([world.figures for world in worlds], axis=1), np.stack([world.causes for world in worlds], axis=1),
        drawing.positions, drawing.ties, np.frombuffer(b"".join(b"".join(days) for days in frames), np.uint8),
        _begins(frames), tuple(brand.name for brand in scenarios[0].brands), shown,
    )  # fmt: skip


def _begins(frames: Sequence[Sequence[bytes]]) -> I64:
    """int64 [variants, days + 2]: where each frame begins when all are put one after another, and where the last one of each ends."""
    begins, at = [], 0
    for days in frames:
        ends = at + np.cumsum([0, *map(len, days)])
        begins.append(ends)
        at = int(ends[-1])
    return np.array(begins, np.int64)


NAMES = ("start", *CAUSES)
"""Of the last axis of `Worlds.causes`."""
