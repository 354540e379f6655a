"""Memory of visitors who have left goes back to the system: without being asked, the C library keeps it for later."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import threading
from typing import Any

SOON = 3.0
"""Seconds after a visitor has left: by then Solara has let go of the page."""


def give_back(soon: float = SOON) -> None:
    """Collect what nobody holds, and return it; once for all who leave at the same time. Only glibc can return it."""
    with _lock:
        if not _asked.is_set():
            _asked.set()
            timer: Any = threading.Timer(soon, _give_back)
            timer.daemon, timer.current_context = True, None  # Solara's threads hold on to the page that started them
            timer.start()


def _give_back() -> None:
    _asked.clear()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


_asked = threading.Event()
_lock = threading.Lock()
