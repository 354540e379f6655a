"""A story dies or catches fire; where it begins to, one hearer tells one more."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator import RunResult, Scenario, load_scenario, simulate
from simulator.experiments.ignition import (
    IGNITES_AT,
    Cohort,
    Outbreak,
    Regimes,
    Trigger,
    ignition,
    outbreak,
    reproduction,
    sweep_ignition,
    trigger_of,
    wilson,
)
from simulator.parameters import InputError

SILENT = dict.fromkeys(("base_rate", "a_plus", "a_minus", "standing", "hearsay", "annoyance", "refutation"), "off")
"""Nobody has anything else to say."""

ONCE = {"online": 1.0, "share": 1.0, "attention_days": 1, "interest_half_life": "off", "agreement": "off", "strength": "off"}
"""Every hearer tells once, along each tie with probability `visibility`: an independent cascade."""


def story(tellers: Any = 1, **changes: Any) -> Scenario:
    """A market in which one story is told and nothing else."""
    return load_scenario({
        "run": {"days": 60}, "population": {"size": 600}, "brands": [{"name": "Aurora"}], "word_of_mouth": SILENT,
        "events": [{"day": 2, "brand": "Aurora", "kind": "scandal", "severity": 0.8, "tellers": tellers}],
    }).override(changes)  # fmt: skip


def cascade(size: int, degree: float) -> Scenario:
    """An independent cascade from one consumer of a random graph."""
    changes = {f"word_of_mouth.{name}": value for name, value in ONCE.items()}
    return story(**changes | {"run.days": 30, "population.size": size, "network.kind": "random", "network.degree": degree})


def made_up(ignited: bool, heard: float = 0.0, early: Cohort = Cohort(1, 0, 0), generations: tuple[Cohort, ...] = ()) -> Outbreak:  # noqa: B008  # immutable
    return Outbreak("Aurora", 0, 100, heard, heard, ignited, False, True, generations, (), early)


# -- one run -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run() -> RunResult:
    return simulate(story(tellers=8, **{"word_of_mouth.share": 0.12, "word_of_mouth.interest_half_life": "off"}), seed=3)


def test_cohorts_are_those_of_the_log_of_tellings(run: RunResult) -> None:
    told = outbreak(run)
    teller_of, day_of = {}, {}
    for row in run.tellings.itertuples():
        teller_of[row.hearer], day_of[row.hearer] = row.teller, row.day

    def generation(consumer: int) -> int:
        return 0 if consumer not in teller_of else 1 + generation(teller_of[consumer])

    for cohort in told.generations[1:]:
        members = [consumer for consumer in teller_of if generation(consumer) == cohort.number]
        assert cohort.consumers == len(members)
        assert cohort.children == sum(teller in members for teller in teller_of.values())
    for cohort in told.days:
        members = [consumer for consumer, day in day_of.items() if day == cohort.number]
        # first tellers know it on the day of the event, though nobody told them
        assert cohort.consumers == len(members) + (8 if cohort.number == 2 else 0)
    assert told.generations[0].consumers == 8
    assert told.heard * run.consumers == len(teller_of)
    assert told.passed_on * run.consumers == sum(generation(consumer) >= 2 for consumer in teller_of)


def test_the_children_of_a_generation_are_the_next_one(run: RunResult) -> None:
    generations = outbreak(run).generations
    assert len(generations) > 3
    for before, after in zip(generations, generations[1:], strict=False):
        assert before.children == after.consumers
    assert generations[-1].children == 0


def test_whom_the_first_tellers_told_does_not_count_as_spreading() -> None:
    nobody_passes_on = story(tellers={"highest_audience": 100}, **{"word_of_mouth.share": 0.0, "word_of_mouth.visibility": 1.0})
    told = outbreak(simulate(nobody_passes_on, seed=1))
    assert told.heard > 2 * IGNITES_AT
    assert told.passed_on == 0.0 and not told.ignited
    assert told.reproduction_number == 0.0


def test_first_tellers_without_ties_count_in_generation_zero() -> None:
    alone = story(tellers=5, **{"network.kind": "random", "network.degree": 0.0})
    told = outbreak(simulate(alone, seed=1))
    assert told.generations == (Cohort(0, 5, 0),) and told.days == (Cohort(2, 5, 0),)
    assert told.heard == 0.0 and math.isnan(told.reproduction_number) and told.over


def test_a_story_that_is_still_told_is_not_over() -> None:
    scenario = story(**{"word_of_mouth.share": 1.0, "word_of_mouth.interest_half_life": "off", "run.days": 5})
    assert not outbreak(simulate(scenario, seed=1)).over


def test_the_story_followed_is_that_of_the_first_event_that_tells_one() -> None:
    scenario = story()
    assert trigger_of(scenario) == Trigger("Aurora", 2)
    earlier = scenario.override({"events": [
        {"day": 9, "brand": "Aurora", "kind": "scandal", "severity": 0.5},
        {"day": 4, "brand": "Aurora", "kind": "staged_messages", "consumers": 3},
        {"day": 0, "brand": "Aurora", "kind": "service_failure", "severity": 0.2},
    ]})  # fmt: skip
    assert trigger_of(earlier).day == 4
    assert outbreak(simulate(earlier, seed=1)).generations[0].consumers == 3
    assert outbreak(simulate(earlier, seed=1), Trigger("Aurora", 9)).generations[0].consumers == 5


def test_without_a_story_or_a_log_there_is_a_reason() -> None:
    with pytest.raises(InputError, match="no event that tells a story"):
        trigger_of(story().override({"events": []}))
    with pytest.raises(InputError, match="no event tells a story about Aurora on day 7"):
        outbreak(simulate(story(), seed=1), Trigger("Aurora", 7))
    with pytest.raises(InputError, match=r"record\.tellings = true"):
        outbreak(simulate(story(**{"record.tellings": False}), seed=1))


# -- replicates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("successes", "trials"), [(0, 30), (3, 30), (15, 30), (30, 30), (1, 1)])
def test_the_interval_is_that_of_wilson(successes: int, trials: int) -> None:
    z, p = 1.959963984540054, successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials**2))
    assert wilson(successes, trials) == pytest.approx((p, max(0.0, centre - half), min(1.0, centre + half)), abs=1e-12)


def test_size_is_that_of_the_runs_that_ignited() -> None:
    found = ignition([made_up(True, 0.4), made_up(True, 0.6), made_up(False, 0.02)])
    assert (found.runs, found.ignited) == (3, 2)
    assert found.probability.share == pytest.approx(2 / 3)
    assert (found.size, found.size_low, found.size_high) == pytest.approx((0.5, 0.45, 0.55))
    assert math.isnan(ignition([made_up(False, 0.02)]).size)


def test_the_reproduction_number_weighs_hearers_not_runs() -> None:
    found = ignition([made_up(True, early=Cohort(1, 90, 180)), made_up(False, early=Cohort(1, 10, 0)), made_up(False)])
    assert found.reproduction_number == pytest.approx(1.8)
    assert math.isnan(ignition([made_up(False)]).reproduction_number)
    with pytest.raises(InputError, match="no runs"):
        ignition([])


def test_generations_of_replicates_add_up() -> None:
    one = made_up(False, generations=(Cohort(0, 1, 3), Cohort(1, 3, 2), Cohort(2, 2, 0)))
    table = reproduction([one, made_up(False, generations=(Cohort(0, 1, 1), Cohort(1, 1, 0)))])
    assert table["generation"].tolist() == [0, 1, 2]
    assert table["runs"].tolist() == [2, 2, 1]
    assert table["reproduction_number"].tolist() == pytest.approx([2.0, 0.5, 0.0])
    with pytest.raises(ValueError, match="allowed: generation, day"):
        reproduction([one], by="week")


def test_days_count_from_the_event(run: RunResult) -> None:
    by_day = reproduction([outbreak(run)], by="day")
    assert by_day["day"].iloc[0] == 0
    assert by_day["consumers"].sum() == run.messages["size"].sum()


# -- regimes -------------------------------------------------------------------------------------------------------


def test_the_crossing_lies_on_a_straight_line_between_its_neighbours() -> None:
    def runs(number: float) -> tuple[Outbreak, ...]:
        return (made_up(False, early=Cohort(1, 100, round(100 * number))),)

    assert Regimes("x", (0.1, 0.2, 0.4), (runs(0.5), runs(0.8), runs(1.6))).crossing() == pytest.approx(0.25)
    assert math.isnan(Regimes("x", (0.1, 0.2), (runs(0.5), runs(0.8))).crossing())


def test_a_sweep_is_the_runs_one_by_one() -> None:
    scenario = story(tellers=5)
    swept = sweep_ignition(scenario, "word_of_mouth.share", [0.05, 0.3], replicates=2, seed=5, workers=1)
    for value, runs in zip(swept.values, swept.outbreaks, strict=True):
        assert runs == tuple(outbreak(simulate(scenario.override({"word_of_mouth.share": value}), seed)) for seed in (5, 6))
    assert swept.summary["value"].tolist() == [0.05, 0.3] and not swept.failures
    for wrong in ({"values": []}, {"values": [0.1], "replicates": 0}):
        with pytest.raises(InputError):
            sweep_ignition(scenario, "word_of_mouth.share", **{"workers": 1, **wrong})  # type: ignore[arg-type]  # on purpose


@pytest.mark.slow
@pytest.mark.compiled
def test_an_independent_cascade_ignites_where_one_hearer_tells_one_more() -> None:
    """Poisson ties: R = visibility x degree, so it crosses 1 at 1/8; at R = 2 it ignites with the final size .797 (Newman 2002)."""
    found = sweep_ignition(cascade(2000, 8.0), "word_of_mouth.visibility", [0.05, 0.1, 0.15, 0.25], replicates=40, workers=1)
    table = found.summary.set_index("value")
    assert found.crossing() == pytest.approx(1 / 8, rel=0.15)
    for value, row in table.iterrows():
        assert abs(row["reproduction_number"] - 8.0 * float(value)) < 4 * row["reproduction_se"] + 0.05 * 8.0 * float(
            value
        )  # finite market
    assert table.loc[0.05, "ignited"] == 0
    assert abs(table.loc[0.25, "probability"] - 0.797) < 4 * math.sqrt(0.797 * 0.203 / 40)
    assert table.loc[0.25, "size"] == pytest.approx(0.797, abs=0.03)


@pytest.mark.slow
@pytest.mark.compiled
def test_on_the_default_graph_stories_die_below_one_and_often_ignite_above() -> None:
    changes = {"population.size": 2000, "word_of_mouth.interest_half_life": "off", "run.days": 70}
    found = sweep_ignition(story(**changes), "word_of_mouth.share", [0.03, 0.06, 0.09, 0.14], replicates=20, seed=100, workers=1)
    table = found.summary
    assert table["reproduction_number"].is_monotonic_increasing
    dies, fires = table[table["reproduction_number"] < 0.7], table[table["reproduction_number"] > 1.3]
    assert len(dies) and len(fires)
    assert (dies["ignited"] == 0).all()
    assert (fires["low"] > 0.1).all()
    assert 0.03 < found.crossing() < 0.14


def test_ignition_needs_hearers_not_luck_of_the_line() -> None:
    """Away from the crossing the line matters little: few outbreaks lie between half of it and twice it."""
    found = sweep_ignition(cascade(1000, 8.0), "word_of_mouth.visibility", [0.3], replicates=30, workers=1)
    passed_on = np.array([each.passed_on for each in found.outbreaks[0]])
    assert ((passed_on > IGNITES_AT / 2) & (passed_on < 2 * IGNITES_AT)).sum() <= 1
