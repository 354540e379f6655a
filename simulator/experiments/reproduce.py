"""Making a comparison again from its report, and seeing whether the same comes out.

The page carries a recipe: the scenarios in full, names, seed, replicates and settings, the program's versions, and a digest of each
table. Whoever sent the page is not trusted: the recipe is data, checked like a scenario file; it names no paths, and a file that a
scenario needs is only taken from folders that the user names, and only if it holds what the recipe says.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from simulator.experiments.compare import compare
from simulator.experiments.comparison import Comparison
from simulator.experiments.doubt import DOUBTS
from simulator.experiments.pool import Progress
from simulator.experiments.sequential import DECIDED
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.provenance import from_plain, plain, versions
from simulator.scenario.declared import files_in
from simulator.scenario.identity import file_digest
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
TYPE = "application/json"
ELEMENT = "recipe"
"""The id of the page's element that holds the recipe."""

LARGEST = 200_000_000
MOST_SCENARIOS = 1000

TABLES = ("runs", "summary", "verdicts", "curves", "spending", "causal", "draws", "assumptions", "looks", "flipped", "causes")
"""The tables of a comparison that are compared; those that are empty on both sides are equal."""


def recipe(comparison: Comparison) -> dict[str, Any]:
    """Everything needed to make a comparison again, as JSON knows it."""
    return {
        "format": FORMAT, "world": comparison.world, "focal": comparison.focal, "finished": not comparison.interrupted,
        "arguments": comparison.arguments | {"explain": len(comparison.causes) > 0}, "versions": versions(),
        "scenarios": [
            {"name": name, "hash": scenario.hash, "scenario": plain(_without_paths(scenario))}
            for name, scenario in zip(comparison.names, comparison.scenarios, strict=True)
        ],
        "digests": digests(comparison),
    }  # fmt: skip


def digests(comparison: Comparison) -> dict[str, str]:
    """A digest of each table that is not empty: of its text with twelve digits of every number."""
    tables = {name: getattr(comparison, name) for name in TABLES}
    tables |= {f"bad_buzz_{name}": table for name, table in (comparison.bad_buzz.tables if comparison.bad_buzz else {}).items()}
    return {name: digest(table) for name, table in tables.items() if len(table)}


def digest(table: pd.DataFrame) -> str:
    """32 hexadecimal digits of what a table holds."""
    text = table.to_csv(index=False, float_format="%.12g", lineterminator="\n")
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


# -- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """What a report says it was made from."""

    scenarios: tuple[Scenario, ...]
    arguments: dict[str, Any]  # of `compare`
    world: str
    versions: dict[str, str]
    digests: dict[str, str]

    @property
    def other_versions(self) -> list[str]:
        """Sentences on what is not the version it was made with."""
        here = versions()
        return [
            _("{name} {version}, here {here}").format(name=name, version=self.versions[name], here=here.get(name) or _("none"))
            for name in self.versions if self.versions[name] != here.get(name)
        ]  # fmt: skip


