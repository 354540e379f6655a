"""Finding a declaration: from a place in a scenario's data to the table and field that describe it, and to words."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from simulator.language import N_, _
from simulator.parameters import Table, declaration, has_off, may_be_infinite, off_value

Path = tuple[str | int, ...]

_NAMES = {float: N_("a number"), int: N_("a whole number"), str: N_("a text"), bool: N_("true or false")}
_PLURALS = {float: N_("numbers"), int: N_("whole numbers"), str: N_("texts"), bool: N_("true or false")}
_BOUNDS = {"ge": N_("of at least {number}"), "gt": N_("above {number}"), "le": N_("of at most {number}"), "lt": N_("below {number}")}


def tables_in(annotation: Any) -> list[type[Table]]:
    """The tables that a type mentions."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return [annotation] if issubclass(annotation, Table) else []
    return [table for part in get_args(annotation) for table in tables_in(part)]


def kinds(table: type[Table]) -> tuple[str, ...]:
    """The values of `kind` that a table stands for."""
    field = table.model_fields.get("kind")
    return get_args(field.annotation) if field is not None and get_origin(field.annotation) is Literal else ()


def table_for(annotation: Any, value: Any) -> type[Table] | None:
    """The table that describes `value`: where there are several, by its `kind` or by the keys that only one has."""
    tables = tables_in(annotation)
    if isinstance(value, Mapping) and len(tables) > 1:
        tables = [
            table for table in tables if (value.get("kind") in kinds(table) if kinds(table) else set(value) & set(table.model_fields))
        ]
    return tables[0] if len(tables) == 1 else None


def locate(root: type[Table], data: Any, path: Path) -> tuple[type[Table] | None, FieldInfo | None]:
    """The table that the last key of `path` belongs to, and the field declared under it (None: unknown)."""
    table: type[Table] | None = root
    owner, field, annotation, node = table, None, None, data
    for part in path:
        owner, field = table, None
        if table is not None:
            field = table.model_fields.get(str(part))
            annotation = field.annotation if field is not None else None
        node = _part(node, part)
        table = table_for(annotation, node) if not holds_names(annotation, table is not None) else None
    return owner, field


def holds_names(annotation: Any, entered: bool) -> bool:
    """Whether the value just reached is a table of tables (or a list of them), whose next key is a name, not a field."""
    return entered and any(get_origin(choice) in (dict, tuple, list) and tables_in(choice) for choice in _choices(annotation))


def _part(node: Any, part: str | int) -> Any:
    if isinstance(node, Mapping):
        return node.get(part)
    if isinstance(node, (list, tuple)) and isinstance(part, int) and 0 <= part < len(node):
        return node[part]
    return None


def files_in(table: type[Table], data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The places in `data` where a file is named, with the path written there."""
    if not isinstance(data, Mapping):
        return
    for name, field in table.model_fields.items():
        value = data.get(name)
        if declaration(table, name).get("file") and isinstance(value, str) and value != "off":
            yield (*path, name), value
        elif isinstance(value, Mapping) and holds_names(field.annotation, True):
            for key, item in value.items():
                yield from _files_of(field.annotation, item, (*path, name, key))
        elif isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                yield from _files_of(field.annotation, item, (*path, name, index))
        elif value is not None:
            yield from _files_of(field.annotation, value, (*path, name))


def _files_of(annotation: Any, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    table = table_for(annotation, value)
    if table is not None:
        yield from files_in(table, value, path)


def allowed(table: type[Table], name: str) -> str:
    """What parameter `name` of `table` may be, in words."""
    field = table.model_fields[name]
    said = words(field.annotation, field.metadata)
    if may_be_infinite(table, name) and not has_off(table, name):
        said += _(" (inf too)")
    if has_off(table, name) and off_value(table, name) != "off":
        said += _(' or "off" (which is {value})').format(value=off_value(table, name))
    return said


def words(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str:
    """A type in words: `a number from 0 to 1`."""
    said = [_words(choice, metadata) for choice in _choices(annotation) if choice is not type(None)]
    return _(" or ").join(dict.fromkeys(said))


def _choices(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)


def _words(annotation: Any, metadata: list[Any] | tuple[Any, ...]) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return words(arguments[0], [*_limits(arguments[1:]), *metadata])
    if origin is Literal:
        quoted = [f'"{value}"' if isinstance(value, str) else str(value) for value in arguments]
        return quoted[0] if len(quoted) == 1 else _("one of {values}").format(values=", ".join(quoted))
    if origin in (tuple, list):
        items = [item for item in arguments if item is not Ellipsis]
        plain = [_(_PLURALS[_bare(kind)]) for kind in _choices(items[0]) if _bare(kind) in _PLURALS]
        what = _(" or ").join(plain) or (_("tables") if tables_in(items[0]) else _("values"))
        if Ellipsis in arguments or origin is list:
            return _("a list of {items}").format(items=what)
        return _("a list of {count} {items}").format(count=len(items), items=what)
    if origin is dict:
        kind = _bare(arguments[1])
        what = _(_PLURALS[kind]) if kind in _PLURALS else _("tables") if tables_in(kind) else _("values")
        return _("a table of {items} by name").format(items=what)
    tables = tables_in(annotation)
    if tables:
        required = [name for name, field in tables[0].model_fields.items() if field.is_required()]
        return _("a table") + (" { " + ", ".join(f"{name} = ..." for name in required) + " }" if required else "")
    return (_(_NAMES[annotation]) if annotation in _NAMES else _("a value")) + _range(metadata)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _limits(metadata: tuple[Any, ...]) -> list[Any]:
    return [limit for item in metadata for limit in (item.metadata if isinstance(item, FieldInfo) else [item])]


def _range(metadata: list[Any] | tuple[Any, ...]) -> str:
    bounds = {name: getattr(item, name) for item in metadata for name in ("ge", "gt", "le", "lt") if getattr(item, name, None) is not None}
    if "ge" in bounds and "le" in bounds:
        return " " + _("from {low} to {high}").format(low=_plain(bounds["ge"]), high=_plain(bounds["le"]))
    said = [_(_BOUNDS[name]).format(number=_plain(bounds[name])) for name in _BOUNDS if name in bounds]
    return " " + _(" and ").join(said) if said else ""


def _plain(number: Any) -> str:
    return f"{number:,}".replace(",", "_") if isinstance(number, int) else f"{number:g}"
