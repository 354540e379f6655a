"""The bad-buzz section: it answers in sentences with their spread, draws what happened, and says what it rests on."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.report import page as pages
from simulator.report.bad_buzz import COLUMNS, bad_buzz_section, lead, response_matrix, row, sentence
from simulator.report.cascade_figures import bad_buzz_pictures
from tests.report.made_up import EVIL, bad_buzz, made_up, with_bad_buzz
from tests.report.test_page import Page

write_report = partial(pages.write_report, beside=False)

RESPONSE = {"kind": "response", "day": 5, "brand": "A", "answer": "empathy"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(with_bad_buzz(), tmp_path_factory.mktemp("report")).parent


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def words(page: str) -> str:
    return " ".join("".join(Page(page).text).split())


def test_the_section_is_there_where_a_story_is_and_nowhere_else(page: str, tmp_path: Path) -> None:
    assert "<h2>Bad buzz</h2>" in page
    assert "Bad buzz</h2>" not in write_report(made_up(), tmp_path).read_text(encoding="utf-8")
    assert bad_buzz_section(made_up()) is None


def test_each_scenario_gets_a_sentence_with_chance_size_cost_and_recovery(page: str) -> None:
    text = words(page)
    assert "The story ignites in 5 of 8 worlds (62% [31%, 86%])" in text  # Wilson's interval
    assert re.search(r"Where it does, 30\.6% \[[\d.]+%, [\d.]+%\] of consumers hear it", text)
    assert re.search(r"trust is 0\.051 \[0\.\d+, 0\.\d+\] lower on the worst day,", text)
    assert re.search(r"back after 14\.0 \[[\d.]+, [\d.]+\] days or more \(in 1 of 5 worlds not when the run ends\)", text)
    assert re.search(r"it costs A 1,035 \[[\d,]+, [\d,]+\] units against the same worlds without the story \(2\.1% \[", text)


def test_what_the_run_was_too_short_for_is_not_said(page: str) -> None:
    assert "90 days on" not in " ".join(sentence for sentence in re.findall(r"<li>(.*?)</li>", page, re.DOTALL))


def test_the_lead_names_the_cheapest_and_what_cannot_be_told_from_it() -> None:
    found = with_bad_buzz(("denial", "empathy", "apology")).bad_buzz
    assert found is not None
    assert lead(found, "A") == "In this model, the story costs A fewest units with apology."
    noisy = found.worlds.copy()
    mine = noisy["scenario"] == "empathy"
    noisy.loc[mine, "units_lost"] = noisy.loc[noisy["scenario"] == "apology", "units_lost"].to_numpy() + np.resize(
        [-90.0, 100.0], mine.sum()
    )
    assert lead(replace(found, worlds=noisy), "A").endswith("with apology; empathy cannot be told apart from it.")
    few = noisy[noisy["replicate"] < 3]
    assert "no scenario can be said" in lead(replace(found, worlds=few), "A")
    assert lead(replace(found, worlds=few[few["scenario"] == "denial"]), "A") == ""


@pytest.mark.parametrize("ignited", [0, 1, 8])
def test_no_number_stands_without_its_spread(ignited: int) -> None:
    comparison = with_bad_buzz(ignited=ignited)
    assert comparison.bad_buzz is not None
    cells = row(comparison.bad_buzz.worlds[comparison.bad_buzz.worlds["scenario"] == "empathy"])
    assert len(cells) == len(COLUMNS)
    for cell in cells:
        assert cell == "-" or "[" in cell or "one world" in cell or "more than" in cell, cell
    assert (cells[1] == "-") == (ignited == 0)


def test_what_ignites_by_itself_is_measured_from_the_eve() -> None:
    comparison = made_up(("loud", "mild"))
    found = bad_buzz(("loud", "mild"), 8, 3, story=False)
    worlds = found.worlds[found.worlds["scenario"] == "loud"]
    text = sentence(worlds, comparison)
    assert text.startswith("No crisis happens to A, yet a bad buzz ignites by itself in 3 of 8 worlds")
    assert "0.040 [0.040, 0.040] below its eve on the day of most blame and 0.010 [0.010, 0.010] lower 90 days on" in text
    assert "units" not in text
    assert sentence(worlds.assign(ignited=False), comparison).endswith("ignites by itself in 0 of 8 worlds (0% [0%, 32%]).")
    section = bad_buzz_section(replace(comparison, bad_buzz=found))
    assert section is not None and section["lead"] == ""
    assert len(section["pictures"]) == 4  # nothing is lost to a story


def test_every_picture_says_what_it_found_and_what_it_shows(page: str) -> None:
    comparison = with_bad_buzz()
    assert comparison.bad_buzz is not None
    shown = bad_buzz_pictures(comparison, comparison.bad_buzz)
    titles = [picture.title for picture in shown]
    assert titles[0] == "The largest cascade of blame: 48 consumers with silent"
    assert titles[1].startswith("At its height A is blamed 1 [0, 1] times a day with empathy") or "times a day" in titles[1]
    assert re.fullmatch(r"\d+\.\d% \[\d+\.\d%, \d+\.\d%\] of blame reaches one other or nobody; the largest cascade 47", titles[2])
    assert re.fullmatch(r"One first hearer tells 0\.71 \[0\.71, 0\.71\] with empathy, 0\.71 \[0\.71, 0\.71\] with silent", titles[3])
    assert "0.021 [" in titles[4] and "with silent" in titles[4]
    assert "units are not sold with silent" in titles[5]
    for picture in shown:
        assert len(picture.alt) > 100 and picture.caption and picture.alt in words(page) + page.replace("&#39;", "'").replace("&#34;", '"')
    seen = Page(page)
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert not seen.open


def test_dots_survive_the_drawing(page: str) -> None:
    """Consumers are lines of no length with round ends: none may be simplified away."""
    drawn = page[page.index("cascade-trees-") : page.index("blame-by-day-")]
    dots = re.findall(r"M ([\d.]+ [\d.]+) L ([\d.]+ [\d.]+)(?= M|\")", drawn)
    assert sum(one == other for one, other in dots) >= 2 * 7  # two panels, seven consumers each
    assert "stroke-linecap: round" in drawn


def test_the_tables_lie_beside_it(folder: Path) -> None:
    comparison = with_bad_buzz()
    assert comparison.bad_buzz is not None
    for name in ("worlds", "cascade_sizes", "reproduction", "lost_to_the_story"):
        table = pd.read_csv(folder / f"{name}.csv")
        assert len(table) == len(comparison.bad_buzz.tables[name]) > 0
        assert list(table.columns[:2]) == ["scenario", "replicate"]


def test_what_users_write_is_shown_as_text(tmp_path: Path) -> None:
    page = write_report(with_bad_buzz(("silent", EVIL), title=EVIL), tmp_path, title=EVIL).read_text(encoding="utf-8")
    assert page.count("<script") == 1  # the recipe
    assert EVIL in words(page).replace("  ", " ") or '<script>alert("x")</script>' in "".join(Page(page).text)


def test_the_same_comparison_gives_the_same_page(page: str, tmp_path: Path) -> None:
    assert write_report(with_bad_buzz(), tmp_path).read_text(encoding="utf-8") == page


def test_the_matrix_is_shown_where_the_brand_answers() -> None:
    silent = with_bad_buzz()
    assert response_matrix(silent) is None
    spoken = silent.scenarios[1].override({"events": [*silent.scenarios[1].to_dict()["events"], RESPONSE]})
    by_event = replace(silent, scenarios=(silent.scenarios[0], spoken))
    sorry = silent.scenarios[1].override({"brands.A.strategy.kind": "interaction", "brands.A.strategy.response": "apology"})
    by_strategy = replace(silent, scenarios=(silent.scenarios[0], sorry))
    for comparison in (by_event, by_strategy):
        matrix = response_matrix(comparison)
        assert matrix is not None
        assert matrix["clusters"] == ["victim", "accidental", "preventable"]
        cells = {found["answer"]: dict(zip(matrix["clusters"], found["cells"], strict=True)) for found in matrix["rows"]}
        assert {"denial", "denial exposed", "explanation", "empathy", "apology", "compensation"} <= set(cells)
        assert cells["empathy"]["accidental"] == {"value": "0.7", "range": "0.5 to 0.9", "sign": "shrinks it"}
        assert cells["explanation"]["preventable"]["sign"] == "sign open"
        assert cells["denial exposed"]["preventable"]["sign"] == "fans it"
        assert any("assumption" in said and "signs only" in said for said in matrix["evidence"])
    rival = silent.scenarios[1].override({"brands": [{"name": "A"}, {"name": "B"}], "events": [RESPONSE | {"brand": "B"}]})
    assert response_matrix(replace(silent, scenarios=(silent.scenarios[0], rival))) is None


def test_a_matrix_that_scenarios_change_shows_all_its_values(tmp_path: Path) -> None:
    silent = with_bad_buzz()
    other = silent.scenarios[1].override({"crises.matrix.empathy.victim": 1.3, "events": [RESPONSE]})
    page = write_report(replace(silent, scenarios=(silent.scenarios[0], other)), tmp_path).read_text(encoding="utf-8")
    assert "0.75 | 1.3" in words(page)
    assert "All of them are assumptions; only their signs have support." in words(page)
