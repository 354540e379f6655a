"""The model against theory and literature: verdicts can fail, and say so."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulator import cli
from simulator.experiments import validate as validation
from simulator.experiments.validate import FAILS, HOLDS, NOT_MEASURED, STOPPED, Result, all_targets, chosen_targets, failure, validate
from simulator.experiments.validity import default_market
from simulator.experiments.validity.absent import nothing
from simulator.experiments.validity.target import Check, Effort, Target, mean_and_error, over_seeds, sign, within
from simulator.parameters import InputError
from simulator.report import validity as pages

QUICK = Effort(quick=True)
RIGHT, WRONG = Check("number", 1.0, 1.02, 0.01, 0.9, 1.1), Check("number", 1.0, 1.3, 0.01, 0.9, 1.1, "days")


def right(_: Effort) -> list[Check]:
    return [RIGHT]


def wrong(_: Effort) -> list[Check]:
    return [RIGHT, WRONG]


def broken(_: Effort) -> list[Check]:
    raise ZeroDivisionError("by zero")


def interrupted(_: Effort) -> list[Check]:
    raise KeyboardInterrupt


def target(id: str, measure: Callable[[Effort], list[Check]], explanation: str = "") -> Target:
    return Target(id, "a | claim", "a source", "a set-up", "a tolerance", measure, explanation)


def only(*ids: str) -> list[Result]:
    return validate(QUICK, ids, workers=1)


def answered(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["validate", *arguments])
    return int(ended.value.code or 0)


# -- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measured", "low", "high", "passes"),
    [
        (1.0, 1.0, 1.0, True), (1.1, 0.9, 1.1, True), (1.1000001, 0.9, 1.1, False), (0.89, 0.9, math.inf, False),
        (math.nan, -math.inf, math.inf, False), (math.inf, 0.0, math.inf, True), (-1e-9, 0.0, 0.0, False),
    ],
)  # fmt: skip
def test_a_check_passes_in_its_range_and_nowhere_else(measured: float, low: float, high: float, passes: bool) -> None:
    assert Check("number", None, measured, 0.0, low, high).passed is passes


def test_one_number_outside_its_range_makes_the_target_fail() -> None:
    found = validate(QUICK, targets=[target("A1", right), target("A2", wrong, "a guess"), target("A3", nothing, "not in the model")])
    assert [result.verdict for result in found] == [HOLDS, FAILS, NOT_MEASURED]
    assert [result.reason for result in found] == ["", "a guess", "not in the model"]


def test_a_broken_target_says_what_broke_and_ends_no_other() -> None:
    found = validate(QUICK, targets=[target("B1", broken), target("B2", right)], workers=1)
    assert [result.verdict for result in found] == [NOT_MEASURED, HOLDS]
    assert "ZeroDivisionError: by zero" in found[0].reason


def test_only_what_theory_fixes_or_what_breaks_is_an_error_of_the_program() -> None:
    results = validate(QUICK, targets=[target("A1", right), target("A2", wrong), target("B1", wrong), target("C1", broken)], workers=1)
    assert [bool(failure(result)) for result in results] == [False, True, False, True]


def test_a_stopped_validation_keeps_what_was_measured() -> None:
    found = validate(QUICK, targets=[target("B1", right), target("B2", interrupted), target("B3", right)], workers=1)
    assert [result.verdict for result in found] == [HOLDS, NOT_MEASURED, NOT_MEASURED]
    assert found[2].problem == STOPPED


def test_a_sign_is_one_only_beyond_two_standard_errors() -> None:
    assert sign("difference", [1.0, 1.1, 0.9]).passed
    assert not sign("difference", [1.0, -0.9, 0.5]).passed
    assert not sign("difference", [-1.0, -1.1, -0.9]).passed
    assert not sign("difference", [0.0, 0.0, 0.0]).passed


def test_means_come_with_their_standard_error() -> None:
    assert mean_and_error([1.0, 2.0, 3.0]) == pytest.approx((2.0, 1.0 / math.sqrt(3.0)))
    assert mean_and_error([4.0]) == (4.0, 0.0)
    assert within(2.0, 0.5) == (1.5, 2.5)
    assert not over_seeds("number", [1.0, math.nan], -math.inf).passed


# -- the targets -----------------------------------------------------------------------------------------------------


def test_every_target_says_what_it_claims_from_where_and_when_it_would_hold() -> None:
    targets = all_targets()
    assert len({each.id for each in targets}) == len(targets) >= 30
    for each in targets:
        assert all((each.claim, each.source, each.setup, each.tolerance)), each.id
        assert not each.claim.endswith("."), each.id
    ids = [each.id for each in targets]
    assert ids == [f"{letter}{number}" for letter, most in (("A", 13), ("B", 8), ("C", 17)) for number in range(1, most + 1)]


def test_targets_are_chosen_by_id_and_unknown_ones_refused() -> None:
    assert [each.id for each in chosen_targets(["c7", " B1"])] == ["B1", "C7"]
    assert chosen_targets() == all_targets()
    with pytest.raises(InputError, match="there is no target Z1; allowed: A1"):
        chosen_targets(["C7", "Z1"])


def test_the_cheap_targets_hold() -> None:
    assert {result.target.id: result.verdict for result in only("C2", "C3")} == {"C2": HOLDS, "C3": HOLDS}


@pytest.mark.compiled
def test_trust_is_fragile_and_talk_is_a_u() -> None:
    assert {result.target.id: result.verdict for result in only("C5", "C7")} == {"C5": HOLDS, "C7": HOLDS}


@pytest.mark.compiled
@pytest.mark.long
def test_the_number_of_processes_changes_nothing() -> None:
    one, two = (validate(QUICK, ("C2", "C3", "C7"), workers) for workers in (1, 2))
    assert one == two
    assert one == validate(QUICK, ("C7", "C3", "C2"), workers=1)


WRONG_MARKETS = {
    "C3": {"word_of_mouth.credibility.strong": 0.3},
    "C5": {"word_of_mouth.a_minus": 0.1},
    "C6": {"word_of_mouth.negativity": 0.5},
    "C9": {"advertising.reactance": 0.0},
    "C13": {"permission.opt_out_per_send": 0.05},
    "C17": {"population.voice_shape": 0.2},
}


@pytest.mark.compiled
@pytest.mark.slow
@pytest.mark.parametrize("id", WRONG_MARKETS)
def test_a_wrong_market_fails_the_facts(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = default_market.scenario

    def wrong_market(name: str = "interruption") -> Any:
        return bundled(name).override(WRONG_MARKETS[id])

    monkeypatch.setattr(default_market, "scenario", wrong_market)
    monkeypatch.setattr("simulator.experiments.validity.facts_media.scenario", wrong_market)
    assert only(id)[0].verdict == FAILS


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_needed_to_judge_and_to_repeat() -> None:
    results = validate(QUICK, targets=[target("A1", right), target("B1", wrong, "a guess"), target("C1", nothing, "no such thing")])
    text = pages.page(results, Effort(True, (5, 6, 7)))
    for piece in (
        "run.py validate --quick --seed 5 --out docs/validity.md", "5, 6, 7", "numpy", "numba", "python", "a source", "a set-up",
        "a tolerance", "a guess", "no such thing", "1.3 \N{PLUS-MINUS SIGN} 0.01 days", "0.9 to 1.1", "**fails**", "**outside**",
        "a \\| claim", "3 targets: 1 hold, 1 fail, 1 not measured (3 numbers)",
    ):  # fmt: skip
        assert piece in text, piece
    assert "\n\n\n" not in text


def test_accepted_ranges_are_said_in_words() -> None:
    said = [
        pages.accepted(replace(RIGHT, low=low, high=high)) for low, high in ((1, 1), (2, math.inf), (-math.inf, 2), (-math.inf, math.inf))
    ]
    assert said == ["exactly 1", "at least 2", "at most 2", "anything"]
    assert pages.accepted(sign("difference", [1.0, 1.0])) == "more than 0"


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def three_targets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(validation, "all_targets", lambda: (target("A1", right), target("A2", wrong), target("B1", wrong, "a guess")))


@pytest.mark.usefixtures("three_targets")
def test_the_command_fails_where_theory_is_missed_and_not_where_facts_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["--only", "A1,B1", "--workers", "1", "--out", "docs/validity.md"]) == 0
    said = capsys.readouterr()
    assert "B1 fails: a guess" in said.out
    assert "2 of 2 targets" in said.err
    assert "a guess" in Path("docs/validity.md").read_text(encoding="utf-8")
    assert answered(["--workers", "1", "--quiet"]) == 3
    assert capsys.readouterr().err.splitlines() == ["A2 fails, though theory is exact there: a | claim"]


@pytest.mark.usefixtures("three_targets")
def test_the_command_prints_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["--only", "A1", "--json", "--workers", "1", "--seed", "4"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["seeds"] == [4, 5, 6]
    assert [(each["id"], each["verdict"], each["checks"][0]["measured"]) for each in data["targets"]] == [("A1", "holds", 1.02)]


def test_a_stopped_command_writes_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(validation, "all_targets", lambda: (target("B1", right), target("B2", interrupted)))
    page = tmp_path / "validity.md"
    page.write_text("an older table", encoding="utf-8")
    assert answered(["--out", str(page), "--workers", "1"]) == 130
    assert "stopped" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "an older table"
    assert list(tmp_path.iterdir()) == [page]


def test_an_unknown_target_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["--only", "X9"]) == 1
    assert "there is no target X9" in capsys.readouterr().err
