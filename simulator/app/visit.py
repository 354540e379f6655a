"""One visitor of the application: where they are, which world they look at, and what they have begun."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.app.address import Address
from simulator.app.turns import Turns
from simulator.language import N_

if TYPE_CHECKING:
    from simulator.app.live.desk import Desk

ROOMS = {
    "story": N_("Story"),
    "bad_day": N_("One bad day"),
    "live": N_("Live"),
    "fork": N_("What if?"),
    "bad_buzz": N_("Bad buzz"),
    "compare": N_("Compare"),
}
"""The pages, in the order of the masthead; the first one is the home page."""

HOME = next(iter(ROOMS))


class Visit:
    """kept: what outlives a change of page, by name; whatever in it has a `close` is closed when the visitor leaves.

    changed: called from any thread to have the page said anew; awake: a sign of life.
    """

    def __init__(
        self, turns: Turns, address: Address, *, changed: Callable[[], None], awake: Callable[[], None], push: Callable[[str], None]
    ) -> None:
        self.turns, self.address, self.changed, self.awake = turns, address, changed, awake
        self.kept: dict[str, Any] = {}
        self._push = push
        self._left = False

    @property
    def desk(self) -> Desk:
        """The visitor's live run, begun when somebody first asks for it."""
        if "desk" not in self.kept:
            from simulator.app.live.desk import Desk

            desk = self.kept["desk"] = Desk(self.turns, self.address, self.changed)
            desk.awake = self.awake
        found: Desk = self.kept["desk"]
        return found

    def set_address(self, address: Address) -> None:
        """Another world, another luck, another language; a live run follows."""
        before, self.address = self.address, address
        if "desk" in self.kept:
            if (before.scenario, before.seed) != (address.scenario, address.seed):
                self.desk.open(address)
            else:
                self.desk.set_language(address.language)
        self.changed()

    def go(self, room: str, address: Address | None = None) -> None:
        """Open another page."""
        if address is not None and address != self.address:
            self.set_address(address)
        self._push(f"{path_of(room)}?{self.address.query()}")

    def close(self) -> None:
        """The visitor has gone."""
        if not self._left:
            self._left = True
            self.put_away()

    def put_away(self) -> None:
        """Let go of what the visitor has begun: they have been away for long, and others wait."""
        for thing in self.kept.values():
            if hasattr(thing, "close"):
                with contextlib.suppress(Exception):  # the next one is to be closed whatever this one says
                    thing.close()
        self.kept.clear()


def path_of(room: str) -> str:
    """Where a page lives."""
    return "/" if room == HOME else "/" + room.replace("_", "-")


def room_of(path: str) -> str:
    """The page of a path; the home page for what is not known."""
    return next((room for room in ROOMS if path_of(room) == "/" + path.strip("/")), HOME)
