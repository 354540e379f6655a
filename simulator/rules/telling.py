"""Telling: a message moves from teller to hearer along ties, and what hearing does.

Passing on (a probability, never a rate):

    p = share (1 + arousal) [negative_share if negative] agree(trust) 2^(-age / interest_half_life), at most 1

with agree = 1 - agreement (1 - trust) for praise and 1 - agreement trust for blame. Authors tell on their first
day for certain and later with author_boost p. P(online) = online + (1 - online) hot arousal^2 (arousal drives
sharing: Berger and Milkman 2012, doi:10.1509/jmr.10.0353). Offline: to one partner; online: to all hearers, each
sees it with probability `visibility`. Every consumer counts every message once; if several tell her on one day
the credited teller is drawn by chance.

Hearing moves awareness up whatever the valence, trust by x = credibility (1 + arousal)/2 strength of the room to
move (negativity times more for blame, less what loyal believers argue away), expectation towards the experience
that is told. share = 1, attention_days = 1, online = 1 is the independent cascade.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.chance import fold, integer, name_key, uniform
from simulator.engine.compiled import compiled
from simulator.engine.dose import aimed, dose, drawn, moved
from simulator.engine.ties import EMPTY, pair, partner, place
from simulator.world.state import FOLLOW, REACHED_EARNED, STRONG, TOLD, WEAK

CREDIT = np.uint64(name_key("credit"))


@compiled
def agreement_with(trust: float, valence: int, agreement: float) -> float:
    """How far a teller's own opinion lets her pass on praise (valence +1) or blame (-1)."""
    if valence > 0:
        return 1.0 - agreement * (1.0 - trust)
    return 1.0 - agreement * trust


@compiled
def passing_on_probability(share: float, arousal: float, negative: float, agree: float, fade: float) -> float:
    """Chance that a hearer tells on one day; not yet limited to 1. `negative` is 1 for praise."""
    return share * (1.0 + arousal) * negative * agree * fade


@compiled
def online_probability(arousal: float, online: float, hot: float) -> float:
    """Chance that a telling is public: everyday talk stays at the table, hot messages go online."""
    return online + (1.0 - online) * hot * (arousal * arousal)


@compiled
def hearing_strength(credibility: float, arousal: float, strength: float) -> float:
    """Share of the room to move that one telling covers."""
    return credibility * (1.0 + arousal) / 2.0 * strength


@compiled
def counter_argument(loyalty: float, trust: float, defence: float) -> float:
    """What is left of a bad word once a committed consumer has argued against it."""
    return 1.0 - defence * loyalty * max(0.0, 2.0 * trust - 1.0)


@compiled
def credit(message_key, teller_key, hearer_key, day):  # type: ignore[no-untyped-def]  # kernel: uint64 words
    """The teller with the smallest of these is the one a hearer remembers."""
    return fold(fold(fold(fold(CREDIT, message_key), teller_key), hearer_key), day)


