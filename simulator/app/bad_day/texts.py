"""What the page says about the worlds, from their numbers; and what its canvas is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.app.bad_day import worlds
from simulator.app.bad_day.room import Room, Try, Twin
from simulator.app.bad_day.worlds import ATTENTION, BRAND, NEVER_HEARD, NOBODY, SCANDAL_DAY, SILENCE, WORLDS, Choice, Course
from simulator.experiments.ignition import IGNITES_AT, Proportion, wilson
from simulator.language import N_, _, ngettext, percent

ANSWER_NAMES = {
    "silence": N_("silence"), "denial": N_("denial"), "explanation": N_("explanation"), "empathy": N_("empathy"),
    "apology": N_("apology"), "compensation": N_("compensation"),
}  # fmt: skip

ANSWER_WORDS = {
    "silence": N_("Nothing."), "denial": N_("“It is not true.” It is, and it may be found out."),
    "explanation": N_("“This is how it came about.”"), "empathy": N_("“We feel with those concerned”, and how it came about."),
    "apology": N_("“It was our fault, and we put it right.”"), "compensation": N_("“We pay for the damage”, in public."),
}  # fmt: skip


def named(choice: Choice) -> str:
    """An answer and its day: apology on day 6."""
    if choice.answer == SILENCE:
        return _(ANSWER_NAMES[SILENCE])
    return _("{answer}, {delay}").format(answer=_(ANSWER_NAMES[choice.answer]), delay=delay(choice.after))


def named_try(asked: Try) -> str:
    """The same, and who falls silent."""
    return _("{answer}; carriers silent").format(answer=named(asked.choice)) if asked.hushed else named(asked.choice)


def delay(days: int) -> str:
    """When an answer is given."""
    return ngettext("{n} day later", "{n} days later", days).format(n=days)


# -- all twenty ----------------------------------------------------------------------------------------------------------


def ignitions(courses: Sequence[Course]) -> Proportion:
    """The share of worlds that ignite, and its interval."""
    return wilson(sum(course.ignited >= 0 for course in courses), len(courses))


def interval(share: Proportion) -> str:
    """A share with its interval."""
    return _("{share} (95% interval {low} to {high})").format(share=percent(share.share), low=percent(share.low), high=percent(share.high))


def counted(ignited: int) -> dict[str, Any]:
    """So many of WORLDS ignited, in words and as a share."""
    share = wilson(ignited, WORLDS)
    text = ngettext("{n} of {worlds} worlds has ignited.", "{n} of {worlds} worlds have ignited.", ignited).format(n=ignited, worlds=WORLDS)
    return {"text": text, "interval": interval(share), "low": share.low, "high": share.high}


def against(first: Sequence[Course], second: Sequence[Course]) -> tuple[int, int]:
    """Worlds that ignite only in the first, and only in the second: the same worlds, with the same luck."""
    a, b = (np.array([course.ignited >= 0 for course in courses]) for courses in (first, second))
    return int((a & ~b).sum()), int((b & ~a).sum())


def compared(room: Room) -> str:
    """The last try against the one before it, world by world; nothing if there is only one."""
    if len(room.played) < 2:
        return ""
    (before, first), (after, second) = list(room.played.items())[-2:]
    spared, lit = against(first, second)
    return _(
        "World by world, with the same luck: {spared} that ignite under “{before}” do not under “{after}”, {lit} the other way round."
    ).format(spared=spared, lit=lit, before=named_try(before), after=named_try(after))


def table(courses: Sequence[Course]) -> list[list[str]]:
    """The twenty worlds in figures; the first row says what they are."""
    rows = [[_("World"), _("Ignites"), _("Heard it"), _("By the carrier"), _("Over")]]
    for k, course in enumerate(courses):
        last = worlds.market().run.days
        carried = str(course.descendants[course.carrier]) if course.carrier != NOBODY else "–"
        ignited = _("day {day}").format(day=course.ignited) if course.ignited >= 0 else _("no")
        over = _("day {day}").format(day=course.over) if course.over <= last else _("not yet")
        rows.append([str(k + 1), ignited, str(course.heard), carried, over])
    return rows


# -- one world -----------------------------------------------------------------------------------------------------------


def of_world(course: Course) -> str:
    """What happened in a world."""
    said = [_("{heard} of {n} consumers heard the story.").format(heard=course.heard, n=len(course.day))]
    if course.ignited >= 0:
        said.append(_("It ignited on day {day}.").format(day=course.ignited))
    else:
        said.append(_("It did not ignite: too few had it from somebody who had heard it herself."))
    if course.exposed >= 0:
        said.append(_("The denial was found out on day {day}, and the story was told again.").format(day=course.exposed))
    return " ".join(said)


def of_teller(course: Course, consumer: int) -> str:
    """What a consumer did for the story."""
    if course.day[consumer] == NEVER_HEARD:
        return _("Consumer {id} never heard of it.").format(id=consumer)
    if course.teller[consumer] == NOBODY:
        said = _("Consumer {id}, drawn by chance, was the first to tell it.").format(id=consumer)
    else:
        told = _("Consumer {id} heard it on day {day} from consumer {teller}.")
        said = told.format(id=consumer, day=course.day[consumer], teller=course.teller[consumer])
    if not course.told[consumer]:
        return said + " " + _("Nobody has it from her.")
    passed = _("{told} have it from her directly, {all} directly or through others.")
    return said + " " + passed.format(told=course.told[consumer], all=course.descendants[consumer])


def pair(course: Course, twin: Course) -> tuple[int, int]:
    """Who heard in the first world and never hears in the twin, and the reverse."""
    first, second = course.teller != NOBODY, twin.teller != NOBODY
    return int((first & (twin.day == NEVER_HEARD)).sum()), int((second & (course.day == NEVER_HEARD)).sum())


def of_twin(course: Course, change: Twin, twin: Course) -> str:
    """What the one change did in this one world."""
    what = (
        _("Consumer {id} says nothing from the day of the scandal on.").format(id=change.silenced)
        if change.silenced != NOBODY
        else _("Answered on day {day}: {answer}.").format(
            day=SCANDAL_DAY + change.choice.after, answer=_(ANSWER_NAMES[change.choice.answer])
        )
        if change.choice
        else ""
    )
    spared, struck = pair(course, twin)
    result = _(
        "{first} heard it in the first world, {second} in the twin: {spared} never hear of it any more, {struck} hear of it only there."
    )
    return what + " " + result.format(first=course.heard, second=twin.heard, spared=spared, struck=struck)


def pair_table(course: Course, twin: Course) -> list[list[str]]:
    """The two worlds day by day."""
    rows = [[_("Day"), _("First world"), _("Twin"), _("Never in the twin"), _("Only in the twin")]]
    for day in range(SCANDAL_DAY, worlds.market().run.days + 1):
        first, second = (int(((each.day <= day) & (each.teller != NOBODY)).sum()) for each in (course, twin))
        spared = int(((course.day <= day) & (twin.day == NEVER_HEARD)).sum())
        struck = int(((twin.day <= day) & (course.day == NEVER_HEARD)).sum())
        row = [str(day), str(first), str(second), str(spared), str(struck)]
        if rows[-1][1:] != row[1:]:
            rows.append(row)
    return rows


# -- the canvas ----------------------------------------------------------------------------------------------------------


def tell(room: Room) -> None:
    """Everything the canvas shows, in the language that is spoken."""
    canvas, courses, twin = room.canvas, room.courses, room.twin_course
    choice = room.asked.choice
    answered = SCANDAL_DAY + choice.after if choice.answer != SILENCE else NOBODY
    change = room.twin if twin is not None else None
    with canvas.hold_sync():
        canvas.words = words()
        canvas.counts = [counted(k) for k in range(WORLDS + 1)] if courses else []
        canvas.days = b"".join(course.day.tobytes() for course in courses)
        canvas.tellers = b"".join(course.teller.astype("<i2").tobytes() for course in courses)
        canvas.twin_days = twin.day.tobytes() if twin else b""
        canvas.twin_tellers = twin.teller.astype("<i2").tobytes() if twin else b""
        canvas.ignited, canvas.over = [course.ignited for course in courses], [course.over for course in courses]
        canvas.status = {
            "worlds": WORLDS, "n": worlds.market().population.size, "last": worlds.market().run.days, "scandal": SCANDAL_DAY,
            "attention": ATTENTION, "answered": answered, "opened": room.opened, "chosen": room.chosen,
            "carrier": room.course.carrier if room.course else NOBODY, "removed": change.silenced if change else NOBODY,
            "silent": room.silenced[0] if room.silenced else NOBODY,
            "twin_answered": SCANDAL_DAY + change.choice.after if change and change.choice else NOBODY,
            "done": room.done, "edition": room.edition, "start": room.start,
        }  # fmt: skip


def words() -> dict[str, str]:
    """The texts of the canvas."""
    return {
        "day": _("day"), "play": _("play"), "pause": _("pause"), "step": _("one day"), "restart": _("back to the start"),
        "end": _("skip to the end"), "rewind": _("go to a day"), "speed": _("speed"), "speeds": _("{speed} days a second"),
        "scandal": _("day {day}: the scandal"), "answer": _("day {day}: the brand answers"),
        "twin_answer": _("day {day}: the brand answers in the twin"), "grid": _("Twenty worlds"), "world": _("World {world}"),
        "twin": _("Its twin"), "ignited": _("ignited"), "died": _("died out"), "ignited_on": _("ignited on day {day}"),
        "world_spoken": _("World {world}: {state} {heard} heard it. Open it."), "hint": _("Click a world to look into it."),
        "ignited_so_far": _("of {worlds} worlds have ignited so far").format(worlds=WORLDS),
        "ignited_end": _("of {worlds} worlds have ignited").format(worlds=WORLDS),
        "first": _("tells it first"), "telling": _("has heard it, may tell it"), "quiet": _("no longer tells it"),
        "unaware": _("has not heard of it"), "branch": _("through the consumer marked"),
        "spared": _("never hears of it in the twin"), "struck": _("hears of it only in the twin"),
        "carrier": _("carried it most"), "removed": _("says nothing"), "back": _("All twenty worlds"), "on_day": _("Day {day}."),
        "heard": _("{heard} of {n} have heard it"), "heard_count": _("have heard the story"),
        "spared_count": _("who had heard of it never hear of it in the twin"),
        "struck_count": _("{struck} hear of it only in the twin"),
        "pair_spoken": _(
            "{first} have heard it in the first world, {second} in the twin; {spared} never hear of it in the twin, {struck} only there."
        ),
        "keys": _("Arrow keys go from teller to teller."), "waiting": _("{done} of {worlds} worlds are simulated …"),
    }  # fmt: skip


def claim() -> str:
    """What the page is about."""
    return _(
        "Twenty small worlds of {n} consumers; who knows whom is the same in all, the rest is luck. On day {day} one consumer, drawn by "
        "chance, tells what {brand} has done."
    ).format(n=worlds.market().population.size, day=SCANDAL_DAY, brand=BRAND)


def fine_print() -> str:
    """What ignition is, and of what the interval speaks."""
    return _(
        "A world ignites when {line} of the consumers have the story from somebody who had heard it herself. The interval (Wilson) is "
        "about luck on this one graph. The market was chosen so that silence can end either way; what an answer does is an assumption."
    ).format(line=percent(IGNITES_AT))
