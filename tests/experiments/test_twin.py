"""The same run without the story: it differs by what the story caused, and by nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.experiments import twin as module
from simulator.experiments.twin import TOTALS, Trace, answers, has_story, lost, totals, trace, twins, without_story
from simulator.parameters import InputError
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

DAY = 6
BRAND: dict[str, Any] = {"budget_per_day": 0.5, "start": {"awareness": 0.8, "penetration": 0.5, "reputation": 0.7}}
MARKET: dict[str, Any] = {
    "run": {"days": 20},
    "population": {"size": 80},
    "network": {"community_size": 20, "strong": 6.0, "weak": 3.0, "follow": 2.0, "largest_audience": 0.2},
    "brands": [{"name": "A", **BRAND}, {"name": "B", **BRAND}],
    "events": [
        {"kind": "scandal", "day": DAY, "brand": "A", "severity": 1.0},
        {"kind": "scandal", "day": DAY, "brand": "B", "severity": 0.5},
        {"kind": "launch", "day": 3, "brand": "A", "consumers": 4},
    ],
    "word_of_mouth": {"share": 0.4},
}
NO_TIES = {"network.strong": 0.0, "network.weak": 0.0, "network.follow": 0.0}


def scenario(settings: dict[str, Any] | None = None) -> Scenario:
    return load_scenario(MARKET, settings or {})


def test_the_twin_is_spared_the_crises_of_the_brand_and_nothing_else() -> None:
    told = scenario()
    twin = without_story(told)
    assert [(event.kind, event.brand) for event in twin.events] == [("scandal", "B"), ("launch", "A")]
    assert twin.override({"events": told.to_dict()["events"]}).hash == told.hash
    assert [(event.kind, event.brand) for event in without_story(told, "B").events] == [("scandal", "A"), ("launch", "A")]
    assert has_story(told) and has_story(told, "B") and not has_story(twin) and has_story(twin, "B")
    assert without_story(twin).hash == twin.hash


def test_a_brand_answers_by_an_event_or_by_its_strategy() -> None:
    told = scenario()
    events = told.to_dict()["events"]

    def response(answer: str, brand: str = "A") -> Scenario:
        return told.override({"events": [*events, {"kind": "response", "day": 8, "brand": brand, "answer": answer}]})

    lever = {"brands.A.strategy.kind": "interaction", "brands.A.strategy.response": "denial"}
    assert answers(response("empathy"), "A") and answers(told.override(lever), "A")
    assert not answers(response("silence"), "A") and not answers(response("empathy", "B"), "A")
    assert not answers(told, "A") and not answers(told.override(lever), "B")
    assert without_story(response("empathy")).hash == without_story(told).hash


@pytest.fixture(scope="module")
def found() -> module.Twins:
    return twins(scenario(), replicates=3, seed=4, workers=1)


def test_nothing_is_lost_before_the_story(found: module.Twins) -> None:
    before = found.days[found.days["day"] < DAY]
    assert len(before) == 3 * DAY
    assert (before[["units_lost", "trust_lost"]] == 0.0).all(axis=None)
    assert (found.days.loc[found.days["day"] == DAY, "trust_lost"] > 0.0).all()


def test_what_is_lost_in_all_is_what_is_lost_day_by_day(found: module.Twins) -> None:
    by_replicate = found.days.groupby("replicate")
    np.testing.assert_allclose(found.runs["units_lost"], by_replicate["units_lost"].sum())
    np.testing.assert_allclose(found.runs["units_lost"], found.runs["units_twin"] - found.runs["units"])
    np.testing.assert_allclose(found.runs["trust_gap"], by_replicate["trust_lost"].max())
    assert found.runs["seed"].tolist() == [4, 5, 6]


def test_replicates_are_those_of_simulate(found: module.Twins) -> None:
    run, twin = (trace(simulate(each, 5), "A") for each in (scenario(), without_story(scenario())))
    row = found.runs[found.runs["replicate"] == 1].iloc[0]
    assert row[list(TOTALS)].to_dict() == pytest.approx(totals(run, twin, DAY), nan_ok=True)
    assert run.heard is not None and twin.heard is not None
    assert row["reached_only"] == (run.heard & ~twin.heard).mean() > 0.0


def test_every_number_has_an_interval(found: module.Twins) -> None:
    assert found.summary["quantity"].tolist() == list(TOTALS)
    known = found.summary.dropna()
    assert {"units_lost", "trust_gap", "reached_only"} <= set(known["quantity"])
    assert ((known["low"] <= known["mean"]) & (known["mean"] <= known["high"])).all()
    daily = found.daily
    assert len(daily) == 2 * 20 and set(daily["quantity"]) == {"units_lost", "trust_lost"}
    assert ((daily["low"] <= daily["mean"]) & (daily["mean"] <= daily["high"])).all()


def test_without_ties_a_story_costs_nothing() -> None:
    alone = twins(scenario(NO_TIES), replicates=2, workers=1)
    assert (alone.days[["units_lost", "trust_lost"]] == 0.0).all(axis=None)
    assert (alone.runs[["units_lost", "trust_gap", "gap_days", "reached_only"]] == 0.0).all(axis=None)


def test_the_trust_gap_closes_from_the_first_crisis_on() -> None:
    units = np.full(100, 10.0)
    twin = Trace(units, np.full(100, 0.6), np.array([True, False, False, False]))
    trust = np.full(100, 0.6)
    trust[3:8] = (0.5, 0.4, 0.5, 0.55, 0.581)
    run = Trace(units - (np.arange(100) < 5), trust, np.array([True, True, False, True]))
    seen = totals(run, twin, since=2)
    assert (seen["units_lost"], seen["units_lost_share"], seen["reached_only"]) == (5.0, 0.005, 0.5)
    assert (seen["trust_gap"], seen["trust_gap_90"]) == (pytest.approx(0.2), pytest.approx(0.0))
    assert (seen["gap_days"], seen["gap_open"]) == (5.0, 0.0)  # from day 2, back above .58 on day 7
    trust[7:] = 0.57
    seen = totals(run, twin, since=2)
    assert (seen["gap_days"], seen["gap_open"]) == (98.0, 1.0)
    assert np.isnan(totals(Trace(units[:50], trust[:50], None), Trace(units[:50], twin.trust[:50], None))["trust_gap_90"])
    np.testing.assert_array_equal(lost(run, twin)["trust_lost"], twin.trust - run.trust)


def test_equal_runs_lose_nothing() -> None:
    one = trace(simulate(without_story(scenario()), 3), "A")
    seen = totals(one, one)
    assert {seen[name] for name in ("units_lost", "trust_gap", "gap_days", "gap_open", "reached_only")} == {0.0}


def test_without_a_log_of_tellings_nobody_knows_who_heard() -> None:
    silent = twins(scenario({"record.tellings": False}), replicates=1, workers=1)
    assert silent.runs["reached_only"].isna().all()
    assert silent.runs["units_lost"].notna().all()


def test_there_must_be_a_story_and_a_replicate() -> None:
    with pytest.raises(InputError, match="nothing happens to A"):
        twins(without_story(scenario()), workers=1)
    with pytest.raises(InputError, match="at least 1"):
        twins(scenario(), replicates=0, workers=1)


def test_a_run_that_breaks_down_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.simulate

    def sometimes(chosen: Scenario, seed: int, **rest: Any) -> Any:
        if seed == 2:
            raise ZeroDivisionError("division by zero")
        return real(chosen, seed, **rest)

    monkeypatch.setattr(module, "simulate", sometimes)
    found = twins(scenario({"run.days": 7}), replicates=3, seed=1, workers=1)
    assert found.runs["replicate"].tolist() == [0, 2]
    assert found.failures == {1: "ZeroDivisionError: division by zero"}
    with pytest.raises(InputError, match="every run failed"):
        twins(scenario({"run.days": 7}), replicates=1, seed=2, workers=1)


@pytest.mark.compiled
@pytest.mark.long
def test_one_process_and_two_find_the_same(found: module.Twins) -> None:
    assert twins(scenario(), replicates=3, seed=4, workers=2).runs.equals(found.runs)
