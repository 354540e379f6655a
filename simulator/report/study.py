"""A study in words and numbers: what is there, what is missing, how the settings do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.report.numbers import label, level
from simulator.report.text import aligned
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    from simulator.experiments.study import Study

FIGURES = ("profit", "units", "reach", "trust_aware", "penetration")
"""The key figures of the table."""
ROWS = 20


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
        "failed": [{"cell": row["cell"], "replicate": row["replicate"], "error": row["error"]} for _, row in study.failures.iterrows()],
        "cells": sorted(cells, key=lambda entry: -entry["profit"]),
    }  # fmt: skip


def study_lines(data: dict[str, Any]) -> str:
    """The same for a terminal."""
    lines = [f"{data['title'] or data['study']}: {data['done']:,} of {data['runs']:,} runs of {data['focal']}"]
    if data["failed"]:
        first = data["failed"][0]
        lines.append(f"{len(data['failed'])} failed, the first: cell {first['cell']}, replicate {first['replicate']}: {first['error']}")
    if data["cells"]:
        keys = list(data["cells"][0]["settings"])
        rows = [
            [str(entry["cell"]), *(str(entry["settings"][key]) for key in keys), str(entry["n"]), *(_figure(entry, kpi) for kpi in FIGURES)]
            for entry in data["cells"][:ROWS]
        ]
        lines += ["", aligned(["cell", *keys, "n", *(label(kpi) for kpi in FIGURES)], rows)]
        if len(data["cells"]) > ROWS:
            lines.append(f"... and {len(data['cells']) - ROWS} more")
    lines += ["", f"folder: {data['study']}"]
    return "\n".join(lines)


def _figure(entry: dict[str, Any], kpi: str) -> str:
    unit = KPIS[kpi].unit
    error = entry[f"{kpi}_error"]
    return level(entry[kpi], unit) + ("" if np.isnan(error) else f" ±{level(error, unit)}")
