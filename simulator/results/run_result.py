"""RunResult: everything that is known about one run, as tables, and what is needed to run it again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.language import _
from simulator.parameters import InputError
from simulator.results.checkpoint import Checkpoint, Running
from simulator.results.provenance import from_plain, plain, versions
from simulator.world.state import LAYERS, ORIGINS, SOURCES

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario.schema import Scenario

TABLES = ("daily", "kpis", "messages", "tellings", "adoptions", "episodes", "ledger", "spending")

IDENTITY = ("hash", "seed", "without")
"""What makes two results those of the same run."""

FORMAT = 1
"""Changes when older programs could not read what is saved."""

_PROVENANCE, _CHECKPOINT = "run.json", "checkpoint.npz"


class RunResult:
    """The result of a run. Tables are built when they are first asked for.

    Units: as in `results.daily`. Consumers are numbers 0 .. consumers - 1; `scale`: real people for each of them.
    """

    seed: int
    without: tuple[str, ...]  # rules left out of the day
    versions: dict[str, str]
    days: int  # simulated so far
    consumers: int
    scale: float
    brands: tuple[str, ...]
    notices: tuple[str, ...]

    def __init__(
        self, provenance: dict[str, Any], make: Callable[[str], pd.DataFrame], scenario: Scenario | None = None,
        checkpoint: Callable[[], Checkpoint] | None = None,
    ) -> None:  # fmt: skip
        self.provenance = provenance
        self.seed, self.days, self.consumers, self.scale = (provenance[name] for name in ("seed", "days", "consumers", "scale"))
        self.without, self.brands, self.notices = (tuple(provenance[name]) for name in ("without", "brands", "notices"))
        self.versions = provenance["versions"]
        self._scenario, self._make, self._checkpoint = scenario, make, checkpoint
        self._tables: dict[str, pd.DataFrame] = {}

    @classmethod
    def of(cls, model: Running) -> RunResult:
        """The result of a model that has done its last step."""
        market, scenario = model.market, model.scenario
        provenance = {
            "title": scenario.title, "scenario": plain(scenario.to_dict()), "hash": scenario.hash, "seed": model.seed,
            "without": sorted(model.without), "versions": versions(), "days": market.day, "consumers": market.n,
            "scale": market.scale, "brands": list(market.names), "notices": [*market.notices],
        }  # fmt: skip

        def still() -> Running:
            if market.day != provenance["days"]:
                raise RuntimeError(f"the model has gone on from day {provenance['days']} to {market.day}: take a new RunResult.of(model)")
            return model

        return cls(provenance, lambda name: _MAKERS[name](still()), scenario, lambda: Checkpoint.of(still()))

    # -- tables ----------------------------------------------------------------------------------------------------

    def table(self, name: str) -> pd.DataFrame:
        """One of TABLES."""
        if name not in self._tables:
            if name not in TABLES:
                raise KeyError(f"no table {name!r}; there are {', '.join(TABLES)}")
            self._tables[name] = self._make(name) if name not in ("kpis", "episodes") else self._derived(name)
        return self._tables[name]

    def _derived(self, name: str) -> pd.DataFrame:
        from simulator.results.episodes import find_episodes
        from simulator.results.kpis import kpi_table

        return kpi_table(self.daily) if name == "kpis" else find_episodes(self.daily, self.messages, self.tellings, self.consumers)

    @property
    def daily(self) -> pd.DataFrame:
        """A row per day and brand; columns and units: `results.daily.COLUMNS`."""
        return self.table("daily")

    @property
    def kpis(self) -> pd.DataFrame:
        """A row per brand, a column per KPI (`results.kpis`), at the end of the run."""
        return self.table("kpis")

    @property
    def messages(self) -> pd.DataFrame:
        """A row per message.

        message, day, brand, valence (1 or -1), arousal, origin, author (-1: an event), size (consumers in its tree, the author
        included), depth, breadth, virality, hearers, reach (hearers as a share of consumers), key. Those started in the warm-up
        are left out.
        """
        return self.table("messages")

    @property
    def tellings(self) -> pd.DataFrame:
        """A row per telling that was its hearer's first: message, day, teller, hearer, layer, online; empty if not recorded."""
        return self.table("tellings")

    @property
    def adoptions(self) -> pd.DataFrame:
        """A row per first purchase: day, consumer, brand, source, teller (-1: none)."""
        return self.table("adoptions")

    @property
    def episodes(self) -> pd.DataFrame:
        """A row per bad-buzz episode (`results.episodes`)."""
        return self.table("episodes")

    @property
    def ledger(self) -> pd.DataFrame:
        """Every change in the minds of the consumers of `record.panel`, with cause and author (`results.ledger`)."""
        return self.table("ledger")

    @property
    def spending(self) -> pd.DataFrame:
        """A row per payment: day, brand, line, quantity (real market), cents, amount. The cents are exact: they sum to the spend."""
        return self.table("spending")

    def kpis_after(self, day: int) -> pd.DataFrame:
        """The KPIs as they stood after `day` days."""
        from simulator.results.kpis import kpi_table

        return kpi_table(self.daily, day)

    # -- going on, running again -----------------------------------------------------------------------------------

    @property
    def scenario(self) -> Scenario:
        """What was simulated. Of a loaded result: read from its provenance; files it names must still be there."""
        if self._scenario is None:
            from simulator.scenario.load import load_scenario

            self._scenario = load_scenario(from_plain(self.provenance["scenario"]))
        return self._scenario

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """From here `simulate(resume=...)` goes on."""
        if self._checkpoint is None:
            raise InputError(_("this result was kept without its checkpoint: save(folder, checkpoint=True) keeps it"))
        return self._checkpoint()

    def __getstate__(self) -> dict[str, Any]:
        """For another process: all tables, no model and no checkpoint."""
        for name in TABLES:
            self.table(name)
        return self.__dict__ | {"_make": None, "_checkpoint": None, "checkpoint": None}

    # -- files -----------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path, checkpoint: bool = False) -> Path:
        """Write every table (Parquet) and the provenance (JSON) to a folder: all of it or nothing.

        A folder that holds an earlier result of the same run (scenario, seed, rules left out) is replaced when the new one is
        complete. Any other folder that is not empty is an error. `checkpoint`: also what `simulate(resume=...)` needs.
        """
        target = Path(folder).absolute()
        self._refuse_to_overwrite(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            for name in TABLES:
                self.table(name).to_parquet(unfinished / f"{name}.parquet", engine="pyarrow")
            if checkpoint:
                self.checkpoint.save(unfinished / _CHECKPOINT)
            text = json.dumps({"format": FORMAT} | self.provenance, indent=1, ensure_ascii=False, allow_nan=False)
            (unfinished / _PROVENANCE).write_text(text, encoding="utf-8")
            _put_in_place(unfinished, target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return target

    def _refuse_to_overwrite(self, target: Path) -> None:
        if not target.exists() or (target.is_dir() and not any(target.iterdir())):
            return
        if not (target / _PROVENANCE).is_file():
            raise InputError(_("{folder} exists and holds no result of a run: choose another folder").format(folder=target))
        there = _read_provenance(target)
        for name in IDENTITY:
            if there.get(name) != self.provenance[name]:
                raise InputError(
                    _(
                        "{folder} holds the result of another run (its {name} is {there}, this one's {own}): "
                        "choose another folder, or remove that one"
                    ).format(folder=target, name=name, there=there.get(name), own=self.provenance[name])
                )

    @classmethod
    def load(cls, folder: str | Path) -> RunResult:
        """Read what `save` wrote. Tables are read when they are first asked for."""
        home = Path(folder)

        def read(name: str) -> pd.DataFrame:
            import pandas as pd

            return pd.read_parquet(home / f"{name}.parquet", engine="pyarrow")

        kept = home / _CHECKPOINT
        result = cls(_read_provenance(home), read, None, (lambda: Checkpoint.load(kept)) if kept.is_file() else None)
        result._derived = read  # type: ignore[method-assign]  # as they were saved
        return result

    def __repr__(self) -> str:
        return f"RunResult({self.provenance['title']!r}, seed={self.seed}, {self.days} days, {self.consumers} consumers)"


def _read_provenance(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / _PROVENANCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(_("{folder} holds no result of a run").format(folder=folder)) from None
    except (OSError, ValueError) as error:
        raise InputError(_("{file} cannot be read: {error}").format(file=folder / _PROVENANCE, error=error)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        wrong = _("{file} was not written by this version: its format is not {format}")
        raise InputError(wrong.format(file=folder / _PROVENANCE, format=FORMAT))
    return found


def _put_in_place(unfinished: Path, target: Path) -> None:
    """Let a complete folder take the place of an older one; the older one comes back if that fails."""
    older = target.with_name(f".{target.name}.{os.getpid()}.old")
    if target.exists():
        target.rename(older)
    try:
        unfinished.rename(target)
    except OSError:
        if older.exists():
            older.rename(target)
        raise
    shutil.rmtree(older, ignore_errors=True)


# -- tables made from a model --------------------------------------------------------------------------------------


def _words(values: tuple[str, ...], codes: np.ndarray) -> np.ndarray:
    """Codes as words."""
    words: np.ndarray = np.array(values, dtype=object)[codes]
    return words


def _daily(model: Running) -> pd.DataFrame:
    return model.recorder.daily()


def _messages(model: Running) -> pd.DataFrame:
    import pandas as pd

    columns = model.market.messages.table()
    frame = pd.DataFrame({
        "message": columns["message"], "day": columns["day"].astype(np.int64), "brand": _words(model.market.names, columns["brand"]),
        "valence": columns["valence"], "arousal": columns["arousal"], "origin": _words(ORIGINS, columns["origin"]),
    } | {name: columns[name] for name in ("author", "size", "depth", "breadth", "virality", "hearers")})  # fmt: skip
    frame["reach"] = columns["hearers"] / model.market.n
    frame["key"] = columns["key"]
    return frame[frame["day"] >= 0].reset_index(drop=True).astype({"brand": "str", "origin": "str"})


def _tellings(model: Running) -> pd.DataFrame:
    import pandas as pd

    columns = model.market.messages.log()
    frame = pd.DataFrame({
        "message": columns["message"], "day": columns["day"].astype(np.int64), "teller": columns["teller"], "hearer": columns["hearer"],
        "layer": _words(LAYERS, columns["layer"]), "online": columns["online"].astype(bool),
    })  # fmt: skip
    return frame[frame["day"] >= 0].reset_index(drop=True).astype({"layer": "str"})


def _adoptions(model: Running) -> pd.DataFrame:
    import pandas as pd

    kinds = (np.int32, np.int32, np.uint8, np.int32)
    log = model.market.adoptions
    days = np.concatenate([np.full(len(part[1]), part[0], np.int64) for part in log] or [np.zeros(0, np.int64)])
    consumers, brands, sources, tellers = (
        np.concatenate([np.asarray(part[place], kind) for part in log] or [np.zeros(0, kind)]) for place, kind in enumerate(kinds, start=1)
    )
    frame = pd.DataFrame({
        "day": days, "consumer": consumers, "brand": _words(model.market.names, brands), "source": _words(SOURCES, sources),
        "teller": tellers,
    })  # fmt: skip
    return frame.astype({"brand": "str", "source": "str"})


def _spending(model: Running) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(model.market.spending, columns=["day", "brand", "line", "quantity", "cents"])
    frame["brand"] = _words(model.market.names, frame["brand"].to_numpy(np.int64))
    frame["amount"] = frame["cents"].to_numpy(np.int64) / 100.0
    return frame.astype({"day": "int64", "brand": "str", "line": "str", "quantity": "float64", "cents": "int64"})


def _ledger(model: Running) -> pd.DataFrame:
    from simulator.results.ledger import empty_table

    return empty_table() if model.ledger is None else model.ledger.table()


_MAKERS: dict[str, Callable[[Running], pd.DataFrame]] = {
    "daily": _daily, "messages": _messages, "tellings": _tellings, "adoptions": _adoptions, "spending": _spending, "ledger": _ledger,
}  # fmt: skip
