"""Fair shares: who wants to compute waits for a turn, first come, first served."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator


class Turns:
    """So many may compute at once; the others queue. After each turn one goes to the end of the queue."""

    def __init__(self, at_once: int) -> None:
        self._free = max(1, at_once)
        self._queue: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Inside, it is one's turn."""
        called = threading.Event()
        with self._lock:
            if self._free > 0:
                self._free -= 1
                called.set()
            else:
                self._queue.append(called)
        called.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._queue:
                    self._queue.popleft().set()
                else:
                    self._free += 1
