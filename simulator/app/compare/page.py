"""Scenarios compared, in the background: what to compare, how it goes, and what came out, printed like the front page of a newspaper."""

from __future__ import annotations

import solara

from simulator.app.compare.bench import Bench
from simulator.app.compare.choice import Shelf, Tray, duration, file_name, told
from simulator.app.compare.widgets import Print
from simulator.app.parts import Segments
from simulator.app.visit import Visit
from simulator.language import _, ngettext, number, speaking


def bench_of(visit: Visit, language: str) -> Bench:
    """The visitor's bench, made at the first visit of the page."""
    if "compare" not in visit.kept:
        visit.kept["compare"] = Bench(visit.address.scenario, language, visit.changed)
    bench: Bench = visit.kept["compare"]
    bench.speak(language)
    return bench


@solara.component
def Page(visit: Visit, language: str, version: int) -> None:
    """The choice, or what came out of it."""
    bench = bench_of(visit, language)
    with speaking(language), solara.Div(classes=["wom-compare"]):
        if bench.papers:
            Printed(bench, language, version)
        else:
            with solara.Div(classes=["wom-compare-choice"]):
                if bench.progress is not None:
                    Waiting(bench, language, version)
                else:
                    Shelf(visit, bench, language, version)
                Tray(visit, bench, language, version)


# -- how it goes ---------------------------------------------------------------------------------------------------------


@solara.component
def Waiting(bench: Bench, language: str, version: int) -> None:
    """How the comparison stands."""
    now = bench.progress
    if now is None:
        return
    with speaking(language), solara.Div(classes=["wom-compare-waiting"]), solara.Div(classes=["wom-compare-waiting-card"]):
        if now.place:
            heading = _("You are number {place} in the queue").format(place=number(now.place))
            said = _("Another visitor's comparison runs; yours begins by itself.")
        elif not now.total:
            heading, said = _("The worlds are being made ready …"), _("A process of its own is started, so that no page waits for it.")
        elif now.done == now.total:
            heading, said = _("The paper is being printed …"), _("Verdicts, curves and tables are drawn from the runs.")
        else:
            heading = ngettext("{n} scenario in the same worlds", "{n} scenarios in the same worlds", len(bench.chosen))
            heading = heading.format(n=number(len(bench.chosen)))
            said = _("{done} of {total} done").format(done=number(now.done), total=number(now.total)) + (
                "" if now.left is None else ", " + _("about {time} left").format(time=duration(now.left))
            )
        solara.Text(heading, classes=["wom-compare-heading"])
        solara.Div(
            classes=["wom-compare-bar"],
            attributes={
                "role": "progressbar", "aria-valuenow": str(round(100 * now.share)), "aria-valuemin": "0", "aria-valuemax": "100",
                "aria-label": heading,
            },
            children=[solara.Div(classes=["wom-compare-done"], style=f"width: {100 * now.share:.1f}%")],
        )  # fmt: skip
        with solara.Div(classes=["wom-compare-line"]):
            told(said, ["wom-soft"], {"role": "status"})
            solara.Button(_("Cancel"), on_click=bench.cancel, text=True, classes=["wom-button", "wom-compare-cancel"])
        text = _("You may open other pages meanwhile: it goes on, and what it finds is here when you come back.")
        solara.Text(text, classes=["wom-soft"])


# -- what came out -------------------------------------------------------------------------------------------------------


@solara.component
def Printed(bench: Bench, language: str, version: int) -> None:
    """The printed comparison, and what can be taken home."""
    paper = bench.papers[language]
    tab = solara.use_reactive("front")
    made = solara.use_memo(Print, [])

    def fill() -> None:
        with speaking(language), made.hold_sync():
            made.words, made.paper = words(language), paper

    def turn() -> None:
        made.tab = tab.value

    solara.use_effect(fill, [language, id(paper)])
    solara.use_effect(turn, [tab.value])
    solara.use_effect(lambda: made.close, [])
    tabs = {"front": _("Front page"), "figures": _("Key figures"), "curves": _("Curves"), "doubts": _("What would change it")}
    with speaking(language), solara.Div(classes=["wom-compare-printed"]):
        with solara.Div(classes=["wom-compare-head"]):
            names = {name: _(label) for name, label in tabs.items()} if "charts" in paper else {"front": tabs["front"]}
            Segments(list(names), list(names.values()), tab.value, tab.set, label=_("Sides of the paper"))
            files = bench.files.get(language)
            with solara.Div(classes=["wom-compare-take"]):
                if files is not None:
                    solara.FileDownload(files[0], file_name(bench.title, "html"), _("Report"), mime_type="text/html")
                    solara.FileDownload(files[1], file_name(bench.title, "zip"), _("Data"), mime_type="application/zip")
                elif bench.running:
                    told(_("report and data are being written …"), ["wom-soft"], {"role": "status"})
                again = solara.Button(_("New comparison"), on_click=bench.again, text=True, classes=["wom-button", "wom-compare-new"])
                again.key("again")  # the same button when the files arrive: a click on it is not lost
        solara.Div(children=[made], classes=["wom-compare-sheet"])


def words(language: str) -> dict[str, str]:
    """The texts of the printed page."""
    return {
        "locale": language, "day": _("day"), "week": _("week"), "table": _("table"), "picture": _("picture"), "figure": _("Figure"),
        "verdicts": _("Verdicts against {name}"), "band": _("Lines: means of the worlds; bands: the middle 80% of them."),
        "dots": _("Dots: means of paired differences; bars: their 95% intervals."), "course": _("Week by week against {name}"),
        "causal": _("What each strategy causes, against its silent twin"), "changes": _("What would change this answer"),
        "warnings": _("To be read with care"), "failed": _("Runs that failed"), "scenario": _("scenario"), "difference": _("difference"),
        "key": _("Under each verdict: in how many worlds the scenario did better."), "low": _("low"), "high": _("high"),
    }  # fmt: skip
