"""Published models of following the crowd: influentials, clustering, where to promote (B3, B4, B6)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.validity.canonical import adopted, canonical
from simulator.experiments.validity.default_market import repetitions
from simulator.experiments.validity.target import Check, Effort, Target, over_seeds, sign
from simulator.model import social_graph
from simulator.simulate import simulate

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario
    from simulator.world.graph import SocialGraph

# -- B3: influentials -------------------------------------------------------------------------------------------------------------

TOP = 0.10
GLOBAL = 0.5
"""A cascade is global if it takes this share of consumers."""


def two_groups(degree: np.ndarray, number: int, seed: int) -> tuple[list[int], list[int]]:
    """Consumers drawn by chance: from the tenth with most ties, and from everybody."""
    dice = np.random.default_rng(seed)
    top = np.argsort(-degree, kind="stable")[: round(TOP * len(degree))]
    return dice.choice(top, number).tolist(), dice.choice(len(degree), number).tolist()


def crowd(effort: Effort, seed: int, ties: float, number: int) -> dict[str, float]:
    """What single first owners set off by thresholds: frequency and size of global cascades, influentials against anybody."""
    scenario = canonical("threshold", {
        "population.size": 2000 if effort.quick else 10_000, "network.degree": ties, "run.days": 80, "record.tellings": False
    })  # fmt: skip
    graph = social_graph(scenario, seed)
    degree = np.diff(graph.layers[0].start)
    groups = two_groups(degree, number, seed)
    big = [[size for size in (_set_off(scenario, one, seed, graph) for one in group) if size > GLOBAL] for group in groups]
    return {
        "often": len(big[0]) / max(1, len(big[1])),
        "large": _mean(big[0]) / _mean(big[1]),
        "ties": float(degree[groups[0]].mean() / degree[groups[1]].mean()),
    }


def _set_off(scenario: Scenario, one: int, seed: int, graph: SocialGraph) -> float:
    """Share that adopts in the end if one consumer is the first."""
    run = simulate(scenario.override({"events.0.consumers": [one]}), seed=seed, graph=graph, threads=1)
    return float(adopted(run, "Product")[-1])


def epidemic(effort: Effort, seed: int, number: int) -> dict[str, float]:
    """The same by simple contagion on a scale-free graph, below the threshold: consumers reached by one influential, per anybody."""
    scenario = canonical("cascade", {
        "population.size": 2000 if effort.quick else 10_000, "network": {"kind": "scale_free", "links": 3},
        "word_of_mouth.visibility": 0.04,
    })  # fmt: skip
    graph = social_graph(scenario, seed)
    degree = np.diff(graph.layers[0].start)
    groups = two_groups(degree, number, seed)
    reached = []
    for group in groups:
        told = [{"day": 0, "brand": "Rumour", "kind": "staged_messages", "consumers": [one], "count": 10} for one in group]
        run = simulate(scenario.override({"events": told}), seed=seed, graph=graph, threads=1)
        reached.append(float(run.messages["size"].mean()))
    return {"reach": reached[0] / reached[1], "ties": float(degree[groups[0]].mean() / degree[groups[1]].mean())}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def influentials(effort: Effort) -> list[Check]:
    """B3."""
    checks = []
    number = 30 if effort.quick else 100
    for ties in (3.0,) if effort.quick else (2.0, 3.0, 4.5):
        rows = [crowd(effort, seed, ties, number) for seed in effort.seeds]
        where = f"{ties:g} ties on average"
        checks += [
            over_seeds(
                f"{where}: global cascades of an influential, per one of anybody",
                [row["often"] for row in rows],
                1.0,
                _mean([row["ties"] for row in rows]),
            ),
            over_seeds(f"{where}: size of a global cascade, influentials per anybody", [row["large"] for row in rows], 0.95, 1.05, 1.0),
        ]
    simple = [epidemic(effort, seed, 50 if effort.quick else 200) for seed in effort.seeds]
    return [
        *checks,
        over_seeds(
            "simple contagion, scale-free graph (by design another case): reach of an influential per anybody",
            [row["reach"] for row in simple],
            -math.inf,
        ),
        over_seeds("... and how many times the ties she has", [row["ties"] for row in simple], -math.inf),
    ]


# -- B4: the spread of behaviour ---------------------------------------------------------------------------------------------------

SIDE, NEIGHBOURS = 12, 8
NEVER = 10**6
RISING, SIMPLE = (0.1, 0.3, 0.4), (0.9, 0.9, 0.9)
"""Probability to adopt upon the first, the second and each further signal."""


def thresholds(chances: Sequence[float], seed: int) -> list[int]:
    """For each consumer the number of signals at which she adopts: with these chances upon each new one, at most one a tie."""
    dice = np.random.default_rng(seed).random((SIDE * SIDE, NEIGHBOURS))
    at = np.array([chances[min(k, len(chances) - 1)] for k in range(NEIGHBOURS)])
    yes = dice < at
    return [int(number) for number in np.where(yes.any(axis=1), yes.argmax(axis=1) + 1, NEVER)]


def spread(kind: str, chances: Sequence[float], seed: int) -> tuple[float, float]:
    """(share that adopts, share a day until nine tenths of them have) from one first adopter."""
    scenario = canonical("threshold", {
        "population.size": SIDE * SIDE, "network": {"kind": kind} | ({"degree": float(NEIGHBOURS)} if kind == "regular" else {}),
        "purchase.threshold": thresholds(chances, seed), "run.days": 60, "record.tellings": False, "events.0.consumers": 1,
    })  # fmt: skip
    share = adopted(simulate(scenario, seed=seed, threads=1), "Product")
    return float(share[-1]), float(0.9 * share[-1] / (np.flatnonzero(share >= 0.9 * share[-1])[0] + 1))


def behaviour(effort: Effort) -> list[Check]:
    """B4."""
    checks = []
    graphs = range(40 if effort.quick else 300)
    for chances, name in ((RISING, "signals add up"), (SIMPLE, "one signal suffices")):
        clustered, random = (
            [[spread(kind, chances, 1000 * seed + graph) for graph in graphs] for seed in effort.seeds] for kind in ("lattice", "regular")
        )
        final, speed = (
            [_mean([run[place] for run in c]) / _mean([run[place] for run in r]) for c, r in zip(clustered, random, strict=True)]
            for place in (0, 1)
        )
        if chances is RISING:
            checks += [
                over_seeds(f"{name}: adopters in the clustered network, per one in the random", final, 1.2, 1.7, 54 / 38),
                over_seeds(f"{name}: speed in the clustered network, per that in the random", speed, 2.0, 6.0, 4.0),
            ]
        else:
            checks.append(over_seeds(f"{name}: speed in the clustered network, per that in the random", speed, 0.0, 1.0 - 1e-9))
    return checks


# -- B6: where to promote -------------------------------------------------------------------------------------------------------------

SMALL_WORLD: Mapping[str, Any] = {
    "population.size": 2000, "network": {"kind": "small_world", "degree": 10.0, "rewired": 0.05}, "purchase.threshold": 3, "run.days": 20,
    "record.tellings": False,
}  # fmt: skip
GIVEN = 60
GROUPS = {"one block": 1, "ten groups": 10, "single consumers": GIVEN}


def promoted(groups: int, seed: int) -> float:
    """Share that owns the product after 20 days, 60 consumers having been given it: in so many groups of neighbours."""
    dice = np.random.default_rng(seed)
    n, each = int(SMALL_WORLD["population.size"]), GIVEN // groups
    first = dice.permutation(n // each)[:groups] * each
    chosen = sorted(int(start + step) for start in first for step in range(each))
    return float(
        adopted(simulate(canonical("threshold", {**SMALL_WORLD, "events.0.consumers": chosen}), seed=seed, threads=1), "Product")[-1]
    )


def promotion(effort: Effort) -> list[Check]:
    """B6."""
    shares = {name: [promoted(groups, seed) for seed in repetitions(effort, 10)] for name, groups in GROUPS.items()}
    absent = simulate(canonical("threshold", {**SMALL_WORLD, "events": []}), seed=1, threads=1).daily["penetration"].iloc[-1]
    block, groups, single = shares.values()
    return [
        *(over_seeds(f"owners after {SMALL_WORLD['run.days']} days, given to {name}", values, 0.0, 1.0) for name, values in shares.items()),
        sign("ten groups, more than one block", [one - other for one, other in zip(groups, block, strict=True)]),
        sign("ten groups, more than single consumers", [one - other for one, other in zip(groups, single, strict=True)]),
        Check("owners without a promotion", 0.0, float(absent), 0.0, 0.0, 0.0),
    ]


TARGETS = (
    Target(
        "B3",
        "Large cascades are not the work of influentials but of many who are easily influenced",
        "Watts and Dodds 2007, J Consumer Research 34:441-458",
        "scenario canonical/threshold (18% of ties, random graph of 10,000; quick: 2,000), one first owner: of the tenth with "
        "most ties, or "
        "anybody. For contrast canonical/cascade below its threshold on a scale-free graph",
        "an influential sets off at least as many global cascades as anybody, but fewer than in proportion to her ties; the cascades are "
        "alike in size (.95-1.05)",
        influentials,
    ),
    Target(
        "B4",
        "Behaviour that needs several signals spreads further and faster in clustered than in random networks",
        "Centola 2010, Science 329:1194-1197: 54 against 38% adopt, about four times as fast",
        f"scenario canonical/threshold, torus of {SIDE} x {SIDE} with {NEIGHBOURS} neighbours against random graphs of the "
        "same degree; one "
        "first adopter; chance to adopt upon the first, second and each further signal .1, .3, .4, or .9 each",
        "adopters 1.2-1.7 times, speed 2-6 times; slower than random where the first signal suffices (sign)",
        behaviour,
        "More of the clustered network adopts, and faster, but not by the experiment's factors. How many more depends on the chances: many "
        "times as many where the first signal seldom suffices, no more where it often does. Speed differs little because everybody acts "
        "on all signals of a day at once, so that the short paths of a random graph are used within days. Speed is the share adopted a "
        "day until nine tenths of all have.",
        revised="at first a consumer and all her neighbours began: .92 times the adopters at .54 times the speed. One first adopter "
        "is the experiment's; of six sets of chances looked at, that of the literature's example was kept.",
    ),
    Target(
        "B6",
        "Promote to many small groups far apart: one block is too slow, single people convince nobody, no promotion no take-off",
        "Delre, Jager, Bijmolt, Janssen 2007, J Business Research 60:826-835",
        "scenario canonical/threshold, small world of 2,000 with 10 ties, 5% rewired, three owners among the ties needed; "
        f"{GIVEN} consumers "
        "given the product as one block, ten groups of neighbours or singly. When to promote is not in the scenario",
        "signs, by more than two standard errors; nobody without a promotion (exact)",
        promotion,
    ),
)
