"""What if: one world in two versions, side by side, with the same luck and one thing changed."""

from __future__ import annotations

import solara

from simulator.app.fork.bench import NAMES, Bench
from simulator.app.levers import MADE_LIVE
from simulator.app.live.facts import event_text
from simulator.app.live.page import Happenings, Strategies
from simulator.app.parts import Segments
from simulator.app.visit import Visit
from simulator.experiments.live import Without
from simulator.language import N_, _, number, speaking
from simulator.scenario.schema import Scenario

ANSWER = "response"

QUESTIONS = {"event": N_("An event"), "answer": N_("An answer"), "strategy": N_("A strategy"), "without": N_("Without")}
"""What if this happened, were answered, were done, did not happen?"""


@solara.component
def Page(visit: Visit, language: str, version: int) -> None:
    """Both worlds and their clock on the left; the question, and what comes of it, on the right."""
    if "fork" not in visit.kept:
        visit.kept["fork"] = Bench(visit)
    bench: Bench = visit.kept["fork"]

    def follow() -> None:
        if bench.address[:2] != visit.address[:2]:
            bench.open(visit.address)
        elif bench.address.language != language:
            bench.set_language(language)

    solara.use_effect(follow, [visit.address])
    solara.use_effect(lambda: bench.player.pause, [])
    message = bench.message or visit.desk.message
    with speaking(language), solara.Div(classes=["wom-main", "wom-fork"]):
        solara.Div(classes=["wom-left"], children=[bench.canvas])
        with solara.Div(classes=["wom-right"]):
            solara.Div(children=[bench.instruments], classes=["wom-top", "wom-fork-brief" if bench.tab in ("change", "home") else ""])
            if bench.scenario is not None and bench.tab == "change":
                Question(visit, bench, bench.scenario, bench.since, bench.split, language)
            elif bench.scenario is not None and bench.tab == "home":
                TakeHome(bench, bench.split, language)
        if message:
            solara.Div(classes=["wom-message"], attributes={"role": "alert"}, children=[solara.Text(message)])
        elif not bench.ready:
            solara.Div(classes=["wom-message", "wom-quiet"], attributes={"role": "status"}, children=[solara.Text(_("The market opens …"))])


@solara.component
def Question(visit: Visit, bench: Bench, scenario: Scenario, day: int, split: bool, language: str) -> None:
    """What is changed from the day of the question on."""
    asked = solara.use_reactive("event")
    finished = day >= scenario.run.days
    with speaking(language), solara.Div(classes=["wom-panel"]):
        if split:
            with solara.Div(classes=["wom-fork-asked"]):
                solara.Text(_("From day {day} on: {change}").format(day=day, change=bench.question))
                solara.Button(_("Back to one world"), on_click=bench.undo, text=True, classes=["wom-button", "wom-undo"])
        else:
            solara.Text(_("Choose the day below the picture, then what changes on it."), classes=["wom-soft"])
        Segments(list(QUESTIONS), [_(label) for label in QUESTIONS.values()], asked.value, asked.set, label=_("What changes"), wrap=True)
        if asked.value == "event":
            kinds = tuple(kind for kind in MADE_LIVE if kind != ANSWER)
            Happenings(bench.act, scenario, day, finished, language, kinds).key("event")
        elif asked.value == "answer":
            Happenings(bench.act, scenario, day, finished, language, (ANSWER,)).key("answer")
        elif asked.value == "strategy":
            Strategies(bench.act, scenario, day, finished, language)
        else:
            Calendar(bench, scenario, language)
        with solara.Div(classes=["wom-take-home"]):
            words = _("Begin again with the live run, day {day}").format(day=number(visit.desk.day))
            solara.Button(words, on_click=lambda: bench.open(visit.address), text=True)


@solara.component
def Calendar(bench: Bench, scenario: Scenario, language: str) -> None:
    """The events of the scenario, each of which can be left out."""
    with speaking(language), solara.Div(classes=["wom-fork-calendar"]):
        if not scenario.events:
            solara.Text(_("Nothing is planned in this scenario and nothing was done."), classes=["wom-soft"])
        else:
            solara.Text(_("Which of these does not happen? The worlds part on its day, if that has passed."), classes=["wom-soft"])
        for place, event in sorted(enumerate(scenario.events), key=lambda item: item[1].day):
            said = _("Day {day}, but not: {event}").format(day=event.day, event=event_text(event))
            solara.Button(said, on_click=lambda place=place: bench.act(Without(place)), text=True)


@solara.component
def TakeHome(bench: Bench, split: bool, language: str) -> None:
    """Both scenarios as files, and how the command line runs them again."""
    titles = [_("As it is"), _("What if")]
    with speaking(language), solara.Div(classes=["wom-panel"]):
        solara.Text(_("Each world as a scenario; the command line runs it again to the same figures."), classes=["wom-soft"])
        for world, name in enumerate(NAMES[: 2 if split else 1]):
            with solara.Div(classes=["wom-take-home"]):
                words = _("Save “{world}” as a scenario").format(world=titles[world])
                solara.FileDownload(lambda world=world: bench.file(world), f"{name}.toml", words)
                solara.HTML(tag="code", unsafe_innerHTML=f"run.py simulate {name}.toml --seed {bench.address.seed}")
        if split:
            with solara.Div(classes=["wom-take-home"]):
                seed = bench.address.seed
                solara.HTML(tag="code", unsafe_innerHTML=f"run.py compare {NAMES[0]}.toml {NAMES[1]}.toml --seed {seed}")
            caution = _(
                "These are one world and its twin. Whether the difference holds in other worlds, a comparison over many seeds tells."
            )
            solara.Text(caution, classes=["wom-soft"])
