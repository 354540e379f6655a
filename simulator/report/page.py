"""The report: one self-contained HTML page; beside it the tables as CSV and as a workbook, and the pictures as files."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.experiments.comparison import Comparison
from simulator.experiments.reproduce import ELEMENT, recipe
from simulator.language import LANGUAGES, _, date, language, percent, speaking
from simulator.parameters import InputError
from simulator.report import folder as folders
from simulator.report.answer import answer
from simulator.report.bad_buzz import bad_buzz_section
from simulator.report.doubts import what_would_change_it
from simulator.report.figures import on_front, pictures
from simulator.report.sections import (
    assumption_table,
    assumptions,
    causal_table,
    causes_section,
    differing,
    flipped_section,
    headline,
    kpi_table,
    people,
    range_shown,
    seeds,
    spending_table,
    timeline_table,
)  # fmt: skip
from simulator.report.standing import ILLUSTRATIVE, standing
from simulator.report.stills import stills, world_stamp
from simulator.report.templates import rendered
from simulator.report.workbook import workbook
from simulator.results.kpis import KPIS
from simulator.results.provenance import plain, versions

if TYPE_CHECKING:
    import pandas as pd

    from simulator.report.drawing import Picture

PAGE = "report.html"
WORKBOOK = "results.xlsx"
FORMATS = ("english", "french")
"""Of CSV files: with commas and decimal points; with semicolons, decimal commas and a byte order mark, for French Excel."""


def write_report(
    comparison: Comparison, path: str | Path, title: str = "", command: str = "", lang: str = "", csv: str = "english",
    beside: bool = True,
) -> Path:  # fmt: skip
    """Write report.html and what lies beside it to a folder (or to the folder of a path that ends in .html); returns the page's path.

    title    default: the scenarios' common title, else the folder's name
    command  the command line that makes this report, for the section on how to reproduce it
    lang     "en" or "fr" (default: the language spoken) of page, workbook and pictures; names of columns and of settings stay English
    csv      one of FORMATS
    beside   whether to write the workbook and the pictures as well

    Raises InputError where the folder holds something else or cannot be written, or for an unknown language or format.
    """
    target = Path(path)
    page = target.name if target.suffix.lower() in (".html", ".htm") else PAGE
    folder = target.parent if page == target.name else target
    if csv not in FORMATS:
        raise InputError(f'"{csv}" is no format of CSV files; allowed: {", ".join(FORMATS)}')
    if lang and lang not in LANGUAGES:
        raise InputError(f'"{lang}" is no language of this program; allowed: {", ".join(LANGUAGES)}')
    title = title or _title(comparison, folder)
    with speaking(lang or language()):
        written = files(comparison, page, title, command, csv, beside)
    folders.write(folder, written, manifest(comparison, title, command))
    return folder / page


def files(
    comparison: Comparison, page: str, title: str, command: str = "", csv: str = "english", beside: bool = False
) -> dict[str, str | bytes]:
    """Everything that a report consists of, by name, in the language spoken; for who writes no folder."""
    drawn = pictures(comparison)
    section = bad_buzz_section(comparison)
    made: dict[str, str | bytes] = {page: html(comparison, title, command, drawn, section)}
    made |= {f"{name}.csv": _csv(table, csv) for name, table in tables(comparison).items()}
    if beside:
        made[WORKBOOK] = workbook(comparison, title)
        made |= _stills([*drawn, *(section["pictures"] if section else [])], comparison)
    return made


def tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """What lies beside the page, by file name; of doubts and reasons only what there is."""
    optional = {
        "causal": comparison.causal, "draws": comparison.draws, "draw_values": comparison.assumptions, "ranges": comparison.ranges,
        "looks": comparison.looks, "flipped": comparison.flipped, "causes": comparison.causes,
    }  # fmt: skip
    return {
        "summary": comparison.summary, "verdicts": comparison.verdicts, "runs": comparison.runs, "daily_bands": comparison.daily_bands,
        "spending": comparison.spending, "failures": comparison.failures, "assumptions": assumption_table(comparison),
        **{name: table for name, table in optional.items() if len(table)},
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


def html(
    comparison: Comparison, title: str, command: str = "", drawn: list[Picture] | None = None, bad_buzz: dict[str, Any] | None = None
) -> str:
    """The page, in the language spoken. Everything that users wrote is escaped; nothing on it is fetched from anywhere."""
    first = comparison.scenarios[0]
    drawn = pictures(comparison) if drawn is None else drawn
    front = on_front(comparison, drawn)
    questions = list(dict.fromkeys(scenario.question for scenario in comparison.scenarios if scenario.question))
    return rendered(
        "report.html.jinja", title=title, questions=questions, answer=answer(comparison), comparison=comparison,
        command=command, stamp=world_stamp(comparison), today=date(_today()), standing=standing(comparison),
        changes=what_would_change_it(comparison), confidence=percent(1.0 - comparison.level),
        sources=_sources(comparison),
        people=people(comparison), seeds=seeds(comparison), versions=versions(),
        kpi_tables=[kpi_table(comparison, day) for day in comparison.days], front=front,
        pictures=[picture for picture in drawn if picture not in front], timeline=timeline_table(comparison),
        bad_buzz=bad_buzz, causal=causal_table(comparison), flipped=flipped_section(comparison), causes=causes_section(comparison),
        spending=spending_table(comparison), currency=first.market.currency, differing=differing(comparison),
        assumptions=[row | {"range": range_shown(row)} for row in assumptions(comparison)],
        definitions=[
            {"label": KPIS[kpi].label[language()], "definition": KPIS[kpi].definition[language()]} for kpi in headline()
        ],
        element=ELEMENT, recipe=_embedded(recipe(comparison)),
    )  # fmt: skip


def _sources(comparison: Comparison) -> list[str]:
    named = dict.fromkeys(scenario.source for scenario in comparison.scenarios)
    return [_(source) if source == ILLUSTRATIVE else source for source in named]


def _today() -> datetime.date:
    """The day on the page; SOURCE_DATE_EPOCH (seconds since 1970), where it is set, makes pages repeatable."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.datetime.fromtimestamp(int(seconds), datetime.UTC) if seconds.isdecimal() else datetime.datetime.now()
    return now.date()


def _embedded(data: dict[str, Any]) -> str:
    """JSON that can stand inside a script element: no character that could end it or begin another."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _title(comparison: Comparison, folder: Path) -> str:
    titles = {scenario.title for scenario in comparison.scenarios if scenario.title}
    if len(titles) == 1:
        return titles.pop()
    return folder.name.replace("_", " ").strip().capitalize() or "Comparison"


def _csv(table: pd.DataFrame, form: str) -> str | bytes:
    if form == "english":
        text: str = table.to_csv(index=False, lineterminator="\n")
        return text
    safe = table.map(lambda cell: "'" + cell if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell)
    return str(safe.to_csv(index=False, lineterminator="\r\n", sep=";", decimal=",")).encode("utf-8-sig")


def _stills(drawn: list[Picture], comparison: Comparison) -> dict[str, str | bytes]:
    return {f"figures/{name}": content for name, content in stills(drawn, comparison).items()}
