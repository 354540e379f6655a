"""Roles: who is appointed, what ambassadors answer, how much prescribers weigh, what journalists publish."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.rules.roles import Parameters, appoint, defend, weigh_prescribers
from simulator.rules.speaking import DEFENCE
from simulator.rules.telling import publishes
from simulator.world.consumers import Role
from simulator.world.graph import Layer
from simulator.world.market import Market
from simulator.world.messages import Started
from simulator.world.state import JOURNALIST, PRESCRIBER
from tests.rules.markets import market


def role(kind: str, *consumers: int, brand: str | None = None) -> Role:
    return Role.model_validate({"kind": kind, "consumers": list(consumers)} | ({"brand": brand} if brand else {}))


# -- appointing --------------------------------------------------------------------------------------------------------


def test_without_roles_nobody_has_any() -> None:
    m = market(5)
    appoint(m, ())
    assert len(m.role) == len(m.ambassador) == 0


def test_one_may_have_several_roles() -> None:
    m = market(6, ("Aurora", "Boreal"))
    entries = role("journalist", 1, 2), role("prescriber", 2, 3), role("ambassador", 3, 4, brand="Boreal")
    appoint(m, entries)
    assert m.role.tolist() == [0, JOURNALIST, JOURNALIST | PRESCRIBER, PRESCRIBER, 0, 0]
    assert m.ambassador.tolist() == [-1, -1, -1, 1, 1, -1]


def test_of_two_brands_to_defend_the_later_entry_holds() -> None:
    m = market(3, ("Aurora", "Boreal"))
    appoint(m, (role("ambassador", 1, brand="Boreal"), role("ambassador", 1, brand="Aurora")))
    assert m.ambassador.tolist() == [-1, 0, -1]


def test_equal_entries_draw_different_people_and_each_role_its_own() -> None:
    m = market(1000)
    drawn = Role(kind="journalist", consumers=50)
    appoint(m, (drawn,))
    first = m.role.copy()
    appoint(m, (drawn, drawn))
    assert first.sum() == 50 and (m.role[first > 0] > 0).all() and 90 < m.role.sum() <= 100
    appoint(m, (Role(kind="prescriber", consumers=50),))
    assert 0 <= (first & (m.role // PRESCRIBER)).sum() < 15


# -- prescribers -------------------------------------------------------------------------------------------------------


def test_ties_from_prescribers_weigh_more() -> None:
    m = market(4)
    ties = Layer(np.array([0, 2, 3, 3, 4]), np.array([1, 2, 2, 0], np.int32))  # 0 tells 1 and 2, 1 tells 2, 3 tells 0
    m.graph.layers = (ties, *m.graph.layers[1:])
    m.proof_total = np.array([1024, 1024, 2048, 0], np.int32)
    appoint(m, (role("prescriber", 0),))
    weigh_prescribers(m, (1024, 1024, 0), (5120, 5120, 0))
    assert m.proof_total.tolist() == [1024, 5120, 6144, 0]


def test_where_heads_are_counted_everybody_counts_once() -> None:
    m = market(4)
    m.graph.complete = True
    m.proof_total = np.full(4, 3, np.int32)
    appoint(m, (role("prescriber", 0),))
    weigh_prescribers(m, (1024, 1024, 0), (5120, 5120, 0))
    assert m.proof_total.tolist() == [3] * 4


def test_too_heavy_a_weight_is_said_not_wrapped() -> None:
    m = market(2)
    m.graph.layers = (Layer(np.array([0, 1, 1]), np.array([1], np.int32)), *m.graph.layers[1:])
    m.proof_total = np.array([0, 2**31 - 1], np.int32)
    appoint(m, (role("prescriber", 0),))
    with pytest.raises(OverflowError, match=r"roles\.prescriber_weight"):
        weigh_prescribers(m, (1024, 0, 0), (5120, 0, 0))


# -- journalists -------------------------------------------------------------------------------------------------------


def test_only_journalists_publish_and_only_what_is_hot() -> None:
    roles = np.array([0, JOURNALIST, PRESCRIBER, JOURNALIST | PRESCRIBER], np.uint8)
    assert [bool(publishes.python(roles, i, 0.5, 0.4)) for i in range(4)] == [False, True, False, True]
    assert not publishes.python(roles, 1, 0.4, 0.4)
    assert not publishes.python(roles, 1, 1.0, 1.0)
    assert not publishes.python(np.zeros(0, np.uint8), 1, 1.0, 0.0)


# -- ambassadors -------------------------------------------------------------------------------------------------------

ALWAYS = Parameters(defends=1.0, defence_arousal=0.3)


def heard(m: Market, consumer: int, valence: int, *, day: int, brand: int = 0, author: bool = False) -> None:
    """A message that somebody tells `consumer` on a day, or that she starts herself."""
    messages = m.messages
    first = messages.number(Started.one(messages.count, -1, brand, valence, 0, 0.5, np.nan, -1), day)
    messages.room_for_entries(2)
    for who, parent in ((0, -1), (consumer, messages.entries)) if not author else ((consumer, -1),):
        at = messages.entries
        messages.entry_message[at], messages.entry_consumer[at] = first[0], who
        messages.entry_parent[at], messages.entry_day[at] = parent, day
        messages.entries += 1


def guarded(day: int = 5) -> Market:
    """Consumer 2 defends Aurora, consumer 3 Boreal."""
    m = market(5, ("Aurora", "Boreal"))
    m.day = day
    m.state.expectation[2, 0] = 0.8
    appoint(m, (role("ambassador", 2, brand="Aurora"), role("ambassador", 3, brand="Boreal")))
    return m


def test_an_ambassador_answers_what_she_heard_yesterday_against_her_brand() -> None:
    m = guarded()
    heard(m, 2, -1, day=4)
    heard(m, 2, -1, day=4)
    defend(m, ALWAYS)
    ((answer, first),) = m.messages.pending  # once a day
    assert first.tolist() == answer.author.tolist() == [2]
    assert (answer.brand[0], answer.valence[0], answer.origin[0], answer.arousal[0]) == (0, 1, DEFENCE, 0.3)
    assert answer.level[0] == np.float32(0.8) and answer.topic[0] == -1


@pytest.mark.parametrize(
    ("consumer", "what"),
    [
        (2, {"valence": 1, "day": 4}), (2, {"valence": -1, "day": 3}), (2, {"valence": -1, "day": 4, "brand": 1}),
        (1, {"valence": -1, "day": 4}), (3, {"valence": -1, "day": 4}), (2, {"valence": -1, "day": 4, "author": True}),
    ],
    ids=["praise", "long ago", "another brand", "no ambassador", "ambassador of another brand", "her own words"],
)  # fmt: skip
def test_an_ambassador_answers_nothing_else(consumer: int, what: dict[str, int]) -> None:
    m = guarded()
    heard(m, consumer, **what)  # type: ignore[arg-type]  # the flag is a bool
    defend(m, ALWAYS)
    assert m.messages.pending == []


def test_at_defends_0_nobody_defends_and_at_half_about_half_do() -> None:
    counts = {}
    for defends in (0.0, 0.5, 1.0):
        m = market(1000)
        m.day = 1
        appoint(m, (Role.model_validate({"kind": "ambassador", "consumers": list(range(1, 1000)), "brand": "Aurora"}),))
        for i in range(1, 1000):
            heard(m, i, -1, day=0)
        defend(m, Parameters(defends=defends))
        counts[defends] = len(m.messages.pending)
    assert counts[0.0] == 0 and counts[1.0] == 999 and 430 < counts[0.5] < 570
