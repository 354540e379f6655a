"""Neither era of marketing wins everywhere: a market for each of two, found by search, and what flips them.

With `-m long` the search itself is done again and the verdicts are those of many replicates.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import qmc

from simulator import Scenario, compare, load_scenario, simulate

pytestmark = [pytest.mark.compiled, pytest.mark.claims]

SCENARIOS = Path(__file__).parents[1] / "scenarios"
BRANDS = ("Aurora", "Borealis", "Corona")
WON = ("profit", "trust", "trust_aware")
ERAS = ("interruption", "interaction")


def budgets(money: float) -> dict[str, float]:
    """The same money a day for every brand."""
    return {f"brands.{brand}.budget_per_day": money for brand in BRANDS}


def played(example: str, changes: Mapping[str, Any] | None = None, size: int = 1000) -> list[Scenario]:
    """An example under interruption and under interaction."""
    folder = SCENARIOS / "examples" / example
    return [load_scenario(folder / f"{era}.toml").override({"population.size": size} | dict(changes or {})) for era in ERAS]


def won_by_interaction(example: str, changes: Mapping[str, Any] | None = None) -> dict[str, float]:
    """Mean paired difference, interaction minus interruption, of each KPI at the end of a few replicates."""
    runs = compare(played(example, changes), replicates=4, seed=31, workers=1, doubt="luck").runs
    runs = runs[(runs["day"] == runs["day"].max()) & (runs["brand"] == "Aurora")]
    means = runs.groupby("scenario")[list(WON)].mean()
    return {kpi: float(means.loc["interaction", kpi] - means.loc["interruption", kpi]) for kpi in WON}


def test_where_few_know_the_brand_and_all_put_up_with_ads_interruption_wins() -> None:
    assert all(difference < 0 for difference in won_by_interaction("interruption_wins").values())


def test_it_loses_there_once_consumers_mind_and_money_doubles() -> None:
    minding = budgets(640.0) | {"population.ad_tolerance": 0.28}
    assert all(difference > 0 for difference in won_by_interaction("interruption_wins", minding).values())


def test_where_consumers_mind_ads_and_hold_them_against_the_brand_interaction_wins() -> None:
    assert all(difference > 0 for difference in won_by_interaction("interaction_wins").values())


def test_its_profit_goes_once_they_put_up_with_ads() -> None:
    assert won_by_interaction("interaction_wins", {"population.ad_tolerance": 0.75})["profit"] < 0


@pytest.mark.long
@pytest.mark.parametrize(("example", "said"), [("interruption_wins", "worse"), ("interaction_wins", "better")])
def test_many_replicates_say_so_too(example: str, said: str) -> None:
    verdicts = compare(played(example, size=2000), replicates=24, seed=501, doubt="luck").verdicts
    verdicts = verdicts[(verdicts["day"] == verdicts["day"].max()) & (verdicts["a"] == "interaction")].set_index("kpi")
    assert {kpi: verdicts.loc[kpi, "verdict"] for kpi in WON} == dict.fromkeys(WON, said)


# -- the search: plausible markets, drawn alike, both strategies in each -----------------------------------------------

PEOPLE = 400_000
SPACE = {  # lowest, highest, and whether drawn evenly over their logarithms
    "budget per person": (0.0005, 0.02, True),
    "population.purchase_rate": (0.01, 0.2, True),
    "market.price": (5.0, 200.0, True),
    "brands.Aurora.start.awareness": (0.1, 0.7, False),
    "brands.Aurora.start.reputation": (0.4, 0.7, False),
    "brands.Aurora.quality": (0.55, 0.8, False),
    "population.ad_tolerance": (0.2, 0.8, False),
    "population.scepticism": (0.1, 0.6, False),
    "population.engagement": (0.1, 0.6, False),
    "advertising.reactance": (0.01, 0.2, True),
    "advertising.attention": (1.0, 16.0, True),
    "conversation.gain": (0.02, 0.3, True),
    "conversation.complain": (0.05, 0.5, False),
    "conversation.unanswered": (0.0, 0.3, False),
    "conversation.service_ceiling": (0.0, 0.2, False),
    "experience.noise": (0.0, 0.2, False),
    "purchase.trust_weight": (1.0, 6.0, False),
    "conversation.cost_per_conversation": (1.0, 12.0, True),
}
COSTS = {"conversation.listening_cost": 30.0, "conversation.fix_cost": 100.0, "co_creation.platform_cost": 50.0}


def drawn(point: np.ndarray) -> dict[str, Any]:
    """The market at a point of the unit cube [18]; customers are as rare as knowledge of the brand, unit costs 40% of the price."""
    market: dict[str, Any] = {}
    for (name, (low, high, logarithmic)), x in zip(SPACE.items(), point, strict=True):
        market[name] = float(low * (high / low) ** x if logarithmic else low + (high - low) * x)
    money = budgets(float(round(market.pop("budget per person") * PEOPLE)))
    costs = {f"brands.{brand}.unit_cost": 0.4 * market["market.price"] for brand in BRANDS}
    customers = {"brands.Aurora.start.penetration": 0.7 * market["brands.Aurora.start.awareness"]}
    return market | money | costs | customers | COSTS | {"population.represents": PEOPLE, "population.size": 1000}


@pytest.mark.long
def test_among_plausible_markets_each_wins_some() -> None:
    eras = [load_scenario(SCENARIOS / "three_eras" / f"{era}.toml") for era in ERAS]
    kpis = ["profit", "trust"]
    difference = np.array([
        np.subtract(*(simulate(era.override(drawn(point)), seed=1).kpis.loc["Aurora", kpis] for era in reversed(eras)))
        for point in qmc.LatinHypercube(len(SPACE), seed=7).random(96)
    ])  # fmt: skip
    interaction, interruption = ((sign * difference > 0).all(axis=1).mean() for sign in (1, -1))
    print(f"both to interaction {interaction:.0%}, both to interruption {interruption:.0%}, one each {1 - interaction - interruption:.0%}")
    assert interaction > 0.1 and interruption > 0.1
