"""The guided session: a question, a prediction, twenty worlds, what happened and why; seven times, and a page to take away."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import solara

from simulator.app.parts import Segments
from simulator.app.story.errands import sorrow
from simulator.app.story.session import TAKE_AWAY, Round, Session
from simulator.app.story.steps import BUDGETS, PROMISES, SEEDS, STEPS, STRATEGIES, TURN
from simulator.app.story.take_away import FILE_NAME, page_of
from simulator.app.story.telling import headline, in_words, of_hands, ranges, verdict, why, world_by_world
from simulator.app.story.worlds import Worlds
from simulator.app.visit import Visit
from simulator.language import _, speaking


@solara.component
def Page(visit: Visit, language: str, version: int) -> None:
    """Steps and clock above; the question on the left, the worlds on the right."""

    def begun() -> Session:
        if "story" not in visit.kept:
            visit.kept["story"] = Session(visit.changed, visit.awake)
        session: Session = visit.kept["story"]
        return session

    session = solara.use_memo(begun, [])
    solara.use_effect(lambda: session.say(language), [language, session.version])
    now = session.round
    with speaking(language), solara.Div(classes=["wom-story"]):
        Strip(session, session.place, language)
        if now is None:
            TakeAway(session, session.version, language)
        else:
            with solara.Div(classes=["wom-story-step"]):
                Asked(visit, session, now, session.version, language)
                Shown(session, now, session.version, language)


@solara.component
def Strip(session: Session, place: int, language: str) -> None:
    """The steps, the page to take away, the clock."""
    with speaking(language), solara.Div(classes=["wom-story-strip"]):
        with solara.Div(classes=["wom-story-steps"], attributes={"role": "navigation", "aria-label": _("Steps")}):
            labels = [_(step.title) for step in STEPS.values()]
            for k, label in enumerate([*labels, _("Take away")]):
                here, optional = k == place, k < TAKE_AWAY and list(STEPS.values())[k].optional
                solara.Button(
                    f"{k + 1}  {label}" if k < TAKE_AWAY else label, on_click=lambda k=k: session.go(k), text=True,
                    classes=["wom-story-tab", *(["on"] if here else []), *(["optional"] if optional else [])],
                    attributes=({"title": _("optional")} if optional else {}) | ({"aria-current": "step"} if here else {}),
                )  # fmt: skip
        solara.Div(children=[session.clock], classes=["wom-story-corner", *(["away"] if place == TAKE_AWAY else [])])


@solara.component
def Asked(visit: Visit, session: Session, now: Round, version: int, language: str) -> None:
    """The question, the predictions, what can be done next."""
    step = now.step
    with speaking(language), solara.Div(classes=["wom-story-asked"]):
        kind = _("Step {k} of {n}, optional") if step.optional else _("Step {k} of {n}")
        solara.Text(kind.format(k=session.place + 1, n=len(STEPS)), classes=["wom-story-eyebrow"])
        solara.Div(
            classes=["wom-story-question"], attributes={"role": "heading", "aria-level": "2"}, children=[solara.Text(_(step.question))]
        )
        solara.Text(_(step.setting), classes=["wom-story-setting"])
        if step.name == TURN:
            Plans(session, now, version, language)
        solara.Div(children=[session.ballot], classes=["wom-story-vote"])
        with solara.Div(classes=["wom-story-do"]):
            if now.running:
                solara.Button(_("Begin again"), on_click=session.reset, text=True, classes=["wom-button", "wom-story-quiet"])
                if step.name == "one_bad_day":
                    quiet = ["wom-button", "wom-story-quiet"]
                    solara.Button(_("Open such a day"), on_click=lambda: visit.go("bad_day"), text=True, classes=quiet)
            else:
                label = _("One moment …") if now.wanted else _("Run {n} worlds").format(n=len(SEEDS))
                solara.Button(
                    label, on_click=session.run, disabled=now.wanted, text=True,
                    classes=["wom-button", "wom-story-run"],
                )  # fmt: skip
            with solara.Div(classes=["wom-story-turn"]):
                Arrow("←", _("previous step"), lambda: session.go(session.place - 1), session.place == 0)
                Arrow("→", _("next step"), lambda: session.go(session.place + 1))


@solara.component
def Arrow(sign: str, label: str, action: Callable[[], None], disabled: bool = False) -> None:
    """To a neighbouring step."""
    solara.Button(
        sign, on_click=action, disabled=disabled, text=True, classes=["wom-button", "wom-story-quiet"],
        attributes={"aria-label": label, "title": label},
    )  # fmt: skip


@solara.component
def Plans(session: Session, now: Round, version: int, language: str) -> None:
    """The room's own plan."""
    strategy, budget, promise = now.plan
    with speaking(language), solara.Div(classes=["wom-story-plan"]):
        budgets = {name: label for name, (_share, label) in BUDGETS.items()}
        promises = {name: label for name, (_level, label) in PROMISES.items()}
        levers: list[tuple[str, dict[str, str], str, Callable[[str], None]]] = [
            (_("It does"), STRATEGIES, strategy, lambda each: session.choose((each, budget, promise))),
            (_("Budget"), budgets, budget, lambda each: session.choose((strategy, each, promise))),
            (_("Its claim"), promises, promise, lambda each: session.choose((strategy, budget, each))),
        ]
        for title, choices, value, chosen in levers:
            with solara.Div(classes=["wom-story-lever"]):
                solara.Text(title)
                Segments(list(choices), [_(label) for label in choices.values()], value, chosen, label=title)


