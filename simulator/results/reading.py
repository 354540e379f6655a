"""One look at the market at the end of a day: counts and exact sums over all consumers, for each brand."""

from __future__ import annotations

import numpy as np

from simulator.engine.chunks import run_chunks
from simulator.engine.compiled import compiled
from simulator.engine.dose import ONE
from simulator.world.market import Market
from simulator.world.state import F32, I16, I32, I64, U8

SUMS = ("awareness", "trust", "irritation", "trust_of_aware")
"""Sums over consumers, in whole numbers of 2^-32."""

COUNTS = (
    "aware", "considering", "top_trust", "members", "blocked", "paid", "owned", "earned", "reached", "customers", "recent",
    "promoters", "detractors",
)  # fmt: skip
"""Numbers of consumers, next to the tiers."""

TIERS = ("prospects", "loyal", "advocates", "multi_loyal", "switchers")
"""Every consumer is in exactly one tier of each brand."""

READ = SUMS + COUNTS + TIERS
"""The columns of what `read` returns."""

WINDOW = 28
"""Days that count as recent: praise that makes an advocate, purchases behind `share` and `penetration_28`."""

LOYAL = np.float32(0.8)  # state is float32: compared as such, .8 is .8
CONSIDERED = np.float32(0.5)
PROMOTER, DETRACTOR = np.float32(0.85), np.float32(0.65)  # trust that rounds to 9 or 10, or to 6 or less, of 10
_FIRST_COUNT, _FIRST_TIER, _COLUMNS = len(SUMS), len(SUMS) + len(COUNTS), len(READ)


@compiled
def tier(purchases: int, loyalty: np.float32, first: np.float32, second: np.float32, praised: bool) -> int:
    """Place in TIERS. `first` and `second` are the consumer's two largest loyalties, over all brands (float32).

    In this order: never bought; loyalty of at least .8, an advocate if she praised the brand lately; one of her top two brands,
    .8 together; all other customers.
    """
    if purchases == 0:
        return 0
    if loyalty >= LOYAL:
        return 2 if praised else 1
    if loyalty >= second and first + second >= LOYAL:
        return 3
    return 4


@compiled
def read_chunk(
    start: int, stop: int, day: int, aware_above: np.float32, top_trust: np.float32, awareness: F32, trust: F32, irritation: F32,
    loyalty: F32, purchases: I32, consent: U8, blocked: U8, reached: U8, praised_day: I16, bought_day: I16,
) -> I64:  # fmt: skip
    """int64 [B, len(READ)] over consumers start .. stop-1. Thresholds are float32 like the state. opted in = 2."""
    brands = awareness.shape[1]
    seen = np.zeros((brands, _COLUMNS), np.int64)
    since = day - WINDOW
    for i in range(start, stop):
        first, second = np.float32(0.0), np.float32(0.0)
        for b in range(brands):
            value = loyalty[i, b]
            if value > first:
                first, second = value, first
            elif value > second:
                second = value
        for b in range(brands):
            # multiplied, not branched: which way a consumer goes is a coin toss to the processor
            row, confidence, bits = seen[b], trust[i, b], reached[i, b]
            aware, customer = int(awareness[i, b] > aware_above), int(purchases[i, b] > 0)
            held = int(float(confidence) * ONE + 0.5)
            row[0] += int(float(awareness[i, b]) * ONE + 0.5)
            row[1] += held
            row[2] += int(float(irritation[i, b]) * ONE + 0.5)
            row[3] += held * aware
            row[4] += aware
            row[5] += aware & (confidence >= CONSIDERED)
            row[6] += aware & (confidence >= top_trust)
            row[7] += consent[i, b] == 2
            row[8] += blocked[i, b]
            row[9] += bits & 1
            row[10] += (bits >> 1) & 1
            row[11] += (bits >> 2) & 1
            row[12] += bits != 0
            row[13] += customer
            row[14] += customer & (bought_day[i, b] > since)
            row[15] += customer & (confidence >= PROMOTER)
            row[16] += customer & (confidence < DETRACTOR)
            row[_FIRST_TIER + tier(purchases[i, b], loyalty[i, b], first, second, praised_day[i, b] > since)] += 1
    return seen


def read(market: Market, bought_day: I16, aware_above: float, top_trust: float) -> dict[str, I64]:
    """The sums and counts of READ, int64 [B] each. bought_day: int16 [n, B], day of the last purchase."""
    state = market.state

    def chunk(start: int, stop: int) -> I64:
        return read_chunk(
            start, stop, market.day, np.float32(aware_above), np.float32(top_trust), state.awareness, state.trust, state.irritation,
            state.loyalty, state.purchases, state.consent, state.blocked, state.reached, state.praised_day, bought_day,
        )  # fmt: skip

    total: I64 = np.sum(run_chunks(chunk, market.n, market.threads), axis=0)
    return dict(zip(READ, np.ascontiguousarray(total.T), strict=True))
