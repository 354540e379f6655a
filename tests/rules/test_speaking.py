"""Speaking after an experience: who measures brands by their words refutes what is untrue."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.rules.advertising import Parameters as Advertising
from simulator.rules.experience import Parameters as Experience
from simulator.rules.speaking import EXPERIENCE, REFUTATION, experience_rate, refutation_rate
from simulator.rules.word_of_mouth import Parameters, speak
from simulator.world.market import Market
from simulator.world.state import F64, Purchases
from tests.rules.markets import market

ONLY_EXPERIENCE = {"standing": 0.0, "hearsay": 0.0, "annoyance": 0.0}
ZONE = Experience(zone=0.1, fit_exponent=0.5)


def lived(levels: list[float], surprise: float = 0.0, promise: float = 0.9, fit: float = 1.0) -> Market:
    """Everybody bought Aurora today and experienced these levels."""
    n = len(levels)
    m = market(n)
    m.brands.promise[0] = promise
    m.fit[:] = fit
    rows = np.arange(n, dtype=np.int32)
    none = np.zeros(n)
    m.purchases = Purchases(rows, none.astype(np.int8), none.astype(np.int16), np.array(levels), np.full(n, surprise), none)
    return m


def told(m: Market, **rates: float) -> dict[str, F64]:
    """The messages of a day, by author."""
    rates = {"base_rate": 0.0, "a_plus": 0.0, "a_minus": 0.0} | rates
    speak(m, Parameters(**ONLY_EXPERIENCE, **rates), Advertising(), ZONE)
    order = np.argsort(m.messages.author[: m.messages.count])
    columns = {name: getattr(m.messages, name)[: m.messages.count][order] for name in ("author", "valence", "origin", "arousal")}
    return columns | {name: getattr(m.messages, f"window_{name}")[: m.messages.count][order] for name in ("level", "topic")}


def test_the_rate_rises_by_how_far_the_claim_is_missed() -> None:
    as_usual = experience_rate.python(0.5, -0.3, 0.1, 0.4, 0.6)
    assert refutation_rate.python(0.5, -0.3, 0.1, 0.4, 0.6, 0.8, 0.25) == pytest.approx(as_usual + 0.5 * 0.8 * 0.25)
    assert refutation_rate.python(0.5, -0.3, 0.1, 0.4, 0.6, 0.8, 0.0) == as_usual


def test_who_gets_less_than_is_claimed_says_so() -> None:
    messages = told(lived([0.3] * 50), refutation=1e6)
    assert messages["author"].tolist() == list(range(50))
    assert set(messages["origin"]) == {REFUTATION} and set(messages["valence"]) == {-1}
    assert messages["arousal"] == pytest.approx(np.full(50, 0.6)) and set(messages["level"]) == {0.3}


def test_within_the_zone_of_tolerance_nobody_is_refuted() -> None:
    assert len(told(lived([0.81] * 50), refutation=1e6)["author"]) == 0
    assert len(told(lived([0.79] * 50), refutation=1e6)["author"]) == 50


def test_who_is_pleased_and_yet_was_promised_more_refutes() -> None:
    """She had expected even less; the claim is untrue all the same."""
    messages = told(lived([0.5] * 40, surprise=0.4), a_plus=1e6, refutation=0.5)
    assert set(messages["origin"]) == {REFUTATION} and set(messages["valence"]) == {-1}


def test_a_product_that_suits_her_less_is_no_lie() -> None:
    """claimed = .9 * .25^.5 = .45"""
    assert len(told(lived([0.4] * 50, fit=0.25), refutation=1e6)["author"]) == 0
    assert len(told(lived([0.3] * 50, fit=0.25), refutation=1e6)["author"]) == 50


def test_one_experience_makes_one_message() -> None:
    messages = told(lived([0.2] * 300, surprise=-0.5), a_minus=1e6, refutation=1e6)
    assert len(messages["author"]) == 300 == len(set(messages["author"]))


def test_off_experiences_are_told_as_they_were() -> None:
    messages = told(lived([0.2] * 300, surprise=-0.5), a_minus=1.0, refutation=0.0)
    assert set(messages["origin"]) == {EXPERIENCE} and messages["arousal"] == pytest.approx(np.full(len(messages["author"]), 0.5))
    assert set(messages["topic"]) == {-1}


def test_nobody_has_a_say_about_what_she_did_not_experience() -> None:
    m = lived([np.nan] * 20, surprise=np.nan)  # the rule of experience is left out
    assert len(told(m, refutation=1e6)["author"]) == 0
