"""docs/model.md is the model: what the program declares stands there, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from simulator.model import DAY, RULES, module_name
from simulator.parameters import InputError, Table
from simulator.scenario.declared import kinds, tables_in
from simulator.scenario.document import BEGIN, END, SELECTIONS, parameter_tables, refreshed
from simulator.scenario.schema import Brand, Scenario
from simulator.strategies import STRATEGIES
from simulator.world.state import CLASSES, LAYERS, ORIGINS, SOURCES, BrandState, State

DOCUMENT = Path(__file__).parents[1] / "docs" / "model.md"

ELEMENTS = (
    "1. Purpose and patterns", "2. Entities, state variables, and scales", "3. Process overview and scheduling", "4. Design concepts",
    "5. Initialization", "6. Input data", "7. Submodels",
)  # fmt: skip
"""Of the ODD protocol, Grimm et al. 2020, JASSS 23(2):7."""

CONCEPTS = (
    "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction", "Stochasticity",
    "Collectives", "Observation",
)  # fmt: skip

PATTERNS = [f"{part}{number}" for part, last in (("A", 13), ("B", 8), ("C", 17)) for number in range(1, last + 1)]


@pytest.fixture(scope="module")
def text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def elements(text: str) -> dict[str, str]:
    """Heading of the second level -> what stands under it, the generated tables excepted."""
    before, _, rest = text.partition(BEGIN)
    parts = re.split(r"^## (.*)\n", before + rest.partition(END)[2], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def headings(text: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.*)$", text, re.MULTILINE)


def event_kinds() -> list[str]:
    return [kind for event in tables_in(Scenario.model_fields["events"].annotation) for kind in kinds(event)]


def test_the_tables_in_the_document_are_those_of_the_schema(text: str) -> None:
    assert refreshed(text) == text, "write them anew: python -m simulator.scenario.document docs/model.md"


def test_another_default_or_meaning_would_change_them(monkeypatch: pytest.MonkeyPatch) -> None:
    before = parameter_tables()
    with monkeypatch.context() as patched:
        patched.setattr(Brand.model_fields["quality"], "default", 0.71)
        assert parameter_tables() != before
    monkeypatch.setattr(Brand.model_fields["quality"], "description", "something else")
    assert parameter_tables() != before


def declared(table: type[Table], seen: set[type[Table]]) -> Iterator[tuple[str, str]]:
    """Name and meaning of every parameter that a scenario file may hold, tables inside tables included."""
    if table not in seen and table not in SELECTIONS:
        seen.add(table)
        for name, field in table.model_fields.items():
            inner = tables_in(field.annotation)
            if not inner and name != "kind":
                yield name, field.description or ""
            for each in inner:
                yield from declared(each, seen)


@pytest.mark.parametrize(("name", "meaning"), list(declared(Scenario, set())))
def test_every_parameter_is_in_the_tables(name: str, meaning: str) -> None:
    assert re.search(rf"^\| `(\S+\.)?{name}` .*{re.escape(meaning)}", parameter_tables(), re.MULTILINE)


def test_no_parameter_is_in_a_table_twice() -> None:
    for table in re.split(r"^#### .*\n", parameter_tables(), flags=re.MULTILINE)[1:]:
        keys = re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE)
        assert len(keys) == len(set(keys))


def test_the_document_has_the_seven_elements_of_odd_in_order(text: str) -> None:
    found = headings(text, 2)
    assert tuple(found[:7]) == ELEMENTS
    assert all(title.startswith("Annex") for title in found[7:])


def test_it_speaks_of_all_eleven_design_concepts(elements: dict[str, str]) -> None:
    assert tuple(headings(elements["4. Design concepts"], 3)) == CONCEPTS
    said = re.split(r"^### .*\n", elements["4. Design concepts"], flags=re.MULTILINE)[1:]
    assert all(part.strip() for part in said)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_it_names_the_patterns_that_the_model_is_held_to(pattern: str, elements: dict[str, str]) -> None:
    assert len(re.findall(rf"^\| {pattern} \|", elements["1. Purpose and patterns"], re.MULTILINE)) == 1


@pytest.mark.parametrize("variable", [field.name for kind in (State, BrandState) for field in fields(kind)])
def test_every_state_variable_is_described(variable: str, elements: dict[str, str]) -> None:
    assert f"`{variable}`" in elements["2. Entities, state variables, and scales"]


def test_the_day_is_the_one_that_runs(elements: dict[str, str]) -> None:
    section = elements["3. Process overview and scheduling"]
    assert ", ".join(DAY) in section
    rows = dict(re.findall(r"^\| (\w+) \| ([^|]*)\|", section, re.MULTILINE))
    del rows["phase"]
    assert list(rows) == list(DAY)
    for phase, rules in RULES.items():
        assert re.findall(r"`([^`]+)`", rows[phase]) == [f"{module_name(rule)}.{rule.__name__}" for rule in rules]


@pytest.mark.parametrize("name", [*ORIGINS, *SOURCES, *CLASSES, *LAYERS, *event_kinds(), *STRATEGIES])
def test_every_name_that_a_run_may_show_is_explained(name: str, elements: dict[str, str]) -> None:
    assert re.search(rf"\b{name}\b", elements["7. Submodels"], re.IGNORECASE)


def test_every_kind_of_event_and_strategy_has_its_table() -> None:
    tables = parameter_tables()
    strategies = [kind for strategy in tables_in(Brand.model_fields["strategy"].annotation) for kind in kinds(strategy)]
    for kind in (*event_kinds(), *strategies):
        assert tables.count(f'`kind = "{kind}"`') == 1, kind


def test_a_document_without_the_markers_is_refused() -> None:
    with pytest.raises(InputError, match="lacks the lines"):
        refreshed("# A page\n")
