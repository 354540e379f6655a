"""Reading scenario files, and inheriting: a file with a `base` holds only its difference.

What a file says is laid over its base:
    a table         key by key
    brands, segments by name; new names are added at the end
    events          are added to those of the base; `events = []` drops those of the base
    another `kind`  of [network] or of a [brands.strategy] replaces the table: no lever of the old kind is left over
    anything else   replaces
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.language import N_, _, number
from simulator.scenario.bundled import bundled_files, scenarios_folder
from simulator.scenario.positions import NOWHERE, Spot, TooDeepError, refuse_too_deep, scan, too_deep
from simulator.scenario.problems import Problem, ScenarioError, but_allowed, did_you_mean, not_known, shown

BY_NAME: tuple[tuple[str, ...], ...] = (("brands",), ("population", "segments"))
"""Arrays of tables whose items are known by their `name`."""

SYNTAX = (
    N_("cannot overwrite a value"), N_("duplicate inline table key"), N_("expected '=' after a key in a key/value pair"),
    N_("expected newline or end of document after a statement"), N_("expected ']' at the end of a table declaration"),
    N_("expected ']]' at the end of an array declaration"), N_("invalid date or datetime"), N_("invalid hex value"),
    N_("invalid initial character for a key part"), N_("invalid statement"), N_("invalid value"), N_("unclosed array"),
    N_("unclosed inline table"), N_("unescaped '\\' in a string"), N_("unterminated string"),
)  # fmt: skip
"""What tomllib says of a file that is not TOML, marked for translation."""

LONGEST_CHAIN = 20
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Written:
    """What files say: data as TOML gives it, and where each value is written."""

    data: dict[str, Any]
    spots: Spot


def read_scenario(path: Path) -> Written:
    """A scenario file with all its bases laid under it."""
    chain: list[Path] = []
    below: list[Written] = []
    while True:
        written = read_toml(path)
        chain.append(path.resolve())
        below.append(written)
        base = written.data.pop("base", None)
        if base is None:
            break
        path = _base(written.spots.at(("base",)), base, path, chain)
    result = below.pop()
    while below:
        result = _merged(result, below.pop())
    return result


def read_foreign(raw: bytes, name: str) -> Written:
    """A scenario that somebody else wrote, shown under `name`: the only files it may name are bundled scenarios, as its base."""
    own = parsed(raw, name, NOWHERE)
    base = own.data.pop("base", None)
    if base is None:
        return own
    bundled = {path.removesuffix(".toml"): path for path in bundled_files()}
    path = bundled.get(base.removesuffix(".toml")) if isinstance(base, str) else None
    if path is None:  # looked up, never opened as a path
        wrong = not_known("bundled scenario", base) + did_you_mean(base, bundled)
        wrong += _("; a scenario from outside is based on a bundled one, such as {name}, or on none").format(name=shown(min(bundled)))
        raise ScenarioError([Problem(wrong, "base", name, own.spots.at(("base",)).line)])
    return _merged(read_scenario(scenarios_folder() / path), own)


def _merged(base: Written, own: Written) -> Written:
    return Written(*_over(base.data, own.data, base.spots, own.spots, ()))


def _base(spot: Spot, base: Any, path: Path, chain: list[Path]) -> Path:
    """The path of a base: an existing file at or below the folder of the file that names it."""

    def refuse(text: str) -> ScenarioError:
        return ScenarioError([Problem(text, "base", spot.file, spot.line)])

    if not isinstance(base, str) or not base.strip():
        raise refuse(_("{value} is not allowed here").format(value=shown(base)) + but_allowed(_("the path of a scenario file")))
    target, why = inside(path.parent, base)
    if target is None:
        raise refuse(why)
    if not target.is_file():
        raise refuse(_("there is no file {name} in {folder}").format(name=shown(base), folder=show(path.parent)))
    if target in chain:
        circle = " -> ".join(each.name for each in [*chain[chain.index(target) :], target])
        raise refuse(_("circular: {files}").format(files=circle))
    if len(chain) >= LONGEST_CHAIN:
        raise refuse(_("more than {most} files, each the base of the one before").format(most=LONGEST_CHAIN))
    return target


def inside(folder: Path, name: str) -> tuple[Path | None, str]:
    """The absolute path of `name`, if it stays at or below `folder`; else None and why not."""
    try:
        home, target = folder.resolve(), (folder / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        return None, _("{name} is not a path: {error}").format(name=shown(name), error=error)
    if not target.is_relative_to(home):
        wrong = _("{name} lies outside {folder}; allowed: files in that folder or below it")
        return None, wrong.format(name=shown(name), folder=show(folder))
    return target, ""


def show(path: Path) -> str:
    """A path as the user would type it from where she stands."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return str(path)


