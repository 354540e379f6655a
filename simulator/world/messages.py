"""Messages and who heard them: what is on its way, and the measures of what has come to rest.

An *entry* is one consumer who knows one message: its author or a first teller of an event (no parent), or a
hearer (parent = the entry of the credited teller). Entries stand in order of time, parents before children.
A message whose last entry has stopped telling is at rest: its tree is measured, then dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulator.engine.ties import fill_table
from simulator.engine.trees import measure_trees
from simulator.world.state import F32, F64, I8, I16, I32, I64, U8, U64

NO_LAYER = 255
"""`entry_layer` of an author or first teller."""

FORGETTABLE = 65_536
"""Entries of messages at rest are swept out when there are at least this many."""


@dataclass
class Mentions:
    """Today's public acts of telling: parallel arrays, one row an act."""

    message_key: U64
    teller: I32
    brand: I8
    valence: I8
    arousal: F64

    @classmethod
    def none(cls) -> Mentions:
        """Nobody spoke in public."""
        return cls(*(np.zeros(0, kind) for kind in (np.uint64, np.int32, np.int8, np.int8, np.float64)))


@dataclass
class Started:
    """Messages that start today, before they have a number. `tellers` has the first tellers of event messages."""

    key: U64
    author: I32  # -1 for an event
    brand: I8
    valence: I8
    origin: U8
    arousal: F64
    level: F64  # the experience it tells of, NaN if none

    @classmethod
    def none(cls) -> Started:
        """Nobody has anything to say."""
        kinds = (np.uint64, np.int32, np.int8, np.int8, np.uint8, np.float64, np.float64)
        return cls(*(np.zeros(0, kind) for kind in kinds))

    @classmethod
    def joined(cls, parts: list[Started]) -> Started:
        """All of them together."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names)) if parts else cls.none()


@dataclass
class Messages:
    """All messages of a run. Growable columns; the first `count` (or `entries`) elements are valid."""

    logging: bool  # keep the log of tellings
    count: int = 0
    key: U64 = field(default_factory=lambda: np.zeros(64, np.uint64))
    day: I16 = field(default_factory=lambda: np.zeros(64, np.int16))
    brand: I8 = field(default_factory=lambda: np.zeros(64, np.int8))
    valence: I8 = field(default_factory=lambda: np.zeros(64, np.int8))
    origin: U8 = field(default_factory=lambda: np.zeros(64, np.uint8))
    author: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    arousal: F32 = field(default_factory=lambda: np.zeros(64, np.float32))
    size: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    hearers: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    depth: I16 = field(default_factory=lambda: np.zeros(64, np.int16))
    breadth: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    virality: F32 = field(default_factory=lambda: np.zeros(64, np.float32))
    # a window on the messages that may still move: number `first` and later
    first: int = 0
    window_arousal: F64 = field(default_factory=lambda: np.zeros(64))
    window_level: F64 = field(default_factory=lambda: np.zeros(64))
    # entries of messages on their way
    entries: int = 0
    entry_message: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    entry_consumer: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    entry_parent: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    entry_day: I16 = field(default_factory=lambda: np.zeros(64, np.int16))
    entry_last: I32 = field(default_factory=lambda: np.zeros(64, np.int32))  # last day of telling
    entry_layer: U8 = field(default_factory=lambda: np.zeros(64, np.uint8))
    entry_online: U8 = field(default_factory=lambda: np.zeros(64, np.uint8))
    active: I32 = field(default_factory=lambda: np.zeros(0, np.int32))  # entries that still tell
    alive_after_sweep: int = 0
    # who knows what: open addressing, (message, consumer) -> entry
    pairs: I64 = field(default_factory=lambda: np.full(128, -1, np.int64))
    pair_entry: I32 = field(default_factory=lambda: np.zeros(128, np.int32))
    head: I32 = field(default_factory=lambda: np.zeros(0, np.int32))  # scratch of the spread phase, -1 between days
    mentions: Mentions = field(default_factory=Mentions.none)
    pending: list[tuple[Started, I32]] = field(default_factory=list)  # messages of today's events, with first tellers
    logged: list[tuple[int, I32, I32, I32, U8, U8]] = field(default_factory=list)  # day, message, teller, hearer, layer, online

    # -- growing -------------------------------------------------------------------------------------------------

    def room_for_messages(self, more: int) -> None:
        """Make the message columns long enough for `more` messages."""
        need = self.count + more
        for name in ("key", "day", "brand", "valence", "origin", "author", "arousal", "size", "hearers", "depth", "breadth", "virality"):
            setattr(self, name, _grown(getattr(self, name), need))
        for name in ("window_arousal", "window_level"):
            setattr(self, name, _grown(getattr(self, name), need - self.first))

    def room_for_entries(self, more: int) -> None:
        """Make the entry columns and the table long enough for `more` entries."""
        need = self.entries + more
        for name in ("message", "consumer", "parent", "day", "last", "layer", "online"):
            setattr(self, f"entry_{name}", _grown(getattr(self, f"entry_{name}"), need))
        if 2 * need > len(self.pairs):
            self._rebuild_table(need)

    def _rebuild_table(self, need: int) -> None:
        size = 1 << max(7, int(2 * need - 1).bit_length())
        self.pairs = np.full(size, -1, np.int64)
        self.pair_entry = np.zeros(size, np.int32)
        fill_table(self.pairs, self.pair_entry, self.entry_message, self.entry_consumer, self.entries)

    # -- starting ------------------------------------------------------------------------------------------------

    def number(self, started: Started, day: int) -> I32:
        """Give today's messages their numbers, in the order of their keys; int32 [len]: the number of each row."""
        order = np.argsort(started.key, kind="stable")
        more = len(order)
        self.room_for_messages(more)
        rows = slice(self.count, self.count + more)
        for name in ("key", "author", "brand", "valence", "origin", "arousal"):
            getattr(self, name)[rows] = getattr(started, name)[order]
        self.day[rows] = day
        window = slice(self.count - self.first, self.count - self.first + more)
        self.window_arousal[window] = started.arousal[order]
        self.window_level[window] = started.level[order]
        numbers = np.empty(more, np.int32)
        numbers[order] = np.arange(self.count, self.count + more, dtype=np.int32)
        self.count += more
        return numbers

    # -- coming to rest ------------------------------------------------------------------------------------------

    def sweep(self, day: int) -> None:
        """Retire who has told for the last time; measure and drop the trees of messages at rest, if that gains enough."""
        self.active = self.active[self.entry_last[self.active] > day]
        if self.entries < FORGETTABLE + 2 * self.alive_after_sweep:
            return
        entry_message = self.entry_message[: self.entries]
        moving = np.zeros(self.count - self.first, bool)
        moving[self.entry_message[self.active] - self.first] = True
        gone = ~moving[entry_message - self.first]
        self._measure(np.flatnonzero(gone))
        kept = np.flatnonzero(~gone)
        moved_to = np.full(self.entries + 1, -1, np.int32)
        moved_to[kept] = np.arange(len(kept), dtype=np.int32)
        self.entry_parent[: len(kept)] = moved_to[self.entry_parent[kept]]  # -1 reads the last element: -1
        for name in ("message", "consumer", "day", "last", "layer", "online"):
            column = getattr(self, f"entry_{name}")
            column[: len(kept)] = column[kept]
        self.active = moved_to[self.active]
        self.entries = self.alive_after_sweep = len(kept)
        first = int(self.first + np.argmax(moving)) if moving.any() else self.count
        for name in ("window_arousal", "window_level"):
            setattr(self, name, getattr(self, name)[first - self.first : self.count - self.first].copy())
        self.first = first
        self._rebuild_table(self.entries)

    def _measure(self, gone: I64) -> None:
        """Write the tree measures of the messages of these entries (whole trees, in order of time)."""
        if len(gone) == 0:
            return
        within = np.full(self.entries + 1, -1, np.int32)
        within[gone] = np.arange(len(gone), dtype=np.int32)
        parent = within[self.entry_parent[gone]]
        message = self.entry_message[gone] - self.first
        size, depth, breadth, virality = measure_trees(message, parent, self.count - self.first)
        rows = np.unique(message)
        self.size[self.first + rows] = size[rows]
        self.depth[self.first + rows] = depth[rows]
        self.breadth[self.first + rows] = breadth[rows]
        self.virality[self.first + rows] = virality[rows]
        roots = np.bincount(message[parent < 0], minlength=self.count - self.first)
        self.hearers[self.first + rows] = size[rows] - roots[rows]

    # -- reading -------------------------------------------------------------------------------------------------

    def table(self) -> dict[str, np.ndarray]:
        """Columns of all messages, in order of day and key; those still on their way are measured as they stand."""
        self._measure(np.arange(self.entries))
        columns = {"message": np.arange(self.count, dtype=np.int32)}
        for name in ("key", "day", "brand", "valence", "origin", "author", "arousal", "size", "hearers", "depth", "breadth", "virality"):
            columns[name] = getattr(self, name)[: self.count].copy()
        return columns

    def log(self) -> dict[str, np.ndarray]:
        """Columns of all credited tellings: message, day, teller, hearer, layer (code), online."""
        names = ("message", "teller", "hearer", "layer", "online")
        kinds = (np.int32, np.int32, np.int32, np.uint8, np.uint8)
        columns: dict[str, np.ndarray] = {
            "day": np.concatenate([np.full(len(part[1]), part[0], np.int16) for part in self.logged] or [np.zeros(0, np.int16)])
        }
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True), start=1):
            columns[name] = np.concatenate([part[place] for part in self.logged] or [np.zeros(0, kind)])
        return columns

    # -- checkpoint ----------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that must survive a restart, as arrays."""
        kept: dict[str, np.ndarray] = {"scalars": np.array([self.count, self.first, self.entries, self.alive_after_sweep])}
        for name in ("key", "day", "brand", "valence", "origin", "author", "arousal", "size", "hearers", "depth", "breadth", "virality"):
            kept[name] = getattr(self, name)[: self.count].copy()
        for name in ("window_arousal", "window_level"):
            kept[name] = getattr(self, name)[: self.count - self.first].copy()
        for name in ("message", "consumer", "parent", "day", "last", "layer", "online"):
            kept[f"entry_{name}"] = getattr(self, f"entry_{name}")[: self.entries].copy()
        kept["active"] = self.active.copy()
        kept |= {f"log_{name}": column for name, column in self.log().items()}
        return kept

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Continue from `arrays()`."""
        self.count, self.first, self.entries, self.alive_after_sweep = (int(x) for x in kept["scalars"])
        for name, column in kept.items():
            if name not in ("scalars",) and not name.startswith("log_"):
                setattr(self, name, column.copy())
        self.logged = []
        days = kept["log_day"]
        cuts = np.flatnonzero(np.diff(days)) + 1
        for rows in np.split(np.arange(len(days)), cuts):
            if len(rows):
                columns = (kept[f"log_{name}"][rows] for name in ("message", "teller", "hearer", "layer", "online"))
                self.logged.append((int(days[rows[0]]), *columns))  # type: ignore[arg-type]  # five arrays, by construction
        self._rebuild_table(self.entries)


def _grown(column: np.ndarray, need: int) -> np.ndarray:
    """The column, made at least half as long again if it is shorter than `need`."""
    if len(column) >= need:
        return column
    grown = np.zeros(max(need, len(column) + len(column) // 2), column.dtype)
    grown[: len(column)] = column
    return grown
