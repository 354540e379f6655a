"""`run.py sweep` and `run.py results`, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulator.cli import app

pytestmark = pytest.mark.compiled

SMALL = ["--set", "population.size=100", "--set", "run.days=7", "--workers", "1", "--quiet"]
VARY = ["--vary", "word_of_mouth.share=0.1,0.2", "--replicates", "3"]


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study of two settings, three runs each."""
    folder = tmp_path_factory.mktemp("study") / "here"
    assert run("sweep", "three_eras/interruption", *VARY, *SMALL, "--out", str(folder)).exit_code == 0
    return folder


def test_a_sweep_can_be_done_in_shares_and_read_again(tmp_path: Path) -> None:
    folder = str(tmp_path / "study")
    for share in ("1/2", "2/2"):
        done = run("sweep", "three_eras/interruption", *VARY, *SMALL, "--out", folder, "--part", share, "--json")
        assert done.exit_code == 0, done.output
    data = json.loads(run("results", folder, "--json").stdout)
    assert (data["runs"], data["done"], data["missing"]) == (6, 6, 0)
    assert {entry["settings"]["word_of_mouth.share"] for entry in data["cells"]} == {0.1, 0.2}
    table = run("results", folder).stdout
    assert "6 of 6 runs of Aurora" in table
    assert "word_of_mouth.share" in table


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    assert run("sweep", "three_eras/interruption", *VARY, *SMALL, "--out", str(folder)).exit_code == 0
    next((folder / "kpis").glob("part-*.parquet")).unlink()
    answer = run("results", str(folder))
    assert answer.exit_code == 0
    assert "runs are missing: parts 0" in answer.output


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    answer = run("sweep", "three_eras/interruption", *VARY, *SMALL, "--out", str(tmp_path / "study"), "--dry-run", "--json")
    assert answer.exit_code == 0, answer.output
    facts = json.loads(answer.stdout)
    assert (facts["runs"], facts["settings"], facts["replicates"]) == (6, 2, 3)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vary", "word_of_mouth.shere=1"], 'did you mean "share"?'),
        (["--vary", "word_of_mouth.share=2:1:3"], "empty range"),
        (["--vary", "word_of_mouth.share=0:1:1000", "--vary", "run.days=1:1000:1000", "--replicates", "1000"], "1,000,000,000 runs"),
        (["--vary", "word_of_mouth.share=0.1,"], "value 2 of the list is empty"),
        (["--vary", "word_of_mouth.share="], "does not say what to vary"),
        (["--vary", "word_of_mouth.share=0:0.2:1"], "are no range"),
        (["--vary", "brands.Aurorra.quality=0.5"], 'did you mean "Aurora"?'),
    ],
)
def test_a_study_that_cannot_be_is_refused_in_words(words: list[str], said: str, tmp_path: Path) -> None:
    answer = run("sweep", "three_eras/interruption", *SMALL, "--out", str(tmp_path / "study"), *words)
    assert answer.exit_code == 1, answer.output
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("words", [["--seed", "2"], ["--vary", "run.days=5,6"], ["--keep", "kpis"], ["--set", "run.days=8"]])
def test_a_folder_of_another_study_is_refused(words: list[str], study: Path) -> None:
    before = {file: file.read_bytes() for file in study.rglob("*.parquet")}
    answer = run("sweep", "three_eras/interruption", *VARY, *SMALL, "--out", str(study), *words)
    assert answer.exit_code == 1, answer.output
    assert "holds another study" in answer.output
    assert {file: file.read_bytes() for file in study.rglob("*.parquet")} == before


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in ("file", "file/below"):
        answer = run("sweep", "three_eras/interruption", *VARY, *SMALL, "--out", str(tmp_path / out))
        assert answer.exit_code == 1, answer.output
        assert "is a file" in answer.output or "Not a directory" in answer.output
    assert "holds no study" in run("results", str(tmp_path / "nowhere")).output


def test_results_as_a_page_and_for_programs(study: Path, tmp_path: Path) -> None:
    answer = run("results", str(study), "--html", "--best", "units", "--subject-to", "reach>=0.01", "--subject-to", "trust<1")
    assert answer.exit_code == 0, answer.output
    assert "has the highest mean Units sold" in answer.stdout
    assert (study / "results.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    data = json.loads(run("results", str(study), "--out", str(tmp_path / "page.html"), "--best", "units", "--json").stdout)
    assert data["best"]["goal"] == "units"
    assert data["best"]["cell"] in (0, 1)
    assert data["page"] == str(tmp_path / "page.html")
    for words, said in (
        (["--best", "sales"], 'unknown figure "sales"'), (["--subject-to", "reach=1"], "is no constraint"),
        (["--html", "--by", "run.days,seed"], "--by: unknown key"), (["--out", str(study)], "is a folder"),
    ):  # fmt: skip
        answer = run("results", str(study), *words)
        assert answer.exit_code == 1, answer.output
        assert said in answer.output
    assert run("results", str(study), "--by", "a,b").exit_code == 2


def test_a_folder_without_a_study_is_refused(tmp_path: Path) -> None:
    answer = run("results", str(tmp_path))
    assert answer.exit_code == 1
    assert "holds no study" in answer.output
    assert run("sweep", "three_eras/interruption", *VARY, "--out", str(tmp_path), "--part", "3/2").exit_code == 2
