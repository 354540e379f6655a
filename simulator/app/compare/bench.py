"""One visitor's bench: what there is to compare, what they have chosen, and the comparison that runs. It knows neither pages nor Solara.

Kept in `Visit.kept["compare"]`, so that it outlives a change of page; `close` ends whatever runs.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.app.compare import limits
from simulator.app.compare.job import Job, Line
from simulator.app.compare.pace import PACE
from simulator.app.compare.variant import settings_of
from simulator.app.compare.work import Comparing, Reading, Wrong
from simulator.app.library import Group, library
from simulator.experiments.doubt import DOUBTS, LUCK
from simulator.language import _, number, speaking
from simulator.parameters import InputError
from simulator.scenario.load import load_scenario
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Scenario
from simulator.scenario.writing import as_text

COMPARISONS, READINGS = Line(limits.AT_ONCE), Line(2)
"""Of this server."""

LONGEST_NAME = 48


@dataclass(frozen=True)
class Entry:
    """Something to compare. key: of a bundled scenario its name, of one's own a number."""

    key: str
    name: str
    scenario: Scenario
    own: bool = False


@dataclass(frozen=True)
class Uploaded:
    """An uploaded file that cannot be run, and why."""

    name: str
    problems: tuple[Wrong, ...]


@dataclass
class Progress:
    """How a comparison stands. place: in the queue, 0: it runs; left: seconds, None: not known yet."""

    place: int = 0
    done: int = 0
    total: int = 0
    share: float = 0.0
    left: float | None = None
    writing: bool = False
    since: float = field(default_factory=time.monotonic)
    first: float = 0.0  # when the first run was done


