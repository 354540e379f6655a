"""Communities and close ties found in a graph that was read from a file."""

from __future__ import annotations

import numpy as np

from simulator.engine.chance import fold, name_key
from simulator.engine.compiled import compiled
from simulator.world.graph_layers import Address
from simulator.world.state import F64, I32, I64, U64

PASSES = 50
"""How often one level of the search goes through all consumers at most."""


def found_communities(start: I64, other: I32) -> I32:
    """int32 [n]: communities of high modularity (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008).

    Consumers are visited in the order of the rows and gains compared as whole numbers, so that there is one result.
    Communities are numbered by their first member. The time is linear in ties, so that large graphs need no other method.
    """
    weight = np.ones(len(other), np.int64)
    member = np.arange(len(start) - 1)
    while True:
        moved = local_moves(start, other, weight)
        number, label = _numbered(moved)
        member = label[member]
        if number == len(label):
            return member.astype(np.int32)
        start, other, weight = _merged(start, other, weight, label, number)


def overlaps(start: I64, other: I32, one: I32, two: I32) -> F64:
    """float64 [pairs]: common neighbours of tied pairs, as a share of all their other neighbours.

    Onnela et al. 2007 (doi:10.1073/pnas.0610245104): ties inside a circle of friends overlap most and are the closest.
    """
    common = common_neighbours(start, other, one, two)
    degree = np.diff(start)
    others = degree[one] + degree[two] - 2 - common
    share: F64 = common / np.maximum(others, 1)
    return share


def closest(overlap: F64, one: U64, two: U64, share: float) -> I64:
    """Which pairs (given by their keys, smaller first) are the `share` of all with the largest overlap; ties by a hash of keys."""
    return np.lexsort((pair_hash(np.uint64(name_key("overlap")), one, two), -overlap))[: round(share * len(overlap))]


def _numbered(label: I32) -> tuple[int, I64]:
    """Labels renumbered 0, 1, ... in the order in which they first appear: (how many, new labels)."""
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    number = np.empty(len(first), np.int64)
    number[np.argsort(first)] = np.arange(len(first))
    return len(first), number[inverse]


def _merged(start: I64, other: I32, weight: I64, label: I64, number: int) -> tuple[I64, I32, I64]:
    """The graph whose members are the communities of another, ties between two of them added up."""
    pairs, place = np.unique(np.repeat(label, np.diff(start)) * number + label[other], return_inverse=True)
    total = np.zeros(len(pairs), np.int64)
    np.add.at(total, place, weight)
    row_start = np.searchsorted(pairs, np.arange(number + 1) * number)
    return row_start.astype(np.int64), (pairs % number).astype(np.int32), total


@compiled
def local_moves(start: I64, other: I32, weight: I64) -> I32:
    """Each member in turn joins the neighbouring community that gains most modularity, until nobody moves."""
    n = len(start) - 1
    label = np.arange(n).astype(np.int32)
    strength = np.zeros(n, np.int64)
    for i in range(n):
        for at in range(start[i], start[i + 1]):
            strength[i] += weight[at]
    total = strength.sum()
    mass = strength.copy()
    links = np.zeros(n, np.int64)  # from the member at hand to each community
    near = np.empty(n, np.int32)
    for _ in range(PASSES):
        moves = 0
        for i in range(n):
            own = label[i]
            count = 0
            for at in range(start[i], start[i + 1]):
                if other[at] != i:
                    c = label[other[at]]
                    if links[c] == 0:
                        near[count] = c
                        count += 1
                    links[c] += weight[at]
            mass[own] -= strength[i]
            best = own
            gain = links[own] * total - strength[i] * mass[own]
            for k in range(count):
                c = near[k]
                other_gain = links[c] * total - strength[i] * mass[c]
                if other_gain > gain:
                    best, gain = c, other_gain
            for k in range(count):
                links[near[k]] = 0
            mass[best] += strength[i]
            if best != own:
                label[i] = best
                moves += 1
        if moves == 0:
            break
    return label


@compiled
def common_neighbours(start: I64, other: I32, one: I32, two: I32) -> I64:
    """int64 [pairs]: how many neighbours two consumers share; lists sorted by position."""
    common = np.zeros(len(one), np.int64)
    for k in range(len(one)):
        a, b = start[one[k]], start[two[k]]
        end_a, end_b = start[one[k] + 1], start[two[k] + 1]
        while a < end_a and b < end_b:
            here, there = other[a], other[b]
            if here == there:
                common[k] += 1
            if here <= there:
                a += 1
            if there <= here:
                b += 1
    return common


@compiled
def pair_hash(place: Address, one: U64, two: U64) -> U64:
    """uint64 [pairs]: fold(fold(place, one), two)."""
    hashed = np.empty(len(one), np.uint64)
    for k in range(len(one)):
        hashed[k] = fold(fold(place, one[k]), two[k])
    return hashed
