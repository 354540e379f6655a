"""A watched run: the past never changes, going back is exact, and what was done can be run again from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator import RunResult, Scenario, simulate
from simulator.cli import app
from simulator.experiments.live import Happening, Intervention, LiveRun, Switch
from simulator.parameters import InputError
from tests.laws.markets import BUSY, busy, scenario

SEED = 5
DAYS = BUSY["run"]["days"]
DAY = 9

SCANDAL = Happening("scandal", "Aurora", {"severity": 0.9})
ANSWER = Happening("response", "Aurora", {"answer": "apology"})
FLOOD = Happening("campaign", "Boreal", {"money_per_day": 5000.0, "days": 4, "channels": {"popup": 1.0}})
TO_TALK = Switch("Aurora", {"kind": "interaction", "listening": 1.0, "ads_share": 0.5})
TO_SILENCE = Switch("Cirrus", {"kind": "silent"})
OTHER_ADS = Switch("Aurora", {"kind": "interruption", "channels": {"billboard": 1.0}})
WAKE_UP = Switch("Dune", {"kind": "permission"})

ALL: dict[str, Intervention] = {
    "a scandal": SCANDAL, "an answer": ANSWER, "a flood of ads": FLOOD, "another strategy": TO_TALK, "no strategy": TO_SILENCE,
    "the same strategy with other levers": OTHER_ADS, "a strategy at last": WAKE_UP,
}  # fmt: skip


def market(*changes: dict[str, Any]) -> Scenario:
    """The busy market, with a fourth brand that says nothing."""
    dune = {"name": "Dune", "budget_per_day": 200.0, "start": {"awareness": 0.2, "penetration": 0.05}}
    return scenario(busy({"brands": [*BUSY["brands"], dune]}, *changes))


def at(day: int, of: Scenario | None = None) -> LiveRun:
    live = LiveRun(of or market(), SEED)
    live.go_to(day)
    return live


def past(run: RunResult, day: int) -> pd.DataFrame:
    return run.daily[run.daily["day"] < day]


def assert_equal_runs(one: RunResult, other: RunResult) -> None:
    for table in ("daily", "messages", "tellings", "adoptions", "spending"):
        pd.testing.assert_frame_equal(one.table(table), other.table(table), check_exact=True)


@pytest.fixture(scope="module")
def untouched() -> RunResult:
    return simulate(market(), SEED)


def test_a_run_that_is_only_watched_is_the_run(untouched: RunResult) -> None:
    assert_equal_runs(at(DAYS).result(), untouched)


@pytest.mark.parametrize("day", [0, 1, 13, 14, 15, DAYS])
def test_going_back_and_on_again_changes_nothing(day: int, untouched: RunResult) -> None:
    live = at(DAYS)
    live.go_to(day)
    assert live.day == day
    pd.testing.assert_frame_equal(live.model.recorder.daily(), past(untouched, day).reset_index(drop=True), check_exact=True)
    live.go_to(DAYS)
    assert_equal_runs(live.result(), untouched)


@pytest.mark.parametrize("what", ALL)
def test_an_intervention_leaves_the_past_as_it_was_and_changes_the_future(what: str, untouched: RunResult) -> None:
    live = at(DAY)
    live.intervene(ALL[what])
    live.go_to(DAYS)
    done = live.result()
    pd.testing.assert_frame_equal(past(done, DAY), past(untouched, DAY), check_exact=True)
    assert not done.daily.equals(untouched.daily)
    live.go_to(DAY - 2)
    live.go_to(DAYS)
    assert_equal_runs(live.result(), done)


@pytest.mark.parametrize("what", ALL)
def test_the_saved_scenario_from_day_0_is_the_whole_watched_run(what: str, tmp_path: Path) -> None:
    live = at(DAY)
    live.intervene(ALL[what])
    live.go_to(DAY + 3)
    live.intervene(TO_TALK)
    live.go_to(DAYS)
    live.save(tmp_path / "kept.toml")
    assert_equal_runs(simulate(tmp_path / "kept.toml", SEED), live.result())


def test_the_command_line_runs_it_again_to_the_byte(tmp_path: Path) -> None:
    live = at(DAY)
    live.intervene(SCANDAL)
    live.intervene(FLOOD)
    live.go_to(DAYS)
    live.save(tmp_path / "kept.toml")
    live.result().save(tmp_path / "watched")
    words = ["simulate", str(tmp_path / "kept.toml"), "--seed", str(SEED), "--out", str(tmp_path / "again"), "--quiet"]
    assert CliRunner().invoke(app, words).exit_code == 0
    watched, again = ((tmp_path / name / "daily.parquet").read_bytes() for name in ("watched", "again"))
    assert watched == again
    assert f"--seed {SEED}" in (tmp_path / "kept.toml").read_text(encoding="utf-8")


def test_a_planned_change_of_a_mixed_strategy_gives_way_to_a_switch() -> None:
    plan = {
        "kind": "mixed", "shares": {"interruption": 1.0}, "permission": {"reward": 1.0},
        "phases": [{"from_day": 3, "shares": {"interaction": 1.0}}, {"from_day": 15, "shares": {"permission": 1.0}}],
    }  # fmt: skip
    planned = market({"brands": [BUSY["brands"][0] | {"strategy": plan}], "events": [], "population": {"roles": []}})
    live = at(DAY, planned)
    live.intervene(OTHER_ADS)
    strategy = live.scenario.brand("Aurora").strategy
    assert [phase.from_day for phase in strategy.phases] == [3, DAY]
    live.go_to(DAYS)
    assert_equal_runs(simulate(live.scenario, SEED), live.result())


def test_who_goes_back_and_does_something_begins_another_future() -> None:
    live = at(DAY)
    live.intervene(SCANDAL)
    live.go_to(DAY + 5)
    live.intervene(ANSWER)
    live.go_to(DAY + 2)
    live.intervene(FLOOD)
    assert [done.intervention for done in live.interventions] == [SCANDAL, FLOOD]
    live.go_to(DAYS)
    other = at(DAY)
    other.intervene(SCANDAL)
    other.go_to(DAY + 2)
    other.intervene(FLOOD)
    other.go_to(DAYS)
    assert_equal_runs(live.result(), other.result())


def test_what_is_taken_back_has_not_happened(untouched: RunResult) -> None:
    live = at(DAY)
    live.intervene(SCANDAL)
    live.intervene(TO_SILENCE)
    live.go_to(DAY + 4)
    live.undo()
    assert live.day == DAY and [done.intervention for done in live.interventions] == [SCANDAL]
    live.undo()
    live.go_to(DAYS)
    assert_equal_runs(live.result(), untouched)
    with pytest.raises(InputError, match="nothing to take back"):
        live.undo()


def test_a_fork_has_the_same_past_and_luck_and_its_own_future(untouched: RunResult) -> None:
    live = at(DAY)
    same, other = live.fork(), live.fork(SCANDAL)
    for each in (other, same, live):
        each.go_to(DAYS)
    assert_equal_runs(live.result(), untouched)
    assert_equal_runs(same.result(), untouched)
    pd.testing.assert_frame_equal(past(other.result(), DAY), past(untouched, DAY), check_exact=True)
    assert not other.result().daily.equals(untouched.daily)
    other.go_to(2)
    live.go_to(3)
    assert (other.day, live.day) == (2, 3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Happening("scandal", "Aurora", {"severity": 2.0}), "severity"),
        (Happening("scandal", "Nobody", {"severity": 0.5}), "Nobody"),
        (Happening("earthquake", "Aurora", {}), "earthquake"),
        (Happening("campaign", "Aurora", {"money_per_day": 1.0, "channels": {"email": 1.0}}), "requires consent"),
        (Switch("Nobody", {"kind": "silent"}), "Nobody"),
        (Switch("Aurora", {"kind": "mixed"}), "mixture"),
        (Switch("Aurora", {"kind": "interaction", "listening": 7.0}), "listening"),
    ],
)
def test_what_the_scenario_does_not_allow_changes_nothing(wrong: Intervention, said: str) -> None:
    live = at(DAY)
    before = live.scenario.hash
    with pytest.raises(InputError, match=said):
        live.intervene(wrong)
    assert (live.scenario.hash, live.day, live.interventions) == (before, DAY, ())


def test_nothing_can_be_done_after_the_last_day() -> None:
    live = at(DAYS)
    assert live.finished and not live.step()
    with pytest.raises(InputError, match="the run is over"):
        live.intervene(SCANDAL)
    for day in (-1, DAYS + 1):
        with pytest.raises(InputError, match=f"no day {day}"):
            live.go_to(day)
