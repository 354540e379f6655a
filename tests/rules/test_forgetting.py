"""Forgetting: half-lives, and trust that drifts back to the reputation."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from simulator.rules.forgetting import Parameters, forget, off
from tests.rules.markets import market


@pytest.mark.parametrize("name", ["awareness", "irritation", "knowledge", "satisfaction"])
def test_after_a_half_life_half_is_left(name: str) -> None:
    m = market(3, ("Aurora", "Boreal"))
    getattr(m.state, name)[:] = 0.8
    for _ in range(10):
        forget(m, Parameters(**{name: 10.0}))
    assert getattr(m.state, name) == pytest.approx(np.full((3, 2), 0.4), abs=1e-6)


def test_trust_drifts_to_the_reputation_in_her_segment() -> None:
    m = market(4)
    m.segments, m.anchor = ("most", "few"), np.array([[0.5], [0.9]], np.float32)
    m.consumers.segment[2:] = 1
    m.state.trust[:] = 0.1
    for _ in range(120):
        forget(m, Parameters())
    assert m.state.trust[:, 0].tolist() == pytest.approx([0.3, 0.3, 0.5, 0.5], abs=1e-5)


def test_insight_fades() -> None:
    m = market(1)
    m.brands.insight[0] = 0.6
    forget(m, Parameters(insight=1.0))
    assert m.brands.insight[0] == pytest.approx(0.3)


def test_infinite_half_lives_change_nothing() -> None:
    never = Parameters(**dict.fromkeys(Parameters.model_fields, math.inf))
    assert off(never)
    assert not off(Parameters())
    m = market(5)
    m.state.trust[:], m.state.awareness[:], m.state.irritation[:], m.brands.insight[0] = 0.123, 0.4, 0.7, 0.3
    before, insight = copy.deepcopy(m.state), m.brands.insight.copy()
    forget(m, never)
    for name in ("trust", "awareness", "irritation"):
        assert np.array_equal(getattr(m.state, name), getattr(before, name))
    assert np.array_equal(insight, m.brands.insight)
    assert Parameters(awareness="off").awareness == math.inf


@pytest.mark.compiled
def test_two_threads_forget_alike() -> None:
    results = []
    for threads in (1, 2):
        m = market(40_000, ("Aurora", "Boreal"))
        m.threads = threads
        m.state.awareness[:] = np.linspace(0, 1, 80_000).reshape(40_000, 2)
        m.state.trust[:] = m.state.awareness
        forget(m, Parameters())
        results.append((m.state.awareness.tobytes(), m.state.trust.tobytes()))
    assert results[0] == results[1]
