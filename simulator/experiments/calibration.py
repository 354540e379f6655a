"""What a calibration is asked for, and what it found: estimates, profiles, forecasts, the fitted scenario."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.bass import BassFit
from simulator.experiments.comparison import focal_of
from simulator.experiments.design import Axis, checked
from simulator.experiments.emulator import Cube
from simulator.experiments.estimation import Data, Fit, Noise, Profile, correlations, losses
from simulator.experiments.forecast import Forecast, score
from simulator.experiments.identifiability import doubts
from simulator.experiments.observed import Series
from simulator.experiments.trials import Trial
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.daily import COLUMNS
from simulator.results.weekly import FLOWS
from simulator.scenario.problems import unknown
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

REPRESENTS = "population.represents"
ALIASES = {"adoptions": "new_customers", "awareness": "aided_awareness"}
SHARES = (
    "reach", "reach_paid", "reach_owned", "reach_earned", "blocked", "penetration", "share", "aided_awareness", "consideration",
    "trust_top2", "penetration_28",
)  # fmt: skip
"""Columns that a tracker may have measured."""


@dataclass(frozen=True)
class Request:
    """What is to be fitted to what."""

    scenario: Scenario
    series: Series
    free: tuple[Axis, ...]
    measure: str
    free_scale: bool
    trials: int
    replicates: int
    held_out: int  # rows
    seed: int

    @property
    def seen(self) -> int:
        """Rows that are not held out."""
        return len(self.series.rows) - self.held_out

    @property
    def focal(self) -> str:
        """The brand the series is about."""
        return focal_of(self.scenario)

    @property
    def durable_units(self) -> bool:
        """Whether a Bass curve is the baseline."""
        return self.scenario.market.kind == "durable" and self.measure in ("units", "new_customers") and not self.series.tracker

    def asked(self) -> dict[str, Any]:
        """What makes it this calibration and no other."""
        return {
            "scenario": self.scenario.hash, "focal": self.focal, "series": self.series.digest, "season": list(self.series.season),
            "days_per_row": self.series.days_per_row, "free": {each.key: [each.low, each.high] for each in self.free},
            "measure": self.measure, "scale": "free" if self.free_scale else "fixed", "trials": self.trials,
            "replicates": self.replicates, "held_out": self.held_out, "seed": self.seed,
        }  # fmt: skip

    def data(self) -> Data:
        """The series as numbers."""
        series, observed = self.series, np.array(self.series.values)
        spread = np.ones(len(observed))
        if series.tracker:
            asked = np.array(series.samples)
            share = (observed * asked + 0.5) / (asked + 1.0)
            spread = np.sqrt(share * (1.0 - share) / asked)
        return Data(observed, spread, series.seasonal(), series.tracker, self.free_scale)


@dataclass(frozen=True)
class Calibration:
    """A scenario fitted to a series. `final`: from all rows; `first`: from those that are not held out (the same if none is)."""

    request: Request
    cube: Cube
    ledger: tuple[Trial, ...] = field(repr=False)
    first: Fit
    final: Fit
    noise: tuple[Noise, Noise]
    profiles: tuple[Profile, ...]
    forecasts: tuple[Forecast, ...]
    """From the first part: the scenario's, then the baseline's."""

    fitted_band: Forecast
    bass: BassFit | None
    """Of the whole series."""

    @property
    def names(self) -> tuple[str, ...]:
        """The free parameters; last the size of the market, where it was free."""
        return (*self.cube.keys, REPRESENTS) if self.request.free_scale else self.cube.keys

    @property
    def likelihood(self) -> str:
        """What the errors are taken to be."""
        if self.request.series.tracker:
            return _("binomial waves of the given sample sizes, in the normal approximation; quasi-binomial where they scatter more")
        return _("independent normal errors of one variance around the units of each row (those of the NLS Bass fit)")

    @property
    def status(self) -> str:
        """What the fitted scenario may claim."""
        return "fitted and held out" if self.request.held_out else "set to your market"

    def value(self, j: int, place: float) -> float:
        """The value of parameter j at a place of its profile."""
        return self.cube.value(j, place) if j < len(self.cube.keys) else self._people(math.exp(place))

    def _people(self, scale: float) -> float:
        population = self.request.scenario.population
        return float(f"{scale * (population.represents or population.size):.6g}")

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """key, value, low, high (90%), per_row (rates per day: times the days of a row), range_low, range_high, open_low, open_high."""
        import pandas as pd

        places = [*self.final.point, *([math.log(self.final.scale)] if self.request.free_scale else [])]
        units = {row.key: row.declaration.get("unit", "") for row in self.request.scenario.values()}
        rows = []
        for j, (key, place, seen) in enumerate(zip(self.names, places, self.profiles, strict=True)):
            value, low, high = (self.value(j, at) for at in (place, seen.low, seen.high))
            a_day = units.get(key) == "1/day"
            axis = self.request.free[j] if j < len(self.cube.keys) else None
            rows.append({
                "key": key, "value": value, "low": low, "high": high, "unit": units.get(key, "people" if axis is None else ""),
                "per_row": value * self.request.series.days_per_row if a_day else math.nan,
                "range_low": axis.low if axis else math.nan, "range_high": axis.high if axis else math.nan,
                "open_low": seen.open_low, "open_high": seen.open_high,
            })  # fmt: skip
        return pd.DataFrame(rows)

    @cached_property
    def correlation(self) -> pd.DataFrame:
        """a, b, correlation of the estimates, a row for each pair."""
        import pandas as pd

        found = correlations(self.final)
        rows = [(self.names[i], self.names[j], float(found[i, j])) for i in range(len(found)) for j in range(i)]
        return pd.DataFrame(rows, columns=["a", "b", "correlation"])

    @cached_property
    def profile(self) -> pd.DataFrame:
        """key, value, statistic, limit, inside: how much worse the best fit is with the parameter at a value."""
        import pandas as pd

        return pd.DataFrame([
            {"key": key, "value": self.value(j, float(place)), "statistic": float(t), "limit": seen.limit, "inside": bool(t <= seen.limit)}
            for j, (key, seen) in enumerate(zip(self.names, self.profiles, strict=True))
            for place, t in zip(seen.places, seen.statistic, strict=True)
        ])  # fmt: skip

    @cached_property
    def fit(self) -> pd.DataFrame:
        """A row per period: observed, held_out, fitted with its 90% band, forecast from the first part with its band, the baseline."""
        import pandas as pd

        request, (own, baseline) = self.request, self.forecasts
        return pd.DataFrame({
            "period": request.series.periods, "day": [(row + 1) * request.series.days_per_row for row in request.series.rows],
            "observed": request.series.values, "held_out": np.arange(len(request.series.rows)) >= request.seen,
            "fitted": self.fitted_band.mean, "low": self.fitted_band.low, "high": self.fitted_band.high,
            "forecast": own.mean, "forecast_low": own.low, "forecast_high": own.high,
            "baseline": baseline.mean, "baseline_low": baseline.low, "baseline_high": baseline.high,
        })  # fmt: skip

    @cached_property
    def scores(self) -> pd.DataFrame:
        """A row for the scenario and for the baseline, both fitted to the first part: errors there and on what was held out."""
        import pandas as pd

        observed = np.array(self.request.series.values)
        return pd.DataFrame([score(each, observed, self.request.seen) for each in self.forecasts])

    @cached_property
    def trials(self) -> pd.DataFrame:
        """trial, stage, the free keys, rmse (rows not held out), error."""
        import pandas as pd

        data = self.request.data().part(self.request.seen)
        rows = []
        for each in self.ledger:
            loss = float(losses(data, each.curves.mean(axis=0)[None])[0]) if each.curves.size else math.nan
            rows.append(
                {"trial": each.number, "stage": each.stage, **each.values, "rmse": math.sqrt(loss / self.request.seen), "error": each.error}
            )
        return pd.DataFrame(rows)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What the data cannot tell, in sentences."""
        return tuple(doubts(self))

    @cached_property
    def fitted(self) -> Scenario:
        """The scenario with the estimates and with what they rest on in [calibration]."""
        values = {str(row["key"]): float(row["value"]) for row in self.estimates.to_dict("records")}
        said = {"status": self.status, "to": self._fitted_to(), "result": self._result()}
        return self.request.scenario.override({**values, **{f"calibration.{name}": text for name, text in said.items()}})

    def _fitted_to(self) -> str:
        series = self.request.series
        return _("{name}, {first} to {last} ({rows} rows of {days} days, {measure})").format(
            name=series.name, first=series.periods[0], last=series.periods[-1], rows=len(series.rows), days=series.days_per_row,
            measure=self.request.measure,
        )  # fmt: skip

    def _result(self) -> str:
        said = ", ".join(f"{row.key} = {row.value:.4g} [{row.low:.4g}, {row.high:.4g}]" for row in self.estimates.itertuples())
        if not self.request.held_out:
            return _("{estimates} (90% intervals); nothing was held out").format(estimates=said)
        own, baseline = self.scores.to_dict("records")
        return _(
            "{estimates} (90% intervals, all rows); held out {rows} rows: error {error:.4g}, "
            "{baseline} {baseline_error:.4g}, {inside} inside the 90% band"
        ).format(
            estimates=said, rows=own["rows_held_out"], error=own["rmse_held_out"], baseline=baseline["model"],
            baseline_error=baseline["rmse_held_out"], inside=own["inside_band"],
        )  # fmt: skip


