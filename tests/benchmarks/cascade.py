"""An independent cascade on a Barabasi-Albert graph, beside cynetdiff (a compiled library) on the very same ties.

Ours is the whole simulator with all but word of mouth switched off: the day, the recorder and the tables are in its
time, for 300 independent messages in one run. Both start each cascade from 100 first tellers. The log of tellings is kept and is put
in order when a table is asked for, which is not in the time. Prints one JSON line.

    pip install cynetdiff    (Linux and macOS)
    python -m tests.benchmarks.cascade [--quick]
"""

from __future__ import annotations

import argparse
import array
import json
import statistics
import time
from pathlib import Path

import numpy as np
from cynetdiff.models import IndependentCascadeModel

from simulator import Scenario, load_scenario
from simulator.model import social_graph
from simulator.world.graph import SocialGraph
from tests.benchmarks.market import machine, timed

SEED = 1
TELLERS, MESSAGES, PROBABILITY = 100, 300, 0.05
OTHERS = (
    "advertising", "permission", "purchase", "experience", "conversation", "co_creation", "forgetting", "crises", "reputation", "roles",
)  # fmt: skip


def ours(scenario: Scenario, graph: SocialGraph, logs: bool) -> tuple[float, float]:
    """Seconds a cascade, and its mean size."""
    result = timed(scenario.override({"record.tellings": logs}), seed=SEED, threads=1, graph=graph, without=OTHERS)
    return result.seconds / MESSAGES, float(result.run.messages["size"].mean())


def theirs(graph: SocialGraph) -> tuple[float, float]:
    """Seconds a cascade, and its mean size."""
    layer = graph.layers[0]
    starts, hearers = array.array("I", layer.start[:-1].tolist()), array.array("I", layer.hearer.tolist())
    model = IndependentCascadeModel(starts, hearers, activation_prob=PROBABILITY)
    rng = np.random.default_rng(SEED)
    model.set_rng(rng)
    tellers = [set(rng.choice(graph.n, TELLERS, replace=False).tolist()) for _ in range(MESSAGES)]
    sizes = []
    start = time.perf_counter()
    for first in tellers:
        model.set_seeds(first)
        model.reset_model()
        model.advance_until_completion()
        sizes.append(model.get_num_activated_nodes())
    return (time.perf_counter() - start) / MESSAGES, float(np.mean(sizes))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, in turn; the median counts")
    parser.add_argument("--quick", action="store_true", help="a small graph: does it run at all?")
    options = parser.parse_args()
    if options.quick:
        options.size, options.repeats = 5_000, 1
    scenario = load_scenario(Path(__file__).with_name("cascade.toml")).override({"population.size": options.size})
    graph = social_graph(scenario, SEED)
    for logs in (False, True):  # compiles
        ours(scenario.override({"run.days": 3}), graph, logs)
    runs: dict[str, list[tuple[float, float]]] = {"cynetdiff": [], "without_logs": [], "with_logs": []}
    for _ in range(options.repeats):
        runs["cynetdiff"].append(theirs(graph))
        runs["without_logs"].append(ours(scenario, graph, False))
        runs["with_logs"].append(ours(scenario, graph, True))
    seconds = {name: statistics.median(time for time, _ in values) for name, values in runs.items()}
    print(
        json.dumps(
            {
                "benchmark": "cascade",
                "consumers": options.size,
                "directed_ties": len(graph.layers[0].hearer),
                "first_tellers": TELLERS,
                "probability": PROBABILITY,
                "milliseconds_per_cascade": {name: round(value * 1e3, 3) for name, value in seconds.items()},
                "mean_size": {name: round(statistics.mean(size for _, size in values), 1) for name, values in runs.items()},
                "time_to_cynetdiff": round(seconds["without_logs"] / seconds["cynetdiff"], 2),
                "time_to_cynetdiff_with_logs": round(seconds["with_logs"] / seconds["cynetdiff"], 2),
                **machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
