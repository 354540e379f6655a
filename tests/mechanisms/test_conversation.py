"""Listening, conversation, opinions voiced and held, the platform: rows M17, M18, M19 and M25 of the mechanisms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator import RunResult
from tests.mechanisms.markets_b import SEEDS, SILENCE, assert_same, equal_columns, last, of, paired, run, state, total

pytestmark = pytest.mark.compiled

FAILURE = {
    "events": [{"day": 5, "brand": "Aurora", "kind": "service_failure", "severity": 0.5, "days": 20}],
    "run.days": 45, "conversation.complain": 1.0, "conversation.patience": 3, "conversation.unanswered": 0.3,
    "word_of_mouth.agreement": 1.0, "word_of_mouth.valence_trust": 8.0, "word_of_mouth.refutation": 0.0,
}  # fmt: skip
"""The service is bad for three weeks, people complain and hold it against the brand if nobody answers; nobody minds its claims."""


def desk(budget: float, **levers: Any) -> dict[str, Any]:
    """Aurora answers, and does nothing else."""
    levers = {"listening": 0.5, "effort": 1.0, "ads_share": 0.0} | levers
    return {"brands.Aurora.strategy": {"kind": "interaction"} | levers, "brands.Aurora.budget_per_day": budget}


# -- M17: the community manager ----------------------------------------------------------------------------------------


@cache
def small_and_large_desk() -> list[tuple[RunResult, RunResult]]:
    return paired(FAILURE | desk(400.0), FAILURE | desk(4000.0))


def test_m17_a_backlog_beyond_capacity_leaves_complaints_unanswered() -> None:
    for small, large in small_and_large_desk():
        assert total(small, "complaints") > 1000  # people of the real market: ten consumers
        assert total(small, "unanswered") > 0.5 * total(small, "complaints")
        assert total(large, "unanswered") == 0


def test_m17_unanswered_complaints_raise_the_risk_of_a_bad_buzz() -> None:
    for small, large in small_and_large_desk():
        assert last(small, "trust") < last(large, "trust") - 0.01
        assert total(small, "messages_negative") > total(large, "messages_negative")
        assert total(small, "tellings_negative") > 1.05 * total(large, "tellings_negative")


def test_m17_off_a_backlog_that_nobody_minds_is_only_a_count() -> None:
    backlog, no_complaints = ({"conversation.unanswered": "off"}, {"conversation.complain": "off"})
    one, other = run(FAILURE, backlog), run(FAILURE, no_complaints)
    assert total(one, "unanswered") > 0 == total(other, "complaints")
    equal_columns(one, other, apart_from=("complaints", "unanswered"))


# -- M18: everyone has an opinion, few share -----------------------------------------------------------------------------


def test_m18_the_voiced_opinion_differs_from_the_held_one_and_the_gap_is_reported() -> None:
    for seed in SEEDS:
        result = run(seed=seed)
        voiced = result.messages[(result.messages.brand == "Aurora") & (result.messages.day >= 60 - 28)].valence.mean()
        held = 2.0 * last(result, "trust_aware") - 1.0
        assert result.kpis.voiced_gap["Aurora"] == pytest.approx(voiced - held)
        assert voiced - held > 0.3  # customers talk while they are loyal, the others keep silent


def test_m18_few_do_most_of_the_talking() -> None:
    for seed in SEEDS:
        messages = run(seed=seed).messages
        by_author = messages.author.value_counts().to_numpy()
        assert by_author[: 1000 * 15 // 100].sum() > 0.35 * by_author.sum()


def test_m18_off_where_all_speak_alike_and_say_what_they_think_there_is_no_gap() -> None:
    """Talk valence logistic(4 (trust - .5)) is as far from even as held opinion 2 trust - 1, near neutral trust."""
    frank = SILENCE | {
        "word_of_mouth.hearsay": 0.1, "word_of_mouth.standing": 0.1, "word_of_mouth.valence_base": 0.0,
        "word_of_mouth.valence_trust": 4.0, "word_of_mouth.valence_satisfaction": 0.0, "word_of_mouth.strength": 0.0,
        "population.voice_shape": "off",
    }  # fmt: skip
    for seed in SEEDS:
        assert abs(run(frank, seed=seed).kpis.voiced_gap["Aurora"]) < 0.15


# -- M19: uninterrupted exchange -------------------------------------------------------------------------------------------


def test_m19_the_same_effort_spread_evenly_beats_bursts_on_trust() -> None:
    failing = {"events": [{"day": 0, "brand": "Aurora", "kind": "service_failure", "severity": 0.4, "days": 60}]}
    bad = FAILURE | failing | {"run.days": 50, "conversation.complain": 0.5}
    every_day, once_a_week = desk(800.0, open_days_per_week=7), desk(800.0, open_days_per_week=1)
    for even, burst in paired(bad | every_day, bad | once_a_week):
        assert total(burst, "conversations") > 0
        assert total(even, "spend") <= 1.05 * total(burst, "spend")
        assert total(even, "conversations") <= 1.05 * total(burst, "conversations")
        assert total(even, "unanswered") < 0.75 * total(burst, "unanswered")
        assert last(even, "trust") > last(burst, "trust") + 0.001


def test_m19_an_after_sale_fix_restores_more_trust_than_an_ad() -> None:
    """Among those whom the failure harmed: one answer gives back more than all the ads that each of them gets for the same money."""
    failure = {"day": 2, "brand": "Aurora", "kind": "service_failure", "severity": 0.6, "days": 14}
    quiet = FAILURE | SILENCE | {"run.days": 20, "advertising.channels.tv.intrusiveness": 0.0}
    ads = {"brands.Aurora.strategy": {"kind": "interruption", "channels": {"tv": 1.0}}, "brands.Aurora.budget_per_day": 300.0}
    for seed in SEEDS:
        well, failed = run(quiet, {"events": []}, seed=seed), run(quiet, {"events": [failure]}, seed=seed)
        fixed = run(quiet, {"events": [failure]}, desk(300.0, listening=0.0), seed=seed)
        advertised = run(quiet, {"events": [failure]}, ads, seed=seed)
        harmed = state(failed, "trust") < state(well, "trust") - 0.02
        by_answer, by_ads = (
            (state(result, "trust") - state(failed, "trust"))[harmed & (state(result, "reached") > 0)] for result in (fixed, advertised)
        )
        assert len(by_answer) >= 5 and len(by_ads) >= 5
        assert last(advertised, "frequency") > 2.0
        assert by_answer.mean() > 2.0 * by_ads.mean() > 0.0


def test_m19_off_a_brand_that_makes_no_effort_is_a_silent_one() -> None:
    for levers in ({"effort": 0.0}, {"open_days_per_week": 0}):
        idle = run(FAILURE, desk(1000.0, listening=0.0, **levers))
        assert_same(idle, run(FAILURE, {"brands.Aurora.budget_per_day": 1000.0}))


# -- M25: user content makes the platform ------------------------------------------------------------------------------------

PLATFORM = SILENCE | {
    "population.size": 2000, "run.days": 60, "co_creation.contribution": 0.02, "co_creation.half_activity": 0.01,
    "co_creation.fading": 0.2, "co_creation.seed_activity": 0.01, "co_creation.ownership": 0.02, "co_creation.platform_cost": 50.0,
} | desk(100.0, listening=0.0, effort=0.0, platform=True)  # fmt: skip


def contributions(result: RunResult) -> np.ndarray:
    """Of a day, per consumer."""
    return of(result, "contributions") / 100_000


def test_m25_below_a_threshold_of_participation_a_platform_dies_out_above_it_feeds_itself() -> None:
    few, many = {"co_creation.seed_activity": 0.0004}, {"co_creation.seed_activity": 0.01}
    for dead, alive in paired(PLATFORM | few, PLATFORM | many):
        assert contributions(dead)[-20:].sum() == 0
        assert contributions(alive)[-20:].mean() > 0.003


def test_m25_where_few_engage_even_a_lively_platform_dies_out() -> None:
    for seed in SEEDS:
        result = run(PLATFORM, {"population.engagement": 0.04, "population.trait_spread": 0.0}, seed=seed)
        assert contributions(result)[-20:].sum() == 0


def test_m25_off_without_contributions_there_is_no_platform() -> None:
    nobody = {"co_creation.contribution": "off", "co_creation.platform_cost": 0.0}
    without = run(PLATFORM, nobody, without=("co_creation",))
    equal_columns(run(PLATFORM, nobody), without)
    assert not run(PLATFORM).daily.equals(without.daily)
