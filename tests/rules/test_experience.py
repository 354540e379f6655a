"""Experience: one consumer by hand, and what follows from promises."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from simulator.rules.experience import Parameters, experience, experienced_level, loyalty_after, surprise
from simulator.rules.permission import Parameters as Permission
from simulator.world.market import Market
from simulator.world.state import OPTED_IN, TOUCH_PURCHASE, Purchases
from tests.rules.markets import market

EXACT = Parameters(eta=0.15, negativity=2.0, zone=0.1, expectation_rate=0.3, noise=0.0, fit_exponent=0.3, smoothing=0.8, use=0.5)
"""What the tests reckon with, whatever the defaults."""


def bought(m: Market, rows: list[tuple[int, int]]) -> Purchases:
    """Purchases (consumer, brand) of today, before they are used."""
    k = len(rows)
    consumer, brand = (np.array([row[side] for row in rows]) for side in (0, 1))
    occasion = np.array([sum(rows[earlier][0] == rows[row][0] for earlier in range(row)) for row in range(k)], np.int16)
    return Purchases(consumer.astype(np.int32), brand.astype(np.int8), occasion, np.full(k, np.nan), np.full(k, np.nan), np.zeros(k))


def used(m: Market, rows: list[tuple[int, int]], rules: Parameters = EXACT) -> Market:
    """The market after these purchases."""
    m.purchases = bought(m, rows)
    experience(m, rules, Permission(learning=0.02))
    return m


def test_a_good_surprise_moves_a_consumer_as_written() -> None:
    m = market(1)
    m.brands.quality[0], m.state.trust[0], m.state.expectation[0], m.state.awareness[0] = 0.9, 0.6, 0.5, 0.2
    used(m, [(0, 0)])
    s = (0.4 - 0.1) / 0.9
    assert m.purchases.experienced[0] == 0.9
    assert m.purchases.surprise[0] == pytest.approx(s)
    assert m.purchases.trust_lost[0] == 0.0
    assert m.state.trust[0, 0] == pytest.approx(0.6 + 0.15 * s * 0.4, abs=1e-6)
    assert m.state.expectation[0, 0] == pytest.approx(0.5 + 0.3 * 0.4, abs=1e-6)
    assert m.state.awareness[0, 0] == pytest.approx(0.6, abs=1e-6)
    assert m.state.satisfaction[0, 0] == pytest.approx(s, abs=1e-6)
    assert m.state.loyalty[0, 0] == pytest.approx(0.2)
    assert (m.state.purchases[0, 0], m.state.touched[0, 0], m.shown_next[0]) == (1, TOUCH_PURCHASE, 1)


def test_a_bad_surprise_costs_more_than_a_good_one_gives() -> None:
    m = market(1)
    m.brands.quality[0], m.state.trust[0], m.state.expectation[0] = 0.2, 0.6, 0.7
    used(m, [(0, 0)])
    s = (0.5 - 0.1) / 0.9
    assert m.purchases.surprise[0] == pytest.approx(-s)
    assert m.purchases.trust_lost[0] == pytest.approx(2.0 * 0.15 * s * 0.6, abs=1e-7)
    assert m.state.trust[0, 0] == pytest.approx(0.6 - 2.0 * 0.15 * s * 0.6, abs=1e-6)
    assert m.shown_next[0] == -1


def test_small_differences_do_not_surprise() -> None:
    assert surprise(0.6, 0.5, 0.1) == pytest.approx(0.0, abs=1e-12)
    assert surprise(0.55, 0.5, 0.1) == surprise(0.45, 0.5, 0.1) == 0.0
    assert surprise(1.0, 0.0, 0.1) == 1.0
    assert surprise(0.0, 1.0, 0.1) == -1.0
    assert surprise(0.7, 0.5, 0.0) == pytest.approx(0.2)


def test_what_is_experienced_depends_on_quality_fit_and_service() -> None:
    assert experienced_level(0.8, 0.5, 0.1, 0.0) == pytest.approx(0.5)
    assert experienced_level(0.8, 1.0, 0.9, 0.0) == 1.0
    assert experienced_level(0.8, 1.0, 0.0, -2.0) == 0.0
    m = market(1)
    m.fit[0], m.brands.failure[0], m.brands.service[0] = 0.25, 0.3, 0.1
    used(m, [(0, 0)], Parameters(noise=0.0, fit_exponent=0.5))
    assert m.purchases.experienced[0] == pytest.approx(0.7 * 0.5 - 0.2)


def test_experiences_scatter_with_noise() -> None:
    m = used(market(4000), [(i, 0) for i in range(4000)], Parameters(noise=0.05))
    assert m.purchases.experienced.mean() == pytest.approx(0.7, abs=4 * 0.05 / math.sqrt(4000))
    assert m.purchases.experienced.std() == pytest.approx(0.05, rel=0.06)


def test_purchases_of_one_day_act_together_whatever_their_order() -> None:
    one, two = market(1, ("Aurora", "Boreal")), market(1, ("Aurora", "Boreal"))
    for m in (one, two):
        m.brands.quality[:] = (0.9, 0.1)
    used(one, [(0, 0), (0, 1), (0, 0)])
    used(two, [(0, 1), (0, 0), (0, 0)])
    for name in ("trust", "expectation", "awareness", "purchases"):
        assert np.array_equal(getattr(one.state, name), getattr(two.state, name))
    s = (0.4 - 0.1) / 0.9
    assert one.state.trust[0, 0] == pytest.approx(1.0 - 0.5 * (1.0 - 0.15 * s) ** 2, abs=1e-6)
    assert one.state.purchases.tolist() == [[2, 1]]
    assert (one.shown_next[0], two.shown_next[0]) == (1, 1)


def test_loyalty_is_the_smoothed_share_of_purchases_and_never_exceeds_one_in_sum() -> None:
    assert loyalty_after(0.5, True, 0.8) == pytest.approx(0.6)
    assert loyalty_after(0.5, False, 0.8) == pytest.approx(0.4)
    m = market(1, ("Aurora", "Boreal"))
    for _ in range(30):
        used(m, [(0, 0)])
    assert m.state.loyalty[0, 0] > 0.99
    used(m, [(0, 1)])
    assert m.state.loyalty[0].tolist() == pytest.approx([0.8, 0.2], abs=0.01)
    assert m.state.loyalty.sum() <= 1.0 + 1e-6


def test_loyalty_of_owners_of_durables_stays() -> None:
    m = market(1, ("Aurora", "Boreal"))
    m.kind, m.state.loyalty[0, 0] = "durable", 1.0
    used(m, [(0, 0)])
    assert m.state.loyalty[0].tolist() == [1.0, 0.0]


def test_only_members_purchases_teach_the_brand() -> None:
    m = market(2)
    m.state.consent[0] = OPTED_IN
    used(m, [(0, 0), (1, 0)])
    assert m.state.knowledge[:, 0].tolist() == pytest.approx([0.02, 0.0])


def test_trust_is_lost_faster_than_gained() -> None:
    def steps(quality: float, start: float, until: float) -> int:
        m, count = market(1), 0
        m.brands.quality[0], m.state.trust[0] = quality, start
        while (m.state.trust[0, 0] - until) * (start - until) > 0:
            m.state.expectation[0] = 0.5
            used(m, [(0, 0)])
            count += 1
        return count

    assert steps(0.0, 0.8, 0.4) < steps(1.0, 0.4, 0.8)


def test_a_promise_that_is_not_kept_costs_trust() -> None:
    trust = []
    for expected in (0.7, 0.95):
        m = market(1)
        m.state.expectation[0] = expected
        used(m, [(0, 0)])
        trust.append(m.state.trust[0, 0])
    assert trust[1] < trust[0] == 0.5


def test_off_values_leave_the_mind_alone() -> None:
    m = market(1)
    m.brands.quality[0] = 0.1
    before = copy.deepcopy(m.state)
    used(m, [(0, 0)], Parameters(eta="off", expectation_rate="off", noise="off", fit_exponent="off", smoothing="off", use="off"))
    for name in ("trust", "expectation", "awareness", "loyalty"):
        assert np.array_equal(getattr(m.state, name), getattr(before, name))
    assert Parameters(negativity="off").negativity == 1.0
    assert Parameters(zone="off").zone == 0.0
