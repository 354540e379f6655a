"""Listening, complaints, answers: the laws of section 9 on hand-built markets."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from simulator.rules import conversation
from simulator.rules.conversation import COMPLAINT, IDEA, NEGATIVE, PRAISE, QUESTION, Parameters, converse, enqueue, listen
from simulator.rules.purchase import Parameters as Purchase
from simulator.strategies import Interaction
from simulator.world.market import Market
from simulator.world.messages import Mentions
from simulator.world.state import OWNED, REACHED_OWNED, TOUCH_CONVERSATION, Action, MarketView, Purchases
from tests.rules.markets import bought, market, said

FREE = {"cost_per_conversation": 0.0, "listening_cost": 0.0, "fix_cost": 0.0}
ALL_EARS = Action(listening=1.0, effort=1.0)


def wait(m: Market, kind: int, consumers: list[int], *, day: int = 0, amount: float = 0.0, brand: int = 0) -> None:
    """Let these consumers wait for an answer since `day`."""
    k = len(consumers)
    enqueue(m, np.full(k, brand), np.full(k, kind), day, np.array(consumers), np.arange(k, dtype=np.uint64), np.full(k, amount))


def day(m: Market, rules: Parameters, action: Action, mentions: Mentions | None = None, purchases: Purchases | None = None) -> None:
    """Listen and converse for one day."""
    m.actions = [action] * len(m.names)
    m.counts = {}
    m.messages.mentions = mentions or Mentions.none()
    m.purchases = purchases or Purchases.none()
    listen(m, rules)
    converse(m, rules, Purchase())
    m.day += 1


# -- listening -------------------------------------------------------------------------------------------------------


def test_nothing_is_heard_without_listening() -> None:
    m = market()
    day(m, Parameters(**FREE), Action(effort=1.0), said([1, 2, 3], -1))
    assert len(m.waiting.kind) == 0 and m.brands.insight[0] == 0.0
    assert (m.counts["mentions_negative"][0], m.counts["detected"][0]) == (3, 0)


def test_the_public_rating_needs_no_listening_brand() -> None:
    m = market(brands=("Aurora", "Borealis"))
    listen(m, Parameters())
    m.messages.mentions = said([1, 2, 3], +1, brand=1)
    listen(m, Parameters())
    m.messages.mentions = said([4], -1, brand=1, first=9)
    listen(m, Parameters())
    assert m.brands.heard_mentions.tolist() == [0, 4] and m.brands.heard_valence.tolist() == [0, 2]


def test_who_listens_fully_hears_everything_after_the_delay() -> None:
    m = market()
    m.state.purchases[1] = 1
    rules = Parameters(**FREE, delay=2)
    m.actions = [ALL_EARS]
    m.messages.mentions = said([1, 2], +1)
    listen(m, rules)
    assert sorted(zip(m.waiting.kind.tolist(), m.waiting.consumer.tolist(), strict=True)) == [(QUESTION, 2), (PRAISE, 1)]
    assert set(m.waiting.day.tolist()) == {2}
    for today, answered in ((0, 0), (1, 0), (2, 2)):
        m.day, m.counts = today, {}
        converse(m, rules, Purchase())
        assert m.counts["conversations"][0] == answered


def test_half_listening_hears_about_half_and_more_listening_never_hears_less() -> None:
    heard = []
    for listening in (0.2, 0.5, 0.9):
        m = market(2000)
        m.actions = [Action(listening=listening)]
        m.messages.mentions = said(list(range(2000)), -1)
        listen(m, Parameters(**FREE))
        heard.append(set(m.waiting.consumer.tolist()))
        assert abs(len(heard[-1]) / 2000 - listening) < 4 * math.sqrt(listening * (1 - listening) / 2000)
    assert heard[0] < heard[1] < heard[2]


def test_a_desk_that_is_not_paid_for_hears_nothing() -> None:
    for cents, detected in ((1999, 0), (2000, 3), (5000, 3)):
        m = market()
        day(m, Parameters(listening_cost=20.0), Action(listening=1.0, listening_cents=cents), said([1, 2, 3], -1))
        assert m.counts["detected"][0] == detected
        assert m.spending == ([(0, 0, "listening", 1.0, 2000)] if detected else [])


# -- complaints ------------------------------------------------------------------------------------------------------


def test_only_bad_experiences_make_complaints() -> None:
    m = market(4000)
    everybody = list(range(4000))
    for surprise, share in ((0.5, 0.0), (0.0, 0.0), (math.nan, 0.0), (-0.5, 0.1), (-1.0, 0.2)):
        m.waiting = type(m.waiting).none()
        m.purchases = bought(everybody, surprise)
        listen(m, Parameters(complain=0.2))
        assert abs(len(m.waiting.kind) / 4000 - share) <= 4 * math.sqrt(share * (1 - share) / 4000)


def test_at_complain_0_nobody_complains() -> None:
    m = market()
    m.purchases = bought([1, 2, 3], -1.0)
    listen(m, Parameters(complain="off"))
    assert len(m.waiting.kind) == 0


def test_a_brand_that_answers_nobody_pays_with_trust() -> None:
    m, rules = market(), Parameters(complain=1.0, patience=3, unanswered=0.1)
    day(m, rules, Action(), purchases=bought([2], -1.0))
    for _ in range(3):
        assert m.state.trust[2, 0] == np.float32(0.5)
        day(m, rules, Action())
    assert m.state.trust[2, 0] == np.float32(0.5)
    day(m, rules, Action())
    assert m.state.trust[2, 0] == pytest.approx(0.45, abs=1e-6) and m.counts["unanswered"][0] == 1
    assert np.all(np.delete(m.state.trust, 2) == np.float32(0.5)) and len(m.waiting.kind) == 0


def test_unanswered_mentions_cost_nothing() -> None:
    m, rules = market(), Parameters(**FREE, patience=0, delay=0)
    before = copy.deepcopy(m.state)
    for _ in range(4):
        day(m, rules, Action(listening=1.0), said([1, 2], -1))
    assert np.array_equal(before.trust, m.state.trust)
    assert len(m.waiting.kind) == 2  # today's


# -- answers ---------------------------------------------------------------------------------------------------------


def gain_of(effort: float, engagement: float) -> float:
    m = market()
    m.consumers.engagement[:] = engagement
    wait(m, QUESTION, [3])
    day(m, Parameters(**FREE), Action(effort=effort))
    return float(m.state.trust[3, 0]) - 0.5


def test_both_sides_must_engage() -> None:
    """M12: brand effort alone yields little, both sides yield most."""
    both, brand_alone, consumer_alone = gain_of(1.0, 1.0), gain_of(1.0, 0.1), gain_of(0.1, 1.0)
    assert both == pytest.approx(0.05, abs=1e-6)
    assert brand_alone == pytest.approx(both / 10, rel=1e-3) and consumer_alone == pytest.approx(both / 10, rel=1e-3)
    assert gain_of(1.0, 0.0) == gain_of(0.0, 1.0) == 0.0


def test_a_conversation_leaves_its_traces_on_whom_it_was_held_with_and_on_nobody_else() -> None:
    m = market()
    wait(m, NEGATIVE, [4])
    day(m, Parameters(**FREE), ALL_EARS)
    state, others = m.state, np.arange(10) != 4
    assert state.knowledge[4, 0] == pytest.approx(0.2)
    assert (state.reached[4, 0], state.touched[4, 0], state.influence[4, 0]) == (REACHED_OWNED, TOUCH_CONVERSATION, OWNED)
    assert not state.knowledge[others].any() and not state.reached[others].any() and not state.touched[others].any()
    assert np.all(state.trust[others] == np.float32(0.5)) and np.all(state.influence[others] != OWNED)


def test_the_refractory_are_not_chased() -> None:
    """M10: nobody is spoken to who did not speak; who is closed gains nothing and loses nothing."""
    m, rules = market(), Parameters(**FREE)
    m.consumers.engagement[:5] = 0.0
    before = copy.deepcopy(m.state)
    for _ in range(30):
        day(m, rules, ALL_EARS)
    assert all(np.array_equal(getattr(before, name), getattr(m.state, name)) for name in before.__dataclass_fields__)
    day(m, rules, ALL_EARS, said([2, 7], -1))
    day(m, rules, ALL_EARS)
    assert m.state.trust[2, 0] == np.float32(0.5) and m.state.trust[7, 0] > 0.5 and m.state.irritation.max() == 0.0


def test_recovery_gives_back_at_most_what_the_experience_took() -> None:
    for amount in (0.0, 0.05, 0.3):
        for recovery in (0.0, 0.5, 1.0):
            m, rules = market(), Parameters(**FREE, gain=0.0, recovery=recovery)
            m.state.trust[:] = 0.5 - amount
            wait(m, COMPLAINT, [1], amount=amount)
            day(m, rules, ALL_EARS)
            assert m.state.trust[1, 0] == pytest.approx(0.5 - amount + recovery * amount, abs=1e-6)


def test_recovery_lifts_satisfaction_to_a_good_experience_and_no_further() -> None:
    for before, after in ((-0.8, -0.3), (0.1, 0.15), (0.2, 0.2), (0.9, 0.9)):
        m, rules = market(), Parameters(**FREE, recovery=0.5, recovery_level=0.2)
        m.state.satisfaction[:] = before
        wait(m, COMPLAINT, [1, 1])
        wait(m, NEGATIVE, [2])
        day(m, rules, ALL_EARS)
        assert m.state.satisfaction[1, 0] == pytest.approx(after, abs=1e-6)
        assert m.state.satisfaction[2, 0] == np.float32(before)


def test_full_trust_has_no_room() -> None:
    m = market()
    m.state.trust[:] = 1.0
    wait(m, COMPLAINT, [1], amount=0.2)
    day(m, Parameters(**FREE), ALL_EARS)
    assert m.state.trust[1, 0] == 1.0


def test_after_sale_service_restores_more_trust_than_silence_and_less_than_no_failure() -> None:
    trust = []
    for action in (Action(), ALL_EARS):
        m, rules = market(), Parameters(**FREE, complain=1.0, patience=2)
        m.state.trust[:] = 0.4  # 0.1 was lost
        day(m, rules, action, purchases=bought([1], -1.0, lost=0.1))
        for _ in range(5):
            day(m, rules, action)
        trust.append(float(m.state.trust[1, 0]))
    assert trust[0] < 0.4 < trust[1]


# -- capacity --------------------------------------------------------------------------------------------------------


def test_capacity_is_what_the_money_buys_and_is_paid_to_the_cent() -> None:
    m, rules = market(scale=1000.0), Parameters(cost_per_conversation=4.0, delay=0)
    wait(m, NEGATIVE, list(range(10)))
    day(m, rules, Action(effort=0.5, conversation_cents=500_000))
    assert m.counts["conversations"][0] == 2 and len(m.waiting.kind) == 8
    assert m.spending == [(0, 0, "conversations", 2000.0, 400_000)]


def test_fractions_of_a_conversation_wait_in_the_purse() -> None:
    """0.6 conversations a day are 3 in 5 days."""
    m, rules = market(scale=1000.0, money=0), Parameters(cost_per_conversation=4.0, patience=100)
    strategy, answered = Interaction(listening=0.0, effort=1.0, ads_share=0.0), []
    wait(m, NEGATIVE, list(range(10)))
    for today in range(10):
        m.brands.accrued[0] += 240_000
        view = MarketView(
            day=today, brand="Aurora", purse_cents=m.purse(0), budget_cents=240_000, scale=1000.0, represents=1e4, price=10.0, quality=0.7,
            promise=0.7, position=(0.0, 0.0), list_size=0.0, reward_debt_cents=0, heard_positive=0, heard_negative=0,
            waiting=len(m.waiting.kind), cpm={}, requires_consent={}, cost_per_send=0.002, cost_per_conversation=4.0, rivals=(),
        )  # fmt: skip
        day(m, rules, strategy.decide(view))
        answered.append(int(m.counts["conversations"][0]))
    assert answered == [0, 1, 0, 1, 1, 0, 1, 0, 1, 1] and m.purse(0) == 0


def test_urgent_things_come_first_and_first_come_is_first_served() -> None:
    m, rules = market(), Parameters(cost_per_conversation=1.0, patience=100)
    wait(m, PRAISE, [0], day=-3)
    wait(m, IDEA, [1], day=-3)
    wait(m, QUESTION, [2], day=-3)
    wait(m, NEGATIVE, [3], day=-1)
    wait(m, NEGATIVE, [4], day=-2)
    wait(m, COMPLAINT, [5])
    served = []
    for _ in range(6):
        before = set(m.waiting.consumer.tolist())
        day(m, rules, Action(effort=1.0, conversation_cents=100))
        served += list(before - set(m.waiting.consumer.tolist()))
    assert served == [5, 4, 3, 2, 1, 0]


def test_without_effort_nobody_is_answered_even_where_talk_is_free() -> None:
    m = market()
    wait(m, NEGATIVE, [1])
    day(m, Parameters(**FREE), Action(effort=0.0, conversation_cents=10**6))
    assert m.counts["conversations"][0] == 0 and not m.spending


def test_backlog_beyond_capacity_leaves_complaints_unanswered() -> None:
    """M17: up to capacity nobody is left alone; beyond, unanswered complaints grow and trust falls."""
    unanswered, trust = [], []
    for complaints in (5, 10, 20, 40):
        m, rules = market(40), Parameters(cost_per_conversation=1.0, complain=1.0, patience=2, gain=0.0, recovery=0.0)
        lost = 0
        for _ in range(20):
            day(m, rules, Action(effort=1.0, conversation_cents=1000), purchases=bought(list(range(complaints)), -1.0))
            lost += int(m.counts["unanswered"][0])
        unanswered.append(lost)
        trust.append(float(m.state.trust.mean()))
    assert unanswered[:2] == [0, 0] and 0 < unanswered[2] < unanswered[3]
    assert trust[0] == trust[1] == pytest.approx(0.5) and trust[1] > trust[2] > trust[3]


def test_even_effort_beats_bursts() -> None:
    """M19: the same money, evenly or on one day of the week, while complaints come every day."""
    trust, conversations = [], []
    for even in (True, False):
        m, rules = market(40), Parameters(cost_per_conversation=1.0, complain=1.0, patience=3)
        for today in range(28):
            cents = 400 if even else 2800 if today % 7 == 6 else 0
            day(m, rules, Action(effort=1.0, conversation_cents=cents), purchases=bought([4 * (today % 10) + k for k in range(4)], -1.0))
        trust.append(float(m.state.trust.mean()))
        conversations.append(sum(quantity for *_, quantity, _ in m.spending))
    assert trust[0] > trust[1] and conversations[0] > conversations[1]


# -- the circle ------------------------------------------------------------------------------------------------------


def circle(**cut: float) -> tuple[float, float, float]:
    """Thirty days of listen -> answer -> fix -> integrate among consumers whose needs lie off the brand's position."""
    m, rules = market(200), Parameters(**FREE)
    m.consumers.needs[:] = (0.8, -0.4)
    m.fit[:] = np.float32(math.exp(-0.4))
    action = replace(Action(listening=0.5, effort=1.0, fix=0.1, integrate=0.1), **cut)
    for today in range(30):
        day(m, rules, action, said([(7 * today + k) % 200 for k in range(5)], +1, first=5 * today))
    return float(m.brands.service[0]), float(m.fit.mean() - math.exp(-0.4)), float(m.brands.insight[0])


