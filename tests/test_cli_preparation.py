"""`doctor --prepare` and `bundle`: what the application says on the way, and at last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from simulator.cli import app, preparation, processes

ON_THE_WAY = [{"doing": "drawing", "unit": "graphs", "done": done, "total": 2} for done in range(3)]
MADE = {"folder": "made", "files": 3, "size": 7, "notes": ["the worlds are computed on the laptop"]}


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, ...]]]:
    """Puts words into the mouth of the application; what it was asked."""

    def put(*said: Any) -> list[tuple[str, ...]]:
        asked: list[tuple[str, ...]] = []

        def lines(module: str, *words: str) -> Iterator[dict[str, Any]]:
            asked.append((module, *words))
            for each in said:
                if isinstance(each, BaseException):
                    raise each
                yield each

        monkeypatch.setattr(preparation, "lines", lines)
        return asked

    return put


def test_all_is_ready(says: Callable[..., Any]) -> None:
    says(*ON_THE_WAY, {"missing": []})
    answer = CliRunner().invoke(app, ["doctor", "--prepare"])
    assert answer.exit_code == 0 and "ready, works offline" in answer.stdout and "drawing: 2 of 2 graphs" in answer.stderr


def test_what_is_missing_is_said_and_is_a_failure(says: Callable[..., Any]) -> None:
    says({"missing": ["a file of the page: /x.js"]})
    answer = CliRunner().invoke(app, ["doctor", "--prepare", "--quiet"])
    assert answer.exit_code == 3 and "missing: a file of the page: /x.js" in answer.stdout and "ready" not in answer.stdout
    assert json.loads(CliRunner().invoke(app, ["doctor", "--prepare", "--json", "--quiet"]).stdout)["missing"] == [
        "a file of the page: /x.js"
    ]


def test_ctrl_c_is_no_failure_of_the_program(says: Callable[..., Any]) -> None:
    says(ON_THE_WAY[0], KeyboardInterrupt())
    answer = CliRunner().invoke(app, ["doctor", "--prepare"])
    assert answer.exit_code == 130 and "stopped" in answer.stderr


def test_a_bundle_is_asked_for_and_told_about(says: Callable[..., Any]) -> None:
    asked = says(*ON_THE_WAY, MADE)
    answer = CliRunner().invoke(app, ["bundle", "made", "--platform", "windows", "--python", "3.12"])
    assert asked == [("simulator.app.bundle", "made", "--platform", "windows", "--python", "3.12")]
    assert answer.exit_code == 0 and "made: 3 files, 7 MB" in answer.stdout and "note: the worlds" in answer.stderr


@pytest.mark.parametrize(("wrong_input", "code"), [(True, 1), (False, 3)])
def test_a_bundle_that_cannot_be_made_says_why(wrong_input: bool, code: int, says: Callable[..., Any]) -> None:
    says({"problem": "no room", "input": wrong_input})
    answer = CliRunner().invoke(app, ["bundle", "made"])
    assert answer.exit_code == code and answer.stderr.strip() == "no room" and answer.stdout == ""


def test_an_unknown_platform_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["bundle", "made", "--platform", "amiga"]).exit_code == 2


@pytest.mark.slow
def test_a_folder_that_is_there_is_refused_by_the_application_itself(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["bundle", str(tmp_path)])
    assert answer.exit_code == 1 and "is there already" in answer.stderr and list(tmp_path.iterdir()) == []


def test_a_module_that_ends_without_a_last_word_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mute.py").write_text('print("a package that prints")\nprint(\'{"doing": "x", "unit": "y", "done": 0, "total": 1}\')\n')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="mute ended with 0"):
        list(processes.lines("mute"))
