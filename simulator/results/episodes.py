"""Bad-buzz episodes: found day by day from what was told, looking only backwards.

A brand is in an episode from the day on which
- its negative tellings exceed the mean of the baseline by `DEVIATIONS` standard deviations, and
- at least one consumer in a hundred (and at least five) heard something bad, and
- negatives are the majority of the brand's tellings,
until they fall below a tenth of the highest day so far (or, where everyday complaints alone are more than that, back to the mean of
the baseline). The baseline is the last 28 days outside episodes. The three numbers are assumptions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.world.state import F64, I8

if TYPE_CHECKING:
    import pandas as pd

BASELINE_DAYS = 28
DEVIATIONS = 3.0
HEARD_SHARE, HEARD_AT_LEAST = 0.01, 5.0
OVER_BELOW = 0.1
AFTERMATH = 90
"""Days after the peak on which the lasting loss of trust is read."""

KINDS: dict[str, Any] = {"brand": "str", "over": "bool", "reached": "float64", "trust_lost_peak": "float64", "trust_lost_90": "float64"}
COLUMNS = ("brand", "start", "peak", "end", "over", "tellings", "peak_tellings", "reached", "trust_lost_peak", "trust_lost_90")


def floor_of(consumers: int) -> float:
    """Negative tellings a day below which nothing is a bad buzz."""
    return max(HEARD_AT_LEAST, HEARD_SHARE * consumers)


def bad_buzz(positive: F64, negative: F64, floor: float) -> I8:
    """int8 [days]: 1 on days inside an episode. positive, negative: tellings a day of one brand, float64 [days].

    The value of a day depends on that day and earlier ones only.
    """
    result = np.zeros(len(negative), np.int8)
    quiet: list[float] = []
    ends_below = -math.inf
    mean = peak = 0.0
    for day, (good, bad) in enumerate(zip(positive.tolist(), negative.tolist(), strict=True)):
        if peak > 0.0:  # in an episode
            peak = max(peak, bad)
            ends_below = max(OVER_BELOW * peak, mean)
            if bad >= ends_below and bad > 0.0:
                result[day] = 1
                continue
            peak = 0.0
        else:
            mean = sum(quiet) / len(quiet) if quiet else 0.0
            spread = math.sqrt(sum((x - mean) ** 2 for x in quiet) / len(quiet)) if quiet else 0.0
            if bad >= floor and bad > mean + DEVIATIONS * spread and bad > good:
                peak = bad
                result[day] = 1
                continue
        quiet = [*quiet[1 - BASELINE_DAYS :], bad]
    return result


def runs(inside: I8) -> list[tuple[int, int]]:
    """First and last index of every stretch of ones."""
    edges = np.diff(np.concatenate([[0], inside, [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))


def find_episodes(
    daily: pd.DataFrame, messages: pd.DataFrame | None = None, tellings: pd.DataFrame | None = None, consumers: int = 0
) -> pd.DataFrame:
    """One row an episode, from the column `bad_buzz` of the daily table.

    start, peak, end: days (the first, that with most negative tellings, the last seen); over: whether it has ended;
    tellings: negative ones inside it; peak_tellings: on its peak; reached: share of consumers who heard something bad inside it (NaN
    without a log of tellings); trust_lost_peak, trust_lost_90: mean trust on the eve minus mean trust on the peak, and 90 days
    after it (NaN if the run is shorter, or the episode starts with it).
    """
    import pandas as pd

    rows = []
    for brand, of_brand in daily.groupby("brand", sort=False):
        day, bad = of_brand["day"].to_numpy(), of_brand["tellings_negative"].to_numpy(float)
        trust = of_brand["trust"].to_numpy()
        for first, last in runs(of_brand["bad_buzz"].to_numpy()):
            peak = first + int(np.argmax(bad[first : last + 1]))
            eve = trust[first - 1] if first > 0 else math.nan
            reached = math.nan
            if messages is not None and tellings is not None and len(tellings) and consumers:
                reached = _reached(messages, tellings, str(brand), int(day[first]), int(day[last])) / consumers
            rows.append({
                "brand": brand, "start": int(day[first]), "peak": int(day[peak]), "end": int(day[last]), "over": last + 1 < len(day),
                "tellings": int(bad[first : last + 1].sum()), "peak_tellings": int(bad[peak]), "reached": reached,
                "trust_lost_peak": eve - trust[peak],
                "trust_lost_90": eve - trust[peak + AFTERMATH] if peak + AFTERMATH < len(day) else math.nan,
            })  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.astype({name: KINDS.get(name, "int64") for name in COLUMNS})
    return frame.sort_values(["start", "brand"], ignore_index=True)


def _reached(messages: pd.DataFrame, tellings: pd.DataFrame, brand: str, start: int, end: int) -> int:
    """How many consumers heard something bad about the brand from day start to day end."""
    bad = messages.loc[(messages["brand"] == brand) & (messages["valence"] < 0), "message"]
    heard = tellings.loc[tellings["day"].between(start, end) & tellings["message"].isin(bad), "hearer"]
    return int(heard.nunique())
