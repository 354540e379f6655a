"""Where a story begins to catch fire: at the share where one early hearer tells one more, on the default graph and on real ones.

One consumer drawn by chance tells a scandal (severity .8) in a market with nothing else to talk of; interest does not fade, so
that the reproduction number is the same from generation to generation. Graphs: the default one, friendships (ego-Facebook:
McAuley and Leskovec 2012), mutual followers (Deezer Europe: Rozemberczki and Sarkar 2020).
`python -m pytest -s -m long tests/data_trials/test_ignition_regimes.py` prints the tables of docs/validity.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Scenario, load_scenario
from simulator.experiments.ignition import Regimes, ignition, reproduction, sweep_ignition
from tests.data_trials.real import DATA, needs_data

SHARES = {
    "default": (0.03, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.14),
    "ego_facebook": (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1),
    "deezer_europe": (0.03, 0.05, 0.07, 0.09, 0.1, 0.12, 0.16),
}

CLOSE = 1.5
"""Fires begin (one run in ten) at a share within this factor of where the reproduction number of generations 1-3 crosses 1. Set
after pilot runs on these graphs with other seeds, so it is a record of what was found and no test of a forecast; with other
generations the crossing lies elsewhere, on ego_facebook by more than this factor (docs/validity.md)."""


def story(graph: str, **changes: Any) -> Scenario:
    """One story in a silent market."""
    network = {} if graph == "default" else {"network": {"kind": "file", "path": str(DATA / "graphs" / f"{graph}.csv.gz")}}
    silent = dict.fromkeys(("base_rate", "a_plus", "a_minus", "standing", "hearsay", "annoyance", "refutation"), "off")
    return load_scenario({
        "run": {"days": 80}, "brands": [{"name": "Aurora"}], "word_of_mouth": silent | {"interest_half_life": "off"},
        "events": [{"day": 0, "brand": "Aurora", "kind": "scandal", "severity": 0.8, "tellers": 1}], **network,
    }).override(changes)  # fmt: skip


def begins(table: pd.DataFrame, chance: float = 0.1) -> float:
    """The share at which one run in ten ignites, on a straight line between neighbours."""
    return float(np.interp(chance, np.maximum.accumulate(table["probability"]), table["value"]))


def told(graph: str, found: Regimes) -> None:
    """Print what was found."""
    print(f"\n{graph}: R crosses 1 at share {found.crossing():.4f}; one run in ten ignites at {begins(found.summary):.4f}")
    print(found.summary.round(3).to_string(index=False))
    for value, runs in zip(found.values, found.outbreaks, strict=True):
        rows = reproduction(runs).head(8)
        print(f"  {value:<6} by generation:", "  ".join(f"{number:.2f}" for number in rows["reproduction_number"]))


@needs_data
@pytest.mark.long
@pytest.mark.parametrize("graph", SHARES)
def test_stories_ignite_where_one_hearer_tells_one_more(graph: str) -> None:
    found = sweep_ignition(story(graph), "word_of_mouth.share", SHARES[graph], replicates=60, seed=2000)
    told(graph, found)
    table = found.summary
    below, above = table[table["reproduction_number"] < 0.7], table[table["reproduction_number"] > 1.4]
    assert len(below) and len(above)
    assert (below["probability"] <= 0.02).all()  # one of 60
    assert (above["low"] > 0.1).all()
    assert (np.diff(table["reproduction_number"]) > 0).all()
    assert found.crossing() / CLOSE < begins(table) < found.crossing() * CLOSE

    at_one = ignition(sweep_ignition(story(graph), "word_of_mouth.share", [found.crossing()], replicates=100, seed=4000).outbreaks[0])
    chance = f"{at_one.probability.share:.2f} ({at_one.probability.low:.2f} to {at_one.probability.high:.2f})"
    number = f"{at_one.reproduction_number:.2f} +- {at_one.reproduction_se:.2f}"
    print(f"  at the crossing, other runs: R {number}, P(ignite) {chance}, size {at_one.size:.3f}")
    assert abs(at_one.reproduction_number - 1.0) < 4 * at_one.reproduction_se + 0.1  # both are estimates
    assert at_one.probability.low < 0.2  # it rises from 0 there, it does not jump


@needs_data
@pytest.mark.long
@pytest.mark.parametrize("graph", SHARES)
def test_a_fading_story_of_large_audiences(graph: str) -> None:
    """As the default has it: interest halves in a day and a half and the five largest audiences tell. Figures, and one law."""
    changes = {
        "run.days": 30, "word_of_mouth.interest_half_life": 1.5,
        "events": [{"day": 0, "brand": "Aurora", "kind": "scandal", "severity": 0.8}],
    }  # fmt: skip
    found = sweep_ignition(story(graph, **changes), "word_of_mouth.share", (0.03, 0.06, 0.12, 0.2, 0.3, 0.5, 0.8), replicates=20)
    told(graph + ", fading", found)
    for runs in found.outbreaks:
        numbers = reproduction(runs)["reproduction_number"].to_numpy()
        assert numbers[3] < numbers[1]  # it runs out by itself
