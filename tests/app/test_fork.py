"""Two worlds: each is a run of its own, they go in step, and differ by what was asked and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import Scenario, simulate
from simulator.app import scene
from simulator.app.address import Address
from simulator.app.fork import facts
from simulator.app.fork.bench import NAMES, Bench
from simulator.app.fork.twins import Twins
from simulator.app.layout import Drawing, drawing_of
from simulator.app.live.facts import columns_of
from simulator.app.turns import Turns
from simulator.app.visit import Visit
from simulator.experiments.live import Happening, LiveRun, Switch, Without
from simulator.language import LANGUAGES, speaking
from simulator.parameters import InputError
from simulator.world.graph import SocialGraph
from tests.app.waiting import within
from tests.laws.markets import BUSY, scenario

until = within(30.0)

SEED, DAY, DAYS = 3, 5, BUSY["run"]["days"]
RUMOUR = Happening("false_rumour", "Aurora", {"severity": 0.9})


@pytest.fixture(scope="module")
def market() -> Scenario:
    return scenario(BUSY)


@pytest.fixture(scope="module")
def graph(market: Scenario) -> SocialGraph:
    return LiveRun(market, SEED).model.market.graph


def at(day: int, market: Scenario, graph: SocialGraph) -> Twins:
    live = LiveRun(market, SEED, graph=graph)
    live.go_to(day)
    return Twins(live)


@pytest.fixture
def twins(market: Scenario, graph: SocialGraph) -> Twins:
    twins = at(DAY, market, graph)
    twins.intervene(RUMOUR)
    return twins


@pytest.fixture(scope="module")
def grown(market: Scenario, graph: SocialGraph) -> tuple[LiveRun, LiveRun]:
    twins = at(DAY, market, graph)
    twins.intervene(RUMOUR)
    twins.go_to(DAYS - 2)
    assert twins.twin is not None
    return twins, twins.twin


# -- in step ---------------------------------------------------------------------------------------------------------------


def test_each_world_is_a_run_of_its_own(twins: Twins, market: Scenario) -> None:
    assert twins.twin is not None
    while twins.step():
        assert twins.twin.day == twins.day
    for world in (twins, twins.twin):
        assert world.result().daily.equals(simulate(world.scenario, SEED).daily)
    assert twins.scenario is market and len(twins.twin.scenario.events) == len(market.events) + 1


def test_they_go_back_together_but_not_before_they_part(twins: Twins) -> None:
    assert twins.twin is not None
    twins.go_to(DAYS)
    there = twins.twin.result().daily
    twins.go_to(DAY + 3)
    assert (twins.day, twins.twin.day) == (DAY + 3, DAY + 3)
    twins.go_to(0)
    assert (twins.day, twins.twin.day) == (DAY, DAY)
    twins.go_to(DAYS)
    assert twins.twin.result().daily.equals(there)


def test_what_was_done_later_in_the_run_happens_in_both_worlds(market: Scenario, graph: SocialGraph) -> None:
    live = LiveRun(market, SEED, graph=graph)
    live.go_to(9)
    live.intervene(Happening("scandal", "Boreal", {"severity": 0.5}))
    live.go_to(DAY)
    twins = Twins(live)
    twins.intervene(RUMOUR)
    assert twins.twin is not None
    events = [event.model_dump() for event in twins.twin.scenario.events]
    assert [event.model_dump() for event in twins.scenario.events] == events[:-1]


def test_another_question_takes_the_place_of_the_first_on_its_day(twins: Twins, market: Scenario) -> None:
    twins.go_to(DAY + 4)
    twins.intervene(Switch("Aurora", {"kind": "silent"}))
    assert twins.twin is not None and (twins.day, twins.since) == (DAY, DAY)
    assert len(twins.twin.scenario.events) == len(market.events)
    twins.go_to(DAY + 4)
    twins.undo()
    assert twins.twin is None and twins.day == DAY
    twins.go_to(1)
    assert twins.day == 1


def test_an_event_is_left_out_from_its_own_day_on(market: Scenario, graph: SocialGraph) -> None:
    twins = at(12, market, graph)
    number = next(n for n, event in enumerate(market.events) if event.kind == "scandal" and event.brand == "Aurora")
    twins.intervene(Without(number))
    assert twins.twin is not None and twins.since == twins.day == market.events[number].day
    twins.go_to(DAYS)
    assert twins.twin.result().daily.equals(simulate(twins.twin.scenario, SEED).daily)
    assert twins.result().daily.equals(simulate(market, SEED).daily)


@pytest.mark.parametrize("wrong", [Happening("scandal", "Nobody", {"severity": 0.5}), Without(99), Without(-1)])
def test_a_question_that_makes_no_sense_changes_nothing(wrong: Any, twins: Twins) -> None:
    before = twins.twin
    with pytest.raises(InputError):
        twins.intervene(wrong)
    assert twins.twin is before and before is not None and twins.day == before.day == DAY


def test_what_has_happened_cannot_be_left_out_later(market: Scenario, graph: SocialGraph) -> None:
    live = LiveRun(market, SEED, graph=graph)
    live.go_to(12)
    with pytest.raises(InputError, match="already"):
        live.intervene(Without(0))


# -- who differs -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawing(graph: SocialGraph, tmp_path_factory: pytest.TempPathFactory) -> Drawing:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path_factory.mktemp("layout")))
        return drawing_of(graph)


def test_nobody_differs_from_herself(grown: tuple[LiveRun, LiveRun], drawing: Drawing) -> None:
    model = grown[0].model
    assert (scene.states_of(model, drawing, scene.DIFFERENCE, 0, model) == scene.NOBODY).all()
    assert len(scene.tellings_of(model, drawing, 0, unlike=model).teller) == 0
    assert facts.differing(model.market, model.market, 0) == (0, 0, 0, 0)


def test_the_difference_is_seen_from_both_sides(grown: tuple[LiveRun, LiveRun], drawing: Drawing) -> None:
    one, other = (world.model for world in grown)
    here, there = (
        scene.difference(one.market, other.market, drawing.consumers, 0),
        scene.difference(other.market, one.market, drawing.consumers, 0),
    )
    mirrored = {scene.TRUSTS_MORE: scene.TRUSTS_LESS, scene.TRUSTS_LESS: scene.TRUSTS_MORE}
    mirrored |= {scene.HEARD_HERE: scene.HEARD_THERE, scene.HEARD_THERE: scene.HEARD_HERE, scene.NOBODY: scene.NOBODY}
    for mine, hers in zip(here.tolist(), there.tolist(), strict=True):
        assert mirrored.get(mine, -1) == hers or {mine, hers}.isdisjoint(mirrored)
    counted = facts.differing(one.market, other.market, 0)
    assert np.count_nonzero(here != scene.NOBODY) == counted.any > 0
    assert max(counted[1:]) <= counted.any <= sum(counted[1:])


def test_frames_of_two_worlds_can_be_read_one_after_the_other(grown: tuple[LiveRun, LiveRun], drawing: Drawing) -> None:
    for view in facts_of_views():
        assert len(scene.frame(7, grown[0].model, drawing, view, 0, grown[1].model)) % 4 == 0


def facts_of_views() -> tuple[str, ...]:
    return scene.DIFFERENCE, *scene.VIEWS


# -- in words --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_said_in_every_language(language: str, grown: tuple[LiveRun, LiveRun]) -> None:
    with speaking(language):
        columns, markets = tuple(columns_of(world.model) for world in grown), tuple(world.model.market for world in grown)
        cards = facts.cards(columns[0], columns[1], 0)
        assert len(cards) == 4 and all(card["change"] for card in cards)
        table = facts.table(columns, ["one", "two"], 0)
        assert {len(row) for row in table} == {4}
        said = facts.sentence(markets[0], markets[1], 0, 18, DAY)
        assert str(facts.differing(markets[0], markets[1], 0).any) in said
        assert facts.sentence(markets[0], markets[0], 0, 18, DAY) != said
        log = facts.log(tuple(world.scenario for world in grown), columns, ["one", "two"])
        assert any("(" in entry.text and "two" in entry.text for entry in log)
        assert facts.spoken(columns, ["one", "two"], 18, markets[0].names)


def test_figures_of_the_same_world_are_the_same(grown: tuple[LiveRun, LiveRun]) -> None:
    columns = columns_of(grown[0].model)
    assert {card["change"] for card in facts.cards(columns, columns, 0)} == {"the same in both"}
    shown = facts.series((columns, columns), 1, 0)
    assert all(one == other for days in shown.values() for one, other in days)


def test_the_change_is_said_in_words(market: Scenario, graph: SocialGraph) -> None:
    twins = at(DAY, market, graph)
    for question, said in (
        (RUMOUR, "A false rumour about Aurora goes round."),
        (Switch("Aurora", {"kind": "silent"}), "Aurora turns to silence."),
        (Without(0), "it does not happen (A scandal hits Aurora)"),
    ):
        twins.intervene(question)
        assert twins.twin is not None
        assert facts.change_in_words(twins.scenario, twins.twin.scenario) == said


# -- the bench -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path))
    monkeypatch.setattr("simulator.app.live.desk.load_scenario", lambda path: scenario(BUSY))
    visit = Visit(Turns(2), Address(), changed=lambda: None, awake=lambda: None, push=lambda path: None)
    yield visit
    visit.close()


@pytest.fixture
def bench(visit: Visit) -> Bench:
    visit.desk.player.go_to(DAY)
    bench = visit.kept["fork"] = Bench(visit)
    until(lambda: bench.ready and bench.day == DAY)
    return bench


def test_a_bench_begins_with_the_live_run_of_today_and_leaves_it_alone(bench: Bench, visit: Visit) -> None:
    bench.act(RUMOUR)
    bench._hear({"kind": "seek", "value": DAY + 6})
    until(lambda: bench.split and bench.day == DAY + 6)
    assert bench.since == DAY and bench.view == scene.DIFFERENCE and visit.desk.day == DAY
    until(lambda: bench.instruments.news["days"] == DAY + 6 and bench.canvas.status["first"] == DAY)
    assert {len(day) for day in bench.instruments.news["series"]["reach"]} == {2} and bench.instruments.news["sentence"]
    bench.undo()
    until(lambda: not bench.split and bench.canvas.worlds == [])
    assert bench.day == DAY and bench.view == "favourite"


def test_what_is_taken_home_is_what_was_seen(bench: Bench, tmp_path: Path) -> None:
    bench.act(RUMOUR)
    bench._hear({"kind": "seek", "value": DAYS})
    until(lambda: bench.split and bench.day == DAYS)
    live = bench.player.live
    assert isinstance(live, Twins) and live.twin is not None
    for world, run in enumerate((live, live.twin)):
        path = tmp_path / f"{NAMES[world]}.toml"
        path.write_bytes(bench.file(world))
        assert simulate(path, seed=1).daily.equals(run.result().daily)


@pytest.mark.compiled
def test_whatever_a_page_sends_the_bench_stands(bench: Bench) -> None:
    bench.act(Happening("scandal", "Nobody", {}))
    until(lambda: "Nobody" in bench.message)
    hostile: list[Any] = [
        {"kind": "look", "value": 3, "world": 1}, {"kind": "life", "value": 3, "world": 1}, {"kind": "life", "value": 10**9},
        {"kind": "look", "value": 3, "world": "1"}, {"kind": "look", "value": 3, "world": []}, {"kind": "view", "value": "difference"},
        {"kind": "tab", "value": "levers"}, {"kind": "life", "value": True}, {"kind": "look", "value": 3, "world": 10**30},
    ]  # fmt: skip
    for message in hostile:
        bench._hear(message)
    bench._hear({"kind": "seek", "value": 2})
    until(lambda: bench.day == 2)
    assert bench.view == "favourite" and not bench.split and bench.tab == "change"
