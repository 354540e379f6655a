"""Many figures looked at together: a table of nothing but luck rarely calls anything different."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiments.paired import familywise, paired_differences


def test_a_table_of_luck_is_called_different_in_at_most_five_percent_of_cases() -> None:
    rng, tables = np.random.default_rng(1), 400
    found = 0
    for _ in range(tables):
        shared = rng.normal(size=(1, 12))
        values = np.sinh(0.5 * rng.normal(size=(40, 12)) + 0.8 * shared)  # rows that hang together, with heavy tails
        found += bool((familywise(values) <= 0.05).any())
    assert found / tables <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / tables)
    assert found > 0


def test_a_true_difference_is_seen_among_many_rows_of_luck() -> None:
    values = np.random.default_rng(2).normal(size=(200, 20))
    values[7] += 2.0
    p = familywise(values)
    assert p[7] < 0.01
    assert (np.delete(p, 7) > 0.05).all()


def test_one_row_alone_is_tested_as_ever_and_company_only_costs() -> None:
    values = np.random.default_rng(3).normal(0.4, 1.0, size=(30, 9))
    alone = np.array([familywise(values[row : row + 1])[0] for row in range(30)])
    np.testing.assert_allclose(alone, paired_differences(values).p)
    assert (familywise(values) >= alone - 1e-12).all()


def test_unknown_pairs_are_left_out_and_equal_runs_are_never_different() -> None:
    values = np.vstack([np.zeros(8), np.full(8, np.nan), np.r_[1.0, np.full(7, np.nan)], np.arange(1.0, 9.0)])
    p = familywise(values)
    assert p[0] == 1.0
    assert np.isnan(p[1:3]).all()
    assert p[3] == pytest.approx(2 / 256)
