"""Silence: the brand does nothing. The control against which everything else is measured."""

from __future__ import annotations

from typing import Literal

from simulator.parameters import parameter
from simulator.strategies.strategy import StrategyTable
from simulator.world.state import Action, MarketView


class Silent(StrategyTable):
    """The brand spends nothing and answers nobody."""

    kind: Literal["silent"] = parameter("silent", unit="", meaning="which strategy")

    def decide(self, view: MarketView) -> Action:
        """Nothing."""
        return Action()
