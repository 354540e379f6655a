"""Where a verdict flips, in a sentence, a table, a picture and a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator.experiments.breakeven import BreakEven, Crossing
from simulator.experiments.comparison import direction
from simulator.files import written
from simulator.language import N_, _, number
from simulator.parameters import InputError
from simulator.report.drawing import COLOURS, SETTINGS, Picture, as_svg, blank, numbered
from simulator.report.findings import Section, page
from simulator.report.machine import records
from simulator.report.numbers import change_with_interval, interval, label, level
from simulator.report.text import aligned
from simulator.results.kpis import KPIS
from simulator.scenario.schema import Scenario

PAGE, TABLE = "breakeven.html", "breakeven.csv"
CURRENCY = "currency"
UNPAIRED = N_("The scenarios have other people or ties, so that luck is part of the difference.")


def breakeven_data(found: BreakEven) -> dict[str, Any]:
    """Everything that was found, for other programs."""
    return {
        "a": found.names[0], "b": found.names[1], "key": found.key, "unit": found.unit, "set_in": list(found.set_in), "kpi": found.kpi,
        "in_scenario": found.default, "outcome": found.outcome, "answer": answer(found), "seed": found.seed,
        "replicates": found.levels.shape[2], "paired": found.paired,
        "flips": [
            {"value": each.value, "low": each.low, "high": each.high, "ahead_below": found.names[0 if each.below > 0 else 1],
             "ahead_above": found.names[1 if each.below > 0 else 0], "between": list(each.bracket)}
            for each in found.crossings
        ],
        "values": records(found.table), "failures": found.failures,
    }  # fmt: skip


def answer(found: BreakEven) -> str:
    """The sentence: who is ahead below and above what, or why that cannot be said."""
    a, b = found.names
    said = [_crossing(found, each) for each in found.crossings]
    if found.outcome == "equal":
        form = _("In this model, judged by {kpi}, {a} and {b} are equal for every {key} from {low} to {high}.")
    elif found.outcome == "ahead":
        form = _("In this model, judged by {kpi}, {leader} is ahead for every {key} from {low} to {high}: there is no flip.")
    elif not said:
        form = _(
            "In this model, judged by {kpi}, {leader} is ahead in the mean for every {key} from {low} to {high}, but luck leaves"
            " it open {near}."
        )
    elif found.outcome == "flip":
        form = _("In this model, judged by {kpi}, {flips}.")
    elif found.outcome == "flips":
        form = _("In this model, judged by {kpi}, the verdict flips {count} times: {flips}.")
    else:
        form = _(
            "In this model, judged by {kpi}, it cannot be told where the verdict flips: in the mean {flips}, but luck leaves"
            " it open {near}."
        )
    return form.format(
        kpi=label(found.kpi).lower(), a=a, b=b, leader=found.leader, key=found.key, low=_value(found, found.values[0]),
        high=_value(found, found.values[-1]), near=_spans(found), count=len(said),
        flips="; ".join(said) if found.outcome == "flips" else "".join(said[:1]),
    )  # fmt: skip


def breakeven_lines(found: BreakEven) -> str:
    """The answer and the values tried, for a terminal."""
    said = _("{key} was set in {names}; difference: {a} minus {b}.")
    notes = [said.format(key=found.key, names=_(" and ").join(found.set_in), a=found.names[0], b=found.names[1])]
    if not found.paired:
        notes.append(_(UNPAIRED))
    illustrative = _("Illustrative: the numbers are those of a model and its assumptions.")
    return "\n".join([answer(found), *notes, "", aligned(*_rows(found), right=(1, 2)), "", illustrative])


def write_breakeven(found: BreakEven, folder: str | Path, scenarios: Sequence[Scenario], command: str = "") -> Path:
    """Write breakeven.html and breakeven.csv to a folder that is empty, or holds an older answer; returns the page's path."""
    target = check_folder(folder)
    written(target / TABLE, found.table.to_csv(index=False, lineterminator="\n").encode())
    written(target / PAGE, breakeven_html(found, scenarios, command).encode())
    return target / PAGE


