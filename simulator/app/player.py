"""Playing a run for one visitor: a thread that owns the run, and orders for it that are carried out one after another.

Nobody else touches the run, so nothing needs locks. Each day and each order takes a turn (turns.py). What is shown goes out through
`shown`; the page acknowledges it, and who does not keep up is waited for: no queue of pictures grows.
"""

from __future__ import annotations

import contextvars
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable

from simulator.app.turns import Turns
from simulator.experiments.live import Intervention, LiveRun
from simulator.language import _
from simulator.parameters import InputError
from simulator.scenario.schema import Scenario

SPEEDS = (1.0, 3.0, 7.0, 15.0, 30.0)
"""Days a second."""

AHEAD = 3
"""Pictures that may be on their way before the first is acknowledged."""

PATIENCE = 20.0
"""Seconds without an acknowledgement after which the run pauses: nobody is looking."""

MOST_ORDERS = 50
"""Orders that may wait; whoever clicks faster is not heard."""

LEAP = 7
"""Days simulated in one turn while going to a later day."""

END = sys.maxsize
"""A day to go to: the last one of the run that is played when the order's turn has come."""

Order = Callable[[], None]

log = logging.getLogger(__name__)


class Player:
    """shown: called after every change with the player, from its thread; complained: with a sentence for the visitor."""

    def __init__(self, turns: Turns, shown: Callable[[Player], None], complained: Callable[[str], None]) -> None:
        self.live: LiveRun | None = None
        self.playing = False
        self.speed = SPEEDS[2]
        self.frame = 0  # number of the last picture sent
        self._turns, self._shown, self._complained = turns, shown, complained
        self._seen = 0  # number of the last picture acknowledged
        self._heard = time.monotonic()
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._unfinished: Order | None = None  # goes on before the next order
        self._closing = False
        self._only_read = False  # by the last order
        self._woken = threading.Event()
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=lambda: context.run(self._work), name="player", daemon=True)
        self._thread.start()

    # -- orders: return at once ----------------------------------------------------------------------------------

    def open(self, scenario: Scenario, seed: int, opened: Callable[[LiveRun], None] = lambda live: None) -> None:
        """Begin another run; `opened` is called before it is shown."""
        self.take(lambda: LiveRun(scenario, seed), opened)

    def take(self, run: Callable[[], LiveRun], taken: Callable[[LiveRun], None] = lambda live: None) -> None:
        """Go on with a run that `run` makes."""

        def begin() -> None:
            self.playing = False
            self.live = run()
            taken(self.live)

        self._order(begin)

    def play(self) -> None:
        """Day after day, until the last one."""
        self._order(lambda: self._set_playing(True))

    def pause(self) -> None:
        """Stand still."""
        self._order(lambda: self._set_playing(False))

    def step(self) -> None:
        """One day."""

        def one() -> None:
            self.playing = False
            if self.live is not None:
                self.live.step()

        self._order(one)

    def go_to(self, day: int) -> None:
        """The market as it stood after `day` days; END, or any day behind it, is the last one."""

        def go() -> None:
            if self.live is not None:
                goal = min(max(0, day), self.live.days)
                self._unfinished = go if self.live.day + LEAP < goal else None  # other visitors first
                self.live.go_to(min(goal, self.live.day + LEAP))

        self._order(go)

    def intervene(self, *interventions: Intervention) -> None:
        """Do something today."""

        def act() -> None:
            if self.live is not None:
                for intervention in interventions:
                    self.live.intervene(intervention)

        self._order(act)

    def undo(self) -> None:
        """Take back what was done last."""
        self._order(lambda: self.live.undo() if self.live is not None else None)

    def ask(self, look: Callable[[LiveRun], None]) -> bool:
        """Call `look` with the run, in its thread: to read it while it stands still. What is shown stays as it is.

        False if it will not be called: too many orders wait.
        """

        def read() -> None:
            self._only_read = True
            if self.live is not None:
                look(self.live)

        return self._order(read)

    def show_again(self) -> None:
        """Send the day once more: the page looks at it differently."""
        self._order(lambda: None)

    def set_speed(self, speed: float) -> None:
        """Days a second from now on."""
        self.speed = speed
        self._woken.set()

    def acknowledge(self, frame: int) -> None:
        """The page has drawn this picture."""
        self._seen = max(self._seen, frame)
        self._heard = time.monotonic()
        self._woken.set()

    def close(self) -> None:
        """End the thread and let the run go."""
        self._orders.put(None)
        self._woken.set()

    @property
    def closed(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    # -- the thread ----------------------------------------------------------------------------------------------

    def _order(self, order: Order) -> bool:
        heard = self._orders.qsize() < MOST_ORDERS
        if heard:
            self._orders.put(order)
        self._woken.set()
        return heard

    def _set_playing(self, playing: bool) -> None:
        self.playing = playing and self.live is not None and not self.live.finished
        self._heard = time.monotonic()

    def _work(self) -> None:
        due = 0.0
        while True:
            self._woken.clear()
            order = self._next_order()
            if order is None and self._closing:
                self.live = None
                return
            now = time.monotonic()
            if order is not None:
                self._carry_out(order)
            elif self.playing and now >= due and self.frame - self._seen < AHEAD:
                due = max(due + 1.0 / self.speed, now)
                self._carry_out(self._a_day)
            elif self.playing and now - self._heard > PATIENCE:
                self._carry_out(lambda: self._set_playing(False))
            else:
                self._woken.wait(min(max(due - now, 0.001), PATIENCE) if self.playing and self.frame - self._seen < AHEAD else PATIENCE)

    def _next_order(self) -> Order | None:
        unfinished, self._unfinished = self._unfinished, None
        if unfinished is not None:
            return unfinished
        try:
            order = self._orders.get_nowait()
        except queue.Empty:
            return None
        self._closing = self._closing or order is None
        return order

    def _a_day(self) -> None:
        if self.live is not None:
            self.live.step()
            self.playing = not self.live.finished

    def _carry_out(self, order: Order) -> None:
        """Whatever goes wrong, the visitor gets a sentence and the thread goes on."""
        self._only_read = False
        try:
            with self._turns.turn():
                order()
        except InputError as error:
            self._complained(error.message)
        except Exception:  # a mistake in a rule or strategy must not end the visit without a word
            log.exception("a run broke down")
            self.playing = False
            self._complained(_("Something went wrong in this run. Start it again; if it happens again, please report it."))
        if self.live is not None and not self._only_read:
            self.frame += 1
            self._shown(self)
