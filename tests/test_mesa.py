"""The model as a Mesa user meets it: agents, data collector, batch runs, SolaraViz."""

from __future__ import annotations

import gc
import warnings
import weakref
from pathlib import Path
from types import ModuleType
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

from simulator import Scenario, WordOfMouthModel, simulate
from simulator.model import COLLECTED, Brand
from tests.mechanisms.town import AURORA, town

TOWN = Path(__file__).parent / "mechanisms" / "market.toml"
DAYS = 6


def small(**changes: Any) -> Scenario:
    """The town, a few days of a few people, with one brand that advertises."""
    interruption = {"kind": "interruption", "channels": {"tv": 1.0}}
    return town({"run.days": DAYS, "population.size": 200, f"{AURORA}.strategy": interruption} | changes)


def assert_rows_are_days(rows: pd.DataFrame, daily: pd.DataFrame) -> None:
    """What Mesa collected is what the daily table says, brand by brand."""
    assert len(rows) == len(daily)
    left = rows.rename(columns={"name": "brand"})[["day", "brand", *COLLECTED]].astype({"brand": "str"}).reset_index(drop=True)
    right = daily[["day", "brand", *COLLECTED]].astype({"brand": "str"}).reset_index(drop=True)
    pd.testing.assert_frame_equal(left, right, check_exact=True, check_dtype=False)


# -- agents and consumers ------------------------------------------------------------------------------------------------


def test_brands_are_the_agents() -> None:
    model = WordOfMouthModel(small(), rng=1)
    assert isinstance(model, mesa.Model)
    assert [agent.name for agent in model.agents] == ["Aurora", "Boreal"]
    assert model.agent_types == [Brand]
    assert all(isinstance(agent, mesa.Agent) for agent in model.agents)


def test_a_consumer_can_be_looked_at_as_if_she_were_an_object() -> None:
    model = WordOfMouthModel(small(), rng=1)
    model.step()
    she = model.consumer(7)
    state, people = model.market.state, model.market.consumers
    assert she.trust == {"Aurora": state.trust[7, 0], "Boreal": state.trust[7, 1]}
    assert she.purchases["Boreal"] == state.purchases[7, 1]
    assert she.voice == people.voice[7]
    assert she.needs == people.needs[7].tolist()
    assert she.segment == "everybody"
    assert she.key == people.keys[7]
    friends = she.hearers("strong")
    assert friends
    assert all(7 in model.consumer(friend).hearers("strong") for friend in friends)  # strong ties are mutual
    with pytest.raises(AttributeError, match="a consumer has no wealth"):
        _ = she.wealth
    for nobody in (-1, 200):
        with pytest.raises(IndexError, match="0 to 199"):
            model.consumer(nobody)


# -- running -------------------------------------------------------------------------------------------------------------------


def test_the_model_stops_running_after_its_days() -> None:
    model = WordOfMouthModel(small(), rng=1)
    for _ in range(DAYS):
        assert model.running
        model.step()
    assert not model.running
    again = WordOfMouthModel(small(), rng=1)
    again.run_model()
    assert again.steps == model.steps == DAYS


def test_the_same_seed_gives_the_same_result_as_simulate() -> None:
    model = WordOfMouthModel(small(), rng=11)
    model.run_model()
    pd.testing.assert_frame_equal(model.recorder.daily(), simulate(small(), seed=11).daily, check_exact=True)


def test_whatever_rng_is_given_the_seed_is_kept() -> None:
    assert WordOfMouthModel(small(), rng=5).seed == 5
    first, second = (WordOfMouthModel(small(), rng=np.random.default_rng(5)).seed for _ in range(2))
    assert first == second
    generator = np.random.default_rng(5)
    assert WordOfMouthModel(small(), rng=generator).seed != WordOfMouthModel(small(), rng=generator).seed
    fresh = WordOfMouthModel(small())
    assert fresh.seed != WordOfMouthModel(small()).seed
    fresh.run_model()
    assert fresh.recorder.daily().equals(simulate(small(), seed=fresh.seed).daily)


def test_a_scenario_is_a_path_or_an_object_and_overrides_are_dotted() -> None:
    changes: dict[str, Any] = {"population.size": 100, f"{AURORA}.budget_per_day": 1.0}
    by_path = WordOfMouthModel(str(TOWN), rng=1, **changes)
    by_object = WordOfMouthModel(town(), rng=1, **changes)
    assert by_path.scenario.hash == by_object.scenario.hash == town(changes).hash
    assert by_path.market.n == 100


def test_without_a_scenario_the_bundled_one_runs() -> None:
    model = WordOfMouthModel(rng=1, **{"population.size": 100})
    model.step()
    assert len(model.agents) == 3


