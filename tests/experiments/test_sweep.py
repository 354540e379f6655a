"""Sweeps: what a study loses (nothing), what it pairs, what it refuses."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator import load_scenario, simulate
from simulator.experiments.study import Study, open_folder, to_do
from simulator.experiments.sweep import estimate, plan_of, run, sweep
from simulator.parameters import InputError
from simulator.results.kpis import kpi_table
from simulator.results.weekly import FLOWS, weekly
from simulator.scenario.schema import Scenario
from tests.experiments.studies import SHARE, parts, tiny

pytestmark = pytest.mark.compiled

BUDGET = "brands.Aurora.budget_per_day"
SMALL = {"population.size": 120, "run.days": 21}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("scenarios/three_eras/interruption.toml").override(SMALL)


@pytest.fixture(scope="module")
def study(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Study:
    vary = {BUDGET: [0.0, 3000.0, 9000.0], "network.weak": [6.0, 2.0]}
    return sweep(scenario, vary, replicates=4, workers=1, out=tmp_path_factory.mktemp("study") / "here", seed=5)


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a study's folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_a_row_is_the_run_it_names(study: Study, scenario: Scenario) -> None:
    row = study.frame().iloc[13]
    settings = {key: row[key] for key in study.keys}
    alone = kpi_table(simulate(scenario.override(settings), seed=int(row["seed"])).daily).loc["Aurora"]
    for kpi, value in alone.items():
        assert row[kpi] == value or (pd.isna(row[kpi]) and pd.isna(value)), kpi


def test_every_run_is_there_once_and_replicates_share_their_seed(study: Study) -> None:
    frame = study.frame()
    assert len(frame) == study.runs == 24
    assert not study.missing
    assert not frame.duplicated(["cell", "replicate"]).any()
    assert (frame["seed"] == 5 + frame["replicate"]).all()


def test_keys_that_change_ties_are_not_paired_with_the_scenario(study: Study) -> None:
    frame = study.frame()
    usual = simulate(study.scenario, seed=5, until=1).scenario.network.weak
    assert set(frame.loc[frame["pairing_ok"], "network.weak"]) <= {usual}
    for _, rows in frame.groupby("replicate"):
        assert rows.groupby("network.weak")["world"].nunique().eq(1).all()
        assert rows["world"].nunique() == 2


def test_a_contrast_is_the_paired_difference(study: Study) -> None:
    frame, contrast = study.frame(), study.contrast({BUDGET: 0.0, "network.weak": 6.0}, ["units", "profit"])
    richer = study.cell({BUDGET: 9000.0, "network.weak": 6.0})
    by_hand = frame[frame["cell"] == richer]["units"].to_numpy() - frame[frame["cell"] == 0]["units"].to_numpy()
    row = contrast[(contrast["cell"] == richer) & (contrast["kpi"] == "units")].iloc[0]
    assert row["mean"] == pytest.approx(by_hand.mean())
    assert row["n"] == 4
    other_ties = contrast[contrast["network.weak"] == 2.0]
    assert (other_ties["n"] == 0).all()
    assert set(other_ties["verdict"]) == {"cannot tell"}


def test_weeks_sum_what_flows_and_keep_what_stands(study: Study, scenario: Scenario) -> None:
    daily = simulate(scenario, seed=5).daily
    weeks = weekly(daily)
    of_one, days = weeks[weeks["brand"] == "Aurora"], daily[daily["brand"] == "Aurora"]
    assert of_one["units"].sum() == pytest.approx(days["units"].sum())
    assert of_one["trust"].iloc[1] == days["trust"].iloc[13]
    assert set(daily.columns) >= FLOWS
    kept = study.frame("weeks")
    assert len(kept) == 24 * 3
    assert set(kept["brand"]) == {"Aurora"}


def test_one_process_two_and_shares_write_the_same_bytes(scenario: Scenario, study: Study, tmp_path: Path) -> None:
    vary = {BUDGET: [0.0, 3000.0, 9000.0], "network.weak": [6.0, 2.0]}
    sweep(scenario, vary, replicates=4, workers=2, out=tmp_path / "two", seed=5)
    assert files(tmp_path / "two") == files(study.path)
    for i in (3, 1, 2):
        sweep(scenario, vary, replicates=4, workers=1, out=tmp_path / "shares", seed=5, share=(i, 3))
    assert files(tmp_path / "shares") == files(study.path)


def test_what_is_missing_is_computed_and_nothing_else_touched(scenario: Scenario, study: Study, tmp_path: Path) -> None:
    vary = {BUDGET: [0.0, 3000.0, 9000.0], "network.weak": [6.0, 2.0]}
    plan = plan_of(scenario, vary, 4, seed=5)
    run(plan, tmp_path, workers=1)
    lost = tmp_path / "kpis" / plan.parts[1].file
    lost.unlink()
    (tmp_path / "kpis" / f".{plan.parts[1].file}.99").write_bytes(b"half")
    assert to_do(plan, tmp_path) == [plan.parts[1]]
    assert len(Study(tmp_path).missing) == len(plan.parts[1].runs)
    times = {file: file.stat().st_mtime_ns for file in (tmp_path / "kpis").glob("part-*")}
    done: list[tuple[int, int]] = []
    run(plan, tmp_path, workers=1, progress=lambda part, total: done.append((part, total)))
    assert all(file.stat().st_mtime_ns == before for file, before in times.items())
    assert lost.read_bytes() == (study.path / "kpis" / lost.name).read_bytes()
    assert done[0] == (24 - len(plan.parts[1].runs), 24)
    assert done[-1] == (24, 24)


def test_a_study_grows_by_replicates(scenario: Scenario, tmp_path: Path) -> None:
    vary = {SHARE: [0.1, 0.2]}
    sweep(scenario, vary, replicates=4, workers=1, out=tmp_path / "grown", keep="kpis")
    grown = sweep(scenario, vary, replicates=8, workers=1, out=tmp_path / "grown", keep="kpis")
    at_once = sweep(scenario, vary, replicates=8, workers=1, out=tmp_path / "at_once", keep="kpis")
    assert files(grown.path) == files(at_once.path)


def test_a_run_that_fails_is_a_row_with_its_error(scenario: Scenario, tmp_path: Path) -> None:
    # each value is allowed; but 101 consumers fill no lattice
    vary = {"population.size": [100, 101], "network.kind": ["small_world", "lattice"]}
    study = sweep(scenario, vary, replicates=1, workers=1, out=tmp_path / "s")
    frame = study.frame()
    assert frame["error"].isna().tolist() == [True, True, True, False]
    assert "101" in study.failures["error"].item()
    assert frame["units"].isna().tolist() == [False, False, False, True]


def test_a_folder_of_another_study_is_refused(scenario: Scenario, study: Study, tmp_path: Path) -> None:
    before = files(study.path)
    with pytest.raises(InputError, match=r"holds another study \(other keys, other settings, seed 5\)"):
        sweep(scenario, {SHARE: [0.1]}, replicates=4, workers=1, out=study.path)
    with pytest.raises(InputError, match="another scenario"):
        sweep(scenario.override({"run.days": 20}), {BUDGET: [0.0]}, replicates=4, workers=1, out=study.path)
    assert files(study.path) == before
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        sweep(scenario, {SHARE: [0.1]}, out=tmp_path)
    with pytest.raises(InputError, match="holds no study"):
        Study(tmp_path)


def test_what_cannot_be_run_is_refused_before_anything_is_written(scenario: Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1,000,000,000 runs"):
        sweep(scenario, {SHARE: "0:1:1000", BUDGET: "0:1:1000"}, replicates=1000, out=tmp_path / "s")
    with pytest.raises(InputError, match=r"word_of_mouth\.shere: unknown key.*share"):
        sweep(scenario, {"word_of_mouth.shere": [0.1]}, out=tmp_path / "s")
    with pytest.raises(InputError) as refused:
        sweep(scenario, {SHARE: [0.1, 7.0], "run.days": [-3, 10]}, out=tmp_path / "s")
    assert len(str(refused.value).splitlines()) == 2
    with pytest.raises(InputError, match="replicates is 0"):
        sweep(scenario, {SHARE: [0.1]}, replicates=0, out=tmp_path / "s")
    with pytest.raises(InputError, match='keep is "all"'):
        sweep(scenario, {SHARE: [0.1]}, keep="all", out=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_whole_files_are_levels_too(tmp_path: Path) -> None:
    paths = [f"scenarios/three_eras/{name}.toml" for name in ("interruption", "silent")]
    vary = {"scenario": paths, "population.size": [100], "run.days": [7]}
    study = sweep(paths[0], vary, replicates=2, workers=1, out=tmp_path / "s", keep="logs")
    frame = study.frame()
    assert frame["pairing_ok"].all() or not frame["pairing_ok"].any()  # all cells have the same people and ties
    assert frame.loc[frame["scenario"] == paths[1], "cost"].lt(frame.loc[frame["scenario"] == paths[0], "cost"].to_numpy()).all()
    assert set(study.frame("spending")["cell"]) <= {0, 1}
    assert len(study.frame("messages")) > 0


def test_a_study_is_opened_by_pandas_as_it_is(study: Study) -> None:
    frame = pd.read_parquet(study.path / "kpis").sort_values(["cell", "replicate"], ignore_index=True)
    pd.testing.assert_frame_equal(frame, study.frame())
    assert json.loads((study.path / "study.json").read_text(encoding="utf-8"))["runs"] == 24


def test_the_estimate_has_as_many_runs_as_the_study(scenario: Scenario) -> None:
    guess = estimate(plan_of(scenario, {SHARE: [0.1, 0.2]}, 10), workers=2)
    assert guess.runs == 20
    assert guess.hours == pytest.approx(20 * guess.seconds_of_a_run / 2 / 3600)
    assert guess.megabytes > 0.0


SWEEP = """
import sys
from simulator import load_scenario
from simulator.experiments.sweep import sweep
from tests.experiments.studies import SHARE, tiny
if __name__ == "__main__":
    small = load_scenario("scenarios/three_eras/interruption.toml").override(tiny())
    sweep(small, {SHARE: "0:0.2:%d"}, replicates=%d, workers=%d, out=sys.argv[1], keep="kpis")
