"""What pairing saves: the runs that a comparison without it would need for the same interval."""

from __future__ import annotations

import pytest

from simulator.experiments.compare import compare
from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario

SMALL = {"population.size": 400, "run.days": 42}
KPIS = ("units", "trust_aware", "profit")


@pytest.mark.compiled
def test_pairing_needs_at_most_a_third_of_the_runs_where_the_true_difference_is_small() -> None:
    """(var a + var b) / var(a - b): how many times as many unpaired runs give an interval of the same width."""
    usual = load_scenario(bundled("three_eras/interruption"), SMALL)
    richer = usual.override({"brands.Aurora.budget_per_day": 3500.0})
    result = compare([usual, richer], 20, seed=41, workers=1, names=["usual", "richer"], doubt="luck")
    last = result.runs[(result.runs["day"] == 42) & (result.runs["brand"] == "Aurora")]
    for kpi in KPIS:
        wide = last.pivot(index="replicate", columns="scenario", values=kpi)
        saved = wide.var().sum() / (wide["richer"] - wide["usual"]).var()
        assert saved >= 3.0, (kpi, saved)
