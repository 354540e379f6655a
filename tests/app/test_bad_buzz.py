"""The bad buzz page: its picture has everybody once, its words come from the numbers, its twin is played beside the run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from simulator import Scenario
from simulator.app.address import Address
from simulator.app.bad_buzz import told
from simulator.app.bad_buzz.room import Room, room_of
from simulator.app.bad_buzz.tree_canvas import NEVER, picture_of
from simulator.app.player import MOST_ORDERS
from simulator.app.turns import Turns
from simulator.app.visit import Visit
from simulator.experiments.live import LiveRun
from simulator.experiments.stories import Answer, Blame, Difference, Silence, Story, blame_of, difference, played, story_of
from simulator.language import LANGUAGES, speaking
from simulator.world.state import ORIGINS
from tests.app.waiting import within
from tests.laws.markets import BUSY, busy, scenario

until = within(20.0)


@pytest.fixture(scope="module")
def market() -> Scenario:
    return scenario(busy({"events": [event for event in BUSY["events"] if event["kind"] != "falls_silent"]}))


@pytest.fixture(scope="module")
def over(market: Scenario) -> LiveRun:
    live = LiveRun(market, 3)
    live.go_to(live.days)
    return live


@pytest.fixture(scope="module")
def blame(over: LiveRun) -> Blame:
    return blame_of(over)


@pytest.fixture(scope="module")
def story(blame: Blame) -> Story:
    found = story_of(blame, int(blame.largest["key"].iloc[0]))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def twin(over: LiveRun, blame: Blame, story: Story) -> Difference:
    top = int(story.top(1)[0])
    change, fork = Silence(story.brand, int(story.day[top]), int(story.consumer[top])), over.fork()
    list(played(fork, change, change.consumer, blame.day, 9))
    return difference(change, blame, blame_of(fork), story)


# -- the picture -------------------------------------------------------------------------------------------------------


def test_everybody_stands_once_in_the_picture_behind_her_teller(story: Story) -> None:
    picture = picture_of(story)
    assert sorted(picture.consumers.tolist()) == sorted(story.consumer.tolist())
    days, parents = picture.days[0], picture.parents[0]
    far = np.hypot(*picture.points.T)
    heard = parents >= 0
    assert (days[heard] >= days[parents[heard]]).all() and (far[heard] > far[parents[heard]]).all()
    assert far.max() == pytest.approx(1.0, abs=1e-5) and picture.told[0].sum() == heard.sum()


def test_in_both_worlds_one_stands_in_the_same_place(twin: Difference, story: Story) -> None:
    alone, both = picture_of(story), picture_of(story, twin.twin, True)
    assert both.consumers[: len(alone.consumers)].tolist() == alone.consumers.tolist()
    here, there = both.days != NEVER
    assert set(both.consumers[here & ~there]) >= set(twin.spared) and set(both.consumers[there & ~here]) >= set(twin.reached_instead)
    assert len(set(both.consumers.tolist())) == len(both.consumers)
    parents, told_there = both.parents[1], both.told[1]
    assert np.bincount(parents[parents >= 0], minlength=len(told_there)).tolist() == told_there.tolist()
    assert np.hypot(*both.points.T).max() <= 1.0 + 1e-5


def test_a_twin_in_which_it_is_never_told_is_all_ghosts(story: Story) -> None:
    picture = picture_of(story, None, True)
    assert picture.days.shape == (2, len(story.consumer)) and (picture.days[1] == NEVER).all() and not picture.told[1].any()


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_said_in_every_language(language: str, blame: Blame, story: Story, twin: Difference) -> None:
    with speaking(language):
        assert len(told.story_lines(blame)) == len(blame.largest) and told.teller_lines(story, blame)
        assert all(line.id.isdecimal() for line in (*told.episode_lines(blame), *told.story_lines(blame)))
        assert len(told.figures(story, blame)) == 4
        for text in (told.headline(story), told.lead(story, blame), told.meaning(story), told.carried_by(story), told.outcome(twin)):
            assert text and "{" not in text
        assert [len(row) for row in told.outcome_rows(twin)] == [4] * 4
        status = told.status_of(story, twin)
        assert len(status["curves"]) == len(status["worlds"]) == 2 and len(status["curves"][0]) == len(status["curves"][1])
        assert len(told.curve_rows(story, twin)) == len(status["curves"][0])


def test_what_is_said_are_the_numbers(blame: Blame, story: Story, twin: Difference) -> None:
    assert told.figures(story, blame)[0].value == str(len(story.heard))
    rows = {name: values for name, *values in told.outcome_rows(twin)}
    gap = twin.heard[1] - twin.heard[0]
    assert rows["Heard the story"] == [str(twin.heard[0]), str(twin.heard[1]), f"{gap:+}"] and gap == len(twin.reached_instead) - len(
        twin.spared
    )
    assert f"{len(twin.spared)} never hear of it" in told.outcome(twin)
    status = told.status_of(story, twin)
    assert (status["curves"][0][-1], status["curves"][1][-1]) == twin.heard


def test_every_origin_and_every_answer_has_a_name() -> None:
    assert set(told.ORIGIN_NAMES) == set(ORIGINS)


# -- the room ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(market: Scenario, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Visit]:
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path))
    monkeypatch.setattr("simulator.app.live.desk.load_scenario", lambda path: market)
    visit = Visit(Turns(1), Address("three_eras/silent", 3), changed=lambda: None, awake=lambda: None, push=lambda path: None)
    until(lambda: visit.desk.ready and visit.desk.scenario is not None)
    yield visit
    visit.close()


@pytest.fixture
def room(visit: Visit) -> Room:
    """At the end of the run, with its stories."""
    room = room_of(visit)
    room.hurry()
    until(lambda: visit.desk.finished)
    room.look()
    until(lambda: room.story is not None)
    return room


def test_a_room_begins_with_the_worst_and_survives_a_change_of_page(visit: Visit, room: Room, blame: Blame) -> None:
    assert room.blame is not None and room.blame.messages.equals(blame.messages)
    assert not room.hurrying and room_of(visit) is room
    story = room.story
    room.look()  # nothing new
    time.sleep(0.05)
    assert room.story is story and room.canvas.status["story"] == str(story.key if story else "")


def test_a_teller_is_chosen_and_removed_and_the_run_itself_stays_as_it_was(visit: Visit, room: Room) -> None:
    story = room.story
    assert story is not None
    chosen = int(story.consumer[story.top(2)[1]])
    room._hear({"kind": "pick", "value": chosen})
    assert (room.teller, room.tab, room.what) == (chosen, "otherwise", "silence")
    before = visit.desk.scenario
    room.unfold()
    until(lambda: room.twin is not None)
    assert room.twin is not None and room.twin.change == Silence(story.brand, int(story.day[story.consumer == chosen][0]), chosen)
    until(lambda: len(room.canvas.status["worlds"]) == 2)
    assert room.canvas.status["removed"] >= 0
    assert visit.desk.scenario is before and visit.desk.finished
    room.fold()
    assert room.twin is None and len(room.canvas.status["worlds"]) == 1


def test_an_answer_can_be_given_earlier(room: Room) -> None:
    assert room.blame is not None
    scandal = room.blame.messages[(room.blame.messages["origin"] == "scandal") & (room.blame.messages["brand"] == "Aurora")]
    key = int(scandal["key"].iloc[0])
    room.choose(key)
    until(lambda: room.story is not None and room.story.key == key)
    room.consider("answer")
    assert room.given == (7, "denial") and room.answer == "denial" and room.answerable
    room.set_answer("empathy")
    room.set_day(6)
    room.unfold()
    until(lambda: room.twin is not None)
    assert room.twin is not None and room.twin.change == Answer("Aurora", 6, "empathy", 6)


def test_everyday_talk_cannot_be_answered(room: Room) -> None:
    assert room.blame is not None
    room.set_day(2)
    room.what = "answer"
    assert not room.answerable and room.last_day == room.blame.day - 1


@pytest.mark.parametrize(
    "sent",
    [None, 7, "pick", {}, {"kind": "pick"}, {"kind": "pick", "value": "1"}, {"kind": "pick", "value": True}, {"kind": "pick", "value": -5},
     {"kind": "pick", "value": 10**30}, {"kind": "other", "value": 1}],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_passed_over(sent: Any) -> None:
    class Nobody:
        address, desk, turns = Address(), None, Turns(1)
        awake = changed = staticmethod(lambda: None)

    room = Room(Nobody())  # type: ignore[arg-type]  # as much of a visit as it needs
    room._hear(sent)
    assert room.teller == -1 and room.tab == "story"
    room.close()


def test_who_rewinds_reads_another_run(visit: Visit, room: Room) -> None:
    visit.desk.player.go_to(3)
    until(lambda: visit.desk.day == 3)
    room.look()
    until(lambda: room.blame is not None and room.blame.day == 3)
    until(lambda: room.story is None or room.story.began < 3)


def test_who_opens_another_run_while_one_is_hurried_is_not_kept_waiting(visit: Visit, room: Room) -> None:
    visit.desk.player.go_to(0)
    until(lambda: visit.desk.day == 0)
    with visit.turns.turn():  # both are asked for before the first is done
        room.hurry()
        visit.desk.open(Address("three_eras/silent", 4))
    until(lambda: visit.desk.ready and visit.desk.day == 0 and visit.desk.player.live is not None and visit.desk.player.live.seed == 4)

    def settled() -> bool:
        room.look()
        return not room.hurrying

    until(settled)
    assert visit.desk.day == 0  # it is the other run that was hurried


def test_what_is_asked_behind_a_flood_of_orders_can_be_asked_again(visit: Visit, room: Room) -> None:
    visit.desk.player.go_to(3)
    until(lambda: visit.desk.day == 3)
    with visit.turns.turn():
        for _ in range(MOST_ORDERS + 2):
            visit.desk.player.pause()
        room.hurry()
        room.look()
        room.unfold()
        assert not room.hurrying and room.progress is None

    def read() -> bool:
        room.look()
        return room.blame is not None and room.blame.day == 3

    until(read)


def test_what_a_strategy_said_by_itself_is_known(blame: Blame, room: Room) -> None:
    """Cirrus answers its crisis by its strategy: no event says so."""
    own = blame.messages[(blame.messages["origin"] == "scandal") & (blame.messages["brand"] == "Cirrus")]
    key = int(own["key"].iloc[0])
    room.choose(key)
    until(lambda: room.story is not None and room.story.key == key)
    assert room.given is None and room.spoken is not None and room.spoken[1] == "empathy"
    room.consider("answer")
    assert room.answer == "empathy" and 8 <= room.day <= room.spoken[0]
