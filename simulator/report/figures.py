"""Pictures of a comparison as SVG texts: curves with bands over replicates, money by line."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.comparison import BAND, Comparison
from simulator.experiments.paired import F64
from simulator.report.numbers import level

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#6b6b6b", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by colour-blind eyes (Okabe and Ito's palette); the baseline is grey."""

STYLES = ("--", "-", "-.", (0, (3, 1, 1, 1)), (0, (5, 1)), ":")
"""Told apart on a black and white print."""

SIZE = (5.2, 3.5)
"""Inches; small, so that letters stay readable when the picture is as wide as a phone."""

PANELS = {1: 1, 2: 2, 3: 3, 4: 2}
"""Panels beside each other, by how many there are; else three."""

LETTERS = 48
"""Of a title on one line."""

WEEK = 7
SETTINGS: Any = {
    "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"], "font.size": 9.5, "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#e4e4e4", "grid.linewidth": 0.6,
    "legend.frameon": False, "text.parse_math": False, "path.simplify": True,
}  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """What a figure of daily values shows."""

    column: str
    title: str
    axis: str
    unit: str
    smoothed: bool = False  # mean of the last seven days, taken in each replicate


CURVES = (
    Curve("reach", "Reach", "share of consumers reached so far", "share"),
    Curve("trust_aware", "Trust among the aware", "mean trust, 0 to 1", ""),
    Curve("tellings_positive", "Good word of mouth", "tellings of praise a day, 7-day mean", "messages", smoothed=True),
    Curve("tellings_negative", "Bad word of mouth", "tellings of blame a day, 7-day mean", "messages", smoothed=True),
)


@dataclass(frozen=True)
class Picture:
    """A figure for a page: SVG without anything to fetch, and what it shows in words."""

    title: str
    svg: str
    alt: str
    caption: str = ""
    whole: bool = False  # as wide as the page


def pictures(comparison: Comparison) -> list[Picture]:
    """All figures of a comparison."""
    if comparison.curves.empty:
        return []
    return [*(curve_picture(comparison, curve) for curve in CURVES), spending_picture(comparison)]


def curve_picture(comparison: Comparison, curve: Curve) -> Picture:
    """One daily column: a line for each scenario's mean, a band for the middle of the replicates."""
    import matplotlib as mpl
    from matplotlib.ticker import PercentFormatter

    ends = []
    with mpl.rc_context(SETTINGS):
        figure, axes = blank(curve.title)
        for place, name in enumerate(comparison.names):
            days, values = _replicates(comparison, name, curve)
            if not len(days):
                continue
            mean, (low, high) = values.mean(axis=0), np.quantile(values, BAND, axis=0)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            axes.fill_between(days, low, high, color=colour, alpha=0.16, linewidth=0)
            axes.plot(days, mean, color=colour, linestyle=style, linewidth=1.7, label=name)
            ends.append(f"{name} {level(float(mean[-1]), curve.unit)}")
        axes.set_xlabel("day")
        axes.set_ylabel(curve.axis)
        axes.set_ylim(bottom=0.0 if curve.unit else None)
        if curve.unit == "share":
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=3)
        svg = as_svg(figure, curve.column)
    alt = (
        f"{curve.title} of {comparison.focal} ({curve.axis}) by day: mean of {comparison.completed} replicates, "
        f"bands hold the middle 80%. On the last day: {', '.join(ends)}."
    )
    return Picture(curve.title, svg, alt)


def spending_picture(comparison: Comparison) -> Picture:
    """Where the money went: a bar for each scenario, a part for each line; mean over replicates."""
    import matplotlib as mpl
    from matplotlib.ticker import FuncFormatter

    amounts = spending_by_line(comparison)
    currency = comparison.scenarios[0].market.currency
    with mpl.rc_context(SETTINGS):
        figure, axes = blank("Spend by line")
        left = np.zeros(len(comparison.names))
        for place, (line, values) in enumerate(amounts.items()):
            axes.barh(
                comparison.names, values, left=left, height=0.62, label=line, color=COLOURS[(place + 1) % len(COLOURS)],
                hatch=("", "//", "..")[place // len(COLOURS) % 3], edgecolor="white", linewidth=0.5,
            )  # fmt: skip
            left += values
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(f"{currency} in the whole run")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        if amounts:
            axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.24), ncols=2, fontsize=8)
        svg = as_svg(figure, "spending")
    totals = ", ".join(f"{name} {total:,.0f}" for name, total in zip(comparison.names, left, strict=True))
    return Picture("Spend by line", svg, f"What {comparison.focal} spent in the whole run, by line, in {currency}: {totals}.")


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


def _replicates(comparison: Comparison, name: str, curve: Curve) -> tuple[F64, F64]:
    """Days, and [replicates, days] of one column in one scenario."""
    curves = comparison.curves
    wide = curves[curves["scenario"] == name].pivot(index="replicate", columns="day", values=curve.column)
    if curve.smoothed:
        wide = wide.T.rolling(WEEK, min_periods=1).mean().T
    return wide.columns.to_numpy(float), wide.to_numpy(float)


def blank(title: str) -> tuple[Figure, Axes]:
    """A figure of one panel with its title."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left")
    return figure, axes


def headed(title: str, width: float, height: float) -> Figure:
    """A figure of so many inches, with room for its title (two lines) above them."""
    from matplotlib.figure import Figure

    room = 0.45
    figure = Figure(figsize=(width, height + room), layout="constrained")
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0.0, 0.0, 1.0, height / (height + room)))  # type: ignore[call-arg]  # of the constrained layout
    figure.text(0.01, 0.995, title, ha="left", va="top", fontweight="bold", fontsize=11)
    return figure


def folded(title: str) -> str:
    """On as many lines as it needs above one panel."""
    return textwrap.fill(title, LETTERS)


def as_svg(figure: Figure, salt: str) -> str:
    """The figure as an element for a page: no prolog, no metadata, no address of any kind; ids differ between figures."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": salt}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # only measured here; the reader's own fonts draw the text
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\s(?:xmlns(?::\w+)?|version)="[^"]*"', "", text)
    text = re.sub(r'(?<=\sd=")[^"]*', _rounded, text)
    return _own_ids(text, salt)


def _rounded(path: re.Match[str]) -> str:
    """A path to hundredths of a point, on one line: half the bytes."""
    return " ".join(re.sub(r"(\.\d\d)\d+", r"\1", path[0]).split())


def _own_ids(svg: str, salt: str) -> str:
    """Ids with the figure's name in front, so that several figures can share a page; width and height are the page's affair."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{salt}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{salt}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{salt}-\1)", svg)
    head, _, rest = svg.partition(">")
    return re.sub(r'\s(?:width|height)="[^"]*"', "", head) + ">" + rest
