"""The largest cascades of blame as trees: rings of generations, colours of days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.bad_buzz import BadBuzz, Cascade
from simulator.experiments.comparison import Comparison
from simulator.experiments.paired import F64
from simulator.language import _, ngettext, number
from simulator.report.drawing import COLOURS, PANELS, SETTINGS, SIZE, Picture, as_svg, paneled, short
from simulator.report.radial import generations_of, radial

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAYS_SHOWN = "viridis"
"""Colours by day, from dark to light, in the same order for colour-blind eyes and on a black and white print."""


def tree_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """The largest cascade of each scenario, all on the same scale."""
    import matplotlib as mpl

    names = [name for name in comparison.names if name in found.cascades]
    if not names:
        return None
    sizes = {name: found.cascades[name].size for name in names}
    largest, smallest = max(names, key=sizes.__getitem__), min(names, key=sizes.__getitem__)
    title = _("The largest cascade of blame: {size} with {name}").format(size=_people(sizes[largest]), name=largest)
    if sizes[smallest] < sizes[largest]:
        title += _(", {times} with {name}").format(times=number(sizes[smallest]), name=smallest)
    columns = PANELS.get(len(names), 3)
    rows = -(-len(names) // columns)
    rings = {name: generations_of(found.cascades[name].parent, found.cascades[name].event) for name in names}
    edge = max(int(ring.max(initial=0)) for ring in rings.values()) + 0.6
    last = max(int(found.cascades[name].day.max(initial=0)) for name in names)
    with mpl.rc_context(SETTINGS | {"axes.grid": False}):
        width = SIZE[0] * min(columns, 2)
        figure = paneled(width, (width / columns + 0.1) * rows + 0.7)
        panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
        for panel in panels:
            panel.set_axis_off()
        for panel, name in zip(panels, names, strict=False):
            _draw_tree(panel, found.cascades[name], edge, last)
            panel.set_title(f"{short(name, 24)}: {_people(sizes[name])}", loc="left", fontweight="normal")
        colours = mpl.cm.ScalarMappable(mpl.colors.BoundaryNorm(np.arange(last + 2) - 0.5, 256), DAYS_SHOWN)
        bar = figure.colorbar(colours, ax=panels.tolist(), orientation="horizontal", shrink=0.4, aspect=40, pad=0.02)
        bar.set_ticks([day for day in range(last + 1) if day % max(1, -(-last // 8)) == 0])
        bar.set_label(_("heard so many days after it began"))
        svg = as_svg(figure, "cascade-trees")
    described = "; ".join(_described(name, found.cascades[name], int(rings[name].max(initial=0))) for name in names)
    alt = _("Trees of who heard it from whom, one ring a generation, the same scale in all panels. {values}.").format(values=described)
    caption = _(
        "The largest tree of all worlds of each scenario: a ring is a generation, a dot a consumer, a line a telling that was its hearer's "
        "first; a square is the event. The scale is the same in all."
    )
    return Picture("cascade-trees", title, svg, alt, caption, whole=columns > 1, figure=figure)


def _people(size: int) -> str:
    return ngettext("{number} consumer", "{number} consumers", size).format(number=number(size))


def _described(name: str, cascade: Cascade, rings: int) -> str:
    kept = _(", of whom {number} are drawn").format(number=number(len(cascade.parent))) if len(cascade.parent) < cascade.size else ""
    return _("{name}: {size}{kept}, {rings} generations, {days} days, origin {origin}").format(
        name=name, size=_people(cascade.size), kept=kept, rings=rings, days=cascade.day.max(initial=0), origin=cascade.origin
    )


def _draw_tree(axes: Axes, cascade: Cascade, edge: float, last: int) -> None:
    """Lines from tellers to hearers as one path, consumers as dots by day, faint rings behind."""
    import matplotlib as mpl
    from matplotlib.patches import Circle, PathPatch
    from matplotlib.path import Path

    x, y = radial(cascade.parent, cascade.event)
    for ring in range(1, int(edge) + 1):
        axes.add_patch(Circle((0.0, 0.0), ring, fill=False, edgecolor="#ececec", linewidth=0.6, zorder=0))
    told = np.flatnonzero((cascade.parent >= 0) | cascade.event)
    fromx, fromy = (np.where(cascade.parent >= 0, values[cascade.parent], 0.0) for values in (x, y))
    _strokes(axes, np.stack([fromx[told], fromy[told]], 1), np.stack([x[told], y[told]], 1), "#b4b4b4", 0.35, 1)
    colours = mpl.colormaps[DAYS_SHOWN](np.linspace(0.0, 1.0, last + 1) if last else np.zeros(1))
    size = float(np.clip(40.0 / np.sqrt(len(x)), 1.2, 4.0))
    for day in range(last + 1):
        here = np.flatnonzero(cascade.day == day)
        points = np.stack([x[here], y[here]], 1)
        _strokes(axes, points, points, colours[day], size, 2)  # a line of no length with round ends is a dot
    if cascade.event:
        square = Path(np.array([(-0.13, -0.13), (0.13, -0.13), (0.13, 0.13), (-0.13, 0.13)]))
        axes.add_patch(PathPatch(square, facecolor=COLOURS[2], edgecolor="none", zorder=3))
    axes.set_xlim(-edge, edge)
    axes.set_ylim(-edge, edge)
    axes.set_aspect("equal")


def _strokes(axes: Axes, start: F64, stop: F64, colour: Any, width: float, above: int) -> None:
    """Many lines as one path: a tenth of the bytes of as many paths."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not len(start):
        return
    path = Path(np.stack([start, stop], 1).reshape(-1, 2), np.tile([Path.MOVETO, Path.LINETO], len(start)))
    path.should_simplify = False  # which would drop lines of no length
    axes.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=width, capstyle="round", zorder=above))
