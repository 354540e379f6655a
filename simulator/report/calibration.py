"""A calibration in words, tables and one page: what was estimated, how it forecast, what the data cannot tell."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.calibration import Calibration
from simulator.files import written
from simulator.language import N_, _
from simulator.report.drawing import COLOURS, SETTINGS, Picture, as_svg, blank, paneled
from simulator.report.findings import Section, page
from simulator.report.machine import records
from simulator.report.numbers import NOTHING, listed
from simulator.report.text import aligned
from simulator.scenario.writing import write_scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE, SCENARIO = "calibration.html", "fitted.toml"
OBSERVED, OWN, OTHER = "#1c1c1c", COLOURS[1], COLOURS[2]
ALIKE = 0.05
"""Errors that differ by less than this share are called alike."""

ESTIMATES = (N_("parameter"), N_("estimate"), N_("90% interval"), N_("per row"), N_("range searched"))
SCORES = (N_("model"), N_("error, rows fitted"), N_("error, rows held out"), N_("log score"), N_("inside the 90% band"))


def calibration_data(found: Calibration) -> dict[str, Any]:
    """Everything that was found, for other programs."""
    request = found.request
    return {
        "scenario": request.scenario.name, "hash": request.scenario.hash, "focal": request.focal, "series": request.series.name,
        "measure": request.measure, "rows": len(request.series.rows), "days_per_row": request.series.days_per_row,
        "held_out": request.held_out, "likelihood": found.likelihood, "status": found.status, "seed": request.seed,
        "trials": request.trials, "replicates": request.replicates, "scale": "free" if request.free_scale else "fixed",
        "estimates": records(found.estimates), "correlation": records(found.correlation), "scores": records(found.scores),
        "fit": records(found.fit), "bass": found.bass._asdict() if found.bass else None, "warnings": list(found.warnings),
        "answer": sentences(found),
    }  # fmt: skip


def sentences(found: Calibration) -> list[str]:
    """What was found, and how the forecast did against the baseline."""
    request, (own, other) = found.request, records(found.scores)
    said = [_("{key} is {value:.4g} [{low:.4g}, {high:.4g}]").format(**row) for row in records(found.estimates)]
    fitted = _("In this model, fitted to all {rows} rows of {series}, {estimates} (90% profile intervals).")
    lines = [fitted.format(rows=len(request.series.rows), series=request.series.name, estimates=listed(said, _("and")))]
    if request.held_out:
        ratio = own["rmse_held_out"] / other["rmse_held_out"] if other["rmse_held_out"] else math.inf
        if ratio < 1.0 - ALIKE:
            verdict = _("better than the baseline")
        else:
            verdict = _("worse than the baseline") if ratio > 1.0 + ALIKE else _("much like the baseline")
        forecast = _(
            "Fitted to the first {seen} rows only, it forecast the {held_out} held out with an error of {error:.4g},"
            " {baseline} with {baseline_error:.4g}: {verdict}. {inside} of {held_out} lie inside its 90% band."
        )
        lines.append(
            forecast.format(
                seen=request.seen,
                held_out=request.held_out,
                error=own["rmse_held_out"],
                baseline=other["model"],
                baseline_error=other["rmse_held_out"],
                verdict=verdict,
                inside=own["inside_band"],
            )  # fmt: skip
        )
    else:
        lines.append(_("Nothing was held out, so how well it forecasts is not known."))
    return lines


def calibration_lines(found: Calibration) -> str:
    """The same for a terminal, with tables and warnings."""
    parts = [*sentences(found), "", aligned([*map(_, ESTIMATES)], estimate_rows(found), right=(1, 3)), ""]
    parts += [aligned([*map(_, SCORES)], score_rows(found), right=(1, 2, 3)), ""] if found.request.held_out else []
    if found.bass is not None:
        parts += [bass_sentence(found), ""]
    parts.append(_("Likelihood: {likelihood}.").format(likelihood=found.likelihood))
    parts += [_("warning: {text}").format(text=text) for text in found.warnings]
    return "\n".join(parts)


def bass_sentence(found: Calibration) -> str:
    """The NLS Bass fit of the whole series, in rates per row."""
    fit = found.bass
    assert fit is not None
    return _(
        "NLS Bass on all rows, per row: p = {p:.4g} (se {p_se:.2g}), q = {q:.4g} (se {q_se:.2g}), m = {m:,.5g}"
        " (se {m_se:,.2g}), R2 {r2:.3f}; the scenario's R2 {own:.3f}."
    ).format(p=fit.p, p_se=fit.p_se, q=fit.q, q_se=fit.q_se, m=fit.m, m_se=fit.m_se, r2=fit.r2, own=explained(found))


def explained(found: Calibration) -> float:
    """The share of the variance of the observed rows that the final fit explains."""
    observed = np.array(found.request.series.values)
    return float(1.0 - ((observed - found.fitted_band.mean) ** 2).sum() / ((observed - observed.mean()) ** 2).sum())


def write_calibration(found: Calibration, folder: Path, command: str = "") -> Path:
    """Write the fitted scenario, the tables and the page; returns the page's path."""
    head = (f"Fitted by run.py calibrate to {found.request.series.name}; 90% intervals and trials: {PAGE}, profile.csv, trials.csv",)
    for name in ("trials", "profile", "fit", "estimates", "scores"):
        written(folder / f"{name}.csv", getattr(found, name).to_csv(index=False, lineterminator="\n").encode())
    write_scenario(found.fitted, folder / SCENARIO, head)
    written(folder / PAGE, html(found, command).encode())
    return folder / PAGE


