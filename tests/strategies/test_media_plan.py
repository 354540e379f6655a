"""Media plans as planners write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from simulator.parameters import InputError
from simulator.strategies import Interruption
from simulator.strategies.media_plan import MediaPlan, read_media_plan
from tests.strategies.views import view


def plan(folder: Path, text: str, starts: str | None = None) -> MediaPlan:
    path = folder / "plan.csv"
    path.write_text(text, encoding="utf-8")
    return read_media_plan(str(path), starts)


def cents(folder: Path, text: str, days: int, purse: int = 10**12) -> list[int]:
    made = plan(folder, text)
    return [sum(buy.cents for buy in made.buys(view(day=day, purse_cents=purse))) for day in range(days)]


def test_a_week_is_spread_over_its_days_to_the_cent(tmp_path: Path) -> None:
    days = cents(tmp_path, "week,channel,budget\n2,tv,100\n", 15)
    assert days[:7] == [0] * 7 and days[14] == 0
    assert sum(days) == 10_000 and max(days) - min(days[7:14]) <= 1


def test_impressions_and_grp_cost_what_the_rate_card_says(tmp_path: Path) -> None:
    assert cents(tmp_path, "day,channel,impressions\n0,tv,500000\n", 2) == [400_000, 0]  # 500 thousands at 8
    assert cents(tmp_path, "day,channel,grp\n0,tv,10\n", 1) == [320_000]  # 10 per 100 of 4 million
    assert cents(tmp_path, "day,channel,target segments,grp\n0,tv,young,10\n", 1) == [80_000]  # of its quarter


def test_dates_count_from_the_first_or_from_the_start(tmp_path: Path) -> None:
    text = "Date,Channel,Budget\n2026-03-03,tv,10\n2026-03-01,popup,5\n"
    assert cents(tmp_path, text, 3) == [500, 0, 1000]
    later = plan(tmp_path, text, "2026-02-27")
    assert [line.first for line in later.lines] == [4, 2]


def test_what_the_purse_cannot_pay_shrinks_alike(tmp_path: Path) -> None:
    made = plan(tmp_path, "day,channel,budget\n0,tv,30\n0,popup,10\n")
    assert [(buy.channel, buy.cents) for buy in made.buys(view(day=0, purse_cents=1000))] == [("popup", 250), ("tv", 750)]


def test_targets_are_kept_apart_and_equal_ones_merged(tmp_path: Path) -> None:
    made = plan(tmp_path, "day,channel,segments,budget\n0,tv,young;urban,1\n0,tv,urban; young,2\n0,tv,rural,4\n")
    assert [(buy.segments, buy.cents) for buy in made.buys(view(day=0))] == [(("rural",), 400), (("urban", "young"), 300)]
    assert made.segments() == {"young", "urban", "rural"} and made.channels() == {"tv"}


def test_a_plan_replaces_mix_and_flighting(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("day,channel,budget\n3,popup,1\n", encoding="utf-8")
    strategy = Interruption(plan=str(tmp_path / "p.csv"), channels={"tv": 1.0}, flighting="burst", promise=0.8)
    action = strategy.decide(view(day=3))
    assert [(buy.channel, buy.cents) for buy in action.ads] == [("popup", 100)] and action.promise == 0.8
    assert strategy.decide(view(day=4)).ads == ()
    assert strategy.channels_bought() == {"popup"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("channel,budget\ntv,1\n", 1, "exactly one of the columns week, day, date; it has none"),
        ("week,day,channel,budget\n1,1,tv,1\n", 1, "`week` and `day`"),
        ("week,channel\n1,tv\n", 1, "exactly one of the columns grp, impressions, budget"),
        ("week,budget\n1,1\n", 1, "needs a column `channel`"),
        ("week,channel,budget,colour\n1,tv,1,red\n", 1, "unknown column `colour`"),
        ("week,channel,budget\n", 1, "no lines"),
        ("week,channel,budget\n1,tv,1\nx,tv,1\n", 3, "week `x` is not a whole number"),
        ("week,channel,budget\n0,tv,1\n", 2, "too early: the first week is 1"),
        ("day,channel,budget\n-1,tv,1\n", 2, "too early: the first day is 0"),
        ("date,channel,budget\n2026-13-01,tv,1\n", 2, "not a date"),
        ("week,channel,budget\n1,tv,-1\n", 2, "between 0 and"),
        ("week,channel,budget\n1,tv,nan\n", 2, "between 0 and"),
        ("week,channel,budget\n1,tv,much\n", 2, "budget `much` is not a number"),
        ("week,channel,budget\n1,,1\n", 2, "no channel"),
        ("week,channel,budget\n1,tv\n", 2, "3 columns expected"),
        ("week,channel,budget\n1,tv,1,1\n", 2, "3 columns expected"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        plan(tmp_path, text)
    assert error.value.line == line and str(tmp_path) in str(error.value.file)


def test_a_plan_that_cannot_be_read_is_an_error_of_the_scenario(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="cannot be read"):
        Interruption(plan=str(tmp_path / "none.csv"))
    (tmp_path / "latin.csv").write_bytes("week,channel,budget\n1,t\xe9l\xe9,1\n".encode("latin-1"))
    with pytest.raises(ValidationError, match="not UTF-8"):
        Interruption(plan=str(tmp_path / "latin.csv"))


def test_dates_before_the_start_are_too_early(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="day 0 is 2026-03-02"):
        plan(tmp_path, "date,channel,budget\n2026-03-01,tv,1\n", "2026-03-02")
