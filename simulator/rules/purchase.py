"""Purchase: who buys what today; in a durable market, who adopts.

Repeat market (kind "repeat"): occasions ~ Poisson(purchase_rate); each brand comes to mind with probability awareness; among
those, multinomial logit (McFadden 1974) against buying nothing:

    V = trust_weight belief + fit_weight fit + loyalty_weight loyalty - price_weight (price/market price - 1)
        + proof_weight social + reward_weight reward/price - irritation_weight irritation        V_outside = outside

belief is trust or, for those who search, rating_weight rating + (1 - rating_weight) trust; social is the share of her
ties (by tie_weights) who show the brand as their last purchase. A weight of 0 removes its term.

Durable market: hazards h = fit^fit_exponent (trust/.5)^trust_exponent max(0, p drive + q social), the first of competing
risks below one day is adopted (Bass 1969, Mgmt Sci 15:215; competing risks so that brands are exchangeable).
drive = awareness f, or 1 if spontaneous. With `threshold` the social term is q once that many (or that share) of her ties
own the brand, compared in whole numbers (Granovetter 1978, AJS 83:1420; Watts 2002). With exponents 0, spontaneous, on a
complete graph it is the Bass model.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from simulator.engine.chance import fold, gumbel, name_key, poisson, uniform
from simulator.engine.chunks import run_chunks
from simulator.engine.compiled import compiled
from simulator.parameters import ASSUMPTION, DESIGN, LITERATURE, InputError, Table, parameter
from simulator.rules.reception import freshness
from simulator.world.events import Event, Selection, selected
from simulator.world.market import CENTS, Market
from simulator.world.state import I8, I16, I32, I64, LAYERS, OPTED_IN, SEEN, SPONTANEOUS, U8, Purchases

if TYPE_CHECKING:
    from simulator.rules.advertising import Parameters as Advertising

WEIGHT_UNIT = 1024
"""Tie weights count in steps of 1/1024, so that sums are exact."""

FIRST, MEMBER = 1, 2
"""Marks of a purchase."""

Columns = tuple[I32, I8, I16, U8]
"""Purchases: consumer, brand, occasion, marks."""

UNREACHABLE = 2**31 - 1
"""The threshold of those who never adopt by it."""


class TieWeights(Table):
    """How much a tie counts as social proof, by layer."""

    strong: float = parameter(1.0, unit="weight", meaning="a close friend", evidence=ASSUMPTION, ge=0, le=100)
    weak: float = parameter(1.0, unit="weight", meaning="an acquaintance", evidence=ASSUMPTION, ge=0, le=100)
    follow: float = parameter(0.0, unit="weight", meaning="someone one follows", evidence=ASSUMPTION, ge=0, le=100)


class ShareOfTies(Table):
    """A threshold as a share of one's ties."""

    share: float = parameter(unit="share", meaning="of a consumer's ties that must own the brand", ge=0, le=1)


class Parameters(Table):
    """[purchase]"""

    taste_width: float = parameter(
        1.0, unit="need space", meaning="s: distance at which an offer suits noticeably less", evidence=ASSUMPTION,
        plausible=(0.5, 2.0), gt=0,
    )  # fmt: skip
    trust_weight: float = parameter(
        4.0, unit="utility", meaning="of full trust; at 0 trust does not sell", evidence=ASSUMPTION, plausible=(1.0, 6.0), off=0.0, ge=0
    )
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
    threshold: Literal["off"] | Annotated[int, Field(ge=0)] | ShareOfTies | tuple[Annotated[int, Field(ge=0)], ...] = parameter(
        "off", unit="ties",
        meaning="durable: owners among a consumer's ties before she follows: a number, { share = x }, or a list, one each",
        evidence=DESIGN, off="off",
    )  # fmt: skip


# -- formulas ------------------------------------------------------------------------------------------------------


@compiled
def rating_of(positive: int, mentions: int, prior: float) -> float:
    """What the crowd publicly says, 0..1: neutral before anybody has spoken."""
    return (prior * 0.5 + positive) / (prior + mentions)


@compiled
def belief_of_searcher(rating: float, trust: float, rating_weight: float) -> float:
    """Trust of someone who looked up what others say."""
    return rating_weight * rating + (1.0 - rating_weight) * trust


@compiled
def social_proof(proof: int, total: int) -> float:
    """Share of a consumer's ties (by weight) who show the brand; 0 without ties."""
    return proof / total if total > 0 else 0.0


@compiled
def power(base: float, exponent: float) -> float:
    """base^exponent for base >= 0; exactly 1 at exponent 0."""
    if exponent == 0.0:
        return 1.0
    if exponent == 1.0:
        return base
    return math.pow(base, exponent)


@compiled
def adoption_hazard(fit: float, trust: float, fit_exponent: float, trust_exponent: float, drive: float) -> float:
    """Adoptions per day; `drive` = p drive + q social. Infinite drive is certainty wherever fit and trust are not 0."""
    if drive <= 0.0:
        return 0.0
    suits = power(fit, fit_exponent) * power(trust / 0.5, trust_exponent)
    return suits * drive if suits > 0.0 else 0.0


