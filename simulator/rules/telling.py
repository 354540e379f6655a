"""Telling: a message moves from teller to hearer along ties, and what hearing does.

Passing on (a probability, never a rate):

    p = share (1 + arousal) [negative_share m if negative] agree(trust) 2^(-age / interest_half_life), at most 1

with m what the brand's answer makes of talk of its crisis (answers.py; 1 without one) and agree = 1 - agreement (1 - trust) for praise,
1 - agreement trust for blame. Authors tell on their first day for certain and later with author_boost p; journalists (roles.py) publish
what is hot the day after they heard it. P(online) = online + (1 - online) hot arousal^2 (arousal drives sharing: Berger and Milkman
2012, doi:10.1509/jmr.10.0353). Offline: to one partner; online: to all hearers, each sees it with probability `visibility`. Every
consumer counts every message once; if several tell her on one day the credited teller is drawn by chance.

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
from simulator.engine.ties import EMPTY, partner, place
from simulator.world.state import FOLLOW, JOURNALIST, LAYERS, REACHED_EARNED, STRONG, TOLD, WEAK

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
def publishes(role, i, arousal, news_above):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Whether consumer i, the day after she heard it, tells everybody a message of this arousal for certain.

    role: uint8 [n], or [0] where nobody has any.
    """
    return len(role) > 0 and role[i] & JOURNALIST != 0 and arousal > news_above


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
def who_tells(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, active, day, entry_message, entry_consumer, entry_parent, entry_day, entry_dice,
    first, message_day, message_brand, message_valence, arousal, topic, trust, praised_day, role,
    share, negative_share, agreement, fade, author_boost, multiplier, news_above,
):  # fmt: skip
    """int32: those of the active entries start..stop that tell today.

    multiplier: float64 [crises + 1], of blame by its topic, the last for topic -1.

    Most pass nothing on: that is settled first, for a teller who agrees in full, and only then her trust is looked up.
    """
    found = np.empty(stop - start, np.int32)
    likely = 0
    for at in range(start, stop):
        e = active[at]
        m = entry_message[e]
        author = entry_parent[e] < 0
        boost = author_boost if author else 1.0
        negative = negative_share * multiplier[topic[m - first]] if message_valence[m] < 0 else 1.0
        most = boost * passing_on_probability(share, arousal[m - first], negative, 1.0, fade[day - message_day[m]]) * (1.0 + 1e-9)
        found[likely] = e
        if author:
            certain = entry_day[e] == day
        else:
            certain = entry_day[e] == day - 1 and publishes(role, entry_consumer[e], arousal[m - first], news_above)
        likely += int(certain or uniform(fold(fold(entry_dice[e], day), 0)) < most)
    tellers = 0
    for at in range(likely):
        e = found[at]
        m = entry_message[e]
        i, b, author = entry_consumer[e], message_brand[m], entry_parent[e] < 0
        if not (entry_day[e] == day if author else entry_day[e] == day - 1 and publishes(role, i, arousal[m - first], news_above)):
            boost = author_boost if author else 1.0
            negative = negative_share * multiplier[topic[m - first]] if message_valence[m] < 0 else 1.0
            agree = agreement_with(np.float64(trust[i, b]), message_valence[m], agreement)
            p = boost * passing_on_probability(share, arousal[m - first], negative, agree, fade[day - message_day[m]])
            if not uniform(fold(fold(entry_dice[e], day), 0)) < min(1.0, p):
                continue
        if message_valence[m] > 0:
            praised_day[i, b] = day
        found[tellers] = e
        tellers += 1
    return found[:tellers]


