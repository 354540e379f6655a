"""The report: whole, self-contained, and nothing in it that a user's text could break."""

from __future__ import annotations

import json
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from simulator import compare
from simulator.parameters import InputError
from simulator.report import page as pages
from simulator.scenario.load import load_scenario
from tests.report.made_up import EVIL, made_up

write_report = partial(pages.write_report, beside=False)


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    VOID = frozenset(("meta", "br", "link", "img", "input", "hr", "path", "use", "circle", "rect"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(made_up(), tmp_path_factory.mktemp("report"), command="python run.py compare a b").read_text(encoding="utf-8")


def test_nothing_is_fetched_from_anywhere(page: str) -> None:
    seen = Page(page)
    assert [attributes for tag, attributes in seen.tags if tag == "script"] == [{"type": "application/json", "id": "recipe"}]  # data
    assert not {"link", "iframe", "img", "object", "embed", "video", "audio", "base", "form"} & {tag for tag, _ in seen.tags}
    for _, attributes in seen.tags:
        for name, value in attributes.items():
            if name in ("src", "srcset", "href", "xlink:href", "action", "data", "poster"):
                assert value is not None
                assert value.startswith("#"), (name, value)
            assert "url(" not in (value or "").replace("url(#", ""), value
            assert not name.startswith("on")
    assert "@import" not in page
    assert "http" not in page.split("</style>")[0]
    assert not any("http" in (value or "") for _, attributes in seen.tags for value in attributes.values())


def test_tags_are_closed_and_ids_are_unique(page: str) -> None:
    seen = Page(page)
    assert not seen.open
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {attributes.get("xlink:href") or attributes.get("href") for _, attributes in seen.tags} - {None}
    assert {str(name)[1:] for name in named} <= set(ids)


def test_it_answers_in_a_sentence_and_is_stamped(page: str) -> None:
    text = " ".join("".join(Page(page).text).split())
    assert "In this model, after 5 weeks, A reaches most people" in text
    assert "illustrative" in text
    assert "What of Market?" in text


def test_it_holds_every_section(page: str) -> None:
    text = "".join(Page(page).text)
    for heading in (
        "What happens", "Key figures of A", "Week 4", "Week 5", "Spend by line", "What differs between the scenarios",
        "What the numbers rest on", "How to reproduce this page",
    ):  # fmt: skip
        assert heading in text
    for words in (
        "assumption",
        "literature",
        "python run.py compare a b",
        "seeds 1 to 8",
        "100 simulated consumers standing for 1,000 people",
    ):
        assert words in text
    assert "brands.A.quality" in text  # what differs


def test_differences_have_intervals_of_the_pairs(page: str) -> None:
    text = " ".join("".join(Page(page).text).split())
    assert "+5.0 pt [" in text
    assert "better 8 of 8 pairs" in text.replace("better8", "better 8")
    assert "worse 0 of 8 pairs" in text.replace("worse0", "worse 0")


def test_every_picture_is_told_in_words(page: str) -> None:
    seen = Page(page)
    pictures = [attributes for tag, attributes in seen.tags if attributes.get("role") == "img"]
    assert len(pictures) == 7 == sum(tag == "svg" for tag, _ in seen.tags)
    assert all(len(attributes["aria-label"] or "") > 60 for attributes in pictures)


def test_it_fits_a_phone_and_a_sheet_of_paper(page: str) -> None:
    assert "width=device-width" in page
    assert "size: A4" in page
    for tag, attributes in Page(page).tags:
        if tag == "svg":
            assert "viewbox" in attributes
            assert "width" not in attributes
    tables = page.count("<table>")
    assert page.count('<div class="wide">') == tables  # wide tables scroll in their own frame


def test_what_users_write_is_shown_as_text(tmp_path: Path) -> None:
    evil = made_up(names=("silent", EVIL), title=EVIL, warnings=(f"{EVIL} is odd",), notices=(EVIL,))
    page = write_report(evil, tmp_path, title=EVIL, command=f"run {EVIL}").read_text(encoding="utf-8")
    seen = Page(page)
    assert page.count("<script") == 1  # the recipe
    assert '<script>alert("x")</script>' in "".join(seen.text)


def test_the_tables_lie_beside_it(tmp_path: Path) -> None:
    comparison = made_up()
    write_report(comparison, tmp_path)
    verdicts = pd.read_csv(tmp_path / "verdicts.csv")
    pd.testing.assert_frame_equal(verdicts, comparison.verdicts, check_dtype=False)
    for name in ("summary", "runs", "daily_bands", "spending", "assumptions"):
        assert len(pd.read_csv(tmp_path / f"{name}.csv"))
    said = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert said["world"] == comparison.world
    again = [load_scenario(each["scenario"]) for each in said["scenarios"]]
    assert [each.hash for each in again] == [each.hash for each in comparison.scenarios]
    assert not list(tmp_path.glob("*.part"))


def test_the_same_comparison_gives_the_same_page(tmp_path: Path) -> None:
    one, two = (write_report(made_up(), tmp_path / name, title="x").read_bytes() for name in ("one", "two"))
    assert one == two


def test_one_scenario_alone_is_described(tmp_path: Path) -> None:
    page = write_report(made_up(names=("alone",)), tmp_path / "alone.html").read_text(encoding="utf-8")
    assert (tmp_path / "alone.html").is_file()
    assert "In this model, after 5 weeks, A has reached 2" in page


def test_unfinished_work_is_said_aloud(tmp_path: Path) -> None:
    failures = pd.DataFrame([["ads", 3, 4, "MemoryError"]], columns=["scenario", "replicate", "seed", "error"])
    page = write_report(made_up(failures=failures, interrupted=True), tmp_path).read_text(encoding="utf-8")
    assert "Stopped early" in page
    assert "1 runs failed" in page


def test_nothing_of_another_comparison_is_overwritten(tmp_path: Path) -> None:
    page = write_report(made_up(), tmp_path)
    before = page.read_bytes()
    with pytest.raises(InputError, match="holds another comparison"):
        write_report(made_up(names=("silent", "other")), tmp_path)
    assert page.read_bytes() == before
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").touch()
    with pytest.raises(InputError, match="holds other files"):
        write_report(made_up(), tmp_path / "notes")
    with pytest.raises(InputError, match="a file of that name"):
        write_report(made_up(), tmp_path / "notes" / "mine.txt")


def test_the_package_attaches_reports_to_comparisons(tmp_path: Path) -> None:
    assert callable(compare)
    assert made_up().report(tmp_path / "here").is_file()