def check_folder(folder: str | Path) -> Path:
    """The folder, if an answer may be written to it."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or not {file.name for file in target.iterdir()} <= {PAGE, TABLE}):
        raise InputError(_("{folder} holds other files; choose another --out, or remove what is there").format(folder=target))
    return target


def breakeven_html(found: BreakEven, scenarios: Sequence[Scenario], command: str = "") -> str:
    """The page. scenarios: A and B as they were given."""
    a, b = found.names
    last = found.seed + found.levels.shape[2] - 1
    text = _(
        "{a} minus {b}, mean of the pairs with its 95% interval; wins: pairs in which {a} is ahead. The interval of a flip is a bootstrap"
        " over pairs, its curve straight between the values tried."
    ).format(a=a, b=b)
    header, rows = _rows(found)
    basis = _(
        "{key} was set in {names}. {replicates} paired replicates of each of {count} "
        "values, seeds {first} to {last}. The numbers are those of a model and its assumptions; nothing here was fitted to a market."
    ).format(
        key=found.key, names=_(" and ").join(found.set_in), replicates=found.levels.shape[2], count=len(found.values), first=found.seed,
        last=last,
    )  # fmt: skip
    warnings = [] if found.paired else [_(UNPAIRED)]
    if found.failures:
        place, error = next(iter(found.failures.items()))
        failed = _("{count} pairs failed and are left out; the first, {place}: {error}")
        warnings.append(failed.format(count=len(found.failures), place=place, error=error))
    over = _("{kpi} over {key}").format(kpi=label(found.kpi, found.currency), key=found.key)
    section = Section(over, text, [breakeven_picture(found)], header, rows)
    named = list(zip(found.names, scenarios, strict=True))
    title = _("Where the verdict flips: {a} against {b}").format(a=a, b=b)
    return page("break-even", title, [answer(found)], basis, [section], named, warnings, command)


def breakeven_picture(found: BreakEven) -> Picture:
    """The mean difference over the key with its band, and the crossings with their intervals."""
    import matplotlib as mpl

    table, unit = found.table, KPIS[found.kpi].unit
    with mpl.rc_context(SETTINGS):
        figure, axes = blank()
        figure.set_size_inches(6.4, 3.4)
        axes.fill_between(table["value"], table["low"], table["high"], color=COLOURS[1], alpha=0.18, linewidth=0)
        axes.plot(table["value"], table["mean"], color=COLOURS[1], marker="o", markersize=3.5, linewidth=1.6)
        axes.axhline(0.0, color="#1c1c1c", linewidth=0.9)
        for each in found.crossings:
            left, right = max(each.low, found.values[0]), min(each.high, found.values[-1])
            axes.axvspan(left, right, color=COLOURS[2], alpha=0.15, linewidth=0)
            axes.axvline(each.value, color=COLOURS[2], linewidth=1.4, linestyle="--")
        if isinstance(found.default, (int, float)) and found.values[0] <= found.default <= found.values[-1]:
            axes.plot([found.default], [0.0], marker="^", color="#1c1c1c", clip_on=False)
        axes.set_xlabel(f"{found.key}{f' ({_unit(found)})' if _unit(found) else ''}")
        axes.set_ylabel(_("{a} minus {b}").format(a=found.names[0], b=found.names[1]))
        numbered(axes.yaxis, unit)
        svg = as_svg(figure, "breakeven")
    said = "; ".join(f"{_value(found, row['value'])}: {level(row['mean'], unit)}" for row in records(table))
    caption = _(
        "{kpi}: mean difference with its 95% interval; dashed: the flip and its interval; triangle: the value in the scenario."
    ).format(kpi=label(found.kpi, found.currency))
    return Picture("breakeven", answer(found), svg, f"{answer(found)} {said}.", caption, whole=True)


def _rows(found: BreakEven) -> tuple[list[str], list[list[str]]]:
    a, b = found.names
    unit = KPIS[found.kpi].unit
    header = [found.key, a, b, _("{a} minus {b}").format(a=a, b=b), _("wins"), _("{a} is").format(a=a)]
    rows = [
        [_value(found, row["value"]), level(row["a"], unit), level(row["b"], unit),
         change_with_interval(row["mean"], row["low"], row["high"], unit), f"{row['wins']}/{row['n']}", _(row["verdict"])]
        for row in records(found.table)
    ]  # fmt: skip
    return header, rows


def _crossing(found: BreakEven, each: Crossing) -> str:
    first, then = found.names if each.below > 0 else found.names[::-1]
    low = _number(found, each.low) if math.isfinite(each.low) else _("below {number}").format(number=_number(found, found.values[0]))
    high = _number(found, each.high) if math.isfinite(each.high) else _("above {number}").format(number=_number(found, found.values[-1]))
    if direction(found.kpi):
        form = _("{first} is ahead below {value} {interval} and {then} above")
    else:
        form = _("{first} is higher below {value} {interval} and {then} above")
    return form.format(first=first, value=_value(found, each.value), interval=interval(low, high), then=then)


def _spans(found: BreakEven) -> str:
    """Where luck leaves it open, as runs of the values tried."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~found.sure, [False]]).astype(int)))
    spans = [(found.values[start], found.values[stop - 1]) for start, stop in edges.reshape(-1, 2)]
    said = [(_("at {low}") if x == y else _("from {low} to {high}")).format(low=_value(found, x), high=_value(found, y)) for x, y in spans]
    return _(" and ").join(said)


def _unit(found: BreakEven) -> str:
    return found.unit.replace(CURRENCY, found.currency)


def _value(found: BreakEven, value: float) -> str:
    unit = _unit(found)
    return f"{_number(found, value)}{f' {unit}' if unit else ''}"


def _number(found: BreakEven, value: float) -> str:
    """With as many decimals as the range deserves: a thousandth of it."""
    width = float(found.values[-1] - found.values[0])
    decimals = max(0, min(8, 2 - math.floor(math.log10(width)))) if width > 0.0 else 2
    return number(value, decimals)
