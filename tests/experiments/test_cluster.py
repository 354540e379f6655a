"""The same study on a Dask cluster: a scheduler and two workers on this machine, started as the README says."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator import Scenario, load_scenario
from simulator.cli import app
from simulator.experiments import cluster
from simulator.experiments.study import Study
from simulator.experiments.sweep import plan_of, run, sweep
from simulator.parameters import InputError
from tests.experiments.studies import SHARE, parts, tiny

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

pytestmark = [
    pytest.mark.compiled,
    pytest.mark.skipif(os.name == "nt", reason="kills a worker as POSIX does"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Dask leaves sockets to the garbage collector
]


class Machines:
    """A scheduler and workers, each a process of its own; `workers` are those that compute, below Dask's nannies."""

    def __init__(self, folder: Path) -> None:
        self.port, self.processes, self.folder = free_port(), list[subprocess.Popen[bytes]](), folder
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def start(self, *words: str, path: Path | None = None) -> subprocess.Popen[bytes]:
        """`dask WORDS`."""
        command = [sys.executable, "-c", "from dask.__main__ import main; main()", *words]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(str(each) for each in (path, Path.cwd()) if each)}
        with (self.folder / "dask.log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def worker(self, name: str, path: Path | None = None) -> subprocess.Popen[bytes]:
        """A worker as the README starts it, but without a nanny that would start it again. path: more modules."""
        return self.start("worker", self.address, "--nthreads", "1", "--name", name, "--no-nanny", "--no-dashboard", path=path)

    def wait_for(self, workers: int) -> None:
        """Until so many workers are there."""
        from distributed import Client

        with Client(self.address, timeout="60s", set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)

    def stop(self) -> None:
        """All of them, and what they started."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    started = Machines(tmp_path_factory.mktemp("cluster"))
    try:
        for name in ("one", "two"):
            started.worker(name)
        started.wait_for(2)
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("scenarios/three_eras/interruption.toml").override(tiny())


def test_a_cluster_writes_the_bytes_of_the_local_pool(machines: Machines, scenario: Scenario, tmp_path: Path) -> None:
    here = sweep(scenario, {SHARE: [0.1, 0.2]}, 12, workers=1, out=tmp_path / "here")
    told: list[tuple[int, int]] = []
    there = sweep(
        scenario, {SHARE: [0.1, 0.2]}, 12, out=tmp_path / "there", cluster=machines.address, progress=lambda *seen: told.append(seen)
    )
    assert not there.missing
    assert parts(there.path) == parts(here.path)
    assert told[0] == (0, 24)
    assert told[-1] == (24, 24)


@pytest.mark.long
def test_a_worker_killed_in_the_middle_costs_no_run(machines: Machines, scenario: Scenario, tmp_path: Path) -> None:
    victim = machines.worker("victim")
    machines.wait_for(3)

    def kill(done: int, total: int) -> None:
        if victim.poll() is None and done >= total // 4:
            os.killpg(victim.pid, signal.SIGKILL)
            victim.wait()

    plan = plan_of(scenario, {SHARE: [0.1, 0.2]}, 60, keep="kpis")
    run(plan, tmp_path / "there", cluster=machines.address, progress=kill)
    assert victim.poll() == -signal.SIGKILL
    study, here = Study(tmp_path / "there"), sweep(scenario, {SHARE: [0.1, 0.2]}, 60, workers=1, out=tmp_path / "here", keep="kpis")
    assert len(study.frame()) == 120
    assert not study.frame().duplicated(["cell", "replicate"]).any()
    assert not len(study.failures)
    assert parts(study.path) == parts(here.path)


def test_two_studies_at_once_do_not_mix(machines: Machines, scenario: Scenario, tmp_path: Path) -> None:
    """Their parts have the same numbers: the cluster must not take one for the other."""
    with cluster.connected(machines.address) as first, cluster.connected(machines.address) as second:
        one, two = first(abs, [-1, -2]), second(float, [3, 4])
        assert {next(one)[1], next(two)[1], next(one)[1], next(two)[1]} == {1, 2, 3.0, 4.0}


OTHER_NUMPY = """
from importlib import metadata
version = metadata.version
metadata.version = lambda name: "1.0" if name == "numpy" else version(name)
"""


def test_a_worker_of_another_version_is_refused(machines: Machines, scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(OTHER_NUMPY, encoding="utf-8")
    other = machines.worker("other", path=tmp_path)
    machines.wait_for(3)
    with pytest.raises(InputError, match=r"--cluster: the worker at tcp://.* has numpy 1\.0, this machine"):
        sweep(scenario, {SHARE: [0.1]}, 1, out=tmp_path / "s", cluster=machines.address)
    os.killpg(other.pid, signal.SIGKILL)
    assert not (tmp_path / "s").exists()


def test_a_worker_that_joins_later_is_asked_too() -> None:
    guarded = cluster.Guarded(abs, cluster.versions() | {"numba": "0"})
    with pytest.raises(InputError, match="a worker that joined has numba"):
        guarded(-1)
    assert cluster.Guarded(abs, cluster.versions())(-1) == 1


@pytest.mark.long
def test_ctrl_c_leaves_the_cluster_idle_and_keeps_what_finished(machines: Machines, tmp_path: Path) -> None:
    command = [sys.executable, "run.py", "sweep", "three_eras/interruption", "--set", "population.size=200", "--set", "run.days=10",
               "--vary", f"{SHARE}=0.1,0.2", "--replicates", "2000", "--keep", "kpis", "--out", str(tmp_path / "s"),
               "--cluster", machines.address, "--quiet"]  # fmt: skip
    hears = (
        "import signal, runpy, sys; signal.signal(signal.SIGINT, signal.default_int_handler); runpy.run_path('run.py', run_name='__main__')"
    )
    process = subprocess.Popen([sys.executable, "-c", hears, *command[2:]], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while process.poll() is None and not list((tmp_path / "s" / "kpis").glob("part-*")) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "of 4000 runs are kept" in said
    assert "Traceback" not in said
    assert 0 < len(Study(tmp_path / "s").frame()) < 4000
    from distributed import Client

    with Client(machines.address, set_as_default=False) as client:
        until = time.monotonic() + 20
        while any(client.processing().values()) and time.monotonic() < until:
            time.sleep(0.1)
        assert not any(client.processing().values())


@pytest.mark.parametrize("where", ["nobody", "no port", "no such host", "somebody else", "no address"])
def test_a_cluster_that_does_not_answer_is_said_and_nothing_is_written(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_WITHIN", 0.5)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()  # accepts, and never says a word
        address = {
            "nobody": f"tcp://127.0.0.1:{free_port()}", "no port": "127.0.0.1", "no such host": "tcp://no-such-host.invalid:8786",
            "somebody else": f"tcp://127.0.0.1:{other.getsockname()[1]}", "no address": "what://is this",
        }[where]  # fmt: skip
        answer = CliRunner().invoke(
            app, ["sweep", "three_eras/interruption", "--vary", f"{SHARE}=0.1", "--out", str(tmp_path / "s"), "--cluster", address]
        )
    assert answer.exit_code == 1, answer.output
    assert "--cluster: no scheduler answers at" in answer.output
    assert address in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "s").exists()


def test_a_scheduler_without_workers_is_said(tmp_path: Path, scenario: Scenario) -> None:
    alone = Machines(tmp_path)
    try:
        with pytest.raises(InputError, match="has no workers; start some with: dask worker tcp"):
            sweep(scenario, {SHARE: [0.1]}, 1, out=tmp_path / "s", cluster=alone.address)
    finally:
        alone.stop()
    assert not (tmp_path / "s").exists()


def test_without_dask_the_extra_is_named(tmp_path: Path, scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'world-of-mouth\[cluster\]'"):
        sweep(scenario, {SHARE: [0.1]}, 1, out=tmp_path / "s", cluster="tcp://127.0.0.1:8786")
    assert not (tmp_path / "s").exists()
