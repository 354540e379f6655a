"""Pictures as files for slides: 1920 x 1080 PNG and SVG, the finding as title, the source with the world code below."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.experiments.comparison import Comparison
from simulator.language import _
from simulator.report.drawing import SETTINGS, Picture, drawn_svg, folded
from simulator.report.standing import standing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PIXELS = (1920, 1080)
SMALL, LARGE = 300, 200
"""Dots per inch: of pictures of one panel, and of those as wide as the page; fewer dots make smaller letters."""

FOOT = 0.065
"""Share of the height for the source."""


def world_stamp(comparison: Comparison) -> str:
    """The world code: a short hash of everything the numbers depend on, and the first seed."""
    return f"{comparison.world}-{comparison.seed}"


def stills(drawn: Sequence[Picture], comparison: Comparison) -> dict[str, bytes | str]:
    """Files by name: a .png and an .svg of each picture, and alt.json with title and description of each."""
    files: dict[str, bytes | str] = {}
    source = _("Source: World of Mouth, a simulation ({standing}). World {world}").format(
        standing=standing(comparison).label, world=world_stamp(comparison)
    )
    texts = {}
    for picture in drawn:
        if picture.figure is None:
            continue
        files[f"{picture.name}.png"], files[f"{picture.name}.svg"] = still(picture, source)
        texts[picture.name] = {"title": picture.title, "alt": picture.alt, "source": source}
    if texts:
        files["alt.json"] = json.dumps(texts, indent=1, ensure_ascii=False) + "\n"
    return files


def still(picture: Picture, source: str) -> tuple[bytes, str]:
    """A picture drawn again at the size of a slide: PNG and SVG. Its figure keeps that size."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = picture.figure
    assert figure is not None
    dots = LARGE if picture.whole else SMALL
    with mpl.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a letter that the font lacks is drawn as a box
        _framed(figure, picture, source, dots)
        buffer = io.BytesIO()
        figure.set_dpi(dots)
        FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})  # type: ignore[no-untyped-call]  # of matplotlib
        figure.set_layout_engine("none")  # it is laid out
        svg = drawn_svg(figure, picture.name)
    return buffer.getvalue(), svg


def _framed(figure: Figure, picture: Picture, source: str, dots: int) -> None:
    """Title and subtitle above the panels, the source below."""
    width, height = PIXELS[0] / dots, PIXELS[1] / dots
    figure.set_size_inches(width, height)
    size = 12.0 * SMALL / dots if picture.whole else 12.0
    title = folded(picture.title, 62)
    lines = title.count("\n") + 1
    above = 0.035 + lines * 1.25 * size / 72 / height
    figure.text(0.02, 0.965, title, ha="left", va="top", fontsize=size, fontweight="bold", color="#1c1c1c", linespacing=1.2)
    if picture.subtitle:
        figure.text(
            0.02, 0.965 - lines * 1.25 * size / 72 / height, picture.subtitle, ha="left", va="top", fontsize=0.72 * size, color="#595959"
        )
        above += 1.3 * 0.72 * size / 72 / height
    figure.text(0.02, 0.02, source, ha="left", va="bottom", fontsize=0.58 * size, color="#595959")
    engine = figure.get_layout_engine()
    if engine is not None:
        rect = (0.01, FOOT, 0.98, 1.0 - FOOT - above - 0.02)
        engine.set(rect=rect)  # type: ignore[call-arg]  # of the constrained layout
