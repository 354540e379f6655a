"""The parts of a report as plain rows, in the language spoken: what the page's template and the workbook need."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.comparison import Comparison
from simulator.language import N_, _, general, language, number, percent
from simulator.parameters import InputError
from simulator.report.causes import cause_name
from simulator.report.figures import line_name, spending_by_line
from simulator.report.flipped import DEFINITION, flipped_sentences
from simulator.report.numbers import EVIDENCE, NOTHING, change_with_interval, label, level, level_with_interval, period, sentence_case
from simulator.report.timeline import course_of
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

SIGNS = {
    "better": "\N{BLACK UP-POINTING TRIANGLE}", "worse": "\N{BLACK DOWN-POINTING TRIANGLE}", "no practical difference": "=",
    "cannot tell": "?", "higher": "\N{UPWARDS ARROW}", "lower": "\N{DOWNWARDS ARROW}",
}  # fmt: skip
"""A sign next to each verdict, for prints without colour."""

CAUSAL = {
    "incremental_units": (N_("Incremental units"), "units"), "incremental_revenue": (N_("Incremental revenue"), "currency"),
    "incremental_spend": (N_("Incremental marketing spend"), "currency"), "incremental_profit": (N_("Incremental profit"), "currency"),
    "return_per_euro": (N_("Profit returned per unit of money spent"), "ratio"),
    "first_units": (N_("First purchases: buyers more or less"), "people"),
    "accelerated_units": (N_("of whom would have bought later anyway"), "people"),
    "expanded_units": (N_("of whom would not have bought at all"), "people"),
    "first_value": (N_("Value of first purchases"), "currency"), "accelerated_value": (N_("of which by buying earlier"), "currency"),
    "expanded_value": (N_("of which by additional buyers"), "currency"), "days_earlier": (N_("Days by which they buy earlier"), "days"),
}  # fmt: skip
"""What a strategy causes: words and unit of each quantity; one that is not here is shown by its name."""

TOLD = ("share", "profit", "trust_aware", "reach")
"""Figures whose course is told."""

YES, NO, UNKNOWN = N_("yes"), N_("no"), N_("not known")


def headline() -> list[str]:
    """The key figures that a page shows."""
    return [name for name, kpi in KPIS.items() if kpi.headline]


def kpi_table(comparison: Comparison, day: int) -> dict[str, Any]:
    """Rows of key figures after `day` days: the baseline's value, then each scenario's value and paired difference."""
    summary = comparison.summary[comparison.summary["day"] == day]
    values = {(str(row["kpi"]), str(row["scenario"])): row for row in summary.to_dict("records")}
    verdicts = comparison.verdicts[(comparison.verdicts["day"] == day) & (comparison.verdicts["b"] == comparison.baseline)]
    found = {(str(row["kpi"]), str(row["a"])): row for row in verdicts.to_dict("records")}
    rows = []
    for kpi in headline():
        unit, cells = KPIS[kpi].unit, []
        for name in comparison.names:
            value, row = values.get((kpi, name)), found.get((kpi, name))
            cell = {"value": NOTHING if value is None else level(float(value["mean"]), unit), "difference": "", "verdict": ""}
            if row is not None:
                said = str(row["verdict"])
                cell["difference"] = change_with_interval(row["mean"], row["low"], row["high"], unit)
                cell["verdict"], cell["sign"], cell["kind"], cell["doubts"] = _(said), SIGNS[said], said.replace(" ", "-"), doubts(row)
            cells.append(cell)
        rows.append({"label": label(kpi, comparison.scenarios[0].market.currency), "cells": cells})
    return {"title": sentence_case(period(day)), "rows": rows}


def doubts(row: Mapping[Any, Any]) -> str:
    """`20 of 20 pairs, 61% of 60 draws`: what a verdict had to survive."""
    text = _("{wins} of {n} pairs").format(wins=number(row["wins"]), n=number(row["n"]))
    draws = row.get("draws", 0)
    if not draws or not np.isfinite(row.get("holds", np.nan)):
        return text
    return text + _(", {share} of {draws} draws").format(share=percent(row["holds"]), draws=number(draws))


def causal_table(comparison: Comparison) -> dict[str, Any] | None:
    """What each strategy causes against its silent twin: a row for each quantity."""
    causal = comparison.causal
    if causal.empty:
        return None
    found = {(str(row["quantity"]), str(row["scenario"])): row for row in causal.to_dict("records")}
    names = [name for name in comparison.names if name in set(causal["scenario"])]
    currency, rows = comparison.scenarios[0].market.currency, []
    for quantity in dict.fromkeys(causal["quantity"]):
        words, unit = CAUSAL.get(str(quantity), (str(quantity).replace("_", " "), ""))
        cells = []
        for name in names:
            row = found.get((str(quantity), name))
            known = row is not None and not math.isnan(row["mean"])
            cells.append(level_with_interval(row["mean"], row["low"], row["high"], unit) if known and row is not None else NOTHING)
        part = str(quantity).startswith(("accelerated", "expanded"))
        rows.append({"label": _(words) + (f" ({currency})" if unit == "currency" else ""), "cells": cells, "part": part})
    return {"names": names, "rows": rows}


def timeline_table(comparison: Comparison) -> dict[str, Any] | None:
    """How each scenario stood against the baseline, week by week, in words; None where no whole week or no curve is kept."""
    rows = []
    for kpi in TOLD:
        try:
            weeks = comparison.timeline(kpi)
        except InputError:  # no curve of it
            continue
        weeks = weeks[weeks["b"] == comparison.baseline]
        cells = [course_of(weeks[weeks["a"] == name]) for name in comparison.names[1:]]
        if any(cells):
            rows.append({"label": KPIS[kpi].label[language()], "cells": cells})
    return {"names": comparison.names[1:], "rows": rows} if rows else None


def flipped_section(comparison: Comparison) -> dict[str, Any] | None:
    """Who was won and lost against the baseline, in sentences."""
    found = comparison.flipped
    if found.empty:
        return None
    others = [name for name in comparison.names[1:] if ((found["a"] == name) & (found["b"] == comparison.baseline)).any()]
    sentences = [
        (name, " ".join(flipped_sentences(found, name, comparison.baseline, comparison.focal, comparison.consumers))) for name in others
    ]
    return {"sentences": sentences, "definition": _(DEFINITION)} if sentences else None


def causes_section(comparison: Comparison) -> dict[str, Any] | None:
    """What moved mean trust, by cause: the difference from the baseline in points of 0 to 100."""
    against = comparison.causes[comparison.causes["b"] == comparison.baseline] if len(comparison.causes) else comparison.causes
    if against.empty:
        return None
    wide = against.pivot(index="cause", columns="a", values="difference").astype(float)
    wide = wide[[name for name in comparison.names if name in wide.columns]]
    wide = wide.loc[wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index]
    rows: list[dict[str, Any]] = [
        {"label": sentence_case(cause_name(str(cause))), "cells": [_points(value) for value in values]}
        for cause, values in zip(wide.index, wide.to_numpy(float), strict=True)
    ]
    rows.append({"label": _("in all"), "cells": [_points(value) for value in wide.sum().to_numpy(float)], "sum": True})
    return {"names": list(wide.columns), "rows": rows, "replicates": number(int(against["n"].iloc[0]) if "n" in against else 1)}


def _points(value: float) -> str:
    return NOTHING if math.isnan(value) or value == 0.0 else number(100.0 * value, 2, signed=True)


def spending_table(comparison: Comparison) -> dict[str, Any]:
    """Money by line, what there was, and how much of it was used."""
    amounts = spending_by_line(comparison)
    rows: list[dict[str, Any]] = [
        {"label": line_name(line), "cells": [number(amount) for amount in values]} for line, values in amounts.items()
    ]
    totals = [sum(values[place] for values in amounts.values()) for place in range(len(comparison.names))]
    available = [scenario.brand(comparison.focal).budget_per_day * scenario.run.days for scenario in comparison.scenarios]
    used = [percent(total / money) if money else NOTHING for total, money in zip(totals, available, strict=True)]
    rows += [
        {"label": _("all lines"), "cells": [number(total) for total in totals], "sum": True},
        {"label": _("available"), "cells": [number(money) for money in available]},
        {"label": _("used"), "cells": used},
    ]
    return {"rows": rows}


def people(comparison: Comparison) -> str:
    """How many consumers are simulated, and for how many they stand."""
    represents = comparison.scenarios[0].population.represents or comparison.consumers
    if represents == comparison.consumers:
        return _("{number} simulated consumers").format(number=number(comparison.consumers))
    return _("{number} simulated consumers standing for {people} people").format(
        number=number(comparison.consumers), people=number(represents)
    )


def seeds(comparison: Comparison) -> str:
    """`1 to 20`."""
    last = comparison.seed + comparison.replicates - 1
    return f"{comparison.seed}" if last == comparison.seed else _("{low} to {high}").format(low=comparison.seed, high=last)


def differing(comparison: Comparison) -> list[dict[str, Any]]:
    """What is not the same in all scenarios, by dotted key; what is merely said of them left out."""
    rows = []
    for key, found in _values(comparison).items():
        shown = [NOTHING if row is None else shown_value(row.value, row.declaration) for row in found]
        if len(set(shown)) > 1 and key not in ("title", "question", "source"):
            rows.append({"key": key, "values": shown})
    return rows


def assumptions(comparison: Comparison) -> list[dict[str, Any]]:
    """Everything the numbers rest on that is an assumption or from the literature: those set in the scenarios first."""
    rows = []
    for key, found in _values(comparison).items():
        row = next(row for row in found if row is not None)
        declared = row.declaration
        if declared.get("evidence") not in EVIDENCE:
            continue
        known = [each.value for each in found if each is not None]
        values = list(dict.fromkeys(shown_value(value, declared) for value in known))
        default, plausible = shown_value(declared.get("default"), declared), declared.get("plausible")
        rows.append({
            "key": key, "value": " | ".join(values), "unit": declared.get("unit", ""), "changed": values != [default],
            "default": default, "evidence": EVIDENCE[declared["evidence"]], "source": declared.get("source", ""),
            "meaning": declared.get("meaning", ""), "low": plausible[0] if plausible else math.nan,
            "high": plausible[1] if plausible else math.nan, "within": within(known, plausible),
        })  # fmt: skip
    return sorted(rows, key=lambda row: not row["changed"])


def within(values: list[Any], plausible: Any) -> str:
    """Whether values lie in the range in which the model was tried; not known where none is declared."""
    if not plausible or not all(isinstance(value, (int, float)) for value in values):
        return UNKNOWN
    return YES if all(plausible[0] <= value <= plausible[1] for value in values) else NO


def range_shown(row: Mapping[str, Any]) -> str:
    """`0.1 to 0.5`, nothing where no range is declared."""
    return "" if math.isnan(row["low"]) else _("{low} to {high}").format(low=general(row["low"]), high=general(row["high"]))


def assumption_table(comparison: Comparison) -> pd.DataFrame:
    """Columns key, value, default, unit, evidence, low, high, within, source, meaning."""
    import pandas as pd

    columns = ["key", "value", "default", "unit", "evidence", "low", "high", "within", "source", "meaning"]
    return pd.DataFrame([{name: row[name] for name in columns} for row in assumptions(comparison)], columns=columns)


def _values(comparison: Comparison) -> dict[str, list[Any]]:
    """Dotted key -> its row in each scenario, None where a scenario has no such key."""
    found: dict[str, list[Any]] = {}
    for place, scenario in enumerate(comparison.scenarios):
        for row in scenario.values():
            found.setdefault(row.key, [None] * len(comparison.scenarios))[place] = row
    return found


def shown_value(value: Any, declaration: Mapping[str, Any]) -> str:
    """A value as a scenario file would say it, in every language."""
    if "off" in declaration and value == declaration["off"]:
        return "off"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "inf" if math.isinf(value) else f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {shown_value(item, {})}" for key, item in value.items()) or NOTHING
    if isinstance(value, (list, tuple)):
        return ", ".join(shown_value(item, {}) for item in value) or NOTHING
    return NOTHING if value is None or value == "" else str(value)
