"""The town in which mechanisms are watched: one market, changed by dotted overrides, run on paired seeds."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator import RunResult, Scenario, WordOfMouthModel, load_scenario, simulate

SEEDS = (1, 2, 3)
"""Each behaviour shows on each of these."""

AURORA = "brands.Aurora"
BOREAL = "brands.Boreal"

Changes = Mapping[str, Any]

RATES = ("base_rate", "a_plus", "a_minus", "standing", "hearsay", "annoyance", "refutation")

MUTE: Changes = {f"word_of_mouth.{rate}": 0.0 for rate in RATES}
"""Nobody starts a message."""

MONEY = ("spend", "budget", "cost", "profit")
"""Columns that say what was paid."""


@functools.cache
def _town() -> Scenario:
    return load_scenario(Path(__file__).with_name("market.toml"))


def town(*changes: Changes) -> Scenario:
    """The town with changes, later ones over earlier ones."""
    settings: dict[str, Any] = {}
    for change in changes:
        settings |= change
    return _town().override(settings)


def run(*changes: Changes, seed: int = 1, without: Sequence[str] = ()) -> RunResult:
    """The town with changes, simulated."""
    return simulate(town(*changes), seed=seed, without=without)


def lived(*changes: Changes, seed: int = 1) -> WordOfMouthModel:
    """The model after its last day, for looking at single consumers."""
    model = WordOfMouthModel.build(town(*changes), seed)
    while model.market.day < model.scenario.run.days:
        model.step()
    return model


def last(result: RunResult, brand: str = "Aurora") -> pd.Series:
    """A brand's row of the daily table on the last day."""
    return result.daily[result.daily.brand == brand].iloc[-1]


def total(result: RunResult, column: str, brand: str = "Aurora", days: int = 0) -> float:
    """Sum of a column over all days, or over the last `days`."""
    return float(result.daily[result.daily.brand == brand][column].iloc[-days:].sum())


def column(result: RunResult, name: str, brand: str = "Aurora") -> np.ndarray:
    """A column of the daily table, a value a day."""
    return result.daily[result.daily.brand == brand][name].to_numpy()


def assert_same_days(one: RunResult, other: RunResult, *, but: Sequence[str] = (), only: Sequence[str] = (), brand: str = "") -> None:
    """The daily tables are equal to the bit: all columns `but` some, or `only` some; of all brands or of one."""
    tables = [result.daily[result.daily.brand == brand] if brand else result.daily for result in (one, other)]
    left, right = (table[list(only)] if only else table.drop(columns=list(but)) for table in tables)
    pd.testing.assert_frame_equal(left, right, check_exact=True)
