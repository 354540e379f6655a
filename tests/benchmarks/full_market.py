"""What a consumer-day costs, on one thread, and how many times more it costs with one Python object a consumer.

The peer is `tests/reference`: the same day of the same model as most Mesa users would write it, one
`mesa.Agent` a consumer, its dice from `random.Random`. It is timed between the runs of the kernels, on the same
market (2,000 consumers). Prints one JSON line.

    python -m tests.benchmarks.full_market [--quick]
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time

from simulator.model import social_graph
from simulator.world.consumers import make_consumers
from tests.benchmarks.market import full_market, machine, peak_megabytes, timed
from tests.reference import PlainDice, ReferenceModel

SEED = 1


def objects_per_consumer_day(size: int, days: int) -> float:
    """Nanoseconds a consumer-day of the model of objects, its set-up left out, from the end of the first day."""
    scenario = full_market(size, days)
    graph = social_graph(scenario, SEED)
    model = ReferenceModel(scenario, graph, make_consumers(scenario.population, graph, SEED), SEED, PlainDice(SEED))
    model.step()
    gc.collect()
    start = time.perf_counter()
    for _ in range(days - 1):
        model.step()
    return (time.perf_counter() - start) / (days - 1) / size * 1e9


def columns_per_consumer_day(size: int, days: int) -> float:
    """Nanoseconds a consumer-day of the kernels on one thread, from the end of the first day."""
    return timed(full_market(size, days), seed=SEED, threads=1).per_day / size * 1e9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--objects", type=int, default=2_000, help="consumers of the model of objects")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, the median counts (one run of a million)")
    parser.add_argument("--quick", action="store_true", help="small sizes, few days: does it run at all?")
    options = parser.parse_args()
    if options.quick:
        options.sizes, options.days, options.objects, options.repeats = [2_000, 10_000], 10, 300, 1

    columns_per_consumer_day(1_000, 10)  # compiles
    objects, columns = [], {size: [] for size in options.sizes}
    for repeat in range(options.repeats):  # in turn, so that a machine that slows down slows down both
        objects.append(objects_per_consumer_day(options.objects, options.days))
        for size in options.sizes:
            if repeat == 0 or size < 1_000_000:
                columns[size].append(columns_per_consumer_day(size, options.days))
    nanoseconds = {size: statistics.median(values) for size, values in columns.items()}
    peer = statistics.median(objects)
    ratios = {size: peer / value for size, value in nanoseconds.items()}
    print(
        json.dumps(
            {
                "benchmark": "full_market",
                "days": options.days,
                "brands": 3,
                "ns_per_consumer_day": {str(size): round(value, 1) for size, value in nanoseconds.items()},
                "mesa_objects": {"consumers": options.objects, "ns_per_consumer_day": round(peer, 1)},
                "ratio_by_size": {str(size): round(value, 1) for size, value in ratios.items()},
                "ratio_to_mesa_objects": round(min(ratios.values()), 1),  # the least favourable size
                "cost_largest_to_smallest": round(nanoseconds[max(nanoseconds)] / nanoseconds[min(nanoseconds)], 2),
                "peak_megabytes": peak_megabytes(),
                **machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
