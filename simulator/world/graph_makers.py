"""Social graphs drawn by chance or laid out on a grid.

Every draw is addressed by the consumer who makes the tie and by the number of the tie among hers, so a graph is a
function of seed and settings alone. Makers return pairs of consumers or finished layers; keys are positions.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.chance import address, fold, integer, poisson, uniform
from simulator.engine.compiled import compiled
from simulator.world.graph_layers import Address, Layer, sorted_rows, tied
from simulator.world.state import F64, I32, I64

ATTEMPTS = 16
"""How often a tie that is taken already is drawn again before it is given up."""

Pairs = tuple[I32, I32]


def communities(
    n: int,
    seed: int,
    *,
    community_size: int,
    strong: float,
    rewired: float,
    weak: float,
    homophily: float,
    follow: float,
    follow_audience: float,
    largest_audience: float,
) -> tuple[tuple[Layer, Layer, Layer], I32]:
    """Blocks of alike consumers: (layers, community of each consumer).

    Strong ties are circles: inside her community each consumer is tied to the next ones on a ring, `strong` on average,
    a share `rewired` of them to anybody instead (Watts and Strogatz 1998, doi:10.1038/30918, community by community).
    Weak ties go to random consumers, a share `homophily` of them of the same community. Audiences on the follow layer
    are heavy-tailed: expected size proportional to rank^(-1/(follow_audience - 1)), none above the share
    `largest_audience` of the market.
    """
    blocks = max(1, round(n / community_size))
    community = np.arange(n, dtype=np.int64) * blocks // n
    ahead = numbers(address(seed, "strong"), n, strong / 2.0)
    near = np.minimum(ahead, (np.bincount(community)[community] - 1) // 2).astype(np.int32)  # a circle closes only once
    circles = sorted_rows(n, *circle_pairs(n, blocks, near, rewired, address(seed, "rewired"), address(seed, "moved")), True)
    made = numbers(address(seed, "weak"), n, weak / 2.0)
    acquaintances = sorted_rows(
        n, *weak_pairs(n, blocks, made, homophily, *circles, address(seed, "home"), address(seed, "acquaintance")), True
    )
    size = audiences(n, seed, follow, follow_audience, largest_audience)
    followers = sorted_rows(n, *follow_pairs(n, size, *circles, *acquaintances, address(seed, "follower")), False)
    return (Layer(*circles), Layer(*acquaintances), Layer(*followers)), community.astype(np.int32)


def audiences(n: int, seed: int, follow: float, exponent: float, largest: float) -> I32:
    """int32 [n]: how many follow each consumer, `follow` on average where the cap `largest` (share of the market) allows."""
    rank = np.empty(n, np.int64)
    rank[np.argsort(addressed(address(seed, "audience.rank"), n), kind="stable")] = np.arange(n)
    size = capped_zipf(n, follow * n, 1.0 / (exponent - 1.0), min(largest * n, n - 1.0))
    whole = np.floor(size[rank] + addressed(address(seed, "audience.rounding"), n)).astype(np.int32)
    return np.minimum(whole, int(max(1.0, largest * n))).astype(np.int32)


def capped_zipf(n: int, total: float, slope: float, cap: float) -> F64:
    """float64 [n]: min(cap, c * rank^-slope) with c such that the sizes sum to `total` (all at the cap if even that is less)."""
    if cap * n <= total:
        return np.full(n, cap)
    shape = np.arange(1.0, n + 1.0) ** -slope
    rest = shape[::-1].cumsum()[::-1]
    # with the first t ranks at the cap, scale[t] shares the remaining total among the others
    scale = (total - cap * np.arange(n)) / rest
    full = int(np.argmax(scale * shape <= cap))
    size: F64 = np.minimum(cap, scale[full] * shape)
    return size


def ring(n: int, degree: int) -> Pairs:
    """Each consumer and the degree/2 next ones on either side."""
    return small_world(n, 0, degree, 0.0)


def small_world(n: int, seed: int, degree: int, rewired: float) -> Pairs:
    """A ring of which a share of ties goes to anybody instead (Watts and Strogatz 1998, doi:10.1038/30918)."""
    ahead = np.full(n, degree // 2, np.int32)
    return circle_pairs(n, 1, ahead, rewired, address(seed, "rewired"), address(seed, "moved"))


def lattice(rows: int, columns: int, neighbourhood: str) -> Pairs:
    """A torus with 8 (moore) or 4 (von_neumann) neighbours each."""
    cell = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    steps = [(0, 1), (1, 0)] + ([(1, 1), (1, -1)] if neighbourhood == "moore" else [])
    beside = [np.roll(cell, (-down, -right), axis=(0, 1)) for down, right in steps]
    return np.tile(cell.ravel(), len(steps)), np.concatenate([other.ravel() for other in beside])


def scale_free(n: int, seed: int, links: int) -> Pairs:
    """Newcomers tie to `links` others in proportion to the ties these have (Barabasi and Albert 1999, doi:10.1126/science.286.5439.509)."""
    return scale_free_pairs(n, links, address(seed, "link"))


def random(n: int, seed: int, degree: float) -> Pairs:
    """Every pair is tied with the same probability (Gilbert 1959, doi:10.1214/aoms/1177706098), `degree` ties each on average."""
    return random_pairs(n, min(1.0, degree / max(1, n - 1)), address(seed, "tie"))


def regular(n: int, seed: int, degree: int) -> Pairs:
    """Exactly `degree` ties each, otherwise random: ends paired at random, then clashes undone by swaps."""
    if 2 * degree > n - 1:  # sparse graphs are easier to draw: tie those who are not tied in one
        tie = np.ones((n, n), bool)
        row, column = regular(n, seed, n - 1 - degree)
        tie[row, column] = tie[column, row] = False
        one, other = np.nonzero(np.triu(tie, 1))
        return one.astype(np.int32), other.astype(np.int32)
    for again in range(100):
        mate, clashes = regular_mates(n, degree, address(seed, "end", again), address(seed, "swap", again))
        if clashes == 0:
            end = np.arange(n * degree)
            return (end[end < mate] // degree).astype(np.int32), (mate[end < mate] // degree).astype(np.int32)
    raise RuntimeError(f"no regular graph of {n} consumers with {degree} ties each was found")


@compiled
def addressed(place: Address, n: int) -> F64:
    """float64 [n]: the draws of consumers 0..n-1 at an address."""
    draws = np.empty(n)
    for i in range(n):
        draws[i] = uniform(fold(place, i))
    return draws


@compiled
def numbers(place: Address, n: int, mean: float) -> I32:
    """int32 [n]: a Poisson number for each consumer."""
    drawn = np.empty(n, np.int32)
    for i in range(n):
        drawn[i] = poisson(mean, uniform(fold(place, i)))
    return drawn


@compiled
def first_of(block: int, blocks: int, n: int) -> int:
    """The first consumer of a block, where consumer i belongs to block i * blocks // n."""
    return (block * n + blocks - 1) // blocks


