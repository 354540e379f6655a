"""Observed series: what a market did, a row for each period, as a scenario is fitted to it.

A CSV file with a heading. Columns:

    period   1, 2, 3 ... | 1963 | 2001Q4 | 2001-10 | 2001-10-29      the periods of units follow each other without a gap
    value    units or adopters of the period (also: units, adopters); or a share 0..1 (also: share), as a tracker measured it
    sample   how many people a tracker asked; only with shares, whose waves may leave periods out
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.language import _
from simulator.parameters import InputError
from simulator.world.csv_records import content, records

F64 = NDArray[np.float64]
Period = Literal["day", "week", "month", "quarter", "year"]

DAYS: dict[str, int] = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 50}
"""Simulated days that a row is, unless told otherwise. Of a year 50, not 365: rates of a classical durable stay small enough a day
(Bass needs it) and runs stay short; what is a rate per day times the days of a row is the rate per period."""

VALUE_NAMES = ("value", "units", "adopters", "share")
FEWEST_ROWS = 5


@dataclass(frozen=True)
class Series:
    """An observed series. `rows`: how many periods after the first each one is; `samples`: empty unless it is a tracker's."""

    name: str
    periods: tuple[str, ...]
    rows: tuple[int, ...]
    values: tuple[float, ...]
    samples: tuple[float, ...]
    period: Period
    days_per_row: int
    digest: str
    season: tuple[float, ...] = ()
    """A cycle of factors with mean 1, the first for the first row; empty: none."""

    @property
    def tracker(self) -> bool:
        """Whether values are shares of a sample."""
        return bool(self.samples)

    @property
    def days(self) -> int:
        """How many simulated days it covers."""
        return (self.rows[-1] + 1) * self.days_per_row

    def seasonal(self) -> F64:
        """float64 [rows]: what multiplies the expected units of each row."""
        cycle = self.season or (1.0,)
        return np.array([cycle[row % len(cycle)] for row in self.rows])


def read_series(path: str | Path, period: Period | None = None, days_per_row: int | None = None) -> Series:
    """Read a series. Everything wrong with it is an InputError with file and line.

    period        what a row is; without it, what the periods look like (plain numbers: weeks)
    days_per_row  simulated days of a row; without it 1, 7, 30, 91 for day to quarter, and 50 for a year
    """
    file = Path(path)
    if days_per_row is not None and days_per_row < 1:
        raise InputError(_("{days_per_row} days are no row; allowed: 1 and more").format(days_per_row=days_per_row), key="--days-per-row")
    lines = records(file, ("period",))
    heading = next(lines)[1]
    names = [name for name in VALUE_NAMES if name in heading]
    if len(names) != 1:
        if names:
            wrong = _("one column holds what was observed, and is called {allowed} or share; {found} are both there")
        else:
            wrong = _("one column holds what was observed, and is called {allowed} or share; found: {found}")
        found = _(" and ").join(names) if names else ", ".join(heading)[:80]
        raise InputError(wrong.format(allowed=", ".join(VALUE_NAMES[:-1]), found=found), str(path), 1)
    where, what = heading.index("period"), heading.index(names[0])
    asked = heading.index("sample") if "sample" in heading else None
    places, texts, values, samples = [], [], [], []
    for line, cells in lines:
        place = Place(str(path), line)
        places.append(place)
        texts.append(cells[where])
        values.append(_value(cells[what], names[0], place))
        if asked is not None:
            samples.append(_sample(cells[asked], values[-1], place))
    if len(values) < FEWEST_ROWS:
        raise InputError(
            _("has {count} rows; at least {fewest} are needed to fit anything").format(count=len(values), fewest=FEWEST_ROWS), str(path)
        )
    kind, numbers = _numbered(texts, places)
    rows = _in_order(kind, numbers, texts, places, gaps=bool(samples))
    span: Period = period or _period(kind, numbers)
    digest = hashlib.blake2b(content(file), digest_size=16).hexdigest()
    return Series(
        file.name, tuple(texts), tuple(rows), tuple(values), tuple(samples), span, days_per_row or DAYS[span], digest
    )  # fmt: skip


def with_season(series: Series, text: str | None) -> Series:
    """The series with a seasonal index: numbers at commas, or a CSV file with a column `index`; divided by their mean."""
    if not text:
        return series
    if series.tracker:
        raise InputError(_("a season multiplies units; shares of a tracker have none"), key="--season")
    factors = _factors(text)
    if len(factors) < 2:
        raise InputError(
            _("{count} number is no cycle; allowed: two and more, such as 12 for months").format(count=len(factors)), key="--season"
        )
    mean = sum(factors) / len(factors)
    return replace(series, season=tuple(factor / mean for factor in factors))


@dataclass(frozen=True)
class Place:
    """A line of a file, for errors."""

    file: str
    line: int

    def wrong(self, text: str) -> InputError:
        """What is wrong there."""
        return InputError(text, self.file, self.line)


