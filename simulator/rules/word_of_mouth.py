"""Word of mouth: consumers start messages, messages travel along ties, hearers change their minds.

Who starts a message is in `speaking.py`, how it travels and what it does to a hearer in `telling.py`; here are
the parameters of both and the two phases. With every rate at 0 and no event nobody ever speaks; with `share`
at 0 only authors tell.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from simulator.engine.chunks import joined, run_chunks, sum_of
from simulator.engine.ties import fill_table
from simulator.parameters import ASSUMPTION, LITERATURE, Table, parameter
from simulator.rules import speaking, telling
from simulator.rules.advertising import Parameters as Advertising
from simulator.rules.answers import multipliers, running_failures
from simulator.rules.experience import Parameters as Experience
from simulator.rules.silence import speaks
from simulator.world.events import Event, selected
from simulator.world.market import Market
from simulator.world.messages import NO_LAYER, Mentions, Started
from simulator.world.selection import Selection
from simulator.world.state import F64, I32, LAYERS, Purchases

if TYPE_CHECKING:
    from simulator.rules.crises import Parameters as Crises
    from simulator.rules.roles import Parameters as Roles


class Credibility(Table):
    """How much a telling counts, by layer."""

    strong: float = parameter(
        0.84, unit="share", meaning="a close friend", evidence=LITERATURE, source="Nielsen 2013: people I know 84%", ge=0, le=1,
    )  # fmt: skip
    weak: float = parameter(
        0.68, unit="share", meaning="an acquaintance", evidence=LITERATURE, source="Nielsen 2013: consumer opinions online 68%", ge=0,
        le=1,
    )  # fmt: skip
    follow: float = parameter(0.42, unit="share", meaning="someone one follows", evidence=ASSUMPTION, plausible=(0.2, 0.6), ge=0, le=1)


class Parameters(Table):
    """[word_of_mouth]"""

    base_rate: float = parameter(
        0.1, unit="messages per experience", meaning="urge to talk about an experience that was as expected", evidence=ASSUMPTION,
        plausible=(0.0, 0.3), off=0.0, ge=0,
    )  # fmt: skip
    a_plus: float = parameter(
        0.4, unit="messages per experience", meaning="more of it at full positive surprise", evidence=ASSUMPTION, plausible=(0.2, 0.8),
        off=0.0, ge=0,
    )  # fmt: skip
    a_minus: float = parameter(
        0.6, unit="messages per experience", meaning="more of it at full negative surprise; 1.5 times a_plus", evidence=LITERATURE,
        source="Anderson 1998, J Serv Res 1:5-17 (direction)", plausible=(0.4, 1.2), off=0.0, ge=0,
    )  # fmt: skip
    standing: float = parameter(
        0.12, unit="messages/day", meaning="a customer's standing urge to talk, at full loyalty", evidence=ASSUMPTION,
        plausible=(0.06, 0.24), off=0.0, ge=0,
    )  # fmt: skip
    hearsay: float = parameter(
        0.01, unit="messages/day", meaning="a non-customer's urge to pass on what she heard, at full awareness", evidence=ASSUMPTION,
        plausible=(0.0, 0.03), off=0.0, ge=0,
    )  # fmt: skip
    annoyance: float = parameter(
        0.004, unit="messages/day per unit of irritation",
        meaning="urge to complain about the advertising itself, above the tolerance point", evidence=ASSUMPTION, plausible=(0.0, 0.02),
        off=0.0, ge=0,
    )  # fmt: skip
    refutation: float = parameter(
        0.5, unit="messages per experience", evidence=ASSUMPTION, plausible=(0.0, 1.5), off=0.0, ge=0,
        meaning="urge to say that a claim is untrue, at a gap as wide as quality goes; at 0 nobody measures brands by their words",
    )  # fmt: skip
    valence_base: float = parameter(
        2.2, unit="", meaning="log-odds that talk is positive at neutral trust", evidence=LITERATURE,
        source="Keller Fay 2006: fewer than 10% of talks negative", plausible=(1.5, 3.0),
    )  # fmt: skip
    valence_trust: float = parameter(
        4.0, unit="per unit of trust", meaning="how much trust tilts talk", evidence=ASSUMPTION, plausible=(2.0, 8.0), off=0.0, ge=0,
    )  # fmt: skip
    valence_satisfaction: float = parameter(
        2.0, unit="per unit of satisfaction", meaning="how much the last experience tilts talk", evidence=ASSUMPTION,
        plausible=(1.0, 4.0), off=0.0, ge=0,
    )  # fmt: skip
    online: float = parameter(
        0.08, unit="share of talks", meaning="share of everyday talks that happen in public, online; at 0 only hot messages do",
        evidence=LITERATURE, source="Keller Fay TalkTrack 2006, 2012: 92% offline", plausible=(0.05, 0.3), ge=0, le=1,
    )  # fmt: skip
    hot: float = parameter(
        0.8, unit="share", meaning="pull of hot messages to the public: P(online) = online + (1 - online) hot arousal^2",
        evidence=ASSUMPTION, source="direction: Berger and Milkman 2012", plausible=(0.4, 1.0), off=0.0, ge=0, le=1,
    )  # fmt: skip
    visibility: float = parameter(
        0.15, unit="share", meaning="probability that one follower or contact sees one public telling", evidence=ASSUMPTION,
        plausible=(0.05, 0.3), off=0.0, ge=0, le=1,
    )  # fmt: skip
    share: float = parameter(
        0.12, unit="1/day", meaning="probability to pass on a fresh, calm message on one day; at 0 nobody passes on", evidence=ASSUMPTION,
        plausible=(0.06, 0.2), off=0.0, ge=0, le=1,
    )  # fmt: skip
    negative_share: float = parameter(
        1.7, unit="ratio", meaning="how much likelier a negative message is passed on", evidence=LITERATURE,
        source="Vosoughi, Roy, Aral 2018, Science 359:1146 (false news as proxy)", plausible=(1.0, 2.5), off=1.0, ge=0,
    )  # fmt: skip
    interest_half_life: float = parameter(
        1.5, unit="days", meaning="after which a message is passed on half as likely", evidence=ASSUMPTION, plausible=(0.5, 7.0),
        off=math.inf, gt=0,
    )  # fmt: skip
    attention_days: int = parameter(
        3, unit="days", meaning="days after hearing on which a consumer may tell", evidence=ASSUMPTION, plausible=(1, 5), ge=1, le=365,
    )  # fmt: skip
    talking_days: Literal["fixed", "geometric"] = parameter(
        "fixed", unit="", meaning="whether everyone talks for attention_days, or for a random number of days with that mean",
    )  # fmt: skip
    author_boost: float = parameter(
        4.0, unit="ratio", meaning="how much likelier an author tells again on later days than a hearer passes on", evidence=ASSUMPTION,
        plausible=(1.0, 8.0), ge=0,
    )  # fmt: skip
    agreement: float = parameter(
        0.5, unit="share",
        meaning="how far people pass on only what they believe themselves; at 1 full distrust stops praise, full trust stops blame",
        evidence=ASSUMPTION, plausible=(0.0, 1.0), off=0.0, ge=0, le=1,
    )  # fmt: skip
    strength: float = parameter(
        0.2, unit="share",
        meaning="share of the room to move that one telling of full arousal and credibility covers; a calm one half of it",
        evidence=ASSUMPTION, plausible=(0.05, 0.3), off=0.0, ge=0, le=1,
    )  # fmt: skip
    negativity: float = parameter(
        2.0, unit="ratio", meaning="how much more a negative telling moves trust; 1 is symmetric", evidence=ASSUMPTION,
        source="direction: Slovic 1993", plausible=(1.0, 4.0), ge=0,
    )  # fmt: skip
    recall: float = parameter(
        0.03, unit="share", meaning="awareness gained from one telling at credibility 1, whatever its valence", evidence=ASSUMPTION,
        plausible=(0.01, 0.2), off=0.0, ge=0, le=1,
    )  # fmt: skip
    carry: float = parameter(
        0.5, unit="ratio", meaning="pull of the told experience on expectation, relative to trust", evidence=ASSUMPTION,
        plausible=(0.0, 1.0), off=0.0, ge=0, le=1,
    )  # fmt: skip
    defence: float = parameter(
        0.5, unit="share", meaning="how far loyal believers argue against bad words", evidence=ASSUMPTION, plausible=(0.0, 1.0), off=0.0,
        ge=0, le=1,
    )  # fmt: skip
    credibility: Credibility = parameter(factory=Credibility, unit="share", meaning="how much a telling counts, by layer")
    strong_preference: float = parameter(
        4.0, unit="ratio", meaning="how much likelier a talk is with one strong tie than with one weak tie", evidence=LITERATURE,
        source="Goldenberg, Libai, Muller 2001 (ranges 1:4)", plausible=(1.0, 8.0), ge=0, le=1000,
    )  # fmt: skip


TELLERS_AT_ONCE = 2048
"""So many that what is looked up of their ties stays in the processor's cache until it is used."""


