"""Crises: what has happened to brands that they may have to answer for, and what they have said to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulator.world.state import I32, NEVER


@dataclass(frozen=True, slots=True)
class Crisis:
    """One crisis of one brand; its number is its place in the market's list."""

    brand: int
    day: int
    cluster: int  # code in CLUSTERS
    fault: bool  # whether what is said of the brand is true: a denial of it can be exposed
    breaks: bool  # whether it set the brand's running failure, when it happened
    key: np.uint64  # of its event
    severity: float
    tellers: I32  # who told it first; nobody where the event has no message
    answer: int = 0  # code in ANSWERS
    answered_day: int = NEVER
    exposed_day: int = NEVER


class Crises(list[Crisis]):
    """All crises so far, in the order in which they happened."""

    def change(self, number: int, **news: int) -> None:
        """Crisis `number` with some fields changed."""
        self[number] = replace(self[number], **news)  # type: ignore[arg-type]  # the fields that change are whole numbers

    def of(self, brand: int) -> list[int]:
        """The numbers of a brand's crises."""
        return [number for number, crisis in enumerate(self) if crisis.brand == brand]

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that must survive a restart, as arrays: a column per field, the tellers one after another."""
        kept: dict[str, np.ndarray] = {name: np.array([getattr(crisis, name) for crisis in self], kind) for name, kind in COLUMNS.items()}
        kept["told_by"] = np.array([len(crisis.tellers) for crisis in self], np.int64)
        return kept | {"tellers": np.concatenate([np.zeros(0, np.int32), *(crisis.tellers for crisis in self)])}

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Continue from `arrays()`."""
        tellers = np.split(kept["tellers"], np.cumsum(kept["told_by"])[:-1])
        columns = {name: kept[name].tolist() for name in COLUMNS if name != "key"}
        rows = range(len(kept["key"]))
        self[:] = [
            Crisis(**{name: column[row] for name, column in columns.items()}, key=kept["key"][row], tellers=tellers[row]) for row in rows
        ]


COLUMNS = {
    "brand": np.int64, "day": np.int64, "cluster": np.int64, "fault": np.bool_, "breaks": np.bool_, "key": np.uint64,
    "severity": np.float64, "answer": np.int64, "answered_day": np.int64, "exposed_day": np.int64,
}  # fmt: skip
"""The fields of a crisis with one value each."""
