"""The parameter tables of the documentation, written from the declarations.

python -m simulator.scenario.document docs/model.md       writes them anew between its two markers
python -m simulator.scenario.document                     prints them
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from simulator.parameters import DESIGN, InputError, Table, declaration, may_be_infinite
from simulator.rules.advertising import CHANNELS
from simulator.scenario.declared import holds_names, kinds, tables_in, words
from simulator.scenario.schema import Brand, Scenario
from simulator.world.events import Event
from simulator.world.selection import Selection

BEGIN, END = "<!-- parameters: begin -->", "<!-- parameters: end -->"
"""What lies between these lines of a document is generated."""

COLUMNS = ("key", "default", "unit", "range", "off", "evidence", "plausible", "meaning", "source")

SELECTIONS = tables_in(Selection)
"""Ways to name consumers, explained where a range says them: they would be repeated with every event."""

NOTE = """Generated from the declarations by `python -m simulator.scenario.document docs/model.md`; a test compares the two.
Evidence: L rests on the source named last, A is an assumption (plausible: the range a doubt about it should sweep), D is the
choice of whoever writes the scenario. Off: the value that removes the mechanism exactly; `"off"` stands for it in a scenario."""


class Row(NamedTuple):
    """A parameter in words; the fields are the columns of the tables."""

    key: str
    default: str
    unit: str
    range: str
    off: str
    evidence: str
    plausible: str
    meaning: str
    source: str


def parameter_tables() -> str:
    """Every parameter of a scenario in Markdown: a table for each table of the file, kind of event and strategy."""
    parts = [NOTE, _titled("The file itself", _rows(Scenario, None, "", deep=False))]
    for name, field in Scenario.model_fields.items():
        tables = tables_in(field.annotation)
        if len(tables) == 1 and tables[0] is not Brand:
            parts.append(_titled(f"`[{name}]`", _rows(tables[0], _default(field), f"{name}.")))
            if name == "advertising":
                parts.append(f"#### `advertising.channels` as shipped\n\n{_channels()}")
    parts.append(_titled("`[[brands]]`", _rows(Brand, None, "brands.NAME.")))
    for strategy in tables_in(Brand.model_fields["strategy"].annotation):
        parts.append(_titled(_of_kind("[brands.strategy]", strategy), _rows(strategy, None, "brands.NAME.strategy.")))
    parts.append(_titled("`[[events]]` of every kind", _rows(Event, None, "events.")))
    for event in tables_in(Scenario.model_fields["events"].annotation):
        parts.append(_titled(_of_kind("[[events]]", event), _rows(event, None, "events.", known=Event)))
    return "\n\n".join(parts)


def refreshed(text: str) -> str:
    """A document with its generated part written anew."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"the document lacks the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{parameter_tables()}\n\n{END}{after}"


def _titled(title: str, rows: Iterable[Row]) -> str:
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *rows]
    table = "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)
    return f"#### {title}\n\n{table if len(lines) > 2 else 'No parameters of its own.'}"


def _of_kind(table: str, of: type[Table]) -> str:
    return f"`{table}` " + ", ".join(f'`kind = "{kind}"`' for kind in kinds(of))


def _rows(table: type[Table], given: Any, prefix: str, known: type[Table] | None = None, deep: bool = True) -> Iterator[Row]:
    """The parameters of a table, those of tables inside it included; `given`: an instance that holds the defaults, if there is one.

    `known` holds parameters that are shown elsewhere. A `kind` that only tells tables apart is in their titles.
    """
    for name, field in table.model_fields.items():
        if (known is not None and name in known.model_fields) or (name == "kind" and (len(kinds(table)) == 1 or table is Event)):
            continue
        inner = tables_in(field.annotation)
        if not deep and inner:
            continue
        default = getattr(given, name) if given is not None else _default(field)
        many = len(inner) == 1 and holds_names(field.annotation, True)
        if many or (inner and not kinds(inner[0]) and isinstance(default, inner[0])):
            entry = "" if not many else "NAME." if isinstance(default, Mapping) or "name" in inner[0].model_fields else "N."
            yield from _rows(inner[0], None if many else default, f"{prefix}{name}.{entry}")
        else:
            yield _row(table, name, field, default, prefix)
            for choice in (each for each in inner if not kinds(each) and each not in SELECTIONS):  # written instead of a number
                yield from _rows(choice, None, f"{prefix}{name}.")


def _row(table: type[Table], name: str, field: FieldInfo, default: Any, prefix: str) -> Row:
    declared = declaration(table, name)
    evidence = declared.get("evidence", DESIGN)
    return Row(
        key=f"`{prefix}{name}`",
        default="required" if field.is_required() and default is None else _shown(default),
        unit=declared.get("unit", ""),
        range=words(field.annotation, field.metadata) + (" or inf" if may_be_infinite(table, name) else ""),
        off=_shown(declared["off"]) if "off" in declared else "",
        evidence=evidence,
        plausible=" to ".join(_shown(end) for end in declared.get("plausible", ())),
        meaning=field.description or "",
        source=declared.get("source", ""),
    )


def _channels() -> str:
    """The shipped media: their values, whose meaning the table above gives."""
    names = list(next(iter(CHANNELS.values())).model_dump())
    lines = [("channel", *names), tuple("---" for _ in range(len(names) + 1))]
    lines += [(name, *(_shown(value) for value in channel.model_dump().values())) for name, channel in CHANNELS.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _shown(value: Any) -> str:
    """A value as a scenario file writes it; none: nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value and f'"{value}"'
    if isinstance(value, float):
        return "inf" if math.isinf(value) else f"{value:.6g}"
    if isinstance(value, Table):
        said = {name: inner for name, inner in value.model_dump().items() if inner is not None}
        return next(iter(kinds(type(value))), "") or _shown(said)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_shown(item)}" for key, item in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(arguments: list[str]) -> None:
    """Print the tables, or write them into the documents named."""
    if not arguments:
        print(parameter_tables())
    for path in map(Path, arguments):
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
