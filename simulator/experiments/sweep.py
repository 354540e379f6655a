"""Sweeps: one scenario under many settings, many replicates each, in a folder that loses nothing.

Replicate r draws its luck from seed + r in every cell, so that cells differ by their settings alone wherever they have the same
people and ties (`pairing_ok`, and `world` says which). A run that fails is a row with its error. Whatever ends the program,
the next call with the same arguments computes what is missing.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.experiments import design
from simulator.experiments.comparison import focal_of, people_and_ties, same_world
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.pool import Attempt, Progress, attempts, described
from simulator.experiments.study import FRONT, KEEP, Part, Plan, Study, keep_part, key_types, open_folder, stored, to_do
from simulator.language import _, number
from simulator.parameters import InputError
from simulator.results.kpis import KPIS, kpi_table
from simulator.results.provenance import plain
from simulator.results.run_result import RunResult
from simulator.results.weekly import weekly
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MOST_RUNS = 10_000_000
MOST_SCENARIOS = 512
"""Scenarios that a process keeps, of the cells it met last."""


def sweep(
    scenario: Scenario | str | Path,
    vary: Mapping[str, Any],
    replicates: int = 20,
    workers: int | None = None,
    out: str | Path | None = None,
    *,
    kind: design.Kind = "grid",
    points: int = 64,
    seed: int = 1,
    keep: str = "weekly",
    share: tuple[int, int] = (1, 1),
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Study:
    """Run a scenario under every setting of a design, `replicates` times each, and return the study.

    vary      dotted key -> list of values | (low, high) | "low:high:steps"; the key `scenario` takes paths of scenario files
    workers   processes (default: one for each processor available)
    out       the study's folder; without it a temporary one, gone when the program ends
    kind      grid | lhs | sobol; the last two spread `points` cells over the ranges
    keep      kpis | weekly (the focal brand's weeks too) | daily | logs
    share     (i, n): only the i-th of n shares of the parts, for one job of an array
    cluster   address of a Dask scheduler, whose workers then do the runs
    progress  called with (runs done, of how many)

    Raises InputError for wrong settings, a folder of another study, a full disk; KeyboardInterrupt leaves what finished.
    """
    plan = plan_of(scenario, vary, replicates, kind=kind, points=points, seed=seed, keep=keep)
    folder = Path(out) if out is not None else _temporary()
    run(plan, folder, workers, share=share, cluster=cluster, progress=progress)
    return Study(folder)


def plan_of(
    scenario: Scenario | str | Path, vary: Mapping[str, Any] | Sequence[design.Axis], replicates: int = 20, *,
    kind: design.Kind = "grid", points: int = 64, seed: int = 1, keep: str = "weekly",
) -> Plan:  # fmt: skip
    """The study that these arguments ask for, checked as far as that is possible without making every cell."""
    base = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    axes = design.axes_of(vary) if isinstance(vary, Mapping) else design.checked(vary)
    if replicates < 1:
        raise InputError(_("replicates is {replicates}; at least 1 is needed").format(replicates=replicates))
    if keep not in KEEP:
        raise InputError(_('keep is "{keep}"; allowed: {names}').format(keep=keep, names=", ".join(KEEP)))
    runs = design.count(axes, kind, points) * replicates
    if runs > MOST_RUNS:
        raise InputError(_("that is {runs} runs; allowed: up to {most}").format(runs=number(runs), most=number(MOST_RUNS)))
    files = next((each.levels for each in axes if each.key == design.SCENARIO), ())
    scenarios = {str(file): load_scenario(str(file)) for file in files}
    starts = tuple(scenarios.values()) or (base,)
    whole = {row.key for row in base.values() if type(row.value) is int}
    axes = tuple(replace(each, whole=each.is_range and each.key in whole) for each in axes)
    _check(starts, axes)
    keys = tuple(each.key for each in axes)
    return Plan(starts[0], scenarios, keys, tuple(design.cells(axes, kind, points, seed)), replicates, seed, keep)


def _check(starts: Sequence[Scenario], axes: Sequence[design.Axis]) -> None:
    """Every value that is varied must be allowed on its own, in every file; all that are not are reported at once."""
    focal = {focal_of(start) for start in starts}
    if len(focal) > 1:
        raise InputError(
            _("the scenarios speak of different brands ({names}); set `focal` to the same brand in all of them").format(
                names=", ".join(sorted(focal))
            )
        )
    problems: list[str] = []
    for each in axes:
        for value in each.extremes() if each.key != design.SCENARIO else ():
            for start in starts:
                try:
                    start.override({each.key: value})
                except InputError as error:
                    problems += str(error).splitlines()
    if problems:
        raise InputError("\n".join(dict.fromkeys(problems)))


def run(
    plan: Plan, folder: Path, workers: int | None = None, *, share: tuple[int, int] = (1, 1), cluster: str | None = None,
    progress: Progress | None = None,
) -> None:  # fmt: skip
    """Compute what is missing of a study (or of one share of it) and write it to its folder."""
    _forget()
    with _hands(workers, cluster) as attempts_by:  # a cluster that does not answer leaves no folder behind
        open_folder(plan, folder)
        mine = [part for part in plan.parts if part.number % share[1] == share[0] - 1]
        waiting = to_do(plan, folder, share)
        total = sum(len(part.runs) for part in mine)
        done = total - sum(len(part.runs) for part in waiting)
        tell = progress or (lambda done, total: None)
        tell(done, total)
        tasks = tasks_of(plan, waiting)
        with contextlib.closing(attempts_by(work, tasks)) as ended:
            for position, tables, error in ended:
                part = waiting[position]
                if tables is None:  # lost with its process: rows that say so
                    lost = [_failed(plan, cell, r, error or _("nothing came back")) for cell, r in part.runs]
                    tables = {"kpis": kpi_rows(tasks[position], lost)}
                keep_part(folder, part, tables)
                done += len(part.runs)
                tell(done, total)


@contextlib.contextmanager
def _hands(workers: int | None, cluster: str | None) -> Iterator[Callable[..., Generator[Attempt[dict[str, pa.Table]], None, None]]]:
    """Who computes: processes here, or the workers of a cluster."""
    if cluster is None:
        yield lambda work, tasks: attempts(work, tasks, workers)
        return
    from simulator.experiments.cluster import connected

    with connected(cluster) as on_cluster:
        yield on_cluster


@dataclass(frozen=True)
class Task:
    """A part to compute, with the settings of its cells: what a worker needs."""

    plan: Plan
    part: Part
    settings: tuple[design.Cell, ...]  # of each run of the part
    study: str  # its identity


def tasks_of(plan: Plan, parts: Sequence[Part]) -> list[Task]:
    """The tasks of some parts; each carries the settings of its own runs, and of all others just one cell of each type."""
    small = _without_cells(plan)
    return [Task(small, part, tuple(plan.cells[cell] for cell, _ in part.runs), plan.identity) for part in parts]


def _without_cells(plan: Plan) -> Plan:
    first: dict[tuple[type, ...], design.Cell] = {}
    for cell in plan.cells:
        first.setdefault(tuple(type(value) for value in cell.values()), cell)
    return replace(plan, cells=tuple(first.values()))


def work(task: Task) -> dict[str, pa.Table]:
    """Compute a part: its tables by name."""
    plan, rows = task.plan, []
    more: dict[str, list[pd.DataFrame]] = {name: [] for name in KEEP[plan.keep][1:]}
    for (cell, replicate), settings in zip(task.part.runs, task.settings, strict=True):
        seed = plan.seed + replicate
        row: dict[str, Any] = {"cell": cell, "replicate": replicate, "seed": seed, "world": "", "pairing_ok": False, "error": None}
        try:
            scenario = _scenario_of(task, cell, settings)
            row |= {"world": world(scenario, seed), "pairing_ok": same_world(scenario, plan.scenario)}
            result = simulate(scenario, seed, threads=1, graph=graph_of(scenario, seed))
            row |= {str(kpi): value for kpi, value in kpi_table(result.daily).loc[focal_of(scenario)].items()}
            for name, parts in more.items():
                parts.append(_table(name, result, focal_of(scenario)).assign(cell=cell, replicate=replicate))
        except Exception as error:  # a run that fails is a recorded row, not the end of the study
            row["error"] = described(error)
        rows.append(row | settings)
    return {name: _joined(parts) for name, parts in more.items() if parts} | {"kpis": kpi_rows(task, rows)}


_made: dict[tuple[str, int], Scenario] = {}  # of the cells of one study that this process met last: each comes back in every replicate


def _scenario_of(task: Task, cell: int, settings: Mapping[str, Any]) -> Scenario:
    if _made and next(iter(_made))[0] != task.study:  # a worker of a cluster outlives a study, and files may have changed since
        _forget()
    found = _made.pop((task.study, cell), None) or cell_scenario(task.plan, settings)
    _made[task.study, cell] = found
    if len(_made) > MOST_SCENARIOS:
        _made.pop(next(iter(_made)))
    return found


def _forget() -> None:
    forget()
    _made.clear()


def cell_scenario(plan: Plan, settings: Mapping[str, Any]) -> Scenario:
    """The scenario of a cell."""
    values = dict(settings)
    start = plan.scenario
    if design.SCENARIO in values:
        start = plan.scenarios[str(values.pop(design.SCENARIO))]
    return start.override(values) if values else start


def world(scenario: Scenario, seed: int) -> str:
    """Eight digits for people and ties: runs in which they agree are paired."""
    text = json.dumps(plain([*people_and_ties(scenario), seed]), sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _table(name: str, result: RunResult, focal: str) -> pd.DataFrame:
    if name == "weeks":
        return weekly(result.daily[result.daily["brand"] == focal])
    table: pd.DataFrame = getattr(result, name)
    return table


def _joined(parts: list[pd.DataFrame]) -> pa.Table:
    """One table of all runs of a part, cell and replicate in front."""
    import pandas as pd
    import pyarrow as pa

    frame = pd.concat(parts, ignore_index=True)
    front = ["cell", "replicate"]
    return pa.Table.from_pandas(frame[front + [name for name in frame.columns if name not in front]], preserve_index=False)


def kpi_rows(task: Task, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows of the table kpis, with the same columns and types in every part."""
    import pyarrow as pa

    kinds = key_types(task.plan.keys, task.plan.cells)
    fields = [
        ("cell", pa.int64()), ("replicate", pa.int64()), ("seed", pa.int64()), ("world", pa.string()), ("pairing_ok", pa.bool_()),
        ("error", pa.string()), *kinds.items(), *((kpi, pa.float64()) for kpi in KPIS if kpi not in FRONT),
    ]  # fmt: skip
    columns = {name: pa.array([stored(row[name], kind) if name in kinds else row.get(name) for row in rows], kind) for name, kind in fields}
    return pa.table(columns)


def _failed(plan: Plan, cell: int, replicate: int, error: str) -> dict[str, Any]:
    row = {"cell": cell, "replicate": replicate, "seed": plan.seed + replicate, "world": "", "pairing_ok": False, "error": error}
    return row | plan.cells[cell]


def _temporary() -> Path:
    """A folder that lasts as long as the program."""
    folder = tempfile.mkdtemp(prefix="world-of-mouth-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@dataclass(frozen=True)
class Estimate:
    """What a study would take."""

    runs: int
    parts: int
    seconds_of_a_run: float
    hours: float  # on so many workers
    megabytes: float
    workers: int


def estimate(plan: Plan, workers: int) -> Estimate:
    """Time and space of a study, from its first part; that is made after a first run, which may have to compile."""
    with tempfile.TemporaryDirectory() as place:
        task, *_ = tasks_of(plan, plan.parts[:1])
        work(replace(task, part=Part(0, task.part.runs[:1]), settings=task.settings[:1]))
        before = time.perf_counter()
        tables = work(task)
        seconds = (time.perf_counter() - before) / len(task.part.runs)
        keep_part(Path(place), task.part, tables)
        size = sum(file.stat().st_size for file in Path(place).rglob("*.parquet")) / len(task.part.runs)
    return Estimate(plan.runs, len(plan.parts), seconds, plan.runs * seconds / workers / 3600.0, plan.runs * size / 1e6, workers)
