"""Why scenarios differ: what moved trust, and who was won and lost, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.experiments.comparison import Comparison, same_world
from simulator.experiments.explain import START
from simulator.language import language
from simulator.report.diary import CALLED
from simulator.report.flipped import DEFINITION, flipped_sentences
from simulator.report.numbers import NOTHING, change
from simulator.report.text import aligned

if TYPE_CHECKING:
    import pandas as pd

SAID = {
    "en": {
        START: "on day 0", "title": "What moved mean trust in {focal} over all consumers, {n}; differences from {b} in points of 0 to 100",
        "replicates": ("one replicate", "mean of {n} replicates"), "cause": "cause", "sum": "in all",
    },
    "fr": {
        START: "au jour 0",
        "title": "Ce qui a fait varier la confiance moyenne en {focal} (tous consommateurs, {n}) ; écarts avec {b} en points de 0 à 100",
        "replicates": ("une réplication", "moyenne de {n} réplications"), "cause": "cause", "sum": "en tout",
    },
}  # fmt: skip


def cause_name(cause: str, spoken: str | None = None) -> str:
    """What a cause is called."""
    spoken = spoken or language()
    return SAID[spoken][START] if cause == START else CALLED[spoken][cause]  # type: ignore[return-value]  # a text, under this key


def explanation(comparison: Comparison) -> str:
    """What `compare --explain` prints: the table of causes, then who was won and lost against the baseline; nothing if not asked."""
    if comparison.causes.empty:
        return ""
    spoken, base = language(), comparison.baseline
    said = [causes_table(comparison.causes, comparison.focal, base, spoken)]
    for name, scenario in zip(comparison.names[1:], comparison.scenarios[1:], strict=True):
        if same_world(scenario, comparison.scenarios[0]):
            said.append("\n".join(flipped_sentences(comparison.flipped, name, base, comparison.focal, comparison.consumers)))
    return "\n\n".join([*said, DEFINITION[spoken]])


def causes_table(causes: pd.DataFrame, focal: str, baseline: str, spoken: str | None = None) -> str:
    """A row for each cause, the largest difference first, and their sum; a column for each scenario that differs from the baseline."""
    spoken = spoken or language()
    words = SAID[spoken]
    against = causes[causes["b"] == baseline]
    if against.empty:
        return ""
    wide = against.pivot(index="cause", columns="a", values="difference")[list(dict.fromkeys(against["a"]))]
    wide = wide[(wide != 0.0).any(axis=1)]
    wide = wide.loc[wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index]
    rows = [
        [cause_name(str(cause), spoken), *(_points(value) for value in row)] for cause, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    n = int(causes["n"].iloc[0])
    title = str(words["title"]).format(focal=focal, b=baseline, n=words["replicates"][n > 1].format(n=n))
    total = [str(words["sum"]), *(_points(value) for value in wide.sum().to_numpy())]
    return f"{title}\n\n{aligned([str(words['cause']), *map(str, wide.columns)], [*rows, total], right=range(1, len(wide.columns) + 1))}"


def _points(value: float) -> str:
    return NOTHING if value != value or value == 0.0 else change(value, "share", small=True)
