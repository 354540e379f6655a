"""The bundled scenarios as a visitor chooses among them: in groups that belong together, each with its question."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from simulator.app.address import scenario_names
from simulator.language import N_
from simulator.scenario.bundled import bundled
from simulator.scenario.files import read_scenario

CANONICAL = (N_("Canonical models"), N_("Textbook models of diffusion, each with the one mechanism that it is about."))

SAID = (
    N_("Three eras, one budget"), N_("With the same money, what does each era of marketing do to reach, "
       "trust, sales and the risk of a bad buzz?"),
    N_("Friends in need"), N_("A small brand is hit by a story that is not true. Is it better off with ambassadors among its customers?"),
    N_("A campaign that annoys"),
    N_("Aurora trebles its budget. Where the money goes into pop-ups, can the annoyance ignite by itself, "
       "without any scandal, and what does it cost?"),
    N_("One scandal, answers in vain"),
    N_("A true and avoidable fault of Aurora comes out. Talk moves on within hours and nobody finds out what "
       "is denied: does it matter what the brand says?"),
    N_("The same false claim, two publics"),
    N_("Two brands are alike in all but one: Aurora claims far more than it delivers. Who sells more, among "
       "people who talk and among people who do not?"),
    N_("The unknown and the famous"),
    N_("The same story hits a brand that hardly anybody knows and one that everybody knows. Whom does it hurt more, and can it help?"),
    N_("Fast or late"),
    N_("The same scandal and the same warm answer: what is it worth to give it at once rather than ten days later?"),
    N_("One scandal, six answers"),
    N_("A true and avoidable fault of Aurora comes out. What does each answer, given as soon as the brand "
       "knows, do to the story and to the damage?"),
    N_("Interaction wins"), N_("Why does talking to people beat buying presence here, in profit and in trust?"),
    N_("Interruption wins"), N_("Why does buying presence beat talking to people here, in profit and in trust?"),
    N_("Interruption"), N_("Permission"), N_("Interaction"), N_("Mixed"), N_("Silent"),
    N_("With ambassadors"), N_("Without ambassadors"), N_("Annoying"), N_("Annoying, unspoken"), N_("Mild"),
    N_("Apology"), N_("Compensation"), N_("Denial"), N_("Empathy"), N_("Explanation"), N_("Silence"),
    N_("Connected"), N_("Unconnected"), N_("Famous"), N_("Unknown"), N_("Fast"), N_("Late"),
    N_("Bass: the diffusion of a durable"), N_("Independent cascade"), N_("SIR: an epidemic of talk"), N_("Talk of the network"),
    N_("Thresholds: following the crowd"), N_("Two brands: competing risks"),
)  # fmt: skip
"""Titles and questions of bundled scenarios, marked for translation; the files themselves are English."""


@dataclass(frozen=True)
class Group:
    """Scenarios of one folder, which speak of one market. All texts are English, to be translated where they are shown."""

    title: str
    question: str
    names: tuple[str, ...]
    titles: tuple[str, ...]
    paths: tuple[Path, ...]


@functools.cache
def _groups() -> tuple[Group, ...]:
    folders: dict[str, list[str]] = {}
    for name in scenario_names():
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    found = []
    for folder, names in sorted(folders.items(), key=lambda each: each[0] == "canonical"):
        paths = [bundled(f"{name}.toml") for name in names]
        written = [read_scenario(path).data for path in paths]
        if folder == "canonical":
            title, question = CANONICAL
        else:
            title, question = read_scenario(bundled(f"{folder}/base/market.toml")).data["title"], written[0]["question"]
        found.append(Group(title, question, tuple(names), tuple(data["title"] for data in written), tuple(paths)))
    return tuple(found)


def library() -> list[Group]:
    """All groups, the three eras first, the textbook models last."""
    return list(_groups())
