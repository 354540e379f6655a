"""M12-M13: talk takes two, and listening is a circle that breaks at every link."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.mechanisms.town import AURORA, MONEY, MUTE, SEEDS, Changes, assert_same_days, column, last, run, total

pytestmark = pytest.mark.compiled


def interaction(**levers: Any) -> Changes:
    """A brand that listens to everything and has the money to answer."""
    return {f"{AURORA}.budget_per_day": 2000.0, f"{AURORA}.strategy": {"kind": "interaction", "listening": 1.0, "ads_share": 0.0} | levers}


TALKATIVE: Changes = {"word_of_mouth.online": 0.5, "word_of_mouth.standing": 0.3}


# -- M12: mutual engagement -----------------------------------------------------------------------------------------------------

LITTLE, MUCH = 0.1, 0.9


def engaged(engagement: float) -> Changes:
    return TALKATIVE | {"population.engagement": engagement, "population.trait_spread": 0.0, "conversation.unanswered": 0.0}


@pytest.mark.parametrize("seed", SEEDS)
def test_m12_effort_of_one_side_yields_little_and_of_both_most(seed: int) -> None:
    silent = run(engaged(MUCH), interaction(effort=0.0), seed=seed)
    gain = {}
    for effort, engagement in itertools.product((LITTLE, MUCH), repeat=2):
        answered = run(engaged(engagement), interaction(effort=effort), seed=seed)
        assert total(answered, "conversations") > 100
        gain[effort, engagement] = last(answered).trust - last(silent).trust
    assert gain[MUCH, MUCH] > 0.01
    assert gain[MUCH, LITTLE] < 0.4 * gain[MUCH, MUCH]
    assert gain[LITTLE, MUCH] < 0.4 * gain[MUCH, MUCH]
    assert max(gain, key=lambda sides: gain[sides]) == (MUCH, MUCH)


EMPTY_TALK: Changes = {f"conversation.{name}": 0.0 for name in ("gain", "learning", "recovery")}


@pytest.mark.parametrize("empty", [{"population.engagement": 0.0}, EMPTY_TALK], ids=["nobody engages", "talk is empty"])
def test_m12_conversation_without_the_other_side_or_without_gain_is_silence(empty: Changes) -> None:
    """But for the money, and for the fact that they were spoken to."""
    talked, silent = (run(engaged(0.5), interaction(effort=effort), empty) for effort in (0.9, 0.0))
    assert total(talked, "conversations") > 0
    spoken_to = ("conversations", "reach", "reach_owned")
    assert_same_days(talked, silent, but=(*MONEY, *spoken_to))


# -- M13: the virtuous circle ----------------------------------------------------------------------------------------------------

LONG: Changes = TALKATIVE | {
    "run.days": 90, "conversation.fix_cost": 0.0, "conversation.service_ceiling": 0.25,
    f"{AURORA}.quality": 0.55, f"{AURORA}.promise": 0.55, f"{AURORA}.position": [1.0, 0.5],
}  # fmt: skip

FIX, INTEGRATE = {"fix": 0.2}, {"integrate": 0.05}

CUTS: dict[str, tuple[dict[str, float], Changes, dict[str, Any]]] = {
    "nobody speaks": (FIX | INTEGRATE, MUTE | {"conversation.complain": 0.0}, {}),
    "nobody listens": (FIX | INTEGRATE, {"conversation.complain": 0.0}, {"listening": 0.0}),
    "nothing is understood": (FIX | INTEGRATE, {"conversation.insight_rate": 0.0}, {}),
    "nothing is to be fixed": (FIX, {"conversation.service_ceiling": 0.0}, {}),
    "nobody is answered, no file is kept": (INTEGRATE, {}, {"effort": 0.0}),
}
"""Link that is cut: levers that then do nothing, changes of the town, changes of the strategy."""


def gained(levers: dict[str, float], cut: Changes, strategy: dict[str, Any], seed: int) -> tuple[Any, Any]:
    """The town with and without the levers."""
    return tuple(run(LONG, interaction(**strategy, **what), cut, seed=seed) for what in (levers, {}))  # type: ignore[return-value]


@pytest.mark.parametrize("levers", [FIX, INTEGRATE], ids=["fix", "integrate"])
@pytest.mark.parametrize("seed", SEEDS)
def test_m13_listening_fixing_and_integrating_pays_in_the_long_run(levers: dict[str, float], seed: int) -> None:
    """A better fit sells; a better service sells too, by way of trust and of what people say."""
    with_it, without = gained(levers, {}, {}, seed)
    units = column(with_it, "units") - column(without, "units")
    assert units[-30:].sum() > max(0.0, units[:30].sum())
    if levers == FIX:
        trust = column(with_it, "trust") - column(without, "trust")
        assert trust[-1] > trust[20] > 0
        assert total(with_it, "messages_positive") > total(without, "messages_positive")


@pytest.mark.parametrize("link", sorted(CUTS))
def test_m13_cutting_any_link_of_the_circle_removes_its_gain(link: str) -> None:
    levers, cut, strategy = CUTS[link]
    assert_same_days(*gained(levers, cut, strategy, seed=1))


def test_m13_a_better_service_that_nobody_lives_with_gains_nothing() -> None:
    """Without the rule `experience` the last link is missing."""
    with_it, without = (run(LONG, interaction(**what), without=("experience",)) for what in (FIX, {}))
    assert not np.isnan(last(with_it).trust)
    assert_same_days(with_it, without)
