"""Exact theory of adoption: the Bass curve, its benchmarks, and its bounds on other graphs (A1 to A3).

A day is a step, so rates are per day: a year of the textbook is DAYS days. Of the list of exact results only A11 has no target:
trust is moved by experiences and tellings and is never averaged over neighbours (DeGroot; Friedkin and Johnsen).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.experiments.validity.canonical import adopted, canonical
from simulator.experiments.validity.target import Check, Effort, Target, mean_and_error, within
from simulator.simulate import simulate

F64 = NDArray[np.float64]

ERRORS = 4.0
"""Standard errors that chance is given; with them a correct number fails once in 16,000."""


def each_seed(
    what: str, expected: float, found: Sequence[tuple[float, float]], bias: float, unit: str = "", errors: float = ERRORS
) -> Check:
    """Whether the (mean, standard error) of every seed lies within bias + errors standard errors: the check of the farthest one."""

    def room(pair: tuple[float, float]) -> float:
        return errors * pair[1] + bias

    def off(pair: tuple[float, float]) -> float:
        distance = abs(pair[0] - expected)
        return math.inf if math.isnan(distance) else distance / room(pair) if room(pair) > 0.0 else distance

    farthest = max(found, key=off)
    said = f"{what} (farthest of {len(found)} seeds)" if len(found) > 1 else what
    return Check(said, expected, farthest[0], farthest[1], *within(expected, room(farthest)), unit)


def repeated(seed: int, times: int) -> range:
    """Seeds of the repetitions that belong to a first seed."""
    return range(1000 * seed, 1000 * seed + times)


# -- Bass ----------------------------------------------------------------------------------------------------------------------

P, Q = 0.03, 0.38
"""Innovation and imitation a year (Sultan, Farley, Lehmann 1990)."""

DAYS = 50
"""Days that a year has here: p and q of a day are small, so that daily steps follow the curve."""

YEARS = (1, 5, 10, 15, 20)


def bass(t: float, p: float = P, q: float = Q) -> float:
    """The share of owners after t years (Bass 1969, doi:10.1287/mnsc.15.5.215)."""
    gone = math.exp(-(p + q) * t)
    return (1.0 - gone) / (1.0 + q / p * gone)


@functools.lru_cache(16)
def curves(seed: int, times: int, settings: tuple[tuple[str, Any], ...] = ()) -> F64:
    """float64 [times, days + 1]: share of owners before day 0 and at the end of each day, in repeated runs of canonical/bass."""
    scenario = canonical("bass", {"record.tellings": False} | {key: dict(value) if key == "network" else value for key, value in settings})
    return np.array([[0.0, *adopted(simulate(scenario, again, threads=1), "Product")] for again in repeated(seed, times)])


def means(rows: F64, at: int) -> tuple[float, float]:
    """Mean and standard error over the repetitions of a column."""
    return mean_and_error(rows[:, at].tolist())


def market(effort: Effort) -> tuple[int, tuple[tuple[str, Any], ...]]:
    """How often canonical/bass is run, and how large."""
    return (5, (("population.size", 2000),)) if effort.quick else (50, ())


def bass_curve(effort: Effort) -> list[Check]:
    """A1."""
    times, settings = market(effort)
    found = {seed: curves(seed, times, settings) for seed in effort.seeds}
    room, errors = (0.03, ERRORS) if effort.quick else (0.01, 0.0)
    checks = [
        each_seed(f"share of owners after {t} years", bass(t), [means(found[seed], t * DAYS) for seed in effort.seeds], room, errors=errors)
        for t in YEARS
    ]
    if not effort.quick:
        limits = [in_a_large_market(seed) for seed in effort.seeds]
        checks.append(each_seed("share of owners after 6 years as the market grows without end", bass(6), limits, 0.01))
    stepped = {seed: curves(seed, times, (("purchase.p", P), ("purchase.q", Q), ("run.days", 20), *settings)) for seed in effort.seeds}
    for t in (5, 10):
        found_t = [means(stepped[seed], t) for seed in effort.seeds]
        checks.append(each_seed(f"a year as one step: share after {t}, by the recursion 1 - exp(-h)", recursion(t), found_t, room))
    return checks


def in_a_large_market(seed: int) -> tuple[float, float]:
    """Share of owners after 6 years, by regression on 1/N over small markets: its value at 1/N = 0 and standard error."""
    sizes = (25, 50, 100, 200)
    values = [curves(seed, 100, (("population.size", n), ("run.days", 6 * DAYS)))[:, -1] for n in sizes]
    weight = np.array([len(v) / v.var(ddof=1) for v in values])
    design = np.column_stack([np.ones(len(sizes)), 1.0 / np.array(sizes)])
    covariance = np.linalg.inv(design.T @ (weight[:, None] * design))
    return float((covariance @ design.T @ (weight * [v.mean() for v in values]))[0]), float(math.sqrt(covariance[0, 0]))


def recursion(steps: int) -> float:
    """Share of owners when everybody's risk is settled once a year: what a large market does with steps that are too long."""
    share = 0.0
    for _ in range(steps):
        share += (1.0 - share) * -math.expm1(-(P + Q * share))
    return share


