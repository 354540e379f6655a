"""What is to be compared: ready-made scenarios, one's own, variants made with levers, and the bench that they are put on."""

from __future__ import annotations

import re
from typing import Any

import solara

from simulator.app.compare import limits
from simulator.app.compare.bench import Bench, Entry, too_large
from simulator.app.compare.variant import KIND, levers_for, values_now
from simulator.app.compare.widgets import Drop
from simulator.app.levers import PLAYED
from simulator.app.library import Group
from simulator.app.live.facts import STRATEGY_NAMES
from simulator.app.parts import Form, Segments
from simulator.app.visit import Visit
from simulator.experiments.comparison import focal_of
from simulator.experiments.doubt import BOTH, LUCK
from simulator.language import _, ngettext, number, speaking

READY, OWN, CHANGE = "ready", "own", "change"


@solara.component
def Shelf(visit: Visit, bench: Bench, language: str, version: int) -> None:
    """What there is to compare: ready-made, one's own, and a form for changes."""
    tab, changing = solara.use_reactive(READY), solara.use_reactive("")
    entry = next((each for each in (*bench.chosen, *bench.own) if each.key == changing.value), None) or next(iter(bench.chosen), None)

    def change(key: str) -> None:
        changing.set(key)
        tab.set(CHANGE)

    with speaking(language), solara.Div(classes=["wom-compare-shelf"]):
        with solara.Div(classes=["wom-compare-head"]):
            solara.HTML(tag="h2", unsafe_innerHTML=_("What do you want to compare?"))
            own = _("Your own ({n})").format(n=number(len(bench.own))) if bench.own else _("Your own")
            Segments([READY, OWN, CHANGE], [_("Ready-made"), own, _("Change levers")], tab.value, tab.set, label=_("Scenarios"))
        if tab.value == READY:
            chosen = tuple(each.key for each in bench.chosen)
            with solara.Div(classes=["wom-compare-groups"]), solara.Div(classes=["wom-compare-columns"]):
                for group in bench.groups:
                    Shelved(visit, bench, group, chosen, language)
        elif tab.value == OWN:
            Brought(visit, bench, change, language, version)
        elif entry is None:
            solara.Text(_("Choose a scenario first; then you can change its levers."), classes=["wom-soft"])
        else:
            Changing(visit, bench, entry, change, language)


@solara.component
def Shelved(visit: Visit, bench: Bench, group: Group, chosen: tuple[str, ...], language: str) -> None:
    """A group of scenarios about one market."""
    with speaking(language), solara.Div(classes=["wom-compare-group"]):
        told(_(group.title), ["wom-compare-title"], {"role": "heading", "aria-level": "3"})
        solara.Text(_(group.question), classes=["wom-soft", "wom-compare-question"])
        with solara.Div(classes=["wom-compare-chips"]):
            for name, title in zip(group.names, group.titles, strict=True):
                Chip(visit, bench, name, _(title), name in chosen)


@solara.component
def Chip(visit: Visit, bench: Bench, key: str, label: str, on: bool) -> None:
    """A scenario to put on the bench or to take off."""

    def choose() -> None:
        visit.awake()
        bench.choose(key)

    solara.Button(
        label, on_click=choose, text=True, classes=["wom-button", "wom-compare-chip", "on"] if on else ["wom-button", "wom-compare-chip"],
        attributes={"aria-pressed": str(on).lower()},
    )  # fmt: skip


