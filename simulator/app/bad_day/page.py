"""One bad day, twenty times: the worlds on the left, on the right what the room decides and what came of it."""

from __future__ import annotations

from html import escape

import solara

from simulator.app.bad_day import texts
from simulator.app.bad_day.room import Room, Try, Twin
from simulator.app.bad_day.worlds import AFTER, BRAND, NOBODY, SCANDAL_DAY, SILENCE, WORLDS, Choice, Course
from simulator.app.parts import Segments
from simulator.app.visit import Visit
from simulator.language import _, speaking
from simulator.world.state import ANSWERS

SECOND_DAY = 2
"""Days after the scandal of the answer that a twin is given."""

TELLERS = 5
"""Tellers of a world that are offered by name."""


@solara.component
def Page(visit: Visit, language: str, version: int) -> None:
    """The worlds on the left, the panel on the right."""
    if "bad_day" not in visit.kept:
        visit.kept["bad_day"] = Room(visit.turns, visit.changed, visit.awake)
    room: Room = visit.kept["bad_day"]

    def tell() -> None:
        with speaking(language):
            texts.tell(room)

    solara.use_effect(tell, [language, version])
    with speaking(language), solara.Div(classes=["wom-bad-day"]):
        solara.Div(classes=["wom-left"], children=[room.canvas])
        with solara.Div(classes=["wom-right", "wom-bad-panel"]):
            if room.course is not None:
                OneWorld(room, room.course, language, version)
            else:
                AllWorlds(room, language, version)
        if room.failed:
            with solara.Div(classes=["wom-message"], attributes={"role": "alert"}):
                solara.Text(_("Something went wrong in this run. Start it again; if it happens again, please report it."))


# -- all twenty ----------------------------------------------------------------------------------------------------------


@solara.component
def AllWorlds(room: Room, language: str, version: int) -> None:
    """What the brand says, and what came of what it said so far."""
    shown = solara.use_reactive("choose")
    choice, hushed = room.asked
    with speaking(language), solara.Div(classes=["wom-bad-column"]):
        heading("h2", _("One bad day, twenty times"))
        Segments(["choose", "table"], [_("Choose"), _("The worlds in figures")], shown.value, shown.set, label=_("What is shown"))
        if shown.value == "table":
            Table(texts.table(room.courses), _("The twenty worlds in figures"))
            return
        paragraph(texts.claim())
        heading("h3", _("What does {brand} say?").format(brand=BRAND))
        Segments(
            list(ANSWERS), [_(texts.ANSWER_NAMES[each]) for each in ANSWERS], choice.answer, lambda each: _answer(room, each),
            label=_("What does {brand} say?").format(brand=BRAND), wrap=True,
        )  # fmt: skip
        paragraph(_(texts.ANSWER_WORDS[choice.answer]))
        if choice.answer != SILENCE:
            with solara.Div(classes=["wom-bad-row"]):
                when = _("How many days later?")
                heading("h3", when)
                Segments(
                    [str(days) for days in AFTER], [str(days) for days in AFTER], str(choice.after),
                    lambda days: room.ask(Try(choice._replace(after=int(days)), hushed)), label=when,
                )  # fmt: skip
        with solara.Div(classes=["wom-bad-row"]):
            who = _("Who carries it most, in each world")
            heading("h3", who)
            Segments(
                ["tells", "silent"], [_("tells it"), _("says nothing")], "silent" if hushed else "tells",
                lambda each: room.ask(Try(choice, each == "silent")), label=who,
            )  # fmt: skip
        if room.played:
            Played(room, language, version)
        paragraph(texts.fine_print(), "wom-bad-small")


def _answer(room: Room, answer: str) -> None:
    """Another answer, on the same day as the last one."""
    after = 0 if answer == SILENCE else room.asked.choice.after or AFTER[0]
    room.ask(Try(Choice(answer, after), room.asked.hushed))


@solara.component
def Played(room: Room, language: str, version: int) -> None:
    """What the room has seen to the end: how many ignited, and how sure that is."""
    with speaking(language), solara.Div():
        heading("h3", _("Worlds that ignited, of {worlds}").format(worlds=WORLDS))
        rows = []
        for asked, courses in room.played.items():
            share = texts.ignitions(courses)
            left, wide, at = (100 * value for value in (share.low, share.high - share.low, share.share))
            band = f'<i style="left:{left:.1f}%;width:{wide:.1f}%"></i><b style="left:{at:.1f}%"></b>'
            count = round(share.share * len(courses))
            now = ' class="on"' if asked == room.asked else ""
            rows.append(
                f"<tr{now}><th scope=row>{escape(texts.named_try(asked))}</th>"
                f'<td><span class="wom-bad-bar" title="{escape(texts.interval(share))}" aria-hidden="true">{band}</span></td>'
                f'<td>{count}<span class="wom-unseen">: {escape(texts.interval(share))}</span></td></tr>'
            )
        solara.HTML(tag="table", unsafe_innerHTML="".join(rows), classes=["wom-table", "wom-bad-tries"])
        said = texts.compared(room)
        if said:
            paragraph(said)


