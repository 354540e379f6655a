"""The report: one self-contained HTML page and the tables beside it as CSV."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.experiments.comparison import Comparison
from simulator.report import folder as folders
from simulator.report.answer import answer
from simulator.report.bad_buzz import bad_buzz_section
from simulator.report.figures import pictures, spending_by_line
from simulator.report.numbers import EVIDENCE, NOTHING, change_with_interval, label, level, period
from simulator.results.kpis import KPIS
from simulator.results.provenance import plain, versions

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario.schema import Scenario

PAGE = "report.html"
SIGNS = {
    "better": "\N{BLACK UP-POINTING TRIANGLE}", "worse": "\N{BLACK DOWN-POINTING TRIANGLE}", "no practical difference": "=",
    "cannot tell": "?", "higher": "\N{UPWARDS ARROW}", "lower": "\N{DOWNWARDS ARROW}",
}  # fmt: skip
"""A sign next to each verdict, for prints without colour."""


def write_report(comparison: Comparison, path: str | Path, title: str = "", command: str = "") -> Path:
    """Write report.html and the tables to a folder (or to the folder of a path that ends in .html); returns the page's path.

    title    default: the scenarios' common title, else the folder's name
    command  the command line that makes this report, for the section on how to reproduce it
    """
    target = Path(path)
    page = target.name if target.suffix.lower() in (".html", ".htm") else PAGE
    folder = target.parent if page == target.name else target
    title = title or _title(comparison, folder)
    files = {page: html(comparison, title, command), **{f"{name}.csv": _csv(table) for name, table in tables(comparison).items()}}
    folders.write(folder, files, manifest(comparison, title, command))
    return folder / page


def tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """What lies beside the page, by file name."""
    return {
        "summary": comparison.summary, "verdicts": comparison.verdicts, "runs": comparison.runs, "daily_bands": comparison.daily_bands,
        "spending": comparison.spending, "failures": comparison.failures, "assumptions": _assumption_table(comparison),
        **(comparison.bad_buzz.tables if comparison.bad_buzz else {}),
    }  # fmt: skip


def manifest(comparison: Comparison, title: str = "", command: str = "") -> dict[str, Any]:
    """Everything needed to make the comparison again, as JSON knows it."""
    return {
        "format": 1, "world": comparison.world, "title": title, "focal": comparison.focal, "seed": comparison.seed,
        "replicates": comparison.replicates, "completed": comparison.completed, "command": command, "versions": versions(),
        "scenarios": [
            {"name": name, "hash": scenario.hash, "scenario": plain(scenario.to_dict())}
            for name, scenario in zip(comparison.names, comparison.scenarios, strict=True)
        ],
    }  # fmt: skip


def html(comparison: Comparison, title: str, command: str = "") -> str:
    """The page. Everything that users wrote is escaped; nothing on it is fetched from anywhere."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    first = comparison.scenarios[0]
    questions = list(dict.fromkeys(scenario.question for scenario in comparison.scenarios if scenario.question))
    return environment.get_template("report.html.jinja").render(
        title=title, questions=questions, answer=answer(comparison), comparison=comparison, command=command,
        sources=list(dict.fromkeys(scenario.source for scenario in comparison.scenarios)),
        people=_people(first, comparison.consumers), seeds=_seeds(comparison), versions=versions(),
        kpi_tables=[_kpi_table(comparison, day) for day in comparison.days], pictures=pictures(comparison),
        bad_buzz=bad_buzz_section(comparison),
        spending=_spending_table(comparison), currency=first.market.currency, differing=_differing(comparison),
        assumptions=_assumptions(comparison), definitions=[KPIS[kpi] for kpi in _headline()],
    )  # fmt: skip


# -- parts of the page -----------------------------------------------------------------------------------------------


def _headline() -> list[str]:
    return [name for name, kpi in KPIS.items() if kpi.headline]


def _kpi_table(comparison: Comparison, day: int) -> dict[str, Any]:
    """Rows of key figures after `day` days: the baseline's value, then each scenario's value and paired difference."""
    summary = comparison.summary[comparison.summary["day"] == day]
    values = {(str(row["kpi"]), str(row["scenario"])): row for _, row in summary.iterrows()}
    verdicts = comparison.verdicts[(comparison.verdicts["day"] == day) & (comparison.verdicts["b"] == comparison.baseline)]
    found = {(str(row["kpi"]), str(row["a"])): row for _, row in verdicts.iterrows()}
    rows = []
    for kpi in _headline():
        unit, cells = KPIS[kpi].unit, []
        for name in comparison.names:
            value, row = values.get((kpi, name)), found.get((kpi, name))
            cell = {"value": NOTHING if value is None else level(float(value["mean"]), unit), "difference": "", "verdict": ""}
            if row is not None:
                cell["difference"] = change_with_interval(row["mean"], row["low"], row["high"], unit)
                cell["verdict"] = str(row["verdict"])
                cell["sign"], cell["kind"] = SIGNS[cell["verdict"]], cell["verdict"].replace(" ", "-")
                cell["wins"] = f"{row['wins']} of {row['n']}"
            cells.append(cell)
        rows.append({"label": label(kpi, comparison.scenarios[0].market.currency), "cells": cells})
    return {"title": period(day).capitalize(), "rows": rows}


