"""Results of whole runs: the tables agree with each other, stop and go on exactly, and survive a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import RunResult, load_scenario, simulate
from simulator.results import cascades
from simulator.results.checkpoint import Checkpoint
from simulator.results.run_result import TABLES

DAYS = 24
MARKET = {
    "title": "three brands and a scandal",
    "run": {"days": DAYS},
    "population": {"size": 300, "represents": 3000},
    "brands": [
        {
            "name": "Aurora", "budget_per_day": 20.0, "start": {"awareness": 0.6, "penetration": 0.4, "loyalty": 0.4, "opt_in": 0.2},
            "strategy": {"kind": "permission", "newsletters_per_week": 3.0, "recruit_channels": {"tv": 1.0}},
        },
        {
            "name": "Borealis", "budget_per_day": 60.0, "start": {"awareness": 0.6, "penetration": 0.4, "loyalty": 0.4},
            "strategy": {"kind": "interaction", "ads_channels": {"popup": 1.0}},
        },
        {
            "name": "Corona", "budget_per_day": 6.0, "start": {"awareness": 0.6, "penetration": 0.4, "loyalty": 0.4},
            "strategy": {"kind": "interruption", "channels": {"popup": 0.5, "tv": 0.5}},
        },
    ],
    "events": [{"kind": "scandal", "day": 6, "brand": "Corona", "severity": 1.0, "tellers": {"highest_audience": 5}}],
    "word_of_mouth": {"visibility": 0.3},
}  # fmt: skip


@cache
def whole(warm_up: int = 0) -> RunResult:
    return simulate(load_scenario(MARKET | {"run": {"days": DAYS, "warm_up": warm_up}}), seed=3)


def same(a: RunResult, b: RunResult) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(a.table(name), b.table(name))


@pytest.mark.parametrize("warm_up", [0, 5])
def test_tables_agree_with_each_other(warm_up: int) -> None:
    run = whole(warm_up)
    daily = run.daily
    assert daily["day"].tolist() == [day for day in range(DAYS) for _ in run.brands]
    money = run.spending.groupby(["day", "brand"])["cents"].sum()
    spend = (100 * daily.set_index(["day", "brand"])["spend"]).round().astype(int)
    assert spend[spend > 0].sort_index().to_dict() == money[money > 0].to_dict()

    heard = run.tellings.merge(run.messages[["message", "brand", "valence"]], on="message")
    if not warm_up:  # else some are of messages that started before day 0
        for name, sign in (("positive", 1), ("negative", -1)):
            for table, column in ((run.messages, f"messages_{name}"), (heard, f"tellings_{name}")):
                rows = table[table["valence"] == sign].groupby(["day", "brand"]).size()
                recorded = daily.set_index(["day", "brand"])[column]
                assert recorded[recorded > 0].sort_index().to_dict() == rows.to_dict()
        largest = run.messages[run.messages["valence"] < 0].groupby("brand")["size"].max() / run.consumers
        assert run.kpis["largest_negative_cascade"].to_dict() == pytest.approx(largest.to_dict())

    members = daily.pivot(index="day", columns="brand", values="list_size").diff().iloc[1:]
    flow = daily.assign(flow=daily["opt_ins"] - daily["opt_outs"]).pivot(index="day", columns="brand", values="flow").iloc[1:]
    pd.testing.assert_frame_equal(members, flow)
    first = run.adoptions.groupby("brand").size() * run.scale
    assert run.kpis["new_customers"].to_dict() == pytest.approx(first.to_dict())
    tiers = daily[["prospects", "loyal", "advocates", "multi_loyal", "switchers"]].sum(axis=1)
    assert tiers.to_numpy() == pytest.approx(1.0)
    for share in ("reach", "reach_paid", "reach_owned", "reach_earned", "penetration"):
        assert (daily.pivot(index="day", columns="brand", values=share).diff().iloc[1:] >= 0).all(axis=None), share


def test_trees_of_the_log_have_the_measures_of_the_messages() -> None:
    run = whole()
    written = run.messages[run.messages["author"] >= 0]
    made = cascades.measures(cascades.trees(written, run.tellings))
    for column in ("size", "depth", "breadth"):
        assert made[column].tolist() == written[column].tolist()
    assert np.allclose(made["virality"], written["virality"], equal_nan=True, rtol=1e-6)


def test_a_scandal_is_found_as_an_episode() -> None:
    found = whole().episodes.query("brand == 'Corona' and start == 6")
    assert len(found) == 1
    assert 0.0 < found["reached"].iloc[0] <= 1.0 and found["trust_lost_peak"].iloc[0] > 0.0


@pytest.mark.parametrize("stop", [1, 6, 7, 15])
def test_going_on_equals_running_through(stop: int, tmp_path: Path) -> None:
    scenario = whole().scenario
    part = simulate(scenario, seed=3, until=stop)
    assert part.days == stop
    same(simulate(resume=part.checkpoint), whole())
    part.checkpoint.save(tmp_path / "day.npz")
    same(simulate(resume=Checkpoint.load(tmp_path / "day.npz")), whole())


def test_going_on_after_a_warm_up_equals_running_through() -> None:
    same(simulate(resume=simulate(whole(5).scenario, seed=3, until=9).checkpoint), whole(5))


def test_a_saved_run_can_be_run_again_from_its_file(tmp_path: Path) -> None:
    back = RunResult.load(whole().save(tmp_path / "run"))
    same(back, whole())
    same(simulate(back.scenario, seed=back.seed), whole())


def test_early_days_do_not_know_how_long_the_run_is() -> None:
    short = simulate(whole().scenario, seed=3, until=10)
    full = whole().daily
    pd.testing.assert_frame_equal(short.daily, full[full["day"] < 10])
    pd.testing.assert_frame_equal(short.kpis, whole().kpis_after(10))
