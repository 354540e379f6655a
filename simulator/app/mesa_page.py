"""The model in Mesa's own application: controls, and curves of reach, trust and market share."""

from __future__ import annotations

from typing import Any

import solara
from mesa.visualization import SolaraViz, make_plot_component

from simulator.model import WordOfMouthModel, default_scenario
from simulator.scenario.load import load_scenario

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DRAWN = ("reach", "trust", "share")
SMALL = 1000
"""Consumers: Mesa's page redraws everything after each step."""


def parameters(brand: str, budget: float) -> dict[str, Any]:
    """What a visitor may change: dotted keys of the scenario."""
    return {
        "population.size": SMALL,
        f"brands.{brand}.budget_per_day": {
            "type": "SliderFloat", "value": budget, "label": f"{brand}: budget a day",
            "min": 0.0, "max": 5.0 * budget, "step": budget / 10.0,
        },
    }  # fmt: skip


@solara.component
def Page() -> None:
    """SolaraViz of the bundled scenario of interruption."""
    scenario = load_scenario(default_scenario())
    focal = scenario.brand(scenario.focal)
    model = solara.use_memo(lambda: WordOfMouthModel(scenario, rng=1, **{"population.size": SMALL}), [])
    plots = [
        make_plot_component({f"{brand.name} {column}": COLOURS[b % len(COLOURS)] for b, brand in enumerate(scenario.brands)})
        for column in DRAWN
    ]
    plots = solara.use_memo(lambda: plots, [])
    SolaraViz(model, components=plots, model_params=parameters(focal.name, focal.budget_per_day), name="World of Mouth")
