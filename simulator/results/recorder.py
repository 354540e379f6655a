"""The recorder: at the end of each day it writes down what the market looks like. It never changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from simulator.results.daily import CONSUMED, Talking, derive, frame, generation_interval
from simulator.results.reading import READ, SUMS, follow, look
from simulator.results.standing import STANDING, public_values, reputation, resonance
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
    """Raw columns side by side, `rows` float64 [rows, columns, B], growing by a row a day; the first row is the opening position.

    Everything that can be derived from them is derived when a table is asked for. Counts that a plug-in rule adds to
    `market.counts` become columns by themselves (in simulated consumers, 0 before their first day).
    """

    def __init__(self, market: Market, scenario: Recorded) -> None:
        self.market = market
        self.aware_above, self.top_trust = scenario.record.aware_above, scenario.record.top_trust
        self.interval = generation_interval(scenario.word_of_mouth)
        self.days: list[int] = []
        self.place = {name: at for at, name in enumerate((*READ, *STANDING, *sorted(CONSUMED - set(READ))))}  # of each column in `rows`
        self.rows = np.zeros((64, len(self.place), len(market.names)))
        self.bought_day = np.full((market.n, len(market.names)), NEVER, np.int16)  # day of the last purchase in the run
        self.booked = 0  # rows of market.spending already written down
        self.sizes: I32 = np.zeros(64, np.int32)  # consumers who know each message so far, for negative messages
        self.largest = np.zeros(len(market.names))  # the largest of them, by brand
        self.values = public_values(market)
        self._looked: tuple[int, dict[str, F64]] = (0, {})
        self._write(market.day - 1)

    def record(self) -> None:
        """Write down today."""
        market = self.market
        bought = market.purchases
        self.bought_day[bought.consumer, bought.brand] = market.day
        self._follow_cascades()
        today = self._write(market.day)
        for name, counts in market.counts.items():
            if name != "blocked":  # the state says who blocks
                if name not in self.place:
                    today = self._new_column(name)
                today[self.place[name]] = counts
        cents = [0] * len(market.names)
        for _, brand, _, _, amount in market.spending[self.booked :]:
            cents[brand] += amount
        self.booked = len(market.spending)
        today[self.place["spend"]] = np.array(cents) / CENTS
        today[self.place["largest_negative_cascade"]] = self.largest

    def _write(self, day: int) -> F64:
        """A new row that says how things stand: [columns, B], flows 0."""
        market, at = self.market, len(self.days)
        self.days.append(day)
        if at == len(self.rows):
            self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
        today: F64 = self.rows[at]
        today[: len(READ)] = look(market, self.bought_day, self.aware_above, self.top_trust).T
        today[: len(SUMS)] /= 2.0**32
        today[: len(SUMS) - 1] /= market.n  # trust_of_aware, the last, becomes a mean of those who are
        brands = market.brands
        for name, values in (("price", brands.price), ("unit_cost", brands.unit_cost), ("fixed_costs", brands.fixed_costs)):
            today[self.place[name]] = values
        today[self.place["budget"]] = brands.accrued / CENTS
        today[self.place["reputation"]] = reputation(market)
        today[self.place["resonance"]] = resonance(brands.conduct, self.values)
        return today

    def _new_column(self, name: str) -> F64:
        """Room for one more count; the last row."""
        self.place[name] = len(self.place)
        self.rows = np.concatenate([self.rows, np.zeros_like(self.rows[:, :1])], axis=1)
        today: F64 = self.rows[len(self.days) - 1]
        return today

    def _follow_cascades(self) -> None:
        messages = self.market.messages
        if len(self.sizes) < messages.count:
            self.sizes = np.concatenate([self.sizes, np.zeros(messages.count, np.int32)])
        today = int(np.searchsorted(messages.entry_day[: messages.entries], np.int16(self.market.day)))
        follow(today, messages.entries, messages.entry_message, messages.valence, messages.brand, self.sizes, self.largest)

    def members(self) -> F64:
        """Members of each brand when last seen, in simulated consumers."""
        last: F64 = self.rows[len(self.days) - 1, self.place["members"]]
        return last

    # -- reading -------------------------------------------------------------------------------------------------

    def columns(self) -> dict[str, F64]:
        """The columns of the daily table as arrays [days, B]; `days[1:]` says which days."""
        derived = derive(self._raw(), self.market.n, self.market.scale, self.interval)
        return {name: column[1:] for name, column in derived.items()}

    def _raw(self) -> dict[str, F64]:
        return {name: self.rows[: len(self.days), at].copy() for name, at in self.place.items()}

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
        return {f"raw_{name}": column for name, column in self._raw().items()} | {
            "days": np.array(self.days), "booked": np.array(self.booked), "bought_day": self.bought_day.copy(),
            "sizes": self.sizes.copy(), "largest": self.largest.copy(),
        }  # fmt: skip

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Continue from `arrays()`."""
        self.days, self.booked = kept["days"].tolist(), int(kept["booked"])
        self.bought_day, self.sizes, self.largest = kept["bought_day"].copy(), kept["sizes"].copy(), kept["largest"].copy()
        raw = {name.removeprefix("raw_"): column for name, column in kept.items() if name.startswith("raw_")}
        names = [*self.place, *(name for name in raw if name not in self.place)]
        self.place = {name: at for at, name in enumerate(names)}
        self.rows = np.stack([raw[name] for name in names], axis=1)
