"""Pictures of what an answer rests on: shares of the space, thirds, a map of who is ahead, indices, screening."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.experiments.sensitivity import Sensitivity
from simulator.language import _, number, percent
from simulator.report.drawing import COLOURS, SETTINGS, Picture, as_svg, blank, numbered
from simulator.report.machine import records
from simulator.report.numbers import NOTHING, interval, label, level
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIRST, SECOND, NEITHER = COLOURS[1], COLOURS[2], "#d0d0d0"
"""A is ahead, B is, nobody."""

BARS = 15
ROW = 0.27  # inches


def share_picture(found: Sensitivity, kpi: str) -> Picture:
    """In what share of the space who is ahead: one bar."""
    import matplotlib as mpl

    a, b = found.asked.names
    shares = found.shares(kpi)
    title = _("{a} is ahead in {share} of the plausible assumptions").format(a=a, share=level(shares["ahead"]["share"], "share"))
    with mpl.rc_context(SETTINGS | {"axes.grid": False}):
        figure, axes = blank()
        figure.set_size_inches(6.4, 1.5)
        left = 0.0
        for name, who, colour in (("ahead", a, FIRST), ("tie", _("no practical difference"), NEITHER), ("behind", b, SECOND)):
            width = shares[name]["share"]
            named = _("{name}: {value}").format(name=who, value=level(width, "share"))
            axes.barh([0], [width], left=left, color=colour, edgecolor="white", label=named)
            left += width
        axes.set_xlim(0.0, 1.0)
        numbered(axes.xaxis, "share")
        axes.set_yticks([])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.3), ncols=3, fontsize=8)
        svg = as_svg(figure, f"share-{kpi}")
    told = {
        name: f"{level(row['share'], 'share')} {interval(level(row['low'], 'share'), level(row['high'], 'share'))}"
        for name, row in shares.items()
    }
    form = _("{kpi}: {a} ahead in {ahead} of the points, {b} in {behind}, no practical difference in {tie}.")
    alt = form.format(kpi=label(kpi), a=a, b=b, **told)
    return Picture(f"share-{kpi}", title, svg, alt, title, whole=True)


def thirds_picture(found: Sensitivity, kpi: str) -> Picture:
    """For each parameter the share in which A is ahead in the lowest and in the highest third of its range."""
    import matplotlib as mpl

    a = found.asked.names[0]
    rows = [row for row in records(found.flips(kpi)) if not math.isnan(row["difference"])]
    with mpl.rc_context(SETTINGS | {"axes.grid.axis": "x"}):
        figure, axes = _rows_figure(len(rows))
        for place, row in enumerate(rows):
            axes.plot([row["low_third"], row["high_third"]], [place, place], color="#9a9a9a", linewidth=1.5, zorder=1)
        y = np.arange(len(rows))
        axes.scatter([row["low_third"] for row in rows], y, marker="o", color=FIRST, label=_("lowest third of the range"), zorder=2)
        axes.scatter([row["high_third"] for row in rows], y, marker="s", color=SECOND, label=_("highest third"), zorder=2)
        axes.axvline(0.5, color="#1c1c1c", linewidth=0.8, linestyle=":")
        axes.set_xlim(-0.03, 1.03)
        numbered(axes.xaxis, "share")
        axes.set_xlabel(_("share of the space in which {a} is ahead").format(a=a), loc="right")
        _name_rows(axes, [row["key"] for row in rows])
        axes.legend(loc="lower center", bbox_to_anchor=(0.3, 1.0), ncols=2, fontsize=8)
        svg = as_svg(figure, f"thirds-{kpi}")
    said = "; ".join(
        _("{name}: {low} and {high}").format(
            name=row["key"], low=level(row["low_third"], "share"), high=level(row["high_third"], "share")
        ) for row in rows
    )  # fmt: skip
    title = _("Share in which {a} is ahead, by the lowest and highest third of each parameter").format(a=a)
    return Picture(f"thirds-{kpi}", title, svg, f"{title}. {said}.", title)


def map_picture(found: Sensitivity, kpi: str) -> Picture | None:
    """The share in which A is ahead over the two parameters that it depends on most; None where there are no two."""
    import matplotlib as mpl

    table = found.flip_map(kpi)
    if table.empty:
        return None
    a = found.asked.names[0]
    keys = [str(table["x_key"].iloc[0]), str(table["y_key"].iloc[0])]
    across = [*sorted(set(table["x_low"])), float(table["x_high"].max())]
    up = [*sorted(set(table["y_low"])), float(table["y_high"].max())]
    values = table["share"].to_numpy(float).reshape(len(across) - 1, len(up) - 1).T
    with mpl.rc_context(SETTINGS | {"axes.grid": False}):
        figure, axes = blank()
        figure.set_size_inches(4.6, 3.4)
        colours = mpl.colormaps["PuOr_r"].resampled(11).with_extremes(bad="#eeeeee")
        fields = axes.pcolormesh(
            across, up, np.ma.masked_invalid(values), cmap=colours, vmin=0.0, vmax=1.0, edgecolors="white", linewidth=0.8
        )
        for row in records(table):
            x, y = (row["x_low"] + row["x_high"]) / 2.0, (row["y_low"] + row["y_high"]) / 2.0
            dark = row["n"] and np.dot(colours(row["share"])[:3], (0.3, 0.59, 0.11)) < 0.5  # by the luminance of its field
            ink = "white" if dark else "#1c1c1c"
            axes.text(x, y, percent(row["share"]) if row["n"] else NOTHING, ha="center", va="center", color=ink, fontsize=7.5)
        numbered(figure.colorbar(fields, ax=axes).ax.yaxis, "share")
        axes.set_xlabel(keys[0])
        axes.set_ylabel(keys[1])
        svg = as_svg(figure, f"map-{kpi}")
    field = _("{x_low:.3g} to {x_high:.3g} and {y_low:.3g} to {y_high:.3g}: {share} of {n}")
    said = "; ".join(field.format(**row | {"share": level(row["share"], "share")}) for row in records(table))
    title = _("Where it flips: share in which {a} is ahead over {key} and {other}").format(a=a, key=keys[0], other=keys[1])
    caption = _("{title}; all other parameters vary too.").format(title=title)
    return Picture(f"map-{kpi}", title, svg, f"{title}. {said}.", caption)


def index_picture(found: Sensitivity, kpi: str) -> Picture:
    """Total and first-order indices, the total with its interval, and luck's part of it."""
    import matplotlib as mpl

    rows = records(found.indices[kpi])
    with mpl.rc_context(SETTINGS | {"axes.grid.axis": "x"}):
        figure, axes = _rows_figure(len(rows))
        y = np.arange(len(rows))
        total = np.array([row["ST"] for row in rows])
        half = np.array([row["ST_high"] - row["ST"] for row in rows])
        axes.barh(y - 0.18, total, 0.36, color=FIRST, xerr=half, error_kw={"ecolor": "#1c1c1c", "elinewidth": 1.0}, label=_("total"))
        axes.barh(y + 0.18, [row["S1"] for row in rows], 0.36, color=COLOURS[6], label=_("first order"))
        noise = np.array([row["noise"] for row in rows])
        if not np.isnan(noise).all():
            axes.scatter(noise, y - 0.18, marker="|", s=80, color=SECOND, label=_("luck's part"), zorder=3)
        axes.set_xlabel(_("share of the variance over the space"))
        _name_rows(axes, [row["key"] for row in rows])
        axes.legend(loc="lower center", bbox_to_anchor=(0.3, 1.0), ncols=3, fontsize=8)
        svg = as_svg(figure, f"indices-{kpi}")
    told = _("{name}: total {total}, first order {first}")
    said = "; ".join(told.format(name=row["key"], total=number(row["ST"], 2), first=number(row["S1"], 2)) for row in rows)
    title = _("Sobol indices of {kpi}").format(kpi=label(kpi))
    return Picture(f"indices-{kpi}", title, svg, f"{title}. {said}.")


