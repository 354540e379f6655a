"""Bass fits find what made a series, reproduce the published fits of real ones, and say when they cannot."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from simulator.experiments.bass import bass_adopters, bass_peak, bass_share, fit_nls, fit_ols
from simulator.parameters import InputError

ADOPTION = Path(__file__).resolve().parents[3] / "shared" / "data" / "adoption"

# percent of schools and hospital adopters, as printed in the estimation literature
ULTRASOUND = [5, 3, 2, 5, 7, 12, 6, 16, 16, 28, 28, 21, 13, 6]
MAMMOGRAPHY = [2, 2, 2, 3, 4, 9, 7, 16, 23, 24, 15, 6, 5, 1]

# series: OLS p, q, m; NLS p, q, m; their standard errors; R2 and time of the peak
KNOWN = {
    "room_air_conditioners": ((0.01699, 0.4049, 17091), (0.00944, 0.3748, 18713), (0.0020, 0.040, 1411), 0.933, 9.58),
    "color_tv": ((0.03569, 0.6719, 35495), (0.01847, 0.6159, 39659), (0.0032, 0.054, 2267), 0.969, 5.53),
    "clothes_dryers": ((0.01961, 0.3481, 15281), (0.01360, 0.3267, 16497), (0.0023, 0.036, 1234), 0.918, 9.34),
    "ultrasound": ((-0.00143, 0.5398, 179), (0.00132, 0.6206, 167), (0.0009, 0.081, 16), 0.838, 9.90),
    "mammography": ((-0.00612, 0.7527, 119), (0.00041, 0.8606, 111), (0.0002, 0.075, 8), 0.932, 8.88),
}


def series(name: str) -> list[float]:
    if name in ("ultrasound", "mammography"):
        return [float(x) for x in (ULTRASOUND if name == "ultrasound" else MAMMOGRAPHY)]
    if not ADOPTION.is_dir():
        pytest.skip("the adoption series are not beside this checkout (shared/data/adoption)")
    with (ADOPTION / f"{name}.csv").open(encoding="utf-8") as file:
        return [float(row["adopters"]) for row in csv.DictReader(file)]


def half_a_last_digit(text: float) -> float:
    """How far a number may be from one printed with so many digits."""
    return 0.5000001 * 10.0 ** -len(repr(text).partition(".")[2]) if isinstance(text, float) else 0.5000001


@pytest.mark.parametrize("name", KNOWN)
def test_the_regression_gives_the_known_values_to_three_digits(name: str) -> None:
    fit = fit_ols(series(name))
    for found, known in zip((fit.p, fit.q, fit.m), KNOWN[name][0], strict=True):
        assert found == pytest.approx(known, abs=max(half_a_last_digit(known), 0.0005 * abs(known)))


@pytest.mark.parametrize("name", KNOWN)
def test_nonlinear_least_squares_gives_the_known_values_to_one_percent(name: str) -> None:
    fit = fit_nls(series(name))
    _, estimates, errors, r2, peak = KNOWN[name]
    for found, known in zip((fit.p, fit.q, fit.m), estimates, strict=True):
        assert found == pytest.approx(known, rel=0.01)
    for found, known in zip((fit.p_se, fit.q_se, fit.m_se), errors, strict=True):
        assert found == pytest.approx(known, abs=max(half_a_last_digit(known), 0.01 * known))
    assert fit.r2 == pytest.approx(r2, abs=0.0005)
    assert fit.peak == pytest.approx(peak, abs=0.005)


@pytest.mark.parametrize("name", KNOWN)
def test_only_a_wrong_sign_is_called_one(name: str) -> None:
    fit = fit_ols(series(name))
    assert any("wrong sign" in warning for warning in fit.warnings) == (fit.p < 0) == (name in ("ultrasound", "mammography"))
    assert not any("wrong sign" in warning for warning in fit_nls(series(name)).warnings)


@given(st.floats(0.001, 0.05), st.floats(0.2, 0.9), st.floats(10.0, 1e6))
def test_a_series_without_noise_gives_back_what_made_it(p: float, q: float, m: float) -> None:
    periods = math.ceil(2.0 * bass_peak(p, q)) + 2
    fit = fit_nls(bass_adopters(periods, p, q, m))
    assert (fit.p, fit.q, fit.m) == pytest.approx((p, q, m), rel=1e-4)
    assert fit.r2 == pytest.approx(1.0, abs=1e-9)


def test_the_regression_gives_back_what_made_a_series_of_its_own_kind() -> None:
    owners, adopters = 0.0, []
    for _ in range(20):
        adopters.append((0.02 + 0.4 * owners / 500.0) * (500.0 - owners))
        owners += adopters[-1]
    fit = fit_ols(adopters)
    assert (fit.p, fit.q, fit.m) == pytest.approx((0.02, 0.4, 500.0), rel=1e-9)
    assert not fit.warnings


@pytest.mark.long
def test_standard_errors_are_the_scatter_of_the_estimates() -> None:
    dice = np.random.default_rng(7)
    truth = bass_adopters(16, 0.02, 0.4, 1000.0)
    fits = [fit_nls(np.maximum(0.0, truth + dice.normal(0.0, 3.0, len(truth)))) for _ in range(60)]
    for name in ("p", "q", "m"):
        scatter = np.std([getattr(fit, name) for fit in fits], ddof=1)
        stated = np.mean([getattr(fit, f"{name}_se") for fit in fits])
        assert 0.64 < stated / scatter < 1.36, name  # four standard errors of an sd of 60


def test_the_regression_is_least_squares_in_p_q_and_m() -> None:
    adopters = np.array(ULTRASOUND, float)
    before = np.concatenate([[0.0], np.cumsum(adopters)[:-1]])
    start = (0.01, 0.5, 170.0)
    found, covariance = curve_fit(lambda y, p, q, m: (p + q * y / m) * (m - y), before, adopters, start, xtol=1e-14, ftol=1e-14)
    fit = fit_ols(adopters)
    assert (fit.p, fit.q, fit.m) == pytest.approx(tuple(found), rel=1e-5)
    assert (fit.p_se, fit.q_se, fit.m_se) == pytest.approx(tuple(np.sqrt(np.diag(covariance))), rel=1e-3)


def test_larger_units_change_m_and_nothing_else() -> None:
    for method in (fit_ols, fit_nls):
        small, large = method(ULTRASOUND), method([1000.0 * x for x in ULTRASOUND])
        assert (large.p, large.q, large.m) == pytest.approx((small.p, small.q, 1000.0 * small.m), rel=1e-5)


def test_the_curve_is_that_of_its_formula() -> None:
    assert bass_share([0.0, 1.0, 5.0, 10.0, 15.0, 20.0], 0.03, 0.38) == pytest.approx(
        [0.0, 0.03576, 0.33120, 0.81280, 0.97161, 0.99626], abs=5e-6
    )
    assert bass_peak(0.03, 0.38) == pytest.approx(6.193, abs=5e-4)
    assert math.isnan(bass_peak(0.3, 0.2))
    assert bass_share(3.0, 0.1, 0.0) == pytest.approx(1 - math.exp(-0.3))


def test_the_likelihood_has_a_name() -> None:
    for fit in (fit_ols(ULTRASOUND), fit_nls(ULTRASOUND)):
        assert "normal errors" in fit.likelihood


def test_growth_before_the_peak_is_a_guess() -> None:
    fit = fit_nls(bass_adopters(6, 0.01, 0.4, 100.0))
    assert any("before the peak" in warning for warning in fit.warnings)


def test_what_the_series_does_not_say_has_no_standard_error() -> None:
    fit = fit_nls([100.0 * math.exp(-0.3 * t) for t in range(10)])  # nobody imitates: q = 0 is the edge
    assert any(warning.startswith("q is at the edge") for warning in fit.warnings)
    assert math.isnan(fit.q_se) and math.isfinite(fit.p_se)
    assert fit.p == pytest.approx(0.3, rel=0.01)


def test_a_regression_without_a_market_says_so() -> None:
    fit = fit_ols([1.0, 3.0, 7.0, 15.0, 60.0, 400.0])
    assert math.isnan(fit.m) or fit.m < 0 or fit.q < 0
    assert fit.warnings


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([], "0 periods"),
        ([1.0, 2.0, 3.0, 2.0], "at least 5"),
        ([1.0, 2.0, -3.0, 2.0, 1.0], "period 3 .* not negative"),
        ([1.0, 2.0, math.nan, 2.0, 1.0], "period 3 of the series is nan"),
        ([1.0, math.inf, 3.0, 2.0, 1.0], "period 2 of the series is inf"),
        ([4.0] * 9, "constant"),
        ([0.0] * 9, "constant"),
        ([0.0, 0.0, 0.0, 0.0, 1.0, 2.0], "last periods only"),
        ([[1.0, 2.0], [3.0, 4.0]], "shape"),
        (["many", "few", "none", "some", "all"], "list of numbers"),
    ],
)
def test_a_bad_series_is_refused_with_its_reason(bad: list[float], message: str) -> None:
    for method in (fit_ols, fit_nls):
        with pytest.raises(InputError, match=message):
            method(bad)
