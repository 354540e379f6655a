"""One visitor's bench: two runs in lock-step and the widgets that show them. It is the desk of the live page with a second world."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from simulator.app import scene
from simulator.app.address import Address
from simulator.app.fork import facts
from simulator.app.fork.twins import Twins
from simulator.app.live.desk import Desk, as_file, scales
from simulator.app.live.facts import CURVES, cards, columns_of
from simulator.app.player import Player
from simulator.app.visit import Visit
from simulator.experiments.live import Intervention, LiveRun
from simulator.language import N_, _, speaking
from simulator.scenario.schema import Scenario

TABS = ("change", "curves", "log", "table", "home")

NAMES = ("as_it_is", "what_if")
"""Of the files that a visitor takes home."""

BOTH: Mapping[str, str] = {scene.DIFFERENCE: N_("Difference")} | scene.VIEWS


class Bench(Desk):
    """It begins with a copy of the visitor's live run as it stands; `since` is the day of the question, `split` whether it was asked."""

    tabs = TABS

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.since, self.split, self.question = 0, False, ""
        self._told_of: tuple[Any, ...] = ()
        super().__init__(visit.turns, visit.address, visit.changed)
        self.awake = visit.awake

    def open(self, address: Address) -> None:
        """Begin with the live run of an address as it stands today."""
        self.address, self.ready, self.message = address, False, ""
        self._visit.desk.player.ask(self._copy)
        self._changed()

    def _copy(self, live: LiveRun) -> None:
        twins = Twins(live)
        self.player.take(lambda: twins, self._opened)

    def act(self, intervention: Intervention) -> None:
        """Ask the question: make the other world, and look at it."""
        super().act(intervention)
        self.player.ask(self._asked)

    def _asked(self, live: LiveRun) -> None:
        if len(self._worlds(live)) > 1 and not self.message:
            self.tab = self.instruments.tab = "curves"
            self.view = scene.DIFFERENCE
            self.player.play()
        self.player.show_again()

    def undo(self) -> None:
        """Back to one world."""
        super().undo()
        self.tab = self.instruments.tab = "change"

    def file(self, world: int) -> bytes:
        """The scenario of a world; the command line runs it again to the same bytes."""
        live = self.player.live
        return b"" if live is None else as_file(self._world(live, world), NAMES[world])

    # -- in the player's thread ----------------------------------------------------------------------------------

    def _opened(self, live: LiveRun) -> None:
        super()._opened(live)
        self.view = "favourite"
        self.tab = self.instruments.tab = "change"

    def _show(self, player: Player) -> None:
        live = player.live
        if live is not None:
            worlds = self._worlds(live)
            self.split, self.since = len(worlds) > 1, live.since if isinstance(live, Twins) and len(worlds) > 1 else live.day
            self.views = BOTH if self.split else scene.VIEWS
            if self.view not in self.views:
                self.view = "favourite"
            with speaking(self.address.language):
                self.question = facts.change_in_words(live.scenario, worlds[1].scenario) if self.split else ""
        super()._show(player)

    def _tell(self, live: LiveRun) -> None:
        """Figures, curves, log and table of both."""
        worlds = self._worlds(live)
        columns, titles = tuple(columns_of(world.model) for world in worlds), [_("as it is"), _("what if")][: len(worlds)]
        of = (self.brand, len(worlds), id(worlds[-1]), self.address)
        since = min(self._told, live.day) if live.day >= self._told and of == self._told_of else 0
        brand, names = self.brand, tuple(self.canvas.brands)
        entries = [entry._asdict() for entry in facts.log(tuple(world.scenario for world in worlds), columns, titles)]
        news = {"from": since, "days": live.day, "series": facts.series(columns, brand, since), "log": entries}
        news["table"] = facts.table(columns, titles, brand)
        if len(worlds) > 1:
            here, there = (world.model.market for world in worlds)
            news["cards"] = facts.cards(columns[0], columns[1], brand)
            news["sentence"] = facts.sentence(here, there, brand, live.day, self.since)
        else:
            news["cards"] = cards(columns[0], brand)
        curves = [{"id": name} | curve._asdict() | {"label": _(curve.label), "unit": _(curve.unit)} for name, curve in CURVES.items()]
        tabs = {"change": _("What if?"), "curves": _("Curves"), "log": _("Log"), "table": _("Figures"), "home": _("Take home")}
        words = self._instrument_words() | {"difference": _("difference")}
        with self.instruments.hold_sync():
            self.instruments.words = words
            self.instruments.tabs = [{"id": name, "label": label} for name, label in tabs.items()]
            self.instruments.curves, self.instruments.brands, self.instruments.focal = curves, titles, len(worlds) - 1
            self.instruments.inks, self.instruments.between = [brand] * len(worlds), len(worlds) > 1
            self.instruments.days, self.instruments.marks = live.days, self._marks
            self.instruments.news = news
        self._told, self._told_at, self._told_of = live.day, time.monotonic(), of
        self._spoken = " ".join([facts.spoken(columns, titles, live.day, names), str(news.get("sentence", ""))])

    def _worlds(self, live: LiveRun) -> tuple[LiveRun, ...]:
        return (live, live.twin) if isinstance(live, Twins) and live.twin is not None else (live,)

    def _titles(self, live: LiveRun) -> list[str]:
        if not self.split:
            return []
        return [_("As it is"), _("What if, from day {day} on: {change}").format(day=self.since, change=self.question)]

    def _first(self, live: LiveRun) -> int:
        return self.since if self.split else 0

    def _scales(self, names: list[str]) -> dict[str, Any]:
        prefers = [{"value": b, "label": _("prefers {brand} here").format(brand=name)} for b, name in enumerate(names[: scene.MOST_BRANDS])]
        categories = {
            scene.NONE_HERE: _("prefers none here"),
            scene.TRUSTS_MORE: _("trusts it more here"), scene.TRUSTS_LESS: _("trusts it less here"),
            scene.HEARD_HERE: _("heard of it here only"), scene.HEARD_THERE: _("heard of it there only"), scene.NOBODY: _("no difference"),
        }  # fmt: skip
        others = [{"value": value, "label": label} for value, label in categories.items()]
        return scales(names) | {scene.DIFFERENCE: [*prefers, *others]}

    def _otherwise(self, live: LiveRun, here: LiveRun) -> tuple[Scenario | None, str]:
        worlds = self._worlds(live)
        if len(worlds) == 1:
            return super()._otherwise(live, here)
        if here is live:
            return worlds[1].scenario, _("The other world: what if. {change}").format(change=self.question)
        return live.scenario, _("The other world: as it is.")