@solara.component
def Brought(visit: Visit, bench: Bench, change: Any, language: str, version: int) -> None:
    """Where files are brought; what is wrong with them, by line; and what is there already."""
    drop = solara.use_memo(lambda: Drop(most=limits.MOST_BYTES), [])

    def hear(widget: Any, content: Any, buffers: Any) -> None:
        if not isinstance(content, dict) or not isinstance(content.get("name"), str):
            return
        visit.awake()
        name = re.sub(r"[^\w .()-]", "_", content["name"])[-80:] or "scenario.toml"
        if content.get("kind") == "file" and buffers:
            bench.upload(name, bytes(buffers[0]))
        elif content.get("kind") == "large" and isinstance(content.get("size"), (int, float)):
            with speaking(bench.language):
                bench.complain(too_large(name, float(content["size"])))

    def listen() -> Any:
        drop.on_msg(hear)
        return drop.close

    def say() -> None:
        with speaking(language), drop.hold_sync():
            drop.words = {
                "choose": _("Bring a scenario file"),
                "hint": _("TOML, at most {size} kB, {consumers} consumers and {days} days; drop it here. base may name a bundled scenario, such as base = \"three_eras/silent\"; other files cannot be named.").format(  # noqa: E501  # one text for translators
                    size=number(limits.MOST_BYTES / 1000), consumers=number(limits.MOST_CONSUMERS), days=number(limits.MOST_DAYS)
                ),
            }  # fmt: skip
            drop.disabled = bool(bench.reading)

    solara.use_effect(listen, [])
    solara.use_effect(say, [language, bench.reading])
    with speaking(language), solara.Div(classes=["wom-compare-own"]):
        solara.Div(children=[drop])
        if bench.reading:
            told(_("{name} is being read …").format(name=bench.reading), ["wom-soft"], {"role": "status"})
        if bench.wrong is not None:
            with solara.Div(classes=["wom-compare-wrong"], attributes={"role": "alert"}):
                count = len(bench.wrong.problems)
                text = ngettext("{name} cannot be run: {n} problem", "{name} cannot be run: {n} problems", count)
                solara.Text(text.format(name=bench.wrong.name, n=number(count)), classes=["wom-compare-title"])
                for problem in bench.wrong.problems:
                    with solara.Div(classes=["wom-compare-problem"]):
                        if problem.line:
                            with solara.Div(classes=["wom-compare-source"]):
                                solara.Text(str(problem.line), classes=["wom-compare-number"])
                                solara.Text(problem.source or " ", classes=["wom-compare-code"])
                        said = f"{problem.key}: {problem.text}" if problem.key else problem.text
                        solara.Text(said, classes=["wom-compare-said"])
        for entry in bench.own:
            Mine(visit, bench, entry, any(entry.key == each.key for each in bench.chosen), change, language)
        if not bench.own and bench.wrong is None and not bench.reading:
            text = _("Nothing here yet: bring a file, or change the levers of a ready-made scenario.")
            solara.Text(text, classes=["wom-soft"])


@solara.component
def Mine(visit: Visit, bench: Bench, entry: Entry, on: bool, change: Any, language: str) -> None:
    """A scenario of one's own."""
    with speaking(language), solara.Div(classes=["wom-compare-mine"]):
        Chip(visit, bench, entry.key, entry.name, on)
        solara.Text(about(entry), classes=["wom-soft", "wom-compare-about"])
        solara.Button(_("change levers"), on_click=lambda: change(entry.key), text=True, classes=["wom-button"])
        solara.FileDownload(lambda: bench.written(entry), file_name(entry.name, "toml"), _("TOML"))


@solara.component
def Changing(visit: Visit, bench: Bench, entry: Entry, change: Any, language: str) -> None:
    """The form of the main levers: what comes out of it is a scenario of its own."""
    scenario = entry.scenario
    now = scenario.brand(focal_of(scenario)).strategy.kind
    kind, name = solara.use_reactive(""), solara.use_reactive("")
    chosen = kind.value or now
    kinds = [*PLAYED, *([now] if now not in PLAYED else [])]
    levers = levers_for(scenario, chosen)

    def submit(values: dict[str, Any]) -> None:
        visit.awake()
        with speaking(bench.language):
            given = name.value.strip() or _("{name}, changed").format(name=entry.name)
        if bench.vary(entry, given, {**values, KIND: chosen}):
            name.set("")

    def pick(key: str) -> None:
        kind.set("")
        change(key)

    with speaking(language), solara.Div(classes=["wom-compare-form"]):
        with solara.Div(classes=["wom-compare-line"]):
            Segments(
                [each.key for each in bench.chosen] or [entry.key], [each.name for each in bench.chosen] or [entry.name], entry.key, pick,
                label=_("Scenario"), wrap=True,
            )  # fmt: skip
        with solara.Div(classes=["wom-compare-line"]):
            solara.InputText(_("Name of the variant"), name, dense=True, classes=["wom-compare-name"], continuous_update=True)
            Segments(
                kinds, [_(STRATEGY_NAMES[each]) for each in kinds], chosen, kind.set, wrap=True,
                label=_("Strategy of {brand}").format(brand=focal_of(scenario)),
            )  # fmt: skip
        values = {"size": scenario.population.size, "days": scenario.run.days, **values_now(scenario, chosen)}
        with solara.Div(classes=["wom-panel", "wom-compare-levers"]):
            Form(
                levers, values, _("Add this variant"), _("{name} itself stays as it is.").format(name=entry.name), False, submit, language,
                key=f"{entry.key} {chosen}",
            )  # fmt: skip


# -- the tray ------------------------------------------------------------------------------------------------------------


