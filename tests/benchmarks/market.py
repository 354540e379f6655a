"""The market that the benchmarks run, and how they measure it."""

from __future__ import annotations

import gc
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from simulator import RunResult, Scenario, load_scenario, simulate

ROOT = Path(__file__).resolve().parents[2]


def full_market(size: int, days: int) -> Scenario:
    """The default market of three brands, one strategy of each era, with every mechanism at work.

    Whatever its size it stands for the same real market, so that each consumer has the same life.
    """
    scenario = load_scenario(ROOT / "scenarios" / "three_eras" / "interaction.toml")
    others = [brand.name for brand in scenario.brands if brand.name != scenario.focal]
    return scenario.override(
        {
            "population.size": size,
            "run.days": days,
            f"brands.{scenario.focal}.strategy.platform": True,
            f"brands.{scenario.focal}.strategy.fix": 0.05,
            f"brands.{scenario.focal}.strategy.integrate": 0.05,
            f"brands.{others[0]}.strategy.kind": "interruption",
            f"brands.{others[1]}.strategy.kind": "permission",
        }
    )


class Timed(NamedTuple):
    """One run and how long it took."""

    run: RunResult
    seconds: float  # all of simulate()
    per_day: float  # seconds a day, once the market is open


def timed(scenario: Scenario, **how: Any) -> Timed:
    """Simulate with the clock running; per day from the end of the first day to that of the last."""
    ends: list[float] = []
    gc.collect()
    start = time.perf_counter()
    run = simulate(scenario, progress=lambda day, days: ends.append(time.perf_counter()), **how)
    return Timed(run, time.perf_counter() - start, (ends[-1] - ends[0]) / (len(ends) - 1))


def peak_megabytes() -> float | None:
    """The most memory this process ever held; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {"python": platform.python_version(), "processors": os.cpu_count(), "machine": platform.machine(), "system": platform.system()}
