"""Pictures of a study: what each key does to each figure, and one figure over two keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.experiments.effects import Levels
from simulator.experiments.paired import F64
from simulator.language import _
from simulator.report.drawing import COLOURS, SETTINGS, Picture, as_svg, blank, numbered
from simulator.report.numbers import label, level, level_with_interval
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SMALL = (3.0, 2.15)
"""Inches of one of many small figures."""

LETTERS = 18
"""Of a level's name below an axis."""

MOST_NAMES = 12
MOST_NUMBERS = 64
"""So many fields of a map can hold their number."""

SHADES = 24
EMPTY = "#efefef"


def effect_picture(rows: pd.DataFrame, levels: Levels, kpi: str, name: str, currency: str) -> Picture:
    """One figure along one key: means with their 95% intervals.

    rows: of one key and figure, from `experiments.effects.main_effects`
    """
    import matplotlib as mpl

    unit, title = KPIS[kpi].unit, label(kpi, currency)
    places, mean, low, high = (rows[column].to_numpy(float) for column in ("position", "mean", "low", "high"))
    with mpl.rc_context(SETTINGS):
        figure, axes = blank()
        figure.set_size_inches(*SMALL)
        axes.set_title(title, loc="left", fontweight="bold")
        half = np.nan_to_num(np.stack([mean - low, high - mean]))
        if levels.numeric:
            axes.plot(places, mean, color=COLOURS[1], linewidth=1.2)
            numbered(axes.xaxis)
        else:
            _name_ticks(axes, places, levels.labels)
        axes.errorbar(places, mean, yerr=half, fmt="o", color=COLOURS[1], markersize=4.5, capsize=3, linewidth=1.2)
        axes.margins(x=0.12 if levels.numeric else 0.2, y=0.12)
        numbered(axes.yaxis, unit)
        svg = as_svg(figure, name)
    said = "; ".join(
        _("{name}: {value}").format(name=text, value=level_with_interval(at, least, most, unit))
        for text, at, least, most in zip(levels.labels, mean.tolist(), low.tolist(), high.tolist(), strict=True)
    )
    alt = _("{figure} by {key}, means with 95% intervals. {values}.").format(figure=title, key=levels.key, values=said)
    return Picture(name, title, svg, alt)


def map_picture(one: Levels, other: Levels, values: F64, kpi: str, name: str, currency: str) -> Picture:
    """A figure over two keys as a map: one along the x-axis, the other upwards. values [levels of one, levels of the other]."""
    import matplotlib as mpl
    from matplotlib.colors import Normalize

    unit, title = KPIS[kpi].unit, label(kpi, currency)
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    scale = Normalize(low, high if high > low else low + 1.0)
    with mpl.rc_context(SETTINGS | {"axes.grid": False}):
        figure, axes = blank()
        figure.set_size_inches(max(4.2, 1.6 + 0.62 * len(one.labels)), max(2.7, 1.3 + 0.36 * len(other.labels)))
        axes.set_title(title, loc="left", fontweight="bold")
        colours = mpl.colormaps["cividis"].resampled(SHADES).with_extremes(bad=EMPTY)
        fields = axes.pcolormesh(np.ma.masked_invalid(values.T), cmap=colours, norm=scale, edgecolors="white", linewidth=0.8)
        if values.size <= MOST_NUMBERS:
            for (x, y), value in np.ndenumerate(values):
                ink = "#1c1c1c" if np.isnan(value) or scale(value) > 0.5 else "white"
                axes.text(x + 0.5, y + 0.5, level(float(value), unit), ha="center", va="center", color=ink, fontsize=7.5)
        else:
            numbered(figure.colorbar(fields, ax=axes).ax.yaxis, unit)
        _name_ticks(axes, np.arange(0.5, len(one.labels)), one.labels)
        axes.set_yticks(np.arange(len(other.labels)) + 0.5, [shortened(text) for text in other.labels])
        axes.set_xlabel(one.key)
        axes.set_ylabel(other.key)
        svg = as_svg(figure, name)
    return Picture(name, title, svg, _said(one, other, values, unit, title), whole=len(one.labels) > 6)


def _said(one: Levels, other: Levels, values: F64, unit: str, title: str) -> str:
    if np.isnan(values).all():
        return _("{figure} over {key} and {other}: unknown everywhere.").format(figure=title, key=one.key, other=other.key)
    ends = []
    for place in (np.nanargmin(values), np.nanargmax(values)):
        x, y = np.unravel_index(int(place), values.shape)
        there = _("{key} = {value} and {other} = {second}")
        where = there.format(key=one.key, value=one.labels[x], other=other.key, second=other.labels[y])
        ends.append((level(float(values[x, y]), unit), where))
    (low, low_at), (high, high_at) = ends
    form = _("{figure} over {key} and {other}: lowest, {low}, at {low_at}; highest, {high}, at {high_at}.")
    return form.format(figure=title, key=one.key, other=other.key, low=low, low_at=low_at, high=high, high_at=high_at)


def _name_ticks(axes: Axes, places: F64, labels: tuple[str, ...]) -> None:
    """Names below an axis: aslant where they are long, only some where they are many."""
    step = -(-len(labels) // MOST_NAMES)
    shown = [shortened(text) for text in labels[::step]]
    aslant = sum(len(text) for text in shown) > 26
    axes.set_xticks(places[::step], shown, rotation=35 if aslant else 0, ha="right" if aslant else "center", rotation_mode="anchor")


def shortened(text: str) -> str:
    """The end of a long name: what tells paths apart."""
    return text if len(text) <= LETTERS else f"\N{HORIZONTAL ELLIPSIS}{text[-LETTERS + 1 :]}"
