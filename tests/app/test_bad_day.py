"""One bad day, twenty times: the worlds differ by luck alone, a twin by one change alone, and what is said of them is counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from simulator import simulate
from simulator.app.bad_day import room as rooms
from simulator.app.bad_day import texts, worlds
from simulator.app.bad_day.room import Room, Try, Twin
from simulator.app.bad_day.worlds import NEVER_HEARD, NOBODY, SCANDAL_DAY, Choice, Course, scenario_of, simulated, town
from simulator.app.turns import Turns
from simulator.experiments.ignition import outbreak
from simulator.language import LANGUAGES, speaking
from tests.app.waiting import within

until = within(10.0)

pytestmark = pytest.mark.compiled

APOLOGY = Choice("apology", 1)


@pytest.fixture(scope="module")
def silent() -> list[Course]:
    """The first worlds under silence."""
    return [simulated((Choice(), seed, ())) for seed in range(1, 9)]


@pytest.fixture(scope="module")
def burnt(silent: list[Course]) -> tuple[int, Course]:
    """A world that ignited, and its seed."""
    return next((seed, course) for seed, course in enumerate(silent, 1) if course.ignited >= 0)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """Three worlds instead of twenty, and a cache folder of one's own."""
    for module in (worlds, rooms, texts):
        monkeypatch.setattr(module, "WORLDS", 3)
    monkeypatch.setattr(worlds, "PREPARED", (Choice(),))
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path))
    return 3


@pytest.fixture
def room(small: int) -> Iterator[Room]:
    made = Room(Turns(1), lambda: None)
    yield made
    made.close()


# -- the worlds ----------------------------------------------------------------------------------------------------------


def test_some_worlds_ignite_and_some_do_not(silent: list[Course]) -> None:
    assert 0 < sum(course.ignited >= 0 for course in silent) < len(silent)


def test_ignition_is_that_of_the_experiments(silent: list[Course]) -> None:
    for seed, course in list(enumerate(silent, 1))[:4]:
        judged = outbreak(simulate(scenario_of(Choice()), seed, graph=town()))
        n = judged.consumers
        assert (course.ignited >= 0) == judged.ignited and course.heard == round(judged.heard * n)
        assert (course.generation >= 2).sum() == round(judged.passed_on * n)
        assert [(course.generation == each.number).sum() for each in judged.generations] == [each.consumers for each in judged.generations]


def test_who_tells_has_heard_before_and_all_have_it_from_those_who_told_it_first(silent: list[Course]) -> None:
    for course in silent:
        heard = np.flatnonzero(course.teller != NOBODY)
        before, after = course.day[course.teller[heard]], course.day[heard]
        assert (before <= after).all() and (course.generation[course.teller[heard]] == course.generation[heard] - 1).all()
        assert (course.generation[course.teller[heard[before == after]]] == 0).all()
        assert course.descendants[course.first].sum() == course.heard == course.told.sum()
        assert course.carrier not in course.first and course.tellers(1)[0] in course.first


def test_a_world_ignites_on_the_day_on_which_it_reaches_the_line(burnt: tuple[int, Course]) -> None:
    course = burnt[1]
    passed_on = [int(((course.generation >= 2) & (course.day <= day)).sum()) for day in (course.ignited - 1, course.ignited)]
    assert passed_on[0] < 0.05 * len(course.day) <= passed_on[1]


def test_who_falls_silent_tells_nobody_and_nothing_differs_before_she_would_have_told(burnt: tuple[int, Course]) -> None:
    seed, course = burnt
    twin = simulated((Choice(), seed, (course.carrier,)))
    assert twin.told[course.carrier] == 0 < course.told[course.carrier]
    before = course.day <= course.day[course.carrier]
    assert (twin.day[before] == course.day[before]).all()
    assert texts.pair(course, twin)[0] > 0


def test_without_who_tells_it_first_nobody_hears(burnt: tuple[int, Course]) -> None:
    seed, course = burnt
    assert simulated((Choice(), seed, tuple(course.first.tolist()))).heard == 0


def test_an_answer_changes_nothing_before_it_is_given(burnt: tuple[int, Course]) -> None:
    seed, course = burnt
    twin = simulated((Choice("apology", 2), seed, ()))
    before = course.day < SCANDAL_DAY + 2
    assert (twin.day[before] == course.day[before]).all() and twin.heard < course.heard


def test_a_denial_found_out_is_the_same_story_told_again() -> None:
    course = next(each for each in (simulated((Choice("denial", 1), seed, ())) for seed in range(1, 9)) if each.exposed >= 0)
    assert (course.day[course.day != NEVER_HEARD] <= 60).all() and course.descendants[course.first].sum() == course.heard


# -- the cache -----------------------------------------------------------------------------------------------------------


