"""Exact theory of media: who is reached how often, and what builds up and fades (A12)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.experiments.validity.canonical import canonical
from simulator.experiments.validity.target import Check, Effort, Target
from simulator.experiments.validity.theory import each_seed
from simulator.model import WordOfMouthModel
from simulator.scenario.schema import Scenario

CPM = 10.0

HALF_LIFE = 7.0
"""Days after which half of an annoyance is left."""


def campaign(size: int, points: float, days: int, **more: Any) -> Scenario:
    """One brand that buys `points` impressions per 100 consumers every day on one channel that everybody uses alike."""
    return canonical("bass", {
        "population.size": size, "population.ad_tolerance": 0.0, "population.trait_spread": 0.0, "purchase.p": 0.0, "purchase.q": 0.0,
        "run.days": days, "advertising.attention": "off", "advertising.gain": 0.0, "advertising.block_hazard": "off",
        "advertising.channels.tv.cpm": CPM, "brands.Product.budget_per_day": points / 100.0 * size / 1000.0 * CPM,
        "brands.Product.strategy.kind": "interruption", "brands.Product.strategy.channels": {"tv": 1.0},
    } | more)  # fmt: skip


def one_day(size: int, points: float, seed: int) -> tuple[np.ndarray, float, float]:
    """Exposures of each consumer on one day, and the reach and frequency that the daily table tells."""
    model = WordOfMouthModel.build(campaign(size, points, 1), seed)
    model.step()
    exposures = model.market.contacts.delivered.sum(axis=1, dtype=np.int64)
    return exposures, model.recorder.latest("reach_paid", 0), model.recorder.latest("frequency", 0)


def media_arithmetic(effort: Effort) -> list[Check]:
    """A12."""
    size = 20_000 if effort.quick else 100_000
    checks = []
    for points in (50, 100, 200, 300):
        contacts = points / 100.0
        reach, often = -math.expm1(-contacts), 1.0 - math.exp(-contacts) * (1.0 + contacts + contacts**2 / 2.0)
        spread = math.sqrt(reach * (1.0 - reach) / size)
        drawn = [one_day(size, points, seed) for seed in effort.seeds]
        checks.append(each_seed(f"{points} GRP: reach", reach, [(row[1], spread) for row in drawn], 0.0))
        conditional = math.sqrt((contacts + contacts**2) / reach - (contacts / reach) ** 2)  # of exposures, given at least one
        met = [(row[2], conditional / math.sqrt(size * reach)) for row in drawn]
        checks.append(each_seed(f"{points} GRP: frequency", contacts / reach, met, 0.0))
        three = [(float(np.mean(row[0] >= 3)), math.sqrt(often * (1.0 - often) / size)) for row in drawn]
        checks.append(each_seed(f"{points} GRP: reached three times or more", often, three, 0.0))
    return checks + adstock(effort)


def adstock(effort: Effort) -> list[Check]:
    """Annoyance adds up by the day and fades with its half-life: A_t = x_t + lambda A_(t-1)."""
    size, on = 2000 if effort.quick else 10_000, 140
    steady, halved = [], []
    keep = math.exp(-math.log(2.0) / HALF_LIFE)
    annoys = campaign(size, 20.0, on + 8).advertising.channels["tv"].intrusiveness
    scenario = campaign(
        size, 20.0, on + 8, **{
            "forgetting.irritation": HALF_LIFE, "brands.Product.strategy.flighting": "pulsed", "brands.Product.strategy.on_days": on,
            "brands.Product.strategy.off_days": 400,
        },
    )  # fmt: skip
    for seed in effort.seeds:
        model = WordOfMouthModel.build(scenario, seed)
        for _ in range(on):
            model.step()
        before = model.market.state.irritation[:, 0].astype(np.float64) / keep  # the day ends with a night's fading
        steady.append((float(before.mean()), float(before.std(ddof=1) / math.sqrt(size))))
        for _ in range(int(HALF_LIFE)):
            model.step()
        halved.append((float(model.market.state.irritation[:, 0].sum(dtype=np.float64) / (before * keep).sum()), 0.0))
    expected = 0.2 * annoys / (1.0 - keep)
    return [
        each_seed("steady annoyance by 20 GRP a day, x / (1 - lambda)", expected, steady, 0.0),
        each_seed("what is left of it after one half-life of silence", 0.5, halved, 1e-5),
    ]


TARGETS = (
    Target(
        "A12",
        "Reach, frequency and carry-over follow media arithmetic",
        "Poisson reach 1 - exp(-GRP/100), frequency GRP/(100 reach); geometric adstock A_t = x_t + lambda A_(t-1)",
        "a brand in canonical/bass that buys so many GRP on one channel, everybody with the same media weight: 100,000 consumers (quick: "
        "20,000); "
        "20 GRP a day for 140 days, then silence: 10,000 consumers (quick: 2,000)",
        "4 standard errors (binomial); the half-life to 1e-5",
        media_arithmetic,
    ),
)
