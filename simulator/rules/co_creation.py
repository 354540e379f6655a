"""A platform where consumers propose and vote: it lives on participation, or dies of the want of it.

    P(contribute) = 1 - exp(-contribution engagement A^2 / (A^2 + half_activity^2))         A = activity of the platform
    A' = (1 - fading) A + contributions / n

A platform opens with `seed_activity`. Below a threshold of activity A fades away, above it feeds itself: two regimes
(the S-shaped response is an assumption; the text behind it: platforms succeed in proportion to participation). Where
contribution x mean engagement is under 2 fading half_activity, every platform dies: at the defaults below an engagement of .08.
Contributions wait for an answer like messages do; contributors feel ownership. At contribution 0 nobody comes.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.chance import fold, uniform
from simulator.engine.chunks import joined, run_chunks
from simulator.engine.compiled import compiled
from simulator.engine.dose import dose, moved
from simulator.parameters import ASSUMPTION, Table, parameter
from simulator.rules.conversation import IDEA, enqueue, paid_for
from simulator.world.market import Market
from simulator.world.state import I32


class Parameters(Table):
    """[co_creation]"""

    contribution: float = parameter(
        0.02, unit="1/day", meaning="ideas of a fully engaged consumer on a lively platform; at 0 nobody contributes",
        evidence=ASSUMPTION, plausible=(0.005, 0.1), off=0.0, ge=0,
    )  # fmt: skip
    half_activity: float = parameter(
        0.004,
        unit="contributions per consumer",
        meaning="activity at which half of them are drawn in",
        evidence=ASSUMPTION,
        plausible=(0.001, 0.01),
        gt=0,
    )
    seed_activity: float = parameter(
        0.003,
        unit="contributions per consumer",
        meaning="activity on the day the platform opens",
        evidence=ASSUMPTION,
        plausible=(0.0, 0.01),
        ge=0,
    )
    fading: float = parameter(
        0.2,
        unit="1/day",
        meaning="share of the activity forgotten each day; at 1 only today counts",
        evidence=ASSUMPTION,
        plausible=(0.05, 0.5),
        gt=0,
        le=1,
    )
    ownership: float = parameter(
        0.02, unit="share", meaning="of the room to trust that a contribution covers: it is partly mine", evidence=ASSUMPTION,
        plausible=(0.0, 0.1), off=0.0, ge=0, le=1,
    )  # fmt: skip
    platform_cost: float = parameter(
        50.0, unit="currency/day", meaning="of the platform", evidence=ASSUMPTION, plausible=(0.0, 1000.0), ge=0
    )


@compiled
def contribution_rate(contribution: float, engagement: float, activity: float, half_activity: float) -> float:
    """Contributions of a consumer per day."""
    return contribution * engagement * (activity * activity / (activity * activity + half_activity * half_activity))


@compiled
def contribution_probability(contribution: float, engagement: float, activity: float, half_activity: float) -> float:
    """Chance that a consumer contributes on one day."""
    return -math.expm1(-contribution_rate(contribution, engagement, activity, half_activity))


@compiled
def find_contributors(start, stop, b, at, keys, engagement, trust, activity, contribution, half_activity, ownership):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """int32: those of consumers start..stop who contribute; their trust grows."""
    found = np.empty(stop - start, np.int32)
    count = 0
    for i in range(start, stop):
        u, engaged = uniform(fold(at, keys[i])), float(engagement[i])
        if u >= contribution_rate(contribution, engaged, activity, half_activity):  # never below the probability
            continue
        if u < contribution_probability(contribution, engaged, activity, half_activity):
            found[count] = i
            count += 1
            trust[i, b] = moved(float(trust[i, b]), dose(ownership), 0)
    return found[:count].copy()


@compiled
def idea_keys(day, contributors, keys):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """uint64: the key of each contributor's idea."""
    words = np.empty(len(contributors), np.uint64)
    for row in range(len(contributors)):
        words[row] = fold(keys[contributors[row]], day)
    return words


def contribute(market: Market, co_creation: Parameters) -> None:
    """Consumers contribute to the platforms that run today (phase converse, after the conversations)."""
    c, brands = co_creation, market.brands
    for b, action in enumerate(market.actions):
        if not action.platform or not paid_for(market, b, "platform", c.platform_cost, action.platform_cents):
            continue
        activity = float(brands.activity[b]) or c.seed_activity
        who = _contributors(market, b, activity, c)
        key = idea_keys(market.day, who, market.consumers.keys)
        enqueue(market, np.full(len(who), b), np.full(len(who), IDEA), market.day, who, key, np.zeros(len(who)))
        brands.activity[b] = (1.0 - c.fading) * activity + len(who) / market.n
        market.count("contributions", b, len(who))


def _contributors(market: Market, b: int, activity: float, c: Parameters) -> I32:
    """Who contributes to the platform of brand b today."""
    at, consumers = market.at("contribute", market.day, market.key(b)), market.consumers
    if activity <= 0.0 or c.contribution == 0.0:
        return np.zeros(0, np.int32)

    def chunk(start: int, stop: int) -> I32:
        found: I32 = find_contributors(
            start, stop, b, at, consumers.keys, consumers.engagement, market.state.trust, activity,
            c.contribution, c.half_activity, c.ownership,
        )  # fmt: skip
        return found

    return joined(run_chunks(chunk, market.n, market.threads))