@solara.component
def Shown(session: Session, now: Round, version: int, language: str) -> None:
    """The worlds, and below them what is compared and by which rule, in the end what happened and why."""
    step = now.step
    with speaking(language), solara.Div(classes=["wom-story-shown", *(["running"] if now.running else [])]):
        with solara.Div(classes=["wom-story-stage"]):
            if now.running:
                solara.Div(children=[session.worlds], classes=["wom-story-curves"])
            with solara.Div(classes=["wom-story-graph"]):
                if now.drawn is not None:
                    solara.Div(children=[session.canvas], classes=["wom-story-canvas"])
                    with solara.Div(classes=["wom-story-over"]):
                        if now.running:
                            names = [variant.name for variant in step.variants]
                            labels = [_(variant.label) for variant in step.variants]
                            Segments(names, labels, names[now.variant], session.follow, _("World drawn"), wrap=True)
                        solara.Text(_("World {k} of {n}: trust in Aurora").format(k=now.drawn.shown + 1, n=len(SEEDS)))
                if now.errand is not None or now.broken:
                    Making(now, version, language)
        if now.told and now.worlds is not None:
            Told(now, now.worlds, language)
        else:
            Compared(now, version, language)


@solara.component
def Making(now: Round, version: int, language: str) -> None:
    """The worlds are on their way."""
    with speaking(language), solara.Div(classes=["wom-story-making"], attributes={"role": "status"}):
        if now.broken:
            solara.Text(sorrow())
        elif now.errand is not None:
            done, total = now.errand.done, now.errand.total or len(SEEDS)
            solara.Text(_("The worlds are being simulated: {done} of {total}").format(done=done, total=total))
            solara.Div(
                classes=["wom-story-track"], children=[solara.Div(classes=["wom-story-bar"], style={"width": f"{100 * done / total:.0f}%"})]
            )


@solara.component
def Compared(now: Round, version: int, language: str) -> None:
    """What differs between the variants, and how the step is judged: said before the run."""
    with speaking(language), solara.Div(classes=["wom-story-said"]):
        with solara.Div(classes=["wom-story-column"]):
            Heading(_("What is compared"))
            for k, variant in enumerate(now.step.variants):
                means = _(variant.means) if variant.means else in_words(now.plan)
                with solara.Div(
                    classes=["wom-story-variant"], style={"--own": f"var(--wom-brand-{k})", "--ink": f"var(--wom-brand-ink-{k})"}
                ):
                    solara.Text(_(variant.label), classes=["wom-story-name"])
                    solara.Text(means)
        with solara.Div(classes=["wom-story-column"]):
            Heading(_("How it is judged"))
            said = _("Each of the {n} worlds has other people, other ties and other luck; within a world only what is compared differs.")
            solara.Text(said.format(n=len(SEEDS)))
            solara.Text(_(now.step.said_rule))
            solara.Text(_("A prediction is right if the 95% interval of its share of worlds lies above one half; else nobody can tell."))


@solara.component
def Told(now: Round, worlds: Worlds, language: str) -> None:
    """What happened, and why."""
    found = verdict(worlds)
    with speaking(language), solara.Div(classes=["wom-story-said"], attributes={"aria-live": "polite"}):
        with solara.Div(classes=["wom-story-column"]):
            Heading(_("What happened"))
            solara.Text(headline(now.step, found), classes=["wom-story-headline"])
            solara.Text(of_hands(now.step, found, now.hands))
            Table(ranges(worlds))
            solara.Text(world_by_world(worlds))
        with solara.Div(classes=["wom-story-column"]):
            Heading(_("Why: what the model wrote down"))
            for sentence in why(worlds):
                solara.Text(sentence)
            solara.Text(_(now.step.debrief), classes=["wom-story-debrief"])


@solara.component
def Table(rows: list[list[str]]) -> None:
    """Medians and ranges."""

    def line(row: list[str], cell: str) -> str:
        return (
            "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text, tag in zip(row, ["th", *[cell] * len(row)], strict=False)) + "</tr>"
        )

    head, *body = rows
    solara.HTML(tag="table", unsafe_innerHTML=line(head, "th") + "".join(line(row, "td") for row in body), classes=["wom-table"])


@solara.component
def Heading(text: str) -> None:
    """Of a column."""
    solara.Div(classes=["wom-story-heading"], attributes={"role": "heading", "aria-level": "3"}, children=[solara.Text(text)])


@solara.component
def TakeAway(session: Session, version: int, language: str) -> None:
    """The page that the room takes home."""
    with speaking(language), solara.Div(classes=["wom-story-away"]):
        html = page_of(session)
        with solara.Div(classes=["wom-story-take"]):
            Arrow("←", _("previous step"), lambda: session.go(TAKE_AWAY - 1))
            solara.Text(_("What was predicted, what happened, and why: on one or two pages, to be printed or kept."))
            with solara.Div(classes=["wom-story-download"]):
                solara.FileDownload(html.encode(), f"{FILE_NAME}.html", _("Download this page"))
        solara.HTML(
            tag="iframe", attributes={"srcdoc": html, "sandbox": "", "title": _("The page to take away")}, classes=["wom-story-paper"]
        )
