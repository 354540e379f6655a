"""How much one visitor may ask for, and about how long it takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.experiments.comparison import focal_of
from simulator.experiments.doubt import DRAWS, LUCK
from simulator.experiments.pool import available_cpus
from simulator.language import _, number
from simulator.scenario.schema import Scenario
from simulator.world.graph import ties_per_consumer

FEWEST, MOST = 2, 5
"""Scenarios of a comparison."""

REPLICATES = (2, 6, 10, 20, 40, 60)
"""How many paired worlds may be asked for; verdicts are given from six on."""

MOST_BYTES = 256_000
"""Of an uploaded file."""

MOST_UPLOADS = 10
MOST_OWN = 30
"""Of one visitor: files, and scenarios of their own in all."""

MOST_CONSUMERS = 50_000
MOST_DAYS = 1_500
MOST_BRANDS = 12
MOST_TIES = 5_000_000
"""Of one scenario."""

MOST_CONSUMER_DAYS = 2_000_000_000
"""Of a comparison: consumers x days x runs."""

AT_ONCE = 2 if available_cpus() > 3 else 1
"""Comparisons of the whole server that run at the same time; the others queue."""

LONGEST = 1800.0
LONGEST_READING = 20.0
"""Seconds after which a process is ended."""

SECONDS_PER_RUN, SECONDS_PER_DAY, CONSUMER_DAYS_PER_SECOND = 0.15, 0.0015, 4e6
"""What a run costs by itself, by its days, and by its consumers; measured on one core of 2024."""


def refused(scenario: Scenario) -> str:
    """Why a scenario is too large to be compared here; empty if it is not."""
    days = scenario.run.days + scenario.run.warm_up
    for count, most, sentence in (
        (scenario.population.size, MOST_CONSUMERS, _("{n} consumers are too many for this page; allowed: at most {most}")),
        (days, MOST_DAYS, _("{n} days, warm-up included, are too many for this page; allowed: at most {most}")),
        (len(scenario.brands), MOST_BRANDS, _("{n} brands are too many for this page; allowed: at most {most}")),
        (ties(scenario), MOST_TIES, _("about {n} ties between consumers are too many for this page; allowed: at most {most}")),
    ):
        if count > most:
            return sentence.format(n=number(count), most=number(most)) + "; " + _("run.py compare on the command line knows no such limit")
    return ""


def too_much(scenarios: Sequence[Scenario], replicates: int, doubt: str) -> str:
    """Why a comparison is refused; empty if it is not."""
    if not FEWEST <= len(scenarios) <= MOST:
        return _("Choose {fewest} to {most} scenarios.").format(fewest=FEWEST, most=MOST)
    if not REPLICATES[0] <= replicates <= REPLICATES[-1]:
        return _("Choose {fewest} to {most} paired worlds.").format(fewest=REPLICATES[0], most=REPLICATES[-1])
    for scenario in scenarios:
        if sentence := refused(scenario):
            return sentence
    brands = list(dict.fromkeys(focal_of(scenario) for scenario in scenarios))
    if len(brands) > 1:
        return _("These scenarios speak of different brands ({names}); compare scenarios that speak of one.").format(
            names=", ".join(brands)
        )
    asked = sum(scenario.population.size * (scenario.run.days + scenario.run.warm_up) for scenario in scenarios) * _runs(replicates, doubt)
    if asked > MOST_CONSUMER_DAYS:
        sentence = _(
            "This is too much for one visitor: {n} million consumer days; allowed: {most} million. Take fewer or smaller scenarios."
        )
        return sentence.format(n=number(math.ceil(asked / 1e6)), most=number(MOST_CONSUMER_DAYS / 1e6))
    return ""


def expected_seconds(scenarios: Sequence[Scenario], replicates: int, doubt: str) -> float:
    """About how long it takes on a machine with nothing else to do."""
    runs = _runs(replicates, doubt)
    return sum(
        runs * (SECONDS_PER_RUN + days * SECONDS_PER_DAY + days * scenario.population.size / CONSUMER_DAYS_PER_SECOND)
        for scenario in scenarios for days in [scenario.run.days + scenario.run.warm_up]
    )  # fmt: skip


def ties(scenario: Scenario) -> float:
    """About how many directed ties the social graph has stored."""
    return scenario.population.size * ties_per_consumer(scenario.network, scenario.population.size)


def _runs(replicates: int, doubt: str) -> int:
    """Of each scenario: its replicates, as many of its silent twin, and the draws of the assumptions."""
    return 2 * replicates + (DRAWS if doubt != LUCK else 0)
