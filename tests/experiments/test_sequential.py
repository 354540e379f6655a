"""Looking several times: it stops when all is decided, and does not find what is not there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.experiments import sequential
from simulator.experiments.compare import compare
from simulator.experiments.paired import LEVEL, UNCLEAR, family, paired_differences, verdict
from simulator.experiments.sequential import LOOKS, level_of, undecided
from tests.experiments.test_doubt import ADS, scenario


def test_the_looks_share_the_level() -> None:
    assert level_of("") == LEVEL
    assert level_of("decided") * LOOKS == pytest.approx(LEVEL)


def test_only_headline_figures_of_the_last_day_that_are_known_keep_it_going() -> None:
    rows = [(20, "reach", 20, UNCLEAR), (20, "reach", 0, UNCLEAR), (10, "reach", 20, UNCLEAR), (20, "blocked", 20, UNCLEAR),
            (20, "profit", 20, "better")]  # fmt: skip
    assert undecided(pd.DataFrame(rows, columns=["day", "kpi", "n", "luck_verdict"])) == 1


def test_five_looks_at_nothing_but_luck_find_something_in_at_most_five_percent_of_cases() -> None:
    """Tables of 6 figures that hang together, 8 pairs at each look; stops at the first claim, as an impatient reader would."""
    rng, tables, found, level = np.random.default_rng(11), 80, 0, level_of("decided")
    for _ in range(tables):
        shared = rng.normal(size=(1, 8 * LOOKS))
        values = np.sinh(0.5 * rng.normal(size=(6, 8 * LOOKS)) + 0.8 * shared)
        for look in range(1, LOOKS + 1):
            so_far = values[:, : 8 * look]
            seen, p = paired_differences(so_far, level), family(so_far, level).p
            said = [verdict(8 * look, *row, 0.0, 0, level) for row in zip(seen.mean, seen.low, seen.high, p, strict=True)]
            if set(said) != {UNCLEAR}:
                found += 1
                break
    assert found / tables <= LEVEL + 2 * np.sqrt(LEVEL * (1 - LEVEL) / tables)


def looked(monkeypatch: pytest.MonkeyPatch, open_until: int, **rest: Any) -> Any:
    """A comparison whose figures are said to be open before a look."""
    from simulator.experiments import compare as module

    looks = iter(range(1, LOOKS + 1))
    monkeypatch.setattr(module, "undecided", lambda verdicts: 3 if next(looks) < open_until else 0)
    return compare(
        [scenario({"run.days": 3}), scenario(ADS | {"run.days": 3})], 2, workers=1, names=["silent", "ads"], until="decided", **rest
    )


def test_it_goes_on_until_nothing_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    result = looked(monkeypatch, 3, draws=2)
    assert result.looks.values.tolist() == [[1, 2, 3], [2, 4, 3], [3, 6, 0]]
    assert result.replicates == result.completed == 6
    assert sorted(result.runs["seed"].unique()) == [1, 2, 3, 4, 5, 6]
    assert result.draws["draw"].nunique() == 2  # drawn once
    assert result.arguments["replicates"] == 2
    assert result.level == pytest.approx(0.01)


def test_after_the_last_look_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    result = looked(monkeypatch, LOOKS + 1, doubt="luck")
    assert len(result.looks) == LOOKS
    assert result.looks["undecided"].iloc[-1] == 3


def test_equal_scenarios_are_decided_at_the_first_look_and_the_table_is_that_of_so_many_pairs() -> None:
    pair = [scenario({"run.days": 3}), scenario({"run.days": 3, "title": "the same"})]
    result = compare(pair, 2, workers=1, names=["one", "other"], until="decided", doubt="luck")
    assert result.looks.values.tolist() == [[1, 2, 0]]
    once = compare(pair, 2, workers=1, names=["one", "other"], doubt="luck")
    pd.testing.assert_frame_equal(result.runs, once.runs)
    assert result.world != once.world
    assert sequential.look_table([]).empty
