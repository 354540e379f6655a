"""Stories of blame in one run: who told them to whom, who carried them, and what would have become of them otherwise.

A story is a message of blame. `otherwise` says as overrides of the scenario what one changes from a day on (somebody says nothing more, or
the brand answers on another day); a run forked before that day and changed so has the same luck, and `Difference` is what it
changed. It is one world against one other: what she caused here, not what such a person causes on average.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simulator.engine.trees import generations
from simulator.experiments.ignition import EARLY
from simulator.results.cascades import trees
from simulator.results.episodes import find_episodes
from simulator.scenario.schema import Scenario
from simulator.world.crisis import Crisis
from simulator.world.state import ANSWERS, I32, I64, ORIGINS, U8

if TYPE_CHECKING:
    import pandas as pd

    from simulator.experiments.live import LiveRun

LISTED = 12
"""Stories that are listed, the largest ones."""

HEARD_BY = 5
"""Consumers who must have heard a story for it to be listed."""

EVENTS = ("scandal", "false_rumour", "staged")
"""Origins of messages whose root is an event."""

Z = 1.96
"""Standard errors from 1 within which a reproduction number is neither above nor below."""


class Answered(NamedTuple):
    """A crisis of a brand, and what it last said to it: by an event or by its strategy. day and answer: None where it said nothing."""

    brand: str
    began: int
    day: int | None
    answer: str | None


@dataclass(frozen=True, eq=False)
class Blame:
    """What was said against brands in a run up to a day; the tables are those of `RunResult`, of bad messages only.

    ids: what the graph's file calls its consumers, None where they are numbered.
    """

    day: int
    consumers: int
    ids: Any
    messages: pd.DataFrame
    tellings: pd.DataFrame
    daily: pd.DataFrame
    crises: tuple[Answered, ...]
    notices: tuple[str, ...]

    @property
    def untold(self) -> bool:
        """Whether there is talk without a log of who told whom (`record.tellings`): no story has a tree."""
        return not len(self.tellings) and bool(self.messages["hearers"].sum())

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """A row per bad-buzz episode (`results.episodes`)."""
        return find_episodes(self.daily, self.messages, self.tellings, self.consumers)

    @cached_property
    def largest(self) -> pd.DataFrame:
        """The stories most heard, the largest first; those of events whatever their size."""
        known = self.messages[(self.messages["hearers"] >= HEARD_BY) | self.messages["origin"].isin(EVENTS)]
        return known.sort_values(["hearers", "message"], ascending=[False, True], kind="stable").head(LISTED)

    def called(self, consumer: int) -> int | str:
        """By what an event names a consumer."""
        return consumer if self.ids is None else str(self.ids[consumer])

    def heard_blame(self, brand: str) -> np.ndarray:
        """bool [consumers]: who heard anything bad about a brand."""
        about = self.messages.loc[self.messages["brand"] == brand, "message"].to_numpy()
        heard = np.zeros(self.consumers, np.bool_)
        heard[self.tellings["hearer"].to_numpy()[np.isin(self.tellings["message"].to_numpy(), about)]] = True
        return heard

    def latest(self, brand: str, column: str) -> float:
        """The last value of a column of the daily table; NaN before the first day."""
        values = self.daily.loc[self.daily["brand"] == brand, column].to_numpy(np.float64)
        return float(values[-1]) if len(values) else math.nan

    def total(self, brand: str, column: str) -> float:
        """The sum of a column of the daily table."""
        return float(self.daily.loc[self.daily["brand"] == brand, column].sum())


def blame_of(live: LiveRun) -> Blame:
    """What was said against brands so far. To be called while the run stands still; what it returns is a copy."""
    import pandas as pd

    market = live.model.market
    said, log = market.messages.table(), market.messages.log()
    bad = (said["valence"] < 0) & (said["day"] >= 0)
    told = np.flatnonzero(bad[log["message"]])
    names, origins = np.array(market.names, object), np.array(ORIGINS, object)
    messages = {name: said[name][bad] for name in ("message", "author", "size", "hearers", "depth", "key", "arousal", "valence")}
    messages |= {
        "day": said["day"][bad].astype(np.int64), "brand": names[said["brand"][bad]], "origin": origins[said["origin"][bad]],
    }  # fmt: skip
    tellings = {name: log[name][told].astype(np.int64) for name in ("message", "day", "teller", "hearer", "online")}
    return Blame(
        live.day, market.n, market.graph.ids, pd.DataFrame(messages), pd.DataFrame(tellings), live.model.recorder.daily(),
        tuple(_answered(market.names[crisis.brand], crisis) for crisis in market.crises), tuple(market.notices),
    )  # fmt: skip


def _answered(brand: str, crisis: Crisis) -> Answered:
    said = crisis.answer > 0
    return Answered(brand, crisis.day, crisis.answered_day if said else None, ANSWERS[crisis.answer] if said else None)


class Spread(NamedTuple):
    """How many consumers an early hearer told, on average, with its standard error in this run (NaN where hardly anybody heard)."""

    number: float
    error: float
    hearers: int

    @property
    def verdict(self) -> str:
        """dies (fewer than one), grows (more than one), or open: one run cannot tell."""
        if self.hearers < 2 or not abs(self.number - 1.0) > Z * self.error:
            return "open"
        return "grows" if self.number > 1.0 else "dies"


@dataclass(frozen=True, eq=False)
class Story:
    """The tree of one message of blame: one entry a consumer who knows it, tellers before those whom they told.

    parent: int32 [entries], -1 for the author or first tellers; day: on which she got to know it; online: 1 if in public; told: how many
    she told herself; carried: how many heard it by way of her; ring: generations from the author or the first tellers, who are 0.
    """

    message: int
    key: int
    brand: str
    began: int
    origin: str
    author: int
    consumer: I32
    parent: I32
    day: I32
    online: U8
    told: I64
    carried: I64
    ring: I32

    @property
    def event(self) -> bool:
        """Whether an event is the root."""
        return self.author < 0

    @cached_property
    def heard(self) -> I32:
        """int32: who heard it from somebody."""
        return self.consumer[self.parent >= 0]

    @property
    def depth(self) -> int:
        """Generations of hearers."""
        return int(self.ring.max(initial=0))

    @cached_property
    def spread(self) -> Spread:
        """The reproduction number of early hearers (generations EARLY, as with ignition)."""
        early = self.told[(self.ring >= EARLY[0]) & (self.ring <= EARLY[1])].astype(np.float64)
        if not len(early):
            return Spread(math.nan, math.nan, 0)
        error = float(early.std(ddof=1)) / math.sqrt(len(early)) if len(early) > 1 else math.nan
        return Spread(float(early.mean()), error, len(early))

    @property
    def online_share(self) -> float:
        """Of tellings, those in public; NaN if nobody heard."""
        heard = self.parent >= 0
        return float(self.online[heard].mean()) if heard.any() else math.nan

    def tellers_of(self, share: float) -> int:
        """The fewest tellers who together told this share of all who heard it."""
        told = np.sort(self.told)[::-1]
        return int(np.searchsorted(np.cumsum(told), share * told.sum())) + 1 if told.sum() else 0

    def top(self, count: int) -> I64:
        """int64: entries of those by way of whom most heard it: who told more herself comes first among equals."""
        order: I64 = np.lexsort((np.arange(len(self.told)), -self.told, -self.carried))
        return order[: min(count, int(np.count_nonzero(self.told)))]

    def spreaders(self, count: int) -> I64:
        """int64: entries of those who told most consumers themselves."""
        order: I64 = np.argsort(-self.told, kind="stable")
        return order[: min(count, int(np.count_nonzero(self.told > 1)))]

    def by_day(self, days: int) -> I64:
        """int64 [days]: how many had heard it by the end of each day."""
        heard = np.bincount(self.day[self.parent >= 0], minlength=days)[:days]
        return np.cumsum(heard)

    def by_generation(self) -> list[tuple[int, int, int]]:
        """(generation, consumers, whom they told) from the author or first tellers on."""
        people = np.bincount(self.ring)
        told = np.bincount(self.ring, weights=self.told)
        return [(ring, int(people[ring]), int(told[ring])) for ring in range(len(people))]


def story_of(blame: Blame, key: int) -> Story | None:
    """The story whose message has this key; None if it was never told of. The same message has the same key in every world."""
    found = blame.messages[blame.messages["key"] == np.uint64(key)]
    if not len(found):
        return None
    row = found.iloc[0]
    log = blame.tellings[blame.tellings["message"] == row["message"]]
    tree = trees(found, log)
    parent = tree.parent
    told = np.bincount(parent[parent >= 0], minlength=len(parent))
    carried = told.astype(np.int64)
    for entry in range(len(parent) - 1, -1, -1):  # children stand behind their parents
        if parent[entry] >= 0:
            carried[parent[entry]] += carried[entry]
    public = dict(zip(log["hearer"].tolist(), log["online"].tolist(), strict=True))
    online = np.array([public.get(each, 0) for each in tree.consumer.tolist()], np.uint8)
    return Story(
        int(row["message"]), key, str(row["brand"]), int(row["day"]), str(row["origin"]), int(row["author"]), tree.consumer, parent,
        tree.day, online, told, carried, generations(parent).astype(np.int32),
    )  # fmt: skip


# -- otherwise -----------------------------------------------------------------------------------------------------


class Silence(NamedTuple):
    """A consumer says nothing more about a brand from a day on."""

    brand: str
    day: int
    consumer: int


class Answer(NamedTuple):
    """A brand answers on a day; `instead` of its first answer in the scenario from `since` on, if there is one."""

    brand: str
    day: int
    answer: str
    since: int


def answer_in(scenario: Scenario, brand: str, since: int) -> tuple[int, str] | None:
    """Day and kind of a brand's first answer from a day on that the scenario has in store."""
    given = [(event.day, event.answer) for event in scenario.events if event.kind == "response" and event.brand == brand]
    return min((each for each in given if each[0] >= since), default=None)


