"""Advertising: reach, attention, the rise and fall of attitude, on hand-built markets."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pytest

from simulator.rules.advertising import CHANNELS, Channel, Parameters, blocking_probability, deliver, harm_of_irritation, notice
from simulator.rules.forgetting import Parameters as Forgetting
from simulator.rules.forgetting import forget
from simulator.rules.permission import Parameters as Permission
from simulator.rules.reception import effective_tolerance, freshness
from simulator.world.market import Market, OverspendingError
from simulator.world.state import AD, OPTED_IN, OPTED_OUT, REACHED_PAID, TOUCH_AD, Action, AdBuy
from tests.rules.markets import market

SIMPLE = {"one": {"cpm": 1000.0, "intrusiveness": 0.3, "credibility": 0.5, "recall": 0.2}}
"""A channel in which an impression costs one."""


def bought(m: Market, impressions: float, rules: Parameters, *, brand: int = 0, segments: tuple[str, ...] = ()) -> None:
    """A day on which one brand buys so many impressions."""
    m.actions = [Action()] * len(m.names)
    m.actions[brand] = Action(ads=(AdBuy("one", round(100 * impressions), segments),))
    m.counts = {}
    deliver(m, rules)


def seen(m: Market, rules: Parameters, exposures: int, channel: str = "one", *, brand: int = 0) -> None:
    """A day on which everybody is exposed so many times."""
    m.contacts.plans = [(brand, channel)]
    m.contacts.delivered = np.full((m.n, 1), exposures, np.uint16)
    m.counts = {}
    notice(m, rules, Permission())


def diverse(m: Market, shape: float) -> Market:
    """The market with media weights ~ Gamma of mean 1."""
    from scipy.special import gammaincinv

    m.consumers.media_weight = (gammaincinv(shape, (np.arange(m.n) + 0.5) / m.n) / shape).astype(np.float32)
    return m


# -- reach -----------------------------------------------------------------------------------------------------------


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("grp", "reach", "frequency", "three"), [(50, 0.393, 1.27, 0.014), (100, 0.632, 1.58, 0.080), (300, 0.950, 3.16, 0.577)]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_equal_media_weights_give_poisson_reach(grp: int, reach: float, frequency: float, three: float, seed: int) -> None:
    m = market(20_000, seed=seed)
    bought(m, m.n * grp / 100, Parameters(channels=SIMPLE))
    got = m.contacts.delivered[:, 0]
    reached = np.mean(got > 0)
    assert reached == pytest.approx(1.0 - math.exp(-grp / 100), abs=4 * math.sqrt(reach * (1 - reach) / m.n))
    assert reached == pytest.approx(reach, abs=0.015)
    assert np.mean(got) / reached == pytest.approx(frequency, abs=0.05)
    assert np.mean(got >= 3) == pytest.approx(three, abs=0.015)
    assert np.array_equal(m.state.reached[:, 0] == REACHED_PAID, got > 0)


@pytest.mark.compiled
@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("grp", [50, 200])
def test_gamma_media_weights_give_negative_binomial_reach(shape: float, grp: int) -> None:
    m = diverse(market(20_000), shape)
    bought(m, m.n * grp / 100, Parameters(channels=SIMPLE))
    expected = 1.0 - (1.0 + grp / (100 * shape)) ** -shape
    assert np.mean(m.contacts.delivered[:, 0] > 0) == pytest.approx(expected, abs=4 * math.sqrt(0.25 / m.n))


def test_the_second_euro_reaches_fewer_new_people_than_the_first() -> None:
    reached = []
    for impressions in (0, 2000, 4000, 6000):
        m = diverse(market(2000), 1.0)
        bought(m, impressions, Parameters(channels=SIMPLE))
        reached.append(int(np.sum(m.state.reached[:, 0] > 0)))
    gains = np.diff(reached)
    assert gains[0] > gains[1] > gains[2] > 0


def test_more_money_never_loses_a_contact() -> None:
    few, more = diverse(market(3000), 1.0), diverse(market(3000), 1.0)
    bought(few, 1500, Parameters(channels=SIMPLE))
    bought(more, 1600, Parameters(channels=SIMPLE))
    assert np.all(more.contacts.delivered >= few.contacts.delivered)


def test_impressions_are_bought_at_the_price_and_booked_in_the_real_market() -> None:
    m = market(500, scale=1000.0)
    bought(m, 40_000, Parameters(channels=SIMPLE))
    assert m.spending == [(0, 0, "ads:one", 40_000.0, 4_000_000)]
    assert m.counts["impressions"][0] == 40_000.0
    assert m.counts["delivered"][0] == pytest.approx(40, abs=4 * math.sqrt(40))  # 40 among 500 who stand for 500,000


def test_nobody_spends_what_she_does_not_have() -> None:
    with pytest.raises(OverspendingError, match="Aurora would spend 200 cents on ads:one with 100 left"):
        bought(market(10, money=100), 2, Parameters(channels=SIMPLE))


def test_impressions_on_people_who_block_are_wasted() -> None:
    m, free = market(400), market(400)
    m.state.blocked[:200] = 1
    for each in (m, free):
        bought(each, 800, Parameters(channels=SIMPLE))
    assert not m.contacts.delivered[:200].any()
    assert np.array_equal(m.contacts.delivered[200:], free.contacts.delivered[200:])
    assert m.counts["impressions"][0] == free.counts["impressions"][0]


def test_a_target_segment_takes_all_impressions() -> None:
    m = market(2000)
    m.segments = m.consumers.segment_names = ("most", "few")
    m.consumers.segment[::4] = 1
    bought(m, 1000, Parameters(channels=SIMPLE), segments=("few",))
    got = m.contacts.delivered[:, 0]
    assert not got[m.consumers.segment == 0].any()
    assert got.sum() == pytest.approx(1000, abs=4 * math.sqrt(1000))


def test_two_buys_of_one_channel_are_one_plan() -> None:
    once, twice = market(300), market(300)
    rules = Parameters(channels=SIMPLE)
    bought(once, 600, rules)
    twice.actions = [Action(ads=(AdBuy("one", 45_000), AdBuy("one", 15_000)))]
    deliver(twice, rules)
    assert twice.contacts.plans == [(0, "one")]
    assert np.array_equal(once.contacts.delivered, twice.contacts.delivered)


def test_without_money_nothing_arrives() -> None:
    m = market(50)
    before = copy.deepcopy(m.state)
    bought(m, 0, Parameters(channels=SIMPLE))
    notice(m, Parameters(channels=SIMPLE), Permission())
    assert m.contacts.delivered.shape == (50, 0)
    assert np.array_equal(before.trust, m.state.trust)
    assert not m.state.reached.any()


# -- attention -------------------------------------------------------------------------------------------------------


def noticed_of_first(rivals: int, attention: float) -> float:
    """Noticed contacts of Aurora, two a head, while the rival delivers so many."""
    m = market(3000, ("Aurora", "Boreal"))
    m.contacts.plans = [(0, "one"), (1, "one")]
    m.contacts.delivered = np.tile(np.array([2, rivals], np.uint16), (m.n, 1))
    notice(m, Parameters(channels=SIMPLE, attention=attention), Permission())
    return float(m.counts["contacts"][0] / m.n)


def test_a_rivals_flood_lowers_my_reception() -> None:
    assert noticed_of_first(0, 4.0) == noticed_of_first(2, 4.0) == 2.0
    assert noticed_of_first(6, 4.0) == pytest.approx(1.0, abs=4 * math.sqrt(0.5 / 3000))
    assert noticed_of_first(38, 4.0) == pytest.approx(0.2, abs=4 * math.sqrt(0.18 / 3000))


def test_unlimited_attention_ends_the_rivalry() -> None:
    assert noticed_of_first(38, math.inf) == 2.0


# -- effects: one consumer, by hand ------------------------------------------------------------------------------------


def test_one_day_of_contacts_moves_a_consumer_as_written() -> None:
    m = market(1)
    rules = Parameters(
        channels=SIMPLE, wear_out=0.5, gain=0.1, expectation_weight=0.4, reactance=0.2, tolerance_point=0.3, block_hazard=0.0
    )
    m.state.awareness[0], m.state.trust[0], m.state.expectation[0], m.state.irritation[0] = 0.3, 0.6, 0.5, 0.8
    m.consumers.scepticism[0], m.consumers.ad_tolerance[0] = 0.4, 0.25
    m.brands.promise[0] = 0.9
    seen(m, rules, 2)
    f, x = math.exp(-0.4), 0.5 * 0.6
    lost = 1.0 - math.exp(-0.2 * 0.5)
    assert m.state.awareness[0, 0] == pytest.approx(1.0 - 0.7 * (1.0 - 0.2 * f) ** 2, abs=1e-6)
    assert m.state.trust[0, 0] == pytest.approx(0.6 + 0.1 * x * f * 0.4 - lost * 0.6, abs=1e-6)
    assert m.state.expectation[0, 0] == pytest.approx(0.5 + 0.4 * x * 0.6 * (0.9 - 0.5), abs=1e-6)
    assert m.state.irritation[0, 0] == pytest.approx(0.8 + 0.6 * (1.0 - (0.25 + 0.75 * 0.2)), abs=1e-6)
    assert m.state.touched[0, 0] == TOUCH_AD
    assert m.state.influence[0, 0] == AD


def test_gains_of_trust_and_expectation_do_not_grow_with_the_number_of_contacts_of_a_day() -> None:
    one, five = market(1), market(1)
    rules = Parameters(channels=SIMPLE, attention=math.inf)
    seen(one, rules, 1)
    seen(five, rules, 5)
    assert one.state.trust == five.state.trust
    assert one.state.expectation == five.state.expectation
    assert one.state.awareness < five.state.awareness
    assert one.state.irritation < five.state.irritation


def test_scepticism_discounts_what_brands_say_to_nothing() -> None:
    m = market(1)
    m.consumers.scepticism[0] = 1.0
    m.brands.promise[0] = 1.0
    seen(m, Parameters(channels=SIMPLE), 1)
    assert m.state.trust[0, 0] == m.state.expectation[0, 0] == 0.5
    assert m.state.awareness[0, 0] > 0.0


def test_refractoriness_depends_on_the_brand() -> None:
    m = market(1, ("Loved", "Other"))
    m.consumers.ad_tolerance[0] = 0.0
    m.state.trust[0] = (1.0, 0.5)
    m.contacts.plans, m.contacts.delivered = [(0, "one"), (1, "one")], np.ones((1, 2), np.uint16)
    notice(m, Parameters(channels=SIMPLE), Permission())
    assert m.state.irritation[0, 0] == 0.0
    assert m.state.irritation[0, 1] == pytest.approx(0.3)
    assert effective_tolerance(0.2, 0.75) == pytest.approx(0.6)
    assert effective_tolerance(0.2, 0.1) == 0.2


def test_blocking_is_for_good_and_ends_membership() -> None:
    m = market(4)
    m.state.irritation[:] = 50.0
    m.state.consent[:2, 0] = OPTED_IN
    seen(m, Parameters(channels=SIMPLE, block_hazard=1.0), 1)
    assert m.state.blocked.all()
    assert np.all(m.state.consent[:2, 0] == OPTED_OUT)
    assert m.counts["blocked"][0] == 4
    assert m.counts["opt_outs"][0] == 2
    assert blocking_probability(0.0, 1.0, 1.0) == 0.0
    assert blocking_probability(1.0, 0.0, 1.0) == 0.0
    assert blocking_probability(1.0, 0.01, 1.0) == pytest.approx(1.0 - math.exp(-0.01 * (math.e - 1.0)))
    assert blocking_probability(1e9, 1.0, 1.0) == 1.0


def test_off_values_remove_their_effect_exactly() -> None:
    m = market(5)
    m.state.irritation[:] = 2.0
    off = Parameters(channels=SIMPLE, wear_out="off", gain="off", expectation_weight="off", reactance="off", block_hazard="off")
    before = copy.deepcopy(m.state)
    seen(m, off, 1)
    assert np.array_equal(m.state.trust, before.trust)
    assert np.array_equal(m.state.expectation, before.expectation)
    assert not m.state.blocked.any()
    assert m.state.awareness[0, 0] == pytest.approx(0.2)
    assert freshness(2.0, 0.0) == 1.0
    assert harm_of_irritation(2.0, 0.0, 0.5) == 0.0


# -- the rise and fall of attitude ---------------------------------------------------------------------------------------


def attitude(channel: str, exposures_a_day: int = 1, days: int = 40, **changes: float) -> list[float]:
    """Trust of an average consumer after each day of so many exposures, awareness in the last place."""
    m = market(1)
    m.consumers.scepticism[0] = 0.3
    rules = Parameters(attention=math.inf, block_hazard=0.0)
    if changes:
        merged = {**CHANNELS[channel].model_dump(), **changes}
        rules = Parameters(attention=math.inf, block_hazard=0.0, channels={channel: merged})
    path = []
    for m.day in range(days):
        seen(m, rules, exposures_a_day, channel)
        path.append(float(m.state.trust[0, 0]))
        forget(m, Forgetting())
    return [*path, float(m.state.awareness[0, 0])]


@pytest.mark.parametrize("channel", ["tv", "video_preroll"])
def test_attitude_peaks_near_ten_exposures(channel: str) -> None:
    path = attitude(channel)[:-1]
    peak = path.index(max(path)) + 1
    assert 7 <= peak <= 13
    assert path[peak - 1] > path[0] > 0.5
    assert path[-1] < path[0]
    assert attitude(channel, days=8)[-1] < attitude(channel, days=9)[-1]  # memory still rises


def test_beyond_a_frequency_an_extra_contact_lowers_trust() -> None:
    trust = [attitude("tv", number, days=14)[13] for number in range(8)]
    steps = np.diff(trust)
    assert steps[0] > 0.0
    assert np.all(steps[1:] < 0.0)


def test_zero_intrusiveness_removes_the_harm() -> None:
    for number in range(1, 8):
        path = attitude("tv", number, days=30, intrusiveness=0.0)[:-1]
        assert all(later > earlier for earlier, later in zip(path, path[1:], strict=False))


def test_more_intrusive_formats_wear_out_faster() -> None:
    peaks = []
    for intrusiveness in (0.15, 0.2, 0.3, 0.5):
        path = attitude("video_preroll", intrusiveness=intrusiveness)[:-1]
        peaks.append(path.index(max(path)))
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[0] > peaks[-1]
    assert attitude("popup", days=20)[19] < attitude("display_banner", days=20)[19]


def test_shipped_channels_keep_the_order_of_credibility() -> None:
    own = Permission().credibility
    assert CHANNELS["tv"].credibility > CHANNELS["billboard"].credibility > own > CHANNELS["search"].credibility
    assert CHANNELS["search"].credibility > CHANNELS["popup"].credibility == CHANNELS["display_banner"].credibility
    assert {name for name, channel in CHANNELS.items() if channel.requires_consent} == {"email", "mobile_text"}


def test_a_scenario_changes_channels_key_by_key() -> None:
    rules = Parameters(channels={"tv": {"cpm": 7.0}, **SIMPLE})
    assert rules.channels["tv"] == Channel(**{**CHANNELS["tv"].model_dump(), "cpm": 7.0})
    assert rules.channels["popup"] == CHANNELS["popup"]
    assert rules.channels["one"].recall == 0.2
    with pytest.raises(ValueError, match="channels.two.credibility"):
        Parameters(channels={"two": {"cpm": 1.0, "intrusiveness": 0.1, "recall": 0.1}})


# -- threads and order ---------------------------------------------------------------------------------------------------


@pytest.mark.compiled
def test_two_threads_give_the_same_market() -> None:
    results = []
    for threads in (1, 2):
        m = diverse(market(40_000, ("Aurora", "Boreal")), 1.0)
        m.threads = threads
        m.state.irritation[:] = 0.7
        m.actions = [replace(Action(), ads=(AdBuy("tv", 40_000), AdBuy("popup", 30_000))), Action(ads=(AdBuy("popup", 90_000),))]
        deliver(m, Parameters(attention=1.0, block_hazard=0.1))
        notice(m, Parameters(attention=1.0, block_hazard=0.1), Permission())
        results.append(m)
    one, two = results
    for name in ("awareness", "trust", "expectation", "irritation", "blocked", "touched", "reached"):
        assert getattr(one.state, name).tobytes() == getattr(two.state, name).tobytes()
    assert {name: values.tolist() for name, values in one.counts.items()} == {name: values.tolist() for name, values in two.counts.items()}
