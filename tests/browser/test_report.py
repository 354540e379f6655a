"""A report in a real browser with the network off: on a screen, on a phone, and on A4."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.report import page as pages
from simulator.report.page import write_report
from tests.report.made_up import EVIL, with_bad_buzz

pytestmark = pytest.mark.browser

PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LAST = "The last of what would change the answer."
LONG = "What happens to reach, trust, sales and the risk of a bad buzz if the same money goes into another era of marketing? " * 2


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In French, which takes more room."""
    made = with_bad_buzz(("silent", EVIL, "a name as long as names of scenarios may well be in life", "interaction"), title=LONG[:200])
    many = [f"{LONG[:180]}." for _ in range(4)] + [LAST]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "what_would_change_it", lambda _: many)
        return write_report(made, tmp_path_factory.mktemp("report"), title=EVIL, command="run", lang="fr", beside=False)


@pytest.fixture
def shown(browser: Any, report: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page, without a network; whatever it complains about or asks for is remembered."""
    context = browser.new_context(viewport=getattr(request, "param", SCREEN), offline=True)
    page = context.new_page()
    page.complaints, page.asked = [], []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.goto(report.as_uri())
    yield page
    context.close()


@pytest.mark.parametrize("shown", [SCREEN, PHONE], indirect=True)
def test_everything_is_seen_and_nothing_is_asked_for(shown: Any, report: Path) -> None:
    assert shown.asked == [report.as_uri()]
    assert shown.complaints == []
    drawings = shown.locator("[role=img] svg")
    assert drawings.count() >= 12
    boxes = [drawing.bounding_box() for drawing in drawings.all()]
    assert all(box and box["width"] > 200 and box["height"] > 100 for box in boxes)
    assert shown.locator("h1").inner_text() == EVIL  # a script in a title is text
    assert all(each.is_visible() for each in shown.locator("section, table, .aside, .colophon").all())


@pytest.mark.parametrize("shown", [SCREEN, PHONE], indirect=True)
def test_the_page_does_not_scroll_sideways(shown: Any) -> None:
    width = shown.viewport_size["width"]
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    outside = """() => [...document.querySelectorAll("body *")].filter(each => !each.closest(".wide, .whole, svg, script")
        && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.className || each.tagName)"""
    assert shown.evaluate(outside) == []


def test_letters_are_large_enough_to_read_on_a_phone(browser: Any, report: Path) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(report.as_uri())
    sizes = page.evaluate("""() => [...document.querySelectorAll(".front svg text, .figures figure:not(.whole) svg text")]
        .map(each => each.getBoundingClientRect().height).filter(height => height > 0)""")
    assert min(sizes) > 7.5
    page.close()


def test_the_first_sheet_of_a4_holds_exactly_the_one_pager(shown: Any, report: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(io.BytesIO(shown.pdf(prefer_css_page_size=True)))
    try:
        width, height = document[0].get_size()
        assert (round(width), round(height)) == (595, 842)
        sheets = [" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in document]
    finally:
        document.close()
    world = shown.locator(".masthead").inner_text().split(" · ")[-2].split()[-1]
    assert len(sheets) > 3
    assert all(world in sheet for sheet in sheets)  # on every sheet, in its foot
    assert "world-of-mouth 0" in sheets[0]  # the last words of the one-pager
    second = shown.locator("main h2").first.inner_text()
    assert second not in sheets[0]
    assert LAST in sheets[0]
    assert second in sheets[1]
