"""What the page says in numbers and words about two worlds: cards, curves, table, log and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.app.live import facts
from simulator.app.live.facts import CURVES, TABLED, Entry
from simulator.app.scene import NOTICED, favourite
from simulator.language import _, language, ngettext, number, percent
from simulator.results.kpis import KPIS, LESS
from simulator.scenario.schema import Scenario
from simulator.world.market import Market
from simulator.world.state import F64, REACHED_EARNED

Columns = Mapping[str, F64]

SHARES = ("reach", "aided_awareness", "penetration", "share")
SUMMED = ("spend", "units")
WHOLE = ("list_size", "spend", "units")

STEADY = {"reach": 0.0005, "share": 0.0005, "trust_aware": 0.0005, "talk": 0.05}
"""Smaller differences of a card round to nothing and are called so."""


class Differing(NamedTuple):
    """How many consumers differ from themselves in the other world: any of it, and each of it."""

    any: int
    favourite: int
    trust: int
    heard: int


def differing(here: Market, there: Market, brand: int) -> Differing:
    """Who prefers another brand; who trusts this one differently, by NOTICED or more; who heard of it by word of mouth in one only."""
    one, other = here.state, there.state
    prefers = favourite(one.loyalty) != favourite(other.loyalty)
    trusts = np.abs(one.trust[:, brand] - other.trust[:, brand]) >= NOTICED
    heard = ((one.reached[:, brand] ^ other.reached[:, brand]) & REACHED_EARNED) != 0
    return Differing(*(int(np.count_nonzero(kind)) for kind in (prefers | trusts | heard, prefers, trusts, heard)))


def series(worlds: tuple[Columns, ...], brand: int, since: int) -> dict[str, list[list[float | None]]]:
    """Of each curve the days from `since` on, a number or None for each world."""
    each = [facts.series(columns, since) for columns in worlds]
    return {name: [[day[brand] for day in days] for days in zip(*(one[name] for one in each), strict=True)] for name in CURVES}


def cards(one: Columns, other: Columns, brand: int) -> list[dict[str, str]]:
    """name, value (of the other world), change (the value as it is, and the difference), mood and definition of key figures."""
    return [_card(card, one[name][:, brand], other[name][:, brand], name) for card, name in _cards_of(other, brand)]


def _cards_of(columns: Columns, brand: int) -> list[tuple[dict[str, str], str]]:
    return list(zip(facts.cards(columns, brand), facts.CARDS, strict=True))


def _card(card: dict[str, str], one: F64, other: F64, name: str) -> dict[str, str]:
    if len(one) == 0 or np.isnan(one[-1]) or np.isnan(other[-1]):
        return card | {"change": "", "mood": "same"}
    moved = float(other[-1] - one[-1])
    curve, decimals = CURVES[name], 1 if name == "talk" else 2
    if decimals == 2 and abs(moved) < 0.015:
        decimals = 3  # two figures that look the same are no comparison
    now, was = (percent(value, int(value < 0.9995)) if curve.percent else number(value, decimals) for value in (other[-1], one[-1]))
    card |= {"value": now}
    if abs(moved) < STEADY[name]:
        return card | {"change": _("the same in both"), "mood": "same"}
    by = number(100.0 * moved, 1, signed=True) if curve.percent else number(moved, decimals, signed=True)
    words = _("instead of {value}: {change} points") if curve.percent else _("instead of {value}: {change}")
    less = name in KPIS and KPIS[name].direction == LESS
    mood = "same" if name == "talk" else "better" if (moved > 0) != less else "worse"
    return card | {"change": words.format(value=was, change=by), "mood": mood}


def table(worlds: tuple[Columns, ...], titles: list[str], brand: int) -> list[list[str]]:
    """The day in figures: a row for each figure, a column for each world and, of two, the difference; the first row says which."""
    rows = [["", *titles, *([_("difference")] if len(worlds) > 1 else [])]]
    for name in TABLED:
        label = KPIS[name].label[language()] if name in KPIS else {"list_size": _("Members of the list")}.get(name, name)
        values = [_now(columns[name][:, brand], name) for columns in worlds]
        moved = [_written(name, values[1] - values[0], signed=True)] if len(values) > 1 else []
        rows.append([label, *(_written(name, value) for value in values), *moved])
    return rows


def _now(values: F64, name: str) -> float:
    if name in SUMMED:
        return float(values.sum())
    return float(values[-1]) if len(values) else float("nan")


def _written(name: str, value: float, signed: bool = False) -> str:
    if np.isnan(value):
        return "–"
    if name in SHARES:
        return _("{change} points").format(change=number(100.0 * value, 1, signed=True)) if signed else percent(value, 1)
    return number(value, 0 if name in WHOLE else 2, signed=signed)


def log(scenarios: tuple[Scenario, ...], worlds: tuple[Columns, ...], titles: list[str]) -> list[Entry]:
    """What has happened so far in one world or both; what happened in one only says in which."""
    each = [facts.log(scenario, columns) for scenario, columns in zip(scenarios, worlds, strict=True)]
    if len(each) == 1:
        return each[0]
    both = set(each[0]) & set(each[1])
    said = [
        entry if entry in both else entry._replace(text=_("{text} (only {world})").format(text=entry.text, world=title))
        for entries, title in zip(each, titles, strict=True)
        for entry in entries
    ]
    return sorted(dict.fromkeys(said), key=lambda entry: entry.day)


def sentence(here: Market, there: Market, brand: int, day: int, since: int) -> str:
    """What is different by now, in words."""
    name, many = here.names[brand], differing(here, there, brand)
    if day <= since:
        return _("From here on the two worlds go apart: press play.")
    if many.any == 0:
        return _("Day {day}: nobody differs in the two worlds yet.").format(day=day)
    said = ngettext(
        "Day {day}: {count} of {n} consumers is not who she would have been",
        "Day {day}: {count} of {n} consumers are not who they would have been",
        many.any,
    ).format(day=day, count=number(many.any), n=number(here.n))
    why = _(
        "another favourite brand: {favourite}; trust in {brand} other by {least} or more: {trust}; heard of it in one world only: {heard}"
    ).format(
        least=number(float(NOTICED), 2), favourite=number(many.favourite), brand=name, trust=number(many.trust), heard=number(many.heard)
    )
    return f"{said} ({why})."


def spoken(worlds: tuple[Columns, ...], titles: list[str], day: int, brands: tuple[str, ...]) -> str:
    """Both pictures in a few sentences, for who does not see them."""
    if len(worlds) == 1:
        return facts.spoken(worlds[0], day, brands)
    return " ".join(f"{title}: {facts.spoken(columns, day, brands)}" for title, columns in zip(titles, worlds, strict=True))


def change_in_words(before: Scenario, after: Scenario) -> str:
    """What the other world has and this one has not, or the other way round."""
    planned = [[entry.text for entry in sorted(facts.planned(each), key=lambda entry: entry.day)] for each in (before, after)]
    added = _without(planned[1], planned[0])
    if added:
        return " ".join(added)
    gone = _without(planned[0], planned[1])
    return " ".join(_("it does not happen ({event})").format(event=text.rstrip(".")) for text in gone)


def _without(texts: list[str], others: list[str]) -> list[str]:
    left: list[Any] = list(others)
    found = []
    for text in texts:
        if text in left:
            left.remove(text)
        else:
            found.append(text)
    return found
