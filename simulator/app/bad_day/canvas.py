"""Twenty worlds in the browser, and one of them large beside its twin: an own widget that draws them and holds the clock.

What travels is when each consumer got to know the story and from whom, once for each answer that is tried; the page plays, steps and goes
back by itself. Messages of the page are {kind, value}: open (a world; -1: all twenty), teller (a consumer), day (on which it stands
still), ended.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class WorldsCanvas(anywidget.AnyWidget):
    """What its attributes hold:

    positions  float32 [n, 2]; ties uint16 [ties, 2]
    days       uint8 [worlds, n], tellers int16 [worlds, n]: as in `worlds.Course`; empty while they are simulated
    twin_days, twin_tellers  the same of the twin of the world that is open; empty without one
    ignited    of each world the day, -1: never; over: from which day on nobody tells it
    status     worlds, n, last, scandal, attention; done (worlds simulated); edition (another one: the clock begins at `start`), start;
               days, -1: never: answered, twin_answered; a world, -1: none: opened; consumers, -1: nobody: chosen, carrier, silent (in
               both worlds), removed (in the twin)
    counts     of 0 .. worlds ignited: {text, interval, low, high}
    words      its texts, by name
    """

    _esm = HERE / "canvas.js"
    positions = traitlets.Bytes(b"").tag(sync=True)
    ties = traitlets.Bytes(b"").tag(sync=True)
    days = traitlets.Bytes(b"").tag(sync=True)
    tellers = traitlets.Bytes(b"").tag(sync=True)
    twin_days = traitlets.Bytes(b"").tag(sync=True)
    twin_tellers = traitlets.Bytes(b"").tag(sync=True)
    ignited = traitlets.List().tag(sync=True)
    over = traitlets.List().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    counts = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
