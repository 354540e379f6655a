"""Hand-built markets: a few consumers, everything in sight."""

from __future__ import annotations

import numpy as np

from simulator.world.consumers import Consumers
from simulator.world.graph import Layer, SocialGraph
from simulator.world.market import Market, brand_keys
from simulator.world.messages import Mentions, Messages
from simulator.world.state import Action, BrandState, Purchases, State


def market(n: int = 10, brands: tuple[str, ...] = ("Aurora",), *, seed: int = 1, scale: float = 1.0, money: int = 10**9) -> Market:
    """n consumers without ties, of engagement 1, all alike, at the origin of need space; brands with money and no plans."""
    b = len(brands)
    keys = np.arange(n, dtype=np.uint64)
    consumers = Consumers(
        n=n, keys=keys, segment=np.zeros(n, np.uint8), segment_names=("everybody",), media_weight=np.ones(n, np.float32),
        ad_tolerance=np.full(n, 0.5, np.float32), scepticism=np.zeros(n, np.float32), privacy_concern=np.zeros(n, np.float32),
        voice=np.ones(n, np.float32), engagement=np.ones(n, np.float32), needs=np.zeros((n, 2), np.float32),
        purchase_rate=np.full(n, 0.1, np.float32), employer=np.full(n, -1, np.int8),
    )  # fmt: skip
    none = tuple(Layer.empty(n) for _ in range(3))
    graph = SocialGraph(n=n, keys=keys, layers=none, community=np.zeros(n, np.int32))
    real = {
        "quality": 0.7,
        "service": 0.0,
        "promise": 0.7,
        "price": 10.0,
        "unit_cost": 4.0,
        "insight": 0.0,
        "activity": 0.0,
        "failure": 0.0,
    }
    whole = ("stocked_from", "failing_until", "spent", "reward_debt", "heard_people", "heard_valence", "heard_mentions")
    state = BrandState(
        **{name: np.full(b, value) for name, value in real.items()}, **{name: np.zeros(b, np.int64) for name in whole},
        fixed_costs=np.zeros(b), p=np.zeros(b), q=np.zeros(b), position=np.zeros((b, 2)), in_stock=np.ones(b, np.uint8),
        accrued=np.full(b, money, np.int64),
        heard_needs=np.zeros((b, 2)), conduct=np.zeros((b, 0)), heard_values=np.zeros((b, 0)),
    )  # fmt: skip
    return Market(
        seed=seed, kind="repeat", names=brands, keys=brand_keys(brands), segments=("everybody",), scale=scale, currency_price=10.0,
        consumers=consumers, graph=graph, state=State.empty(n, b), brands=state, fit=np.ones((n, b), np.float32), mean_fit=np.ones(b),
        mean_irrelevance=np.ones(b), anchor=np.full((1, b), 0.5, np.float32), proof=np.zeros((n, b), np.int32),
        proof_total=np.zeros(n, np.int32), shown=np.zeros(n, np.int32), shown_next=np.zeros(n, np.int32),
        messages=Messages(logging=False), values=np.zeros((1, 0)), actions=[Action()] * b,
    )  # fmt: skip


def said(tellers: list[int], valence: int, brand: int = 0, first: int = 0) -> Mentions:
    """Public tellings of as many messages, by these consumers."""
    k = len(tellers)
    return Mentions(
        np.arange(first, first + k, dtype=np.uint64), np.array(tellers, np.int32), np.full(k, brand, np.int8),
        np.full(k, valence, np.int8), np.full(k, 0.5),
    )  # fmt: skip


def bought(consumers: list[int], surprise: float, *, brand: int = 0, lost: float = 0.1) -> Purchases:
    """Purchases of today after the experience phase, one a consumer."""
    k = len(consumers)
    return Purchases(
        np.array(consumers, np.int32),
        np.full(k, brand, np.int8),
        np.zeros(k, np.int16),
        np.full(k, 0.5),
        np.full(k, surprise),
        np.full(k, lost),
    )
