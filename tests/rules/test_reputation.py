"""Reputation: what is said in public adds up, by whom it reaches."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from simulator.rules.reputation import Parameters, off, reputation_after, weigh
from simulator.world.graph import Layer, SocialGraph
from simulator.world.market import Market
from simulator.world.messages import Mentions
from tests.rules.markets import market, said

RULES = Parameters(build=0.5, loss=1.5)


def heard_by(audiences: list[int], brands: tuple[str, ...] = ("Aurora",)) -> Market:
    """Consumers with these audiences, all of followers."""
    m = market(len(audiences), brands)
    start = np.concatenate([[0], np.cumsum(audiences)]).astype(np.int64)
    follow = Layer(start, np.zeros(int(start[-1]), np.int32))
    m.graph = SocialGraph(m.n, m.graph.keys, (Layer.empty(m.n), Layer.empty(m.n), follow), np.zeros(m.n, np.int32))
    return m


def test_praise_builds_and_blame_wears_off_by_the_audience_of_who_says_it() -> None:
    for valence, expected in ((1, 0.5 + 0.5 * -math.expm1(-0.5 * 7 / 4)), (-1, 0.5 - 0.5 * -math.expm1(-1.5 * 7 / 4))):
        m = heard_by([7, 1, 0, 2])
        m.messages.mentions = said([0], valence)
        weigh(m, RULES)
        assert m.anchor[0, 0] == np.float32(expected)


def test_who_reaches_nobody_moves_nothing() -> None:
    m = heard_by([7, 1, 0, 2])
    m.messages.mentions = said([2, 2, 2], -1)
    weigh(m, RULES)
    assert m.anchor[0, 0] == np.float32(0.5)


def test_where_nobody_speaks_nothing_moves() -> None:
    m = heard_by([7, 1, 0, 2])
    m.messages.mentions = Mentions.none()
    weigh(m, RULES)
    assert m.anchor[0, 0] == np.float32(0.5)


def test_on_a_complete_graph_everybody_reaches_all_others() -> None:
    m = market(5)
    m.graph.complete = True
    m.messages.mentions = said([3], 1)
    weigh(m, RULES)
    assert m.anchor[0, 0] == np.float32(0.5 + 0.5 * -math.expm1(-0.5 * 4 / 5))


def test_each_segment_and_brand_moves_from_where_it_stands() -> None:
    m = heard_by([4, 0], ("Aurora", "Boreal"))
    m.segments, m.anchor = ("most", "few"), np.array([[0.2, 0.5], [0.9, 0.5]], np.float32)
    m.messages.mentions = said([0], 1)
    weigh(m, RULES)
    up = -math.expm1(-0.5 * 4 / 2)
    assert m.anchor[:, 0].tolist() == pytest.approx([0.2 + up * 0.8, 0.9 + up * 0.1], abs=1e-7)
    assert m.anchor[:, 1].tolist() == [0.5, 0.5]


def test_the_order_of_what_is_said_is_immaterial() -> None:
    results = []
    for tellers in ([0, 1, 3], [3, 0, 1]):
        m = heard_by([7, 1, 0, 2])
        m.messages.mentions = said(tellers, -1)
        weigh(m, RULES)
        results.append(m.anchor.tobytes())
    assert results[0] == results[1]


def test_as_much_blame_as_praise_costs_reputation() -> None:
    m = heard_by([7, 7, 0, 0])
    both = said([0], 1), said([1], -1, first=1)
    m.messages.mentions = Mentions(*(np.concatenate([getattr(part, name) for part in both]) for name in Mentions.__dataclass_fields__))
    weigh(m, Parameters())
    assert m.anchor[0, 0] < np.float32(0.5)


@given(value=some.floats(0, 1), up=some.floats(0, 1), down=some.floats(0, 1))
def test_reputation_stays_between_nothing_and_all(value: float, up: float, down: float) -> None:
    assert -1e-12 <= reputation_after.python(value, up, down) <= 1 + 1e-12
    assert reputation_after.python(value, 0.0, 0.0) == value


def test_it_is_off_only_if_neither_praise_nor_blame_counts() -> None:
    assert off(Parameters(build="off", loss="off"))
    assert not off(Parameters(build="off")) and not off(Parameters(loss="off"))
    m = heard_by([7, 1, 0, 2])
    m.messages.mentions = said([0, 1], -1)
    weigh(m, Parameters(build=0.0, loss=0.0))
    assert m.anchor[0, 0] == np.float32(0.5)
