"""Trees on rings: generations on their circles, subtrees in their own slices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.report.radial import generations_of, radial

TREES = st.lists(st.integers(0, 10_000), min_size=1, max_size=60).map(
    lambda draws: np.array([-1 if place == 0 else draw % (place + 1) - 1 for place, draw in enumerate(draws)], np.int32)
)
"""Any forest in which parents come first; those of several first tellers are joined by an event."""


def test_a_line_is_a_ray_and_a_star_a_circle() -> None:
    x, y = radial(np.array([-1, 0, 1, 2], np.int32), event=False)
    np.testing.assert_allclose(np.hypot(x, y), [0, 1, 2, 3])
    np.testing.assert_allclose(np.arctan2(y[1:], x[1:]), np.arctan2(y[1], x[1]))
    x, y = radial(np.array([-1, -1, -1, -1], np.int32), event=True)
    np.testing.assert_allclose(np.hypot(x, y), 1.0)
    np.testing.assert_allclose(np.sort(np.degrees(np.arctan2(y, x)) % 360), [45, 135, 225, 315])


@given(TREES)
def test_each_generation_stands_on_its_ring(parent: np.ndarray) -> None:
    x, y = radial(parent, event=True)
    np.testing.assert_allclose(np.hypot(x, y), generations_of(parent, event=True), atol=1e-9)


@given(TREES)
def test_no_two_consumers_share_a_place(parent: np.ndarray) -> None:
    x, y = radial(parent, event=True)
    assert len({(round(a, 6), round(b, 6)) for a, b in zip(x.tolist(), y.tolist(), strict=True)}) == len(parent)


@given(TREES)
def test_no_lines_cross(parent: np.ndarray) -> None:
    """The slice of a subtree holds all its angles, and slices of one teller's hearers do not overlap."""
    x, y = radial(parent, event=True)
    angle = np.arctan2(y, x) % (2 * np.pi)
    members = [[entry] for entry in range(len(parent))]
    for entry in range(len(parent) - 1, -1, -1):
        if parent[entry] >= 0:
            members[parent[entry]] += members[entry]
    for teller in {int(p) for p in parent}:
        spans = sorted((angle[members[child]].min(), angle[members[child]].max()) for child in np.flatnonzero(parent == teller))
        assert all(one[1] < other[0] for one, other in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize("event", [True, False])
def test_one_consumer_alone_is_drawn(event: bool) -> None:
    x, y = radial(np.array([-1], np.int32), event)
    assert np.hypot(x, y).tolist() == [float(event)]
