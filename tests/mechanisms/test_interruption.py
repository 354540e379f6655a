"""M1-M5: what money can buy in people's field of view, and what it cannot."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.mechanisms.town import AURORA, BOREAL, MONEY, MUTE, SEEDS, Changes, assert_same_days, column, last, lived, run, total

pytestmark = pytest.mark.compiled

FOREVER = math.inf

PAID_MEDIA = ("impressions", "delivered", "contacts", "reach", "reach_paid", "frequency", "earned_share")
"""Columns that say what was bought and who saw it."""


def ads(brand: str = AURORA, channel: str = "tv", budget: float | None = None, **nature: Any) -> Changes:
    """A brand that interrupts on one channel, whose nature may be changed."""
    changes = {f"{brand}.strategy": {"kind": "interruption", "channels": {channel: 1.0}}}
    if budget is not None:
        changes[f"{brand}.budget_per_day"] = budget
    return changes | {f"advertising.channels.{channel}.{name}": value for name, value in nature.items()}


# -- M1: money buys presence ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_m01_the_second_euro_reaches_fewer_new_people(seed: int) -> None:
    one, two, four = (last(run(ads(budget=budget), {"run.days": 20}, seed=seed)) for budget in (0.3, 0.6, 1.2))
    assert two.impressions == pytest.approx(2 * one.impressions)
    assert 0 < one.reach_paid < two.reach_paid < four.reach_paid
    assert two.reach_paid - one.reach_paid < one.reach_paid
    assert four.reach_paid - two.reach_paid < 2 * (two.reach_paid - one.reach_paid)
    assert one.frequency < two.frequency < four.frequency


@pytest.mark.parametrize("shape", [FOREVER, 1.0], ids=["all watch alike", "a few watch most"])
def test_m01_reach_is_that_of_media_planning(shape: float) -> None:
    """1 - exp(-GRP/100), or (1 + GRP/100k)^-k of the town unreached, within four standard errors of a share."""
    n, days = 2000, 10
    exposures = days * 1.0 / 10 * 1000 / n  # a euro a day, 10 euros per 1,000 contacts
    changes = {"population.media_shape": shape, "population.size": n, "advertising.block_hazard": 0.0, "run.days": days}
    missed = math.exp(-exposures) if shape == FOREVER else (1 + exposures / shape) ** -shape
    reached = last(run(ads(budget=1.0), changes)).reach_paid
    assert abs(1 - missed - reached) < 4 * math.sqrt(missed * (1 - missed) / n)


def test_m01_without_money_interruption_is_silence() -> None:
    assert_same_days(run(ads(budget=0.0)), run({f"{AURORA}.budget_per_day": 0.0}))


def test_m01_an_ad_that_nobody_remembers_believes_or_minds_changes_nothing_but_the_books() -> None:
    void = {"advertising.gain": 0.0, "advertising.expectation_weight": 0.0}
    shown, silent = run(ads(recall=0.0, intrusiveness=0.0), void), run(void)
    assert total(shown, "contacts") > 0
    assert_same_days(shown, silent, but=(*MONEY, *PAID_MEDIA))


# -- M2: formats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_m02_at_equal_reach_a_more_intrusive_format_costs_trust_and_wears_out_faster(seed: int) -> None:
    unblocked = {"advertising.block_hazard": 0.0}
    silent = run(unblocked, seed=seed)
    gentle, rude = (run(ads(intrusiveness=x), unblocked, seed=seed) for x in (0.05, 0.6))
    assert_same_days(gentle, rude, only=("impressions", "delivered", "contacts", "reach_paid"))
    assert last(rude).irritation > last(gentle).irritation
    assert last(rude).trust < last(gentle).trust
    lift = [column(result, "awareness") - column(silent, "awareness") for result in (gentle, rude)]
    left = lift[1] / lift[0]  # what the rude format still achieves beside the gentle one
    assert left[:4].mean() > left[10:14].mean() > left[-4:].mean()


def test_m02_nobody_minds_a_format_that_does_not_intrude() -> None:
    """Intrusiveness 0 is the same as a public that tolerates everything."""
    shy, patient = run(ads(intrusiveness=0.0)), run(ads(intrusiveness=0.6), {"population.ad_tolerance": 1.0})
    assert (column(shy, "irritation") == 0).all()
    assert_same_days(shy, patient)


def test_m02_without_wear_out_a_format_is_remembered_whatever_it_annoys() -> None:
    """Awareness then depends on contacts alone, in a town where nobody buys or talks."""
    quiet = MUTE | {"advertising.wear_out": 0.0, "advertising.block_hazard": 0.0, "population.purchase_rate": 0.0}
    assert_same_days(run(ads(intrusiveness=0.05), quiet), run(ads(intrusiveness=0.6), quiet), only=("awareness",))


# -- M3: rejection ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_m03_beyond_a_frequency_one_more_contact_lowers_trust(seed: int) -> None:
    none, some, many, more = (last(run(ads(budget=budget), seed=seed)) for budget in (0.0, 0.75, 6.0, 24.0))
    assert some.trust > none.trust
    assert more.trust < many.trust < some.trust
    assert more.blocked > many.blocked > some.blocked
    assert more.irritation > many.irritation > some.irritation


NO_REACTANCE: Changes = {"advertising.reactance": 0.0}
NO_COMPLAINING: Changes = {"word_of_mouth.annoyance": 0.0}


@pytest.mark.parametrize("cause", [NO_COMPLAINING, NO_REACTANCE], ids=["the contact itself", "what is said of it"])
def test_m03_either_cause_of_rejection_is_enough(cause: Changes) -> None:
    some, many, more = (last(run(ads(budget=budget), cause)).trust for budget in (0.75, 6.0, 24.0))
    assert more < many < some


def test_m03_without_either_cause_pressure_never_lowers_trust() -> None:
    trust = [last(run(ads(budget=budget), NO_REACTANCE, NO_COMPLAINING)).trust for budget in (0.0, 0.75, 6.0)]
    assert trust[0] < trust[1] < trust[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_m03_contacts_that_do_not_intrude_never_lower_trust(seed: int) -> None:
    trust = [last(run(ads(budget=budget, intrusiveness=0.0), seed=seed)).trust for budget in (0.0, 0.75, 24.0)]
    assert trust[0] < trust[1] < trust[2]


def test_m03_without_reactance_intrusion_is_free() -> None:
    """Reactance 0 is the same as putting up with anything (nobody blocks or complains about advertising either)."""
    calm = {"word_of_mouth.annoyance": 0.0, "advertising.block_hazard": 0.0}
    heavy = ads(budget=24.0)
    assert_same_days(run(heavy, calm, {"advertising.reactance": 0.0}), run(heavy, calm, {"advertising.tolerance_point": FOREVER}))


# -- M4: attention ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_m04_a_rivals_flood_lowers_my_reception_with_my_plan_unchanged(seed: int) -> None:
    mine = ads(budget=3.0) | {"advertising.block_hazard": 0.0}
    alone, flooded = run(mine, seed=seed), run(mine, ads(BOREAL, "billboard", budget=30.0), seed=seed)
    assert_same_days(alone, flooded, brand="Aurora", only=("spend", "impressions", "delivered", "reach_paid"))
    assert total(flooded, "contacts") < 0.8 * total(alone, "contacts")
    assert last(flooded).awareness < last(alone).awareness


def test_m04_with_boundless_attention_every_contact_is_noticed_whatever_the_rival_does() -> None:
    boundless = ads(budget=3.0) | {"advertising.attention": FOREVER, "advertising.block_hazard": 0.0}
    alone, flooded = run(boundless), run(boundless, ads(BOREAL, "billboard", budget=30.0))
    assert_same_days(alone, flooded, brand="Aurora", only=("delivered", "contacts", "reach_paid"))
    assert (column(flooded, "contacts") == column(flooded, "delivered")).all()


# -- M5: persuasion knowledge -------------------------------------------------------------------------------------------------

CREDULOUS_AND_SCEPTICAL: Changes = MUTE | {
    "population.trait_spread": 0.0,
    "population.purchase_rate": 0.0,  # nobody learns by herself, and nobody talks but of what the test puts into the world
    "population.segments": [
        {"name": "credulous", "share": 0.5, "scepticism": 0.0},
        {"name": "sceptics", "share": 0.5, "scepticism": 0.95},
    ],
    "run.days": 20,
}  # fmt: skip

PRAISE: Changes = {"events": [{"day": 1, "brand": "Aurora", "kind": "staged_messages", "consumers": {"share": 0.2}, "count": 4}]}


@pytest.mark.parametrize("seed", SEEDS)
def test_m05_sceptics_are_moved_by_peers_and_hardly_by_brands(seed: int) -> None:
    quiet = lived(CREDULOUS_AND_SCEPTICAL, seed=seed)
    sceptical = quiet.market.consumers.segment == 1

    def moved(change: Changes) -> tuple[float, float]:
        """Trust won among the credulous and among sceptics."""
        won = lived(CREDULOUS_AND_SCEPTICAL, change, seed=seed).market.state.trust[:, 0] - quiet.market.state.trust[:, 0]
        return float(won[~sceptical].mean()), float(won[sceptical].mean())

    by_brand, by_peers = moved(ads(intrusiveness=0.0)), moved(PRAISE)
    assert by_brand[0] > 0.02
    assert abs(by_brand[1]) < 0.2 * by_brand[0]
    assert by_peers[0] > 0.02
    assert 0.7 < by_peers[1] / by_peers[0] < 1.4


def test_m05_scepticism_does_not_touch_what_peers_say() -> None:
    """Without brand messages all degrees of scepticism give the same table."""
    credulous, sceptical = (run(PRAISE, {"population.scepticism": x}) for x in (0.0, 1.0))
    assert total(credulous, "tellings_positive") > 0
    assert_same_days(credulous, sceptical)


def test_m05_full_scepticism_believes_no_advertisement() -> None:
    """Scepticism 1 is the same as advertising that persuades nobody; it is still seen."""
    heard = run(ads(), {"population.scepticism": 1.0})
    assert_same_days(heard, run(ads(), {"advertising.gain": 0.0, "advertising.expectation_weight": 0.0}))
    assert last(heard).awareness > last(run()).awareness
    assert not np.isnan(last(heard).trust)
