"""Where results are written: never over those of something else, and each file whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.parameters import InputError

MANIFEST = "comparison.json"
"""Says what a folder holds; written last."""


def folder_for(world: str, name: str, chosen: str | Path | None = None) -> Path:
    """The folder for the comparison with this world code.

    chosen  the user's own: an error if something else lies there
    name    without it out/<name>, or out/<name>-<world code> where another comparison already is
    """
    if chosen is not None:
        folder = Path(chosen)
        if not _free(folder, world):
            raise InputError(
                f"{folder} holds {_holding(folder)}; nothing was run or written. Choose another --out, or remove what is there"
            )
        return folder
    folder = Path("out") / name
    if _free(folder, world):
        return folder
    other = folder.with_name(f"{name}-{world}")
    if not _free(other, world):
        raise InputError(f"{folder} and {other} hold other things; choose a folder with --out")
    return other


def write(folder: Path, files: Mapping[str, str], manifest: Mapping[str, Any]) -> None:
    """Write the files, then the manifest. The folder must be free for this comparison (`folder_for`)."""
    there = _manifest(folder)
    if there is not None and there.get("completed", 0) > manifest["completed"]:
        raise InputError(
            f"{folder} already holds this comparison with {there['completed']} replicates;"
            f" these {manifest['completed']} were not written over it"
        )
    if not _free(folder, str(manifest["world"])):
        raise InputError(f"{folder} holds {_holding(folder)}; choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        texts = {**files, MANIFEST: json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)}
        parts = {name: folder / f".{name}.{os.getpid()}.part" for name in texts}
        try:
            for name, text in texts.items():
                parts[name].write_text(text, encoding="utf-8", newline="\n")
            for name, part in parts.items():
                part.replace(folder / name)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror or error}") from error


def _free(folder: Path, world: str) -> bool:
    """Whether the folder is not there, empty, or holds this very comparison."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    there = _manifest(folder)
    return there.get("world") == world if there is not None else not any(folder.iterdir())


def _holding(folder: Path) -> str:
    if not folder.is_dir():
        return "a file of that name"
    there = _manifest(folder)
    if there is None:
        return "other files"
    names = ", ".join(str(scenario.get("name")) for scenario in there.get("scenarios", []))
    return f"another comparison ({names}; seed {there.get('seed')}, {there.get('replicates')} replicates)"


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
