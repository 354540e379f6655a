"""Two widgets of the page: where files are brought, and the comparison as it is printed."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Drop(anywidget.AnyWidget):
    """A place for files. It sends {kind: "file", name} with the bytes, or {kind: "large", name, size} without them.

    words: its texts; most: bytes of a file beyond which nothing is sent.
    """

    _esm = HERE / "drop.js"
    words = traitlets.Dict().tag(sync=True)
    most = traitlets.Int(0).tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class Print(anywidget.AnyWidget):
    """A comparison on paper (`paper.paper`). words: its texts; tab: which side is open."""

    _esm = HERE / "print.js"
    words = traitlets.Dict().tag(sync=True)
    paper = traitlets.Dict().tag(sync=True)
    tab = traitlets.Unicode("front").tag(sync=True)
