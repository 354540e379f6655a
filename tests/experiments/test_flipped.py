"""Won and lost: who ends as a customer in one life and not in the other, and where the two lives part."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from simulator.experiments.flipped import COLUMNS, LOST, WON, flipped, parting
from simulator.results.ledger import QUIET
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.simulate import simulate

pytestmark = pytest.mark.compiled

NAMES = ("silent", "interruption")
SEED = 4


def two(settings: dict[str, Any]) -> list[Scenario]:
    small = {"population.size": 200, "run.days": 50, "brands.Aurora.budget_per_day": 30000.0} | settings
    return [load_scenario(f"scenarios/three_eras/{name}.toml", small) for name in NAMES]


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return flipped(two({}), NAMES, "Aurora", SEED, workers=1)


def test_who_flipped_is_in_one_table_with_a_segment_and_a_reason(found: pd.DataFrame) -> None:
    assert list(found.columns) == list(COLUMNS)
    assert len(found) > 5
    assert not found.duplicated(["a", "b", "consumer"]).any()
    assert set(zip(found["a"], found["b"], strict=True)) == {("interruption", "silent")}
    assert set(found["kind"]) <= {WON, LOST}
    assert set(found["segment"]) <= {segment.name for segment in two({})[0].population.segments}
    assert found["day"].between(0, 49).all()
    assert not found["cause"].isin(["", *QUIET]).any()


def test_lives_are_the_same_until_they_part_and_not_on_that_day(found: pd.DataFrame) -> None:
    happening = ["consumer", "day", "brand", "cause", "by"]
    ledgers = {}
    for scenario, name in zip(two({"record.panel": 200}), NAMES, strict=True):
        ledger = simulate(scenario, SEED).ledger
        ledgers[name] = ledger[~ledger["cause"].isin(QUIET)]
    for row in found.itertuples():
        lives = {
            name: set(ledger.loc[ledger["consumer"] == row.consumer, happening].itertuples(index=False, name=None))
            for name, ledger in ledgers.items()
        }
        here, there = lives[str(row.life)], lives[NAMES[row.life == NAMES[0]]]
        assert all(each[1] >= row.day for each in here ^ there)
        what = (row.consumer, row.day, row.brand, row.cause, row.by)
        assert what in here
        assert what not in there


def test_in_a_durable_market_the_won_own_the_brand_in_the_one_life_only() -> None:
    durable = {"market.kind": "durable", "purchase.p": 0.02, "brands.Aurora.start.awareness": 0.0} | {
        f"brands.{name}.start.penetration": 0.0 for name in ("Aurora", "Borealis", "Corona")
    }
    scenarios = two(durable)
    found = flipped(scenarios, NAMES, "Aurora", SEED, workers=1)
    owners = []
    for scenario in scenarios:
        adoptions = simulate(scenario, SEED).adoptions
        owners.append(set(adoptions.loc[adoptions["brand"] == "Aurora", "consumer"]))
    silent, loud = owners
    assert set(found.loc[found["kind"] == WON, "consumer"]) == loud - silent != set()
    assert set(found.loc[found["kind"] == LOST, "consumer"]) == silent - loud


def test_a_few_lives_are_told_and_all_who_flipped_are_counted(found: pd.DataFrame) -> None:
    few = flipped(two({}), NAMES, "Aurora", SEED, workers=1, most=3)
    assert few["consumer"].tolist() == found["consumer"].tolist()
    told = few[few["cause"] != ""]
    assert (told["kind"] == WON).sum() == 3 < (found["kind"] == WON).sum()
    assert (told["kind"] == LOST).sum() == min(3, (found["kind"] == LOST).sum())
    pd.testing.assert_frame_equal(told, found.loc[told.index])
    assert few.loc[few["cause"] == "", "day"].isna().all()


def test_nobody_is_won_or_lost_between_a_scenario_and_itself_or_another_world() -> None:
    one = two({"run.days": 20})[1]
    assert flipped([one, one], ("one", "other"), "Aurora", SEED, workers=1).empty
    elsewhere = one.override({"network.strong": 4.0})
    nobody = flipped([one, elsewhere], ("one", "other"), "Aurora", SEED, workers=1)
    assert list(nobody.columns) == list(COLUMNS)
    assert nobody.empty


def entry(consumer: int, day: int, cause: str, by: str = "Aurora", quantity: str = "trust") -> dict[str, Any]:
    return {"consumer": consumer, "day": day, "brand": "Aurora", "cause": cause, "by": by, "quantity": quantity}


def test_amounts_and_quantities_do_not_part_lives_but_happenings_do() -> None:
    one = pd.DataFrame([
        entry(1, 2, "ad", quantity="awareness"), entry(1, 5, "praise heard", "7"), entry(2, 3, "experience"), entry(3, 1, "ad"),
    ])  # fmt: skip
    other = pd.DataFrame([
        entry(1, 2, "ad", quantity="trust"), entry(1, 5, "praise heard", "8"), entry(1, 9, "ad"), entry(2, 1, "newsletter"),
        entry(3, 1, "ad"),
    ])  # fmt: skip
    parts = parting(one, other, "a", "b").set_index("consumer")
    assert parts.loc[1, ["day", "cause", "by", "life"]].tolist() == [5, "praise heard", "7", "a"]
    assert parts.loc[2, ["day", "cause", "life"]].tolist() == [1, "newsletter", "b"]
    assert 3 not in parts.index
