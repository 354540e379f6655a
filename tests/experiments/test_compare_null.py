"""A scenario against itself: a table of verdicts in which nothing is different must not say so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulator.experiments.compare import compare
from simulator.experiments.comparison import Comparison
from simulator.experiments.paired import BETTER, HIGHER, LEVEL, LOWER, WORSE
from simulator.results.kpis import KPIS
from simulator.scenario.schema import Scenario
from tests.experiments.test_doubt import ADS, scenario

CLAIMS = {BETTER, WORSE, HIGHER, LOWER}
PAIRS = 12
MARKET = ADS | {"run.days": 35, "population.size": 150}
"""Read at week 4 and at the end: 80 rows a table."""


def false_claims(pool: pd.DataFrame, blocks: list[tuple[np.ndarray, np.ndarray]], one: Scenario) -> int:
    """In how many tables something is called different. blocks: which runs of the pool stand on either side, pair by pair."""
    runs = {int(number): rows for number, rows in pool.groupby("replicate")}
    found = 0
    empty = pd.DataFrame()
    for sides in blocks:
        parts = [
            runs[int(number)].assign(scenario=name, replicate=pair)
            for name, side in zip(("one", "other"), sides, strict=True) for pair, number in enumerate(side)
        ]  # fmt: skip
        table = Comparison(
            scenarios=(one, one), names=("one", "other"), focal="A", seed=1, replicates=PAIRS, runs=pd.concat(parts), curves=empty,
            spending=empty, failures=empty, warnings=(), notices=(), consumers=150,
        )  # fmt: skip
        found += bool(CLAIMS & set(table.verdicts["verdict"]))
    return found


def focal_runs(one: Scenario, count: int, workers: int | None) -> pd.DataFrame:
    runs = compare([one], count, seed=1000, workers=workers, doubt="luck").runs
    return runs.loc[runs["brand"] == "A", ["replicate", "seed", "day", "brand", *KPIS]]


@pytest.mark.compiled
def test_a_scenario_against_itself_is_rarely_called_different() -> None:
    """60 tables of figures that hang together as those of real runs do: both sides drawn anew from one pool of runs."""
    one, tables = scenario(MARKET | {"run.days": 21}), 60
    pool = focal_runs(one, 60, workers=1)
    luck = np.random.default_rng(1)
    sides = [(luck.integers(0, 60, PAIRS), luck.integers(0, 60, PAIRS)) for _ in range(tables)]
    assert false_claims(pool, sides, one) / tables <= LEVEL + 2 * np.sqrt(LEVEL * (1 - LEVEL) / tables)


@pytest.mark.long
@pytest.mark.compiled
def test_of_400_comparisons_of_a_scenario_with_itself_at_most_five_percent_make_a_false_claim() -> None:
    """Every run its own seed: 400 tables of 12 pairs against another block of seeds."""
    one, tables = scenario(MARKET), 400
    pool = focal_runs(one, 2 * PAIRS * tables, workers=None)
    numbers = np.arange(2 * PAIRS * tables).reshape(tables, 2, PAIRS)
    assert false_claims(pool, [(block[0], block[1]) for block in numbers], one) <= LEVEL * tables
