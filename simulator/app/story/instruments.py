"""What the Story page is made of besides the graph: the ballot, the curves of twenty worlds, the clock with its keys. Own widgets."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Ballot(anywidget.AnyWidget):
    """The answers of a step and the hands counted for each. Sends hands ({answer: how many}).

    words; locked: predictions are over; answers: [{id, label, hands, worlds (share, None before the end), said, right}]
    """

    _esm = HERE / "ballot.js"
    words = traitlets.Dict().tag(sync=True)
    answers = traitlets.List().tag(sync=True)
    locked = traitlets.Bool(False).tag(sync=True)


class TwentyWorlds(anywidget.AnyWidget):
    """Curves that grow day by day. Sends day (how many are shown) and end.

    run     which showing this is: another word begins anew; told: it has been seen to its end
    charts  [{label, percent, since (day from which it is drawn)}]; variants: [{label}]; worlds, days: how many
    curves  float32 [charts, variants, worlds, days]
    marks   [{day, label}]; table: rows of texts; words
    """

    _esm = HERE / "twenty_worlds.js"
    run = traitlets.Unicode("").tag(sync=True)
    told = traitlets.Bool(False).tag(sync=True)
    charts = traitlets.List().tag(sync=True)
    variants = traitlets.List().tag(sync=True)
    curves = traitlets.Bytes(b"").tag(sync=True)
    worlds = traitlets.Int(0).tag(sync=True)
    days = traitlets.Int(1).tag(sync=True)
    marks = traitlets.List().tag(sync=True)
    table = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


class Clock(anywidget.AnyWidget):
    """The time left for a step, and the keys of the session. Sends next, previous, run, skip, reset, timer ([running, seconds left]).

    left: seconds; running; stamp: changes when the clock is set by the program; words; shortcuts: [[key, what it does]]
    """

    _esm = HERE / "clock.js"
    left = traitlets.Float(300.0).tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    stamp = traitlets.Int(0).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    shortcuts = traitlets.List().tag(sync=True)