def read_toml(path: Path) -> Written:
    """One file. Whatever is wrong with it is a `ScenarioError` with the line."""
    file = show(path)
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            wrong = _("has more than {most} bytes: it cannot be a scenario")
            raise ScenarioError([Problem(wrong.format(most=number(LARGEST)), file=file)])
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ScenarioError([Problem(_unreadable(path, error), file=file)]) from None
    return parsed(raw, file, str(path.resolve().parent))


def parsed(raw: bytes, file: str, folder: str) -> Written:
    """The bytes of a file. folder: against which paths in it are read. Whatever is wrong with it is a `ScenarioError` with the line."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        wrong = _("is not UTF-8: byte 0x{byte:02x}; save the file as UTF-8").format(byte=raw[error.start])
        raise ScenarioError([Problem(wrong, file=file, line=line)]) from None
    try:
        refuse_too_deep(text)  # tomllib's own time grows with the square of the depth
        data = tomllib.loads(text)
        return Written(data, scan(text, file, folder))
    except TooDeepError as error:
        raise ScenarioError([Problem(too_deep(), file=file, line=error.line)]) from None
    except RecursionError:
        raise ScenarioError([Problem(_("nested too deeply"), file=file, line=1)]) from None
    except ValueError as error:
        raise ScenarioError([_syntax(text, file, error)]) from None


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        near = sorted(each.name for each in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        return _("there is no such file") + did_you_mean(path.name, near)
    return _("cannot be read: {error}").format(error=getattr(error, "strerror", None) or error)


def _syntax(text: str, file: str, error: ValueError) -> Problem:
    found = re.fullmatch(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    if found is None:
        return Problem(_("is not TOML: {error}").format(error=error), file=file, line=1)
    line = int(found[2]) if found[2] else text.rstrip("\n").count("\n") + 1
    place = _("is not TOML: {error}, column {column}") if found[3] else _("is not TOML: {error}, at the end of the file")
    said = "".join(letter if letter.isprintable() else "?" for letter in found[1])
    return Problem(place.format(error=_(said[:1].lower() + said[1:]), column=found[3]), file=file, line=line)


def has_kinds(path: tuple[Any, ...]) -> bool:
    """Whether the table at `path` has levers that depend on its `kind`."""
    return path == ("network",) or (len(path) == 3 and path[0] == "brands" and path[2] == "strategy")


def _over(base: Any, own: Any, under: Spot, over: Spot, path: tuple[Any, ...]) -> tuple[Any, Spot]:
    """`own` laid over `base`, with the spots of what is left of both."""
    if isinstance(base, dict) and isinstance(own, dict):
        if has_kinds(path) and "kind" in own and own["kind"] != base.get("kind", own["kind"]):
            return own, over
        return _tables(base, own, under, over, path)
    if isinstance(base, list) and isinstance(own, list):
        if path in BY_NAME:
            return _by_name(base, own, under, over, path)
        if path == ("events",) and own:
            return _joined(base, own, under, over)
    return own, over


def _tables(base: dict[str, Any], own: dict[str, Any], under: Spot, over: Spot, path: tuple[Any, ...]) -> tuple[Any, Spot]:
    data = dict(base)
    spots = Spot(over.file, over.line, over.folder, dict(under.parts))
    for key, value in own.items():
        spot = over.parts.get(key, over)
        if key in base:
            data[key], spots.parts[key] = _over(base[key], value, under.parts.get(key, under), spot, (*path, key))
        else:
            data[key], spots.parts[key] = value, spot
    return data, spots


def _joined(base: list[Any], own: list[Any], under: Spot, over: Spot) -> tuple[list[Any], Spot]:
    spots = Spot(over.file, over.line, over.folder, dict(under.parts))
    for index in range(len(own)):
        spots.parts[len(base) + index] = over.parts.get(index, over)
    return [*base, *own], spots


def _by_name(base: list[Any], own: list[Any], under: Spot, over: Spot, path: tuple[Any, ...]) -> tuple[list[Any], Spot]:
    data, spots = list(base), Spot(over.file, over.line, over.folder, dict(under.parts))
    waiting: dict[str | None, int] = {name: index for index, item in reversed(list(enumerate(base))) if (name := _name(item)) is not None}
    for index, item in enumerate(own):
        spot = over.parts.get(index, over)
        place = waiting.pop(_name(item), None)  # a second item of that name stays a second one, to be refused
        if place is None:
            spots.parts[len(data)] = spot
            data.append(item)
        else:
            inner = (*path, place)
            data[place], spots.parts[place] = _over(base[place], item, under.parts.get(place, under), spot, inner)
    return data, spots


def _name(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else None