def test_listen_fix_integrate_is_a_circle() -> None:
    """M13: cutting a link ends what hangs on it; without listening all is at an end."""
    service, fit, insight = circle()
    assert 0.05 < service <= 0.1 and fit > 0.2 and insight > 0.9
    assert circle(listening=0.0) == (0.0, 0.0, 0.0)
    assert circle(fix=0.0)[0] == 0.0 and circle(fix=0.0)[1] == fit
    assert circle(integrate=0.0)[1] == 0.0 and circle(integrate=0.0)[0] == service
    assert circle(effort=0.0)[1] == 0.0 and circle(effort=0.0)[2] < insight


def test_integration_serves_those_who_speak() -> None:
    m, rules = market(100), Parameters(**FREE)
    m.consumers.needs[:50], m.consumers.needs[50:] = (1.0, 0.0), (-1.0, 0.0)
    action = Action(listening=1.0, effort=1.0, integrate=0.2)
    for today in range(60):
        day(m, rules, action, said([today % 50], +1, first=today))
    assert m.brands.position[0, 0] > 0.3 and m.fit[:50].min() > m.fit[50:].max()
    needs = m.consumers.needs.astype(np.float64) - m.brands.position[0]
    assert np.allclose(m.fit[:, 0], np.exp(-(needs**2).sum(axis=1) / 2), atol=1e-6) and m.mean_fit[0] == pytest.approx(
        m.fit.mean(), abs=1e-6
    )


