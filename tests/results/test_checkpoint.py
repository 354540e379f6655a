"""Checkpoints: complete, exact, safe to read, and never mixed up."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from simulator.parameters import InputError
from simulator.results.checkpoint import Checkpoint
from simulator.results.run_result import RunResult
from tests.results.small_market import SCENARIO, Model, make_market
from tests.results.test_run_result import made, same


def filled() -> Model:
    """A model with something in every corner."""
    model = made()
    market = model.market
    r = np.random.default_rng(1)
    for table in (market.state, market.brands):
        for field in dataclasses.fields(table):
            column = getattr(table, field.name)
            column[:] = r.integers(0, 2, column.shape)
    w = market.waiting
    w.brand, w.kind, w.day = np.array([1], np.int8), np.array([2], np.uint8), np.array([7], np.int32)
    w.consumer, w.key, w.amount = np.array([3], np.int32), np.array([2**64 - 1], np.uint64), np.array([0.1])
    model.heard[1][0] = 5
    return model


def test_a_model_goes_on_from_a_checkpoint_as_if_it_had_never_stopped() -> None:
    model = filled()
    fresh = Model(make_market(10))
    Checkpoint.of(model).restore(fresh)
    for table in ("state", "brands", "waiting", "purchases"):
        for field in dataclasses.fields(getattr(model.market, table)):
            before, after = (getattr(getattr(m.market, table), field.name) for m in (model, fresh))
            assert before.dtype == after.dtype and np.array_equal(before, after, equal_nan=True), field.name
            assert not np.shares_memory(before, after)
    assert fresh.market.day == 2 and fresh.heard == [[0, 0], [5, 0]]
    assert [brand.history for brand in fresh.brands] == [brand.history for brand in model.brands]
    assert fresh.market.spending == model.market.spending
    for m in (model, fresh):
        m.market.spending.append((2, 0, "ads:tv", 1.0, 77))
        m.heard_by([4], valence=-1, author=3)
        m.day(bought=[(0, 0)])
    same(RunResult.of(model), RunResult.of(fresh))


def test_a_checkpoint_is_a_copy() -> None:
    model = filled()
    kept = Checkpoint.of(model)
    trust = kept.arrays["market/state/trust"].copy()
    model.market.state.trust += 1
    model.day()
    assert (kept.arrays["market/state/trust"] == trust).all() and kept.day == 2


def test_a_new_model_can_be_kept_before_its_first_day() -> None:
    model = Model(make_market())
    fresh = Model(make_market())
    Checkpoint.of(model).restore(fresh)
    fresh.day()
    assert len(fresh.recorder.daily()) == 2


def test_every_field_of_the_state_is_in_it() -> None:
    model = filled()
    arrays = Checkpoint.of(model).arrays
    for table in ("state", "brands", "waiting"):
        for field in dataclasses.fields(getattr(model.market, table)):
            assert f"market/{table}/{field.name}" in arrays
    for name in ("fit", "anchor", "proof", "shown", "shown_next", "day", "mean_irrelevance"):
        assert f"market/{name}" in arrays


def test_a_file_gives_back_the_same_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = pytest.importorskip("simulator.scenario.load")
    read = []
    monkeypatch.setattr(load, "load_scenario", lambda data: read.append(data) or SCENARIO)
    kept = Checkpoint.of(filled())
    kept.save(tmp_path / "sub" / "day2.npz")
    back = Checkpoint.load(tmp_path / "sub" / "day2.npz")
    assert (back.seed, back.day, back.without, back.scenario) == (1, 2, (), SCENARIO) and read == [SCENARIO.to_dict()]
    assert back.arrays.keys() == kept.arrays.keys()
    for name, array in kept.arrays.items():
        assert array.dtype == back.arrays[name].dtype and np.array_equal(array, back.arrays[name], equal_nan=array.dtype.kind == "f"), name
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["day2.npz"]


def test_results_keep_their_checkpoint_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = pytest.importorskip("simulator.scenario.load")
    monkeypatch.setattr(load, "load_scenario", lambda _: SCENARIO)
    run = RunResult.of(made())
    assert RunResult.load(run.save(tmp_path / "with", checkpoint=True)).checkpoint.day == 2
    without = RunResult.load(run.save(tmp_path / "without"))
    with pytest.raises(InputError, match="checkpoint=True"):
        _ = without.checkpoint
    assert without.scenario is SCENARIO


def test_another_scenario_seed_or_set_of_rules_is_refused() -> None:
    kept = Checkpoint.of(made())
    other = SimpleNamespace(**vars(SCENARIO) | {"hash": "def"})
    for model in (made(seed=2), made(scenario=other), made(without=("purchase",))):
        with pytest.raises(InputError, match="the checkpoint belongs to scenario abc, seed 1, without nothing"):
            kept.restore(model)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    for name, content in (("pickle.npz", pickle.dumps({"who": 1})), ("text.npz", b"hello"), ("empty.npz", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="no checkpoint, or a damaged one"):
            Checkpoint.load(tmp_path / name)
    np.savez(tmp_path / "objects.npz", who=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="no checkpoint, or a damaged one"):
        Checkpoint.load(tmp_path / "objects.npz")
    with pytest.raises(InputError, match="there is no checkpoint"):
        Checkpoint.load(tmp_path / "nowhere.npz")


def test_what_a_checkpoint_cannot_hold_is_an_error() -> None:
    model = made()
    model.market.day = pd.Timestamp(0)  # type: ignore[assignment]  # a field that some plug-in might add
    with pytest.raises(TypeError, match="cannot hold day"):
        Checkpoint.of(model)
