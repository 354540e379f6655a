"""The bad buzz page in a real browser: a story replayed, a teller removed, an answer given earlier, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.test_accessibility import broken
from tests.browser.visiting import WIDE, picture

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]

STAGE = ".wom-bad-buzz-stage"
STILL = f"{STAGE}[data-running=false]"
LATER = 60_000


def opened(visit: Callable[..., Any], query: str = "/bad-buzz", **more: Any) -> Any:
    """The page with the story of a scandal to which nothing is said."""
    page = visit(query, seen=".wom-bad-buzz-offers", **more)
    page.locator(".wom-bad-buzz-offer", has_text="One scandal, six answers").locator("button", has_text="Silence").click()
    page.wait_for_selector(f"{STAGE}[data-moment]", timeout=LATER)
    return page


def moment(page: Any) -> float:
    return float(page.get_attribute(STAGE, "data-moment"))


def choose_teller(page: Any, row: int = 0) -> str:
    """Its number."""
    button = page.locator(".wom-bad-buzz-body .wom-bad-buzz-pick tbody button").nth(row)
    name: str = button.inner_text()
    button.click()
    page.get_by_text("says nothing more about Aurora").wait_for()
    return name.rpartition(" ")[2]


def unfold(page: Any) -> None:
    page.get_by_role("button", name="See the other world").click()
    page.wait_for_selector(".wom-bad-buzz-outcome", timeout=LATER)


def test_a_story_is_replayed_and_a_teller_removed(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    assert "six_responses" in page.url
    page.wait_for_function(f"() => Number(document.querySelector('{STAGE}').dataset.moment) > 30")
    page.keyboard.press("Tab")
    page.wait_for_selector(STILL, timeout=LATER)
    page.get_by_text("Scandal about Aurora").wait_for()
    picture(page, "bad_buzz")
    teller = choose_teller(page)
    unfold(page)
    page.get_by_text(f"Without consumer {teller} from day 28 on").wait_for()
    spared = page.locator(".wom-bad-buzz-counter b").first.inner_text()
    assert int(spared.replace(",", "")) > 20
    page.wait_for_selector(STILL, timeout=LATER)
    picture(page, "bad_buzz_twin")
    assert page.evaluate(
        "() => document.querySelector('.wom-bad-buzz-right').scrollWidth <= document.querySelector('.wom-bad-buzz-right').clientWidth"
    )
    page.get_by_text("Put the other world away").click()
    page.wait_for_selector(".wom-bad-buzz-outcome", state="detached")


def test_an_answer_is_given_and_what_was_chosen_survives_a_change_of_page(visit: Callable[..., Any]) -> None:
    page = opened(visit)
    page.get_by_role("tab", name="What if?").click()
    page.get_by_role("radio", name="Answer it").click()
    page.get_by_role("radio", name="empathy").click()
    page.locator(".wom-bad-buzz-when", has_text="on day 29").or_(page.get_by_label("a day later")).first.wait_for()
    page.get_by_label("a day later").click()
    page.wait_for_function("() => document.querySelector('.wom-bad-buzz-when b').textContent === '30'")
    unfold(page)
    page.get_by_text("Empathy on day 30").wait_for()
    before = page.inner_text(".wom-bad-buzz-outcome")
    page.get_by_role("button", name="Live", exact=True).click()
    page.wait_for_selector(".wom-stage[data-frame]")
    page.get_by_role("button", name="Bad buzz", exact=True).click()
    page.wait_for_selector(".wom-bad-buzz-outcome")
    assert page.inner_text(".wom-bad-buzz-outcome") == before
    page.locator(".wom-segments button", has_text="FR").click()
    page.wait_for_function("() => document.documentElement.lang === 'fr'")
    picture(page, "bad_buzz_french")


def test_a_story_and_its_twin_break_no_rule_of_accessibility(visit: Callable[..., Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: pip install 'world-of-mouth[test]'")
    page = opened(visit, reduced_motion="reduce")
    assert broken(axe, page) == []
    choose_teller(page)
    unfold(page)
    page.locator(".wom-theme").click()
    page.wait_for_timeout(500)
    assert broken(axe, page) == []


def test_it_is_used_by_keys_and_moves_only_when_asked_to(visit: Callable[..., Any]) -> None:
    page = opened(visit, reduced_motion="reduce", viewport=WIDE)
    assert page.get_attribute(STAGE, "data-running") == "false"
    last = moment(page)
    assert last > 28
    page.focus(".wom-bad-buzz-tree")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => Number(document.querySelector('{STAGE}').dataset.moment) === {last - 1}")
    stories = page.locator(".wom-bad-buzz-lists .wom-bad-buzz-pick").nth(1)
    stories.locator("button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.wom-bad-buzz-head h2').textContent.startsWith('Scandal')")
    assert "consumers in" in (page.get_attribute(".wom-bad-buzz-tree", "aria-label") or "")
    picture(page, "bad_buzz_small_story_wide")


def test_a_teller_is_clicked_in_the_picture(visit: Callable[..., Any]) -> None:
    page = opened(visit, reduced_motion="reduce")
    box = page.locator(".wom-bad-buzz-tree").bounding_box()
    cx, cy = box["x"] + box["width"] / 2, box["y"] + 34 + (box["height"] - 34) / 2
    for step in range(60):  # from the middle outwards until somebody is met
        page.mouse.move(cx + 12 + 2 * step, cy)
        if page.locator(".wom-bad-buzz-stage .wom-tip").is_visible():
            break
    said = page.inner_text(".wom-bad-buzz-stage .wom-tip")
    page.mouse.click(cx + 12 + 2 * step, cy)
    page.get_by_text("says nothing more about Aurora").wait_for()
    assert said.split(" ·")[0].capitalize() in page.inner_text(".wom-bad-buzz-body")
