"""What if, in a real browser: one question, two worlds in step, and what becomes of one consumer in each."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator import simulate
from tests.browser.test_live import LIVE, day, day_is, figures, go_to
from tests.browser.visiting import PROJECTOR, WIDE, cut_off, ink, picture, shown_on

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]

TWO = '.wom-stage[data-worlds="2"]'


def asked(page: Any, on: int) -> None:
    """The question: a scandal on that day; answered, and standing still."""
    go_to(page, on)
    ask = page.get_by_role("button", name=f"Scandal on day {on}")
    ask.click()
    page.wait_for_selector(TWO)
    ask.wait_for(state="detached")  # until then the space bar is its own
    page.wait_for_selector(".wom-stage[data-playing=true]")
    page.keyboard.press("Space")
    page.wait_for_selector(".wom-stage[data-playing=false]")
    page.wait_for_timeout(300)


def pictured(page: Any) -> list[int]:
    """A number for what each canvas shows: another one for another picture."""
    script = """all => all.map(canvas => { const at = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return at.reduce((sum, value) => (sum * 31 + value) % 1000003, 0); })"""
    found: list[int] = page.eval_on_selector_all(".wom-canvas", script)
    return found


def test_a_question_from_the_live_page_is_played_in_two_worlds_and_rewound(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 20)
    page.click("[data-id=act]")
    page.get_by_text("What if? Go on in two worlds from day 20").click()
    page.wait_for_function("() => location.pathname === '/fork'")
    page.wait_for_selector(f".wom-fork {LIVE}")  # until then the live page stands there, with the same buttons
    day_is(page, "day === 20")
    asked(page, 20)
    go_to(page, 32)
    page.wait_for_selector(".wom-lead")
    assert "consumers are not who they would have been" in page.inner_text(".wom-lead")
    there = pictured(page)
    assert len(there) == 2 and there[0] != there[1]
    before = figures(page)
    assert "difference" in before
    page.get_by_label("back to the start").click()
    day_is(page, "day === 20")
    page.wait_for_timeout(700)
    assert "go apart" in page.inner_text(".wom-lead")
    go_to(page, 32)
    assert figures(page) == before
    page.click("[data-id=change]")
    page.get_by_text("Back to one world").click()
    page.wait_for_selector('.wom-stage[data-worlds="1"]')
    day_is(page, "day === 20")


def test_a_question_outlives_a_change_of_page(visit: Callable[..., Any]) -> None:
    page = visit("/fork", seen=LIVE)
    asked(page, 9)
    go_to(page, 15)
    shown = figures(page)
    page.locator(".wom-room", has_text="Live").click()
    page.wait_for_function("() => location.pathname === '/live'")
    day_is(page, "day === 0")
    page.locator(".wom-room", has_text="What if?").click()
    page.wait_for_selector(TWO)
    assert day(page) == 15 and figures(page) == shown and ink(page) > 10


def test_both_worlds_are_taken_home_and_run_again_to_the_same_figures(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("/fork?scenario=three_eras/silent&seed=4", seen=LIVE)
    asked(page, 9)
    page.click("[data-id=home]")
    for title, name in (("As it is", "as_it_is"), ("What if", "what_if")):
        with page.expect_download() as taken:
            page.get_by_text(f"Save “{title}” as a scenario").click()
        taken.value.save_as(tmp_path / f"{name}.toml")
    page.get_by_text("run.py simulate what_if.toml --seed 4").wait_for()
    go_to(page, 30)
    shown = figures(page)
    for name in ("as_it_is", "what_if"):
        run = simulate(tmp_path / f"{name}.toml", seed=4, until=30)
        assert f"{run.daily[run.daily['brand'] == run.scenario.focal]['units'].sum():,.0f}" in shown


def test_an_event_does_not_happen(visit: Callable[..., Any]) -> None:
    page = visit("/fork?scenario=bad_buzz/six_responses/silence", seen=LIVE)
    page.get_by_role("radio", name="Without").click()
    page.get_by_text("but not: A scandal hits").first.click()
    page.wait_for_selector(TWO)
    page.get_by_text("it does not happen (A scandal hits").first.wait_for()
    day_is(page, "day > 0")  # the words may be there a picture earlier


def test_a_consumer_is_told_about_in_both_worlds_while_they_play(visit: Callable[..., Any]) -> None:
    page = visit("/fork", seen=LIVE)
    asked(page, 9)
    go_to(page, 30)
    page.locator(".wom-canvas").nth(1).focus()
    page.keyboard.press("n")
    page.wait_for_selector(".wom-consumer .wom-table")
    page.click(".wom-consumer [data-id=diary]")
    page.wait_for_selector(".wom-diary li")
    assert "day " in page.inner_text(".wom-diary")
    page.click(".wom-consumer [data-id=other]")
    page.wait_for_selector(".wom-parting")
    assert "The other world: as it is." in page.inner_text(".wom-card-body")
    picture(page, "fork-consumer")
    page.click(".wom-play")
    day_is(page, "day >= 33")
    page.wait_for_function("() => Number(document.querySelector('.wom-card-body').dataset.day) > 30")
    page.click(".wom-close")
    assert not page.is_visible(".wom-consumer")


def test_the_diary_of_a_live_run_is_told_against_the_world_without_the_brand(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 20)
    page.focus(".wom-canvas")
    page.keyboard.press("n")
    page.wait_for_selector(".wom-consumer .wom-table")
    page.click(".wom-consumer [data-id=other]")
    page.get_by_text("but Aurora keeps silent").wait_for()
    page.click(".wom-consumer [data-id=diary]")
    page.wait_for_selector(".wom-diary li")
    picture(page, "live-diary")


def test_it_fits_the_screen_in_light_and_dark(visit: Callable[..., Any]) -> None:
    page = visit("/fork", seen=LIVE)
    asked(page, 40)
    go_to(page, 60)
    overlaps = """() => { const box = (name) => document.querySelector(name).getBoundingClientRect();
        return box('.wom-views').bottom > box('.wom-world').top || box('.wom-world').bottom > box('.wom-legend').top; }"""
    for screen, (language, mode) in itertools.product((PROJECTOR, WIDE), (("en", "light"), ("fr", "dark"))):
        shown_on(page, screen, mode, language)
        picture(page, f"fork-{screen['width']}-{mode}")
        assert cut_off(page) == [] and not page.evaluate(overlaps)
