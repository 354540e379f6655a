"""What would change the answer: how far it holds when assumptions are drawn anew, where it flips, and what is left open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.experiments.comparison import Comparison, direction
from simulator.experiments.paired import SAME, UNCLEAR
from simulator.language import _, general, language, ngettext, number, percent
from simulator.report.answer import LEADS
from simulator.report.numbers import listed
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

CLEAR = 0.05
"""A flip is laid at an assumption's door below this p, allowing for how many assumptions were asked."""

FEWEST = 4
"""Draws on each side of a flip, below which nothing is said about where it is."""

WEIGHED = ("share", "profit", "trust_aware")
"""Figures whose lead is weighed against the draws."""

NAMED = 2
"""Assumptions named for one flip."""


@dataclass(frozen=True)
class Flip:
    """An assumption that goes with a change of the answer."""

    key: str
    flipped: float  # median of its values where the answer flips
    held: float  # and where it holds


def what_would_change_it(comparison: Comparison) -> list[str]:
    """Sentences for page 1; empty for a single scenario."""
    if len(comparison.names) < 2 or comparison.runs.empty:
        return []
    last = comparison.days[-1]
    rows = comparison.verdicts[comparison.verdicts["day"] == last]
    drawn = int(np.nan_to_num(rows["draws"].to_numpy(float)).max(initial=0)) if "draws" in rows else 0
    said = [_holding(comparison, rows, kpi) for kpi in WEIGHED] if drawn else []
    said = [text for text in said if text]
    if not drawn:
        said.append(
            _("Luck alone was asked here, every assumption at its value. How far the answer rests on assumptions is shown by --doubt both.")
        )
    return [*said, *_open(rows)]


def flips(comparison: Comparison, kpi: str, a: str, b: str, day: int) -> list[Flip]:
    """The assumptions whose values differ most between draws in which the difference of two scenarios has the usual sign and the others.

    By the Mann-Whitney test, Bonferroni over assumptions; numbers only.
    """
    from scipy import stats

    draws, assumed = getattr(comparison, "draws", None), getattr(comparison, "assumptions", None)
    if draws is None or assumed is None or not len(draws) or not len(assumed):
        return []
    difference = _differences(draws, kpi, a, b, day, comparison.focal)
    usual = np.sign(difference.mean())
    odd = set(difference.index[np.sign(difference.to_numpy()) != usual])
    if min(len(odd), len(difference) - len(odd)) < FEWEST:
        return []
    found = []
    keys = list(dict.fromkeys(assumed["key"]))
    for key, values in assumed.groupby("key", sort=False):
        known = values[values["draw"].isin(difference.index)]
        try:
            amounts = known["value"].to_numpy(float)
        except (TypeError, ValueError):
            continue
        inside = known["draw"].isin(odd).to_numpy()
        if inside.all() or not inside.any():
            continue
        p = float(stats.mannwhitneyu(amounts[inside], amounts[~inside]).pvalue)
        if p * len(keys) <= CLEAR:
            found.append((p, Flip(str(key), float(np.median(amounts[inside])), float(np.median(amounts[~inside])))))
    return [flip for _p, flip in sorted(found, key=lambda each: each[0])[:NAMED]]


def _differences(draws: pd.DataFrame, kpi: str, a: str, b: str, day: int, focal: str) -> pd.Series[float]:
    """a minus b in each draw."""
    chosen = draws[(draws["day"] == day) & (draws["brand"] == focal)]
    wide = chosen.pivot_table(index="draw", columns="scenario", values=kpi)
    return (wide[a] - wide[b]).dropna()


def _holding(comparison: Comparison, rows: pd.DataFrame, kpi: str) -> str:
    """Against whom the lead in one figure is weakest over the draws, and where it flips."""
    last, best = comparison.days[-1], _best(comparison, kpi)
    mine = rows[(rows["kpi"] == kpi) & ((rows["a"] == best) | (rows["b"] == best)) & (rows["draws"] > 0) & rows["holds"].notna()]
    mine = mine[mine["luck_verdict"] != SAME] if "luck_verdict" in mine else mine
    if mine.empty:
        return ""
    weakest = mine.iloc[int(mine["holds"].to_numpy(float).argmin())]
    rival = str(weakest["b"] if weakest["a"] == best else weakest["a"])
    text = _("{figure}: {name} does best on average, and better than {rival} in {share} of {draws} draws of the assumptions.").format(
        figure=KPIS[kpi].label[language()], name=best, rival=rival, share=percent(float(weakest["holds"])), draws=number(weakest["draws"])
    )
    found = flips(comparison, kpi, str(weakest["a"]), str(weakest["b"]), last)
    if not found:
        return text
    where = [
        (
            _("{key} is higher (median {flipped} against {held})")
            if flip.flipped > flip.held
            else _("{key} is lower (median {flipped} against {held})")
        ).format(key=flip.key, flipped=general(float(f"{flip.flipped:.3g}")), held=general(float(f"{flip.held:.3g}")))
        for flip in found
    ]
    return text + " " + _("It flips most easily where {where}.").format(where=listed(where, _("or")))


def _best(comparison: Comparison, kpi: str) -> str:
    """The scenario with the best mean at the end."""
    summary = comparison.summary
    means = summary[(summary["day"] == comparison.days[-1]) & (summary["kpi"] == kpi)].set_index("scenario")["mean"].dropna()
    return str((means * (direction(kpi) or 1)).idxmax()) if len(means) else ""


def _open(rows: pd.DataFrame) -> list[str]:
    """What is left open: for want of pairs, and because it depends on assumptions."""
    mine = rows[rows["kpi"].isin(list(LEADS)) & (rows["verdict"] == UNCLEAR)]
    luck = mine[mine["luck_verdict"] == UNCLEAR] if "luck_verdict" in mine else mine
    said = []
    if len(mine) > len(luck):
        text = ngettext(
            "{number} of {all} differences in these figures is clear here and yet open, because it depends on the assumptions.",
            "{number} of {all} differences in these figures are clear here and yet open, because they depend on the assumptions.",
            len(mine) - len(luck),
        )
        said.append(text.format(number=number(len(mine) - len(luck)), all=number(int(rows["kpi"].isin(list(LEADS)).sum()))))
    if len(luck):
        figures = ", ".join(KPIS[kpi].label[language()] for kpi in LEADS if kpi in set(luck["kpi"]))
        text = ngettext(
            "{number} difference cannot be told from luck ({figures}).",
            "{number} differences cannot be told from luck ({figures}).",
            len(luck),
        ).format(number=number(len(luck)), figures=figures)
        more = luck["more"].to_numpy(float) if "more" in luck else np.array([])
        more = more[np.isfinite(more) & (more > 0)]
        if len(more):
            least = int(more.min())
            text += " " + ngettext(
                "About {number} more pair would tell the first.", "About {number} more pairs would tell the first.", least
            ).format(number=number(least))  # fmt: skip
        said.append(text)
    return said
