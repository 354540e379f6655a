"""Two writings of one page: plain Python objects and compiled kernels give the same market, to the bit."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator import Scenario, WordOfMouthModel
from simulator.model import social_graph
from simulator.world.graph import SocialGraph
from simulator.world.state import ANSWERS, Action, AdBuy, MarketView
from tests.laws.comparison import assert_same_days
from tests.laws.markets import BUSY, scenario
from tests.reference import LAYERS, PlainDice, ReferenceModel

INF = math.inf
CHOICES: dict[str, dict[str, list[Any]]] = {
    "population": {
        "media_shape": [1.0, 0.5, INF], "voice_shape": [2.0, INF], "purchase_rate": [0.3, 1.5, 0.05], "trait_spread": [0.2, 0.0],
        "ad_tolerance": [0.5, 0.0, 1.0], "scepticism": [0.3, 0.9], "engagement": [0.3, 0.9], "represents": [5000, 300_000],
    },
    "advertising": {
        "attention": [4.0, 1.0, INF], "wear_out": [0.5, 0.0, 3.0], "gain": [0.02, 0.4, 0.0], "expectation_weight": [0.1, 0.9, 0.0],
        "reactance": [0.05, 1.0, 0.0], "tolerance_point": [0.5, 0.1], "block_hazard": [0.0005, 0.2, 0.0], "block_scale": [1.0, 0.3],
    },
    "permission": {
        "acceptance": [0.9, 0.3], "open_rate": [0.4, 1.0], "opt_out_per_send": [0.0025, 0.1, 0.0], "overmailing": [0.5, 0.0],
        "desire_spread": [0.3, 0.0, 1.0], "recontact_after": [60, 2], "max_invitations": [3, 1], "learning": [0.02, 0.5, 0.0],
    },
    "purchase": {
        "taste_width": [1.0, 0.4], "search": [0.0, 0.5, 1.0], "rating_prior": [10, 1], "outside": [3.0, 0.0],
        "proof_weight": [1.0, 4.0, 0.0],
        "reward_weight": [1.0, 0.0], "p": [0.01, 0.00008], "q": [0.2, 0.001], "fit_exponent": [1.0, 0.0, 0.5], "trust_exponent": [1.0, 0.0],
        "spontaneous": [False, True], "valence_matters": [False, True],
        "tie_weights": [{"strong": 1.0, "weak": 1.0, "follow": 0.0}, {"strong": 2.0, "weak": 0.3, "follow": 0.7}],
        "threshold": ["off", 2],
    },
    "experience": {
        "eta": [0.15, 0.5, 0.0], "negativity": [2.0, 1.0], "zone": [0.1, 0.0], "expectation_rate": [0.3, 0.0], "noise": [0.1, 0.4, 0.0],
        "fit_exponent": [0.3, 0.0, 1.0], "smoothing": [0.8, 0.3], "use": [0.5, 0.0],
    },
    "word_of_mouth": {
        "base_rate": [0.1, 1.0, 0.0], "standing": [0.12, 0.8, 0.0], "hearsay": [0.01, 0.3], "annoyance": [0.02, 1.0], "online": [0.08, 0.6],
        "hot": [0.8, 0.0], "visibility": [0.15, 1.0, 0.5], "share": [0.12, 0.6], "negative_share": [1.7, 1.0],
        "interest_half_life": [1.5, INF], "attention_days": [3, 1, 5], "talking_days": ["fixed", "geometric"], "author_boost": [4.0, 1.0],
        "agreement": [0.5, 0.0], "strength": [0.15, 0.5], "recall": [0.1, 0.0, 0.6], "carry": [0.5, 0.0, 1.0], "defence": [0.5, 0.0, 1.0],
        "strong_preference": [4.0, 1.0, 0.3], "refutation": [0.5, 3.0, 0.0],
    },
    "conversation": {
        "patience": [7, 1], "delay": [1, 0, 3], "gain": [0.1, 0.5], "learning": [0.2, 0.0], "recovery": [0.5, 1.0, 0.0],
        "complain": [0.2, 1.0], "unanswered": [0.1, 0.0], "cost_per_conversation": [4.0, 0.05], "insight_rate": [20.0, 0.5, 0.0],
        "hater_below": [0.15, 0.45, 0.0],
    },
    "reputation": {"build": [0.02, 1.0, 0.0], "loss": [0.06, 2.0, 0.0]},
    "roles": {
        "journalist_credibility": [0.67, 1.0, 0.0], "journalist_arousal": [0.4, 0.0, 1.0], "prescriber_weight": [5.0, 0.3, 1.0],
        "defends": [0.5, 1.0, 0.0], "defence_arousal": [0.3, 1.0],
    },
    "crises": {
        "fading": [3.0, 0.5, INF], "late_after": [1, 7, 0], "exposure": [0.4, 1.0, 0.0], "known_after": [1, 0, 3], "repair_days": [2, 14],
        "statement_cost": [3.0, 0.0, 300.0], "compensation_cost": [20.0, 900.0], "repair_cost": [10.0, 0.0, 400.0],
        "matrix": [
            {},
            {answer: {"victim": 0.2, "accidental": 1.7, "preventable": 0.0} for answer in ("denial", "apology", "compensation_late")},
            {answer: {"victim": 3.0, "preventable": 2.5} for answer in ("explanation", "empathy", "denial_exposed", "compensation")},
        ],
    },
    "co_creation": {"contribution": [0.5, 3.0], "half_activity": [0.02, 0.3], "ownership": [0.02, 0.0], "platform_cost": [50.0, 1.0]},
    "forgetting": {
        "awareness": [68.0, 5.0, INF], "irritation": [7.0, INF], "knowledge": [180.0, INF], "satisfaction": [14.0, INF],
        "trust": [120.0, 10.0, INF], "insight": [60.0, INF],
    },
}  # fmt: skip
"""For each parameter a few values: the default, extremes, off. The first is taken most often."""

NETWORKS: list[dict[str, Any]] = [
    {"kind": "communities", "community_size": 10, "strong": 4.0, "weak": 3.0, "follow": 3.0, "largest_audience": 0.5},
    {"kind": "complete"},
    {"kind": "complete", "layer": "weak"},
    {"kind": "complete", "layer": "follow"},
    {"kind": "random", "degree": 3.0},
    {"kind": "ring", "degree": 4.0, "layer": "weak"},
]

MIXES: list[dict[str, float]] = [{"tv": 1.0}, {"popup": 0.5, "video_preroll": 0.3, "display_banner": 0.2}, {"search": 0.4, "popup": 0.6}]


@st.composite
def strategies(draw: st.DrawFn) -> dict[str, Any]:
    """[brands.strategy]: any kind with any levers."""
    interruption = {
        "channels": draw(st.sampled_from(MIXES)), "promise": draw(st.sampled_from([0.9, 0.2])),
        "flighting": draw(st.sampled_from(["continuous", "pulsed", "burst"])), "on_days": 3, "off_days": 2, "burst_days": 4,
        "segments": draw(st.sampled_from([[], ["few"]])),
    }  # fmt: skip
    permission = {
        "newsletters_per_week": draw(st.sampled_from([1.0, 4.0, 7.0])), "reward": draw(st.sampled_from([0.0, 1.0])),
        "respect_refusal": draw(st.booleans()), "only_wanted": draw(st.sampled_from([0.0, 0.5])),
        "recruit_share": draw(st.sampled_from([0.5, 0.1])),
    }  # fmt: skip
    interaction = {
        "listening": draw(st.sampled_from([0.5, 1.0, 0.0])), "effort": draw(st.sampled_from([0.8, 0.2])),
        "fix": draw(st.sampled_from([0.0, 0.3])), "integrate": draw(st.sampled_from([0.0, 0.5])), "platform": draw(st.booleans()),
        "open_days_per_week": draw(st.sampled_from([7, 3])), "response": draw(st.sampled_from(ANSWERS)),
        "response_delay": draw(st.sampled_from([0, 2])),
    }  # fmt: skip
    kind = draw(st.sampled_from(["mixed", "interruption", "permission", "interaction", "silent"]))
    if kind == "mixed":
        if interruption["segments"]:
            interruption["channels"] = {"tv": 1.0}
        shares = {"interruption": 0.2, "permission": 0.4, "interaction": 0.4}
        phases = [
            {"from_day": 6, "shares": {"interruption": 0.5, "permission": 0.1, "interaction": 0.4}},
            {"from_day": 9, "shares": {"interaction": 0.5, "silent": 0.5}, "interaction": interaction | {"listening": 0.9}},
        ]
        parts = {"interruption": interruption, "permission": permission, "interaction": interaction}
        return {"kind": kind, "shares": shares, "phases": phases} | parts
    levers = {"interruption": interruption, "permission": permission, "interaction": interaction, "silent": {}}
    if kind == "interaction":
        interaction["invite"] = draw(st.booleans())
    return {"kind": kind} | levers[kind]


@st.composite
def brand_tables(draw: st.DrawFn, name: str, valued: bool) -> dict[str, Any]:
    """[[brands]]: where it stands, what it has, what it does."""
    number = st.sampled_from
    few = draw(number([0.0, 0.25]))
    return {
        "name": name, "quality": draw(number([0.7, 0.3])), "promise": draw(number([0.7, 0.95])), "price": draw(number([10.0, 7.5])),
        "position": [draw(number([0.0, 0.5])), draw(number([0.0, -0.4]))], "budget_per_day": draw(number([60.0, 5.0, 1000.0, 0.0])),
        "conduct": draw(number([[], [1.0, 0.0, -0.3], [0.0, 0.0, 0.0]])) if valued else [],
        "start": {
            "awareness": draw(number([0.4, 0.0, 0.9])), "penetration": draw(number([0.25, 0.0, {"most": 0.2, "few": few}])),
            "loyalty": draw(number([0.5, 0.9])), "reputation": draw(number([0.5, 0.8, {"most": 0.3, "few": 0.6}])),
            "opt_in": draw(number([0.1, 0.5, 0.0])), "knowledge": draw(number([0.0, 0.5])),
        },
        "strategy": draw(strategies()),
    }  # fmt: skip


@st.composite
def events(draw: st.DrawFn, names: list[str], days: int) -> list[dict[str, Any]]:
    """[[events]]: any number of each kind, on any day, for any brand; crises and what the brand says to them, before them too."""
    number = st.sampled_from
    tellers, cluster = number([{}, {"tellers": 2}, {"tellers": {"share": 0.2}}]), number(["preventable", "accidental", "victim"])
    whom = number([2, {"share": 0.3}, {"highest_audience": 3}, [0, 3]])

    def settings_of(kind: str) -> dict[str, Any]:
        match kind:
            case "scandal":
                blamed = {"cluster": draw(cluster), "damage": draw(number([0.3, 0.0]))}
                return {"severity": draw(number([0.9, 0.3]))} | blamed | draw(tellers)
            case "false_rumour":
                return {"severity": draw(number([0.9, 0.3]))} | draw(tellers)
            case "service_failure":
                return {"severity": draw(number([0.4, 0.0])), "days": draw(number([14, 2])), "cluster": draw(cluster)}
            case "stock_out":
                return {"days": draw(number([2, 7]))}
            case "launch" | "falls_silent":
                return {"consumers": draw(whom)}
            case "campaign":
                return {"money_per_day": draw(number([300.0, 0.0, 7.77])), "days": draw(number([3, 1])), "channels": draw(number(MIXES))}
        said = draw(number([{"valence": 1, "level": 0.8}, {"valence": -1}]))
        return {"consumers": draw(whom), "count": draw(number([1, 3])), "arousal": draw(number([0.5, 1.0]))} | said

    happened = []
    kinds = ["scandal", "false_rumour", "service_failure", "stock_out", "launch", "campaign", "staged_messages", "falls_silent"]
    for kind in draw(st.lists(number(kinds), max_size=6)):
        day, brand = draw(st.integers(0, days - 1)), draw(number(names))
        happened.append({"kind": kind, "day": day, "brand": brand} | settings_of(kind))
        if kind in ("scandal", "false_rumour", "service_failure"):
            for _ in range(draw(number([1, 0, 2]))):
                said = {"kind": "response", "brand": brand, "answer": draw(number(["denial", *ANSWERS]))}
                happened.append(said | {"day": min(days - 1, max(0, day + draw(number([1, 0, 4, -1]))))})
    return happened


@st.composite
def roles(draw: st.DrawFn, names: list[str]) -> list[dict[str, Any]]:
    """[[population.roles]]: some, or none."""
    whom = st.sampled_from([{"share": 0.3}, 2, {"highest_audience": 2}, [1, 4]])
    return [
        {"kind": kind, "consumers": draw(whom)} | ({"brand": draw(st.sampled_from(names))} if kind == "ambassador" else {})
        for kind in draw(st.lists(st.sampled_from(["journalist", "prescriber", "ambassador"]), max_size=4))
    ]


@st.composite
def small_markets(draw: st.DrawFn) -> dict[str, Any]:
    """A whole scenario."""
    names = draw(st.permutations(["Aurora", "Boreal", "Cirrus", "Dune"]))[: draw(st.integers(2, 4))]
    days = draw(st.integers(5, 25))
    tables = {
        table: {name: draw(st.sampled_from([values[0], *values])) for name, values in sorted(parameters.items())}
        for table, parameters in CHOICES.items()
    }
    valued = draw(st.booleans())
    values = [[1.0, 0.2, 0.0], [0.1, -0.5, 2.0]] if valued else [[], []]
    segments = [
        {"name": name, "share": share, "values": dear} for name, share, dear in zip(("most", "few"), (0.7, 0.3), values, strict=True)
    ]
    population = {"size": draw(st.integers(5, 60)), "segments": segments, "roles": draw(roles(names))}
    return tables | {
        "run": {"days": days, "warm_up": draw(st.sampled_from([0, 0, 3]))},
        "population": tables["population"] | population,
        "network": draw(st.sampled_from(NETWORKS)),
        "market": {"kind": draw(st.sampled_from(["repeat", "repeat", "durable"]))},
        "brands": [draw(brand_tables(name, valued)) for name in names],
        "events": draw(events(names, days)),
        "record": {"tellings": True},
    }


class Whim:
    """A strategy that pulls all levers at random, also in ways that no strategy of ours would."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def decide(self, view: MarketView) -> Action:
        """Anything that the purse can pay."""
        luck = random.Random(f"{self.seed} {view.brand} {view.day}")
        purses = [int(view.purse_cents * part / 13) for part in luck.choices([0.0, 0.3, 1.0], k=13)]
        lever = luck.choice
        targets = [("most",), ("few",), (), ("few", "most")]
        return Action(
            ads=tuple(AdBuy(lever(["tv", "popup", "search"]), cents, lever(targets)) for cents in purses[:5]),
            promise=lever([None, 0.1, 1.0]), invite=lever([True, False]), invite_cents=purses[5], respect_refusal=lever([True, False]),
            sends_per_week=lever([0.0, 1.0, 3.5, 7.0]), send_cents=purses[6], only_wanted=lever([0.0, 0.4]), reward=lever([0.0, 2.0]),
            reward_cents=purses[7], listening=lever([0.0, 0.7]), listening_cents=purses[8], conversation_cents=purses[9],
            effort=lever([0.0, 0.5, 1.0]), fix=lever([0.0, 0.2]), fix_cents=purses[10], integrate=lever([0.0, 0.3]),
            platform=lever([True, False]), platform_cents=purses[11], response=lever(ANSWERS), response_cents=purses[12],
        )  # fmt: skip


