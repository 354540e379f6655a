"""Dotted overrides: `brands.Aurora.strategy.kind = "permission"`, brands and segments by name, events by number from 0."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from simulator.language import N_, _
from simulator.parameters import InputError
from simulator.scenario.files import BY_NAME, has_kinds
from simulator.scenario.positions import DEEPEST, Spot, split_key, too_deep
from simulator.scenario.problems import Problem, ScenarioError, but_allowed, names_in, not_known, shown, unknown

PLACE = "override"
"""What stands in place of a file name for values that were set from outside."""


NO_KEY = N_("is not a dotted key; allowed: keys such as brands.Aurora.budget_per_day")

LISTS = (*BY_NAME, ("population", "roles"), ("events",))


def setting(text: str) -> tuple[str, Any]:
    """`key=value` of a command line, the value read as TOML (a bare word is a text)."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise InputError(_("{text} is not a setting; allowed: key=value, such as run.days=90").format(text=shown(text)))
    return key.strip(), value_of(value.strip())


def value_of(text: str) -> Any:
    """A text as a TOML value: `3`, `true`, `[1, 2]`, `{ share = 0.1 }`; anything else is a text."""
    try:
        data = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return data["value"] if list(data) == ["value"] else text


def laid_over(data: dict[str, Any], spots: Spot, settings: Mapping[str, Any]) -> tuple[list[Problem], list[str]]:
    """Set each dotted key in `data`, in place. Returns problems and notices.

    Tables before what lies in them, and a `kind` before its siblings, whatever the order of the settings. None takes a
    setting back: the default holds again.
    """
    problems: list[Problem] = []
    notices: list[str] = []
    order = sorted(settings, key=lambda key: (str(key).count("."), not str(key).endswith(".kind"), str(key)))
    for key in order:
        problem = _set(data, spots, str(key), as_toml(settings[key]), notices)
        if problem:
            problems.append(Problem(problem, str(key), PLACE))
    return problems, notices


def _set(data: dict[str, Any], spots: Spot, key: str, value: Any, notices: list[str]) -> str:
    """Set one key; a sentence if that cannot be."""
    node: Any = data
    spot, rest = spots, key.strip()
    path: list[str | int] = []
    part: str | int | None
    while True:
        if isinstance(node, list):
            part, rest, why = _item(node, rest, path)
            if part is None:
                return why
        elif isinstance(node, dict):
            part, rest = _first(rest)
            if not part:
                return _(NO_KEY)
        else:
            said = _("{key} is {value}, not a table: it has no key {inner}")
            return said.format(key=".".join(map(str, path)), value=shown(node), inner=shown(rest))
        if not rest:
            break
        path.append(part)
        if isinstance(node, dict) and part not in node:
            if tuple(path) in LISTS:
                return _("the scenario sets no {key}").format(key=part)
            node[part] = {}
        spot = spot.child(part, 0) if part in spot.parts else _outside(spot, part)
        node = node[part]
    if part == "kind" and isinstance(node, dict) and has_kinds(tuple(path)):
        _switch(node, key, value, notices)
    if value is None and isinstance(node, dict):
        node.pop(part, None)
    else:
        node[part] = value
    _outside(spot, part)
    return ""


def _outside(spot: Spot, part: str | int) -> Spot:
    """The spot of a value set from outside: no file, no line, paths are the user's own."""
    spot.parts[part] = Spot(PLACE, 0, None)
    return spot.parts[part]


def _switch(table: dict[str, Any], key: str, kind: Any, notices: list[str]) -> None:
    """Another kind takes its own defaults; levers of the old kind are dropped, and the user is told."""
    old = table.get("kind")
    if kind == old:
        return
    dropped = sorted(name for name in table if name != "kind")
    table.clear()
    if dropped:
        if old:
            said = _("{key} is now {kind}: dropped {names}, set for {old}")
        else:
            said = _("{key} is now {kind}: dropped {names}, set for the default kind")
        notices.append(said.format(key=key, kind=shown(kind), names=", ".join(dropped), old=shown(old)))


def _first(rest: str) -> tuple[str, str]:
    """The first part of a dotted key, and what follows."""
    parts = split_key(rest)
    if parts is not None and rest[:1] in "\"'":
        quoted = rest[: rest.index(rest[0], 1) + 1]
        return parts[0], rest[len(quoted) :].lstrip(". ")
    part, dot, rest = rest.partition(".")
    return (part.strip(), rest) if rest or not dot else ("", "")


def _item(items: list[Any], rest: str, path: list[str | int]) -> tuple[int | None, str, str]:
    """The item of a list by its name (which may hold dots) or its number, and what follows."""
    names = {name: index for index, name in reversed(list(enumerate(names_in(items)))) if name}
    for name in sorted(names, key=len, reverse=True):
        for written in (name, f'"{name}"', f"'{name}'"):
            if rest == written or rest.startswith(f"{written}."):
                return names[name], rest[len(written) + 1 :], ""
    part, rest = _first(rest)
    if part.isdecimal() and len(part) < 10:
        if int(part) < len(items):
            return int(part), rest, ""
        said = _("there is no item {number}").format(number=part)
        return None, "", said + but_allowed(_("{first} to {last}").format(first=0, last=len(items) - 1)) if items else said
    what = {"brands": "brand", "segments": "segment"}.get(str(path[-1]) if path else "", "item")
    return None, "", unknown(what, part, names) if names else not_known(what, part)


def as_toml(value: Any, depth: int = 0) -> Any:
    """A Python value as TOML would give it, its own copy: NumPy numbers and paths become plain ones."""
    if depth > DEEPEST:
        raise ScenarioError([Problem(too_deep(), file=PLACE)])
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_toml(item, depth + 1) for key, item in value.items()}
    if isinstance(value, str) or value is None:
        return value
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        return [as_toml(item, depth + 1) for item in value]
    return value
