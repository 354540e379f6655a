"""A comparison with made-up numbers: everything a report needs, without a simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulator.experiments.compare import CURVES
from simulator.experiments.comparison import Comparison
from simulator.results.kpis import KPIS
from simulator.scenario.load import load_scenario

EVIL = '<script>alert("x")</script> & $2^{ \N{SNOWMAN}'


def made_up(
    names: tuple[str, ...] = ("silent", "ads"), replicates: int = 8, title: str = "Market", days: int = 35, **rest: Any
) -> Comparison:
    """The first scenario as the baseline; each later one is higher in everything by its place."""
    scenarios = tuple(
        load_scenario({
            "title": title, "question": f"What of {title}?", "run": {"days": days}, "population": {"size": 100, "represents": 1000.0},
            "brands": [{"name": "A", "budget_per_day": 10.0, "quality": 0.5 + 0.1 * place}],
        })
        for place in range(len(names))
    )  # fmt: skip
    luck = np.random.default_rng(1)
    runs, curves, spending = [], [], []
    for place, name in enumerate(names):
        for replicate in range(replicates):
            for day in (28, days):
                kpis = {kpi: 0.2 + 0.05 * place + 0.002 * luck.random() for kpi in KPIS}
                runs.append({"scenario": name, "replicate": replicate, "seed": 1 + replicate, "day": day, "brand": "A"} | kpis)
            daily = {column: np.linspace(0.0, 0.5, days) + 0.05 * place + 0.01 * luck.random(days) for column in CURVES}
            curves.append(pd.DataFrame({"scenario": name, "replicate": replicate, "day": range(days)} | daily))
            if place:
                lines = {"ads:tv": 200.0, "sends": 50.0}
                spending += [
                    {"scenario": name, "replicate": replicate, "brand": "A", "line": line, "quantity": 1.0, "amount": amount}
                    for line, amount in lines.items()
                ]
    columns = ["scenario", "replicate", "brand", "line", "quantity", "amount"]
    filled: dict[str, Any] = {
        "failures": pd.DataFrame(columns=["scenario", "replicate", "seed", "error"]), "warnings": (), "notices": (), "consumers": 100,
    } | rest  # fmt: skip
    return Comparison(
        scenarios=scenarios, names=names, focal="A", seed=1, replicates=replicates, runs=pd.DataFrame(runs),
        curves=pd.concat(curves, ignore_index=True), spending=pd.DataFrame(spending, columns=columns), **filled,
    )  # fmt: skip
