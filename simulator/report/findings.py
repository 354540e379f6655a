"""Pages of an analysis: an answer, what it rests on, then sections of pictures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.language import _, language
from simulator.report.drawing import Picture
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
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("findings.html.jinja").render(
        _=_, language=language(), kind=kind, title=title, answer=answer, basis=basis, sections=sections, warnings=warnings,
        command=command, versions=versions(),
        questions=list(dict.fromkeys(scenario.question for name, scenario in named if scenario.question)),
        hashes=[(name, scenario.hash) for name, scenario in named],
    )  # fmt: skip