@compiled
def know(pairs, pair_entry, entry_message, entry_consumer, start, stop):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Enter authors and first tellers (entries start..stop) among those who know their message."""
    for e in range(start, stop):
        wanted = pair(entry_message[e], entry_consumer[e])
        slot = place(pairs, wanted)
        pairs[slot] = wanted
        pair_entry[slot] = e


@compiled
def last_days(start, stop, before, entry_message, entry_consumer, entry_last, message_key, keys, talking_at, days, random):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """The last day on which each entry start..stop may tell: `before` plus its talking days."""
    for e in range(start, stop):
        talking = days
        if random and days > 1:
            u = uniform(fold(fold(talking_at, message_key[entry_message[e]]), keys[entry_consumer[e]]))
            talking = 1 + int(math.log(u) / math.log(1.0 - 1.0 / days))
        entry_last[e] = before + talking


@compiled
def tell(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    at, active, day, entries, entry_message, entry_consumer, entry_parent, entry_day, entry_layer, entry_online,
    pairs, pair_entry, first, message_key, message_day, message_brand, message_valence, arousal, keys, trust, praised_day,
    starts, hearers, weights, factors, complete_layer, by_key, rank, tell_at, seen_at,
    share, negative_share, agreement, fade, author_boost, online, hot, visibility, acts, tally,
):  # fmt: skip
    """Active entries at.. tell; returns (where it stopped for want of room, entries, public acts).

    tally [B, 4]: repeats, offline talks, online talks, credited tellings are counted by the caller.
    """
    room = min(len(entry_message), len(pairs) // 2)
    n = len(keys)
    public = 0
    while at < len(active):
        e = active[at]
        i, m = entry_consumer[e], entry_message[e]
        b, heat = message_brand[m], arousal[m - first]
        k = day - entry_day[e]
        dice = fold(fold(fold(tell_at, message_key[m]), keys[i]), day)
        author = entry_parent[e] < 0
        if not (author and k == 0):
            # most pass nothing on: settle that before looking up their trust (agreement is at most 1) and their ties
            boost = author_boost if author else 1.0
            negative = negative_share if message_valence[m] < 0 else 1.0
            fading = fade[day - message_day[m]]
            u = uniform(fold(dice, 0))
            if not u < boost * passing_on_probability(share, heat, negative, 1.0, fading) * (1.0 + 1e-9):
                at += 1
                continue
            p = boost * passing_on_probability(share, heat, negative, agreement_with(np.float64(trust[i, b]), message_valence[m], agreement), fading)
            if not u < min(1.0, p):
                at += 1
                continue
        possible = n if complete_layer >= 0 else 1
        if complete_layer < 0:
            for layer in range(3):
                possible += starts[layer][i + 1] - starts[layer][i]
        if entries + possible > room:
            break
        at += 1
        if message_valence[m] > 0:
            praised_day[i, b] = day
        if uniform(fold(dice, 1)) < online_probability(heat, online, hot):
            tally[b, 2] += 1
            acts[public] = e
            public += 1
            seen = fold(fold(fold(seen_at, message_key[m]), keys[i]), k)
            if complete_layer >= 0:
                for j in range(n):
                    if j != i and uniform(fold(seen, keys[j])) < visibility:
                        entries = hear(e, m, i, j, complete_layer, 1, day, entries, entry_message, entry_consumer, entry_parent, entry_day,
                                       entry_layer, entry_online, pairs, pair_entry, message_key, keys, b, tally)  # fmt: skip
            else:
                for layer in range(3):
                    start, hearer = starts[layer], hearers[layer]
                    for tie in range(start[i], start[i + 1]):
                        j = hearer[tie]
                        if uniform(fold(seen, keys[j])) < visibility:
                            entries = hear(e, m, i, j, layer, 1, day, entries, entry_message, entry_consumer, entry_parent, entry_day,
                                           entry_layer, entry_online, pairs, pair_entry, message_key, keys, b, tally)  # fmt: skip
        else:
            u = uniform(fold(dice, 2))
            if complete_layer >= 0:
                j, which = -1, complete_layer
                if n > 1 and complete_layer != FOLLOW and factors[complete_layer] > 0:
                    r = integer(n - 1, u)
                    j = by_key[r] if r < rank[i] else by_key[r + 1]
            else:
                j, which = partner(u, i, starts[STRONG], hearers[STRONG], weights[STRONG], factors[0],
                                   starts[WEAK], hearers[WEAK], weights[WEAK], factors[1])  # fmt: skip
            if j >= 0:
                tally[b, 1] += 1
                entries = hear(e, m, i, j, which, 0, day, entries, entry_message, entry_consumer, entry_parent, entry_day,
                               entry_layer, entry_online, pairs, pair_entry, message_key, keys, b, tally)  # fmt: skip
    return at, entries, public


@compiled
def hear(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    e, m, i, j, layer, online, day, entries, entry_message, entry_consumer, entry_parent, entry_day, entry_layer, entry_online,
    pairs, pair_entry, message_key, keys, b, tally,
):  # fmt: skip
    """Consumer j is told message m by entry e (consumer i); returns the new number of entries."""
    wanted = pair(m, j)
    slot = place(pairs, wanted)
    if pairs[slot] == EMPTY:
        pairs[slot] = wanted
        pair_entry[slot] = entries
        entry_message[entries], entry_consumer[entries], entry_parent[entries] = m, j, e
        entry_day[entries], entry_layer[entries], entry_online[entries] = day, layer, online
        return entries + 1
    tally[b, 0] += 1
    known = pair_entry[slot]
    if entry_day[known] == day and entry_parent[known] >= 0:
        rival = entry_consumer[entry_parent[known]]
        if credit(message_key[m], keys[i], keys[j], day) < credit(message_key[m], keys[rival], keys[j], day):
            entry_parent[known], entry_layer[known], entry_online[known] = e, layer, online
    return entries


@compiled
def link(start, stop, entry_consumer, head, following):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Chain today's entries by hearer: head [n] (-1: none), following [stop - start]."""
    for e in range(start, stop):
        following[e - start] = head[entry_consumer[e]]
        head[entry_consumer[e]] = e