def html(found: Calibration, command: str = "") -> str:
    """The page. Everything that users wrote is escaped; nothing on it is fetched from anywhere."""
    request = found.request
    sections = [
        Section(_("Observed, fitted and foretold"), _(_BAND), [fit_picture(found)]),
        Section(_("Estimates"), _(_ESTIMATES), (), [*map(_, ESTIMATES)], estimate_rows(found)),
        Section(_("What the data say about each parameter"), _(_PROFILE), [profile_picture(found)]),
    ]
    if request.held_out:
        sections.insert(1, Section(_("Beside the baseline"), _(_SCORES), (), [*map(_, SCORES)], score_rows(found)))
    if found.bass is not None:
        sections.append(Section(_("The Bass model"), bass_sentence(found)))
    last = request.seed + request.replicates - 1
    basis = _(
        "{trials} settings, {replicates} runs each with the same luck (seeds {first} to {last}); a row is"
        " {days} simulated days, {measure} of {focal}; likelihood: {likelihood}. Calibration status: {status}."
    ).format(
        trials=request.trials, replicates=request.replicates, first=request.seed, last=last, days=request.series.days_per_row,
        measure=request.measure, focal=request.focal, likelihood=found.likelihood, status=_(found.status),
    )  # fmt: skip
    title = _("{scenario}, fitted to {series}").format(scenario=request.scenario.title or request.scenario.name, series=request.series.name)
    warnings = [text[0].upper() + text[1:] + "." for text in found.warnings]
    return page("calibration", title, sentences(found), basis, sections, [(request.scenario.name, request.scenario)], warnings, command)


_BAND = N_(
    "Final fit: from all rows. Forecast: from the rows left of the line only; its band holds 90% of what the fitted model would give, with"
    " the errors of the estimates, the scatter of the rows, and the luck of the market and of the simulation."
)
_SCORES = N_(
    "Both fitted to the same first rows. Error: root mean square, in the unit of the series. Log score: mean logarithm of the forecast's"
    " density at what came; the larger the better."
)
_ESTIMATES = N_(
    "From all rows. Rates per day times the simulated days of a row are rates per row, to be compared with those of the Bass model."
    " Intervals: all values at which the best fit by all other parameters is not significantly worse; they hold noise of the data and of"
    " the simulation."
)
_PROFILE = N_("How much worse the best fit is with one parameter held at a value. Values under the dotted line are in the 90% interval.")


