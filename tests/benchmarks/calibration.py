"""Classical durables fitted with the canonical Bass scenario, beside the NLS Bass fit: the table of docs/calibration.md.

    python -m tests.benchmarks.calibration --data ../shared/data/adoption --write docs/calibration.md

The series are not part of the repository. A minute or two for each on one processor.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from simulator import load_scenario
from simulator.experiments.calibrate import calibrate
from simulator.experiments.design import axis
from simulator.experiments.observed import read_series
from simulator.files import written
from simulator.report.calibration import explained
from simulator.scenario.bundled import bundled

SERIES = ("color_tv", "room_air_conditioners", "clothes_dryers")
FREE = ("purchase.p=0.00002:0.005", "purchase.q=0.002:0.05")
PEOPLE, TRIALS, REPLICATES = 2000, 48, 4
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def measured(path: Path, workers: int | None) -> dict[str, Any]:
    """One series."""
    start = time.perf_counter()
    series = read_series(path)
    scenario = load_scenario(bundled("canonical/bass"), {"population.size": PEOPLE, "run.days": series.days})
    found = calibrate(scenario, series, [axis(text) for text in FREE], trials=TRIALS, replicates=REPLICATES, workers=workers)
    bass = found.bass
    assert bass is not None
    return {
        "series": path.stem, "rows": len(series.rows), "held_out": found.request.held_out, "seconds": time.perf_counter() - start,
        "estimates": found.estimates.to_dict("records"), "r2": explained(found), "scores": found.scores.to_dict("records"),
        "bass": bass._asdict(), "warnings": found.warnings, "days_per_row": series.days_per_row,
    }  # fmt: skip


def table(results: list[dict[str, Any]]) -> str:
    """Markdown."""
    lines = [
        "| series (rows, held out) | fitted | p a year | q a year | m, thousands | R2 | error | error, held out | log score | inside 90% |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for found in results:
        days, bass, (own, other) = found["days_per_row"], found["bass"], found["scores"]
        p, q, m = found["estimates"]
        rates = [f"{row['value'] * days:.4g} [{row['low'] * days:.4g}, {row['high'] * days:.4g}]" for row in (p, q)]
        size = f"{m['value']:,.0f} [{m['low']:,.0f}, {m['high']:,.0f}]"
        name = f"{found['series']} ({found['rows']}, {found['held_out']})"
        lines.append(_row(name, "scenario", *rates, size, f"{found['r2']:.3f}", *_scores(own)))
        errors = [f"{bass[key]:.4g} (se {bass[f'{key}_se']:.2g})" for key in ("p", "q")]
        lines.append(_row("", "NLS Bass", *errors, f"{bass['m']:,.0f} (se {bass['m_se']:,.0f})", f"{bass['r2']:.3f}", *_scores(other)))
    return "\n".join(lines)


def _scores(row: dict[str, Any]) -> list[str]:
    inside = f"{row['inside_band']} of {row['rows_held_out']}"
    return [f"{row['rmse_fitted']:,.0f}", f"{row['rmse_held_out']:,.0f}", f"{row['log_score']:.2f}", inside]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure, print JSON, and write the table between its marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/adoption"))
    parser.add_argument("--write", type=Path)
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    results = [measured(given.data / f"{name}.csv", given.workers) for name in SERIES]
    for found in results:
        print(json.dumps(found, default=str))
    if given.write:
        before, _, rest = given.write.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        written(given.write, f"{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}".encode())


if __name__ == "__main__":
    main()
