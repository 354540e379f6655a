"""Plain-text tables for the terminal: aligned columns, no colours, readable through a pipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.comparison import Comparison
from simulator.report.numbers import NOTHING, change_with_interval, label, level, period
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

MAIN = (
    "reach", "aided_awareness", "trust_aware", "penetration", "share", "profit", "opt_in_list", "irritation", "messages_negative",
)  # fmt: skip
"""The key figures of the main job's table."""


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
    """The key figures at the end, each scenario's difference from the baseline with the interval of the paired difference."""
    if comparison.runs.empty:
        return "no run finished"
    last, currency = comparison.days[-1], comparison.scenarios[0].market.currency
    summary = comparison.summary[comparison.summary["day"] == last].set_index(["kpi", "scenario"])["mean"]
    verdicts = comparison.verdicts[(comparison.verdicts["day"] == last) & (comparison.verdicts["b"] == comparison.baseline)]
    found = {(str(row["kpi"]), str(row["a"])): row for _, row in verdicts.iterrows()}
    rows = []
    for kpi in kpis:
        for place, name in enumerate(comparison.names):
            value = level(float(summary.get((kpi, name), np.nan)), KPIS[kpi].unit)
            cells = [label(kpi, currency) if place == 0 else "", name, value]
            row = found.get((kpi, name))
            if row is None:
                rows.append([*cells, "", "", ""])
            else:
                interval = change_with_interval(row["mean"], row["low"], row["high"], KPIS[kpi].unit)
                rows.append([*cells, interval, f"{row['wins']}/{row['n']}", str(row["verdict"])])
    title, header = f"{comparison.focal} at {period(last)}, {comparison.completed} ", ["", "scenario", "mean"]
    if len(comparison.names) == 1:
        title, rows = f"{title}replicates", [row[:3] for row in rows]
    else:
        title += f"paired replicates; differences from {comparison.baseline} with 95% intervals, wins out of pairs"
        header += [f"against {comparison.baseline}", "wins", "verdict"]
    return f"{title}\n\n{aligned(header, rows, right=(2, 4))}"


def kpi_lines(kpis: dict[str, dict[str, float]], currency: str) -> str:
    """All key figures of one run: a row per figure, a column per brand. kpis: brand -> figure -> value."""
    brands = list(kpis)
    rows = [[label(kpi, currency), *(level(kpis[brand][kpi], declared.unit) for brand in brands)] for kpi, declared in KPIS.items()]
    return aligned(["", *brands], rows, right=range(1, len(brands) + 1))


def opening_table(opening: pd.DataFrame) -> str:
    """What was asked for on day 0 and what is there. opening: a table of `experiments.opening`."""
    names, numbers = ["brand", "segment", "quantity"], ["asked", "day_0", "gap"]
    rows = [[*row[names], *map(_decimal, row[numbers]), f"{row['consumers']:,}"] for _, row in opening.iterrows()]
    return aligned(["brand", "segment", "start value", "asked", "day 0", "gap", "consumers"], rows, right=(3, 4, 5, 6))


def fact_lines(facts: Mapping[str, Any]) -> str:
    """Facts of a social graph, one a line; what belongs together in one line."""
    return aligned(["", ""], [[name.replace("_", " "), _said(value)] for name, value in facts.items()]).split("\n", 2)[2]


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(_said(item) for item in value)
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else NOTHING if value is None else str(value)


def _decimal(value: float) -> str:
    return NOTHING if np.isnan(value) else f"{value:.3f}"