# -- one world -----------------------------------------------------------------------------------------------------------


@solara.component
def OneWorld(room: Room, course: Course, language: str, version: int) -> None:
    """Who carried the story, and what would have become of it without her, or with another answer."""
    shown = solara.use_reactive("world")
    chosen, silenced, twin = room.chosen, room.silenced, room.twin_course
    with speaking(language), solara.Div(classes=["wom-bad-column"]):
        heading("h2", _("World {world}").format(world=room.opened + 1))
        if twin is not None:
            Segments(["world", "table"], [_("What if?"), _("Day by day")], shown.value, shown.set, label=_("What is shown"))
            if shown.value == "table":
                Table(texts.pair_table(course, twin), _("The two worlds day by day"))
                return
        paragraph(texts.of_world(course) + (" " + _("Consumer {id} says nothing here.").format(id=silenced[0]) if silenced else ""))
        tellers = course.tellers(TELLERS)
        if tellers:
            heading("h3", _("Through whom most have it: consumer · how many"))
            names = [f"{each} · {course.descendants[each]}" for each in tellers]
            Segments(
                [str(each) for each in tellers], names, str(chosen), lambda each: room.choose(int(each)),
                label=_("Through whom most have it: consumer · how many"), wrap=True,
            )  # fmt: skip
        Changes(room, course, language, version)
        if room.twin is not None and twin is None:
            paragraph(_("The twin is simulated …"))
        if room.twin is not None and twin is not None and room.twin_seen:
            with solara.Div(classes=["wom-bad-verdict"], attributes={"role": "status"}):
                solara.Text(texts.of_twin(course, room.twin, twin))
        if twin is not None:
            paragraph(
                _("The twin has the same people and the same luck: all that differs comes of this change. It is one world of twenty."),
                "wom-bad-small",
            )


@solara.component
def Changes(room: Room, course: Course, language: str, version: int) -> None:
    """What a twin may differ by: she falls silent, or the brand answers."""
    chosen = room.chosen
    with speaking(language), solara.Div(classes=["wom-bad-changes"]):
        if chosen != NOBODY:
            paragraph(texts.of_teller(course, chosen))
            removed = room.twin == Twin(chosen)
            solara.Button(
                (_("Put consumer {id} back") if removed else _("Remove consumer {id}")).format(id=chosen),
                on_click=lambda: room.change(None if removed else Twin(chosen)), text=True, classes=["wom-button", "wom-bad-remove"],
            )  # fmt: skip
        label = _("… or answer on day {day}, {days} days after the scandal:").format(day=SCANDAL_DAY + SECOND_DAY, days=SECOND_DAY)
        paragraph(label)
        answers = [each for each in ANSWERS[1:] if Choice(each, SECOND_DAY) != room.asked.choice]
        now = room.twin.choice.answer if room.twin is not None and room.twin.choice is not None else ""
        Segments(
            answers, [_(texts.ANSWER_NAMES[each]) for each in answers], now,
            lambda each: room.change(Twin(choice=Choice(each, SECOND_DAY))), label=label, wrap=True,
        )  # fmt: skip


# -- parts ---------------------------------------------------------------------------------------------------------------


def heading(tag: str, text: str) -> None:
    """A title."""
    solara.HTML(tag=tag, unsafe_innerHTML=escape(text))


def paragraph(text: str, name: str = "") -> None:
    """A few sentences."""
    solara.HTML(tag="p", unsafe_innerHTML=escape(text), classes=[name] if name else [])


@solara.component
def Table(rows: list[list[str]], caption: str) -> None:
    """Figures; the first row and the first column say what they are."""
    head = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in rows[0])
    body = "".join(
        f"<tr><th scope=row>{escape(row[0])}</th>" + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>" for row in rows[1:]
    )
    with solara.Div(classes=["wom-bad-figures"], attributes={"tabindex": "0", "role": "region", "aria-label": caption}):
        solara.HTML(tag="table", unsafe_innerHTML=f"<tr>{head}</tr>{body}", classes=["wom-table"])
