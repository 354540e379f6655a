"""What is wrong with a scenario, in sentences: all of it at once, each with file, line, key and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from simulator.language import N_, _
from simulator.parameters import InputError, Table
from simulator.scenario.declared import Path, allowed, kinds, locate, table_for, tables_in, words
from simulator.scenario.positions import Spot


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `file:line  key: text`."""

    text: str
    key: str = ""
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}  " if self.line else f"{self.file}  " if self.file else ""
        return f"{place}{self.key}: {self.text}" if self.key else f"{place}{self.text}"


class ScenarioError(InputError):
    """A scenario that cannot be run, with everything that is wrong with it in `problems`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.file, problem.line, problem.key, problem.text)))
        first = self.problems[0] if self.problems else Problem("")
        super().__init__("\n".join(map(str, self.problems)), first.file or None, first.line or None, first.key or None)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return ScenarioError, (self.problems,)


def problem_at(data: Any, spots: Spot, path: Path, text: str) -> Problem:
    """A problem with the value at `path`, placed where that value (or the table that lacks it) is written."""
    spot = spots.at(path)
    return Problem(text, dotted(data, path), spot.file, spot.line)


def dotted(data: Any, path: Path) -> str:
    """The key under which an override reaches `path`: items that have a name by their name."""
    said = []
    for part in path:
        name = None
        if isinstance(data, (list, tuple)) and isinstance(part, int):
            data = data[part] if 0 <= part < len(data) else None
            name = data.get("name") if isinstance(data, Mapping) else None
        elif isinstance(data, Mapping):
            data = data.get(part)
        said.append(name if isinstance(name, str) and name else str(part))
    return ".".join(said)


def names_in(items: Any) -> list[str]:
    """The names written in a list of tables, whatever else is wrong with them."""
    tables: Iterable[Any] = items if isinstance(items, (list, tuple)) else ()
    return [name if isinstance(item, Mapping) and isinstance(name := item.get("name"), str) else "" for item in tables]


def did_you_mean(wrong: object, right: Iterable[str]) -> str:
    """`; did you mean "x"?` if something close is allowed, else nothing."""
    names = sorted(right)
    close = difflib.get_close_matches(str(wrong), names, n=1, cutoff=0.6)
    if not close:
        same = [name for name in names if name.casefold() == str(wrong).casefold()]
        close = same or [name for name in names if len(str(wrong)) > 2 and str(wrong).casefold() in name.casefold()]
    return _('; did you mean "{name}"?').format(name=close[0]) if close else ""


UNKNOWN = {
    "brand": N_("unknown brand {value}"),
    "bundled scenario": N_("unknown bundled scenario {value}"),
    "channel": N_("unknown channel {value}"),
    "figure": N_("unknown figure {value}"),
    "item": N_("unknown item {value}"),
    "key": N_("unknown key {value}"),
    "kind": N_("unknown kind {value}"),
    "measure": N_("unknown measure {value}"),
    "segment": N_("unknown segment {value}"),
}
"""Names of things, and how one is said not to exist."""


def unknown(what: str, wrong: object, right: Iterable[str]) -> str:
    """`unknown brand "Aurorra"; allowed: Aurora, Borealis; did you mean "Aurora"?` what: one of UNKNOWN."""
    names = sorted(right)
    return not_known(what, wrong) + but_allowed(", ".join(names) or _("none")) + did_you_mean(wrong, names)


def not_known(what: str, wrong: object) -> str:
    """`unknown brand "Aurorra"`"""
    return _(UNKNOWN[what]).format(value=shown(wrong))


def but_allowed(right: str) -> str:
    """`; allowed: ` and what is."""
    return _("; allowed: {names}").format(names=right)


def shown(value: Any) -> str:
    """A value as the user would write it, at most a line long."""
    if isinstance(value, str):
        said = f'"{value}"'
    elif isinstance(value, bool):
        said = str(value).lower()
    elif isinstance(value, Mapping):
        said = _("a table")
    elif isinstance(value, (list, tuple)):
        said = "[" + ", ".join(shown(item) for item in value[:8]) + (", ...]" if len(value) > 8 else "]")
    elif isinstance(value, int) and abs(value) >= 10**30:
        said = _("a number of more than 30 digits")
    else:
        said = str(value)
    said = "".join(letter if letter.isprintable() else "?" for letter in said)
    return said if len(said) <= 60 else f"{said[:57]}..."


def explained(error: ValidationError, root: type[Table], data: Any, prefix: Path) -> Iterator[tuple[Path, str]]:
    """(path, sentence) for everything that pydantic found wrong with the part of `data` at `prefix`."""
    unions: dict[Path, dict[str, list[tuple[Path, Mapping[str, Any]]]]] = {}  # path, alternative: what is wrong with it
    for found in error.errors():
        if found["type"] == "too_short" and len(found["input"]) >= found["ctx"]["min_length"]:
            continue  # only because items of it are wrong, which is said elsewhere
        path, union, branch = _path(data, (*prefix, *found["loc"]), found["type"])
        if union is None:
            yield _sentence(root, data, path, found)
        else:
            unions.setdefault(union, {}).setdefault(branch, []).append((path, found))
    for union, branches in unions.items():
        # the alternative that the user must have meant: the only one that the value's own parts fit best
        meant = _meant(root, data, union)
        deep = {
            name: found for name, found in branches.items()
            if (name == meant if meant in branches else any(path != union or _of_its_type(problem) for path, problem in found))
        }  # fmt: skip
        fewest = min(map(len, deep.values()), default=0)
        best = [found for found in deep.values() if len(found) == fewest]
        if len(best) == 1:
            yield from (_sentence(root, data, path, found) for path, found in best[0])
        else:
            yield _sentence(root, data, union, {"type": "union", "input": _value(data, union), "msg": ""})


def _meant(root: type[Table], data: Any, union: Path) -> str:
    """The table among the alternatives at `union` whose keys are written there, by its class; "" if that is not clear."""
    field = locate(root, data, union)[1]
    value = _value(data, union)
    table = table_for(field.annotation, value) if field is not None and isinstance(value, Mapping) else None
    return table.__name__ if table is not None else ""


def _of_its_type(problem: Mapping[str, Any]) -> bool:
    """Whether an alternative is of the type that was given and only refuses the value."""
    return not problem["type"].endswith("_type") and problem["type"] != "literal_error"


def _path(data: Any, loc: Sequence[Any], kind: str) -> tuple[Path, Path | None, str]:
    """pydantic's location as a path into the data, and the alternative of a union that it speaks of, if any."""
    path: list[str | int] = []
    union: Path | None = None
    branch = ""
    for place, part in enumerate(loc):
        last = place == len(loc) - 1
        in_list = isinstance(data, (list, tuple)) and isinstance(part, int) and 0 <= part < len(data)
        if in_list or (isinstance(data, Mapping) and part in data):
            data = data[part]
        elif last and kind in ("missing", "tuple_missing"):
            data = None
        else:
            if not (isinstance(data, Mapping) and data.get("kind") == part) and union is None:
                union, branch = tuple(path), str(part)
            continue
        path.append(part)
    return tuple(path), union, branch


