"""A market of two brands in which people talk, and what tests of word of mouth ask of it.

Every parameter that matters is written out, so that a change of defaults changes no law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from simulator import RunResult, Scenario, load_scenario, simulate
from simulator.world.graph import SocialGraph, make_graph

SEEDS = (1, 2, 3)
"""Luck for paired runs: the same seed has the same consumers, ties and dice whatever the scenario says."""

TALK = (
    "messages_positive", "messages_negative", "tellings_positive", "tellings_negative", "repeats", "talks_offline", "talks_online",
    "mentions_positive", "mentions_negative", "net_sentiment", "reproduction_number", "bad_buzz", "reach", "reach_earned",
    "earned_share", "largest_negative_cascade", "advocates", "loyal",
)  # fmt: skip
"""Columns of the daily table that say how much was talked (advocates are the loyal who talked), not what came of it."""

TABLES = ("daily", "spending", "messages", "tellings", "adoptions")

POSITION = {"awareness": 0.6, "penetration": 0.3, "loyalty": 0.4, "reputation": 0.55}

MARKET: dict[str, Any] = {
    "title": "Two brands that people talk about",
    "run": {"days": 60},
    "population": {
        "size": 1000, "represents": 100_000, "purchase_rate": 0.1, "engagement": 0.4, "scepticism": 0.3, "ad_tolerance": 0.5,
        "trait_spread": 0.2, "needs_spread": 0.7, "needs_within": 0.5, "media_shape": 1.0, "voice_shape": 2.0,
    },
    "network": {
        "kind": "communities", "community_size": 50, "strong": 8.0, "rewired": 0.1, "weak": 6.0, "homophily": 0.5, "follow": 4.0,
        "follow_audience": 2.1, "largest_audience": 0.05,
    },
    "market": {"kind": "repeat", "price": 10.0},
    "brands": [
        {"name": "Aurora", "quality": 0.7, "promise": 0.7, "position": [0.2, 0.0], "start": POSITION},
        {"name": "Borealis", "quality": 0.7, "promise": 0.7, "position": [-0.2, 0.0], "start": POSITION},
    ],
    "advertising": {
        "attention": 4.0, "wear_out": 0.5, "gain": 0.02, "expectation_weight": 0.1, "reactance": 0.05, "tolerance_point": 0.5,
        "block_hazard": 0.0005, "block_scale": 1.0,
        "channels": {"tv": {"cpm": 8.0, "intrusiveness": 0.05, "credibility": 0.6, "recall": 0.1}},
    },
    "purchase": {
        "taste_width": 1.0, "trust_weight": 3.0, "expectation_weight": 1.0, "fit_weight": 2.0, "loyalty_weight": 2.0, "price_weight": 1.0,
        "proof_weight": 1.0, "irritation_weight": 0.3, "outside": 3.0, "search": 0.0,
    },
    "experience": {
        "eta": 0.15, "negativity": 2.0, "zone": 0.1, "expectation_rate": 0.3, "noise": 0.1, "fit_exponent": 0.3, "smoothing": 0.8,
        "use": 0.5,
    },
    "word_of_mouth": {
        "base_rate": 0.1, "a_plus": 0.4, "a_minus": 0.6, "standing": 0.12, "hearsay": 0.01, "annoyance": 0.02, "refutation": 0.5,
        "valence_base": 2.2,
        "valence_trust": 4.0, "valence_satisfaction": 2.0, "online": 0.08, "hot": 0.8, "visibility": 0.15, "share": 0.12,
        "negative_share": 1.7, "interest_half_life": 1.5, "attention_days": 3, "talking_days": "fixed", "author_boost": 4.0,
        "agreement": 0.5, "strength": 0.15, "negativity": 2.0, "recall": 0.1, "carry": 0.5, "defence": 0.5,
        "credibility": {"strong": 0.84, "weak": 0.68, "follow": 0.42}, "strong_preference": 4.0,
    },
    "conversation": {
        "patience": 7, "delay": 1, "gain": 0.1, "learning": 0.2, "recovery": 0.5, "recovery_level": 0.2, "complain": 0.2,
        "unanswered": 0.1, "cost_per_conversation": 4.0, "listening_cost": 0.0, "insight_rate": 20.0, "hater_below": 0.15,
    },
    "reputation": {"build": 0.02, "loss": 0.06},
    "roles": {
        "journalist_credibility": 0.67, "journalist_arousal": 0.4, "prescriber_weight": 5.0, "defends": 0.5, "defence_arousal": 0.3,
    },
    "crises": {
        "fading": 3.0, "late_after": 7, "exposure": 0.1, "known_after": 1, "statement_cost": 500.0, "compensation_cost": 5000.0,
        "repair_cost": 2000.0, "repair_days": 14,
    },
    "forgetting": {"awareness": 68.0, "irritation": 7.0, "knowledge": 180.0, "satisfaction": 14.0, "trust": 120.0, "insight": 60.0},
}  # fmt: skip

SILENCE = {f"word_of_mouth.{rate}": 0.0 for rate in ("base_rate", "a_plus", "a_minus", "standing", "hearsay", "annoyance", "refutation")}
"""Nobody starts a message of her own."""

NO_NAME = {"reputation.build": 0.0, "reputation.loss": 0.0}
"""What is said in public moves those who hear it, and no reputation."""

POST = {"word_of_mouth.online": 1.0, "word_of_mouth.share": 0.0, "word_of_mouth.author_boost": 0.0}
"""What is said is said to everybody at once, on one day, and passed on by nobody."""


def market(*changes: Mapping[str, Any]) -> Scenario:
    """The market with changes, each {dotted key: value}; `events` replaces the list."""
    settings = {key: value for change in changes for key, value in change.items()}
    table = MARKET | {key: settings.pop(key) for key in ("events", "brands", "network") if key in settings}
    return load_scenario(table, settings)


def run(*changes: Mapping[str, Any], seed: int = 1, without: Iterable[str] = (), until: int | None = None) -> RunResult:
    """The market with changes, simulated."""
    return simulate(market(*changes), seed, without=tuple(without), until=until)


def paired(one: Mapping[str, Any], other: Mapping[str, Any], seeds: Iterable[int] = SEEDS) -> list[tuple[RunResult, RunResult]]:
    """Both markets once for each seed: the same luck, one thing changed."""
    return [(run(one, seed=seed), run(other, seed=seed)) for seed in seeds]


@cache
def social_graph(seed: int = 1) -> SocialGraph:
    """The ties of the market."""
    scenario = market()
    return make_graph(scenario.network, scenario.population.size, seed, scenario.folder)


def of(result: RunResult, column: str, brand: str = "Aurora") -> np.ndarray:
    """A column of the daily table for one brand, in order of days."""
    daily = result.daily
    return daily.loc[daily["brand"] == brand, column].to_numpy()


def total(result: RunResult, column: str, brand: str = "Aurora") -> float:
    """Sum of a column of the daily table for one brand."""
    return float(of(result, column, brand).sum())


def last(result: RunResult, column: str, brand: str = "Aurora") -> float:
    """A column of the daily table for one brand, on the last day."""
    return float(of(result, column, brand)[-1])


def state(result: RunResult, column: str, brand: str = "Aurora") -> np.ndarray:
    """What consumers think of a brand at the end of a run: a column of the state, one value a consumer."""
    values: np.ndarray = result.checkpoint.arrays[f"market/state/{column}"][:, result.brands.index(brand)]
    return values


def equal_columns(one: RunResult, other: RunResult, apart_from: Iterable[str] = ()) -> None:
    """The daily tables are equal to the bit, some columns left aside."""
    left_out = list(apart_from)
    pd.testing.assert_frame_equal(one.daily.drop(columns=left_out), other.daily.drop(columns=left_out), check_exact=True)


def assert_same(one: RunResult, other: RunResult) -> None:
    """Every table is equal to the bit."""
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True, obj=name)
