"""Kernels over ties (CSR lists, each sorted by hearer key) and over sets of (message, consumer) pairs."""

from __future__ import annotations

import numpy as np

from simulator.engine.chance import fold, integer
from simulator.engine.compiled import compiled

EMPTY = np.int64(-1)
_SPREAD = np.uint64(0x9E37_79B9_7F4A_7C15)
_HIGH = np.uint64(32)


@compiled
def partner(key_draw, i, start_a, hearer_a, weight_a, factor_a, start_b, hearer_b, weight_b, factor_b):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """One tie of consumer i drawn by integer weight over two layers; (hearer, 0 or 1 for the layer), (-1, 0) if none.

    `weight_*` is empty where every tie of the layer weighs 1; `factor_*` multiplies a layer's weights.
    """
    total_a = _total(i, start_a, weight_a) * factor_a
    total_b = _total(i, start_b, weight_b) * factor_b
    if total_a + total_b == 0:
        return -1, 0
    r = integer(total_a + total_b, key_draw)
    if r < total_a:
        return hearer_a[_find_weight(i, r // factor_a, start_a, weight_a)], 0
    return hearer_b[_find_weight(i, (r - total_a) // factor_b, start_b, weight_b)], 1


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
def pair(message, consumer):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """A (message number, consumer) pair as one whole number."""
    return (np.int64(message) << 32) | np.int64(consumer)


@compiled
def place(pairs, wanted):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Where `wanted` stands, or would stand, in an open-addressing table (a power of two long, at most half full)."""
    mask = len(pairs) - 1
    slot = np.int64(fold(np.uint64(0), wanted) & np.uint64(mask))
    while pairs[slot] != EMPTY and pairs[slot] != wanted:
        slot = (slot + 1) & mask
    return slot


@compiled
def fill_table(pairs, entries, message, consumer, count):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Put the first `count` (message, consumer) pairs into an empty table, with their positions as values."""
    for e in range(count):
        slot = place(pairs, pair(message[e], consumer[e]))
        pairs[slot] = pair(message[e], consumer[e])
        entries[slot] = e
