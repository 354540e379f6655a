"""The canonical scenarios, as measurements use them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    from simulator.results.run_result import RunResult


def canonical(name: str, changes: Mapping[str, Any] | None = None) -> Scenario:
    """A canonical scenario with changes (dotted overrides)."""
    return _bundled(name).override(changes or {})


@functools.cache
def _bundled(name: str) -> Scenario:
    return load_scenario(bundled(f"canonical/{name}"))


def adopted(run: RunResult, brand: str) -> np.ndarray:
    """float64 [days]: share of consumers who own a brand at the end of each day."""
    return run.daily.loc[run.daily["brand"] == brand, "penetration"].to_numpy(np.float64)


def first_day(share: np.ndarray, level: float) -> float:
    """Days until a share is reached (1: on day 0); NaN if it is not."""
    there = np.flatnonzero(share >= level)
    return float(there[0] + 1) if len(there) else float("nan")
