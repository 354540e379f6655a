"""Messages and who heard them: what is on its way, and the measures of what has come to rest.

An *entry* is one consumer who knows one message: its author or a first teller of an event (no parent), or a
hearer (parent = the entry of the credited teller). Entries stand in order of time, parents before children.
A message whose last entry has stopped telling is at rest: its tree is measured, then dropped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from simulator.engine.ties import EMPTY, fill_table
from simulator.engine.trees import by_message, measure_trees, rest, still_telling
from simulator.world.state import F32, F64, I8, I16, I32, U8, U64

NO_LAYER = 255
"""`entry_layer` of an author or first teller."""

FORGETTABLE = 32_768
"""Entries of messages at rest are swept out when there may be at least this many."""

ROOM_IN_TABLE = 0.6
"""The table of who knows what is at most so full."""

MEASURES = ("size", "hearers", "depth", "breadth", "virality")
COLUMNS = ("key", "day", "brand", "valence", "origin", "author", "arousal", *MEASURES)
"""What is kept of every message."""

WINDOW = ("window_arousal", "window_level", "window_topic")
ENTRY = ("entry_message", "entry_consumer", "entry_parent", "entry_day", "entry_last", "entry_dice", "entry_layer", "entry_online")
LOG = {"message": np.int32, "teller": np.int32, "hearer": np.int32, "layer": np.uint8, "online": np.uint8}


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
        columns: list[np.ndarray] = [np.zeros(0, kind) for kind in (np.uint64, np.int32, np.int8, np.int8, np.float64)]
        return cls(*columns)


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
    topic: I32  # number of the crisis it is about, -1 if none

    @staticmethod
    def blank(rows: int) -> tuple[np.ndarray, ...]:
        """Columns to be filled, in the order of the fields."""
        kinds = (np.uint64, np.int32, np.int8, np.int8, np.uint8, np.float64, np.float64, np.int32)
        return tuple(np.empty(rows, kind) for kind in kinds)

    @classmethod
    def one(cls, *values: object) -> Started:
        """A single message, its values in the order of the fields."""
        columns = cls.blank(1)
        for column, value in zip(columns, values, strict=True):
            column[0] = value
        return cls(*columns)

    @classmethod
    def none(cls) -> Started:
        """Nobody has anything to say."""
        return cls(*cls.blank(0))

    def only(self, rows: np.ndarray) -> Started:
        """Those of some rows: bool [len] or numbers."""
        return Started(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: list[Started]) -> Started:
        """All of them together."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names)) if parts else cls.none()


