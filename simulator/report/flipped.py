"""Who was won and who was lost, in a few plain sentences in the language spoken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.experiments.flipped import LOST, WON
from simulator.language import N_, _, number

if TYPE_CHECKING:
    import pandas as pd

DEFINITION = N_(
    "A customer is who bought the brand last, of all brands (of a durable: who owns it). Two lives of one consumer part on the first "
    "day on which something happens to her in one of them and not in the other."
)

FIRST = {
    "ad": N_("advertising by {brand} reached them"), "annoyance": N_("the advertising of {brand} annoyed them"),
    "newsletter": N_("they got a newsletter of {brand}"), "invitation": N_("{brand} asked whether it may write to them"),
    "accepted": N_("they let {brand} write to them"), "refused": N_("they told {brand} not to write to them"),
    "opted out": N_("they left the list of {brand}"), "experience": N_("they bought {brand} and used it"),
    "praise heard": N_("somebody praised {brand} to them"), "blame heard": N_("somebody warned them of {brand}"),
    "answer": N_("{brand} answered them"), "unanswered complaint": N_("{brand} left their complaint unanswered"),
    "took part": N_("they gave {brand} an idea"), "other": N_("something about {brand} changed for them"),
}  # fmt: skip
"""What happened to some consumers, by cause."""

BY_SEGMENT = {WON: N_("Won by segment: {parts}."), LOST: N_("Lost by segment: {parts}.")}

BEGAN = {
    WON: N_("What comes first for the won is most often that, with {life}, {what} ({count} of {of})."),
    LOST: N_("What comes first for the lost is most often that, with {life}, {what} ({count} of {of})."),
}


def flipped_sentences(flipped: pd.DataFrame, a: str, b: str, focal: str, consumers: int) -> list[str]:
    """One to six sentences on who was won and lost with a instead of b. consumers: how many were simulated."""
    flipped = flipped[(flipped["a"] == a) & (flipped["b"] == b)]
    n = number(consumers)
    if flipped.empty:
        nobody = _("With {a} instead of {b}, {focal} neither wins nor loses a single customer of {n} simulated consumers.")
        return [nobody.format(a=a, b=b, focal=focal, n=n)]
    kinds = {kind: flipped[flipped["kind"] == kind] for kind in (WON, LOST)}
    counts = _("With {a} instead of {b}, {focal} wins {won} of {n} simulated consumers as customers and loses {lost}.")
    said = [counts.format(a=a, b=b, focal=focal, n=n, won=number(len(kinds[WON])), lost=number(len(kinds[LOST])))]
    if flipped["segment"].nunique() > 1:
        for kind, rows in kinds.items():
            segments = rows["segment"].value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
            parts = [f"{name} {number(int(count))}" for name, count in segments.items()]
            said += [_(BY_SEGMENT[kind]).format(parts=", ".join(parts))] if parts else []
    told = flipped[flipped["cause"] != ""]
    if not told.empty:
        said += [
            _parting(told, len(flipped)),
            *(_beginning(kind, told[told["kind"] == kind]) for kind in kinds if kind in set(told["kind"])),
        ]
    return said


def _parting(told: pd.DataFrame, of: int) -> str:
    """When their lives part; only of some of them it may be known."""
    low, day, high = (number(value) for value in told["day"].quantile([0.25, 0.5, 0.75], interpolation="lower"))
    if low == high:
        said = _("Their two lives part on day {day}{told}.")
    else:
        said = _("Their two lives part on day {day} (median; half of them between days {low} and {high}){told}.")
    known = "" if len(told) == of else _("; told for {count} of them").format(count=number(len(told)))
    return said.format(day=day, low=low, high=high, told=known)


def _beginning(kind: str, told: pd.DataFrame) -> str:
    """What happens first to most of them."""
    firsts = Counter(zip(told["life"], told["cause"], told["brand"], strict=True))
    (life, cause, brand), count = min(firsts.items(), key=lambda item: (-item[1], item[0]))
    what = _(FIRST[cause]).format(brand=brand)
    return _(BEGAN[kind]).format(life=life, what=what, count=number(count), of=number(len(told)))
