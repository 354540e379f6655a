"""Answers to crises: what a brand says, what it costs, and what it does to the talk that goes on.

From the day of the answer on, whatever bad is said of the crisis (its topic) is passed on m times as likely:

    m = 1 + (row - 1) exp(-(answered_day - crisis_day) / fading)        row = matrix[answer][cluster]: crises.py

so that a late answer does little, for good or ill; silence is exactly 1. Denying a true fault can be found out (crises.expose), and then
works by its own row, in full. An apology pays for a repair of what still fails, so that it ends within `repair_days`. An answer moves
no trust by itself and sells nothing: a brand cannot gain by failing first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.world.market import CENTS, Market
from simulator.world.state import ANSWERS, CLUSTERS, F64, I32, NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.rules.crises import Parameters
    from simulator.world.crisis import Crisis

SILENCE, DENIAL, EXPLANATION, EMPATHY, APOLOGY, COMPENSATION = range(len(ANSWERS))


# -- what an answer does to the talk ---------------------------------------------------------------------------------


def multiplier(row: float, delay: int, fading: float) -> float:
    """How much likelier talk of a crisis is passed on once it is answered, `delay` days after it happened."""
    if math.isinf(fading):
        return row
    return 1.0 + (row - 1.0) * math.exp(-delay / fading)


def multiplier_of(crisis: Crisis, crises: Parameters) -> float:
    """The same for one crisis as it stands today."""
    if crisis.answer == SILENCE:
        return 1.0
    delay, cluster = crisis.answered_day - crisis.day, CLUSTERS[crisis.cluster]
    if crisis.answer == DENIAL and crisis.exposed_day != NEVER:
        return float(getattr(crises.matrix.denial_exposed, cluster))
    late = crisis.answer == COMPENSATION and delay > crises.late_after
    row = getattr(crises.matrix, "compensation_late" if late else ANSWERS[crisis.answer])
    return multiplier(float(getattr(row, cluster)), delay, crises.fading)


def multipliers(market: Market, crises: Parameters) -> F64:
    """float64 [crises + 1]: of each topic by its number, and at the end, for talk of no crisis (topic -1), 1."""
    return np.array([*(multiplier_of(crisis, crises) for crisis in market.crises), 1.0])


# -- what fails ------------------------------------------------------------------------------------------------------


def running_failure(market: Market, b: int) -> int:
    """The number of the crisis behind what fails at brand b today, -1 if nothing does."""
    if market.brands.failure[b] <= 0.0:
        return -1
    return max((number for number in market.crises.of(b) if market.crises[number].breaks), default=-1)


def running_failures(market: Market) -> I32:
    """int32 [B]: the same for all brands."""
    return np.array([running_failure(market, b) for b in range(len(market.names))], np.int32)


# -- answering -------------------------------------------------------------------------------------------------------


def price_of(answer: int, repairs: bool, crises: Parameters) -> list[tuple[str, int]]:
    """The lines of spending of an answer, in cents."""
    lines = [("response", crises.statement_cost)] if answer != SILENCE else []
    if answer == COMPENSATION:
        lines.append(("compensation", crises.compensation_cost))
    if answer == APOLOGY and repairs:
        lines.append(("repair", crises.repair_cost))
    return [(line, int(cost * CENTS + 0.5)) for line, cost in lines]


def answer(market: Market, b: int, code: int, numbers: Sequence[int], purse: int, crises: Parameters) -> bool:
    """Brand b answers these of its crises, all of them at one price; False if `purse` (cents) does not hold it."""
    broken = running_failure(market, b)
    lines = price_of(code, broken in numbers, crises)
    if sum(cents for _, cents in lines) > min(purse, market.purse(b)):
        return False
    for line, cents in lines:
        market.spend(b, line, 1.0, cents)
    for number in numbers:
        market.crises.change(number, answer=code, answered_day=market.day)
    if code == APOLOGY and broken in numbers:
        until = market.brands.failing_until
        until[b] = min(int(until[b]), market.day + crises.repair_days)
    return True


def respond(market: Market, crises: Parameters) -> None:
    """Responses of the scenario, noted today or waiting since, are given where the money suffices (phase decide)."""
    waiting = []
    for b, code in market.responses:
        numbers = [number for number in market.crises.of(b) if market.crises[number].answer != code]
        if numbers and not answer(market, b, code, numbers, market.purse(b), crises):
            waiting.append((b, code))
    market.responses = waiting


def respond_by_strategy(market: Market, crises: Parameters) -> None:
    """What strategies say to crises that their brand knows of and has not answered (phase decide, after they decided)."""
    if not market.crises:
        return
    for b, action in enumerate(market.actions):
        code = ANSWERS.index(action.response)
        if code == SILENCE:
            continue
        numbers = [number for number, _, said in known_crises(market, b, crises) if said == ANSWERS[SILENCE]]
        if numbers:
            answer(market, b, code, numbers, action.response_cents, crises)


def known_crises(market: Market, b: int, crises: Parameters) -> tuple[tuple[int, int, str], ...]:
    """What brand b knows of its crises: number, days since it knows, what it has answered."""
    known = market.day - crises.known_after
    return tuple(
        (number, known - market.crises[number].day, ANSWERS[market.crises[number].answer])
        for number in market.crises.of(b) if market.crises[number].day <= known
    )  # fmt: skip