@compiled
def ties_needed(share: float, ties: int) -> int:
    """Owning ties that a share asks for: whole numbers, so that 7 of 100 reach .07; without ties never."""
    if ties == 0:
        return UNREACHABLE
    return max(1, int(math.ceil(share * ties - 1e-9)))


# -- kernels -------------------------------------------------------------------------------------------------------


@compiled
def displayed(shown: int, valence_matters: bool) -> int:
    """What of a display counts: 0 nothing, +(b+1) brand b, -(b+1) brand b and against it."""
    return shown if valence_matters else abs(shown)


@compiled
def show(changed, weight, start, hearer, shown, shown_next, valence_matters, proof):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """The hearers of those who show something new see it: `proof` moves along the ties of one layer."""
    for i in changed:
        old = displayed(int(shown[i]), valence_matters)
        new = displayed(int(shown_next[i]), valence_matters)
        if old == new:
            continue
        for tie in range(start[i], start[i + 1]):
            if old != 0:
                proof[hearer[tie], abs(old) - 1] -= weight if old > 0 else -weight
            if new != 0:
                proof[hearer[tie], abs(new) - 1] += weight if new > 0 else -weight


@compiled
def show_to_all(changed, shown, shown_next, valence_matters, proof):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """The same on a complete graph: everybody sees it but she herself."""
    brands = proof.shape[1]
    move = np.zeros(brands, np.int64)
    for i in changed:
        old = displayed(int(shown[i]), valence_matters)
        new = displayed(int(shown_next[i]), valence_matters)
        if old != 0:
            sign = 1 if old > 0 else -1
            move[abs(old) - 1] -= sign
            proof[i, abs(old) - 1] += sign
        if new != 0:
            sign = 1 if new > 0 else -1
            move[abs(new) - 1] += sign
            proof[i, abs(new) - 1] -= sign
    for b in range(brands):
        if move[b] != 0:
            for i in range(len(proof)):
                proof[i, b] += move[b]


