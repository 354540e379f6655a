"""Many tasks on a few processes: nothing that finished is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.experiments.pool import available_cpus, run_all
from simulator.parameters import InputError


def square(task: int) -> int:
    return task * task


def fails_on_odd(task: int) -> int:
    if task % 2:
        raise ValueError(f"{task} is\nodd")
    return task


def dies_on_three(task: int) -> int:
    if task == 3:
        os._exit(9)
    return task


def wrong_input(task: int) -> int:
    if task == 1:
        raise InputError("no such file", "a.toml", 3, "network.path")
    return task


def stops_at_two(task: int) -> int:
    if task == 2:
        raise KeyboardInterrupt
    return task


def threads_allowed(task: int) -> str | None:
    return os.environ.get("OMP_NUM_THREADS") if task else ""


def leaves_a_trace(task: tuple[str, int]) -> int:
    folder, number = task
    time.sleep(0.02)
    (Path(folder) / str(number)).touch()
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_one_process_or_two_give_the_same_results(workers: int) -> None:
    finished = run_all(square, range(7), workers)
    assert dict(sorted(finished.results.items())) == {k: k * k for k in range(7)}
    assert not finished.errors
    assert not finished.interrupted


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_ends_its_own_task_only(workers: int) -> None:
    finished = run_all(fails_on_odd, range(5), workers)
    assert sorted(finished.results) == [0, 2, 4]
    assert finished.errors == {1: "ValueError: 1 is odd", 3: "ValueError: 3 is odd"}


def test_a_task_that_kills_its_process_is_recorded_and_the_others_finish() -> None:
    finished = run_all(dies_on_three, range(6), 2)
    assert sorted(finished.results) == [0, 1, 2, 4, 5]
    assert "ended from outside" in finished.errors[3]


@pytest.mark.parametrize("workers", [1, 2])
def test_wrong_input_ends_everything_with_its_place(workers: int) -> None:
    with pytest.raises(InputError, match="a.toml:3  network.path: no such file"):
        run_all(wrong_input, range(4), workers)


def test_ctrl_c_keeps_what_finished() -> None:
    finished = run_all(stops_at_two, range(5), 1)
    assert finished.interrupted
    assert finished.results == {0: 0, 1: 1}


def test_ctrl_c_ends_the_workers(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    finished = run_all(leaves_a_trace, [(str(tmp_path), number) for number in range(200)], 2, stop)
    assert finished.interrupted
    assert len(finished.results) == 3
    ended = len(list(tmp_path.iterdir()))
    time.sleep(0.5)
    assert len(list(tmp_path.iterdir())) <= ended + 2
    assert ended < 150


def test_each_worker_has_one_thread() -> None:
    assert run_all(threads_allowed, range(3), 2).results == {0: "", 1: "1", 2: "1"}


UNGUARDED = """
from simulator.experiments.pool import run_all
print(run_all(abs, range(9), 2))
"""


def test_a_script_without_a_guard_is_told_so_and_no_task_is_called_failed(tmp_path: Path) -> None:
    """Each of its processes would start it again."""
    script = tmp_path / "unguarded.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'a script that calls this outside `if __name__ == "__main__":`' in done.stderr
    assert not done.stdout


def test_progress_is_told_from_nothing_to_all() -> None:
    seen: list[tuple[int, int]] = []
    run_all(square, range(3), 1, lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_there_is_a_processor() -> None:
    assert available_cpus() >= 1
