"""The recorder: what it writes down, and that it agrees with a slow count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.chunks import CHUNK
from simulator.results.daily import COLUMNS, generation_interval, reproduction_number, rolling
from simulator.results.reading import READ, TIERS, read
from simulator.world.market import Market
from simulator.world.state import NEVER, OPTED_IN
from tests.results.small_market import SCENARIO, Model, make_market

ARCHITECTURE = (
    "day brand spend impressions contacts reach reach_paid reach_owned reach_earned awareness trust irritation list_size opt_ins "
    "opt_outs blocked invitations sends conversations complaints units revenue penetration share messages_positive "
    "messages_negative tellings_positive tellings_negative net_sentiment reproduction_number bad_buzz"
)


def at_random(market: Market, seed: int) -> Market:
    r = np.random.default_rng(seed)
    state, shape = market.state, market.state.trust.shape
    for name in ("awareness", "trust", "irritation"):
        getattr(state, name)[:] = r.choice([0.0, 0.3, 0.5, 0.65, 0.7, 0.85, 1.0, 0.123], shape)
    state.loyalty[:] = r.choice([0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9], shape)
    state.purchases[:] = r.integers(0, 3, shape)
    state.consent[:], state.blocked[:], state.reached[:] = r.integers(0, 5, shape), r.integers(0, 2, shape), r.integers(0, 8, shape)
    state.praised_day[:] = r.choice([NEVER, 71, 72, 73, 100], shape)
    market.day = 100
    return market


def counted(market: Market, bought: np.ndarray, b: int) -> dict[str, float]:
    """The same reading in NumPy, column by column."""
    s = market.state
    trust, aware, owner = s.trust[:, b], s.awareness[:, b] > np.float32(0.3), s.purchases[:, b] > 0
    top = -np.sort(-s.loyalty, axis=1)
    second = top[:, 1] if top.shape[1] > 1 else np.zeros(len(top), np.float32)
    loyal = owner & (s.loyalty[:, b] >= np.float32(0.8))
    praised = s.praised_day[:, b] > market.day - 28
    both = owner & ~loyal & (s.loyalty[:, b] >= second) & (top[:, 0] + second >= np.float32(0.8))
    return {
        "awareness": np.rint(s.awareness[:, b].astype(float) * 2**32).sum(), "trust": np.rint(trust.astype(float) * 2**32).sum(),
        "irritation": np.rint(s.irritation[:, b].astype(float) * 2**32).sum(),
        "trust_of_aware": np.rint(trust[aware].astype(float) * 2**32).sum(), "aware": aware.sum(),
        "considering": (aware & (trust >= 0.5)).sum(), "top_trust": (aware & (trust >= np.float32(0.7))).sum(),
        "members": (s.consent[:, b] == OPTED_IN).sum(), "blocked": s.blocked[:, b].sum(), "paid": (s.reached[:, b] & 1 > 0).sum(),
        "owned": (s.reached[:, b] & 2 > 0).sum(), "earned": (s.reached[:, b] & 4 > 0).sum(), "reached": (s.reached[:, b] > 0).sum(),
        "customers": owner.sum(), "recent": (owner & (bought[:, b] > market.day - 28)).sum(),
        "promoters": (owner & (trust >= np.float32(0.85))).sum(), "detractors": (owner & (trust < np.float32(0.65))).sum(),
        "prospects": (~owner).sum(), "loyal": (loyal & ~praised).sum(), "advocates": (loyal & praised).sum(),
        "multi_loyal": both.sum(), "switchers": (owner & ~loyal & ~both).sum(),
    }  # fmt: skip


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_reading_equals_a_count_column_by_column_and_tiers_are_a_partition(seed: int, brands: int) -> None:
    market = at_random(make_market(60, tuple("ABCD"[:brands])), seed)
    bought = np.random.default_rng(seed).choice([NEVER, 72, 73, 100], market.state.trust.shape).astype(np.int16)
    seen = read(market, bought, 0.3, 0.7)
    for b in range(brands):
        assert {name: seen[name][b] for name in READ} == counted(market, bought, b)
        assert sum(int(seen[name][b]) for name in TIERS) == market.n


@pytest.mark.compiled
def test_threads_and_chunks_change_nothing() -> None:
    market = at_random(make_market(2 * CHUNK + 5, ("A", "B")), 1)
    bought = np.full(market.state.trust.shape, 90, np.int16)
    alone = read(market, bought, 0.3, 0.7)
    market.threads = 2
    both = read(market, bought, 0.3, 0.7)
    assert all((alone[name] == both[name]).all() for name in READ)


def test_a_loyalty_and_a_trust_on_the_line_count_as_written() -> None:
    market = make_market(1, ("A",))
    market.state.awareness[:], market.state.trust[:], market.state.loyalty[:], market.state.purchases[:] = 0.3, 0.7, 0.8, 1
    seen = read(market, np.full((1, 1), NEVER, np.int16), 0.3, 0.7)
    assert seen["aware"][0] == 0  # strictly above
    assert seen["loyal"][0] == 1
    market.state.awareness[:] = 0.31
    assert read(market, np.full((1, 1), NEVER, np.int16), 0.3, 0.7)["top_trust"][0] == 1


def test_the_daily_table_has_the_promised_columns_in_order_and_a_row_per_day_and_brand() -> None:
    model = Model(make_market())
    model.day()
    model.day({"a_rule_from_a_plug_in": [3.0, 0.0]})
    table = model.recorder.daily()
    assert table.columns.tolist()[: len(ARCHITECTURE.split())] == ARCHITECTURE.split()
    assert table.columns.tolist() == [*COLUMNS, "a_rule_from_a_plug_in"]
    assert table["day"].tolist() == [0, 0, 1, 1] and table["brand"].tolist() == ["A", "B", "A", "B"]
    assert table["a_rule_from_a_plug_in"].tolist() == [0.0, 0.0, 3.0, 0.0]


def test_books_are_those_of_the_real_market_and_talk_that_of_the_simulated_consumers() -> None:
    model = Model(make_market(scale=1000.0))
    model.market.spending.append((0, 0, "ads:tv", 5.0, 12345))
    model.market.brands.fixed_costs[:] = 7.0
    model.day({"contacts": [2, 0], "impressions": [800, 0], "messages_negative": [3, 0]}, bought=[(0, 0), (1, 0), (0, 1)])
    row = model.recorder.daily().iloc[0]
    assert (row["contacts"], row["impressions"], row["messages_negative"], row["units"]) == (2000, 800, 3, 2000)
    assert (row["revenue"], row["spend"], row["new_customers"]) == (20000.0, 123.45, 2000)
    assert row["cost"] == pytest.approx(2000 * 4 + 123.45 + 7) and row["profit"] == pytest.approx(20000 - row["cost"])
    assert row["share"] == pytest.approx(2 / 3) and row["penetration"] == 0.5


def test_spending_is_booked_once() -> None:
    model = Model(make_market())
    for cents in (100, 250, 0):
        if cents:
            model.market.spending.append((model.market.day, 1, "sends", 1.0, cents))
        model.day()
    spend = model.recorder.daily().set_index("brand")["spend"]
    assert spend["B"].tolist() == [1.0, 2.5, 0.0] and spend["A"].tolist() == [0.0, 0.0, 0.0]


def test_nothing_divided_by_nothing_is_nan() -> None:
    model = Model(make_market())
    model.day()
    row = model.recorder.daily().iloc[0]
    for column in ("share", "trust_aware", "trust_top2", "nps", "net_sentiment", "reproduction_number", "frequency", "earned_share"):
        assert np.isnan(row[column]), column
    assert row["bad_buzz"] == 0 and row["trust_change"] == 0.0


def test_share_and_recent_penetration_look_back_28_days() -> None:
    model = Model(make_market())
    model.day(bought=[(0, 0)])
    for _ in range(27):
        model.day(bought=[(1, 1)])
    model.day(bought=[(1, 1)])
    table = model.recorder.daily().pivot(index="day", columns="brand")
    assert table["share", "A"][27] == pytest.approx(1 / 28) and table["share", "A"][28] == 0.0
    assert np.isnan(table["penetration_28", "A"][26])
    assert (table["penetration_28", "A"][27], table["penetration_28", "A"][28], table["penetration_28", "B"][28]) == (0.25, 0.0, 0.25)
    assert table["penetration", "A"][28] == 0.25


def test_frequency_and_earned_share_add_up_over_days() -> None:
    model = Model(make_market(scale=10.0))
    model.market.state.reached[:2, 0] = 1
    model.day({"delivered": [3, 0], "contacts": [2, 0], "tellings_positive": [1, 0]})
    model.day({"delivered": [2, 0], "opened": [1, 0], "tellings_negative": [1, 0]})
    last = model.recorder.daily().iloc[-2]
    assert last["frequency"] == 2.5 and last["earned_share"] == pytest.approx(2 / 5) and last["net_sentiment"] == -1.0


def test_the_largest_negative_cascade_grows_with_its_hearers() -> None:
    model = Model(make_market(10))
    model.heard_by([1, 2], valence=-1)
    model.heard_by([1, 2, 3, 4], valence=1)
    model.day()
    m = model.market.messages
    m.room_for_entries(1)
    m.entry_message[m.entries], m.entry_consumer[m.entries], m.entry_day[m.entries], m.entry_parent[m.entries] = 0, 9, 1, 0
    m.entries += 1
    model.day()
    assert model.recorder.daily().set_index("brand").loc["A", "largest_negative_cascade"].tolist() == [0.3, 0.4]
    assert model.recorder.daily().set_index("brand").loc["B", "largest_negative_cascade"].tolist() == [0.0, 0.0]


def test_looking_on_gives_the_last_row() -> None:
    model = Model(make_market())
    model.day(bought=[(0, 0)])
    assert model.recorder.latest("units", 0) == 1.0
    model.day(bought=[(0, 0), (1, 0)])
    assert model.recorder.latest("units", 0) == 2.0 and np.isnan(model.recorder.latest("nps", 1))


def test_generation_interval_halves_with_the_half_life_and_stops_with_attention() -> None:
    w = generation_interval(SCENARIO.word_of_mouth)
    assert len(w) == 3 and w.sum() == pytest.approx(1.0)
    assert w[1] / w[0] == pytest.approx(2 ** (-1 / 1.5))

    class Forever:
        attention_days, talking_days, interest_half_life = 4, "geometric", float("inf")

    w = generation_interval(Forever())  # type: ignore[arg-type]  # a class with the fields
    assert w[1] / w[0] == pytest.approx(0.75) and w.sum() == pytest.approx(1.0)


def test_reproduction_number_of_constant_growth() -> None:
    new = np.array([[1.0], [2.0], [4.0], [8.0]])
    assert reproduction_number(new, np.array([1.0]))[1:, 0].tolist() == [2.0, 2.0, 2.0]
    half = reproduction_number(new, np.array([0.5, 0.5]))[:, 0]
    assert np.isnan(half[0]) and half[2:].tolist() == pytest.approx([4 / 1.5, 8 / 3])
    assert np.isnan(reproduction_number(np.zeros((3, 1)), np.array([1.0]))).all()


def test_rolling_sums() -> None:
    assert rolling(np.array([[1.0], [2.0], [3.0], [4.0]]), 2)[:, 0].tolist() == [1.0, 3.0, 5.0, 7.0]


def test_reputation_and_resonance_are_written_down_day_by_day() -> None:
    market = make_market(4)
    market.values = np.array([[3.0, 0.0]])
    market.__dict__["audience"] = np.array([1, 2, 0, 5])
    market.brands.conduct = np.array([[2.0, 0.0], [0.0, 1.0]])
    model = Model(market)
    model.day()
    market.anchor[0, 0], market.brands.conduct[1] = 0.25, (1.0, 1.0)
    model.day()
    table = model.recorder.daily()
    assert table["reputation"].tolist() == [0.5, 0.5, 0.25, 0.5]
    assert table["resonance"].tolist() == pytest.approx([1.0, 0.0, 1.0, 0.5**0.5])


def test_without_values_there_is_no_resonance() -> None:
    model = Model(make_market(4))
    model.day()
    assert model.recorder.daily()["resonance"].isna().all()
