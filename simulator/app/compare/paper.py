"""A comparison as the page prints it: texts and numbers in the language spoken, plain enough to travel to the browser."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.experiments.comparison import Comparison
from simulator.experiments.doubt import LUCK
from simulator.experiments.paired import UNCLEAR
from simulator.language import N_, _, number, percent
from simulator.report.answer import answer, finding
from simulator.report.doubts import what_would_change_it
from simulator.report.figures import CURVES, Curve, replicates_of
from simulator.report.numbers import change_with_interval, label, level, period
from simulator.report.sections import SIGNS, causal_table, doubts, kpi_table, people, seeds, timeline_table
from simulator.report.standing import standing
from simulator.results.kpis import KPIS

POINTS = 200
"""Of a curve, at most."""

FRONT = ("share", "profit", "trust_aware", "reach")
"""Pictures of the front page; where a story is told, the last gives way to the talk about it."""

ON_FRONT = ("share", "profit", "trust_aware", "reach", "messages_negative")
"""Key figures whose verdicts stand on the front page."""


def paper(comparison: Comparison) -> dict[str, Any]:
    """headline, deck, stamp; names; verdicts, curves, figures (tables) and what would change the answer."""
    if comparison.runs.empty:
        return {"headline": answer(comparison), "deck": "", "names": list(comparison.names), "failures": _failures(comparison)}
    stands = standing(comparison)
    charts = [curve_chart(comparison, curve) for curve in CURVES]
    profit = difference_chart(comparison, "profit")
    charts[1:1] = [profit] if profit else []
    front = [*FRONT[:-1], "tellings_negative"] if comparison.bad_buzz else FRONT
    day = comparison.days[-1]
    return {
        "headline": answer(comparison), "deck": _deck(comparison), "stamp": stands.label, "meaning": stands.meaning,
        "names": list(comparison.names), "baseline": comparison.baseline, "focal": comparison.focal,
        "verdicts": verdicts(comparison), "charts": charts, "front": list(front),
        "figures": kpi_table(comparison, day) | {"names": list(comparison.names)},
        "caption": _("Figures of {brand} at {period}; differences from {baseline} with {sure} intervals").format(
            brand=comparison.focal, period=period(day), baseline=comparison.baseline, sure=percent(1.0 - comparison.level)
        ),
        "course": _course(comparison), "causal": causal_table(comparison),
        "changes": _changes(comparison), "warnings": [*comparison.warnings, *comparison.notices], "failures": _failures(comparison),
    }  # fmt: skip


def verdicts(comparison: Comparison) -> list[dict[str, Any]]:
    """Of each scenario but the baseline: what it does to the figures of the front page, with sign, difference and both doubts."""
    last = comparison.days[-1]
    rows = comparison.verdicts[(comparison.verdicts["day"] == last) & (comparison.verdicts["b"] == comparison.baseline)]
    found = {(str(row["a"]), str(row["kpi"])): row for row in rows.to_dict("records")}
    told = []
    for place, name in enumerate(comparison.names[1:], start=1):
        lines = []
        for kpi in ON_FRONT:
            row = found.get((name, kpi))
            if row is None:
                continue
            said = str(row["verdict"])
            lines.append({
                "label": label(kpi, comparison.scenarios[0].market.currency), "said": _(said), "sign": SIGNS[said],
                "kind": said.replace(" ", "-"), "doubts": doubts(row), "open": said == UNCLEAR,
                "difference": change_with_interval(row["mean"], row["low"], row["high"], KPIS[kpi].unit),
            })  # fmt: skip
        told.append({"name": name, "place": place, "lines": lines})
    return told


def curve_chart(comparison: Comparison, curve: Curve) -> dict[str, Any]:
    """One daily column: of each scenario the mean and the middle 80% of the replicates."""
    series = []
    for place, name in enumerate(comparison.names):
        days, values = replicates_of(comparison, name, curve)
        if not len(days):
            continue
        mean, (low, high) = values.mean(axis=0), np.quantile(values, (0.1, 0.9), axis=0)
        kept = np.unique(np.linspace(0, len(days) - 1, min(POINTS, len(days))).round().astype(int))
        series.append({
            "name": name, "place": place, "days": [int(day) for day in days[kept]], "mean": _short(mean[kept]), "low": _short(low[kept]),
            "high": _short(high[kept]), "end": level(float(mean[-1]), curve.unit),
        })  # fmt: skip
    return {
        "id": curve.column, "form": "curve", "title": finding(comparison, curve.kpi), "subtitle": _(curve.axis),
        "percent": curve.unit == "share", "zero": bool(curve.unit), "series": series,
    }  # fmt: skip


def difference_chart(comparison: Comparison, kpi: str) -> dict[str, Any] | None:
    """A key figure at the end: each scenario's paired difference from the baseline with its interval."""
    last = comparison.days[-1]
    rows = comparison.verdicts[
        (comparison.verdicts["day"] == last) & (comparison.verdicts["kpi"] == kpi) & (comparison.verdicts["b"] == comparison.baseline)
    ]
    rows = rows[rows["mean"].notna()]
    if rows.empty:
        return None
    unit = KPIS[kpi].unit
    marks = [
        {"name": name, "place": comparison.names.index(name), "mean": mean, "low": _known(low), "high": _known(high),
         "text": change_with_interval(mean, low, high, unit)}
        for name, mean, low, high in zip(rows["a"], rows["mean"].tolist(), rows["low"].tolist(), rows["high"].tolist(), strict=True)
    ]  # fmt: skip
    subtitle = _("{figure} at {period}, difference from {baseline}").format(
        figure=label(kpi, comparison.scenarios[0].market.currency), period=period(last), baseline=comparison.baseline
    )
    return {"id": kpi, "form": "difference", "title": finding(comparison, kpi), "subtitle": subtitle, "marks": marks}


LUCK_ONLY = N_(
    "Only luck was asked here, every assumption stayed at its value. Ask for luck and assumptions to see how far the answer holds."
)


def _changes(comparison: Comparison) -> list[str]:
    said = what_would_change_it(comparison)
    return [_(LUCK_ONLY), *said[1:]] if comparison.doubt == LUCK else said


def _course(comparison: Comparison) -> dict[str, Any] | None:
    table = timeline_table(comparison)
    return None if table is None else table | {"names": list(table["names"])}


def _deck(comparison: Comparison) -> str:
    said = _("{people}; {worlds} paired worlds (seeds {seeds}): the same people, ties and luck in every scenario.").format(
        people=people(comparison), worlds=number(comparison.completed), seeds=seeds(comparison)
    )
    if comparison.doubted:
        said += " " + _("{draws} more with other guesses that are as plausible.").format(draws=number(comparison.asked_draws))
    return said


def _failures(comparison: Comparison) -> list[str]:
    return [
        _("failed: {scenario}, seed {seed}: {error}").format(scenario=row.scenario, seed=row.seed, error=row.error)
        for row in comparison.failures.head(5).itertuples()
    ]


def _short(values: Any) -> list[float | None]:
    return [None if math.isnan(value) else float(f"{value:.5g}") for value in values.tolist()]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
