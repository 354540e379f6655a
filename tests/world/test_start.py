"""The opening position: what was asked for is there on day 0, laid on those whom it fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from simulator.engine.chance import name_key
from simulator.world.consumers import Consumers
from simulator.world.graph import Layer, SocialGraph
from simulator.world.market import Market, fixed_mean
from simulator.world.start import mean_in_proportion, open_market, proof_total, proportion, update_fit
from simulator.world.state import OPTED_IN


@dataclass
class Start:
    """Start values: a number, or a table per segment."""

    values: dict[str, Any]

    def of(self, name: str, segment: str) -> float:
        value = self.values.get(name, 0.5 if name == "reputation" else 0.0)
        return float(value[segment] if isinstance(value, dict) else value)


@dataclass
class Brand:
    """A brand as the opening position reads it."""

    name: str
    start: Start = field(default_factory=lambda: Start({}))
    quality: float = 0.7
    promise: float = 0.8
    position: tuple[float, float] = (0.0, 0.0)
    price: float | None = None
    unit_cost: float = 4.0
    fixed_costs: float = 0.0
    p: float | None = None
    q: float | None = None
    conduct: tuple[float, ...] = ()


def people(n: int, spread: float = 0.8) -> Consumers:
    """Consumers of two segments with needs around the origin."""
    needs = np.random.default_rng(7).normal(0.0, spread, (n, 2)).astype(np.float32)
    ones = np.ones(n, np.float32)
    return Consumers(
        n=n, keys=np.arange(n, dtype=np.uint64), segment=(np.arange(n) % 4 == 0).astype(np.uint8), segment_names=("most", "few"),
        media_weight=ones, ad_tolerance=ones, scepticism=ones, privacy_concern=ones, voice=ones, engagement=ones, needs=needs,
        purchase_rate=ones, employer=np.full(n, -1, np.int8),
    )  # fmt: skip


def opened(
    *brands: Brand, n: int = 2000, kind: str = "repeat", consumers: Consumers | None = None, width: float = 1.0, **more: Any
) -> Market:
    """A market of these brands, without ties."""
    consumers = consumers or people(n)
    none = tuple(Layer.empty(consumers.n) for _ in range(3))
    graph = SocialGraph(n=consumers.n, keys=consumers.keys, layers=none, community=np.zeros(consumers.n, np.int32))  # type: ignore[arg-type]
    settings: dict[str, Any] = {"taste_width": width, "use": 0.5, "proof_weights": (1024, 1024, 0), **more}
    return open_market(seed=3, brands=brands, consumers=consumers, graph=graph, kind=kind, **settings)


FULL = Brand(
    "Aurora",
    Start({"awareness": 0.5, "penetration": 0.3, "loyalty": 0.6, "reputation": 0.65, "opt_in": 0.2, "knowledge": 0.1}),
    position=(0.5, 0.0),
)


def test_what_was_asked_for_is_there() -> None:
    m = opened(FULL)
    state = m.state
    bought = state.purchases[:, 0] > 0
    assert state.awareness.mean() == pytest.approx(0.5, abs=1e-6)
    assert bought.mean() == pytest.approx(0.3, abs=0.04)
    assert np.mean(state.consent == OPTED_IN) == pytest.approx(0.2, abs=0.04)
    assert np.all(state.loyalty[bought] == np.float32(0.6))
    assert not state.loyalty[~bought].any()
    assert np.all(state.awareness[bought] >= 0.5)
    for column in (state.trust, state.expectation, m.anchor):
        assert np.all(column == np.float32(0.65))
    assert np.all(state.knowledge == np.float32(0.1))
    assert np.array_equal(m.shown_next, bought)
    assert not m.shown.any()


def test_customers_are_those_whom_it_fits() -> None:
    m = opened(FULL)
    bought = m.state.purchases[:, 0] > 0
    assert m.fit[bought].mean() > m.fit[~bought].mean() + 0.1
    assert np.corrcoef(m.fit[:, 0], m.state.awareness[:, 0])[0, 1] > 0.5


def test_start_values_may_differ_by_segment() -> None:
    start = Start(
        {"awareness": {"most": 0.2, "few": 0.7}, "reputation": {"most": 0.5, "few": 0.9}, "penetration": {"most": 0.0, "few": 0.5}}
    )
    m = opened(Brand("Aurora", start))
    few = m.consumers.segment == 1
    assert m.state.awareness[~few].mean() == pytest.approx(0.2, abs=1e-6)
    assert m.state.awareness[few].mean() == pytest.approx(0.7, abs=1e-6)
    assert m.state.purchases[few].mean() == pytest.approx(0.5, abs=0.05)
    assert not m.state.purchases[~few].any()
    assert m.anchor[:, 0].tolist() == pytest.approx([0.5, 0.9])


def test_an_empty_start_is_empty() -> None:
    m = opened(Brand("Aurora"))
    for name in ("awareness", "loyalty", "knowledge", "purchases", "consent", "irritation", "satisfaction"):
        assert not getattr(m.state, name).any()
    assert np.all(m.state.trust == 0.5)


def test_owners_of_durables_own_one_brand() -> None:
    brands = [
        Brand(name, Start({"penetration": 0.3}), position=(x, 0.0)) for name, x in (("Aurora", 0.0), ("Boreal", 0.5), ("Cirrus", -1.0))
    ]
    m = opened(*brands, kind="durable")
    assert m.state.purchases.sum(axis=1).max() == 1
    assert m.state.purchases.mean(axis=0).tolist() == pytest.approx([0.3, 0.3, 0.3], abs=0.04)
    assert np.array_equal(m.state.loyalty, m.state.purchases)


def test_loyalties_sum_to_at_most_one() -> None:
    m = opened(*(Brand(name, Start({"penetration": 0.7, "loyalty": 0.8})) for name in ("Aurora", "Boreal", "Cirrus")))
    assert m.state.loyalty.sum(axis=1).max() <= 1.0 + 1e-6
    several = (m.state.purchases > 0).sum(axis=1) == 3
    assert m.state.loyalty[several] == pytest.approx(np.full((several.sum(), 3), 1 / 3), abs=1e-6)
    assert set(m.shown_next[several].tolist()) == {1, 2, 3}


@pytest.mark.parametrize("kind", ["repeat", "durable"])
def test_the_order_of_brands_is_immaterial(kind: str) -> None:
    brands = [Brand(name, Start({"penetration": 0.3, "awareness": 0.4, "loyalty": 0.9})) for name in ("Aurora", "Boreal", "Cirrus")]
    one, other = opened(*brands, kind=kind, n=300), opened(*reversed(brands), kind=kind, n=300)
    for name in ("awareness", "purchases", "loyalty", "consent"):
        assert np.array_equal(getattr(one.state, name), getattr(other.state, name)[:, ::-1])
    assert np.array_equal(np.where(one.shown_next > 0, 4 - one.shown_next, 0), other.shown_next)


def test_the_order_of_consumers_is_immaterial() -> None:
    order = np.random.default_rng(1).permutation(500)
    people_of_old = people(500)
    one, other = opened(FULL, consumers=people_of_old), opened(FULL, consumers=people_of_old.relabelled(order))
    for name in ("awareness", "purchases", "loyalty", "consent"):
        assert np.array_equal(getattr(one.state, name)[order], getattr(other.state, name))
    assert one.mean_fit == other.mean_fit
    assert one.mean_irrelevance == other.mean_irrelevance


@given(asked=some.floats(0.0, 1.0), width=some.floats(0.05, 3.0), use=some.sampled_from([0.0, 0.5]))
def test_proportion_meets_the_mean_however_narrow_tastes_are(asked: float, width: float, use: float) -> None:
    needs = np.random.default_rng(3).normal(0.0, 1.0, 200)
    fit = np.exp(-(needs**2) / (2 * width * width)).astype(np.float32)
    lift = (np.arange(200) % 3 == 0) * use
    c = proportion(asked, fit, lift)
    got = mean_in_proportion(c, fit, lift, np.ones(200, np.uint8))
    most = mean_in_proportion(1e300, fit, lift, np.ones(200, np.uint8))
    least = mean_in_proportion(0.0, fit, lift, np.ones(200, np.uint8))
    assert got == pytest.approx(min(max(asked, least if asked > 0 else 0.0), most), abs=1e-6) or asked == 0.0


def test_fit_falls_with_distance_and_moves_with_the_brand() -> None:
    m = opened(Brand("Aurora", position=(1.0, 0.0)), Brand("Boreal"), width=0.5)
    x, y = m.consumers.needs.astype(np.float64).T
    assert m.fit[:, 0] == pytest.approx(np.exp(-((x - 1.0) ** 2 + y**2) / 0.5), abs=1e-6)
    assert m.mean_fit.tolist() == fixed_mean(m.fit).tolist()
    m.brands.position[1] = (1.0, 0.0)
    before = m.fit.copy()
    update_fit(m, 0.5, 1)
    assert np.array_equal(m.fit[:, 1], before[:, 0])
    assert np.array_equal(m.fit[:, 0], before[:, 0])


def test_irrelevance_is_what_knowledge_leaves_open() -> None:
    known, unknown = opened(Brand("Aurora", Start({"knowledge": 1.0}))), opened(Brand("Aurora"))
    assert unknown.mean_irrelevance[0] == pytest.approx(1.0 - unknown.mean_fit[0])
    assert known.mean_irrelevance[0] == pytest.approx(1.0 - known.fit.mean(), abs=1e-6)
    at_home = people(50, spread=0.0)
    assert opened(Brand("Aurora"), consumers=at_home).mean_irrelevance[0] == 1e-6


def test_prices_and_rates_come_from_the_market_unless_a_brand_has_its_own() -> None:
    m = opened(Brand("Aurora", price=12.0, p=0.2), Brand("Boreal", q=0.7), price=9.0, p=0.1, q=0.3, represents=4000.0)
    assert m.brands.price.tolist() == [12.0, 9.0]
    assert m.brands.p.tolist() == [0.2, 0.1]
    assert m.brands.q.tolist() == [0.3, 0.7]
    assert m.scale == 2.0
    assert m.keys.tolist() == [name_key("Aurora"), name_key("Boreal")]


def test_social_proof_counts_in_ties_by_layer() -> None:
    m = opened(FULL, n=4)
    start = np.array([0, 2, 2, 3, 3])
    hearer = np.array([1, 2, 1], np.int32)
    m.graph.layers = (Layer(start, hearer), Layer.empty(4), Layer(start, hearer))
    assert proof_total(m.graph, (1024, 7, 512)).tolist() == [0, 3072, 1536, 0]
    m.graph.complete = True
    assert proof_total(m.graph, (1024, 7, 512)).tolist() == [3] * 4
    assert proof_total(m.graph, (0, 7, 512)).tolist() == [0] * 4
