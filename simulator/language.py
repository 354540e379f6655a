"""In which language the program speaks: words from gettext catalogues, numbers and dates by locale.

The catalogues are text, `locale/<language>/LC_MESSAGES/messages.po`, and compiled in memory when their language is first spoken; English
needs neither them nor Babel. The language belongs to the context (`contextvars`): a server may speak several at once.

In code: `_("{count} runs failed").format(count=3)`, `ngettext("{n} week", "{n} weeks", n).format(n=n)`; `N_` marks words that are
translated later. Names of columns and of keys of scenario files are never translated.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import gettext as gettexts
import io
import re
import unicodedata
from collections.abc import Iterator
from contextvars import ContextVar
from decimal import Decimal
from pathlib import Path

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr")

CATALOGUES = Path(__file__).parent / "locale"
DOMAIN = "messages"

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language() -> str:
    """The language spoken here and now: one of LANGUAGES."""
    return _spoken.get()


def speak(chosen: str) -> None:
    """The language from here on: of a process that was started by one that speaks it."""
    _spoken.set(chosen)


@contextlib.contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Inside, `_`, `ngettext` and numbers are of this language. Raises ValueError for one that is not spoken."""
    if chosen not in LANGUAGES:
        raise ValueError(f'"{chosen}" is no language of this program; allowed: {", ".join(LANGUAGES)}')
    token = _spoken.set(chosen)
    try:
        yield
    finally:
        _spoken.reset(token)


class French(str):
    """A text whose `de` and `que` lose their vowel where what is filled in behind them begins with one: `d’Aurora`."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> str:
        """As of any text; only what is filled in by name is looked at."""

        def elided(found: re.Match[str]) -> str:
            first = unicodedata.normalize("NFD", str(values.get(found[2], "")))[:1].casefold()
            return f"{found[1]}’{{{found[2]}" if first in VOWELS else found[0]

        return str.format(re.sub(r"\b([dD]|[qQ]u)e \{(\w+)\b", elided, self), *args, **values)


VOWELS = tuple("aeiou")


def _(text: str) -> str:
    """The text in the language spoken; itself where the catalogue lacks it."""
    spoken = _spoken.get()
    return text if spoken == ENGLISH or not text else French(catalogue(spoken).gettext(text))


def ngettext(one: str, many: str, count: int) -> str:
    """The form that goes with `count` of something, in the language spoken."""
    spoken = _spoken.get()
    if spoken == ENGLISH:
        return one if count == 1 else many
    return French(catalogue(spoken).ngettext(one, many, count))


def N_(text: str) -> str:
    """The text as it is, marked for the catalogue: for what is translated when it is shown."""
    return text


@functools.cache
def catalogue(spoken: str) -> gettexts.NullTranslations:
    """The compiled catalogue of a language. Its spaces before `:`, `;`, `?`, `!`, `%` and inside guillemets become unbreakable."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / spoken / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        messages = read_po(file, locale=spoken, domain=DOMAIN)
    for message in messages:
        message.string = tuple(map(_typeset, message.string)) if isinstance(message.string, tuple) else _typeset(str(message.string))
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettexts.GNUTranslations(compiled)


def _typeset(text: str) -> str:
    return re.sub(" (?=[:;?!%»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)


# -- numbers ---------------------------------------------------------------------------------------------------------


def number(value: float, decimals: int = 0, signed: bool = False) -> str:
    """`-1,234.5` with so many decimals; `signed`: with a plus where it is one. Digits are the same in every language."""
    text = f"{value:{'+' if signed else ''},.{decimals}f}"
    return text if _spoken.get() == ENGLISH else _localised(text)


def general(value: float) -> str:
    """Up to six significant digits, as short as they go: `0.05`, `1.2e-07`."""
    text = f"{value:g}"
    return text if _spoken.get() == ENGLISH or not text.lstrip("+-").replace(".", "").isdecimal() else _localised(text)


def percent(share: float, decimals: int = 0) -> str:
    """`58.1%` of the share .581."""
    return number(100.0 * share, decimals) + percent_sign()


def percent_sign() -> str:
    """The sign with the space that belongs before it."""
    spoken = _spoken.get()
    return "%" if spoken == ENGLISH else _percent_sign(spoken)


def money(amount: float, currency: str, decimals: int = 0) -> str:
    """`EUR 1,234`; the currency is whatever label the scenario gives."""
    if _spoken.get() == ENGLISH:
        return f"{currency} {number(amount, decimals)}"
    return f"{number(amount, decimals)}\N{NO-BREAK SPACE}{currency}"


def date(day: datetime.date) -> str:
    """`22 November 2026`."""
    if _spoken.get() == ENGLISH:
        months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
        return f"{day.day} {months[day.month - 1]} {day.year}"  # strftime would ask the machine's locale
    from babel.dates import format_date

    return format_date(day, "long", locale=_spoken.get())


def decimal_mark() -> str:
    """What separates decimals: of CSV files for a spreadsheet in the language spoken."""
    if _spoken.get() == ENGLISH:
        return "."
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(_spoken.get())


def _localised(text: str) -> str:
    """The same digits with the marks of the language spoken."""
    from babel.numbers import format_decimal

    plain = text.replace(",", "")
    if not plain.lstrip("+-").replace(".", "").isdecimal():  # nan, inf
        return plain
    decimals = len(plain.partition(".")[2])
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    formatted = format_decimal(Decimal(plain.lstrip("+-")), pattern, locale=_spoken.get())
    return {"-": "\N{MINUS SIGN}", "+": "+"}.get(plain[0], "") + formatted


@functools.cache
def _percent_sign(spoken: str) -> str:
    from babel import Locale

    return str(Locale.parse(spoken).percent_formats[None].suffix[0])
