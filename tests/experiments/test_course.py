"""The course of a bad buzz, on counts whose answers are known by hand."""

from __future__ import annotations

import math

import pytest

from simulator.experiments.course import course
from simulator.parameters import InputError


def test_a_course_by_hand() -> None:
    found = course([10, 12, 30, 110, 60, 40, 19, 10, 15], usual=10)
    # above the usual: 0 2 20 100 50 30 9 0 5, alive above 10: days 2 to 5
    assert found == (200.0, 100.0, 3, 0.5, 1, 1.0, 4, False)


def test_half_life_lies_on_a_straight_line_between_days() -> None:
    assert course([100, 80, 30, 0]).half_life == pytest.approx(1.6)
    assert course([100, 0]).half_life == pytest.approx(0.5)


def test_a_course_that_is_not_over_says_so() -> None:
    found = course([0, 50, 100, 70])
    assert found.censored and math.isnan(found.half_life)
    assert (found.rise, found.duration, found.total) == (1, 3, 220.0)
    assert course([0, 50, 100, 40]).half_life == pytest.approx(50 / 60)


def test_one_day_is_a_course() -> None:
    assert course([0, 0, 7, 0]) == (7.0, 7.0, 2, 1.0, 0, 0.5, 1, False)


def test_other_days_noise_is_not_part_of_the_buzz() -> None:
    assert course([3, 0, 2, 100, 40, 4, 0, 9]).total == 140.0


@pytest.mark.parametrize("bad", [[], [1.0, -1.0], [1.0, math.nan], [[1.0]]])
def test_what_is_no_counts_is_refused(bad: list[float]) -> None:
    with pytest.raises(InputError, match="counts per day"):
        course(bad)


def test_without_more_than_usual_there_is_no_buzz() -> None:
    with pytest.raises(InputError, match="no day counts more than the usual 9"):
        course([9, 8, 9], usual=9)
