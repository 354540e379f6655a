"""What the page offers comes from the declarations, what it says from the tables, and what a page sends is not trusted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import Scenario, WordOfMouthModel
from simulator.app.address import FIRST, Address, read_address, scenario_names
from simulator.app.lever_form import LABELS, described
from simulator.app.levers import EVENTS, LEFT_OUT, MADE_LIVE, PLAYED, current, event_levers, strategy_levers, written
from simulator.app.live import facts
from simulator.app.live.desk import Desk
from simulator.app.turns import Turns
from simulator.experiments.live import Happening, LiveRun, Switch
from simulator.language import LANGUAGES, speaking
from simulator.scenario.bundled import bundled
from simulator.strategies import STRATEGIES
from tests.app.waiting import within
from tests.laws.markets import BUSY, scenario

until = within(30.0)


@pytest.fixture(scope="module")
def market() -> Scenario:
    return scenario(BUSY)


@pytest.fixture(scope="module")
def over(market: Scenario) -> WordOfMouthModel:
    live = LiveRun(market, 3)
    live.go_to(live.days)
    return live.model


# -- levers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PLAYED)
def test_every_lever_of_a_strategy_is_offered_or_left_out_on_purpose(kind: str, market: Scenario) -> None:
    offered = {lever.name for lever in strategy_levers(kind, market)}
    missing = set(STRATEGIES[kind].model_fields) - offered - set(LEFT_OUT)
    assert missing <= {"promise"}  # of ads: without it the brand's own
    for lever in strategy_levers(kind, market):
        assert lever.meaning == STRATEGIES[kind].model_fields[lever.name].description
        assert lever.evidence and lever.low <= lever.high


@pytest.mark.parametrize("kind", PLAYED)
def test_the_form_as_it_opens_can_be_sent(kind: str, market: Scenario) -> None:
    live = LiveRun(market, 3)
    live.intervene(Switch("Aurora", {"kind": kind} | written(strategy_levers(kind, market), {})))
    assert current(live.scenario, "Aurora", 0)[0] == kind and live.step()


@pytest.mark.parametrize("kind", MADE_LIVE)
def test_every_event_offered_can_happen_as_its_form_opens(kind: str, market: Scenario) -> None:
    live = LiveRun(market, 3)
    live.intervene(Happening(kind, "Boreal", written(event_levers(kind, market, "Boreal"), {})))
    assert live.step() and facts.planned(live.scenario)[0].day == 0
    assert kind in EVENTS and kind in facts.HAPPENED


def test_every_lever_and_every_choice_has_a_label(market: Scenario) -> None:
    levers = [lever for kind in PLAYED for lever in strategy_levers(kind, market)]
    levers += [lever for kind in MADE_LIVE for lever in event_levers(kind, market, "Boreal")]
    assert {word for lever in levers for word in (lever.name, *lever.choices)} <= set(LABELS)


def test_ends_of_every_slider_are_allowed(market: Scenario) -> None:
    for kind in PLAYED:
        for lever in strategy_levers(kind, market):
            if lever.form in ("number", "whole"):
                for value in (lever.low, lever.high):
                    market.override({"brands.Aurora.strategy": {"kind": kind} | written([lever], {lever.name: value})})


def test_the_shares_of_a_mix_are_made_to_sum_to_one(market: Scenario) -> None:
    levers = strategy_levers("interruption", market)
    mix = written(levers, {"channels": {"tv": 0.5, "popup": 0.5, "search": 1.0, "billboard": 0.0}})["channels"]
    assert mix == {"tv": 0.25, "popup": 0.25, "search": 0.5}
    assert sum(written(levers, {"channels": {"tv": 0.0}})["channels"].values()) == pytest.approx(1.0)


def test_what_a_brand_does_now_is_what_the_form_shows(market: Scenario) -> None:
    live = LiveRun(market, 3)
    live.go_to(4)
    live.intervene(Switch("Aurora", {"kind": "interaction", "listening": 0.9}))
    assert current(live.scenario, "Aurora", 3)[0] == "interruption"
    kind, levers = current(live.scenario, "Aurora", 4)
    assert (kind, levers["listening"]) == ("interaction", 0.9)
    for each in described(strategy_levers(kind, market), levers):
        assert each["label"] and each["meaning"]


# -- facts ---------------------------------------------------------------------------------------------------------------


def test_curves_are_the_columns_of_the_daily_table(over: WordOfMouthModel) -> None:
    daily, columns = over.recorder.daily(), facts.columns_of(over)
    for name in ("reach", "trust_aware", "share"):
        sent = np.array(facts.series(columns, 0)[name], np.float64)
        assert sent == pytest.approx(daily[name].to_numpy(np.float64).reshape(-1, 3), abs=1e-5, nan_ok=True)
        assert facts.series(columns, 15)[name] == facts.series(columns, 0)[name][15:]


def test_the_log_of_a_day_never_changes_later(market: Scenario, over: WordOfMouthModel) -> None:
    whole = facts.columns_of(over)
    final = facts.log(market, whole)
    for day in range(len(whole["reach"]) + 1):
        so_far = facts.log(market, {name: column[:day] for name, column in whole.items()})
        assert [entry for entry in so_far if entry.day < day] == [entry for entry in final if entry.day < day]


def test_a_market_before_its_first_day_can_be_told(market: Scenario) -> None:
    model = WordOfMouthModel(market, rng=1)
    columns = facts.columns_of(model)
    assert [card["value"] for card in facts.cards(columns, 0)] == ["–"] * 4
    assert facts.log(market, columns) == [] and facts.table(columns, model.market.names) and facts.spoken(columns, 0, model.market.names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_said_in_every_language(language: str, market: Scenario, over: WordOfMouthModel) -> None:
    with speaking(language):
        columns = facts.columns_of(over)
        said = [*facts.cards(columns, 1), *facts.table(columns, over.market.names), *facts.log(market, columns)]
        about = facts.consumer_facts(over, 17)
    assert len(said) > 20 and len(about["rows"]) == 7 and about["rows"][0][1:] == list(over.market.names)


# -- the address ---------------------------------------------------------------------------------------------------------


def test_a_link_opens_the_same_world() -> None:
    for name in scenario_names():
        address = Address(name, 2**63 - 1, "fr")
        assert read_address(address.query()) == address


@pytest.mark.parametrize(
    "query",
    ["", None, "scenario=../../etc/passwd", "scenario=/etc/passwd&seed=-1", "seed=1e9&language=de", "seed=" + "9" * 5000, "%00=&&;=?",
     "seed=\u0661", f"seed={2**63}", "scenario=three_eras", "scenario=<b>x</b>"],
)  # fmt: skip
def test_an_address_that_makes_no_sense_opens_the_first_page(query: str | None) -> None:
    assert read_address(query) == Address(FIRST, 1, "en")


# -- the desk ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path))
    monkeypatch.setattr("simulator.app.live.desk.load_scenario", lambda path: scenario(BUSY))
    desk = Desk(Turns(2), Address(), lambda: None)
    until(lambda: desk.ready and desk.scenario is not None)
    yield desk
    desk.close()
    until(lambda: desk.player.closed)


def test_a_desk_shows_what_is_played(desk: Desk) -> None:
    desk._hear({"kind": "seek", "value": 9})
    until(lambda: desk.day == 9 and desk.instruments.news["days"] == 9)
    assert int(np.frombuffer(desk.canvas.frame, "<u4", 2)[1]) == 9
    desk.act(Happening("scandal", "Aurora", {"severity": 0.9}))
    until(lambda: desk.interventions == 1)
    until(lambda: {"day": 9, "label": "A scandal hits Aurora."} in desk.canvas.status["marks"])
    desk.set_language("fr")
    until(lambda: desk.instruments.words["locale"] == "fr")


@pytest.mark.compiled
def test_whatever_a_page_sends_the_desk_stands(desk: Desk) -> None:
    hostile: list[Any] = [
        None, "play", [], {"kind": "seek", "value": "9"}, {"kind": "seek", "value": -5}, {"kind": "seek", "value": 10**30},
        {"kind": "speed"}, {"kind": "speed", "value": 1e9}, {"kind": "view", "value": "__class__"}, {"kind": "view", "value": []},
        {"kind": "brand", "value": 99},
        {"kind": "tab", "value": {}}, {"kind": "look", "value": 10**9}, {"kind": "seen", "value": 10**12}, {"kind": "close"},
    ]  # fmt: skip
    for message in hostile:
        desk._hear(message)
    desk._hear({"kind": "seek", "value": 2})
    until(lambda: desk.day == 2)
    assert desk.message == "" and desk.view == "favourite" and desk.brand == 0


def test_a_scenario_too_large_to_be_watched_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.app.live.desk.MOST_CONSUMERS", 10)
    desk.open(Address())
    assert "too large" in desk.message
    assert bundled(f"{FIRST}.toml").is_file()
