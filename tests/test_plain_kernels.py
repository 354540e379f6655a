"""Kernels give the same bits as machine code and as the plain Python they are written in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.markets import run

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("daily", "spending", "messages", "tellings", "adoptions")


def fingerprint(market: str) -> str:
    """All tables of a run as text, every figure with all its digits."""
    changes = {"repeat": {}, "durable": {"market": {"kind": "durable"}, "purchase": {"p": 0.002, "q": 0.02}}}[market]
    result = run(changes, seed=3)
    return "\n".join(getattr(result, name).to_csv(float_format="%.17g") for name in TABLES)


@pytest.mark.compiled
@pytest.mark.slow
@pytest.mark.parametrize("market", ["repeat", "durable"])
def test_plain_python_and_machine_code_make_the_same_market(market: str) -> None:
    code = f"from tests.test_plain_kernels import fingerprint; print(fingerprint({market!r}))"
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.split() == fingerprint(market).split()
