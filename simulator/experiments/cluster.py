"""The same runs on a Dask cluster: workers elsewhere compute, this process writes.

Dask sends a part again when its worker dies. Scheduler and workers must have this very version of the program and the same
NumPy and numba, or equal seeds would not mean equal results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from simulator.experiments.pool import Attempt, described
from simulator.parameters import InputError
from simulator.results.provenance import versions

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_WITHIN = "10s"
ATTEMPTS = 3
"""How often a part is sent out again after the worker that had it was lost."""

SAME = ("world-of-mouth", "numpy", "numba")
"""Versions that must agree."""


def attempts_on(address: str, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Attempt[Result]]:
    """The attempts of `pool.attempts`, made by the workers of the scheduler at `address`.

    InputError: Dask is not installed, nobody answers there, nobody works there, or somebody has another version.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise InputError("a cluster needs Dask; install it with: pip install 'world-of-mouth[cluster]'", key="--cluster") from None
    try:
        client = Client(address, timeout=CONNECT_WITHIN, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:  # TimeoutError is an OSError
        raise InputError(f"no scheduler answers at {address} ({described(error)})", key="--cluster") from error
    try:
        _check(client.run(versions), address)
        futures = {client.submit(work, task, key=f"part-{position}", pure=False, retries=ATTEMPTS): position
                   for position, task in enumerate(tasks)}  # fmt: skip
        for future in as_completed(list(futures)):
            position = futures.pop(future)
            wrong = future.exception()
            if isinstance(wrong, InputError):
                raise wrong
            yield (position, future.result(), None) if wrong is None else (position, None, described(wrong))
            future.release()
    finally:
        client.close()


def _check(found: dict[str, dict[str, str]], address: str) -> None:
    if not found:
        raise InputError(f"the scheduler at {address} has no workers; start some with: dask worker {address} --nthreads 1", key="--cluster")
    mine = versions()
    for worker, theirs in found.items():
        for name in SAME:
            if theirs.get(name) != mine[name]:
                raise InputError(f"worker {worker} has {name} {theirs.get(name)}, this machine {mine[name]}", key="--cluster")
