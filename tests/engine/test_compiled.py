"""The wrapper: lazy, the same numbers as plain Python, and no stale machine code."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from simulator.engine.chunks import CHUNK, run_chunks
from simulator.engine.compiled import Compiled, compiled

ROOT = Path(__file__).resolve().parents[2]
FACTOR = 3.0


@compiled
def tripled(x: float) -> float:
    """x times three."""
    return FACTOR * x


@compiled
def tripled_and_one(x: float) -> float:
    return tripled(x) + 1.0


def python(code: str, folder: Path, **environment: str) -> str:
    """What a new interpreter prints."""
    # another process must not measure coverage into our files, nor inherit a choice of plain kernels
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("COV_", "NUMBA_"))}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=inherited | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])} | environment,
    ).stdout.strip()


def test_a_compiled_function_calls_compiled_functions() -> None:
    assert tripled_and_one(2.0) == 7.0
    assert tripled.python(2.0) == 6.0
    assert tripled.__doc__ == "x times three."
    assert tripled.__name__ == "tripled"


def test_importing_every_rule_imports_no_numba(tmp_path: Path) -> None:
    code = """
        import sys, pkgutil, importlib, simulator.engine, simulator.rules
        for package in (simulator.engine, simulator.rules):
            for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
                importlib.import_module(module.name)
        print([name for name in ("numba", "pandas", "mesa", "networkx", "matplotlib") if name in sys.modules])
    """
    assert python(code, tmp_path) == "[]"


def test_without_jit_nothing_is_compiled_and_results_are_the_same(tmp_path: Path) -> None:
    code = """
        import numpy as np
        from simulator.engine.chance import address, fold, poisson, uniform
        print([poisson(2.5, uniform(fold(address(1, "buy", 3), np.uint64(i)))) for i in range(20)], hasattr(poisson.kernel, "py_func"))
    """
    plain = python(code, tmp_path, NUMBA_DISABLE_JIT="1")
    fast = python(code, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    assert plain.replace("False", "True") == fast
    assert plain.endswith("False")


CALLEE = """
from simulator.engine.compiled import compiled
STEP = {step}
@compiled
def inner(x):
    return x + STEP
"""
CALLER = """
from simulator.engine.compiled import compiled
from callee import inner
@compiled
def outer(x):
    return 10.0 * inner(x)
"""


@pytest.mark.slow
def test_a_changed_callee_leaves_no_stale_machine_code(tmp_path: Path) -> None:
    """Numba looks at the caller's file only: the digest of the wrapper must see further."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    (tmp_path / "caller.py").write_text(CALLER, encoding="utf-8")
    for step, result in ((1.0, "20.0"), (2.0, "30.0"), (1.0, "20.0")):
        (tmp_path / "callee.py").write_text(CALLEE.format(step=step), encoding="utf-8")
        assert python("from caller import outer; print(outer(1.0))", tmp_path, PYTHONDONTWRITEBYTECODE="1", **cache) == result


@pytest.mark.slow
def test_a_second_process_finds_the_machine_code_of_the_first(tmp_path: Path) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    code = """
        from simulator.engine.chance import normal_quantile
        normal_quantile(0.3)
        print(sum(normal_quantile.kernel.stats.cache_hits.values()))
    """
    assert python(code, tmp_path, **cache) == "0"
    assert python(code, tmp_path, **cache) == "1"


@pytest.mark.slow
def test_processes_that_start_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    code = "from simulator.engine.chance import normal_quantile; print(normal_quantile(0.3))"
    results: list[str] = []

    def work() -> None:
        results.append(python(code, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache")))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert len(set(results)) == 1


def test_where_nothing_can_be_written_it_compiles_for_itself(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("not a folder", encoding="utf-8")
    code = "from simulator.engine.chance import integer; print(integer(7, 0.5))"
    assert python(code, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "a file" / "cache")) == "3"


def test_the_digest_follows_constants_and_callees() -> None:
    def copy_of(function: Compiled[[float], float], **names: object) -> str:
        plain = function.python
        renewed = type(plain)(plain.__code__, plain.__globals__ | names, plain.__name__)
        return compiled(renewed).digest

    assert copy_of(tripled) == tripled.digest
    assert copy_of(tripled, FACTOR=4.0) != tripled.digest
    assert copy_of(tripled_and_one) == tripled_and_one.digest
    assert copy_of(tripled_and_one, tripled=compiled(lambda x: 2.0 * x)) != tripled_and_one.digest
    assert copy_of(tripled, FACTOR=np.zeros(5000)) != copy_of(tripled, FACTOR=np.arange(5000.0))


def test_chunks_give_their_results_in_order_on_any_number_of_threads() -> None:
    n = 5 * CHUNK + 17
    bounds = [(start, min(start + CHUNK, n)) for start in range(0, n, CHUNK)]
    for threads in (1, 2, 7):
        assert run_chunks(lambda start, stop: (start, stop), n, threads) == bounds
    assert run_chunks(lambda start, stop: (start, stop), 0) == []


def test_an_error_in_a_chunk_is_not_swallowed() -> None:
    def fails(start: int, stop: int) -> None:
        raise ValueError(f"{start}..{stop}")

    with pytest.raises(ValueError, match=r"^0\.\."):
        run_chunks(fails, 3 * CHUNK, threads=2)
