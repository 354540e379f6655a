"""Doubt about assumptions: what is drawn, and which verdicts survive it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.experiments import draws as module
from simulator.experiments.compare import compare
from simulator.experiments.comparison import Comparison
from simulator.experiments.doubt import FEWEST_DRAWS, holding, likely
from simulator.experiments.draws import Draws, run_draw, warnings
from simulator.experiments.paired import BETTER, LOWER, SAME, UNCLEAR, WORSE
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

MARKET: dict[str, Any] = {
    "title": "two brands",
    "run": {"days": 20},
    "population": {"size": 60},
    "network": {"community_size": 20, "strong": 4.0, "weak": 2.0, "follow": 1.0, "largest_audience": 0.2},
    "brands": [
        {"name": "A", "budget_per_day": 0.5, "start": {"awareness": 0.5, "penetration": 0.3}},
        {"name": "B", "budget_per_day": 0.5, "start": {"awareness": 0.5, "penetration": 0.3}},
    ],
}
ADS = {"brands.A.strategy.kind": "interruption", "brands.A.strategy.channels": {"tv": 1.0}}
NAMES = ("silent", "ads")


def scenario(settings: dict[str, Any] | None = None) -> Scenario:
    return load_scenario(MARKET, settings or {})


def drawn(*changes: dict[str, Any], count: int = 5, seed: int = 3) -> Draws:
    scenarios = tuple(scenario(change) for change in changes)
    return Draws.of(scenarios, tuple(str(place) for place in range(len(scenarios))), seed, "both", count)


# -- what is drawn ---------------------------------------------------------------------------------------------------


def test_every_draw_has_one_point_and_one_seed_for_all_scenarios() -> None:
    made = drawn({}, ADS, count=8)
    assert len({task.seed for task in made.tasks}) == 8
    assert all(task.scenarios == made.tasks[0].scenarios for task in made.tasks)
    assert drawn({}, ADS, count=8).tasks[5].values == made.tasks[5].values
    assert drawn({}, ADS, count=8, seed=4).tasks[5].values != made.tasks[5].values


def test_the_points_are_a_latin_hypercube_inside_the_plausible_ranges() -> None:
    made, count = drawn({}, ADS, count=20), 20
    for each in made.ranges:
        values = np.array([task.values[each.key] for task in made.tasks], float)
        assert ((each.low <= values) & (values <= each.high)).all(), each.key
        if not each.whole:  # one draw in each twentieth of the range, up to the digits that are kept
            cells = np.floor((values - each.low) / (each.high - each.low) * count + 1e-3)
            moved = 4 if each.key.endswith((".negativity", ".eta", ".strength")) else 1  # products above 1 are no market: drawn back
            assert len(set(np.minimum(cells, count - 1))) >= count - moved, each.key


def test_whole_numbers_stay_whole() -> None:
    made = drawn({}, ADS, count=20)
    whole = [each.key for each in made.ranges if each.whole]
    assert "word_of_mouth.attention_days" in whole
    assert all(type(task.values[key]) is int for task in made.tasks for key in whole)


def test_what_tells_scenarios_apart_is_the_question_and_is_not_drawn() -> None:
    keys = {each.key for each in drawn({}, {"word_of_mouth.share": 0.08}).ranges}
    assert "word_of_mouth.share" not in keys
    assert "word_of_mouth.strength" in keys


def test_what_was_switched_off_or_set_outside_its_range_stays() -> None:
    both = {"advertising.wear_out": "off", "forgetting.trust": 1000.0}
    keys = {each.key for each in drawn(both, both | ADS).ranges}
    assert not keys & both.keys()
    assert both.keys() <= {each.key for each in drawn({}, ADS).ranges}


def test_nothing_is_drawn_for_luck_alone_or_for_one_scenario() -> None:
    assert not drawn({}).tasks
    assert not Draws.of((scenario(), scenario(ADS)), NAMES, 1, "luck", 60).tasks


def test_a_draw_that_is_no_market_or_fails_is_recorded_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = drawn({}, ADS, count=3)
    refused = module.Draw(
        1, 9, made.tasks[1].scenarios, made.tasks[1].days, {"word_of_mouth.strength": 0.5, "word_of_mouth.negativity": 4.0}
    )
    real = module.simulate

    def sometimes(chosen: Scenario, seed: int, **rest: Any) -> Any:
        if seed == made.tasks[2].seed and chosen.brands[0].strategy.kind != "silent":
            raise ZeroDivisionError("by zero")
        return real(chosen, seed, **rest)

    monkeypatch.setattr(module, "simulate", sometimes)
    runs = {0: run_draw(made.tasks[0]), 1: run_draw(refused), 2: run_draw(made.tasks[2])}
    tables = made.tables(runs)
    assert tables["refused"][["scenario", "draw"]].values.tolist() == [["0", 1], ["1", 1], ["1", 2]]
    assert tables["refused"]["error"].iloc[2] == "ZeroDivisionError: by zero"
    assert set(zip(tables["draws"]["scenario"], tables["draws"]["draw"], strict=True)) == {("0", 0), ("1", 0), ("0", 2)}
    assert set(tables["assumptions"]["draw"]) == {0, 1, 2}


# -- what survives it ------------------------------------------------------------------------------------------------


def test_two_thirds_have_to_be_sure() -> None:
    assert not likely(40, 60)  # exactly two thirds: as likely as not to be less
    assert likely(48, 60)
    assert not likely(47, 60)
    assert not likely(0, 0)
    assert likely(FEWEST_DRAWS, FEWEST_DRAWS)
    assert not likely(FEWEST_DRAWS - 1, FEWEST_DRAWS - 1)


@pytest.mark.parametrize(
    ("values", "luck", "doubt", "share", "expected"),
    [
        ([1.0] * 18 + [-1.0] * 2, BETTER, "both", 0.9, BETTER),
        ([1.0] * 14 + [-1.0] * 6, BETTER, "both", 0.7, UNCLEAR),  # luck is sure, assumptions are not
        ([1.0] * 20, UNCLEAR, "both", 1.0, UNCLEAR),  # and the other way round
        ([0.01] * 19 + [1.0], SAME, "both", 0.95, SAME),
        ([0.01] * 10 + [1.0] * 10, SAME, "both", 0.5, UNCLEAR),
        ([1.0] * 20, UNCLEAR, "assumptions", 1.0, BETTER),
        ([0.01] * 20, BETTER, "assumptions", 1.0, SAME),
        ([1.0] * 10 + [-1.0] * 10, BETTER, "assumptions", 0.5, UNCLEAR),
        ([1.0] * 9 + [np.nan] * 11, BETTER, "both", 1.0, BETTER),
        ([np.nan] * 20, BETTER, "both", np.nan, UNCLEAR),
    ],
)
def test_a_verdict_needs_the_draws_too(values: list[float], luck: str, doubt: str, share: float, expected: str) -> None:
    held = holding(np.array([values]), np.full((1, 20), 0.1), [0.5], [1], [luck], doubt)
    assert held.draws[0] == np.isfinite(values).sum()
    assert held.holds[0] == pytest.approx(share, nan_ok=True)
    assert held.verdicts == [expected]


def test_draws_agree_with_the_sign_of_the_mean_whichever_it_is() -> None:
    held = holding(np.full((3, 20), -1.0), np.full((3, 20), 0.1), [-0.5, -0.5, 0.5], [1, 0, 1], [WORSE, LOWER, BETTER], "both")
    assert held.holds.tolist() == [1.0, 1.0, 0.0]
    assert held.verdicts == [WORSE, LOWER, UNCLEAR]


def made(share: float) -> Comparison:
    """Luck is sure that `ads` sells more by a tenth in every pair; in so many of 60 draws it does."""
    scenarios = (scenario(), scenario(ADS))
    luck = np.random.default_rng(1).normal(0.0, 0.01, (2, 60))
    runs, draws = [], []
    for place, name in enumerate(NAMES):
        runs += [(name, number, number, 20, "A", 100.0 * (1 + 0.1 * place + luck[place, number])) for number in range(20)]
        for number in range(60):
            sign = 1 if number < 60 * share else -1
            draws.append((name, number, number, 20, "A", 100.0 * (1 + 0.1 * place * sign + luck[place, number])))
    ranges = Draws.of(scenarios, NAMES, 1, "both", 60).tables({})["ranges"]
    return Comparison(
        scenarios=scenarios, names=NAMES, focal="A", seed=1, replicates=20,
        runs=pd.DataFrame(runs, columns=["scenario", "replicate", "seed", "day", "brand", "units"]),
        curves=pd.DataFrame(), spending=pd.DataFrame(), failures=pd.DataFrame(), warnings=(), notices=(), consumers=60,
        doubt="both", asked_draws=60, ranges=ranges,
        draws=pd.DataFrame(draws, columns=["scenario", "draw", "seed", "day", "brand", "units"]),
    )  # fmt: skip


def test_where_luck_is_sure_and_assumptions_are_not_nobody_can_tell() -> None:
    firm, shaky = made(0.9).verdicts.iloc[0], made(0.6).verdicts.iloc[0]
    assert (firm["luck_verdict"], shaky["luck_verdict"]) == (BETTER, BETTER)
    assert (firm["verdict"], shaky["verdict"]) == (BETTER, UNCLEAR)
    assert (firm["draws"], shaky["draws"]) == (60, 60)
    assert (firm["holds"], shaky["holds"]) == (pytest.approx(0.9), pytest.approx(0.6))
    assert np.isnan(shaky["more"])  # no number of pairs would help


@pytest.mark.compiled
def test_whether_a_boast_sells_is_up_to_the_guesses_and_that_it_is_seen_is_not() -> None:
    """Advertising that promises more than it keeps: with the default assumptions it sells more in every pair, with others it does not."""
    boast = ADS | {"brands.A.quality": 0.6, "brands.A.promise": 0.9}
    market = {"run.days": 35, "population.size": 150}
    result = compare([scenario(market), scenario(market | boast)], 8, draws=16, workers=1, names=["silent", "boast"])
    rows = result.verdicts[result.verdicts["day"] == 35].set_index("kpi")
    assert rows.loc[["units", "aided_awareness"], "luck_verdict"].tolist() == [BETTER, BETTER]
    assert rows.loc[["units", "aided_awareness"], "verdict"].tolist() == [UNCLEAR, BETTER]
    assert rows.loc["units", "holds"] < 0.8 < rows.loc["aided_awareness", "holds"]
    assert rows["draws"].max() == 16 - result.refused["draw"].nunique()


def test_too_few_draws_and_draws_that_are_no_market_are_said_aloud() -> None:
    few = compare([scenario(), scenario(ADS)], 1, draws=2, workers=1, names=["silent", "ads"])
    assert "2 draws of the assumptions are too few for any verdict: it takes at least 8" in few.warnings
    assert set(few.verdicts["verdict"]) == {UNCLEAR}
    some = made(0.9)
    some.refused.loc[0] = ["ads", 3, 3, "InputError: no market"]
    assert list(warnings(some)) == ["1 of 60 draws of the assumptions could not be run and are left out: InputError: no market"]


def test_draws_are_counted_by_progress_and_survive_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    real, done = module.simulate, []

    def stopped(*arguments: Any, **rest: Any) -> Any:
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(None)
        return real(*arguments, **rest)

    monkeypatch.setattr(module, "simulate", stopped)
    pair = [scenario({"run.days": 3}), scenario(ADS | {"run.days": 3})]
    result = compare(pair, 2, draws=5, workers=1, names=["silent", "ads"], progress=lambda now, total: seen.append((now, total)))
    assert result.interrupted
    assert result.completed == 2
    assert set(result.draws["draw"]) == {0, 1}
    assert seen[-1] == (4, 7)
    assert set(result.verdicts["verdict"]) == {UNCLEAR}  # what was to be doubted was not
