"""Scenarios side by side: paired, complete, honest about what is not comparable."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.experiments import compare as module
from simulator.experiments import graphs
from simulator.experiments.compare import compare, labels, planned
from simulator.experiments.comparison import reading_days
from simulator.experiments.opening import opening, thin_groups
from simulator.parameters import InputError
from simulator.results.kpis import KPIS
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

MARKET: dict[str, Any] = {
    "title": "two brands",
    "run": {"days": 30},
    "population": {"size": 60},
    "network": {"community_size": 20, "strong": 4.0, "weak": 2.0, "follow": 1.0, "largest_audience": 0.2},
    "brands": [
        {"name": "A", "budget_per_day": 0.5, "start": {"awareness": 0.5, "penetration": 0.3}},
        {"name": "B", "budget_per_day": 0.5, "start": {"awareness": 0.5, "penetration": 0.3}},
    ],
}


def scenario(settings: dict[str, Any] | None = None) -> Scenario:
    return load_scenario(MARKET, settings or {})


ADS = {"brands.A.strategy.kind": "interruption", "brands.A.strategy.channels": {"tv": 1.0}}


@pytest.fixture(scope="module")
def three() -> module.Comparison:
    scenarios = [scenario(ADS), scenario(ADS | {"brands.A.strategy.promise": 0.9}), scenario()]
    return compare(scenarios, replicates=3, seed=5, workers=1, names=["ads", "boast", "silent"], doubt="luck")


def test_the_silent_scenario_is_the_baseline(three: module.Comparison) -> None:
    assert three.names == ("silent", "ads", "boast")
    assert three.baseline == "silent"


def test_where_nobody_is_silent_who_answers_no_crisis_is_the_baseline() -> None:
    talking = {"brands.A.strategy.kind": "interaction"}
    sorry, mute = scenario(talking | {"brands.A.strategy.response": "apology"}), scenario(talking)
    assert planned([sorry, mute], 1, 1, ["sorry", "mute"]) == planned([mute, sorry], 1, 1, ["mute", "sorry"])
    assert compare([sorry, mute], 1, workers=1, names=["sorry", "mute"], doubt="luck").baseline == "mute"


def test_replicate_r_has_seed_plus_r_in_every_scenario(three: module.Comparison) -> None:
    seeds = three.runs.groupby("scenario")["seed"].unique()
    for name in three.names:
        assert sorted(seeds[name]) == [5, 6, 7]


def test_runs_hold_every_kpi_of_every_brand_at_week_4_and_at_the_end(three: module.Comparison) -> None:
    assert len(three.runs) == 3 * 3 * 2 * 2  # scenarios, replicates, days of reading, brands
    assert three.days == (28, 30)
    assert set(KPIS) <= set(three.runs.columns)


def test_verdicts_have_their_columns_and_every_pair(three: module.Comparison) -> None:
    assert list(three.verdicts.columns) == [
        "day", "kpi", "a", "b", "n", "wins", "mean", "median", "low", "high", "p", "correlation", "more", "draws", "holds", "verdict",
        "paired", "luck_verdict",
    ]  # fmt: skip
    pairs = set(zip(three.verdicts["a"], three.verdicts["b"], strict=True))
    assert pairs == {("ads", "silent"), ("boast", "silent"), ("boast", "ads")}
    assert three.verdicts["paired"].all()
    assert three.warnings == ()


def test_differences_are_those_of_the_pairs(three: module.Comparison) -> None:
    at_end = three.runs[(three.runs["day"] == 30) & (three.runs["brand"] == "A")]
    wide = at_end.pivot(index="replicate", columns="scenario", values="reach")
    row = three.verdicts[(three.verdicts["day"] == 30) & (three.verdicts["kpi"] == "reach") & (three.verdicts["a"] == "ads")].iloc[0]
    difference = wide["ads"] - wide["silent"]
    assert row["mean"] == pytest.approx(difference.mean())
    assert row["wins"] == int((difference > 0).sum())
    assert row["median"] == pytest.approx(difference.median())
    assert row["correlation"] == pytest.approx(wide["ads"].corr(wide["silent"]))
    assert row["n"] == 3


def test_bands_and_summary_cover_every_day_and_kpi(three: module.Comparison) -> None:
    bands = three.daily_bands
    assert len(bands) == 3 * 30 * len(module.CURVES)
    whole = bands.dropna()
    assert (whole["low"] <= whole["high"] + 1e-12).all()
    assert len(three.summary) == 3 * 2 * len(KPIS)


def test_spending_lines_sum_to_the_spend(three: module.Comparison) -> None:
    spent = three.spending[three.spending["brand"] == "A"].groupby(["scenario", "replicate"])["amount"].sum()
    at_end = three.runs[(three.runs["day"] == 30) & (three.runs["brand"] == "A")].set_index(["scenario", "replicate"])["spend"]
    pd.testing.assert_series_equal(spent, at_end[at_end > 0].sort_index(), check_names=False)


def test_a_comparison_survives_a_pickle(three: module.Comparison) -> None:
    again = pickle.loads(pickle.dumps(three))
    pd.testing.assert_frame_equal(again.verdicts, three.verdicts)


def test_scenarios_that_share_a_world_share_one_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = graphs.make_graph

    def counted(network: Any, size: int, seed: int, folder: Any) -> Any:
        made.append(seed)
        return real(network, size, seed, folder)

    monkeypatch.setattr(graphs, "make_graph", counted)
    graphs.forget()
    task = module.Replicate(0, 9, (scenario({"run.days": 2}), scenario(ADS | {"run.days": 2})))
    assert [extract.error for extract in module.simulate_replicate(task)] == [None, None]
    assert made == [9]


def test_a_change_that_does_nothing_makes_no_difference() -> None:
    result = compare([scenario(), scenario({"title": "the same"})], replicates=2, workers=1, names=["one", "other"], doubt="luck")
    known = result.verdicts.dropna(subset=["mean"])
    assert (known["mean"] == 0.0).all()
    assert set(known["verdict"]) == {"no practical difference"}


@pytest.mark.compiled
def test_one_process_and_two_give_the_same_bytes() -> None:
    scenarios = [scenario({"run.days": 7}), scenario(ADS | {"run.days": 7})]
    one, two = (compare(scenarios, replicates=4, workers=workers, draws=4) for workers in (1, 2))
    for table in (
        "runs",
        "curves",
        "spending",
        "verdicts",
        "summary",
        "daily_bands",
        "draws",
        "assumptions",
        "ranges",
        "refused",
        "causal",
    ):
        assert getattr(one, table).to_csv() == getattr(two, table).to_csv(), table


def test_a_failing_run_is_a_row_and_the_others_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.simulate

    def sometimes(chosen: Scenario, seed: int, **rest: Any) -> Any:
        if seed == 2 and chosen.brands[0].strategy.kind != "silent":
            raise ZeroDivisionError("division by\nzero")
        return real(chosen, seed, **rest)

    monkeypatch.setattr(module, "simulate", sometimes)
    result = compare([scenario(), scenario(ADS)], replicates=3, seed=1, workers=1, names=["silent", "ads"], doubt="luck")
    assert result.failures.values.tolist() == [["ads", 1, 2, "ZeroDivisionError: division by zero"]]
    assert set(result.verdicts.loc[result.verdicts["kpi"] == "reach", "n"]) == {2}


def test_ctrl_c_returns_what_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.simulate

    def stopped(chosen: Scenario, seed: int, **rest: Any) -> Any:
        if seed == 3:
            raise KeyboardInterrupt
        return real(chosen, seed, **rest)

    monkeypatch.setattr(module, "simulate", stopped)
    result = compare([scenario({"run.days": 3})], replicates=5, seed=1, workers=1, doubt="luck")
    assert result.interrupted
    assert result.completed == 2
    with pytest.raises(KeyboardInterrupt):
        compare([scenario({"run.days": 3})], replicates=5, seed=3, workers=1, doubt="luck")


def test_different_focal_brands_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="different brands"):
        compare([scenario(), scenario({"focal": "B"})], replicates=1, workers=1)


def test_other_people_ties_days_or_budgets_are_said_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    other = scenario({"population.size": 61, "run.days": 3, "brands.A.budget_per_day": 2.0})
    result = compare(
        [scenario({"run.days": 2}), other, scenario({"run.days": 2, "network.seed": 4})], 1, workers=1, names=["a", "b", "c"], doubt="luck"
    )
    text = "\n".join(result.warnings)
    assert "b is not paired with a" in text
    assert "c is not paired with a" in text
    assert "not equally long" in text
    assert "budgets are not equal" in text
    assert not result.verdicts.loc[result.verdicts["a"] == "b", "paired"].any()


@pytest.mark.parametrize(
    "arguments", [{"replicates": 0}, {"names": ["one"]}, {"names": ["x", "x"]}, {"doubt": "none"}, {"draws": 0}, {"until": "bored"}]
)
def test_impossible_requests_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        compare([scenario(), scenario()], workers=1, **arguments)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        compare([])


def test_scenarios_of_one_name_are_numbered() -> None:
    assert labels([scenario(), scenario()], None) == ["two brands", "two brands (2)"]


def test_the_world_code_is_known_beforehand_and_follows_what_matters(three: module.Comparison) -> None:
    scenarios = [scenario(ADS), scenario(ADS | {"brands.A.strategy.promise": 0.9}), scenario()]
    names = ["ads", "boast", "silent"]
    assert planned(scenarios, 3, 5, names, doubt="luck") == planned(scenarios, 3, 5, names, doubt="luck", draws=7) == three.world
    others = [(3, 6, "luck", 60, ""), (4, 5, "luck", 60, ""), (3, 5, "both", 60, ""), (3, 5, "both", 30, ""), (3, 5, "luck", 60, "decided")]
    codes = {planned(scenarios, replicates, seed, names, *rest) for replicates, seed, *rest in others}
    assert len(codes | {three.world}) == 6


def test_the_arguments_of_a_comparison_make_it_again(three: module.Comparison) -> None:
    again = compare(three.scenarios, workers=1, **three.arguments)
    assert again.world == three.world
    pd.testing.assert_frame_equal(again.verdicts, three.verdicts)


def test_scenarios_may_be_paths() -> None:
    with pytest.raises(InputError, match="no such file"):
        compare(["nowhere.toml"])


def test_kpis_are_read_at_weeks_4_13_26_and_52_and_at_the_end() -> None:
    assert reading_days(182) == (28, 91, 182)
    assert reading_days(400) == (28, 91, 182, 364, 400)
    assert reading_days(200) == (28, 91, 182, 200)
    assert reading_days(10) == (10,)


def test_day_0_is_what_was_asked_for() -> None:
    table = opening(scenario({"population.size": 400}), seed=1)
    assert len(table) == 2 * 6
    asked = table[table["quantity"].isin(["awareness", "reputation", "knowledge", "opt_in"])]
    np.testing.assert_allclose(asked["day_0"], asked["asked"], atol=1e-3)
    assert (table.loc[table["quantity"] == "penetration", "gap"].abs() < 0.1).all()


def test_groups_too_small_to_speak_of_are_named_with_the_size_they_need() -> None:
    found = thin_groups(scenario({"brands.A.start.opt_in": 0.1}))
    assert any("start.opt_in of A is 6 simulated consumers" in text and "population.size = 300" in text for text in found)
    assert not thin_groups(scenario({"population.size": 4000, "brands.A.start.opt_in": 0.1}))
