"""What paired runs of several scenarios say: tables of KPIs, of their differences, and of curves with bands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.causal import QUANTITIES
from simulator.experiments.doubt import LUCK, holding
from simulator.experiments.paired import (
    F64,
    LEVEL,
    UNCLEAR,
    Family,
    bar_alone,
    correlation,
    family,
    more_pairs,
    paired_differences,
    verdict,
)  # fmt: skip
from simulator.experiments.sequential import level_of
from simulator.parameters import InputError
from simulator.results.kpis import KPIS
from simulator.results.weekly import FLOWS
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from simulator.experiments.bad_buzz import BadBuzz

BAND = (0.1, 0.9)
"""Quantiles over replicates between which the bands of the curves lie."""

WEEKS = (4, 13, 26, 52)
"""When the KPIs are read, next to the end of the run."""

CURVE_OF = {"opt_in_list": "list_size"}
"""Key figures whose curve has another name."""


def reading_days(days: int) -> tuple[int, ...]:
    """After how many days the KPIs of a run of `days` days are read."""
    return tuple(sorted({*(7 * week for week in WEEKS if 7 * week < days), days}))


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


def judged(
    values: F64, kpis: Sequence[str], sizes: Sequence[float], together: Family | None = None, level: float = LEVEL
) -> dict[str, Any]:
    """Columns n, wins, mean, median, low, high, p, more, verdict of rows of paired differences: values [rows, pairs].

    kpis      of each row; sizes: the larger of the two means that each compares
    together  what all rows of a table say together (default: each row speaks for itself)
    more      about how many more pairs it would take where luck leaves the verdict open: `paired.more_pairs`
    """
    seen = paired_differences(values, level)
    chances, bar = (together.p, together.bar) if together else (seen.p, bar_alone(level))
    wins = [int((row * (direction(kpi) or 1) > 0).sum()) for row, kpi in zip(values, kpis, strict=True)]
    numbers = (seen.n, seen.mean, seen.sd, seen.low, seen.high, chances)
    more, verdicts = [], []
    for kpi, size, n, mean, sd, low, high, p in zip(kpis, sizes, *(column.tolist() for column in numbers), strict=True):
        matters = smallest_difference(kpi, size)
        said = verdict(n, mean, low, high, p, matters, direction(kpi), level)
        verdicts.append(said)
        more.append(more_pairs(n, mean, sd, matters, bar, level) if said == UNCLEAR else np.nan)
    columns = {"n": seen.n, "wins": wins, "mean": seen.mean, "median": seen.median, "low": seen.low, "high": seen.high}
    return columns | {"p": chances, "more": more, "verdict": verdicts}


def world_code(
    scenarios: Sequence[Scenario], names: Sequence[str], seed: int, replicates: int, doubt: str = LUCK, draws: int = 0, until: str = ""
) -> str:
    """Eight digits for everything that a comparison's numbers depend on but the program and its labels."""
    digest = hashlib.blake2b(digest_size=4)
    asked = (*((doubt, draws) if doubt != LUCK else ()), *((until,) if until else ()))
    for part in (*(scenario.hash for scenario in scenarios), *names, focal_of(scenarios[0]), seed, replicates, *asked):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


