"""Numbers as people read them, by the unit of the key figure."""

from __future__ import annotations

import math

from simulator.parameters import ASSUMPTION, LITERATURE
from simulator.results.kpis import KPIS

NOTHING = "-"
"""Shown where there is no number."""

EVIDENCE = {ASSUMPTION: "assumption", LITERATURE: "literature"}
"""What a value may rest on, in words."""

_DECIMALS = {"currency": 0, "units": 0, "people": 0, "messages": 0, "days": 1, "points": 2, "ratio": 2}


def level(value: float, unit: str) -> str:
    """A figure by itself: `58.1%`, `1,234,567`."""
    if math.isnan(value):
        return NOTHING
    if unit == "share":
        return f"{100 * value:.{2 if 0 < abs(value) < 0.01 else 1}f}%"
    return _tidy(f"{value:,.{_DECIMALS.get(unit, 3)}f}")


def change(value: float, unit: str, small: bool = False) -> str:
    """A difference, signed; of shares in percentage points. small: with a decimal more."""
    if math.isnan(value):
        return NOTHING
    if unit == "share":
        return _tidy(f"{100 * value:+.{2 if small else 1}f}")
    return _tidy(f"{value:+,.{_DECIMALS.get(unit, 3)}f}")


def change_with_interval(mean: float, low: float, high: float, unit: str) -> str:
    """`+3.1 pt [2.8, 3.4]`."""
    if math.isnan(mean):
        return NOTHING
    small = unit == "share" and max(abs(mean), abs(low), abs(high)) < 0.01
    text = change(mean, unit, small) + (" pt" if unit == "share" else "")
    return text if math.isnan(low) else f"{text} [{change(low, unit, small)}, {change(high, unit, small)}]"


def label(kpi: str, currency: str = "") -> str:
    """The name of a key figure, with the currency where it is money."""
    declared = KPIS[kpi]
    name = declared.label["en"]
    return f"{name} ({currency})" if declared.unit == "currency" and currency else name


def period(day: int) -> str:
    """`week 26` for 182 days, `day 100` where it is no whole week."""
    return f"week {day // 7}" if day % 7 == 0 else f"day {day}"


def _tidy(text: str) -> str:
    """No sign in front of what rounds to zero."""
    return text.lstrip("+-") if not text.strip("+-0.,") else text