def read_recipe(page: Path, folders: Sequence[Path] = ()) -> Recipe:
    """The recipe of a report. folders: where files that its scenarios name may lie (default: the report's folder).

    Raises InputError for what is no report, is broken, or needs a file that is not there or holds something else.
    """
    try:
        if page.stat().st_size > LARGEST:
            raise InputError(_("{page} is larger than any report ({megabytes} MB)").format(page=page, megabytes=LARGEST // 1000000))
        text = page.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(_("{page} is not a report: it is not text in UTF-8").format(page=page)) from None
    except OSError as error:
        raise InputError(_("cannot read {page}: {error}").format(page=page, error=error.strerror or error)) from None
    found = _Embedded(text).found
    if found is None:
        raise InputError(_("{page} holds no recipe: it is not a report of this program, or one of an older version").format(page=page))
    try:
        data = json.loads(found)
    except (ValueError, RecursionError):
        raise InputError(_("{page}: its recipe is broken").format(page=page)) from None
    return _checked(data, page, folders or [page.parent])


class _Embedded(HTMLParser):
    """Finds the text of the element that holds the recipe."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: str | None = None
        self._inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and self.found is None:
            self._inside = dict(attrs).get("id") == ELEMENT and dict(attrs).get("type") == TYPE

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found = (self.found or "") + data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def _checked(data: Any, page: Path, folders: Sequence[Path]) -> Recipe:
    """The recipe, if every part of it is what it must be."""

    def wrong(what: str) -> InputError:
        return InputError(_("{page}: its recipe is broken: {what}").format(page=page, what=what))

    if not isinstance(data, dict):
        raise wrong(_("it is no table"))
    if data.get("format") != FORMAT:
        raise InputError(
            _("{page} was written by another version of the program (format {there!r}, here {here})").format(
                page=page, there=data.get("format"), here=FORMAT
            )
        )
    if data.get("finished") is not True:
        raise InputError(
            _("{page} is of a comparison that was stopped early: there is nothing to compare a whole one with").format(page=page)
        )
    entries = data.get("scenarios")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_SCENARIOS or not all(isinstance(each, dict) for each in entries):
        raise wrong("scenarios")
    arguments = data.get("arguments")
    if not isinstance(arguments, dict) or arguments.keys() != ARGUMENTS.keys():
        raise wrong("arguments")
    for name, allowed in ARGUMENTS.items():
        if not allowed(arguments[name]):
            raise wrong(name)
    if len(arguments["names"]) != len(entries):
        raise wrong("names")
    tables, seen = data.get("digests"), data.get("versions")
    if not _texts(tables) or not _texts(seen) or not isinstance(data.get("world"), str):
        raise wrong("digests, versions, world")
    scenarios = tuple(_scenario(each, page, folders) for each in entries)
    return Recipe(scenarios, arguments, data["world"], seen, tables)


def _scenario(entry: Mapping[str, Any], page: Path, folders: Sequence[Path]) -> Scenario:
    """One of the recipe's scenarios, which must have the hash that the recipe says."""
    written = from_plain(entry.get("scenario"))
    if not isinstance(written, dict) or "base" in written:
        raise InputError(_("{page}: its recipe is broken: scenario {number}").format(page=page, number=entry.get("name")))
    written = _with_paths(copy.deepcopy(written), page, folders)
    scenario = load_scenario(written)
    if scenario.hash != entry.get("hash"):
        raise InputError(
            _("{page}: scenario {number} is not the one that the report was made from (hash {hash}, the report says {told})").format(
                page=page, number=entry.get("name"), hash=scenario.hash, told=entry.get("hash")
            )
        )
    return scenario


def _whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


def _texts(value: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and all(isinstance(key, str) and isinstance(item, str) for key, item in value.items())


ARGUMENTS: dict[str, Callable[[Any], bool]] = {
    "replicates": lambda value: _whole(value, 1, 10**7), "seed": lambda value: _whole(value, 0, 2**63 - 1), "names": _names,
    "doubt": lambda value: value in DOUBTS, "draws": lambda value: _whole(value, 0, 10**6), "until": lambda value: value in ("", DECIDED),
    "explain": lambda value: isinstance(value, bool),
}  # fmt: skip
"""The arguments of `compare` that a recipe holds, and what each may be."""


# -- files -----------------------------------------------------------------------------------------------------------


def _without_paths(scenario: Scenario) -> dict[str, Any]:
    """What the scenario says, with the name and hash of each file in place of its path."""
    data = copy.deepcopy(scenario.to_dict())
    for place, name in list(files_in(Scenario, data)):
        _put(data, place, {"file": Path(name).name, "holds": file_digest(name)})
    return data


def _with_paths(data: dict[str, Any], page: Path, folders: Sequence[Path]) -> dict[str, Any]:
    """The same with a path where a file is named. A path in the recipe itself is refused."""
    for place, _path in files_in(Scenario, data):
        raise InputError(
            _("{page}: its recipe names a path ({path}); paths of a report are not followed").format(
                page=page, path=".".join(map(str, place))
            )
        )
    for place, found in list(_named_files(data, ())):
        name, holds = found["file"], found["holds"]
        if not isinstance(name, str) or not isinstance(holds, str) or name in ("", ".", "..") or any(sign in name for sign in "/\\:"):
            raise InputError(_("{page}: its recipe is broken: the file of {key}").format(page=page, key=".".join(map(str, place))))
        _put(data, place, str(_find(name, holds, folders, page)))
    return data


def _find(name: str, holds: str, folders: Sequence[Path], page: Path) -> Path:
    for folder in folders:
        path = (folder / name).absolute()
        if path.is_file():
            if file_digest(str(path)) == holds:
                return path
            raise InputError(
                _("{path} is not the file that {page} was made with: it holds something else ({holds} is asked for)").format(
                    path=path, page=page, holds=holds
                )
            )
    raise InputError(
        _("{page} was made with a file {name} ({holds}), which is not in {folders}; name its folder with --files").format(
            page=page, name=name, holds=holds, folders=", ".join(map(str, folders))
        )
    )


def _named_files(node: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    if isinstance(node, dict):
        if node.keys() == {"file", "holds"}:
            yield place, node
            return
        for key, item in node.items():
            yield from _named_files(item, (*place, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _named_files(item, (*place, index))


def _get(data: Any, place: tuple[str | int, ...]) -> Any:
    for part in place:
        data = data[part]
    return data


def _put(data: Any, place: tuple[str | int, ...], value: Any) -> None:
    _get(data, place[:-1])[place[-1]] = value


# -- again -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Reproduction:
    """A comparison made again, beside what the report says of the first."""

    comparison: Comparison
    equal: tuple[str, ...]  # names of tables
    different: tuple[str, ...]

    @property
    def confirmed(self) -> bool:
        """Whether all is as the report says."""
        return not self.different


def reproduce(known: Recipe, workers: int | None = None, progress: Progress | None = None) -> Reproduction:
    """Run a recipe and compare each table's digest. Raises KeyboardInterrupt if it is stopped."""
    made = compare(known.scenarios, workers=workers, progress=progress, **known.arguments)
    if made.interrupted:
        raise KeyboardInterrupt
    found = digests(made)
    names = [*known.digests, *(name for name in found if name not in known.digests)]
    different = [name for name in names if found.get(name) != known.digests.get(name)]
    if made.world != known.world:
        different.append("world code")
    return Reproduction(made, tuple(name for name in names if name not in different), tuple(different))
