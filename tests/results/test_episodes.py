"""Bad-buzz episodes on hand-made days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.results.cascades import reproduction, trees
from simulator.results.episodes import COLUMNS, bad_buzz, find_episodes, floor_of, recovery, reproduction_of, runs


def found(negative: list[float], positive: float = 10.0, floor: float = 5.0) -> list[int]:
    """Days inside an episode where all that is said is said in public."""
    bad = np.array(negative, float)
    return bad_buzz(bad, np.full(len(bad), positive), bad, floor).tolist()


QUIET = [2.0, 3.0, 1.0, 2.0, 2.0]


def test_an_episode_starts_above_the_baseline_and_ends_below_a_tenth_of_its_peak() -> None:
    assert found([*QUIET, 50, 200, 100, 40, 21, 19, 2]) == [0] * 5 + [1, 1, 1, 1, 1, 0, 0]


def test_negatives_must_be_the_majority() -> None:
    assert found([*QUIET, 50], positive=60.0) == [0] * 6
    assert found([*QUIET, 50], positive=49.0) == [0] * 5 + [1]


def test_the_majority_is_that_of_public_mentions_not_of_tellings() -> None:
    tellings, nobody = np.array([*QUIET, 50.0]), np.zeros(6)
    loud = np.array([0.0] * 5 + [3.0])
    assert bad_buzz(tellings, nobody, loud, 5.0).tolist() == [0] * 5 + [1]
    assert bad_buzz(tellings, loud, loud, 5.0).tolist() == [0] * 6  # as much praise as blame
    assert bad_buzz(tellings, nobody, nobody, 5.0).tolist() == [0] * 6  # all of it told in private
    assert bad_buzz(nobody, nobody, 100 * loud, 5.0).tolist() == [0] * 6  # shouted, and heard by nobody


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
    assert (row["recovery_days"], row["censored"]) == (3, False)
    assert (row["trigger"], row["trigger_origin"], row["trigger_size"]) == (-1, "", 0)


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        ([0.5, 0.4, 0.3, 0.45, 0.48, 0.5], (3, False)),  # lost .2, back at .48
        ([0.5, 0.4, 0.3, 0.45, 0.47, 0.47], (5, True)),  # not yet: the days so far
        ([0.5, 0.5, 0.55, 0.6, 0.5, 0.5], (0, False)),  # nothing was lost
        ([0.5, 0.49, 0.5, 0.3, 0.3, 0.5], (4, False)),  # the lowest point counts, not the first step back
    ],
)
def test_recovery_runs_from_the_start_until_nine_tenths_of_the_lost_trust_are_back(trust: list[float], expected: tuple[int, bool]) -> None:
    assert recovery(np.array(trust), 0.5, 1, len(trust)) == expected


def test_what_a_later_episode_takes_is_not_lost_in_the_earlier_one() -> None:
    trust = [0.5, 0.4, 0.5, 0.5, 0.1, 0.1]
    table = find_episodes(daily(trust, [0, 9, 0, 0, 9, 9], [0, 1, 0, 0, 1, 1]))
    assert table["recovery_days"].tolist() == [1, 2]
    assert table["censored"].tolist() == [False, True]


def test_trust_before_an_episode_on_the_first_day_is_that_of_the_opening() -> None:
    table = daily([0.4, 0.5], [9, 0], [1, 0])
    assert np.isnan(find_episodes(table)["recovery_days"].iloc[0])
    row = find_episodes(table.assign(trust_change=[-0.1, 0.0])).iloc[0]
    assert (row["trust_lost_peak"], row["recovery_days"]) == (pytest.approx(0.1), 1)


def log() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Messages 0 and 3 of blame about A, 1 of praise, 2 about B; who told whom and when."""
    messages = pd.DataFrame({
        "message": [0, 1, 2, 3], "day": [1, 1, 1, 0], "brand": ["A", "A", "B", "A"], "valence": [-1, 1, -1, -1], "author": [-1, 4, 4, 4],
        "origin": ["scandal", "standing", "standing", "experience"], "size": [5, 2, 2, 3],
    })  # fmt: skip
    rows = [(3, 0, 4, 8), (3, 0, 4, 9), (0, 1, 0, 5), (1, 1, 4, 6), (2, 1, 4, 7), (3, 1, 9, 5), (0, 2, 5, 6), (0, 2, 0, 7), (0, 4, 7, 8)]
    return messages, pd.DataFrame(rows, columns=["message", "day", "teller", "hearer"])


def test_people_reached_are_counted_once() -> None:
    table = find_episodes(daily([0.5] * 5, [0, 9, 9, 0, 1], [0, 1, 1, 0, 0]), *log(), consumers=10)
    assert table["reached"].tolist() == [0.3]  # 5 twice, 6 and 7; 8 heard of it before and after


def test_the_trigger_is_the_message_of_blame_most_told_inside_the_episode() -> None:
    messages, tellings = log()
    episode = find_episodes(daily([0.5] * 5, [0, 9, 9, 0, 1], [0, 1, 1, 0, 0]), messages, tellings, consumers=10).iloc[0]
    assert episode[["trigger", "trigger_origin", "trigger_tellings", "trigger_size"]].tolist() == [0, "scandal", 3, 5]
    before = find_episodes(daily([0.5] * 5, [9, 0, 0, 0, 0], [1, 0, 0, 0, 0]), messages, tellings, consumers=10).iloc[0]
    assert before[["trigger", "trigger_origin", "trigger_tellings"]].tolist() == [3, "experience", 2]
    assert reproduction_of(episode, messages, tellings)["children"].tolist() == [2, 2, 0]
    by_day = reproduction_of(episode, messages, tellings, by="day")
    pd.testing.assert_frame_equal(by_day, reproduction(trees(messages[messages["message"] == 0], tellings), by="day"))
    assert not len(reproduction_of(before.replace(3, -1), messages, tellings))


def test_an_episode_that_goes_on_is_not_over_and_none_is_an_empty_table() -> None:
    assert find_episodes(daily([0.5, 0.4], [0, 9], [0, 1]))["over"].tolist() == [False]
    empty = find_episodes(daily([0.5, 0.4], [0, 9], [0, 0]))
    assert len(empty) == 0 and empty.columns.tolist() == list(COLUMNS) and empty["over"].dtype == bool
