"""From a file, a dictionary and overrides to a `Scenario`, or to everything that is wrong with them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulator.language import _
from simulator.parameters import Table
from simulator.scenario.checks import Parts, found_across
from simulator.scenario.declared import files_in, table_for, tables_in
from simulator.scenario.files import inside, read_foreign, read_scenario, show
from simulator.scenario.overrides import PLACE, as_toml, laid_over
from simulator.scenario.positions import NOWHERE, Spot
from simulator.scenario.problems import Problem, ScenarioError, explained, names_in, problem_at, shown
from simulator.scenario.schema import Brand, Scenario

LISTS = ("brands", "events")


def load_scenario(source: str | Path | Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario from a TOML file (or from a dictionary of the same form) and lay overrides over it.

    Paths written in a file are relative to that file and stay at or below its folder; paths given by an override or in
    a dictionary are the caller's own, relative to the working directory. Raises `ScenarioError` with every problem.
    """
    if isinstance(source, Mapping):
        return _build(as_toml(source), Spot("scenario", 0), "", overrides or {}, ())
    written = read_scenario(Path(source))
    return _build(written.data, written.spots, str(Path(source).absolute()), overrides or {}, ())


def load_text(text: str | bytes, name: str) -> Scenario:
    """Read a scenario that somebody else wrote. name: what its problems call it.

    No file of this machine is read but bundled scenarios: these are all that `base` may name, and only by the names that
    `bundled_names` gives; every other value that names a file is refused. Raises `ScenarioError` with every problem.
    """
    written = read_foreign(text.encode() if isinstance(text, str) else text, name)
    return _build(written.data, written.spots, "", {}, ())


def overridden(scenario: Scenario, settings: Mapping[str, Any]) -> Scenario:
    """A scenario with some values changed."""
    data, spots = scenario.written()
    return _build(copy.deepcopy(data), copy.deepcopy(spots), str(scenario.path or ""), settings, scenario.notices)


def _build(data: dict[str, Any], spots: Spot, path: str, overrides: Mapping[str, Any], notices: tuple[str, ...]) -> Scenario:
    problems, said = laid_over(data, spots, overrides)
    problems += list(_find_files(data, spots))
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(data)
        parts = _whole(scenario)
    except ValidationError as error:
        problems += [problem_at(data, spots, *found) for found in explained(error, Scenario, data, ())]
        parts = _sound(data)
    except RecursionError:
        raise ScenarioError([Problem(_("nested too deeply"), file=spots.file)]) from None
    parts.shortened = spots.at(("run", "days")).file == PLACE
    problems += [problem_at(data, spots, *found) for found in found_across(parts)]
    if problems or scenario is None:
        raise ScenarioError(problems)
    scenario.remember(data, spots, path, tuple(dict.fromkeys((*notices, *said, *parts.notices))))
    return scenario


def _find_files(data: dict[str, Any], spots: Spot) -> Iterator[Problem]:
    """Make the paths of files absolute, in place; those that are not there or not allowed stay as written and are a problem."""
    for place, name in list(files_in(Scenario, data)):
        spot = spots.at(place)
        if spot.folder == NOWHERE:
            wrong = _("a scenario from outside cannot name files of this machine, here {name}; run it with run.py instead")
            yield problem_at(data, spots, place, wrong.format(name=shown(name)))
            continue
        if spot.folder is None:
            try:
                target, why = Path(name).expanduser().resolve(), ""
            except (OSError, ValueError, RuntimeError) as error:
                target, why = None, _("{name} is not a path: {error}").format(name=shown(name), error=error)
            folder = _("the working directory")
        else:
            target, why = inside(Path(spot.folder), name)
            folder = show(Path(spot.folder))
        if target is not None and not _is_file(target):
            why = _("there is no file {name}") if Path(name).is_absolute() else _("there is no file {name} in {folder}")
            why = why.format(name=shown(name), folder=folder)
        if target is None or why:
            yield problem_at(data, spots, place, why)
        else:
            _put(data, place, str(target))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _put(data: Any, path: tuple[str | int, ...], value: str) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value


def _whole(scenario: Scenario) -> Parts:
    """The parts of a scenario whose tables are all right by themselves."""
    return Parts(
        tables={name: getattr(scenario, name) for name in type(scenario).model_fields if name not in LISTS},
        starts=[(index, brand.start) for index, brand in enumerate(scenario.brands)],
        strategies=[(index, brand.strategy) for index, brand in enumerate(scenario.brands)],
        events=list(enumerate(scenario.events)),
        event_brands=[(index, event.brand) for index, event in enumerate(scenario.events)],
        event_days=[(index, event.day) for index, event in enumerate(scenario.events)],
        brand_names=[brand.name for brand in scenario.brands],
        conducts=[(index, brand.conduct) for index, brand in enumerate(scenario.brands)],
        segment_names=[segment.name for segment in scenario.population.segments],
        focal=scenario.focal,
    )


def _sound(data: dict[str, Any]) -> Parts:
    """The parts that are right, of data that are not: so that one mistake does not hide another."""
    focal = data.get("focal")
    parts = Parts(brand_names=names_in(data.get("brands")), focal=focal if isinstance(focal, str) else "")
    for name, field in Scenario.model_fields.items():
        tables = tables_in(field.annotation)
        if name not in LISTS and tables:
            parts.tables[name] = _read(tables[0], data.get(name, {}))
    for index, item in enumerate(_items(data, "brands")):
        for name, into in (("start", parts.starts), ("strategy", parts.strategies)):
            value = item.get(name, {"kind": "silent"} if name == "strategy" else {})
            table = table_for(Brand.model_fields[name].annotation, value)
            if table is not None and (read := _read(table, value)) is not None:
                into.append((index, read))
        if isinstance(conduct := item.get("conduct"), list):
            parts.conducts.append((index, tuple(conduct)))
    for index, item in enumerate(_items(data, "events")):
        table = table_for(Scenario.model_fields["events"].annotation, item)
        if table is not None and (event := _read(table, item)) is not None:
            parts.events.append((index, event))
        if isinstance(brand := item.get("brand"), str):
            parts.event_brands.append((index, brand))
        if type(day := item.get("day")) is int:
            parts.event_days.append((index, day))
    population, written = parts.table("population"), data.get("population")
    if population is not None:
        parts.segment_names = [segment.name for segment in population.segments]
    elif isinstance(written, Mapping):
        parts.segment_names = [name for name in names_in(written.get("segments")) if name]
    return parts


def _read(table: type[Table], value: Any) -> Any:
    try:
        return table.model_validate(value)
    except ValidationError:
        return None


def _items(data: dict[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The tables of a list, an empty one standing for whatever is no table."""
    items = data.get(name)
    return [item if isinstance(item, Mapping) else {} for item in items] if isinstance(items, list) else []
