"""The bad-buzz section: what the story does in each scenario, in a sentence and a row, and the answers that the model knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.bad_buzz import BadBuzz
from simulator.experiments.comparison import Comparison
from simulator.experiments.ignition import IGNITES_AT, wilson
from simulator.experiments.paired import CONFIDENCE, FEWEST_PAIRS, paired_differences
from simulator.experiments.twin import answers
from simulator.language import N_, _, general, ngettext, number, percent
from simulator.report.cascade_figures import bad_buzz_pictures
from simulator.report.numbers import EVIDENCE, NOTHING, interval, level, listed
from simulator.results.episodes import AFTERMATH

if TYPE_CHECKING:
    import pandas as pd

MATRIX = "crises.matrix."
"""Where a scenario keeps what each answer does to the passing on of blame."""

CHOICE = N_("design")
SHRINKS, FANS, OPEN, NEITHER = N_("shrinks it"), N_("fans it"), N_("sign open"), N_("no effect")


def bad_buzz_section(comparison: Comparison) -> dict[str, Any] | None:
    """What the page's template needs; None where neither a crisis nor an episode was seen."""
    found = comparison.bad_buzz
    if found is None or found.worlds.empty:
        return None
    worlds = {name: found.worlds[found.worlds["scenario"] == name] for name in comparison.names}
    worlds = {name: table for name, table in worlds.items() if len(table)}
    return {
        "lead": lead(found, comparison.focal), "sentences": [(name, sentence(table, comparison)) for name, table in worlds.items()],
        "columns": [_(column).format(days=AFTERMATH) for column in COLUMNS],
        "rows": [{"name": name, "cells": row(table)} for name, table in worlds.items()],
        "pictures": bad_buzz_pictures(comparison, found), "matrix": response_matrix(comparison),
        "ignites_at": level(IGNITES_AT, "share"), "aftermath": AFTERMATH,
    }  # fmt: skip


# -- words -----------------------------------------------------------------------------------------------------------


def sentence(worlds: pd.DataFrame, comparison: Comparison) -> str:
    """What happens in one scenario, over its worlds (a row each)."""
    focal, burnt = comparison.focal, worlds[worlds["ignited"].astype(bool)]
    chance = _chance(len(burnt), len(worlds))
    if not worlds["story"].any():
        if burnt.empty:
            return _("No crisis happens to {brand}; a bad buzz ignites by itself in {chance}.").format(brand=focal, chance=chance)
        text = _("No crisis happens to {brand}, yet a bad buzz ignites by itself in {chance}.").format(brand=focal, chance=chance)
        words = N_(
            "Where it does, {heard} of consumers hear it, trust is {lost} below its eve on the day of most blame{later}, and {back}."
        )
        return f"{text} {_aftermath(burnt, words, 'trust_lost_peak', 'trust_lost_90', 'recovery_days', 'censored')}"
    text = _("The story ignites in {chance}").format(chance=chance)
    episodes = int(worlds["episode"].sum())
    if episodes != len(burnt):
        text += _("; a bad-buzz episode is counted in {number}").format(number=number(episodes))
    text += "."
    if not burnt.empty:
        words = N_("Where it does, {heard} of consumers hear it, trust is {lost} lower on the worst day{later}, and {back}.")
        text += f" {_aftermath(burnt, words, 'trust_gap', 'trust_gap_90', 'gap_days', 'gap_open')}"
    units, share = _spread(worlds["units_lost"], "units"), _spread(worlds["units_lost_share"], "share")
    return (
        text
        + " "
        + _("Over all worlds it costs {brand} {units} units against the same worlds without the story ({share} of them).").format(
            brand=focal, units=units, share=share
        )
    )


def _aftermath(burnt: pd.DataFrame, words: str, most: str, later: str, days: str, still: str) -> str:
    """How far it went where it ignited, and what became of trust."""
    return _(words).format(
        heard=_spread(burnt["heard"], "share"), lost=_spread(burnt[most], ""), later=_later(burnt, later), back=_back(burnt, days, still)
    )


def _later(burnt: pd.DataFrame, column: str) -> str:
    """Nothing if the run ends before."""
    if not burnt[column].notna().any():
        return ""
    return _(" and {lost} lower {days} days on").format(lost=_spread(burnt[column], ""), days=AFTERMATH)


def _back(burnt: pd.DataFrame, days: str, censored: str) -> str:
    """How long trust needs; days of runs that ended before are a lower bound."""
    known = burnt[burnt[days].notna()]
    still = int(known[censored].astype(bool).sum())
    if known.empty:
        return _("nobody can say when it is back")
    if still == len(known):
        return _("nine tenths of it are back in none of {worlds} when the run ends, {days} days on").format(
            worlds=_worlds(still), days=level(float(known[days].max()), "days")
        )
    text = _("nine tenths of it are back after {days} days").format(days=_spread(known[days], "days"))
    if not still:
        return text
    return text + _(" or more (in {some} of {worlds} not when the run ends)").format(some=number(still), worlds=_worlds(len(known)))


