"""A checkpoint: the moving parts of a running model at the end of a day, as plain arrays.

What a scenario and a seed determine (consumers, ties, traits) is not in it; the model makes it again and takes the rest from here.
Fields are found by walking the dataclasses, so that a new column of the state is in every checkpoint by itself.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zipfile import BadZipFile

import numpy as np

from simulator.files import whole
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.provenance import from_plain, plain
from simulator.world.state import Seen

if TYPE_CHECKING:
    from simulator.results.ledger import Ledger
    from simulator.results.recorder import Recorder
    from simulator.scenario.schema import Scenario
    from simulator.world.market import Market

Arrays = dict[str, np.ndarray]

STANDING = frozenset((
    "seed", "kind", "names", "keys", "segments", "scale", "currency_price", "consumers", "graph", "proof_total", "threads", "actions",
    "contacts", "counts", "notices", "values", "role", "ambassador", "thresholds",
))  # fmt: skip
"""Fields of a market that scenario and seed determine, or that do not outlive the day."""


class Brand(Protocol):
    """A brand of a running model."""

    history: tuple[Seen, ...]


class Running(Protocol):
    """What a checkpoint takes from a model and gives back to one."""

    @property
    def scenario(self) -> Scenario: ...
    @property
    def seed(self) -> int: ...
    @property
    def without(self) -> tuple[str, ...]: ...
    @property
    def market(self) -> Market: ...
    @property
    def recorder(self) -> Recorder: ...
    @property
    def brands(self) -> Sequence[Brand]: ...
    @property
    def ledger(self) -> Ledger | None: ...

    heard: list[list[int]]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """simulate(resume=checkpoint) goes on as if it had never stopped. `day` is the next day to simulate."""

    scenario: Scenario
    seed: int
    without: tuple[str, ...]
    day: int
    arrays: Arrays

    @classmethod
    def of(cls, model: Running) -> Checkpoint:
        """A copy of the model's moving parts; the model may go on."""
        arrays = {f"market/{name}": array for name, array in _taken(model.market, STANDING)}
        arrays |= {f"recorder/{name}": array for name, array in model.recorder.arrays().items()}
        if model.ledger is not None:
            arrays |= {f"ledger/{name}": array for name, array in model.ledger.arrays().items()}
        arrays["heard"] = np.array(model.heard, np.int64)
        history = [[dataclasses.astuple(seen) for seen in brand.history] for brand in model.brands]
        arrays["history"] = np.array(history, np.float64)  # [brands, days, fields of Seen]
        return cls(model.scenario, model.seed, model.without, model.market.day, arrays)

    def restore(self, model: Running) -> None:
        """Put the moving parts into a model made from the same scenario and seed."""
        if model.seed != self.seed or model.scenario.hash != self.scenario.hash or set(model.without) != set(self.without):
            raise InputError(
                _(
                    "the checkpoint belongs to scenario {scenario}, seed {seed}, without {without}; "
                    "this is {own_scenario}, seed {own_seed}, without {own_without}"
                ).format(
                    scenario=self.scenario.hash[:12],
                    seed=self.seed,
                    without=_said(self.without),
                    own_scenario=model.scenario.hash[:12],
                    own_seed=model.seed,
                    own_without=_said(model.without),
                )  # fmt: skip
            )
        _given(model.market, _below(self.arrays, "market"), STANDING)
        model.recorder.restore(_below(self.arrays, "recorder"))
        if model.ledger is not None:
            model.ledger.restore(_below(self.arrays, "ledger"))
        model.heard[:] = self.arrays["heard"].tolist()
        for brand, days in zip(model.brands, self.arrays["history"].tolist(), strict=True):
            brand.history = tuple(Seen(int(day), *seen) for day, *seen in days)

    def save(self, path: str | Path) -> None:
        """Write an .npz file; it replaces an older one only when complete."""
        who = {"scenario": plain(self.scenario.to_dict()), "seed": self.seed, "without": list(self.without), "day": self.day}
        with whole(Path(path)) as part, part.open("wb") as file:
            np.savez(file, who=np.array(json.dumps(who)), **self.arrays)  # type: ignore[arg-type]  # array names as keywords

    @classmethod
    def load(cls, path: str | Path) -> Checkpoint:
        """Read what `save` wrote. Nothing in the file is executed."""
        from simulator.scenario.load import load_scenario

        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            who = json.loads(str(arrays.pop("who")))
        except FileNotFoundError:
            raise InputError(_("there is no checkpoint {path}").format(path=path)) from None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise InputError(_("{path} is no checkpoint, or a damaged one: {error}").format(path=path, error=error)) from None
        return cls(load_scenario(from_plain(who["scenario"])), who["seed"], tuple(who["without"]), who["day"], arrays)


def _said(without: Sequence[str]) -> str:
    return ", ".join(sorted(without)) or _("nothing")


def _below(arrays: Arrays, name: str) -> Arrays:
    return {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}


def _taken(thing: Any, left_out: frozenset[str] = frozenset()) -> Iterator[tuple[str, np.ndarray]]:
    """Name and copy of every array in a dataclass, those of nested ones as outer/inner; scalars are arrays without axes."""
    for field in dataclasses.fields(thing):
        if field.name in left_out:
            continue
        value = getattr(thing, field.name)
        if hasattr(value, "arrays"):
            yield from ((f"{field.name}/{name}", array) for name, array in value.arrays().items())
        elif dataclasses.is_dataclass(value):
            yield from ((f"{field.name}/{name}", array) for name, array in _taken(value))
        elif isinstance(value, dict):
            yield from ((f"{field.name}/{name}", np.array(array)) for name, array in value.items())
        elif isinstance(value, list):
            yield from ((f"{field.name}/{name}", array) for name, array in _columns(value))
        elif isinstance(value, (np.ndarray, bool, int, float)):
            yield field.name, np.array(value)
        else:
            raise TypeError(f"a checkpoint cannot hold {field.name}, a {type(value).__name__}")


def _given(thing: Any, arrays: Arrays, left_out: frozenset[str] = frozenset()) -> None:
    """Put back what `_taken` took."""
    for field in dataclasses.fields(thing):
        if field.name in left_out:
            continue
        value, kept = getattr(thing, field.name), _below(arrays, field.name)
        if hasattr(value, "restore"):
            value.restore(kept)
        elif dataclasses.is_dataclass(value):
            _given(value, kept)
        elif isinstance(value, dict):
            setattr(thing, field.name, {name: array.copy() for name, array in kept.items()})
        elif isinstance(value, list):
            setattr(thing, field.name, _rows(kept))
        else:
            array = arrays[field.name]
            setattr(thing, field.name, array.copy() if isinstance(value, np.ndarray) else array.item())


def _columns(rows: list[Any]) -> Iterator[tuple[str, np.ndarray]]:
    """A list of equally long tuples, column by column. Columns of arrays are joined and their lengths kept."""
    for place in range(len(rows[0]) if rows else 0):
        column = [row[place] for row in rows]
        if isinstance(column[0], np.ndarray):
            yield f"{place}_lengths", np.array([len(part) for part in column])
            yield f"{place}", np.concatenate(column)
        else:
            yield f"{place}", np.array(column)


def _rows(kept: Arrays) -> list[Any]:
    """The list that `_columns` took apart."""
    columns: list[Any] = []
    for place in range(sum(name.isdecimal() for name in kept)):
        if f"{place}_lengths" in kept:
            columns.append(np.split(kept[f"{place}"], np.cumsum(kept[f"{place}_lengths"])[:-1]))
        else:
            columns.append(kept[f"{place}"].tolist())
    return list(zip(*columns, strict=True))
