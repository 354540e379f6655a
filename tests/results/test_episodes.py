"""Bad-buzz episodes on hand-made days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.results.episodes import COLUMNS, bad_buzz, find_episodes, floor_of, runs


def found(negative: list[float], positive: float | list[float] = 10.0, floor: float = 5.0) -> list[int]:
    good = np.full(len(negative), positive) if isinstance(positive, float) else np.array(positive)
    return bad_buzz(good, np.array(negative, float), floor).tolist()


QUIET = [2.0, 3.0, 1.0, 2.0, 2.0]


def test_an_episode_starts_above_the_baseline_and_ends_below_a_tenth_of_its_peak() -> None:
    assert found([*QUIET, 50, 200, 100, 40, 21, 19, 2]) == [0] * 5 + [1, 1, 1, 1, 1, 0, 0]


def test_negatives_must_be_the_majority() -> None:
    assert found([*QUIET, 50], positive=60.0) == [0] * 6
    assert found([*QUIET, 50], positive=49.0) == [0] * 5 + [1]


def test_small_numbers_are_no_bad_buzz() -> None:
    assert found([0, 0, 0, 4, 0], positive=0.0) == [0] * 5
    assert found([0, 0, 0, 5, 0], positive=0.0) == [0, 0, 0, 1, 0]
    assert floor_of(100) == 5 and floor_of(4000) == 40 and floor_of(1_000_000) == 10_000


def test_three_standard_deviations_are_needed() -> None:
    wild = [0.0, 40.0] * 10  # mean 20, sd 20
    assert found([*wild, 80.0], positive=45.0)[-1] == 0
    assert found([*wild, 81.0], positive=45.0)[-1] == 1


def test_everyday_complaints_above_a_tenth_of_the_peak_end_an_episode_too() -> None:
    assert found([30.0] * 10 + [100, 60, 29, 30], positive=50.0) == [0] * 10 + [1, 1, 0, 0]


def test_days_inside_an_episode_do_not_become_the_baseline() -> None:
    first = [*QUIET, 100, 100, 100, 3, 2, 2]
    assert found([*first, 60], positive=10.0)[-1] == 1


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(0, 60))
def test_what_comes_later_changes_nothing_before(negative: list[int], cut: int) -> None:
    values = [float(x) for x in negative]
    assert found(values)[:cut] == found(values[:cut])


@given(st.lists(st.integers(0, 1), max_size=30))
def test_runs_cover_the_ones(inside: list[int]) -> None:
    covered = [0] * len(inside)
    for first, last in runs(np.array(inside, np.int8)):
        covered[first : last + 1] = [1] * (last + 1 - first)
        assert last + 1 == len(inside) or not inside[last + 1]
    assert covered == inside


def daily(trust: list[float], negative: list[float], inside: list[int]) -> pd.DataFrame:
    rows = range(len(trust))
    return pd.DataFrame({"day": rows, "brand": "A", "trust": trust, "tellings_negative": negative, "bad_buzz": inside})


def test_an_episode_is_described_by_its_days_its_tellings_and_the_trust_it_cost() -> None:
    table = find_episodes(daily([0.6, 0.5, 0.4, 0.45, 0.6], [1, 30, 50, 7, 1], [0, 1, 1, 1, 0]))
    assert table.columns.tolist() == list(COLUMNS)
    row = table.iloc[0]
    assert (row["brand"], row["start"], row["peak"], row["end"], row["over"]) == ("A", 1, 2, 3, True)
    assert (row["tellings"], row["peak_tellings"]) == (87, 50)
    assert row["trust_lost_peak"] == pytest.approx(0.2)
    assert np.isnan(row["trust_lost_90"]) and np.isnan(row["reached"])


def test_people_reached_are_counted_once() -> None:
    messages = pd.DataFrame({"message": [0, 1, 2], "brand": ["A", "A", "B"], "valence": [-1, 1, -1]})
    tellings = pd.DataFrame({"message": [0, 0, 1, 2, 0], "day": [1, 2, 1, 1, 4], "hearer": [5, 5, 6, 7, 8]})
    table = find_episodes(daily([0.5] * 5, [0, 9, 9, 0, 1], [0, 1, 1, 0, 0]), messages, tellings, consumers=10)
    assert table["reached"].tolist() == [0.1]


def test_an_episode_that_goes_on_is_not_over_and_none_is_an_empty_table() -> None:
    assert find_episodes(daily([0.5, 0.4], [0, 9], [0, 1]))["over"].tolist() == [False]
    empty = find_episodes(daily([0.5, 0.4], [0, 9], [0, 0]))
    assert len(empty) == 0 and empty.columns.tolist() == list(COLUMNS) and empty["over"].dtype == bool
