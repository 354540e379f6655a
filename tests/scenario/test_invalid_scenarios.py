"""A case is a file: what is wrong with a scenario is said with file, line, key and what would be right."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.parameters import InputError
from simulator.scenario.load import load_scenario
from simulator.scenario.problems import ScenarioError

FOLDER = Path(__file__).parents[1] / "invalid_scenarios"
CASES = sorted(FOLDER.glob("*.toml"))


def expected(path: Path) -> list[str]:
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    return [line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: ")]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_invalid_scenario_is_refused_with_the_expected_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER.parents[1])
    assert expected(path), "a case starts with lines `# expect: ...`"
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    for text in expected(path):
        assert text in str(refused.value)


def test_there_are_many_invalid_scenarios() -> None:
    assert len(CASES) >= 45


def test_problems_come_sorted_once_each_and_survive_a_pickle() -> None:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(FOLDER / "everything_at_once.toml")
    problems = refused.value.problems
    lines = [problem.line for problem in problems]
    assert lines == sorted(lines)
    assert len(set(problems)) == len(problems) >= 7
    again = pickle.loads(pickle.dumps(refused.value))
    assert str(again) == str(refused.value)
    assert again.problems == problems
    assert (again.file, again.line, again.key) == (problems[0].file, problems[0].line, problems[0].key)


def test_an_input_error_says_where_and_survives_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(InputError("no such tie", "friends.csv", 7)))
    assert str(error) == "friends.csv:7  no such tie"
    assert (error.file, error.line, error.key) == ("friends.csv", 7, None)
    assert str(InputError("too dear", key="brands.Aurora.price")) == "brands.Aurora.price: too dear"


@pytest.mark.parametrize("name", ["nowhere.toml", ".", "\0", "x" * 5000])
def test_a_file_that_cannot_be_read_is_a_scenario_error(name: str) -> None:
    with pytest.raises(ScenarioError):
        load_scenario(FOLDER / name)


def test_a_missing_file_suggests_its_neighbour() -> None:
    with pytest.raises(ScenarioError, match=r'there is no such file; did you mean "wrong_type.toml"\?'):
        load_scenario(FOLDER / "wrong_types.toml")


def test_a_bad_scenario_is_refused_within_a_second_of_process_time() -> None:
    command = [sys.executable, "-c", f"from simulator.scenario.load import load_scenario; load_scenario({str(FOLDER / 'nan.toml')!r})"]
    took = []
    for _ in range(2):  # the first may have to write bytecode
        before = time.process_time_ns() if sys.platform == "win32" else _children()
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=FOLDER.parents[1], check=False)
        took.append((time.process_time_ns() if sys.platform == "win32" else _children()) - before)
        assert "nan is not a number" in done.stderr
    assert min(took) < 1e9


def _children() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1e9


def test_reading_a_scenario_imports_nothing_heavy() -> None:
    code = "import sys; from simulator.scenario.load import load_scenario; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", cwd=FOLDER.parents[1], check=True)
    heavy = {"numba", "pandas", "mesa", "networkx", "matplotlib", "scipy.special", "solara", "pyarrow"}
    assert not heavy & set(done.stdout.split())
