"""The command line and its errors in French: said in whole, at the same place, and only where French was asked for."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import cli
from simulator.cli.spoken import PLAINER, SAID, VARIABLE, asked, reworded
from simulator.experiments.pool import run_all
from simulator.language import _, language, speaking
from simulator.scenario.load import load_scenario
from simulator.scenario.problems import UNKNOWN, Problem, ScenarioError

ROOT = Path(__file__).resolve().parent.parent
CASES = sorted((ROOT / "tests" / "invalid_scenarios").glob("*.toml"))
MODULES = sorted((ROOT / "simulator").rglob("*.py"))

ENGLISH = re.compile(
    r"\b(allowed|unknown|missing|the|there|is|not|no|must|needs?|has|have|of|and|or|than|did you mean|with|which|file|number|at least)\b"
)
"""Words by which an English sentence is known; what is quoted, or has an underscore or a dot, is the user's own."""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)


def answered(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return int(ended.value.code or 0)


# -- errors ----------------------------------------------------------------------------------------------------------


def problems(path: Path, spoken: str) -> tuple[Problem, ...]:
    with speaking(spoken), pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    return refused.value.problems


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_invalid_scenario_is_refused_in_french_at_the_same_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    english, french = problems(path, "en"), problems(path, "fr")
    assert sorted((each.file, each.line, each.key) for each in french) == sorted((each.file, each.line, each.key) for each in english)
    for each in french:
        own = re.sub(r"\"[^\"]*\"|`[^`]*`|'[^']*'|« [^»]* »|\{[^}]*\}|[\w*]*[_./][\w./*]*", "", each.text)
        listed = re.sub(r"(; attendu|inconnue?) :.*", "", own)  # names that a user may write are listed there
        assert not ENGLISH.search(listed), each.text
    said = {each.text for each in french}
    assert not said & {each.text for each in english}


def test_whatever_is_unknown_has_its_sentence() -> None:
    for path in MODULES:
        for call in calls(path, "unknown", "not_known"):
            if isinstance(call.args[0], ast.Constant):
                assert call.args[0].value in UNKNOWN, path


def test_no_variable_hides_the_translating_function() -> None:
    for path in MODULES:
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(scope, (ast.Module, ast.FunctionDef, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
                names = [node for node in inside(scope) if isinstance(node, ast.Name) and node.id == "_"]
                assert len({isinstance(name.ctx, ast.Store) for name in names}) < 2, f"{path}:{names[0].lineno}"


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of functions and comprehensions in it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            waiting += ast.iter_child_nodes(node)


def test_a_terminal_that_lacks_a_letter_shows_one_like_it() -> None:
    assert "−1\u202f234,5\u00a0% d’ici ☃".encode("ascii", PLAINER) == b"-1 234,5 % d'ici ?"
    assert "1\u202f234\u00a0%".encode("cp1252", PLAINER) == "1 234\u00a0%".encode("cp1252")


# -- the command line ------------------------------------------------------------------------------------------------


def test_help_is_french_before_and_after_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--lang", "fr", "compare", "--help"], ["compare", "--lang=fr", "--help"], ["compare", "--help", "--lang", "fr"]):
        assert answered(*arguments) == 0
        said = capsys.readouterr().out
        assert "Utilisation" in said
        assert "Comparer des scénarios par simulations appariées" in said
        assert "où écrire" in said
        assert "Usage" not in said
        assert "[default" not in said


def test_every_command_has_the_option_and_english_help_stays_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered("--help") == 0
    names = re.findall(r"^  (\w+)  ", capsys.readouterr().out.partition("Commands:")[2], re.MULTILINE)
    assert {"simulate", "compare", "check", "why", "sweep", "results", "calibrate", "sensitivity", "breakeven", "reproduce"} <= set(names)
    for name in names:
        assert answered(name, "--help") == 0
        said = capsys.readouterr().out
        assert "--lang <en|fr>" in said or "--lang" in said
        assert said.startswith("Usage:")
        assert "Show this message and exit." in said


def test_the_environment_gives_the_language_and_the_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(["check"]) == "en"
    monkeypatch.setenv(VARIABLE, "fr")
    assert asked(["check"]) == "fr"
    assert asked(["check", "--lang", "en"]) == "en"
    assert asked(["--lang", "en", "check", "--lang=fr"]) == "fr"


def test_a_language_that_is_not_spoken_is_wrong_usage(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (["schema", "--lang", "de"], ["--lang", "de", "schema"]):
        assert answered(*arguments) == 2
        said = capsys.readouterr()
        assert "'en', 'fr'" in said.err
        assert said.out == ""
    monkeypatch.setenv(VARIABLE, "xx")
    assert answered("schema") == 2
    assert VARIABLE in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nonsense"], 2, "La commande 'nonsense' n’existe pas."),
        (["simulate"], 2, "L’argument 'SCENARIO' manque."),
        (["simulate", "a", "--seed", "many"], 2, "Valeur incorrecte pour '--seed'"),
        (["simulate", "a", "--nothing"], 2, "L’option --nothing n’existe pas"),
        (["--quiet", "schema"], 2, "les options se placent après la commande"),
        (["simulate", "nowhere.toml"], 1, "nowhere.toml  ce fichier n’existe pas"),
        (["simulate", "three_eras/mixed", "--set", "run.days"], 1, "n’est pas un réglage"),
        (["compare", "three_eras", "--set", "brands.Aurora.quality=2"], 1, "brands.Aurora.quality: 2 est hors limites"),
        (["graph", "."], 1, "ne contient aucun scénario"),
    ],
)
def test_mistakes_are_answered_in_french(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(*arguments, "--lang", "fr") == code
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""
    assert "Error" not in said.err


def test_what_is_checked_is_said_in_french_and_json_keys_stay_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered("--lang", "fr", "check", "three_eras/mixed", "--start") == 0
    said = capsys.readouterr().out
    assert "valide" in said
    assert "marque" in said
    assert "brand" not in said
    assert answered("--lang", "fr", "check", "three_eras/mixed", "--json") == 0
    assert {"scenario", "valid", "hash", "notes"} == set(json.loads(capsys.readouterr().out)[0])
    assert answered("--lang", "fr", "doctor", "--json") == 0
    assert {"python", "package", "processors"} <= json.loads(capsys.readouterr().out)["found"].keys()


def test_the_language_ends_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered("--lang", "fr", "simulate", "nowhere.toml") == 1
    assert "n’existe pas" in capsys.readouterr().err
    assert language() == "en"
    assert answered("simulate", "nowhere.toml") == 1
    assert "there is no such file" in capsys.readouterr().err


def test_every_sentence_of_typer_that_is_known_is_recognised() -> None:
    with speaking("fr"):
        for template in SAID:
            line = re.sub(r"\{(\w+)\}", r"'x'", template)
            assert reworded(line) != line
        assert reworded("something else") == "something else"


def spoken_there(number: int) -> str:
    return f"{language()} {_('unknown key')}"


def test_worker_processes_speak_the_language_of_their_parent() -> None:
    with speaking("fr"):
        finished = run_all(spoken_there, list(range(3)), workers=2)
    assert set(finished.results.values()) == {"fr clé inconnue"}


def test_french_help_takes_half_a_second_more_at_most() -> None:
    took = []
    for spoken in ("en", "fr"):
        times = []
        for _run in range(3):
            before = os.times()
            command = [sys.executable, str(ROOT / "run.py"), "--lang", spoken, "--help"]
            subprocess.run(command, capture_output=True, check=True)
            after = os.times()
            times.append(after.children_user + after.children_system - before.children_user - before.children_system)
        took.append(min(times))
    assert took[1] - took[0] < 0.5