def whimsical(market: Scenario, seed: int) -> Scenario:
    """The scenario with a whim for the first brand's strategy."""
    first, *others = market.brands
    return market.model_copy(update={"brands": (first.model_copy(update={"strategy": Whim(seed)}), *others)})


def weighted(graph: SocialGraph, seed: int) -> SocialGraph:
    """The graph with tie weights."""
    luck = np.random.default_rng(seed)
    layers = tuple(replace(layer, weight=luck.integers(1, 9, layer.ties).astype(np.int32)) for layer in graph.layers)
    return replace(graph, layers=layers)


def assert_equal(table: dict[str, Any], seed: int, *, weights: bool = False, shuffled: bool = False, whim: bool = False) -> None:
    """Run both and compare everything."""
    market = whimsical(scenario(table), seed) if whim else scenario(table)
    graph = social_graph(market, seed)
    order = np.random.default_rng(seed).permutation(graph.n) if shuffled else None
    kernels = WordOfMouthModel.build(market, seed, graph=weighted(graph, seed) if weights else graph, relabel=order)
    plain = ReferenceModel(market, kernels.market.graph, kernels.market.consumers, seed)
    assert_same_days(kernels, plain)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(small_markets(), st.integers(0, 2**64 - 1), st.booleans(), st.booleans(), st.booleans())
