"""From what the recorder wrote down to the daily table: shares, rolling figures, all of them causal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from simulator.results.episodes import bad_buzz, floor_of
from simulator.results.reading import READ, TIERS, WINDOW
from simulator.world.state import F64

if TYPE_CHECKING:
    import pandas as pd

BOOKS = (
    "delivered", "contacts", "sends", "wanted", "opened", "invitations", "opt_ins", "opt_outs", "conversations", "complaints",
    "unanswered", "detected", "detected_positive", "detected_negative", "contributions", "units", "member_units",
)  # fmt: skip
"""Counts of simulated consumers that the tables show for the real market, as a brand's books would."""

TALK = (
    "messages_positive", "messages_negative", "tellings_positive", "tellings_negative", "repeats", "talks_offline", "talks_online",
    "mentions_positive", "mentions_negative",
)  # fmt: skip
"""Counts that stay those of the simulated consumers, because their rows are in the logs."""

COLUMNS = (
    "day", "brand", "spend", "impressions", "contacts", "reach", "reach_paid", "reach_owned", "reach_earned", "awareness", "trust",
    "irritation", "list_size", "opt_ins", "opt_outs", "blocked", "invitations", "sends", "conversations", "complaints", "units",
    "revenue", "penetration", "share", "messages_positive", "messages_negative", "tellings_positive", "tellings_negative",
    "net_sentiment", "reproduction_number", "bad_buzz",
    "aided_awareness", "consideration", "trust_aware", "trust_top2", "trust_change", "nps", "penetration_28", "new_customers",
    *TIERS, "cost", "profit", "budget", "delivered", "wanted", "opened", "member_units", "unanswered", "detected", "detected_positive",
    "detected_negative", "contributions", "repeats", "talks_offline", "talks_online", "mentions_positive", "mentions_negative",
    "frequency", "earned_share", "reputation", "resonance",
    "largest_negative_cascade",
)  # fmt: skip
"""Columns of the daily table. Money, units, impressions and everything in a brand's books: real market. Talk: simulated
consumers. reach*, awareness ... tiers: shares or means over all simulated consumers, state at the end of the day. `budget`: available so
far, spent or not. `blocked`: share of consumers who block the brand. `frequency`: paid contacts delivered so far per consumer they reached.
`earned_share`: part of all contacts so far (ads noticed, newsletters opened, tellings heard) that came from other consumers."""

WHOLE = frozenset((*TALK, "bad_buzz"))
"""Columns of whole numbers."""


CONSUMED = frozenset((
    *BOOKS, *TALK, *READ, "spend", "impressions", "budget", "price", "unit_cost", "fixed_costs", "largest_negative_cascade"
))  # fmt: skip
"""Raw columns that `derive` reads; all others are passed through."""


class Talking(Protocol):
    """What the generation interval depends on: parameters of word of mouth."""

    attention_days: int
    talking_days: Literal["fixed", "geometric"]
    interest_half_life: float


def generation_interval(talk: Talking) -> F64:
    """float64 [longest]: w_s, the share of retellings that happen s = 1, 2, ... days after hearing; sums to 1.

    A hearer tells on each of her talking days with a probability that halves every `interest_half_life`: w_s ~ 2^(-s/half-life) times the
    probability that she still talks (fixed: 1 up to attention_days; geometric: (1 - 1/attention_days)^(s-1), cut at .1%).
    """
    longest = talk.attention_days if talk.talking_days == "fixed" or talk.attention_days == 1 else 7 * talk.attention_days
    s = np.arange(1, longest + 1)
    weight = np.exp2(-s / talk.interest_half_life)
    if longest != talk.attention_days:
        weight *= (1.0 - 1.0 / talk.attention_days) ** (s - 1)
    interval: F64 = weight / weight.sum() if weight.sum() > 0.0 else (s == 1).astype(np.float64)
    return interval


def reproduction_number(new: F64, interval: F64) -> F64:
    """new_t / sum_s w_s new_(t-s) along axis 0; NaN where nobody could have told (Fraser 2007, doi:10.1371/journal.pone.0000758)."""
    pressure = np.zeros_like(new)
    for s, weight in enumerate(interval.tolist()[: len(new) - 1], start=1):
        pressure[s:] += weight * new[:-s]
    return ratio(new, pressure)


