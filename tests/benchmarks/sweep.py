"""Runs a second of a sweep, on one process and on two, and beside it the same sweep through Mesa's batch_run.

The market is that of `full_market` (three brands, all mechanisms), 2,000 consumers, 90 days; budget and share of talk are varied.
`batch_run` does the same runs twice: of the package's model, and of the plain model with one `mesa.Agent` a consumer (`tests/reference`),
of fewer runs, as each takes seconds. One process and two are timed in turn, and the ratio is that of neighbours. Starting processes,
loading machine code and writing the folder are in the times. Prints one JSON line.

    python -m tests.benchmarks.sweep [--quick]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import warnings
from typing import Any

import mesa

from simulator import Scenario, WordOfMouthModel, sweep
from simulator.model import social_graph
from simulator.world.consumers import make_consumers
from tests.benchmarks.market import full_market, machine
from tests.reference import PlainDice, ReferenceModel

BUDGET, SHARE = "brands.Aurora.budget_per_day", "word_of_mouth.share"
VARY: dict[str, list[float]] = {BUDGET: [1600.0, 3200.0], SHARE: [0.1, 0.2]}


class PlainMarket(ReferenceModel):
    """The model of objects as batch_run wants it: made from parameters, with a collector, ending by itself."""

    def __init__(self, scenario: Scenario, rng: int = 1, **settings: Any) -> None:
        chosen = scenario.override(settings)
        graph = social_graph(chosen, rng)
        super().__init__(chosen, graph, make_consumers(chosen.population, graph, rng), rng, PlainDice(rng))
        self.datacollector = mesa.DataCollector(model_reporters={"day": "day"})

    def step(self) -> None:
        """One day."""
        super().step()
        self.datacollector.collect(self)
        self.running = self.day < self.scenario.run.days


def swept(scenario: Scenario, replicates: int, workers: int) -> float:
    """Seconds of a sweep, its folder written."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        study = sweep(scenario, VARY, replicates, workers, f"{folder}/study")
        seconds = time.perf_counter() - start
        assert not study.missing
        assert not len(study.failures)
        return seconds


def batched(model: type[mesa.Model], scenario: Scenario, replicates: int, cells: int) -> float:
    """Seconds of the same runs through batch_run, of the first `cells` values of each key."""
    vary = {key: values[:cells] for key, values in VARY.items()}
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)  # Mesa announces changes of its own interface
        rows = mesa.batch_run(model, {"scenario": scenario, "rng": range(1, 1 + replicates), **vary}, number_processes=1, iterations=1,
                              max_steps=10**6, display_progress=False)  # fmt: skip
    assert len({row["RunId"] for row in rows}) == replicates * cells**2
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--replicates", type=int, default=100, help="of each of the four settings")
    parser.add_argument("--repeats", type=int, default=3, help="of one process and two, in turn")
    parser.add_argument("--plain", type=int, default=2, help="runs of the model of objects")
    parser.add_argument("--quick", action="store_true", help="a small market, few runs: does it run at all?")
    options = parser.parse_args()
    if options.quick:
        options.size, options.days, options.replicates, options.repeats, options.plain = 200, 10, 6, 1, 1
    scenario = full_market(options.size, options.days)
    swept(scenario, 2, 1)  # compiles
    runs, seconds = 4 * options.replicates, {"1": list[float](), "2": list[float]()}
    for _ in range(options.repeats):
        for workers in (1, 2):
            seconds[str(workers)].append(swept(scenario, options.replicates, workers))
    few = max(1, options.replicates // 4)
    package = batched(WordOfMouthModel, scenario, few, 2) / (4 * few)
    plain = batched(PlainMarket, scenario, options.plain, 1) / options.plain
    alone = statistics.median(seconds["1"]) / runs
    print(
        json.dumps(
            {
                "benchmark": "sweep",
                "consumers": options.size,
                "days": options.days,
                "brands": 3,
                "runs": runs,
                "seconds": {name: [round(value, 2) for value in values] for name, values in seconds.items()},
                "runs_per_second": {name: round(runs / statistics.median(values), 2) for name, values in seconds.items()},
                "runs_per_second_and_core": round(1.0 / alone, 2),
                "two_processes_to_one": round(statistics.median(one / two for one, two in zip(*seconds.values(), strict=True)), 2),
                "batch_run": {
                    "package_runs_per_second": round(1.0 / package, 2),
                    "plain_objects_runs_per_second": round(1.0 / plain, 3),
                    "times_as_fast_as_package_in_batch_run": round(package / alone, 2),
                    "times_as_fast_as_plain_objects": round(plain / alone, 1),
                },
                **machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
