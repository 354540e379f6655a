"""Run results: tables, files that are whole or not there, and nobody else's results lost."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.parameters import InputError
from simulator.results.ledger import COLUMNS
from simulator.results.run_result import TABLES, RunResult
from tests.results.small_market import Model, make_market


def made(seed: int = 1, **changes: object) -> Model:
    model = Model(make_market(10), seed=seed, **changes)  # type: ignore[arg-type]  # whatever a test changes
    market = model.market
    market.spending += [(0, 0, "ads:tv", 100.0, 1234), (0, 1, "sends", 3.0, 1)]
    market.adoptions.append((0, np.array([2, 3], np.int32), np.array([0, 1]), np.array([0, 2], np.uint8), np.array([-1, 5], np.int32)))
    model.heard_by([1, 2], valence=-1)
    model.day({"messages_negative": [1, 0], "tellings_negative": [2, 0]}, bought=[(2, 0), (3, 1)])
    model.day()
    return model


def same(a: RunResult, b: RunResult) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(a.table(name), b.table(name))


def test_tables_have_the_promised_columns() -> None:
    run = RunResult.of(made())
    assert run.daily.shape[0] == 4 and run.kpis.index.tolist() == ["A", "B"]
    promised = ["message", "day", "brand", "valence", "origin", "author", "size", "depth", "breadth", "virality", "reach"]
    assert set(promised) <= set(run.messages.columns)
    message = run.messages.iloc[0]
    assert (message["brand"], message["origin"], message["size"], message["depth"], message["reach"]) == ("A", "experience", 3, 1, 0.2)
    assert set(run.tellings.columns) == {"message", "day", "teller", "hearer", "layer", "online"}
    assert run.tellings[["message", "day", "teller", "hearer"]].to_numpy().tolist() == [[0, 0, 0, 1], [0, 0, 0, 2]]
    assert run.tellings["layer"].tolist() == ["strong", "strong"]
    assert run.adoptions.to_numpy().tolist() == [[0, 2, "A", "ad", -1], [0, 3, "B", "told", 5]]
    assert run.spending.to_numpy().tolist() == [[0, "A", "ads:tv", 100.0, 1234, 12.34], [0, "B", "sends", 3.0, 1, 0.01]]
    assert run.ledger.columns.tolist() == list(COLUMNS) and len(run.ledger) == 0
    assert len(run.episodes) == 0
    assert run.versions["world-of-mouth"] and run.versions["numpy"]


def test_spending_lines_sum_to_the_daily_spend_exactly() -> None:
    run = RunResult.of(made())
    by_brand = run.spending.groupby(["day", "brand"])["cents"].sum()
    daily = run.daily.set_index(["day", "brand"])["spend"]
    assert all(round(100 * daily[place]) == cents for place, cents in by_brand.items())


def test_a_run_without_anything_has_empty_tables_with_columns() -> None:
    model = Model(make_market())
    model.day()
    run = RunResult.of(model)
    for name in ("messages", "tellings", "adoptions", "spending", "episodes"):
        assert len(run.table(name)) == 0 and len(run.table(name).columns) > 4, name


def test_saved_and_loaded_results_are_equal(tmp_path: Path) -> None:
    run = RunResult.of(made())
    back = RunResult.load(run.save(tmp_path / "a" / "run"))
    same(run, back)
    assert (back.seed, back.days, back.consumers, back.versions) == (1, 2, 10, run.versions)
    assert (back.provenance["hash"], back.brands, back.without) == ("abc", ("A", "B"), ())
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["run"]
    provenance = json.loads((tmp_path / "a" / "run" / "run.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert provenance["scenario"] == {"title": "by hand", "x": {"float": "inf"}}


def test_empty_tables_survive_a_file(tmp_path: Path) -> None:
    model = Model(make_market())
    model.day()
    run = RunResult.of(model)
    same(run, RunResult.load(run.save(tmp_path / "run")))


def test_results_travel_to_another_process() -> None:
    run = RunResult.of(made())
    same(run, pickle.loads(pickle.dumps(run)))


def test_the_same_run_may_be_saved_again_and_another_may_not(tmp_path: Path) -> None:
    folder = RunResult.of(made()).save(tmp_path / "run")
    longer = made()
    longer.day()
    RunResult.of(longer).save(folder)
    assert RunResult.load(folder).days == 3
    for other, word in ((made(seed=2), "seed"), (made(without=("purchase",)), "without")):
        with pytest.raises(InputError, match=f"another run \\(its {word}"):
            RunResult.of(other).save(folder)
    assert RunResult.load(folder).days == 3 and RunResult.load(folder).seed == 1


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="holds no result of a run"):
        RunResult.of(made()).save(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="holds no result"):
        RunResult.of(made()).save(tmp_path / "file")
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    (tmp_path / "empty").mkdir()
    RunResult.of(made()).save(tmp_path / "empty")


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no result of a run"):
        RunResult.load(tmp_path / "nowhere")
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        RunResult.load(tmp_path)
    (tmp_path / "run.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(InputError, match="not written by this version"):
        RunResult.load(tmp_path)


def test_a_failure_while_writing_leaves_the_older_result_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunResult.of(made()).save(tmp_path / "run")
    longer = made()
    longer.day()

    def full_disk(self: Path, *_: object, **__: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space"):
        patch.setattr(Path, "write_text", full_disk)
        RunResult.of(longer).save(folder)
    assert RunResult.load(folder).days == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_older_result_comes_back_if_the_new_one_cannot_take_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunResult.of(made()).save(tmp_path / "run")
    rename = Path.rename

    def stubborn(self: Path, target: Path) -> Path:
        if self.name.endswith(".part"):
            raise OSError("in use")
        return rename(self, target)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="in use"):
        patch.setattr(Path, "rename", stubborn)
        RunResult.of(made()).save(folder)
    assert RunResult.load(folder).days == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this platform cannot kill a process at once")
def test_killed_in_the_middle_of_writing_the_older_result_is_whole(tmp_path: Path) -> None:
    folder = RunResult.of(made()).save(tmp_path / "run")
    script = f"""
        import sys, time
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        import pandas
        from simulator.results.run_result import RunResult
        from tests.results.test_run_result import made
        write = pandas.DataFrame.to_parquet
        def slow(self, path, **more):
            write(self, path, **more)
            if path.name == "messages.parquet":
                print("writing", flush=True)
                time.sleep(60)
        pandas.DataFrame.to_parquet = slow
        model = made(); model.day()
        RunResult.of(model).save({str(folder)!r})
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "writing\n"
        os.kill(process.pid, signal.SIGKILL)
    time.sleep(0.01)
    assert RunResult.load(folder).days == 2
    same(RunResult.load(folder), RunResult.of(made()))


def test_a_result_does_not_change_with_the_model(tmp_path: Path) -> None:
    model = made()
    run = RunResult.of(model)
    first = run.daily
    model.day()
    assert run.daily is first
    with pytest.raises(RuntimeError, match="gone on from day 2 to 3"):
        _ = run.messages


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(KeyError, match="there are daily, kpis"):
        RunResult.of(made()).table("tweets")
