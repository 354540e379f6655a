"""Paired runs at many points of the space of assumptions, in a folder that loses nothing.

    points.json                  what was asked for
    points.parquet               a row per point: point, and the value drawn for each key
    runs/part-00012.parquet      a row per run: point, scenario, replicate, seed, error, set_back, KPIs of the focal brand

At every point all scenarios are run under the same seeds, on one graph. A part appears under its name only when it is whole; killed at
any moment, the same call computes what is missing. `set_back` names values that were drawn nearer to the default, because the scenarios
refuse what was drawn, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.assumptions import Point, Range, at_point, held
from simulator.experiments.comparison import focal_of
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.paired import F64
from simulator.experiments.pool import Progress, attempts, described
from simulator.experiments.study import as_parquet
from simulator.files import written
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.kpis import KPIS, kpi_table
from simulator.results.provenance import plain, versions
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MANIFEST = "points.json"
FORMAT = 1
POINTS_OF_A_PART = 16
CONSUMER_DAYS_OF_A_PART = 12_000_000
"""At most so much is lost with a process that is killed."""


@dataclass(frozen=True, eq=False)
class Points:
    """What is run: scenarios at points of the space, each under the seeds seed, seed + 1, ..."""

    scenarios: tuple[Scenario, ...]
    names: tuple[str, ...]
    ranges: tuple[Range, ...]
    places: F64  # [points, ranges], shares 0..1 of the ranges
    replicates: int
    seed: int

    @property
    def runs(self) -> int:
        """How many runs."""
        return len(self.places) * len(self.scenarios) * self.replicates

    @property
    def values(self) -> pd.DataFrame:
        """The values drawn: a row per point, a column per key."""
        import pandas as pd

        return pd.DataFrame({each.key: [each.at(u) for u in self.places[:, place]] for place, each in enumerate(self.ranges)})

    @cached_property
    def identity(self) -> str:
        """A hash of everything the rows depend on."""
        asked = (
            [scenario.hash for scenario in self.scenarios], self.names, focal_of(self.scenarios[0]),
            [(each.key, each.low, each.high, each.default, each.whole) for each in self.ranges], self.replicates, self.seed, FORMAT,
            versions()["world-of-mouth"],
        )  # fmt: skip
        digest = hashlib.blake2b(json.dumps(plain(asked), default=str).encode(), digest_size=8)
        digest.update(np.ascontiguousarray(self.places).tobytes())
        return digest.hexdigest()

    @property
    def parts(self) -> list[range]:
        """The points that are computed and written together."""
        size = self.scenarios[0].population.size * self.scenarios[0].run.days * len(self.scenarios) * self.replicates
        step = max(1, min(POINTS_OF_A_PART, CONSUMER_DAYS_OF_A_PART // max(1, size)))
        return [range(start, min(start + step, len(self.places))) for start in range(0, len(self.places), step)]


@dataclass(frozen=True)
class Task:
    """A part to compute."""

    points: Points
    numbers: range
    keys: tuple[frozenset[str], ...]


def run_points(points: Points, folder: Path, workers: int | None = None, progress: Progress | None = None) -> pd.DataFrame:
    """Compute what is missing of the points in their folder, and read all: a row per run, in order.

    progress  called with (runs done, of how many)

    Raises InputError for a folder that holds something else; KeyboardInterrupt leaves what finished.
    """
    import pyarrow.parquet as pq

    _open(points, folder)
    parts = points.parts
    files = [folder / "runs" / f"part-{number:05d}.parquet" for number in range(len(parts))]
    waiting = [number for number, file in enumerate(files) if not file.exists()]
    each = len(points.scenarios) * points.replicates
    done = points.runs - each * sum(len(parts[number]) for number in waiting)
    tell = progress or (lambda done, total: None)
    tell(done, points.runs)
    if waiting:
        forget()
        keys = tuple(held(points.scenarios, points.ranges))
        tasks = [Task(replace(points, places=points.places[list(parts[number])]), parts[number], keys) for number in waiting]
        for position, table, error in attempts(work, tasks, workers):
            number = waiting[position]
            if table is None:  # lost with its process: rows that say so
                table = _table(_lost(points, parts[number], error or _("nothing came back")))
            written(files[number], as_parquet(table))
            done += each * len(parts[number])
            tell(done, points.runs)
    try:
        frames = [pq.read_table(file).to_pandas() for file in files]
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
        raise InputError(_("cannot read {folder}: {error}").format(folder=folder / "runs", error=error)) from error
    import pandas as pd

    frame: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return frame


def work(task: Task) -> pa.Table:
    """Compute a part: its rows."""
    points, found = task.points, {}
    there = [_there(points, task.keys, place) for place in range(len(task.numbers))]
    for replicate in range(points.replicates):  # the outer loop, because neighbouring points often share their graph
        seed = points.seed + replicate
        for number, at in zip(task.numbers, there, strict=True):
            for position, name in enumerate(points.names):
                row = {"point": number, "scenario": name, "replicate": replicate, "seed": seed}
                found[number, position, replicate] = row | (_run(at, position, seed) if isinstance(at, Point) else {"error": at})
    return _table([found[key] for key in sorted(found)])


def _there(points: Points, keys: Sequence[frozenset[str]], place: int) -> Point | str:
    """The scenarios at a point, or why there are none."""
    try:
        return at_point(points.scenarios, points.ranges, points.places[place].tolist(), keys)
    except InputError as error:
        return described(error)


def _run(at: Point, position: int, seed: int) -> dict[str, Any]:
    """The key figures of a scenario under a seed, or what went wrong."""
    try:
        scenario = at.scenarios[position]
        result = simulate(scenario, seed, threads=1, graph=graph_of(scenario, seed))
        kpis = {str(kpi): value for kpi, value in kpi_table(result.daily).loc[focal_of(scenario)].items()}
        return {"error": None, "set_back": json.dumps(at.set_back) if at.set_back else None, **kpis}
    except Exception as error:  # a run that fails is a recorded row, not the end of the study
        return {"error": described(error)}


def _lost(points: Points, numbers: range, error: str) -> list[dict[str, Any]]:
    return [
        {"point": number, "scenario": name, "replicate": replicate, "seed": points.seed + replicate, "error": error}
        for number in numbers for name in points.names for replicate in range(points.replicates)
    ]  # fmt: skip


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """The rows of a part, with the same columns and types in every part."""
    import pyarrow as pa

    fields = [
        ("point", pa.int64()), ("scenario", pa.string()), ("replicate", pa.int64()), ("seed", pa.int64()), ("error", pa.string()),
        ("set_back", pa.string()), *((kpi, pa.float64()) for kpi in KPIS),
    ]  # fmt: skip
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in fields})


def _open(points: Points, folder: Path) -> None:
    """Make the folder ready: new, or that of the same points."""
    import pyarrow as pa

    manifest = folder / MANIFEST
    if manifest.exists():
        try:
            there = json.loads(manifest.read_text(encoding="utf-8")).get("identity")
        except (OSError, ValueError, AttributeError) as error:
            raise InputError(
                _("cannot read {file}: {error}").format(file=manifest, error=getattr(error, "strerror", None) or error)
            ) from error
        if there != points.identity:
            raise InputError(_("{folder} holds other points; choose another --out, or remove what is there").format(folder=folder))
    else:
        if folder.exists() and (not folder.is_dir() or any(file.name[:1] != "." for file in folder.iterdir())):
            raise InputError(_("{folder} holds other files; choose another --out, or remove what is there").format(folder=folder))
        told = {
            "format": FORMAT, "identity": points.identity, "names": list(points.names),
            "scenarios": [plain(scenario.to_dict()) for scenario in points.scenarios],
            "ranges": [each._asdict() for each in points.ranges], "points": len(points.places), "replicates": points.replicates,
            "seed": points.seed, "versions": versions(),
        }  # fmt: skip
        written(manifest, json.dumps(plain(told), indent=1, ensure_ascii=False, allow_nan=False).encode())
    if not (folder / "points.parquet").exists():
        values = points.values
        values.insert(0, "point", range(len(values)))
        written(folder / "points.parquet", as_parquet(pa.Table.from_pandas(values, preserve_index=False)))


def seconds_of_a_point(points: Points) -> float:
    """How long the runs of one point take, measured on the first few after one that may have to compile."""
    keys = tuple(held(points.scenarios, points.ranges))

    def task(numbers: range) -> Task:
        return Task(replace(points, places=points.places[list(numbers)]), numbers, keys)

    work(task(range(1)))
    before = time.perf_counter()
    numbers = range(min(len(points.places), 4))
    work(task(numbers))
    return (time.perf_counter() - before) / len(numbers)
