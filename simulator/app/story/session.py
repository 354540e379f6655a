"""One visitor's guided session: where it is, what the room predicted, what was shown, and the widgets that show it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.app.graph_canvas import GraphCanvas
from simulator.app.live.desk import canvas_words, scales
from simulator.app.scene import VIEWS
from simulator.app.story.errands import Errand, find, look
from simulator.app.story.instruments import Ballot, Clock, TwentyWorlds
from simulator.app.story.steps import BUDGETS, FIRST_PLAN, PROMISES, SEEDS, STEPS, STRATEGIES, TURN, Plan, Step
from simulator.app.story.telling import ranges, verdict
from simulator.app.story.worlds import Worlds
from simulator.experiments.ignition import wilson
from simulator.language import N_, _, speaking

MOST_HANDS = 999

TAKE_AWAY = len(STEPS)
"""The place after the last step."""

LOOKED_AT = 0.3
"""Seconds between two looks at an errand."""

STAYS = 1.0
"""Seconds after which a step that is not prepared is: who leafs through the steps sets nothing off."""

SAME_MARKET = "shout"
"""The step whose market is drawn until the room's own plan has one."""

SPEED = 7.0
"""Days a second of the first showing; what is told moves along its ties as fast."""

KEYS = (
    ("→  N", N_("next step")), ("←  P", N_("previous step")), ("Enter", N_("run the twenty worlds")), ("S", N_("skip to the end")),
    ("R", N_("begin this step again")), ("T", N_("start or pause the clock")), ("?", N_("show or hide this help")),
)  # fmt: skip


@dataclass
class Round:
    """How far a step has come. hands: counted for each answer; left: seconds on the clock, counted down since `since` if it runs."""

    step: Step
    left: float
    hands: dict[str, int] = field(default_factory=dict)
    plan: Plan = FIRST_PLAN
    worlds: Worlds | None = None
    before: Worlds | None = None  # those of another plan: drawn until its own are there
    errand: Errand | None = None
    wanted: bool = False  # to be shown as soon as they are there
    shown: int = 0  # how often the worlds were set off; 0: not yet
    told: bool = False  # seen to the end
    broken: bool = False
    variant: int = 0  # whose consumers are drawn
    day: int = 0
    since: float | None = None

    @property
    def running(self) -> bool:
        """Whether worlds are on the screen."""
        return self.shown > 0 and self.worlds is not None

    @property
    def drawn(self) -> Worlds | None:
        """Whose consumers are drawn."""
        return self.worlds or self.before

    def seconds(self) -> float:
        """Left on the clock now."""
        return self.left if self.since is None else max(0.0, self.left - (time.monotonic() - self.since))