def estimate_rows(found: Calibration) -> list[list[str]]:
    """Rows of the table of estimates."""
    rows = []
    for row in records(found.estimates):
        low, high = (f"{row[end]:.4g}" for end in ("low", "high"))
        searched = (
            NOTHING
            if math.isnan(row["range_low"])
            else _("{low} to {high}").format(low=f"{row['range_low']:.4g}", high=f"{row['range_high']:.4g}")
        )
        low = _("below {number}").format(number=low) if row["open_low"] else low
        high = _("above {number}").format(number=high) if row["open_high"] else high
        interval = _("{low} to {high}").format(low=low, high=high)
        rows.append(
            [row["key"], f"{row['value']:.4g}", interval, NOTHING if math.isnan(row["per_row"]) else f"{row['per_row']:.4g}", searched]
        )
    return rows


def score_rows(found: Calibration) -> list[list[str]]:
    """Rows of the table of scores."""
    return [
        [row["model"], f"{row['rmse_fitted']:.4g}", f"{row['rmse_held_out']:.4g}", f"{row['log_score']:.2f}",
         _("{some} of {all}").format(some=row["inside_band"], all=row["rows_held_out"])] for row in records(found.scores)
    ]  # fmt: skip


def fit_picture(found: Calibration) -> Picture:
    """The series, the final fit, the forecast with its band, the baseline."""
    import matplotlib as mpl

    table, request = found.fit, found.request
    own, other = found.forecasts
    x = np.array(request.series.rows, float)
    with mpl.rc_context(SETTINGS):
        figure, axes = blank()
        figure.set_size_inches(7.2, 3.6)
        axes.plot(x, table["observed"], "o", color=OBSERVED, markersize=4, label=_("observed"))
        axes.plot(x, table["fitted"], "-", color=OWN, linewidth=1.8, label=_("final fit, all rows"))
        if request.held_out:
            ahead = slice(request.seen - 1, None)
            axes.fill_between(x[ahead], own.low[ahead], own.high[ahead], color=OWN, alpha=0.16, linewidth=0, label=_("forecast, 90% band"))
            axes.plot(x[ahead], own.mean[ahead], "--", color=OWN, linewidth=1.4, label=_("forecast"))
            axes.plot(x[ahead], other.mean[ahead], "-.", color=OTHER, linewidth=1.4, label=other.name)
            axes.axvline(x[request.seen - 1] + 0.5, color="#8a8a8a", linewidth=0.8, linestyle=":")
        else:
            axes.fill_between(x, found.fitted_band.low, found.fitted_band.high, color=OWN, alpha=0.16, linewidth=0, label=_("90% band"))
        _periods(axes, x, request.series.periods)
        axes.set_ylim(bottom=0.0)
        axes.set_ylabel(request.measure)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, fontsize=8)
        svg = as_svg(figure, "fit")
    title = _("{series}: observed and fitted").format(series=request.series.name)
    return Picture("fit", title, svg, f"{title}. {' '.join(sentences(found))}", title, whole=True)


def profile_picture(found: Calibration) -> Picture:
    """The profile of each parameter: a panel each."""
    import matplotlib as mpl

    table, names = found.profile, found.names
    across = min(3, len(names))
    down = -(-len(names) // across)
    with mpl.rc_context(SETTINGS):
        figure = paneled(3.0 * across, 2.3 * down)
        for place, (key, seen) in enumerate(zip(names, found.profiles, strict=True)):
            axes = figure.add_subplot(down, across, place + 1)
            rows = table[table["key"] == key]
            axes.plot(rows["value"], rows["statistic"], "-", color=OWN, linewidth=1.6)
            axes.axhline(seen.limit, color="#6b6b6b", linestyle=":", linewidth=1.0)
            axes.set_ylim(0.0, 3.0 * seen.limit)
            axes.set_title(key, fontsize=8.5)
            axes.tick_params(labelsize=7)
            axes.locator_params(axis="x", nbins=4)
        svg = as_svg(figure, "profile")
    said = "; ".join(_("{key} {low:.4g} to {high:.4g}").format(**row) for row in records(found.estimates))
    alternative = _("How much worse the fit gets away from each estimate. 90% intervals: {intervals}.").format(intervals=said)
    return Picture("profile", _("Profiles"), svg, alternative, whole=True)


def _periods(axes: Axes, x: Any, periods: tuple[str, ...]) -> None:
    step = max(1, math.ceil(len(periods) / 8))
    axes.set_xticks(x[::step], [period[:12] for period in periods[::step]])
