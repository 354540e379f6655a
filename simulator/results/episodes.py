"""Bad-buzz episodes: found day by day from what was told, looking only backwards.

A brand is in an episode from the day on which
- its negative tellings exceed the mean of the baseline by `DEVIATIONS` standard deviations, and
- at least one consumer in a hundred (and at least five) heard something bad, and
- negatives are the majority of what is said of it in public (mentions),
until they fall below a tenth of the highest day so far (or, where everyday complaints alone are more than that, back to the mean of
the baseline). The baseline is the last 28 days outside episodes. The three numbers are assumptions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
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

RECOVERED_WITHIN = 0.1
"""Trust is back when no more than this part of what was lost is still missing."""

NO_MESSAGE = -1
"""`trigger` of an episode whose messages are not known."""

KINDS: dict[str, Any] = {
    "brand": "str", "over": "bool", "reached": "float64", "trust_lost_peak": "float64", "trust_lost_90": "float64",
    "recovery_days": "float64", "censored": "bool", "trigger_origin": "str",
}  # fmt: skip
COLUMNS = (
    "brand", "start", "peak", "end", "over", "tellings", "peak_tellings", "reached", "trust_lost_peak", "trust_lost_90",
    "recovery_days", "censored", "trigger", "trigger_origin", "trigger_tellings", "trigger_size",
)  # fmt: skip


def floor_of(consumers: int) -> float:
    """Negative tellings a day below which nothing is a bad buzz."""
    return max(HEARD_AT_LEAST, HEARD_SHARE * consumers)


def bad_buzz(tellings: F64, positive: F64, negative: F64, floor: float) -> I8:
    """int8 [days]: 1 on days inside an episode; of one brand, float64 [days] each.

    tellings: how often something bad was heard; positive, negative: public mentions, of which the bad ones must be more.
    The value of a day depends on that day and earlier ones only.
    """
    result = np.zeros(len(tellings), np.int8)
    quiet: list[float] = []
    ends_below = -math.inf
    mean = peak = 0.0
    outweighed = (negative > positive).tolist()
    for day, bad in enumerate(tellings.tolist()):
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
            if bad >= floor and bad > mean + DEVIATIONS * spread and outweighed[day]:
                peak = bad
                result[day] = 1
                continue
        quiet = [*quiet[1 - BASELINE_DAYS :], bad]
    return result


def runs(inside: I8) -> list[tuple[int, int]]:
    """First and last index of every stretch of ones."""
    edges = np.diff(np.concatenate([[0], inside, [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))


def recovery(trust: F64, eve: float, start: int, stop: int) -> tuple[float, bool]:
    """Days from `start` until trust has regained nine tenths of what it lost, and whether the table ends before (days so far).

    trust: float64 [days]; eve: trust before the episode; stop: day on which the next episode begins, else the end of the table.
    What was lost is measured at the lowest point from start to stop. 0 if nothing was lost, NaN if the eve is unknown.
    """
    lowest = start + int(np.argmin(trust[start:stop]))
    lost = eve - float(trust[lowest])
    if not lost > 0.0:
        return (math.nan if math.isnan(lost) else 0.0), False
    back = np.flatnonzero(trust[lowest:] >= eve - RECOVERED_WITHIN * lost)
    return (float(lowest + int(back[0]) - start), False) if len(back) else (float(len(trust) - start), True)


def find_episodes(
    daily: pd.DataFrame, messages: pd.DataFrame | None = None, tellings: pd.DataFrame | None = None, consumers: int = 0
) -> pd.DataFrame:
    """One row an episode, from the column `bad_buzz` of the daily table.

    start, peak, end: days (the first, that with most negative tellings, the last seen); over: whether it has ended;
    tellings: negative ones inside it; peak_tellings: on its peak; reached: share of consumers who heard something bad inside it (NaN
    without a log of tellings); trust_lost_peak, trust_lost_90: mean trust on the eve minus mean trust on the peak, and 90 days
    after it (NaN if the run is shorter); recovery_days: see `recovery`; censored: whether trust was not back when the run ended;
    trigger: the message most told inside it among the negative ones, with its origin, its tellings inside the episode and the size of
    its whole tree (-1, "", 0, 0 without a log of tellings).
    """
    import pandas as pd

    rows = []
    for brand, of_brand in daily.groupby("brand", sort=False):
        day, bad = of_brand["day"].to_numpy(), of_brand["tellings_negative"].to_numpy(float)
        trust = of_brand["trust"].to_numpy(float)
        opening = trust[0] - of_brand["trust_change"].iloc[0] if "trust_change" in of_brand else math.nan
        found = runs(of_brand["bad_buzz"].to_numpy())
        for (first, last), (_, following) in zip(found, pairwise([*(start for start, _ in found), len(day)]), strict=True):
            peak = first + int(np.argmax(bad[first : last + 1]))
            eve = trust[first - 1] if first > 0 else opening
            reached, cause = math.nan, Cause()
            if messages is not None and tellings is not None and len(tellings) and consumers:
                heard, cause = _told_inside(messages, tellings, str(brand), int(day[first]), int(day[last]))
                reached = heard / consumers
            recovered, censored = recovery(trust, eve, first, following)
            rows.append({
                "brand": brand, "start": int(day[first]), "peak": int(day[peak]), "end": int(day[last]), "over": last + 1 < len(day),
                "tellings": int(bad[first : last + 1].sum()), "peak_tellings": int(bad[peak]), "reached": reached,
                "trust_lost_peak": eve - trust[peak],
                "trust_lost_90": eve - trust[peak + AFTERMATH] if peak + AFTERMATH < len(day) else math.nan,
                "recovery_days": recovered, "censored": censored, "trigger": cause.message, "trigger_origin": cause.origin,
                "trigger_tellings": cause.tellings, "trigger_size": cause.size,
            })  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.astype({name: KINDS.get(name, "int64") for name in COLUMNS})
    return frame.sort_values(["start", "brand"], ignore_index=True)


@dataclass(frozen=True)
class Cause:
    """The message behind an episode."""

    message: int = NO_MESSAGE
    origin: str = ""
    tellings: int = 0
    size: int = 0


def _told_inside(messages: pd.DataFrame, tellings: pd.DataFrame, brand: str, start: int, end: int) -> tuple[int, Cause]:
    """How many consumers heard something bad about the brand from day start to day end, and the message most told among them."""
    bad = messages[(messages["brand"] == brand) & (messages["valence"] < 0)].set_index("message")
    told = tellings.loc[tellings["day"].between(start, end) & tellings["message"].isin(bad.index), ["message", "hearer"]]
    if not len(told):
        return 0, Cause()
    numbers, counts = np.unique(told["message"].to_numpy(), return_counts=True)
    most = int(np.argmax(counts))  # of equals the first that was started
    number, behind = int(numbers[most]), bad.loc[numbers[most]]
    return int(told["hearer"].nunique()), Cause(number, str(behind["origin"]), int(counts[most]), int(behind["size"]))


def reproduction_of(episode: Any, messages: pd.DataFrame, tellings: pd.DataFrame, by: str = "generation") -> pd.DataFrame:
    """How many consumers one consumer told of the trigger of an episode (a row of the table): see `cascades.reproduction`.

    by: "generation" or "day". Empty where the trigger is not known.
    """
    from simulator.results.cascades import reproduction, trees

    return reproduction(trees(messages[messages["message"] == episode["trigger"]], tellings), by)
