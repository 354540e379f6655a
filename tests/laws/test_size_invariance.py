"""The sample is not the market: results do not depend on how many consumers stand for it.

One market of four million people, simulated with 1,000 to 64,000 consumers. What is given in shares of the market (audiences) or in
its money (budgets, costs) stays the same; shares, the reproduction number of word of mouth and the probability that a
scandal becomes an episode must then agree. The tolerance is Monte Carlo error and nothing else:

    |mean_1 - mean_2| <= 4 sqrt(sd_1^2 / R_1 + sd_2^2 / R_2)        over R replicates of each size

A scandal is told by the one consumer whom 15% of the market follow: whether it catches is decided by one person's dice,
whatever the size. (Told by a random *share* of consumers it is luck in a small sample and certainty in a large one; only its
mean reach is the same, which is tested too. What comes in whole consumers, such as conversations paid for, can only agree
to within one of them.)

Everyday: 1,000 against 4,000. All sizes, with a table: python -m pytest -m long -s tests/laws/test_size_invariance.py
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import RunResult
from tests.mechanisms.markets_b import SILENCE, run

pytestmark = pytest.mark.compiled

PEOPLE = 4_000_000
STANDARD_ERRORS = 4.0

POSITION = {"awareness": 0.4, "penetration": 0.15, "loyalty": 0.4, "reputation": 0.55}
TV = {"tv": 1.0}
BRANDS = [
    {"name": "Aurora", "strategy": {"kind": "permission", "recruit_channels": TV}, "start": POSITION | {"opt_in": 0.05}},
    {"name": "Borealis", "strategy": {"kind": "interaction", "ads_channels": TV, "fix": 0.05, "integrate": 0.05, "platform": True}},
    {"name": "Corona", "strategy": {"kind": "interruption", "channels": TV}},
]
NAMES = tuple(brand["name"] for brand in BRANDS)
PLACES = ([0.0, 0.0], [0.6, 0.0], [-0.3, 0.5])
MARKET = {
    "brands": [
        {"position": place, "budget_per_day": 3200.0, "start": POSITION} | brand for place, brand in zip(PLACES, BRANDS, strict=True)
    ],
    "network": {
        "kind": "communities", "community_size": 25, "strong": 10.0, "rewired": 0.1, "weak": 6.0, "homophily": 0.7, "follow": 4.0,
        "follow_audience": 2.1, "largest_audience": 0.15,
    },
    "population.represents": PEOPLE, "population.purchase_rate": 0.05, "word_of_mouth.standing": 0.01,
}  # fmt: skip
"""Three brands, one strategy each; small communities, so that a thousand consumers hold enough of them; little everyday talk."""

SHARES = ("reach", "reach_paid", "reach_owned", "reach_earned", "aided_awareness", "trust_aware", "trust", "irritation", "penetration")


def scandals(days: int) -> list[dict[str, Any]]:
    """One a brand every ten days, told by the consumer with the largest audience."""
    common = {"kind": "scandal", "severity": 0.6, "tellers": {"highest_audience": 1}}
    return [common | {"day": day + 2 * number, "brand": name} for day in range(10, days - 5, 10) for number, name in enumerate(NAMES)]


def caught(result: RunResult) -> float:
    """Share of the scandals that became an episode within four days."""
    buzz = result.daily.pivot(index="day", columns="brand", values="bad_buzz")
    found = [
        not buzz.loc[event.day - 1, event.brand] and buzz.loc[event.day : event.day + 3, event.brand].any()
        for event in result.scenario.events
    ]
    return float(np.mean(found))


def figures(consumers: int, days: int, seed: int) -> dict[str, float]:
    """What one run says of the market."""
    result = run(MARKET, {"population.size": consumers, "run.days": days, "events": scandals(days)}, seed=seed)
    daily, messages = result.daily, result.messages
    end = daily[daily.day == days - 1].set_index("brand")
    row = {name: float(end[name].mean()) for name in SHARES}
    row |= {f"market share of {name}": float(end.share[name]) for name in NAMES}
    row |= {"on the list": float(end.list_size.sum() / PEOPLE), "earned_share": float(end.earned_share.mean())}
    row["reproduction number"] = float(messages.hearers.sum() / messages["size"].sum())
    row["largest cascade"] = float(end.largest_negative_cascade.mean())
    row["P(episode)"] = caught(result)
    return row


def means_and_errors(replicates: dict[int, int], days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mean and standard error of each figure; a column for each number of consumers."""
    runs = {size: pd.DataFrame([figures(size, days, seed) for seed in range(count)]) for size, count in replicates.items()}
    mean = pd.DataFrame({size: table.mean() for size, table in runs.items()})
    error = pd.DataFrame({size: table.std(ddof=1) / np.sqrt(len(table)) for size, table in runs.items()})
    return mean, error


def disagreements(mean: pd.DataFrame, error: pd.DataFrame) -> list[str]:
    """Figures in which two sizes differ by more than Monte Carlo error."""
    return [
        f"{name}: {mean[one][name]:.5f} of {one:,} consumers, {mean[other][name]:.5f} of {other:,}"
        for one, other in itertools.combinations(mean.columns, 2)
        for name in mean.index
        if abs(mean[one][name] - mean[other][name]) > STANDARD_ERRORS * np.hypot(error[one][name], error[other][name])
    ]


def staged_reach(consumers: int, seed: int) -> float:
    """Share of the market that hears of something told first by a random hundredth of it."""
    told = {"day": 0, "brand": "Aurora", "kind": "staged_messages", "consumers": {"share": 0.01}, "valence": 1, "arousal": 0.7}
    quiet = SILENCE | {"population.size": consumers, "run.days": 10, "events": [told]}
    return float(run(MARKET, quiet, seed=seed).messages.reach[0])


def test_a_thousand_consumers_and_four_thousand_say_the_same() -> None:
    mean, error = means_and_errors({1_000: 8, 4_000: 6}, days=30)
    assert mean.loc["P(episode)"].between(0.1, 0.9).all()  # else it could not but agree
    assert (mean.loc["reproduction number"] > 0.3).all()
    assert disagreements(mean, error) == []


def test_what_a_share_of_the_market_tells_reaches_the_same_share() -> None:
    small, large = (np.array([staged_reach(size, seed) for seed in range(10)]) for size in (1_000, 4_000))
    assert small.mean() > 0.02
    assert abs(small.mean() - large.mean()) <= STANDARD_ERRORS * np.sqrt((small.var(ddof=1) + large.var(ddof=1)) / 10)


@pytest.mark.long
def test_four_sixteen_and_sixty_four_thousand_consumers_say_the_same() -> None:
    mean, error = means_and_errors({4_000: 32, 16_000: 16, 64_000: 8}, days=50)
    print("\nmean\n", mean.to_string(float_format="%.5f"), "\nstandard error\n", error.to_string(float_format="%.5f"), sep="")
    assert disagreements(mean, error) == []


@pytest.mark.long
def test_what_a_share_of_the_market_tells_reaches_the_same_share_at_all_sizes() -> None:
    reach = {
        size: np.array([staged_reach(size, seed) for seed in range(count)]) for size, count in ((4_000, 32), (16_000, 16), (64_000, 8))
    }
    table = pd.DataFrame({size: {"reach": values.mean()} for size, values in reach.items()})
    error = pd.DataFrame({size: {"reach": values.std(ddof=1) / np.sqrt(len(values))} for size, values in reach.items()})
    print("\nmean\n", table.to_string(float_format="%.5f"), "\nstandard error\n", error.to_string(float_format="%.5f"), sep="")
    assert disagreements(table, error) == []
