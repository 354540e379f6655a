"""A million consumers, three brands, half a year: seconds with everything included, and memory.

Each run has a process of its own, so that its peak memory is its own; machine code is compiled before, on a small
market. Prints one JSON line.

    python -m tests.benchmarks.million [--quick]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

import numpy as np

from simulator.model import social_graph
from tests.benchmarks.market import ROOT, full_market, machine, peak_megabytes, timed

SEED = 1


def one_run(size: int, days: int, logs: bool, threads: int) -> dict[str, object]:
    """Build the graph and run the market; what it took."""
    timed(full_market(1_000, 3).override({"record.tellings": logs}), seed=SEED, threads=threads)  # compiles
    scenario = full_market(size, days).override({"record.tellings": logs})
    start = time.perf_counter()
    graph = social_graph(scenario, SEED)
    graph_seconds = time.perf_counter() - start
    result = timed(scenario, seed=SEED, threads=threads, graph=graph)
    seconds = time.perf_counter() - start
    focal = result.run.daily[result.run.daily.brand == scenario.focal]
    return {
        "seconds": round(seconds, 2),
        "graph_seconds": round(graph_seconds, 2),
        "milliseconds_per_day": round(result.per_day * 1e3, 1),
        "peak_megabytes": peak_megabytes(),
        "directed_ties": int(graph.audience().sum(dtype=np.int64)),
        "tellings": int(result.run.daily[["tellings_positive", "tellings_negative"]].to_numpy().sum()),
        "tellings_logged": len(result.run.tellings),
        "reach": round(float(focal.reach.iloc[-1]), 4),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=182)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="a small market: does it run at all?")
    parser.add_argument("--only", choices=["with_logs", "without_logs"], help="one run, in this process")
    options = parser.parse_args()
    if options.quick:
        options.size, options.days = 20_000, 10
    if options.only:
        print(json.dumps(one_run(options.size, options.days, options.only == "with_logs", options.threads)))
        return
    results = {}
    for only in ("without_logs", "with_logs"):
        command = [sys.executable, "-m", "tests.benchmarks.million", "--only", only]
        for name in ("size", "days", "threads"):
            command += [f"--{name}", str(getattr(options, name))]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        results[only] = json.loads(done.stdout.splitlines()[-1])
    print(
        json.dumps(
            {
                "benchmark": "million",
                "consumers": options.size,
                "days": options.days,
                "brands": 3,
                "threads": options.threads,
                **results,
                **machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
