"""Key figures: complete, described in both languages, and equal to what a pencil says."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.results.kpis import KPIS, Daily, kpi_table
from tests.results.small_market import Model, make_market

PROMISED = (
    "reach frequency aided_awareness consideration trust_aware trust_top2 awareness trust trust_change irritation penetration units "
    "share revenue cost profit cost_per_customer opt_in_list opt_out_rate blocked earned_share messages_positive messages_negative "
    "net_sentiment nps largest_negative_cascade bad_buzz_days episodes recovery_days voiced_gap advocates loyal multi_loyal "
    "switchers prospects"
)


def test_every_promised_kpi_is_there_and_says_what_it_means_in_two_languages() -> None:
    assert set(PROMISED.split()) <= set(KPIS)
    for name, kpi in KPIS.items():
        assert kpi.name == name and kpi.direction in (-1, 0, 1) and kpi.smallest_difference > 0
        assert set(kpi.label) == set(kpi.definition) == {"en", "fr"}
        assert kpi.definition["en"].endswith(".") and kpi.definition["en"] != kpi.definition["fr"]
    assert len({kpi.label["en"] for kpi in KPIS.values()}) == len(KPIS) == len({kpi.label["fr"] for kpi in KPIS.values()})


def test_what_a_tracker_shows_is_headline_and_internal_means_are_not() -> None:
    headline = {name for name, kpi in KPIS.items() if kpi.headline}
    assert {"reach", "aided_awareness", "consideration", "trust_aware", "trust_top2", "penetration", "share", "profit"} <= headline
    assert not headline & {"awareness", "trust"}


def history() -> Model:
    """Six days of brand A by hand; brand B does nothing at all."""
    model = Model(make_market(1000))
    trust = model.market.state.trust
    model.market.brands.accrued[0] = 1000
    for day, (level, negative) in enumerate([(0.5, 0), (0.48, 60), (0.40, 50), (0.45, 3), (0.495, 0), (0.5, 0)]):
        trust[:, 0] = level
        model.market.state.awareness[:500, 0] = 1.0
        model.market.spending.append((day, 0, "ads:tv", 1.0, 100))
        counts = {"messages_positive": 3, "messages_negative": 1, "tellings_positive": 10, "tellings_negative": negative}
        counts |= {"sends": 20, "opt_outs": 1, "mentions_positive": 2, "mentions_negative": negative / 10}
        model.day({name: [count, 0] for name, count in counts.items()}, bought=[(day, 0), (0, 0)])
    return model


def test_kpis_of_a_hand_made_history() -> None:
    table = kpi_table(history().recorder.daily())
    assert table.index.name == "brand" and table.columns.tolist() == list(KPIS)
    a, b = table.loc["A"], table.loc["B"]
    assert (a["units"], a["revenue"], a["spend"], a["new_customers"]) == (12, 120.0, 6.0, 6)
    assert (a["cost"], a["profit"], a["cost_per_customer"], a["budget_used"]) == (12 * 4 + 6, 120 - 54, 1.0, 0.6)
    assert (a["messages_positive"], a["messages_negative"], a["opt_out_rate"], a["share"]) == (18, 6, 0.05, 1.0)
    assert a["net_sentiment"] == pytest.approx((60 - 113) / 173)
    assert a["voiced_gap"] == pytest.approx((18 - 6) / 24 - 0.0, abs=1e-6)
    assert (a["bad_buzz_days"], a["episodes"]) == (2, 1)
    assert a["recovery_days"] == 3  # begun on day 1 at .5, lowest .40, back above .49 on day 4
    assert (a["nps"], a["penetration"], a["prospects"], a["switchers"]) == (-100.0, 0.006, 0.994, 0.006)
    assert (a["aided_awareness"], a["trust_change"]) == (0.5, pytest.approx(0.0))
    for name in ("cost_per_customer", "opt_out_rate", "net_sentiment", "nps", "recovery_days", "voiced_gap", "budget_used", "trust_aware"):
        assert np.isnan(b[name]), name


def test_a_kpi_at_a_day_is_that_of_a_run_of_as_many_days() -> None:
    model = history()
    early = kpi_table(model.recorder.daily(), 3)
    assert early.loc["A", "units"] == 6 and early.loc["A", "bad_buzz_days"] == 2
    assert early.loc["A", "recovery_days"] == 2  # not yet back: the days so far
    assert kpi_table(model.recorder.daily(), 6).equals(kpi_table(model.recorder.daily()))


def test_rows_in_any_order_give_the_same_figures() -> None:
    table = history().recorder.daily()
    shuffled = table.sample(frac=1.0, random_state=1)
    assert kpi_table(shuffled).loc[["A", "B"]].equals(kpi_table(table))


def test_no_day_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="no whole day before day 0"):
        Daily(history().recorder.daily(), 0)


def test_tiers_sum_to_one() -> None:
    table = kpi_table(history().recorder.daily())
    assert table[["advocates", "loyal", "multi_loyal", "switchers", "prospects"]].sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
