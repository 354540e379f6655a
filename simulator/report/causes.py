"""Why scenarios differ: what moved trust, and who was won and lost, as text in the language spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.experiments.comparison import Comparison, same_world
from simulator.experiments.explain import START
from simulator.language import _, ngettext
from simulator.report.diary import CALLED
from simulator.report.flipped import DEFINITION, flipped_sentences
from simulator.report.numbers import NOTHING, change
from simulator.report.text import aligned

if TYPE_CHECKING:
    import pandas as pd


def cause_name(cause: str) -> str:
    """What a cause is called."""
    return _("on day 0") if cause == START else _(CALLED[cause])


def explanation(comparison: Comparison) -> str:
    """What `compare --explain` prints: the table of causes, then who was won and lost against the baseline; nothing if not asked."""
    if comparison.causes.empty:
        return ""
    base = comparison.baseline
    said = [causes_table(comparison.causes, comparison.focal, base)]
    for name, scenario in zip(comparison.names[1:], comparison.scenarios[1:], strict=True):
        if same_world(scenario, comparison.scenarios[0]):
            said.append("\n".join(flipped_sentences(comparison.flipped, name, base, comparison.focal, comparison.consumers)))
    return "\n\n".join([*said, _(DEFINITION)])


def causes_table(causes: pd.DataFrame, focal: str, baseline: str) -> str:
    """A row for each cause, the largest difference first, and their sum; a column for each scenario that differs from the baseline."""
    against = causes[causes["b"] == baseline]
    if against.empty:
        return ""
    wide = against.pivot(index="cause", columns="a", values="difference")[list(dict.fromkeys(against["a"]))]
    wide = wide[(wide != 0.0).any(axis=1)]
    wide = wide.loc[wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index]
    rows = [[cause_name(str(cause)), *(_points(value) for value in row)] for cause, row in zip(wide.index, wide.to_numpy(), strict=True)]
    n = int(causes["n"].iloc[0])
    title = _("What moved mean trust in {focal} over all consumers, {n}; differences from {b} in points of 0 to 100").format(
        focal=focal, b=baseline, n=ngettext("one replicate", "mean of {n} replicates", n).format(n=n)
    )
    total = [_("in all"), *(_points(value) for value in wide.sum().to_numpy())]
    return f"{title}\n\n{aligned([_('cause'), *map(str, wide.columns)], [*rows, total], right=range(1, len(wide.columns) + 1))}"


def _points(value: float) -> str:
    return NOTHING if value != value or value == 0.0 else change(value, "share", small=True)
