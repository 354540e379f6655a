"""The whole day a second time, as most Mesa users would write it: plain Python, one agent a consumer.

Written from docs/model.md alone. It shares no code with the rules: only the world it is put into (graph, traits,
scenario), the strategies, which are not rules, and the numbers that define chance. Names follow the page.
"""

from __future__ import annotations

import functools
import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import mesa
import numpy as np

from simulator.engine import chance
from simulator.world.state import Action, MarketView, Seen

fold, uniform = chance.fold.python, chance.uniform.python
poisson, gumbel, integer = chance.poisson.python, chance.gumbel.python, chance.integer.python
normal_quantile = chance.normal_quantile.python
name_key = functools.cache(chance.name_key)

LN2 = math.log(2.0)
ONE = 2.0**32
NONE, ASKED, OPTED_IN, REFUSED, OPTED_OUT = range(5)
PAID, OWNED_REACH, EARNED = 1, 2, 4
TOUCH_AD, TOUCH_PURCHASE, TOUCH_CONVERSATION = 1, 2, 4
AD, OWNED, TOLD, SEEN, SPONTANEOUS = range(5)
COMPLAINT, NEGATIVE, QUESTION, IDEA, PRAISE = range(5)
EXPERIENCE, STANDING, HEARSAY, ANNOYANCE, STAGED, SCANDAL = range(6)
STRONG, WEAK, FOLLOW = range(3)
LAYERS = ("strong", "weak", "follow")
NEVER = -32768


# -- arithmetic (section 0) ----------------------------------------------------------------------------------------


def stored(x: float) -> float:
    """x as the state keeps it: rounded to float32."""
    return float(np.float32(x))


def dose(x: float) -> int:
    """-log(1 - x) in whole numbers of 2^-32, at most 64."""
    if x <= 0.0:
        return 0
    return 64 << 32 if x >= 1.0 else min(64 << 32, int(-math.log1p(-x) * ONE + 0.5))


def share(doses: int) -> float:
    """What a sum of doses moves: 1 - exp(-sum)."""
    return -math.expm1(-doses / ONE)


def moved(v: float, up: int, down: int) -> float:
    """v after the doses up and down."""
    return min(1.0, max(0.0, v + share(up) * (1.0 - v) - share(down) * v))


def drawn(v: float, pulls: list[tuple[int, float]]) -> float:
    """v after (dose, target) pulls."""
    doses = sum(w for w, _ in pulls)
    if doses == 0:
        return v
    return v + share(doses) * (sum(int(w * target + 0.5) for w, target in pulls) / doses - v)


def fixed(x: float) -> int:
    """x as a whole number of 2^-32, so that a sum has no order."""
    return round(x * ONE)


def fixed_mean(values: list[float]) -> float:
    """The mean of float32 values, by a sum that has no order."""
    return sum(fixed(v) for v in values) / (ONE * max(1, len(values)))


class AddressedDice:
    """Every draw has an address: (seed, stream, parts ...)."""

    def __init__(self, seed: int) -> None:
        self.at = functools.lru_cache(65536)(lambda stream, common: int(chance.address(seed, stream, *common)))

    def draw(self, stream: str, common: tuple[int, ...], *own: int) -> float:
        """The uniform [stream, common; own]."""
        place = self.at(stream, common)
        for part in own:
            place = fold(place, part)
        return uniform(place)

    def mark(self, name: str, *parts: int) -> int:
        """A 64-bit word that depends on the parts alone: keys of messages, the order of rivals for a hearer's ear."""
        place = name_key(name)
        for part in parts:
            place = fold(place, part)
        return place