def _value(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _sentence(root: type[Table], data: Any, path: Path, found: Mapping[str, Any]) -> tuple[Path, str]:
    kind, given, context = found["type"], found["input"], found.get("ctx", {})
    table, field = locate(root, data, path)
    name = str(path[-1]) if path else ""
    rightly = but_allowed(allowed(table, name)) if table is not None and field is not None else ""
    if kind == "extra_forbidden":
        return path, _unknown_key(root, table, name)
    if kind == "missing" and isinstance(path[-1], int):
        return path[:-1], _("too short") + _allowed_at(root, data, path[:-1])
    if kind == "missing":
        return path, _("is missing") + rightly
    if kind == "union_tag_not_found":
        return (*path, "kind"), _("is missing") + but_allowed(", ".join(sorted(_tags(root, data, path))))
    if kind == "union_tag_invalid":
        return (*path, "kind"), unknown("kind", context.get("tag", ""), _tags(root, data, path))
    if kind in ("value_error", "assertion_error"):
        return path, str(context.get("error", found["msg"]))
    if "url" not in found and kind not in ("nan", "infinite", "union"):  # a table's own check, perhaps named after the key it is about
        at_key = isinstance(given, Mapping) and table_for(field.annotation if field else None, given)
        return (*path, kind) if at_key and kind in at_key.model_fields else path, found["msg"]
    if kind == "nan" or (isinstance(given, float) and given != given):
        return path, _("nan is not a number") + rightly
    if kind == "infinite":
        return path, _("must be finite") + rightly
    if given == "off" and isinstance(given, str) and field is not None:
        return path, _("cannot be switched off") + rightly
    if not rightly:
        rightly = _allowed_at(root, data, path)
    close = ""
    if kind in ("literal_error", "union") and isinstance(given, str) and field is not None:
        close = did_you_mean(given, _texts(field.annotation))
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        return path, _("{value} is out of range").format(value=shown(given)) + rightly
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        length = _("has {count} letters") if kind.startswith("string") else _("has {count} items")
        limit = _("at least {count}") if "min_length" in context else _("at most {count}")
        return path, length.format(count=len(given)) + but_allowed(limit.format(count=context.get("min_length", context.get("max_length"))))
    if kind == "string_pattern_mismatch":
        rightly = but_allowed(_("a text that neither starts nor ends with a space"))
    if rightly:
        return path, _("{value} is not allowed here").format(value=shown(given)) + rightly + close
    return path, f"{shown(given)}: {found['msg'][0].lower()}{found['msg'][1:]}"


def _unknown_key(root: type[Table], table: type[Table] | None, name: str) -> str:
    if table is None:
        return _("unknown key")
    keys = list(table.model_fields)
    said = _("unknown key") + but_allowed(", ".join(keys) if len(keys) <= 14 else ", ".join(keys[:12]) + " ...")
    close = did_you_mean(name, keys)
    elsewhere = [
        f"{section}.{name}" for section, field in root.model_fields.items()
        for inner in tables_in(field.annotation)[:1]
        if inner is not table and name in inner.model_fields and section not in ("brands", "events")
    ]  # fmt: skip
    return said + (close or (_("; it belongs to {key}").format(key=elsewhere[0]) if len(elsewhere) == 1 else ""))


def _tags(root: type[Table], data: Any, path: Path) -> list[str]:
    """The kinds that the table at `path` may be of."""
    field = _around(root, data, path)[1]
    return [kind for table in (tables_in(field.annotation) if field is not None else []) for kind in kinds(table)]


def _around(root: type[Table], data: Any, path: Path) -> tuple[type[Table] | None, Any]:
    """The nearest field at or above `path`."""
    for length in range(len(path), 0, -1):
        table, field = locate(root, data, path[:length])
        if field is not None:
            return table, field
    return None, None


def _allowed_at(root: type[Table], data: Any, path: Path) -> str:
    table, field = locate(root, data, path)
    if table is not None and field is not None:
        return but_allowed(allowed(table, str(path[-1])))
    around = _around(root, data, path)[1]
    if around is None:
        return ""
    inner = [argument for argument in getattr(around.annotation, "__args__", ()) if argument is not Ellipsis]
    dictionaries = [argument.__args__[1] for argument in (around.annotation, *inner) if getattr(argument, "__origin__", None) is dict]
    if dictionaries and isinstance(path[-1], str):
        return but_allowed(words(dictionaries[0], around.metadata))
    if isinstance(path[-1], int) and inner and getattr(around.annotation, "__origin__", None) in (tuple, list):
        return but_allowed(words(inner[0], around.metadata))
    return but_allowed(words(around.annotation, around.metadata))


def _texts(annotation: Any) -> list[str]:
    """The texts that a type allows literally."""
    arguments = getattr(annotation, "__args__", ())
    return [argument for argument in arguments if isinstance(argument, str)] + [
        text for argument in arguments if not isinstance(argument, str) for text in _texts(argument)
    ]
