"""One bad day, twenty times, in a real browser: twenty worlds run, one is opened, and its twin unfolds beside it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.visiting import PROJECTOR, WIDE, cut_off, picture, shown_on

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]

STAGE = ".wom-bad-stage"


def opened(visit: Callable[..., Any], **more: Any) -> Any:
    page = visit("/bad-day", **more)
    ready(page)
    return page


def ready(page: Any, day: str = "0") -> None:
    page.wait_for_selector(f"{STAGE}[data-ready=true][data-day='{day}']", timeout=60_000)


def data(page: Any, name: str) -> int:
    return int(page.get_attribute(STAGE, f"data-{name}"))


def to_the_end(page: Any) -> None:
    page.get_by_label("skip to the end").click()
    ready(page, "60")


def answer(page: Any, name: str) -> None:
    page.locator(".wom-bad-panel").get_by_role("radio", name=name, exact=True).click()


def world(page: Any, number: int = 0) -> Any:
    page.locator(".wom-bad-world").nth(number).click()
    page.wait_for_selector(f"{STAGE}[data-mode=world]")


def test_twenty_worlds_start_together_pause_step_and_go_back(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    assert page.locator(".wom-bad-world").count() == 20 and data(page, "ignited") == 0
    page.keyboard.press("Space")
    page.wait_for_function("() => Number(document.querySelector('.wom-bad-stage').dataset.day) >= 9")
    page.keyboard.press("Space")
    page.wait_for_selector(f"{STAGE}[data-playing=false]")
    here, lit = data(page, "day"), data(page, "ignited")
    page.keyboard.press(".")
    ready(page, str(here + 1))
    page.keyboard.press(",")
    ready(page, str(here))
    assert data(page, "ignited") == lit == page.locator(".wom-bad-world.burning").count()
    page.get_by_label("back to the start").click()
    ready(page)


def test_the_count_has_its_interval_and_is_that_of_the_table(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    to_the_end(page)
    lit = data(page, "ignited")
    assert 0 < lit < 20 and page.locator(".wom-bad-world.dead").count() > 0
    said = page.inner_text(f"{STAGE} [role=status]")
    assert f"{lit} of 20 worlds have ignited." in said and "95% interval" in said
    page.get_by_text("The worlds in figures").click()
    page.locator(".wom-bad-figures td").first.wait_for()
    assert len(re.findall(r"no\t", page.inner_text(".wom-bad-figures"))) == 20 - lit


def test_answers_that_were_tried_are_set_side_by_side(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    to_the_end(page)
    answer(page, "apology")
    ready(page)
    to_the_end(page)
    page.get_by_text("World by world, with the same luck").wait_for()
    assert page.locator(".wom-bad-tries tr").count() == 2
    picture(page, "bad-day-tries")


def test_who_carried_it_is_removed_and_the_twin_unfolds_day_by_day(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    to_the_end(page)
    world(page, 0)
    page.locator(".wom-bad-remove").click()
    page.wait_for_selector(f"{STAGE}[data-mode=twin]", timeout=60_000)
    page.wait_for_function("() => Number(document.querySelector('.wom-bad-stage').dataset.day) >= 12")
    assert page.locator(".wom-bad-pane").count() == 2
    before = data(page, "spared")
    to_the_end(page)
    page.locator(".wom-bad-verdict").wait_for()
    spared, struck = data(page, "spared"), data(page, "struck")
    assert spared >= before and spared > 0
    assert f"{spared} never hear of it any more, {struck} hear of it only there" in page.inner_text(".wom-bad-verdict")
    picture(page, "bad-day-twin")
    page.keyboard.press("Escape")
    page.wait_for_selector(f"{STAGE}[data-mode=twenty]")


def test_an_answer_two_days_later_makes_a_twin_of_its_own(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    to_the_end(page)
    world(page, 0)
    answer(page, "apology")
    page.wait_for_selector(f"{STAGE}[data-mode=twin]", timeout=60_000)
    assert data(page, "day") >= 5
    to_the_end(page)
    page.get_by_text("Answered on day 7: apology.").wait_for()


def test_everything_is_done_by_keyboard(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    to_the_end(page)
    page.locator(".wom-bad-world").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "World 7" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{STAGE}[data-mode=world]")
    before = page.inner_text(".wom-bad-remove")
    page.locator(".wom-bad-pane canvas").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => document.querySelector('.wom-bad-remove').innerText !== before", arg=before)


def test_what_was_tried_survives_a_change_of_page(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    to_the_end(page)
    page.get_by_role("button", name="Live", exact=True).click()
    page.wait_for_selector(STAGE, state="detached")
    page.get_by_role("button", name="One bad day").click()
    ready(page, "60")
    assert page.locator(".wom-bad-tries tr").count() == 1


def test_motion_is_reduced_for_who_asks_for_it(visit: Callable[..., Any]) -> None:
    page = opened(visit, reduced_motion="reduce")
    to_the_end(page)
    world(page, 0)
    page.locator(".wom-bad-remove").click()
    page.wait_for_selector(f"{STAGE}[data-mode=twin]", timeout=60_000)
    page.wait_for_timeout(700)
    assert data(page, "day") == 5


def test_it_fits_the_screen_in_light_and_dark_and_speaks_french(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    to_the_end(page)
    for screen, (language, mode) in itertools.product((PROJECTOR, WIDE), (("en", "light"), ("fr", "dark"))):
        shown_on(page, screen, mode, language)
        picture(page, f"bad-day-{screen['width']}-{mode}")
        assert data(page, "day") == 60
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight")
        assert cut_off(page) == []
