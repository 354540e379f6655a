"""One consumer in words: her diary, and what she lives through in another world. The run is simulated again with her in a panel.

Another day at the market costs milliseconds, but a diary begins on day 0: so lives are told in a thread of their own, a slice at a time,
and only for who was asked about last.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simulator.app.live.facts import consumer_facts
from simulator.app.turns import Turns
from simulator.experiments.explain import watched
from simulator.experiments.flipped import parting
from simulator.experiments.live import LiveRun
from simulator.language import _, speaking
from simulator.model import WordOfMouthModel
from simulator.parameters import InputError
from simulator.report.diary import changed, happened, in_order, with_change
from simulator.results.ledger import QUIET
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulator.world.graph import SocialGraph

SLICE = 0.02
"""Seconds of simulation in one turn."""

KEPT_LIVES = 4
"""Models with a consumer in the panel that are kept: two worlds of the one looked at, and of the one before."""

KEPT_ANSWERS = 32

HERE, THERE = "here", "there"

HAPPENING = ("day", "brand", "cause", "by")
"""What makes entries of a ledger one happening (as in `flipped.parting`)."""


class Question(NamedTuple):
    """Of a consumer's life up to a day (the next to simulate), in this scenario and, if there is one, in another."""

    consumer: int
    day: int
    seed: int
    graph: SocialGraph
    here: Scenario
    there: Scenario | None
    against: str  # what the other world is
    language: str

    @property
    def name(self) -> tuple[Any, ...]:
        """Questions with the same name have the same answer."""
        there = "" if self.there is None else self.there.hash
        brands = tuple(brand.name for brand in self.here.brands)
        return self.consumer, self.day, self.seed, self.here.hash, there, brands, self.against, self.language


