"""Where results come from: everything needed to make them again, in words that a file can hold."""

from __future__ import annotations

import functools
import math
import platform
from importlib import metadata
from typing import Any

PACKAGES = ("numpy", "numba", "mesa", "pandas", "scipy")


def versions() -> dict[str, str]:
    """Versions of this program, of Python, and of the libraries that numbers may depend on."""
    return dict(_versions())


@functools.cache
def _versions() -> dict[str, str]:
    found = {"world-of-mouth": _own_version(), "python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "unknown"
    return found


def _own_version() -> str:
    from simulator import __version__

    return __version__


def plain(value: Any) -> Any:
    """The value in what JSON knows; infinities, which it does not, as {"float": "inf"}."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def from_plain(value: Any) -> Any:
    """What `plain` was given (tuples as lists)."""
    if isinstance(value, dict):
        return float(value["float"]) if value.keys() == {"float"} else {key: from_plain(item) for key, item in value.items()}
    return [from_plain(item) for item in value] if isinstance(value, list) else value
