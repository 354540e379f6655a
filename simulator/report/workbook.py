"""results.xlsx: the tables of a comparison for a spreadsheet, numbers as numbers, texts as texts."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.experiments.comparison import Comparison
from simulator.language import N_, _, language
from simulator.report.answer import answer
from simulator.report.numbers import label
from simulator.report.sections import assumptions
from simulator.report.standing import standing
from simulator.report.stills import world_stamp
from simulator.results.kpis import KPIS
from simulator.results.weekly import FLOWS

if TYPE_CHECKING:
    import pandas as pd

MADE = datetime.datetime(2000, 1, 1)
"""The date inside every workbook: the same results are the same bytes."""

SHEETS = (N_("Verdicts"), N_("KPIs"), N_("Weekly"), N_("Spending"), N_("Assumptions"), N_("Definitions"))
WORDS = ("evidence", "within", "meaning")
"""Columns of assumptions that are texts of ours."""

WIDEST = 60
WEEK = 7


def workbook(comparison: Comparison, title: str) -> bytes:
    """The workbook as a file's bytes. Columns keep their English names; what they hold is in the language spoken."""
    import xlsxwriter

    buffer = io.BytesIO()
    # a text that looks like a formula, a number or an address stays the text that it is
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title[:250], "comments": f"World of Mouth, world {world_stamp(comparison)}", "created": MADE})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        soft = book.add_format({"italic": True, "font_color": "#595959"})
        for name, table in zip(SHEETS, _tables(comparison), strict=True):
            sheet = book.add_worksheet(_(name))
            _fill(sheet, table, head)
            sheet.set_footer(f"&L{_plain(title)[:80]}&C&P / &N&R{world_stamp(comparison)}")
            sheet.set_landscape()
            sheet.set_paper(9)  # A4
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
        notes = book.add_worksheet(_("About"))
        for row, text in enumerate(_about(comparison, title)):
            notes.write_string(row, 0, text, soft if row else head)
        notes.set_column(0, 0, 2 * WIDEST)
    return buffer.getvalue()


def _tables(comparison: Comparison) -> tuple[pd.DataFrame, ...]:
    """In the order of SHEETS."""
    import pandas as pd

    verdicts, summary, currency = comparison.verdicts, comparison.summary, comparison.scenarios[0].market.currency
    labels = {kpi: label(kpi, currency) for kpi in KPIS}
    said = verdicts.assign(verdict=verdicts["verdict"].map(_))
    if "luck_verdict" in said:
        said["luck_verdict"] = said["luck_verdict"].map(_)
    said.insert(2, "label", said["kpi"].map(labels))
    levels = summary.copy()
    levels.insert(3, "label", levels["kpi"].map(labels))
    spending = comparison.spending
    if len(spending):
        replicates = comparison.runs.groupby("scenario")["replicate"].nunique()
        spent = spending.groupby(["scenario", "brand", "line"], sort=False)[["quantity", "amount"]].sum().reset_index()
        share = spent["scenario"].map(replicates).astype(float)
        spending = spent.assign(quantity=spent["quantity"] / share, amount=spent["amount"] / share)
    columns = ["key", "value", "default", "unit", "evidence", "low", "high", "within", "source", "meaning"]
    rows = [row | {name: _(row[name]) for name in WORDS} for row in assumptions(comparison)]
    resting = pd.DataFrame([{name: row[name] for name in columns} for row in rows], columns=columns)
    meanings = pd.DataFrame(
        [(kpi.name, kpi.label[language()], kpi.definition[language()], kpi.unit, kpi.direction, kpi.smallest_difference, kpi.relative)
         for kpi in KPIS.values()],
        columns=["kpi", "label", "definition", "unit", "direction", "smallest_difference", "relative"],
    )  # fmt: skip
    return said, levels, _weekly(comparison), spending, resting, meanings


def _weekly(comparison: Comparison) -> pd.DataFrame:
    """scenario, week, and each daily figure of the focal brand: sums of flows, the last day of all others; means over replicates."""
    import pandas as pd

    curves = comparison.curves
    if curves.empty:
        return pd.DataFrame(columns=["scenario", "week"])
    figures = [name for name in curves.columns if name not in ("scenario", "replicate", "day")]
    whole = curves[curves["day"] < (curves["day"].max() + 1) // WEEK * WEEK] if curves["day"].max() + 1 >= WEEK else curves
    grouped = whole.assign(week=whole["day"] // WEEK + 1).groupby(["scenario", "replicate", "week"], sort=False)
    weeks = grouped.agg({name: "sum" if name in FLOWS else "last" for name in figures})
    means: pd.DataFrame = weeks.groupby(["scenario", "week"], sort=False).mean().reset_index()
    return means


def _fill(sheet: Any, table: pd.DataFrame, head: Any) -> None:
    """A header that stays in sight, and every cell with the type it has."""
    columns = [str(name) for name in table.columns]
    cells = [[_cell(value) for value in row] for row in table.itertuples(index=False, name=None)]
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, head)
        sheet.set_column(place, place, _width(name, [row[place] for row in cells]))
    for number, row in enumerate(cells, start=1):
        for place, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(number, place, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(number, place, value)
            else:
                sheet.write_string(number, place, value)
    sheet.freeze_panes(1, 0)
    if cells:
        sheet.autofilter(0, 0, len(cells), len(columns) - 1)


def _cell(value: Any) -> bool | int | float | str | None:
    """A value as a spreadsheet knows it: nothing where there is no number."""
    if hasattr(value, "item"):  # a NumPy number
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return value if isinstance(value, (bool, int, float)) else str(value)


def _width(name: str, cells: Sequence[Any]) -> float:
    longest = max((len(f"{cell:.6g}" if isinstance(cell, float) else str(cell)) for cell in cells[:2000] if cell is not None), default=0)
    return float(min(WIDEST, max(len(name) + 3, longest + 1)))


def _about(comparison: Comparison, title: str) -> list[str]:
    state = standing(comparison)
    return [
        title, answer(comparison), f"{state.label}: {state.meaning}",
        _("World {world}").format(world=world_stamp(comparison)),
        _("Differences are a minus b. low and high: ends of the interval; wins: pairs in which a did better; holds: share of draws of the "
          "assumptions that agree."),
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Without the sign that footers use for commands."""
    return text.replace("&", "&&")