def test_the_reference_equals_the_kernels_to_the_bit(table: dict[str, Any], seed: int, weights: bool, shuffled: bool, whim: bool) -> None:
    assert_equal(table, seed, weights=weights, shuffled=shuffled, whim=whim)


THRESHOLDS: dict[str, Any] = {
    "at once": 0, "two": 2, "share": {"share": 0.3}, "list": [number % 4 for number in range(40)],
    "shares": [number / 40 for number in range(40)], "whole": {"uniform": [0, 4]}, "between": {"uniform": [0.0, 0.6]},
    "about two": {"normal": [2, 1.5]}, "about a third": {"normal": [0.3, 0.2]},
}  # fmt: skip


@pytest.mark.parametrize("threshold", THRESHOLDS.values(), ids=THRESHOLDS)
@pytest.mark.parametrize("q", [0.3, INF])
@pytest.mark.parametrize("network", NETWORKS[:3], ids=["communities", "complete", "complete weak"])
def test_the_reference_equals_the_kernels_with_thresholds(threshold: Any, q: float, network: dict[str, Any]) -> None:
    brands = [brand | {"start": {"awareness": 0.2, "penetration": 0.06}, "strategy": {"kind": "silent"}} for brand in BUSY["brands"]]
    table = BUSY | {
        "run": {"days": 8}, "market": {"kind": "durable"}, "network": network, "population": BUSY["population"] | {"size": 40},
        "purchase": {"q": q, "threshold": threshold}, "brands": brands,
        "events": [event for event in BUSY["events"] if event["day"] < 8],
    }  # fmt: skip
    assert_equal(table, 4, shuffled=True)


@pytest.mark.parametrize("kind", ["repeat", "durable"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_reference_equals_the_kernels_in_the_busy_market(kind: str, seed: int) -> None:
    assert_equal(BUSY | {"market": {"kind": kind}, "population": BUSY["population"] | {"size": 120}, "record": {"tellings": True}}, seed)


def test_the_reference_also_runs_on_plain_dice() -> None:
    """As benchmarks time it: one stream of random numbers instead of addresses."""
    market = scenario(BUSY | {"population": BUSY["population"] | {"size": 60}})
    world = WordOfMouthModel.build(market, 1).market
    plain = ReferenceModel(market, world.graph, world.consumers, 1, dice=PlainDice(1)).run()
    assert plain.day == market.run.days
    assert len(plain.tellings) > 0


def test_layers_have_the_same_names() -> None:
    from simulator.world.state import LAYERS as BUILT

    assert LAYERS == BUILT
