"""Ties in compressed rows (CSR): what the makers and readers build and everything else reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simulator.engine.compiled import compiled
from simulator.engine.ties import occurrences
from simulator.world.state import F32, I32, I64, LAYERS, U64

Address = Any
"""np.uint64, an address to fold on. (mypy does not take it for the int of the plain `fold`.)"""


@dataclass(frozen=True, slots=True)
class Layer:
    """The ties of one layer: consumer i tells hearer[start[i]:start[i+1]], in ascending order of the hearers' keys."""

    start: I64  # [n + 1]
    hearer: I32  # [ties]
    weight: I32 | None = None  # [ties] whole-numbered weights; None: every tie weighs 1

    @property
    def ties(self) -> int:
        """Number of directed ties."""
        return len(self.hearer)

    def tellers(self) -> I32:
        """int32 [ties]: who tells along each tie."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))

    @classmethod
    def empty(cls, n: int) -> Layer:
        """A layer without ties."""
        return cls(np.zeros(n + 1, np.int64), np.zeros(0, np.int32))


@dataclass(frozen=True, slots=True)
class Given:
    """What a consumers file says about consumers; columns of n rows."""

    file: str
    line: I64  # line of the file, 0 for a consumer it does not name
    segment: tuple[str, ...]  # "" where not given
    values: Mapping[str, F32]  # trait -> values, NaN where not given


@dataclass
class SocialGraph:
    """Who tells whom: three layers of directed ties, at most one layer for each pair of consumers.

    `strong` and `weak` are mutual (both directions are stored), `follow` goes from the followed to the follower.
    """

    n: int
    keys: U64  # [n] by which consumers appear in addresses
    layers: tuple[Layer, Layer, Layer]  # as in state.LAYERS
    community: I32  # [n] number of the consumer's community
    complete: bool = False  # everybody tells everybody else, in `complete_layer`; nothing is stored
    complete_layer: str = "strong"
    ids: tuple[str, ...] | None = None  # of a file, in the order of the consumers
    notices: list[str] = field(default_factory=list)  # sentences for the user
    given: Given | None = None  # what a consumers file says of them

    def in_degree(self, layer: int) -> I32:
        """int32 [n]: how many consumers each one hears from in a layer."""
        if self.complete and LAYERS[layer] == self.complete_layer:
            return np.full(self.n, self.n - 1, np.int32)
        counted: I32 = occurrences(self.layers[layer].hearer, self.n)
        return counted

    def audience(self) -> I64:
        """int64 [n]: how many consumers each one can tell, over all layers."""
        if self.complete:
            return np.full(self.n, self.n - 1, np.int64)
        total = np.zeros(self.n, np.int64)
        for layer in self.layers:
            total += np.diff(layer.start)
        return total

    def relabelled(self, permutation: I64) -> SocialGraph:
        """The same graph stored in another order: position p holds the consumer who stood at permutation[p]."""
        order = np.asarray(permutation, dtype=np.int64)
        position = np.empty(self.n, np.int32)
        position[order] = np.arange(self.n, dtype=np.int32)
        strong, weak, follow = (_reordered(layer, order, position) for layer in self.layers)
        given = self.given and replace(
            self.given,
            line=self.given.line[order],
            segment=tuple(self.given.segment[p] for p in order),
            values={name: values[order] for name, values in self.given.values.items()},
        )
        return replace(
            self,
            keys=self.keys[order],
            layers=(strong, weak, follow),
            community=self.community[order],
            given=given,
            ids=None if self.ids is None else tuple(self.ids[p] for p in order),
        )


def _reordered(layer: Layer, order: I64, position: I32) -> Layer:
    lengths = np.diff(layer.start)[order]
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    taken = np.repeat(layer.start[:-1][order] - start[:-1], lengths) + np.arange(start[-1])
    return Layer(start, position[layer.hearer[taken]], None if layer.weight is None else layer.weight[taken])


def neighbourhood(graph: SocialGraph) -> tuple[I64, I32]:
    """CSR of who is tied to whom at all, in either direction and any layer; lists sorted by position."""
    rows, columns = [], []
    for name, layer in zip(LAYERS, graph.layers, strict=True):
        teller, hearer = layer.tellers(), layer.hearer
        once = slice(None) if name == "follow" else teller < hearer  # mutual ties are stored twice
        rows.append(teller[once])
        columns.append(hearer[once])
    return sorted_rows(graph.n, np.concatenate(rows), np.concatenate(columns), True)


@compiled
def sorted_rows(n: int, row: I32, column: I32, mutual: bool) -> tuple[I64, I32]:
    """CSR (start [n+1], column numbers) of pairs, both ways if `mutual`; lists sorted, each pair once.

    Pairs are dealt out by column and, going through the columns in order, dealt back by row: linear time.
    """
    dealt_start, start = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    for k in range(len(row)):
        dealt_start[column[k] + 1] += 1
        start[row[k] + 1] += 1
        if mutual:
            dealt_start[row[k] + 1] += 1
            start[column[k] + 1] += 1
    for i in range(n):
        dealt_start[i + 1] += dealt_start[i]
        start[i + 1] += start[i]
    free = dealt_start[:n].copy()
    dealt = np.empty(dealt_start[n], np.int32)
    for k in range(len(row)):
        dealt[free[column[k]]] = row[k]
        free[column[k]] += 1
        if mutual:
            dealt[free[row[k]]] = column[k]
            free[row[k]] += 1
    free[:] = start[:n]
    result = np.empty(start[n], np.int32)
    for c in range(n):
        for at in range(dealt_start[c], dealt_start[c + 1]):
            r = dealt[at]
            if free[r] == start[r] or result[free[r] - 1] != c:
                result[free[r]] = c
                free[r] += 1
    kept = 0
    for r in range(n):
        first, last = start[r], free[r]
        start[r] = kept
        for at in range(first, last):
            result[kept] = result[at]
            kept += 1
    start[n] = kept
    return start, result if kept == len(result) else result[:kept].copy()


@compiled
def tied(start: I64, other: I32, i: int, j: int) -> bool:
    """Whether j is in the list of i; lists sorted by position."""
    low, high = start[i], start[i + 1]
    while low < high:
        middle = (low + high) // 2
        if other[middle] < j:
            low = middle + 1
        else:
            high = middle
    return bool(low < start[i + 1] and other[low] == j)
