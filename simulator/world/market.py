"""The market: everything that exists on a day. Rules change it, the recorder reads it, nobody else touches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simulator.engine.chance import address, fold, name_key
from simulator.world.consumers import Consumers
from simulator.world.crisis import Crises
from simulator.world.graph import SocialGraph
from simulator.world.messages import Messages
from simulator.world.state import F32, F64, I8, I32, I64, U8, U64, Action, BrandState, Contacts, Purchases, State, Waiting

CENTS = 100.0


@dataclass
class Market:
    """Consumers, brands, ties and messages of one run, on one day.

    Rules receive the market and the parameter tables they ask for by name; they write `state`, `brands`,
    `messages`, `waiting`, `contacts`, `purchases`, and count what happens with `count` and `spend`.
    """

    seed: int
    kind: str  # "repeat" or "durable"
    names: tuple[str, ...]  # brands, in the order of the scenario
    keys: U64  # [B] name keys of the brands
    segments: tuple[str, ...]
    scale: float  # real people per simulated consumer
    currency_price: float  # the market's typical price
    consumers: Consumers
    graph: SocialGraph
    state: State
    brands: BrandState
    fit: F32  # [n, B] exp(-|needs - position|^2 / (2 s^2))
    mean_fit: F64  # [B]
    mean_irrelevance: F64  # [B] mean of 1 - relevance on the first day
    anchor: F32  # [segments, B] reputation that trust drifts to
    proof: I32  # [n, B] quantised weight (repeat, durable) or count (thresholds) of in-ties whose teller shows the brand
    proof_total: I32  # [n] quantised weight of all in-ties
    shown: I32  # [n] what others see she has: 0 nothing, +(b+1) brand b, -(b+1) brand b and disappointed
    shown_next: I32  # [n] what they will see from tomorrow
    messages: Messages
    thresholds: I64 | None = None  # [n] owning ties that each needs, [0] if thresholds are off; None before the first phase buy
    values: F64 = field(default_factory=lambda: np.zeros((0, 0)))  # [segments, V] what consumers hold dear, V = 0: not asked
    role: U8 = field(default_factory=lambda: np.zeros(0, np.uint8))  # [n] bits JOURNALIST, PRESCRIBER; [0] where nobody has any
    ambassador: I8 = field(default_factory=lambda: np.zeros(0, np.int8))  # [n] brand that she defends, -1 none; [0] where nobody does
    silenced: U8 = field(default_factory=lambda: np.zeros((0, 0), np.uint8))  # [n, B] 1: says nothing of it; [0, 0] where nobody is
    threads: int = 1
    day: int = 0
    actions: Sequence[Action] = ()
    waiting: Waiting = field(default_factory=Waiting.none)
    purchases: Purchases = field(default_factory=Purchases.none)
    contacts: Contacts = field(default_factory=Contacts)
    counts: dict[str, F64] = field(default_factory=dict)  # today's counts: name -> [B]
    spending: list[tuple[int, int, str, float, int]] = field(default_factory=list)  # day, brand, line, quantity, cents
    # first purchases: day, then consumers, brands, sources (index into SOURCES) and tellers (-1: none) as they stood that day
    adoptions: list[tuple[int, I32, I32, U8, I32]] = field(default_factory=list)
    crises: Crises = field(default_factory=Crises)
    responses: list[tuple[int, int]] = field(default_factory=list)  # brand, answer (code): waiting for the money
    notices: list[str] = field(default_factory=list)  # sentences for the user

    @cached_property
    def n(self) -> int:
        """Number of simulated consumers."""
        return self.consumers.n

    @cached_property
    def numbered(self) -> bool:
        """Whether every consumer's key is her number, so that kernels need not look it up."""
        return bool(np.array_equal(self.consumers.keys, np.arange(self.n)))

    @cached_property
    def people_in_segments(self) -> I64:
        """int64 [segments]: how many simulated consumers each has."""
        return np.bincount(self.consumers.segment, minlength=len(self.segments))

    @cached_property
    def audience(self) -> I64:
        """int64 [n]: how many consumers each one can tell."""
        return self.graph.audience()

    def at(self, stream: str, *parts: int) -> np.uint64:
        """The address of a draw of this run; kernels fold consumer keys onto it."""
        return address(self.seed, stream, *parts)

    def at_brands(self, stream: str, *parts: int) -> U64:
        """uint64 [B]: the addresses (stream, parts ..., brand) of all brands."""
        place = int(address(self.seed, stream, *parts))
        return np.array([fold.python(place, key) for key in self._plain_keys], np.uint64)

    @cached_property
    def _plain_keys(self) -> list[int]:
        keys: list[int] = self.keys.tolist()
        return keys

    def key(self, brand: int) -> int:
        """The key of a brand, for addresses."""
        return self._plain_keys[brand]

    def count(self, name: str, brand: int, amount: float) -> None:
        """Add to today's count `name` of a brand. Counts are exact whole numbers or real-market amounts."""
        if name not in self.counts:
            self.counts[name] = np.zeros(len(self.names))
        self.counts[name][brand] += amount

    def count_all(self, name: str, amounts: I64) -> None:
        """Add to today's count `name` of every brand: int64 [B]."""
        if name in self.counts:
            self.counts[name] += amounts
        else:
            self.counts[name] = amounts.astype(np.float64)

    def purse(self, brand: int) -> int:
        """Cents available to a brand and not yet spent."""
        return int(self.brands.accrued[brand] - self.brands.spent[brand])

    def affordable(self, brand: int, cents: int, unit_cost: float) -> int:
        """How many things of `unit_cost` (real money each, for one real person) `cents` buys, in simulated consumers."""
        cents = min(cents, self.purse(brand))
        unit = unit_cost * self.scale * CENTS
        return int(cents / unit + 1e-9) if unit > 0 else np.iinfo(np.int64).max

    def spend(self, brand: int, line: str, quantity: float, cents: int) -> None:
        """Book a cost. `quantity` in real-market units. Overspending is an error of the rule or plug-in."""
        if cents > self.purse(brand) or cents < 0:
            raise OverspendingError(
                f"day {self.day}: {self.names[brand]} would spend {cents} cents on {line} with {self.purse(brand)} left"
            )
        if cents or quantity:
            self.brands.spent[brand] += cents
            self.spending.append((self.day, brand, line, quantity, cents))

    def pay(self, brand: int, line: str, people: int, unit_cost: float) -> None:
        """Book the cost of something done to `people` simulated consumers at `unit_cost` a real person."""
        cents = int(people * unit_cost * self.scale * CENTS + 0.5)
        self.spend(brand, line, people * self.scale, min(cents, self.purse(brand)))


class OverspendingError(RuntimeError):
    """A strategy used money it does not have."""


def brand_keys(names: Sequence[str]) -> U64:
    """uint64 [B]: the keys by which brands appear in addresses."""
    return np.array([name_key(name) for name in names], dtype=np.uint64)


def fixed_mean(values: F32) -> F64:
    """Column means of [n, B] in 2^-32 fixed point: the same for any order of consumers or threads."""
    total: I64 = np.rint(values.astype(np.float64) * 2.0**32).astype(np.int64).sum(axis=0)
    return total / (2.0**32 * max(1, len(values)))