def test_fixing_must_be_paid_for() -> None:
    m, rules = market(), Parameters(fix_cost=50.0)
    m.brands.insight[:] = 1.0
    day(m, rules, Action(fix=0.5, fix_cents=4999))
    assert m.brands.service[0] == 0.0 and not m.spending
    day(m, rules, Action(fix=0.5, fix_cents=5000))
    assert m.brands.service[0] == pytest.approx(0.05) and m.spending == [(1, 0, "fix", 1.0, 5000)]


# -- laws ------------------------------------------------------------------------------------------------------------


@given(
    some.lists(some.tuples(some.integers(0, 4), some.integers(0, 7), some.integers(-9, 1), some.floats(0, 0.5)), max_size=30),
    some.permutations(range(8)),
    some.integers(0, 3000),
)
def test_neither_the_order_of_the_queue_nor_of_consumers_matters(items: list, order: list[int], cents: int) -> None:
    states = []
    for permutation in (list(range(8)), order):
        m = market(8)
        m.consumers = m.consumers.relabelled(np.array(permutation))
        place = {consumer: position for position, consumer in enumerate(permutation)}
        rows = list(enumerate(items))
        for number, (kind, consumer, since, amount) in rows if permutation == sorted(permutation) else reversed(rows):
            one = (np.array([0]), np.array([kind]), since, np.array([place[consumer]]), np.array([number], np.uint64), np.array([amount]))
            enqueue(m, *one)
        m.actions = [Action(effort=0.7, conversation_cents=cents)]
        converse(m, Parameters(cost_per_conversation=2.0, patience=4), Purchase())
        positions = [place[consumer] for consumer in range(8)]
        states.append(
            [getattr(m.state, name)[positions].tobytes() for name in ("trust", "knowledge", "satisfaction", "reached", "touched")]
        )
        states[-1] += [m.brands.insight.tobytes(), m.brands.heard_needs.tobytes(), str(m.spending).encode(), str(m.counts).encode()]
    assert states[0] == states[1]