class Bench:
    """changed: called (from any thread) when what the page says may have changed."""

    def __init__(self, first: str, language: str, changed: Callable[[], None]) -> None:
        self.language = language
        self.groups: list[Group] = library()
        self.own: list[Entry] = []
        self.chosen: list[Entry] = []
        self.replicates, self.doubt = 10, LUCK
        self.message = ""
        self.wrong: Uploaded | None = None
        self.progress: Progress | None = None
        self.papers: dict[str, dict[str, Any]] = {}
        self.files: dict[str, tuple[bytes, bytes]] = {}
        self.title = ""
        self._changed = changed
        self._uploads, self._made, self._number = 0, 0, 0
        self._job: Job | None = None
        self._reader: Job | None = None
        self._reading: Reading | None = None
        self._lock = threading.RLock()
        self._closed = False
        if any(first == name for group in self.groups for name in group.names):
            self.choose(first)

    def speak(self, language: str) -> None:
        """Another language; names of bundled scenarios follow."""
        if language != self.language:
            self.language, self.message = language, ""
            with self._lock, speaking(language):
                self.chosen = [entry if entry.own else self.entry(entry.key) or entry for entry in self.chosen]

    # -- what is there to compare --------------------------------------------------------------------------------

    def entry(self, key: str) -> Entry | None:
        """A bundled scenario by its name, or one's own; None for what is not known."""
        own = next((entry for entry in self.own if entry.key == key), None)
        if own is not None:
            return own
        for group in self.groups:
            if key in group.names:
                place = group.names.index(key)
                return Entry(key, _(group.titles[place]), read_once(group.paths[place]))
        return None

    def choose(self, key: str) -> None:
        """Put a scenario on the bench, or take it off."""
        self.message = ""
        with self._lock, speaking(self.language):
            if any(entry.key == key for entry in self.chosen):
                self.chosen = [entry for entry in self.chosen if entry.key != key]
            elif len(self.chosen) >= limits.MOST:
                self.message = _("At most {most} scenarios are compared; take one off first.").format(most=limits.MOST)
            else:
                entry = self.entry(key)
                if entry is not None and (sentence := limits.refused(entry.scenario)):
                    self.message = sentence
                elif entry is not None:
                    self.chosen = [*self.chosen, entry]
        self._changed()

    def upload(self, name: str, raw: bytes) -> None:
        """Read a file in a process of its own; what is wrong with it, or the scenario, is there when it is done."""
        with self._lock, speaking(self.language):
            self.message, self.wrong = "", None
            if self._reading is not None:
                self.message = _("One file at a time, please.")
            elif len(raw) > limits.MOST_BYTES:
                self.message = too_large(name, len(raw))
            elif self._uploads >= limits.MOST_UPLOADS:
                self.message = _("You have brought {most} files; that is as many as one visitor may.").format(most=limits.MOST_UPLOADS)
            elif not self._closed:
                self._uploads += 1
                task = self._reading = Reading(name[:LONGEST_NAME], raw, self.language)
                self._reader = Job(READINGS, task, lambda *message: self._read(task, *message), limits.LONGEST_READING)
        self._changed()

    @property
    def reading(self) -> str:
        """The file that is being read, if one is."""
        return self._reading.name if self._reading is not None else ""

    def complain(self, text: str) -> None:
        """Say what cannot be."""
        self.message = text
        self._changed()

    def vary(self, entry: Entry, name: str, values: Mapping[str, Any]) -> bool:
        """Make a variant of a scenario and put it on the bench; False where it is no scenario, which `message` then says."""
        with self._lock, speaking(self.language):
            self.message = ""
            try:
                scenario = entry.scenario.override(settings_of(entry.scenario, values) | {"title": name.strip()[:LONGEST_NAME]})
                self.message = limits.refused(scenario)
            except ScenarioError as error:  # in which file of the server it stands is not the visitor's affair
                self.message = "; ".join(f"{problem.key}: {problem.text}" for problem in error.problems[:3])
            except InputError as error:
                self.message = error.message
            if not self.message:
                self._add(name.strip()[:LONGEST_NAME] or entry.name, scenario)
                self.message = ""
        self._changed()
        return not self.message

    def written(self, entry: Entry) -> str:
        """A scenario as a file."""
        return as_text(entry.scenario.to_dict())

    def _add(self, name: str, scenario: Scenario) -> None:
        """Of one's own scenarios the oldest that is not on the bench gives way."""
        name = free(name, {entry.name for entry in (*self.own, *self.chosen)})
        self._made += 1
        entry = Entry(f"own {self._made}", name, scenario, own=True)
        self.own.append(entry)
        while len(self.own) > limits.MOST_OWN:
            self.own.remove(next(each for each in self.own if each not in self.chosen))
        if len(self.chosen) < limits.MOST:
            self.chosen = [*self.chosen, entry]

    def _read(self, task: Reading, *message: Any) -> None:
        """What the process that reads a file says."""
        kind, *rest = message
        with self._lock, speaking(self.language):
            if task is not self._reading or self._closed:
                return  # it has been read, or nobody is there any more
            if kind == "scenario":
                self._add(rest[0].title.strip()[:LONGEST_NAME] or task.name.removesuffix(".toml"), rest[0])
            elif kind == "problems":
                self.wrong = Uploaded(task.name, tuple(rest[0]))
            elif kind == "refused":
                self.message = str(rest[0])
            elif kind == "over":
                if rest[0] == "late":
                    self.message = _("{name} cannot be read: it takes too long.").format(name=task.name)
                elif rest[0] == "broken" and not self.message:
                    self.message = _("{name} cannot be read.").format(name=task.name)
            else:
                return
            self._reader, self._reading = None, None  # what is over need not have ended
        self._changed()

    # -- the comparison ------------------------------------------------------------------------------------------

    def too_much(self) -> str:
        """Why what is chosen cannot be compared; empty if it can."""
        return limits.too_much([entry.scenario for entry in self.chosen], self.replicates, self.doubt)

    def seconds(self) -> float:
        """About how long it takes, as the server has found so far."""
        return PACE.expected(limits.expected_seconds([entry.scenario for entry in self.chosen], self.replicates, self.doubt))

    def ask(self, *, replicates: int = 0, doubt: str = "") -> None:
        """How many paired worlds, and what a verdict has to survive."""
        if replicates in limits.REPLICATES:
            self.replicates = replicates
        if doubt in DOUBTS:
            self.doubt = doubt
        self.message = ""
        self._changed()

    def go(self, seed: int) -> None:
        """Begin; nothing happens where a comparison of this visitor runs already."""
        with self._lock, speaking(self.language):
            if self.running or self._closed:
                return
            self.message = self.too_much()
            if not self.message:
                names = distinct([entry.name for entry in self.chosen], [entry.key for entry in self.chosen])
                self.title = _title(self.chosen)
                task = Comparing(
                    tuple(entry.scenario for entry in self.chosen), tuple(names), self.replicates, seed, self.doubt, self.title,
                    self.language,
                )  # fmt: skip
                self.papers, self.files, self.progress = {}, {}, Progress()
                expected = limits.expected_seconds(task.scenarios, self.replicates, self.doubt)
                self._number += 1
                number_of_this = self._number
                self._job = Job(COMPARISONS, task, lambda *message: self._hear(number_of_this, expected, *message), limits.LONGEST)
        self._changed()

    @property
    def running(self) -> bool:
        """Whether a comparison of this visitor waits or runs."""
        return self._job is not None

    def cancel(self) -> None:
        """End the comparison."""
        job = self._job
        if job is not None:
            job.cancel()

    def again(self) -> None:
        """Back to the choice; what was found is let go, and what is still being written as well."""
        with self._lock:
            self.cancel()
            self._number += 1
            self._job, self.papers, self.files, self.progress = None, {}, {}, None
        self._changed()

    def close(self) -> None:
        """The visitor has gone."""
        self._closed = True
        for job in (self._job, self._reader):
            if job is not None:
                job.cancel()

    def _hear(self, comparison: int, expected: float, *message: Any) -> None:
        """What a comparison says, in its thread."""
        kind, *rest = message
        with self._lock, speaking(self.language):
            if comparison != self._number or self._closed:
                return  # of one that was let go
            now = self.progress = self.progress or Progress()
            if kind == "waiting":
                now.place = int(rest[0])
            elif kind == "running":
                now.place, now.since = 0, time.monotonic()
            elif kind == "progress":
                advance(now, int(rest[0]), int(rest[1]), PACE.expected(expected))
            elif kind == "papers":
                PACE.learn(expected, time.monotonic() - now.since)
                self.papers, now.writing, now.share, now.left = rest[0], True, 1.0, None
            elif kind == "files":
                self.files[str(rest[0])] = (rest[1], rest[2])
            elif kind == "refused":
                self.message = str(rest[0])
            elif kind == "over":
                self._job, self.progress = None, None
                if rest[0] == "late":
                    self.message = _("The comparison was ended: it took more than {n} minutes.").format(n=number(limits.LONGEST / 60))
                elif rest[0] == "broken" and not self.message:
                    self.message = _("The comparison ended before its time (out of memory?). Take fewer or smaller scenarios.")
        self._changed()


