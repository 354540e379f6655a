"""Reputation and resonance, with pencil and paper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simulator.results.standing import public_values, reputation, resonance


def market(values: list[list[float]], audience: list[int], segment: list[int]) -> Any:
    n = len(segment)
    return SimpleNamespace(
        n=n, values=np.array(values, float).reshape(2, -1), audience=np.array(audience), segments=("young", "old"),
        consumers=SimpleNamespace(segment=np.array(segment, np.int16)), people_in_segments=np.bincount(segment, minlength=2),
        anchor=np.array([[0.4, 0.5], [0.8, 0.5]], np.float32),
    )  # fmt: skip


def test_reputation_is_the_mean_over_consumers_of_what_trust_drifts_to() -> None:
    assert reputation(market([], [1, 1, 1, 1], [0, 0, 0, 1])).tolist() == pytest.approx([0.5, 0.5])
    assert reputation(market([], [9, 1, 1, 1], [0, 0, 0, 1])).tolist() == pytest.approx([0.5, 0.5])  # who they reach is in the anchor


def test_values_count_by_audience() -> None:
    assert public_values(market([[1, 0], [0, 1]], [3, 5, 7], [0, 1, 1])).tolist() == [3.0, 12.0]
    assert public_values(market([[1, 0], [0, 1]], [3, 0, 0], [0, 1, 1])).tolist() == [3.0, 0.0]  # who reaches nobody is not heard


@pytest.mark.parametrize(
    ("conduct", "expected"),
    [((2, 0), 1.0), ((0, 3), 0.0), ((-1, 0), -1.0), ((1, 1), 0.5**0.5), ((0, 0), np.nan), ((np.nan, np.nan), np.nan)],
)
def test_resonance_is_a_matter_of_direction_alone(conduct: tuple[float, float], expected: float) -> None:
    for size in (0.1, 1.0, 70.0):
        assert resonance(np.array([conduct], float), size * np.array([4.0, 0.0]))[0] == pytest.approx(expected, nan_ok=True)


def test_without_values_nothing_resonates() -> None:
    assert public_values(market([], [1, 1], [0, 1])).shape == (0,)
    assert np.isnan(resonance(np.zeros((3, 0)), np.zeros(0))).tolist() == [True] * 3
    assert np.isnan(resonance(np.ones((1, 2)), np.zeros(2))).all()  # values that cancel out
