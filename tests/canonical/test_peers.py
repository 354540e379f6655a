"""The canonical scenarios beside other people's programs on the same graphs: EoN, cynetdiff, ndlib, networkx.

The first three are the extra `peers`; where one is missing (no wheel for the machine) its test is passed over, with that reason.
"""

from __future__ import annotations

import importlib
import math
import warnings
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from simulator import Scenario, load_scenario, simulate
from simulator.model import social_graph
from simulator.scenario.bundled import bundled

pytestmark = pytest.mark.compiled


def peer(name: str) -> Any:
    """Another program, or a reasoned skip. Their own deprecation warnings are theirs."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as error:
        return pytest.skip(
            f"{name.partition('.')[0]} is not installed ({error}): pip install -e '.[peers]' where it has a wheel or can be built"
        )


def canonical(name: str, settings: dict[str, Any]) -> Scenario:
    """A bundled scenario with changes."""
    return load_scenario(bundled(f"canonical/{name}"), settings)


def ties_of(scenario: Scenario, seed: int) -> networkx.Graph:
    """The graph of a run as networkx knows it."""
    layer = social_graph(scenario, seed).layers[0]
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(layer.start) - 1))
    graph.add_edges_from(zip(layer.tellers().tolist(), layer.hearer.tolist(), strict=True))
    return graph


def agree(ours: np.ndarray, theirs: np.ndarray, bias: float = 0.0) -> None:
    """The same mean, within four standard errors of the difference."""
    error = math.hypot(ours.std(ddof=1) / math.sqrt(len(ours)), theirs.std(ddof=1) / math.sqrt(len(theirs)))
    assert ours.mean() == pytest.approx(theirs.mean(), abs=4.0 * error + bias)


def test_independent_cascades_spread_as_in_cynetdiff() -> None:
    models = peer("cynetdiff.utils")
    tellers, size = [0, 7, 19], 400
    event = {"day": 0, "brand": "Rumour", "kind": "staged_messages", "consumers": tellers, "count": 1500}
    for probability in (0.1, 0.25):
        scenario = canonical(
            "cascade", {"population.size": size, "word_of_mouth.visibility": probability, "network.seed": 4, "events": [event]}
        )
        ours = simulate(scenario, 1).messages["size"].to_numpy(np.float64)
        theirs, _ = models.networkx_to_ic_model(ties_of(scenario, 4).to_directed(), activation_prob=probability, rng=1)
        theirs.set_seeds(tellers)
        sizes = []
        for _ in range(1500):
            theirs.reset_model()
            theirs.advance_until_completion()
            sizes.append(theirs.get_num_activated_nodes())
        agree(ours, np.array(sizes, np.float64))
        assert ours.std() == pytest.approx(np.std(sizes), rel=0.15)


@pytest.mark.parametrize("form", ["fixed", "geometric"])
def test_sir_epidemics_are_those_of_eon(form: str) -> None:
    """The same talking days and chances in EoN's event-driven simulation: probability of an epidemic, and its size."""
    eon = peer("EoN")
    size, beta, days, epidemics = 500, 0.08, 7, 300
    event = {"day": 0, "brand": "Rumour", "kind": "staged_messages", "consumers": [3], "count": epidemics}
    scenario = canonical("sir", {
        "population.size": size, "word_of_mouth.visibility": beta, "word_of_mouth.attention_days": days, "word_of_mouth.talking_days": form,
        "network.seed": 2, "events": [event], "run.days": 200,
    })  # fmt: skip
    ours = simulate(scenario, 1).messages["size"].to_numpy(np.float64) / size
    graph, dice = ties_of(scenario, 2), np.random.default_rng(1)

    def until_heard(teller: int, hearer: int) -> float:
        return float(dice.geometric(beta)) - 0.5  # in the course of a day, before the talking may end with it

    def until_silent(teller: int) -> float:
        return float(days if form == "fixed" else dice.geometric(1.0 / days))

    theirs = []
    for _ in range(epidemics):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # theirs
            *_, recovered = eon.fast_nonMarkov_SIR(graph, trans_time_fxn=until_heard, rec_time_fxn=until_silent, initial_infecteds=[3])
        theirs.append(recovered[-1] / size)
    found = np.array(theirs)
    assert 0.2 < (found > 0.1).mean() < 0.98
    agree((ours > 0.1).astype(np.float64), (found > 0.1).astype(np.float64))
    agree(ours[ours > 0.1], found[found > 0.1])


