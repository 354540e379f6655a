"""Purchase: who buys what today; in a durable market, who adopts.

Repeat market (kind "repeat"): occasions ~ Poisson(purchase_rate); each brand comes to mind with probability awareness; among
those, multinomial logit (McFadden 1974) against buying nothing:

    V = trust_weight belief + expectation_weight (hope - .5) + fit_weight fit + loyalty_weight loyalty
        - price_weight (price/market price - 1)
        + proof_weight social + reward_weight reward/price - irritation_weight irritation        V_outside = outside

belief is trust and hope is expectation; for those who search each is rating_weight rating + (1 - rating_weight) of it;
social is the share of her ties (by tie_weights) who show the brand as their last purchase. A weight of 0 removes its term.

Durable market (kind "durable"): who owns nothing adopts by competing risks (adoption.py). What others show is in
social_proof.py.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from simulator.engine.chance import fold, gumbel, name_key, poisson, uniform
from simulator.engine.chunks import run_chunks
from simulator.engine.compiled import compiled
from simulator.parameters import ASSUMPTION, DESIGN, LITERATURE, Table, parameter
from simulator.rules.adoption import FIRST, MEMBER, adopt
from simulator.rules.social_proof import show, show_to_all, social_proof
from simulator.rules.thresholds import Threshold, thresholds_of
from simulator.world.events import Event, selected
from simulator.world.market import CENTS, Market
from simulator.world.selection import Selection
from simulator.world.state import I8, I16, I32, LAYERS, OPTED_IN, SEEN, SPONTANEOUS, U8, Purchases

if TYPE_CHECKING:
    from simulator.rules.advertising import Parameters as Advertising
    from simulator.rules.roles import Parameters as Roles

WEIGHT_UNIT = 1024
"""Tie weights count in steps of 1/1024, so that sums are exact."""

Columns = tuple[I32, I8, I16, U8]
"""Purchases: consumer, brand, occasion, marks."""


class TieWeights(Table):
    """How much a tie counts as social proof, by layer."""

    strong: float = parameter(1.0, unit="weight", meaning="a close friend", evidence=ASSUMPTION, ge=0, le=100)
    weak: float = parameter(1.0, unit="weight", meaning="an acquaintance", evidence=ASSUMPTION, ge=0, le=100)
    follow: float = parameter(0.0, unit="weight", meaning="someone one follows", evidence=ASSUMPTION, ge=0, le=100)


class Parameters(Table):
    """[purchase]"""

    taste_width: float = parameter(
        1.0, unit="need space", meaning="s: distance at which an offer suits noticeably less", evidence=ASSUMPTION,
        plausible=(0.5, 2.0), gt=0,
    )  # fmt: skip
    trust_weight: float = parameter(
        4.0, unit="utility", meaning="of full trust; at 0 trust does not sell", evidence=ASSUMPTION, plausible=(1.0, 6.0), off=0.0, ge=0
    )
    expectation_weight: float = parameter(
        1.0, unit="utility", meaning="of what she expects of it, against neutral; at 0 promises do not sell", evidence=ASSUMPTION,
        plausible=(0.0, 3.0), off=0.0, ge=0,
    )  # fmt: skip
    fit_weight: float = parameter(
        2.0, unit="utility", meaning="of perfect fit; at 0 offers suit all alike", evidence=ASSUMPTION, plausible=(0.5, 4.0), off=0.0, ge=0
    )
    loyalty_weight: float = parameter(
        2.0, unit="utility", meaning="of full loyalty; at 0 there is no habit", evidence=ASSUMPTION, plausible=(1.0, 4.0), off=0.0, ge=0
    )
    price_weight: float = parameter(
        1.0, unit="utility", meaning="lost when the price doubles; at 0 nobody looks at it", evidence=ASSUMPTION,
        plausible=(0.5, 4.0), off=0.0, ge=0,
    )  # fmt: skip
    proof_weight: float = parameter(
        1.0, unit="utility", meaning="when all ties show the brand; at 0 nobody looks at others", evidence=ASSUMPTION,
        plausible=(0.0, 3.0), off=0.0, ge=0,
    )  # fmt: skip
    reward_weight: float = parameter(
        1.0, unit="utility", meaning="of a reward worth the price; at 0 rewards do not sell", evidence=ASSUMPTION,
        plausible=(0.5, 4.0), off=0.0, ge=0,
    )  # fmt: skip
    irritation_weight: float = parameter(
        0.3, unit="utility per unit of irritation", meaning="lost by annoying; at 0 annoyance does not cost sales", evidence=ASSUMPTION,
        plausible=(0.0, 1.0), off=0.0, ge=0,
    )  # fmt: skip
    outside: float = parameter(5.0, unit="utility", meaning="of buying none of these brands", evidence=ASSUMPTION, plausible=(1.0, 5.0))
    search: float = parameter(
        0.0, unit="share", meaning="purchases before which the crowd's rating is looked up; at 0 never", evidence=DESIGN,
        plausible=(0.0, 0.8), off=0.0, ge=0, le=1,
    )  # fmt: skip
    rating_weight: float = parameter(
        0.5, unit="share", meaning="of the rating in a searcher's belief; at 1 own trust is ignored", evidence=ASSUMPTION,
        plausible=(0.2, 0.8), off=0.0, ge=0, le=1,
    )  # fmt: skip
    rating_prior: float = parameter(
        10.0, unit="mentions", meaning="neutral mentions that a rating starts from", evidence=ASSUMPTION, plausible=(1.0, 100.0), gt=0
    )
    tie_weights: TieWeights = parameter(factory=TieWeights, unit="", meaning="how much a tie counts as social proof, by layer")
    p: float = parameter(
        0.00008, unit="1/day", meaning="durable: adoption driven from outside; at 0 none", evidence=LITERATURE,
        source="Sultan, Farley, Lehmann 1990, JMR 27:70-77: mean p = .03 a year", plausible=(0.000003, 0.00016), off=0.0, ge=0, le=1e6,
    )  # fmt: skip
    q: float = parameter(
        0.001, unit="1/day", meaning="durable: adoption driven by owners around; at 0 none, inf: certain", evidence=LITERATURE,
        source="Sultan, Farley, Lehmann 1990, JMR 27:70-77: mean q = .38 a year", plausible=(0.0005, 0.0025), off=0.0, ge=0, infinite=True,
    )  # fmt: skip
    fit_exponent: float = parameter(
        1.0, unit="", meaning="durable: how strictly fit decides; at 0 not at all", evidence=ASSUMPTION,
        plausible=(0.0, 2.0), off=0.0, ge=0, le=100,
    )  # fmt: skip
    trust_exponent: float = parameter(
        1.0, unit="", meaning="durable: how strictly trust decides; at 0 not at all", evidence=ASSUMPTION,
        plausible=(0.0, 3.0), off=0.0, ge=0, le=100,
    )  # fmt: skip
    spontaneous: bool = parameter(
        False, unit="", meaning="durable: p acts on everybody alike, whoever advertises or is remembered", evidence=DESIGN
    )
    valence_matters: bool = parameter(
        False, unit="", meaning="disappointed owners count against the brand as social proof", evidence=DESIGN, off=False
    )
    threshold: Threshold = parameter(
        "off", unit="ties or share", off="off",
        meaning="durable: owners among a consumer's ties before she follows: a number, { share = x }, a list, { uniform = [low, high] }, "
        "{ normal = [mean, sd] } or { file = path }; whole numbers count ties, with a point they are shares",
    )  # fmt: skip


# -- formulas ------------------------------------------------------------------------------------------------------


@compiled
def rating_of(positive: int, mentions: int, prior: float) -> float:
    """What the crowd publicly says, 0..1: neutral before anybody has spoken."""
    return (prior * 0.5 + positive) / (prior + mentions)


@compiled
def belief_of_searcher(rating: float, own: float, rating_weight: float) -> float:
    """Trust or expectation (`own`) of someone who looked up what others say."""
    return rating_weight * rating + (1.0 - rating_weight) * own


# -- kernels -------------------------------------------------------------------------------------------------------


@compiled
def choose(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, brand_keys, occasions_at, search_at, consider_day, choice_day, wait_day, outside_key,
    purchase_rate, awareness, trust, expectation, fit, loyalty, irritation, consent, purchases, proof, proof_total,
    price_term, reward_term, rating, in_stock,
    trust_weight, expectation_weight, fit_weight, loyalty_weight, proof_weight, irritation_weight, outside, search, rating_weight,
):  # fmt: skip
    """Purchases of consumers start..stop: (consumer int32, brand int8, occasion int16, marks uint8), by consumer and occasion.

    marks: FIRST for a first purchase of the brand, MEMBER for one by a member of its programme.
    price_term, reward_term: float64 [B], utility lost by the price, gained by members. At first stock is ignored.
    """
    brands = len(brand_keys)
    who = np.empty(stop - start, np.int32)
    times = np.empty(stop - start, np.int32)
    buyers, total = 0, 0
    for i in range(start, stop):
        count = poisson(np.float64(purchase_rate[i]), uniform(fold(occasions_at, keys[i])))
        if count > 0:
            who[buyers], times[buyers] = i, count
            buyers += 1
            total += count
    consumer, brand, occasion = np.empty(total, np.int32), np.empty(total, np.int8), np.empty(total, np.int16)
    marks = np.zeros(total, np.uint8)
    consider_at, choice_at = np.empty(brands, np.uint64), np.empty(brands, np.uint64)
    for b in range(brands):
        consider_at[b], choice_at[b] = fold(consider_day, brand_keys[b]), fold(choice_day, brand_keys[b])
    outside_at = fold(choice_day, outside_key)
    value = np.empty(brands)
    rows = 0
    for at in range(buyers):
        i = who[at]
        key = keys[i]
        for k in range(times[at]):
            searching = search > 0.0 and uniform(fold(fold(search_at, key), k)) < search
            best, chosen = outside + gumbel(uniform(fold(fold(outside_at, key), k))), -1
            nothing = best
            for b in range(brands):
                value[b] = -math.inf
                if not uniform(fold(fold(consider_at[b], key), k)) < np.float64(awareness[i, b]):
                    continue
                trusted = np.float64(trust[i, b])
                belief = belief_of_searcher(rating[b], trusted, rating_weight) if searching else trusted
                expected = np.float64(expectation[i, b])
                hope = belief_of_searcher(rating[b], expected, rating_weight) if searching else expected
                member = reward_term[b] if consent[i, b] == OPTED_IN else 0.0
                utility = (
                    trust_weight * belief + expectation_weight * (hope - 0.5) + fit_weight * np.float64(fit[i, b])
                    + loyalty_weight * np.float64(loyalty[i, b]) - price_term[b]
                    + proof_weight * social_proof(int(proof[i, b]), int(proof_total[i])) + member
                    - irritation_weight * np.float64(irritation[i, b])
                )  # fmt: skip
                value[b] = utility + gumbel(uniform(fold(fold(choice_at[b], key), k)))
                if value[b] > best:
                    best, chosen = value[b], b
            if chosen >= 0 and in_stock[chosen] == 0:
                if uniform(fold(fold(fold(wait_day, brand_keys[chosen]), key), k)) < np.float64(loyalty[i, chosen]):
                    continue  # she waits for her brand
                best, chosen = nothing, -1
                for b in range(brands):
                    if in_stock[b] != 0 and value[b] > best:
                        best, chosen = value[b], b
            if chosen >= 0:
                consumer[rows], brand[rows], occasion[rows] = i, chosen, k
                if consent[i, chosen] == OPTED_IN:
                    marks[rows] |= MEMBER
                if purchases[i, chosen] == 0:
                    earlier = rows - 1
                    while earlier >= 0 and consumer[earlier] == i and brand[earlier] != chosen:
                        earlier -= 1
                    if earlier < 0 or consumer[earlier] != i:
                        marks[rows] |= FIRST
                rows += 1
    return consumer[:rows].copy(), brand[:rows].copy(), occasion[:rows].copy(), marks[:rows].copy()


# -- phase ---------------------------------------------------------------------------------------------------------


def buy(market: Market, purchase: Parameters, advertising: Advertising, roles: Roles) -> None:
    """Neighbours see what others bought until yesterday; then today's purchases (phase buy)."""
    _show(market, purchase, roles.prescriber_weight)
    consumer, brand, occasion, marks = _adoptions(market, purchase, advertising) if market.kind == "durable" else _choices(market, purchase)
    rows = len(consumer)
    market.purchases = Purchases(consumer, brand, occasion, np.full(rows, np.nan), np.full(rows, np.nan), np.zeros(rows))
    if rows == 0:
        return
    _remember_first(market, consumer, brand, marks)
    if market.kind == "durable":
        market.state.loyalty[consumer, brand] = 1.0
    brands = len(market.names)
    units, owed = np.bincount(brand, minlength=brands), np.bincount(brand[marks & MEMBER > 0], minlength=brands)
    market.count_all("units", units)
    market.count_all("member_units", owed)
    for b in range(brands):
        if owed[b] and programme_runs(market, b):
            market.brands.reward_debt[b] += int(int(owed[b]) * market.actions[b].reward * market.scale * CENTS + 0.5)


