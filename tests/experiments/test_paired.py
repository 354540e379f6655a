"""Differences of paired runs and what may be said of them."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiments.paired import BETTER, HIGHER, LOWER, SAME, UNCLEAR, WORSE, paired_differences, verdict


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