def otherwise(scenario: Scenario, change: Silence | Answer, called: int | str = "") -> dict[str, Any]:
    """What it changes in a scenario, as dotted overrides. called: by what an event names the consumer."""
    events = list(scenario.to_dict().get("events", []))
    if isinstance(change, Silence):
        new = {"day": change.day, "brand": change.brand, "kind": "falls_silent", "consumers": [called]}
        return {"events": [*events, new]}
    given = answer_in(scenario, change.brand, change.since)
    if given is not None:
        first = next(k for k, event in enumerate(events) if _is_answer(event, change.brand, *given))
        events.pop(first)
    return {"events": [*events, {"day": change.day, "brand": change.brand, "kind": "response", "answer": change.answer}]}


def first_day(scenario: Scenario, change: Silence | Answer) -> int:
    """The day from which on the two worlds may differ."""
    given = answer_in(scenario, change.brand, change.since) if isinstance(change, Answer) else None
    return change.day if given is None else min(change.day, given[0])


def _is_answer(event: dict[str, Any], brand: str, day: int, answer: str) -> bool:
    return (event["kind"], event["brand"], event["day"], event.get("answer")) == ("response", brand, day, answer)


def played(live: LiveRun, change: Silence | Answer, called: int | str, until: int, leap: int) -> Iterator[int]:
    """Turn a forked run into the world where it went otherwise, up to a day, in pieces of at most `leap` days: the day after each."""
    settings = otherwise(live.scenario, change, called)
    live.go_to(min(first_day(live.scenario, change), until))
    yield live.day
    live.change(settings)
    yield live.day
    while live.day < until:
        live.go_to(min(until, live.day + leap))
        yield live.day


