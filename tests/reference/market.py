"""The market: the order of a day."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import mesa
import numpy as np

from simulator.world.state import Seen
from tests.reference.arithmetic import AddressedDice, fixed_mean
from tests.reference.brand import BrandAgent
from tests.reference.consumer import ConsumerAgent
from tests.reference.happening import Happening
from tests.reference.opening import Opening
from tests.reference.spreading import Spreading
from tests.reference.things import LAYERS, OPTED_IN, Entry, Message


class ReferenceModel(Opening, Spreading, Happening, mesa.Model):
    """The market; `step` is one day."""

    def __init__(self, scenario: Any, graph: Any, consumers: Any, seed: int = 1, dice: Any = None) -> None:
        super().__init__(rng=seed)
        self.scenario, self.dice = scenario, dice or AddressedDice(seed)
        self.durable = scenario.market.kind == "durable"
        self.represents = float(scenario.population.represents or consumers.n)
        self.scale = self.represents / consumers.n
        weights = scenario.purchase.tie_weights
        weights = weights if isinstance(weights, dict) else weights.model_dump()
        self.tie_weights = [weights[layer] for layer in LAYERS]
        self.proof_weights = [round(1024 * weight) for weight in self.tie_weights]
        self.day = -scenario.run.warm_up
        self.active: list[Entry] = []
        self.mentions: list[tuple[Message, ConsumerAgent]] = []
        self.messages: list[Message] = []
        self.crises = 0  # how many there have been
        self.counts: dict[tuple[str, str], float] = defaultdict(float)
        self.spending: list[tuple[int, str, str, float, int]] = []
        self.adoptions: list[tuple[int, int, str, int, int]] = []
        self.tellings: list[tuple[int, int, int, int, int, int]] = []  # message key, day, teller, hearer, layer, online
        self.daily: list[dict[str, Any]] = []
        self.values = {segment.name: segment.values for segment in scenario.population.segments}
        self.brands = [BrandAgent(self, b, table) for b, table in enumerate(scenario.brands)]
        self.brands_by_key = sorted(self.brands, key=lambda brand: brand.key)
        self.consumers = [ConsumerAgent(self, i, consumers) for i in range(consumers.n)]
        self.complete, self.segments = graph.complete, consumers.segment_names
        self.tie(graph)
        self.open_market()
        self.appoint()

    def step(self) -> None:
        """One day."""
        self.happen()
        self.decide()
        self.advertise()
        self.write()
        self.buy()
        self.experience()
        self.speak()
        self.spread()
        self.listen()
        self.converse()
        self.forget()
        self.record()

    def run(self, until: int | None = None) -> ReferenceModel:
        """Days up to `until` (default: the scenario's), that one not included."""
        while self.day < (self.scenario.run.days if until is None else until):
            self.step()
        return self

    # -- the phases --------------------------------------------------------------------------------------------------

    def decide(self) -> None:
        for brand in self.brands:
            brand.decide()

    def advertise(self) -> None:
        for brand in self.brands:
            brand.advertise()

    def write(self) -> None:
        for brand in self.brands:
            brand.write()
        for consumer in self.consumers:
            consumer.notice()

    def buy(self) -> None:
        for consumer in self.consumers:
            consumer.look_around()
        for consumer in self.consumers:
            consumer.buy()
        for brand in self.brands:
            if brand.programme:
                members = self.counts["member_units", brand.name]
                brand.reward_debt += int(members * brand.action.reward * self.scale * 100.0 + 0.5)

    def experience(self) -> None:
        for consumer in self.consumers:
            consumer.experience()

    def speak(self) -> None:
        for consumer in self.consumers:
            consumer.speak()

    def listen(self) -> None:
        for brand in self.brands:
            brand.listen()

    def converse(self) -> None:
        for brand in self.brands:
            brand.converse()
        for brand in self.brands:
            brand.gather()

    def forget(self) -> None:
        for brand in self.brands:
            brand.weigh()
        for consumer in self.consumers:
            consumer.forget()
        for brand in self.brands:
            brand.forget()

    def record(self) -> None:
        """One row a brand; what the brand itself may remember goes into its history."""
        for brand in self.brands:
            count = {name: amount for (name, b), amount in self.counts.items() if b == brand.name}
            row: dict[str, Any] = {"day": self.day, "brand": brand.name} | count
            row["spend"], brand.spent_today = brand.spent_today / 100.0, 0
            for name in ("awareness", "trust", "irritation"):
                row[name] = fixed_mean([getattr(c.relations[brand.index], name) for c in self.consumers])
            row["reputation"] = sum(brand.anchor[c.segment_name] for c in self.consumers) / len(self.consumers)
            row["resonance"] = brand.resonance()
            row["list_size"] = sum(c.relations[brand.index].consent == OPTED_IN for c in self.consumers)
            self.daily.append(row)
            sold = count.get("units", 0.0) * self.scale
            brand.history.append(Seen(
                day=self.day, spend=row["spend"], units=sold, revenue=sold * brand.price, list_size=row["list_size"] * self.scale,
                opt_ins=count.get("opt_ins", 0.0) * self.scale, opt_outs=count.get("opt_outs", 0.0) * self.scale,
                mentions_positive=count.get("detected_positive", 0.0), mentions_negative=count.get("detected_negative", 0.0),
                complaints=count.get("complaints", 0.0), conversations=count.get("conversations", 0.0),
            ))  # fmt: skip
        self.counts.clear()
        self.day += 1
        if self.day == 0:
            self.draw_the_line()

    def count(self, name: str, brand: BrandAgent, amount: float) -> None:
        """Add to what happened today."""
        if amount:
            self.counts[name, brand.name] += amount

    def draw_the_line(self) -> None:
        """What happened in the warm-up stays with the consumers and leaves the books."""
        self.spending, self.adoptions, self.daily = [], [], []
        for brand in self.brands:
            brand.accrued = brand.spent = 0
        for consumer in self.consumers:
            for relation in consumer.relations:
                relation.reached = 0

    # -- for comparison ----------------------------------------------------------------------------------------------

    def column(self, name: str) -> np.ndarray:
        """[n, B]: one quantity of all relations."""
        return np.array([[getattr(relation, name) for relation in consumer.relations] for consumer in self.consumers])
