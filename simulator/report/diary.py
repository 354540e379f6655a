"""A diary: the ledger of one consumer in plain words, a line for every entry."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.results.ledger import CAUSES

if TYPE_CHECKING:
    import pandas as pd

QUIET = ("reputation", "forgetting")
"""Causes of every day, which a diary leaves out unless asked."""

HAPPENED = {
    "en": {
        "ad": "I saw advertising by {brand}", "annoyance": "the advertising of {brand} annoyed me",
        "newsletter": "a newsletter of {brand} came", "invitation": "{brand} asked whether it may write to me",
        "accepted": "I let {brand} write to me", "refused": "I told {brand} not to write to me", "opted out": "I left the list of {brand}",
        "experience": "I bought {brand} and used it", "praise heard": "consumer {by} praised {brand} to me",
        "blame heard": "consumer {by} warned me of {brand}", "answer": "{brand} answered me",
        "unanswered complaint": "{brand} left my complaint unanswered", "took part": "I gave {brand} an idea",
        "reputation": "I drift to what is thought of {brand}", "forgetting": "time passes ({brand})",
        "other": "something changed ({brand})",
    },
    "fr": {
        "ad": "j'ai vu une publicité de {brand}", "annoyance": "la publicité de {brand} m'a agacée",
        "newsletter": "une lettre d'information de {brand} est arrivée", "invitation": "{brand} m'a demandé si elle pouvait m'écrire",
        "accepted": "j'ai accepté que {brand} m'écrive", "refused": "j'ai refusé que {brand} m'écrive",
        "opted out": "j'ai quitté la liste de {brand}", "experience": "j'ai acheté {brand} et je m'en suis servie",
        "praise heard": "le consommateur {by} m'a vanté {brand}", "blame heard": "le consommateur {by} m'a mise en garde contre {brand}",
        "answer": "{brand} m'a répondu", "unanswered complaint": "{brand} n'a pas répondu à ma réclamation",
        "took part": "j'ai proposé une idée à {brand}", "reputation": "je me rapproche de ce qu'on pense de {brand}",
        "forgetting": "le temps passe ({brand})", "other": "quelque chose a changé ({brand})",
    },
}  # fmt: skip
"""What happened, by cause."""

CHANGED = {
    "en": {
        "trust": ("my trust falls to {after} ({amount})", "my trust rises to {after} ({amount})"),
        "awareness": ("I remember it less, {after} ({amount})", "I remember it better, {after} ({amount})"),
        "irritation": ("my irritation falls to {after} ({amount})", "my irritation rises to {after} ({amount})"),
        "satisfaction": ("my satisfaction falls to {after} ({amount})", "my satisfaction rises to {after} ({amount})"),
        "consent": ("", ""), "blocked": ("I see its advertising again", "I block its advertising for good"),
    },
    "fr": {
        "trust": ("ma confiance baisse à {after} ({amount})", "ma confiance monte à {after} ({amount})"),
        "awareness": ("je m'en souviens moins, {after} ({amount})", "je m'en souviens mieux, {after} ({amount})"),
        "irritation": ("mon agacement baisse à {after} ({amount})", "mon agacement monte à {after} ({amount})"),
        "satisfaction": ("ma satisfaction baisse à {after} ({amount})", "ma satisfaction monte à {after} ({amount})"),
        "consent": ("", ""), "blocked": ("je revois sa publicité", "je bloque sa publicité pour de bon"),
    },
}  # fmt: skip
"""What it changed, by quantity: downwards, upwards."""

CALLED = {
    "en": {cause: cause for cause in CAUSES},
    "fr": {
        "ad": "publicité", "annoyance": "agacement", "newsletter": "lettre d'information", "invitation": "invitation", "accepted": "accord",
        "refused": "refus", "opted out": "désabonnement", "experience": "expérience", "praise heard": "éloges entendus",
        "blame heard": "critiques entendues", "answer": "réponse", "unanswered complaint": "réclamation sans réponse",
        "took part": "participation", "reputation": "réputation", "forgetting": "oubli", "other": "autre",
    },
}  # fmt: skip
"""Short names of the causes."""

WORDS = {
    "en": {"day": "day", "sum": "In all, {brand}: {quantity} from {before} to {after}", "nothing": "Nothing happened to this consumer.",
           "trust": "trust", "awareness": "awareness", "irritation": "irritation", "satisfaction": "satisfaction"},
    "fr": {"day": "jour", "sum": "En tout, {brand} : {quantity} de {before} à {after}", "nothing": "Il n'est rien arrivé à cette personne.",
           "trust": "confiance", "awareness": "notoriété", "irritation": "agacement", "satisfaction": "satisfaction"},
}  # fmt: skip

LANGUAGES = tuple(WORDS)


def diary(ledger: pd.DataFrame, language: str = "en", everything: bool = False) -> list[str]:
    """The entries of one consumer in order of time, one line each; `everything`: also what happens every day."""
    chosen = ledger if everything else ledger[~ledger["cause"].isin(QUIET)]
    width = len(str(int(chosen["day"].max()))) if len(chosen) else 1
    return [line(entry, language, width) for entry in chosen.to_dict("records")]


def line(entry: Mapping[Hashable, Any], language: str, width: int = 1) -> str:
    """One entry in words."""
    happened = HAPPENED[language][str(entry["cause"])].format(brand=entry["brand"], by=entry["by"])
    amount = float(str(entry["amount"]))
    changed = CHANGED[language][str(entry["quantity"])][int(amount > 0)]
    changed = changed.format(after=_number(float(str(entry["after"])), language), amount=_number(amount, language, signed=True))
    return f"{WORDS[language]['day']} {entry['day']:>{width}}: {happened}{'; ' if changed else ''}{changed}."


def sums(ledger: pd.DataFrame, language: str = "en") -> list[str]:
    """For every brand and quantity: where it began, where it ended, and how much each cause moved it."""
    said = []
    for (brand, quantity), entries in ledger.groupby(["brand", "quantity"], sort=False):
        if quantity not in WORDS[language]:
            continue
        before, after = (float(entries[name].iloc[place]) for name, place in (("before", 0), ("after", -1)))
        words = WORDS[language]["sum"].format(
            brand=brand, quantity=WORDS[language][str(quantity)], before=_number(before, language), after=_number(after, language)
        )
        by_cause = entries.groupby("cause")["amount"].sum()
        causes = sorted(by_cause.index, key=lambda cause: (-abs(by_cause[cause]), CAUSES.index(str(cause))))
        said.append(
            f"{words}: "
            + ", ".join(f"{CALLED[language][str(cause)]} {_number(float(by_cause[cause]), language, signed=True)}" for cause in causes)
        )
    return said


def _number(value: float, language: str, signed: bool = False) -> str:
    text = f"{value:+.3f}" if signed else f"{value:.3f}"
    if float(text) == 0.0 and value != 0.0:
        text = np.format_float_scientific(value, precision=1, sign=signed)
    return text.replace(".", ",").replace("-", "\N{MINUS SIGN}") if language == "fr" else text
