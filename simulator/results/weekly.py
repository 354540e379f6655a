"""The daily table by weeks: what flows is summed, what stands is read at the week's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.results.daily import BOOKS, TALK, ratio

if TYPE_CHECKING:
    import pandas as pd

FLOWS = frozenset((*BOOKS, *TALK, "spend", "impressions", "revenue", "cost", "profit", "new_customers", "bad_buzz"))
"""Columns that are amounts of a day; all others say how things stand."""


def weekly(daily: pd.DataFrame) -> pd.DataFrame:
    """A row per week and brand: week (0, 1, ...), days (7, the last week perhaps fewer), brand, then the columns of the daily table.

    Flows are sums, net_sentiment that of the week, everything else as on the week's last day.
    """
    import pandas as pd

    weeks, (codes, brands) = daily["day"].to_numpy() // 7, pd.factorize(daily["brand"])
    groups = pd.factorize(weeks * max(1, len(brands)) + codes)[0]  # numbered as they appear
    order = np.argsort(groups, kind="stable")
    days = np.bincount(groups)
    ends = np.cumsum(days)
    first = order[ends - days]
    columns = {"week": weeks[first], "brand": daily["brand"].to_numpy()[first], "days": days}
    for name in daily.columns:
        if name in FLOWS:
            amounts = daily[name].to_numpy()[order]
            columns[name] = np.add.reduceat(amounts.astype(np.int64) if amounts.dtype.kind in "bui" else amounts, ends - days)
        elif name not in columns and name != "day":
            columns[name] = daily[name].to_numpy()[order[ends - 1]]
    columns["net_sentiment"] = ratio(*(columns["tellings_positive"] + sign * columns["tellings_negative"] for sign in (-1.0, 1.0)))
    return pd.DataFrame(columns)
