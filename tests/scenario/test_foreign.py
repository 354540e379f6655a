"""A scenario that somebody else wrote reads no file of this machine but bundled scenarios, and keeps nobody waiting."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from simulator import load_scenario
from simulator.scenario.bundled import bundled
from simulator.scenario.files import read_toml
from simulator.scenario.load import load_text
from simulator.scenario.problems import ScenarioError

BASED = 'base = "three_eras/silent"\n'
READERS = {"open": Path.open, "read_bytes": Path.read_bytes, "read_text": Path.read_text}


def refused(text: str | bytes) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "theirs.toml")
    return caught.value


@pytest.mark.parametrize("name", ["three_eras/mixed.toml", "three_eras/base/market.toml", "canonical/sir.toml"])
def test_a_bundled_scenario_may_be_the_base_and_adds_nothing(name: str) -> None:
    for written in (name, name.removesuffix(".toml")):
        assert load_text(f'base = "{written}"\n', "theirs.toml").hash == load_scenario(bundled(name)).hash


def test_what_is_written_is_laid_over_the_base() -> None:
    scenario = load_text(BASED + 'title = "Theirs"\n[population]\nsize = 300\n', "theirs.toml")
    assert (scenario.title, scenario.population.size, scenario.path) == ("Theirs", 300, None)
    assert load_scenario(scenario.to_dict()).hash == scenario.hash


@pytest.mark.parametrize(
    "base",
    ["../../etc/passwd", "/etc/passwd", "~/.bashrc", "three_eras/../three_eras/silent", "./three_eras/silent", "three_eras", "", " ",
     "three_eras//silent", "three_eras/silent.toml.toml", "THREE_ERAS/silent", "file:///etc/passwd", "linked.toml", "..", "con"],
)  # fmt: skip
def test_no_other_file_may_be_the_base(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "linked.toml").symlink_to("/etc/passwd")
    (tmp_path / "silent.toml").write_text("title = 'x'")
    monkeypatch.chdir(tmp_path)
    opened: list[Path] = []
    for name, reader in READERS.items():
        monkeypatch.setattr(Path, name, lambda self, *a, reader=reader, **k: (opened.append(self), reader(self, *a, **k))[1])
    error = refused(f"title = 'x'\nbase = {base!r}\n")
    assert (error.line, error.key) == (2, "base") and "unknown bundled scenario" in error.message
    assert opened == []


@pytest.mark.parametrize("base", ["3", "['three_eras/silent']", "true", "{ a = 1 }"])
def test_a_base_that_is_no_text_is_refused(base: str) -> None:
    assert refused(f"base = {base}\n").key == "base"


FILES = {
    "network.path": '[network]\nkind = "file"\npath = {}\n',
    "network.consumers": '[network]\nkind = "file"\nconsumers = {}\n',
    "purchase.threshold.file": "[purchase]\nthreshold = {{ file = {} }}\n",
    "brands.Aurora.strategy.plan": '[[brands]]\nname = "Aurora"\n[brands.strategy]\nkind = "interruption"\nplan = {}\n',
}


@pytest.mark.parametrize("key", FILES)
@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "~/x.csv", "here.csv"])
def test_no_value_may_name_a_file(key: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here.csv").write_text("id,threshold\n0,1\n")
    monkeypatch.chdir(tmp_path)
    problems = {problem.key: problem for problem in refused(BASED + FILES[key].format(f'"{name}"')).problems}
    assert "cannot name files of this machine" in problems[key].text and name in problems[key].text
    assert problems[key].line > 1


def test_every_declaration_of_a_file_is_tried_here() -> None:
    from simulator.parameters import Table, declaration

    def tables(table: type[Table]) -> list[type[Table]]:
        return [table, *(inner for each in table.__subclasses__() for inner in tables(each))]

    declared = {name for table in tables(Table) for name in table.model_fields if declaration(table, name).get("file")}
    assert declared == {key.rpartition(".")[2] for key in FILES}


def test_problems_have_lines_of_the_text() -> None:
    error = refused(BASED + "[run]\ndays = -3\n\n[population]\nsiz = 3\n")
    assert [(problem.line, problem.key) for problem in error.problems] == [(3, "run.days"), (6, "population.siz")]
    assert {problem.file for problem in error.problems} == {"theirs.toml"}


HOSTILE: dict[str, Any] = {
    "no UTF-8": b"\xff\xfe", "not TOML": "a b c", "deep keys": "a." * 120_000 + "a = 1", "deep header": "[" + "a." * 120_000 + "a]",
    "quoted deep keys": '"a".' * 50_000 + "a = 1", "deep arrays": "a = " + "[" * 100_000, "one long word": "x" * 250_000,
    "quotes": "'" * 250_000, "half quotes": "\"a'" * 80_000, "a long number": "a = " + "9" * 200_000, "nothing": "", "a null": "a = \0",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nonsense_is_refused_at_once(text: str | bytes) -> None:
    begun = time.monotonic()
    refused(text)
    assert time.monotonic() - begun < 2.0


def test_a_billion_consumers_are_refused_before_anything_is_made() -> None:
    error = refused(BASED + "[population]\nsize = 1_000_000_000\n[network]\nkind = 'complete'\n")
    assert any(problem.key == "population.size" and problem.line == 3 for problem in error.problems)


def test_a_long_dotted_sentence_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("title = '" + "word. " * 30 + "'\nx = [" + "1.5, " * 200 + "]\n")
    assert len(read_toml(tmp_path / "a.toml").data["x"]) == 200
