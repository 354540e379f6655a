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
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from simulator.language import N_, _, language, speak
from simulator.parameters import InputError

Task = TypeVar("Task")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Called with (tasks done, tasks in all) whenever one ends, and once before the first."""

MOST_WORKERS = 60  # Windows cannot wait for more than 61 processes
NOT_STARTED = N_('no memory, or a script that calls this outside `if __name__ == "__main__":`')
"""Why processes end before they have done anything."""

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
                finished.errors[position] = error or _("nothing came back")
            tell(len(finished.results) + len(finished.errors), len(tasks))
    except KeyboardInterrupt:
        finished.interrupted = True
    return finished


Attempt = tuple[int, Result | None, str | None]
"""Position of a task, its result, what went wrong."""


def attempts(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int | None = None) -> Generator[Attempt[Result], None, None]:
    """The attempts of `run_all` one by one, as they end, for who keeps results as they come."""
    workers = min(workers or available_cpus(), MOST_WORKERS, len(tasks) - 1)
    if workers <= 1:
        for position, task in enumerate(tasks):
            yield _attempt(work, position, task)
        return
    waiting = list(range(1, len(tasks)))
    with _processes(workers) as executor:
        woken = _woken(executor, work, workers)  # they start while the first task runs here
        yield _attempt(work, 0, tasks[0])
        try:
            for future in woken:
                future.result()
        except BrokenProcessPool:
            raise InputError(_("the worker processes ended as they started: {why}").format(why=_(NOT_STARTED))) from None
        broken = yield from _made_by(executor, work, tasks, waiting, tuple(waiting))
    while waiting:
        alone = waiting[: 2 * workers + 1] if broken else waiting  # one of those that were with the processes is what ended one
        with _processes(1 if broken else workers) as executor:
            again = yield from _made_by(executor, work, tasks, waiting, tuple(alone))
        if broken and again:  # alone in the pool, so this task is what kills it
            yield waiting.pop(0), None, _("the process that ran it was ended from outside (out of memory?)")
        else:
            broken = again


class Crew:
    """Processes that stay for many rounds of tasks, where each round decides what the next one is.

    crew(work, tasks, done) gives (result, error) for every task, in their order; `done` is called with how many have ended.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = min(workers or available_cpus(), MOST_WORKERS)
        self._stack = contextlib.ExitStack()
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._stack.__exit__(*raised)

    def __call__(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], done: Callable[[int], None] = lambda count: None
    ) -> list[tuple[Result | None, str | None]]:
        found: dict[int, tuple[Result | None, str | None]] = {}
        for position, result, error in self._attempts(work, tasks):
            found[position] = result, error
            done(len(found))
        if len(found) < len(tasks):
            raise BrokenProcessPool(_("a process was ended from outside (out of memory?); the same command goes on from what is kept"))
        return [found[position] for position in range(len(tasks))]

    def _attempts(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Attempt[Result]]:
        waiting = list(range(len(tasks)))
        if self._executor is None:  # the first round begins here, for the same reasons as in `attempts`
            if waiting:
                yield _attempt(work, waiting.pop(0), tasks[0])
            if self.workers > 1 and waiting:
                self._executor = self._stack.enter_context(_processes(self.workers))
        if self._executor is None:
            for position in waiting:
                yield _attempt(work, position, tasks[position])
        elif (yield from _made_by(self._executor, work, tasks, waiting, tuple(waiting))):
            self._stack.close()
            self._executor = None


def _attempt(work: Callable[[Task], Result], position: int, task: Task) -> Attempt[Result]:
    """In this process."""
    try:
        return position, work(task), None
    except InputError:
        raise
    except Exception as error:  # whatever a run or plug-in raises is a recorded row, not the end
        return position, None, described(error)


def _made_by(
    executor: ProcessPoolExecutor, work: Callable[[Task], Result], tasks: Sequence[Task], waiting: list[int], positions: Sequence[int]
) -> Generator[Attempt[Result], None, bool]:
    """Attempts at some positions as they end, each taken off `waiting`; returns whether a process was lost, with what it had."""
    try:
        with _children_deaf_to_interrupts():
            futures = {executor.submit(work, tasks[position]): position for position in positions}
    except BrokenProcessPool:
        return True
    broken = False
    for future in as_completed(futures):
        position = futures[future]
        try:
            attempt: Attempt[Result] = position, future.result(), None
        except BrokenProcessPool:
            broken = True
            continue
        except InputError:
            raise
        except Exception as error:  # as above
            attempt = position, None, described(error)
        waiting.remove(position)
        yield attempt
    return broken


@contextlib.contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool; whatever ends the block before its end (Ctrl-C, wrong input) ends the processes at once."""
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _prepare_worker, (language(),))
    completed = False
    try:
        yield executor
        completed = True
    finally:
        running = list((executor._processes or {}).values())  # shutdown forgets them; terminate_workers only from Python 3.14 on
        executor.shutdown(wait=completed, cancel_futures=True)
        for process in [] if completed else running:
            process.terminate()


def _woken(executor: ProcessPoolExecutor, work: Callable[[Task], Result], workers: int) -> list[Future[None]]:
    """Processes on their way, the modules of `work` loaded."""
    with _children_deaf_to_interrupts():
        return [executor.submit(_wake, work) for _ in range(workers)]


def _wake(work: Callable[[Task], Result]) -> None:
    """Nothing: reading the argument loads its modules."""


def _prepare_worker(spoken: str) -> None:
    speak(spoken)
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
