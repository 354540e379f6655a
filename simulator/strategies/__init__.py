"""Who decides: one strategy a file. `Strategy` is what a scenario may say under `[brands.strategy]`, told apart by `kind`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from simulator.strategies.interaction import Interaction
from simulator.strategies.interruption import Interruption
from simulator.strategies.mixed import Mixed
from simulator.strategies.permission import Permission
from simulator.strategies.silent import Silent
from simulator.strategies.strategy import StrategyTable


def kind(strategy: Any) -> Any:
    """The kind of a strategy, as a table of a scenario or as an object."""
    return strategy.get("kind") if isinstance(strategy, Mapping) else getattr(strategy, "kind", None)


Strategy = Annotated[
    Annotated[Silent, Tag("silent")]
    | Annotated[Interruption, Tag("interruption")]
    | Annotated[Permission, Tag("permission")]
    | Annotated[Interaction, Tag("interaction")]
    | Annotated[Mixed, Tag("mixed")],
    Discriminator(kind),
]

STRATEGIES: dict[str, type[StrategyTable]] = {
    "silent": Silent,
    "interruption": Interruption,
    "permission": Permission,
    "interaction": Interaction,
    "mixed": Mixed,
}
"""Every strategy by its kind; the contract test runs over all of them."""

__all__ = ["STRATEGIES", "Interaction", "Interruption", "Mixed", "Permission", "Silent", "Strategy", "StrategyTable"]