def bass_benchmarks(effort: Effort) -> list[Check]:
    """A2."""
    times, settings = market(effort)
    peaks, levels, rates = zip(*(peak(curves(seed, times, settings)) for seed in effort.seeds), strict=True)
    errors = ERRORS if effort.quick else 0.0
    room = 2.0 if effort.quick else 1.0
    when, level, rate = math.log(Q / P) / (P + Q), (Q - P) / (2 * Q), (P + Q) ** 2 / (4 * Q)
    checks = [
        each_seed("time of the peak", when, peaks, 0.2 * room, "years", errors),
        each_seed("share of owners at that time", level, levels, 0.02 * level * room, errors=errors),
        each_seed("adoptions at the peak", rate, rates, 0.02 * rate * room, "1/year", errors),
    ]
    for name, share in (("t16", 0.16), ("t50", 0.5), ("t95", 0.95)):
        expected = math.log((1.0 + share * Q / P) / (1.0 - share)) / (P + Q)
        checks.append(
            each_seed(name, expected, [reached(curves(seed, times, settings), share) for seed in effort.seeds], 0.2, "years", errors)
        )
    owners, n, alone = 0.05, int(dict(settings).get("population.size", 10_000)), -math.expm1(-P * 20)
    chance = math.sqrt(alone * (1.0 - alone) / (n * times))
    ends = [(means(curves(seed, times, (("purchase.q", 0.0), *settings)), 20 * DAYS)[0], chance) for seed in effort.seeds]
    checks.append(each_seed("without imitation: share after 20 years", alone, ends, 0.0))
    launch = {"day": 0, "brand": "Product", "kind": "launch", "consumers": round(owners * n)}
    only = (("purchase.p", 0.0), ("events", (tuple(launch.items()),)), *settings)
    followed = [means(curves_from(seed, times, only), 8 * DAYS) for seed in effort.seeds]
    logistic = 1.0 / (1.0 + (1.0 - owners) / owners * math.exp(-Q * 8))
    return [*checks, each_seed("without innovation, 5% own it: share after 8 years, logistic", logistic, followed, 0.01 * room)]


def curves_from(seed: int, times: int, settings: tuple[tuple[str, Any], ...]) -> F64:
    """`curves` of a market with events."""
    plain = {key: [dict(event) for event in value] if key == "events" else value for key, value in settings}
    scenario = canonical("bass", {"record.tellings": False, "run.days": 8 * DAYS} | plain)
    return np.array([[0.0, *adopted(simulate(scenario, again, threads=1), "Product")] for again in repeated(seed, times)])


