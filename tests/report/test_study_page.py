"""The page of a study: self-contained, escaped, and whole whatever the study lacks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from simulator.experiments import design
from simulator.experiments.best import best
from simulator.experiments.study import Study
from simulator.language import speaking
from simulator.parameters import InputError
from simulator.report.study import best_lines
from simulator.report.study_page import maps, study_html, write_study_page
from tests.experiments.studies import made_up
from tests.report.made_up import EVIL
from tests.report.test_page import Page

BUDGET, KIND, SHARE = "brands.Aurora.budget_per_day", "brands.Aurora.strategy.kind", "word_of_mouth.share"
VARY = {BUDGET: [1000.0, 2000.0, 4000.0], KIND: ["interruption", "interaction"], SHARE: [0.1, 0.2]}


def rule(cell: dict[str, Any], luck: float) -> dict[str, float]:
    return {
        "profit": cell.get(BUDGET, 0.0) + luck,
        "trust_aware": 0.5 + cell.get(SHARE, 0.0),
        "reach": 0.8,
        "units": 5.0,
        "penetration": 0.1,
    }


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return made_up(tmp_path_factory.mktemp("study") / "s", VARY, 6, rule, title=EVIL)


@pytest.fixture(scope="module")
def page(study: Study) -> str:
    return write_study_page(study).read_text(encoding="utf-8")


def test_nothing_is_fetched_and_no_title_is_taken_for_markup(page: str) -> None:
    seen = Page(page)
    assert not seen.open
    assert not {"script", "link", "iframe", "img", "image", "object", "form"} & {tag for tag, _ in seen.tags}
    assert all(
        value is not None and value.startswith("#")
        for _, attributes in seen.tags for name, value in attributes.items() if name in ("src", "href", "xlink:href", "action")
    )  # fmt: skip
    assert EVIL in "".join(seen.text)


def test_every_key_is_drawn_and_every_picture_told(page: str) -> None:
    seen = Page(page)
    told = [attributes.get("aria-label") for tag, attributes in seen.tags if attributes.get("role") == "img"]
    assert all(told)
    for key in VARY:
        assert any(text and f"by {key}, means with 95% intervals" in text for text in told)
    assert any(text and text.startswith("Profit (EUR) over brands.Aurora.budget_per_day") for text in told)


def test_ids_of_pictures_do_not_clash(page: str) -> None:
    ids = [attributes["id"] for _, attributes in Page(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_best_setting_is_named_and_how_sure_that_is(study: Study) -> None:
    text = " ".join(best_lines(study, best(study, "profit", ["trust_aware>=0.65"])))
    assert "In this model, cell " in text
    assert "has the highest mean Profit (EUR)" in text
    assert f"{BUDGET} = 4000" in text
    assert "trust_aware >= 0.65 holds surely" in text
    assert "no practical difference" in text  # the strategy makes none
    assert "No setting qualifies" in best_lines(study, best(study, "profit", ["trust_aware>=0.9"]))[0]


def test_the_page_says_how_to_open_the_folder(study: Study, page: str) -> None:
    text = "".join(Page(page).text)
    for words in ("pd.read_parquet(", "pl.read_parquet(", "SELECT * FROM"):
        assert words in text
    assert study.path.as_posix() in text


@pytest.mark.parametrize("kind", ["grid", "lhs"])
def test_a_french_page_has_no_english_left(kind: design.Kind, tmp_path: Path) -> None:
    vary: dict[str, Any] = VARY if kind == "grid" else {SHARE: [0.1, 0.9], BUDGET: [1000.0, 4000.0]}
    study = made_up(tmp_path / "s", vary, 3, rule, lost=lambda cell, _replicate: cell == 2, title="Étude", kind=kind, points=40)
    with speaking("fr"):
        seen = Page(study_html(study, "profit", ["trust_aware>=0.15"]))
    assert ("html", "fr") in [(tag, attributes.get("lang")) for tag, attributes in seen.tags]
    text = "".join(seen.text).partition("# pandas")[0] + "; ".join(attributes.get("aria-label") or "" for _, attributes in seen.tags)
    names = ("World of Mouth", "cell, replicate, seed, world, pairing_ok, error", study.scenario.question, study.scenario.source)
    for name in names:  # the same in every language
        assert name in text
        text = text.replace(name, "")
    words = "the|of|and|over|with|by|to|means?|lowest|highest|settings?|cell|replicates?|runs?|keys?|missing|grey|share|seeds|failed"
    assert not re.findall(rf"(?<![\w.])(?:{words})(?![\w.])", text, re.IGNORECASE)
    assert "Deux clés à la fois" in text


def test_the_keys_of_the_maps_can_be_chosen(study: Study) -> None:
    drawn = maps(study, best(study), {}, [SHARE, KIND], "EUR")
    assert "Profit (EUR) over word_of_mouth.share and brands.Aurora.strategy.kind: lowest" in drawn[0].alt
    with pytest.raises(InputError, match='--by: unknown key "word_of_mouth.shar"'):
        study_html(study, by=["word_of_mouth.shar", KIND])
    with pytest.raises(InputError, match="two different keys"):
        study_html(study, by=[KIND, KIND])


@pytest.mark.parametrize("lack", ["one cell", "one run", "no run", "unknown figures", "some runs", "one level", "tables", "infinity"])
def test_a_study_that_lacks_something_has_a_page_too(lack: str, tmp_path: Path) -> None:
    vary: dict[str, Any] = {
        "one cell": {SHARE: [0.1]}, "one run": {SHARE: [0.1, 0.2]}, "one level": {SHARE: [0.1], BUDGET: [1.0, 2.0]},
        "tables": {"purchase.tie_weights": [{"strong": 1.0}, {"strong": 2.0}]}, "infinity": {"forgetting.trust": [60.0, float("inf")]},
    }.get(lack, {SHARE: [0.1, 0.2], KIND: ["silent", "interaction"]})  # fmt: skip
    unknown = (lambda cell, luck: {}) if lack == "unknown figures" else lambda cell, luck: {"profit": 1.0 + luck, "trust_aware": 0.5}
    lost = {"no run": lambda cell, replicate: True, "some runs": lambda cell, replicate: cell == 1 or replicate == 2}.get(lack)
    study = made_up(tmp_path / "s", vary, 1 if lack == "one run" else 4, unknown, **({"lost": lost} if lost else {}))
    text = "".join(Page(study_html(study, "profit", ["trust_aware>=0.1"])).text)
    if lack in ("no run", "some runs"):
        assert f"{len(study.missing)} of {study.runs} runs are missing" in text
    if lack in ("no run", "unknown figures"):
        assert {"no run": "No run has finished yet", "unknown figures": "is known of no run"}[lack] in text


def test_a_page_goes_where_it_is_told_whole_or_not_at_all(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    study = made_up(tmp_path_factory.mktemp("single") / "s", {SHARE: [0.1]}, 2, rule)
    target = write_study_page(study, tmp_path / "new" / "page.html")
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="is a folder"):
        write_study_page(study, tmp_path)
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(InputError, match="cannot write to"):
        write_study_page(study, blocked / "page.html")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "new"]


def test_opening_the_folder_ignores_the_page(study: Study, page: str) -> None:
    assert len(Study(study.path).frame()) == study.runs == 72
