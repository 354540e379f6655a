"""Kernels over ties (CSR lists, each sorted by hearer key) and over sets of (message, consumer) pairs."""

from __future__ import annotations

import numpy as np

from simulator.engine.chance import integer
from simulator.engine.compiled import compiled

EMPTY = np.int32(-1)
_BY_MESSAGE, _BY_CONSUMER = np.int64(0x7FEB_352D), np.int64(0x68E3_1DA5)  # odd and below 2^31: products fit an int64


@compiled
def partner(key_draw, i, start_a, weight_a, factor_a, start_b, weight_b, factor_b):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """One tie of consumer i drawn by integer weight over two layers; (tie, 0 or 1 for the layer), (-1, 0) if there is none.

    `weight_*` is empty where every tie of the layer weighs 1; `factor_*` multiplies a layer's weights.
    """
    total_a = _total(i, start_a, weight_a) * factor_a
    total_b = _total(i, start_b, weight_b) * factor_b
    if total_a + total_b == 0:
        return np.int64(-1), 0
    r = integer(total_a + total_b, key_draw)
    other = r >= total_a
    if len(weight_a) == 0 and len(weight_b) == 0:  # selected, not branched: the totals are slow to come from memory
        begin, rest, factor = (start_b[i], r - total_a, factor_b) if other else (start_a[i], r, factor_a)
        return begin + rest // factor, int(other)
    if other:
        return _find_weight(i, (r - total_a) // factor_b, start_b, weight_b), 1
    return _find_weight(i, r // factor_a, start_a, weight_a), 0


@compiled
def _total(i, start, weight):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Sum of the integer weights of consumer i's ties in a layer."""
    if len(weight) == 0:
        return start[i + 1] - start[i]
    total = np.int64(0)
    for tie in range(start[i], start[i + 1]):
        total += weight[tie]
    return total


@compiled
def _find_weight(i, r, start, weight):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """The tie of consumer i in whose stretch of the cumulated weights r falls."""
    if len(weight) == 0:
        return start[i] + r
    tie = start[i]
    while r >= weight[tie]:
        r -= weight[tie]
        tie += 1
    return tie


@compiled
def occurrences(numbers, n):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """int32 [n]: how often each of 0 .. n-1 is among the numbers."""
    count = np.zeros(n, np.int32)
    for each in numbers:
        count[each] += 1
    return count


@compiled
def place(known, m, i, message, consumer):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Where the entry of (message m, consumer i) stands, or would stand, in an open-addressing table of entries.

    known: int32 [a power of two], entries or `EMPTY`; never nearly full. message, consumer: of each entry.
    """
    mask = len(known) - 1
    mixed = np.int64(m) * _BY_MESSAGE + np.int64(i) * _BY_CONSUMER
    slot = (mixed ^ (mixed >> 29)) & mask
    while known[slot] != EMPTY and (message[known[slot]] != m or consumer[known[slot]] != i):
        slot = (slot + 1) & mask
    return slot


@compiled
def fill_table(known, message, consumer, start, stop):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Put entries start..stop into the table."""
    for e in range(start, stop):
        known[place(known, message[e], consumer[e], message, consumer)] = e