def _table(*columns: str) -> Any:
    """A field that is an empty table with these columns where nothing is given."""

    def empty() -> Any:
        import pandas as pd

        return pd.DataFrame(columns=list(columns))

    return field(default_factory=empty)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Paired runs of several scenarios and what they say. Tables are of the focal brand unless they have a column `brand`.

    runs      scenario, replicate, seed, day (how many days had passed), brand, and a column for each KPI
    curves    scenario, replicate, day, and a column for each of CURVES
    spending  scenario, replicate, brand, line, quantity, amount
    failures  scenario, replicate, seed, error

    Of the doubt about assumptions (`experiments.doubt`), empty without it:
    draws        scenario, draw, seed, day, brand, and a column for each KPI
    assumptions  draw, key, value: what was drawn
    ranges       key, low, high, default, evidence, unit, meaning: what was drawn from
    refused      scenario, draw, seed, error: runs of draws that failed

    looks        look, replicates, undecided: of `until="decided"` (`experiments.sequential`)
    causal_runs  scenario, replicate, seed, and a column for each of `experiments.causal.QUANTITIES`
    flipped, causes  of `explain=True` (`experiments.flipped`, `experiments.explain`)
    """

    scenarios: tuple[Scenario, ...]  # the baseline first
    names: tuple[str, ...]
    focal: str
    seed: int
    replicates: int  # asked for; with until="decided" up to the last look
    runs: pd.DataFrame
    curves: pd.DataFrame
    spending: pd.DataFrame
    failures: pd.DataFrame
    warnings: tuple[str, ...]
    notices: tuple[str, ...]
    consumers: int  # simulated in each run (the most, if they differ)
    interrupted: bool = False
    bad_buzz: BadBuzz | None = None  # where a crisis or an episode was seen
    doubt: str = LUCK  # what a verdict had to survive: luck, assumptions or both
    asked_draws: int = 0
    until: str = ""
    draws: pd.DataFrame = _table("scenario", "draw", "seed", "day", "brand")
    assumptions: pd.DataFrame = _table("draw", "key", "value")
    ranges: pd.DataFrame = _table("key", "low", "high", "default", "evidence", "unit", "meaning")
    refused: pd.DataFrame = _table("scenario", "draw", "seed", "error")
    looks: pd.DataFrame = _table("look", "replicates", "undecided")
    causal_runs: pd.DataFrame = _table("scenario", "replicate", "seed", *QUANTITIES)
    flipped: pd.DataFrame = _table("a", "b", "replicate", "consumer", "segment", "kind", "day", "quantity", "cause", "by", "brand", "life")
    causes: pd.DataFrame = _table("a", "b", "cause", "amount_a", "amount_b", "difference", "n")

    def report(
        self, path: str | Path, title: str = "", command: str = "", lang: str = "", csv: str = "english", beside: bool = True
    ) -> Path:
        """Write report.html and what lies beside it to a folder: `simulator.report.page.write_report`, attached by the package."""
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
    def arguments(self) -> dict[str, Any]:
        """What `compare(scenarios, **arguments)` needs to make the comparison again."""
        replicates = self.replicates // max(1, len(self.looks))
        return {
            "replicates": replicates, "seed": self.seed, "names": list(self.names), "doubt": self.doubt, "draws": self.asked_draws,
            "until": self.until,
        }  # fmt: skip

    @property
    def world(self) -> str:
        """A short code of everything the numbers depend on but the program: scenarios, seed, number of replicates and draws."""
        return world_code(self.scenarios, **self.arguments)

    @property
    def level(self) -> float:
        """How often a table of nothing but luck may call something different; intervals have 1 minus that."""
        return level_of(self.until)

    @property
    def doubted(self) -> bool:
        """Whether verdicts had to survive other assumptions: asked for, and there were some to doubt."""
        return self.doubt != LUCK and len(self.ranges) > 0

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Columns scenario, day, kpi, n, mean, low, high: the focal brand's KPIs with the interval of their mean."""
        import pandas as pd

        keys, rows = [], []
        for name in self.names:
            for day in self.days:
                table = self._focal_kpis(self.runs, "replicate", name, day)
                for kpi in table.columns:
                    keys.append((name, day, kpi))
                    rows.append(table[kpi].to_numpy(float))
        seen = paired_differences(_rectangular(rows), self.level)
        frame = pd.DataFrame(keys, columns=["scenario", "day", "kpi"])
        return frame.assign(n=seen.n, mean=seen.mean, low=seen.low, high=seen.high)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row for each day of reading, pair of scenarios and KPI; a verdict has to survive both doubts.

        n, wins           pairs that know the figure, and in how many a did better (more, where a figure has no better side)
        mean, median, low, high   of a minus b over the pairs, each row for itself
        p                 adjusted for all rows of the table, so that a table of nothing but luck calls something different in at most
                          one case of twenty
        correlation       of a and b over the replicates: how much luck they share
        more              where luck leaves the verdict open: about how many more pairs would close it (`paired.more_pairs`), NaN where
                          none would
        draws, holds      draws of the assumptions that know the figure, and the share of them in which the difference has the sign of
                          the mean (for no practical difference: lies within the smallest difference that matters)
        verdict           what luck says, if draws were made only where they are likely to agree, else "cannot tell" (`experiments.doubt`)
        paired            False if a and b have other people or ties
        luck_verdict      what luck says by itself
        """
        import pandas as pd

        keys, a, b = self._sides(self.runs, "replicate")
        frame = pd.DataFrame(keys, columns=["day", "kpi", "a", "b", "paired"])
        kpis, sizes = frame["kpi"].tolist(), np.fmax(np.abs(_means(a)), np.abs(_means(b))).tolist()
        frame = frame.assign(**judged(a - b, kpis, sizes, family(a - b, self.level), self.level), correlation=correlation(a, b))
        frame = frame.assign(draws=0, holds=np.nan, luck_verdict=frame["verdict"])
        if self.doubted:
            _, a, b = self._sides(self.draws, "draw")
            larger = np.fmax(np.abs(a), np.abs(b))
            matters = np.stack([np.broadcast_to(smallest_difference(kpi, row), row.shape) for kpi, row in zip(kpis, larger, strict=True)])
            directions = [direction(kpi) for kpi in kpis]
            held = holding(a - b, matters, frame["mean"].tolist(), directions, frame["luck_verdict"].tolist(), self.doubt)
            closed = (frame["luck_verdict"] != UNCLEAR) | (self.doubt != "both")
            frame = frame.assign(draws=held.draws, holds=held.holds, verdict=held.verdicts, more=frame["more"].mask(closed))
        return frame[[
            "day", "kpi", "a", "b", "n", "wins", "mean", "median", "low", "high", "p", "correlation", "more", "draws", "holds", "verdict",
            "paired", "luck_verdict",
        ]]  # fmt: skip

    @cached_property
    def causal(self) -> pd.DataFrame:
        """Columns scenario, quantity, n, mean, low, high: what each scenario causes against its silent twin (`experiments.causal`)."""
        import pandas as pd

        parts = []
        for name in dict.fromkeys(self.causal_runs["scenario"]):
            rows = self.causal_runs[self.causal_runs["scenario"] == name]
            seen = paired_differences(rows[list(QUANTITIES)].to_numpy(np.float64).T, self.level)
            columns = {"scenario": name, "quantity": QUANTITIES, "n": seen.n, "mean": seen.mean, "low": seen.low, "high": seen.high}
            parts.append(pd.DataFrame(columns))
        columns = {name: [] for name in ("scenario", "quantity", "n", "mean", "low", "high")}
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns)

    def timeline(self, kpi: str) -> pd.DataFrame:
        """Columns a, b, week, n, mean, low, high, p, verdict: a minus b after 1, 2, 3 ... weeks, as far as both run.

        The figure is what it would be at the end of that week: sums so far of units, money and messages, levels of all others. p is
        adjusted for all rows; the verdict knows luck only.

        Raises InputError for a figure whose curve is not kept.
        """
        import pandas as pd

        column = CURVE_OF.get(kpi, kpi)
        if kpi not in KPIS or column not in self.curves.columns:
            known = [name for name in KPIS if CURVE_OF.get(name, name) in self.curves.columns]
            raise InputError(f"no curve of {kpi} is kept; allowed: {', '.join(known)}")
        wide = {name: self._weeks(name, column) for name in self.names}
        keys, rows, sizes = [], [], []
        for a, b in self._pairs():
            one, other = wide[a].align(wide[b], join="inner", axis=0)
            for week in one.index:
                keys.append((a, b, int(week)))
                rows.append((one.loc[week] - other.loc[week]).to_numpy(float))
                sizes.append(max(abs(float(one.loc[week].mean())), abs(float(other.loc[week].mean()))))
        values = _rectangular(rows)
        found = judged(values, [kpi] * len(keys), sizes, family(values, self.level), self.level)
        frame = pd.DataFrame(keys, columns=["a", "b", "week"]).assign(**found)
        return frame[["a", "b", "week", "n", "mean", "low", "high", "p", "verdict"]]

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

    def _pairs(self) -> list[tuple[str, str]]:
        """Every pair of scenarios: (a, b), a later than b."""
        return [(self.names[first], b) for second, b in enumerate(self.names) for first in range(second + 1, len(self.names))]

    def _sides(self, runs: pd.DataFrame, index: str) -> tuple[list[tuple[int, str, str, str, bool]], F64, F64]:
        """Keys (day, kpi, a, b, paired) of the table of verdicts, and both sides of each row: float64 [rows, replicates or draws]."""
        keys, ones, others = [], [], []
        world = dict(zip(self.names, self.scenarios, strict=True))
        for day in self.days:
            tables = {name: self._focal_kpis(runs, index, name, day) for name in self.names}
            for a, b in self._pairs():
                paired = same_world(world[a], world[b])
                keys += [(day, kpi, a, b, paired) for kpi in tables[a].columns]
                ones.append(tables[a].to_numpy(np.float64).T)
                others.append(tables[b].to_numpy(np.float64).T)
        if not keys:
            return [], np.zeros((0, 0)), np.zeros((0, 0))
        return keys, np.concatenate(ones), np.concatenate(others)

    def _focal_kpis(self, runs: pd.DataFrame, index: str, name: str, day: int) -> pd.DataFrame:
        """The focal brand's KPIs of one scenario after `day` days: a row per replicate or draw, the same rows for every scenario."""
        chosen = runs[(runs["scenario"] == name) & (runs["day"] == day) & (runs["brand"] == self.focal)]
        table = chosen.set_index(index).reindex(columns=[kpi for kpi in KPIS if kpi in self.runs.columns])
        return table.reindex(sorted(runs[index].unique()))

    def _weeks(self, name: str, column: str) -> pd.DataFrame:
        """A curve of a scenario at the end of each whole week: a row per week, a column per replicate."""
        curve = self.curves[self.curves["scenario"] == name].pivot(index="day", columns="replicate", values=column)
        curve = curve.cumsum() if column in FLOWS else curve
        curve = curve.reindex(columns=sorted(self.curves["replicate"].unique()))
        ends = curve[curve.index % 7 == 6]
        return ends.set_axis(ends.index // 7 + 1, axis=0)


def _means(rows: F64) -> F64:
    """The mean of each row, of what is known of it; 0 where nothing is."""
    known = ~np.isnan(rows)
    means: F64 = np.where(known, rows, 0.0).sum(axis=1) / np.maximum(1, known.sum(axis=1))
    return means


def _rectangular(rows: Sequence[F64]) -> F64:
    """[rows, replicates] from a list of rows; empty tables keep a shape."""
    return np.stack(rows) if rows else np.zeros((0, 0))
