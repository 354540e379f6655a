"""Pictures of a comparison: curves with bands over replicates, differences from the baseline, money by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.experiments.comparison import BAND, Comparison
from simulator.experiments.paired import F64
from simulator.language import N_, _, number, percent
from simulator.report.answer import finding
from simulator.report.drawing import COLOURS, INKS, SETTINGS, STYLES, Picture, as_svg, blank, legend, named, numbered, short
from simulator.report.numbers import NOTHING, change_with_interval, label, level, period
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEEK = 7
BESIDE = 22
"""Letters of a name beside an axis."""

MILLION, THOUSAND = 1e6, 1e3

LINES = {
    "ads": N_("ads"), "invitations": N_("invitations"), "sends": N_("newsletters"), "listening": N_("listening"),
    "conversations": N_("conversations"), "platform": N_("platform"), "fix": N_("fixing"), "integrate": N_("taking up ideas"),
}  # fmt: skip
"""What lines of spending are called; one that is not here is shown by its name."""


@dataclass(frozen=True)
class Curve:
    """What a figure of daily values shows."""

    column: str
    kpi: str  # whose leader is its finding
    axis: str
    unit: str
    smoothed: bool = False  # mean of the last seven days, taken in each replicate


CURVES = (
    Curve("share", "share", N_("Market share in units of the last 28 days"), "share"),
    Curve("trust_aware", "trust_aware", N_("Mean trust among those who know the brand, 0 to 1"), ""),
    Curve("reach", "reach", N_("Share of consumers reached so far"), "share"),
    Curve("tellings_positive", "messages_positive", N_("Tellings of praise a day, 7-day mean"), "messages", smoothed=True),
    Curve("tellings_negative", "messages_negative", N_("Tellings of blame a day, 7-day mean"), "messages", smoothed=True),
)

FRONT = ("share", "profit", "trust_aware")
"""The pictures of page 1; where a story is told, the last gives way to the talk about it."""


def pictures(comparison: Comparison) -> list[Picture]:
    """All figures of a comparison."""
    if comparison.curves.empty:
        return []
    drawn = [curve_picture(comparison, curve) for curve in CURVES]
    profit = difference_picture(comparison, "profit")
    return [*drawn[:1], *([profit] if profit else []), *drawn[1:], spending_picture(comparison)]


def on_front(comparison: Comparison, drawn: list[Picture]) -> list[Picture]:
    """The three pictures of page 1."""
    names = [*FRONT[:-1], "tellings_negative" if comparison.bad_buzz else FRONT[-1], "reach", "tellings_positive"]
    found = {picture.name: picture for picture in drawn}
    return [found[name] for name in names if name in found][: len(FRONT)]


def curve_picture(comparison: Comparison, curve: Curve) -> Picture:
    """One daily column: a line for each scenario's mean, a band for the middle of the replicates."""
    import matplotlib as mpl

    ends, said = [], []
    with mpl.rc_context(SETTINGS):
        figure, axes = blank()
        for place, name in enumerate(comparison.names):
            days, values = replicates_of(comparison, name, curve)
            if not len(days):
                continue
            mean, (low, high) = values.mean(axis=0), np.quantile(values, BAND, axis=0)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            axes.fill_between(days, low, high, color=colour, alpha=0.12, linewidth=0)
            axes.plot(days, mean, color=colour, linestyle=style, linewidth=1.8, label=name)
            ends.append((name, float(mean[-1]), place))
            said.append(f"{name} {level(float(mean[-1]), curve.unit)}")
        if ends:
            axes.set_xlim(0, max(scenario.run.days for scenario in comparison.scenarios))
        weeks(axes)
        axes.set_ylim(bottom=0.0 if curve.unit else None)
        numbered(axes.yaxis, curve.unit)
        named(axes, ends)
        svg = as_svg(figure, curve.column)
    subtitle = _(curve.axis)
    alt = _(
        "{what}, {brand}, by day: mean of {replicates} replicates, bands hold the middle 80%. On the last day: {values}."
    ).format(what=subtitle, brand=comparison.focal, replicates=number(comparison.completed), values=", ".join(said) or NOTHING)  # fmt: skip
    caption = _("Lines: means of {replicates} replicates; bands: the middle 80% of them.").format(replicates=number(comparison.completed))
    return Picture(curve.column, finding(comparison, curve.kpi), svg, alt, caption, subtitle=subtitle, figure=figure)


