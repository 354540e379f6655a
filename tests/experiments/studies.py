"""What tests of studies share: tiny markets, and a study's files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from simulator import load_scenario
from simulator.experiments import design
from simulator.experiments.study import Study, keep_part, open_folder
from simulator.experiments.sweep import kpi_rows, plan_of, tasks_of
from simulator.results.kpis import KPIS

SHARE = "word_of_mouth.share"


def tiny(size: int = 200, days: int = 10) -> dict[str, Any]:
    """Settings of a market that takes milliseconds."""
    return {"population.size": size, "run.days": days}


def parts(folder: Path) -> dict[str, bytes]:
    """The parts of all tables of a study, by path in its folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.glob("*/part-*.parquet"))}


def made_up(
    folder: Path, vary: dict[str, Any], replicates: int, rule: Callable[[dict[str, Any], float], dict[str, float]], *,
    lost: Callable[[int, int], bool] = lambda cell, replicate: False, noise: float = 1.0, title: str = "Made up",
    kind: design.Kind = "grid", points: int = 8,
) -> Study:  # fmt: skip
    """A study whose figures follow a rule of (settings, luck of the replicate), without a simulation. lost: runs that are missing."""
    scenario = load_scenario("scenarios/three_eras/interruption.toml").override({"title": title})
    plan = plan_of(scenario, vary, replicates, keep="kpis", kind=kind, points=points)
    open_folder(plan, folder)
    luck = noise * np.random.default_rng(7).normal(size=replicates)
    for part, task in zip(plan.parts, tasks_of(plan, plan.parts), strict=True):
        rows = []
        for cell, replicate in part.runs:
            front = {
                "cell": cell,
                "replicate": replicate,
                "seed": 1 + replicate,
                "world": f"{replicate:08x}",
                "pairing_ok": True,
                "error": None,
            }
            rows.append(front | dict.fromkeys(KPIS, float("nan")) | rule(plan.cells[cell], float(luck[replicate])) | plan.cells[cell])
        kept = [row for row in rows if not lost(row["cell"], row["replicate"])]
        if kept:
            keep_part(folder, part, {"kpis": kpi_rows(task, kept)})
    return Study(folder)
