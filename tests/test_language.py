"""The program speaks English and French, and both say the same."""

from __future__ import annotations

import datetime
import re
import string
import subprocess
import sys
import threading
from collections import Counter

import pytest
from babel.messages.catalog import Message

from simulator.language import (
    ENGLISH,
    LANGUAGES,
    French,
    _,
    date,
    decimal_mark,
    general,
    language,
    money,
    ngettext,
    number,
    percent,
    speaking,
)
from tests.catalogues import Text, catalogue, marked, texts

OTHERS = [spoken for spoken in LANGUAGES if spoken != ENGLISH]


@pytest.fixture(scope="module")
def said() -> dict[Text, str]:
    return marked()


@pytest.fixture(scope="module", params=OTHERS)
def known(request: pytest.FixtureRequest) -> dict[Text, Message]:
    return texts(catalogue(request.param))


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(form) for form in text]  # type: ignore[attr-defined]  # a tuple of texts


def test_everything_that_is_said_is_translated(said: dict[Text, str], known: dict[Text, Message]) -> None:
    lacking = {text: file for text, file in said.items() if text not in known or not all(forms(known[text].string))}
    assert not lacking


def test_nothing_is_translated_that_nobody_says(said: dict[Text, str], known: dict[Text, Message]) -> None:
    assert not known.keys() - said.keys()


def test_translations_have_the_same_places_for_values(known: dict[Text, Message]) -> None:
    for text, message in known.items():
        if not all(forms(message.string)):  # the test above says so
            continue
        for form, translated in zip(forms(text), forms(message.string), strict=True):
            assert places(translated) == places(form) or len(forms(text)) > 1 and set(places(translated)) <= set(places(form)), form
            assert Counter(re.findall(r"</?\w+>", translated)) == Counter(re.findall(r"</?\w+>", form)), form


def places(text: str) -> Counter[str]:
    return Counter(str(name) for _text, name, _form, _change in string.Formatter().parse(text) if name is not None)


def test_a_language_holds_inside_and_in_its_own_thread_only() -> None:
    heard = []
    with speaking("fr"):
        assert language() == "fr"
        assert _("assumption") == "hypothèse"
        assert ngettext("{number} week", "{number} weeks", 0) == "{number} semaine"  # French counts 0 as one
        other = threading.Thread(target=lambda: heard.append(_("assumption")))
        other.start()
        other.join()
        with speaking("en"):
            assert _("assumption") == "assumption"
        assert language() == "fr"
    assert language() == "en"
    assert heard == ["assumption"]
    with pytest.raises(ValueError, match="allowed: en, fr"), speaking("de"):
        pass


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("en", ["-1,234,567.9", "+0.10", "58.1%", "EUR 1,200", "22 November 2026", "0.05", "."]),
        ("fr", ["−1 234 567,9", "+0,10", "58,1 %", "1 200 EUR", "22 novembre 2026", "0,05", ","]),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_has_it(spoken: str, expected: list[str]) -> None:
    with speaking(spoken):
        written = [
            number(-1234567.89, 1), number(0.1, 2, signed=True), percent(0.581, 1), money(1200.0, "EUR"),
            date(datetime.date(2026, 11, 22)), general(0.05), decimal_mark(),
        ]  # fmt: skip
    assert [re.sub(r"\s", " ", text) for text in written] == expected


FILLED_IN = {
    "Aurora": "d’Aurora qu’Aurora", "Érable": "d’Érable qu’Érable", "Corona": "de Corona que Corona", "": "de  que ", 11: "de 11 que 11",
    "{name}": "de {name} que {name}",
}  # fmt: skip


@pytest.mark.parametrize(("name", "said"), FILLED_IN.items())
def test_french_joins_de_and_que_to_a_vowel(name: object, said: str) -> None:
    assert French("de {name} que {name}").format(name=name) == said
    assert French("grade {name}, « {name} »").format(name="Aurora") == "grade Aurora, « Aurora »"


def test_english_needs_no_catalogue() -> None:
    code = "import sys, simulator.report.numbers as n; n.level(.5, 'share'); assert 'babel' not in sys.modules, 'babel was imported'"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
