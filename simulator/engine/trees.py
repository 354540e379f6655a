"""Exact measures of trees given as parent arrays, all in time proportional to the number of entries.

One *entry* is one consumer in one tree. Entries of several trees may alternate, but a parent comes before its children.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.engine.compiled import compiled

I32 = NDArray[np.int32]
F64 = NDArray[np.float64]


@compiled
def generations(parent: I32) -> I32:
    """int32 [entries]: steps from the author or first teller (0), given `parent` as in `measure_trees`."""
    generation = np.zeros(len(parent), np.int32)
    for e in range(len(parent)):
        if parent[e] >= 0:
            generation[e] = generation[parent[e]] + 1
    return generation


@compiled
def measure_trees(message: I32, parent: I32, n_messages: int) -> tuple[I32, I32, I32, F64]:
    """Size, depth, breadth and structural virality of each tree; arrays [n_messages].

    message: int32 [entries], 0 .. n_messages-1, the tree an entry belongs to.
    parent: int32 [entries], index of the parent's entry in these arrays (same tree, smaller index); -1 for an entry that
    heard it from nobody: the author, or a first teller of a message whose root is an event.

    size       consumers in the tree: the author counts, an event at the root does not;
    depth      largest generation (author or first tellers: generation 0, whom they told: 1 ...; 0 for an empty tree);
    breadth    consumers in the largest generation;
    virality   float64, structural virality nu = sum over ordered pairs of distinct consumers of their distance / (n (n-1))
               (Goel, Anderson, Hofman, Watts 2016, doi:10.1287/mnsc.2015.2158); NaN below two consumers. Several first
               tellers are joined by the event: two steps apart, and the event itself is no member of any pair.

    A tie above a subtree of s consumers lies between s (n - s) pairs, so that nu needs one pass over subtree sizes. An only
    root has s = n and adds nothing; several roots add their steps to the event: no case apart. Whole numbers, hence
    exact: up to 2^63, i.e. 3.8 million consumers in the worst case (one long line), any number in a tree of sane depth.
    """
    entries = len(message)
    size = np.zeros(n_messages, np.int32)
    depth = np.zeros(n_messages, np.int32)
    breadth = np.zeros(n_messages, np.int32)
    virality = np.full(n_messages, math.nan)
    generation = generations(parent)
    for e in range(entries):
        m = message[e]
        size[m] += 1
        depth[m] = max(depth[m], generation[e])

    first = np.zeros(n_messages + 1, np.int64)  # where each tree's generations begin in `members`
    for m in range(n_messages):
        first[m + 1] = first[m] + depth[m] + 1
    members = np.zeros(first[n_messages], np.int32)
    subtree = np.ones(entries, np.int64)
    steps = np.zeros(n_messages, np.int64)  # sum of distances over unordered pairs
    for e in range(entries - 1, -1, -1):  # children before parents
        m = message[e]
        members[first[m] + generation[e]] += 1
        steps[m] += subtree[e] * (size[m] - subtree[e])
        if parent[e] >= 0:
            subtree[parent[e]] += subtree[e]

    for m in range(n_messages):
        for g in range(first[m], first[m + 1]):
            breadth[m] = max(breadth[m], members[g])
        if size[m] > 1:
            n = float(size[m])
            virality[m] = 2.0 * steps[m] / (n * (n - 1.0))
    return size, depth, breadth, virality


@compiled
def still_telling(active: I32, last: I32, day: int, began: int, stop: int) -> I32:
    """int32: the active entries that may tell after `day`, and of the new ones began..stop those that may."""
    kept = np.empty(len(active) + stop - began, np.int32)
    count = 0
    for e in active:
        kept[count] = e
        count += int(last[e] > day)
    for e in range(began, stop):
        kept[count] = e
        count += int(last[e] > day)
    return kept[:count]


@compiled
def rest(active, entries, first, messages, message, consumer, parent, day, last, dice, layer, online):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Drop the entries of messages that nobody tells any more, in place; renumbers `active`.

    Returns how many entries are left and the number of the first message that still moves (of first .. messages-1).
    """
    moving = np.zeros(messages - first, np.bool_)
    for e in active:
        moving[message[e] - first] = True
    moved_to = np.empty(entries, np.int32)
    kept = 0
    for e in range(entries):
        if not moving[message[e] - first]:
            continue
        moved_to[e] = kept
        message[kept], consumer[kept], day[kept], last[kept] = message[e], consumer[e], day[e], last[e]
        dice[kept], layer[kept], online[kept] = dice[e], layer[e], online[e]
        parent[kept] = moved_to[parent[e]] if parent[e] >= 0 else -1
        kept += 1
    for at in range(len(active)):
        active[at] = moved_to[active[at]]
    earliest = messages
    for m in range(messages - first - 1, -1, -1):
        if moving[m]:
            earliest = first + m
    return kept, earliest


@compiled
def by_message(entries, first, messages, message):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """int32: these entries by message (of first .. messages-1), those of one message in the order given."""
    filled = np.zeros(messages - first + 1, np.int32)
    for e in entries:
        filled[message[e] - first + 1] += 1
    for m in range(messages - first):
        filled[m + 1] += filled[m]
    order = np.empty(len(entries), np.int32)
    for e in entries:
        m = message[e] - first
        order[filled[m]] = e
        filled[m] += 1
    return order
