"""A study: the folder in which a sweep keeps its runs, whole or not yet.

    study.json                   what was asked for: scenario, keys, cells, replicates, seed, versions
    kpis/part-00012.parquet      a row per run: cell, replicate, seed, world, pairing_ok, error, the varied keys, KPIs of the focal brand
    weeks/  daily/  ...          more tables, as far as `keep` goes

Runs are dealt to parts by number alone, and a part appears under its name only when it is whole: whoever computes it, on however
many machines, writes the same bytes, and what is missing is what has no file. pandas, Polars and DuckDB open the folders as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.experiments.comparison import judged
from simulator.experiments.design import Cell
from simulator.files import written
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.kpis import KPIS
from simulator.results.provenance import from_plain, plain, versions
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MANIFEST = "study.json"
FORMAT = 1
RUNS_OF_A_PART = 8
"""At most so many runs are lost with a process that is killed."""
CONSUMER_DAYS_OF_A_PART = 1_500_000

KEEP = {
    "kpis": ("kpis",),
    "weekly": ("kpis", "weeks"),
    "daily": ("kpis", "weeks", "daily"),
    "logs": ("kpis", "weeks", "daily", "messages", "tellings", "adoptions", "spending"),
}
"""Which tables are kept of every run."""

FRONT = ("cell", "replicate", "seed", "world", "pairing_ok", "error")


@dataclass(frozen=True)
class Part:
    """Some runs that are computed and written together."""

    number: int
    runs: tuple[tuple[int, int], ...]  # (cell, replicate)

    @property
    def file(self) -> str:
        """Its file in every table's folder."""
        return f"part-{self.number:05d}.parquet"


