"""Designs: which settings a sweep tries, from keys with levels or ranges to a list of cells.

A grid takes every combination of levels. A Latin hypercube and a Sobol sequence spread a number of points over ranges
(McKay, Beckman, Conover 1979, doi:10.1080/00401706.1979.10489755; Sobol 1967); there a list of levels is drawn from
evenly. The points follow from the seed alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from simulator.engine.chance import address
from simulator.language import N_, _, number
from simulator.parameters import InputError
from simulator.scenario.overrides import as_toml, value_of

Kind = Literal["grid", "lhs", "sobol"]
Cell = dict[str, Any]
"""The settings of one cell: dotted key -> value."""

SCENARIO = "scenario"
"""The key whose levels are whole scenario files."""

MOST_CELLS = 1_000_000
DIGITS = 6
"""Significant digits of drawn and interpolated values, so that a cell can be typed again."""

_FORM = N_("key=1,2,3 or key=low:high:steps, such as word_of_mouth.share=0.05:0.2:4")


@dataclass(frozen=True)
class Axis:
    """A key and what it may be: listed levels, or a range (of `steps` levels in a grid)."""

    key: str
    levels: tuple[Any, ...] = ()
    low: float = math.nan
    high: float = math.nan
    steps: int | None = None
    whole: bool = False  # a range of whole numbers

    @property
    def is_range(self) -> bool:
        """Whether it is a range."""
        return not self.levels

    def at(self, u: float) -> Any:
        """The value at 0 <= u < 1 of the axis."""
        if not self.is_range:
            return self.levels[min(len(self.levels) - 1, int(u * len(self.levels)))]
        if self.whole:
            return int(math.ceil(self.low) + math.floor(u * (math.floor(self.high) - math.ceil(self.low) + 1)))
        return _short(self.low + u * (self.high - self.low))

    def extremes(self) -> tuple[Any, ...]:
        """Values that must be allowed for all others to be: every level, or both ends of the range."""
        return self.levels if not self.is_range else (self._value(self.low), self._value(self.high))

    def in_grid(self) -> tuple[Any, ...]:
        """The levels in a grid."""
        if not self.is_range:
            return self.levels
        if self.steps is None:
            raise InputError(
                _("the range of {key} has no number of steps, which a grid needs; allowed: {key}=low:high:steps").format(key=self.key)
            )
        between = max(1, self.steps - 1)
        return tuple(dict.fromkeys(self._value(self.low + (self.high - self.low) * k / between) for k in range(self.steps)))

    def _value(self, x: float) -> float | int:
        return round(x) if self.whole else _short(x)


def axis(text: str) -> Axis:
    """An axis as written on the command line: `key=1,2,3`, `key=low:high:steps` or `key=low:high`."""
    key, sign, values = text.partition("=")
    key = key.strip()
    if not sign or not key or not values.strip():
        raise InputError(_('"{text}" does not say what to vary; allowed: {form}').format(text=text, form=_(_FORM)))
    parts = values.split(":")
    if len(parts) in (2, 3) and all(_is_number(part) for part in parts):
        steps = value_of(parts[2].strip()) if len(parts) == 3 else None
        return _range(key, float(parts[0]), float(parts[1]), steps)
    return _listed(key, tuple(value_of(part.strip()) for part in _at_commas(values)))


def axes_of(vary: Mapping[str, Any]) -> tuple[Axis, ...]:
    """Axes from Python: `{"key": [1, 2, 3], "other": (low, high), "third": "low:high:steps"}`; a tuple of two numbers is a range."""
    axes = []
    for key, given in vary.items():
        if isinstance(given, str):
            axes.append(axis(f"{key}={given}"))
        elif isinstance(given, tuple) and len(given) == 2 and all(isinstance(end, (int, float)) for end in given):
            axes.append(_range(key, float(given[0]), float(given[1]), None))
        else:
            values = as_toml(given)
            axes.append(_listed(key, tuple(values) if isinstance(values, list) else (values,)))
    return checked(axes)


def checked(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """The axes, if no key is varied twice."""
    keys = [each.key for each in axes]
    if not keys:
        raise InputError(_("nothing is varied; allowed: {form}").format(form=_(_FORM)))
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(_("{key} is varied twice; give all its values at once: {key}=1,2,3").format(key=key))
    return tuple(axes)


def count(axes: Sequence[Axis], kind: Kind, points: int) -> int:
    """How many cells a design has, without making it."""
    return math.prod(len(each.levels) or each.steps or 1 for each in axes) if kind == "grid" else points


def cells(axes: Sequence[Axis], kind: Kind = "grid", points: int = 64, seed: int = 1) -> list[Cell]:
    """The cells of a design, in order: a grid with the last key varying fastest, else points of the sequence."""
    if count(axes, kind, points) > MOST_CELLS:
        raise InputError(
            _("{count} settings are too many; allowed: up to {most}").format(
                count=number(count(axes, kind, points)), most=number(MOST_CELLS)
            )
        )
    if kind == "grid":
        keys = [each.key for each in axes]
        return [dict(zip(keys, values, strict=True)) for values in itertools.product(*(each.in_grid() for each in axes))]
    return [{each.key: each.at(u) for each, u in zip(axes, row, strict=True)} for row in _spread(kind, len(axes), points, seed)]


def _spread(kind: Kind, dimensions: int, points: int, seed: int) -> list[list[float]]:
    from scipy.stats import qmc

    luck = int(address(seed, "design"))
    if points < 1:
        raise InputError(_("--points is {points}; allowed: 1 and more").format(points=points))
    if kind == "lhs":
        return qmc.LatinHypercube(dimensions, rng=luck).random(points).tolist()
    if points & (points - 1):
        powers = f"{1 << (points.bit_length() - 1)} or {1 << points.bit_length()}"
        raise InputError(
            _("--points is {points}; a Sobol sequence is even only at powers of two: {powers}").format(points=points, powers=powers)
        )
    return qmc.Sobol(dimensions, rng=luck).random(points).tolist()


def _range(key: str, low: float, high: float, steps: Any) -> Axis:
    if not (math.isfinite(low) and math.isfinite(high)) or low >= high:
        raise InputError(
            _("{low:g}:{high:g} is an empty range for {key}; allowed: low:high with low below high").format(low=low, high=high, key=key),
            key=key,
        )
    if steps is not None and (not isinstance(steps, int) or isinstance(steps, bool) or steps < 2):
        raise InputError(
            _("{steps} steps from {low:g} to {high:g} are no range; allowed: a whole number of at least 2").format(
                steps=steps, low=low, high=high
            ),
            key=key,
        )
    return Axis(key, low=low, high=high, steps=steps)


def _listed(key: str, levels: tuple[Any, ...]) -> Axis:
    if not levels:
        raise InputError(_("the list of values is empty"), key=key)
    for position, level in enumerate(levels):
        if level == "":
            raise InputError(_("value {number} of the list is empty").format(number=position + 1), key=key)
        if any(level == other and isinstance(level, bool) == isinstance(other, bool) for other in levels[:position]):
            raise InputError(_("{level!r} is listed twice").format(level=level), key=key)
    return Axis(key, levels)


def _at_commas(text: str) -> list[str]:
    """The parts of a list; commas inside brackets, braces and quotes belong to a value."""
    parts, depth, quote, start = [], 0, "", 0
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _short(value: float) -> float:
    """To a few significant digits."""
    return float(f"{value:.{DIGITS}g}")