@compiled
def choose(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, brand_keys, occasions_at, search_at, consider_day, choice_day, wait_day, outside_key,
    purchase_rate, awareness, trust, fit, loyalty, irritation, consent, purchases, proof, proof_total,
    price_term, reward_term, rating, in_stock,
    trust_weight, fit_weight, loyalty_weight, proof_weight, irritation_weight, outside, search, rating_weight,
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
                member = reward_term[b] if consent[i, b] == OPTED_IN else 0.0
                utility = (
                    trust_weight * belief + fit_weight * np.float64(fit[i, b]) + loyalty_weight * np.float64(loyalty[i, b])
                    - price_term[b] + proof_weight * social_proof(int(proof[i, b]), int(proof_total[i])) + member
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


@compiled
def adopt(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, brand_keys, adopt_day, purchases, awareness, trust, fit, irritation, consent, proof, proof_total, in_stock, p, q,
    spontaneous, wear_out, fit_exponent, trust_exponent, thresholds, whole, share,
):  # fmt: skip
    """Adoptions of consumers start..stop, who own nothing yet: columns as those of `choose`.

    thresholds: whether they are used; then whole [n], or [1] for all, or [0] if a share of ties counts.
    """
    brands = len(brand_keys)
    consumer, brand, marks = np.empty(stop - start, np.int32), np.empty(stop - start, np.int8), np.empty(stop - start, np.uint8)
    adopt_at = np.empty(brands, np.uint64)
    for b in range(brands):
        adopt_at[b] = fold(adopt_day, brand_keys[b])
    rows = 0
    for i in range(start, stop):
        owns = False
        for b in range(brands):
            owns = owns or purchases[i, b] > 0
        if owns:
            continue
        needed = np.int64(0)
        if thresholds:
            needed = np.int64(whole[i if len(whole) > 1 else 0]) if len(whole) > 0 else np.int64(ties_needed(share, proof_total[i]))
        first, luck, chosen = 1.0, 2.0, -1
        for b in range(brands):
            if in_stock[b] == 0:
                continue
            pull = 0.0
            if thresholds:
                if proof[i, b] >= needed:
                    pull = q[b]
            elif proof[i, b] != 0 and q[b] > 0.0:
                pull = q[b] * proof[i, b] / proof_total[i]
            drive = 1.0
            if not spontaneous and p[b] > 0.0:
                drive = np.float64(awareness[i, b]) * freshness(np.float64(irritation[i, b]), wear_out)
            hazard = adoption_hazard(np.float64(fit[i, b]), np.float64(trust[i, b]), fit_exponent, trust_exponent, p[b] * drive + pull)
            if hazard <= 0.0:
                continue
            u = uniform(fold(adopt_at[b], keys[i]))
            if 1.0 - u >= hazard:  # then -log(u) is at least the hazard too: spares the logarithm
                continue
            when = 0.0 if hazard == math.inf else -math.log(u) / hazard
            if when < first or (when == first and when < 1.0 and u < luck):
                first, luck, chosen = when, u, b
        if chosen >= 0:
            consumer[rows], brand[rows] = i, chosen
            marks[rows] = FIRST | MEMBER if consent[i, chosen] == OPTED_IN else FIRST
            rows += 1
    return consumer[:rows].copy(), brand[:rows].copy(), np.zeros(rows, np.int16), marks[:rows].copy()


# -- phase ---------------------------------------------------------------------------------------------------------


def buy(market: Market, purchase: Parameters, advertising: Advertising) -> None:
    """Neighbours see what others bought until yesterday; then today's purchases (phase buy)."""
    _show(market, purchase)
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
    for b in range(brands):
        market.count("units", b, int(units[b]))
        market.count("member_units", b, int(owed[b]))
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
            people.purchase_rate, state.awareness, state.trust, market.fit, state.loyalty, state.irritation, state.consent, state.purchases,
            market.proof, market.proof_total, price_term, reward_term, rating, brands.in_stock,
            w.trust_weight, w.fit_weight, w.loyalty_weight, w.proof_weight, w.irritation_weight, w.outside, w.search, w.rating_weight,
        )  # fmt: skip
        return bought

    return _joined(run_chunks(chunk, market.n, market.threads))


def _adoptions(market: Market, purchase: Parameters, advertising: Advertising) -> Columns:
    w, state, people, brands = purchase, market.state, market.consumers, market.brands
    place = market.at("adopt", market.day)
    whole, share = whole_thresholds(market, w), w.threshold.share if isinstance(w.threshold, ShareOfTies) else 0.0

    def chunk(start: int, stop: int) -> Columns:
        adopted: Columns = adopt(
            start, stop, people.keys, market.keys, place, state.purchases, state.awareness, state.trust, market.fit, state.irritation,
            state.consent, market.proof, market.proof_total, brands.in_stock, brands.p, brands.q,
            w.spontaneous, advertising.wear_out, w.fit_exponent, w.trust_exponent, w.threshold != "off", whole, share,
        )  # fmt: skip
        return adopted

    return _joined(run_chunks(chunk, market.n, market.threads))


def _joined(parts: list[Columns]) -> Columns:
    if len(parts) == 1:
        return parts[0]
    consumer, brand, occasion, marks = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return consumer, brand, occasion, marks


def whole_thresholds(market: Market, purchase: Parameters) -> I64:
    """int64: one threshold per consumer, one for all, or none where a share counts. A list goes by id."""
    if isinstance(purchase.threshold, int):
        return np.array([purchase.threshold], np.int64)
    if not isinstance(purchase.threshold, tuple):
        return np.zeros(0, np.int64)
    numbers = np.array(purchase.threshold, np.int64)
    if len(numbers) != market.n:
        wanted = f"a list of thresholds needs one for each of the {market.n} consumers, not {len(numbers)}"
        raise InputError(wanted, key="purchase.threshold")
    keys = market.consumers.keys
    return numbers[keys.astype(np.int64)] if int(keys.max()) < market.n else numbers


def _remember_first(market: Market, consumer: I32, brand: I8, marks: U8) -> None:
    """First purchases with what led to them; bought because others were seen with it, if nothing else."""
    first = np.flatnonzero(marks & FIRST)
    if len(first) == 0:
        return
    who, what = consumer[first], brand[first].astype(np.int32)
    source = market.state.influence[who, what]
    source[(source == SPONTANEOUS) & (market.proof[who, what] > 0)] = SEEN
    market.adoptions.append((market.day, who, what, source, market.state.teller[who, what]))


def _show(market: Market, purchase: Parameters) -> None:
    """Move `proof` of the hearers of everybody whose display changed since the last phase buy."""
    changed = np.flatnonzero(market.shown != market.shown_next)
    if len(changed) == 0:
        return
    weights = proof_weights(purchase, market.kind)
    if market.graph.complete:
        if weights[LAYERS.index(market.graph.complete_layer)] > 0:
            show_to_all(changed, market.shown, market.shown_next, purchase.valence_matters, market.proof)
    else:
        for weight, layer in zip(weights, market.graph.layers, strict=True):
            if weight > 0:
                show(changed, weight, layer.start, layer.hearer, market.shown, market.shown_next, purchase.valence_matters, market.proof)
    market.shown[changed] = market.shown_next[changed]


def proof_weights(purchase: Parameters, kind: str) -> tuple[int, ...]:
    """Whole-numbered weight of a tie of each layer: steps of 1/1024, or 1 each where thresholds count heads."""
    given = [getattr(purchase.tie_weights, layer) for layer in LAYERS]
    if kind == "durable" and purchase.threshold != "off":
        return tuple(int(weight > 0) for weight in given)
    return tuple(round(WEIGHT_UNIT * weight) for weight in given)


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
