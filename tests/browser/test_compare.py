"""The page that compares, as a visitor uses it: chosen, brought, changed, run in the background, cancelled, read and taken home."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.visiting import PHONE, PROJECTOR, WIDE, cut_off, picture, shown_on

GO = ".wom-compare-go"
HOSTILE = "<img src=x onerror=window.hurt=1>"
SMALL = 'base = "three_eras/{}"\ntitle = "{}"\n[population]\nsize = 300\n[run]\ndays = 35\n'

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]


def bring(page: Any, folder: Path, base: str, title: str) -> None:
    path = folder / f"{base}.toml"
    path.write_text(SMALL.format(base, title), encoding="utf-8")
    page.wait_for_selector(".wom-compare-pick:enabled")
    page.set_input_files("input[type=file]", path)
    page.locator(".wom-compare-item", has_text=title).wait_for()


def small_pair(page: Any, folder: Path, worlds: str = "6") -> None:
    page.get_by_label("take Interruption off").click()
    page.get_by_role("radio", name="Your own").click()
    bring(page, folder, "silent", "Quiet")
    bring(page, folder, "interruption", HOSTILE)
    page.get_by_role("radio", name=worlds, exact=True).click()


def test_two_scenarios_are_compared_read_and_taken_home(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("/compare?seed=3", seen=GO)
    small_pair(page, tmp_path)
    page.get_by_role("button", name="Compare 2 scenarios").click()
    page.wait_for_selector(".wom-print-figure svg", timeout=120_000)
    headline = page.inner_text(".wom-print-head h2")
    assert headline.startswith("In this model, after 5 weeks") and "6 paired worlds (seeds 3 to 8)" in page.inner_text(".wom-print-deck")
    assert HOSTILE in page.inner_text(".wom-print-side") and page.evaluate("window.hurt === undefined")
    assert page.locator(".wom-print-verdict").count() == 5 and page.locator(".wom-print-figure svg").count() == 4
    figure = page.locator(".wom-print-figure").first
    assert HOSTILE in figure.locator("svg").get_attribute("aria-label")
    figure.locator("svg").focus()
    page.keyboard.press("End")
    assert "day 35" in figure.locator("[aria-live]").inner_text()
    figure.get_by_role("button", name="table").click()
    assert figure.locator("tbody tr").last.locator("th").inner_text() == "35"
    page.get_by_role("radio", name="Key figures").click()
    page.locator(".wom-print-table").get_by_text("Profit (EUR)").wait_for()
    page.get_by_role("button", name="Report").wait_for(timeout=60_000)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Report").click()
    report = Path(taken.value.path()).read_text(encoding="utf-8")
    assert headline.removesuffix(".") in report.replace("&lt;", "<").replace("&gt;", ">") and HOSTILE not in report
    with page.expect_download() as taken:
        page.get_by_role("button", name="Data").click()
    with zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes())) as packed:
        assert {"verdicts.csv", "scenarios/1.toml", "scenarios/2.toml"} <= set(packed.namelist())
    page.get_by_role("radio", name="FR", exact=True).click()
    page.locator(".wom-print-table").get_by_text("Couverture").wait_for()
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.locator(".wom-compare-new").click()
    page.wait_for_selector(GO)
    assert page.locator(".wom-compare-item").count() == 2


def test_a_comparison_outlives_a_change_of_page_and_is_cancelled(visit: Callable[..., Any]) -> None:
    page = visit("/compare", seen=GO)
    page.get_by_role("button", name="Permission", exact=True).click()
    page.get_by_role("radio", name="60", exact=True).click()
    page.get_by_role("button", name="Compare 2 scenarios").click()
    page.wait_for_function("() => Number(document.querySelector('.wom-compare-bar')?.ariaValueNow) > 0", timeout=60_000)
    page.get_by_role("button", name="Live", exact=True).click()
    page.wait_for_selector(".wom-stage[data-frame]")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_selector(".wom-compare-bar")
    other = visit("/compare", seen=GO)
    other.get_by_role("button", name="Mixed", exact=True).click()
    other.get_by_role("button", name="Compare 2 scenarios").click()
    other.get_by_text("You are number 1 in the queue").wait_for()
    picture(other, "compare-queue")
    other.get_by_role("button", name="Cancel").click()
    other.wait_for_selector(GO)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Compare 2 scenarios").wait_for()
    assert page.locator(".wom-compare-item").count() == 2


def test_what_is_wrong_with_a_file_is_said_by_line_and_nothing_large_travels(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("/compare", seen=GO)
    page.get_by_role("radio", name="Your own").click()
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        f'base = "three_eras/silent"\ntitle = "{HOSTILE}"\n[network]\nkind = "file"\npath = "../../etc/passwd"\n[run]\ndays = -3\n'
    )
    page.set_input_files("input[type=file]", wrong)
    page.wait_for_selector(".wom-compare-problem")
    shown = page.locator(".wom-compare-wrong").inner_text()
    assert (
        "5" in shown and 'path = "../../etc/passwd"' in shown and "cannot name files of this machine" in shown and "run.days: -3" in shown
    )
    picture(page, "compare-wrong")
    wrong.write_text('base = "../../../etc/passwd"\n')
    page.set_input_files("input[type=file]", wrong)
    page.get_by_text('unknown bundled scenario "../../../etc/passwd"').wait_for()
    huge = tmp_path / "huge.toml"
    with huge.open("wb") as file:
        file.truncate(100_000_000)
    page.set_input_files("input[type=file]", huge)
    page.get_by_text("huge.toml has 100,000 kB; a scenario file may have at most 256 kB.").wait_for()
    wrong.write_text('base = "three_eras/silent"\n[population]\nsize = 1000000000\n')
    page.set_input_files("input[type=file]", wrong)
    page.get_by_text("at most 50,000").last.wait_for()
    assert page.locator(".wom-compare-item").count() == 1


def test_levers_are_changed_and_the_variant_is_taken_home(visit: Callable[..., Any]) -> None:
    page = visit("/compare", seen=GO)
    page.get_by_role("radio", name="Change levers").click()
    page.get_by_role("radio", name="permission").click()
    page.get_by_label("Name of the variant").fill("Letters only")
    page.get_by_text("Newsletters", exact=True).wait_for()
    page.get_by_role("button", name="Add this variant").click()
    page.locator(".wom-compare-item", has_text="Letters only").wait_for()
    page.get_by_role("radio", name="Your own (1)").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="TOML").click()
    assert 'kind = "permission"' in Path(taken.value.path()).read_text(encoding="utf-8")


def test_everything_fits_the_screen_in_light_and_dark(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("/compare?language=en", seen=GO)
    for screen in (WIDE, PHONE, PROJECTOR):
        shown_on(page, screen)
        picture(page, f"compare-{screen['width']}-choice")
    small_pair(page, tmp_path, "2")
    page.get_by_role("button", name="Compare 2 scenarios").click()
    page.wait_for_selector(".wom-print-figure svg", timeout=120_000)
    for side in ("Front page", "Key figures", "Curves", "What would change it"):
        page.get_by_role("radio", name=side).click()
        for screen in (PROJECTOR, WIDE, PHONE):
            shown_on(page, screen)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert screen == PHONE or cut_off(page) == []
            picture(page, f"compare-{screen['width']}-{side.split()[0].lower()}")
    page.get_by_role("radio", name="Front page").click()
    for screen in (PROJECTOR, WIDE, PHONE):
        shown_on(page, screen, "dark")
        picture(page, f"compare-{screen['width']}-dark")
