"""Who falls silent tells nobody anything more of a brand; nothing else changes but what comes of that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import RunResult, WordOfMouthModel, load_scenario, simulate
from simulator.experiments.live import Happening, LiveRun
from simulator.parameters import InputError
from tests.laws.markets import BUSY, busy, run, scenario, toml
from tests.laws.test_laws import assert_same, rows

DAY = 8
SPOKEN = [event for event in BUSY["events"] if event["kind"] != "falls_silent"]


def silenced(who: Any, brand: str = "Boreal", day: int = DAY) -> dict[str, Any]:
    """The busy market in which some say nothing more of a brand."""
    return {"events": [*SPOKEN, {"day": day, "brand": brand, "kind": "falls_silent", "consumers": who}]}


def told_by(result: RunResult, who: list[int], brand: str) -> pd.DataFrame:
    """Tellings of some consumers about a brand."""
    brand_of = result.messages.set_index("message").brand.astype(str)
    told = result.tellings
    return told[told.teller.isin(who) & (told.message.map(brand_of) == brand)]


@pytest.fixture(scope="module")
def talking() -> RunResult:
    """Nobody has fallen silent."""
    return run({"events": SPOKEN})


@pytest.fixture(scope="module")
def busiest(talking: RunResult) -> list[int]:
    """Who told most of Boreal from the day on, by numbers."""
    late = talking.tellings[talking.tellings.day >= DAY]
    told = told_by(talking, late.teller.tolist(), "Boreal")
    return [int(teller) for teller in told[told.day >= DAY].teller.value_counts().index[:5]]


def test_who_is_silenced_neither_tells_nor_starts_anything_and_nobody_hears_by_way_of_her(talking: RunResult, busiest: list[int]) -> None:
    without = run(silenced(busiest))
    assert len(told_by(talking, busiest, "Boreal").query("day >= @DAY")) > 10
    assert len(told_by(without, busiest, "Boreal").query("day >= @DAY")) == 0
    started = without.messages[without.messages.author.isin(busiest) & (without.messages.day >= DAY)]
    assert not (started.brand == "Boreal").any()
    assert (started.brand != "Boreal").any(), "of other brands they talk"
    assert len(told_by(without, busiest, "Aurora").query("day >= @DAY")) > 0
    assert_same(talking, without, before=DAY)


def test_the_silenced_hear_buy_and_complain_as_before(busiest: list[int]) -> None:
    """On the first day nothing can have come of it yet, but to those who heard nothing."""
    models = [WordOfMouthModel.build(scenario(busy(change)), 1) for change in ({"events": SPOKEN}, silenced(busiest))]
    for model in models:
        while model.market.day <= DAY:
            model.step()
    one, other = models
    for name in ("units", "complaints", "contacts", "opened"):
        np.testing.assert_array_equal(one.market.counts[name], other.market.counts[name], err_msg=name)
    while other.running:
        other.step()
    log = other.market.messages.log()
    heard = np.isin(log["hearer"], busiest) & (log["day"] > DAY)
    assert (other.market.messages.table()["brand"][log["message"][heard]] == 1).any()


def test_the_silence_of_those_who_never_speak_of_it_changes_nothing(talking: RunResult) -> None:
    """Who neither wrote nor heard a word about a brand has nothing to keep to herself."""
    about = talking.messages[talking.messages.brand == "Cirrus"]
    told = talking.tellings[talking.tellings.message.isin(about.message)]
    first = WordOfMouthModel.build(scenario(busy({"events": SPOKEN})), 1)
    heard = set(about.author.dropna().astype(int)) | set(told.hearer) | set(told.teller)
    nothing = [int(each) for each in range(first.market.n) if each not in heard]
    silent = [each for each in nothing if first.market.audience[each] < np.sort(first.market.audience)[-5]]  # who starts an event's story
    assert len(silent) > 3
    assert_same(talking, run(silenced(silent, "Cirrus", 0)))


@pytest.mark.parametrize("nobody", [[], 0, {"share": 0.0}], ids=str)
def test_the_silence_of_nobody_changes_nothing(talking: RunResult, nobody: Any) -> None:
    assert_same(talking, run(silenced(nobody)))


def test_silence_before_the_first_word_is_a_market_without_talk(talking: RunResult) -> None:
    mute = run({"events": [*SPOKEN, *({"day": 0, "brand": each["name"], "kind": "falls_silent", "consumers": {"share": 1.0}}
                                      for each in BUSY["brands"])]})  # fmt: skip
    assert len(talking.tellings) > 0 and len(mute.tellings) == 0
    assert set(mute.messages.origin.astype(str)) == {"scandal", "false_rumour", "staged"}, "what events start, nobody tells"
    assert (mute.daily.reach_earned == 0).all()


def test_nobody_but_the_hearers_of_what_was_not_told_has_other_luck(talking: RunResult, busiest: list[int]) -> None:
    """Until what was not told has made a difference to somebody, all other tellings are the same ones."""
    without = run(silenced(busiest))
    columns = ["day", "teller", "hearer", "layer"]

    def others(result: RunResult) -> pd.DataFrame:
        here = result.tellings[(result.tellings.day == DAY) & ~result.tellings.teller.isin(busiest)]
        return rows(here[columns])

    before, after = others(talking), others(without)
    merged = before.merge(after, how="left", on=columns, indicator=True)
    assert (merged["_merge"] == "both").all(), "nobody else tells less"
    heard_instead = len(after) - len(before)  # somebody else is now the first to tell it
    assert 0 <= heard_instead <= len(told_by(talking, busiest, "Boreal").query("day == @DAY"))


def test_naming_somebody_twice_or_falling_silent_twice_is_to_fall_silent_once(busiest: list[int]) -> None:
    once = run(silenced(busiest))
    assert_same(once, run(silenced([*busiest, *busiest[:2]])))
    again = silenced(busiest)["events"]
    assert_same(once, run({"events": [*again, again[-1] | {"day": DAY + 3}]}))


@pytest.mark.parametrize("day", [DAY - 1, DAY, DAY + 1])
def test_a_restart_around_the_day_of_falling_silent_equals_running_through(busiest: list[int], day: int) -> None:
    market = scenario(busy(silenced(busiest)))
    assert_same(simulate(market), simulate(resume=simulate(market, until=day).checkpoint))


def test_a_watched_run_in_which_they_fall_silent_is_the_scenario_that_it_becomes(busiest: list[int]) -> None:
    live = LiveRun(scenario(busy({"events": SPOKEN})), 1)
    live.go_to(DAY)
    twin = live.fork(Happening("falls_silent", "Boreal", {"consumers": busiest}))
    twin.go_to(twin.days)
    assert_same(twin.result(), run(silenced(busiest)))


def test_ids_of_a_file_fall_silent_and_unknown_ones_are_an_error(tmp_path: Any) -> None:
    ties = [(f"c{i}", f"c{(i + step) % 30}") for i in range(30) for step in (1, 2)]
    (tmp_path / "friends.csv").write_text("source,target\n" + "".join(f"{a},{b}\n" for a, b in ties), encoding="utf-8")
    brand = {"name": "Aurora", "start": {"awareness": 0.9, "penetration": 0.5, "loyalty": 0.9}}
    market: dict[str, Any] = {
        "run": {"days": 12}, "network": {"kind": "file", "path": "friends.csv", "directed": False},
        "brands": [brand, {"name": "Boreal"}], "word_of_mouth": {"standing": 0.9},
    }  # fmt: skip

    def of(event: list[dict[str, Any]]) -> RunResult:
        table = market | {"events": event}
        path = tmp_path / "market.toml"
        path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in table.items()), encoding="utf-8")
        return simulate(load_scenario(path))

    event = {"day": 0, "brand": "Aurora", "kind": "falls_silent"}
    most = of([]).tellings.teller.value_counts()
    model = WordOfMouthModel.build(of([]).scenario, 1)
    name = str(model.market.graph.ids[int(most.index[0])])
    assert int(most.index[0]) not in set(of([event | {"consumers": [name]}]).tellings.teller)
    with pytest.raises(InputError, match="an event takes consumer c99, who is not in the market"):
        of([event | {"consumers": ["c99"]}])
