"""Crises: a scandal, a rumour, a service that fails; and what brands may say to them (answers.py).

A scandal is a message of blame whose first tellers are given (by default the five largest audiences); what comes of it is word
of mouth, nothing else: without ties it harms nobody. With `damage` the product is worse from then on, until it is repaired. A false
rumour is a story without a fault behind it. A service failure lowers what is delivered for some days; who is harmed are the customers
who then buy, and whom they tell.

Each crisis belongs to a cluster by how far it is the brand's own doing (Coombs 2007, Corp Reput Rev 10:163-176): victim, accidental,
preventable. `matrix` says how much likelier or less likely talk of it is passed on after each answer. All its values are
assumptions, only their signs have support; at 1 an answer changes nothing.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np

from simulator.engine.chance import fold, uniform
from simulator.parameters import ASSUMPTION, Table, parameter
from simulator.rules.answers import DENIAL
from simulator.rules.speaking import FALSE_RUMOUR, SCANDAL
from simulator.rules.word_of_mouth import announce
from simulator.world.crisis import Crisis
from simulator.world.events import Event, selected
from simulator.world.market import Market
from simulator.world.selection import Highest, Selection
from simulator.world.state import ANSWERS, CLUSTERS, I32, NEVER

FOR_GOOD = 2**62
"""`failing_until` of what does not end by itself."""

Cluster = Literal["victim", "accidental", "preventable"]
Answer = Literal["silence", "denial", "explanation", "empathy", "apology", "compensation"]


def _multiplier(default: float, what: str) -> Any:
    """A cell of the matrix."""
    plausible = (round(default - 0.2, 2), round(default + 0.2, 2))
    return parameter(
        default, unit="ratio", meaning=f"how much likelier talk of {what} is passed on", evidence=ASSUMPTION,
        source="signs only: Coombs 2007; Herhausen et al. 2019", plausible=plausible, off=1.0, ge=0,
    )  # fmt: skip


VICTIM, ACCIDENTAL, PREVENTABLE = "what was done to the brand", "a mishap", "what the brand could have prevented"


class Denial(Table):
    """[crises.matrix.denial]"""

    victim: float = _multiplier(0.9, VICTIM)
    accidental: float = _multiplier(1.1, ACCIDENTAL)
    preventable: float = _multiplier(1.2, PREVENTABLE)


class DenialExposed(Table):
    """[crises.matrix.denial_exposed]"""

    victim: float = _multiplier(0.9, VICTIM)
    accidental: float = _multiplier(1.3, ACCIDENTAL)
    preventable: float = _multiplier(1.6, PREVENTABLE)


class Explanation(Table):
    """[crises.matrix.explanation]"""

    victim: float = _multiplier(0.8, VICTIM)
    accidental: float = _multiplier(0.8, ACCIDENTAL)
    preventable: float = _multiplier(1.05, PREVENTABLE)


class Empathy(Table):
    """[crises.matrix.empathy]"""

    victim: float = _multiplier(0.75, VICTIM)
    accidental: float = _multiplier(0.7, ACCIDENTAL)
    preventable: float = _multiplier(0.8, PREVENTABLE)


class Apology(Table):
    """[crises.matrix.apology]"""

    victim: float = _multiplier(0.85, VICTIM)
    accidental: float = _multiplier(0.7, ACCIDENTAL)
    preventable: float = _multiplier(0.6, PREVENTABLE)


class Compensation(Table):
    """[crises.matrix.compensation]"""

    victim: float = _multiplier(1.0, VICTIM)
    accidental: float = _multiplier(1.1, ACCIDENTAL)
    preventable: float = _multiplier(1.1, PREVENTABLE)


class CompensationLate(Table):
    """[crises.matrix.compensation_late]"""

    victim: float = _multiplier(1.0, VICTIM)
    accidental: float = _multiplier(1.1, ACCIDENTAL)
    preventable: float = _multiplier(0.8, PREVENTABLE)


class Matrix(Table):
    """[crises.matrix]: a row for each answer, a column for each cluster. Silence is 1."""

    denial: Denial = parameter(factory=Denial, unit="ratio", meaning="after a denial")
    denial_exposed: DenialExposed = parameter(factory=DenialExposed, unit="ratio", meaning="after a denial that was found to be a lie")
    explanation: Explanation = parameter(factory=Explanation, unit="ratio", meaning="after an explanation")
    empathy: Empathy = parameter(factory=Empathy, unit="ratio", meaning="after sympathy with those concerned, and an explanation")
    apology: Apology = parameter(factory=Apology, unit="ratio", meaning="after an apology that says what will be done")
    compensation: Compensation = parameter(factory=Compensation, unit="ratio", meaning="after a public offer of compensation")
    compensation_late: CompensationLate = parameter(
        factory=CompensationLate, unit="ratio", meaning="after such an offer that came late (crises.late_after)"
    )


class Parameters(Table):
    """[crises]"""

    matrix: Matrix = parameter(factory=Matrix, unit="ratio", meaning="what each answer does to talk of each kind of crisis")
    fading: float = parameter(
        3.0, unit="days", meaning="of waiting after which an answer does a third of what it would have done; at inf it is never too late",
        evidence=ASSUMPTION, plausible=(1.0, 10.0), off=math.inf, gt=0,
    )  # fmt: skip
    late_after: int = parameter(
        7, unit="days", meaning="after which an offer of compensation counts as late", evidence=ASSUMPTION, plausible=(2, 14), ge=0
    )
    exposure: float = parameter(
        0.1, unit="1/day", meaning="probability that the denial of a true fault is found out; at 0 it never is", evidence=ASSUMPTION,
        plausible=(0.0, 0.5), off=0.0, ge=0, le=1,
    )  # fmt: skip
    known_after: int = parameter(
        1, unit="days", meaning="after which a brand knows of its crisis and may answer by its strategy", evidence=ASSUMPTION,
        plausible=(0, 3), ge=0, le=3650,
    )  # fmt: skip
    statement_cost: float = parameter(
        500.0, unit="currency", meaning="of any answer but silence", evidence=ASSUMPTION, plausible=(0.0, 5000.0), ge=0, le=1e12
    )
    compensation_cost: float = parameter(
        5000.0, unit="currency", meaning="of compensation, on top of it", evidence=ASSUMPTION, plausible=(1000.0, 100_000.0), ge=0, le=1e12
    )
    repair_cost: float = parameter(
        2000.0, unit="currency", meaning="of the repair that comes with an apology while something still fails", evidence=ASSUMPTION,
        plausible=(500.0, 50_000.0), ge=0, le=1e12,
    )  # fmt: skip
    repair_days: int = parameter(
        14, unit="days", meaning="after an apology until what failed is repaired, if it does not end before", evidence=ASSUMPTION,
        plausible=(3, 60), ge=1,
    )  # fmt: skip


# -- events --------------------------------------------------------------------------------------------------------


class Scandal(Event):
    """A story of blame, told first by `tellers`."""

    rule: ClassVar[str] = "crises"
    kind: Literal["scandal"] = parameter(unit="", meaning="kind of event")
    severity: float = parameter(unit="share", meaning="arousal of the message; at 0 a calm remark", ge=0, le=1)
    tellers: Selection = parameter(Highest(highest_audience=5), unit="consumers", meaning="who tells it first", evidence=ASSUMPTION)
    cluster: Cluster = parameter("preventable", unit="", meaning="how far it is the brand's own doing; a victim has no fault")
    damage: float = parameter(0.0, unit="quality", meaning="by how much the product is worse from then on, until repaired", ge=0, le=1)

    def act(self, market: Market, key: int) -> None:
        b = market.names.index(self.brand)
        if self.damage > 0.0:
            market.brands.failure[b], market.brands.failing_until[b] = self.damage, FOR_GOOD
        tellers = selected(market, self.tellers, key)
        topic = strike(market, b, self.cluster, self.cluster != "victim", self.damage > 0.0, key, self.severity, tellers)
        announce(market, b, SCANDAL, -1, self.severity, math.nan, tellers, key, topic=topic)


class FalseRumour(Event):
    """A story of blame without anything behind it, told first by `tellers`."""

    rule: ClassVar[str] = "crises"
    kind: Literal["false_rumour"] = parameter(unit="", meaning="kind of event")
    severity: float = parameter(unit="share", meaning="arousal of the message; at 0 a calm remark", ge=0, le=1)
    tellers: Selection = parameter(Highest(highest_audience=5), unit="consumers", meaning="who tells it first", evidence=ASSUMPTION)

    def act(self, market: Market, key: int) -> None:
        b, tellers = market.names.index(self.brand), selected(market, self.tellers, key)
        topic = strike(market, b, "victim", False, False, key, self.severity, tellers)
        announce(market, b, FALSE_RUMOUR, -1, self.severity, math.nan, tellers, key, topic=topic)


class ServiceFailure(Event):
    """What is delivered falls short by `severity` for `days`."""

    rule: ClassVar[str] = "crises"
    kind: Literal["service_failure"] = parameter(unit="", meaning="kind of event")
    severity: float = parameter(unit="quality", meaning="by how much delivered quality falls; at 0 nothing happens", ge=0, le=1)
    days: int = parameter(14, unit="days", meaning="how long it lasts", evidence=ASSUMPTION, ge=1)
    cluster: Cluster = parameter("accidental", unit="", meaning="how far it is the brand's own doing")

    def act(self, market: Market, key: int) -> None:
        b = market.names.index(self.brand)
        market.brands.failure[b], market.brands.failing_until[b] = self.severity, market.day + self.days
        strike(market, b, self.cluster, True, True, key, self.severity, np.zeros(0, np.int32))


class Response(Event):
    """What the brand says to all its crises so far: at once, if its purse holds the price, else as soon as it does."""

    rule: ClassVar[str] = "crises"
    kind: Literal["response"] = parameter(unit="", meaning="kind of event")
    answer: Answer = parameter(unit="", meaning="what it says; silence takes back what it said before")

    def act(self, market: Market, key: int) -> None:
        brand = market.names.index(self.brand)
        waiting = [response for response in market.responses if response[0] != brand]  # a newer word takes the place of one not yet given
        market.responses = [*waiting, (brand, ANSWERS.index(self.answer))]


def strike(
    market: Market, b: int, cluster: Cluster, fault: bool, breaks: bool, key: int, severity: float, tellers: I32
) -> int:  # fmt: skip
    """Brand b has one more crisis; its number."""
    market.crises.append(Crisis(b, market.day, CLUSTERS.index(cluster), fault, breaks, np.uint64(key), severity, tellers))
    return len(market.crises) - 1


# -- from day to day -----------------------------------------------------------------------------------------------


def recover(market: Market) -> None:
    """Service failures end on their day."""
    over = market.brands.failing_until <= market.day
    market.brands.failure[over] = 0.0


def expose(market: Market, crises: Parameters) -> None:
    """Denials of true faults are found out; the story is then told again by those who told it first."""
    for number, crisis in enumerate(market.crises):
        denied = crisis.answer == DENIAL and crisis.fault and crisis.exposed_day == NEVER and market.day > crisis.answered_day
        if denied and uniform(fold(market.at("exposure", market.day), crisis.key)) < crises.exposure:
            market.crises.change(number, exposed_day=market.day)
            if len(crisis.tellers):
                key = int(crisis.key)
                announce(market, crisis.brand, SCANDAL, -1, crisis.severity, math.nan, crisis.tellers, key, copy=1, topic=number)
