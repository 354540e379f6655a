"""Speaking: who starts a message on a day, why, and whether it praises or blames.

A consumer speaks after an experience (the dissatisfied more: Anderson 1998, J Serv Res 1:5-17), out of a standing
urge while she is a customer, from hearsay when she is not, or because advertising annoys her:

    rate_experience = voice (base_rate + a_plus S+ + a_minus S-)      rate_standing = voice standing loyalty
    rate_hearsay    = voice hearsay awareness                         rate_annoyance = voice annoyance (irritation - point)+

each with probability 1 - exp(-rate) a day. At rate 0 the origin does not exist.

Claims are opposable: where an experience P falls short of what the brand claims today, measured on her own taste,

    gap = promise fit^fit_exponent - P,  beyond = gap - zone > 0:     rate = rate_experience + voice refutation beyond

and what she then says refutes the claim: blame, as hot as the gap is wide. The claim is public, nobody needs to have seen the ad;
a product that suits her less than others is no lie. At refutation 0 nobody measures brands by their words.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.chance import fold, name_key, uniform
from simulator.engine.compiled import compiled
from simulator.rules.adoption import power
from simulator.world.state import ORIGINS

EXPERIENCE, STANDING, HEARSAY, ANNOYANCE, STAGED, SCANDAL, REFUTATION, FALSE_RUMOUR, DEFENCE = range(len(ORIGINS))

MESSAGE = np.uint64(name_key("message"))


@compiled
def speaking_probability(rate: float) -> float:
    """Chance to start a message on a day, at a rate per day."""
    return -math.expm1(-rate)


@compiled
def experience_rate(voice: float, surprise: float, base_rate: float, a_plus: float, a_minus: float) -> float:
    """Messages per experience: U-shaped in surprise, steeper on the bad side (Anderson 1998)."""
    return voice * (base_rate + a_plus * max(0.0, surprise) + a_minus * max(0.0, -surprise))


@compiled
def refutation_rate(  # fmt: skip
    voice: float, surprise: float, base_rate: float, a_plus: float, a_minus: float, refutation: float, beyond: float
) -> float:
    """The same where the experience refutes what the brand claims, by `beyond` more than is tolerated."""
    return voice * (base_rate + a_plus * max(0.0, surprise) + a_minus * max(0.0, -surprise) + refutation * beyond)


@compiled
def positive_probability(trust: float, satisfaction: float, base: float, by_trust: float, by_satisfaction: float) -> float:
    """Chance that everyday talk is positive: logistic in trust and in the last experience."""
    return 1.0 / (1.0 + math.exp(-(base + by_trust * (trust - 0.5) + by_satisfaction * satisfaction)))


@compiled
def message_key(author_key, brand_key, day, origin, k):  # type: ignore[no-untyped-def]  # kernel: uint64 words
    """The address under which a message meets its luck."""
    return fold(fold(fold(fold(MESSAGE, author_key), brand_key), day), 1024 * origin + k)


@compiled
def who_talks(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, voice, awareness, irritation, loyalty, purchases, talk_at, annoyed_at, rates, tolerance_point
):
    """int32: 2 (i B + b) where consumer i of start..stop talks of brand b, one more where its advertising annoys her into it.

    rates = (standing, hearsay, annoyance).
    """
    brands = len(talk_at)
    found = np.empty((stop - start) * brands * 2, np.int32)
    rows = 0
    for i in range(start, stop):
        eager, key = np.float64(voice[i]), keys[i]
        for b in range(brands):
            customer = purchases[i, b] > 0
            rate = eager * (rates[0] if customer else rates[1]) * np.float64(loyalty[i, b] if customer else awareness[i, b])
            u = uniform(fold(talk_at[b], key))
            if u < rate and u < speaking_probability(rate):  # 1 - exp(-rate) never exceeds rate
                found[rows] = 2 * (i * brands + b)
                rows += 1
            above = np.float64(irritation[i, b]) - tolerance_point
            if above > 0.0 and rates[2] > 0.0:
                u = uniform(fold(annoyed_at[b], key))
                if u < speaking_probability(eager * rates[2] * above):
                    found[rows] = 2 * (i * brands + b) + 1
                    rows += 1
    return found[:rows].copy()


@compiled
def talk(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    talkers, rows, day, keys, brand_keys, trust, expectation, irritation, satisfaction, purchases, valence_at, tilt, tolerance_point,
    key, author, brand, valence, origin, arousal, level, topic,
):  # fmt: skip
    """Standing talk, hearsay and annoyance of the `talkers` (see `who_talks`), written behind the first `rows` rows.

    tilt = (base, trust, satisfaction).
    """
    brands = len(brand_keys)
    for talker in talkers:
        i, b = talker // 2 // brands, talker // 2 % brands
        author[rows], brand[rows] = i, b
        why = ANNOYANCE if talker % 2 == 1 else STANDING if purchases[i, b] > 0 else HEARSAY
        if why == ANNOYANCE:
            valence[rows], level[rows] = -1, np.nan
            arousal[rows] = min(1.0, np.float64(irritation[i, b]) - tolerance_point)
        else:
            p = positive_probability(np.float64(trust[i, b]), np.float64(satisfaction[i, b]), tilt[0], tilt[1], tilt[2])
            valence[rows] = 1 if uniform(fold(valence_at[b], keys[i])) < p else -1
            arousal[rows], level[rows] = abs(satisfaction[i, b]), expectation[i, b]
        key[rows], origin[rows], topic[rows] = message_key(keys[i], brand_keys[b], day, why, 0), why, -1
        rows += 1


@compiled
def recount(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    day, keys, brand_keys, voice, trust, satisfaction, fit, buyer, bought, occasion, experienced, surprise,
    speak_at, valence_at, rates, tilt, promise, fit_exponent, zone, refutation, failing,
    key, author, brand, valence, origin, arousal, level, topic,
):  # fmt: skip
    """Messages about today's experiences, one row of purchases after another; returns how many.

    rates = (base, plus, minus); promise: float64 [B], claimed today; failing: int32 [B], the crisis of a running failure, -1 none.
    """
    rows = 0
    for row in range(len(buyer)):
        i, b, k, s = buyer[row], bought[row], occasion[row], surprise[row]
        gap = beyond = 0.0
        if refutation > 0.0:
            gap = promise[b] * power(np.float64(fit[i, b]), fit_exponent) - experienced[row]
            beyond = gap - zone
        if beyond > 0.0:
            rate = refutation_rate(np.float64(voice[i]), s, rates[0], rates[1], rates[2], refutation, beyond)
        else:
            rate = experience_rate(np.float64(voice[i]), s, rates[0], rates[1], rates[2])
        if uniform(fold(fold(speak_at[b], keys[i]), k)) < speaking_probability(rate):
            why = REFUTATION if beyond > 0.0 else EXPERIENCE
            key[rows], origin[rows] = message_key(keys[i], brand_keys[b], day, why, k), why
            author[rows], brand[rows] = i, b
            if s < 0.0 or beyond > 0.0:
                valence[rows] = -1
            elif s > 0.0:
                valence[rows] = 1
            else:
                p = positive_probability(np.float64(trust[i, b]), np.float64(satisfaction[i, b]), tilt[0], tilt[1], tilt[2])
                valence[rows] = 1 if uniform(fold(fold(valence_at[b], keys[i]), k)) < p else -1
            arousal[rows] = min(1.0, gap if beyond > 0.0 else abs(s))
            level[rows] = experienced[row]
            topic[rows] = failing[b] if valence[rows] < 0 else -1
            rows += 1
    return rows
