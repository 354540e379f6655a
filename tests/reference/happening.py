"""What happens to brands on a date, what becomes of it, and how brands answer (section 7.10)."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.reference.arithmetic import fold, name_key
from tests.reference.things import FALSE_RUMOUR, NEVER, SCANDAL, STAGED, Crisis

FOREVER = 1 << 40

if TYPE_CHECKING:
    from tests.reference.brand import BrandAgent
    from tests.reference.consumer import ConsumerAgent


class Happening:
    """The part of the market in which things happen."""

    def happen(self) -> None:
        """Failures end, lies come out, and then what the scenario has in store for today."""
        for brand in self.brands:
            if self.day >= brand.failing_until:
                brand.failure = 0.0
            for crisis in brand.crises:
                self.expose(brand, crisis)
        occurrence: dict[tuple[str, str], int] = defaultdict(int)
        for event in sorted(self.scenario.events, key=lambda event: event.kind):
            if event.day != self.day:
                continue
            brand = next(b for b in self.brands if b.name == event.brand)
            key = fold(fold(fold(name_key(event.kind), brand.key), self.day), occurrence[event.brand, event.kind])
            occurrence[event.brand, event.kind] += 1
            if event.kind == "scandal":
                crisis = self.crisis(brand, key, event, event.cluster != "victim", self.selection(event.tellers, key))
                self.start_message(brand, key, -1, SCANDAL, 0, -1, event.severity, None, crisis.tellers, crisis)
                if event.damage > 0.0:
                    brand.failure, brand.failing_until, brand.failed_by = event.damage, FOREVER, crisis
            elif event.kind == "false_rumour":
                crisis = self.crisis(brand, key, event, False, self.selection(event.tellers, key))
                self.start_message(brand, key, -1, FALSE_RUMOUR, 0, -1, event.severity, None, crisis.tellers, crisis)
            elif event.kind == "staged_messages":
                tellers = self.selection(event.consumers, key)
                for copy in range(event.count):
                    self.start_message(brand, key, -1, STAGED, copy, event.valence, event.arousal, event.level, tellers)
            elif event.kind == "service_failure":
                crisis = self.crisis(brand, key, event, True, [])
                brand.failure, brand.failing_until, brand.failed_by = event.severity, self.day + event.days, crisis
            elif event.kind == "response":
                brand.announced = [event.answer]
            elif event.kind == "stock_out":
                brand.stocked_from = max(brand.stocked_from, self.day + event.days)
            elif event.kind == "falls_silent":
                for consumer in self.selection(event.consumers, key):
                    consumer.relations[brand.index].mute = True
            elif event.kind == "launch":
                for consumer in self.selection(event.consumers, key):
                    self.launch(consumer, brand)

    def crisis(self, brand: BrandAgent, key: int, event: Any, fault: bool, tellers: list[ConsumerAgent]) -> Crisis:
        """A new crisis of the brand."""
        cluster = "victim" if event.kind == "false_rumour" else event.cluster
        crisis = Crisis(self.crises, key, self.day, cluster, fault, event.severity, tellers)
        self.crises += 1
        brand.crises.append(crisis)
        return crisis

    def expose(self, brand: BrandAgent, crisis: Crisis) -> None:
        """A denied fault comes out, perhaps; then the story starts again."""
        rule = self.scenario.crises
        denied = crisis.answer == "denial" and crisis.fault and crisis.exposed_day == NEVER and self.day > crisis.answered_day
        if denied and self.dice.draw("exposure", (self.day,), crisis.key) < rule.exposure:
            crisis.exposed_day = self.day
            if crisis.tellers:
                self.start_message(brand, crisis.key, -1, SCANDAL, 1, -1, crisis.severity, None, crisis.tellers, crisis)

    def multiplier(self, crisis: Crisis | None) -> float:
        """By how much the brand's answer changes how likely blame is passed on."""
        if crisis is None or crisis.answer == "silence":
            return 1.0
        rule, waited = self.scenario.crises, crisis.answered_day - crisis.day
        if crisis.answer == "denial" and crisis.exposed_day != NEVER:
            return float(getattr(rule.matrix.denial_exposed, crisis.cluster))
        late = crisis.answer == "compensation" and waited > rule.late_after
        row = float(getattr(getattr(rule.matrix, "compensation_late" if late else crisis.answer), crisis.cluster))
        return row if math.isinf(rule.fading) else 1.0 + (row - 1.0) * math.exp(-waited / rule.fading)

    def launch(self, consumer: ConsumerAgent, brand: BrandAgent) -> None:
        relation = consumer.relations[brand.index]
        if relation.purchases or (self.durable and any(r.purchases for r in consumer.relations)):
            return
        relation.purchases = 1
        relation.loyalty = 1.0 if self.durable else relation.loyalty
        consumer.shows = (brand.index, 1)
        self.adoptions.append((self.day, consumer.index, brand.name, relation.influence, relation.teller))

    def selection(self, asked: Any, key: int) -> list[ConsumerAgent]:
        """The consumers an event speaks of: their numbers, how many, a share, or the highest audiences."""
        if not isinstance(asked, (int, list, tuple, dict)):
            asked = {name: value for name, value in asked.model_dump().items() if value is not None}
        if isinstance(asked, int):
            return sorted(self.consumers, key=lambda c: (self.dice.draw("event", (key,), c.key), c.key))[:asked]
        if isinstance(asked, (list, tuple)):
            return [consumer for consumer in self.consumers if consumer.number in asked]
        if "share" in asked:
            return [c for c in self.consumers if self.dice.draw("event", (key,), c.key) < asked["share"]]
        return sorted(self.consumers, key=lambda c: (-len(c.hearers), c.key))[: asked["highest_audience"]]