class PlainDice:
    """One stream of random numbers, as usual: what a model without addresses would pay for its chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def draw(self, stream: str, common: tuple[int, ...], *own: int) -> float:
        """The next number."""
        return self.random.random()

    def mark(self, name: str, *parts: int) -> int:
        """The next 64 bits."""
        return self.random.getrandbits(64)


# -- what there is ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Relation:
    """What one consumer holds of one brand, and the brand of her."""

    fit: float = 0.0
    awareness: float = 0.0
    trust: float = 0.5
    expectation: float = 0.5
    irritation: float = 0.0
    knowledge: float = 0.0
    loyalty: float = 0.0
    satisfaction: float = 0.0
    anchor: float = 0.5
    purchases: int = 0
    consent: int = NONE
    blocked: bool = False
    invited_day: int = NEVER
    invitations: int = 0
    touched: int = 0
    reached: int = 0
    praised_day: int = NEVER
    influence: int = SPONTANEOUS
    teller: int = -1

    def told_by(self, influence: int, teller: int = -1) -> None:
        """Remember what last told her of the brand."""
        self.influence, self.teller = influence, teller


@dataclass(slots=True)
class Message:
    """One piece of word of mouth, and who knows it."""

    key: int
    day: int
    brand: int
    valence: int
    arousal: float
    level: float | None
    origin: int
    author: int
    heard: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Entry:
    """One consumer who knows a message and still tells it on days first..last after hearing."""

    message: Message
    teller: ConsumerAgent
    day: int
    author: bool
    first: int
    last: int


@dataclass(slots=True)
class Purchase:
    """One purchase of today; `level`, `surprise` and `trust_lost` come with the experience."""

    brand: BrandAgent
    occasion: int
    level: float = math.nan
    surprise: float = math.nan
    trust_lost: float = 0.0


@dataclass(slots=True, order=True)
class Item:
    """Something that waits for a brand's answer."""

    kind: int
    day: int
    key: int
    consumer: ConsumerAgent = field(compare=False)
    amount: float = field(compare=False, default=0.0)


