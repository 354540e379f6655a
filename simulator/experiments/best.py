"""The best setting of a study under constraints, and how sure that it is the best.

The best of many settings looks better than it is, as the luckiest of equals comes first. So it is compared with every other
setting that qualifies, as one family of paired differences: all pairs among those in front, adjusted together.
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.experiments.comparison import direction, judged
from simulator.experiments.effects import means, values_of
from simulator.experiments.paired import F64, SAME, UNCLEAR, Family, family, paired_differences
from simulator.experiments.study import Study
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.kpis import KPIS
from simulator.scenario.problems import unknown

MOST_IN_FRONT = 40
"""Settings that are compared with each other: the best so many."""

SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


@dataclass(frozen=True)
class Constraint:
    """What a setting's mean must be."""

    kpi: str
    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.kpi} {self.sign} {self.bound:g}"

    def met(self, value: float) -> bool:
        """Whether a value satisfies it; what is not known does not."""
        return bool(SIGNS[self.sign](value, self.bound))

    def short(self, value: float) -> float:
        """How far a value is from it, relative to the bound; 0 if it is met, infinite if it is not known."""
        return math.inf if math.isnan(value) else 0.0 if self.met(value) else abs(value - self.bound) / (abs(self.bound) or 1.0)


def constraint(text: str) -> Constraint:
    """A constraint as it is written: `trust_aware>=0.5`."""
    found = re.fullmatch(r"\s*(\w+)\s*(>=|<=|>|<)\s*(\S+)\s*", text)
    try:
        bound = float(found[3]) if found else math.nan
    except ValueError:
        bound = math.nan
    if not found or math.isnan(bound):
        raise InputError(
            _('"{text}" is no constraint; allowed: a figure, >= <= > or <, and a number, such as "trust_aware>=0.5"').format(text=text)
        )
    return Constraint(_figure(found[1]), found[2], bound)


@dataclass(frozen=True)
class Level:
    """A mean with its 95% interval (NaN below two runs)."""

    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Met:
    """A constraint at a setting; surely: its whole interval lies on the right side."""

    constraint: Constraint
    level: Level
    surely: bool


@dataclass(frozen=True)
class Lead:
    """The best setting over another, by pairs of runs: positive where it is better."""

    cell: int
    n: int
    wins: int
    mean: float
    low: float
    high: float
    p: float  # adjusted for all pairs of settings in front
    verdict: str
    more: float  # about how many more pairs would tell; NaN where it is told, or none would


@dataclass(frozen=True)
class Best:
    """The best setting by the mean of a figure. cell: None if no setting qualifies."""

    goal: str
    constraints: tuple[Constraint, ...]
    qualifying: tuple[int, ...]  # cells, the best first
    cell: int | None
    level: Level | None
    met: tuple[Met, ...]
    leads: tuple[Lead, ...]  # over the next best, in their order
    nearest: int | None  # where none qualifies: the cell that falls short by least

    @property
    def as_good(self) -> tuple[int, ...]:
        """Cells that cannot be told from the best, or differ from it by nothing that matters."""
        return tuple(lead.cell for lead in self.leads if lead.verdict in (UNCLEAR, SAME))


def best(study: Study, goal: str = "profit", subject_to: Sequence[str | Constraint] = ()) -> Best:
    """The cell with the best mean of a figure among those whose means satisfy all constraints.

    Raises InputError for an unknown figure, one without a better side, or what is no constraint.
    """
    goal = _figure(goal)
    if not direction(goal):
        raise InputError(
            _("{goal} has no better side; allowed: {names}").format(goal=goal, names=", ".join(name for name in KPIS if direction(name)))
        )
    constraints = tuple(each if isinstance(each, Constraint) else constraint(each) for each in subject_to)
    values = values_of(study, goal)
    cells = means(values)
    limits = {each: means(values_of(study, each.kpi)) for each in constraints}
    known = np.flatnonzero(~np.isnan(cells))
    ranked = known[np.argsort(-direction(goal) * cells[known], kind="stable")].tolist()
    fits = tuple(cell for cell in ranked if all(each.met(float(limit[cell])) for each, limit in limits.items()))
    if not fits:
        lacks = {cell: max((each.short(float(limit[cell])) for each, limit in limits.items()), default=math.inf) for cell in ranked}
        nearest = min(lacks, key=lambda cell: lacks[cell]) if lacks else None
        return Best(goal, constraints, (), None, None, _met(study, constraints, nearest), (), nearest)
    cell = fits[0]
    return Best(goal, constraints, fits, cell, level(values[cell]), _met(study, constraints, cell), _leads(values, fits, goal), None)


def level(values: F64) -> Level:
    """The mean of a cell's runs with its interval."""
    seen = paired_differences(values[None, :])
    return Level(int(seen.n[0]), float(seen.mean[0]), float(seen.low[0]), float(seen.high[0]))


def _met(study: Study, constraints: Sequence[Constraint], cell: int | None) -> tuple[Met, ...]:
    if cell is None:
        return ()
    found = [(each, level(values_of(study, each.kpi)[cell])) for each in constraints]
    return tuple(Met(each, seen, each.met(seen.low) and each.met(seen.high)) for each, seen in found)


def _leads(values: F64, fits: Sequence[int], goal: str) -> tuple[Lead, ...]:
    front = fits[:MOST_IN_FRONT]
    pairs = list(itertools.combinations(range(len(front)), 2))
    if not pairs:
        return ()
    chosen = values[list(front)] * direction(goal)
    differences = np.stack([chosen[one] - chosen[other] for one, other in pairs])
    together = family(differences)
    rows = slice(0, len(front) - 1)  # those of the best: combinations start with them
    cells = np.abs(means(chosen))
    sizes = [float(max(cells[0], cells[other])) for other in range(1, len(front))]
    sides = differences[rows] * direction(goal)  # as the figure counts: what is judged knows which side is better
    said = judged(sides, [goal] * len(sizes), sizes, Family(together.p[rows], together.bar))
    seen = paired_differences(differences[rows])
    leads = []
    for row, other in enumerate(front[1:]):
        mean, low, high = float(seen.mean[row]), float(seen.low[row]), float(seen.high[row])
        p, more = float(said["p"][row]), float(said["more"][row])
        leads.append(Lead(other, int(said["n"][row]), int(said["wins"][row]), mean, low, high, p, str(said["verdict"][row]), more))
    return tuple(leads)


def _figure(name: str) -> str:
    if name not in KPIS:
        raise InputError(unknown("figure", name, KPIS))
    return name
