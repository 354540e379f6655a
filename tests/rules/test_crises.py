"""Crises and answers: what happens, what is said to it, what that costs and does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.rules import answers
from simulator.rules.answers import APOLOGY, COMPENSATION, DENIAL, SILENCE, multipliers
from simulator.rules.crises import FOR_GOOD, FalseRumour, Matrix, Parameters, Response, Scandal, ServiceFailure, expose, recover
from simulator.rules.speaking import FALSE_RUMOUR, SCANDAL
from simulator.world.crisis import Crises
from simulator.world.market import Market
from simulator.world.state import ANSWERS, CLUSTERS, NEVER, Action
from tests.rules.markets import market

NEVER_FADES = Parameters(fading=math.inf, exposure=0.0)


def scandal(m: Market, *, key: int = 7, **settings: Any) -> int:
    """A scandal strikes Aurora today; its number."""
    event = {"kind": "scandal", "day": m.day, "brand": "Aurora", "severity": 0.8, "tellers": [1, 2]} | settings
    Scandal.model_validate(event).act(m, key)
    return len(m.crises) - 1


def failure(m: Market, days: int = 5, severity: float = 0.3) -> int:
    ServiceFailure(kind="service_failure", day=m.day, brand="Aurora", severity=severity, days=days).act(m, 8)
    return len(m.crises) - 1


def say(m: Market, answer: str, rules: Parameters = NEVER_FADES) -> None:
    """The scenario lets Aurora answer today."""
    Response.model_validate({"kind": "response", "day": m.day, "brand": "Aurora", "answer": answer}).act(m, 9)
    answers.respond(m, rules)


# -- what happens ------------------------------------------------------------------------------------------------------


def test_a_scandal_is_a_story_of_blame_about_a_crisis() -> None:
    m = market()
    number = scandal(m, cluster="accidental")
    ((message, tellers),) = m.messages.pending
    assert (message.valence[0], message.arousal[0], message.origin[0], message.author[0], message.topic[0]) == (
        -1,
        0.8,
        SCANDAL,
        -1,
        number,
    )
    assert tellers.tolist() == m.crises[number].tellers.tolist() == [1, 2]
    assert CLUSTERS[m.crises[number].cluster] == "accidental" and m.crises[number].fault
    assert m.brands.failure[0] == 0.0 and m.crises[number].answer == SILENCE


def test_what_is_done_to_a_brand_is_not_its_fault() -> None:
    m = market()
    assert not m.crises[scandal(m, cluster="victim")].fault
    FalseRumour(kind="false_rumour", day=0, brand="Aurora", severity=0.5, tellers=(1,)).act(m, 7)
    assert not m.crises[1].fault and CLUSTERS[m.crises[1].cluster] == "victim"
    assert m.messages.pending[1][0].origin[0] == FALSE_RUMOUR


def test_damage_stays_until_it_is_repaired_and_a_failure_ends_on_its_day() -> None:
    m = market()
    scandal(m, damage=0.2)
    assert m.brands.failure[0] == 0.2 and m.brands.failing_until[0] == FOR_GOOD
    failure(m, days=3)
    for day in range(1, 5):
        m.day = day
        recover(m)
        assert m.brands.failure[0] == (0.3 if day < 3 else 0.0)


def test_the_running_failure_belongs_to_the_latest_that_set_it() -> None:
    m = market()
    assert answers.running_failures(m).tolist() == [-1]
    broken = scandal(m, damage=0.2)
    scandal(m)  # a story that damages nothing
    assert answers.running_failures(m).tolist() == [broken]
    later = failure(m)
    assert answers.running_failures(m).tolist() == [later]
    m.brands.failure[0] = 0.0
    assert answers.running_failures(m).tolist() == [-1]


# -- what an answer does -----------------------------------------------------------------------------------------------


def test_silence_changes_nothing() -> None:
    m = market()
    scandal(m)
    assert multipliers(m, Parameters()).tolist() == [1.0, 1.0]
    say(m, "silence")
    assert multipliers(m, Parameters()).tolist() == [1.0, 1.0] and m.spending == [] and m.crises[0].answered_day == NEVER


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("answer", ANSWERS[1:])
def test_an_answer_of_the_day_does_what_the_matrix_says(answer: str, cluster: str) -> None:
    m, rules = market(), NEVER_FADES
    scandal(m, cluster=cluster)
    say(m, answer)
    assert multipliers(m, rules).tolist() == [getattr(getattr(rules.matrix, answer), cluster), 1.0]


def test_the_longer_a_brand_waits_the_less_its_answer_does() -> None:
    said = []
    for delay in (0, 1, 3, 30):
        m = market()
        scandal(m)
        m.day = delay
        say(m, "apology", Parameters(fading=3.0))
        said.append(multipliers(m, Parameters(fading=3.0))[0])
    assert said == pytest.approx([1.0 - 0.4 * math.exp(-delay / 3.0) for delay in (0, 1, 3, 30)])
    assert said[-1] == pytest.approx(1.0, abs=1e-4)


def test_late_compensation_has_its_own_row() -> None:
    for delay, row in ((7, "compensation"), (8, "compensation_late")):
        m = market()
        scandal(m)
        m.day = delay
        say(m, "compensation")
        assert multipliers(m, NEVER_FADES)[0] == getattr(NEVER_FADES.matrix, row).preventable


def test_with_a_matrix_of_ones_every_answer_is_silence() -> None:
    ones = {row: dict.fromkeys(CLUSTERS, "off") for row in Matrix.model_fields}
    rules = Parameters.model_validate({"matrix": ones})
    for answer in ANSWERS:
        m = market()
        scandal(m)
        say(m, answer, rules)
        assert multipliers(m, rules).tolist() == [1.0, 1.0]


def test_a_later_answer_replaces_an_earlier_one_and_the_same_is_given_once() -> None:
    m, rules = market(), NEVER_FADES
    scandal(m)
    for day, answer in ((0, "denial"), (1, "denial"), (2, "apology")):
        m.day = day
        say(m, answer)
    assert (m.crises[0].answer, m.crises[0].answered_day) == (APOLOGY, 2)
    assert [line for _, _, line, _, _ in m.spending] == ["response", "response"]
    m.day = 3
    scandal(m, key=8)
    say(m, "apology")
    assert [crisis.answered_day for crisis in m.crises] == [2, 3]
    say(m, "silence", rules)
    assert multipliers(m, rules).tolist() == [1.0, 1.0, 1.0]


# -- denial ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cluster", "answer"), [("victim", "denial"), ("preventable", "explanation"), ("preventable", "silence")])
def test_only_the_denial_of_a_true_fault_can_be_exposed(cluster: str, answer: str) -> None:
    m, sure = market(), Parameters(exposure=1.0)
    scandal(m, cluster=cluster)
    say(m, answer, sure)
    m.day, m.messages.pending = 1, []
    expose(m, sure)
    assert m.messages.pending == [] and m.crises[0].exposed_day == NEVER


def test_an_exposed_denial_starts_the_story_again_and_works_by_its_own_row() -> None:
    m, sure = market(), Parameters(exposure=1.0)
    scandal(m)
    ((first, _),) = m.messages.pending
    m.messages.pending = []
    say(m, "denial", sure)
    expose(m, sure)
    assert m.messages.pending == []  # not on the day of the denial
    for day in (1, 2):
        m.day = day
        expose(m, sure)
    ((again, tellers),) = m.messages.pending  # once
    assert (again.origin[0], again.topic[0], again.arousal[0], tellers.tolist()) == (SCANDAL, 0, 0.8, [1, 2])
    assert again.key[0] != first.key[0] and m.crises[0].exposed_day == 1
    assert multipliers(m, sure)[0] == sure.matrix.denial_exposed.preventable
    say(m, "apology", NEVER_FADES)
    assert multipliers(m, NEVER_FADES)[0] == NEVER_FADES.matrix.apology.preventable


def test_a_failure_that_nobody_told_is_exposed_without_a_story() -> None:
    m, sure = market(), Parameters(exposure=1.0)
    failure(m)
    say(m, "denial", sure)
    m.day = 1
    expose(m, sure)
    assert m.crises[0].exposed_day == 1 and m.messages.pending == []


def test_exposure_happens_at_its_rate_and_never_at_0() -> None:
    days = []
    for key in range(400):
        m = market(3)
        scandal(m, key=key)
        say(m, "denial")
        while m.crises[0].exposed_day == NEVER and m.day < 200:
            m.day += 1
            expose(m, Parameters(exposure=0.1))
        days.append(m.crises[0].exposed_day)
    assert NEVER not in days and np.mean(days) == pytest.approx(10.0, abs=4 * 9.5 / 20)
    expose(m, Parameters(exposure="off"))
    assert m.crises[0].exposed_day == days[-1]


# -- money -------------------------------------------------------------------------------------------------------------


def test_every_answer_has_its_price() -> None:
    for answer, lines in (
        ("explanation", [("response", 50_000)]),
        ("compensation", [("response", 50_000), ("compensation", 500_000)]),
        ("apology", [("response", 50_000)]),  # nothing to repair
    ):
        m = market()
        scandal(m)
        say(m, answer)
        assert [(line, cents) for _, _, line, _, cents in m.spending] == lines


def test_an_apology_pays_for_the_repair_of_what_fails() -> None:
    m, rules = market(), Parameters(repair_days=4)
    scandal(m, damage=0.2)
    m.day = 10
    say(m, "apology", rules)
    assert [line for _, _, line, _, _ in m.spending] == ["response", "repair"]
    for m.day in range(11, 16):
        recover(m)
        assert m.brands.failure[0] == (0.2 if m.day < 14 else 0.0)


def test_a_repair_never_makes_a_failure_last_longer() -> None:
    m = market()
    failure(m, days=3)
    say(m, "apology", Parameters(repair_days=14))
    assert m.brands.failing_until[0] == 3


def test_an_apology_for_something_else_repairs_nothing() -> None:
    m = market()
    failure(m, days=30)
    say(m, "apology")
    m.day = 1
    scandal(m, key=8)
    m.brands.failing_until[0] = 30
    say(m, "apology")  # of the scandal only: the failure has its apology
    assert m.brands.failing_until[0] == 30 and [line for _, _, line, _, _ in m.spending] == ["response", "repair", "response"]


def test_a_response_waits_until_the_purse_holds_all_of_its_price() -> None:
    m = market(money=549_999)
    scandal(m)
    say(m, "compensation")
    assert m.responses == [(0, COMPENSATION)] and m.spending == [] and m.crises[0].answer == SILENCE
    m.day, m.brands.accrued[0] = 3, 550_000
    answers.respond(m, NEVER_FADES)
    assert m.responses == [] and m.crises[0].answered_day == 3 and m.purse(0) == 0


def test_a_response_to_nothing_is_free_and_forgotten() -> None:
    m = market()
    say(m, "apology")
    scandal(m)
    answers.respond(m, NEVER_FADES)
    assert m.responses == [] and m.spending == [] and m.crises[0].answer == SILENCE


def test_a_brand_answers_for_itself_only() -> None:
    m = market(10, ("Aurora", "Boreal"))
    scandal(m, brand="Boreal")
    say(m, "denial")
    assert m.crises[0].answer == SILENCE


# -- by strategy -------------------------------------------------------------------------------------------------------


def test_a_strategy_answers_what_it_knows_within_what_it_set_aside() -> None:
    m, rules = market(), Parameters(known_after=2)
    scandal(m)
    for day, cents, answered in ((0, 50_000, False), (1, 50_000, False), (2, 49_999, False), (3, 50_000, True)):
        m.day, m.actions = day, [Action(response="denial", response_cents=cents)]
        answers.respond_by_strategy(m, rules)
        assert (m.crises[0].answer == DENIAL) == answered
        assert answers.known_crises(m, 0, rules) == (((0, day - 2, "denial" if answered else "silence"),) if day >= 2 else ())
    m.day, m.actions = 4, [Action(response="apology", response_cents=10**6)]
    answers.respond_by_strategy(m, rules)
    assert m.crises[0].answer == DENIAL  # what is answered is answered


# -- restart -----------------------------------------------------------------------------------------------------------


def test_crises_survive_a_restart() -> None:
    m = market()
    scandal(m, key=2**64 - 1)
    failure(m)
    scandal(m, key=3, tellers=[0])
    say(m, "denial")
    back = Crises()
    back.restore(m.crises.arrays())
    for crisis, again in zip(m.crises, back, strict=True):
        for name in crisis.__slots__:
            one, other = getattr(crisis, name), getattr(again, name)
            assert np.array_equal(one, other) and np.asarray(one).dtype == np.asarray(other).dtype, name
    nothing = Crises()
    nothing.restore(Crises().arrays())
    assert nothing == []
