"""Where a verdict flips: the value of a parameter below which one scenario is ahead and above which the other.

The mean paired difference of two scenarios is looked at on a coarse grid of values, then every change of its sign is closed in on. All
values have the same replicates, so that the difference is a plain function of the value. How sure the flip is comes from a bootstrap over
replicates: each resample has its own mean curve, straight between the values tried, and its own crossing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.engine.chance import address
from simulator.experiments.assumptions import Range, holders, ranged
from simulator.experiments.comparison import direction, focal_of, judged, same_world
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.paired import CONFIDENCE, F64
from simulator.experiments.pool import Progress, run_all
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.kpis import KPIS, kpi_table
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd

ROUNDS = 3
"""In each round every bracket is cut in four."""

RESAMPLES = 2000


class Crossing(NamedTuple):
    """A value at which the verdict flips."""

    value: float
    low: float  # ends of its 95% interval; -inf, inf: beyond the values tried
    high: float
    below: int  # +1: A is ahead below it; -1: B
    bracket: tuple[float, float]  # the values tried between which the mean difference changes its sign


class _Task(NamedTuple):
    scenarios: tuple[Scenario, ...]  # A and B
    seed: int
    kpi: str


@dataclass(frozen=True, eq=False)
class BreakEven:
    """Paired differences A - B at values of a key.

    values       tried, in order: [values]
    levels       the KPI: [values, A and B, replicates]; NaN where a run failed
    set_in       the names of the scenarios that have the key
    """

    names: tuple[str, ...]
    key: str
    unit: str
    whole: bool
    default: object
    kpi: str
    currency: str
    set_in: tuple[str, ...]
    values: F64
    levels: F64
    seed: int
    failures: dict[str, str]
    paired: bool = True

    @property
    def differences(self) -> F64:
        """A - B: [values, replicates]."""
        found: F64 = self.levels[:, 0] - self.levels[:, 1]
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """Columns value, a, b (means), n, wins, mean, low, high, p, verdict: of A against B at each value tried, each for itself."""
        import pandas as pd

        means = np.nanmean(self.levels, axis=2)
        said = judged(self.differences, [self.kpi] * len(means), np.abs(means).max(axis=1).tolist())
        shown = {name: said[name] for name in ("n", "wins", "mean", "low", "high", "p", "verdict")}
        return pd.DataFrame({"value": self.values, "a": means[:, 0], "b": means[:, 1], **shown})

    @cached_property
    def crossings(self) -> list[Crossing]:
        """Every flip, in order."""
        return crossings(self.values, self.differences * (direction(self.kpi) or 1))

    @property
    def outcome(self) -> str:
        """`flip` | `flips` (several) | `ahead` (one side all over) | `equal` (every pair) | `cannot tell`.

        cannot tell: luck leaves open who is ahead at an end of the range, with a flip in it, or somewhere, without one.
        """
        if len(self.crossings) > 1:
            return "flips"
        if self.crossings:
            return "flip" if self.sure[[0, -1]].all() else "cannot tell"
        if not np.nan_to_num(self.differences).any():
            return "equal"
        return "ahead" if self.sure.all() else "cannot tell"

    @property
    def sure(self) -> NDArray[np.bool_]:
        """At which values tried luck leaves no doubt who is ahead: interval and sign-flip test agree; [values]."""
        table = self.table
        known: NDArray[np.bool_] = (((table["low"] > 0.0) | (table["high"] < 0.0)) & (table["p"] <= 1.0 - CONFIDENCE)).to_numpy()
        return known

    @property
    def leader(self) -> str:
        """Who is ahead in the mean over all values tried."""
        return self.names[0 if float(np.nanmean(self.differences)) * (direction(self.kpi) or 1) > 0.0 else 1]


def breakeven(
    a: Scenario,
    b: Scenario,
    key: str,
    low: float | None = None,
    high: float | None = None,
    kpi: str = "profit",
    replicates: int = 20,
    seed: int = 1,
    workers: int | None = None,
    *,
    steps: int = 9,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> BreakEven:
    """At which value of a key does the verdict between two scenarios flip?

    key        dotted; set in both scenarios, or in the one that has it
    low, high  where to look (default: the range in which the assumption is plausible)
    steps      values of the coarse grid; two flips between neighbours of it are not seen
    progress   called with (pairs done, of how many so far)

    Raises InputError for a key that neither has, an empty range, a value that is not allowed.
    """
    from simulator.experiments.compare import labels

    scenarios = (a, b)
    if kpi not in KPIS:
        raise InputError(_("no figure is called {kpi}; allowed: {names}").format(kpi=kpi, names=", ".join(KPIS)), key="--kpi")
    if focal_of(a) != focal_of(b):
        raise InputError(
            _("the scenarios speak of different brands ({a}, {b}); set `focal` to the same brand in both").format(
                a=focal_of(a), b=focal_of(b)
            )
        )
    if replicates < 2:
        raise InputError(_("replicates is {replicates}; at least 2 are needed").format(replicates=replicates))
    if steps < 2:
        raise InputError(_("steps is {steps}; at least 2 are needed").format(steps=steps))
    looked = _range(scenarios, key, low, high)
    places = holders(scenarios, key, [looked.at(0.0), looked.at(1.0)])
    named = tuple(labels(scenarios, names))
    search = _Search(scenarios, tuple(places), looked, kpi, replicates, seed, workers, progress)
    search.evaluate([looked.low + (looked.high - looked.low) * step / (steps - 1) for step in range(steps)])
    for _round in range(ROUNDS):
        cuts = [
            left + (right - left) * quarter / 4.0
            for left, right in brackets(*search.curve) for quarter in (1, 2, 3)
        ]  # fmt: skip
        if not search.evaluate(cuts):
            break
    values = sorted(search.levels)
    return BreakEven(
        named, key, looked.unit, looked.whole, looked.default, kpi, a.market.currency, tuple(named[place] for place in places),
        np.array(values, np.float64), np.stack([search.levels[value] for value in values]), seed, search.failures,
        same_world(*(scenario.override({key: values[0]}) if place in places else scenario for place, scenario in enumerate(scenarios))),
    )  # fmt: skip


def _range(scenarios: Sequence[Scenario], key: str, low: float | None, high: float | None) -> Range:
    rows = [row for scenario in scenarios for row in scenario.values() if row.key == key]
    first, last = rows[0].declaration.get("plausible", (None, None)) if rows else (None, None)
    low, high = first if low is None else low, last if high is None else high
    if low is None or high is None:
        if not rows:
            holders(scenarios, key, [0.0])  # says what is wrong with a key that no scenario knows
        raise InputError(_("has no plausible range; say where to look with --low and --high"), key=key)
    return ranged(scenarios, key, float(low), float(high))


class _Search:
    """Values tried so far."""

    def __init__(
        self, scenarios: tuple[Scenario, ...], places: tuple[int, ...], looked: Range, kpi: str, replicates: int, seed: int,
        workers: int | None, progress: Progress | None,
    ) -> None:  # fmt: skip
        self.scenarios, self.places, self.range, self.kpi = scenarios, places, looked, kpi
        self.replicates, self.seed, self.workers, self.progress = replicates, seed, workers, progress
        self.levels: dict[float, F64] = {}  # value -> [A and B, replicates]
        self.failures: dict[str, str] = {}
        forget()

    def evaluate(self, values: Sequence[float]) -> bool:
        """Run what was not run yet; False if there was nothing."""
        new = sorted({self._rounded(value) for value in values} - set(self.levels))
        if not new:
            return False
        pairs = [
            tuple(
                scenario.override({self.range.key: value}) if place in self.places else scenario
                for place, scenario in enumerate(self.scenarios)
            )
            for value in new
        ]
        tasks = [_Task(pair, self.seed + number, self.kpi) for pair in pairs for number in range(self.replicates)]
        before, tell = len(self.levels) * self.replicates, self.progress or (lambda done, total: None)
        finished = run_all(run_pair, tasks, self.workers, lambda done, total: tell(before + done, before + total))
        if finished.interrupted:
            raise KeyboardInterrupt
        levels = np.full((len(tasks), 2), np.nan)
        for position, pair in finished.results.items():
            levels[position] = pair
        for position, error in finished.errors.items():
            self.failures[f"{self.range.key} = {new[position // self.replicates]:g}, seed {tasks[position].seed}"] = error
        for place, value in enumerate(new):
            found = levels[place * self.replicates : (place + 1) * self.replicates].T
            if np.isnan(found).all():
                why = next((error for position, error in finished.errors.items() if position // self.replicates == place), "")
                raise InputError(why or _("{kpi} is not known in any run").format(kpi=self.kpi), key=f"{self.range.key} = {value:g}")
            self.levels[value] = found
        return True

    @property
    def curve(self) -> tuple[F64, F64]:
        """The values tried, in order, and the mean difference at each."""
        values = sorted(self.levels)
        return np.array(values), np.array([float(np.nanmean(self.levels[value][0] - self.levels[value][1])) for value in values])

    def _rounded(self, value: float) -> float | int:
        return round(value) if self.range.whole else float(f"{value:.6g}")


def run_pair(task: _Task) -> tuple[float, float]:
    """The focal brand's KPI in both scenarios, on one graph where they have the same ties."""
    found = []
    for scenario in task.scenarios:
        result = simulate(scenario, task.seed, threads=1, graph=graph_of(scenario, task.seed))
        found.append(float(kpi_table(result.daily)[task.kpi].to_dict()[focal_of(scenario)]))
    return found[0], found[1]


