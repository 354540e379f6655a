"""Waiting for what a thread or a process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def within(seconds: float) -> Callable[[Callable[[], object]], None]:
    """A function that waits until something is true, and fails if it is not by then."""

    def until(true: Callable[[], object]) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "it took too long"
            time.sleep(0.01)

    return until
