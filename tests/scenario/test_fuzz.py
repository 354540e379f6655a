"""Whatever the input, the answer is a scenario or a sentence about what is wrong with it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.scenario.bundled import scenarios_folder
from simulator.scenario.declared import tables_in
from simulator.scenario.load import load_scenario
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Scenario

SECTIONS = {name: tables_in(field.annotation) for name, field in Scenario.model_fields.items()}
WORDS = sorted({key for tables in SECTIONS.values() for table in tables for key in table.model_fields})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
    | st.sampled_from(["off", "Aurora", "interruption", "mixed", "scandal", "file", 0, 1, 0.5, 10**400, math.inf, math.nan]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def answer(source: Any, overrides: Any = None) -> None:
    try:
        scenario = load_scenario(source, overrides)
    except ScenarioError as error:
        assert error.problems
        assert all(problem.text for problem in error.problems)
        assert str(error)
    else:
        assert isinstance(scenario, Scenario)
        assert scenario.hash


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "scenario.toml"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200))
def test_random_bytes(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    answer(file)


@given(text=st.text(st.sampled_from("abk=[]{}.,\"'#\n\r\t 01\\é-+_:"), max_size=60))
def test_random_toml(file: Path, text: str) -> None:
    file.write_bytes(text.encode())
    answer(file)


@given(data=st.data())
def test_a_good_file_with_one_character_changed(file: Path, data: st.DataObject) -> None:
    text = (scenarios_folder() / "three_eras" / "base" / "market.toml").read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text) - 1))
    file.write_text(
        text[:at] + data.draw(st.text(max_size=2)) + text[at + data.draw(st.integers(0, 3)) :], encoding="utf-8", errors="replace"
    )
    answer(file)


@given(section=st.sampled_from(sorted(SECTIONS)), data=st.data())
def test_any_value_in_any_place(section: str, data: st.DataObject) -> None:
    tables = SECTIONS[section]
    keys = sorted({key for table in tables for key in table.model_fields})
    inner = st.dictionaries(st.sampled_from(keys), VALUES, max_size=5) if keys else VALUES
    value = data.draw(st.one_of(inner, st.lists(inner, max_size=3), VALUES))
    given_ = {"brands": [{"name": "Aurora"}], section: value}
    answer(given_)


@given(
    value=VALUES,
    key=st.text(max_size=12)
    | st.lists(st.sampled_from(["brands", "Aurora", "0", "strategy", "kind", "", *WORDS]), max_size=4).map(".".join),
)
def test_any_override(key: str, value: Any) -> None:
    answer({"brands": [{"name": "Aurora", "strategy": {"kind": "mixed"}}]}, {key: value})


def test_what_is_nested_too_deeply(file: Path) -> None:
    for text in (
        "x = " + "[" * 5000,
        "x = " + "[" * 100 + "]" * 100,
        "[" + ".".join("a" * 3000) + "]",
        "x = " + "{a = " * 90 + "1" + "}" * 90,
        "x." * 500 + "x = 1",
    ):
        file.write_text(text, encoding="utf-8")
        answer(file)
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    answer({"brands": deep})
    answer({"brands": [{"name": "Aurora"}]}, {"events": deep})


def test_numbers_beyond_all_measure(file: Path) -> None:
    for number in ("9" * 5000, "1e400", "-" + "9" * 400, "0x" + "f" * 400):
        file.write_text(f'[[brands]]\nname = "Aurora"\nprice = {number}\n[run]\ndays = {number}\n', encoding="utf-8")
        answer(file)
