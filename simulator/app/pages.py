"""The application as Solara serves it: who comes in, and the pages. `Page` and `Layout` are the names Solara looks for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
import solara.lab

from simulator.app.address import Address, read_address, scenario_names
from simulator.app.desk import SAVED, Desk
from simulator.app.facts import STRATEGY_NAMES
from simulator.app.lever_form import LeverForm, described, form_words
from simulator.app.levers import MADE_LIVE, PLAYED, Lever, current, event_levers, strategy_levers, written
from simulator.app.visitors import TURNS, VISITORS
from simulator.experiments.live import Happening, Switch
from simulator.language import LANGUAGES, N_, _, speaking
from simulator.scenario.schema import Scenario

STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")

POLL = 2.0
"""Seconds between two questions whether there is a place."""

EVENT_NAMES = {
    "scandal": N_("Scandal"), "false_rumour": N_("False rumour"), "service_failure": N_("Service failure"), "response": N_("Answer"),
    "campaign": N_("Flood of ads"), "stock_out": N_("Out of stock"),
}  # fmt: skip

LANGUAGE_NAMES = {"en": "English", "fr": "Français"}  # each in itself


@solara.component
def Layout(children: list[Any]) -> Any:
    """No frame of Solara's around a page."""
    return solara.Div(children=children)


@solara.component
def Page() -> None:
    """The door, and behind it the page."""
    query = solara.use_router().search
    address = solara.use_memo(lambda: read_address(query), [])
    place = solara.use_reactive(-1)

    def door() -> Callable[[], None]:
        me, gone = solara.get_kernel_id(), threading.Event()

        def ask() -> None:
            while not gone.is_set():
                place.set(VISITORS.knock(me))
                gone.wait(POLL)

        def leave() -> None:
            gone.set()
            VISITORS.leave(me)

        place.set(VISITORS.knock(me))
        threading.Thread(target=ask, name="door", daemon=True).start()
        return leave

    solara.use_effect(door, [])
    solara.Style(STYLE)
    with speaking(address.language):
        solara.Title(_("World of Mouth"))
    if place.value == 0:
        Live(address)
    elif place.value > 0:
        Waiting(place.value, address.language)


@solara.component
def Waiting(place: int, language: str) -> None:
    """For who comes when all places are taken."""
    with speaking(language), solara.Div(classes=["wom-app", "wom-waiting"]), solara.Div(classes=["wom-waiting-card"]):
        solara.HTML(tag="h1", unsafe_innerHTML=_("Please wait a moment"))
        solara.Text(_("All {most} places are taken; you are number {place} in the queue.").format(most=VISITORS.most, place=place))
        solara.Text(_("This page opens by itself as soon as somebody leaves."))


# -- the live page -------------------------------------------------------------------------------------------------------


@solara.component
def Live(address: Address) -> None:
    """The graph and its controls on the left, figures, curves and levers on the right."""
    version = solara.use_reactive(0)
    me = solara.use_memo(solara.get_kernel_id, [])

    def made() -> Desk:
        desk = Desk(TURNS, address, lambda: version.set(version.peek() + 1))
        desk.awake = lambda: VISITORS.is_awake(me)
        return desk

    desk = solara.use_memo(made, [])
    solara.use_effect(lambda: desk.close, [])
    version.get()
    with speaking(desk.address.language), solara.Div(classes=["wom-app"]):
        Masthead(desk, desk.address, desk.day)
        with solara.Div(classes=["wom-main"]):
            solara.Div(classes=["wom-left"], children=[desk.canvas])
            with solara.Div(classes=["wom-right"]):
                solara.Div(children=[desk.instruments], classes=["wom-top", f"wom-top-{desk.tab}"])
                if desk.scenario is not None and desk.tab == "levers":
                    Strategies(desk, desk.scenario, desk.day, desk.finished, desk.address.language)
                elif desk.scenario is not None and desk.tab == "act":
                    Interventions(desk, desk.scenario, desk.day, desk.finished, desk.interventions, desk.address.language)
        if desk.message:
            solara.Div(classes=["wom-message"], attributes={"role": "alert"}, children=[solara.Text(desk.message)])
        elif not desk.ready:
            solara.Div(classes=["wom-message", "wom-quiet"], attributes={"role": "status"}, children=[solara.Text(_("The market opens …"))])


@solara.component
def Masthead(desk: Desk, address: Address, day: int) -> None:
    """Which world, which luck, which language, light or dark."""
    names = solara.use_memo(scenario_names, [])
    dark = solara.lab.use_dark_effective()
    labels = {name.replace("/", " · ").replace("_", " "): name for name in names}
    chosen = next(label for label, name in labels.items() if name == address.scenario)

    def seeded(text: str) -> None:
        with contextlib.suppress(ValueError):
            desk.open(read_address(address._replace(seed=int(text)).query()))

    with speaking(address.language), solara.Div(classes=["wom-masthead"]):
        solara.HTML(tag="h1", unsafe_innerHTML="World of Mouth")
        with solara.Div(classes=["wom-choices"]):
            solara.Select(
                _("Scenario"), list(labels), chosen, lambda label: desk.open(address._replace(scenario=labels[label])), dense=True,
                classes=["wom-select"],
            )  # fmt: skip
            solara.InputText(_("Seed"), str(address.seed), on_value=seeded, dense=True, classes=["wom-seed"])
        with solara.Div(classes=["wom-settings"]):
            Segments(LANGUAGES, [LANGUAGE_NAMES[each] for each in LANGUAGES], address.language, desk.set_language, label=_("Language"))
            label = _("light") if dark else _("dark")
            solara.Button(label, on_click=lambda: _set_dark(not dark), text=True, classes=["wom-button", "wom-theme"])


