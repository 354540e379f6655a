"""Playing: orders in their order, days in their time, turns for everybody, and a door that counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from simulator import simulate
from simulator.app.player import AHEAD, Player
from simulator.app.turns import Turns
from simulator.app.visitors import MOST, Visitors, most_visitors
from simulator.experiments.live import Happening, LiveRun
from tests.app.waiting import within
from tests.laws.markets import BUSY, scenario

until = within(20.0)

DAYS = BUSY["run"]["days"]


class Page:
    """Looks at every picture, unless it sleeps."""

    def __init__(self) -> None:
        self.days: list[int] = []
        self.said: list[str] = []
        self.asleep = False
        self.player = Player(Turns(2), self.shown, self.said.append)
        self.player.set_speed(500.0)

    def shown(self, player: Player) -> None:
        assert player.live is not None
        self.days.append(player.live.day)
        if not self.asleep:
            player.acknowledge(player.frame)


@pytest.fixture
def page() -> Iterator[Page]:
    page = Page()
    page.player.open(scenario(BUSY), 3)
    yield page
    page.player.close()
    until(lambda: page.player.closed)


def result(page: Page) -> list[float]:
    found: list[list[float]] = []
    page.player.ask(lambda live: found.append(live.result().daily["trust"].tolist()))
    until(lambda: bool(found))
    return found[0]


def test_a_run_plays_to_its_end_and_every_day_is_shown(page: Page) -> None:
    page.player.play()
    until(lambda: page.days[-1:] == [DAYS])
    assert sorted(set(page.days)) == list(range(DAYS + 1)) and not page.player.playing
    assert result(page) == simulate(scenario(BUSY), 3).daily["trust"].tolist()


def test_orders_are_carried_out_one_after_another(page: Page) -> None:
    page.player.go_to(9)
    page.player.intervene(Happening("scandal", "Aurora", {"severity": 0.9}))
    page.player.go_to(DAYS)
    page.player.undo()
    page.player.step()
    until(lambda: page.days[-1:] == [10])
    assert result(page) == simulate(scenario(BUSY), 3, until=10).daily["trust"].tolist()
    assert not page.said


def test_what_is_wrong_is_a_sentence_and_the_run_goes_on(page: Page) -> None:
    page.player.intervene(Happening("scandal", "Nobody", {"severity": 0.9}))
    page.player.undo()
    page.player.ask(lambda live: 1 / 0)  # type: ignore[arg-type, return-value]  # a mistake in the program
    page.player.step()
    until(lambda: page.days[-1:] == [1])
    assert len(page.said) == 3 and "Nobody" in page.said[0] and "Traceback" not in "".join(page.said)


def test_a_page_that_does_not_look_is_waited_for(page: Page) -> None:
    until(lambda: bool(page.days))
    page.asleep = True
    page.player.play()
    time.sleep(0.4)
    assert page.days[-1] <= AHEAD
    page.asleep = False
    page.player.acknowledge(page.player.frame)
    until(lambda: page.days[-1] > AHEAD)


def test_five_hundred_clicks_are_no_more_than_fifty(page: Page) -> None:
    until(lambda: bool(page.days))
    hold = threading.Event()
    page.player.ask(lambda live: None if hold.wait(20) else None)
    for _ in range(500):
        page.player.step()
    hold.set()
    until(lambda: page.days[-1] == DAYS)
    assert len(page.days) < 60


def test_a_closed_player_lets_its_run_go(page: Page) -> None:
    page.player.play()
    page.player.close()
    until(lambda: page.player.closed)
    assert page.player.live is None


def test_who_only_looks_at_the_run_is_sent_no_picture(page: Page) -> None:
    until(lambda: bool(page.days))
    pictures = len(page.days)
    result(page)
    assert len(page.days) == pictures


def test_two_players_do_not_see_each_other() -> None:
    pages = [Page(), Page()]
    for seed, each in enumerate(pages):
        each.player.open(scenario(BUSY), seed)
        each.player.play()
    until(lambda: all(each.days[-1:] == [DAYS] for each in pages))
    for seed, each in enumerate(pages):
        assert result(each) == simulate(scenario(BUSY), seed).daily["trust"].tolist()
        each.player.close()


# -- turns ---------------------------------------------------------------------------------------------------------------


def test_turns_go_round() -> None:
    turns, order = Turns(1), []

    def work(name: int) -> None:
        for _ in range(20):
            with turns.turn():
                order.append(name)
                time.sleep(0.001)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    middle = order[6:45]
    assert all(abs(middle.count(name) - 13) <= 3 for name in range(3))


def test_no_more_than_allowed_compute_at_once_and_errors_give_the_turn_back() -> None:
    turns, inside, most = Turns(2), [0], [0]

    def work() -> None:
        for _ in range(10):
            with pytest.raises(ZeroDivisionError), turns.turn():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.001)
                inside[0] -= 1
                raise ZeroDivisionError

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


# -- the door ------------------------------------------------------------------------------------------------------------


def test_who_comes_when_all_places_are_taken_waits_for_her_turn() -> None:
    door = Visitors(2)
    assert [door.knock(who) for who in "abcd"] == [0, 0, 1, 2]
    door.leave("a")
    assert [door.knock(who) for who in "dc"] == [1, 0]
    assert door.inside == 2 and door.knock("b") == 0
    door.leave("d")
    door.leave("d")
    door.leave("b")
    assert door.knock("e") == 0


def test_who_sleeps_gives_the_place_to_who_waits_and_queues_again() -> None:
    door = Visitors(2, idle=0.05)
    door.knock("sleeps"), door.knock("awake")
    time.sleep(0.08)
    assert door.knock("sleeps") == 0  # nobody waits
    door.is_awake("awake")
    assert door.knock("new") == 0 and door.knock("awake") == 0
    assert door.knock("sleeps") == 1


@pytest.mark.parametrize(("setting", "places"), [("3", 3), ("0", MOST), ("many", MOST), ("", MOST)])
def test_the_number_of_places_is_a_setting(setting: str, places: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_OF_MOUTH_VISITORS", setting)
    assert most_visitors() == places


def test_an_open_run_is_that_of_the_library() -> None:
    live = LiveRun(scenario(BUSY), 3)
    live.go_to(5)
    assert live.result().daily.equals(simulate(scenario(BUSY), 3, until=5).daily)


def test_a_browser_with_many_tabs_leaves_places_to_others() -> None:
    door = Visitors(5, each=2)
    assert [door.knock(f"tab {k}", "one browser") for k in range(4)] == [0, 0, 1, 2]
    assert door.has_enough("one browser") and not door.has_enough("another")
    assert [door.knock(f"other {k}", "another") for k in range(2)] == [0, 0]
    assert door.knock("nobody's") == 0
    door.leave("tab 0")
    assert door.knock("tab 2", "one browser") == 0 and door.knock("tab 3", "one browser") == 1
