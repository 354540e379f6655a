"""What a social graph looks like: the facts that `run.py graph` prints."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.engine.compiled import compiled
from simulator.world.graph_layers import SocialGraph, neighbourhood, sorted_rows, tied
from simulator.world.state import F64, FOLLOW, I32, I64, LAYERS

QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)
LARGEST = 10


def graph_facts(graph: SocialGraph) -> dict[str, Any]:
    """Facts as plain numbers; exact, nothing is sampled. None where a fact is not defined.

    consumers, directed_ties   how many
    ties                       directed ties by layer (a mutual tie counts twice)
    neighbours                 mean and quantiles of the number of consumers one is tied to in any layer and direction
    audience                   mean and quantiles of the number of consumers one can tell
    largest_audiences          the ten largest: position of the consumer, audience
    clustering                 mean over consumers of the share of pairs of neighbours who are tied (0 below two neighbours);
                               `clustering_mutual`: with strong and weak ties alone
    transitivity, triangles    share of connected triples that close; how many triangles
    reciprocity                share of directed ties whose reverse exists
    components, largest_component   connected parts; share of consumers in the largest
    assortativity              correlation of the numbers of neighbours at the two ends of a tie
    communities                how many
    same_community_share       share of directed ties inside a community; `same_community` by layer
    """
    audience = graph.audience()
    order = np.lexsort((graph.keys, -audience))[:LARGEST]
    facts: dict[str, Any] = {
        "consumers": graph.n,
        "directed_ties": int(audience.sum()),
        "ties": {name: int(graph.in_degree(k).sum()) for k, name in enumerate(LAYERS)},
        "audience": _spread(audience),
        "largest_audiences": [{"consumer": int(i), "audience": int(audience[i])} for i in order],
        "communities": len(np.unique(graph.community)),
    }
    return facts | (_complete_facts(graph) if graph.complete else _structure(graph))


def _structure(graph: SocialGraph) -> dict[str, Any]:
    start, other = neighbourhood(graph)
    degree = np.diff(start)
    closed = triangles(start, other)
    triples = degree * (degree - 1) // 2
    component = components(start, other)
    sizes = np.bincount(component)
    ties = sum(layer.ties for layer in graph.layers)
    inside = [_inside(graph, k) for k in range(len(LAYERS))]
    follow = graph.layers[FOLLOW]
    returned = ties - follow.ties + reversed_ties(*sorted_rows(graph.n, follow.tellers(), follow.hearer, False))
    return {
        "neighbours": _spread(degree),
        "clustering": _mean_clustering(closed, triples),
        "clustering_mutual": _clustering_mutual(graph),
        "transitivity": _ratio(int(closed.sum()), int(triples.sum())),
        "triangles": int(closed.sum()) // 3,
        "reciprocity": _ratio(returned, ties),
        "components": int((sizes > 0).sum()),
        "largest_component": int(sizes.max()) / graph.n,
        "assortativity": _assortativity(start, other),
        "same_community_share": _ratio(sum(inside), ties),
        "same_community": {name: _ratio(inside[k], graph.layers[k].ties) for k, name in enumerate(LAYERS)},
    }


def _complete_facts(graph: SocialGraph) -> dict[str, Any]:
    n = graph.n
    same = int((np.bincount(graph.community) * (np.bincount(graph.community) - 1)).sum())
    share = _ratio(same, n * (n - 1))
    return {
        "neighbours": _spread(np.full(n, n - 1)),
        "clustering": 1.0 if n > 2 else 0.0,
        "clustering_mutual": 1.0 if n > 2 and graph.complete_layer != "follow" else 0.0,
        "transitivity": 1.0 if n > 2 else None,
        "triangles": math.comb(n, 3),
        "reciprocity": 1.0 if n > 1 else None,
        "components": 1,
        "largest_component": 1.0,
        "assortativity": None,
        "same_community_share": share,
        "same_community": {name: share if name == graph.complete_layer else None for name in LAYERS},
    }


def _spread(values: I64) -> dict[str, Any]:
    levels = zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
    return {"mean": float(values.mean()), "quantiles": {f"{q:g}": float(level) for q, level in levels}}


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _inside(graph: SocialGraph, layer: int) -> int:
    return int((graph.community[graph.layers[layer].tellers()] == graph.community[graph.layers[layer].hearer]).sum())


def _mean_clustering(closed: I64, triples: I64) -> float:
    return float((closed / np.maximum(triples, 1)).mean())


def _clustering_mutual(graph: SocialGraph) -> float:
    mutual = graph.layers[:FOLLOW]
    start, other = sorted_rows(
        graph.n, np.concatenate([layer.tellers() for layer in mutual]), np.concatenate([layer.hearer for layer in mutual]), False
    )
    degree = np.diff(start)
    return _mean_clustering(triangles(start, other), degree * (degree - 1) // 2)


def _assortativity(start: I64, other: I32) -> float | None:
    """Pearson correlation of degrees over ties (Newman 2002, doi:10.1103/PhysRevLett.89.208701)."""
    degree: F64 = np.diff(start).astype(np.float64)
    total = degree.sum()
    if total == 0:
        return None
    mean = (degree**2).sum() / total
    variance = (degree**3).sum() / total - mean**2
    covariance = end_product(start, other) / total - mean**2
    return float(covariance / variance) if variance > 1e-9 * mean**2 else None


@compiled
def end_product(start: I64, other: I32) -> float:
    """Sum over ties, both ways, of the product of the degrees at their ends."""
    total = 0.0
    for i in range(len(start) - 1):
        beyond = 0
        for at in range(start[i], start[i + 1]):
            beyond += start[other[at] + 1] - start[other[at]]
        total += float(beyond) * (start[i + 1] - start[i])
    return total


@compiled
def triangles(start: I64, other: I32) -> I64:
    """int64 [n]: triangles through each consumer; lists sorted by position.

    Ties are looked at from their end of smaller degree, which bounds the work by ties^1.5 even with large hubs
    (Latapy 2008, doi:10.1016/j.tcs.2008.07.017).
    """
    n = len(start) - 1
    first = np.zeros(n + 1, np.int64)
    ahead = np.empty(len(other) // 2 + 1, np.int32)
    k = 0
    for i in range(n):
        size = start[i + 1] - start[i]
        for at in range(start[i], start[i + 1]):
            j = other[at]
            size_j = start[j + 1] - start[j]
            if size_j > size or (size_j == size and j > i):
                ahead[k] = j
                k += 1
        first[i + 1] = k
    through = np.zeros(n, np.int64)
    for i in range(n):
        for at in range(first[i], first[i + 1]):
            j = ahead[at]
            a, b = first[i], first[j]
            while a < first[i + 1] and b < first[j + 1]:
                one, two = ahead[a], ahead[b]
                if one == two:
                    through[i] += 1
                    through[j] += 1
                    through[one] += 1
                if one <= two:
                    a += 1
                if two <= one:
                    b += 1
    return through


@compiled
def components(start: I64, other: I32) -> I32:
    """int32 [n]: the smallest position of each consumer's connected part."""
    n = len(start) - 1
    root = np.arange(n).astype(np.int32)
    for i in range(n):
        for at in range(start[i], start[i + 1]):
            a, b = i, int(other[at])
            while root[a] != a:
                root[a] = root[root[a]]
                a = int(root[a])
            while root[b] != b:
                root[b] = root[root[b]]
                b = int(root[b])
            if a < b:
                root[b] = a
            else:
                root[a] = b
    for i in range(n):
        root[i] = root[root[i]]
    return root


@compiled
def reversed_ties(start: I64, other: I32) -> int:
    """How many ties i -> j have a tie j -> i; lists sorted by position."""
    found = 0
    for i in range(len(start) - 1):
        for at in range(start[i], start[i + 1]):
            if tied(start, other, other[at], i):
                found += 1
    return found
