"""Key figures, curves, log and table in the browser: an own widget beside the graph.

What the visitor does comes back as messages {kind, value}: tab, seek (a day).
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Instruments(anywidget.AnyWidget):
    """What its attributes hold:

    words   its texts, by name, and the locale of its numbers; tabs: [{id, label}]; tab: which one is open
    curves  [{id, label, unit, percent, zero, least}]: percent, from zero, the smallest span that is shown
    brands  their names; focal: number of the brand that stands out; days: how many the run has; marks: [{day, label}]
    news    from, days: which days `series` {curve: [day][brand]} holds; cards, log, table as they now are (see `facts`); sentence, if any
    inks    numbers of the colours of the curves, where they are not those of brands; between: whether the first two are set off
    """

    _esm = HERE / "instruments.js"
    words = traitlets.Dict().tag(sync=True)
    tabs = traitlets.List().tag(sync=True)
    tab = traitlets.Unicode("curves").tag(sync=True)
    curves = traitlets.List().tag(sync=True)
    brands = traitlets.List().tag(sync=True)
    focal = traitlets.Int(0).tag(sync=True)
    days = traitlets.Int(1).tag(sync=True)
    marks = traitlets.List().tag(sync=True)
    news = traitlets.Dict().tag(sync=True)
    inks = traitlets.List().tag(sync=True)
    between = traitlets.Bool(False).tag(sync=True)
