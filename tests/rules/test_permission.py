"""Permission: the consent gate, invitations, newsletters, opting out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.rules.advertising import Parameters as Advertising
from simulator.rules.advertising import notice
from simulator.rules.permission import Parameters, acceptance_probability, is_due, opt_out_probability, pay_rewards, write
from simulator.rules.reception import desire_of_week, opening_probability, relevance_of
from simulator.world.market import Market
from simulator.world.state import ASKED, NEVER, NONE, OPTED_IN, OPTED_OUT, OWNED, REACHED_OWNED, REFUSED, TOUCH_AD, TOUCH_PURCHASE, Action
from tests.rules.markets import market

MONEY = 10**7
RULES = Parameters(recall=0.4, credibility=0.56, intrusiveness=0.05, recontact_after=60, max_invitations=3)
ADS = {"wear_out": 0.5, "gain": 0.02, "expectation_weight": 0.1, "reactance": 0.05, "tolerance_point": 0.5}
"""What the tests reckon with, whatever the defaults."""

INVITE = Action(invite=True, invite_cents=MONEY)


def rules_with(**changes: float) -> Parameters:
    """These rules with some values changed."""
    return Parameters(**RULES.model_dump() | changes)


def mail(per_week: float = 7.0, **more: float) -> Action:
    """An action that writes to members so often."""
    return Action(sends_per_week=per_week, send_cents=MONEY, **more)


def day(m: Market, rules: Parameters, action: Action, attention: float = math.inf) -> None:
    """Write and notice for one day."""
    m.actions = [action] * len(m.names)
    m.counts = {}
    write(m, rules, Advertising(**ADS))
    notice(m, Advertising(**ADS, attention=attention), rules)
    m.day += 1


def touched(m: Market) -> Market:
    """Everybody noticed an advertisement."""
    m.state.touched[:] = TOUCH_AD
    return m


def fitting(m: Market, fit: float, known: float = 1.0) -> Market:
    """Everybody fits so well, and the brand knows it so well."""
    m.fit[:], m.mean_fit[:] = fit, fit
    m.state.knowledge[:] = known
    m.mean_irrelevance[:] = max(1e-6, 1.0 - fit)
    return m


# -- consent -----------------------------------------------------------------------------------------------------------


def test_no_newsletter_ever_reaches_anyone_not_opted_in() -> None:
    m = market(60, ("Aurora", "Boreal"))
    rules = rules_with(desire_spread=0.0, opt_out_per_send=0.0)
    m.state.consent[:] = (np.arange(120) % 5).reshape(60, 2)
    members = m.state.consent == OPTED_IN
    m.state.consent[m.state.consent == ASKED] = REFUSED
    for _ in range(14):
        day(m, rules, mail())
        assert np.array_equal(m.contacts.sent > 0, members)
    assert not m.state.reached[~members].any()


def test_the_blocked_get_no_newsletter() -> None:
    m = market(20)
    m.state.consent[:], m.state.blocked[:10] = OPTED_IN, 1
    day(m, RULES, mail())
    assert not m.contacts.sent[:10].any()
    assert m.contacts.sent[10:].all()


def test_an_invitation_is_answered_the_next_day() -> None:
    m = touched(fitting(market(200), 1.0))
    m.state.trust[:] = 1.0
    rules = rules_with(acceptance=1.0)
    day(m, rules, INVITE)
    assert np.all(m.state.consent == ASKED)
    assert m.counts["invitations"][0] == 200
    assert not m.state.touched.any()
    day(m, rules, Action())
    assert np.all(m.state.consent == OPTED_IN)
    assert m.counts["opt_ins"][0] == 200


def test_acceptance_is_the_product_of_its_reasons() -> None:
    m = touched(fitting(market(4000), 0.8))
    m.state.trust[:], m.consumers.privacy_concern[:] = 0.6, 0.3
    rules = rules_with(acceptance=0.9, invitation_intrusiveness=0.4)
    day(m, rules, INVITE)
    day(m, rules, Action())
    p = 0.9 * 0.6 * 0.8 * 0.7 * math.exp(-0.5 * 0.4 * (1.0 - (0.5 + 0.5 * 0.2)))
    assert acceptance_probability(0.9, 0.6, 0.8, 0.3, 0.5) == pytest.approx(0.9 * 0.6 * 0.8 * 0.7 * 0.5)
    assert np.mean(m.state.consent == OPTED_IN) == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / m.n))
    assert np.all((m.state.consent == OPTED_IN) | (m.state.consent == REFUSED))


def test_only_touchpoints_are_invited() -> None:
    m = market(9)
    m.state.touched[::3] = TOUCH_PURCHASE
    day(m, RULES, INVITE)
    assert np.array_equal(m.state.consent[:, 0] == ASKED, np.arange(9) % 3 == 0)


# -- invitations and refusal -------------------------------------------------------------------------------------------


def refused_again(respect: bool, days: int = 200) -> Market:
    """Somebody who never accepts, touched every day."""
    m, rules = market(30), rules_with(acceptance=0.0, recontact_after=20, max_invitations=3)
    for _ in range(days):
        day(touched(m), rules, Action(invite=True, invite_cents=MONEY, respect_refusal=respect))
        m.state.irritation *= 0.9
    return m


def test_a_respectful_brand_asks_at_most_max_invitations_times_and_waits_in_between() -> None:
    m = refused_again(True)
    assert np.all(m.state.invitations == 3)
    assert np.all(m.state.invited_day == 40)


def test_a_brand_that_does_not_respect_refusal_asks_without_end_and_annoys() -> None:
    m = refused_again(False)
    assert np.all(m.state.invitations == 200)
    assert np.all(m.state.irritation > 10 * refused_again(True, 1).state.irritation)


def test_who_opted_out_is_asked_only_by_those_who_do_not_respect_it() -> None:
    for respect, then in ((True, OPTED_OUT), (False, ASKED)):
        m = touched(market(3))
        m.state.consent[:] = OPTED_OUT
        day(m, RULES, Action(invite=True, invite_cents=MONEY, respect_refusal=respect))
        assert np.all(m.state.consent == then)


def test_asking_again_soon_costs_double_irritation() -> None:
    m, rules = touched(market(2)), rules_with(invitation_intrusiveness=0.3, recontact_after=10)
    m.day, m.state.invited_day[1] = 5, 0
    day(m, rules, Action(invite=True, invite_cents=MONEY, respect_refusal=False))
    assert m.state.irritation[:, 0] == pytest.approx([0.15, 0.3])
    assert m.state.invited_day[:, 0].tolist() == [5, 5]


def test_scarce_money_invites_by_lot_and_never_overspends() -> None:
    m, more = touched(market(100, money=37)), touched(market(100, money=61))
    for each in (m, more):
        day(each, rules_with(cost_per_invitation=0.01), INVITE)
    asked, asked_more = m.state.consent[:, 0] == ASKED, more.state.consent[:, 0] == ASKED
    assert asked.sum() == 37 == m.brands.spent[0]
    assert asked_more.sum() == 61
    assert np.all(asked_more[asked])  # more money leaves nobody out who was asked with less
    assert m.spending == [(0, 0, "invitations", 37.0, 37)]


# -- newsletters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_week", [0.25, 1.0, 2.5, 7.0])
def test_members_get_as_many_newsletters_as_planned_evenly_spread(per_week: float) -> None:
    m, rules = market(70), rules_with(opt_out_per_send=0.0)
    m.state.consent[:] = OPTED_IN
    got, weeks = np.zeros(70), 8
    for _ in range(7 * weeks):
        day(m, rules, mail(per_week))
        got += m.contacts.sent[:, 0] if len(m.contacts.sent) else 0
    assert np.all(np.abs(got - per_week * weeks) <= 1)


def test_sends_are_spread_over_the_week() -> None:
    sends = [sum(is_due.python(1.0, day, v / 100) for v in range(100)) for day in range(-7, 14)]
    assert all(13 <= count <= 16 for count in sends)
    assert sum(sends[:7]) == sum(sends[7:14]) == 100


def test_reach_by_newsletter_needs_opening() -> None:
    m, rules = fitting(market(4000), 0.6), rules_with(open_rate=0.5, desire_spread=0.0, opt_out_per_send=0.0)
    m.state.consent[:] = OPTED_IN
    day(m, rules, mail())
    opened = m.state.reached[:, 0] == REACHED_OWNED
    assert opened.mean() == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 4000))
    assert np.all(m.state.influence[opened, 0] == OWNED)
    assert m.counts["sends"][0] == 4000
    assert m.counts["opened"][0] == opened.sum()
    awareness = m.state.awareness[:, 0]
    assert np.all(awareness[~opened] == 0.0)
    assert awareness[opened] == pytest.approx(0.4)


def test_a_newsletter_moves_its_reader_as_written() -> None:
    m, rules = fitting(market(1), 1.0), rules_with(open_rate=1.0, desire_spread=0.0, opt_out_per_send=0.0, intrusiveness=0.1)
    m.state.consent[:], m.brands.promise[0] = OPTED_IN, 0.9
    day(m, rules, mail())
    assert m.state.trust[0, 0] == pytest.approx(0.5 + 0.02 * 0.56 * 0.5, abs=1e-6)
    assert m.state.expectation[0, 0] == pytest.approx(0.5 + 0.1 * 0.56 * 0.5 * 0.4, abs=1e-6)
    assert m.state.irritation[0, 0] == pytest.approx(0.05, abs=1e-6)


def test_attention_is_shared_with_newsletters() -> None:
    m, rules = fitting(market(3000, ("Aurora", "Boreal")), 1.0), rules_with(open_rate=1.0, opt_out_per_send=0.0)
    m.state.consent[:] = OPTED_IN
    day(m, rules, mail(), attention=0.5)
    assert m.counts["opened"].sum() / 6000 == pytest.approx(0.25, abs=0.03)


def test_desire_decides_what_is_wanted_and_opened() -> None:
    assert desire_of_week(0.4, 0.0, 0.9) == 0.4
    assert desire_of_week(0.4, 0.5, 0.9) == pytest.approx(0.8)
    assert desire_of_week(0.9, 0.5, 0.9) == 1.0
    assert opening_probability(0.4, 0.5, 0.7, 0.5) == pytest.approx(0.24)
    assert opening_probability(0.4, 0.5, 0.5, 0.5) == 0.2
    assert relevance_of(0.0, 0.9, 0.5) == 0.5
    assert relevance_of(1.0, 0.9, 0.5) == 0.9


def test_the_gate_sends_less_and_is_welcome_more() -> None:
    results = {}
    for gate in (0.0, 0.6):
        m, rules = market(2000), rules_with(opt_out_per_send=0.0)
        m.fit[:, 0] = np.linspace(0.1, 1.0, 2000)
        m.mean_fit[:] = m.fit.mean()
        m.state.consent[:], m.state.knowledge[:] = OPTED_IN, 1.0
        totals = np.zeros(3)
        for _ in range(7):
            day(m, rules, mail(1.0, only_wanted=gate))
            totals += [m.counts.get(name, np.zeros(1))[0] for name in ("sends", "opened", "wanted")]
        results[gate] = (*totals, float(m.state.irritation.mean()))
    (sends, opened, wanted, irritation), (gated, gated_opened, gated_wanted, gated_irritation) = results[0.0], results[0.6]
    assert gated < sends
    assert gated_opened / gated > opened / sends
    assert gated_wanted == gated > wanted / sends * gated
    assert gated_irritation < irritation


# -- opting out --------------------------------------------------------------------------------------------------------


@pytest.mark.compiled
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_newsletter_a_week_loses_a_quarter_of_a_percent_per_send(seed: int) -> None:
    m, rules = market(60_000, seed=seed), RULES
    m.fit[:, 0] = np.linspace(0.05, 0.95, m.n)
    m.mean_fit[:], m.mean_irrelevance[:] = 0.5, 0.5
    m.state.consent[:] = OPTED_IN
    sends = outs = 0.0
    for _ in range(28):
        day(m, rules, mail(1.0))
        sends += m.counts["sends"][0]
        outs += m.counts["opt_outs"][0]
    assert outs / sends == pytest.approx(0.0025, abs=4 * math.sqrt(0.0025 / sends))


@pytest.mark.compiled
def test_over_mailing_raises_opt_outs() -> None:
    rates = []
    for per_week in (1.0, 3.0, 7.0):
        m, rules = fitting(market(20_000), 0.5), rules_with(opt_out_per_send=0.01)
        m.state.consent[:] = OPTED_IN
        for _ in range(7):
            day(m, rules, mail(per_week))
        rates.append(float(np.mean(m.state.consent == OPTED_OUT)) / per_week)
    assert rates[0] < rates[1] < rates[2]
    assert opt_out_probability(0.01, 0.5, 3.0, 1.0, 0.0) == pytest.approx(1.0 - math.exp(-0.01 * math.e))
    assert opt_out_probability(0.01, 0.0, 7.0, 1.0, 0.0) == opt_out_probability(0.01, 0.5, 1.0, 1.0, 0.0)
    assert opt_out_probability(0.01, 0.5, 7.0, 1.0, 1.0) == 0.0
    assert opt_out_probability(0.0, 0.5, 7.0, 1.0, 0.0) == 0.0


# -- rewards -----------------------------------------------------------------------------------------------------------


def test_rewards_owed_are_paid_as_far_as_the_purse_allows() -> None:
    m = market(1, ("Rich", "Poor"))
    m.brands.reward_debt[:] = 500
    m.brands.accrued[1] = 200
    m.actions = [Action(reward_cents=MONEY), Action(reward_cents=MONEY)]
    pay_rewards(m)
    assert m.brands.reward_debt.tolist() == [0, 300]
    assert m.spending == [(0, 0, "reward", 5.0, 500), (0, 1, "reward", 2.0, 200)]


def test_an_idle_programme_changes_nothing() -> None:
    m = market(20)
    m.state.consent[:10] = OPTED_IN
    day(m, RULES, Action())
    assert not m.state.reached.any()
    assert np.all(m.state.invited_day == NEVER)
    assert np.all(m.state.consent[10:] == NONE)
    assert m.spending == []
