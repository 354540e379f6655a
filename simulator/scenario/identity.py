"""The identity of a scenario: a hash of what happens in it, whatever the file and however it is written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from simulator.parameters import Table
from simulator.scenario.declared import files_in

SAID = {"title", "question", "source", "focal", "calibration"}
"""What is said about a scenario; no run depends on it."""


def content_hash(scenario: Table) -> str:
    """32 hexadecimal digits. Files count by what they hold; brands, segments and events in any order."""
    content = scenario.model_dump(exclude=SAID)
    for path, name in list(files_in(type(scenario), content)):
        _replace(content, path, file_digest(name))
    content["brands"] = {brand.pop("name"): brand for brand in content["brands"]}
    # events of one day, brand and kind keep their order: the first of equals has the first luck
    content["events"] = sorted(content["events"], key=lambda event: (event["day"], event["brand"], event["kind"]))
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def file_digest(path: str) -> str:
    """A hash of a file's bytes."""
    with Path(path).open("rb") as file:
        return "blake2b:" + hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _replace(content: Any, path: tuple[str | int, ...], value: str) -> None:
    for part in path[:-1]:
        if isinstance(content, dict) and isinstance(content[part], tuple):
            content[part] = list(content[part])
        content = content[part]
    content[path[-1]] = value
