"""How messages start and travel, and what they do to a hearer (section 7.8)."""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.reference.arithmetic import LN2, dose, drawn, integer, moved, stored
from tests.reference.things import EARNED, FOLLOW, LAYERS, STRONG, TOLD, Crisis, Entry, Message

if TYPE_CHECKING:
    from tests.reference.brand import BrandAgent
    from tests.reference.consumer import ConsumerAgent


class Spreading:
    """The part of the market that talks."""

    def spread(self) -> None:
        """Tellers tell; of several the one with the smallest mark is credited; then hearers change."""
        told: dict[tuple[int, int], list[tuple[int, Message, ConsumerAgent, ConsumerAgent, int, int]]] = defaultdict(list)
        self.mentions = []
        for entry in self.active:
            if not entry.first <= self.day - entry.day <= entry.last or not self.tells(entry):
                continue
            message, teller = entry.message, entry.teller
            hearers, online = self.reach(entry)
            if online:
                self.mentions.append((message, teller))
                self.count("talks_online", self.brands[message.brand], 1)
            elif hearers:
                self.count("talks_offline", self.brands[message.brand], 1)
            if message.valence > 0:
                teller.relations[message.brand].praised_day = self.day
            for layer, hearer in hearers:
                if hearer.index in message.heard:
                    self.count("repeats", self.brands[message.brand], 1)
                    continue
                mark = self.dice.mark("credit", message.key, teller.key, hearer.key, self.day)
                told[message.key, hearer.index].append((mark, message, teller, hearer, layer, online))
        self.active = [entry for entry in self.active if self.day - entry.day < entry.last]
        self.hear([min(tellers, key=lambda t: t[0]) for tellers in told.values()])
        for tellers in told.values():
            self.count("repeats", self.brands[tellers[0][1].brand], len(tellers) - 1)

    def tells(self, entry: Entry) -> bool:
        rule, message, teller = self.scenario.word_of_mouth, entry.message, entry.teller
        if teller.relations[message.brand].mute:
            return False
        if (entry.author and self.day == entry.day) or self.is_news(entry):
            return True
        trust, age = teller.relations[message.brand].trust, self.day - message.day
        agree = 1.0 - rule.agreement * (1.0 - trust) if message.valence > 0 else 1.0 - rule.agreement * trust
        fade = 1.0 if math.isinf(rule.interest_half_life) else math.exp(-LN2 * age / rule.interest_half_life)
        heat = rule.negative_share * self.multiplier(message.topic) if message.valence < 0 else 1.0
        p = rule.share * (1.0 + message.arousal) * heat * agree * fade
        p = min(1.0, rule.author_boost * p if entry.author else p)
        return self.dice.draw("tell", (), message.key, teller.key, self.day, 0) < p

    def is_news(self, entry: Entry) -> bool:
        """Whether it is what a journalist heard yesterday and cannot let lie."""
        if not entry.teller.journalist or entry.author or self.day - entry.day != 1:
            return False
        return bool(entry.message.arousal > self.scenario.roles.journalist_arousal)

    def reach(self, entry: Entry) -> tuple[list[tuple[int, ConsumerAgent]], int]:
        """Who hears it from this teller today, and whether it is told online."""
        rule, message, teller = self.scenario.word_of_mouth, entry.message, entry.teller
        hot = rule.online + (1.0 - rule.online) * rule.hot * (message.arousal * message.arousal)
        if self.is_news(entry) or self.dice.draw("tell", (), message.key, teller.key, self.day, 1) < hot:
            k = self.day - entry.day - (0 if entry.author else 1)
            draw = functools.partial(self.dice.draw, "seen", (), message.key, teller.key, k)
            return [(layer, hearer) for layer, hearer, _ in teller.hearers if draw(hearer.key) < rule.visibility], 1
        circle = [
            (layer, hearer, weight * (round(1024 * rule.strong_preference) if layer == STRONG else 1024))
            for layer, hearer, weight in teller.hearers if layer != FOLLOW
        ]  # fmt: skip
        if self.complete:  # all alike
            circle = [(layer, hearer, min(1, weight)) for layer, hearer, weight in circle]
        total = sum(weight for _, _, weight in circle)
        if total == 0:
            return [], 0
        r = integer(total, self.dice.draw("tell", (), message.key, teller.key, self.day, 2))
        for layer, hearer, weight in circle:
            if r < weight:
                return [(layer, hearer)], 0
            r -= weight
        raise AssertionError("a partner lies within the cumulated weights")

    def hear(self, tellings: list[tuple[int, Message, ConsumerAgent, ConsumerAgent, int, int]]) -> None:
        rule = self.scenario.word_of_mouth
        credibility = rule.credibility if isinstance(rule.credibility, dict) else rule.credibility.model_dump()
        by_relation: dict[tuple[int, int], list[tuple[int, Message, ConsumerAgent, ConsumerAgent, int, int]]] = defaultdict(list)
        for telling in tellings:
            mark, message, teller, hearer, layer, online = telling
            message.heard.add(hearer.index)
            self.active.append(Entry(message, hearer, self.day, False, 1, self.talking_days(message, hearer)))
            self.tellings.append((message.key, self.day, teller.index, hearer.index, layer, online))
            self.count(f"tellings_{'positive' if message.valence > 0 else 'negative'}", self.brands[message.brand], 1)
            by_relation[hearer.index, message.brand].append(telling)
        for (i, brand), heard in by_relation.items():
            relation = self.consumers[i].relations[brand]
            up = down = recalled = 0
            pulls = []
            for _, message, teller, _, layer, _ in heard:
                c = self.scenario.roles.journalist_credibility if teller.journalist else credibility[LAYERS[layer]]
                x = c * (1.0 + message.arousal) / 2.0 * rule.strength
                recalled += dose(rule.recall * c)
                if message.valence > 0:
                    up += dose(x)
                else:
                    loyal = rule.defence * relation.loyalty * max(0.0, 2.0 * relation.trust - 1.0)
                    down += dose(min(1.0, rule.negativity * x) * (1.0 - loyal))
                    relation.blamed_day = self.day
                if message.level is not None:
                    pulls.append((dose(rule.carry * x), message.level))
            relation.awareness = stored(moved(relation.awareness, recalled, 0))
            relation.trust = stored(moved(relation.trust, up, down))
            relation.expectation = stored(drawn(relation.expectation, pulls))
            relation.reached |= EARNED
            relation.told_by(TOLD, min(heard, key=lambda telling: telling[0])[2].index)

    def start_message(
        self, brand: BrandAgent, author_key: int, author: int, origin: int, k: int, valence: int, arousal: float,
        level: float | None, tellers: list[ConsumerAgent], topic: Crisis | None = None,
    ) -> None:  # fmt: skip
        """A message comes into the world with its first tellers."""
        key = self.dice.mark("message", author_key, brand.key, self.day, 1024 * origin + k)
        message = Message(key, self.day, brand.index, valence, arousal, level, origin, author, topic)
        self.messages.append(message)
        self.count(f"messages_{'positive' if valence > 0 else 'negative'}", brand, 1)
        for teller in tellers:
            message.heard.add(teller.index)
            self.active.append(Entry(message, teller, self.day, True, 0, self.talking_days(message, teller) - 1))

    def talking_days(self, message: Message, consumer: ConsumerAgent) -> int:
        """On how many days she may tell it."""
        rule = self.scenario.word_of_mouth
        if rule.talking_days == "fixed" or rule.attention_days == 1:
            return int(rule.attention_days)
        u = self.dice.draw("talking", (message.key,), consumer.key)
        return 1 + int(math.log(u) / math.log(1.0 - 1.0 / rule.attention_days))
