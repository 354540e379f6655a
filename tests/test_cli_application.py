"""`run.py app`, as a user starts and ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli import app

HOME = Path(__file__).parents[1]


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = CliRunner().invoke(app, ["app", "--port", str(port), "--no-browser"])
    assert answer.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in answer.output and "--port" in answer.output


def test_an_address_that_is_not_ours_is_refused() -> None:
    answer = CliRunner().invoke(app, ["app", "--host", "192.0.2.1", "--no-browser"])
    assert answer.exit_code == 1 and "cannot listen on 192.0.2.1" in answer.output


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent in another way on Windows")
def test_it_says_its_address_answers_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, str(HOME / "run.py"), "app", "--port", str(port), "--no-browser"]
    started = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert started.stdout is not None
        address = started.stdout.readline().strip()
        assert address == f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(address, timeout=30) as page:
            assert page.status == 200 and b"mixpanel.init" not in page.read()
        os.killpg(started.pid, signal.SIGINT)
        _, said = started.communicate(timeout=30)
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
    assert started.returncode == 0 and "Traceback" not in said and "stopped" in said