def lead(found: BadBuzz, focal: str) -> str:
    """Which scenario with a story loses fewest units, and which cannot be told from it."""
    wide = found.worlds.pivot(index="replicate", columns="scenario", values="units_lost").dropna(axis=1, how="all")
    if wide.shape[1] < 2:
        return ""
    best = str(wide.mean().idxmin())
    others = [str(name) for name in wide.columns if name != best]
    seen = paired_differences((wide[others].to_numpy(np.float64) - wide[[best]].to_numpy(np.float64)).T)
    sure = (seen.n >= FEWEST_PAIRS) & (seen.low > 0.0) & (seen.p <= 1.0 - CONFIDENCE)
    open_ones = [name for name, known in zip(others, sure.tolist(), strict=True) if not known]
    if len(open_ones) == len(others):
        return _("In this model, no scenario can be said to lose {brand} fewer units to the story than the others.").format(brand=focal)
    if open_ones:
        return _("In this model, the story costs {brand} fewest units with {name}; {others} cannot be told apart from it.").format(
            brand=focal, name=best, others=listed(open_ones, _("and"))
        )
    return _("In this model, the story costs {brand} fewest units with {name}.").format(brand=focal, name=best)


# -- numbers with their spread ---------------------------------------------------------------------------------------


COLUMNS = (
    N_("Ignited"), N_("Heard it, if ignited"), N_("Largest cascade"), N_("Units lost"), N_("Heard ill only because of it"),
    N_("Trust lost at worst"), N_("Trust lost {days} days on"), N_("Days until it is back"),
)  # fmt: skip


def row(worlds: pd.DataFrame) -> list[str]:
    """Cells under COLUMNS for one scenario: means with 95% intervals; from `Trust lost` on over the worlds in which it ignited."""
    burnt = worlds[worlds["ignited"].astype(bool)]
    story = bool(worlds["story"].any())
    worst, later, days, still = (
        ("trust_gap", "trust_gap_90", "gap_days", "gap_open")
        if story
        else ("trust_lost_peak", "trust_lost_90", "recovery_days", "censored")
    )
    open_ones = int(burnt[still].astype(bool).sum())
    back = _spread(burnt[days], "days")
    if open_ones and open_ones == len(burnt):
        back = _("more than {days} (open in {some} of {all})").format(
            days=level(float(burnt[days].min()), "days"), some=number(open_ones), all=number(open_ones)
        )
    elif open_ones:
        back = _("{days} or more (open in {some} of {all})").format(days=back, some=number(open_ones), all=number(len(burnt)))
    return [
        _chance(len(burnt), len(worlds)), _spread(burnt["heard"], "share"), f"{_spread(worlds['largest'], 'people')}",
        f"{_spread(worlds['units_lost'], 'units')}", _spread(worlds["reached_only"], "share"), _spread(burnt[worst], ""),
        _spread(burnt[later], ""), back,
    ]  # fmt: skip


def _chance(successes: int, trials: int) -> str:
    """`3 of 20 worlds (15% [5%, 36%])`: with Wilson's interval."""
    share, low, high = wilson(successes, trials)
    return _("{some} of {worlds} ({share} {interval})").format(
        some=number(successes), worlds=_worlds(trials), share=percent(share), interval=interval(percent(low), percent(high))
    )


def _worlds(count: int) -> str:
    return ngettext("{number} world", "{number} worlds", count).format(number=number(count))


def _spread(values: pd.Series[float], unit: str) -> str:
    """Mean and 95% interval of what is known; a single value says that it is one."""
    known = np.array(values.dropna(), np.float64)
    if not len(known):
        return NOTHING
    seen = paired_differences(known[None, :])
    if len(known) == 1:
        return _("{value} (one world)").format(value=level(float(known[0]), unit))
    return f"{level(float(seen.mean[0]), unit)} {interval(level(float(seen.low[0]), unit), level(float(seen.high[0]), unit))}"


# -- answers ---------------------------------------------------------------------------------------------------------


def response_matrix(comparison: Comparison) -> dict[str, Any] | None:
    """What each answer multiplies the passing on of blame by, per cluster of crisis, with the evidence; None if nobody answers."""
    if not any(answers(scenario, comparison.focal) for scenario in comparison.scenarios):
        return None
    cells: dict[str, dict[str, dict[str, str]]] = {}
    evidence: dict[str, None] = {}
    for value in comparison.scenarios[0].values():
        if value.key.startswith(MATRIX):
            answer, _dot, cluster = value.key.removeprefix(MATRIX).partition(".")
            cells.setdefault(answer, {})[cluster] = _cell(comparison, value.key, value.declaration)
            tag = _(EVIDENCE.get(value.declaration["evidence"], CHOICE))
            evidence[f"{tag}: {value.declaration.get('source', '')}".strip(": ")] = None
    clusters = list(dict.fromkeys(cluster for found in cells.values() for cluster in found))
    rows = [{"answer": answer.replace("_", " "), "cells": [found.get(cluster) for cluster in clusters]} for answer, found in cells.items()]
    return {"clusters": clusters, "rows": rows, "evidence": list(evidence)} if rows else None


def _cell(comparison: Comparison, key: str, declaration: dict[str, Any]) -> dict[str, str]:
    values = list(dict.fromkeys(each.value for scenario in comparison.scenarios for each in scenario.values() if each.key == key))
    plausible = declaration.get("plausible")
    low, high = plausible or (min(values), max(values))
    sign = OPEN if low < 1.0 < high else SHRINKS if high <= 1.0 and low < 1.0 else FANS if low >= 1.0 and high > 1.0 else NEITHER
    return {
        "value": " | ".join(map(general, values)), "sign": _(sign),
        "range": _("{low} to {high}").format(low=general(low), high=general(high)) if plausible else NOTHING,
    }  # fmt: skip
