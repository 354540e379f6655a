"""What the page is sent about a day says what the tables say."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import load_scenario
from simulator.app import scene
from simulator.app.layout import Drawing, drawing_of
from simulator.model import WordOfMouthModel
from simulator.results.reading import TIERS
from tests.laws.markets import BUSY, scenario

DAYS = 12


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def model() -> WordOfMouthModel:
    model = WordOfMouthModel(scenario(BUSY), rng=3)
    for _ in range(DAYS):
        model.step()
    return model


@pytest.fixture(scope="module")
def drawing(model: WordOfMouthModel) -> Drawing:
    return drawing_of(model.market.graph)


def test_the_tiers_drawn_are_those_of_the_daily_table(model: WordOfMouthModel, drawing: Drawing) -> None:
    last = model.recorder.daily().tail(3).reset_index(drop=True)
    for brand in range(3):
        drawn = np.bincount(scene.tiers(model.market, drawing.consumers, brand), minlength=len(TIERS)) / model.market.n
        assert drawn.tolist() == pytest.approx([last.loc[brand, name] for name in TIERS])


def test_the_steps_of_trust_average_to_the_mean_of_the_table(model: WordOfMouthModel, drawing: Drawing) -> None:
    steps = scene.states_of(model, drawing, "trust", 1) & 15
    assert steps.max() < scene.STEPS
    assert (steps.mean() + 0.5) / scene.STEPS == pytest.approx(model.recorder.latest("trust", 1), abs=0.5 / scene.STEPS)


def test_who_has_never_bought_has_no_favourite(model: WordOfMouthModel, drawing: Drawing) -> None:
    favourites = scene.states_of(model, drawing, "favourite", 0) & 15
    never = (model.market.state.purchases[drawing.consumers] == 0).all(axis=1)
    assert never.any() and (favourites[never] == scene.NOBODY).all()
    assert set(np.unique(favourites[~never])) <= {0, 1, 2, scene.NOBODY}


def test_the_tellings_of_the_day_are_those_of_the_log(model: WordOfMouthModel, drawing: Drawing) -> None:
    log, told = model.market.messages.log(), scene.tellings_of(model, drawing)
    today = (log["day"] == DAYS - 1) & (log["teller"] >= 0)
    assert len(told.teller) == np.count_nonzero(today) > 0
    assert sorted(drawing.consumers[told.hearer].tolist()) == sorted(log["hearer"][today].tolist())
    about = model.market.messages.brand[log["message"][today]]
    assert np.bincount(told.brand, minlength=3).tolist() == np.bincount(about, minlength=3).tolist()
    assert len(scene.tellings_of(model, drawing, 1).teller) == np.count_nonzero(about == 1)


def test_tellers_of_the_day_are_marked(model: WordOfMouthModel, drawing: Drawing) -> None:
    told, states = scene.tellings_of(model, drawing), scene.states_of(model, drawing, "favourite", 0)
    assert set(np.flatnonzero(states & scene.WARNED)) == set(told.teller[told.bad == 1].tolist())
    assert set(np.flatnonzero(states & scene.PRAISED)) == set(told.teller[told.bad == 0].tolist())


def test_of_very_many_tellings_some_are_shown(model: WordOfMouthModel, drawing: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "MOST_SHOWN", 4)
    assert len(scene.tellings_of(model, drawing).teller) == 4


@pytest.mark.parametrize("view", scene.VIEWS)
def test_a_frame_is_read_as_it_was_written(view: str, model: WordOfMouthModel, drawing: Drawing) -> None:
    data = scene.frame(77, model, drawing, view, 1)
    number, day, n, told = np.frombuffer(data, "<u4", 4).tolist()
    assert (number, day, n) == (77, DAYS, model.market.n)
    assert np.array_equal(np.frombuffer(data, np.uint8, n, 16), scene.states_of(model, drawing, view, 1))
    pairs_at = 16 + n + -n % 4
    assert len(data) == pairs_at + 6 * told
    expected = scene.tellings_of(model, drawing, None if view == "favourite" else 1)
    pairs = np.frombuffer(data, "<u2", 2 * told, pairs_at).reshape(-1, 2)
    assert np.array_equal(pairs[:, 0], expected.teller) and np.array_equal(pairs[:, 1], expected.hearer)


def test_a_run_without_a_log_shows_no_tellings() -> None:
    quiet = load_scenario("scenarios/three_eras/silent.toml", {"population.size": 100, "record.tellings": False})
    model = WordOfMouthModel(quiet, rng=1)
    model.step()
    assert len(scene.tellings_of(model, drawing_of(model.market.graph)).teller) == 0
