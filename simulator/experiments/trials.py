"""The trials of a calibration: settings that were simulated, kept line by line as they come.

A trial is a point of the unit cube and the observed column of each of its runs. The file is only ever added to; a last line that was
torn when the program was killed is dropped. The search asks for its settings in an order that depends on nothing but earlier trials,
so that the same command, started again, finds them here and goes on behind them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator.experiments.comparison import focal_of
from simulator.experiments.graphs import graph_of
from simulator.experiments.observed import F64
from simulator.experiments.pool import Crew
from simulator.files import written
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.weekly import FLOWS
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

TRIALS, REQUEST = "trials.jsonl", "calibration.json"
FORMAT = 1


@dataclass(frozen=True)
class Watch:
    """What is read of a run: a daily column of the focal brand, summed or at the end of each row."""

    measure: str
    rows: tuple[int, ...]
    days_per_row: int


@dataclass(frozen=True)
class Task:
    """One run."""

    scenario: Scenario
    seed: int
    watch: Watch


@dataclass(frozen=True)
class Trial:
    """stage: search, local or check; curves: float64 [runs, rows], empty if one of its runs failed."""

    number: int
    stage: str
    point: tuple[float, ...]
    values: dict[str, float]
    curves: F64
    error: str = ""

    def line(self) -> str:
        """As a line of the file."""
        data = {
            "trial": self.number, "stage": self.stage, "point": self.point, "values": self.values, "curves": self.curves.tolist(),
            "error": self.error,
        }  # fmt: skip
        return json.dumps(data) + "\n"


def watched(task: Task) -> list[float]:
    """The watched column of one run, a number for each row."""
    watch = task.watch
    days = (watch.rows[-1] + 1) * watch.days_per_row
    scenario = task.scenario
    run = simulate(scenario, task.seed, until=days, threads=1, graph=graph_of(scenario, task.seed))
    column = run.daily.loc[run.daily["brand"] == focal_of(scenario), watch.measure].to_numpy(np.float64)
    by_row = column[: days - days % watch.days_per_row].reshape(-1, watch.days_per_row)
    read = by_row.sum(axis=1) if watch.measure in FLOWS else by_row[:, -1]
    found: list[float] = read[list(watch.rows)].tolist()
    return found


class Ledger:
    """Trials by number, in memory and, with a folder, on disk."""

    def __init__(self, folder: Path | None, request: Mapping[str, Any]) -> None:
        self.trials: list[Trial] = []
        self.kept: dict[int, dict[str, Any]] = {}
        self.file = folder / TRIALS if folder else None
        if folder is None or self.file is None:
            return
        text = json.dumps({"format": FORMAT, **request}, indent=1, ensure_ascii=False)
        there = folder / REQUEST
        if there.is_file():
            if there.read_text(encoding="utf-8") != text:
                raise InputError(
                    _("{folder} holds another calibration ({differences}); choose another --out").format(
                        folder=folder, differences=_differs(there, request)
                    )
                )
            self._read()
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(_("{folder} holds other things than a calibration; choose another --out").format(folder=folder))
        else:
            written(there, text.encode())

    def _read(self) -> None:
        if self.file is None or not self.file.is_file():
            return
        whole = self.file.read_bytes()
        end = whole.rfind(b"\n") + 1
        try:
            rows = [json.loads(line) for line in whole[:end].splitlines()]
            self.kept = {int(row["trial"]): row for row in rows}
        except (ValueError, KeyError, TypeError):
            raise InputError(_("is damaged; remove the folder, or choose another --out"), str(self.file)) from None
        if end < len(whole):  # a line torn by a kill
            written(self.file, whole[:end])

    def measure(
        self, stage: str, points: Sequence[F64], settings: Sequence[dict[str, float]], scenario: Scenario, seeds: Sequence[int],
        watch: Watch, crew: Crew, done: Callable[[int], None],
    ) -> list[Trial]:  # fmt: skip
        """Trials at these points, the next by number: those kept as they are, the others by simulation."""
        numbers = range(len(self.trials), len(self.trials) + len(points))
        missing = [place for place, number in enumerate(numbers) if number not in self.kept]
        chosen = {place: scenario.override(settings[place]) for place in missing}
        tasks = [Task(chosen[place], seed, watch) for place in missing for seed in seeds]
        runs = crew(watched, tasks, lambda count: done(numbers[0] + len(points) - len(missing) + count // len(seeds))) if tasks else []
        fresh: dict[int, Trial] = {}
        for rank, place in enumerate(missing):
            own = runs[rank * len(seeds) : (rank + 1) * len(seeds)]
            error = next((text for _, text in own if text), "")
            curves = np.array([] if error else [found for found, _ in own], np.float64)
            fresh[place] = Trial(numbers[place], stage, tuple(points[place].tolist()), settings[place], curves, error)
        self._keep([fresh[place] for place in missing])
        found = [
            fresh[place] if place in fresh else self._as_kept(numbers[place], points[place], settings[place])
            for place in range(len(points))
        ]
        self.trials += found
        done(len(self.trials))
        return found

    def _keep(self, trials: Sequence[Trial]) -> None:
        if self.file is None or not trials:
            return
        try:
            with self.file.open("ab") as file:
                file.write("".join(trial.line() for trial in trials).encode())
        except OSError as error:
            raise InputError(
                _("cannot write to {folder}: {error}").format(folder=self.file.parent, error=error.strerror or error)
            ) from error

    def _as_kept(self, number: int, point: F64, settings: dict[str, float]) -> Trial:
        row = self.kept[number]
        if row["values"] != settings:
            raise InputError(
                _("trial {number} has other settings than this version asks for; choose another --out").format(number=number),
                str(self.file),
            )
        return Trial(number, row["stage"], tuple(point.tolist()), settings, np.array(row["curves"], np.float64), row["error"])


def _differs(file: Path, request: Mapping[str, Any]) -> str:
    try:
        there = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return _("it cannot be read")
    names = [key for key, value in request.items() if there.get(key) != json.loads(json.dumps(value))]
    return _("its {names} differ").format(names=", ".join(names)) if names else _("it was made by another version")
