"""Pages of an analysis: an answer, what it rests on, then sections of pictures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.report.drawing import Picture
from simulator.report.templates import rendered
from simulator.results.provenance import versions
from simulator.scenario.schema import Scenario


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    text: str = ""
    pictures: Sequence[Picture] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def page(
    kind: str, title: str, answer: Sequence[str], basis: str, sections: Sequence[Section], named: Sequence[tuple[str, Scenario]],
    warnings: Sequence[str] = (), command: str = "",
) -> str:  # fmt: skip
    """The page as HTML, in the language spoken. Everything that users wrote is escaped; nothing on it is fetched from anywhere.

    named  the scenarios with their names
    """
    return rendered(
        "findings.html.jinja", kind=kind, title=title, answer=answer, basis=basis, sections=sections, warnings=warnings,
        command=command, versions=versions(),
        questions=list(dict.fromkeys(scenario.question for name, scenario in named if scenario.question)),
        hashes=[(name, scenario.hash) for name, scenario in named],
    )  # fmt: skip