def test_what_is_prepared_is_found_again_and_what_is_damaged_is_not_believed(small: int, tmp_path: Path) -> None:
    assert len(worlds.ready()) == 1
    seen: list[tuple[int, int]] = []
    worlds.prepare(lambda done, of: seen.append((done, of)), workers=1)
    assert worlds.ready() == [] and seen[-1] == (small, small)
    kept, again = worlds.kept(Choice()), [simulated((Choice(), seed, ())) for seed in (1, 2, 3)]
    assert kept is not None
    for one, other in zip(kept, again, strict=True):
        assert (one.day == other.day).all() and (one.teller == other.teller).all() and one.exposed == other.exposed
    worlds.prepare(lambda done, of: seen.append((0, 0)))
    assert seen[-1] == (small, small)
    file = next(tmp_path.glob("bad-day-*.npz"))
    file.write_bytes(file.read_bytes()[:200])
    assert worlds.kept(Choice()) is None and worlds.ready()


# -- what a visitor does -------------------------------------------------------------------------------------------------


def test_twenty_worlds_then_one_then_its_twin(room: Room, small: int) -> None:
    until(lambda: room.courses)
    assert worlds.kept(Choice()) is not None and len(room.courses) == small
    room.open(0)
    assert room.course is room.courses[0] and room.chosen == room.course.carrier
    room.change(Twin(room.chosen))
    until(lambda: room.twin_course is not None)
    assert room.twin_course is not None and room.twin_course.told[room.chosen] == 0
    texts.tell(room)
    assert room.canvas.status["removed"] == room.chosen and len(room.canvas.twin_days) == len(room.course.day)
    room.open(NOBODY)
    assert room.course is None and room.twin is None and room.twin_course is None


def test_the_last_wish_counts(room: Room) -> None:
    for choice in (APOLOGY, Choice("denial", 1), Choice("empathy", 4)):
        room.ask(Try(choice))
    until(lambda: room.courses)
    assert room.asked == Try(Choice("empathy", 4)) and (room.courses[0].day == simulated((room.asked.choice, 1, ())).day).all()


def test_without_its_carrier_a_world_is_the_twin_of_itself(room: Room) -> None:
    until(lambda: room.courses)
    first = room.courses
    room.ask(Try(Choice(), hushed=True))
    until(lambda: room.courses)
    for seed, (before, after) in enumerate(zip(first, room.courses, strict=True), 1):
        assert (simulated((Choice(), seed, (before.carrier,))).day == after.day).all()
    room.open(0)
    assert room.silenced == (first[0].carrier,)


def test_a_page_may_send_anything(room: Room) -> None:
    until(lambda: room.courses)
    for message in (
        None, 3, {}, {"kind": "open"}, {"kind": "open", "value": 99}, {"kind": "open", "value": True}, {"kind": "teller", "value": 10**9},
        {"kind": "teller", "value": -5}, {"kind": "day", "value": -1}, {"kind": "close", "value": 1}, {"kind": "ended", "value": "x"},
    ):  # fmt: skip
        room._hear(message)
        assert (room.opened, room.chosen, room.day, room.failed, room.played) == (NOBODY, NOBODY, 0, False, {})


def test_who_leaves_stops_the_work(small: int) -> None:
    left = Room(Turns(1), lambda: None)
    left.close()
    left._thread.join(5.0)
    assert not left._thread.is_alive()


# -- what is said --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_said_of_every_world(language: str, silent: list[Course], burnt: tuple[int, Course]) -> None:
    twin = simulated((APOLOGY, burnt[0], ()))
    with speaking(language):
        assert all(texts.words().values()) and texts.claim() and texts.fine_print()
        assert str(silent[0].heard) in texts.of_world(silent[0])
        for course in silent:
            assert all(
                texts.of_teller(course, consumer)
                for consumer in (course.first[0], course.carrier, int(course.day.argmax()))
                if consumer >= 0
            )
        spared, struck = texts.pair(burnt[1], twin)
        assert f"{spared}" in texts.of_twin(burnt[1], Twin(choice=APOLOGY), twin)
        assert len(texts.table(silent)) == len(silent) + 1


def test_the_pair_adds_up_day_by_day(burnt: tuple[int, Course]) -> None:
    course, twin = burnt[1], simulated((APOLOGY, burnt[0], ()))
    rows = np.array([[int(cell) for cell in row] for row in texts.pair_table(course, twin)[1:]])
    assert (np.diff(rows, axis=0)[:, 0] > 0).all() and (np.diff(rows, axis=0)[:, 1:] >= 0).all()
    assert rows[-1, 1:].tolist() == [course.heard, twin.heard, *texts.pair(course, twin)]
    assert course.heard - twin.heard == rows[-1, 3] - rows[-1, 4]


def test_shares_of_worlds_are_told_with_their_interval(silent: list[Course]) -> None:
    counted = texts.counted(10)
    assert counted["low"] == pytest.approx(0.299, abs=0.001) and counted["high"] == pytest.approx(0.701, abs=0.001)  # Wilson, 10 of 20
    ignited = sum(course.ignited >= 0 for course in silent)
    assert texts.against(silent, silent) == (0, 0) and texts.ignitions(silent).share == ignited / len(silent)
