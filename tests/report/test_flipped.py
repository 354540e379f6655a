"""Sentences on who was won and lost, and the table of causes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.experiments.explain import START
from simulator.experiments.flipped import COLUMNS, empty
from simulator.language import LANGUAGES, speaking
from simulator.report.causes import causes_table
from simulator.report.flipped import DEFINITION, FIRST, flipped_sentences
from simulator.results.ledger import CAUSES, QUIET

ROWS = [
    ("loud", "mute", 0, 1, "young", "won", 10.0, "trust", "praise heard", "7", "Aurora", "loud"),
    ("loud", "mute", 0, 2, "young", "won", 12.0, "trust", "praise heard", "8", "Aurora", "loud"),
    ("loud", "mute", 0, 3, "old", "won", 14.0, "trust", "ad", "Aurora", "Aurora", "loud"),
    ("loud", "mute", 0, 4, "old", "lost", 3.0, "trust", "annoyance", "Aurora", "Aurora", "loud"),
    ("other", "mute", 0, 5, "old", "lost", 3.0, "trust", "annoyance", "Aurora", "Aurora", "loud"),
]
FLIPPED = pd.DataFrame(ROWS, columns=list(COLUMNS)).astype(COLUMNS)


def test_sentences_count_segments_days_and_what_came_first() -> None:
    assert flipped_sentences(FLIPPED, "loud", "mute", "Aurora", 2000) == [
        "With loud instead of mute, Aurora wins 3 of 2,000 simulated consumers as customers and loses 1.",
        "Won by segment: young 2, old 1.",
        "Lost by segment: old 1.",
        "Their two lives part on day 10 (median; half of them between days 3 and 12).",
        "What comes first for the won is most often that, with loud, somebody praised Aurora to them (2 of 3).",
        "What comes first for the lost is most often that, with loud, the advertising of Aurora annoyed them (1 of 1).",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_two_to_six_sentences_in_every_language(language: str) -> None:
    with speaking(language):
        said = flipped_sentences(FLIPPED, "loud", "mute", "Aurora", 2000)
        assert 2 <= len(said) <= 6
        assert all(sentence.endswith(".") and "{" not in sentence for sentence in said)
        assert len(flipped_sentences(empty(), "loud", "mute", "Aurora", 2000)) == 1
    assert set(FIRST) == set(CAUSES) - set(QUIET)


@pytest.mark.compiled
def test_compare_explains_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.report.page.write_report", lambda *_, **__: tmp_path)
    small = ["--set", "population.size=100", "--set", "run.days=20", "--replicates", "1", "--workers", "1", "--quiet", "--doubt", "luck"]
    command = ["compare", "three_eras/silent", "three_eras/interruption", *small, "--out", str(tmp_path / "out")]
    told = CliRunner().invoke(app, [*command, "--explain"])
    assert told.exit_code == 0, told.output
    assert "What moved mean trust in Aurora over all consumers, one replicate; differences from silent" in told.stdout
    assert "With interruption instead of silent, Aurora" in told.stdout
    assert DEFINITION in told.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_causes_sums_to_the_difference(language: str) -> None:
    rows = [
        ("loud", "mute", START, 0.6, 0.6, 0.0),
        ("loud", "mute", "ad", 0.03, 0.0, 0.03),
        ("loud", "mute", "annoyance", -0.05, 0.0, -0.05),
    ]
    causes = pd.DataFrame(rows, columns=["a", "b", "cause", "amount_a", "amount_b", "difference"]).assign(n=4)
    with speaking(language):
        lines = causes_table(causes, "Aurora", "mute").splitlines()
        assert causes_table(causes, "Aurora", "loud") == ""
    assert [line.split()[-1].replace("\N{MINUS SIGN}", "-").replace(",", ".") for line in lines[4:]] == ["-5.00", "+3.00", "-2.00"]
    assert "4" in lines[0]
