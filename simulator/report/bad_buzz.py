"""The bad-buzz section: what the story does in each scenario, in a sentence and a row, and the answers that the model knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.bad_buzz import BadBuzz
from simulator.experiments.comparison import Comparison
from simulator.experiments.ignition import IGNITES_AT, wilson
from simulator.experiments.paired import CONFIDENCE, FEWEST_PAIRS, paired_differences
from simulator.experiments.twin import answers
from simulator.report.cascade_figures import bad_buzz_pictures
from simulator.report.numbers import EVIDENCE, NOTHING, level
from simulator.results.episodes import AFTERMATH

if TYPE_CHECKING:
    import pandas as pd

MATRIX = "crises.matrix."
"""Where a scenario keeps what each answer does to the passing on of blame."""

SHRINKS, FANS, OPEN, NEITHER = "shrinks it", "fans it", "sign open", "no effect"


def bad_buzz_section(comparison: Comparison) -> dict[str, Any] | None:
    """What the page's template needs; None where neither a crisis nor an episode was seen."""
    found = comparison.bad_buzz
    if found is None or found.worlds.empty:
        return None
    worlds = {name: found.worlds[found.worlds["scenario"] == name] for name in comparison.names}
    worlds = {name: table for name, table in worlds.items() if len(table)}
    return {
        "questions": list(dict.fromkeys(scenario.question for scenario in comparison.scenarios if scenario.question)),
        "lead": lead(found, comparison.focal), "sentences": [(name, sentence(table, comparison)) for name, table in worlds.items()],
        "columns": COLUMNS, "rows": [{"name": name, "cells": row(table)} for name, table in worlds.items()],
        "pictures": bad_buzz_pictures(comparison, found), "matrix": response_matrix(comparison),
        "ignites_at": level(IGNITES_AT, "share"), "aftermath": AFTERMATH,
    }  # fmt: skip


# -- words -----------------------------------------------------------------------------------------------------------


def sentence(worlds: pd.DataFrame, comparison: Comparison) -> str:
    """What happens in one scenario, over its worlds (a row each)."""
    focal, burnt = comparison.focal, worlds[worlds["ignited"].astype(bool)]
    chance = f"in {_chance(len(burnt), len(worlds))}"
    if not worlds["story"].any():
        if burnt.empty:
            return f"No crisis happens to {focal}; a bad buzz ignites by itself {chance}."
        then = _aftermath(burnt, "below its eve on the day of most blame", "trust_lost_peak", "trust_lost_90", "recovery_days", "censored")
        return f"No crisis happens to {focal}, yet a bad buzz ignites by itself {chance}. {then}."
    text = f"The story ignites {chance}"
    episodes = int(worlds["episode"].sum())
    if episodes != len(burnt):
        text += f"; a bad-buzz episode is counted in {episodes}"
    if not burnt.empty:
        text += f". {_aftermath(burnt, 'lower on the worst day', 'trust_gap', 'trust_gap_90', 'gap_days', 'gap_open')}"
    units, share = _spread(worlds["units_lost"], "units"), _spread(worlds["units_lost_share"], "share")
    return f"{text}. Over all worlds it costs {focal} {units} units against the same worlds without the story ({share} of them)."


def _aftermath(burnt: pd.DataFrame, lower: str, most: str, later: str, days: str, still: str) -> str:
    """How far it went where it ignited, and what became of trust."""
    heard, lost = _spread(burnt["heard"], "share"), _spread(burnt[most], "")
    return f"Where it does, {heard} of consumers hear it, trust is {lost} {lower}{_later(burnt, later)}, and {_back(burnt, days, still)}"


def _later(burnt: pd.DataFrame, column: str) -> str:
    """Nothing if the run ends before."""
    return f" and {_spread(burnt[column], '')} lower {AFTERMATH} days on" if burnt[column].notna().any() else ""


def _back(burnt: pd.DataFrame, days: str, censored: str) -> str:
    """How long trust needs; days of runs that ended before are a lower bound."""
    known = burnt[burnt[days].notna()]
    still = int(known[censored].astype(bool).sum())
    if known.empty:
        return "nobody can say when it is back"
    if still == len(known):
        return (
            f"nine tenths of it are back in none of {_worlds(still)} when the run ends, {level(float(known[days].max()), 'days')} days on"
        )
    text = f"nine tenths of it are back after {_spread(known[days], 'days')} days"
    return text + (f" or more (in {still} of {len(known)} worlds not when the run ends)" if still else "")


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
        return f"In this model, no scenario can be said to lose {focal} fewer units to the story than the others."
    text = f"In this model, the story costs {focal} fewest units with {best}"
    return f"{text}; {' and '.join(open_ones)} cannot be told apart from it." if open_ones else f"{text}."


# -- numbers with their spread ---------------------------------------------------------------------------------------


COLUMNS = (
    "Ignited", "Heard it, if ignited", "Largest cascade", "Units lost", "Heard ill only because of it", "Trust lost at worst",
    f"Trust lost {AFTERMATH} days on", "Days until it is back",
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
    back = _spread(burnt[days], "days") + (f" or more (open in {open_ones} of {len(burnt)})" if open_ones else "")
    if open_ones and open_ones == len(burnt):
        back = f"more than {level(float(burnt[days].min()), 'days')} (open in {open_ones} of {open_ones})"
    return [
        _chance(len(burnt), len(worlds)), _spread(burnt["heard"], "share"), f"{_spread(worlds['largest'], 'people')}",
        f"{_spread(worlds['units_lost'], 'units')}", _spread(worlds["reached_only"], "share"), _spread(burnt[worst], ""),
        _spread(burnt[later], ""), back,
    ]  # fmt: skip


def _chance(successes: int, trials: int) -> str:
    """`3 of 20 worlds (15% [5%, 36%])`: with Wilson's interval."""
    share, low, high = wilson(successes, trials)
    return f"{successes} of {_worlds(trials)} ({100 * share:.0f}% [{100 * low:.0f}%, {100 * high:.0f}%])"


def _worlds(count: int) -> str:
    return f"{count} world" + ("s" if count != 1 else "")


def _spread(values: pd.Series[float], unit: str) -> str:
    """Mean and 95% interval of what is known; a single value says that it is one."""
    known = np.array(values.dropna(), np.float64)
    if not len(known):
        return NOTHING
    seen = paired_differences(known[None, :])
    if len(known) == 1:
        return f"{level(float(known[0]), unit)} (one world)"
    return f"{level(float(seen.mean[0]), unit)} [{level(float(seen.low[0]), unit)}, {level(float(seen.high[0]), unit)}]"


# -- answers ---------------------------------------------------------------------------------------------------------


def response_matrix(comparison: Comparison) -> dict[str, Any] | None:
    """What each answer multiplies the passing on of blame by, per cluster of crisis, with the evidence; None if nobody answers."""
    if not any(answers(scenario, comparison.focal) for scenario in comparison.scenarios):
        return None
    cells: dict[str, dict[str, dict[str, str]]] = {}
    evidence: dict[str, None] = {}
    for value in comparison.scenarios[0].values():
        if value.key.startswith(MATRIX):
            answer, _, cluster = value.key.removeprefix(MATRIX).partition(".")
            cells.setdefault(answer, {})[cluster] = _cell(comparison, value.key, value.declaration)
            tag = EVIDENCE.get(value.declaration["evidence"], "design")
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
        "value": " | ".join(f"{value:g}" for value in values), "range": f"{low:g} to {high:g}" if plausible else NOTHING, "sign": sign,
    }  # fmt: skip
