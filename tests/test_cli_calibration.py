"""`run.py calibrate`, as a user types it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulator.cli import app
from simulator.experiments import trials
from tests.experiments.calibrations import bass_run

pytestmark = pytest.mark.compiled

UNITS = [22, 33, 47, 60, 71, 75, 72, 61, 50, 36, 24, 16]
BASE = ["--set", "population.size=300", "--set", "run.days=36", "--days-per-row", "3", "--workers", "1", "--quiet"]
FREE = ["--free", "purchase.p=0.001:0.1", "--free", "purchase.q=0.02:0.8"]
FEW = ["--trials", "24", "--replicates", "2"]


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["calibrate", "canonical/bass", *words])


@pytest.fixture
def observed(tmp_path: Path) -> str:
    path = tmp_path / "units.csv"
    path.write_text("period,value\n" + "".join(f"{week + 1},{value}\n" for week, value in enumerate(UNITS)), encoding="utf-8")
    return str(path)


def test_a_calibration_leaves_a_scenario_tables_and_a_page(tmp_path: Path, observed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optuna", reason="the extra `optimize` is not installed")
    monkeypatch.setattr(trials, "watched", bass_run)
    folder = tmp_path / "out"
    command = ("--to", observed, *FREE, *FEW, *BASE, "--out", str(folder))
    answer = run(*command, "--json")
    assert answer.exit_code == 0, answer.output
    data = json.loads(answer.stdout)
    assert data["status"] == "fitted and held out"
    assert [row["key"] for row in data["estimates"]] == ["purchase.p", "purchase.q", "population.represents"]
    assert data["scores"][1]["model"] == "NLS Bass"
    assert len(data["fit"]) == 12
    assert sum(row["held_out"] for row in data["fit"]) == 3
    page = (folder / "calibration.html").read_text(encoding="utf-8")
    assert "NLS Bass" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    for name in ("fitted.toml", "trials.csv", "profile.csv", "fit.csv", "estimates.csv", "scores.csv"):
        assert (folder / name).stat().st_size > 0
    again = run(*command)
    assert again.exit_code == 0, again.output
    assert "90% interval" in again.stdout
    assert "Likelihood: independent normal errors" in again.stdout
    checked = CliRunner().invoke(app, ["check", str(folder / "fitted.toml")])
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--free", "purchase.pp=0.1:0.2"], "purchase.pp"),
        (["--free", "market.kind=0:1"], "market.kind"),
        (["--free", "population.size=100:200"], "population.size"),
        (["--free", "purchase.p=0.2:0.1"], "empty range"),
        (["--free", "purchase.p=0.1,0.2"], "allowed: purchase.p=low:high"),
        ([*FREE, "--measure", "unit"], 'did you mean "units"?'),
        ([*FREE, "--set", "run.days=30"], "set run.days=36"),
        ([*FREE, "--holdout", "1"], "--holdout"),
        ([*FREE, "--trials", "3"], "--trials"),
        ([*FREE, "--replicates", "1"], "--replicates"),
        ([*FREE, "--holdout", "0.9"], "rows are left to fit"),
        ([*FREE, "--scale", "free", "--measure", "penetration"], "the scale cannot be free"),
        ([*FREE, "--scale", "free", "--set", "brands.Product.budget_per_day=10"], "money is the real market's"),
        ([*FREE, "--season", "1"], "--season"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(tmp_path: Path, observed: str, words: list[str], said: str) -> None:
    answer = run("--to", observed, *BASE, *words, "--out", str(tmp_path / "out"))
    assert answer.exit_code == 1, answer.output
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_said_before_anything_is_written(tmp_path: Path, observed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    answer = run("--to", observed, *FREE, *BASE, "--out", str(tmp_path / "out"))
    assert answer.exit_code == 1
    assert "world-of-mouth[optimize]" in answer.output
    assert not (tmp_path / "out").exists()


def test_a_bad_series_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("period,value\n1,5\n2,-5\n", encoding="utf-8")
    answer = run("--to", str(path), *FREE, *BASE)
    assert answer.exit_code == 1
    assert "units.csv:3" in answer.output
