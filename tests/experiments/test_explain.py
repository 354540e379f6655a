"""Trust attributed to causes: sums that close, and causes that can be switched off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.experiments.explain import COLUMNS, START, explained
from simulator.results.ledger import CAUSES
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

SMALL = {
    "population.size": 150, "run.days": 40, "word_of_mouth.annoyance": 0.1, "conversation.complain": 1.0,
    "conversation.cost_per_conversation": 0.05,
}  # fmt: skip
pytestmark = pytest.mark.compiled

NAMES = ("silent", "interruption", "mixed")


def three(settings: dict[str, Any]) -> list[Scenario]:
    return [load_scenario(f"scenarios/three_eras/{name}.toml", SMALL | settings) for name in NAMES]


@pytest.fixture(scope="module")
def causes() -> pd.DataFrame:
    return explained(three({}), NAMES, "Aurora", seed=3, replicates=2, workers=1)


def mean_trust(scenario: Scenario) -> float:
    """At the end, over two replicates, from the daily table."""
    tables = [simulate(scenario, seed).daily for seed in (3, 4)]
    return float(np.mean([table.loc[table["brand"] == "Aurora", "trust"].iloc[-1] for table in tables]))


def test_causes_sum_to_the_difference_of_mean_trust(causes: pd.DataFrame) -> None:
    ends = dict(zip(NAMES, map(mean_trust, three({})), strict=True))
    assert list(causes.columns) == list(COLUMNS)
    assert list(causes.groupby(["a", "b"], sort=False).groups) == [
        ("interruption", "silent"),
        ("mixed", "silent"),
        ("mixed", "interruption"),
    ]
    for (a, b), rows in causes.groupby(["a", "b"]):
        assert rows["amount_a"].sum() == pytest.approx(ends[str(a)], abs=1e-9)
        assert rows["amount_b"].sum() == pytest.approx(ends[str(b)], abs=1e-9)
        assert rows["difference"].sum() == pytest.approx(ends[str(a)] - ends[str(b)], abs=1e-9)
        assert abs(ends[str(a)] - ends[str(b)]) > 1e-4
    assert set(causes["n"]) == {2}


def test_every_cause_is_told_and_each_only_where_it_acts(causes: pd.DataFrame) -> None:
    assert set(causes["cause"]) <= {START, *CAUSES} - {"other"}
    both = causes[causes["a"] == "interruption"].set_index("cause")
    assert both.loc["ad", "amount_a"] > 0.0
    assert both.loc["ad", "amount_b"] == 0.0
    assert both.loc["annoyance", "amount_a"] < 0.0
    assert both.loc[START, "difference"] == 0.0
    assert {"answer", "took part"} & set(causes.loc[causes["a"] == "mixed", "cause"])


def test_the_sums_are_those_of_the_entries(causes: pd.DataFrame) -> None:
    scenario = three({"record.panel": 150})[2]
    ledgers = pd.concat([simulate(scenario, seed).ledger for seed in (3, 4)])
    trust = ledgers[(ledgers["quantity"] == "trust") & (ledgers["brand"] == "Aurora")]
    wanted = trust.groupby("cause")["amount"].sum() / 300
    found = (
        causes[(causes["a"] == "mixed") & (causes["b"] == "silent") & (causes["amount_a"] != 0.0)]
        .set_index("cause")["amount_a"]
        .drop(START)
    )
    pd.testing.assert_series_equal(found.sort_index(), wanted.sort_index(), check_names=False, rtol=0, atol=1e-12, check_index_type=False)


def test_what_is_off_explains_nothing() -> None:
    quiet = explained(three({"word_of_mouth.strength": "off", "forgetting.trust": "off"}), NAMES, "Aurora", 3, 1, 1)
    assert not {"praise heard", "blame heard", "reputation"} & set(quiet["cause"])


def test_scenarios_that_begin_elsewhere_differ_from_the_start() -> None:
    liked = load_scenario("scenarios/three_eras/silent.toml", SMALL | {"brands.Aurora.start.reputation": 0.75})
    causes = explained([three({})[0], liked], ("usual", "liked"), "Aurora", 3, 1, 1).set_index("cause")
    assert causes.loc[START, "difference"] == pytest.approx(0.1, abs=1e-6)


def test_a_scenario_does_not_differ_from_itself() -> None:
    same = explained([three({})[2]] * 2, ("one", "other"), "Aurora", 3, 1, 1)
    assert len(same) > 5
    assert (same["difference"] == 0.0).all()