@dataclass(frozen=True, eq=False)
class Difference:
    """A story in a run and in the world where it went otherwise, both up to the same day."""

    change: Silence | Answer
    here: Blame
    there: Blame
    story: Story
    twin: Story | None

    @cached_property
    def spared(self) -> I64:
        """int64: consumers who heard it here and never hear it there."""
        return np.setdiff1d(self.story.heard, self._heard_there)

    @cached_property
    def reached_instead(self) -> I64:
        """int64: consumers who hear it there and never heard it here."""
        return np.setdiff1d(self._heard_there, self.story.heard)

    @property
    def _heard_there(self) -> I32:
        return np.zeros(0, np.int32) if self.twin is None else self.twin.heard

    @cached_property
    def heard(self) -> tuple[int, int]:
        """How many heard it, here and there."""
        return len(self.story.heard), len(self._heard_there)

    @cached_property
    def heard_blame(self) -> tuple[int, int]:
        """How many heard anything bad about the brand, here and there."""
        one, other = (int(world.heard_blame(self.story.brand).sum()) for world in (self.here, self.there))
        return one, other

    @cached_property
    def trust(self) -> tuple[float, float]:
        """Mean trust in the brand on the last day."""
        return self.here.latest(self.story.brand, "trust"), self.there.latest(self.story.brand, "trust")

    @cached_property
    def units(self) -> tuple[float, float]:
        """Units of the brand sold over the whole run, in the real market."""
        return self.here.total(self.story.brand, "units"), self.there.total(self.story.brand, "units")

    @property
    def saving(self) -> tuple[str, ...]:
        """Sentences that the other world has to say and this one has not."""
        return tuple(each for each in self.there.notices if each not in self.here.notices)


def difference(change: Silence | Answer, here: Blame, there: Blame, story: Story) -> Difference:
    """What the other world changed of a story."""
    return Difference(change, here, there, story, story_of(there, story.key))
