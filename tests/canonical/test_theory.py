"""What the exact targets of validity expect: the formulas give the published numbers, and a check can fail."""

from __future__ import annotations

import itertools
import math

import networkx
import numpy as np
import pytest

from simulator.experiments.validity import theory, theory_epidemics, theory_media, theory_reach, theory_thresholds
from simulator.experiments.validity.target import Effort

MODULES = (theory, theory_epidemics, theory_media, theory_reach, theory_thresholds)


def test_every_exact_result_but_averaging_has_a_target() -> None:
    ids = {target.id for module in MODULES for target in module.TARGETS}
    assert ids == {f"A{number}" for number in range(1, 14)} - {"A11"}
    for module in MODULES:
        for target in module.TARGETS:
            assert all((target.claim, target.source, target.setup, target.tolerance)) and callable(target.measure)


def test_the_bass_curve_has_the_published_values() -> None:
    assert [theory.bass(t) for t in theory.YEARS] == pytest.approx([0.03576, 0.33120, 0.81280, 0.97161, 0.99626], abs=1e-5)
    assert theory.recursion(5) == pytest.approx(0.261, abs=5e-4) and theory.recursion(10) == pytest.approx(0.730, abs=5e-4)
    assert all(theory.ring(t) < theory.bass(t) for t in (1, 5, 10, 20))


def test_final_sizes_and_epidemic_probabilities_have_the_published_values() -> None:
    assert [theory_epidemics.attack(r) for r in (1.2, 1.5, 2.0, 2.5, 3.0)] == pytest.approx(
        [0.3137, 0.5828, 0.7968, 0.8926, 0.9405], abs=1e-4
    )
    settings = dict(theory_epidemics.geometric(0.5, 400))
    assert theory_epidemics.epidemic_probability(settings["word_of_mouth.visibility"], 400) == pytest.approx(0.639, abs=2e-3)  # exponential
    once = dict(theory_epidemics.geometric(0.5, 1))
    assert theory_epidemics.epidemic_probability(once["word_of_mouth.visibility"], 1) == pytest.approx(0.7968, abs=1e-4)


def test_the_table_of_small_graphs_is_the_enumeration_of_live_ties() -> None:
    graphs = {
        "triangle": networkx.cycle_graph(3), "ring of 4": networkx.cycle_graph(4), "everybody of 4": networkx.complete_graph(4),
        "everybody of 5": networkx.complete_graph(5), "line of 5, from its end": networkx.path_graph(5),
        "star of 5, from its centre": networkx.star_graph(4), "star of 5, from a leaf": networkx.star_graph(4),
    }  # fmt: skip
    assert set(graphs) == set(theory_reach.SPREADS)
    for name, graph in graphs.items():
        _, first, expected = theory_reach.SPREADS[name]
        for p, mean in zip(theory_reach.PROBABILITIES, expected, strict=True):
            total, ties = 0.0, list(graph.edges)
            for alive in itertools.product((False, True), repeat=len(ties)):
                live = networkx.Graph()
                live.add_nodes_from(graph)
                live.add_edges_from(itertools.compress(ties, alive))
                total += p ** sum(alive) * (1.0 - p) ** (len(ties) - sum(alive)) * len(networkx.node_connected_component(live, first))
            assert total == pytest.approx(mean, abs=1e-6)


def test_watts_window_ends_where_his_condition_says() -> None:
    """Global cascades need sum of k (k-1) over those whom one tie convinces above z: 1.03 < z < 5.76 at 18%."""
    assert theory_thresholds.sets_off(1.01) == pytest.approx(0.0, abs=0.01) and theory_thresholds.sets_off(1.2) > 0.1
    assert theory_thresholds.sets_off(5.7) > 0.01 and theory_thresholds.sets_off(5.8) == pytest.approx(0.0, abs=0.01)


def test_a_target_speaks_of_its_farthest_seed_and_can_fail() -> None:
    good = theory.each_seed("x", 1.0, [(1.01, 0.01), (0.98, 0.01)], 0.0)
    assert good.passed and good.measured == 0.98 and good.high == pytest.approx(1.04)
    assert not theory.each_seed("x", 1.0, [(1.0, 0.01), (1.05, 0.01)], 0.0).passed
    assert theory.each_seed("x", 1.0, [(1.0, 0.01), (1.05, 0.01)], 0.02).passed
    assert not theory.each_seed("x", 1.0, [(1.0, 0.0), (math.nan, 0.0)], 0.5).passed
    assert not theory.each_seed("x", 1.0, [(1.1, 0.01)], 0.01, errors=0.0).passed


def test_the_peak_of_a_known_curve_is_found() -> None:
    curve = np.array([[theory.bass(day / theory.DAYS) for day in range(1001)]] * 3)
    (when, _), (level, _), (rate, _) = theory.peak(curve)
    assert when == pytest.approx(6.193, abs=0.02) and level == pytest.approx(0.4605, abs=0.004) and rate == pytest.approx(0.1106, rel=0.004)


@pytest.mark.compiled
@pytest.mark.parametrize("id", ["A8", "A10", "A12"])
def test_the_quickest_exact_targets_hold(id: str) -> None:
    target = next(target for module in MODULES for target in module.TARGETS if target.id == id)
    failed = [check for check in target.measure(Effort(quick=True, seeds=(5,))) if not check.passed]
    assert not failed