def test_thresholds_give_the_very_consumers_of_ndlib(tmp_path: Path) -> None:
    """No chance is left once thresholds and first owners are given: the sets must be equal."""
    epidemics, configuration = peer("ndlib.models.epidemics"), peer("ndlib.models.ModelConfig")
    sizes = []
    for seed in range(12):
        dice = np.random.default_rng(seed)
        graph = networkx.gnp_random_graph(120, 0.04, seed=seed)
        graph.remove_nodes_from([node for node, ties in list(graph.degree) if ties == 0])
        needs = {node: round(float(dice.uniform(0.1, 0.45)), 3) for node in graph}
        owners = dice.choice(list(graph), 3, replace=False).tolist()
        (tmp_path / "ties.csv").write_text("source,target\n" + "".join(f"{one},{other}\n" for one, other in graph.edges), encoding="utf-8")
        (tmp_path / "needs.csv").write_text(
            "id,threshold\n" + "".join(f"{node},{need}\n" for node, need in needs.items()), encoding="utf-8"
        )
        run = simulate(canonical("threshold", {
            "network": {"kind": "file", "path": str(tmp_path / "ties.csv")}, "purchase.threshold": {"file": str(tmp_path / "needs.csv")},
            "events.0.consumers": owners,
        }), seed)  # fmt: skip
        ids = social_graph(run.scenario, seed).ids
        assert ids is not None
        ours = {int(ids[consumer]) for consumer in run.adoptions.consumer}
        model, config = epidemics.ThresholdModel(graph), configuration.Configuration()
        config.add_model_initial_configuration("Infected", owners)
        for node, need in needs.items():
            config.add_node_configuration("threshold", node, need)
        model.set_initial_status(config)
        model.iteration_bunch(100)
        theirs = {node for node, status in model.status.items() if status == 1}
        assert ours == theirs
        sizes.append(len(ours))
    assert min(sizes) < 20 and max(sizes) > 60


def test_a_certain_message_takes_the_steps_that_networkx_counts() -> None:
    for seed, network in enumerate(({"kind": "random", "degree": 3.0}, {"kind": "scale_free", "links": 2}, {"kind": "lattice"})):
        event = {"day": 0, "brand": "Rumour", "kind": "staged_messages", "consumers": [5], "count": 1}
        scenario = canonical("cascade", {"population.size": 144, "network": network, "word_of_mouth.visibility": 1.0, "events": [event]})
        run, graph = simulate(scenario, seed), ties_of(scenario, seed)
        steps = networkx.single_source_shortest_path_length(graph, 5)
        assert dict(zip(run.tellings.hearer, run.tellings.day + 1, strict=True)) == {node: step for node, step in steps.items() if step}
        assert run.messages.depth[0] == max(steps.values())
        tree = networkx.Graph(list(zip(run.tellings.teller, run.tellings.hearer, strict=True)))
        assert run.messages.virality[0] == pytest.approx(networkx.average_shortest_path_length(tree), rel=1e-6)


def test_graphs_without_chance_are_those_of_networkx() -> None:
    lattice = networkx.grid_2d_graph(12, 12, periodic=True)
    for network, theirs in (
        ({"kind": "ring", "degree": 4.0}, networkx.circulant_graph(144, [1, 2])),
        ({"kind": "lattice", "neighbourhood": "von_neumann"}, networkx.relabel_nodes(lattice, {(x, y): 12 * x + y for x, y in lattice})),
        ({"kind": "scale_free", "links": 143}, networkx.star_graph(143)),
    ):
        ours = ties_of(canonical("cascade", {"population.size": 144, "network": network}), 1)
        assert {frozenset(pair) for pair in ours.edges} == {frozenset(pair) for pair in theirs.edges}


def test_random_graphs_have_the_ties_and_circles_of_networkx() -> None:
    """Means over thirty graphs: standard deviation of ties, clustering, largest component."""

    def facts(graph: networkx.Graph) -> tuple[float, float, float]:
        ties = [degree for _, degree in graph.degree]
        return float(np.std(ties)), networkx.transitivity(graph), max(map(len, networkx.connected_components(graph))) / len(graph)

    makers = {
        "random": ({"degree": 4.0}, lambda seed: networkx.gnp_random_graph(300, 4.0 / 299, seed=seed)),
        "small_world": ({"degree": 6.0, "rewired": 0.2}, lambda seed: networkx.watts_strogatz_graph(300, 6, 0.2, seed=seed)),
        "scale_free": ({"links": 3}, lambda seed: networkx.barabasi_albert_graph(300, 3, seed=seed)),
    }
    for kind, (settings, make) in makers.items():
        scenario = canonical("cascade", {"population.size": 300, "network": {"kind": kind} | settings})
        ours = np.array([facts(ties_of(scenario, seed)) for seed in range(30)])
        theirs = np.array([facts(make(seed)) for seed in range(30)])
        for column in range(3):
            agree(ours[:, column], theirs[:, column], bias=1e-3)
