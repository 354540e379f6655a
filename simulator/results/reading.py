"""One look at the market at the end of a day: counts and exact sums over all consumers, for each brand."""

from __future__ import annotations

import numpy as np

from simulator.engine.chunks import run_chunks, sum_of
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
_FIRST_TIER, _COLUMNS = len(SUMS) + len(COUNTS), len(READ)


@compiled
def tier(purchases: int, loyalty: np.float32, first: np.float32, second: np.float32, praised: bool) -> int:
    """Place in TIERS. `first` and `second` are the consumer's two largest loyalties, over all brands (float32).

    In this order: never bought; loyalty of at least .8, an advocate if she praised the brand lately; one of her top two brands,
    .8 together; all other customers.
    """
    loyal, in_top_two = int(loyalty >= LOYAL), int(loyalty >= second) & int(first + second >= LOYAL)
    return int(purchases > 0) * (loyal * (1 + int(praised)) + (1 - loyal) * (4 - in_top_two))  # computed, not branched: see read_chunk


@compiled
def read_chunk(
    start: int, stop: int, day: int, aware_above: np.float32, top_trust: np.float32, awareness: F32, trust: F32, irritation: F32,
    loyalty: F32, purchases: I32, consent: U8, blocked: U8, reached: U8, praised_day: I16, bought_day: I16,
) -> I64:  # fmt: skip
    """int64 [B, len(READ)] over consumers start .. stop-1. Thresholds are float32 like the state. opted in = 2.

    Each consumer is one of 64 kinds of opinion and, in her tier, of 64 kinds of customer; what is known of a kind is added up at the end.
    """
    brands = awareness.shape[1]
    seen = np.zeros((brands, _COLUMNS), np.int64)
    opinions, customers = np.zeros((brands, 64), np.int32), np.zeros((brands, 64 * len(TIERS)), np.int32)
    since = day - WINDOW
    # counted from 0, so that no place can be negative: the compiler need not look
    awareness, trust, irritation, loyalty = awareness[start:stop], trust[start:stop], irritation[start:stop], loyalty[start:stop]
    purchases, consent, blocked, reached = purchases[start:stop], consent[start:stop], blocked[start:stop], reached[start:stop]
    praised_day, bought_day = praised_day[start:stop], bought_day[start:stop]
    for i in range(len(awareness)):
        first, second = np.float32(0.0), np.float32(0.0)
        for b in range(brands):
            value = loyalty[i, b]
            second = max(second, min(first, value))
            first = max(first, value)
        for b in range(brands):
            # computed, not branched: which way a consumer goes is a coin toss to the processor
            confidence = trust[i, b]
            aware, customer = int(awareness[i, b] > aware_above), int(purchases[i, b] > 0)
            held = int(float(confidence) * ONE + 0.5)
            seen[b, 0] += int(float(awareness[i, b]) * ONE + 0.5)
            seen[b, 1] += held
            seen[b, 2] += int(float(irritation[i, b]) * ONE + 0.5)
            seen[b, 3] += held * aware
            opinion = aware | int(confidence >= CONSIDERED) << 1 | int(confidence >= top_trust) << 2
            opinions[b, opinion | customer << 3 | int(confidence >= PROMOTER) << 4 | int(confidence < DETRACTOR) << 5] += 1
            kind = tier(purchases[i, b], loyalty[i, b], first, second, praised_day[i, b] > since)
            contact = np.int64(reached[i, b]) | int(consent[i, b] == 2) << 3 | int(blocked[i, b] != 0) << 4
            customers[b, contact | int(bought_day[i, b] > since) << 5 | kind << 6] += 1
    for b in range(brands):
        row = seen[b]
        for kind in range(64):
            count = np.int64(opinions[b, kind])
            aware, customer = kind & 1, kind >> 3 & 1
            row[4] += count * aware
            row[5] += count * (aware & kind >> 1)
            row[6] += count * (aware & kind >> 2)
            row[13] += count * customer
            row[15] += count * (customer & kind >> 4)
            row[16] += count * (customer & kind >> 5)
        for kind in range(64 * len(TIERS)):
            count = np.int64(customers[b, kind])
            row[7] += count * (kind >> 3 & 1)
            row[8] += count * (kind >> 4 & 1)
            row[9] += count * (kind & 1)
            row[10] += count * (kind >> 1 & 1)
            row[11] += count * (kind >> 2 & 1)
            row[12] += count * int(kind & 7 != 0)
            row[14] += count * (int(kind >> 6 != 0) & kind >> 5)  # tier 0 never bought
            row[_FIRST_TIER + (kind >> 6)] += count
    return seen


@compiled
def follow(start, stop, message, valence, brand, sizes, largest):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """Entries start..stop join the negative messages they know: sizes [messages], the largest so far by brand."""
    for e in range(start, stop):
        m = message[e]
        if valence[m] < 0:
            sizes[m] += 1
            largest[brand[m]] = max(largest[brand[m]], float(sizes[m]))


def look(market: Market, bought_day: I16, aware_above: float, top_trust: float) -> I64:
    """The sums and counts of READ: int64 [B, len(READ)]. bought_day: int16 [n, B], day of the last purchase."""
    state, aware, top = market.state, np.float32(aware_above), np.float32(top_trust)

    def chunk(start: int, stop: int) -> I64:
        return read_chunk(
            start, stop, market.day, aware, top, state.awareness, state.trust, state.irritation,
            state.loyalty, state.purchases, state.consent, state.blocked, state.reached, state.praised_day, bought_day,
        )  # fmt: skip

    return sum_of(run_chunks(chunk, market.n, market.threads))


def read(market: Market, bought_day: I16, aware_above: float, top_trust: float) -> dict[str, I64]:
    """The same by name: int64 [B] each."""
    return dict(zip(READ, np.ascontiguousarray(look(market, bought_day, aware_above, top_trust).T), strict=True))
