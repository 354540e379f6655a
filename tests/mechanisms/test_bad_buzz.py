"""Bad buzz, claims, reputation and answers: rows M28, M29, M33 and M34 of the mechanisms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator import RunResult
from tests.mechanisms.markets_b import MARKET, SEEDS, SILENCE, assert_same, equal_columns, last, of, paired, run, state, total

pytestmark = pytest.mark.compiled

ALONE = {"network": {"kind": "random", "degree": 0.0}}
"""Nobody knows anybody."""


# -- M28: one bad experience can go global --------------------------------------------------------------------------------

BAD_SERVICE = {
    "events": [{"day": 3, "brand": "Aurora", "kind": "service_failure", "severity": 0.6, "days": 7}], "run.days": 30,
    "word_of_mouth.standing": 0.0, "word_of_mouth.hearsay": 0.0, "word_of_mouth.annoyance": 0.0, "word_of_mouth.visibility": 0.3,
    "word_of_mouth.author_boost": 1.0, "word_of_mouth.agreement": 0.0, "word_of_mouth.interest_half_life": 4.0,
}  # fmt: skip
"""The service fails for a week; who then buys has something hot to tell, and nobody talks of anything else."""


def spread_of_experiences(share: float, seed: int, size: int = 1000) -> np.ndarray:
    """How many heard each bad experience."""
    messages = run(BAD_SERVICE, {"word_of_mouth.share": share, "population.size": size}, seed=seed).messages
    bad = messages[(messages.valence < 0) & (messages.brand == "Aurora") & messages.day.between(3, 9)]
    assert len(bad) > 20
    return bad["hearers"].to_numpy()


def test_m28_below_a_threshold_of_sharing_bad_experiences_stay_small_above_it_they_go_global() -> None:
    for seed in SEEDS:
        quiet, loud = spread_of_experiences(0.02, seed), spread_of_experiences(0.5, seed)
        assert quiet.max() < 0.05 * 1000
        assert (loud > 0.5 * 1000).mean() > 0.5


def test_m28_the_sizes_of_cascades_are_heavy_tailed() -> None:
    """Below the threshold, but near it: wider than exponential sizes of the same mean, which are as wide as their mean."""
    sizes = spread_of_experiences(0.1, seed=1, size=6000)
    assert sizes.std() > 1.5 * sizes.mean()
    assert (sizes > 5 * sizes.mean()).mean() > 2 * np.exp(-5)
    assert np.median(sizes) < 0.5 * np.log(2) * sizes.mean()


def test_m28_off_what_fails_by_nothing_changes_nothing() -> None:
    event = BAD_SERVICE["events"][0] | {"severity": 0.0}
    equal_columns(run(BAD_SERVICE, {"events": [event]}), run(BAD_SERVICE, without=("crises",)))


# -- M29: claims are opposable ------------------------------------------------------------------------------------------------

CLAIM = {
    "brands": [brand | {"quality": 0.6} for brand in MARKET["brands"]], "run.days": 90, "brands.Aurora.budget_per_day": 100.0,
    "brands.Aurora.strategy": {"kind": "interruption", "channels": {"tv": 1.0}}, "word_of_mouth.refutation": 0.5,
    "advertising.expectation_weight": 0.0,
}  # fmt: skip
"""Aurora advertises. Nobody expects anything because of it, so that a claim does nothing but be true or false."""

HONEST, FALSE = {"brands.Aurora.promise": 0.6}, {"brands.Aurora.promise": 0.95}


@cache
def claims(refutation: float, ties: bool) -> list[tuple[RunResult, RunResult]]:
    """Honest and false claim, the same in all else."""
    world = CLAIM | {"word_of_mouth.refutation": refutation} | ({} if ties else ALONE)
    return paired(world | HONEST, world | FALSE)


def harm_among_strangers(honest: RunResult, false: RunResult) -> np.ndarray:
    """Trust lost by the false claim among those who never bought."""
    strangers = (state(honest, "purchases") == 0) & (state(false, "purchases") == 0)
    assert strangers.sum() > 50
    lost: np.ndarray = (state(honest, "trust") - state(false, "trust"))[strangers]
    return lost


def test_m29_the_same_false_claim_is_harmless_without_ties_and_costly_where_people_are_connected() -> None:
    for (honest, false), (alone, alone_false) in zip(claims(0.5, True), claims(0.5, False), strict=True):
        assert harm_among_strangers(honest, false).mean() > 0.02
        assert total(false, "units") < 0.97 * total(honest, "units")
        assert (harm_among_strangers(alone, alone_false) == 0.0).all()
        assert total(alone_false, "units") == total(alone, "units")
        assert (alone_false.messages.origin == "refutation").sum() > 10  # it was said, to nobody


def test_m29_who_is_refuted_is_talked_of_badly() -> None:
    """Bad luck refutes honest brands too, but seldom."""
    for honest, false in claims(0.5, True):
        refuted = [
            result.messages[(result.messages.brand == "Aurora") & (result.messages.origin == "refutation")] for result in (honest, false)
        ]
        assert len(refuted[0]) < 0.2 * len(refuted[1]) and (refuted[1].valence == -1).all()
        assert refuted[1].hearers.sum() > 100
        assert total(false, "tellings_negative") > 1.2 * total(honest, "tellings_negative")


def test_m29_off_where_nobody_measures_brands_by_their_words_a_claim_is_free() -> None:
    for honest, false in claims(0.0, True):
        assert_same(honest, false)


def test_m29_off_a_claim_that_is_kept_refutes_nothing() -> None:
    modest = {"brands.Aurora.promise": 0.0, "brands.Borealis.promise": 0.0}
    assert_same(run(CLAIM, modest), run(CLAIM, modest, {"word_of_mouth.refutation": "off"}))


# -- M33: reputation is held by the sources ----------------------------------------------------------------------------------

REPUTED = {
    "run.days": 200, "word_of_mouth.online": 0.15, "reputation.build": 0.02, "reputation.loss": 0.06,
    "events": [{"day": 30, "brand": "Aurora", "kind": "scandal", "severity": 0.9, "tellers": {"highest_audience": 20}}],
}  # fmt: skip
"""Sixty days of ordinary talk, then a story that the loudest tell."""


def test_m33_reputation_is_lost_faster_than_it_is_won_back() -> None:
    for seed in SEEDS:
        reputation = of(run(REPUTED, seed=seed), "reputation")
        eve = reputation[29]
        lowest = 30 + int(np.argmin(reputation[30:90]))
        assert reputation[lowest] < eve - 0.02
        lost_in = lowest - 29
        back = np.flatnonzero(reputation[lowest:] >= eve)
        won_back_in = int(back[0]) if len(back) else 200 - lowest
        assert won_back_in > 2 * lost_in


def test_m33_as_much_praise_as_blame_costs_reputation() -> None:
    def staged(valence: int) -> dict[str, Any]:
        event = {"brand": "Aurora", "kind": "staged_messages", "consumers": 50, "valence": valence, "arousal": 0.5}
        return {"events": [event | {"day": 2}]} | SILENCE | {"word_of_mouth.online": 1.0, "word_of_mouth.author_boost": 0.0}

    quiet = {"run.days": 4, "word_of_mouth.share": 0.0}
    moved = [last(run(staged(valence), quiet), "reputation") - 0.55 for valence in (1, -1)]
    assert moved[0] > 0 > moved[1] and -moved[1] > 2.5 * moved[0]


def test_m33_it_depends_on_whom_the_sources_reach() -> None:
    def told_by(tellers: Any) -> float:
        event = {"day": 2, "brand": "Aurora", "kind": "scandal", "severity": 0.9, "tellers": tellers}
        return 0.55 - last(run(SILENCE, {"events": [event], "run.days": 4, "word_of_mouth.share": 0.0}), "reputation")

    assert told_by({"highest_audience": 10}) > 3 * told_by(10) > 0


def test_m33_conversion_depends_on_it() -> None:
    """Talk that moves nobody by itself: only what it makes of the brand's name counts."""
    deaf = REPUTED | {"word_of_mouth.strength": 0.0, "word_of_mouth.carry": 0.0, "word_of_mouth.recall": 0.0, "reputation.build": 0.0}
    sold = []
    for seed in SEEDS:
        kept, lost = (run(deaf, {"reputation.loss": loss}, seed=seed) for loss in (0.0, 0.3))
        assert last(lost, "reputation") < last(kept, "reputation") - 0.1
        sold.append([total(kept, "units"), total(lost, "units")])
    kept_units, lost_units = np.sum(sold, axis=0)
    assert lost_units < 0.97 * kept_units


