"""What all pictures share: colours, sizes, and how a drawing becomes an element of a page."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.language import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#6b6b6b", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by colour-blind eyes (Okabe and Ito's palette); the baseline is grey."""

INKS = ("#595959", "#005f95", "#a84a00", "#00694c", "#96406f", "#7d5600", "#1f6a94")
"""The same for words, dark enough to be read on white."""

STYLES = ("--", "-", "-.", (0, (3, 1, 1, 1)), (0, (5, 1)), ":")
"""Told apart on a black and white print."""

SIZE = (4.4, 3.2)
"""Inches; small, so that letters stay readable when the picture is as wide as a phone."""

PANELS = {1: 1, 2: 2, 3: 3, 4: 2}
"""Panels beside each other, by how many there are; else three."""

LONGEST = 16
"""Letters of a name that is written at the end of its line; where one is longer, a legend says them all."""
POINTS = 72
"""In an inch."""

LINE = 0.17
"""Inches of a line of a legend."""

MOST = 6
"""So many lines can be told at their ends."""

SETTINGS: Any = {
    "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"], "font.size": 9.0, "axes.titlesize": 9.0,
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.edgecolor": "#1c1c1c",
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": "#dedede", "grid.linewidth": 0.7, "axes.axisbelow": True,
    "xtick.color": "#4a4a4a", "ytick.color": "#4a4a4a", "ytick.left": False, "axes.labelcolor": "#4a4a4a",
    "legend.frameon": False, "text.parse_math": False, "path.simplify": True,
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A figure for a page: SVG without anything to fetch, its finding as a title, and what it shows in words."""

    name: str  # of its files
    title: str
    svg: str
    alt: str
    caption: str = ""
    whole: bool = False  # as wide as the page
    subtitle: str = ""  # what is measured, in which unit
    figure: Figure | None = field(default=None, compare=False, repr=False)  # to be drawn again at another size


def blank() -> tuple[Figure, Axes]:
    """A figure of one panel."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    return figure, figure.subplots()


def paneled(width: float, height: float) -> Figure:
    """A figure of so many inches for several panels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def numbered(axis: Any, unit: str = "") -> None:
    """The numbers of an axis in the language spoken; of shares as percentages."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(5))

    def written(value: float, _place: int | None) -> str:
        places = [float(place) for place in axis.get_majorticklocs()]
        step = abs(places[1] - places[0]) if len(places) > 1 else 1.0
        scale = 100.0 if unit == "share" else 1.0
        decimals = next((count for count in range(6) if abs(round(step * scale, count) - step * scale) < 1e-9), 6)
        return percent(value, decimals) if unit == "share" else number(value, decimals)

    axis.set_major_formatter(FuncFormatter(written))


def named(axes: Axes, ends: Sequence[tuple[str, float, int]]) -> None:
    """Say which line is which: beside its end if names are short and few, else in a legend.

    ends  name, height of the last point, place of the scenario
    """
    if len(ends) > MOST or max((len(name) for name, *_rest in ends), default=0) > LONGEST:
        legend(axes)
        return
    low, high = axes.get_ylim()
    gap = 0.085
    order = sorted((((height - low) / (high - low) if high > low else 0.5), name, place) for name, height, place in ends)
    heights: list[float] = []
    for height, *_ in order:
        heights.append(max(height, heights[-1] + gap) if heights else height)
    surplus = max(0.0, heights[-1] - 1.0) if heights else 0.0
    for place, height in reversed(list(enumerate(heights))):  # down again, as far as the top one must and the others then have to
        heights[place] = height - surplus if place == len(heights) - 1 else min(height, heights[place + 1] - gap)
    for height, (_, name, place) in zip(heights, order, strict=True):
        axes.text(
            1.015, height, name, transform=axes.transAxes, ha="left", va="center", color=INKS[place % len(INKS)], fontweight="bold",
            fontsize=8.5,
        )  # fmt: skip


def legend(axes: Axes, fontsize: float = 8.0) -> None:
    """Which line is which, below the axis; the figure grows by what many lines need."""
    handles, labels = axes.get_legend_handles_labels()
    if not labels:
        return
    longest = max(map(len, labels))
    columns = 3 if longest <= LONGEST else 2 if longest <= 2 * LONGEST - 6 else 1
    rows = -(-len(labels) // columns)
    figure = axes.get_figure(root=True)
    if figure is not None and rows > 2:
        figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + (rows - 2) * LINE)
    axes.legend(
        handles, [short(label, 48) for label in labels], loc="upper center", bbox_to_anchor=(0.45, -0.2), ncols=columns, fontsize=fontsize
    )  # fmt: skip


def short(text: str, letters: int) -> str:
    """The text, cut where it is longer."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def folded(text: str, letters: int) -> str:
    """On as many lines as it needs."""
    return textwrap.fill(text, letters)


def as_svg(figure: Figure, salt: str) -> str:
    """The figure as an element for a page: no prolog, no metadata, no address of any kind; ids differ between figures."""
    text = drawn_svg(figure, salt)
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\s(?:xmlns(?::\w+)?|version)="[^"]*"', "", text)
    text = re.sub(r'(?<=\sd=")[^"]*', _rounded, text)
    return _own_ids(text, salt)


def drawn_svg(figure: Figure, salt: str) -> str:
    """The figure as a file that says neither when nor by what it was made."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # only measured here; the reader's own fonts draw the text
        figure.set_dpi(POINTS)
        canvas = FigureCanvasSVG(figure)  # figure.savefig would draw everything twice
        canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})  # type: ignore[no-untyped-call]  # of matplotlib
    return buffer.getvalue()


def _rounded(path: re.Match[str]) -> str:
    """A path to hundredths of a point, on one line: half the bytes."""
    return " ".join(re.sub(r"(\.\d\d)\d+", r"\1", path[0]).split())


def _own_ids(svg: str, salt: str) -> str:
    """Ids with the figure's name in front, so that several figures can share a page; width and height are the page's affair."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{salt}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{salt}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{salt}-\1)", svg)
    head, _, rest = svg.partition(">")
    return re.sub(r'\s(?:width|height)="[^"]*"', "", head) + ' preserveAspectRatio="xMinYMin meet">' + rest
