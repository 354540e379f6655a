"""A consumer's life as a page tells it is the ledger of the run, day by day, and so is her life in the other world."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from simulator import Scenario, simulate
from simulator.app.consumer import Lives, Question, otherwise
from simulator.app.turns import Turns
from simulator.experiments.live import Happening, LiveRun
from simulator.language import LANGUAGES, speaking
from simulator.report.diary import diary
from simulator.world.graph import SocialGraph
from tests.laws.markets import BUSY, busy, scenario

SEED, DAY, WHO = 3, 12, 17
SCANDAL = Happening("scandal", "Aurora", {"severity": 0.9})


@pytest.fixture(scope="module")
def market() -> Scenario:
    return scenario(BUSY)


@pytest.fixture(scope="module")
def live(market: Scenario) -> LiveRun:
    live = LiveRun(market, SEED)
    live.go_to(DAY)
    return live


@pytest.fixture(scope="module")
def graph(live: LiveRun) -> SocialGraph:
    return live.model.market.graph


@pytest.fixture
def lives() -> Iterator[Lives]:
    lives = Lives(Turns(2))
    yield lives
    lives.close()


def asked(lives: Lives, question: Question) -> list[dict[str, Any]]:
    """All answers, the last of them whole."""
    answers: list[dict[str, Any]] = []
    done = threading.Event()

    def answer(found: dict[str, Any]) -> None:
        answers.append(found)
        if found["whole"]:
            done.set()

    lives.ask(question, answer)
    assert done.wait(30)
    return answers


def question(graph: SocialGraph, here: Scenario, there: Scenario | None, day: int = DAY, language: str = "en") -> Question:
    return Question(WHO, day, SEED, graph, here, there, "the other world", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_diary_is_the_ledger_of_the_run(language: str, lives: Lives, market: Scenario, graph: SocialGraph) -> None:
    ledger = simulate(market.override({"record.panel": [WHO]}), SEED, until=DAY).ledger
    with speaking(language):
        lines = diary(ledger)
    told = asked(lives, question(graph, market, None, language=language))[-1]["diary"]
    assert told and not any(entry["alone"] for entry in told)
    assert [entry["text"].split(";")[0].rstrip() for entry in told] == first_of_each(lines)


def first_of_each(lines: list[str]) -> list[str]:
    """What happened, once for each happening, without what it changed."""
    said = [(line.partition(":")[0], line.partition(": ")[2].rstrip(".").split(";")[0].rstrip()) for line in lines]
    return [text for place, (day, text) in enumerate(said) if place == 0 or said[place - 1] != (day, text)]


def test_it_goes_on_and_back_and_stays_the_same(lives: Lives, market: Scenario, graph: SocialGraph) -> None:
    later = asked(lives, question(graph, market, None, DAY + 5))[-1]
    earlier = asked(lives, question(graph, market, None, DAY))[-1]
    assert later["diary"][: len(earlier["diary"])] == earlier["diary"]
    assert asked(lives, question(graph, market, None, DAY + 5))[-1] == later


def test_in_the_same_world_she_lives_the_same_life(lives: Lives, market: Scenario, graph: SocialGraph) -> None:
    first, whole = asked(lives, question(graph, market, market))
    assert not first["whole"] and first["diary"] == whole["diary"] == whole["other"]
    assert "same things happen" in whole["parting"]
    assert not any(isinstance(cell, list) for row in whole["rows"] for cell in row)


def test_her_two_lives_part_on_the_first_day_that_differs(lives: Lives, live: LiveRun, market: Scenario, graph: SocialGraph) -> None:
    silent, against = otherwise(live)
    assert silent is not None and "Aurora keeps silent" in against
    twin = LiveRun(silent, SEED, graph=graph)
    twin.go_to(DAY)
    moved = np.flatnonzero((twin.model.market.state.trust != live.model.market.state.trust)[:, 0])
    told = asked(lives, question(graph, market, silent)._replace(consumer=int(moved[0])))[-1]
    days = [entry["day"] for life in ("diary", "other") for entry in told[life] if entry["alone"]]
    assert days and f"part on {min(days, key=lambda day: int(day.split()[1]))}." in told["parting"]
    assert any(isinstance(cell, list) for row in told["rows"] for cell in row)


def test_the_other_world_of_a_run_is_that_without_what_was_done_in_it(live: LiveRun, market: Scenario) -> None:
    twin = live.fork(SCANDAL)
    twin.step()
    twin.intervene(SCANDAL)
    assert otherwise(twin)[0] is market
    quiet = scenario(busy({"brands": [BUSY["brands"][0] | {"strategy": {"kind": "silent"}}], "events": [], "population": {"roles": []}}))
    assert otherwise(LiveRun(quiet, SEED)) == (None, "")


def test_who_asks_for_another_is_not_told_about_the_first(lives: Lives, market: Scenario, graph: SocialGraph) -> None:
    told: list[int] = []
    for who in range(40):
        lives.ask(question(graph, market, None)._replace(consumer=who), lambda found, who=who: told.append(who))  # type: ignore[misc]  # bound
    end = time.monotonic() + 20
    while 39 not in told:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert len(told) < 20


def test_what_breaks_ends_neither_the_thread_nor_the_visit(lives: Lives, market: Scenario, graph: SocialGraph) -> None:
    lives.ask(question(graph, market, None)._replace(consumer=10**6), lambda found: None)
    assert asked(lives, question(graph, market, None))[-1]["diary"]


def test_a_closed_book_stays_closed(lives: Lives, market: Scenario, graph: SocialGraph) -> None:
    asked(lives, question(graph, market, None))
    lives.close()
    assert lives._thread is not None
    lives._thread.join(10)
    assert not lives._thread.is_alive() and not lives._models