def _number(text: str, what: str, place: Place) -> float:
    try:
        number = float(text)
    except ValueError:
        wrong = _('{what} is "{text}"; allowed: a number') if text else _("{what} is empty; allowed: a number")
        raise place.wrong(wrong.format(what=what, text=text)) from None
    if not math.isfinite(number):
        raise place.wrong(
            _("{what} is {text}; allowed: a finite number (leave nothing out: a model cannot be fitted to what is not known)").format(
                what=what, text=text
            )
        )
    return number


def _value(text: str, name: str, place: Place) -> float:
    value = _number(text, name, place)
    if value < 0:
        raise place.wrong(_("{name} is {text}; allowed: 0 and more (is it a difference?)").format(name=name, text=text))
    return value


def _sample(text: str, share: float, place: Place) -> float:
    size = _number(text, "sample", place)
    if size < 1:
        raise place.wrong(_("sample is {text}; allowed: the number of people asked, 1 and more").format(text=text))
    if share > 1:
        raise place.wrong(_("the share is {share:g}; with a sample, allowed: 0 to 1 (percent divided by 100)").format(share=share))
    return size


FORMS: tuple[tuple[str, str, Callable[[re.Match[str]], int]], ...] = (
    ("year", r"(1[5-9]\d\d|20\d\d|21\d\d)", lambda found: int(found[1])),
    ("quarter", r"(\d{4})-?[Qq]([1-4])", lambda found: 4 * int(found[1]) + int(found[2])),
    ("month", r"(\d{4})-(0[1-9]|1[0-2])", lambda found: 12 * int(found[1]) + int(found[2])),
    ("date", r"(\d{4}-\d\d-\d\d)", lambda found: date.fromisoformat(found[1]).toordinal()),
    ("number", r"(\d{1,6})", lambda found: int(found[1])),
)


def _numbered(texts: Sequence[str], places: Sequence[Place]) -> tuple[str, list[int]]:
    """What the periods are written as, and a whole number for each."""
    kinds = [next((name for name, form, as_number in FORMS if re.fullmatch(form, text)), "") for text in texts]
    # small counts and years look alike: one that is no year makes all of them numbers
    kind = "number" if set(kinds) == {"number", "year"} else kinds[0]
    for text, found, place in zip(texts, kinds, places, strict=True):
        if not found or (found != kind and kind != "number"):
            raise place.wrong(
                _('period is "{text}"; allowed, the same form in every row: 1, 1963, 2001Q4, 2001-10 or 2001-10-29').format(text=text)
            )
    form, as_number = next(each[1:] for each in FORMS if each[0] == kind)
    numbers = []
    for text, place in zip(texts, places, strict=True):
        found_at = re.fullmatch(form, text)
        try:
            numbers.append(as_number(found_at) if found_at else int(text))
        except ValueError:
            raise place.wrong(_('"{text}" is no date').format(text=text)) from None
    return kind, numbers


def _in_order(kind: str, numbers: Sequence[int], texts: Sequence[str], places: Sequence[Place], gaps: bool) -> list[int]:
    """How many periods after the first each row is. kind date: a step is the smallest distance, and a month where it is 28 to 31 days."""
    for (before, after), text, place in zip(pairwise(numbers), texts[1:], places[1:], strict=True):
        if after <= before:
            raise place.wrong(
                _("period {text} does not come after the one before; the rows are in order of time, each period once").format(text=text)
            )
    distances = [after - before for before, after in pairwise(numbers)]
    step = min(distances) if kind == "date" else 1
    steps = [round(distance / step) for distance in distances]
    for count, distance, text, place in zip(steps, distances, texts[1:], places[1:], strict=True):
        if kind == "date" and abs(distance - count * step) > count * (3 if step >= 28 else 0):
            raise place.wrong(
                _("{text} is {distance} days after the row before, no multiple of the {step} days between other rows").format(
                    text=text, distance=distance, step=step
                )
            )
        if count > 1 and not gaps:
            raise place.wrong(
                _("{count} periods are missing before {text}; every period needs its row (0 where nothing was sold)").format(
                    count=count - 1, text=text
                )
            )
    rows: list[int] = np.cumsum([0, *steps]).tolist()
    return rows


def _period(kind: str, numbers: Sequence[int]) -> Period:
    if kind == "date":
        step = min(after - before for before, after in pairwise(numbers))
        longest: tuple[tuple[int, Period], ...] = ((1, "day"), (14, "week"), (31, "month"), (92, "quarter"))
        return next((name for days, name in longest if step <= days), "year")
    known: dict[str, Period] = {"year": "year", "quarter": "quarter", "month": "month"}
    return known.get(kind, "week")


def _factors(text: str) -> list[float]:
    if re.fullmatch(r"[\d\s.,eE+-]+", text):
        places, parts = Place("", 0), text.split(",")
        factors = [_number(part.strip(), _("a factor"), places) for part in parts]
        if any(factor <= 0 for factor in factors):
            raise InputError(_("a factor is not above 0; allowed: numbers such as 0.8,1.2"), key="--season")
        return factors
    lines = records(Path(text), ("index",))
    heading = next(lines)[1]
    factors = []
    for line, cells in lines:
        place = Place(text, line)
        factors.append(_number(cells[heading.index("index")], "index", place))
        if factors[-1] <= 0:
            raise place.wrong(_("index is {factor:g}; allowed: above 0").format(factor=factors[-1]))
    return factors
