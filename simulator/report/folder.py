"""Where results are written: never over those of something else, and each file whole or not at all."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.files import whole
from simulator.language import _
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
                _("{folder} holds {what}; nothing was run or written. Choose another --out, or remove what is there").format(
                    folder=folder, what=_holding(folder)
                )
            )
        return folder
    folder = Path("out") / name
    if _free(folder, world):
        return folder
    other = folder.with_name(f"{name}-{world}")
    if not _free(other, world):
        raise InputError(_("{folder} and {other} hold other things; choose a folder with --out").format(folder=folder, other=other))
    return other


def write(folder: Path, files: Mapping[str, str | bytes], manifest: Mapping[str, Any]) -> None:
    """Write the files, then the manifest. The folder must be free for this comparison (`folder_for`).

    files  by name; a name may lead into a folder below ("figures/reach.png")
    """
    there = _manifest(folder)
    if there is not None and there.get("completed", 0) > manifest["completed"]:
        raise InputError(
            _("{folder} already holds this comparison with {there} replicates; these {own} were not written over it").format(
                folder=folder, there=there["completed"], own=manifest["completed"]
            )
        )
    if not _free(folder, str(manifest["world"])):
        raise InputError(_("{folder} holds {what}; choose another folder").format(folder=folder, what=_holding(folder)))
    try:
        with contextlib.ExitStack() as parts:  # all are written before the first takes its place, and the manifest is the last that does
            contents = {MANIFEST: json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False), **files}
            for name, content in contents.items():
                part = parts.enter_context(whole(folder / name))
                part.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise InputError(_("cannot write to {folder}: {error}").format(folder=folder, error=error.strerror or error)) from error


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
        return _("a file of that name")
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
