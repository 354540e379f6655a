"""The shell round the pages: a page that breaks is a sentence, not a traceback, and takes nothing else with it."""

from __future__ import annotations

from collections.abc import Callable

import ipyvuetify
import pytest
import reacton
import solara

from simulator.app import pages
from simulator.app.address import Address
from simulator.app.turns import Turns
from simulator.app.visit import HOME, ROOMS, Visit, path_of, room_of


def test_paths_and_pages_are_one_to_one() -> None:
    assert [room_of(path_of(room)) for room in ROOMS] == list(ROOMS)
    assert room_of("/nowhere") == room_of("") == HOME


def visit() -> Visit:
    return Visit(Turns(1), Address(), changed=lambda: None, awake=lambda: None, push=lambda path: None)


def test_a_page_that_breaks_says_so_and_can_be_opened_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    well = False

    @solara.component
    def Fragile(visit: Visit, language: str, version: int) -> None:
        solara.Text("well" if well else str(1 / 0))

    monkeypatch.setitem(pages.PAGES, HOME, Fragile)
    box, shown = reacton.render(pages.Shown(visit(), HOME, "en", 0), handle_error=False)
    shown.find(children=["Something went wrong on this page. Open it again; if it happens again, please report it."]).assert_single()
    assert "a page broke down" in caplog.text and "ZeroDivisionError" not in str(box)
    well = True
    shown.find(ipyvuetify.Btn).widget.click()
    shown.find(children=["well"]).assert_single()
    shown.close()


def test_whatever_a_visitor_keeps_is_closed_when_she_leaves_even_if_one_thing_fails() -> None:
    class Thing:
        def __init__(self, said: Callable[[], None]) -> None:
            self.close = said

    closed: list[str] = []

    def fails() -> None:
        raise OSError("gone")

    one = visit()
    one.kept |= {"a": Thing(fails), "b": Thing(lambda: closed.append("b")), "c": 3}
    one.close()
    one.close()
    assert closed == ["b"] and one.kept == {}
