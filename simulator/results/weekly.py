"""The daily table by weeks: what flows is summed, what stands is read at the week's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.results.daily import BOOKS, TALK, ratio

if TYPE_CHECKING:
    import pandas as pd

FLOWS = frozenset((*BOOKS, *TALK, "spend", "impressions", "revenue", "cost", "profit", "new_customers", "bad_buzz"))
"""Columns that are amounts of a day; all others say how things stand."""


def weekly(daily: pd.DataFrame) -> pd.DataFrame:
    """A row per week and brand: week (0, 1, ...), days (7, the last week perhaps fewer), brand, then the columns of the daily table.

    Flows are sums, net_sentiment that of the week, everything else as on the week's last day.
    """
    grouped = daily.assign(week=daily["day"] // 7).groupby(["week", "brand"], sort=False)
    columns = [name for name in daily.columns if name not in ("day", "brand")]
    table = grouped[columns].agg({name: "sum" if name in FLOWS else "last" for name in columns})
    good, bad = (table[f"tellings_{kind}"].to_numpy(float) for kind in ("positive", "negative"))
    table["net_sentiment"] = ratio(good - bad, good + bad)
    table.insert(0, "days", grouped.size())
    return table.reset_index()
