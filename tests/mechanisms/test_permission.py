"""M6-M11: win consent first, then speak to those who agreed; leave the others in peace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import WordOfMouthModel
from simulator.world.state import ASKED, NONE, OPTED_IN, OPTED_OUT, ORIGINS, REFUSED
from tests.mechanisms.town import AURORA, BOREAL, MONEY, MUTE, SEEDS, Changes, assert_same_days, column, last, lived, run, total, town

pytestmark = pytest.mark.compiled


def permission(brand: str = AURORA, **levers: Any) -> Changes:
    """A brand that asks first. Its recruiting ads are gentle unless said otherwise."""
    return {f"{brand}.strategy": {"kind": "permission", "recruit_channels": {"search": 1.0}} | levers}


def interruption(brand: str = AURORA, channel: str = "search") -> Changes:
    return {f"{brand}.strategy": {"kind": "interruption", "channels": {channel: 1.0}}}


def list_of(share: float, brand: str = AURORA) -> Changes:
    """A brand whom this share of the town has agreed to hear from, and who knows them a little."""
    return {f"{brand}.start.opt_in": share, f"{brand}.start.knowledge": 0.3}


# -- M6: opt-in --------------------------------------------------------------------------------------------------------------

STEPS = {
    (NONE, ASKED), (ASKED, OPTED_IN), (ASKED, REFUSED), (REFUSED, ASKED), (OPTED_IN, OPTED_OUT),
    (ASKED, OPTED_OUT),  # joined by her answer this morning, left by the first newsletter
}  # fmt: skip
"""How consent may change from one evening to the next."""

RUDE_STEPS = {(OPTED_OUT, ASKED), (ASKED, ASKED)}
"""And where refusal is not respected: refused this morning and asked again."""


@pytest.mark.parametrize("respect", [True, False])
def test_m06_no_newsletter_ever_reaches_anyone_not_opted_in(respect: bool) -> None:
    eager = {"permission.acceptance": 1.0, "permission.recontact_after": 5, "permission.opt_out_per_send": 0.02}
    writing = [permission(brand, newsletters_per_week=7.0, respect_refusal=respect) for brand in (AURORA, BOREAL)]
    model = WordOfMouthModel.build(town(eager, list_of(0.2), *writing), seed=1)
    taken, letters = set(), 0
    for _ in range(40):
        before = model.market.state.consent.copy()
        model.step()
        after = model.market.state.consent
        taken |= set(zip(before[before != after].tolist(), after[before != after].tolist(), strict=True))
        got = model.market.contacts.sent.astype(bool)
        letters += int(got.sum())
        assert np.isin(before[got], (OPTED_IN, ASKED)).all()
        assert np.isin(after[got], (OPTED_IN, OPTED_OUT)).all()
    assert letters > 1000
    assert STEPS <= taken <= (STEPS if respect else STEPS | RUDE_STEPS)


@pytest.mark.parametrize("seed", SEEDS)
def test_m06_consent_follows_a_solicitation(seed: int) -> None:
    daily = run(permission(), seed=seed).daily
    mine = daily[daily.brand == "Aurora"]
    assert mine.list_size.iloc[0] == 0  # an answer takes a night
    assert (mine.opt_ins.cumsum() <= mine.invitations.cumsum().shift(fill_value=0)).all()
    assert mine.list_size.iloc[-1] == mine.opt_ins.sum() - mine.opt_outs.sum() > 0


def test_m06_where_nobody_accepts_newsletters_do_not_exist() -> None:
    """Acceptance 0 is the same as writing to nobody."""
    closed = {"permission.acceptance": 0.0}
    asked, unasked = run(permission(newsletters_per_week=7.0), closed), run(permission(newsletters_per_week=0.0), closed)
    assert total(asked, "invitations") > 0
    assert_same_days(asked, unasked)


def test_m06_permission_that_neither_asks_nor_writes_is_interruption() -> None:
    assert_same_days(run(permission(recruit_share=1.0, newsletters_per_week=0.0, invite=False)), run(interruption()))


# -- M7: newsletters and loyalty programmes ------------------------------------------------------------------------------------


def letters(per_week: float, **levers: Any) -> Changes:
    """A brand that writes to its members and does nothing else."""
    return permission(newsletters_per_week=per_week, recruit_share=0.0, invite=False, **levers)


@pytest.mark.parametrize("seed", SEEDS)
def test_m07_over_mailing_raises_opt_outs(seed: int) -> None:
    """Of each single newsletter, not only of all together."""
    often = {"permission.opt_out_per_send": 0.01} | list_of(0.6)
    rate = []
    for per_week in (1.0, 3.0, 7.0):
        result = run(letters(per_week), often, seed=seed)
        rate.append(total(result, "opt_outs") / total(result, "sends"))
    assert 0 < rate[0] < rate[1] < rate[2]


def test_m07_without_overmailing_frequency_does_not_matter_to_a_newsletter() -> None:
    """Overmailing 0 is the same as minding no frequency."""
    members = list_of(0.6)
    never, later = {"permission.overmailing": 0.0}, {"permission.free_frequency": 7.0}
    assert_same_days(run(letters(7.0), members, never), run(letters(7.0), members, later))


def test_m07_without_opt_out_nobody_leaves() -> None:
    result = run(letters(7.0), list_of(0.6), {"permission.opt_out_per_send": 0.0})
    assert total(result, "sends") > 0
    assert (column(result, "list_size") == column(result, "list_size")[0]).all()


CLUB: Changes = list_of(0.5) | {f"{AURORA}.budget_per_day": 200.0, "purchase.reward_weight": 4.0, "run.days": 70}


def programme(reward: float) -> Changes:
    return CLUB | letters(0.0, reward=reward)


def churn(model: WordOfMouthModel, members: bool) -> float:
    """Share of Aurora's customers on day 0, members or not, who bought none of it in the last 28 days."""
    opening = WordOfMouthModel.build(model.scenario, model.seed).market.state
    customers = (opening.purchases[:, 0] > 0) & ((opening.consent[:, 0] == OPTED_IN) == members)
    lost = model.recorder.bought_day[:, 0] < model.scenario.run.days - 28
    return float(lost[customers].mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_m07_a_loyalty_programme_lowers_churn_only_among_members(seed: int) -> None:
    nobody_looks = MUTE | {"purchase.proof_weight": 0.0}  # else members would carry their friends with them
    without, with_it = (lived(programme(reward), nobody_looks, seed=seed) for reward in (0.0, 5.0))
    assert churn(with_it, members=True) < churn(without, members=True) - 0.05
    others = with_it.market.state.consent[:, 0] != OPTED_IN
    for name in ("purchases", "loyalty", "trust", "satisfaction"):
        left, right = (getattr(model.market.state, name)[others] for model in (without, with_it))
        np.testing.assert_array_equal(left, right, err_msg=name)


def test_m07_a_reward_that_nobody_values_moves_money_and_nothing_else() -> None:
    unmoved = {"purchase.reward_weight": 0.0}
    paid, none = run(programme(5.0), unmoved), run(programme(0.0), unmoved)
    assert total(paid, "spend") > 0
    assert_same_days(paid, none, but=MONEY)


# -- M8: strangers, friends, customers -----------------------------------------------------------------------------------------

STAGES = ("stranger", "aware", "consenting", "customer", "loyal", "advocate")


def stages(model: WordOfMouthModel, brand: int = 0) -> np.ndarray:
    """Where each consumer stands in the funnel: the furthest stage she has come to."""
    state, since = model.market.state, model.market.day - 28
    customer, loyal = state.purchases[:, brand] > 0, state.loyalty[:, brand] >= 0.8
    reached = [
        np.ones(model.market.n, bool), state.awareness[:, brand] > 0.3, state.consent[:, brand] == OPTED_IN,
        customer, customer & loyal, customer & loyal & (state.praised_day[:, brand] > since),
    ]  # fmt: skip
    return np.max([np.where(there, stage, 0) for stage, there in enumerate(reached)], axis=0)


def transitions(changes: Changes, seed: int) -> np.ndarray:
    """Share of the consumers of each stage on day 0 who end in each stage."""
    start = stages(WordOfMouthModel.build(town(changes), seed))
    moves = np.zeros((len(STAGES), len(STAGES)))
    np.add.at(moves, (start, stages(lived(changes, seed=seed))), 1.0)
    return moves / np.maximum(1.0, moves.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_m08_permission_turns_strangers_into_friends(seed: int) -> None:
    stranger, aware, consenting = (STAGES.index(name) for name in ("stranger", "aware", "consenting"))
    bought, asked = (transitions(change | {"permission.acceptance": 0.6}, seed) for change in (interruption(), permission()))
    for matrix in (bought, asked):
        sums = matrix.sum(axis=1)
        np.testing.assert_allclose(sums[sums > 0], 1.0)
        assert (sums[[stranger, aware]] > 0).all()
    assert asked[aware, consenting] > 0.02 > 0.0 == bought[aware, consenting]
    assert asked[stranger, consenting] > 0.0 == bought[stranger, consenting]


# -- M9: only as she wishes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_m09_writing_only_to_those_who_wish_it_means_less_contact_more_response_less_irritation(seed: int) -> None:
    always, wished = (run(list_of(0.7), letters(3.0, only_wanted=gate), seed=seed) for gate in (0.0, 0.5))
    assert total(wished, "sends") < total(always, "sends")
    assert total(wished, "opened") / total(wished, "sends") > total(always, "opened") / total(always, "sends")
    assert total(wished, "wanted") == total(wished, "sends")
    assert total(always, "wanted") < total(always, "sends")
    assert last(wished).irritation < last(always).irritation


def test_m09_where_every_week_is_alike_a_gate_below_all_desires_is_no_gate() -> None:
    steady = {"permission.desire_spread": 0.0} | list_of(0.7)
    assert_same_days(run(permission(only_wanted=1e-30), steady), run(permission(only_wanted=0.0), steady))


# -- M10: the refractory ---------------------------------------------------------------------------------------------------------

HERMITS: Changes = {
    "population.ad_tolerance": 0.0, "population.privacy_concern": 1.0, "population.purchase_rate": 0.0,
    "advertising.channels.search.intrusiveness": 0.0,  # only being asked annoys
    "advertising.wear_out": 0.0, "advertising.block_hazard": 0.0,  # else the annoyed would miss what gentle ads gain
    "permission.recontact_after": 20, f"{AURORA}.budget_per_day": 12.0, "run.days": 60,
}  # fmt: skip
"""A town where nobody ever consents and being asked annoys everybody."""


@pytest.mark.parametrize("seed", SEEDS)
def test_m10_respecting_refusal_never_costs_the_trust_of_the_refractory(seed: int) -> None:
    """Person by person, against the twin town in which nobody is ever asked. Chasing them does, and they talk."""
    left_alone, respected, chased = (
        lived(HERMITS, permission(**lever), seed=seed) for lever in ({"invite": False}, {}, {"respect_refusal": False})
    )
    trust = {name: model.market.state.trust[:, 0] for name, model in (("alone", left_alone), ("respected", respected), ("chased", chased))}
    assert respected.market.state.invitations[:, 0].max() == 3  # asked as often as a respectful brand may
    np.testing.assert_array_equal(trust["respected"], trust["alone"])
    assert trust["chased"].mean() < trust["alone"].mean() - 0.02
    complaints = [model.market.messages.table()["origin"] == ORIGINS.index("annoyance") for model in (respected, chased)]
    assert complaints[0].sum() == 0
    assert complaints[1].sum() > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_m10_chasing_refractories_costs_trust_in_a_living_town_too(seed: int) -> None:
    mixed: Changes = {
        "population.segments": [
            {"name": "open", "share": 0.7},
            {"name": "refractory", "share": 0.3, "ad_tolerance": 0.0, "privacy_concern": 1.0},
        ],
        f"{AURORA}.budget_per_day": 12.0, "run.days": 60,
    }  # fmt: skip
    respected, chased = (lived(mixed, permission(respect_refusal=respect), seed=seed) for respect in (True, False))
    refractory = respected.market.consumers.segment == 1
    before, after = (model.market.state.trust[refractory, 0].mean() for model in (respected, chased))
    assert after < before - 0.02


def test_m10_where_being_asked_annoys_nobody_chasing_costs_no_trust() -> None:
    harmless = HERMITS | {"permission.invitation_intrusiveness": 0.0}
    trust = [lived(harmless, permission(respect_refusal=respect)).market.state.trust for respect in (True, False)]
    np.testing.assert_array_equal(*trust)


# -- M11: refractory to whom? -----------------------------------------------------------------------------------------------------

LOVED_AND_NOT: Changes = {
    "population.ad_tolerance": 0.1, f"{AURORA}.start.reputation": 0.4, f"{BOREAL}.start.reputation": 0.9,
    "permission.acceptance": 1.0, "population.privacy_concern": 0.2,
}  # fmt: skip
"""Aurora is nobody's darling, Boreal everybody's; else they are alike, and do the same."""


@pytest.mark.parametrize("seed", SEEDS)
def test_m11_the_same_consumer_is_closed_to_one_brand_and_open_to_another(seed: int) -> None:
    same = [permission(brand, recruit_channels={"popup": 1.0}) for brand in (AURORA, BOREAL)]
    model = lived(LOVED_AND_NOT, *same, seed=seed)
    consumers = [model.consumer(i) for i in range(model.market.n)]

    def minds_more(one: str, other: str) -> int:
        return sum((she.blocked[one], she.irritation[one]) > (she.blocked[other], she.irritation[other]) for she in consumers)

    def closed_but_open(closed: str, opened: str) -> int:
        shut = [she for she in consumers if she.blocked[closed] or she.consent[closed] in (REFUSED, OPTED_OUT)]
        return sum(she.consent[opened] == OPTED_IN for she in shut)

    assert minds_more("Aurora", "Boreal") > 1.4 * minds_more("Boreal", "Aurora")
    assert closed_but_open("Aurora", "Boreal") > max(50, 3 * closed_but_open("Boreal", "Aurora"))


def test_m11_who_tolerates_everything_is_closed_to_nobody() -> None:
    same = [interruption(brand, "popup") for brand in (AURORA, BOREAL)]
    daily = run(LOVED_AND_NOT, {"population.ad_tolerance": 1.0}, *same).daily
    assert (daily.irritation == 0).all()
    assert (daily.blocked == 0).all()
