"""The course of a difference in words: 'behind until week 19, ahead after'."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from simulator.experiments.comparison import Comparison
from simulator.experiments.paired import BETTER, HIGHER, LOWER, SAME, UNCLEAR, WORSE
from simulator.language import N_, _, number

if TYPE_CHECKING:
    import pandas as pd

STANDING = {
    BETTER: N_("ahead"), WORSE: N_("behind"), HIGHER: N_("higher"), LOWER: N_("lower"), SAME: N_("no practical difference"),
    UNCLEAR: N_("cannot be told apart"),
}  # fmt: skip
"""How the sentence says a week's verdict."""

MOST_TURNS = 4
"""Changes of sides that are told one by one; what changes more often is summed up."""


def course(comparison: Comparison, kpi: str, a: str, b: str) -> str:
    """How a stood against b, week by week: `behind until week 19, ahead after`; empty without a whole week.

    A week counts as ahead or behind only where its verdict by luck says so: the interval excludes 0, p allows for all weeks and pairs,
    and the difference is large enough to matter.
    """
    table = comparison.timeline(kpi)
    return course_of(table[(table["a"] == a) & (table["b"] == b)])


def course_of(weeks: pd.DataFrame) -> str:
    """The same from the rows of one pair of `Comparison.timeline`."""
    told = zip(weeks["week"].tolist(), weeks["verdict"].tolist(), strict=True)
    spells = [(said, [int(week) for week, _verdict in group]) for said, group in groupby(told, key=lambda row: row[1])]
    if not spells:
        return ""
    last = _(STANDING[spells[-1][0]])
    if len(spells) == 1:
        return _("{standing} in every week").format(standing=last)
    if len(spells) > MOST_TURNS + 1:
        return _("changes {count} times, in the end {standing}").format(count=number(len(spells) - 1), standing=last)
    parts = [_("{standing} until week {week}").format(standing=_(STANDING[said]), week=number(run[-1])) for said, run in spells[:-1]]
    return ", ".join([*parts, _("{standing} after").format(standing=last)])
