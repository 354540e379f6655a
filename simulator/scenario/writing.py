"""Writing a scenario as a TOML file that reads back as the same scenario."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.files import whole
from simulator.language import _
from simulator.parameters import InputError
from simulator.scenario.declared import files_in
from simulator.scenario.schema import Scenario

FILES = "files"
"""The folder beside the scenario that holds the files it names."""


def write_scenario(scenario: Scenario, path: Path, head: Sequence[str] = ()) -> None:
    """Write a scenario whole or not at all; files that it names are copied beside it. head: lines of comment."""
    data = scenario.to_dict()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for place, name in list(files_in(Scenario, data)):
            copied = path.parent / FILES / Path(name).name
            copied.parent.mkdir(exist_ok=True)
            shutil.copyfile(name, copied)
            _put(data, place, copied.relative_to(path.parent).as_posix())
        text = "".join(f"# {line}\n" for line in head) + as_text(data)
        with whole(path) as part:
            part.write_bytes(text.encode())
    except OSError as error:
        raise InputError(_("cannot write {path}: {error}").format(path=path, error=error.strerror or error)) from error


def as_text(data: Mapping[str, Any]) -> str:
    """Data of a scenario as TOML: single values, then tables, then lists of tables; what lies deeper in braces."""
    single = {key: value for key, value in data.items() if not isinstance(value, Mapping) and not _tables(value)}
    parts = ["".join(f"{_key(key)} = {_value(value)}\n" for key, value in single.items())]
    for key, value in data.items():
        for table in [value] if isinstance(value, Mapping) else value if _tables(value) else []:
            name = f"[{_key(key)}]" if isinstance(value, Mapping) else f"[[{_key(key)}]]"
            parts.append(f"{name}\n" + "".join(f"{_key(inner)} = {_value(item)}\n" for inner, item in table.items()))
    return "\n".join(part for part in parts if part)


def _tables(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(item, Mapping) for item in value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return "nan" if math.isnan(value) else f"{value!r}"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _put(data: Any, path: tuple[str | int, ...], value: str) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value
