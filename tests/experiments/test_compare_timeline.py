"""Verdicts over time: the same figures as the tables, week by week."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulator.experiments.compare import compare
from simulator.experiments.comparison import Comparison
from simulator.parameters import InputError
from simulator.report.timeline import course
from tests.experiments.test_doubt import ADS, scenario

DAYS = 70


def crossing(sells: dict[str, np.ndarray], noise: float = 0.01, pairs: int = 10) -> Comparison:
    """Made-up units a day by scenario; the pairs differ by so much noise."""
    luck = np.random.default_rng(1)
    curves = [
        pd.DataFrame({"scenario": name, "replicate": pair, "day": range(DAYS), "units": units + noise * luck.normal(size=DAYS)})
        for name, units in sells.items() for pair in range(pairs)
    ]  # fmt: skip
    scenarios = tuple(scenario({"title": name}) for name in sells)
    empty, together = pd.DataFrame(), pd.concat(curves).assign(share=0.5)
    return Comparison(
        scenarios=scenarios, names=tuple(sells), focal="A", seed=1, replicates=pairs, runs=empty, curves=together, spending=empty,
        failures=empty, warnings=(), notices=(), consumers=60,
    )  # fmt: skip


def test_the_timeline_at_week_4_is_the_verdict_at_week_4() -> None:
    market = {"run.days": 30}
    result = compare([scenario(market), scenario(market | ADS)], 6, workers=1, names=["silent", "ads"], doubt="luck")
    at_week_4 = result.verdicts[result.verdicts["day"] == 28].set_index("kpi")
    for kpi in ("units", "profit", "reach", "share", "trust_aware", "messages_negative", "opt_in_list"):
        weeks = result.timeline(kpi)
        assert weeks["week"].tolist() == [1, 2, 3, 4]
        row = weeks[weeks["week"] == 4].iloc[0]
        assert (row["a"], row["b"]) == ("ads", "silent")
        for column in ("mean", "low", "high"):
            assert row[column] == pytest.approx(at_week_4.loc[kpi, column], rel=1e-9, abs=1e-12), (kpi, column)


def test_a_figure_without_a_curve_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(InputError, match=r"no curve of nps is kept; allowed: units, share"):
        crossing({"a": np.ones(DAYS), "b": np.ones(DAYS)}).timeline("nps")


def test_who_invests_first_is_behind_and_then_ahead() -> None:
    late = np.where(np.arange(DAYS) < 21, 5.0, 20.0)  # sums: 5, 10, 15 a week against 10, 20, 30; level after 6 weeks
    found = crossing({"steady": np.full(DAYS, 10.0), "late": late})
    assert course(found, "units", "late", "steady") == "behind until week 4, ahead after"
    assert course(found, "share", "late", "steady") == "no practical difference in every week"


def test_weeks_that_luck_leaves_open_are_said_to_be_open() -> None:
    slow = 10.0 + np.where(np.arange(DAYS) < 35, 0.0, 30.0)
    found = crossing({"one": np.full(DAYS, 10.0), "other": slow}, noise=3.0)
    assert course(found, "units", "other", "one") == "cannot be told apart until week 5, ahead after"
    few = crossing({"one": np.full(DAYS, 10.0), "other": slow}, pairs=4)
    assert course(few, "units", "other", "one") == "cannot be told apart in every week"


def test_what_changes_often_is_summed_up() -> None:
    fast = np.tile(np.repeat([-100.0, 150.0, -150.0, 150.0, -150.0], 7), 2) + 1000.0
    found = crossing({"one": np.full(DAYS, 1000.0), "other": fast})
    assert course(found, "units", "other", "one").startswith("changes ")
