"""Bad buzz in a comparison: told only where it is seen, paired with the same twins, and small enough to send."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.experiments import bad_buzz as module
from simulator.experiments import compare as comparing
from simulator.experiments.bad_buzz import BadBuzz, gathered, look
from simulator.experiments.compare import compare
from simulator.experiments.ignition import outbreak
from simulator.experiments.twin import TOTALS, twins, without_story
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate
from tests.experiments.test_twin import scenario

HOT = {"word_of_mouth.negative_share": 2.0}


@pytest.fixture(scope="module")
def compared() -> comparing.Comparison:
    told = scenario()
    return compare(
        [told, told.override(HOT), without_story(told)], replicates=3, seed=4, workers=1, names=["told", "hot", "untold"], doubt="luck"
    )


@pytest.fixture(scope="module")
def found(compared: comparing.Comparison) -> BadBuzz:
    assert compared.bad_buzz is not None
    return compared.bad_buzz


def test_every_run_is_a_world(found: BadBuzz) -> None:
    assert found.worlds[["scenario", "replicate"]].values.tolist() == [[name, k] for name in ("told", "hot", "untold") for k in range(3)]
    assert found.worlds.groupby("scenario")["story"].all().to_dict() == {"told": True, "hot": True, "untold": False}


def test_costs_are_those_of_the_twins(found: BadBuzz) -> None:
    alone = twins(scenario(), replicates=3, seed=4, workers=1)
    mine = found.worlds[found.worlds["scenario"] == "told"]
    pd.testing.assert_frame_equal(mine[list(TOTALS)].reset_index(drop=True), alone.runs[list(TOTALS)])
    daily = found.lost[found.lost["scenario"] == "told"].drop(columns="scenario").reset_index(drop=True)
    pd.testing.assert_frame_equal(daily[alone.days.columns], alone.days)
    assert found.worlds.loc[found.worlds["scenario"] == "untold", list(TOTALS)].isna().all(axis=None)


def test_ignition_is_that_of_the_story(found: BadBuzz) -> None:
    seen = outbreak(simulate(scenario(), 5))
    row = found.worlds[(found.worlds["scenario"] == "told") & (found.worlds["replicate"] == 1)].iloc[0]
    assert (row["ignited"], row["heard"]) == (seen.ignited, seen.heard)
    mine = found.cohorts[(found.cohorts["scenario"] == "told") & (found.cohorts["replicate"] == 1)]
    generations = mine[mine["by"] == "generation"]
    assert generations[["number", "consumers", "children"]].values.tolist() == [list(cohort) for cohort in seen.generations]
    assert mine.loc[mine["by"] == "day", "number"].iloc[0] == 0  # days since the story, not of the run


def test_sizes_are_those_of_the_messages_of_blame(found: BadBuzz) -> None:
    messages = simulate(scenario(), 4).messages
    bad = messages[(messages["brand"] == "A") & (messages["valence"] < 0)]
    mine = found.sizes[(found.sizes["scenario"] == "told") & (found.sizes["replicate"] == 0)]
    assert dict(zip(mine["size"], mine["count"], strict=True)) == bad["size"].value_counts().to_dict()


def test_a_kept_cascade_is_a_tree(found: BadBuzz) -> None:
    for name in ("told", "hot"):
        cascade = found.cascades[name]
        assert cascade.size >= found.worlds.loc[found.worlds["scenario"] == name, "largest"].max()
        entries = np.arange(len(cascade.parent))
        assert (cascade.parent < entries).all()
        inner = cascade.parent >= 0
        assert (cascade.day[cascade.parent[inner]] <= cascade.day[inner]).all()


def test_of_a_giant_those_are_kept_through_whom_most_others_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAWN", 12)
    run = simulate(scenario(HOT), 5)
    cascade = look(run, scenario(HOT), watched=True).cascade
    assert cascade is not None and cascade.size > 12 == len(cascade.parent)
    assert (cascade.parent < np.arange(12)).all()
    assert (cascade.parent[1:] >= 0).any()


def test_where_nothing_happens_nothing_is_told() -> None:
    mute = {f"word_of_mouth.{rate}": 0.0 for rate in ("base_rate", "a_plus", "a_minus", "standing", "hearsay", "annoyance", "refutation")}
    quiet = without_story(scenario(mute | {"run.days": 9}))
    assert compare([quiet], replicates=1, workers=1).bad_buzz is None
    assert look(simulate(quiet, 1), quiet, watched=False).cascade is None


def test_an_episode_without_a_crisis_is_told() -> None:
    quiet = without_story(scenario())
    run = simulate(quiet, 1)
    run.daily["bad_buzz"] = ((run.daily["brand"] == "A") & run.daily["day"].between(3, 12)).astype(int)
    seen = gathered([quiet], ["quiet"], [(0, 0, look(run, quiet, watched=False))])
    assert seen is not None
    row = seen.worlds.iloc[0]
    assert (row["story"], row["ignited"], row["episode"], row["start"], row["end"]) == (False, True, True, 3, 12)
    assert row["heard"] == run.episodes["reached"].iloc[0] > 0.0
    assert np.isnan(row["units_lost"])


def test_an_episode_before_the_first_crisis_is_not_its_doing() -> None:
    told = scenario()
    run = simulate(told, 1)
    run.daily["bad_buzz"] = ((run.daily["brand"] == "A") & (run.daily["day"] == 2)).astype(int)
    seen = gathered([told], ["told"], [(0, 0, look(run, told, watched=True))])
    assert seen is not None
    assert not seen.worlds["episode"].any() and len(seen.episodes) == 1


def test_without_a_log_of_tellings_sizes_and_costs_are_known() -> None:
    seen = compare([scenario({"record.tellings": False})], replicates=1, workers=1).bad_buzz
    assert seen is not None
    assert len(seen.sizes) and not len(seen.cohorts) and not seen.cascades
    assert seen.worlds["units_lost"].notna().all()


def test_answers_to_one_story_share_their_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = comparing.simulate

    def counting(chosen: Scenario, seed: int, **rest: Any) -> Any:
        seen.append(chosen.hash)
        return real(chosen, seed, **rest)

    monkeypatch.setattr(comparing, "simulate", counting)
    told = scenario({"run.days": 8})
    milder = told.to_dict()["events"]
    milder[0] = milder[0] | {"severity": 0.5}
    compare([told, told.override({"events": milder}), without_story(told)], replicates=1, workers=1, names=["a", "b", "c"], doubt="luck")
    assert len(seen) == 4  # a, their twin, b, c (which is the twin, simulated as itself)


def test_a_twin_that_breaks_down_is_a_failure_of_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    told = scenario({"run.days": 8})
    real, spared = comparing.simulate, without_story(told).hash

    def breaking(chosen: Scenario, seed: int, **rest: Any) -> Any:
        if chosen.hash == spared:
            raise ZeroDivisionError("twin")
        return real(chosen, seed, **rest)

    monkeypatch.setattr(comparing, "simulate", breaking)
    result = compare([told], replicates=1, workers=1, names=["told"])
    assert result.failures["error"].tolist() == ["ZeroDivisionError: twin"]


@pytest.mark.compiled
@pytest.mark.long
def test_two_processes_send_the_same(found: BadBuzz) -> None:
    told = scenario()
    again = compare(
        [told, told.override(HOT), without_story(told)], replicates=3, seed=4, workers=2, names=["told", "hot", "untold"], doubt="luck"
    ).bad_buzz
    assert again is not None
    for name, table in again.tables.items():
        pd.testing.assert_frame_equal(table, found.tables[name])
