"""Listening and conversation: brands hear what is said in public, late and partial, and answer as far as money goes.

Listening. A public telling is detected with probability `listening` (the brand's lever) and reaches the brand `delay`
days later; offline talk is never heard. A bad purchase (surprise S < 0) becomes a complaint with probability
complain |S|. All wait in one queue per brand: complaints, negative messages, questions of prospects, ideas, praise;
first come first served inside a class.

Conversation. capacity = money / (cost_per_conversation effort). An answer works as far as both sides engage:

    m = min(effort, engagement)          trust += gain m (1 - trust)          knowledge += learning m (1 - knowledge)

An answered complaint gives back recovery m of the trust that the experience took, and lifts satisfaction towards
`recovery_level`. Whatever waits longer than `patience` days is dropped; a dropped complaint costs `unanswered` trust.
At effort 0 nobody is answered; a consumer of engagement 0 is answered in vain, and nobody is spoken to who did not speak.
Contrary opinions make good debates, hatred does not: below `hater_below` an answer wins no trust (an assumption).

The circle listen -> fix -> integrate turns on insight, what the brand has understood:

    insight += (1 - insight) (1 - exp(-insight_rate x / n))         x detected mentions, then conversations, of the day
    service += fix insight (service_ceiling - service)
    position += integrate insight N/(N + file_half) (mean need of the N people in its file - position)
    conduct += integrate insight N/(N + file_half) (mean values of the N people in its file - conduct)

Cutting one link ends the gain. All defaults are assumptions; "effort on both sides" follows the practitioners' texts.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.chance import fold, uniform
from simulator.engine.compiled import compiled
from simulator.engine.dose import dose, moved
from simulator.parameters import ASSUMPTION, Table, parameter
from simulator.rules.purchase import Parameters as Purchase
from simulator.world.market import CENTS, Market
from simulator.world.start import update_fit
from simulator.world.state import CLASSES, F64, OWNED, REACHED_OWNED, TOUCH_CONVERSATION, Waiting

COMPLAINT, NEGATIVE, QUESTION, IDEA, PRAISE = range(len(CLASSES))
_TURNED = np.uint8(TOUCH_CONVERSATION)
_OWNED = np.uint8(REACHED_OWNED)


class Parameters(Table):
    """[conversation]"""

    patience: int = parameter(
        7,
        unit="days",
        meaning="after which an unanswered message is lost, and a complaint hurts",
        evidence=ASSUMPTION,
        plausible=(1, 14),
        ge=0,
    )
    delay: int = parameter(
        1,
        unit="days",
        meaning="between a public mention and the brand's knowing of it",
        evidence=ASSUMPTION,
        plausible=(0, 7),
        ge=0,
        le=3650,
    )
    hater_below: float = parameter(
        0.15, unit="trust", meaning="below which no answer wins any trust: critics can be won, haters not; at 0 everybody can",
        evidence=ASSUMPTION, plausible=(0.0, 0.3), off=0.0, ge=0, le=1,
    )  # fmt: skip
    gain: float = parameter(
        0.1, unit="share", meaning="of the room to trust that one answer covers when both sides engage fully; at 0 talk is empty",
        evidence=ASSUMPTION, plausible=(0.02, 0.3), off=0.0, ge=0, le=1,
    )  # fmt: skip
    learning: float = parameter(
        0.2, unit="share", meaning="of what it does not know of a consumer that a brand learns from one full conversation",
        evidence=ASSUMPTION, plausible=(0.05, 0.5), off=0.0, ge=0, le=1,
    )  # fmt: skip
    recovery: float = parameter(
        0.5, unit="share", meaning="of the trust that a bad experience took that a full answer gives back; never more than it took",
        evidence=ASSUMPTION, plausible=(0.2, 0.9), off=0.0, ge=0, le=1,
    )  # fmt: skip
    recovery_level: float = parameter(
        0.2, unit="-1..1", meaning="satisfaction to which a good answer lifts; what a mildly good purchase gives",
        evidence=ASSUMPTION, plausible=(0.0, 0.4), ge=-1, le=1,
    )  # fmt: skip
    complain: float = parameter(
        0.2, unit="share", meaning="probability to complain to the brand at full disappointment; at 0 nobody does",
        evidence=ASSUMPTION, plausible=(0.05, 0.5), off=0.0, ge=0, le=1,
    )  # fmt: skip
    unanswered: float = parameter(
        0.1,
        unit="share",
        meaning="of trust lost when a complaint stays unanswered",
        evidence=ASSUMPTION,
        plausible=(0.0, 0.3),
        off=0.0,
        ge=0,
        le=1,
    )
    cost_per_conversation: float = parameter(
        3.0,
        unit="currency",
        meaning="of one answer at full effort, to one real person",
        evidence=ASSUMPTION,
        source="a community manager at about 200 euros a day answers 60-100 messages",
        plausible=(1.0, 12.0),
        ge=0,
    )
    listening_cost: float = parameter(
        20.0,
        unit="currency/day",
        meaning="of the listening desk, at whatever share it detects",
        evidence=ASSUMPTION,
        plausible=(0.0, 500.0),
        ge=0,
    )
    insight_rate: float = parameter(
        20.0, unit="", meaning="how fast a brand understands: one mention or conversation per consumer teaches 1 - exp(-this)",
        evidence=ASSUMPTION, plausible=(5.0, 50.0), off=0.0, ge=0,
    )  # fmt: skip
    fix_cost: float = parameter(
        50.0, unit="currency/day", meaning="of fixing the service", evidence=ASSUMPTION, plausible=(0.0, 1000.0), ge=0
    )
    service_ceiling: float = parameter(
        0.1, unit="0..1", meaning="quality that a perfectly fixed service adds; at 0 nothing is to be fixed",
        evidence=ASSUMPTION, plausible=(0.0, 0.2), off=0.0, ge=0, le=1,
    )  # fmt: skip
    file_half: float = parameter(
        30.0, unit="conversations", meaning="after which the brand's file is trusted half-way; at 0 one voice is enough",
        evidence=ASSUMPTION, plausible=(10.0, 100.0), ge=0,
    )  # fmt: skip


# -- formulas --------------------------------------------------------------------------------------------------------


@compiled
def mutual_engagement(effort: float, engagement: float) -> float:
    """A conversation is as good as its weaker side."""
    return min(effort, engagement)


@compiled
def trust_given_back(recovery: float, mutual: float, taken: float, trust: float) -> float:
    """Share of the room to trust that makes up for `taken`, as far as the answer goes; 0 where there is no room."""
    return min(1.0, recovery * mutual * taken / (1.0 - trust)) if trust < 1.0 else 0.0


@compiled
def satisfaction_after_recovery(satisfaction: float, recovery: float, mutual: float, level: float) -> float:
    """Lifted towards `level`, never beyond, never lowered."""
    return satisfaction + recovery * mutual * (level - satisfaction) if satisfaction < level else satisfaction


@compiled
def insight_after(insight: float, rate: float, heard: int, n: int) -> float:
    """What the brand has understood after `heard` mentions or conversations with a market of n consumers."""
    return insight + (1.0 - insight) * (-math.expm1(-(rate * heard / n)))


# -- kernels ---------------------------------------------------------------------------------------------------------


@compiled
def find_complaints(day, keys, places, consumer, brand, occasion, surprise, complain, found, key):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """found[row] = 1 where a purchase becomes a complaint, key[row] its key."""
    for row in range(len(consumer)):
        bad = -surprise[row]
        if not bad > 0.0:  # NaN where the experience rule is off
            continue
        i = keys[consumer[row]]
        if uniform(fold(fold(places[brand[row]], i), occasion[row])) < complain * bad:
            found[row] = 1
            key[row] = fold(fold(i, day), occasion[row])


@compiled
def detect(at, keys, listening, message_key, teller, brand, purchases, found, kind, key, valence):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """found[row] = 1 where a public act is detected, with the class and key of what then waits.

    Returns int64 [4, B]: positive and negative mentions, positive and negative ones detected.
    """
    tally = np.zeros((4, len(listening)), np.int64)
    for row in range(len(teller)):
        i, b = teller[row], brand[row]
        bad = int(valence[row] < 0)
        tally[bad, b] += 1
        if uniform(fold(fold(at, message_key[row]), keys[i])) < listening[b]:
            tally[2 + bad, b] += 1
            found[row] = 1
            key[row] = fold(message_key[row], keys[i])
            kind[row] = NEGATIVE if valence[row] < 0 else PRAISE if purchases[i, b] > 0 else QUESTION
    return tally


@compiled
def answer(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    b, consumer, kind, amount, answered, engagement, trust, knowledge, satisfaction, reached, touched, influence,
    effort, gain, learning, recovery, recovery_level, unanswered, hater_below,
):  # fmt: skip
    """Answers and drops of one brand and day act on consumers; rows ordered by consumer."""
    row = 0
    while row < len(consumer):
        i = consumer[row]
        before = float(trust[i, b])
        mutual = mutual_engagement(effort, float(engagement[i]))
        up = down = learned = 0
        spoken_to = made_up = False
        while row < len(consumer) and consumer[row] == i:
            if answered[row]:
                spoken_to = True
                learned += dose(learning * mutual)
                made_up = made_up or kind[row] == COMPLAINT
                if before >= hater_below:
                    up += dose(gain * mutual)
                    if kind[row] == COMPLAINT:
                        up += dose(trust_given_back(recovery, mutual, amount[row], before))
            elif kind[row] == COMPLAINT:
                down += dose(unanswered)
            row += 1
        trust[i, b] = moved(before, up, down)
        if spoken_to:
            knowledge[i, b] = moved(float(knowledge[i, b]), learned, 0)
            reached[i, b] |= _OWNED
            touched[i, b] |= _TURNED
            influence[i, b] = OWNED
        if made_up:
            satisfaction[i, b] = satisfaction_after_recovery(float(satisfaction[i, b]), recovery, mutual, recovery_level)


# -- phases ----------------------------------------------------------------------------------------------------------


def listen(market: Market, conversation: Parameters) -> None:
    """Brands hear of today's complaints and public mentions (phase listen)."""
    _complaints(market, conversation)
    mentions, brands = market.messages.mentions, market.brands
    listening = np.zeros(len(market.names))
    for b, action in enumerate(market.actions):
        if action.listening > 0.0 and paid_for(market, b, "listening", conversation.listening_cost, action.listening_cents):
            listening[b] = action.listening
    rows = len(mentions.teller)
    if rows:
        found, kind, key = np.zeros(rows, np.uint8), np.zeros(rows, np.uint8), np.zeros(rows, np.uint64)
        tally = detect(
            market.at("detect", market.day), market.consumers.keys, listening, mentions.message_key, mentions.teller, mentions.brand,
            market.state.purchases, found, kind, key, mentions.valence,
        )  # fmt: skip
        heard = np.flatnonzero(found)
        day = market.day + conversation.delay
        enqueue(market, mentions.brand[heard], kind[heard], day, mentions.teller[heard], key[heard], np.zeros(len(heard)))
        positive, negative, noticed_positive, noticed_negative = tally
        detected = noticed_positive + noticed_negative
        brands.heard_mentions += positive + negative
        brands.heard_valence += positive - negative
        for b in range(len(market.names)):
            brands.insight[b] = insight_after.python(float(brands.insight[b]), conversation.insight_rate, int(detected[b]), market.n)
        market.count_all("mentions_positive", positive)
        market.count_all("mentions_negative", negative)
        market.count_all("detected", detected)
        market.count_all("detected_positive", noticed_positive)
        market.count_all("detected_negative", noticed_negative)


