"""A default, a range, a meaning are said once: what is generated from them, and that they make sense."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from simulator.parameters import ASSUMPTION, DESIGN, LITERATURE, Table, declaration, has_off, off_value, parameter
from simulator.scenario.bundled import bundled, bundled_names, scenarios_folder
from simulator.scenario.declared import allowed, tables_in
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario, json_schema


def tables(table: type[Table], seen: set[type[Table]]) -> Iterator[type[Table]]:
    if table not in seen:
        seen.add(table)
        yield table
        for field in table.model_fields.values():
            for inner in tables_in(field.annotation):
                yield from tables(inner, seen)


PARAMETERS = [(table, name, field) for table in tables(Scenario, set()) for name, field in table.model_fields.items()]
IDS = [f"{table.__module__.split('.')[-1]}.{table.__name__}.{name}" for table, name, _ in PARAMETERS]


def accepts(table: type[Table], name: str, value: Any) -> bool:
    """Whether the field itself accepts a value, whatever else the table needs."""
    try:
        table.model_validate({name: value})
    except ValidationError as error:
        return all(found["loc"][:1] != (name,) for found in error.errors())
    return True


@pytest.mark.parametrize(("table", "name", "field"), PARAMETERS, ids=IDS)
def test_a_declaration_is_complete_and_consistent(table: type[Table], name: str, field: FieldInfo) -> None:
    declared = declaration(table, name)
    assert field.description, "no meaning"
    assert declared["evidence"] in (LITERATURE, ASSUMPTION, DESIGN)
    assert "unit" in declared
    if declared["evidence"] == LITERATURE:
        assert declared.get("source"), "literature without a source"
    if not field.is_required():
        assert accepts(table, name, field.get_default(call_default_factory=True)) or name == "strategy"
    if has_off(table, name):
        assert accepts(table, name, "off")
        assert accepts(table, name, off_value(table, name))
    for end in declared.get("plausible", ()):
        assert accepts(table, name, int(end) if int in (field.annotation, *get_args(field.annotation)) else float(end))
    assert not accepts(table, name, math.nan)
    assert allowed(table, name)


class Example(Table):
    kind: str = parameter("a", unit="", meaning="kind")
    depth: float = parameter(1.0, unit="m", meaning="how deep", off=math.inf, gt=0)
    height: float = parameter(1.0, unit="m", meaning="how high", off=0.0, ge=0)
    places: tuple[tuple[float, float], ...] = parameter((), unit="m", meaning="where")
    weights: dict[str, float] = parameter(factory=lambda: {"a": 1}, unit="kg", meaning="how heavy")
    width: float = parameter(1.0, unit="m", meaning="how wide", infinite=True)


def test_off_is_the_off_value_where_there_is_one() -> None:
    assert (Example(depth="off").depth, Example(height="off").height, Example(kind="off").kind) == (math.inf, 0.0, "off")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Example(width="off")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {"height": math.inf}, {"depth": -math.inf}, {"depth": math.nan}, {"width": math.nan}, {"places": [[0.0, math.inf]]},
        {"weights": {"a": math.nan}},
        {"height": "1"}, {"height": True}, {"kind": 3}, {"depht": 1.0}, {"places": [[1.0]]},
    ],
)  # fmt: skip
def test_a_table_takes_no_nan_no_undeclared_infinity_and_no_silent_conversion(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate(given)


def test_a_table_takes_whole_numbers_for_numbers_and_arrays_for_tuples() -> None:
    example = Example.model_validate({"height": 2, "places": [[0, 1], [2, 3]], "width": math.inf})
    assert (example.height, example.places, example.width) == (2.0, ((0.0, 1.0), (2.0, 3.0)), math.inf)
    assert isinstance(Example().weights["a"], float)


def test_assumptions_are_the_values_that_rest_on_evidence_or_the_want_of_it() -> None:
    scenario = load_scenario(bundled("three_eras/mixed"), {"word_of_mouth.share": 0.2})
    rows = {row.key: row for row in scenario.assumptions()}
    assert rows["word_of_mouth.share"].value == 0.2
    assert rows["word_of_mouth.share"].declaration["default"] == 0.12
    assert rows["word_of_mouth.share"].declaration["evidence"] == ASSUMPTION
    assert "advertising.channels.tv.cpm" in rows
    assert "brands.Aurora.strategy.interaction.listening" in rows
    assert "brands.Aurora.quality" not in rows
    assert "brands.Aurora.quality" in {row.key for row in scenario.values()}
    assert len({row.key for row in scenario.values()}) == len(scenario.values())


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def test_the_json_schema_is_plain_json_and_a_schema(schema: jsonschema.Draft202012Validator) -> None:
    json.dumps(schema.schema, allow_nan=False)
    schema.check_schema(schema.schema)


@pytest.mark.parametrize("path", sorted(scenarios_folder().rglob("*.toml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_json_schema_accepts_what_is_bundled(path: Any, schema: jsonschema.Draft202012Validator) -> None:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if path.parent.name == "base":
        data.setdefault("brands", [{"name": "Any"}])  # a base may leave the brands to the scenarios above it
    schema.validate(data)


@pytest.mark.parametrize(
    "text",
    [
        'title = "no brands"', 'base = 3', '[[brands]]\nname = "A"\nqualty = 0.5', '[[brands]]\nname = "A"\nquality = 2.0',
        '[[brands]]\nname = "A"\n[run]\ndays = "off"',
        '[[brands]]\nname = "A"\n[word_of_mouth]\ninterest_half_life = "of"', '[[brands]]\nname = "A"\n[market]\nkind = "x"',
        '[[brands]]\nname = "A"\n[brands.strategy]\nkind = "silents"',
    ],
)  # fmt: skip
def test_the_json_schema_refuses_what_the_loader_refuses(text: str, schema: jsonschema.Draft202012Validator) -> None:
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(tomllib.loads(text))


def test_the_json_schema_knows_off(schema: jsonschema.Draft202012Validator) -> None:
    off = '[[brands]]\nname = "A"\n[word_of_mouth]\ninterest_half_life = "off"\nshare = "off"\n[purchase]\nthreshold = "off"\n'
    schema.validate(tomllib.loads(off))
    assert load_scenario(tomllib.loads(off)).word_of_mouth.interest_half_life == math.inf


def test_bundled_scenarios_are_found_by_name() -> None:
    assert bundled("three_eras").is_dir()
    assert bundled("three_eras/mixed") == bundled("three_eras/mixed.toml")
    assert {f"three_eras/{era}.toml" for era in ("silent", "interruption", "permission", "interaction", "mixed")} <= set(bundled_names())
    with pytest.raises(ValueError, match=r'did you mean "three_eras/mixed.toml"\?'):
        bundled("three_eras/mixd")
