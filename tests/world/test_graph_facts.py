"""The facts of a graph: equal to networkx on small graphs, to published statistics on real ones."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from simulator.parameters import InputError
from simulator.world.graph import Network, SocialGraph, make_graph
from simulator.world.graph_facts import graph_facts

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = [
    "congress_twitter",
    *(pytest.param(name, marks=pytest.mark.compiled) for name in ("ego_facebook", "deezer_europe", "facebook_politicians")),
]


def as_networkx(graph: SocialGraph) -> networkx.DiGraph:
    result = networkx.DiGraph()
    result.add_nodes_from(range(graph.n))
    for layer in graph.layers:
        result.add_edges_from(zip(layer.tellers().tolist(), layer.hearer.tolist(), strict=True))
    return result


@pytest.mark.parametrize(
    "network",
    [
        {"community_size": 30}, {"strong": 1.0, "weak": 0.3, "follow": 0.5}, {"kind": "scale_free", "links": 2}, {"kind": "ring"},
        {"kind": "random", "degree": 1.5}, {"kind": "lattice"}, {"kind": "regular", "degree": 0},
    ],
)  # fmt: skip
def test_facts_are_those_of_networkx(network: dict[str, Any]) -> None:
    made = make_graph(Network(**network), 180, 4, Path())
    directed = as_networkx(made)
    graph = directed.to_undirected()
    facts = json.loads(json.dumps(graph_facts(made)))
    assert facts["directed_ties"] == directed.number_of_edges() == sum(facts["ties"].values())
    assert facts["neighbours"]["mean"] == pytest.approx(2 * graph.number_of_edges() / 180)
    assert facts["neighbours"]["quantiles"]["0.9"] == np.quantile([d for _, d in graph.degree], 0.9)
    assert facts["audience"]["quantiles"]["1"] == max(d for _, d in directed.out_degree) == facts["largest_audiences"][0]["audience"]
    assert facts["clustering"] == pytest.approx(networkx.average_clustering(graph))
    assert facts["transitivity"] == (pytest.approx(networkx.transitivity(graph)) if facts["transitivity"] is not None else None)
    assert facts["triangles"] == sum(networkx.triangles(graph).values()) // 3
    assert facts["components"] == networkx.number_connected_components(graph)
    assert facts["largest_component"] == max(map(len, networkx.connected_components(graph))) / 180
    if facts["directed_ties"]:
        assert facts["reciprocity"] == pytest.approx(networkx.overall_reciprocity(directed))
        same = [made.community[a] == made.community[b] for a, b in directed.edges]
        assert facts["same_community_share"] == pytest.approx(np.mean(same))
    if network.get("kind") in ("ring", "lattice", "regular"):
        assert facts["assortativity"] is None  # all degrees are equal
    else:
        assert facts["assortativity"] == pytest.approx(networkx.degree_assortativity_coefficient(graph))


def test_the_complete_graph_has_the_facts_of_a_stored_one() -> None:
    implicit = graph_facts(make_graph(Network(kind="complete"), 9, 1, Path()))
    stored = graph_facts(make_graph(Network(kind="regular", degree=8), 9, 1, Path()))
    assert implicit == stored


def test_the_ten_largest_audiences_come_largest_first() -> None:
    made = make_graph(Network(), 500, 2, Path())
    rows = graph_facts(made)["largest_audiences"]
    assert len(rows) == 10 and [row["audience"] for row in rows] == sorted(made.audience(), reverse=True)[:10]
    assert all(made.audience()[row["consumer"]] == row["audience"] for row in rows)


def published(name: str) -> dict[str, float]:
    with (DATA / "graph_stats.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["graph"] == name)
    return {column: float(value) for column, value in row.items() if column != "graph" and value}


@pytest.mark.skipif(not DATA.is_dir(), reason="the real graphs are not beside this checkout (shared/data)")
@pytest.mark.parametrize("name", REAL)
def test_real_graphs_have_their_published_facts(name: str) -> None:
    settings: dict[str, Any] = {"directed": True, "direction": "teller_to_hearer"} if name == "congress_twitter" else {}
    network = Network(kind="file", path=str(DATA / "graphs" / f"{name}.csv.gz"), **settings)
    facts, stats = graph_facts(make_graph(network, 1, 1, Path())), published(name)
    both = 1 if settings else 2  # a mutual tie is stored in both directions
    assert facts["consumers"] == stats["nodes"]
    assert facts["directed_ties"] == both * stats["edges"]
    assert facts["neighbours"]["mean"] * facts["consumers"] == 2 * stats["und_edges"]
    assert facts["neighbours"]["quantiles"]["0.5"] == stats["deg_median"]
    assert facts["neighbours"]["quantiles"]["1"] == stats["deg_max"]
    assert facts["triangles"] == stats["triangles"]
    for fact, column in (("clustering", "avg_clust"), ("transitivity", "transitivity"), ("assortativity", "assort")):
        assert facts[fact] == pytest.approx(stats[column], abs=5.1e-5)
    assert facts["components"] == stats["comps"]
    assert facts["reciprocity"] == pytest.approx(stats.get("reciprocity", 1.0), abs=5.1e-5)
    if not settings:
        strong = facts["ties"]["strong"] / (facts["ties"]["strong"] + facts["ties"]["weak"])
        assert strong == pytest.approx(0.3, abs=1e-4)
        assert facts["same_community_share"] > 0.6


@pytest.mark.compiled
@pytest.mark.skipif(not DATA.is_dir(), reason="the real graphs are not beside this checkout (shared/data)")
def test_real_graphs_are_read_and_described_in_seconds() -> None:
    graphs = [Network(kind="file", path=str(DATA / "graphs" / f"{name}.csv.gz")) for name in ("facebook_politicians", "deezer_europe")]
    graph_facts(make_graph(graphs[0], 1, 1, Path()))
    began = time.perf_counter()
    graph_facts(make_graph(graphs[1], 1, 1, Path()))
    assert time.perf_counter() - began < 3.0


@pytest.mark.skipif(not DATA.is_dir(), reason="the real graphs are not beside this checkout (shared/data)")
def test_distrust_is_not_a_tie() -> None:
    network = Network(
        kind="file", path=str(DATA / "graphs" / "bitcoin_alpha_trust.csv.gz"), directed=True, direction="follower_to_followed"
    )
    with pytest.raises(InputError, match="is not positive") as refusal:
        make_graph(network, 1, 1, Path())
    assert refusal.value.line is not None
