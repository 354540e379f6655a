"""What a strategy causes: against its silent twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.experiments import compare as module
from simulator.experiments.causal import DISCOUNT, QUANTITIES, YEAR, Books, books, effects, silence
from simulator.experiments.compare import compare
from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario
from simulator.simulate import simulate
from tests.experiments.test_doubt import ADS, scenario

NAN = np.nan


def kept(first: list[float], **rest: float) -> Books:
    found = {"units": 0.0, "revenue": 0.0, "spend": 0.0, "profit": 0.0, "scale": 10.0, "margin": 6.0} | rest
    return Books(first=np.array(first), **found)


def worth(day: float) -> float:
    return (1 + DISCOUNT) ** (-day / YEAR)


def test_who_buys_earlier_is_accelerated_and_who_buys_at_all_is_expansion() -> None:
    found = effects(kept([0.0, 100.0, 50.0, NAN, NAN]), kept([0.0, 300.0, NAN, 10.0, NAN]))
    assert found["accelerated_units"] == pytest.approx(10 * (worth(100.0) - worth(300.0)))
    assert found["expanded_units"] == pytest.approx(10 * (worth(50.0) - worth(10.0)))
    assert found["days_earlier"] == 100.0
    assert found["accelerated_value"] == pytest.approx(6.0 * found["accelerated_units"])


def test_acceleration_and_expansion_sum_to_the_total() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        days = rng.integers(0, 400, (2, 50)).astype(float)
        days[rng.random((2, 50)) < 0.4] = NAN
        run, twin = (kept(list(side)) for side in days)
        found = effects(run, twin)
        total = 10.0 * (sum(map(worth, run.first[~np.isnan(run.first)])) - sum(map(worth, twin.first[~np.isnan(twin.first)])))
        for unit, price in (("units", 1.0), ("value", 6.0)):
            assert found[f"accelerated_{unit}"] + found[f"expanded_{unit}"] == pytest.approx(found[f"first_{unit}"], rel=1e-12, abs=1e-9)
            assert found[f"first_{unit}"] == pytest.approx(price * total, rel=1e-12, abs=1e-9)


def test_a_run_against_itself_causes_nothing_and_has_no_return() -> None:
    run = kept([3.0, NAN], units=5.0, revenue=50.0, spend=0.0, profit=20.0)
    found = effects(run, run)
    assert {name: value for name, value in found.items() if value} == {"return_per_euro": pytest.approx(NAN, nan_ok=True)}


def test_the_return_is_what_a_euro_of_marketing_brought_back() -> None:
    found = effects(kept([], units=30.0, revenue=300.0, spend=100.0, profit=80.0), kept([], units=20.0, revenue=200.0, profit=60.0))
    assert found["incremental_profit"] == 20.0
    assert found["return_per_euro"] == pytest.approx(1.2)  # 120 of margin for 100 spent
    assert set(found) == set(QUANTITIES)


# -- whose twin is whose ---------------------------------------------------------------------------------------------


def test_the_silent_scenario_is_the_twin_of_the_three_eras() -> None:
    names = ("silent", "interruption", "permission", "interaction", "mixed")
    found = silence([load_scenario(bundled(f"three_eras/{name}")) for name in names], "Aurora")
    assert found.extra == ()
    assert found.twin_of == (-1, 0, 0, 0, 0)


def test_twins_that_differ_in_an_empty_purse_are_one() -> None:
    found = silence([scenario(ADS), scenario(ADS | {"brands.A.budget_per_day": 5.0})], "A")
    assert len(found.extra) == 1
    assert found.twin_of == (2, 2)


def test_scenarios_of_different_markets_have_different_twins_unless_that_is_too_many() -> None:
    dear = {"purchase.price_weight": 2.0}
    found = silence([scenario(), scenario(ADS), scenario(ADS | dear), scenario(ADS | {"purchase.price_weight": 3.0})], "A")
    assert found.twin_of == (-1, 0, 4, 5)
    assert not found.notices
    crowd = silence([scenario(ADS), scenario(ADS | dear)], "A")
    assert (crowd.extra, crowd.twin_of) == ((), (-1, -1))
    assert "too many runs" in crowd.notices[0]


# -- in a comparison -------------------------------------------------------------------------------------------------


def test_a_silent_scenario_among_the_compared_costs_no_run_and_gives_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, int]] = []
    real = module.simulate

    def counted(chosen: Any, seed: int, **rest: Any) -> Any:
        made.append((chosen.hash, seed))
        return real(chosen, seed, **rest)

    monkeypatch.setattr(module, "simulate", counted)
    with_it = compare([scenario(), scenario(ADS)], 2, workers=1, names=["silent", "ads"], doubt="luck")
    assert len(made) == 4
    without = compare([scenario(ADS), scenario(ADS | {"brands.A.promise": 0.8})], 2, workers=1, names=["ads", "boast"], doubt="luck")
    assert len(made) == 4 + 4  # their twins differ by the promise, and would be as many runs again
    assert set(with_it.causal["scenario"]) == {"ads"}
    assert list(with_it.causal["quantity"]) == list(QUANTITIES)
    assert without.causal.empty
    alone = compare([scenario(ADS)], 2, workers=1, names=["ads"], doubt="luck")
    assert alone.causal.to_csv() == with_it.causal.to_csv()


def test_incremental_figures_are_those_of_the_pairs() -> None:
    result = compare([scenario(), scenario(ADS)], 3, workers=1, names=["silent", "ads"], doubt="luck")
    at_end = result.runs[(result.runs["day"] == 20) & (result.runs["brand"] == "A")].pivot(index="replicate", columns="scenario")
    for figure in ("units", "revenue", "spend", "profit"):
        difference = at_end[figure]["ads"] - at_end[figure]["silent"]
        row = result.causal[result.causal["quantity"] == f"incremental_{figure}"].iloc[0]
        assert row["mean"] == pytest.approx(difference.mean())
        assert row["n"] == 3


def test_first_purchases_are_those_of_the_log() -> None:
    chosen = scenario(ADS)
    run = simulate(chosen, 4)
    found = books(run, chosen, "A")
    bought = run.adoptions[run.adoptions["brand"] == "A"]
    assert np.isfinite(found.first).sum() == len(bought)
    assert found.first[int(bought["consumer"].iloc[0])] == bought["day"].iloc[0]
    assert found.margin == 6.0


def test_a_twin_that_fails_is_a_row_of_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.simulate

    def sometimes(chosen: Any, seed: int, **rest: Any) -> Any:
        if seed == 2 and chosen.brand("A").strategy.kind == "silent":
            raise ZeroDivisionError("by zero")
        return real(chosen, seed, **rest)

    monkeypatch.setattr(module, "simulate", sometimes)
    result = compare([scenario(ADS)], 2, workers=1, names=["ads"], doubt="luck")
    assert result.failures.values.tolist() == [["ads, silent", 1, 2, "ZeroDivisionError: by zero"]]
    assert set(result.causal["n"]) <= {0, 1}
    assert result.completed == 2
