"""The live page: the graph and its controls on the left, figures, curves and levers on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from simulator.app.levers import MADE_LIVE, PLAYED, current, event_levers, strategy_levers, written
from simulator.app.live.desk import SAVED
from simulator.app.live.facts import EVENT_NAMES, STRATEGY_NAMES
from simulator.app.parts import Form, Segments
from simulator.app.visit import Visit
from simulator.experiments.live import Happening, Intervention, Switch
from simulator.language import _, speaking
from simulator.scenario.schema import Scenario


@solara.component
def Page(visit: Visit, language: str, version: int) -> None:
    """The graph and its controls on the left, figures, curves and levers on the right."""
    desk = visit.desk
    solara.use_effect(lambda: desk.player.pause, [])
    with speaking(language), solara.Div(classes=["wom-main"]):
        solara.Div(classes=["wom-left"], children=[desk.canvas])
        with solara.Div(classes=["wom-right"]):
            solara.Div(children=[desk.instruments], classes=["wom-top", f"wom-top-{desk.tab}"])
            if desk.scenario is not None and desk.tab == "levers":
                Strategies(desk.act, desk.scenario, desk.day, desk.finished, language)
            elif desk.scenario is not None and desk.tab == "act":
                Interventions(visit, desk.scenario, desk.day, desk.finished, desk.interventions, language)
        if desk.message:
            solara.Div(classes=["wom-message"], attributes={"role": "alert"}, children=[solara.Text(desk.message)])
        elif not desk.ready:
            solara.Div(classes=["wom-message", "wom-quiet"], attributes={"role": "status"}, children=[solara.Text(_("The market opens …"))])


@solara.component
def Strategies(act: Callable[[Intervention], None], scenario: Scenario, day: int, finished: bool, language: str) -> None:
    """What each brand does with its budget, and its levers; from today on."""
    brands = [brand.name for brand in scenario.brands]
    brand, kind = solara.use_reactive(scenario.focal), solara.use_reactive("")
    if brand.value not in brands:
        brand.set(scenario.focal)
    name = brand.value if brand.value in brands else scenario.focal
    now, values = current(scenario, name, day)
    chosen = kind.value or now
    levers = strategy_levers(chosen, scenario)

    def pick(each: str) -> None:
        brand.set(each)
        kind.set("")

    def submit(values: dict[str, Any]) -> None:
        act(Switch(name, {"kind": chosen} | written(levers, values)))

    with speaking(language), solara.Div(classes=["wom-panel"]):
        Segments(brands, brands, name, pick, label=_("Brand"), wrap=True)
        Segments(PLAYED, [_(STRATEGY_NAMES[each]) for each in PLAYED], chosen, kind.set, label=_("Strategy"), wrap=True)
        remark = _("It follows {strategy} now.").format(strategy=_(STRATEGY_NAMES[now]))
        shown = values if chosen == now else {}
        Form(levers, shown, _("From day {day} on").format(day=day), remark, finished, submit, language, key=f"{name} {chosen} {now}")


@solara.component
def Interventions(visit: Visit, scenario: Scenario, day: int, finished: bool, done: int, language: str) -> None:
    """What can happen today, and what can be done with it."""
    desk = visit.desk

    def ask() -> None:
        if "fork" in visit.kept:
            visit.kept["fork"].open(visit.address)  # from today's market, not that of the last question
        visit.go("fork")

    with speaking(language), solara.Div(classes=["wom-panel"]):
        Happenings(desk.act, scenario, day, finished, language)
        with solara.Div(classes=["wom-take-home"]):
            solara.Button(_("What if? Go on in two worlds from day {day}").format(day=day), on_click=ask, text=True, disabled=finished)
            solara.FileDownload(desk.saved, f"{SAVED}.toml", _("Save this run as a scenario"))
            solara.HTML(tag="code", unsafe_innerHTML=f"run.py simulate {SAVED}.toml --seed {desk.address.seed}")
        if done:
            solara.Button(_("Take back the last intervention"), on_click=desk.undo, text=True, classes=["wom-button", "wom-undo"])


@solara.component
def Happenings(
    act: Callable[[Intervention], None], scenario: Scenario, day: int, finished: bool, language: str, kinds: tuple[str, ...] = MADE_LIVE
) -> None:  # fmt: skip
    """Events that a visitor makes happen to a brand."""
    brands = [brand.name for brand in scenario.brands]
    brand, kind = solara.use_reactive(scenario.focal), solara.use_reactive(kinds[0])
    name = brand.value if brand.value in brands else scenario.focal
    levers = event_levers(kind.value, scenario, name)

    def submit(values: dict[str, Any]) -> None:
        act(Happening(kind.value, name, written(levers, values)))

    with speaking(language), solara.Div(classes=["wom-happenings"]):
        Segments(brands, brands, name, brand.set, label=_("Brand"), wrap=True)
        if len(kinds) > 1:
            Segments(kinds, [_(EVENT_NAMES[each]) for each in kinds], kind.value, kind.set, label=_("What happens"), wrap=True)
        action = _("{event} on day {day}").format(event=_(EVENT_NAMES[kind.value]), day=day)
        Form(levers, {}, action, "", finished, submit, language, key=f"{name} {kind.value}")