def speak(market: Market, word_of_mouth: Parameters, advertising: Advertising, experience: Experience) -> None:
    """Who starts a message today (phase speak); messages of today's events and ambassadors join them."""
    w, messages = word_of_mouth, market.messages
    started = _messages_of_consumers(market, w, advertising.tolerance_point, experience)
    if len(market.silenced):
        started = started.only(speaks(market, started.author, started.brand))
    own, events = len(started.key), messages.pending
    if events:
        started = Started.joined([started, *(part for part, _ in events)])
        messages.pending = []
    if len(started.key) == 0:
        return
    numbers = messages.number(started, market.day)
    enter(market, w, numbers[:own], started.author[:own])
    if events:
        tellers = [first for _, first in events]
        enter(market, w, np.repeat(numbers[own:], list(map(len, tellers))), np.concatenate(tellers))
    brands = len(market.names)
    counted = np.bincount(started.brand + brands * (started.valence < 0), minlength=2 * brands)
    market.count_all("messages_positive", counted[:brands])
    market.count_all("messages_negative", counted[brands:])


def _messages_of_consumers(market: Market, w: Parameters, tolerance_point: float, e: Experience) -> Started:
    """About today's experiences, then whatever else makes people talk."""
    bought, talkers = market.purchases, _who_talks(market, w, tolerance_point)
    if len(bought.consumer) and np.isnan(bought.surprise[0]):  # the experience rule is off
        bought = Purchases.none()
    columns = Started.blank(len(bought.consumer) + len(talkers))
    tilt, rows, state, people = (w.valence_base, w.valence_trust, w.valence_satisfaction), 0, market.state, market.consumers
    if len(bought.consumer):
        rows = speaking.recount(
            market.day, people.keys, market.keys, people.voice, state.trust, state.satisfaction, market.fit,
            bought.consumer, bought.brand, bought.occasion, bought.experienced, bought.surprise,
            market.at_brands("speak", market.day), market.at_brands("valence.speak", market.day), (w.base_rate, w.a_plus, w.a_minus), tilt,
            market.brands.promise, e.fit_exponent, e.zone, w.refutation, running_failures(market), *columns,
        )  # fmt: skip
    speaking.talk(
        talkers, rows, market.day, people.keys, market.keys, state.trust, state.expectation, state.irritation, state.satisfaction,
        state.purchases, market.at_brands("valence", market.day), tilt, tolerance_point, *columns,
    )  # fmt: skip
    return Started(*(column[: rows + len(talkers)] for column in columns))


