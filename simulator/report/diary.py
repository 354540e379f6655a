"""A diary: the ledger of one consumer in plain words, a line for every entry, in the language spoken."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.language import N_, _, number
from simulator.results.ledger import CAUSES, QUANTITIES, QUIET

if TYPE_CHECKING:
    import pandas as pd

HAPPENED = {
    "ad": N_("I saw advertising by {brand}"), "annoyance": N_("the advertising of {brand} annoyed me"),
    "newsletter": N_("a newsletter of {brand} came"), "invitation": N_("{brand} asked whether it may write to me"),
    "accepted": N_("I let {brand} write to me"), "refused": N_("I told {brand} not to write to me"),
    "opted out": N_("I left the list of {brand}"), "experience": N_("I bought {brand} and used it"),
    "praise heard": N_("consumer {by} praised {brand} to me"), "blame heard": N_("consumer {by} warned me of {brand}"),
    "answer": N_("{brand} answered me"), "unanswered complaint": N_("{brand} left my complaint unanswered"),
    "took part": N_("I gave {brand} an idea"), "reputation": N_("what people think of {brand} rubs off on me"),
    "forgetting": N_("time passes ({brand})"), "other": N_("something changed ({brand})"),
}  # fmt: skip
"""What happened, by cause."""

CHANGED = {
    "trust": (N_("my trust falls to {after} ({amount})"), N_("my trust rises to {after} ({amount})")),
    "awareness": (N_("I remember it less: {after} ({amount})"), N_("I remember it better: {after} ({amount})")),
    "irritation": (N_("my irritation falls to {after} ({amount})"), N_("my irritation rises to {after} ({amount})")),
    "satisfaction": (N_("my satisfaction falls to {after} ({amount})"), N_("my satisfaction rises to {after} ({amount})")),
    "consent": (N_("it may write to me again"), N_("it may no longer write to me")),
    "blocked": (N_("I see its advertising again"), N_("I block its advertising for good")),
}
"""What it changed, by quantity: downwards, upwards."""

TELLING_ALL = ("invitation", "accepted", "refused", "opted out")
"""Causes of a change of consent after which nothing remains to be said."""

CALLED = {
    "ad": N_("ad"), "annoyance": N_("annoyance"), "newsletter": N_("newsletter"), "invitation": N_("invitation"),
    "accepted": N_("accepted"), "refused": N_("refused"), "opted out": N_("opted out"), "experience": N_("experience"),
    "praise heard": N_("praise heard"), "blame heard": N_("blame heard"), "answer": N_("answer"),
    "unanswered complaint": N_("unanswered complaint"), "took part": N_("took part"), "reputation": N_("reputation"),
    "forgetting": N_("forgetting"), "other": N_("other"),
}  # fmt: skip
"""Short names of the causes."""

MEASURED = {
    "trust": N_("trust"), "awareness": N_("awareness"), "irritation": N_("irritation"), "satisfaction": N_("satisfaction"),
}  # fmt: skip
"""Names of the quantities that have more than two values."""

SMALLEST = 0.0005
"""Below this an amount is told without its digits."""


def diary(ledger: pd.DataFrame, everything: bool = False) -> list[str]:
    """The entries of one consumer in order of time, one line each; `everything`: also what happens every day.

    What one happening did to several quantities stands together.
    """
    entries = in_order(ledger if everything else ledger[~ledger["cause"].isin(QUIET)])
    width = len(str(entries[-1]["day"])) if entries else 1
    return [line(entry, width) for entry in entries]


def in_order(ledger: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The entries of one consumer as dictionaries, in order of time; those of one happening stand together."""
    if ledger.empty:
        return []
    together = ledger.groupby(["day", "brand", "cause", "by"], sort=False).ngroup().to_numpy()
    return ledger.iloc[np.lexsort((together, ledger["day"].to_numpy()))].to_dict("records")


def line(entry: Mapping[Hashable, Any], width: int = 1) -> str:
    """One entry in words."""
    return _("day {day}: {what}.").format(day=f"{entry['day']:>{width}}", what=with_change(happened(entry), changed(entry)))


def happened(entry: Mapping[Hashable, Any]) -> str:
    """What happened to her, without what it changed."""
    return _(HAPPENED[str(entry["cause"])]).format(brand=entry["brand"], by=entry["by"])


def changed(entry: Mapping[Hashable, Any]) -> str:
    """What it changed; empty where nothing remains to be said."""
    cause, quantity, amount = str(entry["cause"]), str(entry["quantity"]), float(entry["amount"])
    if quantity == "consent" and cause in TELLING_ALL:
        return ""
    moved = _moved(amount) if abs(amount) >= SMALLEST else _("by less than 0.001")
    return _(CHANGED[quantity][int(amount > 0)]).format(after=number(float(entry["after"]), 3), amount=moved)


def with_change(what: str, change: str) -> str:
    """What happened, or was said of it so far, and what else it changed."""
    return _("{what}; {change}").format(what=what, change=change) if change else what


def sums(ledger: pd.DataFrame) -> list[str]:
    """For every brand and quantity: where it began, where it ended, and how much each cause moved it."""
    chains = dict(iter(ledger.groupby(["brand", "quantity"], sort=False)))
    return [
        _sum(chains[brand, quantity], str(brand), quantity)
        for brand in dict.fromkeys(ledger["brand"]) for quantity in QUANTITIES
        if quantity in MEASURED and (brand, quantity) in chains
    ]  # fmt: skip


def _sum(entries: pd.DataFrame, brand: str, quantity: str) -> str:
    by_cause = entries.groupby("cause")["amount"].sum()
    causes = sorted(by_cause.index, key=lambda cause: (-abs(by_cause[cause]), CAUSES.index(str(cause))))
    return _("In all, {brand}: {quantity} from {before} to {after} ({causes})").format(
        brand=brand, quantity=_(MEASURED[quantity]), before=number(float(entries["before"].iloc[0]), 3),
        after=number(float(entries["after"].iloc[-1]), 3),
        causes=", ".join(f"{_(CALLED[str(cause)])} {_part(float(by_cause[cause]))}" for cause in causes),
    )  # fmt: skip


def _part(amount: float) -> str:
    return _moved(amount) if abs(amount) >= SMALLEST else _("about 0")


def _moved(amount: float) -> str:
    return number(amount, 3, signed=True)
