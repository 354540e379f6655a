"""Facts about the diffusion of new durables: the Bass curve and its parameters (C1, C2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.experiments.bass import fit_nls, fit_ols
from simulator.experiments.validity.default_market import alone, market, repetitions
from simulator.experiments.validity.target import Check, Effort, Target, over_seeds, within

# -- C1: new products diffuse as Bass described ----------------------------------------------------------------------------------

YEARS = 20
DAYS = 365


def bass_in_the_default_market(effort: Effort) -> list[Check]:
    """C1."""
    changes = alone({"start": {"reputation": 0.65}}) | {
        "market.kind": "durable", "population.size": 600 if effort.quick else 4000, "run.days": YEARS * DAYS, "record.tellings": False,
    }  # fmt: skip
    fits = []
    for seed in repetitions(effort, 1):
        daily = market(effort, seed, changes).daily
        fits.append(fit_nls(daily.groupby(daily["day"] // DAYS)["units"].sum().to_numpy(np.float64)))
    return [
        over_seeds("p of the fitted curve", [fit.p for fit in fits], 0.001, 0.06, 0.03, "per year"),
        over_seeds("q of the fitted curve", [fit.q for fit in fits], 0.2, 0.9, 0.38, "per year"),
    ]


# -- C2: known series -------------------------------------------------------------------------------------------------------------

SERIES: Mapping[str, tuple[int, ...]] = {
    "room air conditioners 1949-61": (96, 195, 238, 380, 1045, 1230, 1267, 1828, 1586, 1673, 1800, 1580, 1500),
    "colour television 1963-70": (747, 1480, 2646, 5118, 5777, 5982, 5962, 4631),
    "clothes dryers 1949-61": (106, 319, 492, 635, 737, 890, 1397, 1523, 1294, 1240, 1425, 1260, 1236),
}
"""Sales in the United States, thousands a year."""

FITS: Mapping[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "room air conditioners 1949-61": ((0.01699, 0.4049, 17091), (0.00944, 0.3748, 18713)),
    "colour television 1963-70": ((0.03569, 0.6719, 35495), (0.01847, 0.6159, 39659)),
    "clothes dryers 1949-61": ((0.01961, 0.3481, 15281), (0.01360, 0.3267, 16497)),
}
"""p, q, m by ordinary and by nonlinear least squares, computed apart from this program."""


def known_series(_: Effort) -> list[Check]:
    """C2."""
    checks = []
    for name, series in SERIES.items():
        for fit, known, tolerance in zip((fit_ols(series), fit_nls(series)), FITS[name], (0.001, 0.01), strict=True):
            for parameter, value in zip("pqm", known, strict=True):
                found = float(getattr(fit, parameter))
                checks.append(Check(f"{name}, {fit.method}: {parameter}", value, found, 0.0, *within(value, tolerance * value)))
    return checks


TARGETS = (
    Target(
        "C1",
        "A new durable diffuses along a Bass curve with parameters as they were found for many products",
        "Sultan, Farley, Lehmann 1990, JMR 27:70-77: mean p .03, q .38",
        f"Aurora alone sells a durable nobody knows, all else at the defaults, {YEARS} years; Bass curve fitted to yearly sales (NLS)",
        ".001 < p < .06 and .2 < q < .9 per year",
        bass_in_the_default_market,
    ),
    Target(
        "C2",
        "Bass fits of known series of sales return the known p, q and m",
        "Bass 1969, Management Science 15:215-227; NLS: Srinivasan and Mason 1986, Marketing Science 5:169-178; values computed apart",
        "the first years of three durables; ordinary and nonlinear least squares",
        ".1% of the value for OLS, 1% for NLS",
        known_series,
    ),
)
