"""Purchase: logit choice, stock, social proof; adoption by competing risks and thresholds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.rules.adoption import adoption_hazard, power
from simulator.rules.advertising import Parameters as Advertising
from simulator.rules.experience import Parameters as Experience
from simulator.rules.experience import experience
from simulator.rules.permission import Parameters as Permission
from simulator.rules.purchase import Launch, Parameters, StockOut, buy, proof_weights, rating_of, restock
from simulator.rules.roles import Parameters as Roles
from simulator.rules.social_proof import social_proof
from simulator.world.graph import Layer
from simulator.world.market import Market
from simulator.world.start import proof_total
from simulator.world.state import AD, OPTED_IN, SEEN, SPONTANEOUS, TOLD, Action
from tests.rules.markets import market

WEIGHTS: dict[str, Any] = {
    "trust_weight": 3.0, "fit_weight": 2.0, "loyalty_weight": 2.0, "price_weight": 1.0, "proof_weight": 1.0, "reward_weight": 1.0,
    "irritation_weight": 0.3, "outside": 3.0,
}  # fmt: skip
"""Utilities that the tests reckon with, whatever the defaults."""

PLAIN = Experience(eta=0.0, noise=0.0, use=0.0, expectation_rate=0.0)


def eager(n: int, brands: tuple[str, ...] = ("Aurora",), rate: float = 50.0, **more: Any) -> Market:
    """Everybody has many occasions a day and thinks of every brand."""
    m = market(n, brands, **more)
    m.consumers.purchase_rate[:] = rate
    m.state.awareness[:] = 1.0
    return m


def day(m: Market, rules: Parameters) -> np.ndarray:
    """Buy and live with it for one day; units per brand."""
    m.counts = {}
    buy(m, rules, Advertising(), Roles())
    experience(m, PLAIN, Permission())
    m.day += 1
    return m.counts.get("units", np.zeros(len(m.names)))


def tied(m: Market, pairs: list[tuple[int, int]], rules: Parameters, layer: int = 0) -> Market:
    """The market with mutual ties in a layer."""
    both = sorted({*pairs, *((j, i) for i, j in pairs)})
    start = np.searchsorted([i for i, _ in both], np.arange(m.n + 1)).astype(np.int64)
    layers = list(m.graph.layers)
    layers[layer] = Layer(start, np.array([j for _, j in both], np.int32))
    m.graph.layers = (layers[0], layers[1], layers[2])
    m.proof_total = proof_total(m.graph, proof_weights(rules, m.kind))
    return m


def everybody_knows_everybody(m: Market, rules: Parameters) -> Market:
    """The complete graph."""
    m.graph.complete = True
    m.proof_total = proof_total(m.graph, proof_weights(rules, m.kind))
    return m


def durable(m: Market, p: float = 0.0, q: float = 0.0) -> Market:
    """A durable market with these rates."""
    m.kind = "durable"
    m.brands.p[:], m.brands.q[:] = p, q
    return m


def sold(m: Market) -> int:
    """Owners."""
    return int(np.sum(m.state.purchases.any(axis=1)))


# -- repeat ------------------------------------------------------------------------------------------------------------


def test_shares_are_those_of_the_logit() -> None:
    m = eager(400, ("Aurora", "Boreal", "Cirrus"))
    rules = Parameters(**WEIGHTS | {"outside": 1.0})
    m.state.trust[:] = (0.5, 0.8, 0.5)
    m.state.loyalty[:] = (0.5, 0.0, 0.0)
    m.state.irritation[:] = (0.0, 0.0, 1.0)
    m.fit[:] = (0.5, 0.7, 0.6)
    m.brands.price[:] = (10.0, 12.0, 5.0)
    units = day(m, rules)
    v = np.array([1.5 + 1.0 + 1.0, 2.4 + 1.4 - 0.2, 1.5 + 1.2 + 0.5 - 0.3, 1.0])
    shares = np.exp(v) / np.exp(v).sum()
    occasions = 400 * 50
    for b in range(3):
        assert units[b] / occasions == pytest.approx(shares[b], abs=4 * math.sqrt(shares[b] / occasions) + 0.01)


def test_who_does_not_think_of_a_brand_does_not_buy_it() -> None:
    m = eager(200, ("Aurora", "Boreal"))
    m.state.awareness[:, 0] = 0.0
    m.state.awareness[:, 1] = 0.5
    units = day(m, Parameters(outside=-50.0))
    assert units[0] == 0
    assert units[1] / (200 * 50) == pytest.approx(0.5, abs=0.03)


def test_occasions_follow_the_purchase_rate() -> None:
    m = eager(5000, rate=0.1)
    units = sum(day(m, Parameters(outside=-50.0))[0] for _ in range(10))
    assert units == pytest.approx(5000, abs=4 * math.sqrt(5000))


def test_purchases_are_ordered_by_consumer_and_occasion() -> None:
    m = eager(50, ("Aurora", "Boreal"), rate=3.0)
    m.counts = {}
    buy(m, Parameters(), Advertising(), Roles())
    rows = list(zip(m.purchases.consumer.tolist(), m.purchases.occasion.tolist(), strict=True))
    assert rows == sorted(set(rows))
    assert len(rows) > 50
    assert np.isnan(m.purchases.surprise).all()


def test_members_buy_more_when_rewarded_and_earn_it() -> None:
    m = eager(400, scale=10.0)
    m.state.consent[:200] = OPTED_IN
    m.actions = [Action(reward=5.0)]
    day(m, Parameters(**WEIGHTS))
    members = int(m.counts["member_units"][0])
    others = int(m.counts["units"][0]) - members
    odds = math.exp(1.5 + 2.0 + 0.5 - 3.0), math.exp(1.5 + 2.0 - 3.0)
    expected = [10_000 * odd / (1.0 + odd) for odd in odds]
    assert members == pytest.approx(expected[0], abs=300)
    assert others == pytest.approx(expected[1], abs=300)
    assert m.brands.reward_debt[0] == members * 5 * 10 * 100
    m.counts = {}
    buy(m, Parameters(), Advertising(), Roles())
    assert m.brands.reward_debt[0] == members * 5 * 10 * 100  # nothing is promised while something is owed


def test_searchers_follow_the_rating_and_others_do_not() -> None:
    units = {}
    for search in (0.0, 1.0):
        for valence in (-200, 200):
            m = eager(200)
            m.brands.heard_mentions[0], m.brands.heard_valence[0] = 200, valence
            units[search, valence] = day(m, Parameters(**WEIGHTS, search=search, rating_weight=1.0))[0]
    assert units[0.0, -200] == units[0.0, 200]
    assert units[1.0, -200] < units[0.0, 200] < units[1.0, 200]
    assert rating_of(0, 0, 10.0) == 0.5
    assert rating_of(30, 30, 10.0) == 35 / 40


def test_one_sees_what_neighbours_showed_until_yesterday() -> None:
    rules = Parameters(tie_weights={"strong": 1.0, "weak": 0.5})
    m = tied(market(4), [(0, 1), (0, 2)], rules)
    m = tied(m, [(0, 3)], rules, layer=1)
    m.shown_next[1:] = 1
    m.consumers.purchase_rate[:] = 0.0
    buy(m, rules, Advertising(), Roles())
    assert m.proof_total.tolist() == [2560, 1024, 1024, 512]
    assert m.proof[:, 0].tolist() == [2560, 0, 0, 0]
    m.shown_next[2] = 0
    buy(m, rules, Advertising(), Roles())
    assert m.proof[:, 0].tolist() == [1536, 0, 0, 0]
    m.shown_next[3] = -1
    buy(m, rules, Advertising(), Roles())
    assert m.proof[0, 0] == 1536  # a disappointed owner still owns it
    assert social_proof(1536, 2560) == 0.6
    assert social_proof(0, 0) == 0.0


def test_valence_matters_only_if_it_is_meant_to() -> None:
    rules = Parameters(valence_matters=True)
    m = tied(market(3), [(0, 1), (0, 2)], rules)
    m.consumers.purchase_rate[:] = 0.0
    m.shown_next[1], m.shown_next[2] = 1, -1
    buy(m, rules, Advertising(), Roles())
    assert m.proof[0, 0] == 0
    m.shown_next[1] = -1
    buy(m, rules, Advertising(), Roles())
    assert m.proof[0, 0] == -2048


def test_a_complete_graph_shows_everybody_everything_but_oneself() -> None:
    rules = Parameters()
    m = everybody_knows_everybody(market(5, ("Aurora", "Boreal")), rules)
    m.consumers.purchase_rate[:] = 0.0
    m.shown_next[:3], m.shown_next[3] = 1, 2
    buy(m, rules, Advertising(), Roles())
    assert m.proof.tolist() == [[2, 1], [2, 1], [2, 1], [3, 0], [3, 1]]
    m.shown_next[0] = 2
    buy(m, rules, Advertising(), Roles())
    assert m.proof.tolist() == [[2, 1], [1, 2], [1, 2], [2, 1], [2, 2]]
    assert m.proof_total.tolist() == [4] * 5


def test_a_stock_out_moves_those_without_habit_and_not_the_loyal() -> None:
    m = eager(2, ("Aurora", "Boreal"), rate=400.0)
    m.state.loyalty[0, 0], m.state.loyalty[1, 0] = 1.0, 0.0
    rules = Parameters(outside=-50.0, loyalty_weight=0.0)
    StockOut(kind="stock_out", day=0, brand="Aurora", days=2).act(m, 1)
    m.counts = {}
    buy(m, rules, Advertising(), Roles())
    loyal, other = (int(np.sum(m.purchases.consumer == i)) for i in (0, 1))
    assert not np.any(m.purchases.brand == 0)
    assert loyal == pytest.approx(200, abs=60)  # what she would have bought of Boreal anyway
    assert other == pytest.approx(400, abs=80)
    for m.day, stock in ((1, 0), (2, 1)):
        restock(m)
        assert m.brands.in_stock[0] == stock


def test_first_purchases_remember_what_led_to_them() -> None:
    rules = Parameters(outside=-50.0)
    m = tied(eager(5, ("Aurora", "Boreal")), [(2, 4)], rules)
    m.state.awareness[:] = (1.0, 0.0)
    m.state.influence[0], m.state.influence[1], m.state.teller[1] = AD, TOLD, 3
    m.state.purchases[4] = 1
    m.shown_next[4] = 1
    day(m, rules)
    ((when, who, what, source, teller),) = m.adoptions
    assert (when, who.tolist(), what.tolist()) == (0, [0, 1, 2, 3], [0, 0, 0, 0])
    assert source.tolist() == [AD, TOLD, SEEN, SPONTANEOUS]
    assert teller.tolist() == [-1, 3, -1, -1]
    day(m, rules)
    assert len(m.adoptions) == 1


def test_two_first_purchases_of_one_day_are_told_apart() -> None:
    m = eager(1, ("Aurora", "Boreal"), rate=40.0)
    day(m, Parameters(outside=-50.0))
    ((_, who, what, _, _),) = m.adoptions
    assert sorted(zip(who.tolist(), what.tolist(), strict=True)) == [(0, 0), (0, 1)]


# -- durable -----------------------------------------------------------------------------------------------------------

BASS = Parameters(fit_exponent=0.0, trust_exponent=0.0, spontaneous=True)


def bass(t: float, p: float, q: float) -> float:
    """The Bass curve."""
    e = math.exp(-(p + q) * t)
    return (1.0 - e) / (1.0 + q / p * e)


@pytest.mark.compiled
def test_on_a_complete_graph_adoption_follows_the_bass_curve() -> None:
    m = durable(everybody_knows_everybody(market(20_000), BASS), 0.0003, 0.0038)
    measured, expected = [], []
    for t in range(1, 1501):
        day(m, BASS)
        if t % 250 == 0:
            measured.append(sold(m) / m.n)
            expected.append(bass(t, 0.0003, 0.0038))
    assert measured == pytest.approx(expected, abs=0.025)


def test_without_imitation_adoption_is_exponential() -> None:
    m = durable(market(5000), 0.01)
    for _ in range(60):
        day(m, BASS)
    assert sold(m) / m.n == pytest.approx(1.0 - math.exp(-0.6), abs=4 * math.sqrt(0.25 / 5000))
    assert np.all(m.state.purchases.sum(axis=1) <= 1)
    assert np.array_equal(m.state.loyalty[:, 0] == 1.0, m.state.purchases[:, 0] == 1)


def test_brands_compete_as_risks() -> None:
    m = durable(market(20_000, ("Aurora", "Boreal")))
    m.brands.p[:] = (0.3, 0.1)
    units = day(m, BASS)
    assert units.sum() / m.n == pytest.approx(1.0 - math.exp(-0.4), abs=0.015)
    assert units[0] / units.sum() == pytest.approx(0.75, abs=0.02)


def test_the_hazard_is_fit_times_trust_times_drive() -> None:
    assert adoption_hazard(0.5, 0.25, 2.0, 1.0, 0.4) == pytest.approx(0.25 * 0.5 * 0.4)
    assert adoption_hazard(0.5, 0.25, 0.0, 0.0, 0.4) == 0.4
    assert adoption_hazard(0.5, 0.5, 1.0, 1.0, -0.1) == 0.0
    assert adoption_hazard(0.0, 0.5, 1.0, 1.0, math.inf) == 0.0
    assert adoption_hazard(0.5, 0.5, 1.0, 1.0, math.inf) == math.inf
    assert [power(0.0, 0.0), power(0.3, 1.0), power(0.25, 0.5)] == [1.0, 0.3, 0.5]


def test_drive_needs_awareness_unless_adoption_is_spontaneous() -> None:
    rules = Parameters(fit_exponent=0.0, trust_exponent=0.0)
    m = durable(market(4000), 0.5)
    m.state.awareness[:2000], m.state.irritation[1000:2000] = 1.0, 2.0
    day(m, rules)
    owned = m.state.purchases[:, 0]
    assert owned[:1000].mean() == pytest.approx(1.0 - math.exp(-0.5), abs=0.06)
    assert owned[1000:2000].mean() == pytest.approx(1.0 - math.exp(-0.5 * math.exp(-1.0)), abs=0.06)
    assert not owned[2000:].any()


def test_out_of_stock_nothing_is_adopted() -> None:
    m = durable(market(100), 5.0)
    m.brands.in_stock[0] = 0
    assert day(m, BASS)[0] == 0


# -- thresholds --------------------------------------------------------------------------------------------------------


def crowd(thresholds: Any, n: int = 100) -> Market:
    """All-to-all, adopting for certain at the threshold, run until nothing moves."""
    rules = Parameters(fit_exponent=0.0, trust_exponent=0.0, threshold=thresholds)
    m = everybody_knows_everybody(durable(market(n), 0.0, math.inf), rules)
    before = -1
    while before < sold(m):
        before = sold(m)
        day(m, rules)
    return m


def test_granovetters_riot() -> None:
    assert sold(crowd(list(range(100)))) == 100
    assert sold(crowd([0, 2, *range(2, 100)])) == 1


def test_thresholds_go_by_id_wherever_a_consumer_stands() -> None:
    rules = Parameters(fit_exponent=0.0, trust_exponent=0.0, threshold=[0, 9, 9, 9])
    m = durable(market(4), 0.0, math.inf)
    m.consumers.keys = np.array([2, 0, 3, 1], np.uint64)
    day(m, rules)
    assert m.state.purchases[:, 0].tolist() == [0, 1, 0, 0]


def test_complex_contagion_walks_along_a_ring_and_stops_at_a_single_tie() -> None:
    rules = Parameters(fit_exponent=0.0, trust_exponent=0.0, threshold=2)
    ring = [(i, (i + step) % 40) for i in range(40) for step in (1, 2)]
    m = tied(durable(market(40), 0.0, math.inf), ring, rules)
    Launch(kind="launch", day=0, brand="Aurora", consumers=(0, 1)).act(m, 1)
    for expected in range(4, 41, 2):
        day(m, rules)
        assert sold(m) == expected  # one more on each side a day
    single = tied(durable(market(40), 0.0, math.inf), [(i, i + 1) for i in range(39)], rules)
    Launch(kind="launch", day=0, brand="Aurora", consumers=(0, 1)).act(single, 1)
    day(single, rules)
    assert sold(single) == 2


def test_isolated_consumers_never_adopt_by_share() -> None:
    rules = Parameters(fit_exponent=0.0, trust_exponent=0.0, threshold={"share": 0.5})
    m = tied(durable(market(4), 0.0, math.inf), [(0, 1)], rules)
    Launch(kind="launch", day=0, brand="Aurora", consumers=(0,)).act(m, 1)
    for _ in range(5):
        day(m, rules)
    assert m.state.purchases[:, 0].tolist() == [1, 1, 0, 0]


# -- launch ------------------------------------------------------------------------------------------------------------


def test_a_launch_gives_the_product_to_those_who_have_none() -> None:
    m = durable(market(10, ("Aurora", "Boreal")))
    m.state.purchases[0, 1] = 1
    Launch(kind="launch", day=0, brand="Aurora", consumers=(0, 1, 2)).act(m, 1)
    assert m.state.purchases[:3].tolist() == [[0, 1], [1, 0], [1, 0]]
    assert m.state.loyalty[1:3, 0].tolist() == [1.0, 1.0]
    assert m.shown_next[:3].tolist() == [0, 1, 1]
    assert m.adoptions[0][1].tolist() == [1, 2]


# -- threads -----------------------------------------------------------------------------------------------------------


@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["repeat", "durable"])
def test_two_threads_give_the_same_market(kind: str) -> None:
    results = []
    for threads in (1, 2):
        m = eager(40_000, ("Aurora", "Boreal"), rate=0.3)
        m.kind, m.threads = kind, threads
        m.brands.p[:] = 0.2
        for _ in range(3):
            day(m, Parameters())
        results.append(m)
    one, two = results
    for name in ("awareness", "trust", "expectation", "loyalty", "satisfaction", "purchases"):
        assert getattr(one.state, name).tobytes() == getattr(two.state, name).tobytes()
    assert one.purchases.consumer.tobytes() == two.purchases.consumer.tobytes()
    assert one.shown_next.tobytes() == two.shown_next.tobytes()
    assert len(one.purchases.consumer) > 0
