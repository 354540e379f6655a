"""Where verdicts flip: recovered where it is known, not claimed where there is nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator import load_scenario, simulate
from simulator.experiments.breakeven import ROUNDS, BreakEven, brackets, breakeven, crossings
from simulator.parameters import InputError
from simulator.report.breakeven import answer, breakeven_data, breakeven_lines, write_breakeven
from simulator.scenario.schema import Scenario

PRICE, COST, FIXED = "brands.Aurora.price", "brands.Aurora.unit_cost", "brands.Aurora.fixed_costs"


@pytest.fixture(scope="module")
def two() -> list[Scenario]:
    """Cheap and dear: how often it is bought depends on the price, on what a unit costs its maker it does not."""
    cheap = load_scenario("scenarios/three_eras/interruption.toml").override(
        {"population.size": 150, "run.days": 14, "purchase.price_weight": 4.0}
    )
    return [cheap, cheap.override({PRICE: 14.0})]


def synthetic(values: np.ndarray, differences: np.ndarray) -> BreakEven:
    levels = np.stack([1000.0 + differences, np.full_like(differences, 1000.0)], axis=1)
    return BreakEven(("A", "B"), "a.key", "currency", False, 5.0, "profit", "EUR", ("A", "B"), values, levels, 1, {})


def test_the_crossing_of_a_linear_difference_is_recovered() -> None:
    x, noise = np.linspace(0.0, 10.0, 9), np.random.default_rng(5).normal(0.0, 0.5, 40)
    found = crossings(x, (6.0 - x)[:, None] + noise[None, :])
    assert len(found) == 1
    error = noise.std(ddof=1) / math.sqrt(40)
    assert found[0].value == pytest.approx(6.0 + noise.mean(), abs=1e-9)
    assert found[0].below == 1
    assert found[0].low == pytest.approx(found[0].value - 1.96 * error, abs=0.4 * error)
    assert found[0].high == pytest.approx(found[0].value + 1.96 * error, abs=0.4 * error)


def test_intervals_of_a_crossing_hold_the_truth_as_often_as_they_say() -> None:
    x, generator, inside = np.linspace(0.0, 10.0, 6), np.random.default_rng(6), 0
    for _ in range(100):
        differences = 2.0 * (x - 4.0)[:, None] + generator.normal(0.0, 3.0, (1, 25)) + generator.normal(0.0, 0.3, (6, 25))
        (found,) = crossings(x, differences, resamples=200)
        inside += found.low <= 4.0 <= found.high
    assert 85 <= inside <= 99  # 95% of 100, the bootstrap of 25 pairs being a little narrow


def test_a_crossing_near_the_end_is_open_beyond_it() -> None:
    x = np.linspace(0.0, 10.0, 5)
    found = crossings(x, (9.8 - x)[:, None] + np.random.default_rng(2).normal(0.0, 2.0, (1, 20)))
    assert not found or found[0].high == math.inf


def test_several_flips_are_all_listed() -> None:
    x = np.linspace(0.0, 6.0, 25)
    found = synthetic(x, 1000.0 * np.cos(x)[:, None] + np.random.default_rng(1).normal(0.0, 5.0, (1, 12)))
    assert found.outcome == "flips"
    assert [each.value for each in found.crossings] == pytest.approx([math.pi / 2, 3 * math.pi / 2], abs=0.05)
    assert [each.below for each in found.crossings] == [1, -1]
    assert "flips 2 times: A is ahead below 1.57 EUR" in answer(found)


def test_stretches_without_any_difference_are_passed_over() -> None:
    assert brackets(np.arange(5.0), np.array([2.0, 0.0, 0.0, -1.0, -1.0])) == [(0.0, 3.0)]
    assert brackets(np.arange(3.0), np.array([0.0, 1.0, 2.0])) == []
    (found,) = crossings(np.arange(4.0), np.array([2.0, 0.0, 0.0, -1.0])[:, None] * np.ones((1, 8)))
    assert found.value == 1.5


@pytest.mark.parametrize(
    ("level", "spread", "outcome", "said"),
    [
        (500.0, 10.0, "ahead", "A is ahead for every a.key from 0.0 EUR to 10.0 EUR: there is no flip"),
        (-500.0, 10.0, "ahead", "B is ahead for every"),
        (3.0, 900.0, "cannot tell", "luck leaves it open"),
        (0.0, 0.0, "equal", "are equal for every"),
    ],
)
def test_without_a_flip_none_is_claimed(level: float, spread: float, outcome: str, said: str) -> None:
    noise = np.linspace(-1.0, 1.0, 12) * spread
    found = synthetic(np.linspace(0.0, 10.0, 5), np.full((5, 1), level) + noise[None, :])
    assert not found.crossings
    assert found.outcome == outcome
    assert said in answer(found)


def test_a_flip_that_luck_may_have_made_is_not_claimed() -> None:
    x = np.linspace(0.0, 10.0, 5)
    found = synthetic(x, 10.0 * (5.0 - x)[:, None] + np.linspace(-2000.0, 2000.0, 12)[None, :])
    assert found.outcome == "cannot tell"
    assert answer(found).startswith("In this model, judged by profit, it cannot be told where")


def test_who_is_ahead_follows_the_direction_of_the_figure() -> None:
    x = np.linspace(0.0, 10.0, 5)
    noise = np.linspace(-1.0, 1.0, 12)[None, :]
    more = synthetic(x, 100.0 * (5.0 - x)[:, None] + noise)
    less = replace(more, kpi="messages_negative")
    assert more.crossings[0].below == 1
    assert less.crossings[0].below == -1


@pytest.mark.compiled
def test_the_flip_of_a_market_lies_where_its_books_say(two: list[Scenario], tmp_path: Path) -> None:
    """Profit is units * (price - unit cost) less what is the same in both: the difference is a line in the unit cost."""
    units = np.array([[simulate(each, seed).kpis.loc["Aurora", "units"] for seed in (1, 2, 3)] for each in two]).mean(axis=1)
    flip = (10.0 * units[0] - 14.0 * units[1]) / (units[0] - units[1])
    found = breakeven(two[0], two[1], COST, 0.0, flip + 2.0, "profit", 3, workers=1, steps=2, names=["cheap", "dear"])
    assert found.set_in == ("cheap", "dear")
    (crossing,) = found.crossings
    assert crossing.value == pytest.approx(flip, rel=1e-5)
    assert crossing.low <= crossing.value <= crossing.high
    assert crossing.below == 1  # where a unit costs little, selling many pays
    assert len(found.values) == 2 + 3 * ROUNDS
    assert crossing.bracket[1] - crossing.bracket[0] == pytest.approx((flip + 2.0) / 4**ROUNDS, rel=1e-3)
    assert "unit_cost was set in cheap and dear" in breakeven_lines(found)
    assert breakeven_data(found)["flips"][0]["ahead_below"] == "cheap"
    page = write_breakeven(found, tmp_path / "page", two)
    assert "<svg" in page.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        write_breakeven(found, tmp_path, two)


@pytest.mark.compiled
def test_what_is_the_same_in_both_cancels(two: list[Scenario]) -> None:
    found = breakeven(two[0], two[0].override({"brands.Aurora.unit_cost": 3.0}), FIXED, 0.0, 5000.0, "profit", 6, workers=1, steps=2)
    assert found.outcome == "ahead"
    assert found.differences == pytest.approx(np.broadcast_to(found.differences[:1], found.differences.shape))


@pytest.mark.compiled
def test_a_lever_of_one_scenario_is_set_in_that_one(two: list[Scenario]) -> None:
    other = two[0].override({"brands.Aurora.strategy.kind": "interaction"})
    found = breakeven(two[0], other, "brands.Aurora.strategy.listening", kpi="units", replicates=2, workers=1, steps=2, names=["a", "b"])
    assert found.set_in == ("b",)
    assert found.values.tolist()[0::100] == [0.1]  # the lowest plausible value
    assert (found.levels[:, 0] == found.levels[0, 0]).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"key": "brands.Aurora.prize", "low": 1.0, "high": 2.0}, "price"),
        ({"key": "brands.Aurora.prize"}, "price"),
        ({"key": PRICE}, "--low and --high"),
        ({"key": PRICE, "low": 3.0, "high": 2.0}, "empty range"),
        ({"key": PRICE, "low": math.nan, "high": 2.0}, "empty range"),
        ({"key": "word_of_mouth.share", "low": 0.1, "high": 7.0}, "from 0 to 1"),
        ({"key": PRICE, "low": 1.0, "high": 2.0, "kpi": "gain"}, "no figure is called gain"),
        ({"key": PRICE, "low": 1.0, "high": 2.0, "replicates": 1}, "at least 2"),
    ],
)
def test_what_cannot_be_looked_along_is_refused_in_words(two: list[Scenario], arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        breakeven(two[0], two[1], **arguments)  # type: ignore[arg-type]  # as a user would
