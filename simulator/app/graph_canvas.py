"""The social graph in the browser: an own widget that draws on a canvas.

Positions and ties travel once, then one frame of bytes a day (`scene.frame`). What the visitor does comes back as messages
{kind, value, world}: play, pause, step, seek, speed, view, brand, look (at the consumer in a place, in one of the worlds), life (of that
consumer), seen (a frame). The answers to look and life are messages {kind: "consumer" | "life", place, world, ...} (`consumer.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent

SCRIPTS = ("canvas_marks", "consumer_card", "graph_canvas")
"""One module in the browser, from these files."""


class GraphCanvas(anywidget.AnyWidget):
    """What its attributes hold:

    positions  float32 [drawn, 2]; ties uint16 [ties, 2]; frame: see `scene.frame`, of one world or of two one after the other
    worlds     what is written above each world, if anything
    words      its texts, by name; views: [{id, label}]; brands: their names; speeds: days a second
    scales     steps: int; for each view what its values mean, [{value, label, legend}]
    status     playing, speed, view, brand, days, first (day that can be seen), marks ([{day, label}]), spoken (the picture in words), ready
    numbers    of the consumers drawn, where not all are; sampled: a sentence about that
    """

    _esm: Any = "".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    positions = traitlets.Bytes(b"").tag(sync=True)
    ties = traitlets.Bytes(b"").tag(sync=True)
    frame = traitlets.Bytes(b"").tag(sync=True)
    worlds = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    views = traitlets.List().tag(sync=True)
    brands = traitlets.List().tag(sync=True)
    speeds = traitlets.List().tag(sync=True)
    scales = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    numbers = traitlets.List(allow_none=True, default_value=None).tag(sync=True)
    sampled = traitlets.Unicode("").tag(sync=True)