@compiled
def whom(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, tellers, day, entry_message, entry_consumer, entry_parent, entry_day, entry_dice, first, message_key, message_brand,
    arousal, role, news_above,
    keys, numbered, starts, hearers, weights, factors, complete_layer, by_key, rank, seen_at, online, hot, visibility, brands,
):  # fmt: skip
    """Whom the tellers start..stop (entries) reach today.

    Returns entry, hearer, layer and online of each telling, the public acts (entries), the talks: int64 [2, B], offline and online.
    weights and factors: of the strong and the weak layer, as in `partner`. numbered: every key is the consumer's number.
    """
    n = len(keys)
    public, room, longest = np.zeros(stop - start, np.bool_), 0, 0
    partner_tie, partner_layer = np.empty(stop - start, np.int64), np.empty(stop - start, np.uint8)
    for at in range(stop - start):
        e = tellers[start + at]
        dice, i, heat = fold(entry_dice[e], day), entry_consumer[e], arousal[entry_message[e] - first]
        public[at] = uniform(fold(dice, 1)) < online_probability(heat, online, hot)
        if len(role) > 0 and entry_parent[e] >= 0 and entry_day[e] == day - 1:
            public[at] = public[at] or publishes(role, i, heat, news_above)
        if complete_layer >= 0:
            room += n
        elif public[at]:
            for layer in range(3):
                if len(hearers[layer]) > 0:
                    ties = starts[layer][i + 1] - starts[layer][i]
                    room, longest = room + ties, max(longest, ties)
        else:
            room += 1
            partner_tie[at], partner_layer[at] = partner(
                uniform(fold(dice, 2)), i, starts[STRONG], weights[STRONG], factors[0], starts[WEAK], weights[WEAK], factors[1]
            )
    teller, hearer = np.empty(room, np.int32), np.empty(room, np.int32)
    through, in_public = np.empty(room, np.uint8), np.empty(room, np.uint8)
    sees, seers = np.empty(longest, np.bool_), np.empty(longest, np.int32)
    talks = np.zeros((2, brands), np.int64)
    told = 0
    for at in range(stop - start):
        e = tellers[start + at]
        i, m = entry_consumer[e], entry_message[e]
        b = message_brand[m]
        before = told
        if public[at]:
            talks[1, b] += 1
            # by the number of her telling day, so that a tie has the same luck whether she heard the message or started it
            seen = fold(fold(fold(seen_at, message_key[m]), keys[i]), day - entry_day[e] - int(entry_parent[e] >= 0))
            if complete_layer >= 0:
                for j in range(n):
                    if j != i and uniform(fold(seen, keys[j])) < visibility:
                        hearer[told], through[told] = j, complete_layer
                        told += 1
            else:
                for layer in range(3):
                    if len(hearers[layer]) == 0:
                        continue
                    own = hearers[layer][starts[layer][i] : starts[layer][i + 1]]
                    if numbered:  # to look up a key takes longer than to draw
                        for k in range(len(own)):
                            sees[k] = uniform(fold(seen, own[k])) < visibility
                    else:
                        for k in range(len(own)):
                            sees[k] = uniform(fold(seen, keys[own[k]])) < visibility
                    some = 0
                    for k in range(len(own)):
                        seers[some] = k
                        some += sees[k]
                    for k in seers[:some]:
                        hearer[told], through[told] = own[k], layer
                        told += 1
        else:
            if complete_layer < 0:
                found = partner_tie[at] >= 0
                if found:
                    through[told] = partner_layer[at]
                    hearer[told] = hearers[STRONG][partner_tie[at]] if partner_layer[at] == STRONG else hearers[WEAK][partner_tie[at]]
            else:
                found = n > 1 and complete_layer != FOLLOW and factors[complete_layer] > 0
                if found:
                    r = integer(n - 1, uniform(fold(fold(entry_dice[e], day), 2)))
                    through[told], hearer[told] = complete_layer, by_key[r] if r < rank[i] else by_key[r + 1]
            if found:
                talks[0, b] += 1
                told += 1
        for k in range(before, told):
            teller[k], in_public[k] = e, public[at]
    return teller[:told], hearer[:told], through[:told], in_public[:told], tellers[start:stop][public], talks


@compiled
def hear(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    teller, hearer, through, in_public, day, entries, entry_message, entry_consumer, entry_parent, entry_day, entry_layer, entry_online,
    known, message_key, message_brand, message_valence, keys, head, following, tally,
):  # fmt: skip
    """Hearers of today's tellings who did not know the message become entries; returns the new number of entries.

    Today's entries are chained by hearer: head int32 [n] (-1: none), following [entries of today].
    tally: int64 [3, B], adds positive and negative tellings and repeats.
    """
    began = entries
    for at in range(len(teller)):
        e, j = teller[at], hearer[at]
        m = entry_message[e]
        slot = place(known, m, j, entry_message, entry_consumer)
        if known[slot] == EMPTY:
            known[slot] = entries
            entry_message[entries], entry_consumer[entries], entry_parent[entries] = m, j, e
            entry_day[entries], entry_layer[entries], entry_online[entries] = day, through[at], in_public[at]
            following[entries - began] = head[j]
            head[j] = entries
            entries += 1
            tally[0 if message_valence[m] > 0 else 1, message_brand[m]] += 1
            continue
        tally[2, message_brand[m]] += 1
        earlier = known[slot]
        if entry_day[earlier] == day and entry_parent[earlier] >= 0:
            here, rival = keys[entry_consumer[e]], keys[entry_consumer[entry_parent[earlier]]]
            if credit(message_key[m], here, keys[j], day) < credit(message_key[m], rival, keys[j], day):
                entry_parent[earlier], entry_layer[earlier], entry_online[earlier] = e, through[at], in_public[at]
    return entries