@dataclass(frozen=True)
class Plan:
    """What a study asks for; everything its rows depend on but the program."""

    scenario: Scenario
    scenarios: Mapping[str, Scenario]  # of the levels of the key `scenario`, by path; else empty
    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    replicates: int
    seed: int
    keep: str = "weekly"

    @property
    def runs(self) -> int:
        """How many runs."""
        return len(self.cells) * self.replicates

    @cached_property
    def identity(self) -> str:
        """A hash of all that the rows of a run depend on, how many replicates there are excepted."""
        asked = (
            self.scenario.hash, [each.hash for each in self.scenarios.values()], self.scenario.focal, self.keys, self.cells, self.seed,
            self.keep, FORMAT, versions()["world-of-mouth"],
        )  # fmt: skip
        text = json.dumps(plain(asked), sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All parts. The runs of one replicate lie together, so that its graph is drawn once."""
        across, several = self._shape
        return tuple(
            Part(number, tuple((cell, replicate) for replicate in replicates for cell in cells))
            for number, (replicates, cells) in enumerate(
                (range(r, min(r + several, self.replicates)), range(c, min(c + across, len(self.cells))))
                for r in range(0, self.replicates, several) for c in range(0, len(self.cells), across)
            )
        )  # fmt: skip

    @property
    def _shape(self) -> tuple[int, int]:
        """How many cells and how many replicates a part holds at most."""
        work = max(1, self.scenario.population.size * self.scenario.run.days)
        runs = max(1, min(RUNS_OF_A_PART, CONSUMER_DAYS_OF_A_PART // work))
        across = min(runs, len(self.cells))
        return across, max(1, runs // across) if across == len(self.cells) else 1

    def manifest(self) -> dict[str, Any]:
        """What is written to the study's folder."""
        return {
            "format": FORMAT, "identity": self.identity, "title": self.scenario.title, "focal": self.scenario.focal,
            "scenario": plain(self.scenario.to_dict()), "hash": self.scenario.hash, "keys": list(self.keys),
            "cells": plain(list(self.cells)), "replicates": self.replicates, "seed": self.seed, "keep": self.keep,
            "runs": self.runs, "parts": len(self.parts),
            "versions": versions(),
        }  # fmt: skip


class Study:
    """A study's folder, read as tables."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.manifest = read_manifest(self.path)
        self.keys: tuple[str, ...] = tuple(self.manifest["keys"])
        self.cells: tuple[Cell, ...] = tuple(from_plain(cell) for cell in self.manifest["cells"])
        self.replicates, self.runs, self.focal = (self.manifest[name] for name in ("replicates", "runs", "focal"))

    def __repr__(self) -> str:
        return f"<Study {self.path}: {self.runs - len(self.missing)} of {self.runs} runs>"

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that are kept of every run."""
        return KEEP[self.manifest["keep"]]

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario whose settings were varied."""
        return load_scenario(from_plain(self.manifest["scenario"]))

    def frame(self, table: str = "kpis") -> pd.DataFrame:
        """All rows of a table, in order of cell and replicate: kpis (a row per run) | weeks | daily | messages | ..."""
        if table == "kpis":
            return self._kpis.copy()
        return self._read(table)

    @cached_property
    def _kpis(self) -> pd.DataFrame:
        """Read once: the study as it was when first looked at."""
        return self._read("kpis")

    def _read(self, table: str) -> pd.DataFrame:
        import pandas as pd
        import pyarrow as pa
        import pyarrow.parquet as pq

        if table not in self.tables:
            raise InputError(_("the study keeps no {table}; it keeps {names}").format(table=table, names=", ".join(self.tables)))
        try:
            parts = [pq.read_table(self.path / table / name) for name in parts_in(self.path / table)]
            if not parts:
                return pd.DataFrame(columns=[*FRONT, *self.keys])
            frame = pa.concat_tables(parts, promote_options="permissive").to_pandas()
        except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
            raise InputError(_("cannot read {folder}: {error}").format(folder=self.path / table, error=error)) from error
        ordered: pd.DataFrame = frame.sort_values(["cell", "replicate"], kind="stable", ignore_index=True)
        return ordered

    @property
    def missing(self) -> list[tuple[int, int]]:
        """The (cell, replicate) of every run without a row."""
        done = self.frame()
        there = set(zip(done["cell"].tolist(), done["replicate"].tolist(), strict=True))
        return [(cell, r) for cell in range(len(self.cells)) for r in range(self.replicates) if (cell, r) not in there]

    def missing_parts(self) -> str:
        """The numbers of the parts that are not there, as `3, 7-12`."""
        there = set(parts_in(self.path / "kpis"))
        gone = [number for number in range(self.manifest["parts"]) if f"part-{number:05d}.parquet" not in there]
        spans: list[list[int]] = []
        for number in gone:
            if spans and number == spans[-1][1] + 1:
                spans[-1][1] = number
            else:
                spans.append([number, number])
        return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)

    @property
    def failures(self) -> pd.DataFrame:
        """The runs that failed, with their errors."""
        frame = self.frame()
        return frame.loc[frame["error"].notna(), [*FRONT, *self.keys]].reset_index(drop=True)

    def cell(self, settings: Mapping[str, Any] | int) -> int:
        """The number of the one cell with these settings (or this number)."""
        if isinstance(settings, int):
            if not 0 <= settings < len(self.cells):
                raise InputError(_("there is no cell {cell}; allowed: 0 to {last}").format(cell=settings, last=len(self.cells) - 1))
            return settings
        unknown = [key for key in settings if key not in self.keys]
        if unknown:
            raise InputError(
                _("the study does not vary {names}; it varies {varied}").format(names=", ".join(unknown), varied=", ".join(self.keys))
            )
        fits = [number for number, cell in enumerate(self.cells) if all(cell[key] == value for key, value in settings.items())]
        if len(fits) != 1:
            raise InputError(
                _("{count} cells have {settings}; name every key that tells them apart").format(count=len(fits), settings=dict(settings))
            )
        return fits[0]

    def contrast(self, baseline: Mapping[str, Any] | int = 0, kpis: Sequence[str] | None = None) -> pd.DataFrame:
        """Every cell against a baseline cell, by paired runs: cell, the varied keys, kpi, n, wins, mean, low, high, p, verdict.

        Only runs with the same people and ties as the baseline's of the same replicate count (column `world`).
        """
        import numpy as np
        import pandas as pd

        base = self.cell(baseline)
        frame = self.frame()
        chosen = [name for name in KPIS if name in frame.columns] if kpis is None else list(kpis)
        unknown = [name for name in chosen if name not in frame.columns]
        if unknown:
            raise InputError(
                _("no figure is called {names}; allowed: {allowed}").format(
                    names=", ".join(unknown), allowed=", ".join(name for name in KPIS if name in frame)
                )
            )
        by_cell = {number: frame[frame["cell"] == number].set_index("replicate") for number in sorted(set(frame["cell"].tolist()))}
        if base not in by_cell:
            raise InputError(_("no run of the baseline, cell {base}, is there yet").format(base=base))
        reference = by_cell[base]
        rows, sizes, front = [], [], []
        for number, table in by_cell.items():
            if number == base:
                continue
            both = table.merge(reference, left_index=True, right_index=True, suffixes=("", " of baseline"))
            both = both[both["world"] == both["world of baseline"]].reindex(range(self.replicates))
            for kpi in chosen:
                rows.append((both[kpi] - both[f"{kpi} of baseline"]).to_numpy(float))
                sizes.append(max(abs(table[kpi].mean()), abs(reference[kpi].mean())))
                front.append({"cell": number, **{key: self.cells[number][key] for key in self.keys}, "kpi": kpi})
        values = np.stack(rows) if rows else np.zeros((0, 0))
        return pd.DataFrame(front).assign(**judged(values, [each["kpi"] for each in front], sizes))


# -- the folder ------------------------------------------------------------------------------------------------------


def parts_in(folder: Path) -> list[str]:
    """The names of the parts in a table's folder, in order; an InputError if they cannot be seen."""
    try:
        return sorted(file.name for file in folder.iterdir() if file.name.startswith("part-") and file.suffix == ".parquet")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(_("cannot read {folder}: {error}").format(folder=folder, error=error.strerror or error)) from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """What study a folder holds; an InputError if it holds none that can be read."""
    file = folder / MANIFEST
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(_("{folder} holds no study: there is no {manifest} in it").format(folder=folder, manifest=MANIFEST)) from None
    except (OSError, ValueError) as error:
        raise InputError(_("cannot read {file}: {error}").format(file=file, error=getattr(error, "strerror", None) or error)) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputError(_("{file} was not written by this version of the program").format(file=file))
    return found


def open_folder(plan: Plan, folder: Path) -> None:
    """Make the folder ready for a plan: new, or that of the same study. More replicates than before are welcome."""
    if _holds_a_study(folder):
        there = read_manifest(folder)
        if there["identity"] != plan.identity:
            raise InputError(
                _("{folder} holds another study ({differences}); choose another --out, or remove what is there").format(
                    folder=folder, differences=_differences(there, plan)
                )
            )
        if there["replicates"] >= plan.replicates:
            return
        before = Plan(plan.scenario, plan.scenarios, plan.keys, plan.cells, there["replicates"], plan.seed, plan.keep).parts
        if before != plan.parts[: len(before)]:
            several = plan._shape[1]
            raise InputError(
                _("{folder} has {replicates} replicates, which fills no whole part: it can grow from a multiple of {several} only").format(
                    folder=folder, replicates=there["replicates"], several=several
                )
            )
    written(folder / MANIFEST, json.dumps(plan.manifest(), indent=1, ensure_ascii=False, allow_nan=False).encode())


def _holds_a_study(folder: Path) -> bool:
    """Whether a study is there; an InputError if something else is. Other jobs of an array may be making the folder right now."""
    try:
        others = [file.name for file in folder.iterdir() if not file.name.startswith(f".{MANIFEST}.")]
        if others and not (folder / MANIFEST).exists():
            raise InputError(_("{folder} holds other files; choose another --out, or remove what is there").format(folder=folder))
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        raise InputError(_("{folder} is a file; choose another --out, or remove what is there").format(folder=folder)) from None
    except OSError as error:
        raise InputError(_("cannot read {folder}: {error}").format(folder=folder, error=error.strerror or error)) from error
    return bool(others)


def _differences(there: Mapping[str, Any], plan: Plan) -> str:
    mine = json.loads(json.dumps(plan.manifest()))
    said = {
        "title": _("title {there}"), "hash": _("another scenario"), "keys": _("other keys"), "cells": _("other settings"),
        "seed": _("seed {there}"), "keep": _("keep {there}"),
    }  # fmt: skip
    found = [words.format(there=there.get(name)) for name, words in said.items() if there.get(name) != mine[name]]
    version = there.get("versions", {}).get("world-of-mouth")
    return ", ".join(found) or _("made by version {version}").format(version=version)


def to_do(plan: Plan, folder: Path, share: tuple[int, int] = (1, 1)) -> list[Part]:
    """The parts of the study, or of the i-th of n shares of it, that are not there yet."""
    i, n = share
    there = set(parts_in(folder / "kpis"))
    return [part for part in plan.parts if part.number % n == i - 1 and part.file not in there]


def keep_part(folder: Path, part: Part, tables: Mapping[str, pa.Table]) -> None:
    """Write the tables of a part; `kpis` last, because it stands for the whole part."""
    for name in sorted(tables, key=lambda name: name == "kpis"):
        written(folder / name / part.file, as_parquet(tables[name]))


def as_parquet(table: pa.Table) -> bytes:
    """A table as a Parquet file holds it."""
    import io

    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def key_types(keys: Iterable[str], cells: Sequence[Cell]) -> dict[str, pa.DataType]:
    """How the values of each varied key are stored: as numbers, truth values or texts; mixtures and tables as JSON."""
    import pyarrow as pa

    types = {}
    for key in keys:
        kinds = {type(cell[key]) for cell in cells}
        if kinds == {bool}:
            types[key] = pa.bool_()
        elif kinds == {int}:
            types[key] = pa.int64()
        elif kinds <= {int, float}:
            types[key] = pa.float64()
        else:
            types[key] = pa.string()
    return types


def stored(value: Any, kind: pa.DataType) -> Any:
    """A varied key's value as a table holds it."""
    import pyarrow as pa

    if pa.types.is_string(kind) and not isinstance(value, str):
        return json.dumps(plain(value), sort_keys=True)
    return value