def _who_talks(market: Market, w: Parameters, tolerance_point: float) -> I32:
    """Who talks of which brand, as `speaking.who_talks` writes it."""
    if w.standing == w.hearsay == w.annoyance == 0.0:
        return np.zeros(0, np.int32)
    state, people = market.state, market.consumers
    talk_at, annoyed_at = market.at_brands("talk", market.day), market.at_brands("annoyed", market.day)

    def chunk(start: int, stop: int) -> I32:
        found: I32 = speaking.who_talks(
            start, stop, people.keys, people.voice, state.awareness, state.irritation, state.loyalty, state.purchases,
            talk_at, annoyed_at, (w.standing, w.hearsay, w.annoyance), tolerance_point,
        )  # fmt: skip
        return found

    return joined(run_chunks(chunk, market.n, market.threads))


def enter(market: Market, w: Parameters, numbers: I32, consumers: I32) -> None:
    """Authors and first tellers know their message and tell it from today on."""
    m = market.messages
    more = len(numbers)
    m.room_for_entries(more)
    rows = slice(m.entries, m.entries + more)
    m.entry_message[rows], m.entry_consumer[rows] = numbers, consumers
    m.entry_parent[rows], m.entry_day[rows], m.entry_layer[rows], m.entry_online[rows] = -1, market.day, NO_LAYER, 0
    m.entries = rows.stop
    fill_table(m.known, m.entry_message, m.entry_consumer, rows.start, rows.stop)
    _get_ready(market, w, rows.start, market.day - 1)
    m.active = np.concatenate([m.active, np.arange(rows.start, rows.stop, dtype=np.int32)])


