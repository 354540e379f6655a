"""How a parameter is declared: once, beside the rule or strategy that reads it.

One declaration carries type, default, unit, range, meaning, evidence tag, source and off-value. Everything
else that speaks of the parameter (error messages, JSON Schema, tables of the documentation, `--help`,
the list of assumptions in a report) is generated from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from simulator.language import _

LITERATURE = "L"
"""The default rests on a published source, named beside it."""

ASSUMPTION = "A"
"""The default is a guess in a plausible range: results that hinge on it must say so."""

DESIGN = "D"
"""Neither: a choice of the person who writes the scenario (a name, a budget, a number of days)."""


class InputError(ValueError):
    """What the user gave is wrong; the message says what, where and what would be right."""

    def __init__(self, message: str, file: str | None = None, line: int | None = None, key: str | None = None) -> None:
        super().__init__(message)
        self.message, self.file, self.line, self.key = message, file, line, key

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}  " if self.file and self.line else f"{self.file}  " if self.file else ""
        return f"{place}{self.key}: {self.message}" if self.key else f"{place}{self.message}"


class Frozen(dict[Any, Any]):
    """A dictionary that stays as it was read."""

    def _refuse(self, *args: Any, **more: Any) -> NoReturn:
        raise TypeError("a scenario does not change: use scenario.override({key: value})")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return Frozen, (dict(self),)


class Table(BaseModel):
    """A table of a scenario file: immutable, without unknown keys, without silent conversions.

    `"off"` stands for the off-value of every parameter that has one. NaN is never a value; an infinity is one only
    where it is the off-value or the declaration says so. Arrays become tuples.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, data: Any) -> Any:
        """ "off" becomes the off-value, arrays become tuples."""
        if not isinstance(data, dict):
            return data
        return {
            key: off_value(cls, key) if isinstance(value, str) and value == "off" and has_off(cls, key) else _tuples(value)
            for key, value in data.items()
        }

    @field_validator("*", mode="after")
    @classmethod
    def _finite_and_frozen(cls, value: Any, info: ValidationInfo) -> Any:
        infinite = bool(info.field_name) and may_be_infinite(cls, str(info.field_name))
        for number in _numbers(value):
            if math.isnan(number):
                raise PydanticCustomError("nan", _("nan is not a number"))
            if math.isinf(number) and not infinite:
                raise PydanticCustomError("infinite", _("must be finite"))
        return Frozen(value) if isinstance(value, dict) else value


def parameter(
    default: Any = ...,
    *,
    unit: str,
    meaning: str,
    evidence: str = DESIGN,
    source: str = "",
    off: Any = None,
    plausible: tuple[float, float] | None = None,
    factory: Any = None,
    infinite: bool = False,
    file: bool = False,
    **limits: Any,
) -> Any:
    """A field of a `Table`.

    unit       "1/day", "days", "share", "currency", "" (a pure number) ...
    meaning    one plain sentence, best with its limits ("at 0 nobody listens, at 1 every mention is read")
    evidence   LITERATURE, ASSUMPTION or DESIGN; a LITERATURE default names its `source`
    off        the value that removes the mechanism exactly (None: there is none)
    plausible  the range a doubt about this assumption should sweep
    infinite   whether infinity is a value of its own (it is anyway where it is the off-value)
    file       whether the value is the path of a file: the loader makes it absolute and hashes what it holds
    limits     ge, gt, le, lt and whatever else pydantic's Field understands
    """
    extra: dict[str, Any] = {"unit": unit, "evidence": evidence}
    if source:
        extra["source"] = source
    if off is not None:
        extra["off"] = off
    if plausible is not None:
        extra["plausible"] = list(plausible)
    if infinite:
        extra["infinite"] = True
    if file:
        extra["file"] = True
    if factory is not None:
        return Field(default_factory=factory, description=meaning, json_schema_extra=extra, **limits)
    return Field(default, description=meaning, json_schema_extra=extra, **limits)


def has_off(table: type[BaseModel], name: str) -> bool:
    """Whether parameter `name` of `table` has an off-value."""
    return "off" in declaration(table, name)


def off_value(table: type[BaseModel], name: str) -> Any:
    """The off-value of parameter `name` of `table`."""
    return declaration(table, name)["off"]


def may_be_infinite(table: type[BaseModel], name: str) -> bool:
    """Whether parameter `name` of `table` accepts an infinity."""
    declared = declaration(table, name)
    off = declared.get("off")
    return bool(declared.get("infinite")) or (isinstance(off, float) and math.isinf(off))


def declaration(table: type[BaseModel], name: str) -> dict[str, Any]:
    """What was declared about parameter `name` beyond its type: unit, evidence, source, off, plausible."""
    field = table.model_fields.get(name)
    extra = field.json_schema_extra if field is not None else None
    return dict(extra) if isinstance(extra, dict) else {}


def _tuples(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_tuples(item) for item in value)
    if type(value) is dict:
        return {key: _tuples(item) for key, item in value.items()}
    return value


def _numbers(value: Any) -> Iterator[float]:
    """The floats in a value, those of nested tables excepted: they have looked after their own."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item)
