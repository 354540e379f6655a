"""Modules of the application, started by their names: command line and application never import each other."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.language import language

ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""So that memory of ended runs is used again by the next: measured, a tenth less after many visitors (glibc only; others pass it over)."""

PATIENCE = 10.0
"""Seconds that a process has to end by itself."""


def started(module: str, *words: str, **how: Any) -> subprocess.Popen[str]:
    """`python -m module words ...` in the language spoken, also from a checkout that is not installed. how: of Popen."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", module, "--language", language(), *words]
    return subprocess.Popen(command, env=ARENAS | os.environ | {"PYTHONPATH": path}, text=True, encoding="utf-8", **how)


def ended(process: subprocess.Popen[str]) -> int:
    """Wait for a process to end by itself, then make it; its exit code."""
    with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        return process.wait(PATIENCE)
    process.kill()
    process.wait()
    return 0


def lines(module: str, *words: str) -> Iterator[dict[str, Any]]:
    """What a module says, an object a line. Raises KeyboardInterrupt when it was stopped, RuntimeError if it ends without a last word."""
    last: dict[str, Any] = {}
    with started(module, "--json", *words, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                with contextlib.suppress(ValueError):  # a package that prints
                    last = json.loads(line)
                    yield last
        except (KeyboardInterrupt, GeneratorExit):  # the terminal has told the process as well
            ended(process)
            raise
    if process.wait() in (-2, 130):
        raise KeyboardInterrupt
    if "doing" in last or not last:
        raise RuntimeError(f"{module} ended with {process.returncode}")
