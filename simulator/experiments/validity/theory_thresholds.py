"""Exact theory of thresholds: Granovetter's crowd, Watts's window, long ties in complex contagion (A8, A9, A13)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.experiments.validity.canonical import adopted, canonical, first_day
from simulator.experiments.validity.target import Check, Effort, Target, within
from simulator.experiments.validity.theory import ERRORS, each_seed
from simulator.model import social_graph
from simulator.simulate import simulate


def owners(seed: int, settings: dict[str, Any]) -> np.ndarray:
    """float64 [days]: share of owners at the end of each day of canonical/threshold with these settings."""
    return adopted(simulate(canonical("threshold", settings), seed, threads=1), "Product")


def exactly(what: str, expected: float, found: list[float], unit: str = "") -> Check:
    """A whole number that every seed must give."""
    return each_seed(what, expected, [(value, 0.0) for value in found], 0.0, unit)


# -- A8 ------------------------------------------------------------------------------------------------------------------------------


def granovetter(effort: Effort) -> list[Check]:
    """A8."""
    crowd = {"population.size": 100, "network": {"kind": "complete"}, "events": []}
    checks = []
    for what, expected, second in (("thresholds 0, 1, 2 ... 99", 100, 1), ("thresholds 0, 2, 2 ... 99", 1, 2)):
        rows = [owners(seed, crowd | {"purchase.threshold": [0, second, *range(2, 100)]}) for seed in effort.seeds]
        checks.append(exactly(what, expected, [round(100 * row[-1]) for row in rows], "consumers"))
    return checks


# -- A9 ------------------------------------------------------------------------------------------------------------------------------

SHARE = 0.18
GLOBAL = 0.5
"""A cascade is global if it takes this share of consumers."""


def poisson(z: float, k: int) -> float:
    """The share of consumers with k ties on a random graph of z on average."""
    return math.exp(-z + k * math.log(z) - math.lgamma(k + 1))


def sets_off(z: float) -> float:
    """How often one first owner touches the cluster of those whom a single tie convinces, on an endless random graph (Watts 2002)."""
    easy = [(k, k / z * poisson(z, k)) for k in range(1, int(1.0 / SHARE) + 1)]
    stubborn = 1.0 - math.fsum(p for _, p in easy)
    fails, before = 0.0, 1.0  # probability that a tie of hers does not lead to that cluster
    while abs(fails - before) > 1e-10:
        before, fails = fails, stubborn + math.fsum(p * fails ** (k - 1) for k, p in easy)
    return 1.0 - math.exp(z * (fails - 1.0))


def cascades(effort: Effort, z: float, seed: int) -> np.ndarray:
    """float64 [runs]: how many own it in the end, for first owners drawn by chance on a few graphs."""
    graphs, firsts, size = (2, 10, 2000) if effort.quick else (10, 100, 10_000)
    ends = []
    for again in range(graphs):
        ties = {"population.size": size, "network.degree": z, "network.seed": 100 * seed + again, "run.days": 60, "record.tellings": False}
        scenario = canonical("threshold", ties | {"purchase.threshold": {"share": SHARE}})
        graph = social_graph(scenario, seed)
        ends += [adopted(simulate(scenario, 10_000 * seed + first, graph=graph, threads=1), "Product")[-1] for first in range(firsts)]
    return np.array(ends)


def watts(effort: Effort) -> list[Check]:
    """A9."""
    checks = []
    for z, possible in ((0.8, False), (3.0, True), (5.0, True), (7.0, False)):
        ends = [cascades(effort, z, seed) for seed in effort.seeds]
        often = [float(np.mean(end > GLOBAL)) for end in ends]
        what = f"{z:g} ties: share of first owners who set off more than half of the market"
        if possible:
            if not effort.quick:  # at the upper edge global cascades are rare
                checks.append(Check(f"{what}, least of {len(often)} seeds", None, min(often), 0.0, math.ulp(0.0), 1.0))
            expected, pooled = sets_off(z), float(np.mean(often))
            error = math.sqrt(expected * (1.0 - expected) / sum(map(len, ends)))
            checks.append(
                Check(
                    f"{what}, all seeds, against the vulnerable cluster", expected, pooled, error, *within(expected, ERRORS * error + 0.03)
                )
            )
            large = [float(end[end > GLOBAL].mean()) for end in ends if (end > GLOBAL).any()]
            if large:
                checks.append(
                    Check(f"{z:g} ties: owners where it is global, least of the seeds", None, min(large), 0.0, 0.85, 1.0, "share")
                )
        else:
            checks.append(exactly(what, 0.0, often))
    return checks


# -- A13 -----------------------------------------------------------------------------------------------------------------------------

RING = {"population.size": 1000, "network": {"kind": "ring", "degree": 4.0}, "run.days": 600}
SIMPLE = {"purchase.threshold": 1, "events.0.consumers": [0]}
COMPLEX = {"purchase.threshold": 2, "events.0.consumers": [0, 1]}


def everybody(share: np.ndarray) -> float:
    """Days until everybody owns it; infinity if not all ever do."""
    return first_day(share, 1.0) if share[-1] == 1.0 else math.inf


def rewired(seed: int, part: float, graphs: int) -> float:
    """Mean share of owners in the end over graphs of which a part of the ties was rewired."""
    ties = RING | {"network": {"kind": "small_world", "degree": 4.0, "rewired": part}}
    return float(np.mean([owners(1000 * seed + again, ties | COMPLEX)[-1] for again in range(graphs)]))


def scattered(seed: int) -> tuple[float, float]:
    """On a random graph of 4 ties each: days until simple contagion has everybody, share that complex contagion gets from a full circle."""
    ties = RING | {"network": {"kind": "regular", "degree": 4.0}, "network.seed": seed}
    layer = social_graph(canonical("threshold", ties), seed).layers[0]
    circle = [0, *layer.hearer[layer.start[0] : layer.start[1]].tolist()]
    return everybody(owners(seed, ties | SIMPLE)), float(owners(seed, ties | COMPLEX | {"events.0.consumers": circle})[-1])


def long_ties(effort: Effort) -> list[Check]:
    """A13."""
    graphs = 2 if effort.quick else 20
    checks = [
        exactly(
            "ring, one tie convinces: days until everybody owns it",
            250.0,
            [everybody(owners(seed, RING | SIMPLE)) for seed in effort.seeds],
            "days",
        ),
        exactly(
            "ring, two ties are needed: days until everybody owns it",
            499.0,
            [everybody(owners(seed, RING | COMPLEX)) for seed in effort.seeds],
            "days",
        ),
    ]
    for part, most in ((0.01, 0.25), (0.1, 0.05)):
        worst = max(rewired(seed, part, graphs) for seed in effort.seeds)
        checks.append(
            Check(f"two ties needed, {part:.0%} of ties rewired: share of owners, most of the seeds", None, worst, 0.0, 0.0, most)
        )
    quick, stuck = zip(*(scattered(seed) for seed in effort.seeds), strict=True)
    checks.append(
        Check("random ties, one convinces: days until everybody owns it, most of the seeds", None, max(quick), 0.0, 0.0, 12.0, "days")
    )
    checks.append(
        Check("random ties, two needed, from a full circle: share of owners, most of the seeds", None, max(stuck), 0.0, 0.0, 0.05)
    )
    return checks


TARGETS = (
    Target(
        "A8",
        "A crowd's riot hangs on one person's threshold",
        "Granovetter 1978, AJS 83:1420-1443, doi:10.1086/226707",
        "canonical/threshold: 100 consumers on a complete graph, thresholds as a list, nobody owns it at first",
        "exact whole numbers",
        granovetter,
    ),
    Target(
        "A9",
        "Global cascades of thresholds are possible only in a window of connectivity",
        "Watts 2002, PNAS 99:5766-5771, doi:10.1073/pnas.082090499",
        "canonical/threshold: random graphs of 10,000, everybody needs 18% of her ties (window 1.03 to 5.76 ties), one first owner drawn "
        "by chance: "
        "10 graphs of 100 first owners for each seed (quick: 2,000 consumers, 2 graphs of 10)",
        "outside the window exactly none; inside at least one for each seed, as often as the vulnerable cluster says within .03 and 4 "
        "standard errors, "
        "and then at least 85% of the market",
        watts,
    ),
    Target(
        "A13",
        "Long ties help what one contact spreads and stop what needs two",
        "Centola and Macy 2007, AJS 113:702-734, doi:10.1086/521848",
        "canonical/threshold: 1,000 consumers of 4 ties each: ring, ring with 1% or 10% of ties rewired (20 graphs for each seed, quick: "
        "2), random",
        "ring: exact days; rewired: below .25 and .05; random: everybody within 12 days where one contact is enough, at most 5% where "
        "two are needed",
        long_ties,
    ),
)