class Session:
    """changed: called (from any thread) when the page is to be said anew; awake: a sign of life."""

    def __init__(self, changed: Callable[[], None], awake: Callable[[], None] = lambda: None) -> None:
        self.place, self.version, self.language = 0, 0, ""
        self.rounds = {name: Round(step, 60.0 * step.minutes, variant=step.variant(step.contrast[0])) for name, step in STEPS.items()}
        self.canvas, self.ballot, self.worlds, self.clock = GraphCanvas(), Ballot(), TwentyWorlds(), Clock()
        self._changed, self._awake, self._closed = changed, awake, threading.Event()
        self._drawn: object = None  # what the canvas holds
        for widget in (self.ballot, self.worlds, self.clock):
            widget.on_msg(lambda widget, content, buffers: self.hear(content))
        threading.Thread(target=wilson, args=(1, 2), name="story", daemon=True).start()  # what it needs takes a second to load, once
        self.go(0)

    @property
    def round(self) -> Round | None:
        """Of the step on the screen; None on the last page."""
        return list(self.rounds.values())[self.place] if self.place < TAKE_AWAY else None

    # -- what the visitor does -----------------------------------------------------------------------------------

    def go(self, place: int) -> None:
        """Open a step; `TAKE_AWAY`: the last page."""
        self.place = min(max(0, place), TAKE_AWAY)
        if self.round is not None:
            self._open(self.round)
        self._news()

    def run(self) -> None:
        """Set the twenty worlds off, as soon as they are there."""
        now = self.round
        if now is None or now.wanted or now.running:
            return
        now.wanted, now.broken = True, False
        self._fetch(now)
        self._news()

    def reset(self) -> None:
        """Begin the step again."""
        now = self.round
        if now is None:
            return
        fresh = Round(now.step, 60.0 * now.step.minutes, plan=now.plan, worlds=now.worlds, before=now.before)
        fresh.errand, fresh.variant = now.errand, now.variant
        self.rounds[now.step.name] = fresh
        self._news()

    def skip(self) -> None:
        """Show the end at once."""
        if self.round is not None and self.round.running:
            self.worlds.send({"kind": "skip"})

    def follow(self, variant: str) -> None:
        """Draw the consumers of this variant."""
        now = self.round
        if now is not None and variant in [each.name for each in now.step.variants]:
            now.variant = now.step.variant(variant)
            self._news()

    def choose(self, plan: Plan) -> None:
        """The room's own plan."""
        now = self.rounds[TURN]
        strategy, budget, promise = plan
        if strategy in STRATEGIES and budget in BUDGETS and promise in PROMISES and not now.wanted:
            now.before = now.worlds or now.before
            now.plan, now.shown, now.told, now.worlds, now.errand, now.day = plan, 0, False, None, None, 0
            self._news()

    def hear(self, content: Any) -> None:
        """A message of a widget. What makes no sense is passed over: a page may send anything."""
        if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
            return
        kind, value, now = content.get("kind"), content.get("value"), self.round
        simple = {
            "next": lambda: self.go(self.place + 1), "previous": lambda: self.go(self.place - 1), "run": self.run, "reset": self.reset,
            "skip": self.skip,
        }  # fmt: skip
        with speaking(self.language or "en"):
            if kind in simple:
                self._awake()
                simple[kind]()
            elif now is None:
                return
            elif kind == "hands" and isinstance(value, dict) and not now.running:
                self._awake()
                now.hands = {name: count for name in now.step.answers if (count := _whole(value.get(name), MOST_HANDS))}
            elif kind == "timer" and isinstance(value, list) and len(value) == 2 and isinstance(value[0], bool):
                left = value[1]
                if isinstance(left, (int, float)) and not isinstance(left, bool) and 0 <= left <= 60.0 * now.step.minutes:
                    now.left, now.since = float(left), time.monotonic() if value[0] else None
            elif kind == "day" and now.running and now.worlds is not None:
                now.day = _whole(value, now.worlds.days)
                self._draw(now)
            elif kind == "end" and now.running and not now.told:
                now.told = True
                self._news()

    def close(self) -> None:
        """The visitor has gone."""
        self._closed.set()
        for widget in (self.canvas, self.ballot, self.worlds, self.clock):
            widget.close()

    # -- worlds that are to come ---------------------------------------------------------------------------------

    def _open(self, now: Round) -> None:
        """Fetch what is there at once, and what is not there if the step stays open for a while; a plan is waited for until it is run."""
        if look(now.step, now.plan) is not None:
            self._fetch(now)
        elif now.step.name == TURN:
            picture = look(STEPS[SAME_MARKET], FIRST_PLAN)
            now.before = picture if isinstance(picture, Worlds) else now.before
        elif now.errand is None:
            later = threading.Timer(STAYS, self._fetch_if_open, (now,))
            later.daemon = True
            later.start()

    def _fetch_if_open(self, now: Round) -> None:
        if self.round is now and not self._closed.is_set():
            self._fetch(now)
            self._news()

    def _fetch(self, now: Round) -> None:
        """Find the worlds of a step; those that are not there are waited for in a thread."""
        if now.errand is not None and not now.errand.ended.is_set():
            return
        if now.worlds is None:
            found = find(now.step, now.plan)
            if isinstance(found, Errand):
                now.errand = found
                threading.Thread(target=self._wait, args=(now, found), name="story", daemon=True).start()
                return
            now.worlds = found
        self._set_off(now)

    def _set_off(self, now: Round) -> None:
        if now.wanted and now.worlds is not None:
            now.wanted, now.shown, now.told, now.day = False, now.shown + 1, False, 0

    def _wait(self, now: Round, errand: Errand) -> None:
        done = -1
        while not errand.ended.wait(LOOKED_AT):
            if self._closed.is_set():
                return
            if errand.done != done:
                done = errand.done
                self._news()
        if self._closed.is_set() or now.errand is not errand:
            return
        # a reset meanwhile put another round in the place of this one, with the same errand
        for each in {id(one): one for one in (now, self.rounds[now.step.name]) if one.errand is errand}.values():
            each.worlds, each.errand, each.broken = errand.worlds, None, errand.worlds is None and each.wanted
            each.wanted = each.wanted and errand.worlds is not None
            self._set_off(each)
        self._news()

    # -- what the visitor sees -----------------------------------------------------------------------------------

    def _news(self) -> None:
        self.version += 1
        self._changed()

    def say(self, language: str) -> None:
        """Put the step into the widgets, in this language."""
        self.language = language
        now = self.round
        with speaking(language):
            self._say_clock(now)
            if now is not None:
                self._say_ballot(now)
                self._say_worlds(now)
                self._say_canvas(now)

    def _say_clock(self, now: Round | None) -> None:
        clock = self.clock
        with clock.hold_sync():
            clock.words = {
                "start": _("Start the clock"), "pause": _("Pause"), "help": _("keys"), "keys": _("Keys"),
                "left": _("time left for this step"),
            }  # fmt: skip
            clock.shortcuts = [[key, _(does)] for key, does in KEYS]
            if now is not None:
                clock.left, clock.running, clock.stamp = now.seconds(), now.since is not None, self.version

    def _say_ballot(self, now: Round) -> None:
        ballot, step = self.ballot, now.step
        found = verdict(now.worlds) if now.told and now.worlds is not None else None
        answers = []
        for name, label in step.answers.items():
            said = "" if found is None else _("{count} of {n} worlds").format(count=found.counts[name], n=found.worlds)
            share = None if found is None else found.counts[name] / found.worlds
            answers.append({
                "id": name, "label": _(label), "hands": now.hands.get(name, 0), "worlds": share, "said": said,
                "right": found is not None and found.right == name,
            })  # fmt: skip
        with ballot.hold_sync():
            ballot.words = {
                "title": _("What do you predict? Hands up, please."), "hands": _("hands counted"), "right": _("this is what happened"),
                "locale": self.language,
            }  # fmt: skip
            ballot.answers, ballot.locked = answers, now.running or now.wanted

    def _say_worlds(self, now: Round) -> None:
        chart, step, worlds = self.worlds, now.step, now.worlds
        with chart.hold_sync():
            chart.words = {
                "day": _("day"), "play": _("play"), "pause": _("pause"), "restart": _("back to the start"), "skip": _("skip to the end"),
                "speed": _("speed"), "table": _("Table"), "median": _("Median of the twenty worlds"), "locale": self.language,
            }  # fmt: skip
            chart.variants = [{"label": _(variant.label)} for variant in step.variants]
            if worlds is None or not now.running:
                chart.run, chart.told = "", False
                return
            chart.charts = [{"label": _(each.label), "percent": each.percent, "since": each.since} for each in step.charts]
            chart.curves, chart.days, chart.worlds = worlds.curves.tobytes(), worlds.days, len(SEEDS)
            chart.marks = [{"day": event.day, "label": _("the fault comes out")} for event in step.scenarios()[0].events]
            chart.table = ranges(worlds)
            chart.run, chart.told = f"{step.name} {' '.join(now.plan)} {now.shown}", now.told

    def _say_canvas(self, now: Round) -> None:
        canvas, worlds, step = self.canvas, now.drawn, now.step
        if worlds is None:
            return
        brand = worlds.brands.index(step.scenarios()[0].focal)
        with canvas.hold_sync():
            canvas.words, canvas.brands, canvas.scales = canvas_words(), list(worlds.brands), scales(list(worlds.brands))
            canvas.views = [{"id": step.view, "label": _(VIEWS[step.view])}]
            if self._drawn is not worlds:
                self._drawn, canvas.positions, canvas.ties = worlds, worlds.positions.tobytes(), worlds.ties.tobytes()
            canvas.status = {
                "playing": now.running and not now.told, "speed": SPEED, "view": step.view, "brand": brand, "days": worlds.days,
                "marks": [], "spoken": _("World {k} of {n}: trust in Aurora").format(k=worlds.shown + 1, n=len(SEEDS)), "ready": True,
            }  # fmt: skip
            self._draw(now)

    def _draw(self, now: Round) -> None:
        if now.drawn is not None:
            self.canvas.frame = now.drawn.frame(now.variant, now.drawn.days if now.told else now.day)


def _whole(value: Any, most: int) -> int:
    """A whole number from 0 to `most`; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else 0
