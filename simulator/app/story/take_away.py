"""The page to take away: what the room predicted, what happened, and why."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.app.story.steps import SEEDS, SIZE, TURN
from simulator.app.story.telling import headline, in_words, level, of_hands, ranges, verdict, why, world_by_world
from simulator.app.story.worlds import Worlds
from simulator.language import _, date
from simulator.report.templates import rendered

if TYPE_CHECKING:
    from simulator.app.story.session import Round, Session

FILE_NAME = "world-of-mouth-session"

WIDTH, ROW = 300.0, 22.0
"""Of the picture of a step: its width, and the height of a variant, in points of the drawing."""

ROOM = 90.0
"""For the names of the variants."""


def page_of(session: Session) -> str:
    """A self-contained HTML page, fit for one or two sheets of A4."""
    steps = [_step(each) for each in session.rounds.values() if each.told and each.worlds is not None]
    left_out = [_(each.step.title) for each in session.rounds.values() if not each.told]
    return rendered(
        "story.html.jinja", steps=steps, left_out=", ".join(left_out), when=date(datetime.date.today()), worlds=len(SEEDS), consumers=SIZE
    )


def _step(now: Round) -> dict[str, Any]:
    step, worlds = now.step, now.worlds
    assert worlds is not None
    found, most = verdict(worlds), max([1, *now.hands.values()])
    answers = [
        {
            "label": _(label), "hands": now.hands.get(name, 0), "bar": 100.0 * now.hands.get(name, 0) / most, "worlds": found.counts[name],
            "right": found.right == name,
        }
        for name, label in step.answers.items()
    ]  # fmt: skip
    question = _(step.question)
    if step.name == TURN:
        question += " " + _("Your plan: {plan}.").format(plan=in_words(now.plan))
    return {
        "title": _(step.title), "question": question, "answers": answers, "headline": headline(step, found),
        "hands": of_hands(step, found, now.hands), "paired": world_by_world(worlds), "why": why(worlds)[:3], "ranges": ranges(worlds),
        "picture": _picture(worlds), "chart": _(step.charts[0].label),
    }  # fmt: skip


def _picture(worlds: Worlds) -> dict[str, Any]:
    """Where the dots of the worlds lie: a row for each variant, the first chart on the last day."""
    ends, chart = worlds.ends[0], worlds.step.charts[0]
    low, high = float(ends.min()), float(ends.max())
    span = high - low or 1.0

    def x(value: float) -> float:
        return round(ROOM + 6.0 + (value - low) / span * (WIDTH - ROOM - 14.0), 1)

    rows = [
        {
            "label": _(variant.label), "y": ROW * (v + 0.5), "dots": [x(float(value)) for value in ends[v]],
            "middle": x(float(np.median(ends[v]))),
        }
        for v, variant in enumerate(worlds.step.variants)
    ]  # fmt: skip
    return {
        "rows": rows,
        "height": ROW * len(rows) + 14.0,
        "width": WIDTH,
        "low": level(chart, low),
        "high": level(chart, high),
        "room": ROOM,
    }
