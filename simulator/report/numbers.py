"""Numbers as people read them, by the unit of the key figure, in the language spoken."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.language import N_, _, language, number, percent_sign
from simulator.parameters import ASSUMPTION, LITERATURE
from simulator.results.kpis import KPIS

NOTHING = "-"
"""Shown where there is no number."""

EVIDENCE = {ASSUMPTION: N_("assumption"), LITERATURE: N_("literature")}
"""What a value may rest on, in words."""

UNITS = {"units": N_("units"), "people": N_("people"), "messages": N_("messages"), "days": N_("days")}
"""Units of key figures that are words."""

VERDICTS = {
    name: name
    for name in (N_("better"), N_("worse"), N_("no practical difference"), N_("cannot tell"), N_("higher"), N_("lower"))
}  # fmt: skip
"""What a verdict may say, marked for translation."""

_DECIMALS = {"currency": 0, "units": 0, "people": 0, "messages": 0, "days": 1, "points": 2, "ratio": 2}


def level(value: float, unit: str) -> str:
    """A figure by itself: `58.1%`, `1,234,567`."""
    if math.isnan(value):
        return NOTHING
    if unit == "share":
        return number(100.0 * value, 2 if 0 < abs(value) < 0.01 else 1) + percent_sign()
    return _tidy(number(value, _DECIMALS.get(unit, 3)))


def change(value: float, unit: str, small: bool = False) -> str:
    """A difference, signed; of shares in percentage points. small: with a decimal more."""
    if math.isnan(value):
        return NOTHING
    if unit == "share":
        return _tidy(number(100.0 * value, 2 if small else 1, signed=True))
    return _tidy(number(value, _DECIMALS.get(unit, 3), signed=True))


def change_with_interval(mean: float, low: float, high: float, unit: str) -> str:
    """`+3.1 pt [2.8, 3.4]`; in French with a semicolon, as the comma is its decimal mark."""
    if math.isnan(mean):
        return NOTHING
    small = unit == "share" and max(abs(mean), abs(low), abs(high)) < 0.01
    text = change(mean, unit, small) + (" " + _("pt") if unit == "share" else "")
    return text if math.isnan(low) else f"{text} {interval(change(low, unit, small), change(high, unit, small))}"


def interval(low: str, high: str) -> str:
    """`[2.8, 3.4]`, `[2,8 ; 3,4]`."""
    return f"[{low}, {high}]" if language() == "en" else f"[{low}\N{NO-BREAK SPACE}; {high}]"


def level_with_interval(mean: float, low: float, high: float, unit: str) -> str:
    """`58.1% [57.0%, 59.2%]`."""
    text = level(mean, unit)
    return text if math.isnan(low) else f"{text} {interval(level(low, unit), level(high, unit))}"


def label(kpi: str, currency: str = "") -> str:
    """The name of a key figure, with the currency where it is money."""
    declared = KPIS[kpi]
    name = declared.label[language()]
    return f"{name} ({currency})" if declared.unit == "currency" and currency else name


def period(day: int) -> str:
    """`week 26` for 182 days, `day 100` where it is no whole week."""
    return _("week {number}").format(number=number(day // 7)) if day % 7 == 0 else _("day {number}").format(number=number(day))


def sentence_case(text: str) -> str:
    """With a capital in front, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(parts: Sequence[str], word: str) -> str:
    """`a, b and c`. word: already translated."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _tidy(text: str) -> str:
    """No sign in front of what rounds to zero."""
    return text.lstrip("+-\N{MINUS SIGN}") if not any(digit in text for digit in "123456789") else text
