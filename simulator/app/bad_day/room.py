"""What one visitor does on the page: an answer is chosen, twenty worlds are simulated, one is opened, a twin unfolds.

Worlds are simulated in a thread, a few days in each turn (turns.py), the last wish first; the page reads what is there.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from simulator.app.bad_day import worlds
from simulator.app.bad_day.canvas import WorldsCanvas
from simulator.app.bad_day.worlds import NOBODY, SCANDAL_DAY, WORLDS, Choice, Course, Running
from simulator.app.layout import drawing_of
from simulator.app.turns import Turns
from simulator.experiments.ignition import wilson

SLICE = 0.03
"""Seconds of work in one turn."""

log = logging.getLogger(__name__)


class Try(NamedTuple):
    """What all twenty worlds are put to: an answer, and whether who carries the story most in each falls silent."""

    choice: Choice = Choice()
    hushed: bool = False


class Twin(NamedTuple):
    """The open world with one thing changed: somebody who falls silent, or another answer."""

    silenced: int = NOBODY
    choice: Choice | None = None


class Abandoned(Exception):
    """The visitor wants something else by now."""


class Room:
    """changed: called, from any thread, when the page has something else to say."""

    def __init__(self, turns: Turns, changed: Callable[[], None], awake: Callable[[], None] = lambda: None) -> None:
        self.asked = Try()
        self.courses: list[Course] = []  # of `asked`; empty while they are simulated
        self.done = 0
        self.played: dict[Try, list[Course]] = {}  # seen to the end, in this order
        self.opened, self.chosen = NOBODY, NOBODY
        self.twin: Twin | None = None
        self.twin_course: Course | None = None
        self.twin_seen = False  # to the end
        self.failed = False
        self.edition, self.start, self.day = 0, 0, 0
        self.canvas = WorldsCanvas()
        self.canvas.on_msg(lambda widget, content, buffers: self._hear(content))
        self._turns, self._changed, self._awake = turns, changed, awake
        self._known: dict[Try, list[Course]] = {}
        self._wish: Callable[[], None] | None = None
        self._woken, self._lock, self._closed = threading.Event(), threading.Lock(), False
        self._number, self._heeded = 0, 0  # of the last wish, and of the one that is being fulfilled
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=lambda: context.run(self._work), name="bad day", daemon=True)
        self._thread.start()
        self._begin(Try())

    # -- what the visitor does ---------------------------------------------------------------------------------------

    def ask(self, asked: Try) -> None:
        """Put the twenty worlds to something else; the clock goes back to the first day."""
        self._awake()
        if asked == self.asked and not self.failed:
            return
        self._begin(asked)
        self._changed()

    def open(self, world: int) -> None:
        """Look at one world; NOBODY: at all twenty again."""
        self._close_world()
        if self.courses and 0 <= world < WORLDS:
            self.opened = world
            self.chosen = self.courses[world].carrier
            self.edition, self.start = self.edition + 1, self.day
        self._changed()

    def choose(self, consumer: int) -> None:
        """Look at one consumer of the open world."""
        self._awake()
        if self.course is not None and 0 <= consumer < len(self.course.day):
            self.chosen = consumer
            self._changed()

    def change(self, twin: Twin | None) -> None:
        """Let the twin of the open world unfold beside it; None: without it again."""
        self._awake()
        self.twin, self.twin_course, self.twin_seen = twin, None, False
        world, asked = self.opened, self.asked
        if twin is not None and world != NOBODY:
            self._wants(lambda: self._simulate_twin(twin, world, asked))
        self._changed()

    def close(self) -> None:
        """The visitor has gone."""
        self._closed = True
        self._wants(lambda: None)
        self.canvas.close()

    # -- what there is to see ----------------------------------------------------------------------------------------

    @property
    def course(self) -> Course | None:
        """The open world."""
        return self.courses[self.opened] if self.courses and self.opened != NOBODY else None

    @property
    def silenced(self) -> tuple[int, ...]:
        """Who says nothing in the open world already."""
        return _silenced(self._known[Try(self.asked.choice)][self.opened]) if self.asked.hushed and self.opened != NOBODY else ()

    def _begin(self, asked: Try) -> None:
        self.asked, self.courses, self.done = asked, self._known.get(asked, []), 0
        self._close_world()
        self._restart(0)
        if not self.courses:
            self._wants(lambda: self._simulate(asked))

    def _close_world(self) -> None:
        self.opened, self.chosen, self.twin, self.twin_course, self.twin_seen = NOBODY, NOBODY, None, None, False

    def _restart(self, day: int) -> None:
        self.edition, self.start, self.day = self.edition + 1, day, day

    def _hear(self, content: Any) -> None:
        """A message of the page. What makes no sense is passed over: a page may send anything."""
        if not isinstance(content, dict) or not isinstance(content.get("value"), int) or isinstance(content["value"], bool):
            return
        kind, value = content.get("kind"), content["value"]
        self._awake()
        if kind == "open":
            self.open(value)
        elif kind == "teller":
            self.choose(value)
        elif kind == "day" and 0 <= value <= worlds.market().run.days:
            self.day = value
        elif kind == "ended" and self.courses:
            self.twin_seen = self.twin_course is not None
            if self.opened == NOBODY:
                self.played.setdefault(self.asked, self.courses)
            self._changed()

    # -- the thread --------------------------------------------------------------------------------------------------

    def _wants(self, wish: Callable[[], None]) -> None:
        with self._lock:
            self._wish = wish
            self._number += 1
        self._woken.set()

    def _work(self) -> None:
        while not self._closed:
            self._woken.wait()
            with self._lock:
                wish, self._wish, self._heeded = self._wish, None, self._number
                self._woken.clear()
            if wish is None:
                continue
            try:
                self.failed = False
                self._lay_out()
                wish()
            except Abandoned:
                pass
            except Exception:  # a mistake in a rule must not end the visit without a word
                log.exception("a world broke down")
                self.failed = True
                self._changed()

    def _simulate(self, asked: Try) -> None:
        found = self._twenty(asked.choice)
        if asked.hushed:
            found = [self._one(asked.choice, k, _silenced(course)) for k, course in enumerate(found)]
        self._known[asked] = found
        if self.asked == asked:
            self.courses = found
            self._changed()

    def _twenty(self, choice: Choice) -> list[Course]:
        known = self._known.get(Try(choice)) or worlds.kept(choice)
        if known is None:
            known = [self._one(choice, k) for k in range(WORLDS)]
            worlds.keep(choice, known)
        self._known[Try(choice)] = known
        return known

    def _simulate_twin(self, twin: Twin, world: int, asked: Try) -> None:
        silenced = (*self.silenced, twin.silenced) if twin.silenced != NOBODY else self.silenced
        course = self._one(twin.choice or asked.choice, world, silenced, reported=False)
        if self.twin == twin and self.opened == world:
            self.twin_course = course
            self._restart(SCANDAL_DAY)
            self._changed()

    def _one(self, choice: Choice, world: int, silenced: tuple[int, ...] = (), reported: bool = True) -> Course:
        """One world, in slices; Abandoned as soon as there is another wish."""
        with self._turns.turn():
            running = Running(choice, world + 1, silenced)
        while not running.finished:
            if self._number != self._heeded:
                raise Abandoned
            with self._turns.turn():
                until = time.monotonic() + SLICE
                while not running.finished and time.monotonic() < until:
                    running.step()
        with self._turns.turn():
            course = running.course()
        if reported:
            self.done = world + 1
            self._changed()
        return course

    def _lay_out(self) -> None:
        """Tell the canvas where everybody is drawn, once; and load here what takes half a second to load."""
        if not self.canvas.positions and not self._closed:
            wilson(0, WORLDS)
            drawing = drawing_of(worlds.town())
            with self.canvas.hold_sync():
                self.canvas.positions, self.canvas.ties = drawing.positions.tobytes(), drawing.ties.tobytes()


def _silenced(course: Course) -> tuple[int, ...]:
    """Who falls silent where the one who carries a story most is to."""
    return () if course.carrier == NOBODY else (course.carrier,)
