"""Plain-text tables for the terminal: aligned columns, no colours, readable through a pipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.comparison import Comparison
from simulator.experiments.paired import UNCLEAR
from simulator.language import N_, _, general, ngettext, number, percent
from simulator.report.numbers import NOTHING, change_with_interval, label, level, period
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

MAIN = (
    "reach", "aided_awareness", "trust_aware", "penetration", "share", "profit", "opt_in_list", "irritation", "messages_negative",
)  # fmt: skip
"""The key figures of the main job's table."""

FACTS = (
    N_("consumers"), N_("directed ties"), N_("ties"), N_("audience"), N_("largest audiences"), N_("communities"), N_("neighbours"),
    N_("clustering"), N_("clustering mutual"), N_("transitivity"), N_("triangles"), N_("reciprocity"), N_("components"),
    N_("largest component"), N_("assortativity"), N_("same community share"), N_("same community"), N_("quantiles"), N_("consumer"),
)  # fmt: skip
"""Facts of a graph, as `graph` calls them."""


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Columns of texts; `right`: positions of columns aligned to the right."""
    table = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = []
    for row in table:
        cells = (cell.rjust(widths[place]) if place in right else cell.ljust(widths[place]) for place, cell in enumerate(row))
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def comparison_table(comparison: Comparison, kpis: Sequence[str] = MAIN) -> str:
    """The key figures at the end, each scenario's difference from the baseline with its interval, and what both doubts leave of it."""
    if comparison.runs.empty:
        return _("no run finished")
    last, currency = comparison.days[-1], comparison.scenarios[0].market.currency
    summary = comparison.summary[comparison.summary["day"] == last].set_index(["kpi", "scenario"])["mean"]
    verdicts = comparison.verdicts[(comparison.verdicts["day"] == last) & (comparison.verdicts["b"] == comparison.baseline)]
    found = {(str(row["kpi"]), str(row["a"])): row for place, row in verdicts.iterrows()}
    rows = []
    for kpi in kpis:
        for place, name in enumerate(comparison.names):
            value = level(float(summary.get((kpi, name), np.nan)), KPIS[kpi].unit)
            cells = [label(kpi, currency) if place == 0 else "", name, value]
            row = found.get((kpi, name))
            if row is None:
                rows.append([*cells, "", "", "", ""])
            else:
                interval = change_with_interval(row["mean"], row["low"], row["high"], KPIS[kpi].unit)
                rows.append([*cells, interval, _("{some} of {all}").format(some=row["wins"], all=row["n"]), _held(row), _said(row)])
    header = ["", _("scenario"), _("mean")]
    if len(comparison.names) == 1:
        title, rows = _("{focal} at {time}, {count} replicates"), [row[:3] for row in rows]
    else:
        title = _("{focal} at {time}, {count} paired replicates; differences from {baseline} with {sure} intervals, wins out of pairs")
        header += [_("against {name}").format(name=comparison.baseline), _("wins"), _("draws alike"), _("verdict")]
        if comparison.doubted:
            title += _(", share of {draws} draws of the assumptions that agree")
        else:
            header, rows = [*header[:5], header[6]], [[*row[:5], row[6]] for row in rows]
    title = title.format(
        focal=comparison.focal, time=period(last), count=comparison.completed, baseline=comparison.baseline,
        sure=percent(1 - comparison.level), draws=comparison.asked_draws,
    )  # fmt: skip
    return f"{title}\n\n{aligned(header, rows, right=(2, 4, 5) if comparison.doubted else (2, 4))}"


def _held(row: pd.Series) -> str:
    """`85% of 60`."""
    return NOTHING if np.isnan(row["holds"]) else _("{some} of {all}").format(some=percent(row["holds"]), all=row["draws"])


def _said(row: pd.Series) -> str:
    """The verdict; of one that is open, what it would take."""
    if row["verdict"] != UNCLEAR:
        return _(str(row["verdict"]))
    if row["luck_verdict"] != UNCLEAR:
        return _("cannot tell: it depends on the assumptions")
    if np.isnan(row["more"]):
        return _(UNCLEAR)
    said = ngettext("cannot tell: about {count} more pair", "cannot tell: about {count} more pairs", int(row["more"]))
    return said.format(count=number(row["more"]))


def kpi_lines(kpis: dict[str, dict[str, float]], currency: str) -> str:
    """All key figures of one run: a row per figure, a column per brand. kpis: brand -> figure -> value."""
    brands = list(kpis)
    rows = [[label(kpi, currency), *(level(kpis[brand][kpi], declared.unit) for brand in brands)] for kpi, declared in KPIS.items()]
    return aligned(["", *brands], rows, right=range(1, len(brands) + 1))


def opening_table(opening: pd.DataFrame) -> str:
    """What was asked for on day 0 and what is there. opening: a table of `experiments.opening`."""
    names, numbers = ["brand", "segment", "quantity"], ["asked", "day_0", "gap"]
    rows = [[*row[names], *map(_decimal, row[numbers]), number(row["consumers"])] for place, row in opening.iterrows()]
    return aligned([_("brand"), _("segment"), _("start value"), _("asked"), _("day 0"), _("gap"), _("consumers")], rows, right=(3, 4, 5, 6))


def fact_lines(facts: Mapping[str, Any]) -> str:
    """Facts of a social graph, one a line; what belongs together in one line."""
    return aligned(["", ""], [[_(name.replace("_", " ")), _value(value)] for name, value in facts.items()]).split("\n", 2)[2]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_(str(key))} {_value(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(_value(item) for item in value)
    if isinstance(value, float):
        return general(float(f"{value:.4g}")) if abs(value) < 1000 else number(value)
    return number(value) if isinstance(value, int) else NOTHING if value is None else str(value)


def _decimal(value: float) -> str:
    return NOTHING if np.isnan(value) else number(value, 3)