def _set_dark(dark: bool) -> None:
    solara.lab.theme.dark = dark


@solara.component
def Segments(
    values: tuple[str, ...] | list[str], labels: list[str], value: str, on_value: Callable[[str], None], label: str = "", wrap: bool = False
) -> None:  # fmt: skip
    """A few words of which one is chosen."""
    with solara.Div(
        classes=["wom-segments", "wom-wrap"] if wrap else ["wom-segments"], attributes={"role": "radiogroup", "aria-label": label}
    ):
        for each, name in zip(values, labels, strict=True):
            on = each == value
            solara.Button(
                name, on_click=lambda each=each: on_value(each), text=True, classes=["wom-button", "on"] if on else ["wom-button"],
                attributes={"role": "radio", "aria-checked": str(on).lower()},
            )  # fmt: skip


@solara.component
def Strategies(desk: Desk, scenario: Scenario, day: int, finished: bool, language: str) -> None:
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
        desk.act(Switch(name, {"kind": chosen} | written(levers, values)))

    with speaking(language), solara.Div(classes=["wom-panel"]):
        Segments(brands, brands, name, pick, label=_("Brand"), wrap=True)
        Segments(PLAYED, [_(STRATEGY_NAMES[each]) for each in PLAYED], chosen, kind.set, label=_("Strategy"), wrap=True)
        remark = _("It follows {strategy} now.").format(strategy=_(STRATEGY_NAMES[now]))
        shown = values if chosen == now else {}
        Form(levers, shown, _("From day {day} on").format(day=day), remark, finished, submit, language, key=f"{name} {chosen} {now}")


@solara.component
def Interventions(desk: Desk, scenario: Scenario, day: int, finished: bool, done: int, language: str) -> None:
    """What can happen today."""
    brands = [brand.name for brand in scenario.brands]
    brand, kind = solara.use_reactive(scenario.focal), solara.use_reactive(MADE_LIVE[0])
    name = brand.value if brand.value in brands else scenario.focal
    levers = event_levers(kind.value, scenario, name)

    def submit(values: dict[str, Any]) -> None:
        desk.act(Happening(kind.value, name, written(levers, values)))

    with speaking(language), solara.Div(classes=["wom-panel"]):
        Segments(brands, brands, name, brand.set, label=_("Brand"), wrap=True)
        Segments(MADE_LIVE, [_(EVENT_NAMES[each]) for each in MADE_LIVE], kind.value, kind.set, label=_("What happens"), wrap=True)
        action = _("{event} on day {day}").format(event=_(EVENT_NAMES[kind.value]), day=day)
        Form(levers, {}, action, "", finished, submit, language, key=f"{name} {kind.value}")
        with solara.Div(classes=["wom-take-home"]):
            solara.FileDownload(desk.saved, f"{SAVED}.toml", _("Save this run as a scenario"))
            solara.HTML(tag="code", unsafe_innerHTML=f"run.py simulate {SAVED}.toml --seed {desk.address.seed}")
        if done:
            solara.Button(_("Take back the last intervention"), on_click=desk.undo, text=True, classes=["wom-button", "wom-undo"])


@solara.component
def Form(
    levers: list[Lever], values: dict[str, Any], action: str, remark: str, disabled: bool, submit: Callable[[dict[str, Any]], None],
    language: str, key: str,
) -> Any:  # fmt: skip
    """The form of some levers; `key`: it begins anew when this changes, and only then."""
    latest = solara.use_ref(submit)
    latest.current = submit

    def made() -> LeverForm:
        form = LeverForm()
        form.on_msg(lambda widget, content, buffers: _submitted(content, latest.current))
        return form

    form = solara.use_memo(made, [])

    def refill() -> None:
        with speaking(language), form.hold_sync():
            form.levers, form.words = described(levers, values), form_words()

    def retitle() -> None:
        with form.hold_sync():
            form.action, form.remark, form.disabled = action, remark, disabled

    solara.use_effect(refill, [key, language])
    solara.use_effect(retitle, [action, remark, disabled])
    solara.use_effect(lambda: form.close, [])
    return solara.Div(children=[form])


def _submitted(content: Any, submit: Callable[[dict[str, Any]], None]) -> None:
    """A message of a form; anything else that a page sends is passed over."""
    if isinstance(content, dict) and content.get("kind") == "submit" and isinstance(content.get("value"), dict):
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            submit(content["value"])