@compiled
def take_in(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, day, head, following, entry_message, entry_consumer, entry_parent, entry_layer,
    first, message_key, message_brand, message_valence, arousal, level, keys,
    awareness, trust, expectation, loyalty, reached, influence, told_by, credibility, strength, negativity, recall, carry, defence,
):  # fmt: skip
    """What today's entries start..stop do to their hearers; clears `head` again."""
    brands = awareness.shape[1]
    up_awareness = np.zeros(brands, np.int64)
    up_trust = np.zeros(brands, np.int64)
    down_trust = np.zeros(brands, np.int64)
    pull = np.zeros(brands, np.int64)
    pull_aimed = np.zeros(brands, np.int64)
    heard = np.zeros(brands, np.int64)
    best = np.zeros(brands, np.uint64)
    teller = np.zeros(brands, np.int64)
    for e in range(start, stop):
        i = entry_consumer[e]
        if head[i] < 0:
            continue
        at = head[i]
        head[i] = -1
        for b in range(brands):
            up_awareness[b] = up_trust[b] = down_trust[b] = pull[b] = pull_aimed[b] = heard[b] = 0
        while at >= 0:
            m = entry_message[at]
            b = message_brand[m]
            believed = credibility[entry_layer[at]]
            x = hearing_strength(believed, arousal[m - first], strength)
            up_awareness[b] += dose(recall * believed)
            if message_valence[m] > 0:
                up_trust[b] += dose(x)
            else:
                down_trust[b] += dose(min(1.0, negativity * x) * counter_argument(np.float64(loyalty[i, b]), np.float64(trust[i, b]), defence))
            told = level[m - first]
            if not math.isnan(told):
                weight = dose(carry * x)
                pull[b] += weight
                pull_aimed[b] += aimed(weight, told)
            source = entry_consumer[entry_parent[at]]
            rank = credit(message_key[m], keys[source], keys[i], day)
            if heard[b] == 0 or rank < best[b]:
                best[b], teller[b] = rank, source
            heard[b] += 1
            at = following[at - start]
        for b in range(brands):
            if heard[b] > 0:
                awareness[i, b] = moved(np.float64(awareness[i, b]), up_awareness[b], 0)
                trust[i, b] = moved(np.float64(trust[i, b]), up_trust[b], down_trust[b])
                expectation[i, b] = drawn(np.float64(expectation[i, b]), pull[b], pull_aimed[b])
                reached[i, b] |= REACHED_EARNED
                influence[i, b] = TOLD
                told_by[i, b] = teller[b]


