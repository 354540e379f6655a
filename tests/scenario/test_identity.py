"""The hash of a scenario is that of what happens in it."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario.bundled import bundled, bundled_names
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

BRANDS: list[dict[str, Any]] = [{"name": "Aurora", "quality": 0.6}, {"name": "Borealis", "start": {"awareness": 0.3}}]


def of(**given: Any) -> str:
    return load_scenario({"brands": BRANDS, **given}).hash


def test_the_hash_knows_no_file_name_order_or_spelling(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(
        'focal = "A"\nrun.days = 90\n[[brands]]\nname = "A"\nprice = 3\n[[brands]]\nname = "B"\n[market]\nprice = 2\n', encoding="utf-8"
    )
    two.write_text(
        'focal = "A"\nmarket = { price = 2.0 }\nbrands = [{ name = "B" }, { price = 3.0, name = "A" }]\n[run]\ndays = 90\n',
        encoding="utf-8",
    )
    assert load_scenario(one).hash == load_scenario(two).hash
    assert len(load_scenario(one).hash) == 32


def test_a_default_that_is_written_out_changes_nothing() -> None:
    assert of() == of(run={"days": 182}) == of(advertising={"channels": {"tv": {}}})
    assert of(forgetting={"awareness": "off"}) == of(forgetting={"awareness": float("inf")})


def test_what_is_said_about_a_scenario_changes_nothing() -> None:
    assert of() == of(title="x", question="y", source="z", focal="Borealis")


def test_every_value_that_may_matter_changes_the_hash() -> None:
    hashes = [of(), of(run={"days": 181}), of(word_of_mouth={"share": 0.121}), of(record={"tellings": False}), of(network={"seed": 3})]
    assert len(set(hashes)) == len(hashes)


def test_events_count_in_any_order_unless_they_are_equals() -> None:
    stock_out = {"kind": "stock_out", "day": 3, "brand": "Aurora"}
    other, longer = {**stock_out, "brand": "Borealis"}, {**stock_out, "days": 9}
    assert of(events=[stock_out, other]) == of(events=[other, stock_out])
    assert of(events=[stock_out, longer]) != of(events=[longer, stock_out])


def test_a_file_counts_by_what_it_holds(tmp_path: Path) -> None:
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text("source,target\n1,2\n", encoding="utf-8")
    b.write_text("source,target\n1,2\n", encoding="utf-8")
    network = {"kind": "file", "path": str(a)}
    before = of(network=network)
    assert before == of(network={**network, "path": str(b)})
    b.write_text("source,target\n1,3\n", encoding="utf-8")
    assert before != of(network={**network, "path": str(b)})


def test_a_scenario_is_a_value() -> None:
    scenario = load_scenario(bundled("three_eras/mixed"))
    assert not isinstance(scenario, Iterable)
    with pytest.raises(TypeError):
        iter(scenario)
    with pytest.raises(ValueError, match="frozen"):
        scenario.title = "Another"
    with pytest.raises(ValueError, match="frozen"):
        scenario.brands[0].strategy.interruption.flighting = "burst"
    with pytest.raises(TypeError, match="scenario.override"):
        scenario.brands[0].strategy.shares["interruption"] = 1.0
    with pytest.raises(TypeError, match="scenario.override"):
        scenario.advertising.channels.clear()
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert (again.hash, again.path, again.notices) == (scenario.hash, scenario.path, scenario.notices)
    assert again.override({"run.days": 9}) == scenario.override({"run.days": 9})


@pytest.mark.parametrize("name", bundled_names())
def test_a_bundled_scenario_is_right_and_survives_a_dictionary(name: str) -> None:
    scenario = load_scenario(bundled(name))
    again = load_scenario(scenario.to_dict())
    assert isinstance(scenario, Scenario)
    assert (scenario.notices, again.hash, again.title) == ((), scenario.hash, scenario.title)


def test_what_is_asked_of_a_dictionary_does_not_reach_into_it() -> None:
    given = {"brands": [{"name": "Aurora", "start": {"awareness": 0.5}}]}
    scenario = load_scenario(given)
    scenario.override({"brands.Aurora.start.awareness": 0.1})
    scenario.to_dict()["brands"][0]["start"]["awareness"] = 0.2
    assert given["brands"][0]["start"] == {"awareness": 0.5}
    assert scenario.to_dict() == given
