"""One visitor's desk: a run that plays, and the widgets that show it. It knows neither pages nor Solara.

The widgets are written to from the player's thread, a frame a day; figures and curves follow a few times a second, and at once when the run
stands still.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simulator.app import scene
from simulator.app.address import Address
from simulator.app.consumer import Lives, Question, otherwise
from simulator.app.graph_canvas import GraphCanvas
from simulator.app.layout import Drawing, drawing_of
from simulator.app.live import facts
from simulator.app.live.instruments import Instruments
from simulator.app.player import SPEEDS, Player
from simulator.app.turns import Turns
from simulator.experiments.live import Intervention, LiveRun
from simulator.language import _, number, speaking
from simulator.parameters import InputError
from simulator.results.reading import TIERS
from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

BREATH = 0.2
"""Seconds between two looks at the figures while the run plays."""

MOST_CONSUMERS = 200_000
"""Of a market that is watched live."""

SAVED = "watched"
"""Name of the file that a visitor takes home."""

TABS = ("curves", "log", "table", "levers", "act")


class Desk:
    """changed: called (from any thread) when what the page itself says may have changed: run, day standing still, message, tab."""

    views: Mapping[str, str] = scene.VIEWS
    tabs: tuple[str, ...] = TABS

    def __init__(self, turns: Turns, address: Address, changed: Callable[[], None]) -> None:
        self.address, self.tab, self.message, self.ready = address, "curves", "", False
        self.scenario: Scenario | None = None
        self.day, self.finished, self.interventions = 0, False, 0
        self.view, self.brand = "favourite", 0
        self.canvas, self.instruments = GraphCanvas(speeds=list(SPEEDS)), Instruments()
        self.awake: Callable[[], None] = lambda: None
        self._changed = changed
        self._drawing: Drawing | None = None
        self._told, self._told_at = 0, 0.0  # days of the curves that the page has, and since when
        self._marks: list[dict[str, Any]] = []
        self._spoken = ""
        self._said: object = None  # on what the words of the canvas depend
        self.player = Player(turns, self._show, self._complain)
        self.lives = Lives(turns)
        self.canvas.on_msg(lambda widget, content, buffers: self._hear(content))
        self.instruments.on_msg(lambda widget, content, buffers: self._hear(content))
        self.open(address)

    # -- what the visitor does -----------------------------------------------------------------------------------

    def open(self, address: Address) -> None:
        """Begin the run of an address."""
        self.address, self.ready, self.message = address, False, ""
        try:
            scenario = load_scenario(bundled(f"{address.scenario}.toml"))
            if scenario.population.size > MOST_CONSUMERS:
                raise InputError(_("too large to be watched: {n} consumers").format(n=number(scenario.population.size)))
        except InputError as error:
            self._complain(error.message)
            return
        self.player.open(scenario, address.seed, self._opened)
        self._changed()

    def act(self, intervention: Intervention) -> None:
        """Intervene today."""
        self.message = ""
        self.player.intervene(intervention)

    def undo(self) -> None:
        """Take back the last intervention."""
        self.message = ""
        self.player.undo()

    def saved(self) -> bytes:
        """The scenario as a file, interventions included; the command line runs it again to the same bytes."""
        return as_file(self.player.live, SAVED)

    def set_language(self, language: str) -> None:
        """Speak another language, in place."""
        self.address = self.address._replace(language=language)
        self.message, self._told = "", 0
        self.player.show_again()

    def close(self) -> None:
        """The visitor has gone."""
        self.player.close()
        self.lives.close()
        self.canvas.close()
        self.instruments.close()

    def _hear(self, content: Any) -> None:
        """A message of a widget. What makes no sense is passed over: a page may send anything."""
        if not isinstance(content, dict) or not isinstance(content.get("value"), (str, int, float, type(None))):
            return
        kind, value = content.get("kind"), content.get("value")
        whole = value if isinstance(value, int) and not isinstance(value, bool) else None
        if kind == "seen" and whole is not None:
            self.player.acknowledge(min(whole, self.player.frame))
            return
        self.awake()
        if kind in ("play", "pause", "step"):
            getattr(self.player, kind)()
        elif kind == "seek" and whole is not None:
            self.player.go_to(whole)
        elif kind == "speed" and value in SPEEDS:
            self.player.set_speed(float(value))
            self.player.show_again()
        elif kind == "view" and value in self.views:
            self.view = str(value)
            self.player.show_again()
        elif kind == "brand" and whole is not None and self.scenario is not None and 0 <= whole < len(self.scenario.brands):
            self.brand, self._told_at = whole, 0.0
            self.player.show_again()
        elif kind == "tab" and value in self.tabs:
            self.tab = self.instruments.tab = str(value)
            self._changed()
        elif kind in ("look", "life") and whole is not None and whole >= 0 and (world := content.get("world", 0)) in (0, 1):
            look = self._look if kind == "look" else self._tell_life
            self.player.ask(lambda live: look(live, whole, int(world)))

    # -- what the visitor sees; from here on in the player's thread ----------------------------------------------

    def _opened(self, live: LiveRun) -> None:
        self._drawing = drawing_of(live.model.market.graph)
        self.brand, self._told, self._told_at = 0, 0, 0.0
        names = [brand.name for brand in live.scenario.brands]
        self.brand = names.index(live.scenario.focal)
        drawing, self._said = self._drawing, None
        with self.canvas.hold_sync():
            self.canvas.numbers = None if drawing.whole else drawing.consumers.tolist()
            self.canvas.positions, self.canvas.ties = drawing.positions.tobytes(), drawing.ties.tobytes()
            self.canvas.brands = names
        self.ready = True

    def _show(self, player: Player) -> None:
        live = player.live
        if live is None or self._drawing is None:
            return
        with speaking(self.address.language):
            stands, scenario = not player.playing, live.scenario
            worlds = self._worlds(live)
            now = (*(id(world.scenario) for world in worlds), player.playing, player.speed, self.view, self.brand, self.address)
            if now != self._said:
                self._marks = [{"day": entry.day, "label": entry.text} for entry in facts.planned(worlds[-1].scenario)]
            self.scenario, self.day, self.finished, self.interventions = scenario, live.day, live.finished, len(live.interventions)
            self.canvas.frame = b"".join(
                scene.frame(player.frame, world.model, self._drawing, self.view, self.brand, other.model)
                for world, other in zip(worlds, reversed(worlds), strict=True)
            )
            if stands or time.monotonic() - self._told_at > BREATH or live.day < self._told:
                self._tell(live)
            if stands or now != self._said:
                self._say(live, player)
                self._changed()
            self._said = now

    def _tell(self, live: LiveRun) -> None:
        """Figures, curves, log and table."""
        columns, names = facts.columns_of(live.model), tuple(self.canvas.brands)
        since = min(self._told, live.day) if live.day >= self._told else 0
        entries = [entry._asdict() for entry in facts.log(live.scenario, columns)]
        news = {
            "from": since, "days": live.day, "series": facts.series(columns, since), "cards": facts.cards(columns, self.brand),
            "log": entries, "table": facts.table(columns, names),
        }  # fmt: skip
        curves = [{"id": name} | curve._asdict() | {"label": _(curve.label), "unit": _(curve.unit)} for name, curve in facts.CURVES.items()]
        tabs = {"curves": _("Curves"), "log": _("Log"), "table": _("Figures"), "levers": _("Strategies"), "act": _("Intervene")}
        with self.instruments.hold_sync():
            self.instruments.words = self._instrument_words()
            self.instruments.tabs = [{"id": name, "label": label} for name, label in tabs.items()]
            self.instruments.curves, self.instruments.brands, self.instruments.focal = curves, list(names), self.brand
            self.instruments.days, self.instruments.marks = live.days, self._marks
            self.instruments.news = news
        self._told, self._told_at = live.day, time.monotonic()
        self._spoken = facts.spoken(columns, live.day, names)

    def _instrument_words(self) -> dict[str, str]:
        return {
            "day": _("day"),
            "goto": _("go to this day"),
            "nothing": _("Nothing has happened yet."),
            "begin": _("The curves begin with the first day: press play."),
            "locale": self.address.language,
        }

    def _say(self, live: LiveRun, player: Player) -> None:
        """Words and scales of the canvas, and how the run stands."""
        names = list(self.canvas.brands)
        drawing = self._drawing
        sampled = ""
        if drawing is not None and not drawing.whole:
            sampled = _("{drawn} of {n} consumers are drawn").format(drawn=number(len(drawing.consumers)), n=number(live.model.market.n))
        with self.canvas.hold_sync():
            self.canvas.words = canvas_words()
            self.canvas.views = [{"id": name, "label": _(label)} for name, label in self.views.items()]
            self.canvas.worlds = self._titles(live)
            self.canvas.scales = self._scales(names)
            self.canvas.sampled = sampled
            self.canvas.status = {
                "playing": player.playing, "speed": player.speed, "view": self.view, "brand": self.brand, "days": live.days,
                "marks": self._marks, "spoken": self._spoken, "ready": self.ready, "first": self._first(live),
            }  # fmt: skip

    def _look(self, live: LiveRun, place: int, world: int) -> None:
        """Tell the page about the consumer in a place of the drawing."""
        if self._drawing is not None and place < len(self._drawing.consumers):
            with speaking(self.address.language):
                about = facts.consumer_facts(self._world(live, world).model, int(self._drawing.consumers[place]))
            self.canvas.send({"kind": "consumer", "place": place, "world": world} | about)

    def _tell_life(self, live: LiveRun, place: int, world: int) -> None:
        """Have her diary told, and what she lives through in the other world."""
        if self._drawing is None or place >= len(self._drawing.consumers):
            return
        here, language = self._world(live, world), self.address.language
        with speaking(language):
            there, against = self._otherwise(live, here)
        consumer = int(self._drawing.consumers[place])
        question = Question(consumer, live.day, live.seed, live.model.market.graph, here.scenario, there, against, language)
        self.lives.ask(question, lambda found: self.canvas.send({"kind": "life", "place": place, "world": world} | found))

    # -- what another page does otherwise -------------------------------------------------------------------------

    def _worlds(self, live: LiveRun) -> tuple[LiveRun, ...]:
        """The runs that are shown, side by side."""
        return (live,)

    def _titles(self, live: LiveRun) -> list[str]:
        """What is written above them."""
        return []

    def _first(self, live: LiveRun) -> int:
        """The first day that can be gone back to."""
        return 0

    def _scales(self, names: list[str]) -> dict[str, Any]:
        """What the values of its views mean."""
        return scales(names)

    def _otherwise(self, live: LiveRun, here: LiveRun) -> tuple[Scenario | None, str]:
        """What one of the runs is held against, and a sentence that says so."""
        return otherwise(live)

    def _world(self, live: LiveRun, world: int) -> LiveRun:
        worlds = self._worlds(live)
        return worlds[world] if world < len(worlds) else live

    def _complain(self, text: str) -> None:
        self.message = text
        self._changed()


def as_file(live: LiveRun | None, name: str) -> bytes:
    """The scenario of a run as a TOML file of that name, without its ending."""
    if live is None:
        return b""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.toml"
        live.save(path)
        return path.read_bytes()


def canvas_words() -> dict[str, str]:
    """The texts of the canvas."""
    return {
        "day": _("day"), "play": _("play"), "pause": _("pause"), "step": _("one day"), "restart": _("back to the start"),
        "rewind": _("go to a day"), "speed": _("speed"), "speeds": _("{speed} days a second"), "colour": _("colour by"),
        "brand": _("brand"),
        "card_state": _("State"), "card_diary": _("Diary"), "card_other": _("Other world"), "telling": _("Her life is being told …"),
        "uneventful": _("Nothing happened to her but what happens every day."),
        "consumer": _("consumer"), "praised": _("praises today"), "warned": _("warns today"), "silent": _("says nothing"),
        "praised_here": _("praises today, here only"), "warned_here": _("warns today, here only"),
        "close": _("close"), "picture": _("The social graph: consumers and their ties."),
    }  # fmt: skip


def scales(brands: list[str]) -> dict[str, Any]:
    """What the values of each view mean: steps, and for each view [{value, label, legend}]."""
    last, middle = scene.STEPS - 1, scene.STEPS // 2

    def ladder(low: str, between: str, high: str) -> list[dict[str, Any]]:
        shown = {0: low, middle: between, last: high}
        edges = [number(k / scene.STEPS, 2) for k in range(scene.STEPS + 1)]
        return [
            {"value": k, "label": shown.get(k, f"{edges[k]}\N{EN DASH}{edges[k + 1]}"), "legend": k in shown} for k in range(scene.STEPS)
        ]

    favourites = [{"value": b, "label": name} for b, name in enumerate(brands[: scene.MOST_BRANDS])]
    return {
        "steps": scene.STEPS,
        "favourite": [*favourites, {"value": scene.NOBODY, "label": _("none yet")}],
        "trust": ladder(_("no trust"), _("neutral"), _("full trust")),
        "awareness": ladder(_("unknown"), _("half known"), _("well known")),
        "tier": [{"value": k, "label": _(scene.TIER_NAMES[name])} for k, name in enumerate(TIERS)],
        "talk": [{"value": 0, "label": _("says nothing")}],
    }
