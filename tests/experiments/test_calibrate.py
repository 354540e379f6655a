"""A calibration finds what made a series, says what it cannot find, foretells what it has not seen, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator import load_scenario, simulate
from simulator.experiments import trials
from simulator.experiments.bass import bass_adopters
from simulator.experiments.calibrate import calibrate
from simulator.experiments.calibration import Calibration
from simulator.experiments.design import axis
from simulator.experiments.emulator import Cube, Emulator
from simulator.experiments.observed import with_season
from simulator.experiments.pool import Crew
from simulator.parameters import InputError
from simulator.scenario.writing import write_scenario
from tests.experiments import calibrations as small

pytest.importorskip("optuna", reason="the extra `optimize` is not installed")
pytestmark = pytest.mark.compiled

QUICK = {"trials": 24, "replicates": 2}


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a Bass market in NumPy."""
    monkeypatch.setattr(trials, "watched", small.bass_run)


@pytest.mark.long
def test_parameters_of_a_synthetic_study_come_back() -> None:
    held = [inside for number in range(2) for inside in small.recovered(number, **QUICK)]
    assert sum(held) >= 3, held


@pytest.mark.long
def test_nine_intervals_in_ten_hold_the_truth() -> None:
    held = np.array([small.recovered(number, trials=32, replicates=4) for number in range(40)])
    assert (held.mean(axis=0) >= 0.85).all(), held.mean(axis=0)


def smooth(rows: int, days_per_row: int, people: float) -> list[float]:
    """A Bass curve with a scatter of 2%."""
    scatter = 1.0 + 0.02 * np.random.default_rng(4).standard_normal(rows)
    return (bass_adopters(rows, small.P * days_per_row, small.Q * days_per_row, people) * scatter).tolist()


@pytest.mark.usefixtures("quickly")
def test_the_beginning_of_a_curve_does_not_tell_how_far_it_goes_and_this_is_said() -> None:
    begun = small.fit(small.series(smooth(6, 1, 1e6), days_per_row=1), scale="free", holdout=0.0, **QUICK)
    said = " ".join(begun.warnings)
    assert "the data do not say" in said or "the data say nothing" in said or "cannot tell" in said
    whole = small.fit(small.series(smooth(small.ROWS, 3, 1e6)), scale="free", holdout=0.0, **QUICK)
    assert not [text for text in whole.warnings if text.startswith("the data")], whole.warnings
    people = whole.estimates.set_index("key").loc["population.represents"]
    assert people["low"] <= 1e6 <= people["high"]


@pytest.mark.usefixtures("quickly")
def test_a_range_that_does_not_hold_the_truth_is_noticed() -> None:
    found = calibrate(
        small.market(), small.study(3), [axis("purchase.p=0.001:0.1"), axis("purchase.q=0.02:0.08")], scale="fixed", workers=1, **QUICK
    )
    assert any("large purchase.q is" in text or "purchase.q lies at the end" in text for text in found.warnings), found.warnings


@pytest.mark.usefixtures("quickly")
def test_a_tracker_is_fitted_with_its_sampling_error() -> None:
    waves, asked = (2, 5, 8, 11, 13, 15), 800.0
    curve = np.array(small.bass_run(trials.Task(small.market(), 77, trials.Watch("penetration", waves, small.DAYS_PER_ROW))))
    shares = np.random.default_rng(2).binomial(int(asked), curve) / asked
    observed = small.series(shares.tolist(), [asked] * len(waves))
    found = small.fit(observed, measure="penetration", holdout=0.2, **QUICK)
    assert found.likelihood.startswith("binomial")
    assert found.forecasts[1].name == "last value"
    assert not found.request.free_scale
    more = small.fit(small.series(shares.tolist(), [16.0 * asked] * len(waves)), measure="penetration", holdout=0.2, **QUICK)
    assert more.final.data.spread[:4] == pytest.approx(found.final.data.spread[:4] / 4.0, rel=0.03)


@pytest.mark.usefixtures("quickly")
def test_a_season_is_taken_out_of_the_estimates() -> None:
    plain = smooth(small.ROWS, 3, small.PEOPLE)
    cycle = (0.5, 1.5)
    seasonal = with_season(small.series([value * cycle[row % 2] for row, value in enumerate(plain)]), "0.5,1.5")
    values = [small.fit(each, holdout=0.0, **QUICK).estimates["value"].tolist() for each in (seasonal, small.series(plain))]
    assert values[0][:2] == pytest.approx(values[1][:2], rel=0.1)


# -- keeping and repeating ---------------------------------------------------------------------------------------------


def tables(found: Calibration) -> list[str]:
    return [getattr(found, name).to_csv() for name in ("trials", "estimates", "profile", "fit", "scores")]


def test_a_crew_answers_in_the_order_of_the_tasks_round_after_round() -> None:
    with Crew(2) as crew:
        for tasks in ([-3, -1, -2], [-5, -4, -7, -6]):
            assert crew(abs, tasks) == [(abs(task), None) for task in tasks]