def requested(
    scenario: Scenario, series: Series, free: Sequence[Axis], measure: str, scale: str | None, trials: int, replicates: int,
    holdout: float, seed: int,
) -> Request:  # fmt: skip
    """Everything checked before anything runs."""
    axes = checked(free)
    for each in axes:
        if not each.is_range or each.steps is not None:
            raise InputError(_("a free parameter has a range; allowed: {key}=low:high").format(key=each.key), key=each.key)
        for end in (each.low, each.high):
            scenario.override({each.key: end})
    column = ALIASES.get(measure, measure)
    if column not in COLUMNS[2:]:
        raise InputError(unknown("measure", measure, (*COLUMNS[2:], *ALIASES)), key="--measure")
    flow = column in FLOWS
    if series.tracker and column not in SHARES:
        raise InputError(
            _("{measure} is no share, but the series has samples; allowed: {names}").format(measure=measure, names=", ".join(SHARES)),
            key="--measure",
        )
    if len(series.rows) != series.rows[-1] + 1 and flow:
        raise InputError(_("periods are missing, but units of every period are needed"), series.name)
    if series.days > scenario.run.days:
        wrong = _(
            "the series covers {days} days ({count} rows of {days_per_row}), the run only {run_days}; set run.days={days}, "
            "or fewer --days-per-row"
        ).format(days=series.days, count=len(series.rows), days_per_row=series.days_per_row, run_days=scenario.run.days)
        raise InputError(wrong, series.name)
    if not 0.0 <= holdout < 1.0:
        raise InputError(
            _("{holdout:g} is no share of the rows; allowed: 0 (hold nothing out) to below 1").format(holdout=holdout), key="--holdout"
        )
    spends = any(brand.budget_per_day > 0 for brand in scenario.brands)
    keys = [each.key for each in axes]
    free_scale = (
        flow and not spends and scenario.population.represents is None and REPRESENTS not in keys if scale is None else scale == "free"
    )
    if free_scale and (not flow or spends or REPRESENTS in keys):
        if not flow:
            why = _("the scale cannot be free: shares have none")
        elif REPRESENTS in keys:
            why = _("the scale cannot be free: it is a free key ({key})")
        else:
            why = _(
                "the scale cannot be free: money is the real market's, so that what it does depends on the size; use --free {key}=low:high"
            )
        raise InputError(why.format(key=REPRESENTS), key="--scale")
    held_out = min(len(series.rows) - 1, max(1, round(holdout * len(series.rows)))) if holdout > 0 else 0
    needed = len(axes) + free_scale + 2
    if len(series.rows) - held_out < needed:
        wrong = _(
            "{rows} rows are left to fit {parameters} parameters; at least {needed} are needed "
            "(a longer series, fewer free keys, or a smaller --holdout)"
        ).format(rows=len(series.rows) - held_out, parameters=needed - 2, needed=needed)
        raise InputError(wrong, series.name)
    if not any(series.values[: len(series.rows) - held_out]):
        raise InputError(_("every value that is fitted is 0"), series.name)
    fewest = 8 * (len(axes) + 1)
    if trials < fewest:
        raise InputError(
            _("{trials} trials are too few for {count} free keys; allowed: {fewest} and more").format(
                trials=trials, count=len(axes), fewest=fewest
            ),
            key="--trials",
        )
    if replicates < 2:
        raise InputError(
            _("{replicates} replicate says nothing about luck; allowed: 2 and more").format(replicates=replicates), key="--replicates"
        )
    return Request(scenario, series, axes, column, free_scale, trials, replicates, held_out, seed)
