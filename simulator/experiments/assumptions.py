"""What a doubt about assumptions sweeps: the parameters that are guesses, each over the range in which the guess is plausible.

What tells the scenarios apart is the question and stays as it is. So does what a scenario set outside the plausible range, or switched
off: whoever did that meant it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from simulator.experiments.design import axis
from simulator.language import _
from simulator.parameters import ASSUMPTION, InputError
from simulator.scenario.problems import ScenarioError, did_you_mean
from simulator.scenario.schema import Assumption, Scenario

ALL = "all"
"""Stands for every assumption in a list of keys."""

DIGITS = 6
"""Significant digits of drawn values, so that they can be typed again."""


class Range(NamedTuple):
    """A parameter and the range in which it is doubted."""

    key: str
    low: float
    high: float
    default: Any  # what it is in the scenarios; of the first that has it, where they differ
    whole: bool  # whole numbers only
    meaning: str
    unit: str
    evidence: str = ASSUMPTION

    def at(self, u: float) -> float | int:
        """The value at 0 <= u <= 1 of the range, all equally likely."""
        if self.whole:
            first, last = math.ceil(self.low), math.floor(self.high)
            return min(last, first + math.floor(u * (last - first + 1)))
        return min(self.high, max(self.low, float(f"{self.low + u * (self.high - self.low):.{DIGITS}g}")))


def assumption_ranges(scenarios: Sequence[Scenario], keys: Sequence[str] = ()) -> list[Range]:
    """The parameters to doubt, in the order of the scenario's tables.

    Without keys: every parameter tagged as an assumption that has a plausible range, where all scenarios have it with the same value,
    inside that range, and none of them switched it off.
    keys: these instead: a parameter's key, a whole table (`word_of_mouth`), `key=low:high` for a range of one's own (any number of a
    scenario, assumption or not), or `all` for what would be taken without keys.

    Raises InputError for a key that no scenario has or that has no range, and for an empty range.
    """
    taken = {each.key: each for each in _plausible(scenarios)}
    if not keys:
        return list(taken.values())
    chosen: dict[str, Range] = {}
    for text in keys:
        if "=" in text:
            own = own_range(scenarios, text)
            chosen[own.key] = own
            continue
        found = [each for each in taken.values() if text in (ALL, each.key) or each.key.startswith(f"{text}.")]
        if not found:
            raise InputError(_no_range(scenarios, text, list(taken)), key=text)
        for each in found:
            chosen.setdefault(each.key, each)
    return list(chosen.values())


def own_range(scenarios: Sequence[Scenario], text: str) -> Range:
    """The range of `key=low:high`; both ends must be allowed in every scenario that has the key."""
    given = axis(text)
    if not given.is_range or given.steps is not None:
        raise InputError(_('"{text}" is no range; allowed: key=low:high').format(text=text), key=given.key)
    return ranged(scenarios, given.key, given.low, given.high)


def ranged(scenarios: Sequence[Scenario], key: str, low: float, high: float) -> Range:
    """A range of one's own for a key; both ends must be allowed in every scenario that has the key."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(_("{low:g}:{high:g} is an empty range; allowed: low:high with low below high").format(low=low, high=high), key=key)
    rows = [row for scenario in scenarios for row in scenario.values() if row.key == key]
    whole = bool(rows) and type(rows[0].value) is int
    if whole and math.ceil(low) >= math.floor(high):
        raise InputError(_("{low:g}:{high:g} holds no two whole numbers").format(low=low, high=high), key=key)
    low, high = (float(math.ceil(low)), float(math.floor(high))) if whole else (low, high)
    holders(scenarios, key, [int(low), int(high)] if whole else [low, high])
    told = rows[0].declaration if rows else {}
    default = rows[0].value if rows else None
    return Range(key, low, high, default, whole, told.get("meaning", ""), told.get("unit", ""), told.get("evidence", ""))


def holders(scenarios: Sequence[Scenario], key: str, values: Sequence[float]) -> list[int]:
    """The positions of the scenarios that have the key, in all of which every value must be allowed."""
    found, refused = [], []
    for place, scenario in enumerate(scenarios):
        try:
            for value in values:
                scenario.override({key: value})
            found.append(place)
        except InputError as error:
            if any(row.key == key for row in scenario.values()):
                raise
            refused.append(error)
    if not found:
        raise refused[0]
    return found