def _get_ready(market: Market, w: Parameters, began: int, before: int) -> None:
    """Entries from `began` may tell on the days after `before`."""
    m = market.messages
    telling.get_ready(
        began, m.entries, before, m.entry_message, m.entry_consumer, m.entry_last, m.entry_dice, m.key, market.consumers.keys,
        market.at("tell"), market.at("talking"), w.attention_days, w.talking_days == "geometric",
    )  # fmt: skip


def spread(market: Market, word_of_mouth: Parameters, crises: Crises, roles: Roles) -> None:
    """Active messages move along ties, hearers take them in (phase spread)."""
    w, m = word_of_mouth, market.messages
    m.mentions = Mentions.none()
    if len(m.active) == 0:
        return
    began, brands = m.entries, len(market.names)
    tellers = _who_tells(market, w, multipliers(market, crises), roles.journalist_arousal)
    teller, hearer, through, in_public, acts, talks = _whom(market, w, tellers, roles.journalist_arousal)
    m.room_for_entries(len(teller))
    if len(m.head) != market.n:
        m.head = np.full(market.n, -1, np.int32)
    following, tally = np.empty(len(teller), np.int32), np.zeros((3, brands), np.int64)
    m.entries = telling.hear(
        teller, hearer, through, in_public, market.day, m.entries, m.entry_message, m.entry_consumer, m.entry_parent, m.entry_day,
        m.entry_layer, m.entry_online, m.known, m.key, m.brand, m.valence, market.consumers.keys, m.head, following, tally,
    )  # fmt: skip
    for name, counted in zip(
        ("tellings_positive", "tellings_negative", "repeats", "talks_offline", "talks_online"), (*tally, *talks), strict=True
    ):
        market.count_all(name, counted)
    if m.entries > began:
        _take_in(market, w, began, following, roles.journalist_credibility)
        _get_ready(market, w, began, market.day)
        if m.logging:
            _log(market, began)
    _mention(market, acts)
    m.sweep(market.day, began)


def _who_tells(market: Market, w: Parameters, multiplier: F64, news_above: float) -> I32:
    """The entries that tell today; multiplier and news_above as in `telling.who_tells`."""
    m, active = market.messages, market.messages.active
    if len(market.silenced):
        active = active[speaks(market, m.entry_consumer[active], m.brand[m.entry_message[active]])]
    fade = _fading(w.interest_half_life, 1 << int(market.day - m.day[m.first]).bit_length())

    def chunk(start: int, stop: int) -> I32:
        found: I32 = telling.who_tells(
            start, stop, active, market.day, m.entry_message, m.entry_consumer, m.entry_parent, m.entry_day, m.entry_dice,
            m.first, m.day, m.brand, m.valence, m.window_arousal, m.window_topic, market.state.trust, market.state.praised_day, market.role,
            w.share, w.negative_share, w.agreement, fade, w.author_boost, multiplier, news_above,
        )  # fmt: skip
        return found

    return joined(run_chunks(chunk, len(active), market.threads) or [chunk(0, 0)])


def _whom(market: Market, w: Parameters, tellers: I32, news_above: float) -> tuple[np.ndarray, ...]:
    """Whom they tell: columns of `telling.whom`."""
    m, graph = market.messages, market.graph
    none = np.zeros(0, np.int32)
    starts, hearers = tuple(layer.start for layer in graph.layers), tuple(layer.hearer for layer in graph.layers)
    weights = tuple(none if layer.weight is None else layer.weight for layer in graph.layers)
    # on a complete graph the list of partners is everybody, in order of keys
    by_key = np.argsort(market.consumers.keys).astype(np.int32) if graph.complete else none
    rank = np.argsort(by_key).astype(np.int32) if graph.complete else none

    def chunk(start: int, stop: int) -> tuple[np.ndarray, ...]:
        told: tuple[np.ndarray, ...] = telling.whom(
            start, stop, tellers, market.day, m.entry_message, m.entry_consumer, m.entry_parent, m.entry_day, m.entry_dice,
            m.first, m.key, m.brand, m.window_arousal, market.role, news_above, market.consumers.keys, market.numbered,
            starts, hearers, weights, (round(1024 * w.strong_preference), 1024),
            LAYERS.index(graph.complete_layer) if graph.complete else -1, by_key, rank, market.at("seen"),
            w.online, w.hot, w.visibility, len(market.names),
        )  # fmt: skip
        return told

    parts = run_chunks(chunk, len(tellers), market.threads, TELLERS_AT_ONCE) or [chunk(0, 0)]
    *columns, talks = zip(*parts, strict=True)
    return *(joined(list(column)) for column in columns), sum_of(list(talks))