# -- data collector and batch_run ------------------------------------------------------------------------------------------------


def test_the_data_collector_holds_the_daily_table() -> None:
    model = WordOfMouthModel(small(), rng=1)
    model.run_model()
    daily = model.recorder.daily()
    agents = model.datacollector.get_agent_vars_dataframe().reset_index().rename(columns={"Step": "day"})
    assert_rows_are_days(agents, daily)
    market = model.datacollector.get_model_vars_dataframe()
    assert market.day.tolist() == market.index.tolist() == list(range(DAYS))
    for brand in ("Aurora", "Boreal"):
        for name in COLLECTED:
            np.testing.assert_array_equal(market[f"{brand} {name}"], daily[daily.brand == brand][name])


@pytest.mark.parametrize("scenario", [str(TOWN), town()], ids=["path", "object"])
def test_it_runs_in_batch_run(scenario: Any) -> None:
    parameters: dict[str, Any] = {
        "scenario": scenario, "rng": range(2), "run.days": DAYS, "population.size": 200,
        f"{AURORA}.budget_per_day": [1.0, 3.0], f"{AURORA}.strategy.kind": "interruption",
    }  # fmt: skip
    rows = pd.DataFrame(mesa.batch_run(WordOfMouthModel, parameters, number_processes=1, iterations=1, display_progress=False))
    assert len(rows) == 2 * 2 * 2  # seeds, budgets, brands
    for (seed, budget), of_run in rows.groupby(["rng", f"{AURORA}.budget_per_day"]):
        changes = {f"{AURORA}.strategy.kind": "interruption", f"{AURORA}.budget_per_day": budget}
        run = simulate(town({"run.days": DAYS, "population.size": 200} | changes), seed=seed)
        assert_rows_are_days(of_run, run.daily[run.daily.day == DAYS - 1])
    assert rows[rows.name == "Aurora"].spend.tolist() == [1.0, 3.0, 1.0, 3.0]


def test_batch_run_can_collect_every_day() -> None:
    parameters = {"scenario": small(), "rng": [4]}
    rows = mesa.batch_run(
        WordOfMouthModel, parameters, number_processes=1, iterations=1, data_collection_period=1, display_progress=False
    )  # fmt: skip
    assert_rows_are_days(pd.DataFrame(rows), simulate(small(), seed=4).daily)


# -- SolaraViz -------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def viz() -> ModuleType:
    """mesa.visualization, which is imported only here: solara finds fault with the order of hooks in Mesa's own component."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*ComponentsView.*use_state. found despite early return", UserWarning)
        import mesa.visualization
    return mesa.visualization


def test_it_shows_in_solara_viz_and_obeys_its_controls(viz: ModuleType) -> None:
    import ipyvuetify
    import ipywidgets
    import solara

    model = solara.reactive(WordOfMouthModel(small(), rng=1))
    first = model.value
    days = {"type": "SliderInt", "label": "days", "value": DAYS, "min": 1, "max": 9}

    @solara.component
    def application() -> None:
        with solara.AppLayout():
            viz.SolaraViz(
                model,
                components=[viz.make_plot_component(["Aurora trust", "Boreal trust"]), viz.make_plot_component("Aurora reach")],
                model_params={"scenario": small(), "rng": 1, "run.days": days},
                name="World of Mouth",
            )

    _, shown = solara.render(application(), handle_error=False)
    try:

        def button(label: str) -> Any:
            return next(widget for widget in shown.find(ipyvuetify.Btn).widgets if label in widget.children)

        def pictures() -> list[bytes]:
            return [bytes(image.value) for image in shown.find(ipywidgets.Image).widgets]

        before = pictures()
        for day in range(1, DAYS + 1):
            assert not button("Step").disabled
            button("Step").click()
            assert first.steps == day
        assert button("Step").disabled
        assert not first.running
        assert len(pictures()) == 2
        assert all(new != old for new, old in zip(pictures(), before, strict=True))
        assert first.recorder.daily().equals(simulate(small(), seed=1).daily)

        slider = next(widget for widget in shown.find(ipyvuetify.Slider).widgets if widget.label == "days")
        slider.v_model = 2
        button("Reset").click()
        second = model.value
        assert second is not first
        assert (second.steps, second.scenario.run.days, second.seed) == (0, 2, 1)
        button("Step").click()
        button("Step").click()
        assert not second.running
        assert not shown.find(ipyvuetify.Alert).widgets  # nothing went wrong in a step
    finally:
        shown.close()


def test_a_model_that_nobody_holds_is_forgotten() -> None:
    model = WordOfMouthModel(**{"population.size": 100, "run.days": 1})
    trace = weakref.ref(model)
    del model
    gc.collect()
    assert trace() is None
