"""A diary: the ledger of one consumer in plain words, a line for every entry."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.results.ledger import CAUSES, QUANTITIES, QUIET

if TYPE_CHECKING:
    import pandas as pd

HAPPENED = {
    "en": {
        "ad": "I saw advertising by {brand}", "annoyance": "the advertising of {brand} annoyed me",
        "newsletter": "a newsletter of {brand} came", "invitation": "{brand} asked whether it may write to me",
        "accepted": "I let {brand} write to me", "refused": "I told {brand} not to write to me", "opted out": "I left the list of {brand}",
        "experience": "I bought {brand} and used it", "praise heard": "consumer {by} praised {brand} to me",
        "blame heard": "consumer {by} warned me of {brand}", "answer": "{brand} answered me",
        "unanswered complaint": "{brand} left my complaint unanswered", "took part": "I gave {brand} an idea",
        "reputation": "what people think of {brand} rubs off on me", "forgetting": "time passes ({brand})",
        "other": "something changed ({brand})",
    },
    "fr": {
        "ad": "j'ai vu une publicité de {brand}", "annoyance": "la publicité de {brand} m'a causé de l'agacement",
        "newsletter": "une lettre d'information de {brand} est arrivée", "invitation": "{brand} m'a demandé si elle pouvait m'écrire",
        "accepted": "j'ai accepté que {brand} m'écrive", "refused": "j'ai refusé que {brand} m'écrive",
        "opted out": "j'ai quitté la liste de {brand}", "experience": "j'ai acheté et utilisé {brand}",
        "praise heard": "la personne {by} m'a dit du bien de {brand}", "blame heard": "la personne {by} m'a dit du mal de {brand}",
        "answer": "{brand} m'a répondu", "unanswered complaint": "{brand} n'a pas répondu à ma réclamation",
        "took part": "j'ai proposé une idée à {brand}", "reputation": "ce qu'on pense de {brand} déteint sur moi",
        "forgetting": "le temps passe ({brand})", "other": "quelque chose a changé ({brand})",
    },
}  # fmt: skip
"""What happened, by cause."""

CHANGED = {
    "en": {
        "trust": ("my trust falls to {after} ({amount})", "my trust rises to {after} ({amount})"),
        "awareness": ("I remember it less: {after} ({amount})", "I remember it better: {after} ({amount})"),
        "irritation": ("my irritation falls to {after} ({amount})", "my irritation rises to {after} ({amount})"),
        "satisfaction": ("my satisfaction falls to {after} ({amount})", "my satisfaction rises to {after} ({amount})"),
        "consent": ("it may write to me again", "it may no longer write to me"),
        "blocked": ("I see its advertising again", "I block its advertising for good"),
    },
    "fr": {
        "trust": ("ma confiance baisse à {after} ({amount})", "ma confiance monte à {after} ({amount})"),
        "awareness": ("je m'en souviens moins : {after} ({amount})", "je m'en souviens mieux : {after} ({amount})"),
        "irritation": ("mon agacement baisse à {after} ({amount})", "mon agacement monte à {after} ({amount})"),
        "satisfaction": ("ma satisfaction baisse à {after} ({amount})", "ma satisfaction monte à {after} ({amount})"),
        "consent": ("elle peut de nouveau m'écrire", "elle ne peut plus m'écrire"),
        "blocked": ("je revois sa publicité", "je bloque sa publicité pour de bon"),
    },
}  # fmt: skip
"""What it changed, by quantity: downwards, upwards."""

TELLING_ALL = ("invitation", "accepted", "refused", "opted out")
"""Causes of a change of consent after which nothing remains to be said."""

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
    "en": {
        "day": "day", "sum": "In all, {brand}: {quantity} from {before} to {after} ({causes})", "tiny": "by less than 0.001",
        "none": "about 0", "then": "; ", "nothing": "Nothing happened to this consumer but what happens every day.",
        "trust": "trust", "awareness": "awareness", "irritation": "irritation", "satisfaction": "satisfaction",
    },
    "fr": {
        "day": "jour", "sum": "En tout, {brand} : {quantity} de {before} à {after} ({causes})", "tiny": "de moins de 0,001",
        "none": "environ 0", "then": "\N{NO-BREAK SPACE}; ",
        "nothing": "Il n'est rien arrivé à cette personne que ce qui arrive tous les jours.",
        "trust": "confiance", "awareness": "notoriété", "irritation": "agacement", "satisfaction": "satisfaction",
    },
}  # fmt: skip

LANGUAGES = tuple(WORDS)

SMALLEST = 0.0005
"""Below this an amount is told without its digits."""


def diary(ledger: pd.DataFrame, language: str = "en", everything: bool = False) -> list[str]:
    """The entries of one consumer in order of time, one line each; `everything`: also what happens every day.

    What one happening did to several quantities stands together.
    """
    entries = in_order(ledger if everything else ledger[~ledger["cause"].isin(QUIET)])
    width = len(str(entries[-1]["day"])) if entries else 1
    return [line(entry, language, width) for entry in entries]


def in_order(ledger: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The entries of one consumer as dictionaries, in order of time; those of one happening stand together."""
    if ledger.empty:
        return []
    together = ledger.groupby(["day", "brand", "cause", "by"], sort=False).ngroup().to_numpy()
    return ledger.iloc[np.lexsort((together, ledger["day"].to_numpy()))].to_dict("records")


