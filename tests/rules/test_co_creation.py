"""The platform lives on participation (M25)."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.rules.co_creation import Parameters, contribute, contribution_probability
from simulator.rules.conversation import IDEA
from simulator.world.market import Market
from simulator.world.state import Action, Waiting
from tests.rules.markets import market

OPEN = Action(platform=True, platform_cents=5000)


def days(m: Market, rules: Parameters, count: int) -> float:
    """Run the platform; its activity at the end."""
    m.actions = [OPEN]
    for _ in range(count):
        m.waiting = Waiting.none()
        contribute(m, rules)
        m.day += 1
    return float(m.brands.activity[0])


def test_platforms_live_or_die_by_participation() -> None:
    """M25: below a threshold of activity the platform dies out, above it feeds itself."""
    rules = {"contribution": 0.1, "half_activity": 0.05, "fading": 0.2}
    dead, alive = (days(market(2000), Parameters(seed_activity=seed, **rules), 120) for seed in (0.004, 0.03))
    assert dead < 0.001 and alive > 0.3


def test_a_market_that_does_not_engage_lets_it_die_whatever_the_start() -> None:
    m = market(2000)
    m.consumers.engagement[:] = 0.05
    assert days(m, Parameters(contribution=0.1, half_activity=0.05, seed_activity=0.1), 120) < 0.001


def test_contributions_wait_as_ideas_and_give_ownership() -> None:
    m, rules = market(1000), Parameters(ownership=0.02, contribution=1.0)
    m.actions = [OPEN]
    contribute(m, rules)
    who = np.sort(m.waiting.consumer)
    assert 0 < len(who) < 1000 and set(m.waiting.kind.tolist()) == {IDEA} and set(m.waiting.day.tolist()) == {0}
    assert m.counts["contributions"][0] == len(who) == len(set(who.tolist()))
    assert np.allclose(m.state.trust[who], 0.51, atol=1e-6)
    assert np.all(np.delete(m.state.trust, who) == np.float32(0.5))
    assert m.brands.activity[0] == pytest.approx(0.8 * rules.seed_activity + len(who) / 1000)


def test_it_runs_only_when_paid_for_and_wanted() -> None:
    for action in (Action(), Action(platform=True, platform_cents=4999)):
        m = market()
        m.actions = [action]
        contribute(m, Parameters())
        assert not m.spending and m.brands.activity[0] == 0.0 and not m.counts
    m.actions = [OPEN]
    contribute(m, Parameters())
    assert m.spending == [(0, 0, "platform", 1.0, 5000)]


def test_off_nobody_contributes() -> None:
    m = market(100)
    assert days(m, Parameters(contribution="off"), 3) < 0.03 and np.all(m.state.trust == np.float32(0.5))


def test_contribution_rises_with_activity_from_nothing_to_engagement() -> None:
    chances = [contribution_probability.python(0.5, 0.4, activity, 0.02) for activity in (0.0, 0.01, 0.02, 0.1, 1e9)]
    assert chances[0] == 0.0 and chances == sorted(chances)
    assert chances[2] == pytest.approx(1 - np.exp(-0.1)) and chances[-1] == pytest.approx(1 - np.exp(-0.2))