def screening_picture(found: Sensitivity, kpi: str) -> Picture:
    """The largest mu* with their intervals, and what luck alone would show."""
    import matplotlib as mpl

    rows = records(found.screening[kpi])[:BARS]
    unit, name = KPIS[kpi].unit, label(kpi, found.asked.scenarios[0].market.currency)
    with mpl.rc_context(SETTINGS | {"axes.grid.axis": "x"}):
        figure, axes = _rows_figure(len(rows))
        y = np.arange(len(rows))
        size = np.array([row["mu_star"] for row in rows])
        half = np.array([[row["mu_star"] - row["mu_star_low"] for row in rows], [row["mu_star_high"] - row["mu_star"] for row in rows]])
        colour = [NEITHER if row["within_noise"] else FIRST for row in rows]
        axes.barh(y, size, 0.6, color=colour, xerr=half, error_kw={"ecolor": "#1c1c1c", "elinewidth": 1.0})
        noise = np.array([row["noise"] for row in rows])
        if not np.isnan(noise).all():
            axes.scatter(noise, y, marker="|", s=110, color=SECOND, label=_("luck alone, 19 times of 20 less"), zorder=3)
            axes.legend(loc="lower center", bbox_to_anchor=(0.3, 1.0), fontsize=8)
        axes.set_xlabel(_("mu*: {kpi}, effect of the whole range").format(kpi=name))
        numbered(axes.xaxis, unit)
        _name_rows(axes, [row["key"] for row in rows])
        svg = as_svg(figure, f"screening-{kpi}")
    said = "; ".join(_("{name}: {value}").format(name=row["key"], value=level(row["mu_star"], unit)) for row in rows)
    title = _("Screening of {kpi}").format(kpi=name)
    return Picture(f"screening-{kpi}", title, svg, f"{title}, mu*. {said}.")


def _rows_figure(rows: int) -> tuple[Figure, Axes]:
    figure, axes = blank()
    figure.set_size_inches(6.0, 1.2 + ROW * max(1, rows))
    return figure, axes


def _name_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(np.arange(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
