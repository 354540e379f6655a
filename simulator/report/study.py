"""A study in words and numbers: what is there, what is missing, how the settings do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.best import Best, Level
from simulator.experiments.effects import as_text, values_of
from simulator.experiments.paired import F64, SAME, UNCLEAR
from simulator.language import _, ngettext, number
from simulator.report.numbers import NOTHING, change_with_interval, label, level, level_with_interval
from simulator.report.text import aligned
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    from simulator.experiments.study import Study

FIGURES = ("profit", "units", "reach", "trust_aware", "penetration")
"""The key figures of the table."""
ROWS = 20
NAMED = 10
"""So many cells are named in a sentence."""


def study_data(study: Study) -> dict[str, Any]:
    """How complete a study is, and the mean and standard error of the key figures of every cell; best profit first."""
    frame = study.frame()
    fine = frame[frame["error"].isna()]
    missing = study.missing
    cells = []
    for cell, rows in fine.groupby("cell"):
        values = {kpi: rows[kpi].to_numpy(float) for kpi in FIGURES}
        entry: dict[str, Any] = {"cell": int(str(cell)), "settings": study.cells[int(str(cell))], "n": len(rows)}
        for kpi, seen in values.items():
            entry[kpi] = float(seen.mean())
            entry[f"{kpi}_error"] = float(seen.std(ddof=1) / np.sqrt(len(seen))) if len(seen) > 1 else float("nan")
        cells.append(entry)
    return {
        "study": str(study.path), "title": study.manifest["title"], "focal": study.focal, "runs": study.runs,
        "done": study.runs - len(missing), "missing": len(missing), "missing_parts": study.missing_parts(),
        "failed": [{"cell": row["cell"], "replicate": row["replicate"], "error": row["error"]} for place, row in study.failures.iterrows()],
        "cells": sorted(cells, key=lambda entry: np.inf if np.isnan(entry["profit"]) else -entry["profit"]),
    }  # fmt: skip


def headline(data: dict[str, Any]) -> str:
    """How complete a study is, in a sentence."""
    form = _("{done} of {runs} runs of {focal}, {failed} of them failed.") if data["failed"] else _("{done} of {runs} runs of {focal}.")
    return form.format(done=number(data["done"]), runs=number(data["runs"]), focal=data["focal"], failed=number(len(data["failed"])))


def best_lines(study: Study, found: Best) -> list[str]:
    """Which setting is best, and how sure that is, in sentences."""
    currency = study.scenario.market.currency
    name, unit = label(found.goal, currency), KPIS[found.goal].unit
    asked = _(" and ").join(str(each) for each in found.constraints)
    if found.level is None or found.cell is None:
        if found.nearest is None:
            finished = study.frame()["error"].isna().any()
            unknown = _("{kpi} is known of no run: there is no best setting.").format(kpi=name)
            return [unknown if finished else _("No run has finished yet.")]
        near = "; ".join(f"{each.constraint.kpi} {_measured(each.level, KPIS[each.constraint.kpi].unit)}" for each in found.met)
        return [
            _("No setting qualifies: none has {limits} on average.").format(limits=asked),
            _("The nearest is {cell}: {figures}.").format(cell=_named(study, found.nearest), figures=near),
        ]
    if KPIS[found.goal].direction > 0:
        form = _("In this model, {cell} has the highest mean {kpi}, {value}, {among} ({runs}).")
    else:
        form = _("In this model, {cell} has the lowest mean {kpi}, {value}, {among} ({runs}).")
    among = (_("among the {count} settings with {limits}") if asked else _("of {count} settings")).format(
        count=number(len(found.qualifying)), limits=asked
    )
    runs = ngettext("{count} run", "{count} runs", found.level.n).format(count=found.level.n)
    lines = [form.format(cell=_named(study, found.cell), kpi=name, value=_measured(found.level, unit), among=among, runs=runs)]
    for each in found.met:
        if each.surely:
            form = _("{limit} holds surely: {value}.")
        else:
            form = _("{limit} holds on average only, as its interval crosses the bound or is not known: {value}.")
        lines.append(form.format(limit=each.constraint, value=_measured(each.level, KPIS[each.constraint.kpi].unit)))
    if found.leads:
        second = found.leads[0]
        apart = change_with_interval(second.mean, second.low, second.high, unit)
        told = {UNCLEAR: _("one cannot tell which of the two is better"), SAME: _("no practical difference")}.get(
            second.verdict, _("a sure lead")
        )
        if not np.isnan(second.more):
            told += _("; about {count} more pairs of runs would tell").format(count=number(second.more))
        ahead = _("It is ahead of the runner-up, {cell}, in {wins} of {n} pairs, on average by {difference}: {verdict}.")
        lines.append(ahead.format(cell=_named(study, second.cell), wins=second.wins, n=second.n, difference=apart, verdict=told))
        if found.as_good:
            cells = ", ".join(str(cell) for cell in found.as_good[:NAMED]) + (", ..." if len(found.as_good) > NAMED else "")
            alike = _("{some} of the next {all} settings cannot be told from it or differ by nothing that matters: cells {cells}.")
            lines.append(alike.format(some=len(found.as_good), all=len(found.leads), cells=cells))
    return lines


def best_data(found: Best) -> dict[str, Any]:
    """The same for other programs."""
    return asdict(found) | {"constraints": [str(each) for each in found.constraints], "as_good": list(found.as_good)}


def cell_row(study: Study, cell: int, kpis: Sequence[str]) -> list[str]:
    """How many runs of a cell there are, and its figures."""
    values = [values_of(study, kpi)[cell] for kpi in kpis]
    known = [row[~np.isnan(row)] for row in values]
    shown = [_mean_and_error(row, KPIS[kpi].unit) for row, kpi in zip(known, kpis, strict=True)]
    return [str(max((len(row) for row in known), default=0)), *shown]


def _mean_and_error(values: F64, unit: str) -> str:
    if not len(values):
        return NOTHING
    error = f" ±{level(float(values.std(ddof=1)) / np.sqrt(len(values)), unit)}" if len(values) > 1 else ""
    return level(float(values.mean()), unit) + error


def _measured(seen: Level, unit: str) -> str:
    return level_with_interval(seen.mean, seen.low, seen.high, unit)


def _named(study: Study, cell: int) -> str:
    settings = ", ".join(f"{key} = {as_text(study.cells[cell][key])}" for key in study.keys)
    return _("cell {cell} ({settings})").format(cell=cell, settings=settings)


def study_lines(data: dict[str, Any]) -> str:
    """The same for a terminal."""
    lines = [_("{title}: {sentence}").format(title=data["title"] or data["study"], sentence=headline(data))]
    if data["failed"]:
        first = data["failed"][0]
        said = _("{count} failed, the first: cell {cell}, replicate {replicate}: {error}")
        lines.append(said.format(count=len(data["failed"]), **first))
    if data["cells"]:
        keys = list(data["cells"][0]["settings"])
        rows = [
            [str(entry["cell"]), *(str(entry["settings"][key]) for key in keys), str(entry["n"]), *(_figure(entry, kpi) for kpi in FIGURES)]
            for entry in data["cells"][:ROWS]
        ]
        lines += ["", aligned([_("cell"), *keys, "n", *(label(kpi) for kpi in FIGURES)], rows)]
        if len(data["cells"]) > ROWS:
            lines.append(_("... and {count} more").format(count=len(data["cells"]) - ROWS))
    lines += ["", _("folder: {folder}").format(folder=data["study"])]
    return "\n".join(lines)


def _figure(entry: dict[str, Any], kpi: str) -> str:
    unit = KPIS[kpi].unit
    error = entry[f"{kpi}_error"]
    return level(entry[kpi], unit) + ("" if np.isnan(error) else f" ±{level(error, unit)}")