@functools.cache
def read_once(path: Path) -> Scenario:
    """A bundled scenario; these do not change while the server runs."""
    return load_scenario(path)


def advance(progress: Progress, done: int, total: int, expected: float) -> None:
    """So many of all runs are done; shares never fall. expected: seconds of the whole, believed until runs tell better."""
    progress.done, progress.total = max(done, progress.done), total
    progress.share = max(progress.share, progress.done / max(1, total))
    now, left = time.monotonic(), total - progress.done
    if progress.done and not progress.first:
        progress.first = now  # the first one loads what all others use
    progress.left = (
        (now - progress.first) * left / (progress.done - 1) if progress.done > 1 else max(1.0, expected - (now - progress.since))
    )


def distinct(names: list[str], keys: list[str]) -> list[str]:
    """Names that differ: where two are the same, each with the folder of its scenario, and then with a number."""
    told: list[str] = []
    for name, key in zip(names, keys, strict=True):
        said = f"{name} ({key.rpartition('/')[0].rpartition('/')[2].replace('_', ' ')})" if names.count(name) > 1 and "/" in key else name
        told.append(free(said, told))
    return told


def free(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is taken."""
    return next(each for each in (name, *(f"{name} ({count})" for count in range(2, len(taken) + 3))) if each not in taken)


def too_large(name: str, size: float) -> str:
    """Of a file."""
    sentence = _("{name} has {size} kB; a scenario file may have at most {most} kB.")
    return sentence.format(name=name[:LONGEST_NAME], size=number(size / 1000), most=number(limits.MOST_BYTES / 1000))


def _title(chosen: list[Entry]) -> str:
    """What the report is called: names, as many as there are."""
    return " / ".join(entry.name for entry in chosen)
