"""The answer in one sentence: who leads in what, and where nobody can be told to lead."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiments.comparison import Comparison, direction
from simulator.experiments.paired import BETTER, WORSE
from simulator.report.bad_buzz import lead
from simulator.report.numbers import level
from simulator.results.kpis import KPIS

LEADS = {
    "reach": "reaches most people",
    "trust_aware": "is trusted most",
    "share": "sells most",
    "profit": "earns most",
    "messages_negative": "is spoken ill of least",
}
"""The key figures of the sentence and how it speaks of their leader."""


def answer(comparison: Comparison) -> str:
    """A sentence that begins with 'In this model'; where a story is told, another on what it costs."""
    if comparison.runs.empty:
        return "In this model, no run finished, so there is no answer."
    last = comparison.days[-1]
    opening = f"In this model, after {_elapsed(last)}"
    if len(comparison.names) == 1:
        return f"{opening}, {_description(comparison, last)}."
    led: dict[str, list[str]] = {}
    undecided = []
    for kpi, words in LEADS.items():
        best = leaders(comparison, kpi, last)
        if len(best) == len(comparison.names):
            undecided.append(KPIS[kpi].label["en"].lower())
        else:
            led.setdefault(_listed(best, "or"), []).append(words)
    parts = [f"{_listed(words, 'and')} with {best}" for best, words in led.items()]
    text = f"{opening}, {comparison.focal} {_listed(parts, 'and')}" if parts else opening
    if undecided:
        text += ("; " if parts else ", ") + f"no scenario can be said to lead in {_listed(undecided, 'or')}"
    story = lead(comparison.bad_buzz, comparison.focal) if comparison.bad_buzz else ""
    return f"{text}. {story}".strip()


def leaders(comparison: Comparison, kpi: str, day: int) -> list[str]:
    """The scenario with the best mean, and all that paired runs cannot tell from it; in the order of the comparison."""
    summary = comparison.summary
    means = summary[(summary["day"] == day) & (summary["kpi"] == kpi)].set_index("scenario")["mean"].dropna()
    if means.empty:
        return list(comparison.names)
    best = str((means * (direction(kpi) or 1)).idxmax())
    verdicts = comparison.verdicts
    rows = verdicts[(verdicts["day"] == day) & (verdicts["kpi"] == kpi)]
    beaten = {str(row.b) for row in rows.itertuples() if row.a == best and row.verdict == BETTER}
    beaten |= {str(row.a) for row in rows.itertuples() if row.b == best and row.verdict == WORSE}
    return [name for name in comparison.names if name not in beaten]


def _description(comparison: Comparison, day: int) -> str:
    summary = comparison.summary
    means = summary[summary["day"] == day].set_index("kpi")["mean"]
    reach, trust, share = (level(float(means[kpi]), KPIS[kpi].unit) for kpi in ("reach", "trust_aware", "share"))
    return f"{comparison.focal} has reached {reach} of consumers, trust among the aware is {trust} and its market share {share}"


def _elapsed(days: int) -> str:
    count, unit = (days // 7, "week") if days % 7 == 0 else (days, "day")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _listed(parts: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
