"""The guided session in a real browser: as a facilitator drives it, with the keyboard, in front of a room."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.app.story.steps import STEPS
from simulator.app.story.worlds import keep, made
from tests.browser.visiting import PROJECTOR, WIDE, end, picture, shown_on, started

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]

STARTS_WITHIN = 2.0
"""Seconds: a step whose worlds are prepared."""

OUTSIDE = """() => [...document.querySelectorAll('.wom-story *')].filter((each) => each.offsetParent && !each.closest('.wom-unseen')
    && !each.closest('.wom-story-canvas') && !each.closest('.wom-story-keys')
    && (each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().bottom > innerHeight + 1))
    .map((each) => each.className)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("story")  # of its own: some worlds are not to be there
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORLD_OF_MOUTH_CACHE", str(folder))
        for worlds in made([STEPS["shout"], STEPS["one_bad_day"]]):  # the others are left to the page
            keep(worlds)
    server, address = started(folder)
    yield address
    end(server)


def seen(page: Any) -> None:
    page.wait_for_selector(".wom-story-answer")
    page.wait_for_selector(".wom-story-canvas .wom-stage[data-frame]")


def run(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wom-story-worlds[data-playing=true]")


def told(page: Any) -> str:
    page.keyboard.press("s")
    page.wait_for_selector(".wom-story-headline")
    text: str = page.inner_text(".wom-story-said")
    return text


def test_a_step_is_predicted_run_and_explained(visit: Callable[..., Any]) -> None:
    page = visit("/")
    seen(page)
    picture(page, "story-asked")
    for place, hands in enumerate((7, 9, 4, 0)):
        page.locator(".wom-story-hands").nth(place).fill(str(hands))
    page.wait_for_function("() => document.querySelectorAll('.wom-story-bar')[2].style.width === '100%'")
    begun = time.monotonic()
    run(page)
    assert time.monotonic() - begun < STARTS_WITHIN
    page.wait_for_function("() => Number(document.querySelector('.wom-story-worlds').dataset.day) >= 5")
    drawn = page.get_attribute(".wom-story-canvas .wom-stage", "data-day")
    assert int(drawn) >= 1  # the graph goes with the curves
    said = told(page)
    assert "of 20 worlds (95% interval" in said or "Cannot tell" in said
    assert "of 20 hands had it right" in said or "20 hands were counted" in said
    assert "Mean trust in Aurora" in said and page.evaluate(OUTSIDE) == []
    picture(page, "story-told")
    page.get_by_text("Table").click()
    assert page.locator(".wom-story-table td").count() == 3


def test_it_is_driven_by_keys_which_an_input_keeps_to_itself(visit: Callable[..., Any]) -> None:
    page = visit("/")
    seen(page)
    page.locator(".wom-story-hands").first.press("n")
    page.locator(".wom-story-hands").first.press("ArrowRight")
    assert "Step 1 of 7" in page.inner_text(".wom-story-asked")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_text("run the twenty worlds").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.wait_for_function("() => document.querySelector('.wom-story-time').textContent === '4:58'")
    page.keyboard.press("t")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_text("Step 4 of 7").wait_for()
    seen(page)
    run(page)
    told(page)
    page.keyboard.press("r")
    page.get_by_text("What is compared", exact=True).wait_for()
    page.keyboard.press("p")
    page.get_by_text("Step 3 of 7").wait_for()


def test_step_hands_and_end_outlive_another_page_and_another_language(visit: Callable[..., Any]) -> None:
    page = visit("/")
    seen(page)
    page.locator(".wom-story-hands").nth(1).fill("11")
    run(page)
    told(page)
    page.locator(".wom-room").nth(1).click()
    page.wait_for_selector(".wom-story", state="detached")
    page.locator(".wom-room").first.click()
    page.wait_for_selector(".wom-story-headline")
    assert page.locator(".wom-story-hands").nth(1).input_value() == "11"
    page.wait_for_selector(".wom-story-worlds[data-day='84']")
    page.locator(".wom-settings").get_by_text("FR").click()
    page.wait_for_function("() => document.documentElement.lang === 'fr'")
    page.wait_for_selector(".wom-story-headline")
    assert page.locator(".wom-story-hands").nth(1).input_value() == "11"


def test_worlds_that_are_not_prepared_are_made_while_the_page_goes_on(visit: Callable[..., Any]) -> None:
    page = visit("/")
    seen(page)
    page.keyboard.press("n")
    page.wait_for_selector(".wom-story-making")
    page.keyboard.press("Enter")
    begun = time.monotonic()
    page.keyboard.press("?")
    page.get_by_text("run the twenty worlds").wait_for()
    page.keyboard.press("Escape")
    assert time.monotonic() - begun < 2
    page.wait_for_selector(".wom-story-worlds[data-playing=true]", timeout=180_000)
    assert "of 20 worlds" in told(page) or "Cannot tell" in told(page)


def test_the_room_makes_a_plan_and_takes_a_page_home(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("/")
    seen(page)
    page.locator(".wom-story-hands").first.fill("3")
    run(page)
    told(page)
    page.locator(".wom-story-tab").nth(6).click()
    page.get_by_text("Make a plan").wait_for()
    page.locator(".wom-story-plan").get_by_text("four times").click()
    page.get_by_text("budget: four times").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wom-story-worlds[data-playing=true]", timeout=240_000)
    told(page)
    page.locator(".wom-story-tab").nth(7).click()
    page.frame_locator(".wom-story-paper").get_by_text("What we predicted, what happened").wait_for()
    picture(page, "story-away")
    with page.expect_download() as taken:
        page.get_by_text("Download this page").click()
    taken.value.save_as(tmp_path / "taken.html")
    html = (tmp_path / "taken.html").read_text(encoding="utf-8")
    assert html.count("<article>") == 2 and "budget: four times" in html and "<script" not in html


def test_who_wants_no_motion_sees_the_end_at_once(visit: Callable[..., Any]) -> None:
    page = visit("/", reduced_motion="reduce")
    seen(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(".wom-story-headline", timeout=10_000)
    assert page.get_attribute(".wom-story-worlds", "data-day") == "84"


def test_all_stands_on_one_screen_in_light_and_dark(visit: Callable[..., Any]) -> None:
    page = visit("/")
    for place in (0, 3):
        page.locator(".wom-story-tab").nth(place).click()
        seen(page)
        for said in (False, True):
            if said:
                run(page)
                told(page)
            for screen, (language, mode) in itertools.product((PROJECTOR, WIDE), (("en", "light"), ("fr", "dark"))):
                shown_on(page, screen, mode, language)
                assert page.evaluate(OUTSIDE) == []
                picture(page, f"story-{place}-{'told' if said else 'asked'}-{screen['width']}-{mode}")
