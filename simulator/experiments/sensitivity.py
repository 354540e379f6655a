"""What an answer rests on: in what share of the plausible assumptions A beats B, what flips it, and which parameters matter.

First a Morris screening over all ranges, then Sobol indices of what it leaves and of all others as one group. The points of the second
that lie evenly in the space of all parameters are those in which winners are counted. All runs are paired, kept in a folder and never
made twice: see `points`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.assumptions import Range, assumption_ranges
from simulator.experiments.comparison import direction, focal_of, smallest_difference
from simulator.experiments.flips import dependence, flip_map, shares
from simulator.experiments.indices import OTHERS, even, grouped, indices, luck, screened, spread, survivors, trajectories
from simulator.experiments.paired import F64
from simulator.experiments.points import Points, run_points, seconds_of_a_point
from simulator.experiments.pool import Progress
from simulator.language import _, number
from simulator.parameters import InputError
from simulator.results.kpis import KPIS
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

MOST = 10
"""Parameters that screening leaves at most."""
FEWEST = 5
"""So many are left even where fewer stand out of the noise: it may be the noise that is large."""

FEWEST_IN_A_CELL = 12
"""Points that a cell of the map should hold on average."""

MOST_RUNS = 10_000_000


@dataclass(frozen=True)
class Question:
    """What a sensitivity analysis is asked, checked."""

    scenarios: tuple[Scenario, ...]  # one, or two: A and B
    names: tuple[str, ...]
    ranges: tuple[Range, ...]
    kpis: tuple[str, ...]
    trajectories: int
    points: int  # 0: screening only
    replicates: int
    seed: int

    @property
    def keys(self) -> list[str]:
        """The parameters in doubt."""
        return [each.key for each in self.ranges]

    @property
    def most_runs(self) -> int:
        """Runs that it takes at most: screening may leave fewer parameters."""
        k = len(self.ranges)
        groups = k if k <= MOST else MOST + 1
        points = self.trajectories * (k + 1) + self.points * (groups + 2)
        return points * len(self.scenarios) * self.replicates

    def screening(self) -> Points:
        """The points of the screening."""
        return self._points(trajectories(self.keys, self.trajectories, self.seed))

    def evenly(self, groups: Sequence[str]) -> Points:
        """The points from which indices of the groups follow."""
        return self._points(spread(self.keys, groups, self.points, self.seed))

    def _points(self, places: F64) -> Points:
        return Points(self.scenarios, self.names, self.ranges, places, self.replicates, self.seed)


def question(
    scenarios: Sequence[Scenario], kpis: Sequence[str] = ("profit",), trajectories: int = 10, points: int = 256, replicates: int = 2,
    seed: int = 1, keys: Sequence[str] = (), names: Sequence[str] | None = None,
) -> Question:  # fmt: skip
    """The arguments of `sensitivity`, checked as far as that is possible without running anything."""
    from simulator.experiments.compare import labels

    if not 1 <= len(scenarios) <= 2:
        raise InputError(_("{count} scenarios are given; allowed: one, or two to compare").format(count=len(scenarios)))
    unknown = [kpi for kpi in kpis if kpi not in KPIS]
    if unknown or not kpis:
        raise InputError(
            _("no figure is called {names}; allowed: {allowed}").format(names=", ".join(unknown) or "nothing", allowed=", ".join(KPIS)),
            key="--kpi",
        )
    if len({focal_of(scenario) for scenario in scenarios}) > 1:
        raise InputError(_("the scenarios speak of different brands; set `focal` to the same brand in both"))
    if len(scenarios) == 2 and scenarios[0].hash == scenarios[1].hash:
        raise InputError(_("the two scenarios are the same"))
    if replicates < 1:
        raise InputError(_("replicates is {replicates}; at least 1 is needed").format(replicates=replicates))
    if trajectories < 2:
        raise InputError(_("--trajectories is {trajectories}; at least 2 are needed").format(trajectories=trajectories))
    ranges = tuple(assumption_ranges(scenarios, keys))
    if not ranges:
        raise InputError(_("there is no assumption to doubt: none has a plausible range in which it lies; allowed: --keys key=low:high"))
    asked = Question(
        tuple(scenarios), tuple(labels(scenarios, names)), ranges, tuple(dict.fromkeys(kpis)), trajectories, points, replicates, seed
    )
    if points:
        spread(asked.keys[:1], asked.keys[:1], points, seed)
    if asked.most_runs > MOST_RUNS:
        raise InputError(_("that is up to {runs} runs; allowed: up to {most}").format(runs=number(asked.most_runs), most=number(MOST_RUNS)))
    return asked


def sensitivity(
    scenarios: Sequence[Scenario],
    kpis: Sequence[str] = ("profit",),
    trajectories: int = 10,
    points: int = 256,
    replicates: int = 2,
    seed: int = 1,
    workers: int | None = None,
    *,
    keys: Sequence[str] = (),
    names: Sequence[str] | None = None,
    out: str | Path,
    progress: Progress | None = None,
) -> Sensitivity:
    """On which assumptions does a scenario's KPI rest, or the difference of two scenarios A - B?

    kpis          key figures to look at; several cost no more runs, but share the parameters that screening leaves
    trajectories  of the screening, of (ranges + 1) points each
    points        base points of the indices, a power of two: points * (parameters left + 3) points; 0: screening only
    replicates    seeds seed, seed + 1, ... of every point; from two on luck is told apart
    keys          see `assumption_ranges`
    out           the folder of the runs; the same call goes on where it stopped
    progress      called with (runs done, of how many)
    """
    return run(question(scenarios, kpis, trajectories, points, replicates, seed, keys, names), out, workers, progress)


def run(asked: Question, out: str | Path, workers: int | None = None, progress: Progress | None = None) -> Sensitivity:
    """Compute what is missing of the runs in the folder, and analyse them."""
    folder, tell = Path(out), progress or (lambda done, total: None)
    first = asked.screening()
    bound = asked.most_runs
    rows = run_points(first, folder / f"screening-{first.identity}", workers, lambda done, _: tell(done, bound))
    screening = {kpi: screened(asked.keys, first.places, outcome(asked, rows, kpi)) for kpi in asked.kpis}
    if not asked.points:
        return Sensitivity(asked, folder, screening, rows, None, (), None)
    chosen = survivors(list(screening.values()), MOST, FEWEST) if len(asked.keys) > MOST else asked.keys
    groups = tuple(grouped(asked.keys, chosen or asked.keys[:1]))
    second = asked.evenly(groups)
    total = first.runs + second.runs
    found = run_points(second, folder / f"indices-{second.identity}", workers, lambda done, _: tell(first.runs + done, total))
    return Sensitivity(asked, folder, screening, rows, second, groups, found)


def outcome(asked: Question, rows: pd.DataFrame, kpi: str) -> F64:
    """What is analysed: the KPI of the scenario, or of A minus B; [points, replicates], NaN where a run failed or knows no KPI."""
    values = levels(asked, rows, kpi)
    return values[:, 0] if values.shape[1] == 1 else values[:, 0] - values[:, 1]


def levels(asked: Question, rows: pd.DataFrame, kpi: str) -> F64:
    """The KPI of every run: [points, scenarios, replicates]."""
    values: F64 = rows[kpi].to_numpy(np.float64).reshape(-1, len(asked.scenarios), asked.replicates)
    return values


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What the runs at many points of the space of assumptions say.

    screening   KPI -> table of `indices.screened`
    """

    asked: Question
    folder: Path
    screening: dict[str, pd.DataFrame]
    screening_runs: pd.DataFrame
    points: Points | None  # of the second stage
    groups: tuple[str, ...]
    runs: pd.DataFrame | None

    @property
    def paired(self) -> bool:
        """Whether there are two scenarios, A and B."""
        return len(self.asked.scenarios) == 2

    @property
    def chosen(self) -> list[str]:
        """The parameters that have indices of their own."""
        return [key for key in dict.fromkeys(self.groups) if key != OTHERS]

    @property
    def made(self) -> int:
        """How many runs it rests on."""
        return len(self.screening_runs) + (len(self.runs) if self.runs is not None else 0)

    @property
    def failed(self) -> pd.DataFrame:
        """The runs that failed: stage, point, scenario, replicate, seed, error."""
        import pandas as pd

        tables = [("screening", self.screening_runs)] + ([("indices", self.runs)] if self.runs is not None else [])
        found = pd.concat([table[table["error"].notna()].assign(stage=stage) for stage, table in tables], ignore_index=True)
        return found[["stage", "point", "scenario", "replicate", "seed", "error"]]

    @cached_property
    def indices(self) -> dict[str, pd.DataFrame]:
        """KPI -> table of `indices.indices`; empty without the second stage."""
        if self.runs is None:
            return {}
        return {kpi: indices(self.groups, outcome(self.asked, self.runs, kpi)) for kpi in self.asked.kpis}

    @cached_property
    def luck(self) -> dict[str, dict[str, float]]:
        """KPI -> shares of the variance of one run (one pair): parameters, seed, luck; see `indices.luck`."""
        return {kpi: luck(outcome(self.asked, self.runs, kpi)[self._even]) for kpi in self.asked.kpis} if self.runs is not None else {}

    @cached_property
    def _even(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        assert self.points is not None
        return even(self.groups, len(self.points.places))

    def states(self, kpi: str, replicate: int | None = None) -> F64:
        """Who is ahead at each evenly lying point: +1 A, 0 nobody by more than matters, -1 B, NaN unknown; of one pair or of the mean."""
        if self.runs is None or not self.paired:
            return np.zeros(0)
        values = levels(self.asked, self.runs, kpi)[self._even]
        mean = values.mean(axis=2) if replicate is None else values[:, :, replicate]
        difference = (mean[:, 0] - mean[:, 1]) * (direction(kpi) or 1)
        matters = np.array([smallest_difference(kpi, size) for size in np.abs(mean).max(axis=1)])
        state = np.where(np.abs(difference) < matters, 0.0, np.sign(difference))
        state[np.isnan(difference)] = np.nan
        return state

    def shares(self, kpi: str) -> dict[str, dict[str, float]]:
        """In what share of the space A is ahead, nobody, B: count, n, share, low, high (Wilson's interval)."""
        return shares(self.states(kpi))

    def shares_by_seed(self, kpi: str) -> list[float]:
        """The share in which A is ahead, by each seed alone."""
        return [shares(self.states(kpi, replicate))["ahead"]["share"] for replicate in range(self.asked.replicates)]

    def flips(self, kpi: str) -> pd.DataFrame:
        """How the winner depends on each chosen parameter: table of `flips.dependence`."""
        assert self.points is not None
        columns = [self.asked.keys.index(key) for key in self.chosen]
        places = self.points.places[self._even]
        values = self.points.values.to_numpy(np.float64)[self._even]
        return dependence(self.chosen, places[:, columns], self.states(kpi), values[:, columns])

    def flip_map(self, kpi: str) -> pd.DataFrame:
        """The share in which A is ahead over the two parameters it depends on most; empty with fewer than two parameters."""
        import pandas as pd

        assert self.points is not None
        keys = self.flips(kpi)["key"].tolist()[:2]
        state = self.states(kpi)
        if len(keys) < 2 or not len(state):
            return pd.DataFrame()
        bins = max(2, min(6, int(math.sqrt(len(state) / FEWEST_IN_A_CELL))))
        columns = [self.asked.keys.index(key) for key in keys]
        edges = [np.linspace(self.asked.ranges[column].low, self.asked.ranges[column].high, bins + 1) for column in columns]
        return flip_map(keys, self.points.places[self._even][:, columns], state, edges)

    def table(self) -> pd.DataFrame:
        """All runs of the second stage as one table: stage, point, even, the values of the keys, scenario, replicate, seed, KPIs."""
        import pandas as pd

        if self.runs is None or self.points is None:
            return pd.DataFrame()
        values = self.points.values.assign(even=self._even)
        table = self.runs.merge(values, left_on="point", right_index=True)
        for key, row, value in _set_back(table):
            table.loc[row, key] = value
        return table


def _set_back(table: pd.DataFrame) -> list[tuple[str, Any, float]]:
    """Key, row and value of what was not run as drawn."""
    rows = table.loc[table["set_back"].notna(), "set_back"]
    return [(key, row, value) for row, text in rows.items() for key, value in json.loads(str(text)).items()]


@dataclass(frozen=True)
class Estimate:
    """What an analysis would take at most."""

    runs: int
    parameters: int
    seconds_of_a_run: float
    hours: float  # on so many workers
    workers: int


def estimate(asked: Question, workers: int) -> Estimate:
    """Runs and time, from a few points."""
    few = asked._points(spread(asked.keys, grouped(asked.keys, asked.keys[:1]), 2, asked.seed))
    seconds = seconds_of_a_point(few) / (len(asked.scenarios) * asked.replicates)
    return Estimate(asked.most_runs, len(asked.ranges), seconds, asked.most_runs * seconds / workers / 3600.0, workers)


def default_folder(asked: Question) -> Path:
    """Where the runs go without --out: the same for the same question, so that it goes on where it stopped."""
    said = json.dumps([[scenario.hash for scenario in asked.scenarios], asked.keys, asked.seed, asked.replicates])
    code = hashlib.blake2b(said.encode(), digest_size=4).hexdigest()
    return Path("out") / f"sensitivity_{'_vs_'.join(asked.names)[:60]}-{code}".replace("/", "_")
