"""Where consumers are drawn: communities apart, friends side by side. The same graph always looks the same.

Communities are placed by the ties between them (springs and repulsion, Fruchterman and Reingold 1991, doi:10.1002/spe.4380211102);
their members start on a disc each and are moved by their own ties, while whoever comes too close is pushed away. What is found is kept in
memory and in the user's cache folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from simulator.app.cache import cache_folder, keep
from simulator.world.graph import SocialGraph
from simulator.world.state import F32, F64, I64, U16

MOST_DRAWN = 5_000
"""Consumers; of a larger market whole communities are drawn, as many as fit."""

MOST_TIES = 25_000
"""Ties drawn: those of the closest layer, and of the next ones while they fit."""

FORMAT = 1
"""Of files in the cache; another number makes them anew."""

KEPT = 32
"""Drawings in memory."""

GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
ROUNDS = 60
SMALLEST = 8
"""Consumers of a community on average; where they are fewer, there are none to speak of."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """Who is drawn, where, and with which ties."""

    consumers: I64  # [drawn] numbers of the consumers, ascending
    place: I64  # [n] where each consumer stands in `consumers`, -1: not drawn
    positions: F32  # [drawn, 2], within -1..1
    ties: U16  # [ties, 2] pairs of places, each pair once

    @property
    def whole(self) -> bool:
        """Whether everybody is drawn."""
        return len(self.consumers) == len(self.place)


def drawing_of(graph: SocialGraph, most: int = MOST_DRAWN) -> Drawing:
    """The drawing of a graph, computed once; at most `most` consumers."""
    consumers = sample(graph, most)
    place = np.full(graph.n, -1, np.int64)
    place[consumers] = np.arange(len(consumers))
    ties = _ties_among(graph, place)
    community = np.unique(graph.community[consumers], return_inverse=True)[1]
    name = hashlib.blake2b(ties.tobytes() + community.tobytes() + bytes([FORMAT]), digest_size=16).hexdigest()
    with _lock:  # of two who ask at once the second finds it made
        if name not in _made:
            _made[name] = _kept_or_made(name, len(consumers), ties, community)
        _made.move_to_end(name)
        while len(_made) > KEPT:
            _made.popitem(last=False)
        return Drawing(consumers, place, _made[name], ties)


_made: OrderedDict[str, F32] = OrderedDict()
_lock = threading.Lock()


def _kept_or_made(name: str, n: int, ties: U16, community: I64) -> F32:
    """Positions from the cache folder, else computed and put there; a folder that cannot be written is no misfortune."""
    path = cache_folder() / f"layout-{name}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        kept: F32 = np.load(path, allow_pickle=False)
        if kept.shape == (n, 2) and kept.dtype == np.float32 and np.isfinite(kept).all():
            return kept
    positions = placed(n, ties.astype(np.int64), community)
    with contextlib.suppress(OSError):
        keep(path, lambda file: np.save(file, positions))
    return positions


# -- who is drawn ----------------------------------------------------------------------------------------------------


def sample(graph: SocialGraph, most: int) -> I64:
    """int64, ascending: everybody, or whole communities spread over all of them, the last one cut; so friends come with friends.

    Without communities to choose from: who is found going from friend to friend, beginning with the first consumer.
    """
    if graph.n <= most:
        return np.arange(graph.n)
    sizes = np.bincount(graph.community)
    if len(sizes) > 1 and sizes.max() <= most and graph.n >= SMALLEST * len(sizes):
        wanted = np.linspace(0, len(sizes) - 1, num=max(1, int(len(sizes) * most / graph.n)) + 1).astype(np.int64)
        order = np.concatenate([np.unique(wanted), np.setdiff1d(np.arange(len(sizes)), wanted)])
        rank = np.empty(len(sizes), np.int64)
        rank[order] = np.arange(len(sizes))
        by_community = np.lexsort((np.arange(graph.n), rank[graph.community]))
        return np.sort(by_community[:most])
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    layer = next((layer for layer in graph.layers if layer.ties), graph.layers[0])
    matrix = csr_array((np.ones(layer.ties, np.int8), layer.hearer, layer.start), shape=(graph.n, graph.n))
    found = breadth_first_order(matrix, 0, directed=False, return_predecessors=False)
    rest = np.setdiff1d(np.arange(graph.n), found)
    return np.sort(np.concatenate([found, rest])[:most].astype(np.int64))


def _ties_among(graph: SocialGraph, place: I64) -> U16:
    """uint16 [ties, 2]: pairs of places that are tied, each once, layer by layer while they fit; of the first one as many as do."""
    kept: list[I64] = []
    for layer in graph.layers:
        pairs = np.stack([place[layer.tellers()], place[layer.hearer]], axis=1)
        pairs = np.sort(pairs[(pairs >= 0).all(axis=1)], axis=1)
        pairs = np.unique(pairs, axis=0)
        room = MOST_TIES - sum(map(len, kept))
        if len(pairs) > room:
            if not kept:
                kept.append(pairs[np.linspace(0, len(pairs) - 1, room).astype(np.int64)])
            break
        kept.append(pairs)
    return np.concatenate(kept).astype(np.uint16) if kept else np.zeros((0, 2), np.uint16)


# -- where -----------------------------------------------------------------------------------------------------------


def placed(n: int, ties: I64, community: I64) -> F32:
    """float32 [n, 2], within -1..1: positions of n consumers with these ties."""
    sizes = np.bincount(community, minlength=1)
    if n < SMALLEST * len(sizes):
        community, sizes = np.zeros(n, np.int64), np.array([n])
    radius = np.sqrt(sizes / max(1, n))
    if len(sizes) == 1 and len(ties) and n > 3:
        points = _settled(_unfolded(n, ties), np.zeros((1, 2))[community], ties, community)
    else:
        centres = _centres(radius, ties, community)
        order = np.argsort(community, kind="stable")
        rank = np.empty(n, np.int64)
        rank[order] = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        points = centres[community] + _sunflower(rank, sizes[community]) * radius[community][:, None]
        apart = _settled(points, centres[community], ties, community) - centres[community]
        width = np.sqrt(1.4 * np.bincount(community, (apart**2).sum(axis=1)) / sizes)  # near its radius
        points = centres[community] + apart * (radius / np.maximum(width, 1e-9))[community][:, None]
    points -= (points.max(axis=0) + points.min(axis=0)) / 2.0
    points /= max(1e-9, float(np.abs(points).max()))
    return points.astype(np.float32)


def _centres(radius: F64, ties: I64, community: I64) -> F64:
    """float64 [communities, 2]: pulled together by the ties between them, pushed apart by the room they need."""
    k = len(radius)
    points = 1.6 * _sunflower(np.arange(k), np.full(k, k))
    if k == 1:
        return np.zeros((1, 2))
    between = np.zeros((k, k))
    np.add.at(between, (community[ties[:, 0]], community[ties[:, 1]]), 1.0)
    np.fill_diagonal(between, 0.0)
    between += between.T
    between /= max(1.0, between.mean())
    room = 1.25 * (radius[:, None] + radius[None, :])
    for step in np.linspace(0.2, 0.01, 150):
        apart = points[:, None] - points[None, :]
        distance = np.sqrt((apart**2).sum(axis=2)) + 1e-9
        push = room**2 / distance - 0.05 * between * distance**2 - 0.2 * distance
        push += 8.0 * np.maximum(0.0, room - distance)
        np.fill_diagonal(push, 0.0)
        force = (apart / distance[:, :, None] * push[:, :, None]).sum(axis=1)
        length = np.sqrt((force**2).sum(axis=1)) + 1e-9
        points += force / length[:, None] * np.minimum(length, step)[:, None]
    apart = points[:, None] - points[None, :]
    crowded = np.sqrt((apart**2).sum(axis=2)) / (radius[:, None] + radius[None, :])
    np.fill_diagonal(crowded, np.inf)
    return points * (1.15 / max(1e-9, float(np.median(crowded.min(axis=1)))))


def _sunflower(rank: I64, of: I64) -> F64:
    """float64 [n, 2]: the rank-th of so many seeds of a flower of radius 1."""
    at = np.stack([np.cos(rank * GOLDEN_ANGLE), np.sin(rank * GOLDEN_ANGLE)], axis=1)
    return at * np.sqrt((rank + 0.5) / of)[:, None]


def _unfolded(n: int, ties: I64) -> F64:
    """float64 [n, 2]: where there are no communities, by the two slowest vibrations of the graph, spread over a disc of radius 1."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    ones = np.ones(2 * len(ties))
    rows, columns = np.concatenate([ties[:, 0], ties[:, 1]]), np.concatenate([ties[:, 1], ties[:, 0]])
    root = 1.0 / np.sqrt(np.bincount(rows, minlength=n) + 1.0)
    matrix = coo_array((ones * root[rows] * root[columns], (rows, columns)), shape=(n, n)).tocsr()
    start = _sunflower(np.arange(n), np.full(n, n))
    try:
        values, vectors = eigsh(matrix, k=3, which="LA", v0=start[:, 0] + 0.5, tol=1e-3, maxiter=300)
    except ArpackNoConvergence:
        return start
    two = vectors[:, np.argsort(values)[:2]] * root[:, None]
    two = two - np.median(two, axis=0)
    angle, far = np.arctan2(two[:, 1], two[:, 0]), np.sqrt((two**2).sum(axis=1))
    spread = np.sqrt((np.argsort(np.argsort(far, kind="stable"), kind="stable") + 0.5) / n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * spread[:, None]


def _settled(points: F64, centres: F64, ties: I64, community: I64) -> F64:
    """The points after some rounds of being drawn to friends and pushed away from who is too close."""
    from scipy.spatial import cKDTree

    n = len(points)
    a, b = ties[:, 0], ties[:, 1]
    degree = np.bincount(np.concatenate([a, b]), minlength=n) + 1.0
    pull = np.where(community[a] == community[b], 0.5, 0.03)
    reach = 2.2 / np.sqrt(n)
    for warmth in np.linspace(1.0, 0.1, ROUNDS):
        force = 0.06 * (centres - points)
        drawn = (points[b] - points[a]) * pull[:, None]
        pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
        near, far = pairs[:, 0], pairs[:, 1]
        apart = points[far] - points[near]
        distance = np.sqrt((apart**2).sum(axis=1)) + 1e-9
        pushed = apart * (0.25 * (reach / distance - 1.0))[:, None]
        for axis in (0, 1):
            force[:, axis] += np.bincount(a, drawn[:, axis], n) / degree - np.bincount(b, drawn[:, axis], n) / degree
            force[:, axis] += np.bincount(far, pushed[:, axis], n) - np.bincount(near, pushed[:, axis], n)
        length = np.sqrt((force**2).sum(axis=1)) + 1e-9
        points = points + force / length[:, None] * np.minimum(length, reach * warmth)[:, None]
    return points
