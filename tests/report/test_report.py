"""What lies beside the page, what stands on its first sheet, and that French readers get all of it in French."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from PIL import Image

from simulator import compare
from simulator.experiments.comparison import Comparison
from simulator.language import speaking
from simulator.parameters import InputError
from simulator.report.doubts import flips, what_would_change_it
from simulator.report.page import write_report
from simulator.report.sections import within
from simulator.report.standing import standing
from simulator.report.stills import PIXELS, world_stamp
from simulator.report.workbook import SHEETS, workbook
from simulator.scenario.load import load_scenario
from tests.report.made_up import made_up

pytestmark = pytest.mark.compiled

FORMULA = "=1+1"
ENGLISH = (
    " the ", " of ", " with ", " and ", " is ", " are ", "replicate", "scenario ", "figures", "draws", "pairs", "better", "worse", "trust",
    "reach", "share", "week ", "day ", "assumption", "literature", "spend", "loss",
)  # fmt: skip
"""Words that a French page must not say; what users write and names of settings are left out of the search."""


@pytest.fixture(scope="module")
def real() -> Comparison:
    base = load_scenario("scenarios/three_eras/interruption.toml", {"population.size": 80, "run.days": 14})
    talk = load_scenario("scenarios/three_eras/interaction.toml", {"population.size": 80, "run.days": 14})
    scandal = {"kind": "scandal", "day": 3, "brand": "Aurora", "severity": 0.9}
    both = [scenario.override({"events": [scandal], "question": "Alors ?"}) for scenario in (base, talk)]
    return compare(both, replicates=6, workers=1, names=["pub", FORMULA], draws=6, explain=True)


@pytest.fixture(scope="module")
def folder(real: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(real, tmp_path_factory.mktemp("report"), title="<script>alert(1)</script>", lang="fr", csv="french").parent


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def seen(page: str) -> str:
    """What a reader sees, styles and data left out."""
    body = re.sub(r"(?s)<(style|script)\b.*?</\1>", "", page)
    return " ".join(html.unescape(re.sub(r"(?s)<[^>]*>", " ", body)).split())


def test_the_first_sheet_holds_what_a_strategist_needs(page: str, real: Comparison) -> None:
    front = seen(page[page.index('<header class="front">') : page.index("</header>")])
    for words in (
        "<script>alert(1)</script>", "Alors ?", "Dans ce modèle, après 2 semaines, ", "Ce qui changerait la réponse",
        "tirages des hypothèses", "Illustratif.", world_stamp(real), "world-of-mouth 0", "6 réplications appariées",
    ):  # fmt: skip
        assert words in front, words
    assert page[: page.index("</header>")].count("<figure") == 3


def test_every_section_has_something_to_say(page: str) -> None:
    text = seen(page)
    for heading in (
        "Chiffres clés d’Aurora", "Ce qui se passe", "Semaine par semaine", "Ce que cause chaque stratégie", "Bad buzz",
        "Ce qui a fait bouger la confiance", "Dépenses par poste", "Ce qui diffère", "Sur quoi reposent", "Comment reproduire",
    ):  # fmt: skip
        assert heading in text, heading
    assert "Dans l’intervalle validé ?" in text


def test_a_french_page_has_no_english_left(page: str, real: Comparison) -> None:
    assert '<html lang="fr">' in page
    text = page[: page.index("<h2>Sur quoi reposent")]  # settings follow, whose names and sources stay as they are
    text = seen(text[: text.index("<h2>Ce qui diffère")])
    for warning in real.warnings:
        text = text.replace(warning[1:], "")
    text = text.replace("World of Mouth", "")
    assert not [word for word in ENGLISH if word in text]


def test_the_workbook_holds_the_same_numbers(folder: Path, real: Comparison) -> None:
    book = openpyxl.load_workbook(io.BytesIO((folder / "results.xlsx").read_bytes()))
    with speaking("fr"):
        assert book.sheetnames[0] == "Verdicts"
    assert len(book.sheetnames) == len(SHEETS) + 1
    rows = list(book["Verdicts"].iter_rows(values_only=True))
    table = pd.DataFrame(rows[1:], columns=list(rows[0]))
    assert list(table.columns[:3]) == ["day", "kpi", "label"]
    for column in ("mean", "low", "high", "p", "holds"):
        np.testing.assert_allclose(table[column].astype(float), real.verdicts[column].astype(float), rtol=1e-12)
    verdicts = {"mieux", "moins bien", "aucune différence pratique", "on ne peut pas trancher", "plus haut", "plus bas"}
    assert set(table["verdict"]) <= verdicts
    assert book["Verdicts"].freeze_panes == "A2"
    assert list(book["Définitions"].iter_rows(values_only=True))[1][1] == "Couverture"
    assert len(list(book["Par semaine"].iter_rows())) == 1 + 2 * 2


def test_a_name_that_looks_like_a_formula_stays_a_text(folder: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO((folder / "results.xlsx").read_bytes()))
    cells = [cell for row in book["Verdicts"].iter_rows() for cell in row if cell.value == FORMULA]
    assert cells and all(cell.data_type == "s" for cell in cells)
    assert "'=1+1" in (folder / "verdicts.csv").read_text(encoding="utf-8-sig")


def test_french_excel_reads_the_tables(folder: Path, real: Comparison) -> None:
    assert (folder / "summary.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder / "summary.csv", sep=";", decimal=",", encoding="utf-8-sig")
    np.testing.assert_allclose(table["mean"], real.summary["mean"].to_numpy(float))


def test_workbooks_of_the_same_results_are_the_same_bytes() -> None:
    assert workbook(made_up(), "x") == workbook(made_up(), "x")


def test_pictures_fill_a_slide_and_are_told_in_words(folder: Path, real: Comparison) -> None:
    told = json.loads((folder / "figures" / "alt.json").read_text(encoding="utf-8"))
    assert {"share", "profit", "trust_aware", "spending", "blame-by-day"} <= told.keys()
    for name, words in told.items():
        with Image.open(folder / "figures" / f"{name}.png") as picture:
            assert picture.size == PIXELS
        drawn = (folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        assert f"Monde {world_stamp(real)}" in drawn
        assert words["title"].split()[0] in drawn
        assert len(words["alt"]) > 60


def test_only_what_is_known_is_said_of_ranges() -> None:
    assert within([0.2], [0.1, 0.3]) == "yes"
    assert within([0.2, 0.5], [0.1, 0.3]) == "no"
    assert within([0.2], None) == within(["a"], [0.1, 0.3]) == "not known"


def test_where_luck_alone_was_asked_the_page_says_so() -> None:
    assert "--doubt both" in what_would_change_it(made_up())[0]
    assert what_would_change_it(made_up(names=("alone",))) == []


def test_the_assumption_that_flips_the_answer_is_named() -> None:
    comparison = made_up()
    value = np.linspace(0.0, 1.0, 40)
    draws = pd.concat(
        pd.DataFrame({"scenario": name, "draw": range(40), "day": 35, "brand": "A", "profit": profit})
        for name, profit in (("silent", np.zeros(40)), ("ads", 0.7 - value))
    )
    noise = np.random.default_rng(1).random(40)
    assumed = pd.concat(
        pd.DataFrame({"draw": range(40), "key": key, "value": values}) for key, values in (("x.cause", value), ("x.noise", noise))
    )
    found = flips(replace(comparison, draws=draws, assumptions=assumed), "profit", "ads", "silent", 35)
    assert [flip.key for flip in found] == ["x.cause"]
    assert found[0].flipped > 0.7 > found[0].held


def test_the_standing_is_that_of_the_weakest_scenario() -> None:
    comparison = made_up()
    assert standing(comparison).word == "illustrative"
    one = [scenario.override({"calibration.status": "set to your market", "calibration.to": "Lyon"}) for scenario in comparison.scenarios]
    assert "fitted to Lyon;" in standing(replace(comparison, scenarios=tuple(one))).meaning
    both = (one[0].override({"calibration.status": "fitted and held out"}), one[1])
    assert standing(replace(comparison, scenarios=both)).word == "set to your market"


def test_unknown_languages_and_formats_are_refused(tmp_path: Path) -> None:
    for settings in ({"lang": "de"}, {"csv": "german"}):
        with pytest.raises(InputError, match="allowed: en"):
            write_report(made_up(), tmp_path, **settings)  # type: ignore[arg-type]  # words of either
    assert not list(tmp_path.iterdir())