"""


def killed_and_resumed(folder: Path, cells: int, replicates: int, workers: int, kills: int) -> Study:
    """A study whose processes are all killed so many times, then left to finish; the moments are drawn from a seed."""
    script, place = folder / "sweep.py", folder / "killed"
    script.write_text(SWEEP % (cells, replicates, workers), encoding="utf-8")
    command = [sys.executable, str(script), str(place)]
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    luck, seen, total = random.Random(1), 0, -(-cells * replicates // 8)

    def there() -> int:
        return len(list((place / "kpis").glob("part-*")))

    for kill in range(kills):
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        more, until = luck.randint(1, max(1, (total - seen) // (kills - kill + 1))), time.monotonic() + 300
        while process.poll() is None and there() < seen + more and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(luck.random() * 0.1)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it ended before it was killed"
        seen = there()
    assert 0 < seen < total
    subprocess.run(command, env=environment, check=True)
    return Study(place)


def exactly(study: Study, whole: Study) -> None:
    """Every run once, none changed: file by file, and as a table."""
    frame = study.frame()
    assert len(frame) == study.runs == whole.runs
    assert not frame.duplicated(["cell", "replicate"]).any()
    assert not study.missing
    assert parts(study.path) == parts(whole.path)
    pd.testing.assert_frame_equal(frame, whole.frame())


def uninterrupted(folder: Path, cells: int, replicates: int, **how: Any) -> Study:
    small = load_scenario("scenarios/three_eras/interruption.toml").override(tiny())
    return sweep(small, {SHARE: f"0:0.2:{cells}"}, replicates, out=folder, keep="kpis", **how)


@pytest.mark.skipif(os.name == "nt", reason="kills a group of processes as POSIX does")
def test_a_study_killed_twice_has_every_run_once(tmp_path: Path) -> None:
    study = killed_and_resumed(tmp_path, cells=4, replicates=24, workers=1, kills=2)
    exactly(study, uninterrupted(tmp_path / "whole", 4, 24, workers=1))


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="kills a group of processes as POSIX does")
def test_two_thousand_runs_killed_five_times_are_two_thousand_rows(tmp_path: Path) -> None:
    whole = uninterrupted(tmp_path / "whole", 100, 20, workers=1)
    assert len(whole.frame()) == 2000
    exactly(killed_and_resumed(tmp_path, cells=100, replicates=20, workers=2, kills=5), whole)
    for i in (2, 3, 1):
        uninterrupted(tmp_path / "shares", 100, 20, workers=2, share=(i, 3))
    exactly(Study(tmp_path / "shares"), whole)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_loses_nothing_and_the_study_goes_on(tmp_path: Path, scenario: Scenario) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no disk may be mounted here")
    try:
        plan = plan_of(scenario, {SHARE: [0.1, 0.2]}, 40, seed=5)
        with pytest.raises(
            InputError, match=r"cannot write to .*: the disk is full; what is finished is kept, and the same command goes on"
        ):
            run(plan, disk / "study", workers=1)
        half = Study(disk / "study")
        assert 0 < len(half.frame()) < plan.runs
        assert not [file for file in disk.rglob(".*") if file.is_file()]  # nothing half-written
        kept = parts(half.path)
        with pytest.raises(InputError, match="the disk is full"):
            sweep(scenario, {SHARE: [0.1]}, 1, workers=1, out=fill(disk) / "other")
        (disk / "filler").unlink()
        subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
        run(plan, disk / "study", workers=1)
        study = Study(disk / "study")
        assert not study.missing
        assert {name: content for name, content in parts(study.path).items() if name in kept} == kept
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Use up what is left."""
    with (disk / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(512))
    return disk


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become somebody who may not read")
def test_a_folder_that_may_not_be_read_is_said(study: Study, scenario: Scenario, tmp_path: Path) -> None:
    os.seteuid(65534)  # nobody: pytest's folders are root's alone
    try:
        with pytest.raises(InputError, match="cannot read .*: Permission denied"):
            Study(study.path)
        with pytest.raises(InputError, match="cannot read .*: Permission denied"):
            open_folder(plan_of(scenario, {SHARE: [0.1]}, 1), tmp_path / "s")
    finally:
        os.seteuid(0)


def test_a_damaged_part_is_said(study: Study, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(study.path, folder)
    next((folder / "kpis").glob("part-*")).write_bytes(b"no Parquet")
    with pytest.raises(InputError, match="cannot read .*kpis"):
        Study(folder).frame()
    (folder / "study.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot read .*study.json"):
        Study(folder)


def test_jobs_of_an_array_may_start_at_once(scenario: Scenario, tmp_path: Path) -> None:
    """One finds the folder while another writes its manifest."""
    (tmp_path / ".study.json.1a2b3c4d").write_text("{", encoding="utf-8")
    sweep(scenario, {SHARE: [0.1]}, replicates=1, workers=1, out=tmp_path, share=(1, 2))
