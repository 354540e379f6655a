"""The opening position: what a scenario asks for on day 0, and what its consumers then are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.language import _
from simulator.scenario.schema import Scenario
from simulator.world.state import F32, OPTED_IN

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 30
"""Simulated consumers below which a group is too small to speak of."""


def opening(scenario: Scenario, seed: int = 1) -> pd.DataFrame:
    """Columns brand, segment, quantity, asked, day_0, gap, consumers: a row per brand, segment and start value.

    With a warm-up, day 0 is what it left. `consumers`: how many simulated consumers the quantity is measured on.
    """
    import pandas as pd

    from simulator.model import WordOfMouthModel  # slow to import, and `thin_groups` does not need it

    market = WordOfMouthModel.build(scenario, seed).market
    state, rows = market.state, []
    for b, brand in enumerate(scenario.brands):
        for s, segment in enumerate(market.segments):
            people = market.consumers.segment == s
            owners = state.purchases[:, b] > 0
            measured: dict[str, tuple[F32, np.ndarray]] = {
                "awareness": (state.awareness[:, b], people),
                "penetration": (owners.astype(np.float32), people),
                "loyalty": (state.loyalty[:, b], people & owners),
                "reputation": (state.trust[:, b], people),
                "opt_in": ((state.consent[:, b] == OPTED_IN).astype(np.float32), people),
                "knowledge": (state.knowledge[:, b], people),
            }
            for quantity, (values, chosen) in measured.items():
                count = int(chosen.sum())
                found = float(values[chosen].mean(dtype=np.float64)) if count else float("nan")
                asked = brand.start.of(quantity, segment)
                rows.append((brand.name, segment, quantity, asked, found, found - asked, count))
    return pd.DataFrame(rows, columns=["brand", "segment", "quantity", "asked", "day_0", "gap", "consumers"])


def thin_groups(scenario: Scenario) -> list[str]:
    """A sentence for each group that stands for fewer than `FEWEST` simulated consumers, with the population size it needs."""
    if scenario.network.kind == "file":
        return []  # the file says how many there are
    shares = {segment.name: segment.share for segment in scenario.population.segments}
    groups = {_("segment {name}").format(name=name): share for name, share in shares.items()}
    for brand in scenario.brands:
        for quantity in ("penetration", "opt_in"):
            groups[_("start.{quantity} of {brand}").format(quantity=quantity, brand=brand.name)] = sum(
                brand.start.of(quantity, name) * part for name, part in shares.items()
            )
    for event in scenario.events:
        for name in ("consumers", "tellers"):
            share = getattr(getattr(event, name, None), "share", None)
            if share is not None:
                group = _("{event} of {brand} on day {day}").format(event=event.kind, brand=event.brand, day=event.day)
                groups[group] = share
    size = scenario.population.size
    said = _("{group} is {count:.0f} simulated consumers, too few to speak of; population.size = {needed} would make it {fewest}")
    return [
        said.format(group=group, count=share * size, needed=math.ceil(FEWEST / share), fewest=FEWEST)
        for group, share in groups.items()
        if 0.0 < share * size < FEWEST
    ]
