"""Results for other programs: what --json prints."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from simulator.experiments.comparison import Comparison

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.run_result import RunResult


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """A comparison's verdicts and what they rest on."""
    return {
        "world": comparison.world, "focal": comparison.focal, "baseline": comparison.baseline, "seed": comparison.seed,
        "replicates": comparison.replicates, "completed": comparison.completed, "interrupted": comparison.interrupted,
        "scenarios": [
            {"name": name, "title": scenario.title, "hash": scenario.hash}
            for name, scenario in zip(comparison.names, comparison.scenarios, strict=True)
        ],
        "warnings": list(comparison.warnings), "notices": list(comparison.notices), "failures": records(comparison.failures),
        "doubt": comparison.doubt, "until": comparison.until, "level": comparison.level, "looks": records(comparison.looks),
        "summary": records(comparison.summary), "verdicts": records(comparison.verdicts), "causal": records(comparison.causal),
        "ranges": records(comparison.ranges), "refused": records(comparison.refused),
        "causes": records(comparison.causes), "flipped": records(comparison.flipped),
        "bad_buzz": records(comparison.bad_buzz.worlds) if comparison.bad_buzz else [],
    }  # fmt: skip


def run_data(run: RunResult) -> dict[str, Any]:
    """The key figures of one run."""
    kpis = {str(brand): values for brand, values in run.kpis.to_dict("index").items()}
    return {"title": run.scenario.title, "hash": run.scenario.hash, "seed": run.seed, "days": run.days, "kpis": kpis}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def as_json(data: Any) -> str:
    """JSON as the standard has it: what is not a number is null."""
    return json.dumps(_finite(data), indent=1, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):  # a NumPy number
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
