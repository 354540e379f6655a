"""What the page says in numbers and words about a run so far: cards, curves, log, table. Everything is read from the daily table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.app.scene import TIER_NAMES, tiers
from simulator.language import N_, _, language, number, percent
from simulator.model import WordOfMouthModel
from simulator.results.daily import rolling
from simulator.results.kpis import KPIS, LESS
from simulator.results.reading import TIERS
from simulator.scenario.schema import Scenario
from simulator.world.state import F64

WEEK, MONTH = 7, 28
CROSSED = (0.25, 0.5, 0.75, 0.9)
"""Shares reached that the log mentions."""

LASTING = 3
"""Days for which a brand must have led before the log says so."""


class Curve(NamedTuple):
    """A curve of the page: percent, from zero, the smallest span shown."""

    label: str
    unit: str
    percent: bool
    zero: bool
    least: float


CURVES = {
    "reach": Curve(N_("Reach"), N_("of consumers"), True, True, 0.05),
    "trust_aware": Curve(N_("Trust"), N_("0 to 1, of those who know the brand"), False, False, 0.05),
    "share": Curve(N_("Market share"), N_("of units, 28 days"), True, False, 0.05),
    "talk": Curve(N_("Word of mouth"), N_("heard a week per 100 consumers"), False, True, 1.0),
}

CARDS = ("reach", "trust_aware", "share", "talk")

TABLED = ("reach", "aided_awareness", "trust_aware", "irritation", "penetration", "share", "net_sentiment", "list_size", "spend", "units")


def columns_of(model: WordOfMouthModel) -> dict[str, F64]:
    """The columns of the daily table so far, float64 [days, brands], and `talk`: tellings of seven days per 100 consumers."""
    columns: dict[str, F64] = model.recorder.columns()
    columns["talk"] = rolling(columns["tellings_positive"] + columns["tellings_negative"], WEEK) * (100.0 / model.market.n)
    return columns


def series(columns: Mapping[str, F64], since: int) -> dict[str, list[list[float | None]]]:
    """Of each curve the days from `since` on, a number or None for each brand."""
    return {
        name: [[None if np.isnan(value) else round(float(value), 5) for value in row] for row in columns[name][since:]] for name in CURVES
    }


def cards(columns: Mapping[str, F64], brand: int) -> list[dict[str, str]]:
    """name, value, change (in four weeks), mood (better, worse, same) and definition of a brand's key figures."""
    return [_card(name, columns, brand) for name in CARDS]


def _card(name: str, columns: Mapping[str, F64], brand: int) -> dict[str, str]:
    curve, values = CURVES[name], columns[name][:, brand]
    definition = KPIS[name].definition[language()] if name in KPIS else _("Word of mouth about the brand that consumers hear in a week.")
    card = {"name": _(curve.label), "definition": definition, "value": "–", "change": "", "mood": "same"}
    if len(values) == 0 or np.isnan(values[-1]):
        return card
    card["value"] = percent(values[-1]) if curve.percent else number(values[-1], 1 if name == "talk" else 2)
    if len(values) > MONTH and not np.isnan(values[-1 - MONTH]):
        moved = float(values[-1] - values[-1 - MONTH])
        shown = number(100.0 * moved, 1, signed=True) if curve.percent else number(moved, 1 if name == "talk" else 2, signed=True)
        card["change"] = (_("{change} points in 4 weeks") if curve.percent else _("{change} in 4 weeks")).format(change=shown)
        better = (moved > 0) != (KPIS[name].direction == LESS if name in KPIS else False)
        steady = abs(moved) < (0.005 if curve.percent else 0.005 if name == "trust_aware" else 0.5)
        card["mood"] = "same" if steady or name == "talk" else "better" if better else "worse"
    return card


def table(columns: Mapping[str, F64], brands: tuple[str, ...]) -> list[list[str]]:
    """The day in figures: a row for each figure, a column for each brand; the first row says which."""
    rows = [["", *brands]]
    for name in TABLED:
        label = KPIS[name].label[language()] if name in KPIS else {"list_size": _("Members of the list")}.get(name, name)
        values = columns[name]
        if name in ("spend", "units"):
            last = values.sum(axis=0)
        else:
            last = values[-1] if len(values) else np.full(len(brands), np.nan)
        rows.append([label, *(_written(name, float(value)) for value in last)])
    return rows


def _written(name: str, value: float) -> str:
    if np.isnan(value):
        return "–"
    if name in ("reach", "aided_awareness", "penetration", "share"):
        return percent(value)
    return number(value, 0 if name in ("list_size", "spend", "units") else 2)


def spoken(columns: Mapping[str, F64], day: int, brands: tuple[str, ...]) -> str:
    """The picture in a few sentences, for who does not see it."""
    said = [_("Day {day}.").format(day=day)]
    if len(columns["reach"]):
        wording = _("{brand}: reach {reach}, trust {trust}, share {share}.")
        for b, name in enumerate(brands):
            figures = {key: columns[column][-1, b] for key, column in (("reach", "reach"), ("trust", "trust_aware"), ("share", "share"))}
            said.append(
                wording.format(
                    brand=name,
                    reach=_written("reach", figures["reach"]),
                    trust=_written("trust", figures["trust"]),
                    share=_written("share", figures["share"]),
                )  # fmt: skip
            )
    return " ".join(said)


# -- the log -----------------------------------------------------------------------------------------------------------

