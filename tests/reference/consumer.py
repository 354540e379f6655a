"""A consumer: what she notices, buys, experiences, says and forgets."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import mesa

from tests.reference.arithmetic import LN2, dose, drawn, gumbel, integer, moved, name_key, normal_quantile, poisson, stored
from tests.reference.things import (
    AD,
    ANNOYANCE,
    DEFENCE,
    EXPERIENCE,
    HEARSAY,
    OPTED_IN,
    OPTED_OUT,
    OWNED,
    OWNED_REACH,
    REFUTATION,
    SEEN,
    SPONTANEOUS,
    STANDING,
    TOUCH_AD,
    TOUCH_PURCHASE,
    Crisis,
    Purchase,
    Relation,
)  # fmt: skip

if TYPE_CHECKING:
    from tests.reference.brand import BrandAgent
    from tests.reference.market import ReferenceModel


class ConsumerAgent(mesa.Agent):
    """A consumer: traits, ties, and a relation with each brand."""

    def __init__(self, model: ReferenceModel, index: int, traits: Any) -> None:
        super().__init__(model)
        self.index, self.key = index, int(traits.keys[index])
        self.number = self.key if self.key < traits.n else index  # by which a scenario names her
        self.segment_name = traits.segment_names[traits.segment[index]]
        self.media_weight, self.ad_tolerance = float(traits.media_weight[index]), float(traits.ad_tolerance[index])
        self.scepticism, self.privacy_concern = float(traits.scepticism[index]), float(traits.privacy_concern[index])
        self.voice, self.engagement = float(traits.voice[index]), float(traits.engagement[index])
        self.purchase_rate = float(traits.purchase_rate[index])
        self.needs = (float(traits.needs[index][0]), float(traits.needs[index][1]))
        self.values = model.values[self.segment_name]
        self.relations = [Relation() for _ in model.scenario.brands]
        self.hearers: list[tuple[int, ConsumerAgent, int]] = []  # layer, hearer, tie weight
        self.tellers: list[tuple[int, ConsumerAgent]] = []  # layer, teller
        self.journalist = self.prescriber = False
        self.ambassador_of: BrandAgent | None = None
        self.shows: tuple[int, int] | None = None  # brand, sign: what others see she has
        self.contacts: list[tuple[BrandAgent, str, int]] = []
        self.mail: dict[int, tuple[float, float]] = {}  # brand -> opening, desire
        self.bought: list[Purchase] = []

    def freshness(self, brand: BrandAgent) -> float:
        return math.exp(-self.model.scenario.advertising.wear_out * self.relations[brand.index].irritation)

    def tolerance(self, brand: BrandAgent) -> float:
        return self.ad_tolerance + (1.0 - self.ad_tolerance) * max(0.0, 2.0 * self.relations[brand.index].trust - 1.0)

    def relevance(self, brand: BrandAgent) -> float:
        relation = self.relations[brand.index]
        return relation.knowledge * relation.fit + (1.0 - relation.knowledge) * brand.mean_fit

    # -- write: noticing (section 7.4) ---------------------------------------------------------------------------------

    def notice(self) -> None:
        """Her attention is one for all brands; what she notices of one acts together."""
        contacts = sum(got for _, _, got in self.contacts) + len(self.mail)
        if contacts:
            p = min(1.0, self.model.scenario.advertising.attention / contacts)
            for brand in self.model.brands:
                seen = []
                for teller, channel, got in self.contacts:
                    if teller is brand:
                        key = (name_key(channel),)
                        n = got if p >= 1.0 else sum(brand.draw("notice", self.key, k, extra=key) < p for k in range(got))
                        seen.append((self.model.scenario.advertising.channels[channel], n))
                m = opened = 0
                if brand.index in self.mail:
                    m = int(p >= 1.0 or brand.draw("notice", self.key, 0, extra=(name_key("owned"),)) < p)
                    opened = int(m and brand.draw("open", self.key) < self.mail[brand.index][0])
                if m or any(n for _, n in seen):
                    self.take_in(brand, seen, m, opened)
        self.contacts, self.mail = [], {}

    def take_in(self, brand: BrandAgent, seen: list[tuple[Any, int]], m: int, opened: int) -> None:
        rule, permission = self.model.scenario.advertising, self.model.scenario.permission
        relation = self.relations[brand.index]
        irritation, trust, f = relation.irritation, relation.trust, self.freshness(brand)
        n = sum(noticed for _, noticed in seen)
        awareness_up = sum(noticed * dose(channel.recall * f) for channel, noticed in seen) + opened * dose(permission.recall * f)
        trust_up = trust_down = 0
        pulls = []
        if n + opened > 0:
            credible = 0.0
            for channel, noticed in seen:
                credible += noticed * channel.credibility
            x = (credible + opened * permission.credibility) / (n + opened) * (1.0 - self.scepticism)
            trust_up = dose(rule.gain * x * f)
            pulls = [(dose(rule.expectation_weight * x * trust), brand.promise)]
        trust_down = dose(-math.expm1(-(rule.reactance * max(0.0, irritation - rule.tolerance_point))))
        intrusion = 0.0
        for channel, noticed in seen:
            intrusion += noticed * channel.intrusiveness
        desire = self.mail[brand.index][1] if m else relation.fit
        annoyed = intrusion * (1.0 - self.tolerance(brand)) + (m * permission.intrusiveness) * (1.0 - self.tolerance(brand)) * (
            1.0 + (relation.fit - desire)
        )
        relation.awareness = stored(moved(relation.awareness, awareness_up, 0))
        relation.trust = stored(moved(trust, trust_up, trust_down))
        relation.expectation = stored(drawn(relation.expectation, pulls))
        relation.irritation = stored(irritation + annoyed)
        if n > 0:
            relation.touched |= TOUCH_AD
            relation.told_by(AD)
            hazard = rule.block_hazard * math.expm1(min(irritation / rule.block_scale, 50.0))
            if brand.draw("block", self.key) < -math.expm1(-hazard):
                relation.blocked = True
                self.model.count("blocked", brand, 1)
                if relation.consent == OPTED_IN:
                    relation.consent = OPTED_OUT
                    self.model.count("opt_outs", brand, 1)
        if opened:
            relation.reached |= OWNED_REACH
            relation.told_by(OWNED)
        self.model.count("contacts", brand, n)
        self.model.count("opened", brand, opened)

    # -- buy (section 7.5) ---------------------------------------------------------------------------------------------

    def look_around(self) -> None:
        """What her neighbours show she has seen before anybody buys today."""
        purchase = self.model.scenario.purchase
        counting = (self.model.durable and purchase.threshold != "off") or self.model.complete
        self.proof = [0] * len(self.relations)
        self.proof_total = 0
        for layer, teller in self.tellers:
            weight = self.model.proof_weights[layer]
            if counting:
                weight = min(1, weight)
            elif teller.prescriber:
                weight = round(1024 * self.model.tie_weights[layer] * self.model.scenario.roles.prescriber_weight)
            self.proof_total += weight
            if teller.shows is not None:
                brand, sign = teller.shows
                self.proof[brand] += weight * sign if purchase.valence_matters else weight

    def buy(self) -> None:
        self.bought = []
        if self.model.durable:
            self.adopt()
        else:
            for k in range(poisson(self.purchase_rate, self.model.dice.draw("occasions", (self.model.day,), self.key))):
                brand = self.choose(k)
                if brand is not None:
                    self.bought.append(Purchase(brand, k))
        for bought in self.bought:
            brand, relation = bought.brand, self.relations[bought.brand.index]
            member = relation.consent == OPTED_IN
            self.model.count("units", brand, 1)
            self.model.count("member_units", brand, member)
            if relation.purchases == 0 and all(b.brand is not brand for b in self.bought[: self.bought.index(bought)]):
                source = relation.influence
                if source == SPONTANEOUS and self.proof[brand.index] > 0:
                    source = SEEN
                self.model.adoptions.append((self.model.day, self.index, brand.name, source, relation.teller))

    def choose(self, k: int) -> BrandAgent | None:
        """The brand bought on occasion k, or None."""
        rule, day, draw = self.model.scenario.purchase, self.model.day, self.model.dice.draw
        searches = rule.search > 0 and draw("search", (day,), self.key, k) < rule.search
        noise = gumbel(draw("choice", (day, name_key("outside")), self.key, k))
        options: list[tuple[float, BrandAgent | None]] = [(rule.outside + noise, None)]
        for brand in self.model.brands:
            relation = self.relations[brand.index]
            if not brand.draw("consider", self.key, k) < relation.awareness:
                continue
            belief, hope = relation.trust, relation.expectation
            if searches:
                belief = rule.rating_weight * brand.rating + (1.0 - rule.rating_weight) * relation.trust
                hope = rule.rating_weight * brand.rating + (1.0 - rule.rating_weight) * relation.expectation
            social = self.proof[brand.index] / self.proof_total if self.proof_total else 0.0
            member = relation.consent == OPTED_IN and brand.programme
            v = (
                rule.trust_weight * belief + rule.expectation_weight * (hope - 0.5) + rule.fit_weight * relation.fit
                + rule.loyalty_weight * relation.loyalty
                - rule.price_weight * (brand.price / self.model.scenario.market.price - 1.0) + rule.proof_weight * social
                + rule.reward_weight * (brand.action.reward / brand.price if member and brand.price > 0 else 0.0)
                - rule.irritation_weight * relation.irritation
            )  # fmt: skip
            options.append((v + gumbel(brand.draw("choice", self.key, k)), brand))
        best = max(options, key=lambda option: option[0])[1]
        if best is not None and not best.in_stock:
            if best.draw("wait", self.key, k) < self.relations[best.index].loyalty:
                return None
            best = max((o for o in options if o[1] is None or o[1].in_stock), key=lambda option: option[0])[1]
        return best

    def adopt(self) -> None:
        """The durable market: competing risks, one adoption."""
        rule = self.model.scenario.purchase
        if any(relation.purchases for relation in self.relations):
            return
        risks = []
        for brand in self.model.brands:
            if not brand.in_stock:
                continue
            relation = self.relations[brand.index]
            p = rule.p if brand.table.p is None else brand.table.p
            q = rule.q if brand.table.q is None else brand.table.q
            drive = 1.0 if rule.spontaneous else relation.awareness * self.freshness(brand)
            if rule.threshold == "off":
                social = q * self.proof[brand.index] / self.proof_total if self.proof_total and self.proof[brand.index] else 0.0
            else:
                social = q if self.proof[brand.index] >= self.threshold else 0.0
            h = relation.fit**rule.fit_exponent * (relation.trust / 0.5) ** rule.trust_exponent * max(0.0, p * drive + social)
            if h > 0.0:
                u = brand.draw("adopt", self.key)
                risks.append((0.0 if math.isinf(h) else -math.log(u) / h, u, brand))
        if risks:
            time, _, brand = min(risks, key=lambda risk: risk[:2])
            if time < 1.0:
                self.bought = [Purchase(brand, 0)]
                self.relations[brand.index].loyalty = 1.0

    @functools.cached_property
    def threshold(self) -> float:
        """How many of those she sees must own it: a number; a number with a point is a share of them."""
        asked = self.model.scenario.purchase.threshold
        if isinstance(asked, (list, tuple)):
            number = asked[self.number]
        elif isinstance(asked, int):
            number = asked
        elif hasattr(asked, "share"):
            number = float(asked.share)
        else:
            u = self.model.dice.draw("threshold", (), self.key)
            if hasattr(asked, "uniform"):
                low, high = asked.uniform
                number = low + integer(high - low + 1, u) if isinstance(low, int) else low + (high - low) * u
            else:
                mean, sd = asked.normal
                number = mean + sd * normal_quantile(u)
                number = max(0, math.floor(number + 0.5)) if isinstance(mean, int) else min(1.0, max(0.0, number))
        if isinstance(number, int):
            return number
        return max(1, math.ceil(number * self.proof_total - 1e-9)) if self.proof_total else math.inf

    # -- experience (section 7.6) --------------------------------------------------------------------------------------

    def experience(self) -> None:
        """Promise meets reality."""
        rule = self.model.scenario.experience
        changes: dict[int, dict[str, Any]] = {}
        for bought in self.bought:
            brand, relation = bought.brand, self.relations[bought.brand.index]
            luck = rule.noise * normal_quantile(brand.draw("experience", self.key, bought.occasion))
            quality = brand.quality * relation.fit**rule.fit_exponent + (brand.service - brand.failure) + luck
            bought.level = min(1.0, max(0.0, quality))
            d = bought.level - relation.expectation
            bought.surprise = s = math.copysign(1.0, d) * max(0.0, abs(d) - rule.zone) / (1.0 - rule.zone) + 0.0
            change = changes.setdefault(brand.index, {"up": 0, "down": 0, "use": 0, "learnt": 0, "pulls": [], "s": 0.0})
            if s > 0.0:
                change["up"] += dose(rule.eta * s)
            if s < 0.0:
                change["down"] += dose(rule.negativity * rule.eta * -s)
                bought.trust_lost = rule.negativity * rule.eta * -s * relation.trust
            change["pulls"].append((dose(rule.expectation_rate), bought.level))
            change["use"] += dose(rule.use)
            if relation.consent == OPTED_IN:
                change["learnt"] += dose(self.model.scenario.permission.learning)
            change["s"] = s
        for bought in self.bought:
            relation = self.relations[bought.brand.index]
            relation.purchases += 1
            relation.touched |= TOUCH_PURCHASE
            if not self.model.durable:
                for brand, other in enumerate(self.relations):
                    kept = rule.smoothing * other.loyalty
                    other.loyalty = stored(kept + (1.0 - rule.smoothing) * (1.0 if brand == bought.brand.index else 0.0))
            self.shows = (bought.brand.index, -1 if bought.surprise < 0.0 else 1)
        for brand, change in changes.items():
            relation = self.relations[brand]
            relation.trust = stored(moved(relation.trust, change["up"], change["down"]))
            relation.expectation = stored(drawn(relation.expectation, change["pulls"]))
            relation.awareness = stored(moved(relation.awareness, change["use"], 0))
            relation.knowledge = stored(moved(relation.knowledge, change["learnt"], 0))
            relation.satisfaction = stored(change["s"])

    # -- speak (section 7.7) -------------------------------------------------------------------------------------------

    def speak(self) -> None:
        """What she has to say today: of what she bought, of what she has or has heard of, of what annoys her."""
        rule, point = self.model.scenario.word_of_mouth, self.model.scenario.advertising.tolerance_point
        for bought in self.bought:
            brand, s, k = bought.brand, bought.surprise, bought.occasion
            urge = rule.base_rate + rule.a_plus * max(0.0, s) + rule.a_minus * max(0.0, -s)
            gap = self.claimed(brand) - bought.level
            beyond = gap - self.model.scenario.experience.zone
            refutes = rule.refutation > 0.0 and beyond > 0.0
            if refutes:
                urge += rule.refutation * beyond
            if brand.draw("speak", self.key, k) < -math.expm1(-(self.voice * urge)):
                if refutes:
                    self.start(brand, REFUTATION, k, -1, min(1.0, gap), bought.level, brand.running_crisis)
                    continue
                valence = (s > 0.0) - (s < 0.0) or self.opinion(brand, "valence.speak", k)
                topic = brand.running_crisis if valence < 0 else None
                self.start(brand, EXPERIENCE, k, valence, min(1.0, abs(s)), bought.level, topic)
        for brand in self.model.brands:
            relation = self.relations[brand.index]
            if relation.purchases > 0:
                origin, rate = STANDING, self.voice * rule.standing * relation.loyalty
            else:
                origin, rate = HEARSAY, self.voice * rule.hearsay * relation.awareness
            if brand.draw("talk", self.key) < -math.expm1(-rate):
                self.start(brand, origin, 0, self.opinion(brand, "valence"), abs(relation.satisfaction), relation.expectation)
            x = relation.irritation - point
            if x > 0.0 and brand.draw("annoyed", self.key) < -math.expm1(-(self.voice * rule.annoyance * x)):
                self.start(brand, ANNOYANCE, 0, -1, min(1.0, x), None)
        self.defend()

    def claimed(self, brand: BrandAgent) -> float:
        """What the brand's promise of today means for somebody of her taste."""
        fit = self.relations[brand.index].fit
        return brand.promise * fit**self.model.scenario.experience.fit_exponent

    def defend(self) -> None:
        """An ambassador answers what she heard yesterday against her brand."""
        rule, brand = self.model.scenario.roles, self.ambassador_of
        if brand is None or self.relations[brand.index].blamed_day != self.model.day - 1:
            return
        if brand.draw("defend", self.key) < rule.defends:
            self.start(brand, DEFENCE, 0, 1, rule.defence_arousal, self.relations[brand.index].expectation)

    def opinion(self, brand: BrandAgent, stream: str, *own: int) -> int:
        """The sign of what she says when no fresh experience speaks."""
        rule, relation = self.model.scenario.word_of_mouth, self.relations[brand.index]
        lean = rule.valence_base + rule.valence_trust * (relation.trust - 0.5) + rule.valence_satisfaction * relation.satisfaction
        return 1 if brand.draw(stream, self.key, *own) < 1.0 / (1.0 + math.exp(-lean)) else -1

    def start(
        self, brand: BrandAgent, origin: int, k: int, valence: int, arousal: float, level: float | None, topic: Crisis | None = None
    ) -> None:
        if not self.relations[brand.index].mute:
            self.model.start_message(brand, self.key, self.index, origin, k, valence, arousal, level, [self], topic)

    # -- forget (section 7.11) -----------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Everything fades; trust drifts back to where it is anchored."""
        rule = self.model.scenario.forgetting
        for brand, relation in zip(self.model.brands, self.relations, strict=True):
            for name in ("awareness", "irritation", "knowledge", "satisfaction"):
                half = getattr(rule, name)
                if not math.isinf(half):
                    setattr(relation, name, stored(getattr(relation, name) * math.exp(-LN2 / half)))
            if not math.isinf(rule.trust):
                drift = (brand.anchor[self.segment_name] - relation.trust) * (1.0 - math.exp(-LN2 / rule.trust))
                relation.trust = stored(relation.trust + drift)
