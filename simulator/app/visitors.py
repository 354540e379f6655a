"""How many may be here at once: places, a queue at the door, and turns for who computes."""

from __future__ import annotations

import os
import threading
import time

from simulator.app.turns import Turns
from simulator.experiments.pool import available_cpus

MOST = 20
"""Visitors at once, unless WORLD_OF_MOUTH_VISITORS says otherwise."""

EACH = 6
"""Places that one browser may have, a tab for every page: who opens thirty of them does not keep the others out."""

IDLE = 900.0
"""Seconds without a sign of life after which a place goes to the next who waits."""


class Visitors:
    """Who is in, and who waits, first come, first served; `each`: places that one browser may have."""

    def __init__(self, most: int, idle: float = IDLE, each: int = EACH) -> None:
        self.most, self.idle, self.each = most, idle, each
        self._inside: dict[str, float] = {}  # when they last gave a sign of life
        self._waiting: list[str] = []
        self._browsers: dict[str, str] = {}  # of those inside and those who wait
        self._lock = threading.Lock()

    def knock(self, who: str, browser: str = "") -> int:
        """0 if `who` is in, or is let in now; else the place in the queue, from 1. browser: whose tab this is; empty: nobody's."""
        with self._lock:
            if who in self._inside:
                return 0
            if who not in self._waiting:
                self._waiting.append(who)
                self._browsers[who] = browser
            now = time.monotonic()
            if len(self._inside) >= self.most:
                for asleep in [name for name, since in self._inside.items() if now - since > self.idle][: len(self._waiting)]:
                    del self._inside[asleep]
            queue = [name for name in self._waiting if not self._has_enough(self._browsers.get(name, ""))]
            if who not in queue:
                return self._waiting.index(who) + 1
            free, place = self.most - len(self._inside), queue.index(who)
            if place < free:
                self._waiting.remove(who)
                self._inside[who] = now
                return 0
            return place + 1 - max(0, free)

    def has_enough(self, browser: str) -> bool:
        """Whether this browser has all the places that one may have."""
        with self._lock:
            return self._has_enough(browser)

    def _has_enough(self, browser: str) -> bool:
        return browser != "" and sum(self._browsers.get(name) == browser for name in self._inside) >= self.each

    def is_awake(self, who: str) -> None:
        """A sign of life."""
        with self._lock:
            if who in self._inside:
                self._inside[who] = time.monotonic()

    def leave(self, who: str) -> None:
        """Give the place, inside or in the queue, to others."""
        with self._lock:
            self._inside.pop(who, None)
            self._browsers.pop(who, None)
            if who in self._waiting:
                self._waiting.remove(who)

    @property
    def inside(self) -> int:
        """How many are in."""
        return len(self._inside)


def most_visitors() -> int:
    """The setting; MOST if there is none or it is no number."""
    given = os.environ.get("WORLD_OF_MOUTH_VISITORS", "")
    return int(given) if given.isdecimal() and int(given) > 0 else MOST


VISITORS = Visitors(most_visitors())
TURNS = Turns(available_cpus())
"""Of this server."""
