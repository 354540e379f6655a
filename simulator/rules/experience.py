"""Experience: promise meets reality, purchase by purchase (expectation-disconfirmation: Oliver 1980, JMR 17:460-469).

    P = quality fit^fit_exponent + service - failure + noise N(0,1), within 0..1           what is experienced
    D = P - expectation        S = sign(D) (|D| - zone)+ / (1 - zone)                      surprise
    trust        up by eta S of the room, down by negativity eta |S| of itself
    expectation  pulled to P by expectation_rate        awareness up by `use` of the room
    loyalty      = smoothing loyalty + (1 - smoothing) [bought], every brand, every occasion (Guadagni and Little 1983)

Bad surprise weighs `negativity` times good surprise (1: symmetric; direction: Slovic 1993). At eta 0 experience teaches
nothing, at zone near 1 nothing surprises, at expectation_rate 0 hopes never learn, at use 0 buyers forget like others.
A promise above what is delivered raises expectation, hence trial, and then disappoints: nobody codes that in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.chance import fold, normal_quantile, uniform
from simulator.engine.chunks import run_chunks
from simulator.engine.compiled import compiled
from simulator.engine.dose import aimed, dose, drawn, moved
from simulator.parameters import ASSUMPTION, Table, parameter
from simulator.rules.adoption import power
from simulator.world.market import Market
from simulator.world.state import OPTED_IN, TOUCH_PURCHASE

if TYPE_CHECKING:
    from simulator.rules.permission import Parameters as Permission


class Parameters(Table):
    """[experience]"""

    eta: float = parameter(
        0.15, unit="share", meaning="trust gained from one fully positive surprise; at 0 experience does not move trust",
        evidence=ASSUMPTION, plausible=(0.05, 0.3), off=0.0, ge=0, le=1,
    )  # fmt: skip
    negativity: float = parameter(
        2.0, unit="ratio", meaning="how much more a bad surprise moves trust; 1 is symmetric", evidence=ASSUMPTION,
        source="direction: Slovic 1993, Risk Analysis 13:675-682", plausible=(1.0, 4.0), off=1.0, ge=0,
    )  # fmt: skip
    zone: float = parameter(
        0.1, unit="quality", meaning="zone of tolerance: differences up to this do not surprise; at 0 every difference does",
        evidence=ASSUMPTION, plausible=(0.0, 0.3), off=0.0, ge=0, lt=1,
    )  # fmt: skip
    expectation_rate: float = parameter(
        0.3, unit="share", meaning="how far one experience pulls expectation to itself; at 0 hopes never learn", evidence=ASSUMPTION,
        plausible=(0.1, 0.6), off=0.0, ge=0, le=1,
    )  # fmt: skip
    noise: float = parameter(
        0.1, unit="quality", meaning="spread of experiences at equal quality; at 0 none", evidence=ASSUMPTION,
        plausible=(0.0, 0.2), off=0.0, ge=0, le=10,
    )  # fmt: skip
    fit_exponent: float = parameter(
        0.3, unit="", meaning="how much an ill-fitting offer is liked less in use; at 0 quality is for everybody", evidence=ASSUMPTION,
        plausible=(0.0, 1.0), off=0.0, ge=0, le=100,
    )  # fmt: skip
    smoothing: float = parameter(
        0.8, unit="share", meaning="of loyalty that survives a purchase of another brand; at 1 loyalty never changes", evidence=ASSUMPTION,
        source="order of magnitude: Guadagni and Little 1983", plausible=(0.6, 0.95), off=1.0, gt=0, le=1,
    )  # fmt: skip
    use: float = parameter(
        0.5, unit="share", meaning="awareness gained by buying and using; at 0 buyers forget like others", evidence=ASSUMPTION,
        plausible=(0.1, 0.9), off=0.0, ge=0, le=1,
    )  # fmt: skip


# -- formulas ------------------------------------------------------------------------------------------------------


@compiled
def experienced_level(quality: float, suits: float, service: float, noise: float) -> float:
    """P, 0..1; `suits` = fit^fit_exponent."""
    return min(1.0, max(0.0, quality * suits + service + noise))


@compiled
def surprise(experienced: float, expected: float, zone: float) -> float:
    """S, -1..1: disconfirmation beyond the zone of tolerance."""
    difference = experienced - expected
    beyond = max(0.0, abs(difference) - zone) / (1.0 - zone)
    return beyond if difference >= 0.0 else -beyond


@compiled
def loyalty_after(loyalty: float, bought: bool, smoothing: float) -> float:
    """Smoothed share of purchases after one more of them."""
    return smoothing * loyalty + (1.0 - smoothing) * (1.0 if bought else 0.0)


# -- kernel --------------------------------------------------------------------------------------------------------


@compiled
def live_with(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, brand_keys, experience_day, repeat, quality, service,
    consumer, brand, occasion, experienced, surprised, trust_lost,
    fit, awareness, trust, expectation, satisfaction, loyalty, knowledge, purchases, consent, touched, shown_next,
    eta, negativity, zone, expectation_rate, noise, fit_exponent, smoothing, use, learning,
):  # fmt: skip
    """What today's purchases of consumers start..stop do to them; fills the rows' experienced, surprised, trust_lost.

    service: float64 [B], service less the running failure.
    """
    brands = len(brand_keys)
    up_awareness, up_trust, down_trust = np.zeros(brands, np.int64), np.zeros(brands, np.int64), np.zeros(brands, np.int64)
    pull, pull_aimed = np.zeros(brands, np.int64), np.zeros(brands, np.int64)
    up_knowledge = np.zeros(brands, np.int64)
    used, learnt, taught = dose(use), dose(expectation_rate), dose(learning)
    row, last = np.searchsorted(consumer, start), np.searchsorted(consumer, stop)
    while row < last:
        i = consumer[row]
        first = row
        while row < last and consumer[row] == i:
            b = np.int64(brand[row])
            luck = 0.0
            if noise > 0.0:
                place = fold(fold(fold(experience_day, brand_keys[b]), keys[i]), occasion[row])
                luck = noise * normal_quantile(uniform(place))
            level = experienced_level(quality[b], power(np.float64(fit[i, b]), fit_exponent), service[b], luck)
            s = surprise(level, np.float64(expectation[i, b]), zone)
            experienced[row], surprised[row] = level, s
            up_awareness[b] += used
            pull[b] += learnt
            pull_aimed[b] += aimed(learnt, level)
            if s > 0.0:
                up_trust[b] += dose(eta * s)
            elif s < 0.0:
                down_trust[b] += dose(negativity * eta * (-s))
                trust_lost[row] = negativity * eta * (-s) * np.float64(trust[i, b])
            if consent[i, b] == OPTED_IN:
                up_knowledge[b] += taught
            satisfaction[i, b] = s
            purchases[i, b] += 1
            touched[i, b] |= TOUCH_PURCHASE
            shown_next[i] = -(b + 1) if s < 0.0 else b + 1
            if repeat:
                for c in range(brands):
                    loyalty[i, c] = loyalty_after(np.float64(loyalty[i, c]), c == b, smoothing)
            row += 1
        for at in range(first, row):
            b = brand[at]
            if up_awareness[b] == 0 and up_trust[b] == 0 and down_trust[b] == 0 and pull[b] == 0 and up_knowledge[b] == 0:
                continue  # done with an earlier purchase of the same brand
            awareness[i, b] = moved(np.float64(awareness[i, b]), up_awareness[b], 0)
            trust[i, b] = moved(np.float64(trust[i, b]), up_trust[b], down_trust[b])
            expectation[i, b] = drawn(np.float64(expectation[i, b]), pull[b], pull_aimed[b])
            knowledge[i, b] = moved(np.float64(knowledge[i, b]), up_knowledge[b], 0)
            up_awareness[b] = up_trust[b] = down_trust[b] = pull[b] = pull_aimed[b] = up_knowledge[b] = 0


# -- phase ---------------------------------------------------------------------------------------------------------


def experience(market: Market, experience: Parameters, permission: Permission) -> None:
    """Today's purchases are used (phase experience)."""
    rows = market.purchases
    if len(rows.consumer) == 0:
        return
    e, state, brands = experience, market.state, market.brands
    place, service = market.at("experience", market.day), brands.service - brands.failure

    def chunk(start: int, stop: int) -> None:
        live_with(
            start, stop, market.consumers.keys, market.keys, place, market.kind == "repeat", brands.quality, service,
            rows.consumer, rows.brand, rows.occasion, rows.experienced, rows.surprise, rows.trust_lost,
            market.fit, state.awareness, state.trust, state.expectation, state.satisfaction, state.loyalty, state.knowledge,
            state.purchases, state.consent, state.touched, market.shown_next,
            e.eta, e.negativity, e.zone, e.expectation_rate, e.noise, e.fit_exponent, e.smoothing, e.use, permission.learning,
        )  # fmt: skip

    run_chunks(chunk, market.n, market.threads)
