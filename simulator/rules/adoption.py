"""Adoption: the purchase of a durable, once in a lifetime; parameters in purchase.py.

    h = fit^fit_exponent (trust/.5)^trust_exponent max(0, p drive + q social)          drive = awareness f, or 1 if spontaneous

The first of competing risks below one day is adopted (Bass 1969, Mgmt Sci 15:215; competing risks so that brands are
exchangeable). With `threshold` the social term is q once that many (or that share) of her ties own the brand, compared in
whole numbers (Granovetter 1978, AJS 83:1420; Watts 2002, PNAS 99:5766). With exponents 0, spontaneous, on a complete graph
it is the Bass model; q = inf at a threshold is certainty.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.chance import fold, uniform
from simulator.engine.compiled import compiled
from simulator.rules.reception import freshness
from simulator.world.state import OPTED_IN

FIRST, MEMBER = 1, 2
"""Marks of a purchase: the first of the brand, one by a member of its programme."""


# -- formulas ------------------------------------------------------------------------------------------------------


@compiled
def power(base: float, exponent: float) -> float:
    """base^exponent for base >= 0; exactly 1 at exponent 0."""
    if exponent == 0.0:
        return 1.0
    if exponent == 1.0:
        return base
    return math.pow(base, exponent)


@compiled
def adoption_hazard(fit: float, trust: float, fit_exponent: float, trust_exponent: float, drive: float) -> float:
    """Adoptions per day; `drive` = p drive + q social. Infinite drive is certainty wherever fit and trust are not 0."""
    if drive <= 0.0:
        return 0.0
    suits = power(fit, fit_exponent) * power(trust / 0.5, trust_exponent)
    return suits * drive if suits > 0.0 else 0.0


# -- kernel --------------------------------------------------------------------------------------------------------


@compiled
def adopt(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, brand_keys, adopt_day, purchases, awareness, trust, fit, irritation, consent, proof, proof_total, in_stock, p, q,
    spontaneous, wear_out, fit_exponent, trust_exponent, needed,
):  # fmt: skip
    """Adoptions of consumers start..stop, who own nothing yet: columns as those of `choose`.

    needed: int64 [n], owning ties that each one needs (thresholds.py); [0] without thresholds.
    """
    brands = len(brand_keys)
    consumer, brand, marks = np.empty(stop - start, np.int32), np.empty(stop - start, np.int8), np.empty(stop - start, np.uint8)
    adopt_at = np.empty(brands, np.uint64)
    for b in range(brands):
        adopt_at[b] = fold(adopt_day, brand_keys[b])
    rows = 0
    for i in range(start, stop):
        owns = False
        for b in range(brands):
            owns = owns or purchases[i, b] > 0
        if owns:
            continue
        first, luck, chosen = 1.0, 2.0, -1
        for b in range(brands):
            if in_stock[b] == 0:
                continue
            pull = 0.0
            if len(needed) > 0:
                if proof[i, b] >= needed[i]:
                    pull = q[b]
            elif proof[i, b] != 0 and q[b] > 0.0:
                pull = q[b] * proof[i, b] / proof_total[i]
            drive = 1.0
            if not spontaneous and p[b] > 0.0:
                drive = np.float64(awareness[i, b]) * freshness(np.float64(irritation[i, b]), wear_out)
            hazard = adoption_hazard(np.float64(fit[i, b]), np.float64(trust[i, b]), fit_exponent, trust_exponent, p[b] * drive + pull)
            if hazard <= 0.0:
                continue
            u = uniform(fold(adopt_at[b], keys[i]))
            if 1.0 - u >= hazard:  # then -log(u) is at least the hazard too: spares the logarithm
                continue
            when = 0.0 if hazard == math.inf else -math.log(u) / hazard
            if when < first or (when == first and when < 1.0 and u < luck):
                first, luck, chosen = when, u, b
        if chosen >= 0:
            consumer[rows], brand[rows] = i, chosen
            marks[rows] = FIRST | MEMBER if consent[i, chosen] == OPTED_IN else FIRST
            rows += 1
    return consumer[:rows].copy(), brand[:rows].copy(), np.zeros(rows, np.int16), marks[:rows].copy()