def test_m33_off_what_is_said_leaves_no_name_behind() -> None:
    off = {"reputation.build": "off", "reputation.loss": "off"}
    one = run(REPUTED, off)
    assert_same(one, run(REPUTED, off, without=("reputation",)))
    assert set(of(one, "reputation")) == {np.float64(np.float32(0.55))}
    assert not run(REPUTED).daily.equals(one.daily)


# -- M34: authenticity, answers to a crisis ---------------------------------------------------------------------------------

CRISIS = {"day": 5, "brand": "Aurora", "kind": "scandal", "severity": 0.9, "damage": 0.3, "tellers": {"highest_audience": 5}}
WEALTH = {"run.days": 120, "brands.Aurora.budget_per_day": 2000.0, "word_of_mouth.visibility": 0.25}
"""A brand that can pay for whatever it says, and a public that looks."""


def answered(answer: str | None, delay: int = 1, **rules: Any) -> dict[str, Any]:
    """The crisis, and what Aurora says to it."""
    said = [] if answer is None else [{"day": 5 + delay, "brand": "Aurora", "kind": "response", "answer": answer}]
    return WEALTH | {"events": [CRISIS, *said]} | {f"crises.{key}": value for key, value in rules.items()}


SIX = range(1, 7)


@cache
def trust_after(answer: str | None, delay: int = 1, exposure: float = 0.0) -> np.ndarray:
    """Mean trust on the last day, a value a seed."""
    return np.array([last(run(answered(answer, delay, exposure=exposure), seed=seed), "trust") for seed in SIX])