@pytest.mark.long
def test_two_processes_give_what_one_gives() -> None:
    observed = small.study(5)
    alone, together = (small.fit(observed, **QUICK, workers=workers) for workers in (1, 2))
    assert tables(alone) == tables(together)


@pytest.mark.usefixtures("quickly")
def test_stopped_in_the_middle_of_a_line_it_goes_on_to_the_same_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    observed = small.study(6)
    whole = tables(small.fit(observed, **QUICK, out=tmp_path / "whole"))
    file = tmp_path / "stopped" / trials.TRIALS
    runs = 0

    def interrupted(task: trials.Task) -> list[float]:
        nonlocal runs
        runs += 1
        if runs == 30:
            raise KeyboardInterrupt
        return small.bass_run(task)

    monkeypatch.setattr(trials, "watched", interrupted)
    with pytest.raises(KeyboardInterrupt):
        small.fit(observed, **QUICK, out=tmp_path / "stopped")
    kept = file.read_bytes()
    assert kept.count(b"\n") == 12  # whole rounds only
    file.write_bytes(kept + b'{"trial": 12, "val')
    assert tables(small.fit(observed, **QUICK, out=tmp_path / "stopped")) == whole
    assert file.read_bytes() == (tmp_path / "whole" / trials.TRIALS).read_bytes()
    before, runs = runs, 100
    assert tables(small.fit(observed, **QUICK, out=tmp_path / "stopped")) == whole
    assert runs == 100, f"a finished calibration simulated again ({before})"


@pytest.mark.usefixtures("quickly")
def test_a_folder_of_another_calibration_is_left_alone(tmp_path: Path) -> None:
    small.fit(small.study(6), **QUICK, out=tmp_path / "mine")
    with pytest.raises(InputError, match="another calibration .its seed differ"):
        small.fit(small.study(6), **QUICK, out=tmp_path / "mine", seed=2)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(InputError, match="other things"):
        small.fit(small.study(6), **QUICK, out=tmp_path / "other")


@pytest.mark.usefixtures("quickly")
def test_a_run_that_fails_is_a_trial_that_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(task: trials.Task) -> list[float]:
        if task.scenario.purchase.q > 0.4:
            raise ArithmeticError("too fast")
        return small.bass_run(task)

    monkeypatch.setattr(trials, "watched", failing)
    found = small.fit(small.study(1), scale="fixed", **QUICK)
    lost = found.trials[found.trials["error"] != ""]
    assert len(lost) > 0
    assert set(lost["error"]) == {"ArithmeticError: too fast"}
    assert any("trials failed" in text for text in found.warnings)


# -- the fitted scenario -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quickly")
def test_the_fitted_scenario_runs_and_says_what_it_rests_on(tmp_path: Path) -> None:
    found = small.fit(small.study(1), scale="fixed", **QUICK)
    write_scenario(found.fitted, tmp_path / "fitted.toml", ("a comment",))
    again = load_scenario(tmp_path / "fitted.toml")
    assert again.hash == found.fitted.hash
    assert again.purchase.p == found.estimates["value"][0]
    assert again.calibration.status == "fitted and held out"
    assert "series.csv" in again.calibration.to
    assert simulate(again, 1).daily["units"].sum() > 0


def test_calibration_changes_no_hash() -> None:
    plain = small.market()
    assert plain.override({"calibration.status": "set to your market"}).hash == plain.hash


def test_written_scenarios_read_back_as_they_were(tmp_path: Path) -> None:
    graph = tmp_path / "friends.csv"
    graph.write_text("source,target\na,b\nb,c\nc,a\n", encoding="utf-8")
    odd = small.market().override({
        "title": 'quotes " and \\ and \N{GREEK SMALL LETTER PI}\x7f', "purchase.q": float("inf"), "network.kind": "file",
        "network.path": graph, "network.direction": "mutual",
    })  # fmt: skip
    write_scenario(odd, tmp_path / "out" / "odd.toml")
    again = load_scenario(tmp_path / "out" / "odd.toml")
    assert (again.title, again.hash) == (odd.title, odd.hash)


# -- parts -------------------------------------------------------------------------------------------------------------


def test_an_emulator_finds_curves_between_those_it_was_made_of() -> None:
    cube = Cube([axis(text) for text in small.FREE])
    points = np.random.default_rng(3).random((60, 2))

    def curve(point: np.ndarray) -> np.ndarray:
        p, q = cube.settings(point).values()
        return bass_adopters(small.ROWS, 3 * p, 3 * q, 1000.0)

    emulator = Emulator(points, np.array([curve(point) for point in points]), np.ones(60, bool))
    for point in np.random.default_rng(4).uniform(0.25, 0.75, (10, 2)):
        assert emulator(point) == pytest.approx(curve(point), abs=15.0)


def test_ranges_of_a_decade_are_searched_by_factors() -> None:
    cube = Cube([axis("a=0.01:1"), axis("b=0:1"), axis("c=2:4")])
    assert cube.settings([0.5, 0.5, 0.5]) == {"a": 0.1, "b": 0.5, "c": 3.0}
