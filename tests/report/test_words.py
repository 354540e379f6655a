"""Numbers, tables and sentences as people read them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulator.parameters import InputError
from simulator.report.answer import answer, leaders
from simulator.report.folder import folder_for, write
from simulator.report.installation import findings
from simulator.report.machine import as_json, comparison_data
from simulator.report.numbers import change_with_interval, level, period
from simulator.report.text import aligned, comparison_table, fact_lines
from tests.report.made_up import made_up


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.5814, "share", "58.1%"),
        (0.0025, "share", "0.25%"),
        (-1234567.4, "currency", "-1,234,567"),
        (-0.2, "units", "0"),
        (12.34, "days", "12.3"),
        (float("nan"), "share", "-"),
        (0.1234, "", "0.123"),
    ],
)
def test_figures_read_as_their_unit(value: float, unit: str, expected: str) -> None:
    assert level(value, unit) == expected


@pytest.mark.parametrize(
    ("numbers", "unit", "expected"),
    [
        ((0.031, 0.028, 0.034), "share", "+3.1 pt [+2.8, +3.4]"),
        ((0.002, -0.001, 0.005), "share", "+0.20 pt [-0.10, +0.50]"),
        ((-1500.0, -2000.0, -1000.0), "currency", "-1,500 [-2,000, -1,000]"),
        ((0.0, 0.0, 0.0), "people", "0 [0, 0]"),
        ((0.031, np.nan, np.nan), "share", "+3.1 pt"),
        ((np.nan, np.nan, np.nan), "share", "-"),
    ],
)
def test_differences_are_signed_and_carry_their_interval(numbers: tuple[float, float, float], unit: str, expected: str) -> None:
    assert change_with_interval(*numbers, unit) == expected


def test_days_are_weeks_where_they_can_be() -> None:
    assert (period(28), period(30)) == ("week 4", "day 30")


def test_the_answer_names_who_leads_and_what_cannot_be_told() -> None:
    assert answer(made_up()) == (
        "In this model, after 5 weeks, A reaches most people, is trusted most, sells most and earns most with ads"
        " and is spoken ill of least with silent."
    )
    few = answer(made_up(replicates=2))
    assert few.startswith("In this model, after 5 weeks, no scenario can be said to lead in reach, ")


def test_who_cannot_be_told_from_the_leader_leads_too() -> None:
    comparison = made_up(names=("silent", "ads", "more"), replicates=3)
    assert leaders(comparison, "reach", 35) == ["silent", "ads", "more"]
    assert leaders(made_up(names=("silent", "ads", "more")), "reach", 35) == ["more"]


def test_the_table_shows_each_figure_with_its_difference() -> None:
    table = comparison_table(made_up())
    assert "differences from silent" in table
    assert "Trust among the aware" in table
    assert "8 of 8  better" in table
    assert len({len(line) for line in table.splitlines()[2:3]}) == 1
    assert "against" not in comparison_table(made_up(names=("alone",)))


def test_columns_are_aligned() -> None:
    assert aligned(["a", "b"], [["x", "1"], ["long", "10"]], right=(1,)) == "a      b\n----  --\nx      1\nlong  10"


def test_facts_of_a_graph_are_lines() -> None:
    lines = fact_lines({"consumers": 4000, "ties": {"strong": 10, "weak": None}, "clustering": 0.25, "top": [{"a": 1}, {"a": 2}]})
    assert lines.splitlines()[0].split() == ["consumers", "4,000"]
    assert "strong 10, weak -" in lines
    assert "a 1; a 2" in lines


def test_results_for_programs_are_json() -> None:
    data = json.loads(as_json(comparison_data(made_up()) | {"nothing": float("nan"), "number": np.float64(0.5), "many": (np.int64(3),)}))
    assert data["nothing"] is None
    assert data["number"] == 0.5
    assert data["many"] == [3]
    assert {"kpi", "a", "b", "n", "wins", "mean", "low", "high", "p", "verdict"} <= data["verdicts"][0].keys()


def test_what_is_installed_is_found() -> None:
    found, problems = findings()
    assert {"python", "numpy", "matplotlib", "processors"} <= dict(found).keys()
    assert not problems


def test_results_of_something_else_stay_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = folder_for("aaaa", "eras")
    assert first == Path("out/eras")
    write(first, {"x.txt": "1"}, {"world": "aaaa", "completed": 2})
    assert folder_for("aaaa", "eras") == first
    assert folder_for("bbbb", "eras") == Path("out/eras-bbbb")
    assert folder_for("bbbb", "eras", "new") == Path("new")
    with pytest.raises(InputError, match="nothing was run or written"):
        folder_for("bbbb", "eras", first)
    write(first, {"x.txt": "2"}, {"world": "aaaa", "completed": 2})
    assert (first / "x.txt").read_text() == "2"
    with pytest.raises(InputError, match="already holds this comparison with 2 replicates"):
        write(first, {"x.txt": "3"}, {"world": "aaaa", "completed": 1})
    assert (first / "x.txt").read_text() == "2"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        write(tmp_path / "file" / "below", {}, {"world": "a", "completed": 1})
