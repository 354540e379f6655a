"""A tree on rings: the root in the middle, each generation on its ring, every subtree in its own slice."""

from __future__ import annotations

import math

import numpy as np

from simulator.experiments.paired import F64
from simulator.world.state import I32


def generations_of(parent: I32, event: bool) -> I32:
    """int32 [entries]: the ring of each entry. parent: -1 for the author or first tellers, else a smaller index.

    event: the root is an event, so that its first tellers stand on ring 1; an author is the root herself.
    """
    ring = np.zeros(len(parent), np.int32)
    for entry, teller in enumerate(parent.tolist()):
        ring[entry] = ring[teller] + 1 if teller >= 0 else int(event)
    return ring


def radial(parent: I32, event: bool) -> tuple[F64, F64]:
    """x and y of each entry, rings one apart: float64 [entries]. Slices are as wide as subtrees have ends (consumers who told nobody)."""
    ends, parents = _ends(parent), parent.tolist()
    whole = float(sum(count for count, teller in zip(ends, parents, strict=True) if teller < 0))
    ring = generations_of(parent, event).astype(np.float64)
    begins, angle, free = np.zeros(len(parents)), np.zeros(len(parents)), 0.0
    for entry, teller in enumerate(parents):
        width = 2.0 * math.pi * ends[entry] / whole
        if teller < 0:
            start, free = free, free + width
        else:
            start = begins[teller]
            begins[teller] += width
        begins[entry], angle[entry] = start, start + width / 2.0  # her own slice is dealt out from its beginning
    return ring * np.cos(angle), ring * np.sin(angle)


def _ends(parent: I32) -> list[int]:
    """How many entries of each subtree, itself included, told nobody."""
    ends = [0] * len(parent)
    for entry in range(len(parent) - 1, -1, -1):
        ends[entry] = max(1, ends[entry])
        if parent[entry] >= 0:
            ends[parent[entry]] += ends[entry]
    return ends
