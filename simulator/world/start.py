"""The opening position: what consumers know, believe and own when the first day begins.

Markets need not begin empty. Each brand's start values are laid on consumers in proportion to fit: the value of a
consumer is min(1, c fit), with c such that the mean over her segment is the number asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from simulator.engine.chance import fold, uniform
from simulator.engine.chunks import run_chunks
from simulator.engine.compiled import compiled
from simulator.language import _
from simulator.world.consumers import Consumers
from simulator.world.graph import SocialGraph
from simulator.world.market import Market, brand_keys, fixed_mean
from simulator.world.messages import Messages
from simulator.world.state import F32, F64, I32, I64, LAYERS, OPTED_IN, U8, BrandState, State

HALVINGS = 60
FIXED = 2.0**32


class StartValues(Protocol):
    """Where a brand stands on day 0, by segment."""

    def of(self, name: str, segment: str) -> float:
        """awareness, penetration, loyalty, reputation, opt_in or knowledge in a segment."""


class BrandLike(Protocol):
    """What the opening position reads of a brand; money in the scenario's currency."""

    @property
    def name(self) -> str: ...
    @property
    def quality(self) -> float: ...
    @property
    def promise(self) -> float: ...
    @property
    def position(self) -> tuple[float, float]: ...
    @property
    def price(self) -> float | None: ...
    @property
    def unit_cost(self) -> float: ...
    @property
    def fixed_costs(self) -> float: ...
    @property
    def p(self) -> float | None: ...
    @property
    def q(self) -> float | None: ...
    @property
    def conduct(self) -> tuple[float, ...]: ...
    @property
    def start(self) -> StartValues: ...


def open_market(
    *,
    seed: int,
    brands: Sequence[BrandLike],
    consumers: Consumers,
    graph: SocialGraph,
    taste_width: float,
    use: float,
    proof_weights: Sequence[int],
    p: float = 0.0,
    q: float = 0.0,
    kind: str = "repeat",
    price: float = 10.0,
    represents: float | None = None,
    values: Sequence[Sequence[float]] = (),
    logging: bool = True,
    threads: int = 1,
) -> Market:
    """The market as it stands before its first day.

    taste_width    `purchase.taste_width`
    use            `experience.use`: what owning a product adds to awareness
    proof_weights  whole-numbered weight of a tie of each layer as social proof (`purchase.proof_weights`)
    p, q           `purchase.p` and `purchase.q`, for brands without their own
    price          the market's typical price, also of brands without their own
    represents     real people that the consumers stand for (None: themselves)
    values         what the consumers of each segment hold dear (none: nobody is asked)
    logging        whether every telling is kept
    """
    n, names, segments = consumers.n, [brand.name for brand in brands], consumers.segment_names
    shape, dear = (n, len(brands)), np.array(values, np.float64).reshape(len(segments), -1)
    market = Market(
        seed=seed, kind=kind, names=tuple(names), keys=brand_keys(names), segments=segments,
        scale=(n if represents is None else represents) / n, currency_price=price, consumers=consumers, graph=graph,
        state=State.empty(*shape), brands=_brand_state(brands, price, p, q, dear.shape[1]), fit=np.zeros(shape, np.float32),
        mean_fit=np.zeros(len(brands)), mean_irrelevance=np.ones(len(brands)),
        anchor=np.zeros((len(segments), len(brands)), np.float32), proof=np.zeros(shape, np.int32),
        proof_total=proof_total(graph, proof_weights), shown=np.zeros(n, np.int32), shown_next=np.zeros(n, np.int32),
        messages=Messages(logging, consumers.keys), values=dear, threads=threads,
    )  # fmt: skip
    update_fit(market, taste_width)
    _lay_out(market, brands, use)
    market.mean_irrelevance = _mean_irrelevance(market)
    return market


