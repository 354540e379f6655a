"""The bad buzz page: stories on the left, the tree of one in the middle, what it amounts to and what could have been on the right.

`version` is a new number whenever the room may have changed: Solara renders again only who is given something new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import solara

from simulator.app.bad_buzz import told
from simulator.app.bad_buzz.pick_table import Column, PickTable
from simulator.app.bad_buzz.room import ANSWERED, TABS, Room, room_of
from simulator.app.library import library
from simulator.app.live.desk import Desk
from simulator.app.live.facts import ANSWER_NAMES
from simulator.app.parts import Segments
from simulator.app.visit import Visit
from simulator.experiments.stories import Blame, Difference, Story
from simulator.language import _, number, percent, speaking

FOLDER = "bad_buzz/"
"""Of bundled scenarios with a story."""


@solara.component
def Page(visit: Visit, language: str, version: int) -> None:
    """Left, middle, right; or what to do where there is no story yet."""
    desk, room = visit.desk, room_of(visit)
    solara.use_effect(lambda: _arrived(room, desk), [])
    solara.use_effect(room.look, [version, desk.day, desk.ready])
    solara.use_effect(room.draw, [language, version])
    blame, story = room.blame, room.story
    with speaking(language), solara.Div(classes=["wom-bad-buzz"]):
        if blame is None or story is None or blame.untold or room.hurrying:
            Beginning(visit, room, language, version)
        else:
            with solara.Div(classes=["wom-bad-buzz-lists"]):
                Lists(room, blame, story, desk.finished, language, version)
            with solara.Div(classes=["wom-bad-buzz-middle"]):
                solara.Div(children=[room.canvas], classes=["wom-bad-buzz-picture"])
            with solara.Div(classes=["wom-bad-buzz-right"]):
                Reading(room, blame, story, language, version)
        if room.message or desk.message:
            said = room.message or desk.message
            solara.Div(classes=["wom-message"], attributes={"role": "alert"}, children=[solara.Text(said)])


def _arrived(room: Room, desk: Desk) -> Callable[[], None]:
    """The run stands still while its stories are read; who leaves is in no hurry any more."""
    desk.player.pause()

    def leave() -> None:
        room.hurrying = False

    return leave


@solara.component
def Beginning(visit: Visit, room: Room, language: str, version: int) -> None:
    """For who comes before there is a story: play the run to its end, or open one with a bad buzz in it."""
    desk = visit.desk
    with speaking(language), solara.Div(classes=["wom-bad-buzz-begin"]), solara.Div(classes=["wom-bad-buzz-sheet"]):
        solara.HTML(tag="h2", unsafe_innerHTML=_("How does a bad word travel?"))
        if desk.scenario is None or not desk.ready:
            solara.Text(_("The market opens …"), classes=["wom-soft"])
            return
        days = desk.scenario.run.days
        if room.hurrying:
            solara.Text(_("The run is played to its end: day {day} of {days}.").format(day=desk.day, days=days))
            Bar(desk.day / days)
            return
        if room.blame is not None and room.blame.untold:
            text = _("This scenario keeps no log of who told whom (record.tellings): its stories have no trees to show.")
        elif desk.day == 0:
            text = _("Nothing has been said yet in this run: none of its {days} days is played.").format(days=days)
        else:
            text = _("Up to day {day} no bad word was heard by more than a handful of people.").format(day=desk.day)
        solara.Text(text)
        if not desk.finished:
            solara.Button(_("Play this run to its end"), on_click=room.hurry, text=True, classes=["wom-submit"])
        solara.HTML(tag="h3", unsafe_innerHTML=_("or open a market with a story in it"))
        with solara.Div(classes=["wom-bad-buzz-offers"]):
            for group in library():
                if group.names[0].startswith(FOLDER):
                    with solara.Div(classes=["wom-bad-buzz-offer"]):
                        solara.Text(_(group.title))
                        with solara.Div():
                            for name, title in zip(group.names, group.titles, strict=True):
                                solara.Button(
                                    _(title), on_click=lambda name=name: _open(visit, room, name), text=True, classes=["wom-button"]
                                )  # fmt: skip


def _open(visit: Visit, room: Room, name: str) -> None:
    """Open a scenario and play it to its end at once."""
    visit.set_address(visit.address._replace(scenario=name))
    room.hurry()
    visit.go("bad_buzz")


@solara.component
def Lists(room: Room, blame: Blame, story: Story, finished: bool, language: str, version: int) -> None:
    """Episodes and the largest stories."""
    with speaking(language):
        episodes = told.episode_lines(blame)
        chosen = str(story.key)
        if episodes:
            PickTable(
                _("Episodes of bad buzz"),
                [
                    Column(_("brand"), "", True), Column(_("days")),
                    Column(_("heard"), _("share of consumers who heard something bad in it")),
                ],
                episodes, chosen, lambda key: room.choose(int(key)),
            )  # fmt: skip
        else:
            solara.HTML(tag="h3", unsafe_innerHTML=_("Episodes of bad buzz"))
            solara.Text(_("None: no brand was outshouted. The stories below stayed everyday talk."), classes=["wom-soft"])
        PickTable(
            _("Largest stories of blame"),
            [Column(_("story"), "", True), Column(_("day"), _("on which it began")), Column(_("heard"), _("by so many consumers"))],
            told.story_lines(blame), chosen, lambda key: room.choose(int(key)),
        )  # fmt: skip
        if not finished:
            with solara.Div(classes=["wom-bad-buzz-further"]):
                solara.Text(_("The run stands at day {day}.").format(day=blame.day), classes=["wom-soft"])
                solara.Button(_("Play it to its end"), on_click=room.hurry, text=True, classes=["wom-button"])


@solara.component
def Reading(room: Room, blame: Blame, story: Story, language: str, version: int) -> None:
    """What the story amounts to, and what could have been."""
    with speaking(language):
        with solara.Div(classes=["wom-bad-buzz-head"]):
            solara.v.Html(tag="h2", children=[told.headline(story)])
            solara.Text(told.lead(story, blame), classes=["wom-soft"])
        labels = [_("The story"), _("What if?")]
        with solara.Div(classes=["wom-tabs"], attributes={"role": "tablist"}):
            for name, label in zip(TABS, labels, strict=True):
                on = room.tab == name
                solara.Button(
                    label, on_click=lambda name=name: room.show(name), text=True, classes=["wom-tab", "on"] if on else ["wom-tab"],
                    attributes={"role": "tab", "aria-selected": str(on).lower()},
                )  # fmt: skip
        with solara.Div(classes=["wom-bad-buzz-body"]):
            if room.tab == "story":
                Amounts(room, blame, story, language, version)
            else:
                Otherwise(room, blame, story, language, version)


@solara.component
def Amounts(room: Room, blame: Blame, story: Story, language: str, version: int) -> None:
    """Figures, what they mean, who carried it."""
    with speaking(language):
        with solara.Div(classes=["wom-bad-buzz-figures"]):
            for figure in told.figures(story, blame):
                with solara.Div():
                    solara.Text(figure.name, classes=["wom-card-name"])
                    solara.HTML(tag="b", unsafe_innerHTML=figure.value)
                    solara.Text(figure.note, classes=["wom-soft"])
        solara.Text(told.meaning(story))
        solara.Text(told.carried_by(story))
        lines = told.teller_lines(story, blame)
        if lines:
            PickTable(
                _("Who carried it"),
                [
                    Column(_("teller"), "", True), Column(_("day"), _("on which she got to know it")), Column(_("told"), _("by herself")),
                    Column(_("carried"), _("heard it by way of her, at first or at tenth hand")),
                    Column(_("share"), _("of all who heard it")),
                ],
                lines, str(room.teller), lambda consumer: room.pick(int(consumer)),
            )  # fmt: skip
            solara.Text(_("Choose one, here or in the picture: what if she had kept it to herself?"), classes=["wom-soft"])
        with Folded(_("Generations, as a table")):
            Table([_("Generation"), _("consumers"), _("told"), _("each")], told.generation_rows(story))
        with Folded(_("Hearers by day, as a table")):
            Table([_("day"), _("as it was"), *([_("otherwise")] if room.twin is not None else [])], told.curve_rows(story, room.twin))


@solara.component
def Otherwise(room: Room, blame: Blame, story: Story, language: str, version: int) -> None:
    """Remove a teller or answer on another day, and the twin."""
    with speaking(language):
        kinds = ("silence", "answer")
        Segments(kinds, [_("Remove a teller"), _("Answer it")], room.what, room.consider, label=_("What goes otherwise"))
        if room.what == "silence":
            if room.teller < 0:
                solara.Text(_("Choose a teller in the picture or in the table of those who carried it."))
                return
            solara.Text(
                _("Consumer {id} says nothing more about {brand}, to nobody. She hears and buys as before.").format(
                    id=blame.called(room.teller), brand=story.brand
                )
            )
            ready = True
        else:
            Segments(ANSWERED, [_(ANSWER_NAMES[each]) for each in ANSWERED], room.answer, room.set_answer, label=_("Answer"), wrap=True)
            given, ready, spoken = room.given, room.answerable, room.spoken
            if given is not None or spoken is not None:
                day, answer = given or spoken or (0, "")
                said = _("In this run {brand} answers on day {day} ({answer}).")
                if given is not None:
                    said = _("In this run {brand} answers on day {day} ({answer}); this takes its place.")
                solara.Text(said.format(brand=story.brand, day=day, answer=_(ANSWER_NAMES[answer])))
            elif ready:
                solara.Text(_("{brand} answers, if its purse holds the price.").format(brand=story.brand))
            if not ready:
                solara.Text(_("{brand} has no crisis to answer on that day: everyday talk is no crisis.").format(brand=story.brand))
        with solara.Div(classes=["wom-bad-buzz-do"]):
            label = _("from day") if room.what == "silence" else _("on day")
            Day(label, room.day, story.began, room.last_day, room.set_day, language)
            solara.Button(
                _("See the other world"), on_click=room.unfold, text=True, classes=["wom-submit"],
                disabled=room.progress is not None or not ready,
            )  # fmt: skip
        if room.progress is not None:
            solara.Text(_("The other world is simulated: {share}").format(share=percent(room.progress)), classes=["wom-soft"])
            Bar(room.progress)
        elif room.twin is not None:
            Outcome(room.twin, room, language)


@solara.component
def Day(label: str, day: int, first: int, last: int, on_day: Any, language: str) -> None:
    """From which day on, or on which day."""
    with speaking(language), solara.Div(classes=["wom-bad-buzz-when"]):
        solara.Text(label)
        solara.Button("\N{MINUS SIGN}", on_click=lambda: on_day(day - 1), text=True, disabled=day <= first, classes=["wom-button"],
                      attributes={"aria-label": _("a day earlier")})  # fmt: skip
        solara.HTML(tag="b", unsafe_innerHTML=str(day), attributes={"aria-live": "polite"})
        solara.Button("+", on_click=lambda: on_day(day + 1), text=True, disabled=day >= last, classes=["wom-button"],
                      attributes={"aria-label": _("a day later")})  # fmt: skip


@solara.component
def Outcome(twin: Difference, room: Room, language: str) -> None:
    """What the other world changed."""
    with speaking(language), solara.Div(classes=["wom-bad-buzz-outcome"]):
        solara.Text(told.sentence(told.change_of(twin)), classes=["wom-bad-buzz-other"])
        with solara.Div(classes=["wom-bad-buzz-counter"], attributes={"role": "status"}):
            solara.HTML(tag="b", unsafe_innerHTML=number(len(twin.spared)))
            solara.Text(_("never hear of it"))
            solara.HTML(tag="b", unsafe_innerHTML=number(len(twin.reached_instead)), classes=["wom-bad-buzz-instead"])
            solara.Text(_("hear it only there"))
        Table(["", _("as it was"), _("otherwise"), _("difference")], told.outcome_rows(twin))
        for sentence in twin.saving:
            solara.Text(sentence)
        until = _("Both to day {day}, with the same luck: what it changed here, not what it changes on average.").format(day=twin.here.day)
        solara.Text(until, classes=["wom-soft"])
        solara.Button(_("Put the other world away"), on_click=room.fold, text=True, classes=["wom-button", "wom-undo"])


@solara.component
def Folded(title: str, children: Sequence[Any]) -> Any:
    """What is shown to who asks for it."""
    return solara.v.Html(tag="details", children=[solara.v.Html(tag="summary", children=[title]), *children])


@solara.component
def Table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Plain figures."""
    v = solara.v
    head = v.Html(tag="tr", children=[v.Html(tag="th", children=[text]) for text in heads])
    lines = [v.Html(tag="tr", children=[v.Html(tag="td" if k else "th", children=[text]) for k, text in enumerate(row)]) for row in rows]
    v.Html(tag="table", class_="wom-table", children=[head, *lines])


@solara.component
def Bar(share: float) -> None:
    """How far it has come."""
    value = round(100 * min(1.0, max(0.0, share)))
    with solara.Div(classes=["wom-bad-buzz-bar"], attributes={"role": "progressbar", "aria-valuenow": str(value)}):
        solara.Div(style={"width": f"{value}%"})
