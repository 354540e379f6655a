"""A report can be made again, and what was tampered with is noticed. A report is not trusted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from simulator import compare
from simulator.cli import app
from simulator.experiments.reproduce import read_recipe, reproduce
from simulator.parameters import InputError
from simulator.report.page import write_report
from simulator.scenario.load import load_scenario

pytestmark = pytest.mark.compiled

SMALL = {"population.size": 60, "run.days": 7}
TIES = "source,target\n" + "".join(f"{a},{(a + step) % 60}\n" for a in range(60) for step in (1, 2, 3))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = load_scenario("scenarios/three_eras/interruption.toml", SMALL)
    scenarios = [base, base.override({"brands.Aurora.budget_per_day": 9600.0})]
    made = compare(scenarios, replicates=2, workers=1, names=["usual", "<rich> & =1+1"], draws=2)
    return write_report(made, tmp_path_factory.mktemp("report"), beside=False)


def tampered(page: Path, folder: Path, change: Callable[[Any], None]) -> Path:
    text = page.read_text(encoding="utf-8")
    found = re.search(r'(<script type="application/json" id="recipe">)(.*?)(</script>)', text, re.DOTALL)
    assert found is not None
    data = json.loads(found[2])
    change(data)
    new = folder / "report.html"
    new.write_text(text.replace(found[2], json.dumps(data)), encoding="utf-8")
    return new


def test_the_same_comes_out(page: Path) -> None:
    made = reproduce(read_recipe(page), workers=1)
    assert made.confirmed
    assert {"runs", "verdicts", "summary", "curves", "draws", "assumptions"} <= set(made.equal)


def test_a_table_that_differs_is_named(page: Path, tmp_path: Path) -> None:
    def change(data: Any) -> None:
        data["digests"]["verdicts"] = "0" * 32

    answer = CliRunner().invoke(app, ["reproduce", str(tampered(page, tmp_path, change)), "--workers", "1", "--quiet"])
    assert answer.exit_code == 3, answer.output
    assert answer.stdout.startswith("different: verdicts; equal: runs, summary")


def test_another_version_is_said_first(page: Path, tmp_path: Path) -> None:
    def change(data: Any) -> None:
        data["versions"]["numpy"] = "0.1"

    answer = CliRunner().invoke(app, ["reproduce", str(tampered(page, tmp_path, change)), "--workers", "1", "--quiet"])
    assert answer.exit_code == 0, answer.output
    assert "made with other versions, so that numbers may differ: numpy 0.1, here" in answer.stderr
    assert answer.stdout.startswith("equal: world ")


def set_(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for part in path[:-1]:
            data = data[part]
        data[path[-1]] = to

    return change


def network(name: str) -> dict[str, Any]:
    return {"kind": "file", "path": {"file": name, "holds": "blake2b:0"}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_("scenarios", 0, "scenario", "run", "days", to=8), "is not the one that the report was made from"),
        (set_("scenarios", 0, "scenario", "run", "days", to=-8), "days"),
        (set_("scenarios", 0, "scenario", "base", to="/etc/passwd"), "its recipe is broken: scenario usual"),
        (set_("scenarios", 0, "scenario", "network", to={"kind": "file", "path": "/etc/passwd"}), "names a path (network.path)"),
        (set_("scenarios", 0, "scenario", "network", to=network("../x.csv")), "its recipe is broken: the file of"),
        (set_("scenarios", 0, "scenario", "network", to=network("x.csv")), "which is not in"),
        (set_("arguments", "replicates", to=10**9), "its recipe is broken: replicates"),
        (set_("arguments", "progress", to="print"), "its recipe is broken: arguments"),
        (set_("arguments", "names", to=["a", "a"]), "its recipe is broken: names"),
        (set_("scenarios", to=[]), "its recipe is broken: scenarios"),
        (set_("digests", to=[1]), "its recipe is broken: digests"),
        (set_("format", to=99), "another version of the program"),
        (set_("finished", to=False), "stopped early"),
    ],
)  # fmt: skip
def test_a_broken_or_malicious_recipe_is_refused(page: Path, tmp_path: Path, change: Callable[[Any], None], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        read_recipe(tampered(page, tmp_path, change))


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    for name, content, words in (
        ("a.html", b"<html></html>", "holds no recipe"),
        ("b.html", b"\xff\xfe", "not text in UTF-8"),
        ("c.html", b'<script type="application/json" id="recipe">{"a":</script>', "its recipe is broken"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=words):
            read_recipe(tmp_path / name)
    answer = CliRunner().invoke(app, ["reproduce", str(tmp_path / "none.html")])
    assert answer.exit_code == 1
    assert "cannot read" in answer.output


def test_a_graph_from_a_file_is_found_by_what_it_holds(tmp_path: Path) -> None:
    ties = tmp_path / "ties.csv"
    ties.write_text(TIES, encoding="utf-8")
    base = load_scenario("scenarios/three_eras/interruption.toml", {"run.days": 7})
    scenario = base.override({"network": {"kind": "file", "path": str(ties)}})
    page = write_report(compare([scenario], replicates=1, workers=1, doubt="luck"), tmp_path / "out", beside=False)
    assert str(tmp_path) not in page.read_text(encoding="utf-8").partition('id="recipe"')[2]  # no path of this machine
    with pytest.raises(InputError, match=r"a file ties.csv \(blake2b:.*name its folder with --files"):
        read_recipe(page)
    assert reproduce(read_recipe(page, [tmp_path]), workers=1).confirmed
    ties.write_text(TIES + "1,30\n", encoding="utf-8")
    with pytest.raises(InputError, match="it holds something else"):
        read_recipe(page, [tmp_path])