def _complaints(market: Market, conversation: Parameters) -> None:
    bought = market.purchases
    rows = len(bought.consumer)
    if rows == 0 or conversation.complain == 0.0:
        return
    found, key = np.zeros(rows, np.uint8), np.zeros(rows, np.uint64)
    places = market.at_brands("complain", market.day)
    find_complaints(
        market.day, market.consumers.keys, places, bought.consumer, bought.brand, bought.occasion, bought.surprise,
        conversation.complain, found, key,
    )  # fmt: skip
    who = np.flatnonzero(found)
    enqueue(market, bought.brand[who], np.full(len(who), COMPLAINT), market.day, bought.consumer[who], key[who], bought.trust_lost[who])
    market.count_all("complaints", np.bincount(bought.brand[who], minlength=len(market.names)))


def converse(market: Market, conversation: Parameters, purchase: Purchase) -> None:
    """Brands answer what waits, then fix and integrate what they have understood (phase converse)."""
    brands = market.brands
    gone = []
    for b, action in enumerate(market.actions):
        unit_cost = conversation.cost_per_conversation * action.effort
        capacity = market.affordable(b, action.conversation_cents, unit_cost) if action.effort > 0.0 else 0
        answered, dropped = _served(market, b, capacity, conversation.patience)
        market.pay(b, "conversations", len(answered), unit_cost)
        if len(answered) or len(dropped):
            gone += [answered, dropped]
            _act(market, b, answered, dropped, action.effort, conversation)
            brands.insight[b] = insight_after.python(float(brands.insight[b]), conversation.insight_rate, len(answered), market.n)
            market.count("unanswered", b, int(np.count_nonzero(market.waiting.kind[dropped] == COMPLAINT)))
        market.count("conversations", b, len(answered))
        if action.fix > 0.0 and paid_for(market, b, "fix", conversation.fix_cost, action.fix_cents):
            brands.service[b] += action.fix * brands.insight[b] * (conversation.service_ceiling - brands.service[b])
        if action.integrate > 0.0 and brands.heard_people[b] > 0:
            _integrate(market, b, action.integrate, conversation.file_half, purchase.taste_width)
    if gone:
        leave(market, np.concatenate(gone))