def programme_runs(market: Market, b: int) -> bool:
    """Whether members of a brand earn rewards today: it offers one and owes nothing."""
    return bool(market.actions) and market.actions[b].reward > 0.0 and market.brands.reward_debt[b] == 0


def _choices(market: Market, purchase: Parameters) -> Columns:
    w, state, people, brands = purchase, market.state, market.consumers, market.brands
    every = range(len(market.names))
    rewards = [market.actions[b].reward / brands.price[b] if programme_runs(market, b) and brands.price[b] > 0 else 0.0 for b in every]
    price_term = w.price_weight * (brands.price / market.currency_price - 1.0)
    reward_term = w.reward_weight * np.array(rewards)
    mentions = [int(number) for number in brands.heard_mentions]
    positive = [(int(brands.heard_valence[b]) + mentions[b]) // 2 for b in every]
    rating = np.array([rating_of.python(positive[b], mentions[b], w.rating_prior) for b in every])
    day, outside_key = market.day, np.uint64(name_key("outside"))
    occasions_at, search_at, consider_day, choice_day, wait_day = (
        market.at(stream, day) for stream in ("occasions", "search", "consider", "choice", "wait")
    )

    def chunk(start: int, stop: int) -> Columns:
        bought: Columns = choose(
            start, stop, people.keys, market.keys, occasions_at, search_at, consider_day, choice_day, wait_day, outside_key,
            people.purchase_rate, state.awareness, state.trust, state.expectation, market.fit, state.loyalty, state.irritation,
            state.consent, state.purchases, market.proof, market.proof_total, price_term, reward_term, rating, brands.in_stock,
            w.trust_weight, w.expectation_weight, w.fit_weight, w.loyalty_weight, w.proof_weight, w.irritation_weight, w.outside, w.search,
            w.rating_weight,
        )  # fmt: skip
        return bought

    return _joined(run_chunks(chunk, market.n, market.threads))


def _adoptions(market: Market, purchase: Parameters, advertising: Advertising) -> Columns:
    w, state, people, brands = purchase, market.state, market.consumers, market.brands
    place = market.at("adopt", market.day)
    if market.thresholds is None:
        market.thresholds = thresholds_of(market, w.threshold)
    needed = market.thresholds

    def chunk(start: int, stop: int) -> Columns:
        adopted: Columns = adopt(
            start, stop, people.keys, market.keys, place, state.purchases, state.awareness, state.trust, market.fit, state.irritation,
            state.consent, market.proof, market.proof_total, brands.in_stock, brands.p, brands.q,
            w.spontaneous, advertising.wear_out, w.fit_exponent, w.trust_exponent, needed,
        )  # fmt: skip
        return adopted

    return _joined(run_chunks(chunk, market.n, market.threads))


def _joined(parts: list[Columns]) -> Columns:
    if len(parts) == 1:
        return parts[0]
    consumer, brand, occasion, marks = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return consumer, brand, occasion, marks


def _remember_first(market: Market, consumer: I32, brand: I8, marks: U8) -> None:
    """First purchases with what led to them; bought because others were seen with it, if nothing else."""
    first = np.flatnonzero(marks & FIRST)
    if len(first) == 0:
        return
    who, what = consumer[first], brand[first].astype(np.int32)
    source = market.state.influence[who, what]
    source[(source == SPONTANEOUS) & (market.proof[who, what] > 0)] = SEEN
    market.adoptions.append((market.day, who, what, source, market.state.teller[who, what]))


def _show(market: Market, purchase: Parameters, prescriber_weight: float) -> None:
    """Move `proof` of the hearers of everybody whose display changed since the last phase buy."""
    changed = np.flatnonzero(market.shown != market.shown_next)
    if len(changed) == 0:
        return
    weights, prescribed = (proof_weights(purchase, market.kind, factor) for factor in (1.0, prescriber_weight))
    if market.graph.complete:
        if weights[LAYERS.index(market.graph.complete_layer)] > 0:
            show_to_all(changed, market.shown, market.shown_next, purchase.valence_matters, market.proof)
    else:
        for usual, more, layer in zip(weights, prescribed, market.graph.layers, strict=True):
            if usual > 0 or more > 0:
                show(
                    changed, usual, more, market.role, layer.start, layer.hearer, market.shown, market.shown_next, purchase.valence_matters,
                    market.proof,
                )  # fmt: skip
    market.shown[changed] = market.shown_next[changed]


def proof_weights(purchase: Parameters, kind: str, factor: float = 1.0) -> tuple[int, ...]:
    """Whole-numbered weight of a tie of each layer: steps of 1/1024, or 1 each where thresholds count heads.

    factor: how much more the teller counts (`roles.prescriber_weight`), not where heads are counted.
    """
    given = [getattr(purchase.tie_weights, layer) for layer in LAYERS]
    if kind == "durable" and purchase.threshold != "off":
        return tuple(int(weight > 0) for weight in given)
    return tuple(round(WEIGHT_UNIT * weight * factor) for weight in given)


# -- events --------------------------------------------------------------------------------------------------------


class StockOut(Event):
    """The brand cannot be bought for some days."""

    rule: ClassVar[str] = "purchase"
    kind: Literal["stock_out"] = parameter(unit="", meaning="kind of event")
    days: int = parameter(7, unit="days", meaning="how long shelves are empty", evidence=ASSUMPTION, ge=1)

    def act(self, market: Market, key: int) -> None:
        brand = market.names.index(self.brand)
        market.brands.in_stock[brand] = 0
        market.brands.stocked_from[brand] = max(int(market.brands.stocked_from[brand]), market.day + self.days)


def restock(market: Market) -> None:
    """Stock-outs end on their day."""
    market.brands.in_stock[market.brands.stocked_from <= market.day] = 1


class Launch(Event):
    """Some consumers own the product from that day on."""

    rule: ClassVar[str] = "purchase"
    kind: Literal["launch"] = parameter(unit="", meaning="kind of event")
    consumers: Selection = parameter(unit="consumers", meaning="who owns it before that day's purchases")

    def act(self, market: Market, key: int) -> None:
        brand, state = market.names.index(self.brand), market.state
        chosen = selected(market, self.consumers, key)
        owned = state.purchases[chosen] > 0
        chosen = chosen[~(owned.any(axis=1) if market.kind == "durable" else owned[:, brand])]
        state.purchases[chosen, brand] = 1
        if market.kind == "durable":
            state.loyalty[chosen, brand] = 1.0
        market.shown_next[chosen] = brand + 1
        what = np.full(len(chosen), brand, np.int32)
        market.adoptions.append((market.day, chosen, what, state.influence[chosen, brand], state.teller[chosen, brand]))
