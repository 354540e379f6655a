"""Dotted overrides: the same keys in Python, on the command line and in sweeps."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from simulator.parameters import InputError
from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario
from simulator.scenario.overrides import setting
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Scenario


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(bundled("three_eras/interruption"))


def test_values_are_set_by_dotted_key(scenario: Scenario) -> None:
    changed = scenario.override({"brands.Borealis.budget_per_day": 10, "word_of_mouth.credibility.weak": 0.5, "run.warm_up": 3})
    assert changed.brand("Borealis").budget_per_day == 10.0
    assert (changed.word_of_mouth.credibility.weak, changed.run.warm_up) == (0.5, 3)
    assert scenario.brand("Borealis").budget_per_day == 3200.0


def test_overrides_may_follow_one_another(scenario: Scenario) -> None:
    changed = scenario.override({"brands.Aurora.quality": 0.1}).override({"brands.Aurora.promise": 0.2})
    assert (changed.brand("Aurora").quality, changed.brand("Aurora").promise) == (0.1, 0.2)
    assert changed == scenario.override({"brands.Aurora.promise": 0.2, "brands.Aurora.quality": 0.1})


def test_overrides_at_load_are_overrides_later(scenario: Scenario) -> None:
    settings = {"market.kind": "durable", "brands.Borealis.start.penetration": 0.0, "brands.Corona.start.penetration": 0.0}
    assert load_scenario(bundled("three_eras/interruption.toml"), settings) == scenario.override(settings)


def test_another_kind_drops_the_levers_of_the_old_one_and_says_so(scenario: Scenario) -> None:
    changed = scenario.override({"brands.Aurora.strategy.reward": 2.0, "brands.Aurora.strategy.kind": "permission"})
    assert changed.to_dict()["brands"][0]["strategy"] == {"kind": "permission", "reward": 2.0}
    assert changed.notices == (
        'brands.Aurora.strategy.kind is now "permission": dropped channels, flighting, set for "interruption"',
    )  # fmt: skip
    assert scenario.override({"brands.Aurora.strategy.kind": "interruption"}).notices == ()


def test_none_takes_a_setting_back(scenario: Scenario) -> None:
    changed = scenario.override({"network.seed": 7}).override({"network.seed": None, "population.represents": None})
    assert (changed.network.seed, changed.population.represents) == (None, None)


def test_events_and_phases_are_numbered_from_0(scenario: Scenario) -> None:
    events = [{"kind": "stock_out", "day": 3, "brand": "Aurora"}, {"kind": "stock_out", "day": 9, "brand": "Corona"}]
    changed = scenario.override({"events": events}).override({"events.1.days": 2})
    assert [event.days for event in changed.events] == [7, 2]
    with pytest.raises(ScenarioError, match="there is no item 2; allowed: 0 to 1"):
        changed.override({"events.2.days": 2})


def test_brands_and_segments_go_by_names_that_may_hold_dots_and_spaces() -> None:
    given = {
        "brands": [{"name": "Dr. O."}, {"name": "Dr"}], "population": {"segments": [{"name": "16.5 to 24", "share": 1.0}]},
    }  # fmt: skip
    scenario = load_scenario(given)
    changed = scenario.override({"brands.Dr. O..price": 3.0, 'brands."Dr".price': 4, "population.segments.16.5 to 24.scepticism": 1})
    assert [brand.price for brand in changed.brands] == [3.0, 4.0]
    assert changed.population.segments[0].scepticism == 1.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"brands.Auror.price": 1},
            'override  brands.Auror.price: unknown brand "Auror"; allowed: Aurora, Borealis, Corona; did you mean "Aurora"?',
        ),
        ({"brands.Aurora.prize": 1}, "override  brands.Aurora.prize: unknown key"),
        ({"run.days.first": 1}, "run.days is 182, not a table"),
        ({"": 1}, "is not a dotted key"),
        ({"run.": 1}, "is not a dotted key"),
        ({"population.segments.young.share": 1}, "the scenario sets no segments"),
        ({"brands.Aurora.quality": "high"}, 'brands.Aurora.quality: "high" is not allowed here'),
        ({"brands.Aurora.quality": 3, "run.days": 0}, "run.days: 0 is out of range"),
        ({"brands.Aurora": 3}, "3 is not allowed here"),
    ],
)
def test_a_wrong_override_is_refused(scenario: Scenario, settings: dict[str, object], message: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario.override(settings)
    assert message in str(refused.value)


def test_a_run_cut_short_keeps_its_later_events_with_a_notice() -> None:
    given = {"brands": [{"name": "Aurora"}], "events": [{"kind": "stock_out", "day": 120, "brand": "Aurora"}]}
    short = load_scenario(given).override({"run.days": 90})
    assert short.notices == ("events.0: day 120 is after the last day of the run (89): it will not happen",)


def test_paths_given_from_outside_start_where_the_user_stands(scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "friends.csv").write_text("source,target\n1,2\n", encoding="utf-8")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    changed = scenario.override({"network.kind": "file", "network.path": "../friends.csv"})
    monkeypatch.chdir(tmp_path)
    assert changed.network.path == str((tmp_path / "friends.csv").resolve())
    assert changed.override({"run.days": 10}).network.path == changed.network.path
    with pytest.raises(ScenarioError, match='no file "nobody.csv" in the working directory'):
        scenario.override({"network.kind": "file", "network.path": "nobody.csv"})


def test_numbers_of_numpy_and_paths_are_plain_values(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "friends.csv").write_text("source,target\n1,2\n", encoding="utf-8")
    changed = scenario.override({
        "brands.Aurora.price": np.float64(3.5), "run.days": np.int64(9), "brands.Aurora.position": np.array([0.1, 0.2]),
        "network.kind": "file", "network.path": tmp_path / "friends.csv",
    })  # fmt: skip
    assert (changed.brand("Aurora").price, changed.run.days, changed.brand("Aurora").position) == (3.5, 9, (0.1, 0.2))
    assert pickle.loads(pickle.dumps(changed)) == changed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("k=3", 3), ("k=3.5", 3.5), ("k = true", True), ("k=[1, 2]", [1, 2]), ("k={ share = 0.1 }", {"share": 0.1}), ("k=inf", math.inf),
        ('k="3"', "3"), ("k=permission", "permission"), ("k=../friends.csv", "../friends.csv"), ("k=a=b", "a=b"), ("k=", ""),
        ("k=1\nx = 2", "1\nx = 2"),
    ],
)  # fmt: skip
def test_a_setting_of_the_command_line_is_a_toml_value_or_a_text(text: str, value: object) -> None:
    assert setting(text) == ("k", value)


@pytest.mark.parametrize("text", ["run.days", "=3", ""])
def test_a_setting_needs_a_key_and_a_value(text: str) -> None:
    with pytest.raises(InputError, match="allowed: key=value"):
        setting(text)