HAPPENED = {
    "scandal": N_("A scandal hits {brand}."), "false_rumour": N_("A false rumour about {brand} goes round."),
    "service_failure": N_("The service of {brand} fails for {days} days."), "response": N_("{brand} answers: {answer}."),
    "staged_messages": N_("Messages about {brand} are planted."), "stock_out": N_("{brand} is out of stock for {days} days."),
    "launch": N_("{brand} puts its product into the first hands."),
    "campaign": N_("{brand} adds a campaign of {days} days to its advertising."),
    "falls_silent": N_("Some consumers stop talking about {brand}."),
}  # fmt: skip

STRATEGY_NAMES = {
    "silent": N_("silence"), "interruption": N_("interruption"), "permission": N_("permission"), "interaction": N_("interaction"),
    "mixed": N_("a mixture"),
}  # fmt: skip

EVENT_NAMES = {
    "scandal": N_("Scandal"), "false_rumour": N_("False rumour"), "service_failure": N_("Service failure"), "response": N_("Answer"),
    "campaign": N_("Flood of ads"), "stock_out": N_("Out of stock"), "falls_silent": N_("Falls silent"),
}  # fmt: skip

ANSWER_NAMES = {
    "silence": N_("silence"), "denial": N_("denial"), "explanation": N_("explanation"), "empathy": N_("empathy"), "apology": N_("apology"),
    "compensation": N_("compensation"),
}  # fmt: skip


class Entry(NamedTuple):
    """A line of the log."""

    day: int
    kind: str  # event, strategy, buzz, lead, reach
    brand: int  # -1: none
    text: str


def event_text(event: Any) -> str:
    """An event in words."""
    answer = _(ANSWER_NAMES[event.answer]) if event.kind == "response" else ""
    return _(HAPPENED[event.kind]).format(brand=event.brand, days=getattr(event, "days", 0), answer=answer)


def planned(scenario: Scenario) -> list[Entry]:
    """Events and switches of strategy of the whole scenario, in order of their days."""
    names = {brand.name: b for b, brand in enumerate(scenario.brands)}
    entries = [Entry(event.day, "event", names[event.brand], event_text(event)) for event in scenario.events]
    for b, brand in enumerate(scenario.brands):
        for phase in getattr(brand.strategy, "phases", ()):
            shares = sorted(phase.shares.items(), key=lambda item: -item[1])
            said = ", ".join(_(STRATEGY_NAMES[name]) for name, share in shares if share > 0)
            entries.append(Entry(phase.from_day, "strategy", b, _("{brand} turns to {strategy}.").format(brand=brand.name, strategy=said)))
    return sorted(entries, key=lambda entry: entry.day)


def log(scenario: Scenario, columns: Mapping[str, F64]) -> list[Entry]:
    """What has happened so far, in order of the days. Nothing in it depends on what comes later."""
    days = len(columns["reach"])
    entries = [entry for entry in planned(scenario) if entry.day <= days]
    for b, brand in enumerate(scenario.brands):
        inside = columns["bad_buzz"][:, b] > 0
        for day in range(days):
            if inside[day] and not (day and inside[day - 1]):
                entries.append(Entry(day, "buzz", b, _("A bad buzz about {brand} begins.").format(brand=brand.name)))
            elif day and inside[day - 1] and not inside[day]:
                entries.append(Entry(day, "buzz", b, _("The bad buzz about {brand} is over.").format(brand=brand.name)))
        reach = columns["reach"][:, b]
        for mark in CROSSED:
            crossed = np.flatnonzero(reach >= mark)
            if len(crossed) and crossed[0] > 0:
                said = _("{brand} has reached {share} of consumers.").format(brand=brand.name, share=percent(mark))
                entries.append(Entry(int(crossed[0]), "reach", b, said))
    entries += _leads(scenario, columns["share"])
    return sorted(entries, key=lambda entry: entry.day)


def _leads(scenario: Scenario, share: F64) -> list[Entry]:
    """Who takes the lead in market share and holds it for some days; told when it is held."""
    if len(scenario.brands) < 2 or len(share) <= WEEK:
        return []
    best, entries = np.argmax(np.nan_to_num(share, nan=-1.0), axis=1), []
    leader = int(best[WEEK])
    for day in range(WEEK + 1, len(share)):
        now = best[max(0, day - LASTING + 1) : day + 1]
        if now[0] != leader and (now == now[0]).all():
            leader = int(now[0])
            said = _("{brand} takes the lead in market share.").format(brand=scenario.brands[leader].name)
            entries.append(Entry(day, "lead", leader, said))
    return entries


# -- one consumer ------------------------------------------------------------------------------------------------------


def consumer_facts(model: WordOfMouthModel, index: int) -> dict[str, Any]:
    """title, text and rows of the card about a consumer."""
    market, names = model.market, model.market.names
    view = model.consumer(index)
    rows = [["", *names]]
    for name, label in (("trust", _("Trust")), ("awareness", _("Awareness")), ("irritation", _("Irritation")), ("loyalty", _("Loyalty"))):
        values = getattr(view, name)
        rows.append([label, *(number(values[brand], 2) for brand in names)])
    bought = view.purchases
    rows.append([_("Purchases"), *(number(bought[brand]) for brand in names)])
    kinds = [int(tiers(market, np.array([index]), b)[0]) for b in range(len(names))]
    rows.append([_("Customer"), *(_(TIER_NAMES[TIERS[kind]]) for kind in kinds)])
    ties = [len(view.hearers(layer)) for layer in ("strong", "weak", "follow")] if not market.graph.complete else [0, 0, market.n - 1]
    text = _("{friends} close friends, {others} acquaintances, {followers} followers.").format(
        friends=ties[0], others=ties[1], followers=ties[2]
    )
    return {"title": _("Consumer {id}").format(id=index), "text": text, "rows": rows}
