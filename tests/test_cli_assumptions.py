"""`run.py sensitivity` and `run.py breakeven`, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulator.cli import app

pytestmark = pytest.mark.compiled

SMALL = ["--set", "population.size=100", "--set", "run.days=7", "--workers", "1", "--quiet"]
TWO = ["three_eras/interaction", "three_eras/interruption"]
FEW = ["--keys", "word_of_mouth.share,brands.Aurora.price=8:12", "--trajectories", "2", "--points", "2", "--replicates", "2"]


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_sensitivity_answers_writes_a_page_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    pytest.importorskip("SALib", reason="the extra `sensitivity` is not installed")
    folder = tmp_path / "here"
    first = run("sensitivity", *TWO, *FEW, *SMALL, "--out", str(folder), "--kpi", "units")
    assert first.exit_code == 0, first.output
    assert "of the plausible assumptions" in first.stdout
    assert (folder / "sensitivity.html").exists()
    parts = {file: file.stat().st_mtime_ns for file in folder.rglob("part-*")}
    data = json.loads(run("sensitivity", *TWO, *FEW, *SMALL, "--out", str(folder), "--kpi", "units,profit", "--json").stdout)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("part-*")} == parts  # another figure of the same runs
    assert data["runs"] == (2 * 3 + 2 * 4) * 2 * 2
    assert set(data["kpis"]) == {"units", "profit"}
    dry = run("sensitivity", *TWO, *FEW, *SMALL, "--dry-run", "--json", "--out", str(tmp_path / "there"))
    assert json.loads(dry.stdout)["runs"] == data["runs"]
    assert not (tmp_path / "there").exists()


def test_breakeven_answers_in_a_sentence_and_as_json(tmp_path: Path) -> None:
    words = ["breakeven", *TWO, "--key", "brands.Aurora.price", "--low", "8", "--high", "12", "--replicates", "2", "--steps", "2", *SMALL]
    text = run(*words, "--out", str(tmp_path / "here"))
    assert text.exit_code == 0, text.output
    assert text.stdout.startswith("In this model, judged by profit")
    assert "brands.Aurora.price was set in interaction and interruption" in text.stdout
    assert {file.name for file in (tmp_path / "here").iterdir()} == {"breakeven.html", "breakeven.csv"}
    data = json.loads(run(*words, "--json").stdout)
    assert data["answer"] in text.stdout
    assert data["outcome"] in ("flip", "flips", "ahead", "cannot tell", "equal")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sensitivity", *TWO, "--keys", "word_of_mouth.shere"], "did you mean"),
        (["sensitivity", *TWO, "--keys", "word_of_mouth.share=1:0"], "empty range"),
        (["sensitivity", *TWO, "--kpi", "gain"], "no figure is called gain"),
        (["sensitivity", *TWO, "--points", "100"], "powers of two"),
        (["breakeven", *TWO, "--key", "brands.Aurora.prize", "--low", "1", "--high", "2"], "price"),
        (["breakeven", *TWO, "--key", "word_of_mouth.share", "--low", "0.2", "--high", "0.1"], "empty range"),
        (["breakeven", *TWO, "--key", "brands.Aurora.price"], "--low and --high"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(words: list[str], said: str, tmp_path: Path) -> None:
    pytest.importorskip("SALib", reason="the extra `sensitivity` is not installed")
    answer = run(*words, *SMALL, "--out", str(tmp_path / "here"))
    assert answer.exit_code == 1, answer.output
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "here").exists()


def test_without_its_library_sensitivity_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    answer = run("sensitivity", *TWO, *SMALL)
    assert answer.exit_code == 1
    assert "pip install 'world-of-mouth[sensitivity]'" in answer.output
