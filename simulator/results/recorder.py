"""The recorder: at the end of each day it writes down what the market looks like. It never changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from simulator.results.daily import CONSUMED, Talking, derive, frame, generation_interval
from simulator.results.reading import COUNTS, SUMS, TIERS, read
from simulator.world.market import CENTS, Market
from simulator.world.state import F64, I32, NEVER

if TYPE_CHECKING:
    import pandas as pd

class Recording(Protocol):
    """[record]: what counts as aware, and as high trust."""

    @property
    def aware_above(self) -> float: ...
    @property
    def top_trust(self) -> float: ...


class Recorded(Protocol):
    """What the recorder reads of a scenario."""

    @property
    def record(self) -> Recording: ...
    @property
    def word_of_mouth(self) -> Talking: ...


class Recorder:
    """Raw columns, float64 [rows, B] each, growing by a row a day; the first row is the opening position.

    Everything that can be derived from them is derived when a table is asked for. Counts that a plug-in rule adds to
    `market.counts` become columns by themselves (in simulated consumers, 0 before their first day).
    """

    def __init__(self, market: Market, scenario: Recorded) -> None:
        self.market = market
        self.aware_above, self.top_trust = scenario.record.aware_above, scenario.record.top_trust
        self.interval = generation_interval(scenario.word_of_mouth)
        self.days: list[int] = []
        self.raw: dict[str, F64] = {}
        self.bought_day = np.full((market.n, len(market.names)), NEVER, np.int16)  # day of the last purchase in the run
        self.booked = 0  # rows of market.spending already written down
        self.sizes: I32 = np.zeros(64, np.int32)  # consumers who know each message so far, for negative messages
        self.largest = np.zeros(len(market.names))  # the largest of them, by brand
        self._looked: tuple[int, dict[str, F64]] = (0, {})
        self._write(market.day - 1, self._state())

    def record(self) -> None:
        """Write down today."""
        market = self.market
        bought = market.purchases
        self.bought_day[bought.consumer, bought.brand] = market.day
        self._follow_cascades()
        self._write(market.day, self._state() | self._flows())

    def _state(self) -> dict[str, F64]:
        market = self.market
        seen = read(market, self.bought_day, self.aware_above, self.top_trust)
        row = {name: seen[name] / 2.0**32 / (1 if name == "trust_of_aware" else market.n) for name in SUMS}
        row |= {name: seen[name].astype(np.float64) for name in (*COUNTS, *TIERS)}
        brands = market.brands
        row |= {"price": brands.price, "unit_cost": brands.unit_cost, "fixed_costs": brands.fixed_costs, "budget": brands.accrued / CENTS}
        return row

    def _flows(self) -> dict[str, F64]:
        market = self.market
        cents = np.zeros(len(market.names), np.int64)
        for _, brand, _, _, amount in market.spending[self.booked :]:
            cents[brand] += amount
        self.booked = len(market.spending)
        flows = {name: counts for name, counts in market.counts.items() if name != "blocked"}  # the state says who blocks
        return flows | {"spend": cents / CENTS, "largest_negative_cascade": self.largest}

    def _follow_cascades(self) -> None:
        messages = self.market.messages
        days = messages.entry_day[: messages.entries]
        heard = messages.entry_message[int(np.searchsorted(days, self.market.day)) : messages.entries]
        heard = heard[messages.valence[heard] < 0]
        if len(self.sizes) < messages.count:
            self.sizes = np.concatenate([self.sizes, np.zeros(messages.count, np.int32)])
        np.add.at(self.sizes, heard, 1)
        np.maximum.at(self.largest, messages.brand[heard], self.sizes[heard])

    def _write(self, day: int, row: dict[str, F64]) -> None:
        place = len(self.days)
        self.days.append(day)
        for name in row.keys() | self.raw.keys() | CONSUMED:
            column = self.raw.get(name)
            if column is None or len(column) == place:
                longer = np.zeros((max(64, 2 * place), len(self.market.names)))
                if column is not None:
                    longer[:place] = column
                self.raw[name] = column = longer
            column[place] = row.get(name, 0.0)

    # -- reading -------------------------------------------------------------------------------------------------

    def columns(self) -> dict[str, F64]:
        """The columns of the daily table as arrays [days, B]; `days[1:]` says which days."""
        raw = {name: column[: len(self.days)] for name, column in self.raw.items()}
        derived = derive(raw, self.market.n, self.market.scale, self.interval)
        return {name: column[1:] for name, column in derived.items()}

    def daily(self) -> pd.DataFrame:
        """The daily table so far: columns of `results.daily.COLUMNS`, then those of plug-ins."""
        return frame(self.days[1:], self.market.names, self.columns())

    def latest(self, column: str, brand: int) -> float:
        """A column of the daily table on the last day, for those who look on while the model runs."""
        if self._looked[0] != len(self.days):
            self._looked = len(self.days), {name: values[-1] for name, values in self.columns().items() if len(values)}
        return float(self._looked[1][column][brand])

    # -- checkpoint ----------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that must survive a restart, as arrays."""
        rows = len(self.days)
        kept: dict[str, np.ndarray] = {f"raw_{name}": column[:rows].copy() for name, column in self.raw.items()}
        return kept | {
            "days": np.array(self.days), "booked": np.array(self.booked), "bought_day": self.bought_day.copy(),
            "sizes": self.sizes.copy(), "largest": self.largest.copy(),
        }  # fmt: skip

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Continue from `arrays()`."""
        self.days, self.booked = kept["days"].tolist(), int(kept["booked"])
        self.bought_day, self.sizes, self.largest = kept["bought_day"].copy(), kept["sizes"].copy(), kept["largest"].copy()
        self.raw = {name.removeprefix("raw_"): column.copy() for name, column in kept.items() if name.startswith("raw_")}