def line(entry: Mapping[Hashable, Any], language: str, width: int = 1) -> str:
    """One entry in words."""
    what, then = happened(entry, language), changed(entry, language)
    return f"{WORDS[language]['day']} {entry['day']:>{width}}: {what}{WORDS[language]['then'] if then else ''}{then}."


def happened(entry: Mapping[Hashable, Any], language: str) -> str:
    """What happened to her, without what it changed."""
    return about(HAPPENED[language][str(entry["cause"])], language, str(entry["brand"]), by=entry["by"])


def changed(entry: Mapping[Hashable, Any], language: str) -> str:
    """What it changed; empty where nothing remains to be said."""
    cause, quantity, amount = str(entry["cause"]), str(entry["quantity"]), float(entry["amount"])
    change = "" if quantity == "consent" and cause in TELLING_ALL else CHANGED[language][quantity][int(amount > 0)]
    moved = _number(amount, language, signed=True) if abs(amount) >= SMALLEST else WORDS[language]["tiny"]
    return change.format(after=_number(float(entry["after"]), language), amount=moved)


def about(words: str, language: str, brand: str, **more: object) -> str:
    """Words with a brand in them; in French `de` and `que` lose their vowel before one."""
    said = words.format(brand=brand, **more)
    if language == "fr" and unicodedata.normalize("NFD", brand)[:1].casefold() in tuple("aeiou"):
        said = said.replace(f"de {brand}", f"d'{brand}").replace(f"que {brand}", f"qu'{brand}")
    return said


def sums(ledger: pd.DataFrame, language: str = "en") -> list[str]:
    """For every brand and quantity: where it began, where it ended, and how much each cause moved it."""
    said = []
    chains = dict(iter(ledger.groupby(["brand", "quantity"], sort=False)))
    for brand in dict.fromkeys(ledger["brand"]):
        for quantity in QUANTITIES:
            if quantity in WORDS[language] and (brand, quantity) in chains:
                said.append(_sum(chains[brand, quantity], str(brand), quantity, language))
    return said


def _sum(entries: pd.DataFrame, brand: str, quantity: str, language: str) -> str:
    by_cause = entries.groupby("cause")["amount"].sum()
    causes = sorted(by_cause.index, key=lambda cause: (-abs(by_cause[cause]), CAUSES.index(str(cause))))
    return WORDS[language]["sum"].format(
        brand=brand, quantity=WORDS[language][quantity], before=_number(float(entries["before"].iloc[0]), language),
        after=_number(float(entries["after"].iloc[-1]), language),
        causes=", ".join(f"{CALLED[language][str(cause)]} {_part(float(by_cause[cause]), language)}" for cause in causes),
    )  # fmt: skip


def _part(amount: float, language: str) -> str:
    return _number(amount, language, signed=True) if abs(amount) >= SMALLEST else WORDS[language]["none"]


def _number(value: float, language: str, signed: bool = False) -> str:
    text = (f"{value:+.3f}" if signed else f"{value:.3f}").replace("-0.000", "0.000")
    return text.replace(".", ",").replace("-", "\N{MINUS SIGN}") if language == "fr" else text