def _served(market: Market, b: int, capacity: int, patience: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the queue that brand b answers today, and rows that have waited in vain."""
    waiting = market.waiting
    here = np.flatnonzero((waiting.brand == b) & (waiting.day <= market.day))
    if capacity >= len(here):
        return here, here[:0]
    if capacity > 0:
        here = here[np.lexsort((waiting.key[here], waiting.day[here], waiting.kind[here]))]
    rest = here[capacity:]
    return here[:capacity], rest[market.day - waiting.day[rest] > patience]


def _act(market: Market, b: int, answered: np.ndarray, dropped: np.ndarray, effort: float, conversation: Parameters) -> None:
    state, waiting = market.state, market.waiting
    rows = np.concatenate([answered, dropped])
    order = np.argsort(waiting.consumer[rows], kind="stable")
    rows, spoken_to = rows[order], (order < len(answered)).astype(np.uint8)
    answer(
        b, waiting.consumer[rows], waiting.kind[rows], waiting.amount[rows], spoken_to, market.consumers.engagement, state.trust,
        state.knowledge, state.satisfaction, state.reached, state.touched, state.influence,
        effort, conversation.gain, conversation.learning, conversation.recovery, conversation.recovery_level, conversation.unanswered,
        conversation.hater_below,
    )  # fmt: skip
    if len(answered):
        who = waiting.consumer[answered]
        state.teller[who, b] = -1  # the brand itself spoke last
        needs = market.consumers.needs[who].astype(np.float64)
        market.brands.heard_needs[b] += whole_sum(needs)
        market.brands.heard_values[b] += whole_sum(market.values[market.consumers.segment[who]])
        market.brands.heard_people[b] += len(answered)


def whole_sum(rows: F64) -> F64:
    """Column sums of [k, m], each number a whole one of 2^-32: exact, so that order is immaterial."""
    total: F64 = np.rint(rows * 2.0**32).astype(np.int64).sum(axis=0) / 2.0**32
    return total


def _integrate(market: Market, b: int, integrate: float, file_half: float, width: float) -> None:
    brands, people = market.brands, int(market.brands.heard_people[b])
    way = integrate * float(brands.insight[b]) * (people / (people + file_half))
    for place, heard in ((brands.position[b], brands.heard_needs[b]), (brands.conduct[b], brands.heard_values[b])):
        for axis, here in enumerate(place.tolist()):
            place[axis] = here + way * (float(heard[axis]) / people - here)
    update_fit(market, width, b)


# -- the queue and its costs -----------------------------------------------------------------------------------------


def enqueue(
    market: Market, brand: np.ndarray, kind: np.ndarray, day: int, consumer: np.ndarray, key: np.ndarray, amount: np.ndarray
) -> None:
    """Let things wait for an answer, from `day` on: parallel arrays, one row an item."""
    if len(brand) == 0:
        return
    old, days = market.waiting, np.full(len(brand), day)
    new = {"brand": brand, "kind": kind, "day": days, "consumer": consumer, "key": key, "amount": amount}
    market.waiting = Waiting(**{name: np.concatenate([getattr(old, name), new[name].astype(getattr(old, name).dtype)]) for name in new})


def leave(market: Market, rows: np.ndarray) -> None:
    """Rows that no longer wait."""
    if len(rows):
        old = market.waiting
        stays = np.ones(len(old.brand), bool)
        stays[rows] = False
        market.waiting = Waiting(**{name: getattr(old, name)[stays] for name in old.__dataclass_fields__})


def paid_for(market: Market, b: int, line: str, cost: float, cents: int) -> bool:
    """Pay a day's running cost if the money set aside for it covers it; whether it was paid."""
    price = int(cost * CENTS + 0.5)
    if cents < price or market.purse(b) < price:
        return False
    market.spend(b, line, 1.0, price)
    return True