class Lives:
    """Answers one question at a time; who asks again before the answer is not answered twice."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._asked: tuple[Question, Callable[[dict[str, Any]], None]] | None = None
        self._answers: OrderedDict[tuple[Any, ...], dict[str, Any]] = OrderedDict()
        self._models: OrderedDict[tuple[Any, ...], WordOfMouthModel] = OrderedDict()
        self._woken = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def ask(self, question: Question, answer: Callable[[dict[str, Any]], None]) -> None:
        """Return at once; `answer` is called from another thread with `life` of the question, at first without the other world.

        Whoever asks something else before that gets the answer instead.
        """
        self._asked = question, answer
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._work, name="lives", daemon=True)
            self._thread.start()
        self._woken.set()

    def close(self) -> None:
        """End the thread."""
        self._closed, self._asked = True, None
        self._woken.set()

    def _work(self) -> None:
        while not self._closed:
            self._woken.wait()
            self._woken.clear()
            asked = self._asked
            if asked is None:
                continue
            question, answer = asked
            try:
                known = self._answers.get(question.name)
                for found in self._told(question) if known is None else [known]:
                    if self._asked is asked:
                        answer(found)
            except Exception:  # as in the player: a mistake ends neither the thread nor the visit
                logging.getLogger(__name__).exception("a life broke down")
        self._models.clear()

    def _told(self, question: Question) -> Iterator[dict[str, Any]]:
        """What is known so far, and at the end everything; nothing more if somebody has asked about another consumer."""
        models: list[WordOfMouthModel] = []
        worlds = [question.here] if question.there is None else [question.here, question.there]
        for scenario in worlds:
            model = self._model(scenario, question)
            for _slice in self._lived(model, question.day):
                if self._closed or self._asked is None or self._asked[0].consumer != question.consumer:
                    return
            models.append(model)
            with self._turns.turn():
                told = life(question, models) | {"whole": len(models) == len(worlds)}
            if told["whole"]:
                self._answers[question.name] = told
                while len(self._answers) > KEPT_ANSWERS:
                    self._answers.popitem(last=False)
            yield told

    def _model(self, scenario: Scenario, question: Question) -> WordOfMouthModel:
        name = scenario.hash, tuple(brand.name for brand in scenario.brands), question.seed, question.consumer
        model = self._models.pop(name, None)
        if model is None or model.market.day > question.day:
            with self._turns.turn():
                model = watched(scenario, question.seed, question.graph, np.array([question.consumer], np.int32))
        self._models[name] = model
        while len(self._models) > KEPT_LIVES:
            self._models.popitem(last=False)
        return model

    def _lived(self, model: WordOfMouthModel, day: int) -> Iterator[None]:
        """Up to that day, in turns."""
        while model.market.day < day:
            with self._turns.turn():
                end = time.monotonic() + SLICE
                while model.market.day < day and time.monotonic() < end:
                    model.step()
            yield


def otherwise(live: LiveRun) -> tuple[Scenario | None, str]:
    """The world that a watched run is held against: without what was done in it, or, if nothing was, with its focal brand silent."""
    if live.interventions:
        return live.interventions[0].before, _("The other world: the same luck, without what was done in this run.")
    focal = live.scenario.focal
    if live.scenario.brand(focal).strategy.kind != "silent":
        try:
            silent = live.scenario.override({f"brands.{focal}.strategy": {"kind": "silent"}})
        except InputError:  # something else in the scenario needs the strategy
            return None, ""
        return silent, _("The other world: the same luck, but {brand} keeps silent.").format(brand=focal)
    return None, ""


def life(question: Question, models: Sequence[WordOfMouthModel]) -> dict[str, Any]:
    """day, diary, and of the other world: against (what it is), parting, rows (how she stands there), other (her diary there).

    A diary is a list of {day, text, alone}; alone: it happens in this world only. Models: of this world and, if there is one, of the
    other, at the end of the question's day.
    """
    here = models[0]
    with speaking(question.language):
        one = _ledger(here)
        if len(models) == 1:
            nothing = _("There is no other world to look at: nothing was done in this run.")
            return {"day": question.day, "diary": _diary(one, None), "against": "", "parting": nothing, "rows": [], "other": []}
        there = models[1]
        other = _ledger(there)
        mine, hers = (consumer_facts(model, question.consumer)["rows"] for model in (here, there))
        rows = [
            [[cell, "wom-differs"] if cell != same else cell for cell, same in zip(row, like, strict=True)]
            for row, like in zip(hers, mine, strict=True)
        ]
        return {
            "day": question.day, "diary": _diary(one, other), "against": question.against, "parting": parted(one, other, question),
            "rows": rows, "other": _diary(other, one),
        }  # fmt: skip


def parted(one: pd.DataFrame, other: pd.DataFrame, question: Question) -> str:
    """The first day on which something happens to her in one of two lives only, in words."""
    found = parting(one, other, HERE, THERE)
    if found.empty:
        return _("Up to day {day} the same things happen to her in both worlds.").format(day=question.day)
    first = found.to_dict("records")[0]
    words = (
        _("Her two lives part on day {day}. Here: “{happened}”. There this does not happen.")
        if first["life"] == HERE
        else _("Her two lives part on day {day}. There: “{happened}”. Here this does not happen.")
    )
    return words.format(day=first["day"], happened=happened(first))


def _ledger(model: WordOfMouthModel) -> pd.DataFrame:
    assert model.ledger is not None
    return model.ledger.table(left_out=QUIET)


def _diary(ledger: pd.DataFrame, other: pd.DataFrame | None) -> list[dict[str, Any]]:
    known = set() if other is None else set(other[list(HAPPENING)].itertuples(index=False, name=None))
    told: list[dict[str, Any]] = []
    last: tuple[Any, ...] = ()
    for entry in in_order(ledger):
        now = tuple(entry[name] for name in HAPPENING)
        if now != last:
            alone = other is not None and now not in known
            told.append({"day": f"{_('day')} {entry['day']}", "text": happened(entry), "alone": alone})
            last = now
        told[-1]["text"] = with_change(told[-1]["text"], changed(entry))
    return told