def test_m34_a_fast_apology_with_a_real_fix_beats_silence_on_trust() -> None:
    gained = trust_after("apology") - trust_after(None)
    assert (gained > 0).all() and gained.mean() > 0.01


def test_m34_a_fast_apology_beats_a_late_one() -> None:
    gained = trust_after("apology") - trust_after("apology", 30)
    assert gained.mean() > 0.005 and (gained > 0).mean() > 0.8


def test_m34_the_fix_is_what_counts_in_the_long_run() -> None:
    """Kind words alone leave the product as bad as it was."""
    assert (trust_after("apology") - trust_after("empathy") > 0).all()


def test_m34_denial_of_a_true_fault_backfires_when_it_is_exposed() -> None:
    lost = trust_after(None) - trust_after("denial", exposure=0.5)
    assert lost.mean() > 0.001 and (lost > 0).mean() > 0.6
    assert (trust_after("denial", exposure=0.5) < trust_after("denial")).mean() > 0.6


def test_m34_a_false_rumour_can_be_denied() -> None:
    rumour = {"day": 5, "brand": "Aurora", "kind": "false_rumour", "severity": 0.9, "tellers": {"highest_audience": 5}}
    denial = {"day": 5, "brand": "Aurora", "kind": "response", "answer": "denial"}
    heard = [
        [total(run(WEALTH, {"events": events, "crises.exposure": 1.0}, seed=seed), "tellings_negative") for seed in SIX]
        for events in ([rumour], [rumour, denial])
    ]
    assert np.mean(heard[1]) < np.mean(heard[0])


def test_m34_nobody_gains_by_failing_first_and_apologising_then() -> None:
    """Paired with the same brand to which nothing ever happened: units, over all seeds."""
    for fault in ({"damage": 0.3}, {"damage": 0.0}):
        crisis = answered("apology") | {"events": [CRISIS | fault, answered("apology")["events"][1]]}
        gained = [total(run(crisis, seed=seed), "units") - total(run(WEALTH, {"events": []}, seed=seed), "units") for seed in SIX]
        assert np.mean(gained) < 0


def test_m34_off_an_answer_that_changes_nothing_is_silence() -> None:
    rows = ("denial", "denial_exposed", "explanation", "empathy", "apology", "compensation", "compensation_late")
    ones = {f"crises.matrix.{row}": dict.fromkeys(("victim", "accidental", "preventable"), "off") for row in rows}
    free = ones | {"crises.statement_cost": 0.0, "crises.compensation_cost": 0.0, "crises.exposure": "off"}
    silent = run(answered(None), free)
    for answer in ("denial", "explanation", "empathy", "compensation"):
        equal_columns(run(answered(answer), free), silent)


def test_m34_off_without_crises_there_is_nothing_to_answer() -> None:
    lever = {"brands.Aurora.strategy": {"kind": "interaction", "response": "apology"}} | WEALTH
    silent = {"brands.Aurora.strategy": {"kind": "interaction"}} | WEALTH
    assert_same(run(lever), run(silent))
    assert_same(run(lever, {"events": [CRISIS]}, without=("crises",)), run(silent))


def test_m34_a_strategy_answers_by_itself() -> None:
    lever = {"brands.Aurora.strategy": {"kind": "interaction", "response": "apology", "response_delay": 2}}
    result = run(WEALTH, lever, {"events": [CRISIS], "run.days": 20})
    lines = result.spending[result.spending.line.isin(["response", "repair"])]
    assert lines[["day", "line", "amount"]].values.tolist() == [[8, "response", 500.0], [8, "repair", 2000.0]]