@given(
    trust=some.floats(0, 1), effort=some.floats(0, 1), engagement=some.floats(0, 1), recovery=some.floats(0, 1), amount=some.floats(0, 1)
)
def test_formulas_stay_in_range(trust: float, effort: float, engagement: float, recovery: float, amount: float) -> None:
    mutual = conversation.mutual_engagement.python(effort, engagement)
    back = conversation.trust_given_back.python(recovery, mutual, amount, trust)
    assert 0.0 <= back <= 1.0
    assert back * (1.0 - trust) <= amount + 1e-12
    assert 0.0 <= conversation.insight_after.python(trust, 20.0, 3, 10) <= 1.0


def test_every_mechanism_off_leaves_no_trace_on_consumers() -> None:
    rules = Parameters(**FREE, gain="off", learning="off", recovery="off", complain="off", unanswered="off", insight_rate="off")
    m = market()
    before = copy.deepcopy(m.state)
    action = Action(listening=1.0, effort=1.0, fix=1.0, integrate=1.0)
    for today in range(5):
        day(m, rules, action, said([today], -1, first=today), bought([today], -1.0))
    assert all(np.array_equal(getattr(before, name), getattr(m.state, name)) for name in ("trust", "knowledge", "satisfaction"))
    assert m.brands.service[0] == 0.0 and not m.brands.position.any() and m.brands.insight[0] == 0.0


