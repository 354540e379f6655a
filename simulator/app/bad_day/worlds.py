"""Twenty small worlds that are alike in everything but luck, on the day a scandal breaks, and what became of the story in each.

A world is known by two columns: on which day each consumer got to know the story, and from whom. All else follows from them. A brand
whose denial is found out has its story told a second time: it is the same story here, heard when it is heard first. *Ignites* is what it
is in `experiments.ignition`: at least IGNITES_AT of the consumers have it from somebody who had heard it herself.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from simulator.app import cache
from simulator.app.cache import cache_folder, program
from simulator.experiments.graphs import graph_of
from simulator.experiments.ignition import IGNITES_AT
from simulator.experiments.pool import Progress, run_all
from simulator.language import _
from simulator.model import WordOfMouthModel
from simulator.results.run_result import RunResult
from simulator.rules.speaking import SCANDAL
from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.world.graph import SocialGraph
from simulator.world.state import ANSWERS, I16, I64, ORIGINS, U8

WORLDS = 20
BRAND = "Aurora"
SCANDAL_DAY = 5
ATTENTION = 5

SETTING: dict[str, Any] = {
    "title": "One bad day",
    "run.days": 60,
    "population.size": 400,
    "network.community_size": 40,
    "network.seed": 7,
    "network.weak": 10.0,
    "network.homophily": 0.5,
    "word_of_mouth.share": 0.06,
    "word_of_mouth.interest_half_life": 5.0,
    "word_of_mouth.attention_days": ATTENTION,
    "record.tellings": True,
}
"""What is changed in bad_buzz/six_responses: a small town, and people who keep a story going for longer but tell fewer others. All within
the plausible ranges; chosen after pilots, so that under silence some worlds ignite and some do not. Measured, seeds 1 to 20, answers given
the next day: silence 14, denial 20, explanation 14, empathy 12, apology 9, compensation 14."""

NEVER_HEARD = 255
NOBODY = -1
"""Teller of who tells it first, and of who never heard of it."""

AFTER = (1, 2, 4, 8)
"""Days after the scandal on which the brand can answer."""

SILENCE = "silence"

FORMAT = 1
"""Of files in the cache; another number makes them anew."""


class Choice(NamedTuple):
    """What the room says to a scandal, and how many days after it (0 for silence)."""

    answer: str = SILENCE
    after: int = 0

    @property
    def event(self) -> dict[str, Any] | None:
        """The answer as an event of a scenario; None for silence."""
        if self.answer == SILENCE:
            return None
        return {"kind": "response", "day": SCANDAL_DAY + self.after, "brand": BRAND, "answer": self.answer}


PREPARED = tuple(Choice(answer, 0 if answer == SILENCE else AFTER[0]) for answer in ANSWERS)
"""What is computed beforehand: every answer, given the next day."""


@dataclass(frozen=True, eq=False)
class Course:
    """What became of the story in a world."""

    day: U8  # [n] on which she got to know it, NEVER_HEARD: not within the days simulated
    teller: I16  # [n] from whom, NOBODY: first tellers and those who never heard
    exposed: int = NOBODY  # day on which a denial was found out

    @functools.cached_property
    def order(self) -> I64:
        """Those who know it, tellers before those they told: only who tells it first tells on the day she gets to know it."""
        return np.lexsort((self.teller != NOBODY, self.day))[: int((self.day != NEVER_HEARD).sum())]

    @property
    def first(self) -> I64:
        """Who told it first."""
        return np.flatnonzero((self.day != NEVER_HEARD) & (self.teller == NOBODY))

    @functools.cached_property
    def generation(self) -> I64:
        """int64 [n]: 0 first tellers, 1 whom they told ...; -1 for who never heard."""
        result = np.full(len(self.day), -1, np.int64)
        for consumer in self.order:
            teller = self.teller[consumer]
            result[consumer] = 0 if teller == NOBODY else result[teller] + 1
        return result

    @functools.cached_property
    def descendants(self) -> I64:
        """int64 [n]: how many have it from her, directly or through others."""
        result = np.zeros(len(self.day), np.int64)
        for consumer in self.order[::-1]:
            if self.teller[consumer] != NOBODY:
                result[self.teller[consumer]] += result[consumer] + 1
        return result

    @functools.cached_property
    def told(self) -> I64:
        """int64 [n]: how many have it directly from her."""
        return np.bincount(self.teller[self.teller >= 0], minlength=len(self.teller))

    @property
    def heard(self) -> int:
        """Consumers who heard it; those who told it first are not counted."""
        return int((self.teller != NOBODY).sum())

    @property
    def ignited(self) -> int:
        """The day on which it had reached the line; -1 if it never did."""
        days = np.sort(self.day[self.generation >= 2])
        needed = int(np.ceil(IGNITES_AT * len(self.day) - 1e-9))
        return int(days[needed - 1]) if len(days) >= needed else -1

    @property
    def over(self) -> int:
        """The day from which on nobody tells it any more."""
        return int(self.day[self.order[-1]]) + ATTENTION + 1 if len(self.order) else SCANDAL_DAY

    @property
    def carrier(self) -> int:
        """Of those who heard it themselves the one from whom, directly or through others, most have it; -1 if nobody passed it on."""
        most = np.where(self.teller != NOBODY, self.descendants, 0)
        return int(most.argmax()) if most.max() > 0 else NOBODY

    def tellers(self, most: int) -> list[int]:
        """Those from whom most others have it, first tellers included."""
        order = np.argsort(-self.descendants, kind="stable")[:most]
        return [int(each) for each in order if self.descendants[each] > 0]


# -- the scenario --------------------------------------------------------------------------------------------------------


@functools.cache
def market() -> Scenario:
    """The town, before anything happens."""
    return load_scenario(bundled("bad_buzz/six_responses/silence.toml")).override(SETTING)


@functools.cache
def town() -> SocialGraph:
    """Who knows whom: the same in all worlds."""
    return graph_of(market(), 0)


def scenario_of(choice: Choice, silenced: Sequence[int] = ()) -> Scenario:
    """One consumer drawn by chance tells what the brand has done; the brand answers as chosen; `silenced` say nothing from that day on."""
    scandal = {"kind": "scandal", "day": SCANDAL_DAY, "brand": BRAND, "severity": 0.9, "cluster": "preventable", "tellers": 1}
    hush = {"kind": "falls_silent", "day": SCANDAL_DAY, "brand": BRAND, "consumers": [*silenced]} if silenced else None
    return market().override({"events": [event for event in (hush, scandal, choice.event) if event]})


# -- running -------------------------------------------------------------------------------------------------------------


class Running:
    """A world under way: `step` a few days at a time, then `course`."""

    def __init__(self, choice: Choice, seed: int, silenced: Sequence[int] = ()) -> None:
        self._model = WordOfMouthModel.build(scenario_of(choice, silenced), seed, graph=town())

    @property
    def finished(self) -> bool:
        """Whether all days are simulated."""
        return bool(self._model.market.day >= self._model.scenario.run.days)

    def step(self) -> None:
        """A day."""
        self._model.step()

    def course(self) -> Course:
        """What became of the story so far."""
        return course_of(RunResult.of(self._model), [crisis.tellers for crisis in self._model.market.crises], self._exposed())

    def _exposed(self) -> int:
        return max((int(crisis.exposed_day) for crisis in self._model.market.crises if crisis.exposed_day >= SCANDAL_DAY), default=NOBODY)


def course_of(run: RunResult, first: Sequence[np.ndarray], exposed: int) -> Course:
    """The story of a run whose first tellers are `first`."""
    messages, tellings = run.messages, run.tellings
    own = messages.loc[(messages["author"] == -1) & (messages["brand"] == BRAND) & (messages["origin"] == ORIGINS[SCANDAL]), "message"]
    day, teller = np.full(run.consumers, NEVER_HEARD, np.uint8), np.full(run.consumers, NOBODY, np.int16)
    log = tellings[tellings["message"].isin(own)].sort_values("day", kind="stable").drop_duplicates("hearer")
    day[log["hearer"]], teller[log["hearer"]] = log["day"], log["teller"]
    for each in first:
        day[each], teller[each] = SCANDAL_DAY, NOBODY
    return Course(day, teller, exposed)


def simulated(task: tuple[Choice, int, tuple[int, ...]]) -> Course:
    """(what is said, seed, who falls silent): one world from beginning to end."""
    choice, seed, silenced = task
    running = Running(choice, seed, silenced)
    while not running.finished:
        running.step()
    return running.course()


# -- the cache -----------------------------------------------------------------------------------------------------------


def _file(choice: Choice) -> Path:
    word = hashlib.blake2b(f"{scenario_of(choice).hash} {WORLDS} {FORMAT} {program()}".encode(), digest_size=12).hexdigest()
    return cache_folder() / f"bad-day-{word}.npz"


def kept(choice: Choice) -> list[Course] | None:
    """The worlds of the cache folder; None if they are not there."""
    with contextlib.suppress(OSError, ValueError, EOFError, KeyError, BadZipFile):
        with _file(choice).open("rb") as file, np.load(file, allow_pickle=False) as found:
            day, teller, exposed = found["day"], found["teller"], found["exposed"]
        n = market().population.size
        if day.shape == teller.shape == (WORLDS, n) and day.dtype == np.uint8 and teller.dtype == np.int16 and exposed.shape == (WORLDS,):
            return [Course(day[k], teller[k], int(exposed[k])) for k in range(WORLDS)]
    return None


def keep(choice: Choice, courses: Sequence[Course]) -> None:
    """Put worlds into the cache folder; a folder that cannot be written is no misfortune."""
    arrays: dict[str, Any] = {
        "day": np.stack([course.day for course in courses]), "teller": np.stack([course.teller for course in courses]),
        "exposed": np.array([course.exposed for course in courses], np.int16),
    }  # fmt: skip
    with contextlib.suppress(OSError):
        cache.keep(_file(choice), lambda file: np.savez_compressed(file, **arrays))


def prepare(progress: Progress | None = None, workers: int | None = None) -> None:
    """Simulate what is not in the cache yet, so that the page starts at once; progress and workers as in `experiments.pool`."""
    from simulator.app.layout import drawing_of

    drawing_of(town())
    missing = [choice for choice in PREPARED if kept(choice) is None]
    tasks: list[tuple[Choice, int, tuple[int, ...]]] = [(choice, seed, ()) for choice in missing for seed in range(1, WORLDS + 1)]
    if not tasks:
        return
    finished = run_all(simulated, tasks, workers, progress)
    if finished.interrupted:
        raise KeyboardInterrupt
    for number, choice in enumerate(missing):
        courses = [finished.results.get(number * WORLDS + k) for k in range(WORLDS)]
        found = [course for course in courses if course is not None]
        if len(found) == WORLDS:
            keep(choice, found)


def ready() -> list[str]:
    """What is missing from the cache folder, in words; nothing if all is there."""
    missing = sum(kept(choice) is None for choice in PREPARED)
    return [_("{n} of {all} answers of One bad day are not simulated yet").format(n=missing, all=len(PREPARED))] if missing else []