def _brand_state(brands: Sequence[BrandLike], price: float, p: float, q: float, dimensions: int) -> BrandState:
    """dimensions: how many values consumers hold dear."""

    def column(values: list[float]) -> F64:
        return np.array(values, np.float64)

    def zeros() -> F64:
        return np.zeros(len(brands))

    def none() -> I64:
        return np.zeros(len(brands), np.int64)

    return BrandState(
        quality=column([brand.quality for brand in brands]), service=zeros(), promise=column([brand.promise for brand in brands]),
        price=column([price if brand.price is None else brand.price for brand in brands]),
        unit_cost=column([brand.unit_cost for brand in brands]), p=column([p if brand.p is None else brand.p for brand in brands]),
        q=column([q if brand.q is None else brand.q for brand in brands]), fixed_costs=column([brand.fixed_costs for brand in brands]),
        position=np.array([brand.position for brand in brands], np.float64), insight=zeros(), activity=zeros(),
        in_stock=np.ones(len(brands), np.uint8), stocked_from=none(), failing_until=none(), failure=zeros(), accrued=none(), spent=none(),
        reward_debt=none(), heard_needs=np.zeros((len(brands), 2)), heard_people=none(), heard_valence=none(), heard_mentions=none(),
        conduct=np.array([brand.conduct or (math.nan,) * dimensions for brand in brands]).reshape(len(brands), dimensions),
        heard_values=np.zeros((len(brands), dimensions)),
    )  # fmt: skip


# -- fit -----------------------------------------------------------------------------------------------------------


@compiled
def fit_of(x: float, y: float, position_x: float, position_y: float, width: float) -> float:
    """How well an offer suits a consumer's needs: 1 where they meet, falling with distance."""
    dx, dy = x - position_x, y - position_y
    return math.exp(-(dx * dx + dy * dy) / (2.0 * width * width))


@compiled
def fit_to(start, stop, needs, position_x, position_y, width, b, fit):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Fit of consumers start..stop to brand b; returns its sum in steps of 2^-32."""
    total = np.int64(0)
    for i in range(start, stop):
        fit[i, b] = fit_of(np.float64(needs[i, 0]), np.float64(needs[i, 1]), position_x, position_y, width)
        total += np.int64(np.rint(np.float64(fit[i, b]) * FIXED))
    return total


def update_fit(market: Market, taste_width: float, brand: int | None = None) -> None:
    """Compute fit and mean fit again, of one brand whose position moved or of all."""
    for b in range(len(market.names)) if brand is None else (brand,):
        x, y = (float(coordinate) for coordinate in market.brands.position[b])

        def chunk(start: int, stop: int, b: int = b, x: float = x, y: float = y) -> int:
            return int(fit_to(start, stop, market.consumers.needs, x, y, taste_width, b, market.fit))

        market.mean_fit[b] = sum(run_chunks(chunk, market.n, market.threads)) / (FIXED * market.n)


def _mean_irrelevance(market: Market) -> F64:
    """float64 [B]: mean of 1 - relevance, at least 1e-6."""
    total = np.zeros(len(market.names))
    for b in range(len(market.names)):
        known, fit = market.state.knowledge[:, b].astype(np.float64), market.fit[:, b].astype(np.float64)
        relevance = known * fit + (1.0 - known) * market.mean_fit[b]
        total[b] = fixed_mean((1.0 - relevance).reshape(-1, 1))[0]
    return np.maximum(total, 1e-6)


# -- in proportion to fit --------------------------------------------------------------------------------------------


@compiled
def mean_in_proportion(c, fit, lift, free):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Mean of a + lift (1 - a), a = min(1, c fit), over a segment, those not free counting 0; summed in steps of 2^-32."""
    total = np.int64(0)
    for i in range(len(fit)):
        if free[i]:
            a = min(1.0, c * np.float64(fit[i]))
            total += np.int64(np.rint((a + lift[i] * (1.0 - a)) * FIXED))
    return total / (FIXED * len(fit))


def proportion(asked: float, fit: F32, lift: F64 | None = None, free: U8 | None = None) -> float:
    """c such that the mean of min(1, c fit) is the number asked for (as nearly as fits allow), by bisection."""
    if asked <= 0.0 or len(fit) == 0 or not fit.any():
        return 0.0
    lift = np.zeros(len(fit)) if lift is None else lift
    free = np.ones(len(fit), np.uint8) if free is None else free
    enough = 1.0 / float(fit[fit > 0].min())  # at this c everyone has all there is
    low, high = 0.0, 1.0
    while high < enough and mean_in_proportion(high, fit, lift, free) < asked:
        high *= 2.0
    for _halving in range(HALVINGS):
        middle = (low + high) / 2.0
        if mean_in_proportion(middle, fit, lift, free) < asked:
            low = middle
        else:
            high = middle
    return high


