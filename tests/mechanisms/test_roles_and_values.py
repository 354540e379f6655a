"""Roles, values, critics and haters: rows M27, M31 and M35 of the mechanisms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator import RunResult
from tests.mechanisms.markets_b import MARKET, SEEDS, SILENCE, assert_same, equal_columns, last, of, run, state, total

pytestmark = pytest.mark.compiled

# -- M27: journalists, prescribers, ambassadors -----------------------------------------------------------------------------

JOURNALIST = {"kind": "journalist", "consumers": {"highest_audience": 50}}
PRESCRIBER = {"kind": "prescriber", "consumers": 50}
AMBASSADOR = {"kind": "ambassador", "consumers": 100, "brand": "Aurora"}
EVERYBODY = (JOURNALIST, PRESCRIBER, AMBASSADOR)

STORY = SILENCE | {
    "events": [
        {"day": 3, "brand": "Aurora", "kind": "scandal", "severity": 0.8, "tellers": 20},
        {"day": 0, "brand": "Borealis", "kind": "launch", "consumers": 50},
    ],
    "run.days": 30, "word_of_mouth.agreement": 0.0, "purchase.proof_weight": 4.0, "roles.defends": 1.0,
    "word_of_mouth.visibility": 0.3,
}  # fmt: skip
"""Twenty ordinary people have something hot to tell of Aurora. What people pass on does not depend on what they believe or buy."""


def with_roles(*roles: dict[str, Any]) -> dict[str, Any]:
    return STORY | {"population.roles": list(roles)}


@cache
def told(left_out: int | None, seed: int) -> dict[str, float]:
    """What becomes of the story with everybody, or with one role left out."""
    result = run(with_roles(*(role for place, role in enumerate(EVERYBODY) if place != left_out)), seed=seed)
    return {"blame heard": total(result, "tellings_negative"), "defences": total(result, "messages_positive")}


def test_m27_without_journalists_the_story_reaches_fewer() -> None:
    for seed in SEEDS:
        assert told(0, seed)["blame heard"] < 0.8 * told(None, seed)["blame heard"]


def test_m27_without_ambassadors_nobody_defends_the_brand_and_the_story_is_as_wide() -> None:
    for seed in SEEDS:
        assert told(None, seed)["defences"] > 5 and told(2, seed)["defences"] == 0
        assert told(2, seed)["blame heard"] == told(None, seed)["blame heard"]


def test_m27_without_prescribers_talk_is_the_same() -> None:
    for seed in SEEDS:
        assert told(1, seed) == told(None, seed)


def test_m27_what_prescribers_show_sells_more() -> None:
    """The same fifty people own Borealis from the first day; in one world they are prescribers."""
    owners = list(range(0, 1000, 20))
    brands = [brand | {"start": {"awareness": 0.8, "penetration": 0.0, "reputation": 0.5}} for brand in MARKET["brands"]]
    shown = {"brands": brands, "events": [{"day": 0, "brand": "Borealis", "kind": "launch", "consumers": owners}], "run.days": 40}
    sold = []
    for seed in SEEDS:
        worlds = [{"population.roles": roles} for roles in ([], [{"kind": "prescriber", "consumers": owners}])]
        sold.append([total(run(STORY, shown, world, seed=seed), "units", "Borealis") for world in worlds])
    usual, prescribed = np.array(sold).T
    assert prescribed.sum() > 1.05 * usual.sum()


def test_m27_ambassadors_keep_trust() -> None:
    gained = [last(run(with_roles(AMBASSADOR), seed=seed), "trust") - last(run(with_roles(), seed=seed), "trust") for seed in SEEDS]
    assert min(gained) > 0


def test_m27_off_ambassadors_and_prescribers_at_their_off_values_are_like_anybody() -> None:
    off = with_roles(PRESCRIBER, AMBASSADOR) | {"roles.prescriber_weight": "off", "roles.defends": "off"}
    assert_same(run(off), run(off, without=("roles",)))


def test_m27_off_journalists_who_publish_nothing_and_are_believed_like_others_are_like_anybody() -> None:
    alike = {f"word_of_mouth.credibility.{layer}": 0.5 for layer in ("strong", "weak", "follow")}
    off = with_roles(JOURNALIST) | alike | {"roles.journalist_arousal": "off", "roles.journalist_credibility": 0.5}
    assert_same(run(off), run(off, without=("roles",)))
    assert not run(off, {"roles.journalist_credibility": 0.9}).daily.equals(run(off).daily)


def test_m27_off_where_nobody_has_a_role_the_rule_is_absent() -> None:
    assert_same(run(STORY), run(STORY, without=("roles",)))
    assert_same(run(STORY), run(STORY, {"roles.prescriber_weight": 20.0, "roles.journalist_credibility": 0.0}))


# -- M31: resonance of values ------------------------------------------------------------------------------------------------

VALUED = {
    "population.segments": [
        {"name": "green", "share": 0.7, "values": [1.0, 0.1, 0.0]}, {"name": "proud", "share": 0.3, "values": [0.0, 0.2, 1.0]},
    ],
    "brands": [brand | {"conduct": [0.0, 1.0, 0.0]} for brand in MARKET["brands"]], "conversation.delay": 0,
}  # fmt: skip
"""Consumers want brands to stand for something; both brands stand for something else."""


def desk(**levers: Any) -> dict[str, Any]:
    """Aurora listens and answers."""
    strategy = {"kind": "interaction", "listening": 1.0, "effort": 1.0, "ads_share": 0.0}
    return {"brands.Aurora.strategy": strategy | levers, "brands.Aurora.budget_per_day": 5000.0}


def test_m31_resonance_rises_when_conduct_aligns() -> None:
    for seed in SEEDS:
        result = run(VALUED, desk(integrate=0.2), seed=seed)
        resonance = of(result, "resonance")
        assert resonance[-1] > 0.9 > 0.5 > resonance[0] and (np.diff(resonance)[:7] > 0).all()
        assert result.kpis.resonance["Aurora"] == resonance[-1]
        assert len(set(of(result, "resonance", "Borealis"))) == 1


def test_m31_talk_does_not_touch_it() -> None:
    """Neither listening and answering alone, nor ads, nor bolder promises."""
    ads = {
        "brands.Aurora.strategy": {"kind": "interruption", "channels": {"tv": 1.0}, "promise": 1.0},
        "brands.Aurora.budget_per_day": 1000.0,
    }
    for talk in ({}, desk(), ads):
        assert len(set(of(run(VALUED, talk), "resonance"))) == 1


def test_m31_it_counts_consumers_by_whom_they_reach() -> None:
    """The cosine of what the brand stands for and what its public holds dear, weighted by audience."""
    result = run(VALUED, {"run.days": 1})
    assert 0.1 < last(result, "resonance") < 0.2


def test_m31_off_without_values_there_is_nothing_to_resonate_with() -> None:
    plain, valued = run({"population.segments": [{"name": "green", "share": 0.7}, {"name": "proud", "share": 0.3}]}), run(VALUED)
    assert np.isnan(of(plain, "resonance")).all()
    equal_columns(plain, valued, apart_from=("resonance",))


# -- M35: critics and haters --------------------------------------------------------------------------------------------------

DEBATE = {
    "word_of_mouth.strength": 0.0, "word_of_mouth.carry": 0.0, "word_of_mouth.recall": 0.0, "experience.eta": 0.0,
    "forgetting.trust": "off", "conversation.complain": 0.0, "word_of_mouth.online": 0.3, "population.engagement": 0.6,
    "purchase.trust_weight": 0.0, "conversation.hater_below": 0.15, "conversation.gain": 0.3,
}  # fmt: skip
"""Nothing moves trust but answers, and trust changes neither what is bought nor how much is said."""


def opinion(trust: float) -> dict[str, Any]:
    """Everybody trusts Aurora so much on the first day."""
    aurora, borealis = MARKET["brands"]
    return {"brands": [aurora | {"start": aurora["start"] | {"reputation": trust}}, borealis]}


def engaged(trust: float, seed: int, **rules: Any) -> tuple[RunResult, RunResult]:
    """With and without answers."""
    one, other = (DEBATE | opinion(trust) | how | {f"conversation.{key}": value for key, value in rules.items()} for how in (desk(), {}))
    return run(one, seed=seed), run(other, seed=seed)


def test_m35_engaging_moderate_critics_raises_trust_the_same_effort_on_haters_does_not() -> None:
    for seed in SEEDS:
        (critics, critics_alone), (haters, haters_alone) = engaged(0.3, seed), engaged(0.1, seed)
        assert total(haters, "conversations") > 0.9 * total(critics, "conversations") > 0
        assert last(critics, "trust") > last(critics_alone, "trust") + 0.02
        assert last(haters, "trust") == last(haters_alone, "trust")
        assert state(haters, "knowledge").sum() > 0


def test_m35_off_haters_can_be_won_too() -> None:
    for seed in SEEDS:
        haters, alone = engaged(0.1, seed, hater_below="off")
        assert last(haters, "trust") > last(alone, "trust") + 0.02


def test_m35_off_where_nobody_hates_the_threshold_is_absent() -> None:
    assert_same(engaged(0.3, 1)[0], engaged(0.3, 1, hater_below="off")[0])
