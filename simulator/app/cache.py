"""What is computed once and kept in the user's cache folder: drawings of graphs, and the worlds of pages that begin with many."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from simulator import __version__
from simulator.files import whole

SOURCES = ("engine", "rules", "strategies", "world", "results", "model.py")
"""Parts of the simulator on which a run depends: when they change, worlds in the cache are no longer those of this program."""


def cache_folder() -> Path:
    """WORLD_OF_MOUTH_CACHE, or the user's folder for such things."""
    given = os.environ.get("WORLD_OF_MOUTH_CACHE")
    if given:
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("world-of-mouth", appauthor=False)


def keep(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Put a file into the cache, whole or not at all. Raises OSError if the folder cannot be written."""
    with whole(path) as part, part.open("wb") as file:
        write(file)


@functools.cache
def program() -> str:
    """What a run depends on besides its scenario and its seed, in a few letters."""
    digest = hashlib.blake2b(f"{__version__} {np.__version__}".encode(), digest_size=8)
    home = Path(__file__).parents[1]
    for part in SOURCES:
        for path in sorted((home / part).rglob("*.py")) if (home / part).is_dir() else [home / part]:
            digest.update(path.read_bytes())
    return digest.hexdigest()
