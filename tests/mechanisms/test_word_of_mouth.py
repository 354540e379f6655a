"""Word of mouth and networks: rows M20 to M24 of the mechanisms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import RunResult, simulate
from simulator.world.graph import Layer, SocialGraph
from tests.mechanisms.markets_b import (
    MARKET,
    NO_NAME,
    POST,
    SEEDS,
    SILENCE,
    TALK,
    assert_same,
    equal_columns,
    last,
    market,
    of,
    paired,
    run,
    social_graph,
    total,
)

pytestmark = pytest.mark.compiled

ADS = {"brands.Aurora.strategy": {"kind": "interruption", "channels": {"tv": 1.0}}, "brands.Aurora.budget_per_day": 300.0}


def staged(*consumers: int, **settings: Any) -> dict[str, Any]:
    """A message for each of these consumers, who alone tells it first."""
    common = {"day": 0, "brand": "Aurora", "kind": "staged_messages", "valence": 1, "arousal": 0.5} | settings
    return {"events": [common | {"consumers": [consumer]} for consumer in consumers]}


# -- M20: the consumer as a medium ---------------------------------------------------------------------------------------


def posts_of(authors: np.ndarray, *changes: dict[str, Any]) -> RunResult:
    """One post of each of these consumers, on the ties of seed 1."""
    return run(SILENCE, {"network.seed": 1, "run.days": 8}, staged(*authors.tolist()), *changes)


def by_audience() -> np.ndarray:
    """Consumers in order of their zone of influence, the smallest first."""
    return np.argsort(social_graph().audience(), kind="stable")


def test_m20_the_reach_of_a_post_rises_with_the_zone_of_its_author() -> None:
    ranked = by_audience()
    zones = (ranked[:20], ranked[490:510], ranked[-20:])
    sizes = [social_graph().audience()[zone].mean() for zone in zones]
    posts = [posts_of(zone, POST).messages for zone in zones]
    reach = [table.reach.mean() for table in posts]
    assert [len(table) for table in posts] == [20, 20, 20]
    assert 0 < reach[0] < reach[1] < reach[2] and reach[2] > 3 * reach[0]
    for size, reached in zip(sizes, reach, strict=True):  # each of the audience sees it with probability visibility
        assert reached * 1000 == pytest.approx(0.15 * size, abs=4.0 * np.sqrt(0.15 * 0.85 * size / 20))


def test_m20_a_large_zone_still_reaches_more_when_posts_are_passed_on() -> None:
    ranked = by_audience()
    small, large = (posts_of(zone, {"word_of_mouth.online": 1.0}).messages.reach.mean() for zone in (ranked[:20], ranked[-20:]))
    assert large > 3 * small > 0


def test_m20_earned_and_paid_reach_are_told_apart() -> None:
    earned, paid = posts_of(by_audience()[-20:], POST), run(SILENCE, ADS)
    assert last(earned, "reach_earned") > 0 == last(earned, "reach_paid") and last(earned, "earned_share") == 1.0
    assert last(paid, "reach_paid") > 0 == last(paid, "reach_earned") and last(paid, "earned_share") == 0.0


def test_m20_off_posts_that_nobody_sees_change_nobody() -> None:
    unseen = {"word_of_mouth.online": 1.0, "word_of_mouth.visibility": "off"} | NO_NAME
    equal_columns(run(unseen), run(unseen, without=("word_of_mouth",)), apart_from=TALK)


# -- M21: world of mouth ---------------------------------------------------------------------------------------------------

SCANDAL = SILENCE | {
    "events": [{"day": 2, "brand": "Aurora", "kind": "scandal", "severity": 0.9, "tellers": {"share": 0.01}}],
    "run.days": 30, "word_of_mouth.visibility": 0.3, "word_of_mouth.share": 0.15,
}  # fmt: skip
"""Ten ordinary people have something hot to tell."""


def test_m21_without_the_follow_layer_the_same_cascade_is_slower_and_smaller() -> None:
    days_to_fifty = []
    for world, village in paired(SCANDAL, SCANDAL | {"network.follow": 0.0}, seeds=range(1, 6)):
        wide, narrow = (np.cumsum(of(result, "tellings_negative")) for result in (world, village))
        assert narrow[-1] < wide[-1]  # smaller
        assert (narrow[2:] <= wide[2:]).all() and narrow[4] < wide[4]  # behind on every day
        assert last(village, "trust") > last(world, "trust")
        days_to_fifty.append([int(np.argmax(told >= 0.08 * 1000)) if told[-1] >= 80 else 30 for told in (wide, narrow)])
    wide_days, narrow_days = np.array(days_to_fifty).T
    assert (narrow_days >= wide_days).all() and narrow_days.sum() >= wide_days.sum() + len(wide_days)  # slower, by a day or more


def test_m21_off_no_follow_ties_is_the_same_graph_without_that_layer() -> None:
    for seed in SEEDS[:1]:
        whole = social_graph(seed)
        strong, weak, _ = whole.layers
        cut = SocialGraph(whole.n, whole.keys, (strong, weak, Layer.empty(whole.n)), whole.community)
        assert_same(run({"network.follow": "off"}, seed=seed), simulate(market(), seed, graph=cut))


# -- M22: circles of trust ---------------------------------------------------------------------------------------------------


def test_m22_a_strong_tie_moves_trust_more_per_telling() -> None:
    """The same people tell the same neighbours, who are friends, acquaintances or followers."""
    told = POST | SILENCE | staged(*range(0, 1000, 20)) | {"run.days": 1, "forgetting.trust": "off", "purchase.outside": 50.0}
    moved = {}
    for layer in ("strong", "weak", "follow"):
        result = run(told, {"network": {"kind": "small_world", "degree": 10.0, "layer": layer}})
        assert total(result, "tellings_positive") > 50 and total(result, "units") == 0
        moved[layer] = last(result, "trust_change") / total(result, "tellings_positive")
    # several tellings to one person on one day move her less than in proportion: hence approximately
    assert moved["weak"] / moved["strong"] == pytest.approx(0.68 / 0.84, rel=0.02)
    assert moved["follow"] / moved["strong"] == pytest.approx(0.42 / 0.84, rel=0.02)


def test_m22_weak_ties_dominate_reach() -> None:
    """With as many weak ties as strong ones: circles repeat to themselves what acquaintances carry on."""
    ties = {
        "kind": "communities", "community_size": 50, "strong": 8.0, "rewired": 0.0, "weak": 8.0, "homophily": 0.0, "follow": 0.0,
    }  # fmt: skip
    tellers = {"day": 0, "brand": "Aurora", "kind": "staged_messages", "consumers": {"share": 0.01}, "arousal": 0.9}
    hot = SILENCE | {"events": [tellers], "run.days": 20, "word_of_mouth.visibility": 0.5, "word_of_mouth.share": 0.3}
    carried = {"weak": 0, "strong": 0}
    for seed in SEEDS:
        both, circles, acquaintances = (run(hot, {"network": ties | change}, seed=seed) for change in ({}, {"weak": 0.0}, {"strong": 0.0}))
        carried = {layer: told + int((both.tellings.layer == layer).sum()) for layer, told in carried.items()}
        assert total(circles, "tellings_positive") < total(acquaintances, "tellings_positive") < total(both, "tellings_positive")
        repeated = [total(r, "repeats") / total(r, "tellings_positive") for r in (circles, acquaintances)]
        assert repeated[0] > 1.5 * repeated[1]
    assert carried["weak"] > carried["strong"]


def test_m22_off_a_circle_that_nobody_believes_moves_nobody() -> None:
    disbelief = {f"word_of_mouth.credibility.{layer}": 0.0 for layer in ("strong", "weak", "follow")} | NO_NAME
    equal_columns(run(disbelief), run(without=("word_of_mouth",)), apart_from=TALK)


# -- M23: non-customers recommend too ------------------------------------------------------------------------------------------


def test_m23_without_hearsay_both_good_and_bad_words_reach_fewer() -> None:
    for heard, customers_only in paired({"word_of_mouth.hearsay": 0.02}, {"word_of_mouth.hearsay": 0.0}):
        assert (heard.messages.origin == "hearsay").any() and not (customers_only.messages.origin == "hearsay").any()
        for column in ("tellings_positive", "tellings_negative"):
            assert total(customers_only, column) < 0.97 * total(heard, column)
        assert last(customers_only, "reach_earned") < last(heard, "reach_earned")


def test_m23_off_nothing_else_is_missing() -> None:
    """Where words change nobody, what customers say is the same with and without the others."""
    deaf = {"word_of_mouth.strength": "off", "word_of_mouth.carry": "off", "word_of_mouth.recall": "off"}
    talking, silent = run(deaf, {"word_of_mouth.hearsay": 0.02}), run(deaf, {"word_of_mouth.hearsay": "off"})
    of_customers = talking.messages[talking.messages.origin != "hearsay"]
    assert len(of_customers) < len(talking.messages)
    pd.testing.assert_frame_equal(
        of_customers.drop(columns="message").reset_index(drop=True), silent.messages.drop(columns="message"), check_exact=True
    )


# -- M24: peer recommendation and own research -----------------------------------------------------------------------------------

KNOWN = SILENCE | NO_NAME | {
    "brands": [brand | {"start": {"awareness": 1.0, "penetration": 0.3, "loyalty": 0.4, "reputation": 0.5}} for brand in MARKET["brands"]],
    "forgetting.awareness": "off", "advertising.gain": 0.05, "advertising.channels.tv.intrusiveness": 0.0, "purchase.rating_weight": 1.0,
}  # fmt: skip
"""Everybody knows both brands already, so that ads can only persuade."""

PRAISE = {
    "events": [
        {"day": day, "brand": "Aurora", "kind": "staged_messages", "consumers": 1, "count": 20, "valence": 1, "arousal": 0.9}
        for day in range(0, 60, 3)
    ],
    "word_of_mouth.online": 1.0, "word_of_mouth.visibility": 0.0,
}  # fmt: skip
"""A few strangers fill the rating pages with praise that no tie carries."""


@cache
def sold(search: float, seed: int) -> tuple[float, float, float]:
    """Units sold with nothing, with ads, with public praise."""
    searching = {"purchase.search": search}
    nothing, pressed, praised = (total(run(KNOWN, searching, change, seed=seed), "units") for change in ({}, ADS, PRAISE))
    return nothing, pressed, praised


def test_m24_those_who_search_react_to_the_crowds_rating_not_to_ad_pressure() -> None:
    for seed in SEEDS:
        nothing, pressed, praised = sold(1.0, seed)
        assert pressed == pytest.approx(nothing, rel=0.01)
        assert praised > 1.3 * nothing


def test_m24_those_who_do_not_search_react_to_ad_pressure_not_to_the_rating() -> None:
    for seed in SEEDS:
        nothing, pressed, praised = sold(0.0, seed)
        assert pressed > 1.05 * nothing
        assert praised == nothing


def test_m24_off_who_gives_the_rating_no_weight_buys_as_if_she_had_not_looked() -> None:
    looking = {"purchase.search": 0.7, "purchase.rating_weight": "off"}
    assert_same(run(looking), run({"purchase.search": "off", "purchase.rating_weight": 0.7}))