class BrandAgent(mesa.Agent):
    """A brand: what it offers, what it decides, what it owns and owes."""

    def __init__(self, model: ReferenceModel, index: int, table: Any) -> None:
        super().__init__(model)
        self.index, self.name, self.table, self.key = index, table.name, table, name_key(table.name)
        self.quality, self.own_promise, self.promise = table.quality, table.promise, table.promise
        self.price = model.scenario.market.price if table.price is None else table.price
        self.position = [float(x) for x in table.position]
        self.service = self.failure = self.insight = self.activity = 0.0
        self.stocked_from = self.failing_until = NEVER
        self.mean_fit = self.mean_irrelevance = 0.0
        self.accrued = self.spent = self.spent_today = self.reward_debt = 0
        self.heard_needs, self.heard_people = [0, 0], 0
        self.heard_positive = self.heard_negative = 0
        self.public_positive = self.public_mentions = 0
        self.programme = False
        self.action = Action()
        self.queue: list[Item] = []
        self.history: list[Seen] = []

    @property
    def in_stock(self) -> bool:
        return self.model.day >= self.stocked_from

    @property
    def rating(self) -> float:
        prior = self.model.scenario.purchase.rating_prior
        return (prior * 0.5 + self.public_positive) / (prior + self.public_mentions)

    def draw(self, stream: str, *own: int, extra: tuple[int, ...] = ()) -> float:
        """[stream, day, B, extra; own]."""
        return self.model.dice.draw(stream, (self.model.day, self.key, *extra), *own)

    def look_at_fit(self) -> None:
        """Fit of every consumer with the brand where it stands now, and the mean."""
        s = self.model.scenario.purchase.taste_width
        fits = []
        for consumer in self.model.consumers:
            dx, dy = consumer.needs[0] - self.position[0], consumer.needs[1] - self.position[1]
            relation = consumer.relations[self.index]
            relation.fit = stored(math.exp(-(dx * dx + dy * dy) / (2.0 * s * s)))
            fits.append(relation.fit)
        self.mean_fit = fixed_mean(fits)

    # money

    @property
    def purse(self) -> int:
        return self.accrued - self.spent

    def spend(self, line: str, quantity: float, cents: int) -> None:
        assert 0 <= cents <= self.purse, "overspending"
        if cents or quantity:
            self.spent += cents
            self.spent_today += cents
            self.model.spending.append((self.model.day, self.name, line, quantity, cents))

    def affordable(self, cents: int, unit_cost: float) -> int:
        unit = unit_cost * self.model.scale * 100.0
        return int(min(cents, self.purse) / unit + 1e-9) if unit > 0 else 1 << 62

    def pay(self, line: str, people: int, unit_cost: float) -> None:
        cents = int(people * unit_cost * self.model.scale * 100.0 + 0.5)
        self.spend(line, people * self.model.scale, min(cents, self.purse))

    def runs(self, line: str, cost: float, cents: int) -> bool:
        """Pay a flat cost of the day in full, or not at all."""
        price = int(cost * 100.0 + 0.5)
        if cents < price or self.purse < price:
            return False
        self.spend(line, 1.0, price)
        return True

    # the brand's day

    def decide(self) -> None:
        """Section 2: money comes in, the strategy turns a view into an action, rewards owed are paid."""
        model, run = self.model, self.model.scenario.run
        since = model.day + run.warm_up if model.day < 0 else model.day
        self.accrued = int(100.0 * self.table.budget_per_day * (since + 1) + 0.5)
        self.action = self.table.strategy.decide(self.view())
        assert self.action.cents() <= self.purse, "overspending"
        self.promise = self.own_promise if self.action.promise is None else self.action.promise
        paid = min(self.reward_debt, self.action.reward_cents, self.purse)
        self.reward_debt -= paid
        self.spend("reward", paid / 100.0, paid)
        self.programme = self.action.reward > 0 and self.reward_debt == 0

    def view(self) -> MarketView:
        model, scenario = self.model, self.model.scenario
        channels = scenario.advertising.channels
        return MarketView(
            day=model.day, brand=self.name, purse_cents=self.purse, budget_cents=round(100.0 * self.table.budget_per_day),
            scale=model.scale, represents=model.represents, price=self.price, quality=self.quality, promise=self.own_promise,
            position=(self.position[0], self.position[1]),
            list_size=sum(c.relations[self.index].consent == OPTED_IN for c in model.consumers) * model.scale,
            reward_debt_cents=self.reward_debt, heard_positive=self.heard_positive, heard_negative=self.heard_negative,
            waiting=len(self.queue), cpm={name: channel.cpm for name, channel in channels.items()},
            requires_consent={name: channel.requires_consent for name, channel in channels.items()},
            cost_per_send=scenario.permission.cost_per_send,
            cost_per_conversation=scenario.conversation.cost_per_conversation,
            rivals=tuple((b.name, b.price, b.own_promise) for b in sorted(model.brands, key=lambda b: b.name) if b is not self),
            history=tuple(self.history),
            listening_cost=scenario.conversation.listening_cost, fix_cost=scenario.conversation.fix_cost,
            platform_cost=scenario.co_creation.platform_cost,
            segments={segment.name: segment.share for segment in scenario.population.segments},
        )  # fmt: skip

    def advertise(self) -> None:
        """Section 3: money becomes impressions, impressions become exposures."""
        model = self.model
        rates: dict[str, dict[str, float]] = {}  # channel -> segment -> mean exposures at media weight 1
        for buy in sorted(self.action.ads, key=lambda buy: buy.channel):
            impressions = 1000.0 * (buy.cents / 100.0) / model.scenario.advertising.channels[buy.channel].cpm
            self.spend(f"ads:{buy.channel}", impressions, buy.cents)
            model.count("impressions", self, impressions)
            rate = impressions / model.represents
            if buy.segments:
                aimed_at = sum(consumer.segment_name in buy.segments for consumer in model.consumers)
                rate = rate / (aimed_at / len(model.consumers)) if aimed_at else 0.0
            plan = rates.setdefault(buy.channel, defaultdict(float))
            for name in buy.segments or model.segments:
                plan[name] += rate
        for channel, plan in sorted(rates.items()):
            for consumer in model.consumers:
                relation, rate = consumer.relations[self.index], plan[consumer.segment_name]
                if relation.blocked or not rate:
                    continue
                u = self.draw("advertise", consumer.key, extra=(name_key(channel),))
                got = min(65535, poisson(consumer.media_weight * rate, u))
                if got:
                    consumer.contacts.append((self, channel, got))
                    relation.reached |= PAID
                    model.count("delivered", self, got)

    def write(self) -> None:
        """Section 4: replies, invitations, newsletters."""
        self.hear_replies()
        if self.action.invite:
            self.invite()
        for consumer in self.model.consumers:
            consumer.relations[self.index].touched = 0
        if self.action.sends_per_week > 0:
            self.send()

    def hear_replies(self) -> None:
        permission = self.model.scenario.permission
        for consumer in self.model.consumers:
            relation = consumer.relations[self.index]
            if relation.consent == ASKED:
                relevance = consumer.relevance(self)
                p = permission.acceptance * relation.trust * relevance * (1.0 - consumer.privacy_concern) * consumer.freshness(self)
                accepts = self.draw("accept", consumer.key) < p
                relation.consent = OPTED_IN if accepts else REFUSED
                self.model.count("opt_ins", self, accepts)

    def invite(self) -> None:
        permission, day, respectful = self.model.scenario.permission, self.model.day, self.action.respect_refusal
        candidates = []
        for consumer in self.model.consumers:
            relation = consumer.relations[self.index]
            recently = relation.invited_day != NEVER and day - relation.invited_day < permission.recontact_after
            open_to = (NONE, REFUSED) if respectful else (NONE, REFUSED, OPTED_OUT)
            if not relation.touched or relation.blocked or relation.consent not in open_to:
                continue
            if respectful and (recently or relation.invitations >= permission.max_invitations):
                continue
            candidates.append((consumer, recently))
        number = self.affordable(self.action.invite_cents, permission.cost_per_invitation)
        if len(candidates) > number:
            candidates.sort(key=lambda c: (self.draw("invite", c[0].key), c[0].key))
            candidates = candidates[:number]
        for consumer, recently in candidates:
            relation = consumer.relations[self.index]
            harm = permission.invitation_intrusiveness * (1.0 - consumer.tolerance(self)) * (2.0 if recently else 1.0)
            relation.irritation = stored(relation.irritation + harm)
            relation.consent, relation.invited_day = ASKED, day
            relation.invitations = min(255, relation.invitations + 1)
        self.model.count("invitations", self, len(candidates))
        self.pay("invitations", len(candidates), permission.cost_per_invitation)

    def send(self) -> None:
        permission, day = self.model.scenario.permission, self.model.day
        w = min(7.0, self.action.sends_per_week)
        due = []
        for consumer in self.model.consumers:
            relation = consumer.relations[self.index]
            if relation.consent != OPTED_IN or relation.blocked:
                continue
            v = self.model.dice.draw("stagger", (self.key,), consumer.key)
            if math.floor((w / 7.0) * (day + 1) + v) <= math.floor((w / 7.0) * day + v):
                continue
            wish = 2.0 * self.model.dice.draw("desire", (day // 7, self.key), consumer.key) - 1.0
            desire = min(1.0, max(0.0, relation.fit + permission.desire_spread * wish))
            if self.action.only_wanted > 0 and desire < self.action.only_wanted:
                continue
            due.append((consumer, desire))
        number = self.affordable(self.action.send_cents, permission.cost_per_send)
        if len(due) > number:
            due.sort(key=lambda d: (self.draw("send", d[0].key), d[0].key))
            due = due[:number]
        for consumer, desire in due:
            relation, relevance = consumer.relations[self.index], consumer.relevance(self)
            opening = min(1.0, max(0.0, permission.open_rate * relevance * (1.0 + (desire - relation.fit))))
            consumer.mail[self.index] = (opening, desire)
            u0 = permission.opt_out_per_send / self.mean_irrelevance
            h = u0 * math.exp(permission.overmailing * max(0.0, w - permission.free_frequency)) * (1.0 - relevance)
            if self.draw("opt_out", consumer.key) < -math.expm1(-h):
                relation.consent = OPTED_OUT
                self.model.count("opt_outs", self, 1)
            self.model.count("wanted", self, desire >= permission.wanted_above)
        self.model.count("sends", self, len(due))
        self.pay("sends", len(due), permission.cost_per_send)

    def listen(self) -> None:
        """Section 9: what is said in public and paid for is heard, some of it, later."""
        model, rule = self.model, self.model.scenario.conversation
        detected = 0
        listening = self.action.listening
        if not (listening > 0 and self.runs("listening", rule.listening_cost, self.action.listening_cents)):
            listening = 0.0
        for message, teller in model.mentions:
            if message.brand != self.index:
                continue
            self.public_mentions += 1
            self.public_positive += message.valence > 0
            if listening and model.dice.draw("detect", (model.day,), message.key, teller.key) < listening:
                customer = teller.relations[self.index].purchases > 0
                kind = NEGATIVE if message.valence < 0 else PRAISE if customer else QUESTION
                self.queue.append(Item(kind, model.day + rule.delay, fold(message.key, teller.key), teller))
                self.heard_positive += message.valence > 0
                self.heard_negative += message.valence < 0
                model.count(f"detected_{'positive' if message.valence > 0 else 'negative'}", self, 1)
                detected += 1
        self.learn(detected)
        for consumer in model.consumers:
            for bought in consumer.bought:
                if bought.brand is not self or not bought.surprise < 0.0:
                    continue
                if self.draw("complain", consumer.key, bought.occasion) < rule.complain * -bought.surprise:
                    key = fold(fold(consumer.key, model.day), bought.occasion)
                    self.queue.append(Item(COMPLAINT, model.day, key, consumer, bought.trust_lost))
                    model.count("complaints", self, 1)

    def learn(self, things: int) -> None:
        rule, n = self.model.scenario.conversation, len(self.model.consumers)
        self.insight += (1.0 - self.insight) * -math.expm1(-rule.insight_rate * things / n)

    def converse(self) -> None:
        """Section 9: first come first served within a class; the rest waits, or goes away angry."""
        model, rule, action = self.model, self.model.scenario.conversation, self.action
        arrived = sorted(item for item in self.queue if item.day <= model.day)
        unit = rule.cost_per_conversation * action.effort
        capacity = self.affordable(action.conversation_cents, unit) if action.effort > 0 else 0
        answered, waiting = arrived[:capacity], arrived[capacity:]
        dropped = [item for item in waiting if model.day - item.day > rule.patience]
        self.queue = [item for item in self.queue if item.day > model.day] + [i for i in waiting if model.day - i.day <= rule.patience]
        up: dict[int, int] = defaultdict(int)
        down: dict[int, int] = defaultdict(int)
        learnt: dict[int, int] = defaultdict(int)
        soothed: set[int] = set()
        for item in answered:
            consumer, i = item.consumer, item.consumer.index
            relation = consumer.relations[self.index]
            m = min(action.effort, consumer.engagement)
            up[i] += dose(rule.gain * m)
            learnt[i] += dose(rule.learning * m)
            if item.kind == COMPLAINT:
                if relation.trust < 1.0:
                    up[i] += dose(min(1.0, rule.recovery * m * item.amount / (1.0 - relation.trust)))
                if relation.satisfaction < rule.recovery_level and i not in soothed:
                    soothed.add(i)
                    mended = relation.satisfaction + rule.recovery * m * (rule.recovery_level - relation.satisfaction)
                    relation.satisfaction = stored(mended)
            relation.reached |= OWNED_REACH
            relation.touched |= TOUCH_CONVERSATION
            relation.told_by(OWNED)
            self.heard_people += 1
            for axis in (0, 1):
                self.heard_needs[axis] += fixed(consumer.needs[axis])
        for item in dropped:
            if item.kind == COMPLAINT:
                down[item.consumer.index] += dose(rule.unanswered)
        for i in up.keys() | down.keys():
            relation = model.consumers[i].relations[self.index]
            relation.trust = stored(moved(relation.trust, up[i], down[i]))
            relation.knowledge = stored(moved(relation.knowledge, learnt[i], 0))
        model.count("conversations", self, len(answered))
        model.count("unanswered", self, sum(item.kind == COMPLAINT for item in dropped))
        self.pay("conversations", len(answered), unit)
        self.learn(len(answered))
        self.mend()

    def mend(self) -> None:
        """Fix the service and move towards the participants, as far as they are understood."""
        rule, action = self.model.scenario.conversation, self.action
        if action.fix > 0 and self.runs("fix", rule.fix_cost, action.fix_cents):
            self.service += action.fix * self.insight * (rule.service_ceiling - self.service)
        if action.integrate > 0 and self.heard_people > 0:
            people = self.heard_people
            step = action.integrate * self.insight * (people / (people + rule.file_half))
            for axis in (0, 1):
                self.position[axis] += step * (self.heard_needs[axis] / ONE / people - self.position[axis])
            self.look_at_fit()

    def gather(self) -> None:
        """Section 9: the propose-and-vote platform lives on its own activity."""
        model, rule = self.model, self.model.scenario.co_creation
        if not (self.action.platform and self.runs("platform", rule.platform_cost, self.action.platform_cents)):
            return
        a = self.activity if self.activity > 0.0 else rule.seed_activity
        contributions = 0
        for consumer in model.consumers:
            pull = a * a / (a * a + rule.half_activity * rule.half_activity)
            if self.draw("contribute", consumer.key) < -math.expm1(-(rule.contribution * consumer.engagement * pull)):
                contributions += 1
                self.queue.append(Item(IDEA, model.day, fold(consumer.key, model.day), consumer))
                relation = consumer.relations[self.index]
                relation.trust = stored(moved(relation.trust, dose(rule.ownership), 0))
        self.activity = (1.0 - rule.fading) * a + contributions / len(model.consumers)
        model.count("contributions", self, contributions)

    def forget(self) -> None:
        half = self.model.scenario.forgetting.insight
        if not math.isinf(half):
            self.insight *= math.exp(-LN2 / half)


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
        self.relations = [Relation() for _ in model.scenario.brands]
        self.hearers: list[tuple[int, ConsumerAgent, int]] = []  # layer, hearer, tie weight
        self.tellers: list[tuple[int, ConsumerAgent]] = []  # layer, teller
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

    # -- write: noticing (section 4) ---------------------------------------------------------------------------------

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

    # -- buy (section 5) ---------------------------------------------------------------------------------------------

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
                social = q if self.proof[brand.index] >= self.threshold() else 0.0
            h = relation.fit**rule.fit_exponent * (relation.trust / 0.5) ** rule.trust_exponent * max(0.0, p * drive + social)
            if h > 0.0:
                u = brand.draw("adopt", self.key)
                risks.append((0.0 if math.isinf(h) else -math.log(u) / h, u, brand))
        if risks:
            time, _, brand = min(risks, key=lambda risk: risk[:2])
            if time < 1.0:
                self.bought = [Purchase(brand, 0)]
                self.relations[brand.index].loyalty = 1.0

    def threshold(self) -> float:
        asked = self.model.scenario.purchase.threshold
        if isinstance(asked, int):
            return asked
        if isinstance(asked, (list, tuple)):
            return asked[self.number]
        part = asked["share"] if isinstance(asked, dict) else asked.share
        return max(1, math.ceil(part * self.proof_total - 1e-9)) if self.proof_total else math.inf

    # -- experience (section 6) --------------------------------------------------------------------------------------

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

    # -- speak (section 7) -------------------------------------------------------------------------------------------

    def speak(self) -> None:
        """What she has to say today: of what she bought, of what she has or has heard of, of what annoys her."""
        rule, point = self.model.scenario.word_of_mouth, self.model.scenario.advertising.tolerance_point
        for bought in self.bought:
            brand, s, k = bought.brand, bought.surprise, bought.occasion
            rate = self.voice * (rule.base_rate + rule.a_plus * max(0.0, s) + rule.a_minus * max(0.0, -s))
            if brand.draw("speak", self.key, k) < -math.expm1(-rate):
                valence = (s > 0.0) - (s < 0.0) or self.opinion(brand, "valence.speak", k)
                self.start(brand, EXPERIENCE, k, valence, min(1.0, abs(s)), bought.level)
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

    def opinion(self, brand: BrandAgent, stream: str, *own: int) -> int:
        """The sign of what she says when no fresh experience speaks."""
        rule, relation = self.model.scenario.word_of_mouth, self.relations[brand.index]
        lean = rule.valence_base + rule.valence_trust * (relation.trust - 0.5) + rule.valence_satisfaction * relation.satisfaction
        return 1 if brand.draw(stream, self.key, *own) < 1.0 / (1.0 + math.exp(-lean)) else -1

    def start(self, brand: BrandAgent, origin: int, k: int, valence: int, arousal: float, level: float | None) -> None:
        self.model.start_message(brand, self.key, self.index, origin, k, valence, arousal, level, [self])

    # -- forget (section 11) -----------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Everything fades; trust drifts back to where it is anchored."""
        rule = self.model.scenario.forgetting
        for relation in self.relations:
            for name in ("awareness", "irritation", "knowledge", "satisfaction"):
                half = getattr(rule, name)
                if not math.isinf(half):
                    setattr(relation, name, stored(getattr(relation, name) * math.exp(-LN2 / half)))
            if not math.isinf(rule.trust):
                drift = (relation.anchor - relation.trust) * (1.0 - math.exp(-LN2 / rule.trust))
                relation.trust = stored(relation.trust + drift)


class ReferenceModel(mesa.Model):
    """The market; `step` is one day."""

    def __init__(self, scenario: Any, graph: Any, consumers: Any, seed: int = 1, dice: Any = None) -> None:
        super().__init__(rng=seed)
        self.scenario, self.dice = scenario, dice or AddressedDice(seed)
        self.durable = scenario.market.kind == "durable"
        self.represents = float(scenario.population.represents or consumers.n)
        self.scale = self.represents / consumers.n
        weights = scenario.purchase.tie_weights
        weights = weights if isinstance(weights, dict) else weights.model_dump()
        self.proof_weights = [round(1024 * weights[layer]) for layer in LAYERS]
        self.day = -scenario.run.warm_up
        self.active: list[Entry] = []
        self.mentions: list[tuple[Message, ConsumerAgent]] = []
        self.messages: list[Message] = []
        self.counts: dict[tuple[str, str], float] = defaultdict(float)
        self.spending: list[tuple[int, str, str, float, int]] = []
        self.adoptions: list[tuple[int, int, str, int, int]] = []
        self.tellings: list[tuple[int, int, int, int, int, int]] = []  # message key, day, teller, hearer, layer, online
        self.daily: list[dict[str, Any]] = []
        self.brands = [BrandAgent(self, b, table) for b, table in enumerate(scenario.brands)]
        self.brands_by_key = sorted(self.brands, key=lambda brand: brand.key)
        self.consumers = [ConsumerAgent(self, i, consumers) for i in range(consumers.n)]
        self.complete, self.segments = graph.complete, consumers.segment_names
        self.tie(graph)
        self.open_market()

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

    def spread(self) -> None:
        """Section 8: tellers tell; of several the one with the smallest mark is credited; then hearers change."""
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
        if entry.author and self.day == entry.day:
            return True
        trust, age = teller.relations[message.brand].trust, self.day - message.day
        agree = 1.0 - rule.agreement * (1.0 - trust) if message.valence > 0 else 1.0 - rule.agreement * trust
        fade = 1.0 if math.isinf(rule.interest_half_life) else math.exp(-LN2 * age / rule.interest_half_life)
        heat = rule.negative_share if message.valence < 0 else 1.0
        p = rule.share * (1.0 + message.arousal) * heat * agree * fade
        p = min(1.0, rule.author_boost * p if entry.author else p)
        return self.dice.draw("tell", (), message.key, teller.key, self.day, 0) < p

    def reach(self, entry: Entry) -> tuple[list[tuple[int, ConsumerAgent]], int]:
        """Who hears it from this teller today, and whether it is told online."""
        rule, message, teller = self.scenario.word_of_mouth, entry.message, entry.teller
        hot = rule.online + (1.0 - rule.online) * rule.hot * (message.arousal * message.arousal)
        if self.dice.draw("tell", (), message.key, teller.key, self.day, 1) < hot:
            k = self.day - entry.day
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
            for _, message, _, _, layer, _ in heard:
                c = credibility[LAYERS[layer]]
                x = c * (1.0 + message.arousal) / 2.0 * rule.strength
                recalled += dose(rule.recall * c)
                if message.valence > 0:
                    up += dose(x)
                else:
                    loyal = rule.defence * relation.loyalty * max(0.0, 2.0 * relation.trust - 1.0)
                    down += dose(min(1.0, rule.negativity * x) * (1.0 - loyal))
                if message.level is not None:
                    pulls.append((dose(rule.carry * x), message.level))
            relation.awareness = stored(moved(relation.awareness, recalled, 0))
            relation.trust = stored(moved(relation.trust, up, down))
            relation.expectation = stored(drawn(relation.expectation, pulls))
            relation.reached |= EARNED
            relation.told_by(TOLD, min(heard, key=lambda telling: telling[0])[2].index)

    def listen(self) -> None:
        for brand in self.brands:
            brand.listen()

    def converse(self) -> None:
        for brand in self.brands:
            brand.converse()
        for brand in self.brands:
            brand.gather()

    def forget(self) -> None:
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

    # -- messages ----------------------------------------------------------------------------------------------------

    def start_message(
        self, brand: BrandAgent, author_key: int, author: int, origin: int, k: int, valence: int, arousal: float,
        level: float | None, tellers: list[ConsumerAgent],
    ) -> None:  # fmt: skip
        """A message comes into the world with its first tellers."""
        key = self.dice.mark("message", author_key, brand.key, self.day, 1024 * origin + k)
        message = Message(key, self.day, brand.index, valence, arousal, level, origin, author)
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

    # -- events (section 10) -----------------------------------------------------------------------------------------

    def happen(self) -> None:
        """What the scenario has in store for today."""
        for brand in self.brands:
            if self.day >= brand.failing_until:
                brand.failure = 0.0
        occurrence: dict[tuple[str, str], int] = defaultdict(int)
        for event in self.scenario.events:
            if event.day != self.day:
                continue
            brand = next(b for b in self.brands if b.name == event.brand)
            key = fold(fold(fold(name_key(event.kind), brand.key), self.day), occurrence[event.brand, event.kind])
            occurrence[event.brand, event.kind] += 1
            if event.kind == "scandal":
                tellers = self.selection(event.tellers, key)
                self.start_message(brand, key, -1, SCANDAL, 0, -1, event.severity, None, tellers)
            elif event.kind == "staged_messages":
                tellers = self.selection(event.consumers, key)
                for copy in range(event.count):
                    self.start_message(brand, key, -1, STAGED, copy, event.valence, event.arousal, event.level, tellers)
            elif event.kind == "service_failure":
                brand.failure, brand.failing_until = event.severity, self.day + event.days
            elif event.kind == "stock_out":
                brand.stocked_from = max(brand.stocked_from, self.day + event.days)
            elif event.kind == "launch":
                for consumer in self.selection(event.consumers, key):
                    self.launch(consumer, brand)

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

    # -- before the first day (section 1) ------------------------------------------------------------------------------

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

    def asked(self, brand: BrandAgent, name: str, segment: str) -> float:
        value = getattr(brand.table.start, name)
        return float(value.get(segment, 0.0) if isinstance(value, dict) else value)

    def lay(self, brand: BrandAgent, group: list[ConsumerAgent], segment: str) -> None:
        """The start values of one brand in one segment."""
        asked = functools.partial(self.asked, brand, segment=segment)
        relations = [consumer.relations[brand.index] for consumer in group]
        reputation = stored(asked("reputation"))
        free = [not (self.durable and any(r.purchases for r in consumer.relations)) for consumer in group]
        fits = [relation.fit for relation in relations]
        chances = proportional(fits, asked("penetration"), free=free)
        for consumer, relation, p in zip(group, relations, chances, strict=True):
            relation.trust = relation.expectation = relation.anchor = reputation
            relation.knowledge = stored(asked("knowledge"))
            relation.purchases = int(self.dice.draw("start.customer", (brand.key,), consumer.key) < p)
        use = self.scenario.experience.use
        kept = [use if relation.purchases else 0.0 for relation in relations]
        for relation, a0, k in zip(relations, proportional(fits, asked("awareness"), kept), kept, strict=True):
            relation.awareness = stored(a0 + k * (1.0 - a0))
        for consumer, relation, p in zip(group, relations, proportional(fits, asked("opt_in")), strict=True):
            if self.dice.draw("start.opt_in", (brand.key,), consumer.key) < p:
                relation.consent = OPTED_IN

    # -- for comparison ----------------------------------------------------------------------------------------------

    def column(self, name: str) -> np.ndarray:
        """[n, B]: one quantity of all relations."""
        return np.array([[getattr(relation, name) for relation in consumer.relations] for consumer in self.consumers])


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
