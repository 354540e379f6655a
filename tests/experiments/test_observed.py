"""Observed series are read as they are written, and refused in words where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.experiments.observed import read_series, with_season
from simulator.parameters import InputError


def file(folder: Path, text: str) -> Path:
    path = folder / "series.csv"
    path.write_text(text, encoding="utf-8")
    return path


def rows(periods: list[str], value: str = "5") -> str:
    return "period,value\n" + "".join(f"{period},{value}\n" for period in periods)


@pytest.mark.parametrize(
    ("periods", "period", "days"),
    [
        (["1", "2", "3", "4", "5"], "week", 7),
        (["1963", "1964", "1965", "1966", "1967"], "year", 50),
        (["2001Q3", "2001Q4", "2002Q1", "2002Q2", "2002Q3"], "quarter", 91),
        (["2001-11", "2001-12", "2002-01", "2002-02", "2002-03"], "month", 30),
        (["2024-02-26", "2024-03-04", "2024-03-11", "2024-03-18", "2024-03-25"], "week", 7),
        (["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"], "month", 30),
    ],
)
def test_a_period_is_what_it_looks_like(tmp_path: Path, periods: list[str], period: str, days: int) -> None:
    series = read_series(file(tmp_path, rows(periods)))
    assert (series.period, series.days_per_row, series.rows) == (period, days, (0, 1, 2, 3, 4))
    assert read_series(file(tmp_path, rows(periods)), "week", 3).days == 15


def test_a_tracker_may_leave_waves_out(tmp_path: Path) -> None:
    series = read_series(file(tmp_path, "period,share,sample\n1,.1,500\n2,.2,500\n5,.3,400\n6,.3,500\n9,.4,500\n"))
    assert series.tracker
    assert series.rows == (0, 1, 4, 5, 8)
    assert series.days == 63


def test_a_season_has_mean_one_and_repeats(tmp_path: Path) -> None:
    series = read_series(file(tmp_path, rows([str(k) for k in range(6)])))
    assert with_season(series, "1,2,3").seasonal().tolist() == [0.5, 1.0, 1.5, 0.5, 1.0, 1.5]
    (tmp_path / "season.csv").write_text("index\n3\n1\n", encoding="utf-8")
    assert with_season(series, str(tmp_path / "season.csv")).season == (1.5, 0.5)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("period,count\n1,2\n", 1, "is called value, units, adopters or share"),
        ("week,value\n1,2\n", 1, "the first line must name the columns period"),
        ("period,value,units\n1,2,3\n", 1, "are both there"),
        (rows(["1", "2", "3", "4"]) + "5,-1\n", 6, "allowed: 0 and more"),
        (rows(["1", "2", "3", "4"]) + "5,nan\n", 6, "allowed: a finite number"),
        (rows(["1", "2", "3", "4"]) + "5,\n", 6, "value is empty"),
        (rows(["1", "2", "3", "4"]) + "5,many\n", 6, 'value is "many"'),
        (rows(["1", "2", "3", "4", "4"]), 6, "does not come after"),
        (rows(["1", "2", "3", "4", "7"]), 6, "2 periods are missing before 7"),
        (rows(["2001Q1", "2001Q2", "spring", "2001Q4", "2002Q1"]), 4, 'period is "spring"'),
        (rows(["1", "2"]), None, "has 2 rows; at least 5"),
        ("period,share,sample\n1,.1,0\n", 2, "the number of people asked"),
        ("period,share,sample\n1,12,100\n", 2, "percent divided by 100"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_series(file(tmp_path, text))
    assert said in str(caught.value)
    assert caught.value.file == str(tmp_path / "series.csv")
    assert caught.value.line == line


@pytest.mark.parametrize("season", ["1", "1,0", "1,-2", "1,x", "no_such_file.csv"])
def test_a_season_that_is_none_is_refused(tmp_path: Path, season: str) -> None:
    with pytest.raises(InputError):
        with_season(read_series(file(tmp_path, rows([str(k) for k in range(6)]))), season)