def weeks(axes: Axes) -> None:
    """Whole weeks under an axis of days where it is long enough, else days."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    last = axes.get_xlim()[1]
    if last < 4 * WEEK:
        axes.set_xlabel(_("day"))
        return
    step = next((each for each in (1, 2, 4, 13, 26, 52, 104) if last / (WEEK * each) <= 7), 520)
    axes.xaxis.set_major_locator(MultipleLocator(WEEK * step))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: number(value / WEEK)))
    axes.set_xlabel(_("week"))


def difference_picture(comparison: Comparison, kpi: str) -> Picture | None:
    """A key figure at the end, each scenario's paired difference from the baseline with its interval."""
    import matplotlib as mpl

    last, verdicts = comparison.days[-1], comparison.verdicts
    rows = verdicts[(verdicts["day"] == last) & (verdicts["kpi"] == kpi) & (verdicts["b"] == comparison.baseline)]
    rows = rows[rows["mean"].notna()]
    if rows.empty:
        return None
    unit, currency = KPIS[kpi].unit, comparison.scenarios[0].market.currency
    ends = rows[["mean", "low", "high"]].to_numpy(float)
    scale, words = _scale(float(np.nanmax(np.abs(ends))), currency if unit == "currency" else "")
    said = []
    with mpl.rc_context(SETTINGS | {"axes.grid.axis": "x"}):
        figure, axes = blank()
        for height, (name, (mean, low, high)) in enumerate(zip(rows["a"], ends / scale, strict=True)):
            place = comparison.names.index(name)
            colour = COLOURS[place % len(COLOURS)]
            if not np.isnan(low):
                axes.plot([low, high], [height, height], color=colour, linewidth=3.2, solid_capstyle="round", alpha=0.55)
            axes.plot([mean], [height], "o", color=INKS[place % len(INKS)], markersize=6)
            said.append(f"{name} {change_with_interval(mean * scale, low * scale, high * scale, unit)}")
        axes.axvline(0.0, color="#1c1c1c", linewidth=1.0)
        axes.set_yticks(range(len(rows)), [short(str(name), BESIDE) for name in rows["a"]])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        numbered(axes.xaxis)
        axes.set_xlabel(_("against {baseline}").format(baseline=comparison.baseline) + (f" ({words})" if words else ""))
        svg = as_svg(figure, kpi)
    subtitle = _("{figure} at {period}, difference from {baseline}").format(
        figure=label(kpi, currency), period=period(last), baseline=comparison.baseline
    )
    alt = _("{what}: mean of the paired differences with its 95% interval. {values}.").format(what=subtitle, values=", ".join(said))
    caption = _("Dots: means of paired differences; bars: their 95% intervals.")
    return Picture(kpi, finding(comparison, kpi), svg, alt, caption, subtitle=subtitle, figure=figure)


def spending_picture(comparison: Comparison) -> Picture:
    """Where the money went: a bar for each scenario, a part for each line; mean over replicates."""
    import matplotlib as mpl

    amounts = spending_by_line(comparison)
    currency = comparison.scenarios[0].market.currency
    totals = sum(amounts.values(), np.zeros(len(comparison.names)))
    scale, words = _scale(float(totals.max(initial=0.0)), currency)
    with mpl.rc_context(SETTINGS | {"axes.grid.axis": "x"}):
        figure, axes = blank()
        left = np.zeros(len(comparison.names))
        for place, (line, values) in enumerate(amounts.items()):
            axes.barh(
                range(len(comparison.names)), values / scale, left=left, height=0.62, label=line_name(line), edgecolor="white",
                color=COLOURS[(place + 1) % len(COLOURS)], hatch=("", "//", "..")[place // len(COLOURS) % 3], linewidth=0.5,
            )  # fmt: skip
            left += values / scale
        axes.set_yticks(range(len(comparison.names)), [short(name, BESIDE) for name in comparison.names])
        axes.invert_yaxis()
        numbered(axes.xaxis)
        axes.set_xlabel(words)
        legend(axes)
        svg = as_svg(figure, "spending")
    subtitle = _("Spending of {brand} in the whole run, by line").format(brand=comparison.focal)
    said = ", ".join(f"{name} {number(total)}" for name, total in zip(comparison.names, totals, strict=True))
    alt = _("{what}, in {currency}: {values}.").format(what=subtitle, currency=currency, values=said)
    caption = _("Means of {replicates} replicates.").format(replicates=number(comparison.completed))
    return Picture("spending", _spent(comparison, amounts), svg, alt, caption, subtitle=subtitle, figure=figure)


def spending_by_line(comparison: Comparison) -> dict[str, F64]:
    """Line -> mean amount over replicates, float64 [scenarios]; the largest lines first."""
    spent = comparison.spending
    if spent.empty:
        return {}
    table = spent[spent["brand"] == comparison.focal].groupby(["line", "scenario"])["amount"].sum().unstack(fill_value=0)
    runs = comparison.runs.groupby("scenario")["replicate"].nunique()
    means: F64 = table.reindex(columns=list(comparison.names), fill_value=0.0).to_numpy(float)
    means = means / np.maximum(1.0, runs.reindex(list(comparison.names), fill_value=0).to_numpy(float))
    lines = [str(line) for line in table.index]
    return {lines[row]: means[row] for row in np.argsort(-means.sum(axis=1), kind="stable")}


def line_name(line: str) -> str:
    """A line of spending in words: `advertising: video preroll`."""
    kind, _colon, channel = line.partition(":")
    words = _(LINES[kind]) if kind in LINES else kind.replace("_", " ")
    return _("{kind}: {channel}").format(kind=words, channel=channel.replace("_", " ")) if channel else words


def _spent(comparison: Comparison, amounts: dict[str, F64]) -> str:
    """The finding of the picture of money: the largest part of all."""
    if not amounts or not any(values.any() for values in amounts.values()):
        return _("{brand} spends nothing").format(brand=comparison.focal)
    line = max(amounts, key=lambda each: float(amounts[each].max()))
    place = int(amounts[line].argmax())
    share = float(amounts[line][place] / sum(values[place] for values in amounts.values()))
    return _("{share} of the money goes to {line} with {name}").format(
        share=percent(share), line=line_name(line), name=comparison.names[place]
    )


def replicates_of(comparison: Comparison, name: str, curve: Curve) -> tuple[F64, F64]:
    """Days, and [replicates, days] of one column in one scenario."""
    curves = comparison.curves
    wide = curves[curves["scenario"] == name].pivot(index="replicate", columns="day", values=curve.column)
    if curve.smoothed:
        wide = wide.T.rolling(WEEK, min_periods=1).mean().T
    return wide.columns.to_numpy(float), wide.to_numpy(float)


def _scale(largest: float, currency: str) -> tuple[float, str]:
    """By what to divide numbers for an axis, and how to say so."""
    if largest >= 2 * MILLION:
        return MILLION, _("millions of {currency}").format(currency=currency) if currency else _("millions")
    if largest >= 20 * THOUSAND:
        return THOUSAND, _("thousands of {currency}").format(currency=currency) if currency else _("thousands")
    return 1.0, currency