@dataclass
class Messages:
    """All messages of a run. Growable columns; the first `count` (or `entries`) elements are valid."""

    logging: bool  # keep the log of tellings
    keys: U64 = field(default_factory=lambda: np.zeros(0, np.uint64))  # of the consumers: they put the log in order
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
    window_topic: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    # entries of messages on their way
    entries: int = 0
    entry_message: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    entry_consumer: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    entry_parent: I32 = field(default_factory=lambda: np.zeros(64, np.int32))
    entry_day: I16 = field(default_factory=lambda: np.zeros(64, np.int16))
    entry_last: I32 = field(default_factory=lambda: np.zeros(64, np.int32))  # last day of telling
    entry_dice: U64 = field(default_factory=lambda: np.zeros(64, np.uint64))  # address of her dice for this message
    entry_layer: U8 = field(default_factory=lambda: np.zeros(64, np.uint8))
    entry_online: U8 = field(default_factory=lambda: np.zeros(64, np.uint8))
    active: I32 = field(default_factory=lambda: np.zeros(0, np.int32))  # entries that still tell
    alive_after_sweep: int = 0
    known: I32 = field(default_factory=lambda: np.full(128, EMPTY))  # who knows what: (message, consumer) -> entry, see ties.place
    head: I32 = field(default_factory=lambda: np.zeros(0, np.int32))  # scratch of the spread phase, -1 between days
    mentions: Mentions = field(default_factory=Mentions.none)
    pending: list[tuple[Started, I32]] = field(default_factory=list)  # messages of today's events, with first tellers
    logged: list[tuple[int, I32, I32, I32, U8, U8]] = field(default_factory=list)  # day, message, teller, hearer, layer, online
    in_order: int = 0  # so many days of the log are in order

    # -- growing -------------------------------------------------------------------------------------------------

    def room_for_messages(self, more: int) -> None:
        """Make the message columns long enough for `more` messages."""
        need = self.count + more
        if need > len(self.key):
            self._grow(COLUMNS, need)
        if need - self.first > len(self.window_arousal):
            self._grow(WINDOW, need - self.first)

    def room_for_entries(self, more: int) -> None:
        """Make the entry columns and the table long enough for `more` entries."""
        need = self.entries + more
        if need > len(self.entry_message):
            self._grow(ENTRY, need)
        if need > ROOM_IN_TABLE * len(self.known):
            self._rebuild_table(need)

    def _grow(self, names: tuple[str, ...], need: int) -> None:
        for name in names:
            column = getattr(self, name)
            longer = np.zeros(max(need, 2 * len(column)), column.dtype)
            longer[: len(column)] = column
            setattr(self, name, longer)

    def _rebuild_table(self, need: int) -> None:
        size = 1 << max(7, math.ceil(need / ROOM_IN_TABLE - 1).bit_length())
        self.known = np.full(size, EMPTY)
        fill_table(self.known, self.entry_message, self.entry_consumer, 0, self.entries)

    # -- starting ------------------------------------------------------------------------------------------------

    def number(self, started: Started, day: int) -> I32:
        """Give today's messages their numbers, in the order of their keys; int32 [len]: the number of each row."""
        order = np.argsort(started.key)
        more = len(order)
        self.room_for_messages(more)
        rows = slice(self.count, self.count + more)
        for name in ("key", "author", "brand", "valence", "origin", "arousal"):
            getattr(self, name)[rows] = getattr(started, name)[order]
        self.day[rows] = day
        window = slice(self.count - self.first, self.count - self.first + more)
        self.window_arousal[window] = started.arousal[order]
        self.window_level[window] = started.level[order]
        self.window_topic[window] = started.topic[order]
        numbers = np.empty(more, np.int32)
        numbers[order] = np.arange(self.count, self.count + more, dtype=np.int32)
        self.count += more
        return numbers

    # -- coming to rest ------------------------------------------------------------------------------------------

    def sweep(self, day: int, began: int) -> None:
        """Retire who has told for the last time, add the hearers of today (entries from `began`).

        The trees of messages at rest are measured and dropped, if that gains enough.
        """
        self.active = still_telling(self.active, self.entry_last, day, began, self.entries)
        if self.entries < FORGETTABLE + 2 * self.alive_after_sweep:
            return
        self._measure()
        before = self.entries
        self.entries, first = rest(
            self.active, self.entries, self.first, self.count, self.entry_message, self.entry_consumer, self.entry_parent, self.entry_day,
            self.entry_last, self.entry_dice, self.entry_layer, self.entry_online,
        )  # fmt: skip
        self.alive_after_sweep = self.entries
        for name in WINDOW:
            setattr(self, name, getattr(self, name)[first - self.first : self.count - self.first].copy())
        self.first = first
        if self.entries < before:
            self._rebuild_table(self.entries)

    def _measure(self) -> None:
        """Write down the measures of all trees as they stand."""
        rows = slice(self.first, self.count)
        message, parent = self.entry_message[: self.entries] - self.first, self.entry_parent[: self.entries]
        size, depth, breadth, virality = measure_trees(message, parent, self.count - self.first)
        roots = np.bincount(message[parent < 0], minlength=self.count - self.first)
        known = size > 0
        measured: tuple[np.ndarray, ...] = (size, size - roots, depth, breadth, virality)
        for name, values in zip(MEASURES, measured, strict=True):
            getattr(self, name)[rows][known] = values[known]

    # -- reading -------------------------------------------------------------------------------------------------

    def table(self) -> dict[str, np.ndarray]:
        """Columns of all messages, in order of day and key; those still on their way are measured as they stand."""
        self._measure()
        columns = {"message": np.arange(self.count, dtype=np.int32)}
        return columns | {name: getattr(self, name)[: self.count].copy() for name in COLUMNS}

    def log(self) -> dict[str, np.ndarray]:
        """Columns of all credited tellings by day, message and hearer's key: message, day, teller, hearer, layer (code), online."""
        for place in range(self.in_order, len(self.logged)):
            day, message, teller, hearer, layer, online = self.logged[place]
            rows = by_message(np.argsort(self.keys[hearer]), int(message.min()), int(message.max()) + 1, message)
            self.logged[place] = (day, message[rows], teller[rows], hearer[rows], layer[rows], online[rows])
        self.in_order = len(self.logged)
        lengths = [len(part[1]) for part in self.logged]
        days = [part[0] for part in self.logged]
        columns: dict[str, np.ndarray] = {"day": np.repeat(np.array(days, np.int16), lengths)}
        for place, (name, kind) in enumerate(LOG.items(), start=1):
            columns[name] = np.concatenate([part[place] for part in self.logged] or [np.zeros(0, kind)])
        # the days become views of the joined columns: a log of millions is not kept twice
        cuts = np.cumsum(lengths)[:-1]
        parts = (np.split(columns[name], cuts) for name in LOG) if lengths else ()
        self.logged = [(day, *part) for day, *part in zip(days, *parts, strict=True)]
        return columns

    # -- checkpoint ----------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that must survive a restart, as arrays."""
        kept: dict[str, np.ndarray] = {"scalars": np.array([self.count, self.first, self.entries, self.alive_after_sweep])}
        kept |= {name: getattr(self, name)[: self.count].copy() for name in COLUMNS}
        kept |= {name: getattr(self, name)[: self.count - self.first].copy() for name in WINDOW}
        kept |= {name: getattr(self, name)[: self.entries].copy() for name in ENTRY}
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
                columns = (kept[f"log_{name}"][rows] for name in LOG)
                self.logged.append((int(days[rows[0]]), *columns))  # type: ignore[arg-type]  # five arrays, by construction
        self.in_order = len(self.logged)
        self._rebuild_table(self.entries)