def brackets(values: F64, means: F64) -> list[tuple[float, float]]:
    """Neighbouring values between which a mean changes its sign; values where it is 0 are passed over."""
    signed = [(float(value), float(mean)) for value, mean in zip(values, means, strict=True) if mean != 0.0 and not math.isnan(mean)]
    return [(x, right) for (x, y), (right, z) in zip(signed, signed[1:], strict=False) if (y > 0.0) != (z > 0.0)]


def crossings(values: F64, differences: F64, resamples: int = RESAMPLES) -> list[Crossing]:
    """Where the mean difference changes its sign, with the 95% bootstrap interval of each place.

    values [values] in order; differences [values, replicates], NaN where unknown. A resample whose curve does not cross in the same
    direction counts as a crossing beyond the end towards which it would have to go.
    """
    mean = np.nanmean(differences, axis=1)
    found = _roots(values, mean)
    if not found:
        return []
    n = differences.shape[1]
    draws = np.random.default_rng(int(address(0, "break-even", n))).integers(0, n, (resamples, n))
    weights = np.stack([np.bincount(draw, minlength=n) for draw in draws]).astype(np.float64)
    known = ~np.isnan(differences)
    with np.errstate(invalid="ignore"):
        curves = (weights @ np.where(known, differences, 0.0).T) / (weights @ known.T.astype(np.float64))
    result = []
    for value, below, bracket in found:
        places = np.array([_nearest(values, curve, value, below) for curve in curves])
        tail = (1.0 - CONFIDENCE) / 2.0
        low, high = (float(end) for end in np.quantile(places, [tail, 1.0 - tail], method="closest_observation"))
        result.append(Crossing(value, low, high, below, bracket))
    return result


def _roots(values: F64, curve: F64) -> list[tuple[float, int, tuple[float, float]]]:
    """Zeros of a curve that is straight between the values: where, the sign below, the neighbours with a sign."""
    found = []
    for left, right in brackets(values, curve):
        inside = np.flatnonzero((values >= left) & (values <= right))
        between = values[inside][curve[inside] == 0.0]
        y, z = float(curve[inside[0]]), float(curve[inside[-1]])
        x = float(between.mean()) if len(between) else left + (right - left) * y / (y - z)
        found.append((x, 1 if y > 0.0 else -1, (left, right)))
    return found


def _nearest(values: F64, curve: F64, value: float, below: int) -> float:
    """The zero of a resampled curve nearest to `value` with the same sign below; infinite where there is none."""
    known = ~np.isnan(curve)
    roots = [x for x, sign, _ in _roots(values[known], curve[known]) if sign == below]
    if roots:
        return min(roots, key=lambda x: abs(x - value))
    return math.inf if float(np.mean(curve[known])) * below > 0.0 else -math.inf
