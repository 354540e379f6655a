"""Promise against experience, and what loyalty is made of: rows M30, M36 and M37 of the mechanisms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator import RunResult, WordOfMouthModel
from tests.mechanisms.markets_b import MARKET, SEEDS, SILENCE, assert_same, last, market, of, paired, run, state

pytestmark = pytest.mark.compiled

ADS = {"brands.Aurora.strategy": {"kind": "interruption", "channels": {"tv": 1.0}}, "brands.Aurora.budget_per_day": 300.0}
AURORA, BOREALIS = MARKET["brands"]


# -- M30: promise and experience -----------------------------------------------------------------------------------------

PROMISING = ADS | {
    "run.days": 120, "brands.Aurora.quality": 0.6, "advertising.expectation_weight": 0.3, "advertising.channels.tv.intrusiveness": 0.02,
}  # fmt: skip


@cache
def modest_and_bold() -> list[tuple[RunResult, RunResult]]:
    return paired(PROMISING | {"brands.Aurora.promise": 0.6}, PROMISING | {"brands.Aurora.promise": 0.95})


def test_m30_a_higher_promise_at_equal_quality_first_raises_trial() -> None:
    first = np.array([[of(result, "new_customers")[:21].sum() for result in pair] for pair in modest_and_bold()]).sum(axis=0)
    assert first[1] > 1.015 * first[0]


def test_m30_a_higher_promise_at_equal_quality_lowers_satisfaction() -> None:
    for modest, bold in modest_and_bold():
        satisfied = [state(result, "satisfaction")[state(result, "purchases") > 0].mean() for result in (modest, bold)]
        assert satisfied[1] < satisfied[0] - 0.02


def test_m30_a_higher_promise_at_equal_quality_costs_trust_later() -> None:
    for modest, bold in modest_and_bold():
        assert last(bold, "trust") < last(modest, "trust") - 0.03
        lost = of(modest, "trust") - of(bold, "trust")
        assert lost[-1] > 3 * lost[13]


def test_m30_off_a_promise_that_nobody_believes_or_checks_changes_nothing() -> None:
    deaf = PROMISING | {"advertising.expectation_weight": "off", "word_of_mouth.refutation": "off"}
    assert_same(run(deaf, {"brands.Aurora.promise": 0.6}), run(deaf, {"brands.Aurora.promise": 0.95}))


# -- M36: tiers ------------------------------------------------------------------------------------------------------------

TIERS = ("prospects", "loyal", "advocates", "multi_loyal", "switchers")

TWO_HABITS = {
    "population.segments": [{"name": "faithful", "share": 0.5}, {"name": "shared", "share": 0.5}],
    "brands": [
        AURORA | {"start": {"awareness": 0.9, "penetration": 0.9, "loyalty": {"faithful": 0.95, "shared": 0.5}, "reputation": 0.6}},
        BOREALIS | {"start": {
            "awareness": 0.9, "penetration": {"faithful": 0.0, "shared": 0.9}, "loyalty": {"faithful": 0.0, "shared": 0.5},
            "reputation": 0.6,
        }},
    ],
    "population.purchase_rate": 0.15, "run.days": 17,
}  # fmt: skip
"""Half of the customers buy Aurora only, half buy both."""

STOCK_OUT = {"events": [{"day": 3, "brand": "Aurora", "kind": "stock_out", "days": 14}]}


@pytest.mark.parametrize("changes", [{}, ADS, TWO_HABITS, TWO_HABITS | STOCK_OUT], ids=["talk", "ads", "two habits", "stock-out"])
def test_m36_every_consumer_is_in_exactly_one_tier_of_each_brand(changes: dict[str, Any]) -> None:
    daily = run(changes).daily
    in_a_tier = np.rint(1000 * daily[list(TIERS)].to_numpy()).astype(int)
    assert (in_a_tier.sum(axis=1) == 1000).all()
    assert ((in_a_tier > 0).sum(axis=0) > 0).all()


def test_m36_a_stock_out_moves_multi_loyals_not_loyals() -> None:
    """Of the purchases that the stock-out costs Aurora, the rival gets half those of multi-loyals, few of the loyal ones."""
    for seed in SEEDS:
        eve = run(TWO_HABITS, STOCK_OUT, seed=seed, until=3)
        stocked, empty = run(TWO_HABITS, seed=seed), run(TWO_HABITS, STOCK_OUT, seed=seed)
        own, both = (state(eve, "loyalty"), state(eve, "loyalty") + state(eve, "loyalty", "Borealis"))
        loyal = own >= np.float32(0.8)
        multi_loyal = (state(eve, "purchases") > 0) & ~loyal & (both >= np.float32(0.8))
        moved = []
        for tier in (loyal, multi_loyal):
            assert tier.sum() > 300
            lost = (state(stocked, "purchases") - state(empty, "purchases"))[tier].sum()
            won = (state(empty, "purchases", "Borealis") - state(stocked, "purchases", "Borealis"))[tier].sum()
            assert lost > 100
            moved.append(won / lost)
        assert moved[0] < 0.25 and moved[1] > 0.4


def test_m36_off_without_the_event_nothing_moves() -> None:
    later = [STOCK_OUT["events"][0] | {"day": 16}]
    stocked, out = run(TWO_HABITS).daily, run(TWO_HABITS, {"events": later}).daily
    assert stocked[stocked.day < 16].equals(out[out.day < 16])
    assert not stocked.equals(out)


# -- M37: behaviour and attitude -------------------------------------------------------------------------------------------

TWO_ATTITUDES = SILENCE | {
    "population.segments": [{"name": "engaged", "share": 0.5}, {"name": "passive", "share": 0.5}],
    "brands": [
        AURORA | {"start": {"awareness": 0.9, "penetration": 0.9, "loyalty": 0.9, "reputation": {"engaged": 0.8, "passive": 0.4}}},
        BOREALIS | {"start": {"awareness": 0.9, "penetration": 0.1, "loyalty": 0.1, "reputation": 0.55}},
    ],
    "population.purchase_rate": 0.15, "experience.eta": 0.02, "word_of_mouth.visibility": 0.5, "word_of_mouth.strength": 0.3,
    "word_of_mouth.defence": 0.5,
}  # fmt: skip
"""All customers buy as much, half of them because they think well of the brand, half from habit."""

SCANDAL = {"events": [{"day": 5, "brand": "Aurora", "kind": "scandal", "severity": 1.0, "tellers": {"share": 0.05}}]}


@cache
def left(until: int, defence: float = 0.5) -> np.ndarray:
    """float64 [engaged, passive]: share of the purchases after the scandal that it cost, among heavy buyers, over several seeds."""
    bought = np.zeros((2, 2))
    attitude = TWO_ATTITUDES | {"word_of_mouth.defence": defence}
    for seed in (*SEEDS, 4):
        segment = WordOfMouthModel(market(attitude), rng=seed).market.consumers.segment
        eve = run(attitude, SCANDAL, seed=seed, until=5)
        for row, events in enumerate(({}, SCANDAL)):
            after = state(run(attitude, events, seed=seed, until=until), "purchases") - state(eve, "purchases")
            for group in (0, 1):
                bought[row, group] += after[(segment == group) & (state(eve, "loyalty") >= np.float32(0.8))].sum()
    return 1.0 - bought[1] / bought[0]


def test_m37_heavy_buyers_of_low_attitude_leave_first_after_a_bad_buzz() -> None:
    for until in (15, 45):
        engaged, passive = left(until)
        assert passive > 1.3 * engaged > 0, f"until day {until}"


def test_m37_it_is_their_attitude_that_shields_the_engaged() -> None:
    shielded, bare = left(45), left(45, defence=0.0)
    assert bare[0] > 1.2 * shielded[0]
    assert bare[0] / bare[1] > shielded[0] / shielded[1]


def test_m37_off_without_the_scandal_nobody_leaves() -> None:
    assert_same(run(TWO_ATTITUDES, SCANDAL, without=("crises",)), run(TWO_ATTITUDES))
