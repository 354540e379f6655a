"""A market made by hand: real columns, no rules. What happens on a day is written into it by the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from simulator.results.recorder import Recorder
from simulator.world.market import Market, brand_keys
from simulator.world.messages import Messages
from simulator.world.state import BrandState, Purchases, Seen, State


def contents() -> dict[str, Any]:
    """What the scenario made by hand says."""
    return {"title": "by hand", "x": float("inf")}


SCENARIO = SimpleNamespace(
    record=SimpleNamespace(aware_above=0.3, top_trust=0.7),
    word_of_mouth=SimpleNamespace(attention_days=3, talking_days="fixed", interest_half_life=1.5),
    title="by hand", hash="abc", to_dict=contents,
)  # fmt: skip


def make_market(n: int = 4, names: tuple[str, ...] = ("A", "B"), scale: float = 1.0) -> Market:
    b = len(names)
    floats: dict[str, Any] = {name: np.zeros(b) for name in BrandState.__dataclass_fields__}
    whole = ("stocked_from", "failing_until", "accrued", "spent", "reward_debt", "heard_people", "heard_valence", "heard_mentions")
    floats |= {name: np.zeros(b, np.int64) for name in whole} | {"position": np.zeros((b, 2)), "heard_needs": np.zeros((b, 2))}
    brands = BrandState(**floats | {"in_stock": np.ones(b, np.uint8), "price": np.full(b, 10.0), "unit_cost": np.full(b, 4.0)})
    return Market(
        seed=1, kind="repeat", names=names, keys=brand_keys(names), segments=("everybody",), scale=scale, currency_price=10.0,
        consumers=SimpleNamespace(n=n, segment=np.zeros(n, np.int16)), graph=SimpleNamespace(), state=State.empty(n, b), brands=brands,
        fit=np.ones((n, b), np.float32), mean_fit=np.ones(b), mean_irrelevance=np.ones(b), anchor=np.full((1, b), 0.5, np.float32),
        proof=np.zeros((n, b), np.int32), proof_total=np.zeros(n, np.int32), shown=np.zeros(n, np.int32),
        shown_next=np.zeros(n, np.int32), messages=Messages(True, np.arange(n, dtype=np.uint64)),
    )  # type: ignore[arg-type]  # people and ties are not looked at  # fmt: skip


@dataclass
class Model:
    """What a run result takes from a model."""

    market: Market
    scenario: Any = field(default_factory=lambda: SCENARIO)
    seed: int = 1
    without: tuple[str, ...] = ()
    brands: list[Any] = field(default_factory=list)
    heard: list[list[int]] = field(default_factory=list)
    ledger: None = None
    recorder: Recorder = None  # type: ignore[assignment]  # made below

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.market, self.scenario)
        self.brands = [SimpleNamespace(history=()) for _ in self.market.names]
        self.heard = [[0, 0] for _ in self.market.names]

    def day(self, counts: dict[str, list[float]] | None = None, bought: list[tuple[int, int]] | None = None) -> None:
        """Record a day with these counts per brand and purchases (consumer, brand)."""
        market = self.market
        rows = np.array(bought or [], np.int32).reshape(-1, 2)
        market.purchases = Purchases.none()
        market.purchases.consumer, market.purchases.brand = rows[:, 0], rows[:, 1].astype(np.int8)
        np.add.at(market.state.purchases, (rows[:, 0], rows[:, 1]), 1)
        units = np.bincount(rows[:, 1], minlength=len(market.names)).astype(float)
        market.counts = {"units": units} | {name: np.array(values, float) for name, values in (counts or {}).items()}
        self.recorder.record()
        for brand, sold in zip(self.brands, units, strict=True):
            brand.history += (Seen(market.day, 0.0, float(sold), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),)
        market.day += 1

    def heard_by(self, consumers: list[int], valence: int, brand: int = 0, author: int = 0) -> None:
        """A message that starts today and is heard by these consumers from its author at once."""
        m = self.market.messages
        m.room_for_messages(1)
        number, m.count = m.count, m.count + 1
        m.key[number], m.day[number], m.brand[number], m.valence[number], m.author[number] = number, self.market.day, brand, valence, author
        m.room_for_entries(1 + len(consumers))
        rows = slice(m.entries, m.entries + 1 + len(consumers))
        m.entry_message[rows], m.entry_consumer[rows], m.entry_day[rows] = number, [author, *consumers], self.market.day
        m.entry_parent[rows] = [-1] + [m.entries] * len(consumers)
        m.entries = rows.stop
        told = np.full(len(consumers), number, np.int32)
        codes = np.zeros(len(consumers), np.uint8)
        m.logged.append((self.market.day, told, np.full_like(told, author), np.array(consumers, np.int32), codes, codes))
