"""Bass fits: how much of an adoption series comes from outside (p), how much from imitation (q), and how far it goes (m).

    F(t) = (1 - e^(-(p+q)t)) / (1 + (q/p) e^(-(p+q)t))              Bass 1969, Management Science 15:215-227

Two ways to fit a series S_1 .. S_n of adopters per period:

    ols   S_t = a + b Y + c Y^2 + error, Y adopters before t; p = a/m, q = -c m, m = (-b - sqrt(b^2 - 4ac)) / (2c)      Bass 1969
    nls   S_t = m (F(t) - F(t-1)) + error                          Srinivasan and Mason 1986, doi:10.1287/mksc.5.2.169

Both are least squares: the likelihood is that of independent normal errors of one variance around the period's adopters.
OLS takes a period for an instant and often gives signs that make no sense; NLS does not, but its standard errors still take
the errors for independent. p and q are per period of the series: divide by its length to compare or to simulate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.language import _
from simulator.parameters import InputError

F64 = NDArray[np.float64]

FEWEST_PERIODS = 5
"""Three parameters and their errors ask for at least two periods more."""

LEAST, MOST = 1e-9, 10.0  # between which p and q of NLS are sought, per period (q from 0)
LARGEST_MARKET = 1e3  # m of NLS is sought up to so many times all adopters of the series
EDGE = 1e-6  # so near the edge of what is sought an estimate is one of the edge


class BassFit(NamedTuple):
    """A fitted Bass curve. Rates are per period, m is in the unit of the series; standard errors are NaN where undefined."""

    method: str  # "ols" or "nls"
    likelihood: str
    p: float
    q: float
    m: float
    p_se: float
    q_se: float
    m_se: float
    r2: float  # share of the variance of adopters per period that the fit explains
    peak: float  # time of the most adoptions, in periods since the start; NaN if the curve only falls or makes no sense
    fitted: tuple[float, ...]  # adopters per period
    warnings: tuple[str, ...]


LIKELIHOOD = "independent normal errors of one variance around the adopters of each period"


# -- curve ---------------------------------------------------------------------------------------------------------


def bass_share(t: ArrayLike, p: float, q: float) -> F64:
    """F(t): share of the market that has adopted by time t (any shape, >= 0), 0..1; p > 0, q >= 0 (Bass 1969)."""
    fading = np.exp(-(p + q) * np.asarray(t, np.float64))
    share: F64 = (1.0 - fading) / (1.0 + (q / p) * fading)
    return share


def bass_adopters(periods: int, p: float, q: float, m: float) -> F64:
    """float64 [periods]: adopters in each period, m (F(t) - F(t-1)) for t = 1 .. periods."""
    adopters: F64 = m * np.diff(bass_share(np.arange(periods + 1), p, q))
    return adopters


def bass_peak(p: float, q: float) -> float:
    """Time of the most adoptions, ln(q/p)/(p+q) (Bass 1969); NaN unless q > p > 0: then the most adopt at once."""
    return math.log(q / p) / (p + q) if q > p > 0 else math.nan


# -- fits ----------------------------------------------------------------------------------------------------------


def fit_ols(series: Sequence[float] | ArrayLike) -> BassFit:
    """Bass's regression of a series of adopters per period (from the first one on). InputError for a series that cannot be fitted.

    Standard errors of p, q, m by the delta method, as if the adopters before were given: they are too small. Wrong signs (p < 0,
    q < 0, no m) are a known failure of the method: they come back as warnings, not as errors.
    """
    adopters = _checked(series)
    before = np.concatenate([[0.0], np.cumsum(adopters)[:-1]])
    unit = before.max()  # the columns of the regression must be of like size
    design = np.column_stack([np.ones_like(before), before / unit, (before / unit) ** 2])
    a, b, c = np.linalg.lstsq(design, adopters)[0]
    fitted = design @ np.array([a, b, c])
    variance = float(((adopters - fitted) ** 2).sum() / (len(adopters) - 3))
    covariance = variance * np.linalg.inv(design.T @ design)
    warnings = []
    root = b * b - 4.0 * a * c
    if root < 0 or c == 0:
        warnings.append(_("the regression has no market potential m: no market size fits it, so there is no p and no q either"))
        p = q = m = p_se = q_se = m_se = math.nan
    else:
        estimate = _of_regression(np.array([a, b, c]), unit)
        slope = np.column_stack([_slope(lambda x: _of_regression(x, unit), np.array([a, b, c]), k) for k in range(3)])
        p, q, m = estimate.tolist()
        p_se, q_se, m_se = np.sqrt(np.diag(slope @ covariance @ slope.T)).tolist()
        warnings += _wrong_signs(p, q, m)
    warnings += _doubts(adopters, m)
    return BassFit(
        "ols", LIKELIHOOD, p, q, m, p_se, q_se, m_se, _explained(adopters, fitted), bass_peak(p, q), tuple(fitted.tolist()), tuple(warnings)
    )


def fit_nls(series: Sequence[float] | ArrayLike) -> BassFit:
    """Nonlinear least squares of m (F(t) - F(t-1)) on a series of adopters per period. InputError for a series that cannot be fitted.

    Standard errors from the curvature at the optimum, s^2 (J'J)^-1 with n - 3 degrees of freedom. Sought from several starts; a
    parameter that ends at the edge of what is sought has a warning and no standard error.
    """
    from scipy.optimize import least_squares

    adopters = _checked(series)
    total = float(adopters.sum())
    low, high = np.array([LEAST, 0.0, 0.5]), np.array([MOST, MOST, LARGEST_MARKET])  # m in adopters of the series

    def error(guess: F64) -> F64:
        p, q, m = guess.tolist()
        return bass_adopters(len(adopters), p, q, m) - adopters / total

    found = [
        least_squares(error, [p, q, m], bounds=(low, high), x_scale="jac", xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=1000)
        for p, q in ((1e-4, 0.6), (3e-3, 0.3), (3e-2, 0.4), (0.1, 0.1)) for m in (1.05, 3.0)
    ]  # fmt: skip
    best = min(found, key=lambda each: float(each.cost))
    p, q, m = (best.x * [1.0, 1.0, total]).tolist()
    below, above = best.x < low + [LEAST, EDGE, EDGE], best.x > high * (1.0 - EDGE)
    inside = ~(below | above)
    errors = np.full(3, math.nan)
    jacobian = np.asarray(best.jac, np.float64)[:, inside] / np.array([1.0, 1.0, total])[inside]
    if inside.any() and np.linalg.matrix_rank(jacobian) == inside.sum():
        variance = 2.0 * float(best.cost) / (len(adopters) - 3)
        errors[inside] = np.sqrt(np.diag(variance * np.linalg.inv(jacobian.T @ jacobian)))
    warnings = [
        (
            _("{name} is at the edge of what was sought: the series does not say how small it is")
            if below[k]
            else _("{name} is at the edge of what was sought: the series does not say how large it is")
        ).format(name=name)
        for k, name in enumerate(("p", "q", "m"))
        if not inside[k]
    ]
    warnings += _doubts(adopters, m)
    fitted = bass_adopters(len(adopters), p, q, m)
    p_se, q_se, m_se = errors.tolist()
    return BassFit(
        "nls", LIKELIHOOD, p, q, m, p_se, q_se, m_se, _explained(adopters, fitted), bass_peak(p, q), tuple(fitted.tolist()), tuple(warnings)
    )


def _checked(series: Sequence[float] | ArrayLike) -> F64:
    """The series as float64 [n], or why it cannot be fitted."""
    try:
        adopters = np.asarray(series, np.float64)
    except (TypeError, ValueError):
        raise InputError(_("a series of adopters is a list of numbers, one for each period")) from None
    if adopters.ndim != 1:
        raise InputError(_("a series of adopters has one number for each period, not the shape {shape}").format(shape=adopters.shape))
    if len(adopters) < FEWEST_PERIODS:
        raise InputError(
            _("the series has {count} periods; three parameters and their errors need at least {fewest}").format(
                count=len(adopters), fewest=FEWEST_PERIODS
            )
        )
    if not np.isfinite(adopters).all():
        at = int(np.flatnonzero(~np.isfinite(adopters))[0])
        raise InputError(
            _("period {number} of the series is {adopters}: leave out nothing, and give every period its number").format(
                number=at + 1, adopters=adopters[at]
            )
        )
    if (adopters < 0).any():
        at = int(np.flatnonzero(adopters < 0)[0])
        raise InputError(
            _("period {number} of the series is {adopters:g}: adopters of a period are not negative (is it a difference?)").format(
                number=at + 1, adopters=adopters[at]
            )
        )
    if np.ptp(adopters) == 0:
        raise InputError(
            _("every period of the series is {adopters:g}: a constant says nothing about p, q and m").format(adopters=adopters[0])
        )
    if np.count_nonzero(np.cumsum(adopters)[:-1]) < 3:
        raise InputError(_("the series has adopters in its last periods only: there is no curve yet to fit"))
    return adopters


def _of_regression(coefficients: F64, unit: float) -> F64:
    """p, q, m from a, b, c of S = a + b (Y/unit) + c (Y/unit)^2."""
    a, b, c = coefficients[0], coefficients[1] / unit, coefficients[2] / unit**2
    m = (-b - math.sqrt(max(0.0, b * b - 4.0 * a * c))) / (2.0 * c)
    return np.array([a / m, -c * m, m])


def _slope(of: Callable[[F64], F64], at: F64, k: int) -> F64:
    """Derivative with respect to the k-th argument, by central difference."""
    step = np.zeros(len(at))
    step[k] = 1e-6 * max(1e-6, abs(at[k]))
    difference: F64 = (of(at + step) - of(at - step)) / (2.0 * step[k])
    return difference


def _wrong_signs(p: float, q: float, m: float) -> list[str]:
    wrong = [f"{name} = {value:.3g}" for name, value in (("p", p), ("q", q), ("m", m)) if value < 0]
    if not wrong:
        return []
    return [_("wrong sign: {names}; no market adopts so. The regression is known for it: take the nls fit").format(names=", ".join(wrong))]


def _doubts(adopters: F64, m: float) -> list[str]:
    """What a reader of any fit of this series must know."""
    doubts = []
    if int(np.argmax(adopters)) == len(adopters) - 1:
        doubts.append(_("the series ends at its highest period: before the peak is seen, p, q and m are guesses"))
    if m > 2.0 * adopters.sum():
        doubts.append(_("m is {times:.1f} times all adopters so far: a forecast far beyond the data").format(times=m / adopters.sum()))
    elif 0 < m < 0.95 * adopters.sum():
        doubts.append(_("m is more than 5% below the adopters of the series"))
    return doubts


def _explained(adopters: F64, fitted: F64) -> float:
    return float(1.0 - ((adopters - fitted) ** 2).sum() / ((adopters - adopters.mean()) ** 2).sum())
