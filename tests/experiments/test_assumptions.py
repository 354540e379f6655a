"""Which assumptions are doubted, and what becomes of values that are impossible together."""

from __future__ import annotations

import pytest

from simulator import load_scenario
from simulator.experiments.assumptions import Range, assumption_ranges, at_point, held, own_range
from simulator.parameters import InputError
from simulator.scenario.schema import Scenario


@pytest.fixture(scope="module")
def two() -> list[Scenario]:
    return [load_scenario(f"scenarios/three_eras/{name}.toml") for name in ("interaction", "interruption")]


def keys(ranges: list[Range]) -> set[str]:
    return {each.key for each in ranges}


def test_every_doubted_parameter_is_an_assumption_inside_its_range(two: list[Scenario]) -> None:
    values = {row.key: row for row in two[0].values()}
    ranges = assumption_ranges(two)
    assert len(ranges) > 100
    for each in ranges:
        row = values[each.key]
        assert row.declaration["evidence"] == "A"
        assert [each.low, each.high] == row.declaration["plausible"]
        assert each.low <= row.value <= each.high
        assert each.whole == isinstance(row.value, int)


def test_what_the_scenarios_differ_in_stays_fixed(two: list[Scenario]) -> None:
    key = "word_of_mouth.share"
    assert key in keys(assumption_ranges(two))
    assert key not in keys(assumption_ranges([two[0].override({key: 0.1}), two[1]]))
    assert key in keys(assumption_ranges([each.override({key: 0.1}) for each in two]))
    levers = {each for each in keys(assumption_ranges(two[:1])) if ".strategy." in each}
    assert levers  # of the one scenario alone
    assert not levers & keys(assumption_ranges(two))


def test_what_was_set_beyond_the_plausible_or_switched_off_stays_fixed(two: list[Scenario]) -> None:
    outside, off = "word_of_mouth.share", "word_of_mouth.hearsay"
    ranges = keys(assumption_ranges([two[0].override({outside: 0.5, off: 0.0})]))
    assert outside not in ranges
    assert off not in ranges
    assert {outside, off} <= keys(assumption_ranges(two[:1]))


def test_keys_narrow_the_space_and_add_to_it(two: list[Scenario]) -> None:
    everything = keys(assumption_ranges(two))
    assert keys(assumption_ranges(two, ["purchase"])) == {each for each in everything if each.startswith("purchase.")}
    assert keys(assumption_ranges(two, ["purchase.outside", "run.days=20:60"])) == {"purchase.outside", "run.days"}
    assert keys(assumption_ranges(two, ["all", "brands.Aurora.price=8:12"])) == everything | {"brands.Aurora.price"}
    assert assumption_ranges(two, ["all", "purchase.outside=2:3"])[0].key in everything


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("word_of_mouth.shere", "did you mean"),
        ("brands.Aurora.budget_per_day", "has no plausible range"),
        ("purchase.outside=3:2", "empty range"),
        ("purchase.outsite=2:3", "outside"),
        ("population.scepticism=0:7", "from 0 to 1"),
        ("run.days=20.2:20.9", "no two whole numbers"),
        ("market.currency=1:2", "text"),
    ],
)
def test_a_key_that_cannot_be_doubted_is_refused_in_words(two: list[Scenario], key: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        assumption_ranges(two, [key])


def test_a_key_of_one_scenario_is_set_in_that_one_only(two: list[Scenario]) -> None:
    key = "brands.Aurora.strategy.listening"
    one = own_range(two, f"{key}=0.2:0.9")
    assert held(two, [one]) == [frozenset({key}), frozenset()]
    there = at_point(two, [one], [1.0])
    assert {row.key: row.value for row in there.scenarios[0].values()}[key] == 0.9
    assert there.scenarios[1].hash == two[1].hash


def test_values_lie_in_the_range_and_whole_numbers_are_equally_likely() -> None:
    days = Range("run.days", 3.0, 6.0, 5, True, "", "")
    values = [days.at((k + 0.5) / 400) for k in range(400)]
    assert {value: values.count(value) for value in set(values)} == {3: 100, 4: 100, 5: 100, 6: 100}
    assert (days.at(0.0), days.at(1.0)) == (3, 6)
    share = Range("x", 1.0 / 3.0, 2.0 / 3.0, 0.5, False, "", "")
    assert (share.at(0.0), share.at(1.0)) == (1.0 / 3.0, 2.0 / 3.0)


def test_what_is_impossible_together_is_drawn_nearer_to_the_default(two: list[Scenario]) -> None:
    ranges = assumption_ranges(two, ["experience.eta", "experience.negativity", "purchase.outside"])
    there = at_point(two, ranges, [1.0] * 3)  # a loss of 4 times .3 of all trust is refused
    assert set(there.set_back) == {"experience.negativity"}
    drawn = {each.key: each.high for each in ranges}
    default = {each.key: each.default for each in ranges}
    assert default["experience.negativity"] < there.values["experience.negativity"] < drawn["experience.negativity"]
    assert there.values["experience.eta"] == drawn["experience.eta"]
    assert not at_point(two, ranges, [0.5] * 3).set_back