@functools.lru_cache(16)
def _fading(half_life: float, days: int) -> F64:
    """What is left of the interest in messages of 0 .. days-1 days."""
    return np.array([fading(age, half_life) for age in range(days)])


def fading(age: int, half_life: float) -> float:
    """What is left of the interest in a message of `age` days."""
    return math.exp(-math.log(2.0) * age / half_life)


def _take_in(market: Market, w: Parameters, began: int, following: I32, journalist_credibility: float) -> None:
    m, state = market.messages, market.state
    credibility = np.array([*(getattr(w.credibility, layer) for layer in LAYERS), journalist_credibility])

    def chunk(start: int, stop: int) -> None:
        telling.take_in(
            start, stop, began, market.day, m.head, following, m.entry_message, m.entry_consumer, m.entry_parent, m.entry_layer,
            m.first, m.key, m.brand, m.valence, m.window_arousal, m.window_level, market.consumers.keys,
            state.awareness, state.trust, state.expectation, state.loyalty, state.reached, state.influence, state.teller, market.role,
            credibility, w.strength, w.negativity, w.recall, w.carry, w.defence,
        )  # fmt: skip

    run_chunks(chunk, market.n, market.threads)


def _log(market: Market, began: int) -> None:
    """Today's tellings, as they stand; `Messages.log` puts them in order when somebody asks."""
    m = market.messages
    rows = slice(began, m.entries)
    message, teller, hearer = m.entry_message[rows].copy(), m.entry_consumer[m.entry_parent[rows]], m.entry_consumer[rows].copy()
    m.logged.append((market.day, message, teller, hearer, m.entry_layer[rows].copy(), m.entry_online[rows].copy()))


def _mention(market: Market, acts: I32) -> None:
    """Today's public acts, for those who listen."""
    m = market.messages
    message = m.entry_message[acts]
    m.mentions = Mentions(m.key[message], m.entry_consumer[acts], m.brand[message], m.valence[message], m.window_arousal[message - m.first])


class StagedMessages(Event):
    """Messages put into the world by somebody outside it."""

    rule: ClassVar[str] = "word_of_mouth"
    kind: Literal["staged_messages"] = parameter(unit="", meaning="kind of event")
    consumers: Selection = parameter(unit="consumers", meaning="who tells first")
    count: int = parameter(1, unit="messages", meaning="independent copies, each told by all of them", ge=1, le=100_000)
    valence: Literal[1, -1] = parameter(1, unit="", meaning="1 praises, -1 blames")
    arousal: float = parameter(0.5, unit="share", meaning="how hot the message is", ge=0, le=1)
    level: float | None = parameter(None, unit="quality", meaning="the experience it tells of; none: it only praises or blames")

    def act(self, market: Market, key: int) -> None:
        b, level = market.names.index(self.brand), math.nan if self.level is None else self.level
        tellers = selected(market, self.consumers, key)
        for copy in range(self.count):
            announce(market, b, speaking.STAGED, self.valence, self.arousal, level, tellers, key, copy)


def announce(
    market: Market, b: int, origin: int, valence: int, arousal: float, level: float, tellers: I32, key: int, copy: int = 0, topic: int = -1
) -> None:
    """Hold a message of an event ready for today's phase speak: no author, the event is the root of its tree."""
    word = speaking.message_key(np.uint64(key), market.keys[b], market.day, origin, copy)
    market.messages.pending.append((Started.one(word, -1, b, valence, origin, arousal, level, topic), tellers))
