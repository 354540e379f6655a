"""A target: what a source says, how it is set up here, and what counts as agreement - fixed before anything is measured.

`measure` runs the ordinary engine (bundled scenarios, overrides, simulate()) and returns its checks. A target holds if all
its checks pass; a failing one stays in the table with its explanation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Effort(NamedTuple):
    """How much to spend. The full table keeps within an hour on two processors, the quick one within three minutes."""

    quick: bool = False
    seeds: tuple[int, ...] = (1, 2, 3)
    """First seeds of independent repetitions; whatever is random is measured for each."""


@dataclass(frozen=True)
class Check:
    """One number beside what it should be."""

    what: str
    expected: float | None
    """None where the source gives a sign, an order or a range: low and high say it."""
    measured: float
    error: float
    """Standard error of the measured number; 0 where nothing is random."""
    low: float
    high: float
    """The accepted range, tolerance included; may be infinite."""
    unit: str = ""

    @property
    def passed(self) -> bool:
        """Is the measured number in the accepted range? Never, if it is no number."""
        return not math.isnan(self.measured) and self.low <= self.measured <= self.high


@dataclass(frozen=True)
class Target:
    """One row of docs/validity.md."""

    id: str
    claim: str
    source: str
    setup: str
    tolerance: str
    """The recipe in words, fixed beforehand."""
    measure: Callable[[Effort], list[Check]]
    """A function of a module (it is sent to processes by name)."""
    explanation: str = ""
    """Why it fails, where it is known to; shown only then."""
    revised: str = ""
    """What of the set-up was changed after a first measurement, and what that had shown; always shown."""


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean of independent repetitions and its standard error (0 of a single one)."""
    n = len(values)
    mean = math.fsum(values) / n
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1) / n) if n > 1 else 0.0


def over_seeds(
    what: str, values: Sequence[float], low: float, high: float = math.inf, expected: float | None = None, unit: str = ""
) -> Check:
    """The check of a mean over independent repetitions."""
    return Check(what, expected, *mean_and_error(values), low, high, unit)


def sign(what: str, differences: Sequence[float], unit: str = "") -> Check:
    """The check that a mean difference is positive, beyond two of its standard errors."""
    mean, error = mean_and_error(differences)
    return Check(what, None, mean, error, max(2.0 * error, math.ulp(0.0)), math.inf, unit)


def within(expected: float, tolerance: float) -> tuple[float, float]:
    """The range expected +- tolerance, as (low, high)."""
    return expected - tolerance, expected + tolerance