@solara.component
def Tray(visit: Visit, bench: Bench, language: str, version: int) -> None:
    """What is chosen; below it how hard to look at it, and go."""
    running = bench.running
    with speaking(language), solara.Div(classes=["wom-compare-tray"]):
        with solara.Div(classes=["wom-compare-chosen"]):
            solara.HTML(tag="h2", unsafe_innerHTML=_("On the bench"))
            for entry in bench.chosen:
                Chosen(bench, entry, running, language)
            missing = limits.FEWEST - len(bench.chosen)
            if missing > 0:
                text = ngettext("Choose {n} more scenario.", "Choose {n} more scenarios.", missing).format(n=number(missing))
                solara.Text(text, classes=["wom-soft", "wom-compare-missing"])
        if not running:
            Asked(visit, bench, language, version)


@solara.component
def Asked(visit: Visit, bench: Bench, language: str, version: int) -> None:
    """How hard to look, and go."""
    count = len(bench.chosen)
    wrong = bench.too_much() if count >= limits.FEWEST else ""

    def go() -> None:
        visit.awake()
        bench.go(visit.address.seed)

    with speaking(language), solara.Div(classes=["wom-compare-asked"]):
        solara.Text(_("Paired worlds"), classes=["wom-compare-label"])
        counts = [str(each) for each in limits.REPLICATES]
        Segments(counts, counts, str(bench.replicates), lambda each: bench.ask(replicates=int(each)), label=_("Paired worlds"))
        solara.Text(_("A verdict has to survive"), classes=["wom-compare-label"])
        Segments(
            [LUCK, BOTH], [_("other luck"), _("other luck and other guesses")], bench.doubt, lambda each: bench.ask(doubt=each),
            label=_("A verdict has to survive"),
        )  # fmt: skip
        if bench.message or wrong:
            told(bench.message or wrong, ["wom-compare-message"], {"role": "alert"})
        elif count >= limits.FEWEST:
            solara.Text(remark(bench), classes=["wom-soft", "wom-compare-remark"])
        label = ngettext("Compare {n} scenario", "Compare {n} scenarios", count).format(n=number(count))
        solara.Button(
            label if count >= limits.FEWEST else _("Compare"), on_click=go, text=True, disabled=count < limits.FEWEST or bool(wrong),
            classes=["wom-submit", "wom-compare-go"],
        ).key("go")  # fmt: skip


@solara.component
def Chosen(bench: Bench, entry: Entry, fixed: bool, language: str) -> None:
    """One line of the bench."""
    with speaking(language), solara.Div(classes=["wom-compare-item"]):
        with solara.Div(classes=["wom-compare-what"]):
            solara.Text(entry.name, classes=["wom-compare-title"])
            solara.Text(about(entry), classes=["wom-soft", "wom-compare-about"])
        if not fixed:
            solara.Button(
                "×", on_click=lambda: bench.choose(entry.key), text=True, classes=["wom-button"],
                attributes={"aria-label": _("take {name} off").format(name=entry.name)},
            )  # fmt: skip


# -- words -------------------------------------------------------------------------------------------------------------


def told(text: str, classes: list[str], attributes: dict[str, str]) -> Any:
    """A text with a role."""
    return solara.v.Html(tag="span", children=[text], class_=" ".join(classes), attributes=attributes)


def about(entry: Entry) -> str:
    """Size, length and strategy in a line."""
    scenario = entry.scenario
    kind = scenario.brand(focal_of(scenario)).strategy.kind
    return _("{n} consumers, {days} days, {strategy}").format(
        n=number(scenario.population.size), days=number(scenario.run.days), strategy=_(STRATEGY_NAMES.get(kind, kind))
    )


def remark(bench: Bench) -> str:
    """How long it takes, and what the choice of doubt means for that."""
    said = _("About {time}.").format(time=duration(bench.seconds()))
    if bench.doubt == BOTH:
        return said + " " + _("Other guesses are 60 more runs of each scenario: slower, and a verdict that holds is worth more.")
    if bench.replicates < 6:
        return said + " " + _("Verdicts need six worlds.")
    return said


def duration(seconds: float) -> str:
    """In words, no more exact than anybody can know."""
    if seconds < 90:
        count = max(5, 5 * round(seconds / 5))
        return ngettext("{n} second", "{n} seconds", count).format(n=number(count))
    count = round(seconds / 60)
    return ngettext("{n} minute", "{n} minutes", count).format(n=number(count))


def file_name(title: str, ending: str) -> str:
    """A title as the name of a file."""
    plain = re.sub(r"\W+", "-", title.lower()).strip("-")[:60]
    return f"{plain or 'comparison'}.{ending}"
