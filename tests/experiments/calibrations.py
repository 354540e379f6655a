"""A small Bass market, and series that it gave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator import load_scenario
from simulator.experiments.calibrate import calibrate
from simulator.experiments.calibration import Calibration
from simulator.experiments.design import axis
from simulator.experiments.observed import Series
from simulator.experiments.trials import Task, Watch, watched
from simulator.scenario.bundled import bundled
from simulator.scenario.schema import Scenario

P, Q, PEOPLE = 0.012, 0.15, 1000
ROWS, DAYS_PER_ROW = 16, 3
FREE = ("purchase.p=0.001:0.1", "purchase.q=0.02:0.8")


def market(people: int = PEOPLE, days: int = ROWS * DAYS_PER_ROW) -> Scenario:
    return load_scenario(bundled("canonical/bass"), {"population.size": people, "run.days": days, "purchase.p": P, "purchase.q": Q})


def series(values: Sequence[float], samples: Sequence[float] = (), days_per_row: int = DAYS_PER_ROW) -> Series:
    places = tuple(range(len(values)))
    return Series("series.csv", tuple(map(str, places)), places, tuple(values), tuple(samples), "week", days_per_row, repr(values))


def study(number: int, rows: int = ROWS) -> Series:
    """What the market gave under luck that no calibration has."""
    return series(watched(Task(market(), 10**6 + number, Watch("units", tuple(range(rows)), DAYS_PER_ROW))))


def recovered(number: int, trials: int, replicates: int) -> list[bool]:
    """Whether the 90% intervals hold p and q."""
    found = fit(study(number), trials=trials, replicates=replicates, seed=1 + 100 * number, scale="fixed", holdout=0.0)
    return [row.low <= truth <= row.high for row, truth in zip(found.estimates.itertuples(), (P, Q), strict=True)]


def fit(observed: Series, **options: object) -> Calibration:
    return calibrate(market(), observed, [axis(text) for text in FREE], **{"workers": 1, **options})  # type: ignore[arg-type]


def bass_run(task: Task) -> list[float]:
    """The same market in NumPy: for tests of what a calibration does, not of the engine."""
    scenario, watch = task.scenario, task.watch
    people, days = scenario.population.size, (watch.rows[-1] + 1) * watch.days_per_row
    luck = np.random.default_rng(task.seed).random((days, people), dtype=np.float32)
    owns, new = np.zeros(people, bool), np.zeros(days)
    for day in range(days):
        adopts = (luck[day] < -np.expm1(-(scenario.purchase.p + scenario.purchase.q * owns.mean()))) & ~owns
        new[day] = adopts.sum()
        owns |= adopts
    read = new if watch.measure == "units" else np.cumsum(new) / people
    by_row = read.reshape(-1, watch.days_per_row)
    return (by_row.sum(axis=1) if watch.measure == "units" else by_row[:, -1])[list(watch.rows)].tolist()
