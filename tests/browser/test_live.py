"""The live page in a real browser, as a visitor uses it; no request leaves the machine, nothing is complained about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from simulator import simulate
from tests.browser.visiting import PHONE, PROJECTOR, WIDE, cut_off, end, ink, picture, shown_on, started

LIVE = ".wom-stage[data-frame]"

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]


def day(page: Any) -> int:
    return int(page.get_attribute(".wom-stage", "data-day"))


def day_is(page: Any, condition: str) -> None:
    page.wait_for_function(f"() => {{ const day = Number(document.querySelector('.wom-stage').dataset.day); return {condition}; }}")


def go_to(page: Any, goal: int) -> None:
    page.eval_on_selector(
        ".wom-transport .wom-slider", "(slider, day) => { slider.value = day; slider.dispatchEvent(new Event('change')); }", goal
    )
    day_is(page, f"day === {goal}")
    page.wait_for_timeout(300)


def figures(page: Any) -> str:
    page.click("[data-id=table]")
    page.wait_for_selector(".wom-body .wom-table td")
    text: str = page.inner_text(".wom-body .wom-table")
    return text


def test_it_plays_pauses_steps_and_goes_back_to_the_same_day(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    assert day(page) == 0 and ink(page) > 20
    page.keyboard.press("Space")
    day_is(page, "day >= 8")
    page.keyboard.press("Space")
    page.wait_for_selector(".wom-stage[data-playing=false]")
    page.wait_for_timeout(400)
    here = day(page)
    page.keyboard.press(".")
    day_is(page, f"day === {here + 1}")
    page.wait_for_timeout(400)
    before = figures(page)
    go_to(page, 3)
    assert figures(page) != before
    go_to(page, here + 1)
    assert figures(page) == before
    page.get_by_label("back to the start").click()
    day_is(page, "day === 0")


def test_an_intervention_is_made_logged_and_taken_back(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 9)
    page.click("[data-id=act]")
    page.get_by_role("button", name="Scandal on day 9").click()
    page.wait_for_selector(".wom-mark")
    page.click("[data-id=log]")
    page.get_by_text("A scandal hits Aurora.").wait_for()
    go_to(page, 12)
    page.click("[data-id=act]")
    page.get_by_text("Take back the last intervention").click()
    day_is(page, "day === 9")
    page.wait_for_selector(".wom-mark", state="detached")


def test_a_run_is_taken_home_and_run_again_to_the_same_figures(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("/live?scenario=three_eras/silent&seed=4", seen=LIVE)
    go_to(page, 9)
    page.click("[data-id=act]")
    page.get_by_role("button", name="Scandal on day 9").click()
    page.wait_for_selector(".wom-mark")
    with page.expect_download() as taken:
        page.get_by_text("Save this run as a scenario").click()
    taken.value.save_as(tmp_path / "watched.toml")
    go_to(page, 30)
    shown = figures(page)
    run = simulate(tmp_path / "watched.toml", seed=4, until=30)
    for brand in run.brands:
        assert f"{run.daily[run.daily['brand'] == brand]['units'].sum():,.0f}" in shown


def test_a_strategy_is_switched_with_levers_from_the_schema(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 5)
    page.click("[data-id=levers]")
    page.get_by_text("channel mix: what share of the money goes to which channel").wait_for()
    page.locator(".wom-panel").get_by_text("interaction", exact=True).click()
    page.get_by_text("of public mentions that are detected").wait_for()
    assert page.locator(".wom-evidence", has_text="assumption").count() >= 3
    page.get_by_role("button", name="From day 5 on").click()
    page.get_by_text("It follows interaction now.").wait_for()
    page.click("[data-id=log]")
    page.get_by_text("Aurora turns to interaction.").wait_for()
    picture(page, "levers")


def test_what_is_wrong_is_said_and_nothing_breaks(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 182)
    page.click("[data-id=act]")
    assert page.locator(".wom-panel .wom-submit").is_disabled()
    go_to(page, 181)
    page.wait_for_function("() => !document.querySelector('.wom-panel .wom-submit').disabled")


def test_a_consumer_is_clicked_and_told_about(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    page.focus(".wom-canvas")
    page.keyboard.press("n")
    page.wait_for_selector(".wom-consumer .wom-table")
    assert "Consumer 0" in page.inner_text(".wom-consumer")
    page.keyboard.press("Escape")
    assert not page.is_visible(".wom-consumer")
    for key in ("+", "ArrowLeft", "-", "0"):
        page.keyboard.press(key)
    box = page.locator(".wom-canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    assert ink(page) > 20


def test_every_view_fits_the_screen_in_light_and_dark(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 40)
    for screen in (PROJECTOR, WIDE, PHONE):
        shown_on(page, screen)
        for view in ("Trust", "Awareness", "Loyalty", "Talk of today", "Favourite brand"):
            page.locator(".wom-views").get_by_label(view, exact=True).click()
            page.wait_for_timeout(150)
            assert ink(page) > 10
        page.click("[data-id=curves]")
        for mode in ("light", "dark"):
            shown_on(page, screen, mode)
            picture(page, f"{screen['width']}-{mode}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert screen == PHONE or cut_off(page) == []


def test_the_language_is_switched_in_place_and_the_address_says_so(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 20)
    page.get_by_role("radio", name="FR").click()
    page.wait_for_function("() => location.search.includes('language=fr')")
    assert page.evaluate("document.documentElement.lang") == "fr" and day(page) == 20
    picture(page, "french")


def test_a_link_opens_the_same_world(visit: Callable[..., Any]) -> None:
    query = "/live?scenario=bad_buzz/six_responses/silence&seed=7&language=en"
    first, second = visit(query, seen=LIVE), visit(query, seen=LIVE)
    for page in (first, second):
        go_to(page, 25)
    assert figures(first) == figures(second) != ""
    assert first.evaluate("location.search") == query.removeprefix("/live")


def test_nonsense_in_the_address_opens_the_first_page(visit: Callable[..., Any]) -> None:
    page = visit("/live?scenario=../../../etc/passwd&seed=-3&language=%3Cscript%3E", seen=LIVE)
    assert page.evaluate("location.search") == "?scenario=three_eras/interruption&seed=1&language=en"


def test_motion_is_reduced_for_who_asks_for_it(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE, reduced_motion="reduce")
    go_to(page, 10)
    page.wait_for_timeout(300)
    drawn = page.get_attribute(".wom-stage", "data-drawn")
    page.wait_for_timeout(700)
    assert page.get_attribute(".wom-stage", "data-drawn") == drawn


def test_who_comes_too_late_waits_until_somebody_leaves(visit: Callable[..., Any]) -> None:
    inside = [visit("/live", seen=LIVE) for _ in range(3)]
    late = visit("/live", seen=".wom-waiting-card")
    assert "number 1 in the queue" in late.inner_text(".wom-waiting-card")
    picture(late, "waiting")
    inside[0].close()
    late.wait_for_selector(LIVE)


def test_visitors_do_not_disturb_each_other(visit: Callable[..., Any]) -> None:
    one, other = visit("/live", seen=LIVE), visit("/live", seen=LIVE)
    go_to(one, 9)
    one.click("[data-id=act]")
    one.get_by_role("button", name="Scandal on day 9").click()
    one.wait_for_selector(".wom-mark")
    assert day(other) == 0 and other.locator(".wom-mark").count() == 0


def test_the_model_opens_in_mesas_own_application(browser: Any, tmp_path: Path) -> None:
    server, address = started(tmp_path, "--mesa")
    try:
        page = browser.new_page(viewport=PROJECTOR)
        errors: list[str] = []
        hosts: set[str] = set()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: hosts.add(urlparse(request.url).hostname or ""))
        page.goto(address)
        page.get_by_role("button", name="Step").first.click()
        page.get_by_text("Step: 1").wait_for()
        page.locator("img").first.wait_for()
        picture(page, "mesa")
        page.close()
        assert errors == [] and hosts <= {"", "127.0.0.1"}
    finally:
        end(server)


def test_play_at_the_end_begins_anew(visit: Callable[..., Any]) -> None:
    page = visit("/live", seen=LIVE)
    go_to(page, 182)
    page.focus(".wom-canvas")
    page.keyboard.press("Space")
    day_is(page, "day > 0 && day < 100")
    page.keyboard.press("Space")
    page.wait_for_selector(".wom-stage[data-playing=false]")
