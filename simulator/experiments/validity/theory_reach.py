"""Exact theory of who is reached: enumerated spreads, live ties, monotony, the shape of trees (A6, A7, A10)."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.chance import address, fold, uniform
from simulator.experiments.validity.canonical import canonical
from simulator.experiments.validity.target import Check, Effort, Target
from simulator.experiments.validity.theory import each_seed, repeated
from simulator.experiments.validity.theory_epidemics import spread, told_by
from simulator.model import social_graph
from simulator.simulate import simulate

# -- A6: exact spreads -----------------------------------------------------------------------------------------------------------------

PROBABILITIES = (0.1, 0.3, 0.5)

SPREADS: dict[str, tuple[dict[str, Any], int, tuple[float, float, float]]] = {
    "triangle": ({"population.size": 3, "network": {"kind": "ring", "degree": 2.0}}, 0, (1.218, 1.726, 2.25)),
    "ring of 4": ({"population.size": 4, "network": {"kind": "ring", "degree": 2.0}}, 0, (1.2217, 1.8097, 2.5625)),
    "everybody of 4": ({"population.size": 4, "network": {"kind": "complete"}}, 0, (1.358104, 2.316556, 3.25)),
    "everybody of 5": ({"population.size": 5, "network": {"kind": "complete"}}, 0, (1.525363, 3.10113, 4.414062)),
    "line of 5, from its end": ({"path": [(0, 1), (1, 2), (2, 3), (3, 4)]}, 0, (1.1111, 1.4251, 1.9375)),
    "star of 5, from its centre": ({"population.size": 5, "network": {"kind": "scale_free", "links": 4}}, 0, (1.4, 2.2, 3.0)),
    "star of 5, from a leaf": ({"population.size": 5, "network": {"kind": "scale_free", "links": 4}}, 1, (1.13, 1.57, 2.25)),
}
"""Graph, first teller and the enumerated mean number of consumers who know it (Kempe, Kleinberg, Tardos 2003: live edges)."""


def exact_spreads(effort: Effort) -> list[Check]:
    """A6."""
    copies = 4000 if effort.quick else 100_000
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (graph, first, expected) in SPREADS.items():
            where = on_file(Path(folder), graph["path"]) if "path" in graph else graph
            for probability, mean in zip(PROBABILITIES, expected, strict=True):
                settings = where | {"word_of_mouth.visibility": probability, "events": [told_by([first], copies)], "run.days": 6}
                runs = [spread("cascade", seed, settings).messages["size"].to_numpy(np.float64) for seed in effort.seeds]
                found = [(float(run.mean()), float(run.std(ddof=1) / math.sqrt(copies))) for run in runs]
                checks.append(each_seed(f"{name}, p = {probability}: consumers who know it", mean, found, 1e-6))
    graphs = 20 if effort.quick else 300
    wrong = [sum(not reaches_over_open_ties(seed) for seed in repeated(first, graphs)) for first in effort.seeds]
    checks.append(
        Check(
            f"random graphs of {graphs} for each seed where the hearers are not those reachable over open ties",
            0.0,
            sum(wrong),
            0.0,
            0.0,
            0.0,
        )
    )
    return checks


def on_file(folder: Path, ties: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """A graph with these mutual ties, as a file."""
    path = folder / "ties.csv"
    path.write_text("source,target\n" + "".join(f"{one},{other}\n" for one, other in ties), encoding="utf-8")
    return {"network": {"kind": "file", "path": str(path)}}


def reaches_over_open_ties(seed: int, messages: int = 5) -> bool:
    """Whether the consumers who know each message are those reachable from its tellers over the ties that its luck leaves open."""
    tellers = set(np.random.default_rng(seed).permutation(40)[: 1 + seed % 3].tolist())
    ties = {"population.size": 40, "network.degree": 3.0, "word_of_mouth.visibility": 0.15 + 0.1 * (seed % 8)}
    scenario = canonical("cascade", ties | {"events": [told_by(sorted(tellers), messages)]})
    run = simulate(scenario, seed)
    layer = social_graph(scenario, seed).layers[0]
    pairs = list(zip(layer.tellers().tolist(), layer.hearer.tolist(), strict=True))
    for number, key in zip(run.messages["message"], run.messages["key"], strict=True):
        told = run.tellings[run.tellings["message"] == number]
        heard = set(told["hearer"])
        if tellers | heard != reachable(
            tellers, [pair for pair in pairs if is_open(seed, int(key), *pair, scenario.word_of_mouth.visibility)]
        ):
            return False
    return True


def is_open(seed: int, message: int, teller: int, hearer: int, probability: float) -> bool:
    """Whether a message crosses a tie on the first day on which its teller may tell."""
    place = int(address(seed, "seen", message))
    return uniform.python(fold.python(fold.python(fold.python(place, teller), 0), hearer)) < probability


def reachable(start: set[int], ties: Sequence[tuple[int, int]]) -> set[int]:
    """Who can be reached over directed ties."""
    ahead: dict[int, list[int]] = {}
    for one, other in ties:
        ahead.setdefault(one, []).append(other)
    known, waiting = set(start), list(start)
    while waiting:
        for other in ahead.get(waiting.pop(), ()):
            if other not in known:
                known.add(other)
                waiting.append(other)
    return known


# -- A7: one more teller, one more chance ------------------------------------------------------------------------------------------------


def monotone(effort: Effort) -> list[Check]:
    """A7."""
    graphs = 5 if effort.quick else 150
    shrunk = raised = grew = 0
    for first in effort.seeds:
        for seed in repeated(first, graphs):
            dice = np.random.default_rng(seed)
            tellers = dice.permutation(60)[:6].tolist()
            few, more, extra = tellers[:2], tellers[:5], tellers[5]
            one, two, three, four = (known(seed, who, 0.25) for who in (few, more, [*few, extra], [*more, extra]))
            shrunk += lost(one, two) + lost(one, three) + lost(two, four)
            raised += lost(two, known(seed, more, 0.4))
            grew += int(((four.sum(axis=1) - two.sum(axis=1)) > (three.sum(axis=1) - one.sum(axis=1))).sum())
    return [
        Check("cascades that lose somebody when a teller is added", 0.0, shrunk, 0.0, 0.0, 0.0),
        Check("cascades that lose somebody when every tie gets likelier", 0.0, raised, 0.0, 0.0, 0.0),
        Check("cascades where one more teller adds more to many than to few", 0.0, grew, 0.0, 0.0, 0.0),
    ]


def known(seed: int, tellers: list[int], probability: float, copies: int = 20) -> NDArray[np.bool_]:
    """bool [messages, consumers]: who knows what, messages in the order of their keys, which do not depend on the tellers."""
    settings = {"population.size": 60, "network.degree": 4.0, "word_of_mouth.visibility": probability, "record.tellings": True}
    run = spread("cascade", seed, settings | {"events": [told_by(tellers, copies)]})
    table = np.zeros((copies, 60), np.bool_)
    table[:, tellers] = True
    table[run.tellings["message"].to_numpy(np.int64), run.tellings["hearer"].to_numpy(np.int64)] = True
    return table


def lost(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> int:
    """Messages that somebody knew before and does not know after."""
    return int((before & ~after).any(axis=1).sum())


# -- A10: the shape of trees -------------------------------------------------------------------------------------------------------------


def virality(effort: Effort) -> list[Check]:
    """A10."""
    n = 12
    shapes: dict[str, tuple[list[tuple[int, int]], float]] = {
        f"star of {n}": ([(0, leaf) for leaf in range(1, n)], 2.0 - 2.0 / n),
        f"line of {n}": ([(k, k + 1) for k in range(n - 1)], (n + 1) / 3.0),
        "balanced binary tree of depth 3": ([((k - 1) // 2, k) for k in range(1, 15)], 3.504762),
    }
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (ties, expected) in shapes.items():
            settings = on_file(Path(folder), ties) | {"word_of_mouth.visibility": 1.0, "events": [told_by([0])]}
            found = [float(spread("cascade", seed, settings).messages["virality"].iloc[0]) for seed in effort.seeds]
            checks.append(each_seed(f"{name}: structural virality", expected, [(value, 0.0) for value in found], 1e-6))
    far = max(apart_from_pairs(seed, 50 if effort.quick else 300) for seed in effort.seeds)
    return [*checks, Check("random cascades: most that it differs from the mean over all pairs", 0.0, far, 0.0, 0.0, 1e-6)]


def apart_from_pairs(seed: int, cascades: int) -> float:
    """The largest relative difference between virality and the mean distance over all pairs of a tree, counted one by one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import shortest_path

    settings = {"population.size": 500, "word_of_mouth.visibility": 0.28, "record.tellings": True, "events": [told_by(1)] * cascades}
    run = spread("cascade", seed, settings)
    worst = 0.0
    for number, value in zip(run.messages["message"], run.messages["virality"], strict=True):
        told = run.tellings[run.tellings["message"] == number]
        if len(told) == 0:
            continue
        people, at = np.unique(np.concatenate([told["teller"], told["hearer"]]), return_inverse=True)
        n = len(people)
        one, other = at[: len(told)], at[len(told) :]
        steps = shortest_path(coo_array((np.ones(len(told)), (one, other)), shape=(n, n)).tocsr(), directed=False, unweighted=True)
        mean = steps.sum() / (n * (n - 1.0))
        worst = max(worst, abs(float(value) - mean) / mean)
    return worst


TARGETS = (
    Target(
        "A6",
        "Mean spreads on small graphs are those of the enumerated live ties; each run reaches what is reachable over open ties",
        "Kempe, Kleinberg and Tardos 2003, doi:10.1145/956750.956769",
        "canonical/cascade on seven small graphs, 100,000 independent messages each (quick: 4,000); identity on 300 random graphs of 40 "
        "for each seed (quick: 20)",
        "4 standard errors; the identity exactly",
        exact_spreads,
    ),
    Target(
        "A7",
        "One more teller or likelier ties never lose a hearer, and add less to many than to few",
        "Kempe, Kleinberg and Tardos 2003 (monotone and submodular), doi:10.1145/956750.956769",
        "canonical/cascade with the same luck of every tie: 150 random graphs of 60 for each seed (quick: 5), 20 messages, 2 to 6 tellers",
        "none at all",
        monotone,
    ),
    Target(
        "A10",
        "Structural virality is the mean distance in the tree",
        "Goel, Anderson, Hofman and Watts 2016, doi:10.1287/mnsc.2015.2158",
        "canonical/cascade with certain ties on trees from a file; random cascades against all pairs counted one by one",
        "1e-6 (kept in single precision)",
        virality,
    ),
)
