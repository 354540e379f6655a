"""Diaries: no line without an entry, no entry without words."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator import load_scenario, simulate
from simulator.cli import app
from simulator.report.diary import CALLED, CHANGED, HAPPENED, LANGUAGES, QUIET, diary, line, sums
from simulator.results.ledger import CAUSES, QUANTITIES

SMALL = {"population.size": 200, "run.days": 30, "record.panel": [17]}


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    return simulate(load_scenario("scenarios/three_eras/mixed.toml").override(SMALL), seed=3).ledger


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_an_entry_in_order(ledger: pd.DataFrame, language: str) -> None:
    lines = diary(ledger, language, everything=True)
    assert len(lines) == len(ledger)
    for text, entry in zip(lines, ledger.to_dict("records"), strict=True):
        assert f" {entry['day']}: " in text
        assert str(entry["brand"]) in text
    assert len(diary(ledger, language)) == (~ledger["cause"].isin(QUIET)).sum()


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_every_cause_and_quantity(language: str) -> None:
    assert set(HAPPENED[language]) == set(CALLED[language]) == set(CAUSES)
    assert set(CHANGED[language]) == set(QUANTITIES)
    for cause in CAUSES:
        for quantity in QUANTITIES:
            entry = {
                "day": 4,
                "brand": "Aurora",
                "quantity": quantity,
                "cause": cause,
                "by": "7",
                "before": 0.5,
                "after": 0.25,
                "amount": -0.25,
            }
            assert "{" not in line(entry, language)


def test_french_has_a_decimal_comma(ledger: pd.DataFrame) -> None:
    assert any("0," in text for text in diary(ledger, "fr"))
    assert not any("0." in text for text in diary(ledger, "fr"))


def test_the_sums_of_a_diary_lead_from_its_beginning_to_its_end(ledger: pd.DataFrame) -> None:
    trust = ledger[(ledger["quantity"] == "trust") & (ledger["brand"] == "Aurora")]
    said = next(text for text in sums(ledger) if text.startswith("In all, Aurora: trust"))
    assert f"{trust['before'].iloc[0]:.3f} to {trust['after'].iloc[-1]:.3f}" in said
    assert trust["amount"].sum() == pytest.approx(trust["after"].iloc[-1] - trust["before"].iloc[0])


def test_why_prints_a_diary_and_refuses_a_brand_that_is_not_there() -> None:
    command = [
        "why",
        "three_eras/mixed",
        "--consumer",
        "17",
        "--seed",
        "3",
        "--set",
        "population.size=200",
        "--set",
        "run.days=30",
        "--quiet",
    ]
    answer = CliRunner().invoke(app, [*command, "--lang", "fr"])
    assert answer.exit_code == 0, answer.output
    assert "jour" in answer.stdout
    refused = CliRunner().invoke(app, [*command, "--brand", "Auroro"])
    assert refused.exit_code == 1
    assert 'did you mean "Aurora"?' in refused.output
    nobody = CliRunner().invoke(app, [*command[:3], "200", *command[4:]])
    assert nobody.exit_code == 1
    assert "record.panel: the panel has consumer 200, who is not in the market" in nobody.output