def _spending_table(comparison: Comparison) -> dict[str, Any]:
    amounts = spending_by_line(comparison)
    rows: list[dict[str, Any]] = [{"label": line, "cells": [f"{amount:,.0f}" for amount in values]} for line, values in amounts.items()]
    totals = [sum(values[place] for values in amounts.values()) for place in range(len(comparison.names))]
    available = [scenario.brand(comparison.focal).budget_per_day * scenario.run.days for scenario in comparison.scenarios]
    used = [f"{100 * total / money:.0f}%" if money else NOTHING for total, money in zip(totals, available, strict=True)]
    rows += [
        {"label": "all lines", "cells": [f"{total:,.0f}" for total in totals], "sum": True},
        {"label": "available", "cells": [f"{money:,.0f}" for money in available]},
        {"label": "used", "cells": used},
    ]
    return {"rows": rows}


def _people(scenario: Scenario, consumers: int) -> str:
    represents = scenario.population.represents or consumers
    return f"{consumers:,} simulated consumers" + (f" standing for {represents:,.0f} people" if represents != consumers else "")


def _seeds(comparison: Comparison) -> str:
    last = comparison.seed + comparison.replicates - 1
    return f"{comparison.seed}" if last == comparison.seed else f"{comparison.seed} to {last}"


def _title(comparison: Comparison, folder: Path) -> str:
    titles = {scenario.title for scenario in comparison.scenarios if scenario.title}
    if len(titles) == 1:
        return titles.pop()
    return folder.name.replace("_", " ").strip().capitalize() or "Comparison"


def _values(comparison: Comparison) -> dict[str, list[Any]]:
    """Dotted key -> its row in each scenario, None where a scenario has no such key."""
    found: dict[str, list[Any]] = {}
    for place, scenario in enumerate(comparison.scenarios):
        for row in scenario.values():
            found.setdefault(row.key, [None] * len(comparison.scenarios))[place] = row
    return found


def _differing(comparison: Comparison) -> list[dict[str, Any]]:
    """What is not the same in all scenarios, by dotted key; what is merely said of them left out."""
    rows = []
    for key, found in _values(comparison).items():
        shown = [NOTHING if row is None else _shown(row.value, row.declaration) for row in found]
        if len(set(shown)) > 1 and key not in ("title", "question", "source"):
            rows.append({"key": key, "values": shown})
    return rows


def _assumptions(comparison: Comparison) -> list[dict[str, Any]]:
    """Everything the numbers rest on that is an assumption or from the literature: those set in the scenarios first."""
    rows = []
    for key, found in _values(comparison).items():
        row = next(row for row in found if row is not None)
        if row.declaration.get("evidence") not in EVIDENCE:
            continue
        values = list(dict.fromkeys(_shown(each.value, each.declaration) for each in found if each is not None))
        default = _shown(row.declaration.get("default"), row.declaration)
        rows.append({
            "key": key, "value": " | ".join(values), "unit": row.declaration.get("unit", ""), "changed": values != [default],
            "default": default, "evidence": EVIDENCE[row.declaration["evidence"]], "source": row.declaration.get("source", ""),
            "meaning": row.declaration.get("meaning", ""),
        })  # fmt: skip
    return sorted(rows, key=lambda row: not row["changed"])


def _assumption_table(comparison: Comparison) -> pd.DataFrame:
    import pandas as pd

    columns = ["key", "value", "default", "unit", "evidence", "source", "meaning"]
    return pd.DataFrame([{name: row[name] for name in columns} for row in _assumptions(comparison)], columns=columns)


def _shown(value: Any, declaration: Mapping[str, Any]) -> str:
    """A value as a scenario file would say it."""
    if "off" in declaration and value == declaration["off"]:
        return "off"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "inf" if math.isinf(value) else f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_shown(item, {})}" for key, item in value.items()) or NOTHING
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(item, {}) for item in value) or NOTHING
    return NOTHING if value is None or value == "" else str(value)


def _csv(table: pd.DataFrame) -> str:
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text
