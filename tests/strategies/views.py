"""Views for tests: any that a brand could be given."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as some

from simulator.world.state import MarketView, Seen

CPM = {"tv": 8.0, "video_preroll": 12.0, "popup": 3.0, "search": 15.0, "display_banner": 2.0, "sponsored_post": 7.0, "email": 5.0}


def view(**changes: Any) -> MarketView:
    """An ordinary day of an ordinary brand."""
    ordinary: dict[str, Any] = {
        "day": 10, "brand": "Aurora", "purse_cents": 300_000, "budget_cents": 300_000, "scale": 1000.0, "represents": 4e6,
        "price": 10.0, "quality": 0.7, "promise": 0.7, "position": (0.0, 0.0), "list_size": 100_000.0, "reward_debt_cents": 0,
        "heard_positive": 0, "heard_negative": 0, "waiting": 0, "cpm": CPM,
        "requires_consent": {channel: channel == "email" for channel in CPM}, "cost_per_send": 0.002, "cost_per_conversation": 4.0,
        "rivals": (("Borealis", 10.0, 0.7),), "listening_cost": 20.0, "fix_cost": 50.0, "platform_cost": 50.0,
        "segments": {"young": 0.25, "urban": 0.35, "rural": 0.4},
    }  # fmt: skip
    return MarketView(**(ordinary | changes))


def seen(day: int, **changes: Any) -> Seen:
    """A past day on which nothing happened."""
    nothing = dict.fromkeys(Seen.__dataclass_fields__, 0.0)
    return Seen(**(nothing | {"day": day} | changes))


@some.composite
def views(draw: some.DrawFn) -> MarketView:
    """Any view: rich and poor, alone or among rivals, everybody blocked (no list) or loyal (everybody on it)."""
    represents = draw(some.sampled_from([100.0, 4000.0, 4e6, 1e9]))
    scale = draw(some.sampled_from([1.0, 0.5, 7.3, 1000.0]))
    purse = draw(some.one_of(some.just(0), some.integers(0, 100), some.integers(0, 10**13)))
    return view(
        day=draw(some.integers(-60, 800)),
        purse_cents=purse,
        budget_cents=draw(some.one_of(some.just(0), some.integers(0, max(1, purse)), some.integers(0, 10**12))),
        scale=scale,
        represents=represents,
        list_size=draw(some.sampled_from([0.0, scale, represents / 2, represents])),
        reward_debt_cents=draw(some.integers(0, 10**9)),
        heard_positive=draw(some.integers(0, 1000)),
        heard_negative=draw(some.integers(0, 1000)),
        waiting=draw(some.integers(0, 10**6)),
        cost_per_send=draw(some.sampled_from([0.0, 0.002, 0.3])),
        cost_per_conversation=draw(some.sampled_from([0.0, 4.0, 1234.5])),
        listening_cost=draw(some.sampled_from([0.0, 20.0])),
        rivals=draw(some.sampled_from([(), (("Borealis", 10.0, 0.7),)])),
        crises=draw(some.sampled_from([(), ((0, 3, "silence"),), ((0, 0, "silence"), (2, 5, "denial"))])),
        statement_cost=draw(some.sampled_from([0.0, 500.0])),
        compensation_cost=draw(some.sampled_from([0.0, 5000.0])),
        repair_cost=draw(some.sampled_from([0.0, 2000.0])),
        history=draw(some.sampled_from([(), (seen(0, units=represents), seen(1, spend=3.0))])),
    )
