"""In what share of the space of assumptions one scenario beats another, where that flips, and what flips it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.ignition import wilson
from simulator.experiments.paired import CONFIDENCE, F64

if TYPE_CHECKING:
    import pandas as pd

_OF_PARAMETER = ("low_third", "high_third", "difference", "low", "high", "flips_at", "accuracy", "below")


def shares(state: F64) -> dict[str, dict[str, float]]:
    """How much of the space A is ahead in, ties, and B is ahead in. state [points]: +1, 0, -1; NaN is not counted."""
    known = state[~np.isnan(state)]
    found = {}
    for name, sign in (("ahead", 1.0), ("tie", 0.0), ("behind", -1.0)):
        count = int((known == sign).sum())
        share, low, high = wilson(count, len(known)) if len(known) else (math.nan, 0.0, 1.0)
        found[name] = {"count": count, "n": len(known), "share": share, "low": low, "high": high}
    return found


def dependence(names: Sequence[str], points: F64, state: F64, values: F64) -> pd.DataFrame:
    """How much the share of the space in which A is ahead depends on each parameter; the most first.

    Columns key, low_third, high_third (share in which A is ahead), difference, low, high (its interval, for all parameters together),
    flips_at, accuracy, below. Ties and unknown points are left out. Where A is ahead in most of one outer third and B in most of the
    other, by more than luck in the choice of points, `flips_at` is the value that by itself best tells who is ahead, `accuracy` the
    share of points in which it is right, and `below` who is ahead below it (+1: A); else NaN.

    names   of the parameters to look at; points, values [points, names]: shares of the ranges, and the values; state as in `shares`
    """
    import pandas as pd

    decided = ~np.isnan(state) & (state != 0.0)
    ahead = state[decided] > 0.0
    rows = []
    for place, name in enumerate(names):
        u, x = points[decided, place], values[decided, place]
        thirds = [ahead[u < 1.0 / 3.0], ahead[u >= 2.0 / 3.0]]
        row: dict[str, Any] = dict.fromkeys(_OF_PARAMETER, math.nan)
        if all(len(third) for third in thirds):
            first, last = (float(third.mean()) for third in thirds)
            low, high = _difference(thirds, 1.0 - (1.0 - CONFIDENCE) / max(1, len(names)))
            row |= {"low_third": first, "high_third": last, "difference": last - first, "low": low, "high": high}
            if (first - 0.5) * (last - 0.5) < 0.0 and (low > 0.0 or high < 0.0):
                row |= dict(zip(("flips_at", "accuracy", "below"), threshold(x, ahead, first > last), strict=True))
        rows.append({"key": name, **row})
    table = pd.DataFrame(rows, columns=["key", *_OF_PARAMETER])
    order = table["difference"].abs().fillna(-1.0).sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _difference(thirds: Sequence[Any], confidence: float) -> tuple[float, float]:
    """Newcombe's interval of the second share minus the first (1998, method 10), from Wilson's of each."""
    (p, low_p, high_p), (q, low_q, high_q) = (wilson(int(third.sum()), len(third), confidence) for third in thirds)
    return q - p - math.hypot(q - low_q, high_p - p), q - p + math.hypot(high_q - q, p - low_p)


def threshold(x: F64, ahead: Any, below: bool) -> tuple[float, float, float]:
    """The value that best tells who is ahead, the share of points where it is right, and who is ahead below it (+1: A).

    below  whether A is the one that is ahead below
    """
    order = np.argsort(x, kind="stable")
    x, left = x[order], np.concatenate([[0], np.cumsum(ahead[order] == below)])  # right if it lies left of the threshold
    right = 2 * left + len(x) - np.arange(len(x) + 1) - left[-1]
    between = np.flatnonzero(np.diff(x) > 0.0) + 1  # a threshold lies between two values
    if not len(between):
        return math.nan, math.nan, math.nan
    best = int(between[np.argmax(right[between])])
    return float((x[best - 1] + x[best]) / 2.0), float(right[best]) / len(x), 1.0 if below else -1.0


def flip_map(keys: Sequence[str], points: F64, state: F64, edges: Sequence[F64]) -> pd.DataFrame:
    """The share in which A is ahead over a grid of two parameters: x_low, x_high, y_low, y_high, n, ties, ahead, share.

    n counts the points that are no tie; share is `ahead` of n. points [points, 2]: shares of the ranges; edges: the values at the
    borders of the cells of each of the two.
    """
    import pandas as pd

    columns, rows = len(edges[0]) - 1, len(edges[1]) - 1
    place = [np.minimum((points[:, axis] * bins).astype(int), bins - 1) for axis, bins in ((0, columns), (1, rows))]
    table = []
    for across, up in itertools.product(range(columns), range(rows)):
        inside = state[(place[0] == across) & (place[1] == up)]
        inside = inside[~np.isnan(inside)]
        ahead, n = int((inside > 0.0).sum()), int((inside != 0.0).sum())
        table.append({
            "x_key": keys[0], "y_key": keys[1], "x_low": edges[0][across], "x_high": edges[0][across + 1], "y_low": edges[1][up],
            "y_high": edges[1][up + 1], "n": n, "ties": len(inside) - n, "ahead": ahead, "share": ahead / n if n else math.nan,
        })  # fmt: skip
    return pd.DataFrame(table)
