"""How large cascades are: figures to lay beside those of real ones.

Two sizes of a message, because data differ in what they can see:
    heard     consumers who know it, the author included (`run.messages.size`): the audience
    tellers   consumers who told it to somebody who had not heard it, the author included always: what a platform counts as
              a post and its reshares
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.language import _
from simulator.parameters import InputError
from simulator.results.run_result import RunResult

if TYPE_CHECKING:
    import pandas as pd

I64 = NDArray[np.int64]

TAIL_FROM = 10
"""Size from which on a cascade belongs to the tail."""


class SizeFigures(NamedTuple):
    """A distribution of sizes in a few numbers."""

    cascades: int
    mean: float
    median: float
    p90: float
    p99: float
    largest: int
    singles: float  # share of size 1
    tail: float  # exponent of the sizes from `TAIL_FROM` on; NaN with fewer than two different ones
    tail_se: float
    in_tail: int


def size_figures(sizes: ArrayLike, tail_from: int = TAIL_FROM) -> SizeFigures:
    """Figures of the sizes of cascades (whole numbers >= 1)."""
    found = _checked(sizes)
    tail, error, count = tail_exponent(found, tail_from)
    p50, p90, p99 = np.quantile(found, (0.5, 0.9, 0.99)).tolist()
    singles = float((found == 1).mean())
    return SizeFigures(len(found), float(found.mean()), p50, p90, p99, int(found.max()), singles, tail, error, count)


def tail_exponent(sizes: ArrayLike, tail_from: int = TAIL_FROM) -> tuple[float, float, int]:
    """Exponent a of P(size) ~ size^-a for sizes >= tail_from, its standard error, and how many sizes that are.

    Maximum likelihood of the discrete power law (Clauset, Shalizi, Newman 2009, doi:10.1137/070710111). Near 2 to 3 a few cascades
    hold much of everything; a thin (exponential) tail has a large exponent. That a power law fits at all is not tested.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import zeta

    tail = _checked(sizes)
    tail = tail[tail >= tail_from]
    if len(np.unique(tail)) < 2:
        return math.nan, math.nan, len(tail)
    logs = float(np.log(tail).mean())

    def loss(a: float) -> float:
        return float(np.log(zeta(a, tail_from))) + a * logs

    a = float(minimize_scalar(loss, bounds=(1.0001, 50.0), method="bounded").x)
    step = 1e-3 * a
    curvature = (loss(a + step) - 2.0 * loss(a) + loss(a - step)) / step**2
    return a, 1.0 / math.sqrt(len(tail) * curvature) if curvature > 0 else math.nan, len(tail)


def ks_distance(one: ArrayLike, other: ArrayLike) -> float:
    """Largest difference between two cumulative distributions of sizes, 0 (alike) .. 1 (Kolmogorov-Smirnov)."""
    from scipy.stats import ks_2samp

    return float(ks_2samp(_checked(one), _checked(other)).statistic)


def cascade_sizes(run: RunResult, brand: str | None = None, in_public: bool = False) -> pd.DataFrame:
    """Columns message, brand, valence, heard, tellers: every organic message (one that a consumer started, not an event).

    brand      only messages about it
    in_public  only messages of which at least one telling that reached somebody new was online

    Needs the log of tellings.
    """
    import pandas as pd

    if not run.scenario.record.logs_tellings(run.consumers):
        raise InputError(_("to count tellers the tellings must be logged: set record.tellings = true"), key="record.tellings")
    messages, log = run.messages, run.tellings
    messages = messages[messages["author"] >= 0]
    if brand is not None:
        messages = messages[messages["brand"] == brand]
    if in_public:
        messages = messages[messages["message"].isin(log.loc[log["online"] == 1, "message"])]
    told = log[["message", "teller"]].drop_duplicates()
    authors = messages.set_index("message")["author"]
    passed_on = told[told["teller"] != told["message"].map(authors)]
    others = messages["message"].map(passed_on.groupby("message").size()).fillna(0).astype(np.int64)
    return pd.DataFrame({
        "message": messages["message"], "brand": messages["brand"], "valence": messages["valence"],
        "heard": messages["size"].astype(np.int64), "tellers": 1 + others,
    }).reset_index(drop=True)  # fmt: skip


def _checked(sizes: ArrayLike) -> I64:
    found = np.asarray(sizes)
    if found.ndim != 1 or not len(found):
        raise InputError(_("sizes of cascades are a list of whole numbers, at least one"))
    if not np.isfinite(found).all() or (found < 1).any() or (found != np.round(found)).any():
        raise InputError(_("sizes of cascades are whole numbers from 1 on"))
    return found.astype(np.int64)
