"""Worlds that are not prepared are made in a process of their own: the page never waits, and one visitor's wish serves all.

One errand for a step and one for a room's own plan run at once; the others wait. Who asks for worlds that are being made already is told
of the same errand.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections import OrderedDict
from multiprocessing.connection import Connection
from pathlib import Path

from simulator.app.story.steps import STEPS, TURN, Plan, Step
from simulator.app.story.worlds import Worlds, keep, kept, made, path_of
from simulator.language import N_, _

MOST_READ = 24
"""Steps held in memory for all visitors."""

LONGEST = 300.0
"""Seconds without a sign of life after which an errand is given up."""

BROKEN = N_("These worlds could not be simulated. Press reset and try again; if it happens again, please report it.")

_of_steps, _of_plans = threading.BoundedSemaphore(1), threading.BoundedSemaphore(1)  # a room that waits for its plan waits for nobody else
_lock = threading.Lock()
_read: OrderedDict[Path, Worlds] = OrderedDict()
_under_way: dict[Path, Errand] = {}


class Errand:
    """done of total worlds are made; ended: nothing more will come; worlds: what came of it, None if nothing did."""

    def __init__(self, step: Step, plan: Plan) -> None:
        self.done, self.total = 0, 0
        self.ended = threading.Event()
        self.worlds: Worlds | None = None
        self._path = path_of(step, plan)
        threading.Thread(target=self._run, args=(step, plan), name="story", daemon=True).start()

    def _run(self, step: Step, plan: Plan) -> None:
        with _of_plans if step.name == TURN else _of_steps, contextlib.suppress(EOFError, OSError):
            self.worlds = self._fetch(step, plan)
        with _lock:
            _under_way.pop(self._path, None)
            if self.worlds is not None:
                _remember(self._path, self.worlds)
        self.ended.set()

    def _fetch(self, step: Step, plan: Plan) -> Worlds:
        here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(target=_make, args=(step.name, plan, there), daemon=True)
        process.start()
        there.close()
        try:
            while here.poll(LONGEST):
                news = here.recv()
                if isinstance(news, dict):
                    return Worlds(step, **news)
                self.done, self.total = news
            raise EOFError
        finally:
            here.close()
            process.terminate()
            process.join()


def _make(name: str, plan: Plan, there: Connection) -> None:
    """In the process of an errand. It ends without a word when nobody listens any more: the server is gone."""
    step = STEPS[name]
    with contextlib.suppress(ConnectionError), there:
        (worlds,) = made([step], plan, lambda done, total: there.send((done, total)), workers=1)
        with contextlib.suppress(OSError):  # a folder that cannot be written: they are made again the next time
            keep(worlds, plan)
        there.send({key: value for key, value in vars(worlds).items() if key != "step"})


def look(step: Step, plan: Plan) -> Worlds | Errand | None:
    """The worlds of a step if they are there, or the errand that is bringing them."""
    path = path_of(step, plan)
    with _lock:
        worlds = _read.get(path) or kept(step, plan)
        if worlds is not None:
            _remember(path, worlds)
        return worlds or _under_way.get(path)


def find(step: Step, plan: Plan) -> Worlds | Errand:
    """The same, begun if need be."""
    path = path_of(step, plan)
    found = look(step, plan)
    if found is not None:
        return found
    with _lock:
        if path not in _under_way:
            _under_way[path] = Errand(step, plan)
        return _under_way[path]


def _remember(path: Path, worlds: Worlds) -> None:
    _read[path] = worlds
    _read.move_to_end(path)
    while len(_read) > MOST_READ:
        _read.popitem(last=False)


def sorrow() -> str:
    """What is said when an errand came to nothing."""
    return _(BROKEN)