@compiled
def stays(i: int, j: int, blocks: int, n: int, ahead: I32, rewired: float, rewire: Address) -> bool:
    """Whether i and j are tied on the ring of their block (that tie exists and is not rewired)."""
    block = i * blocks // n
    if j * blocks // n != block:
        return False
    size = first_of(block + 1, blocks, n) - first_of(block, blocks, n)
    distance = (j - i) % size
    owner = i
    if 2 * distance > size:
        distance, owner = size - distance, j
    return distance <= ahead[owner] and uniform(fold(fold(rewire, owner), distance)) >= rewired


@compiled
def circle_pairs(n: int, blocks: int, ahead: I32, rewired: float, rewire: Address, moved: Address) -> tuple[I32, I32]:
    """Ties of each consumer to the next `ahead` ones on the ring of her block, a share going to anybody instead."""
    total = 0
    for i in range(n):
        total += ahead[i]
    one, other = np.empty(total, np.int32), np.empty(total, np.int32)
    k = 0
    for i in range(n):
        block = i * blocks // n
        first = first_of(block, blocks, n)
        size = first_of(block + 1, blocks, n) - first
        for d in range(1, ahead[i] + 1):
            j = first + (i - first + d) % size
            if rewired > 0.0 and uniform(fold(fold(rewire, i), d)) < rewired:
                place = fold(fold(moved, i), d)
                for attempt in range(ATTEMPTS):
                    candidate = integer(n, uniform(fold(place, attempt)))
                    if candidate != i and not stays(i, candidate, blocks, n, ahead, rewired, rewire):
                        j = candidate
                        break
            one[k], other[k] = i, j
            k += 1
    return one, other


@compiled
def weak_pairs(
    n: int, blocks: int, made: I32, homophily: float, strong_start: I64, strong: I32, home: Address, partner: Address
) -> tuple[I32, I32]:
    """`made` random ties of each consumer, a share `homophily` inside her block, none to a strong tie."""
    total = 0
    for i in range(n):
        total += made[i]
    one, other = np.empty(total, np.int32), np.empty(total, np.int32)
    k = 0
    for i in range(n):
        block = i * blocks // n
        for tie in range(made[i]):
            low, size = 0, n
            if uniform(fold(fold(home, i), tie)) < homophily:
                low = first_of(block, blocks, n)
                size = first_of(block + 1, blocks, n) - low
            place = fold(fold(partner, i), tie)
            for attempt in range(ATTEMPTS):
                j = low + integer(size, uniform(fold(place, attempt)))
                if j != i and not tied(strong_start, strong, i, j):
                    one[k], other[k] = i, j
                    k += 1
                    break
    return one[:k], other[:k]


