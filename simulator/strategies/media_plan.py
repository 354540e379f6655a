"""A media plan: who is to be shown what, when, for how much. A CSV file as planners write it.

    week,channel,segments,grp            one of week (1 = days 0 to 6), day (0 = the first), date (YYYY-MM-DD)
    1,tv,,120                            one of grp, impressions, budget; `target segments` is another name of segments
    2,popup,young;urban,40               segments apart by ; (none: everybody)

GRP are impressions per 100 people of the target: of the segments where the market knows their sizes, else of everybody.
What a week holds is spread evenly over its days. Where the purse does not reach, all buys of the day shrink alike.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator.language import _
from simulator.parameters import InputError
from simulator.strategies.strategy import DAYS_A_WEEK
from simulator.world.state import AdBuy, MarketView

WHEN = ("week", "day", "date")
MEASURES = ("grp", "impressions", "budget")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: `amount` of `measure` over the days first .. first+days-1."""

    first: int
    days: int
    channel: str
    segments: tuple[str, ...]
    measure: str
    amount: float

    def cents(self, view: MarketView) -> int:
        """What the line costs on the day of the view; over its days the cents add up to the whole."""
        if not self.first <= view.day < self.first + self.days:
            return 0
        passed = view.day - self.first
        whole = self._cost(view)
        return whole * (passed + 1) // self.days - whole * passed // self.days

    def _cost(self, view: MarketView) -> int:
        if self.measure == "budget":
            return int(self.amount * 100.0 + 0.5)
        impressions = self.amount
        if self.measure == "grp":
            known = self.segments and view.segments
            people = view.represents * (sum(view.segments.get(name, 0.0) for name in self.segments) if known else 1.0)
            impressions = self.amount / 100.0 * people
        return int(impressions / 1000.0 * view.cpm[self.channel] * 100.0 + 0.5)


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """The lines of a plan, in the order of the file."""

    lines: tuple[Line, ...]

    def channels(self) -> frozenset[str]:
        """All channels of the plan."""
        return frozenset(line.channel for line in self.lines)

    def segments(self) -> frozenset[str]:
        """All target segments of the plan."""
        return frozenset(name for line in self.lines for name in line.segments)

    def buys(self, view: MarketView) -> tuple[AdBuy, ...]:
        """What is to be bought today: one buy per channel and target, in order of their names."""
        wanted: dict[tuple[str, tuple[str, ...]], int] = {}
        for line in self.lines:
            if cents := line.cents(view):
                target = (line.channel, line.segments)
                wanted[target] = wanted.get(target, 0) + cents
        total = sum(wanted.values())
        if total > view.purse_cents:
            wanted = {target: cents * view.purse_cents // total for target, cents in wanted.items()}
        return tuple(AdBuy(channel, cents, segments) for (channel, segments), cents in sorted(wanted.items()) if cents > 0)


def read_media_plan(path: str, starts: str | None = None) -> MediaPlan:
    """Read a plan; whatever is wrong with it is an `InputError` that names the line."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            lines = tuple(_lines(csv.DictReader(file), path, starts))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(_("the media plan cannot be read: {reason}").format(reason=_reason(error)), file=path) from error
    return MediaPlan(lines)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return _("it is not UTF-8 text")
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _lines(rows: csv.DictReader[str], path: str, starts: str | None) -> Iterator[Line]:
    names = {_column(name): name for name in rows.fieldnames or ()}
    when = _the_one(names, WHEN, path)
    measure = _the_one(names, MEASURES, path)
    if "channel" not in names:
        raise InputError(_("the media plan needs a column `channel`"), file=path, line=1)
    unknown = sorted(set(names) - {when, measure, "channel", "segments"})
    if unknown:
        allowed = ", ".join((*WHEN, "channel", "segments", *MEASURES))
        wrong = _("unknown column `{column}` in the media plan; allowed: {names}")
        raise InputError(wrong.format(column=unknown[0], names=allowed), file=path, line=1)
    cells: list[tuple[int, dict[str, str]]] = []
    for row in rows:
        if None in row or None in row.values():
            raise InputError(_("{count} columns expected").format(count=len(names)), file=path, line=rows.line_num)
        cells.append((rows.line_num, {column: row[name].strip() for column, name in names.items()}))
    cells = [(number, cell) for number, cell in cells if any(cell.values())]
    if not cells:
        raise InputError(_("the media plan has no lines"), file=path, line=1)
    day_0 = _date(starts, path, 1, "plan_starts") if starts else None
    if when == "date" and day_0 is None:
        day_0 = min(_date(cell["date"], path, number, "date") for number, cell in cells)
    for number, cell in cells:
        first = _first_day(cell[when], when, day_0, path, number)
        if not cell["channel"]:
            raise InputError(_("no channel"), file=path, line=number)
        segments = tuple(sorted({name.strip() for name in cell.get("segments", "").split(";")} - {""}))
        days = DAYS_A_WEEK if when == "week" else 1
        yield Line(first, days, cell["channel"], segments, measure, _amount(cell[measure], path, number, measure))


def _first_day(text: str, when: str, day_0: datetime.date | None, path: str, line: int) -> int:
    """The first day (0, 1, ...) of a week, day or date."""
    if when == "date" and day_0 is not None:
        first, wrong = (_date(text, path, line, when) - day_0).days, _("{when} {text} is too early: day 0 is {day_0}")
    elif when == "week":
        first, wrong = (_whole(text, path, line, when) - 1) * DAYS_A_WEEK, _("{when} {text} is too early: the first week is 1")
    else:
        first, wrong = _whole(text, path, line, when), _("{when} {text} is too early: the first day is 0")
    if first < 0:
        raise InputError(wrong.format(when=when, text=text, day_0=day_0), file=path, line=line)
    return first


def _column(name: str) -> str:
    plain = name.strip().lower().replace("_", " ")
    return "segments" if plain in ("target segments", "target segment", "target", "segment", "segments") else plain


def _the_one(names: Mapping[str, str], allowed: tuple[str, ...], path: str) -> str:
    found = [name for name in allowed if name in names]
    if len(found) != 1:
        has = _(" and ").join(f"`{name}`" for name in found) or _("none")
        wrong = _("the media plan needs exactly one of the columns {names}; it has {has}")
        raise InputError(wrong.format(names=", ".join(allowed), has=has), file=path, line=1)
    return found[0]


def _whole(text: str, path: str, line: int, column: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(_("{column} `{text}` is not a whole number").format(column=column, text=text), file=path, line=line) from None


def _amount(text: str, path: str, line: int, column: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        raise InputError(_("{column} `{text}` is not a number").format(column=column, text=text), file=path, line=line) from None
    if not 0.0 <= amount <= 1e12:
        raise InputError(_("{column} {text} must be between 0 and 1e12").format(column=column, text=text), file=path, line=line)
    return amount


def _date(text: str, path: str, line: int, column: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(_("{column} `{text}` is not a date (YYYY-MM-DD)").format(column=column, text=text), file=path, line=line) from None
