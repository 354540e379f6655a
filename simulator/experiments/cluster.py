"""The same runs on a Dask cluster: workers elsewhere compute, this process writes.

Dask sends a part again when its worker dies. Every worker must have this very version of the program and the same NumPy and
numba, or equal seeds would not mean equal results: those there at the start are asked at once, those that join later before
they compute anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import logging
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from simulator.experiments.pool import Attempt, described
from simulator.language import N_, _
from simulator.parameters import InputError
from simulator.results.provenance import versions

if TYPE_CHECKING:
    from distributed import Client

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_WITHIN = 10.0
"""Seconds."""

AHEAD, FEWEST_AHEAD = 4, 64
"""Parts sent to the scheduler and not back yet: so many for each thread of a worker, and at least so many."""

INSTALL = N_("install the same version on every machine")
KEPT = N_("what is finished is kept, and the same command goes on")
LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado.application")

SAME = ("world-of-mouth", "numpy", "numba")
"""Versions that must agree."""


@contextlib.contextmanager
def connected(address: str) -> Iterator[Callable[[Callable[[Task], Result], Sequence[Task]], Generator[Attempt[Result], None, None]]]:
    """What `pool.attempts` does, done by the workers of the scheduler at `address`.

    InputError: Dask is not installed, nobody answers there, nobody works there, or somebody has another version.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(_("a cluster needs Dask; install it with: pip install 'world-of-mouth[cluster]'"), key="--cluster") from None
    with _quiet():
        try:
            _greet(address)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Mismatched versions")  # those that matter are refused below
                client = Client(address, timeout=f"{CONNECT_WITHIN} s", set_as_default=False)
        except Exception as error:  # OSError where nobody answers; of many kinds where somebody else does
            raise InputError(
                _("no scheduler answers at {address} ({error})").format(address=address, error=described(error)), key="--cluster"
            ) from error
        try:
            _check(client, address)
            yield functools.partial(_attempts, client, address)
        finally:
            client.close()


def _greet(address: str) -> None:
    """OSError if no scheduler says hello there: Dask's own client would wait for ever for one that accepts and says nothing."""
    from distributed.comm import connect

    async def greeted() -> None:
        comm = await asyncio.wait_for(connect(address, timeout=CONNECT_WITHIN), CONNECT_WITHIN)
        comm.abort()

    def hello() -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(greeted())

    with ThreadPoolExecutor(1) as thread:  # the caller may have a loop of its own: a notebook has
        thread.submit(hello).result()


def _check(client: Client, address: str) -> None:
    try:
        found = client.run(versions)
    except Exception as error:  # whatever a machine without the program, or a worker that has just died, makes of it
        raise InputError(
            _("the workers of {address} do not know this program ({error}); {advice}").format(
                address=address, error=described(error), advice=_(INSTALL)
            ),
            key="--cluster",
        ) from error
    if not found:
        raise InputError(
            _("the scheduler at {address} has no workers; start some with: dask worker {address} --nthreads 1").format(address=address),
            key="--cluster",
        )
    for worker, theirs in found.items():
        _agree(theirs, versions(), _("the worker at {worker}").format(worker=worker))


def _agree(theirs: Mapping[str, str], mine: Mapping[str, str], who: str) -> None:
    for name in SAME:
        if theirs.get(name) != mine[name]:
            raise InputError(
                _("{who} has {name} {theirs}, this machine {mine}; {advice}").format(
                    who=who, name=name, theirs=theirs.get(name), mine=mine[name], advice=_(INSTALL)
                ),
                key="--cluster",
            )


@dataclass(frozen=True)
class Guarded(Generic[Task, Result]):
    """Work that is only done by a worker with the right versions."""

    work: Callable[[Task], Result]
    versions: Mapping[str, str]

    def __call__(self, task: Task) -> Result:
        """The result of the work."""
        _agree(versions(), self.versions, _("a worker that joined"))
        return self.work(task)


def _attempts(
    client: Client, address: str, work: Callable[[Task], Result], tasks: Sequence[Task]
) -> Generator[Attempt[Result], None, None]:
    from distributed import as_completed

    guarded, waiting = Guarded(work, versions()), iter(enumerate(tasks))
    out: dict[Any, int] = {}  # future -> position of its task

    def sent(most: int) -> list[Any]:
        futures = {client.submit(guarded, task, pure=False): position for position, task in itertools.islice(waiting, most)}
        out.update(futures)
        return list(futures)

    ahead = max(FEWEST_AHEAD, AHEAD * sum(client.nthreads().values()))
    try:
        coming = as_completed(sent(ahead), loop=client.loop)
        for future in coming:
            result, wrong = _fetched(future, address)
            yield out.pop(future), result, wrong
            future.release()
            coming.update(sent(1))
    finally:
        if out and client.status == "running":
            client.cancel(list(out))


def _fetched(future: Any, address: str) -> tuple[Any, str | None]:
    """The result of a task that has ended, or what went wrong in it. InputError: the connection, or the worker, is what is wrong."""
    try:
        return future.result(), None
    except Exception as error:  # of the task if its status says so, else of the way to it
        if future.status != "error":
            raise InputError(
                _("the scheduler at {address} was lost; {kept}").format(address=address, kept=_(KEPT)), key="--cluster"
            ) from error
        if isinstance(error, InputError):
            raise InputError(f"{error.message}; {_(KEPT)}", key=error.key) from None
        if isinstance(error, ImportError):
            raise InputError(
                _("a worker does not know this program ({error}); {advice}; {kept}").format(
                    error=described(error), advice=_(INSTALL), kept=_(KEPT)
                ),
                key="--cluster",
            ) from None
        return None, described(error)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Dask's loggers silent: what matters to the user is said in our words."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