def held(scenarios: Sequence[Scenario], ranges: Sequence[Range]) -> list[frozenset[str]]:
    """The keys of the ranges that each scenario has."""
    there = [{row.key for row in scenario.values()} for scenario in scenarios]
    found: list[set[str]] = [set() for _ in scenarios]
    for each in ranges:
        everywhere = all(each.key in keys for keys in there)
        for place in range(len(scenarios)) if everywhere else holders(scenarios, each.key, (each.at(0.0), each.at(1.0))):
            found[place].add(each.key)
    return [frozenset(keys) for keys in found]


class Point(NamedTuple):
    """Scenarios at one point of the space of assumptions."""

    scenarios: list[Scenario]
    values: dict[str, float | int]
    set_back: dict[str, float | int]
    """those of the values that lie nearer to the default than was drawn"""


def at_point(
    scenarios: Sequence[Scenario], ranges: Sequence[Range], shares: Sequence[float], keys: Sequence[frozenset[str]] | None = None
) -> Point:
    """The scenarios with every range at a share 0..1 of it, the same values in all.

    Ranges that are plausible one by one may be impossible together (a loss times its strength above 1): the value that the scenario
    refuses then goes back towards its default, an eighth of the way at a time, until it is accepted.

    keys  what `held` says, to save time
    """
    keys = held(scenarios, ranges) if keys is None else keys
    drawn = {each.key: each.at(share) for each, share in zip(ranges, shares, strict=True)}
    by_key = {each.key: each for each in ranges}
    values, back = dict(drawn), dict.fromkeys(drawn, 0.0)
    while True:
        try:
            changed = [
                scenario.override({key: value for key, value in values.items() if key in has})
                for scenario, has in zip(scenarios, keys, strict=True)
            ]
            return Point(changed, values, {key: values[key] for key, share in back.items() if share})
        except ScenarioError as error:
            named = {problem.key for problem in error.problems} & set(drawn)
            if not named or any(back[key] >= 1.0 or not isinstance(by_key[key].default, (int, float)) for key in named):
                raise
            for key in named:
                back[key] += 0.125
                value = drawn[key] + back[key] * (by_key[key].default - drawn[key])
                values[key] = round(value) if by_key[key].whole else float(f"{value:.{DIGITS}g}")


def _plausible(scenarios: Sequence[Scenario]) -> list[Range]:
    if not scenarios:
        raise InputError(_("no scenario is given"))
    others = [{row.key: row.value for row in scenario.values()} for scenario in scenarios[1:]]
    return [
        _range(row) for row in scenarios[0].values()
        if _doubtful(row) and all(row.key in other and other[row.key] == row.value for other in others)
    ]  # fmt: skip


def _doubtful(row: Assumption) -> bool:
    """Whether a value is a guess in a plausible range that was left switched on."""
    told, value = row.declaration, row.value
    if told["evidence"] != ASSUMPTION or "plausible" not in told or isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    low, high = told["plausible"]
    switched_off = "off" in told and value == told["off"] != told["default"]
    return bool(low <= value <= high) and not switched_off


def _range(row: Assumption) -> Range:
    told = row.declaration
    low, high = told["plausible"]
    return Range(row.key, float(low), float(high), row.value, type(row.value) is int, told["meaning"], told["unit"], told["evidence"])


def _no_range(scenarios: Sequence[Scenario], key: str, taken: Sequence[str]) -> str:
    rows = [row for scenario in scenarios for row in scenario.values() if row.key == key]
    if not rows:
        right = _("; allowed: a key, a table such as word_of_mouth, key=low:high, {all}").format(all=ALL)
        return _("no assumption has this key") + did_you_mean(key, taken) + right
    told = rows[0].declaration
    if "plausible" in told and told["evidence"] == ASSUMPTION:
        why = _("is not the same in all scenarios, or was set outside its plausible range or off")
    else:
        why = _("has no plausible range")
    return why + _("; allowed: {key}=low:high, with a range of your own").format(key=key)
