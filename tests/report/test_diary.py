"""Diaries: no line without an entry, no entry without words."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator import load_scenario, simulate
from simulator.cli import app
from simulator.language import LANGUAGES, speaking
from simulator.report.diary import CALLED, CHANGED, HAPPENED, MEASURED, QUIET, diary, line, sums
from simulator.results.ledger import CAUSES, QUANTITIES

SETTINGS = ["--set", "population.size=200", "--set", "run.days=30", "--quiet"]
SMALL = {"population.size": 200, "run.days": 30, "record.panel": [17]}


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    return simulate(load_scenario("scenarios/three_eras/mixed.toml").override(SMALL), seed=3).ledger


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_an_entry_and_every_entry_a_line(ledger: pd.DataFrame, language: str) -> None:
    entries = ledger.to_dict("records")
    width = len(str(ledger["day"].max()))
    with speaking(language):
        lines = diary(ledger, everything=True)
        assert Counter(lines) == Counter(line(entry, width) for entry in entries)
        assert len(diary(ledger)) == (~ledger["cause"].isin(QUIET)).sum()
    assert [int(text.split(":")[0].split()[1]) for text in lines] == sorted(ledger["day"])
    assert max(map(len, lines)) <= 120


def test_what_one_happening_did_stands_together(ledger: pd.DataFrame) -> None:
    told = [text.split(";")[0] for text in diary(ledger)]
    for day in {text.split(":")[0] for text in told}:
        happenings = [text for text in told if text.startswith(f"{day}:")]
        assert len(list(groupby(happenings))) == len(set(happenings))


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_every_cause_and_quantity(language: str) -> None:
    assert set(HAPPENED) == set(CALLED) == set(CAUSES)
    assert set(MEASURED) < set(CHANGED) == set(QUANTITIES)
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
            with speaking(language):
                assert "{" not in line(entry)


def test_french_has_a_decimal_comma(ledger: pd.DataFrame) -> None:
    with speaking("fr"):
        lines = diary(ledger)
    assert any("0," in text for text in lines) and not any("0." in text for text in lines)


def test_the_sums_of_a_diary_lead_from_its_beginning_to_its_end(ledger: pd.DataFrame) -> None:
    trust = ledger[(ledger["quantity"] == "trust") & (ledger["brand"] == "Aurora")]
    said = next(text for text in sums(ledger) if text.startswith("In all, Aurora: trust"))
    assert f"{trust['before'].iloc[0]:.3f} to {trust['after'].iloc[-1]:.3f}" in said
    assert trust["amount"].sum() == pytest.approx(trust["after"].iloc[-1] - trust["before"].iloc[0])


def test_tiny_amounts_are_told_in_words_and_french_joins_de_to_a_vowel() -> None:
    entry = {"day": 4, "brand": "Aurora", "quantity": "trust", "cause": "praise heard", "by": "7", "after": 0.7, "amount": 0.00001}
    assert line(entry) == "day 4: consumer 7 praised Aurora to me; my trust rises to 0.700 (by less than 0.001)."
    left = entry | {"quantity": "consent", "cause": "ad", "after": 4.0, "amount": 2.0}
    assert line(left) == "day 4: I saw advertising by Aurora; it may no longer write to me."
    with speaking("fr"):
        space = "\N{NO-BREAK SPACE}"
        said = f"jour 4{space}: la personne 7 m’a dit du bien d’Aurora{space}; ma confiance monte à 0,700 (de moins de 0,001)."
        assert line(entry) == said
        assert "du bien de Corona" in line(entry | {"brand": "Corona"})


def test_why_prints_a_diary_and_refuses_a_brand_that_is_not_there() -> None:
    command = ["why", "three_eras/mixed", "--consumer", "17", "--seed", "3", *SETTINGS]
    answer = CliRunner().invoke(app, [*command, "--lang", "fr"])
    assert answer.exit_code == 0, answer.output
    assert "jour" in answer.stdout
    refused = CliRunner().invoke(app, [*command, "--brand", "Auroro"])
    assert refused.exit_code == 1
    assert 'did you mean "Aurora"?' in refused.output
    nobody = CliRunner().invoke(app, [*command[:3], "200", *command[4:]])
    assert nobody.exit_code == 1
    assert "--consumer: consumer 200 is not in the market; allowed: 0 to 199" in nobody.output


def test_why_tells_other_programs_every_entry() -> None:
    answer = CliRunner().invoke(
        app, ["why", "three_eras/mixed", "--consumer", "17", "--seed", "3", *SETTINGS, "--json", "--brand", "Aurora"]
    )
    found = json.loads(answer.stdout)
    assert {entry["consumer"] for entry in found} == {17}
    assert {entry["brand"] for entry in found} == {"Aurora"}
    assert set(QUIET) < {entry["cause"] for entry in found}


def test_why_says_when_nothing_happened() -> None:
    alone = [text for name in ("Aurora", "Borealis", "Corona") for text in ("--set", f"brands.{name}.budget_per_day=0")]
    answer = CliRunner().invoke(app, ["why", "three_eras/silent", "--consumer", "17", *SETTINGS, *alone, "--set", "run.days=1"])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith("Nothing happened to this consumer but what happens every day.\n\nIn all, ")


def test_why_knows_consumers_by_the_ids_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "friends.csv").write_text("source,target\nanna,ben\nben,carla\ncarla,anna\n", encoding="utf-8")
    base = "network = { kind = 'file', path = 'friends.csv', direction = 'mutual' }\nrun = { days = 5 }\n[[brands]]\nname = 'A'\n"
    (tmp_path / "town.toml").write_text(base, encoding="utf-8")
    command = ["why", str(tmp_path / "town.toml"), "--quiet", "--consumer"]
    answer = CliRunner().invoke(app, [*command, "anna"])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith("Nothing happened")
    stranger = CliRunner().invoke(app, [*command, "karla"])
    assert stranger.exit_code == 1
    assert '--consumer: consumer "karla" is not in the network\'s file; did you mean "carla"?' in stranger.output


@pytest.mark.parametrize("who", ["-1", "1.5", "seventeen"])
def test_why_refuses_who_is_no_consumer(who: str) -> None:
    answer = CliRunner().invoke(app, ["why", "three_eras/mixed", "--consumer", who, *SETTINGS])
    assert answer.exit_code == 1
    assert f'--consumer: consumer "{who}" is not in the market; allowed: 0 to 199' in answer.output
