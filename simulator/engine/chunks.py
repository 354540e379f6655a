"""Fixed chunks of consumers, run one after another or on threads: the same results either way."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

R = TypeVar("R")

CHUNK = 16384


def run_chunks(work: Callable[[int, int], R], n: int, threads: int = 1, size: int = CHUNK) -> list[R]:
    """work(start, stop) over 0..n in fixed chunks of `size`; results in the order of the chunks.

    Kernels release the GIL, so threads help; small populations run serially, where threads only cost.
    """
    if n <= size:
        return [work(0, n)] if n > 0 else []
    ranges = [(start, min(start + size, n)) for start in range(0, n, size)]
    if threads <= 1:
        return [work(start, stop) for start, stop in ranges]
    return list(_pool(threads).map(lambda bounds: work(*bounds), ranges))


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """The arrays that chunks returned, one after another."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def sum_of(parts: list[np.ndarray]) -> np.ndarray:
    """The counts that chunks returned, added up: whole numbers, so in any order."""
    total: np.ndarray = parts[0] if len(parts) == 1 else np.sum(parts, axis=0)
    return total


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Kept for the life of the process: starting threads every day would cost more than their work."""
    return ThreadPoolExecutor(threads, thread_name_prefix="chunk")
