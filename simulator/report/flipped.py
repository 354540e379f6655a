"""Who was won and who was lost, in a few plain sentences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.experiments.flipped import LOST, WON
from simulator.language import language, number, speaking
from simulator.report.diary import about as about_brand

if TYPE_CHECKING:
    import pandas as pd

DEFINITION = {
    "en": "A customer is who bought the brand last, of all brands (of a durable: who owns it). Two lives of one consumer part on the first "
    "day on which something happens to her in one of them and not in the other.",
    "fr": "Est cliente la personne dont le dernier achat, toutes marques confondues, est de la marque (bien durable : qui la possède). Les "
    "deux vies d'une même personne se séparent le premier jour où il lui arrive dans l'une quelque chose qui n'arrive pas dans l'autre.",
}

FIRST = {
    "en": {
        "ad": "advertising by {brand} reached them", "annoyance": "the advertising of {brand} annoyed them",
        "newsletter": "a newsletter of {brand} came", "invitation": "{brand} asked whether it may write to them",
        "accepted": "they let {brand} write to them", "refused": "they told {brand} not to write to them",
        "opted out": "they left the list of {brand}", "experience": "they bought {brand} and used it",
        "praise heard": "somebody praised {brand} to them", "blame heard": "somebody warned them of {brand}",
        "answer": "{brand} answered them", "unanswered complaint": "{brand} left their complaint unanswered",
        "took part": "they gave {brand} an idea", "other": "something changed ({brand})",
    },
    "fr": {
        "ad": "une publicité de {brand} les atteint", "annoyance": "la publicité de {brand} les agace",
        "newsletter": "une lettre d'information de {brand} arrive", "invitation": "{brand} leur demande si elle peut leur écrire",
        "accepted": "ces personnes acceptent que {brand} leur écrive", "refused": "ces personnes refusent que {brand} leur écrive",
        "opted out": "ces personnes quittent la liste de {brand}", "experience": "ces personnes achètent {brand} et s'en servent",
        "praise heard": "quelqu'un leur dit du bien de {brand}", "blame heard": "quelqu'un les met en garde contre {brand}",
        "answer": "{brand} leur répond", "unanswered complaint": "{brand} laisse leur réclamation sans réponse",
        "took part": "ces personnes proposent une idée à {brand}", "other": "quelque chose change ({brand})",
    },
}  # fmt: skip
"""What happened to some consumers, by cause."""

WORDS = {
    "en": {
        "counts": "With {a} instead of {b}, {focal} wins {won} of {n} simulated consumers as customers and loses {lost}.",
        "nobody": "With {a} instead of {b}, {focal} neither wins nor loses a single customer of {n} simulated consumers.",
        WON: "Won by segment: {parts}.", LOST: "Lost by segment: {parts}.",
        "day": "Their two lives part on day {day} (median; half of them between days {low} and {high}){told}.",
        "one": "Their two lives part on day {day}{told}.", "told": "; told for {count} of them",
        f"first {WON}": "What comes first for the won is most often that, with {life}, {what} ({count} of {of}).",
        f"first {LOST}": "What comes first for the lost is most often that, with {life}, {what} ({count} of {of}).",
    },
    "fr": {
        "counts": "Avec « {a} » plutôt que « {b} », {focal} gagne comme clients {won} des {n} consommateurs simulés et en perd {lost}.",
        "nobody": "Avec « {a} » plutôt que « {b} », {focal} ne gagne ni ne perd aucun client parmi les {n} consommateurs simulés.",
        WON: "Gagnés, par segment : {parts}.", LOST: "Perdus, par segment : {parts}.",
        "day": "Leurs deux vies se séparent au jour {day} (médiane ; pour la moitié, entre les jours {low} et {high}){told}.",
        "one": "Leurs deux vies se séparent au jour {day}{told}.", "told": " ; vies racontées pour {count} de ces personnes",
        f"first {WON}": "Pour les clients gagnés, le plus souvent tout commence ainsi : avec « {life} », {what} ({count} sur {of}).",
        f"first {LOST}": "Pour les clients perdus, le plus souvent tout commence ainsi : avec « {life} », {what} ({count} sur {of}).",
    },
}  # fmt: skip


def flipped_sentences(flipped: pd.DataFrame, a: str, b: str, focal: str, consumers: int, spoken: str | None = None) -> list[str]:
    """Two to six sentences on who was won and lost with a instead of b. consumers: how many were simulated."""
    with speaking(spoken or language()):
        return _sentences(flipped[(flipped["a"] == a) & (flipped["b"] == b)], a, b, focal, consumers)


def _sentences(flipped: pd.DataFrame, a: str, b: str, focal: str, consumers: int) -> list[str]:
    words, kinds = WORDS[language()], {kind: flipped[flipped["kind"] == kind] for kind in (WON, LOST)}
    about = {"a": a, "b": b, "focal": focal, "n": number(consumers)}
    if flipped.empty:
        return [words["nobody"].format(**about)]
    said = [words["counts"].format(**about, won=number(len(kinds[WON])), lost=number(len(kinds[LOST])))]
    if flipped["segment"].nunique() > 1:
        for kind, rows in kinds.items():
            counts = rows["segment"].value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
            parts = [f"{name} {number(int(count))}" for name, count in counts.items()]
            said += [words[kind].format(parts=", ".join(parts))] if parts else []
    told = flipped[flipped["cause"] != ""]
    if told.empty:
        return said
    low, day, high = (number(value) for value in told["day"].quantile([0.25, 0.5, 0.75], interpolation="lower"))
    how = "one" if low == high else "day"
    said.append(words[how].format(day=day, low=low, high=high, told=_how_many(flipped, told)))
    for kind in (WON, LOST):
        rows = told[told["kind"] == kind]
        if len(rows):
            firsts = Counter(zip(rows["life"], rows["cause"], rows["brand"], strict=True))
            (life, cause, brand), count = min(firsts.items(), key=lambda item: (-item[1], item[0]))
            what = about_brand(FIRST[language()][cause], language(), brand)
            said.append(words[f"first {kind}"].format(life=life, what=what, count=number(count), of=number(len(rows))))
    return said


def _how_many(flipped: pd.DataFrame, told: pd.DataFrame) -> str:
    return "" if len(told) == len(flipped) else WORDS[language()]["told"].format(count=number(len(told)))
