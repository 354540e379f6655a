"""Functions that numba compiles at their first call, so that importing a rule costs nothing."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_building = threading.RLock()  # numba reads the cache's folder from a global setting


class Compiled(Generic[P, R]):
    """A plain function that runs as machine code.

    `f(...)` compiles at its first call (and loads the cache of an earlier process where it can),
    `f.python(...)` is the function as written. `native`, if given, is what numba compiles in its place:
    for the few functions whose plain form needs Python's unbounded integers; called from Python these run plain.
    """

    def __init__(self, python: Callable[P, R], native: Callable[..., Any] | None = None) -> None:
        functools.update_wrapper(self, python)
        self.python = python
        self._native = native or python
        self._run: Callable[P, R] = self._first_run if native is None else python

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._run(*args, **kwargs)

    def _first_run(self, *args: P.args, **kwargs: P.kwargs) -> R:
        self._run = self.kernel
        return self._run(*args, **kwargs)

    @functools.cached_property
    def kernel(self) -> Callable[..., Any]:
        """The compiled function; with NUMBA_DISABLE_JIT the plain one, for debugging and coverage."""
        import numba

        if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]  # set from the environment when numba is imported
            return _with_kernels(self.python)
        with _building:
            native = _with_kernels(self._native)
            folder = cache_folder() / self.digest
            kept = _writable(folder)
            if kept:
                numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # likewise
            # no fastmath and no contraction: results are equal to the bit to the plain form
            kernel: Callable[..., Any] = numba.njit(cache=kept, nogil=True)(native)
        return kernel

    @functools.cached_property
    def digest(self) -> str:
        """Names the machine code: changes with this function, and with every compiled function it reaches.

        Numba's own check looks at the caller's file only; a changed callee would leave stale code.
        """
        digest = hashlib.blake2b(digest_size=8)
        for part in _content(self._native.__code__, self._native):
            digest.update(part.encode() + b"\0")
        return digest.hexdigest()


def compiled(function: Callable[P, R]) -> Compiled[P, R]:
    """Decorator: compile `function` when it is first called."""
    return Compiled(function)


@functools.cache
def cache_folder() -> Path:
    """Where machine code is kept between processes."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "world-of-mouth")
    except RuntimeError:  # whoever runs this has no home
        return Path(tempfile.gettempdir(), f"world-of-mouth-{os.getpid()}")


def _writable(folder: Path) -> bool:
    """Whether machine code can be kept in `folder`; where it cannot, every process compiles for itself."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _with_kernels(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of `function` that sees the kernels of the compiled functions it calls."""
    used = {name for code in _codes(function.__code__) for name in code.co_names}
    names = {
        name: value.kernel if isinstance(value, Compiled) else value
        for name, value in function.__globals__.items()
        if name in used or name.startswith("__")
    }
    copy = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__doc__, copy.__module__, copy.__qualname__ = function.__doc__, function.__module__, function.__qualname__
    return copy


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and those nested in it (comprehensions)."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _content(code: types.CodeType, function: Callable[..., Any]) -> Iterator[str]:
    """All that decides what `function` computes, as text: its code, constants, globals and callees."""
    yield repr(function.__defaults__)
    for nested in _codes(code):
        yield nested.co_code.hex()
        yield repr([constant for constant in nested.co_consts if not isinstance(constant, types.CodeType)])
        for name in nested.co_names:
            value = function.__globals__.get(name)
            yield f"{name}={value.digest if isinstance(value, Compiled) else _named(value)}"


def _named(value: Any) -> str:
    """A global as text that is the same in every process."""
    if hasattr(value, "tobytes"):  # arrays, whose repr is shortened, and numpy scalars
        return f"{value.dtype} {value.tobytes().hex()}"
    return str(getattr(value, "__qualname__", None) or getattr(value, "__name__", None) or f"{type(value).__name__} {value!r}")
