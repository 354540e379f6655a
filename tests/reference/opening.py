"""Before the first day (section 5): ties, start values, roles."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.reference.arithmetic import fixed_mean, fold, name_key, stored
from tests.reference.things import LAYERS, OPTED_IN

if TYPE_CHECKING:
    from tests.reference.brand import BrandAgent
    from tests.reference.consumer import ConsumerAgent


class Opening:
    """The part of the market that is there before anything happens."""

    def tie(self, graph: Any) -> None:
        """Who tells whom: lists ordered by layer, then by the hearer's key."""
        for layer, ties in enumerate(graph.layers):
            for teller in self.consumers:
                for place in range(int(ties.start[teller.index]), int(ties.start[teller.index + 1])):
                    hearer = self.consumers[int(ties.hearer[place])]
                    teller.hearers.append((layer, hearer, 1 if ties.weight is None else int(ties.weight[place])))
            if graph.complete and graph.complete_layer == LAYERS[layer]:
                for teller in self.consumers:
                    others = sorted((c for c in self.consumers if c is not teller), key=lambda c: c.key)
                    teller.hearers.extend((layer, hearer, 1) for hearer in others)
        for teller in self.consumers:
            for layer, hearer, _ in teller.hearers:
                hearer.tellers.append((layer, teller))

    def open_market(self) -> None:
        """Lay the start values on the consumers."""
        for brand in self.brands:
            brand.look_at_fit()
        for brand in self.brands_by_key:
            brand.anchor = {segment: stored(self.asked(brand, "reputation", segment)) for segment in self.segments}
            for segment in sorted({c.segment_name for c in self.consumers}):
                self.lay(brand, [c for c in self.consumers if c.segment_name == segment], segment)
        for consumer in self.consumers:
            mine = [brand for brand in self.brands_by_key if consumer.relations[brand.index].purchases]
            total = sum(self.asked(brand, "loyalty", consumer.segment_name) for brand in mine)
            for brand in mine:
                loyalty = self.asked(brand, "loyalty", consumer.segment_name)
                loyalty = 1.0 if self.durable else loyalty / total if total > 1.0 else loyalty
                consumer.relations[brand.index].loyalty = stored(loyalty)
            if mine:
                draws = [(self.dice.draw("start.shown", (brand.key,), consumer.key), brand.index) for brand in mine]
                consumer.shows = (min(draws)[1], 1)
        for brand in self.brands:
            irrelevant = fixed_mean([1.0 - consumer.relevance(brand) for consumer in self.consumers])
            brand.mean_irrelevance = max(1e-6, irrelevant)

    def appoint(self) -> None:
        """Who has a role."""
        occurrence: dict[tuple[str, str | None], int] = defaultdict(int)
        for entry in self.scenario.population.roles:
            brand = next((b for b in self.brands if b.name == entry.brand), None)
            word = fold(fold(name_key(f"role.{entry.kind}"), brand.key if brand else 0), 0)
            for consumer in self.selection(entry.consumers, fold(word, occurrence[entry.kind, entry.brand])):
                consumer.journalist |= entry.kind == "journalist"
                consumer.prescriber |= entry.kind == "prescriber"
                if entry.kind == "ambassador":
                    consumer.ambassador_of = brand
            occurrence[entry.kind, entry.brand] += 1

    def asked(self, brand: BrandAgent, name: str, segment: str) -> float:
        value = getattr(brand.table.start, name)
        return float(value.get(segment, 0.0) if isinstance(value, dict) else value)

    def lay(self, brand: BrandAgent, group: list[ConsumerAgent], segment: str) -> None:
        """The start values of one brand in one segment."""
        asked = functools.partial(self.asked, brand, segment=segment)
        relations = [consumer.relations[brand.index] for consumer in group]
        free = [not (self.durable and any(r.purchases for r in consumer.relations)) for consumer in group]
        fits = [relation.fit for relation in relations]
        chances = proportional(fits, asked("penetration"), free=free)
        for consumer, relation, p in zip(group, relations, chances, strict=True):
            relation.trust = relation.expectation = brand.anchor[segment]
            relation.knowledge = stored(asked("knowledge"))
            relation.purchases = int(self.dice.draw("start.customer", (brand.key,), consumer.key) < p)
        use = self.scenario.experience.use
        kept = [use if relation.purchases else 0.0 for relation in relations]
        for relation, a0, k in zip(relations, proportional(fits, asked("awareness"), kept), kept, strict=True):
            relation.awareness = stored(a0 + k * (1.0 - a0))
        for consumer, relation, p in zip(group, relations, proportional(fits, asked("opt_in")), strict=True):
            if self.dice.draw("start.opt_in", (brand.key,), consumer.key) < p:
                relation.consent = OPTED_IN


def proportional(fits: list[float], asked: float, lift: list[float] | None = None, free: list[bool] | None = None) -> list[float]:
    """a = min(1, c * fit), 0 for who is not free, such that the mean of a + lift (1 - a) over all is the number asked."""
    lift, free = lift or [0.0] * len(fits), free or [True] * len(fits)
    if asked <= 0.0 or not any(fits):
        return [0.0] * len(fits)

    def values(c: float) -> list[float]:
        return [min(1.0, c * fit) if f else 0.0 for fit, f in zip(fits, free, strict=True)]

    def mean(c: float) -> float:
        return fixed_mean([a + k * (1.0 - a) if f else 0.0 for a, k, f in zip(values(c), lift, free, strict=True)])

    low, high, enough = 0.0, 1.0, 1.0 / min(fit for fit in fits if fit > 0.0)
    while high < enough and mean(high) < asked:
        high *= 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if mean(middle) < asked else (low, middle)
    return values(high)