# -- critics and haters, values ----------------------------------------------------------------------------------------


def test_an_answer_wins_critics_and_no_haters() -> None:
    rules = Parameters(**FREE, complain=1.0, hater_below=0.15, gain=0.1, recovery=0.5, learning=0.2)
    for before, wins in ((0.10, False), (0.149, False), (0.15, True), (0.3, True)):
        m = market()
        m.state.trust[2, 0] = before
        day(m, rules, Action(conversation_cents=10**6, effort=1.0), purchases=bought([2], -1.0))
        assert (m.state.trust[2, 0] > np.float32(before)) == wins
        assert m.counts["conversations"][0] == 1 and m.state.knowledge[2, 0] == pytest.approx(0.2)
        assert m.state.satisfaction[2, 0] > 0 and m.state.touched[2, 0]


def test_off_everybody_can_be_won() -> None:
    m = market()
    m.state.trust[2, 0] = 0.0
    rules = Parameters(**FREE, complain=1.0, hater_below="off")
    day(m, rules, Action(conversation_cents=10**6, effort=1.0), purchases=bought([2], -1.0))
    assert m.state.trust[2, 0] > 0


def test_conduct_moves_to_the_values_of_those_who_talk() -> None:
    m = market(4)
    m.segments, m.values = ("most", "few"), np.array([[1.0, 0.0], [0.0, 1.0]])
    m.consumers.segment[2:] = 1
    m.brands.conduct, m.brands.heard_values = np.array([[1.0, 0.0]]), np.zeros((1, 2))
    m.brands.insight[0] = 1.0
    rules = Parameters(**FREE, complain=1.0, file_half=0.0)
    day(m, rules, Action(conversation_cents=10**6, effort=1.0, integrate=0.5), purchases=bought([1, 2, 3], -1.0))
    assert m.brands.heard_values.tolist() == [[1.0, 2.0]]
    assert m.brands.conduct[0].tolist() == pytest.approx([1.0 + 0.5 * (1 / 3 - 1.0), 0.5 * 2 / 3])
