"""A task in a process of its own: heard while it works, ended at once, and never more of them than there is room for."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORK = "simulator.app.compare.work"

Hear = Callable[..., None]
"""Called in the job's own thread with the parts of each message; see `Job`."""


class Line:
    """So many jobs at once, the others queue, first come, first served."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: list[Job] = []
        self._lock = threading.Lock()

    def join(self, job: Job) -> None:
        """Stand at the end of the queue, or be called at once."""
        with self._lock:
            self._waiting.append(job)
        self._call()

    def leave(self, job: Job) -> None:
        """Make room."""
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)
            else:
                self._free += 1
        self._call()

    def _call(self) -> None:
        with self._lock:
            called = [self._waiting.pop(0) for _ in range(min(self._free, len(self._waiting)))]
            self._free -= len(called)
            waiting = list(enumerate(self._waiting, start=1))
        for job in called:
            job.called.set()
        for place, job in waiting:
            job.moved(place)


class Job:
    """hear is called with

    ("waiting", place)   it waits; 1: it is the next
    ("running",)         its process starts
    ...                  whatever the process says (`work`)
    ("over", how)        and nothing after that; how: "done", "cancelled", "late" (it took longer than `longest` seconds), "broken"
    """

    def __init__(self, line: Line, task: Any, hear: Hear, longest: float) -> None:
        self.called = threading.Event()
        self._line, self._task, self._hear, self._longest = line, task, hear, longest
        self._process: subprocess.Popen[bytes] | None = None
        self._how = ""
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="comparison", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Of its process and of its process group."""
        process = self._process
        return process.pid if process is not None else None

    def moved(self, place: int) -> None:
        """The queue has moved."""
        if not self._how:
            self._hear("waiting", place)

    def cancel(self) -> None:
        """End it, wherever it is; returns at once."""
        self._end("cancelled")

    def join(self, seconds: float | None = None) -> bool:
        """Wait until it is over; whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._line.join(self)
        try:
            self.called.wait()
            if self._started():
                self._listen()
        finally:
            self._line.leave(self)
            self._hear("over", self._how or "broken")

    def _started(self) -> bool:
        home = str(Path(__file__).resolve().parents[3])  # a checkout that is not installed
        path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
        with self._lock:
            if self._how:
                return False
            self._process = subprocess.Popen(
                [sys.executable, "-m", WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": path}, start_new_session=True,
            )  # fmt: skip
        return True

    def _listen(self) -> None:
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None  # as it was started
        self._hear("running")
        late = threading.Timer(self._longest, self._end, ["late"])
        late.daemon = True
        late.start()
        try:
            with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):  # its end, or that it was ended
                pickle.dump(self._task, process.stdin)
                process.stdin.flush()  # and stays open: the process ends when it is closed
                while True:
                    message = pickle.load(process.stdout)
                    if message == ("end",):
                        self._how = self._how or "done"
                        break
                    if not self._how:
                        self._hear(*message)
        finally:
            late.cancel()
            self._end("broken")
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()

    def _end(self, how: str) -> None:
        """End the whole process group."""
        with self._lock:
            self._how = self._how or how
            process = self._process
            if process is not None and process.poll() is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    if hasattr(os, "killpg"):
                        os.killpg(process.pid, signal.SIGKILL)
                    else:
                        process.kill()
        self.called.set()
