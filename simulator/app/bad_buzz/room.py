"""What a visitor looks at on the bad buzz page: the stories of the live run, one of them with its tree, and its twin.

The live run is read in its player's thread while it stands still; everything else is computed in a thread of the task, a slice a turn.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.app.bad_buzz import told
from simulator.app.bad_buzz.tree_canvas import Picture, TreeCanvas, picture_of, sent
from simulator.app.player import END
from simulator.experiments.live import LiveRun
from simulator.experiments.stories import Answer, Blame, Difference, Silence, Story, blame_of, difference, played, story_of
from simulator.language import _, speaking
from simulator.parameters import InputError

if TYPE_CHECKING:
    from simulator.app.visit import Visit
    from simulator.scenario.schema import Scenario

LEAP = 5
"""Days simulated in one turn."""

BREATH = 0.25
"""Seconds between two words about how far a twin has come."""

MARKED = 5
"""Super-spreaders that stand out in the picture."""

TABS = ("story", "otherwise")

ANSWERED = ("apology", "empathy", "explanation", "compensation", "denial")
"""What a brand can say, most often the first."""

log = logging.getLogger(__name__)


class Room:
    """Fields are read by the page; methods are called by it and return at once.

    blame, scenario: of the live run as it was last read; story: the chosen one; teller: the chosen consumer, -1 none; tab; what: silence or
    answer; day, answer: of what one would do otherwise; twin; progress: 0..1 of a twin on its way, None without; message: for the visitor.
    """

    def __init__(self, visit: Visit) -> None:
        self.blame: Blame | None = None
        self.scenario: Scenario | None = None
        self.story: Story | None = None
        self.twin: Difference | None = None
        self.progress: float | None = None
        self.teller, self.day, self.tab, self.what, self.answer, self.message = -1, 0, "story", "silence", ANSWERED[0], ""
        self.hurrying = False  # the run is on its way to its end
        self.canvas = TreeCanvas()
        self.canvas.on_msg(lambda widget, content, buffers: self._hear(content))
        self._visit, self._desk, self._turns = visit, visit.desk, visit.turns
        self._picture: Picture | None = None
        self._seen: object = None  # the run as it was read
        self._asked = False
        self._hurried: LiveRun | None = None  # which run
        self._task = 0  # number of the latest; others stop
        self._drawn: tuple[int, int, int, str] | None = None
        self._drawing = threading.Lock()
        self._closed = False

    # -- the live run --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read the run anew if it is another one, or further, than when it was last read."""
        desk = self._desk
        if desk.ready and not self._asked and not self._closed and self._seen != self._now():
            self._asked = True
            if not desk.player.ask(self._read):
                self._asked = False

    def _now(self) -> object:
        return (id(self._desk.player.live), id(self._desk.scenario), self._desk.day)

    def hurry(self) -> None:
        """Play the live run to its end."""
        self.hurrying = True
        if self._desk.player.ask(self._mark):
            self._desk.player.go_to(END)
        else:
            self.hurrying = False
        self._visit.awake()
        self._visit.changed()

    def _mark(self, live: LiveRun) -> None:
        """In the player's thread: which run it is, if another one was being opened."""
        self._hurried = live

    def _read(self, live: LiveRun) -> None:
        """In the player's thread."""
        self._asked = False
        self._seen = self._now()
        if self.hurrying and not live.finished and self._hurried in (None, live):
            return
        scenario, blame = live.scenario, blame_of(live)
        self.hurrying, self._hurried = False, None
        self._start(self._take(scenario, blame))

    def _take(self, scenario: Scenario, blame: Blame) -> Iterator[None]:
        _lists = (blame.episodes, blame.largest)  # computed here
        yield
        same = self.story is not None and self.scenario is scenario
        kept = story_of(blame, self.story.key) if same and self.story is not None else None
        self.scenario, self.blame, self.twin, self.progress = scenario, blame, None, None
        yield
        if kept is None:
            first = self._first(blame)
            self._open(None if first is None else story_of(blame, first))
        else:
            self.story = kept
        self.draw()

    @staticmethod
    def _first(blame: Blame) -> int | None:
        """The key of the story to begin with: behind the worst episode, else the one most heard."""
        if len(blame.episodes):
            worst = blame.episodes.sort_values("tellings", ascending=False).iloc[0]
            behind = blame.messages.loc[blame.messages["message"] == worst["trigger"], "key"]
            if len(behind):
                return int(behind.iloc[0])
        return int(blame.largest["key"].iloc[0]) if len(blame.largest) else None

    # -- what the visitor does -----------------------------------------------------------------------------------

    def choose(self, key: int) -> None:
        """Look at another story."""
        blame = self.blame
        self._visit.awake()
        if blame is None or (self.story is not None and self.story.key == key):
            return

        def task() -> Iterator[None]:
            story = story_of(blame, key)
            yield
            self._open(story)
            self.draw()

        self._start(task())

    def _open(self, story: Story | None) -> None:
        self.story, self.twin, self.progress, self.teller, self.tab, self.message = story, None, None, -1, "story", ""
        self.what = "silence"
        if story is not None:
            others = story.top(2)[story.consumer[story.top(2)] != story.author]  # without the author there would be no story at all
            if len(others):
                self._aim(int(story.consumer[others[0]]))

    def pick(self, consumer: int) -> None:
        """Choose a teller; her silence would begin on the day on which she got to know the story."""
        if self.story is None or consumer not in self.story.consumer:
            return
        self._aim(consumer)
        self.tab, self.what = "otherwise", "silence"
        self.draw()
        self._visit.changed()

    def _aim(self, consumer: int) -> None:
        if self.story is not None:
            self.teller = consumer
            self.day = int(self.story.day[self.story.consumer == consumer][0])

    def show(self, tab: str) -> None:
        """Open one of TABS."""
        self.tab = tab
        self._visit.awake()
        self._visit.changed()

    def consider(self, what: str) -> None:
        """Think of a silence or of an answer."""
        story = self.story
        if story is not None and what != self.what:
            self.what = what
            if what == "silence":
                self._aim(self.teller)
            else:
                given = self.given or self.spoken
                soon = story.began + 1 if given is None else given[0] - 2
                self.day = min(max(story.began, soon), self.last_day)
                self.answer = ANSWERED[0] if given is None or given[1] not in ANSWERED else given[1]
            self._visit.changed()

    @property
    def given(self) -> tuple[int, str] | None:
        """The answer that the run has in store for the story."""
        from simulator.experiments.stories import answer_in

        return None if self.scenario is None or self.story is None else answer_in(self.scenario, self.story.brand, self.story.began)

    @property
    def spoken(self) -> tuple[int, str] | None:
        """What the brand said to a crisis in this run, the first of it since the story began."""
        story, crises = self.story, () if self.blame is None else self.blame.crises
        said = [(each.day, each.answer) for each in crises if story is not None and each.brand == story.brand and each.day is not None]
        return min(((day, answer) for day, answer in said if story is not None and day >= story.began and answer), default=None)

    @property
    def last_day(self) -> int:
        """The last day on which anything can be done otherwise."""
        return max(0, self.blame.day - 1) if self.blame is not None else 0

    @property
    def answerable(self) -> bool:
        """Whether the brand has a crisis to answer on the chosen day."""
        story, blame = self.story, self.blame
        return (
            story is not None and blame is not None and any(each.brand == story.brand and each.began <= self.day for each in blame.crises)
        )

    def set_day(self, day: int) -> None:
        """On which day it goes otherwise."""
        self.day = min(max(0, day), self.last_day)
        self._visit.changed()

    def set_answer(self, answer: str) -> None:
        """What the brand says."""
        if answer in ANSWERED:
            self.answer = answer
            self._visit.changed()

    def unfold(self) -> None:
        """Play the twin in which it goes otherwise."""
        story, blame = self.story, self.blame
        if story is None or blame is None or self.progress is not None:
            return
        change: Silence | Answer = Answer(story.brand, self.day, self.answer, story.began)
        if self.what == "silence":
            change = Silence(story.brand, self.day, self.teller)
        self.progress, self.message = 0.0, ""
        self._visit.awake()
        seen, called = self._seen, blame.called(self.teller) if self.teller >= 0 else ""

        def fork(live: LiveRun) -> None:
            if self._seen == seen == self._now():
                self._start(self._unfold(live.fork(), change, called, blame, story))
            else:
                self.progress = None
                self.look()

        if not self._desk.player.ask(fork):
            self.progress = None
        self._visit.changed()

    def _unfold(self, fork: LiveRun, change: Silence | Answer, called: int | str, blame: Blame, story: Story) -> Iterator[None]:
        said_at = 0.0
        for day in played(fork, change, called, blame.day, LEAP):
            self.progress = (day - change.day) / max(1, blame.day - change.day) if day >= change.day else 0.0
            if time.monotonic() - said_at > BREATH:
                self._visit.changed()
                said_at = time.monotonic()
            yield
        there = blame_of(fork)
        yield
        self.twin, self.progress, self.tab = difference(change, blame, there, story), None, "otherwise"
        self.draw()

    def fold(self) -> None:
        """Put the twin away."""
        self._task += 1
        self.twin, self.progress = None, None
        self.draw()
        self._visit.changed()

    def close(self) -> None:
        """The visitor has gone."""
        self._closed = True
        self._task += 1
        self.canvas.close()

    def _hear(self, content: Any) -> None:
        """A message of the canvas. What makes no sense is passed over."""
        if isinstance(content, dict) and content.get("kind") == "pick" and type(content.get("value")) is int:
            self._visit.awake()
            self.pick(content["value"])

    # -- tasks ---------------------------------------------------------------------------------------------------

    def _start(self, task: Iterator[None]) -> None:
        """Go through a task in a thread of its own, a piece a turn; a later one takes its place."""
        self._task += 1
        number, context = self._task, contextvars.copy_context()
        threading.Thread(target=lambda: context.run(self._carry_out, task, number), name="bad buzz", daemon=True).start()

    def _carry_out(self, task: Iterator[None], number: int) -> None:
        try:
            done = False
            while not done and number == self._task:
                with self._turns.turn():
                    done = next(task, True) is True
        except InputError as error:
            self.message, self.progress = error.message, None
        except Exception:  # a mistake in a rule or strategy must not end the visit without a word
            log.exception("a twin broke down")
            with speaking(self._visit.address.language):
                self.message = _("Something went wrong in this run. Start it again; if it happens again, please report it.")
            self.progress = None
        if number == self._task and not self._closed:
            self._visit.changed()

    # -- the picture ---------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Send the picture of the chosen story, in the visitor's language."""
        with self._drawing:  # the page and a task may both want it drawn
            self._draw()

    def _draw(self) -> None:
        story, twin, language = self.story, self.twin, self._visit.address.language
        drawn = (id(story), id(twin), self.teller, language)
        if story is None or drawn == self._drawn:
            return
        if self._drawn is None or self._drawn[:2] != drawn[:2] or self._picture is None:
            self._picture = picture_of(story, twin.twin if twin is not None else None, twin is not None)
        self._drawn, picture = drawn, self._picture
        with speaking(language), contextlib.suppress(RuntimeError):  # the page may be gone
            self.canvas.words = told.canvas_words()
            spreaders = [picture.place(int(story.consumer[entry])) for entry in story.spreaders(MARKED)]
            removed = twin.change.consumer if twin is not None and isinstance(twin.change, Silence) else -1
            sent(self.canvas, picture, told.status_of(story, twin) | {
                "marked": [place for place in spreaders if place >= 0], "chosen": picture.place(self.teller),
                "removed": picture.place(removed), "event": story.event,
            })  # fmt: skip


def room_of(visit: Visit) -> Room:
    """The visitor's, which outlives a change of page."""
    if "bad_buzz" not in visit.kept:
        visit.kept["bad_buzz"] = Room(visit)
    room: Room = visit.kept["bad_buzz"]
    return room