def peak(rows: F64) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """When adoption is fastest (years), the share of owners then, and how fast (1/year): each with a jackknife standard error.

    The mean curve is smoothed by a polynomial of degree 5 over six years around the half-way point.
    """
    whole = _peak(rows.mean(axis=0))
    n = len(rows)
    left_out = np.array([_peak((rows.sum(axis=0) - row) / (n - 1)) for row in rows])
    errors = np.sqrt((n - 1) / n * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    return tuple((float(value), float(error)) for value, error in zip(whole, errors, strict=True))  # type: ignore[return-value]  # three


def _peak(share: F64) -> tuple[float, float, float]:
    years = np.arange(len(share)) / DAYS
    middle = years[int(np.argmax(share >= 0.46))]
    around = np.abs(years - middle) <= 3.0
    curve = np.polynomial.Polynomial.fit(years[around], share[around], 5)
    at = np.linspace(middle - 2.0, middle + 2.0, 4001)
    rate = curve.deriv()(at)
    best = int(np.argmax(rate))
    return float(at[best]), float(curve(at[best])), float(rate[best])


def reached(rows: F64, share: float) -> tuple[float, float]:
    """Years until a share owns it, mean and standard error over the repetitions."""
    return mean_and_error([float(np.interp(share, row, np.arange(len(row)) / DAYS)) for row in rows])


# -- other graphs ----------------------------------------------------------------------------------------------------------------

GRAPHS: dict[str, dict[str, Any]] = {
    "grid of 4 neighbours": {"kind": "lattice", "neighbourhood": "von_neumann"},
    "small world": {"kind": "small_world", "degree": 6.0, "rewired": 0.1},
    "scale-free": {"kind": "scale_free", "links": 3},
}
RING = {"kind": "ring", "degree": 2.0}


def ring(t: float) -> float:
    """The share of owners after t years on an endless ring (Fibich and Gibori 2010, doi:10.1287/opre.1100.0818)."""
    return 1.0 - math.exp(-(P + Q) * t + Q * -math.expm1(-P * t) / P)


def bounds(effort: Effort) -> list[Check]:
    """A3."""
    times, size = (2, 1600) if effort.quick else (10, 10_000)

    def of(network: dict[str, Any], seed: int) -> F64:
        return curves(seed, times, (("population.size", size), ("network", tuple(network.items()))))

    checks = [
        each_seed(
            f"ring: share of owners after {t} years",
            ring(t),
            [means(of(RING, seed), t * DAYS) for seed in effort.seeds],
            0.03 if effort.quick else 0.01,
        )
        for t in (5, 10, 20)
    ]
    room = 0.02 if effort.quick else 0.005
    for name, network in GRAPHS.items():
        above = [outside(of(network, seed), lambda t: bass(t), 1.0) for seed in effort.seeds]
        below = [outside(of(network, seed), ring, -1.0) for seed in effort.seeds]
        checks.append(
            Check(f"{name}: most that it is above the complete graph, beyond 3 standard errors", None, max(above), 0.0, -math.inf, room)
        )
        checks.append(Check(f"{name}: most that it is below the ring, beyond 3 standard errors", None, max(below), 0.0, -math.inf, room))
    return checks


def outside(rows: F64, bound: Callable[[float], float], side: float) -> float:
    """The most by which the mean curve lies beyond a bound at any half-year, less three standard errors. side: 1 above, -1 below."""
    places = range(DAYS // 2, rows.shape[1], DAYS // 2)
    pairs = [means(rows, at) for at in places]
    return max(side * (mean - bound(at / DAYS)) - 3.0 * error for at, (mean, error) in zip(places, pairs, strict=True))


TARGETS = (
    Target(
        "A1",
        "On a complete graph adoption follows the Bass curve",
        "Bass 1969, Management Science 15:215-227, doi:10.1287/mnsc.15.5.215; rate 1/N: Fibich and Gibori 2010",
        "canonical/bass: 10,000 consumers, p = .03 and q = .38 a year of 50 days, mean of 50 runs for each seed (quick: 2,000, 5 runs); "
        "markets of 25 to 200, 100 runs each, regressed on 1/N; and the same p and q with a year as one step",
        "within .01 (regression and long steps: .01 and 4 standard errors; quick: .03 and 4 standard errors)",
        bass_curve,
    ),
    Target(
        "A2",
        "Peak, half-way points and limits of the Bass curve",
        "Bass 1969, Management Science 15:215-227, doi:10.1287/mnsc.15.5.215",
        "the runs of A1, the peak from the mean curve smoothed by a polynomial over six years; q = 0; p = 0 with 5% owners at first",
        "times within .2 years, level and rate at the peak within 2%, logistic .01 and 4 standard errors, q = 0: 4 standard errors "
        "(quick: twice that and 4 standard errors)",
        bass_benchmarks,
    ),
    Target(
        "A3",
        "With the same p and total q every graph lies between the ring and the complete graph",
        "Fibich and Gibori 2010, Operations Research 58:1450-1468, doi:10.1287/opre.1100.0818",
        "canonical/bass on a ring, a grid, a small world and a scale-free graph of 10,000, mean of 10 runs for each seed (quick: 1,600, "
        "2 runs)",
        "ring: the exact curve within .01 (quick: .03) and 4 standard errors; the others never outside the two by more than 3 standard "
        "errors and .005 (quick: .02)",
        bounds,
    ),
)
