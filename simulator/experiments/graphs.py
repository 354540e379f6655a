"""Social graphs that runs share: drawn once in each process, kept for the runs that follow."""

from __future__ import annotations

import functools
from pathlib import Path

from simulator.scenario.schema import Scenario
from simulator.world.graph import Network, SocialGraph, make_graph


def graph_of(scenario: Scenario, seed: int) -> SocialGraph:
    """The social graph of a scenario under a seed. That of a file, or with a seed of its own, is the same under all."""
    network = scenario.network
    if network.kind == "file":
        return _kept(network, scenario.population.size, scenario.folder, 0)
    here = Path()  # a graph that is made is the same wherever its scenario lies
    return _kept(network, scenario.population.size, here, seed if network.seed is None else network.seed)


def forget() -> None:
    """Before a new experiment: files may have changed since they were read."""
    _kept.cache_clear()


@functools.lru_cache(maxsize=2)
def _kept(network: Network, size: int, folder: Path, seed: int) -> SocialGraph:
    return make_graph(network, size, seed, folder)
