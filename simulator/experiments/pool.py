"""Many independent runs on a few processes, without losing what finished.

Every process works on one thread. The first task runs in the parent: a mistake in the input shows at once, and the
machine code it compiles is what the workers then load from the cache. Processes are spawned on every platform.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from simulator.parameters import InputError

Task = TypeVar("Task")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Called with (tasks done, tasks in all) whenever one ends, and once before the first."""

MOST_WORKERS = 60  # Windows cannot wait for more than 61 processes
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass
class Finished(Generic[Result]):
    """What became of a list of tasks, by their position in it."""

    results: dict[int, Result] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    interrupted: bool = False


def available_cpus() -> int:
    """How many processors this process may use: what a job of SLURM was given, else what the system and its container allow."""
    given = os.environ.get("SLURM_CPUS_PER_TASK", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    affinity = getattr(os, "sched_getaffinity", None)  # not on Windows and macOS
    here = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(here, _quota()))


def _quota() -> int:
    """Whole processors of time that the control group grants; plenty where there is no limit."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, int(quota) // int(period)) if quota != "max" else MOST_WORKERS
    except (OSError, ValueError):
        return MOST_WORKERS


def run_all(
    work: Callable[[Task], Result], tasks: Sequence[Task], workers: int | None = None, progress: Progress | None = None
) -> Finished[Result]:
    """work(task) for every task on `workers` processes (None: one per processor, 1: in this process).

    An error ends its own task only and is recorded, except wrong input, which ends everything: it would be as wrong in
    all others. Ctrl-C stops what runs and keeps what finished. `work` must be a function of a module (it is sent by name).
    """
    finished: Finished[Result] = Finished()
    tell = progress or (lambda done, total: None)
    tell(0, len(tasks))
    try:
        for position, result, error in attempts(work, tasks, workers):
            if error is None and result is not None:
                finished.results[position] = result
            else:
                finished.errors[position] = error or "nothing came back"
            tell(len(finished.results) + len(finished.errors), len(tasks))
    except KeyboardInterrupt:
        finished.interrupted = True
    return finished


Attempt = tuple[int, Result | None, str | None]
"""Position of a task, its result, what went wrong."""


def attempts(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int | None = None) -> Iterator[Attempt[Result]]:
    """The attempts of `run_all` one by one, as they end, for who keeps results as they come."""
    workers = min(workers or available_cpus(), MOST_WORKERS)
    here = len(tasks) if workers <= 1 else 1
    for position, task in enumerate(tasks[:here]):
        try:
            yield position, work(task), None
        except InputError:
            raise
        except Exception as error:  # whatever a run or plug-in raises is a recorded row, not the end
            yield position, None, described(error)
    waiting = list(range(here, len(tasks)))
    workers = min(workers, len(waiting))
    while waiting:
        broken = False
        for attempt in _in_processes(work, tasks, tuple(waiting), workers):
            if attempt is None:
                broken = True
                continue
            waiting.remove(attempt[0])
            yield attempt
        if broken and workers == 1:  # alone in the pool, so this task is what kills it
            yield waiting.pop(0), None, "the process that ran it was ended from outside (out of memory?)"
        workers = 1 if broken else workers


def _in_processes(
    work: Callable[[Task], Result], tasks: Sequence[Task], positions: Sequence[int], workers: int
) -> Iterator[Attempt[Result] | None]:
    """Attempts as they end; None for each task that was lost with its process."""
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _prepare_worker)
    completed = False
    try:
        with _children_deaf_to_interrupts():
            futures = {executor.submit(work, tasks[position]): position for position in positions}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result(), None
            except BrokenProcessPool:
                yield None
            except InputError:
                raise
            except Exception as error:  # as above
                yield futures[future], None, described(error)
        completed = True
    finally:
        running = list((executor._processes or {}).values())  # shutdown forgets them; terminate_workers only from Python 3.14 on
        executor.shutdown(wait=completed, cancel_futures=True)
        for process in [] if completed else running:
            process.terminate()


def _prepare_worker() -> None:
    for name in THREAD_LIMITS:
        os.environ[name] = "1"
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the parent ends the workers


@contextlib.contextmanager
def _children_deaf_to_interrupts() -> Iterator[None]:
    """Processes started inside ignore Ctrl-C from their first instruction on, so that none prints a traceback."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def described(error: BaseException) -> str:
    """One line for the record: what kind of error, and what it says."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