@compiled
def chosen_in_proportion(place, keys, fit, c, free):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """uint8: whom chance chooses with probability min(1, c fit), of those who are free."""
    chosen = np.zeros(len(keys), np.uint8)
    for i in range(len(keys)):
        if free[i] and uniform(fold(place, keys[i])) < min(1.0, c * np.float64(fit[i])):
            chosen[i] = 1
    return chosen


@compiled
def lots_at(place, keys):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """float64 [n]: everybody's draw at an address."""
    drawn = np.empty(len(keys))
    for i in range(len(keys)):
        drawn[i] = uniform(fold(place, keys[i]))
    return drawn


def _lay_out(market: Market, brands: Sequence[BrandLike], use: float) -> None:
    """Start values on consumers, segment by segment; brands in the order of their keys, so that the file's order is immaterial."""
    state, keys, n = market.state, market.consumers.keys, market.n
    order = sorted(range(len(brands)), key=market.key)
    customers, loyalty = np.zeros((n, len(brands)), np.uint8), np.zeros((n, len(brands)))
    members = [np.flatnonzero(market.consumers.segment == s) for s in range(len(market.segments))]
    for b in order:
        start, key = brands[b].start, market.key(b)
        for s, (name, people) in enumerate(zip(market.segments, members, strict=True)):
            fit, own = np.ascontiguousarray(market.fit[people, b]), keys[people]
            everybody = np.ones(len(people), np.uint8)
            free = everybody
            if market.kind == "durable":
                free = (customers[people].sum(axis=1) == 0).astype(np.uint8)
            c = proportion(start.of("penetration", name), fit, free=free)
            bought = chosen_in_proportion(market.at("start.customer", key), own, fit, c, free)
            customers[people, b] = bought
            loyalty[people, b] = bought * (1.0 if market.kind == "durable" else start.of("loyalty", name))
            lift = bought * use
            a = np.minimum(1.0, proportion(start.of("awareness", name), fit, lift) * fit.astype(np.float64))
            state.awareness[people, b] = a + lift * (1.0 - a)
            c = proportion(start.of("opt_in", name), fit)
            state.consent[people, b] = chosen_in_proportion(market.at("start.opt_in", key), own, fit, c, everybody) * OPTED_IN
            state.knowledge[people, b] = start.of("knowledge", name)
            market.anchor[s, b] = start.of("reputation", name)
    state.purchases[:] = customers
    state.trust[:] = market.anchor[market.consumers.segment]
    state.expectation[:] = state.trust
    state.loyalty[:] = _summing_to_one(loyalty, order)
    market.shown_next[:] = _displays(market, customers, order)


def _summing_to_one(loyalty: F64, order: Sequence[int]) -> F64:
    """Loyalties, scaled where they sum to more than 1; summed in the order of keys."""
    total = np.zeros(len(loyalty))
    for b in order:
        total += loyalty[:, b]
    return loyalty / np.maximum(total, 1.0)[:, None]


def _displays(market: Market, customers: U8, order: Sequence[int]) -> I32:
    """int32 [n]: what each one shows; customers of several brands the one with the smallest draw."""
    shown, smallest = np.zeros(market.n, np.int32), np.full(market.n, np.inf)
    for b in order:
        drawn: F64 = lots_at(market.at("start.shown", market.key(b)), market.consumers.keys)
        better = (customers[:, b] > 0) & (drawn < smallest)
        shown[better], smallest[better] = b + 1, drawn[better]
    return shown


# -- social proof ----------------------------------------------------------------------------------------------------


def proof_total(graph: SocialGraph, weights: Sequence[int]) -> I32:
    """int32 [n]: weight of all in-ties. On a complete graph each tie weighs 1: only ratios matter, and sums stay small."""
    if graph.complete:
        counts = weights[LAYERS.index(graph.complete_layer)] > 0
        return np.full(graph.n, graph.n - 1 if counts else 0, np.int32)
    total = np.zeros(graph.n, np.int64)
    for layer, weight in enumerate(weights):
        if weight > 0:
            total += weight * graph.in_degree(layer).astype(np.int64)
    if total.max(initial=0) >= 2**31:
        raise OverflowError(_("tie weights are too large for the number of ties: lower purchase.tie_weights"))
    return total.astype(np.int32)
