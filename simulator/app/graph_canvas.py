"""The social graph in the browser: an own widget that draws on a canvas.

Positions and ties travel once, then one frame of bytes a day (`scene.frame`). What the visitor does comes back as messages
{kind, value}: play, pause, step, seek, speed, view, brand, look (at the consumer in a place; -1: at nobody), seen (a frame).
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class GraphCanvas(anywidget.AnyWidget):
    """What its attributes hold:

    positions  float32 [drawn, 2]; ties uint16 [ties, 2]; frame: see `scene.frame`
    words      its texts, by name; views: [{id, label}]; brands: their names; speeds: days a second
    scales     steps: int; for each view what its values mean, [{value, label, legend}]
    status     playing, speed, view, brand, days, marks ([{day, label}]), spoken (the picture in words), ready
    numbers    of the consumers drawn, where not all are; sampled: a sentence about that
    address    what the address bar says behind the question mark
    """

    _esm = HERE / "graph_canvas.js"
    positions = traitlets.Bytes(b"").tag(sync=True)
    ties = traitlets.Bytes(b"").tag(sync=True)
    frame = traitlets.Bytes(b"").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    views = traitlets.List().tag(sync=True)
    brands = traitlets.List().tag(sync=True)
    speeds = traitlets.List().tag(sync=True)
    scales = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    numbers = traitlets.List(allow_none=True, default_value=None).tag(sync=True)
    sampled = traitlets.Unicode("").tag(sync=True)
    address = traitlets.Unicode("").tag(sync=True)