@compiled
def take_in(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, began, day, head, following, entry_message, entry_consumer, entry_parent, entry_layer,
    first, message_key, message_brand, message_valence, arousal, level, keys,
    awareness, trust, expectation, loyalty, reached, influence, told_by, role,
    credibility, strength, negativity, recall, carry, defence,
):  # fmt: skip
    """What consumers start..stop make of what they heard today (entries from `began`, chained as in `hear`); clears `head` again.

    credibility: float64 [4], of each layer, then of journalists.
    """
    brands = awareness.shape[1]
    up_awareness, up_trust, down_trust = np.zeros(brands, np.int64), np.zeros(brands, np.int64), np.zeros(brands, np.int64)
    pull, pull_aimed = np.zeros(brands, np.int64), np.zeros(brands, np.int64)
    remembered = np.zeros(brands, np.int32)  # of each brand, the entry of the credited teller; -1: nothing heard
    recalled = np.array([dose(recall * believed) for believed in credibility])
    for i in range(start, stop):
        if head[i] < 0:
            continue
        for b in range(brands):
            up_awareness[b] = up_trust[b] = down_trust[b] = pull[b] = pull_aimed[b] = 0
            remembered[b] = -1
        at = head[i]
        head[i] = -1
        while at >= 0:
            m = entry_message[at]
            b = message_brand[m]
            source = entry_layer[at]
            if len(role) > 0 and role[entry_consumer[entry_parent[at]]] & JOURNALIST != 0:
                source = np.uint8(len(LAYERS))
            x = hearing_strength(credibility[source], arousal[m - first], strength)
            up_awareness[b] += recalled[source]
            if message_valence[m] > 0:
                up_trust[b] += dose(x)
            else:
                down_trust[b] += dose(
                    min(1.0, negativity * x) * counter_argument(np.float64(loyalty[i, b]), np.float64(trust[i, b]), defence)
                )
            told = level[m - first]
            if not math.isnan(told):
                weight = dose(carry * x)
                pull[b] += weight
                pull_aimed[b] += aimed(weight, told)
            if remembered[b] < 0 or credited(at, day, entry_message, entry_consumer, entry_parent, message_key, keys) < credited(
                remembered[b], day, entry_message, entry_consumer, entry_parent, message_key, keys
            ):
                remembered[b] = at
            at = following[at - began]
        for b in range(brands):
            if remembered[b] >= 0:
                if up_awareness[b] > 0:
                    awareness[i, b] = moved(np.float64(awareness[i, b]), up_awareness[b], 0)
                if up_trust[b] + down_trust[b] > 0:
                    trust[i, b] = moved(np.float64(trust[i, b]), up_trust[b], down_trust[b])
                if pull[b] > 0:
                    expectation[i, b] = drawn(np.float64(expectation[i, b]), pull[b], pull_aimed[b])
                reached[i, b] |= REACHED_EARNED
                influence[i, b] = TOLD
                told_by[i, b] = entry_consumer[entry_parent[remembered[b]]]


@compiled
def credited(e, day, entry_message, entry_consumer, entry_parent, message_key, keys):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """The credit hash of today's entry e: of its message, teller and hearer."""
    return credit(message_key[entry_message[e]], keys[entry_consumer[entry_parent[e]]], keys[entry_consumer[e]], day)


@compiled
def get_ready(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, before, entry_message, entry_consumer, entry_last, entry_dice, message_key, keys, tell_at, talking_at, days, random
):
    """Who has heard may tell: the dice of entries start..stop, and their last day, `before` plus the talking days."""
    for e in range(start, stop):
        message, consumer = message_key[entry_message[e]], keys[entry_consumer[e]]
        entry_dice[e] = fold(fold(tell_at, message), consumer)
        talking = days
        if random and days > 1:
            u = uniform(fold(fold(talking_at, message), consumer))
            talking = 1 + int(math.log(u) / math.log(1.0 - 1.0 / days))
        entry_last[e] = before + talking
