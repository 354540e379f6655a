"""compare on the command line: doubts, looks, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.cli import commands
from simulator.experiments import doubt
from simulator.report import page
from tests.test_cli import SMALL, answered

PAIR = ["three_eras/silent", "three_eras/interruption", *SMALL, "--replicates", "2", "--workers", "1"]


@pytest.fixture(autouse=True)
def without_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(page, "write_report", lambda comparison, folder, *rest: folder / "report.html")


def test_both_doubts_are_asked_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["compare", *PAIR, "--draws", "3"]) == 0
    said = capsys.readouterr()
    assert "share of 3 draws of the assumptions that agree" in said.out
    assert "% of 3" in said.out
    assert "comparing: 5 of 5 replicates and draws" in said.err
    assert "warning: 3 draws of the assumptions are too few for any verdict" in said.err


def test_json_holds_both_doubts_looks_and_causal_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["compare", *PAIR, "--draws", "2", "--until", "decided", "--quiet", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["level"] == pytest.approx(0.01)
    assert 1 <= len(data["looks"]) <= 5
    assert data["replicates"] == 2 * len(data["looks"])
    assert {"median", "correlation", "more", "draws", "holds", "luck_verdict"} <= data["verdicts"][0].keys()
    assert {row["quantity"] for row in data["causal"]} >= {"incremental_units", "return_per_euro"}
    assert data["ranges"]


def test_the_bare_run_says_that_it_asks_luck_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered([*SMALL, "--replicates", "1", "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert "verdicts know luck only" in said.err
    assert "draws" not in said.out.split("In this model")[0]


def test_the_command_and_the_call_draw_equally_often() -> None:
    assert commands.DRAWS == doubt.DRAWS


@pytest.mark.parametrize(("option", "value"), [("--doubt", "none"), ("--draws", "0"), ("--until", "bored")])
def test_doubts_that_are_none_are_wrong_usage(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["compare", *PAIR, option, value]) == 2
    assert option in capsys.readouterr().err
