"""The makers of social graphs: laws, and the textbook graphs of networkx and igraph."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from simulator.parameters import InputError
from simulator.world import graph_makers
from simulator.world.graph import Layer, Network, SocialGraph, make_graph, network_problems
from simulator.world.graph_facts import graph_facts
from simulator.world.state import FOLLOW, LAYERS, STRONG, WEAK

SETTINGS: dict[str, dict[str, Any]] = {
    "communities": {"community_size": 40},
    "small_world": {"degree": 6, "rewired": 0.2},
    "scale_free": {"links": 3},
    "random": {"degree": 5.5},
    "regular": {"degree": 7},
    "lattice": {"neighbourhood": "moore"},
    "ring": {"degree": 4},
}


def graph(kind: str, n: int = 240, seed: int = 1, **settings: Any) -> SocialGraph:
    return make_graph(Network(kind=kind, **(SETTINGS.get(kind, {}) | settings)), n, seed, Path())


def ties(layer: Layer) -> set[tuple[int, int]]:
    return set(zip(layer.tellers().tolist(), layer.hearer.tolist(), strict=True))


def ties_by_key(made: SocialGraph, layer: Layer) -> set[tuple[int, int]]:
    return {(int(made.keys[i]), int(made.keys[j])) for i, j in ties(layer)}


def as_networkx(layer: Layer) -> networkx.Graph:
    result = networkx.Graph()
    result.add_nodes_from(range(len(layer.start) - 1))
    result.add_edges_from(ties(layer))
    return result


@pytest.mark.parametrize("kind", SETTINGS)
def test_lists_are_sorted_by_key_without_selves_or_repeats(kind: str) -> None:
    made = graph(kind)
    permuted = made.relabelled(np.random.default_rng(0).permutation(made.n))
    for g in (made, permuted):
        for layer in g.layers:
            assert layer.start.dtype == np.int64 and layer.hearer.dtype == np.int32
            assert layer.start[0] == 0 and layer.start[-1] == layer.ties
            for i in range(g.n):
                keys = g.keys[layer.hearer[layer.start[i] : layer.start[i + 1]]]
                assert (keys[1:] > keys[:-1]).all()
                assert g.keys[i] not in keys


@pytest.mark.parametrize("kind", SETTINGS)
def test_strong_and_weak_ties_are_mutual(kind: str) -> None:
    for layer in graph(kind).layers[:FOLLOW]:
        assert ties(layer) == {(j, i) for i, j in ties(layer)}


@pytest.mark.parametrize("n", [7, 60, 240])
def test_a_pair_of_consumers_is_in_one_layer_only(n: int) -> None:
    pairs = [{frozenset(tie) for tie in ties(layer)} for layer in graph("communities", n).layers]
    assert not (pairs[STRONG] & pairs[WEAK] or pairs[STRONG] & pairs[FOLLOW] or pairs[WEAK] & pairs[FOLLOW])


@pytest.mark.parametrize("kind", SETTINGS)
def test_the_graph_is_a_function_of_settings_and_seed(kind: str) -> None:
    one, same, other = graph(kind), graph(kind), graph(kind, seed=2)
    assert [ties(layer) for layer in one.layers] == [ties(layer) for layer in same.layers]
    drawn = kind not in ("lattice", "ring")
    assert ([ties(layer) for layer in one.layers] != [ties(layer) for layer in other.layers]) == drawn
    own = make_graph(Network(kind=kind, seed=1, **SETTINGS[kind]), 240, 2, Path())
    assert [ties(layer) for layer in one.layers] == [ties(layer) for layer in own.layers]


@pytest.mark.parametrize("kind", [*SETTINGS, "complete"])
def test_a_relabelled_graph_is_the_same_graph(kind: str) -> None:
    made = graph(kind, 60)
    permutation = np.random.default_rng(1).permutation(made.n)
    moved = made.relabelled(permutation)
    assert (moved.keys == made.keys[permutation]).all() and (moved.community == made.community[permutation]).all()
    assert (moved.audience() == made.audience()[permutation]).all()
    for k, (before, after) in enumerate(zip(made.layers, moved.layers, strict=True)):
        assert ties_by_key(made, before) == ties_by_key(moved, after)
        assert (moved.in_degree(k) == made.in_degree(k)[permutation]).all()
    facts, moved_facts = graph_facts(made), graph_facts(moved)
    for f in (facts, moved_facts):
        f["largest_audiences"] = [row["audience"] for row in f["largest_audiences"]]
        f["clustering"], f["clustering_mutual"] = round(f["clustering"], 12), round(f["clustering_mutual"], 12)  # sums of floats
    assert moved_facts == facts


@pytest.mark.parametrize("kind", [k for k in SETTINGS if k != "communities"])
def test_one_layer_makers_put_all_ties_in_the_layer_asked(kind: str) -> None:
    for k, name in enumerate(LAYERS):
        made = graph(kind, layer=name)
        assert [layer.ties > 0 for layer in made.layers] == [j == k for j in range(3)]
        assert ties(made.layers[k]) == ties(graph(kind).layers[STRONG])


def test_the_ring_and_the_unrewired_small_world_are_the_circulant_graph() -> None:
    expected = networkx.circulant_graph(21, [1, 2])
    assert networkx.utils.graphs_equal(as_networkx(graph("ring", 21, degree=4).layers[STRONG]), expected)
    assert networkx.utils.graphs_equal(as_networkx(graph("small_world", 21, degree=4, rewired=0.0).layers[STRONG]), expected)
    assert as_networkx(graph("ring", 9, degree=8).layers[STRONG]).number_of_edges() == 36


def test_the_von_neumann_torus_is_the_periodic_grid() -> None:
    made = as_networkx(graph("lattice", 60, neighbourhood="von_neumann", rows=6).layers[STRONG])
    grid = networkx.convert_node_labels_to_integers(networkx.grid_2d_graph(6, 10, periodic=True), ordering="sorted")
    assert networkx.utils.graphs_equal(made, grid)


def test_the_moore_torus_is_the_strong_product_of_two_cycles() -> None:
    made = as_networkx(graph("lattice", 60, neighbourhood="moore", rows=6).layers[STRONG])
    product = networkx.strong_product(networkx.cycle_graph(6), networkx.cycle_graph(10))
    assert networkx.utils.graphs_equal(made, networkx.convert_node_labels_to_integers(product, ordering="sorted"))


def test_the_torus_is_as_square_as_possible() -> None:
    assert set(np.diff(graph("lattice", 240).layers[STRONG].start)) == {8}
    assert as_networkx(graph("lattice", 9).layers[STRONG]).number_of_edges() == 36


@pytest.mark.parametrize(("n", "degree"), [(10, 3), (10, 9), (10, 0), (11, 4), (12, 5), (12, 6), (12, 7), (300, 20), (50, 44)])
def test_regular_graphs_are_regular(n: int, degree: int) -> None:
    for seed in range(5):
        layer = graph("regular", n, seed, degree=degree).layers[STRONG]
        assert (np.diff(layer.start) == degree).all()
        assert layer.ties == n * degree == 2 * as_networkx(layer).number_of_edges()


@pytest.mark.compiled
def test_regular_graphs_clump_no_more_than_those_of_networkx() -> None:
    mine = [networkx.transitivity(as_networkx(graph("regular", 200, s, degree=8).layers[STRONG])) for s in range(20)]
    theirs = [networkx.transitivity(networkx.random_regular_graph(8, 200, seed=s)) for s in range(20)]
    assert np.mean(mine) == pytest.approx(np.mean(theirs), abs=0.006)


@pytest.mark.compiled
def test_random_graphs_have_poisson_degrees_and_all_pairs_are_alike() -> None:
    degrees = np.concatenate([np.diff(graph("random", 1000, s, degree=6).layers[STRONG].start) for s in range(20)])
    assert degrees.mean() == pytest.approx(6.0, abs=0.06)
    assert degrees.var() == pytest.approx(6.0, rel=0.06)
    count = np.zeros((8, 8))
    for seed in range(3000):
        row, column = graph_makers.random(8, seed, 3.5)
        count[row, column] += 1
    above = count[np.triu_indices(8, 1)]
    assert (np.abs(above - 1500) < 4.5 * np.sqrt(750)).all() and above.sum() == count.sum()


def test_random_graphs_of_extreme_density() -> None:
    assert graph("random", 30, degree=0.0).layers[STRONG].ties == 0
    assert graph("random", 30, degree=29).layers[STRONG].ties == 30 * 29


@pytest.mark.compiled
def test_scale_free_graphs_are_those_of_barabasi_and_albert() -> None:
    mine = np.concatenate([np.sort(np.diff(graph("scale_free", 2000, s, links=3).layers[STRONG].start))[::-1] for s in range(10)])
    theirs = [networkx.barabasi_albert_graph(2000, 3, seed=s) for s in range(10)]
    assert mine.sum() == sum(2 * g.number_of_edges() for g in theirs)
    tail = {at: float((mine >= at).mean()) for at in (4, 6, 10, 20)}
    for at, share in tail.items():
        other = np.mean([d >= at for g in theirs for _, d in g.degree])
        assert share == pytest.approx(other, rel=0.08)
        # the exact law of large graphs: P(degree >= k) = m (m + 1) / (k (k + 1))
        assert share == pytest.approx(12 / (at * (at + 1)), rel=0.1)


@pytest.mark.compiled
def test_small_worlds_are_those_of_watts_and_strogatz() -> None:
    for rewired in (0.05, 0.3, 1.0):
        mine = [as_networkx(graph("small_world", 200, s, degree=10, rewired=rewired).layers[STRONG]) for s in range(6)]
        theirs = [networkx.watts_strogatz_graph(200, 10, rewired, seed=s) for s in range(6)]
        for measure, tolerance in ((networkx.average_clustering, 0.03), (networkx.average_shortest_path_length, 0.12)):
            assert np.mean([measure(g) for g in mine]) == pytest.approx(np.mean([measure(g) for g in theirs]), abs=tolerance)
        assert np.mean([g.number_of_edges() for g in mine]) == pytest.approx(1000, rel=0.03)  # those drawn twice are fewer


@pytest.mark.compiled
def test_default_communities_have_the_shape_they_promise() -> None:
    made = make_graph(Network(), 8000, 3, Path())
    facts = graph_facts(made)
    each = {name: count / made.n for name, count in facts["ties"].items()}
    assert each == pytest.approx({"strong": 10.0, "weak": 6.0, "follow": 4.0}, rel=0.03)
    assert 0.2 < facts["clustering_mutual"] < 0.4
    assert facts["same_community"]["strong"] == pytest.approx(0.9, abs=0.02)
    assert facts["same_community"]["weak"] == pytest.approx(0.7, abs=0.03)
    assert facts["same_community"]["follow"] < 0.05
    assert facts["components"] == 1
    followers = np.diff(made.layers[FOLLOW].start)
    assert followers.max() <= 0.02 * made.n
    largest_first = np.sort(followers)[::-1]
    assert largest_first[: made.n // 100].sum() > 0.2 * followers.sum()  # one in a hundred holds a fifth of all audiences
    slope = np.log(largest_first[99] / largest_first[999]) / np.log(10)
    assert slope == pytest.approx(1 / (2.1 - 1), rel=0.05)
    assert set(np.bincount(made.community)) == {100}


@pytest.mark.compiled
@pytest.mark.parametrize("n", [4000, 32000])
def test_the_largest_audiences_are_shares_of_the_market(n: int) -> None:
    audience = np.sort(np.diff(make_graph(Network(), n, 1, Path()).layers[FOLLOW].start))
    assert audience[-5:] / n == pytest.approx(0.02, rel=0.05)


def test_each_kind_of_tie_can_be_turned_off() -> None:
    for name in LAYERS:
        made = graph("communities", **{name: 0.0})
        assert [layer.ties == 0 for layer in made.layers] == [layer == name for layer in LAYERS]
    circles = graph("communities", rewired=0.0).layers[STRONG]
    assert all(i // 40 == j // 40 for i, j in ties(circles))
    assert graph("communities", homophily=1.0, rewired=0.0, follow=0.0).layers[WEAK].ties > 0


def test_strong_ties_do_not_depend_on_the_weak_ones() -> None:
    assert ties(graph("communities").layers[STRONG]) == ties(graph("communities", weak=1.0, follow=0.5).layers[STRONG])
    assert ties(graph("communities").layers[WEAK]) == ties(graph("communities", follow=0.5).layers[WEAK])


def test_a_small_market_says_that_audiences_do_not_fit() -> None:
    notices = graph("communities", 60).notices
    assert len(notices) == 1 and "leaves room" in notices[0]
    assert not graph("communities", 240).notices


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_tiniest_markets_have_graphs(n: int) -> None:
    assert graph("communities", n).n == n
    assert graph("complete", n).audience().tolist() == [n - 1] * n


def test_the_complete_graph_stores_nothing() -> None:
    made = graph("complete", 1_000_000, layer="weak")
    assert made.complete and made.complete_layer == "weak"
    assert sum(layer.ties for layer in made.layers) == 0
    assert set(made.in_degree(WEAK)) == {999_999} and set(made.in_degree(STRONG)) == {0}


@pytest.mark.parametrize(
    ("network", "size", "key", "words"),
    [
        ({"kind": "ring", "degree": 5}, 100, "network.degree", "even"),
        ({"kind": "ring", "degree": 10}, 8, "network.degree", "at most 7"),
        ({"kind": "small_world", "degree": 4.5}, 100, "network.degree", "4.5"),
        ({"kind": "regular", "degree": 3}, 7, "network.degree", "even"),
        ({"kind": "regular", "degree": 8}, 8, "network.degree", "at most 7"),
        ({"kind": "random", "degree": 50}, 20, "network.degree", "more than the 19"),
        ({"kind": "scale_free", "links": 20}, 20, "network.links", "19"),
        ({"kind": "lattice"}, 13, "population.size", "cannot be laid out"),
        ({"kind": "lattice", "rows": 7}, 40, "population.size", "7 rows"),
        ({"kind": "file"}, 40, "network.path", "path"),
        ({"kind": "file", "path": "a.csv", "directed": True}, 40, "network.direction", "follower_to_followed"),
        ({}, 10**12, "population.size", "1,000,000,000,000 consumers"),
        ({"kind": "complete"}, 10**12, "population.size", "too many"),
        ({"strong": 9000.0}, 10**9, "population.size", "memory"),
    ],
)  # fmt: skip
def test_impossible_networks_are_refused_before_anything_is_made(network: dict[str, Any], size: int, key: str, words: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InputError, match=words) as refusal:
        make_graph(Network(**network), size, 1, Path())
    assert refusal.value.key == key
    assert network_problems(Network(**network), size) == [(key, refusal.value.message)]
    assert time.perf_counter() - began < 1.0


@pytest.mark.compiled
@pytest.mark.slow
def test_a_million_consumers_are_tied_in_seconds() -> None:
    graph("communities", 2000)
    began = time.perf_counter()
    made = make_graph(Network(), 1_000_000, 1, Path())
    assert time.perf_counter() - began < 12.0
    assert sum(layer.ties for layer in made.layers) >= 15_000_000
