"""A comparison with made-up numbers: everything a report needs, without a simulation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from simulator.experiments.bad_buzz import BY, OF_THE_EPISODE, BadBuzz, Cascade
from simulator.experiments.compare import CURVES
from simulator.experiments.comparison import Comparison
from simulator.experiments.twin import TOTALS
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


def with_bad_buzz(names: tuple[str, ...] = ("silent", "empathy"), ignited: int = 5, **rest: Any) -> Comparison:
    """A comparison with a crisis on day 3 in every scenario; each loses less than the one before. The first `ignited` worlds ignite."""
    crisis = {"kind": "scandal", "day": 3, "brand": "A", "severity": 0.9}
    told = made_up(names, **rest)
    scenarios = tuple(scenario.override({"events": [crisis]}) for scenario in told.scenarios)
    return replace(told, scenarios=scenarios, bad_buzz=bad_buzz(names, told.replicates, ignited))


def bad_buzz(names: tuple[str, ...], replicates: int, ignited: int, story: bool = True) -> BadBuzz:
    """Tables with made-up numbers."""
    worlds, cohorts, sizes, lost = [], [], [], []
    for place, name in enumerate(names):
        for replicate in range(replicates):
            burnt, key = replicate < ignited, {"scenario": name, "replicate": replicate}
            episode: dict[str, Any] = dict.fromkeys(OF_THE_EPISODE, np.nan) | {"censored": False, "trigger_origin": ""}
            if burnt:
                episode = dict(zip(OF_THE_EPISODE, (3, 5, 9, 0.04, 0.01, 20.0 + replicate, replicate == 0, "scandal"), strict=True))
            scale = 1.0 / (1 + place) + 0.01 * replicate
            costs = (1000.0 * scale, 0.02 * scale, 0.05 * scale, np.nan, 12.0 + replicate, float(replicate == 1), 0.1)
            worlds.append(
                key | {"story": story, "ignited": burnt, "episode": burnt, "heard": 0.3 * scale} | episode | {"largest": 40 + replicate}
                | dict(zip(TOTALS, costs if story else [np.nan] * len(TOTALS), strict=True))
            )  # fmt: skip
            cohorts += [key | {"by": by, "number": k, "consumers": 5 + 2 * k, "children": 7 - 2 * k} for by in BY for k in range(4)]
            sizes += [key | {"size": size, "count": count} for size, count in ((1, 50), (2, 30 + replicate), (7, 3), (40 + replicate, 1))]
            lost += [key | {"day": day, "units_lost": 9.0 * scale * (day > 3), "trust_lost": 0.02 * scale * (day > 3)} for day in range(35)]
    parent = np.array([-1, -1, 0, 0, 1, 2, 5], np.int32)
    days = np.array([0, 0, 1, 1, 2, 2, 3], np.int32)
    cascades = {name: Cascade(40 + replicates, "scandal", True, parent, days) for name in names}
    empty = pd.DataFrame(columns=["scenario", "replicate", "brand"])
    return BadBuzz(
        pd.DataFrame(worlds), empty, pd.DataFrame(sizes), pd.DataFrame(cohorts), pd.DataFrame(lost if story else [], columns=LOST), cascades
    )


LOST = ["scenario", "replicate", "day", "units_lost", "trust_lost"]
