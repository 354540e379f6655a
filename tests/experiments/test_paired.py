"""Differences of paired runs and what may be said of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.experiments.paired import (
    BETTER,
    HIGHER,
    LOWER,
    SAME,
    UNCLEAR,
    WORSE,
    bar_alone,
    correlation,
    family,
    fewest_pairs,
    more_pairs,
    paired_differences,
    verdict,
)


def test_the_same_runs_give_the_same_table() -> None:
    values = np.random.default_rng(1).normal(size=(7, 20))
    one, other = paired_differences(values), paired_differences(values)
    for name in ("n", "mean", "low", "high", "p"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_row_does_not_depend_on_the_rows_beside_it() -> None:
    values = np.random.default_rng(2).normal(size=(300, 8))
    alone, together = paired_differences(values[290:291]), paired_differences(values)
    assert alone.low[0] == pytest.approx(together.low[290], abs=1e-12)
    assert alone.p[0] == together.p[290]


def test_the_interval_holds_the_mean_and_shrinks_with_pairs() -> None:
    values = np.random.default_rng(3).normal(1.0, 1.0, size=(50, 40))
    few, many = paired_differences(values[:, :8]), paired_differences(values)
    for seen in (few, many):
        assert ((seen.low <= seen.mean) & (seen.mean <= seen.high)).all()
    assert (many.high - many.low).mean() < (few.high - few.low).mean()


def test_95_percent_intervals_hold_the_truth_about_95_times_in_100() -> None:
    values = np.random.default_rng(4).normal(0.3, 1.0, size=(2000, 12))
    seen = paired_differences(values)
    held = ((seen.low <= 0.3) & (seen.high >= 0.3)).mean()
    assert 0.93 <= held <= 0.97


def test_without_a_difference_p_is_small_in_five_percent_of_cases() -> None:
    for pairs in (8, 20):  # all signs, and many signs
        p = paired_differences(np.random.default_rng(5).normal(size=(2000, pairs))).p
        assert 0.035 <= (p <= 0.05).mean() <= 0.065


def test_equal_runs_differ_by_exactly_nothing() -> None:
    seen = paired_differences(np.zeros((1, 10)))
    assert (seen.mean[0], seen.low[0], seen.high[0], seen.p[0]) == (0.0, 0.0, 0.0, 1.0)


def test_unknown_pairs_are_left_out_and_counted() -> None:
    values = np.array([[1.0, 1.0, np.nan, 1.0], [np.nan] * 4, [2.0, np.nan, np.nan, np.nan]])
    seen = paired_differences(values)
    assert seen.n.tolist() == [3, 0, 1]
    assert seen.mean[0] == 1.0
    assert np.isnan(seen.mean[1])
    assert seen.mean[2] == 2.0
    assert np.isnan(seen.low[2])


@pytest.mark.parametrize(
    ("n", "mean", "low", "high", "p", "direction", "expected"),
    [
        (20, 0.05, 0.04, 0.06, 0.001, 1, BETTER),
        (20, 0.05, 0.04, 0.06, 0.001, -1, WORSE),
        (20, -0.05, -0.06, -0.04, 0.001, 1, WORSE),
        (20, -0.05, -0.06, -0.04, 0.001, -1, BETTER),
        (20, 0.05, 0.04, 0.06, 0.001, 0, HIGHER),
        (20, -0.05, -0.06, -0.04, 0.001, 0, LOWER),
        (20, 0.05, -0.01, 0.11, 0.1, 1, UNCLEAR),
        (20, 0.002, 0.001, 0.003, 0.001, 1, SAME),  # sure, and too small to matter
        (20, 0.0, 0.0, 0.0, 1.0, 1, SAME),
        (20, 0.009, 0.005, 0.013, 0.001, 1, UNCLEAR),  # perhaps large enough to matter, perhaps not
        (5, 0.05, 0.04, 0.06, 0.0625, 1, UNCLEAR),  # too few pairs
        (5, 0.002, 0.001, 0.003, 0.0625, 1, UNCLEAR),
        (2, 0.0, 0.0, 0.0, 1.0, 1, SAME),  # equal runs
        (1, 0.05, np.nan, np.nan, np.nan, 1, UNCLEAR),
        (0, np.nan, np.nan, np.nan, np.nan, 1, UNCLEAR),
    ],
)
def test_a_verdict_needs_a_sure_difference_that_matters(
    n: int, mean: float, low: float, high: float, p: float, direction: int, expected: str
) -> None:
    assert verdict(n, mean, low, high, p, 0.01, direction) == expected


def test_a_stricter_level_makes_wider_intervals_and_asks_for_more_pairs() -> None:
    values = np.random.default_rng(6).normal(0.5, 1.0, size=(30, 20))
    usual, strict = paired_differences(values), paired_differences(values, 0.01)
    assert ((strict.high - strict.low) > (usual.high - usual.low)).all()
    assert (fewest_pairs(0.05), fewest_pairs(0.01)) == (6, 8)
    assert verdict(7, 0.05, 0.04, 0.06, 0.0, 0.01, 1, level=0.01) == UNCLEAR
    assert verdict(20, 0.05, 0.04, 0.06, 0.03, 0.01, 1, level=0.01) == UNCLEAR
    assert verdict(20, 0.05, 0.04, 0.06, 0.003, 0.01, 1, level=0.01) == BETTER


def test_median_and_spread_are_of_the_known_pairs() -> None:
    seen = paired_differences(np.array([[1.0, np.nan, 2.0, 6.0]]))
    assert (seen.median[0], seen.mean[0]) == (2.0, 3.0)
    assert seen.sd[0] == pytest.approx(np.std([1.0, 2.0, 6.0], ddof=1))


def test_correlation_is_pearsons_over_known_pairs_and_unknown_where_nothing_varies() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.normal(size=(3, 15)), rng.normal(size=(3, 15))
    a[1, 4], b[1, 9] = np.nan, np.nan
    b[2] = 1e6 / 3.0
    known = ~np.isnan(a[1]) & ~np.isnan(b[1])
    found = correlation(a, b)
    assert found[0] == pytest.approx(np.corrcoef(a[0], b[0])[0, 1])
    assert found[1] == pytest.approx(np.corrcoef(a[1][known], b[1][known])[0, 1])
    assert np.isnan(found[2])
    assert np.isnan(correlation(np.ones((1, 2)), np.arange(2.0)[None])).all()


@pytest.mark.parametrize(("mean", "expected"), [(0.5, "different"), (0.05, "alike")])
def test_so_many_more_pairs_do_decide(mean: float, expected: str) -> None:
    """With a few more pairs than `more` says the usual row is decided, with a third of them it is not."""
    needed = 10 + more_pairs(10, mean, 1.0, 0.4, bar_alone(0.05))
    decided = {SAME} if expected == "alike" else {BETTER}
    rng = np.random.default_rng(8)
    shares = []
    for pairs in (int(1.2 * needed), int(needed) // 3):
        noise = rng.normal(size=(300, pairs))
        noise = (noise - noise.mean(axis=1, keepdims=True)) / noise.std(axis=1, ddof=1, keepdims=True)  # mean and spread are kept
        seen = paired_differences(mean + noise)
        found = [verdict(pairs, *row, 0.4, 1) for row in zip(seen.mean, seen.low, seen.high, seen.p, strict=True)]
        shares.append(np.mean([said in decided for said in found]))
    assert shares[0] > 0.8
    assert shares[1] < 0.1


def test_no_number_of_pairs_helps_where_nothing_is_known_or_the_difference_is_exactly_nothing() -> None:
    assert math.isnan(more_pairs(1, 0.5, math.nan, 0.1, 1.96))
    assert math.isnan(more_pairs(20, 0.0, 1.0, 0.0, 1.96))
    assert math.isnan(more_pairs(20, 1e-6, 1.0, 0.0, 1.96))
    assert more_pairs(3, 5.0, 1e-9, 0.1, 1.96) == 3.0  # fewest_pairs


def test_the_bar_of_a_table_lies_between_that_of_a_row_and_that_of_independent_rows() -> None:
    rng = np.random.default_rng(9)
    alone, many = family(rng.normal(size=(1, 14))).bar, family(rng.normal(size=(200, 14))).bar
    alike = family(rng.normal(size=(1, 14)) + 1e-3 * rng.normal(size=(200, 14))).bar
    assert bar_alone(0.05) <= alone <= 2.1
    assert alike < many <= bar_alone(0.05 / 200)
