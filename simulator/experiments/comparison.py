"""What paired runs of several scenarios say: tables of KPIs, of their differences, and of curves with bands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.paired import F64, familywise, paired_differences, verdict
from simulator.results.kpis import KPIS
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from simulator.experiments.bad_buzz import BadBuzz

BAND = (0.1, 0.9)
"""Quantiles over replicates between which the bands of the curves lie."""


def smallest_difference(kpi: str, size: float) -> float:
    """The smallest difference of a KPI worth talking about. size: the larger of the two means compared."""
    declared = KPIS[kpi]
    return declared.smallest_difference * (size if declared.relative else 1.0)


def direction(kpi: str) -> int:
    """+1 if more is better, -1 if less is, 0 if neither."""
    return KPIS[kpi].direction


def focal_of(scenario: Scenario) -> str:
    """The brand that a scenario speaks of."""
    return scenario.focal or scenario.brands[0].name


def same_world(one: Scenario, other: Scenario) -> bool:
    """Whether runs of two scenarios under one seed have the same people and ties, and so the same luck. Roles are no other people."""
    return people_and_ties(one) == people_and_ties(other)


def people_and_ties(scenario: Scenario) -> list[dict[str, Any]]:
    """What, with a seed, decides who lives in a market and who knows whom."""
    return [scenario.population.model_dump(exclude={"roles"}), scenario.network.model_dump()]


def judged(values: F64, kpis: Sequence[str], sizes: Sequence[float], p: F64 | None = None) -> dict[str, Any]:
    """Columns n, wins, mean, low, high, p, verdict of rows of paired differences: values [rows, pairs].

    kpis   of each row; sizes: the larger of the two means that each compares
    p      default: of each row for itself
    """
    seen = paired_differences(values)
    p = seen.p if p is None else p
    wins = [int((row * (direction(kpi) or 1) > 0).sum()) for row, kpi in zip(values, kpis, strict=True)]
    columns = {"n": seen.n, "wins": wins, "mean": seen.mean, "low": seen.low, "high": seen.high, "p": p}
    verdicts = [
        verdict(n, mean, low, high, chance, smallest_difference(kpi, size), direction(kpi))
        for n, mean, low, high, chance, kpi, size in zip(
            seen.n.tolist(), seen.mean.tolist(), seen.low.tolist(), seen.high.tolist(), p.tolist(), kpis, sizes, strict=True
        )
    ]
    return columns | {"verdict": verdicts}


def world_code(scenarios: Sequence[Scenario], names: Sequence[str], seed: int, replicates: int) -> str:
    """Eight digits for everything that a comparison's numbers depend on but the program and its labels."""
    digest = hashlib.blake2b(digest_size=4)
    for part in (*(scenario.hash for scenario in scenarios), *names, focal_of(scenarios[0]), seed, replicates):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Comparison:
    """Paired runs of several scenarios and what they say. Tables are of the focal brand unless they have a column `brand`.

    runs      scenario, replicate, seed, day (how many days had passed), brand, and a column for each KPI
    curves    scenario, replicate, day, and a column for each of CURVES
    spending  scenario, replicate, brand, line, quantity, amount
    failures  scenario, replicate, seed, error
    """

    scenarios: tuple[Scenario, ...]  # the baseline first
    names: tuple[str, ...]
    focal: str
    seed: int
    replicates: int  # asked for
    runs: pd.DataFrame
    curves: pd.DataFrame
    spending: pd.DataFrame
    failures: pd.DataFrame
    warnings: tuple[str, ...]
    notices: tuple[str, ...]
    consumers: int  # simulated in each run (the most, if they differ)
    interrupted: bool = False
    bad_buzz: BadBuzz | None = None  # where a crisis or an episode was seen

    def report(self, path: str | Path, title: str = "", command: str = "") -> Path:
        """Write report.html and the tables to a folder: `simulator.report.page.write_report`, attached by the package."""
        raise RuntimeError("take compare from the package, `from simulator import compare`: it attaches reports")

    @property
    def baseline(self) -> str:
        """What the others are compared with: the scenario in which the focal brand is silent, or answers no crisis, else the first."""
        return self.names[0]

    @property
    def days(self) -> tuple[int, ...]:
        """After how many days the KPIs were read."""
        return tuple(int(day) for day in sorted(self.runs["day"].unique()))

    @property
    def completed(self) -> int:
        """Replicates of which at least one run finished."""
        return int(self.runs["replicate"].nunique())

    @property
    def world(self) -> str:
        """A short code of everything the numbers depend on but the program: scenarios, seed, number of replicates."""
        return world_code(self.scenarios, self.names, self.seed, self.replicates)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Columns scenario, day, kpi, n, mean, low, high: the focal brand's KPIs with the interval of their mean."""
        import pandas as pd

        keys, rows = [], []
        for name in self.names:
            for day in self.days:
                table = self._focal_kpis(name, day)
                for kpi in table.columns:
                    keys.append((name, day, kpi))
                    rows.append(table[kpi].to_numpy(float))
        seen = paired_differences(_rectangular(rows))
        frame = pd.DataFrame(keys, columns=["scenario", "day", "kpi"])
        return frame.assign(n=seen.n, mean=seen.mean, low=seen.low, high=seen.high)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Columns day, kpi, a, b, n, wins, mean, low, high, p, verdict, paired.

        mean, low and high are of a minus b over n pairs, each row for itself; p is adjusted for all rows of the table, so that a table
        of nothing but luck calls something different in at most one case of twenty. wins counts the pairs in which a did better (more,
        where a KPI has no better side). `paired` is False if a and b have other people or ties.
        """
        import pandas as pd

        keys, rows, sizes = [], [], []
        for day in self.days:
            tables = {name: self._focal_kpis(name, day) for name in self.names}
            for second, b in enumerate(self.names):
                for first in range(second + 1, len(self.names)):
                    a = self.names[first]
                    paired = same_world(self.scenarios[first], self.scenarios[second])
                    difference = tables[a] - tables[b]
                    for kpi in difference.columns:
                        keys.append((day, kpi, a, b, paired))
                        rows.append(difference[kpi].to_numpy(float))
                        sizes.append(max(abs(float(tables[a][kpi].mean())), abs(float(tables[b][kpi].mean()))))
        values = _rectangular(rows)
        frame = pd.DataFrame(keys, columns=["day", "kpi", "a", "b", "paired"])
        frame = frame.assign(**judged(values, [kpi for _, kpi, *_ in keys], sizes, familywise(values)))
        return frame[["day", "kpi", "a", "b", "n", "wins", "mean", "low", "high", "p", "verdict", "paired"]]

    @cached_property
    def daily_bands(self) -> pd.DataFrame:
        """Columns scenario, day, column, mean, low, high: the focal brand's curves over replicates (low, high: 10% and 90%)."""
        import pandas as pd

        if self.curves.empty:
            return pd.DataFrame(columns=["scenario", "day", "column", "mean", "low", "high"])
        long = self.curves.melt(id_vars=["scenario", "replicate", "day"], var_name="column")
        grouped = long.groupby(["scenario", "day", "column"], sort=False)["value"]
        bands = pd.DataFrame({"mean": grouped.mean(), "low": grouped.quantile(BAND[0]), "high": grouped.quantile(BAND[1])})
        return bands.reset_index()

    def _focal_kpis(self, name: str, day: int) -> pd.DataFrame:
        """The focal brand's KPIs of one scenario after `day` days: a row per replicate, the same rows for every scenario."""
        runs = self.runs
        chosen = runs[(runs["scenario"] == name) & (runs["day"] == day) & (runs["brand"] == self.focal)]
        table = chosen.set_index("replicate")[[kpi for kpi in KPIS if kpi in runs.columns]]
        return table.reindex(sorted(runs["replicate"].unique()))


def _rectangular(rows: Sequence[F64]) -> F64:
    """[rows, replicates] from a list of rows; empty tables keep a shape."""
    return np.stack(rows) if rows else np.zeros((0, 0))
