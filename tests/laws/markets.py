"""Small markets in which everything happens, for tests of laws."""

from __future__ import annotations

import copy
import functools
import json
import tempfile
from pathlib import Path
from typing import Any

from simulator import RunResult, Scenario, load_scenario, simulate

BUSY: dict[str, Any] = {
    "title": "A busy little market",
    "run": {"days": 20},
    "population": {
        "size": 240, "represents": 24_000,
        "segments": [{"name": "most", "share": 0.8, "values": [1.0, 0.2]}, {"name": "few", "share": 0.2, "values": [0.1, 0.9]}],
        "roles": [
            {"kind": "journalist", "consumers": {"highest_audience": 3}},
            {"kind": "prescriber", "consumers": {"share": 0.05}},
            {"kind": "ambassador", "consumers": 30, "brand": "Aurora"},
            {"kind": "ambassador", "consumers": 15, "brand": "Boreal"},
        ],
    },
    "network": {"kind": "communities", "community_size": 40},
    "permission": {"acceptance": 0.9},
    "word_of_mouth": {"standing": 0.3, "visibility": 0.3, "talking_days": "geometric"},
    "conversation": {"complain": 0.8},
    "crises": {"statement_cost": 10.0, "compensation_cost": 60.0, "repair_cost": 30.0, "repair_days": 2, "exposure": 0.6},
    "brands": [
        {
            "name": "Aurora", "budget_per_day": 120.0, "position": [0.3, 0.0], "promise": 0.9, "conduct": [0.2, 1.0],
            "start": {"awareness": 0.5, "penetration": 0.3, "loyalty": 0.5, "opt_in": 0.1},
            "strategy": {"kind": "interruption", "channels": {"popup": 0.5, "tv": 0.5}},
        },
        {
            "name": "Boreal", "budget_per_day": 120.0, "position": [-0.3, 0.2],
            "start": {"awareness": 0.4, "penetration": 0.2, "loyalty": 0.4, "opt_in": 0.2, "knowledge": 0.2},
            "strategy": {"kind": "permission", "newsletters_per_week": 3.0, "reward": 0.5},
        },
        {
            "name": "Cirrus", "budget_per_day": 900.0, "conduct": [1.0, 0.0],
            "start": {"awareness": 0.3, "penetration": 0.2, "loyalty": 0.3, "opt_in": 0.1},
            "strategy": {"kind": "interaction", "fix": 0.1, "integrate": 0.1, "platform": True, "response": "empathy", "response_delay": 1},
        },
    ],
    "events": [
        {"day": 6, "brand": "Aurora", "kind": "scandal", "severity": 0.9, "damage": 0.3},
        {"day": 7, "brand": "Aurora", "kind": "response", "answer": "denial"},
        {"day": 14, "brand": "Aurora", "kind": "response", "answer": "apology"},
        {"day": 4, "brand": "Boreal", "kind": "service_failure", "severity": 0.5, "days": 5},
        {"day": 7, "brand": "Boreal", "kind": "false_rumour", "severity": 0.8},
        {"day": 9, "brand": "Boreal", "kind": "response", "answer": "compensation"},
        {"day": 8, "brand": "Cirrus", "kind": "scandal", "severity": 0.7, "cluster": "accidental"},
        {"day": 5, "brand": "Cirrus", "kind": "stock_out", "days": 4},
        {"day": 11, "brand": "Cirrus", "kind": "campaign", "money_per_day": 300.0, "days": 5},
        {"day": 3, "brand": "Cirrus", "kind": "staged_messages", "consumers": 4, "count": 2, "valence": 1},
        {"day": 2, "brand": "Boreal", "kind": "launch", "consumers": {"share": 0.05}},
        {"day": 9, "brand": "Boreal", "kind": "falls_silent", "consumers": {"share": 0.1}},
    ],
}  # fmt: skip
"""Three brands, one strategy each, all kinds of roles and events; a denied scandal is exposed and repaired (asserted by a law)."""

DEAF: dict[str, Any] = {
    "word_of_mouth": {
        "base_rate": 0.0, "a_plus": 0.0, "a_minus": 0.0, "standing": 0.0, "hearsay": 0.0, "annoyance": 0.0, "refutation": 0.0,
    },
    "purchase": {"tie_weights": {"strong": 0.0, "weak": 0.0, "follow": 0.0}, "search": 0.0},
}  # fmt: skip
"""Nobody talks and nobody looks at what others buy."""

ALONE: dict[str, Any] = {"network": {"kind": "random", "degree": 0.0}}
"""Nobody knows anybody."""


def toml(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return repr(value)


def merged(table: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The table with changes laid over it, table by table; lists are replaced; a new kind drops the old one's settings."""
    result = copy.deepcopy(table)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict) and "kind" not in value:
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def scenario(table: dict[str, Any]) -> Scenario:
    """A scenario from a nested table, by way of a file, as a strategist would write it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "market.toml"
        path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in table.items()), encoding="utf-8")
        return load_scenario(path)


def busy(*changes: dict[str, Any]) -> dict[str, Any]:
    """The busy market with changes."""
    return functools.reduce(merged, changes, BUSY)


def run(*changes: dict[str, Any], **how: Any) -> RunResult:
    """The busy market with changes, simulated."""
    return simulate(scenario(busy(*changes)), **how)


def brands(*names: str, **settings: Any) -> dict[str, Any]:
    """A change: these brands of the busy market only (all if none is named), each with `settings` laid over."""
    return {"brands": [merged(brand, settings) for brand in BUSY["brands"] if not names or brand["name"] in names]}