@compiled
def follow_pairs(n: int, audience: I32, strong_start: I64, strong: I32, weak_start: I64, weak: I32, follower: Address) -> tuple[I32, I32]:
    """Random followers of each consumer, none of them her strong or weak tie."""
    total = 0
    for i in range(n):
        total += audience[i]
    teller, hearer = np.empty(total, np.int32), np.empty(total, np.int32)
    k = 0
    for i in range(n):
        for tie in range(audience[i]):
            place = fold(fold(follower, i), tie)
            for attempt in range(ATTEMPTS):
                j = integer(n, uniform(fold(place, attempt)))
                if j != i and not tied(strong_start, strong, i, j) and not tied(weak_start, weak, i, j):
                    teller[k], hearer[k] = i, j
                    k += 1
                    break
    return teller[:k], hearer[:k]


@compiled
def scale_free_pairs(n: int, links: int, link: Address) -> tuple[I32, I32]:
    """A star of links + 1 consumers, to which each further one ties herself with `links` ties."""
    ends = np.empty(2 * links * (n - links), np.int32)  # each consumer stands in it once for each of her ties
    for k in range(links):
        ends[2 * k], ends[2 * k + 1] = 0, k + 1
    filled = 2 * links
    for i in range(links + 1, n):
        place = fold(link, i)
        known = filled
        for k in range(links):
            attempt = 0
            fresh = False
            j = 0
            while not fresh:
                j = ends[integer(known, uniform(fold(fold(place, k), attempt)))]
                attempt += 1
                fresh = True
                for earlier in range(known, filled, 2):
                    if ends[earlier + 1] == j:
                        fresh = False
            ends[filled], ends[filled + 1] = i, j
            filled += 2
    return ends[::2].copy(), ends[1::2].copy()


@compiled
def random_pairs(n: int, p: float, tie: Address) -> tuple[I32, I32]:
    """Each pair with probability p, by leaps over the pairs left out (Batagelj and Brandes 2005, doi:10.1103/PhysRevE.71.036113)."""
    room = int(0.5 * p * n * (n - 1.0) + 6.0 * math.sqrt(p * n * n)) + 16
    one, other = np.empty(room, np.int32), np.empty(room, np.int32)
    k = 0
    if p > 0.0:
        stay = math.log1p(-p) if p < 1.0 else -math.inf
        for i in range(n):
            place = fold(tie, i)
            at = float(i)
            leap = 0
            while True:
                at += 1.0 + math.floor(math.log(uniform(fold(place, leap))) / stay)
                if at >= n:
                    break
                leap += 1
                if k == len(one):
                    one, other = np.concatenate((one, one)), np.concatenate((other, other))
                one[k], other[k] = i, int(at)
                k += 1
    return one[:k], other[:k]


@compiled
def regular_mates(n: int, degree: int, end: Address, swap: Address) -> tuple[I64, int]:
    """Pairs the n * degree ends of ties at random: (mate of each end, how many clashes could not be undone).

    End e belongs to consumer e // degree. A tie with oneself or a second tie with the same consumer is undone by
    exchanging mates with a random other tie, where that makes no new clash.
    """
    ends = n * degree
    order = np.arange(ends)
    for e in range(ends - 1, 0, -1):
        other = integer(e + 1, uniform(fold(end, e)))
        order[e], order[other] = order[other], order[e]
    mate = np.empty(ends, np.int64)
    for k in range(0, ends - 1, 2):
        mate[order[k]], mate[order[k + 1]] = order[k + 1], order[k]
    clashes = 0
    attempt = 0
    for a in range(ends):
        if not clashing(mate, a, degree):
            continue
        left = 1000 + ends
        while left > 0 and clashing(mate, a, degree):
            left -= 1
            b = mate[a]
            c = integer(ends, uniform(fold(swap, attempt)))
            d = mate[c]
            attempt += 1
            if (
                c != a
                and c != b
                and not meets(mate, a, c, degree)
                and not meets(mate, b, d, degree)
                and (
                    not (a // degree == d // degree and b // degree == c // degree)
                    and not (a // degree == b // degree and c // degree == d // degree)
                )
            ):
                mate[a], mate[c], mate[b], mate[d] = c, a, d, b
        if clashing(mate, a, degree):
            clashes += 1
    return mate, clashes


@compiled
def meets(mate: I64, a: int, c: int, degree: int) -> bool:
    """Whether the owners of the ends a and c are the same consumer or tied already."""
    one, other = a // degree, c // degree
    if one == other:
        return True
    for e in range(one * degree, (one + 1) * degree):  # noqa: SIM110 - numba compiles loops, not any()
        if mate[e] // degree == other:
            return True
    return False


@compiled
def clashing(mate: I64, a: int, degree: int) -> bool:
    """Whether the tie at end a joins a consumer to herself or doubles an earlier one of hers."""
    one, other = a // degree, mate[a] // degree
    if one == other:
        return True
    for e in range(one * degree, a):  # noqa: SIM110 - numba compiles loops, not any()
        if mate[e] // degree == other:
            return True
    return False
