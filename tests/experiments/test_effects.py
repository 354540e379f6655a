"""What a study says of its settings, on made-up numbers whose answer is known."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import load_scenario
from simulator.experiments.best import best, constraint
from simulator.experiments.effects import levels_of, main_effects, means, strengths, surface, values_of
from simulator.experiments.study import Study
from simulator.experiments.sweep import plan_of
from simulator.parameters import InputError
from tests.experiments.studies import made_up

BUDGET, SHARE, KIND = "brands.Aurora.budget_per_day", "word_of_mouth.share", "brands.Aurora.strategy.kind"


def by_rule(cell: dict[str, Any], luck: float) -> dict[str, float]:
    """Profit rises by 1 with each 1,000 of budget and is 3 higher with interaction; trust falls with the budget; luck is shared."""
    profit = cell[BUDGET] / 1000.0 + (3.0 if cell.get(KIND) == "interaction" else 0.0) + 5.0 * luck
    return {"profit": profit, "trust_aware": 0.6 - cell[BUDGET] / 1e5 + 0.001 * luck}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    vary = {BUDGET: [1000.0, 2000.0, 4000.0], KIND: ["interruption", "interaction"]}
    return made_up(tmp_path / "s", vary, 12, by_rule)


def test_a_main_effect_is_the_mean_over_all_else(study: Study) -> None:
    table = main_effects(study, ["profit"]).set_index(["key", "level"])
    luck = float(np.mean([study.frame().loc[study.frame()["cell"] == 0, "profit"] - 1.0]))
    for level, expected in (("1000", 2.5), ("2000", 3.5), ("4000", 5.5)):
        row = table.loc[(BUDGET, level)]
        assert row["mean"] == pytest.approx(expected + luck)
        assert row["n"] == 12
        assert row["low"] < row["mean"] < row["high"]
    assert table.loc[(KIND, "interaction"), "mean"] - table.loc[(KIND, "interruption"), "mean"] == pytest.approx(3.0)


def test_missing_runs_do_not_tilt_a_level(tmp_path: Path) -> None:
    """Half of the runs of the richest cell are gone: the cell still counts as one."""
    vary = {BUDGET: [1000.0, 2000.0, 4000.0], KIND: ["interruption", "interaction"]}
    holes = made_up(tmp_path / "s", vary, 12, by_rule, lost=lambda cell, replicate: cell == 5 and replicate > 5, noise=0.0)
    table = main_effects(holes, ["profit"]).set_index(["key", "level"])
    assert table.loc[(BUDGET, "4000"), "mean"] == pytest.approx(5.5)
    assert len(holes.missing) == 6


def test_the_strongest_key_comes_first(study: Study) -> None:
    found = strengths(study, "profit")
    assert list(found) == [KIND, BUDGET]
    assert sum(found.values()) == pytest.approx(1.0)  # nothing but two additive effects


def test_a_surface_has_the_mean_of_each_pair_of_levels(study: Study) -> None:
    one, other, values = surface(study, BUDGET, KIND, "profit")
    assert (one.labels, other.labels) == (("1000", "2000", "4000"), ("interruption", "interaction"))
    assert values[2, 1] - values[0, 0] == pytest.approx(6.0)


def test_numbers_with_many_levels_are_gathered_and_words_are_not(tmp_path: Path) -> None:
    vary = {BUDGET: (1000.0, 4000.0), KIND: ["interruption", "interaction"]}
    spread = made_up(tmp_path / "s", vary, 2, lambda cell, luck: {"profit": cell[BUDGET] + luck}, kind="lhs", points=60)
    budget, kind = levels_of(spread, BUDGET), levels_of(spread, KIND)
    assert budget.binned
    assert len(budget.labels) == 6
    assert np.bincount(budget.of_cell).tolist() == [10] * 6
    assert kind.labels == tuple(dict.fromkeys(cell[KIND] for cell in spread.cells))
    table = main_effects(spread, ["profit"])
    assert table[table["key"] == BUDGET]["n"].tolist() == [10] * 6  # cells, as their other settings differ by chance
    assert (np.diff(table[table["key"] == BUDGET]["mean"]) > 0).all()


def test_the_best_setting_is_found_and_known_to_be_best(study: Study) -> None:
    found = best(study, "profit")
    assert study.cells[found.cell or 0] == {BUDGET: 4000.0, KIND: "interaction"}
    assert found.leads[0].mean == pytest.approx(2.0)
    assert (found.leads[0].wins, found.leads[0].n) == (12, 12)
    assert {lead.verdict for lead in found.leads} == {"better"}
    assert not found.as_good


def test_a_constraint_moves_the_best_setting(study: Study) -> None:
    found = best(study, "profit", ["trust_aware>=0.575", "trust_aware < 1"])
    assert study.cells[found.cell or 0] == {BUDGET: 2000.0, KIND: "interaction"}
    assert len(found.qualifying) == 4
    assert [each.surely for each in found.met] == [True, True]


def test_none_qualifies_is_said_with_the_nearest(study: Study) -> None:
    found = best(study, "profit", ["trust_aware>=0.8"])
    assert found.cell is None
    assert study.cells[found.nearest or 0][BUDGET] == 1000.0
    assert found.met[0].level.mean == pytest.approx(0.59, abs=0.01)


def test_equal_settings_cannot_be_told_apart(tmp_path: Path) -> None:
    """Six settings of one and the same outcome: the luckiest leads, and in most studies nothing is called better."""
    luck, wrong = np.random.default_rng(1), 0
    for number in range(6):
        same = made_up(tmp_path / str(number), {BUDGET: [1.0, 2.0, 3.0, 4.0, 5.0]}, 12, lambda cell, _: {"profit": luck.normal() + 9.0})
        wrong += any(lead.verdict == "better" for lead in best(same).leads)
    assert wrong <= 1


def test_less_is_better_where_less_is_better(study: Study, tmp_path: Path) -> None:
    costly = made_up(tmp_path / "cost", {BUDGET: [1.0, 2.0]}, 8, lambda cell, luck: {"cost": cell[BUDGET] + 0.001 * luck})
    found = best(costly, "cost")
    assert found.cell == 0
    assert found.leads[0].verdict == "better"
    assert found.leads[0].mean > 0


def test_one_run_has_no_interval_and_no_certainty(tmp_path: Path) -> None:
    single = made_up(tmp_path / "s", {BUDGET: [1000.0, 2000.0]}, 1, by_rule)
    found = best(single, "profit", ["trust_aware>=0.1"])
    assert found.cell == 1
    assert found.leads[0].verdict == "cannot tell"
    assert not found.met[0].surely
    assert math.isnan(main_effects(single, ["profit"])["low"].iloc[0])


def test_without_a_finished_run_nothing_is_best(tmp_path: Path) -> None:
    empty = made_up(tmp_path / "s", {BUDGET: [1000.0, 2000.0]}, 2, by_rule, lost=lambda cell, replicate: True)
    found = best(empty, "profit", ["trust_aware>=0.1"])
    assert (found.cell, found.nearest) == (None, None)
    assert np.isnan(values_of(empty, "profit")).all()
    assert np.isnan(means(values_of(empty, "profit"))).all()
    assert set(strengths(empty, "profit").values()) == {0.0}


@pytest.mark.parametrize("text", ["trust_aware", "trust_aware=0.5", "trust_aware>=high", "trust_aware>=nan", ">=1"])
def test_what_is_no_constraint_is_refused(text: str) -> None:
    with pytest.raises(InputError, match='is no constraint; allowed: a figure, .* such as "trust_aware>=0.5"'):
        constraint(text)


def test_unknown_figures_are_refused(study: Study) -> None:
    with pytest.raises(InputError, match='unknown figure "profits".*did you mean "profit"'):
        best(study, "profits")
    with pytest.raises(InputError, match="frequency has no better side"):
        best(study, "frequency")


def test_made_up_studies_have_the_manifest_of_real_ones(study: Study) -> None:
    scenario = load_scenario("scenarios/three_eras/interruption.toml")
    plan = plan_of(scenario, {BUDGET: [1000.0, 2000.0, 4000.0], KIND: ["interruption", "interaction"]}, 12, keep="kpis")
    assert json.loads((study.path / "study.json").read_text(encoding="utf-8"))["cells"] == list(plan.cells)
