"""The application as Solara serves it: who comes in, the masthead, and below it the page of the address.

`routes` is the name that Solara looks for. All routes share one layout, which does everything: so a visit outlives a change of page.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
import solara.lab

from simulator.app.address import Address, read_address
from simulator.app.choice import Choice
from simulator.app.connection import Connection
from simulator.app.doorplate import Doorplate
from simulator.app.library import library
from simulator.app.memory import give_back
from simulator.app.parts import Segments
from simulator.app.visit import ROOMS, Visit, path_of, room_of
from simulator.app.visitors import TURNS, VISITORS
from simulator.language import LANGUAGES, _, speaking

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
STYLE = "\n".join(path.read_text(encoding="utf-8") for path in [HERE / "style.css", *sorted(HERE.glob("*/style.css"))])

PAGES: dict[str, Callable[[Visit, str, int], Any]] = {room: importlib.import_module(f"simulator.app.{room}.page").Page for room in ROOMS}

POLL = 2.0
"""Seconds between two questions whether there is a place."""

OF_A_WORLD = ("live", "fork", "bad_buzz")
"""Pages about one world: the masthead says which."""


@solara.component
def Layout(children: list[Any]) -> None:
    """The door, and behind it the pages."""
    router = solara.use_router()
    address = solara.use_memo(lambda: read_address(router.search), [])
    place, version = solara.use_reactive(-1), solara.use_reactive(0)
    me, browser = solara.use_memo(lambda: (solara.get_kernel_id(), solara.get_session_id()), [])

    def made() -> Visit:
        return Visit(TURNS, address, changed=lambda: version.set(version.peek() + 1), awake=lambda: VISITORS.is_awake(me), push=router.push)

    visit = solara.use_memo(made, [])

    def door() -> Callable[[], None]:
        gone = threading.Event()

        def ask() -> None:
            while not gone.is_set():
                before = place.peek()
                place.set(VISITORS.knock(me, browser))
                if before == 0 and place.peek() > 0:
                    visit.put_away()
                    give_back()
                gone.wait(POLL)

        def leave() -> None:
            gone.set()
            visit.close()
            VISITORS.leave(me)
            give_back()

        place.set(VISITORS.knock(me, browser))
        threading.Thread(target=ask, name="door", daemon=True).start()
        return leave

    solara.use_effect(door, [])
    version.get()
    room, language = room_of(router.path or ""), visit.address.language
    solara.Style(STYLE)
    with speaking(language):
        solara.Title(_("World of Mouth"))
        with solara.Div(classes=["wom-app"]):
            if place.value == 0:
                Masthead(visit, visit.address, room)
                Shown(visit, room, language, version.value).key(room)
            elif place.value > 0:
                Waiting(place.value, VISITORS.has_enough(browser), language)
    Plate(visit.address.query(), language, room)


@solara.component
def Shown(visit: Visit, room: str, language: str, version: int) -> None:
    """A page. If it breaks, a sentence and a way back; what else the visitor has begun stays."""
    broken, again = solara.use_exception()
    solara.use_effect(lambda: log.error("a page broke down", exc_info=broken) if broken is not None else None, [broken])
    if broken is None:
        PAGES[room](visit, language, version)
    else:
        Broken(again, language)


@solara.component
def Broken(again: Callable[[], None], language: str) -> None:
    """For a page that has raised an error."""
    with speaking(language), solara.Div(classes=["wom-waiting"]), solara.Div(classes=["wom-waiting-card"], attributes={"role": "alert"}):
        solara.Text(_("Something went wrong on this page. Open it again; if it happens again, please report it."))
        solara.Button(_("Open it again"), on_click=again, text=True, classes=["wom-button"])


@solara.component
def Nothing() -> None:
    """What Solara shows inside the layout: the layout is all there is."""
    solara.Div()


routes = [
    solara.Route(path=path_of(room).strip("/") or "/", component=Nothing, layout=Layout, label=label) for room, label in ROOMS.items()
]


@solara.component
def Plate(query: str, language: str, room: str) -> Any:
    """The address bar, the language of the document, and what is said without a connection."""
    plate, connection = solara.use_memo(lambda: (Doorplate(), Connection()), [])

    def say() -> None:
        with plate.hold_sync():
            plate.query, plate.language, plate.room = query, language, room
        with speaking(language):
            connection.words = {
                "lost": _("The connection is lost"),
                "kept": _("The page looks for the server and goes on by itself. What you have begun is kept for some minutes."),
                "gone": _("You were away for long"),
                "anew": _("What you had begun has been put away. The same world opens anew."),
                "again": _("Open it again"),
            }

    solara.use_effect(say, [query, language, room])
    return solara.Div(children=[plate, connection], classes=["wom-plate"])


@solara.component
def Waiting(place: int, enough: bool, language: str) -> None:
    """For who comes when all places are taken, or has `enough` of them."""
    with speaking(language), solara.Div(classes=["wom-waiting"]), solara.Div(classes=["wom-waiting-card"]):
        solara.HTML(tag="h1", unsafe_innerHTML=_("Please wait a moment"))
        if enough:
            solara.Text(_("This browser has {each} pages open, as many as one may have.").format(each=VISITORS.each))
            solara.Text(_("This page opens by itself as soon as you close another one."))
        else:
            solara.Text(_("All {most} places are taken; you are number {place} in the queue.").format(most=VISITORS.most, place=place))
            solara.Text(_("This page opens by itself as soon as somebody leaves."))


@solara.component
def Masthead(visit: Visit, address: Address, room: str) -> None:
    """Which page, which world, which luck, which language, light or dark."""
    dark = solara.lab.use_dark_effective()
    with speaking(address.language), solara.Div(classes=["wom-masthead"]):
        solara.HTML(tag="h1", unsafe_innerHTML="World of Mouth")
        with solara.Div(classes=["wom-rooms"], attributes={"role": "navigation", "aria-label": _("Pages")}):
            for each, label in ROOMS.items():
                here = each == room
                solara.Button(
                    _(label), on_click=lambda each=each: visit.go(each), text=True, classes=["wom-room", "on"] if here else ["wom-room"],
                    attributes={"aria-current": "page"} if here else {},
                )  # fmt: skip
        if room in OF_A_WORLD:
            World(visit, address)
        with solara.Div(classes=["wom-settings"]):
            Segments(
                LANGUAGES, [each.upper() for each in LANGUAGES], address.language,
                lambda language: visit.set_address(address._replace(language=language)), label=_("Language"),
            )  # fmt: skip
            label = _("light") if dark else _("dark")
            solara.Button(label, on_click=lambda: _set_dark(not dark), text=True, classes=["wom-button", "wom-theme"])


@solara.component
def World(visit: Visit, address: Address) -> None:
    """The scenario and the seed of pages about one world."""
    groups = solara.use_memo(lambda: _grouped(address.language), [address.language])

    def seeded(text: str) -> None:
        with contextlib.suppress(ValueError):
            visit.set_address(read_address(address._replace(seed=int(text)).query()))

    with speaking(address.language), solara.Div(classes=["wom-choices"]):
        Choice(_("Scenario"), groups, address.scenario, lambda name: visit.set_address(address._replace(scenario=name)))
        solara.InputText(_("Seed"), str(address.seed), on_value=seeded, dense=True, classes=["wom-seed"])


def _grouped(language: str) -> dict[str, dict[str, str]]:
    """Bundled scenarios by the market they speak of, as they are called."""
    with speaking(language):
        return {_(group.title): {name: _(title) for name, title in zip(group.names, group.titles, strict=True)} for group in library()}


def _set_dark(dark: bool) -> None:
    solara.lab.theme.dark = dark