def ratio(numerator: F64, denominator: F64) -> F64:
    """numerator / denominator, NaN for 0/0 and whatever else is divided by nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: F64 = np.where(denominator != 0.0, np.divide(numerator, denominator), np.nan)
    return result


def rolling(flow: F64, days: int) -> F64:
    """Sum of the last `days` rows, the current one included."""
    total = np.cumsum(flow, axis=0)
    total[days:] -= total[:-days].copy()
    return total


def derive(raw: Mapping[str, F64], consumers: int, scale: float, interval: F64) -> dict[str, F64]:
    """Columns [rows, B] of the daily table from raw ones [rows, B].

    The first row is the opening position, with flows of 0.
    consumers: how many are simulated; scale: real people for each of them.
    """
    n = float(consumers)
    out = {name: raw[name] * scale for name in BOOKS} | {name: raw[name] for name in TALK}
    out |= {tier: raw[tier] / n for tier in TIERS}
    out |= {name: raw[name] for name in ("spend", "impressions", "budget", "awareness", "trust", "irritation")}
    shares = {
        "reach": "reached", "reach_paid": "paid", "reach_owned": "owned", "reach_earned": "earned", "blocked": "blocked",
        "penetration": "customers", "aided_awareness": "aware", "consideration": "considering",
        "largest_negative_cascade": "largest_negative_cascade",
    }  # fmt: skip
    out |= {name: raw[count] / n for name, count in shares.items()}
    out["list_size"] = raw["members"] * scale
    out["trust_aware"] = ratio(raw["trust_of_aware"], raw["aware"])
    out["trust_top2"] = ratio(raw["top_trust"], raw["aware"])
    out["trust_change"] = raw["trust"] - raw["trust"][0]
    out["nps"] = 100.0 * ratio(raw["promoters"] - raw["detractors"], raw["customers"])
    out["new_customers"] = np.diff(raw["customers"], axis=0, prepend=raw["customers"][:1]) * scale
    out["penetration_28"] = raw["recent"] / n
    out["penetration_28"][:WINDOW] = np.nan
    out["revenue"] = out["units"] * raw["price"]
    out["cost"] = out["units"] * raw["unit_cost"] + raw["fixed_costs"] + raw["spend"]
    out["profit"] = out["revenue"] - out["cost"]
    out["frequency"] = ratio(np.cumsum(raw["delivered"], axis=0), raw["paid"])
    earned = np.cumsum(raw["tellings_positive"] + raw["tellings_negative"], axis=0)
    out["earned_share"] = ratio(earned, earned + np.cumsum(raw["contacts"] + raw["opened"], axis=0))
    sold = rolling(raw["units"], WINDOW)
    out["share"] = ratio(sold, sold.sum(axis=1, keepdims=True))
    good, bad = raw["tellings_positive"], raw["tellings_negative"]
    out["net_sentiment"] = ratio(good - bad, good + bad)
    out["reproduction_number"] = reproduction_number(good + bad, interval)
    floor = floor_of(consumers)
    praise, blame = raw["mentions_positive"], raw["mentions_negative"]
    out["bad_buzz"] = np.stack([bad_buzz(bad[:, b], praise[:, b], blame[:, b], floor) for b in range(bad.shape[1])], axis=1)
    return out | {name: raw[name] for name in sorted(raw.keys() - CONSUMED)}


def frame(days: list[int], brands: tuple[str, ...], columns: Mapping[str, F64]) -> pd.DataFrame:
    """The daily table: a row per day and brand, days in order, brands in the order of the scenario."""
    import pandas as pd

    data: dict[str, object] = {"day": np.repeat(np.array(days, np.int64), len(brands)), "brand": pd.Series(brands * len(days), dtype="str")}
    names = [*COLUMNS[2:], *(name for name in columns if name not in COLUMNS)]
    for name in names:
        values = columns[name].reshape(-1)
        data[name] = values.astype(np.int64) if name in WHOLE else values
    return pd.DataFrame(data)
