"""Live-edge identity: who hears a message is who can be reached from its first tellers over the ties that its luck leaves open."""

from __future__ import annotations

from typing import Any

import networkx
import numpy as np
import pytest

from simulator import load_scenario
from simulator.engine.chance import address, fold, uniform
from simulator.model import WordOfMouthModel
from simulator.scenario.bundled import bundled
from simulator.world.graph import SocialGraph

pytestmark = pytest.mark.compiled

GRAPHS: dict[str, dict[str, Any]] = {
    "random": {"kind": "random", "degree": 3.0}, "scale-free": {"kind": "scale_free", "links": 2}, "complete": {"kind": "complete"},
    "small world": {"kind": "small_world", "degree": 4.0, "rewired": 0.3},
    "three layers": {"kind": "communities", "community_size": 8, "strong": 2.0, "weak": 1.0, "follow": 2.0, "largest_audience": 0.3},
}  # fmt: skip
SIZE, TIMES, COPIES = 24, 200, 3


def ties_of(graph: SocialGraph) -> list[tuple[int, int]]:
    """All ties, from teller to hearer."""
    if graph.complete:
        return [(one, other) for one in range(graph.n) for other in range(graph.n) if one != other]
    return [pair for layer in graph.layers for pair in zip(layer.tellers().tolist(), layer.hearer.tolist(), strict=True)]


def open_ties(seed: int, message: int, ties: list[tuple[int, int]], probability: float) -> networkx.DiGraph:
    """The ties over which a message can pass, by their addresses alone."""
    place = fold.python(int(address(seed, "seen")), message)
    tellers = {teller: fold.python(fold.python(place, teller), 0) for teller, _ in ties}  # 0: her first and only day of telling
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(SIZE))
    graph.add_edges_from(pair for pair in ties if uniform.python(fold.python(tellers[pair[0]], pair[1])) < probability)
    return graph


@pytest.mark.parametrize("kind", GRAPHS)
def test_who_hears_is_who_is_reachable_over_open_ties_on_1000_random_graphs(kind: str) -> None:
    """Two hundred graphs of each kind, a new one for each seed; also on the day on which the shortest open path says."""
    dice = np.random.default_rng(list(GRAPHS).index(kind))
    spreads = []
    for probability in (0.05, 0.2, 0.35, 0.5):
        tellers = sorted(dice.permutation(SIZE)[: dice.integers(1, 4)].tolist())
        event = {"day": 0, "brand": "Rumour", "kind": "staged_messages", "consumers": tellers, "count": COPIES}
        scenario = load_scenario(bundled("canonical/cascade"), {
            "population.size": SIZE, "network": GRAPHS[kind], "run.days": SIZE, "word_of_mouth.visibility": probability, "events": [event],
        })  # fmt: skip
        for seed in range(TIMES // 4):
            model = WordOfMouthModel.build(scenario, seed)
            ties = ties_of(model.market.graph)
            while model.market.day < SIZE and (model.market.day == 0 or len(model.market.messages.active)):
                model.step()
            log = model.market.messages.log()
            for number in range(COPIES):
                open_now = open_ties(seed, int(model.market.messages.key[number]), ties, probability)
                steps = networkx.multi_source_dijkstra_path_length(open_now, set(tellers))
                mine = log["message"] == number
                heard = dict(zip(log["hearer"][mine].tolist(), (log["day"][mine] + 1).tolist(), strict=True))
                assert heard == {consumer: step for consumer, step in steps.items() if step > 0}
                spreads.append(len(steps))
    assert len(set(spreads)) > 10  # from nobody to many


def test_one_more_teller_or_a_likelier_tie_never_loses_a_hearer() -> None:
    """The luck of a tie is the same whether its teller heard the message or is a first teller."""
    for seed in range(30):
        sets = []
        for tellers, probability in (([3], 0.2), ([3, 11], 0.2), ([3, 11], 0.3)):
            event = {"day": 0, "brand": "Rumour", "kind": "staged_messages", "consumers": tellers, "count": 10}
            scenario = load_scenario(bundled("canonical/cascade"), {
                "population.size": 40, "run.days": 40, "word_of_mouth.visibility": probability, "events": [event],
            })  # fmt: skip
            model = WordOfMouthModel.build(scenario, seed)
            while model.market.day == 0 or len(model.market.messages.active):
                model.step()
            log = model.market.messages.log()
            heard = set(zip(log["message"].tolist(), log["hearer"].tolist(), strict=True))
            sets.append(heard | {(number, who) for number in range(10) for who in tellers})
        assert sets[0] <= sets[1] <= sets[2]
