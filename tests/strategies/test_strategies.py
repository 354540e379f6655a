"""What each strategy does with its money."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from pydantic import ValidationError

from simulator.strategies import Interaction, Interruption, Mixed, Permission, Silent
from simulator.world.state import Action
from tests.strategies.views import view, views


def spent(action: Action) -> int:
    return sum(buy.cents for buy in action.ads)


def test_silence_does_nothing() -> None:
    assert Silent().decide(view()) == Action()


# -- interruption ----------------------------------------------------------------------------------------------------


def test_interruption_spends_all_by_its_mix() -> None:
    action = Interruption(channels={"video_preroll": 0.6, "popup": 0.4}).decide(view(purse_cents=1001))
    assert {buy.channel: buy.cents for buy in action.ads} == {"video_preroll": 600, "popup": 400}  # one cent waits


def test_pulses_spread_what_was_saved_evenly() -> None:
    pulsed = Interruption(channels={"tv": 1.0}, flighting="pulsed", on_days=4, off_days=4)
    purse, days = 0, []
    for day in range(24):
        purse += 1000
        days.append(spent(pulsed.decide(view(day=day, purse_cents=purse, budget_cents=1000))))
        purse -= days[-1]
    assert days == ([1000] * 4 + [0] * 4) + ([2000] * 4 + [0] * 4) * 2


def test_bursts_are_saved_for() -> None:
    burst = Interruption(channels={"tv": 1.0}, flighting="burst", burst_days=5)
    purse, days = 0, []
    for day in range(10):
        purse += 1000
        days.append(spent(burst.decide(view(day=day, purse_cents=purse, budget_cents=1000))))
        purse -= days[-1]
    assert days == [0, 0, 0, 0, 5000] * 2


def test_all_flightings_spend_the_same_over_whole_cycles() -> None:
    totals = []
    for flighting in ("continuous", "burst"):
        strategy, purse, total = Interruption(channels={"tv": 1.0}, flighting=flighting, burst_days=7), 0, 0
        for day in range(28):
            purse += 1000
            today = spent(strategy.decide(view(day=day, purse_cents=purse, budget_cents=1000)))
            purse, total = purse - today, total + today
        totals.append(total)
    assert totals == [28_000, 28_000]


def test_shares_of_a_mix_sum_to_one() -> None:
    with pytest.raises(ValidationError, match="shares must sum to 1, these sum to 0.9"):
        Interruption(channels={"tv": 0.5, "popup": 0.4})
    with pytest.raises(ValidationError, match="must not be negative"):
        Permission(recruit_channels={"tv": 1.5, "popup": -0.5})


# -- permission ------------------------------------------------------------------------------------------------------


def test_permission_pays_sends_then_rewards_then_recruiting() -> None:
    strategy = Permission(newsletters_per_week=7.0, recruit_share=0.5, reward=1.0)
    sends = 20_000  # 100,000 members, every day, 0.002 each, in cents
    for purse, expected in ((15_000, (15_000, 0, 0)), (25_000, (20_000, 5_000, 0)), (60_000, (20_000, 30_000, 5_000))):
        action = strategy.decide(view(purse_cents=purse, budget_cents=purse, reward_debt_cents=30_000))
        assert (action.send_cents, action.reward_cents, spent(action)) == expected
        assert action.send_cents <= sends
        assert action.invite_cents == purse - sum(expected)


def test_recruiting_takes_its_share_of_the_days_budget_and_leaves_savings_alone() -> None:
    strategy = Permission(newsletters_per_week=0.0, recruit_share=0.5)
    assert spent(strategy.decide(view(purse_cents=1000, budget_cents=1000))) == 500
    assert spent(strategy.decide(view(purse_cents=100_000, budget_cents=1000))) == 500


def test_enough_is_kept_ready_for_the_mails_due() -> None:
    action = Permission(newsletters_per_week=1.0).decide(view())
    due = 100_000 / 7 * 0.002 * 100
    assert due < action.send_cents < 4 * due


# -- interaction -----------------------------------------------------------------------------------------------------


def test_ads_take_their_share_whoever_waits() -> None:
    strategy = Interaction(listening=0.0, effort=1.0, ads_share=0.5)
    one = 400_000  # cents for one simulated consumer: 1,000 real people at 4
    for waiting in (0, 3):
        action = strategy.decide(view(waiting=waiting, purse_cents=one, budget_cents=one))
        assert (spent(action), action.conversation_cents) == (one // 2, one // 2)
    alone = Interaction(listening=0.0, effort=1.0, ads_share=0.0).decide(view(waiting=3, purse_cents=one, budget_cents=one))
    assert (spent(alone), alone.conversation_cents) == (0, one)


def test_a_conversation_too_dear_for_today_is_saved_for() -> None:
    strategy = Interaction(listening=0.0, effort=1.0, ads_share=0.0)
    action = strategy.decide(view(waiting=1, purse_cents=240_000, budget_cents=240_000))
    assert (spent(action), action.conversation_cents) == (0, 240_000)


def test_what_runs_daily_is_paid_first_or_not_done() -> None:
    strategy = Interaction(fix=0.1, platform=True)
    rich = strategy.decide(view())
    assert (rich.listening_cents, rich.fix_cents, rich.platform_cents) == (2000, 5000, 5000)
    poor = strategy.decide(view(purse_cents=6000, budget_cents=6000))
    assert (poor.listening_cents, poor.fix_cents, poor.platform_cents) == (2000, 0, 0)
    assert (poor.listening, poor.fix, poor.platform) == (0.5, 0.0, False)


def test_closed_days_answer_nobody() -> None:
    strategy = Interaction(open_days_per_week=2)
    is_open = [strategy.decide(view(day=day, waiting=5)).effort > 0 for day in range(7)]
    assert is_open == [True, True, False, False, False, False, False]
    assert strategy.decide(view(day=3, waiting=5)).conversation_cents == 0


STRICKEN = {"crises": ((0, 2, "silence"),), "statement_cost": 500.0, "compensation_cost": 5000.0, "repair_cost": 2000.0}
"""A brand that has known for two days of a crisis of its own."""


@pytest.mark.parametrize(("response", "price"), [("denial", 50_000), ("apology", 250_000), ("compensation", 550_000)])
def test_interaction_sets_the_price_of_its_answer_aside_before_all_else(response: str, price: int) -> None:
    seen = view(purse_cents=price + 10_000, budget_cents=10_000, **STRICKEN)
    action = Interaction(response=response).decide(seen)
    assert (action.response, action.response_cents) == (response, price)
    assert replace(action, response="silence", response_cents=0) == Interaction().decide(replace(seen, purse_cents=10_000))


def test_interaction_saves_for_its_answer_while_it_cannot_pay_for_it() -> None:
    assert Interaction(response="apology").decide(view(purse_cents=249_999, **STRICKEN)) == Action()


@pytest.mark.parametrize(
    ("levers", "crises"),
    [
        ({}, ((0, 2, "silence"),)), ({"response": "apology"}, ()), ({"response": "apology", "response_delay": 3}, ((0, 2, "silence"),)),
        ({"response": "apology"}, ((0, 2, "denial"), (1, 0, "apology"))),
    ],
    ids=["has no answer", "no crisis", "waits", "all answered"],
)  # fmt: skip
def test_interaction_answers_only_what_is_to_be_answered(levers: dict, crises: tuple) -> None:
    seen = view(**(STRICKEN | {"crises": crises}))
    assert Interaction(**levers).decide(seen) == Interaction().decide(seen)


def test_interaction_answers_at_once_what_has_waited_long_enough() -> None:
    seen = view(**(STRICKEN | {"crises": ((0, 5, "silence"), (1, 0, "silence"))}))
    assert Interaction(response="empathy", response_delay=5).decide(seen).response == "empathy"


# -- mixed -----------------------------------------------------------------------------------------------------------


@given(seen=views())
def test_all_money_to_one_component_is_that_strategy_to_the_bit(seen) -> None:
    alone = {"interruption": Interruption(promise=0.9), "permission": Permission(reward=1.0), "interaction": Interaction(platform=True)}
    for kind, strategy in alone.items():
        assert Mixed(shares={kind: 1.0}, **{kind: strategy}).decide(seen) == strategy.decide(seen)


def test_actions_add() -> None:
    levers = {"interruption": {"channels": {"tv": 1.0}, "promise": 0.9}, "permission": {"recruit_channels": {"tv": 1.0}, "reward": 1.0}}
    shares = {"interruption": 0.5, "permission": 0.3, "interaction": 0.2}
    mixed, seen = Mixed(shares=shares, **levers), view()
    action = mixed.decide(seen)
    parts = [
        strategy.decide(replace(seen, purse_cents=int(300_000 * share), budget_cents=int(300_000 * share)))
        for strategy, share in (
            (Interruption(**levers["interruption"]), 0.5), (Permission(**levers["permission"]), 0.3), (Interaction(), 0.2)
        )
    ]  # fmt: skip
    assert action.cents() == sum(part.cents() for part in parts)
    assert {buy.channel: buy.cents for buy in action.ads}["tv"] == spent(parts[0]) + spent(parts[1])
    assert (action.promise, action.reward, action.invite, action.listening, action.effort) == (0.9, 1.0, True, 0.5, 0.8)


def test_savings_stay_with_those_who_save() -> None:
    """A conversation dearer than the day's share is saved for while ads go on."""
    mixed = Mixed(shares={"interruption": 0.7, "interaction": 0.3}, interaction={"listening": 0.0, "effort": 1.0, "ads_share": 0.0})
    purse, answered, ads = 0, [], []
    for day in range(20):
        purse += 100_000
        action = mixed.decide(view(day=day, purse_cents=purse, budget_cents=100_000, waiting=9, scale=250.0))  # 100,000 cents each
        answered.append(action.conversation_cents // 100_000)
        ads.append(spent(action))
        purse -= 100_000 * answered[-1] + ads[-1]
    assert sum(answered) == 6 and ads == [70_000] * 20 and purse == 0


def test_phases_last_until_the_next() -> None:
    mixed = Mixed(
        shares={"interruption": 1.0},
        phases=[{"from_day": 10, "shares": {"interaction": 1.0}}, {"from_day": 20, "shares": {"permission": 1.0}}],
    )
    assert [mixed.decide(view(day=day)) for day in (9, 10, 19, 20, 500)] == [
        strategy.decide(view(day=day))
        for strategy, day in ((Interruption(), 9), (Interaction(), 10), (Interaction(), 19), (Permission(), 20), (Permission(), 500))
    ]


def test_a_phase_may_bring_levers_that_then_stay() -> None:
    mixed = Mixed(
        shares={"interruption": 1.0},
        phases=[
            {"from_day": 10, "shares": {"interruption": 1.0}, "interruption": {"channels": {"popup": 1.0}}},
            {"from_day": 20, "shares": {"silent": 1.0}},
            {"from_day": 30, "shares": {"interruption": 1.0}},
        ],
    )
    popup = Interruption(channels={"popup": 1.0})
    strategies = ((Interruption(), 9), (popup, 10), (Silent(), 20), (popup, 30))
    assert [mixed.decide(view(day=day)) for _, day in strategies] == [strategy.decide(view(day=day)) for strategy, day in strategies]
    assert mixed.channels_bought() == {"tv", "video_preroll", "popup"}


@pytest.mark.parametrize(
    ("levers", "message"),
    [
        ({"shares": {"interruption": 0.5}}, "must sum to 1"),
        (
            {"shares": {"permission": 0.5, "interaction": 0.5}, "interaction": {"invite": True}},
            "invite is set by permission and by interaction",
        ),
        ({"shares": {"interruption": 1.0}, "permission": {"reward": 1.0}}, "permission has levers but never a share"),
        ({"phases": [{"from_day": 9, "shares": {"permission": 1.0}}, {"from_day": 9, "shares": {"interaction": 1.0}}]}, "must rise"),
        ({"phases": [{"from_day": 9, "shares": {"permission": 0.2}}]}, "must sum to 1"),
        ({"shares": {"loud": 1.0}}, "loud|interruption"),
        (
            {
                "shares": {"permission": 0.5, "interaction": 0.5},
                "phases": [{"from_day": 9, "shares": {"permission": 0.5, "interaction": 0.5}, "interaction": {"invite": True}}],
            },
            "invite is set by permission and by interaction",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(levers: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Mixed(**levers)
