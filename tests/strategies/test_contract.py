"""One contract for every strategy, shipped or added."""

from __future__ import annotations

import inspect
import pickle

import pytest
from hypothesis import given
from pydantic import TypeAdapter

from simulator.strategies import STRATEGIES, Strategy, StrategyTable
from simulator.world.state import ANSWERS, Action, MarketView
from tests.strategies.views import CPM, view, views

PLAN = "week,channel,segments,grp\n1,tv,,120\n2,tv,young;urban,40\n2,tv,rural,10\n3,popup,,5\n"

SETTINGS = {
    "silent": [{}],
    "interruption": [
        {},
        {"flighting": "pulsed", "on_days": 3, "off_days": 11, "promise": 0.9},
        {"flighting": "burst", "burst_days": 5, "channels": {"tv": 1 / 3, "popup": 1 / 3, "search": 1 / 3}, "segments": ["young"]},
        {"plan": "plan.csv"},
    ],
    "permission": [{}, {"newsletters_per_week": 7.0, "reward": 1.5, "recruit_share": 1.0}, {"newsletters_per_week": 0, "invite": False}],
    "interaction": [
        {},
        {"open_days_per_week": 1, "fix": 0.1, "integrate": 0.1, "platform": True, "invite": True, "ads_share": 0.9},
        {"effort": 0.0, "listening": 0.0},
        {"response": "apology", "response_delay": 1},
    ],
    "mixed": [
        {},
        {"shares": {"interruption": 1 / 3, "permission": 1 / 3, "interaction": 1 / 3}, "interaction": {"platform": True}},
        {
            "phases": [
                {"from_day": 5, "shares": {"interaction": 1.0}},
                {"from_day": 100, "shares": {"permission": 0.7, "interruption": 0.3}},
            ]
        },
    ],
}
CASES = [(kind, levers) for kind, several in SETTINGS.items() for levers in several]
each = pytest.mark.parametrize(("kind", "levers"), CASES, ids=[f"{kind}{number}" for number, (kind, _) in enumerate(CASES)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a media plan."""
    path = tmp_path_factory.mktemp("plans")
    (path / "plan.csv").write_text(PLAN, encoding="utf-8")
    return str(path)


def strategy(kind: str, levers: dict, folder: str) -> StrategyTable:
    levers = dict(levers)
    if "plan" in levers:
        levers["plan"] = f"{folder}/{levers['plan']}"
    made: StrategyTable = TypeAdapter(Strategy).validate_python({"kind": kind, **levers})
    assert type(made) is STRATEGIES[kind]
    return made


def assert_sound(action: Action, seen: MarketView) -> None:
    assert action.cents() <= seen.purse_cents
    amounts = [buy.cents for buy in action.ads] + [getattr(action, name) for name in Action.__dataclass_fields__ if name.endswith("_cents")]
    assert all(type(cents) is int and cents >= 0 for cents in amounts)
    targets = [(buy.channel, buy.segments) for buy in action.ads]
    assert len(set(targets)) == len(targets)
    assert {channel for channel, _ in targets} <= set(CPM)
    for lever in ("listening", "effort", "only_wanted", "fix", "integrate"):
        assert 0.0 <= getattr(action, lever) <= 1.0
    assert action.promise is None or 0.0 <= action.promise <= 1.0
    assert 0.0 <= action.sends_per_week <= 7.0
    assert action.reward >= 0.0
    assert action.response in ANSWERS


def test_every_strategy_is_tested() -> None:
    assert set(SETTINGS) == set(STRATEGIES)
    assert all(made.model_fields["kind"].default == kind for kind, made in STRATEGIES.items())


@each
@given(seen=views())
def test_never_above_budget_and_same_view_same_decision(folder: str, kind: str, levers: dict, seen: MarketView) -> None:
    chosen = strategy(kind, levers, folder)
    action = chosen.decide(seen)
    assert_sound(action, seen)
    assert chosen.decide(seen) == action
    assert strategy(kind, levers, folder).decide(seen) == action
    assert {buy.channel for buy in action.ads} <= chosen.channels_bought()
    assert {name for buy in action.ads for name in buy.segments} <= chosen.segments_named()


@each
def test_survives_zero_budget_a_single_brand_everybody_blocked_everybody_loyal(folder: str, kind: str, levers: dict) -> None:
    chosen = strategy(kind, levers, folder)
    for changes in (
        {"purse_cents": 0, "budget_cents": 0}, {"rivals": ()}, {"list_size": 0.0}, {"list_size": 4e6, "reward_debt_cents": 10**9}
    ):  # fmt: skip
        for day in range(-3, 30):
            seen = view(day=day, **changes)
            assert_sound(chosen.decide(seen), seen)
    assert chosen.decide(view(purse_cents=0, budget_cents=0)).cents() == 0


@each
def test_a_strategy_travels_to_other_processes(folder: str, kind: str, levers: dict) -> None:
    chosen = strategy(kind, levers, folder)
    copy = pickle.loads(pickle.dumps(chosen))
    assert copy == chosen
    assert copy.decide(view()) == chosen.decide(view())


@each
def test_levers_cannot_be_changed(folder: str, kind: str, levers: dict) -> None:
    with pytest.raises(ValueError, match="frozen"):
        strategy(kind, levers, folder).kind = "other"


def test_every_lever_says_what_it_is() -> None:
    for made in STRATEGIES.values():
        assert inspect.getdoc(made)
        for name, field in made.model_fields.items():
            assert field.description, f"{made.__name__}.{name}"
