"""A brand: its money, what it decides, how it advertises, writes, listens, answers."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import mesa

from simulator.world.state import Action, AdBuy, MarketView, Seen
from tests.reference.arithmetic import LN2, ONE, dose, fixed, fixed_mean, fold, moved, name_key, poisson, stored
from tests.reference.things import (
    ASKED,
    COMPLAINT,
    IDEA,
    NEGATIVE,
    NEVER,
    NONE,
    OPTED_IN,
    OPTED_OUT,
    OWNED,
    OWNED_REACH,
    PAID,
    PRAISE,
    QUESTION,
    REFUSED,
    TOUCH_CONVERSATION,
    Crisis,
    Item,
)  # fmt: skip

if TYPE_CHECKING:
    from tests.reference.market import ReferenceModel


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
        self.conduct, self.heard_values = list(table.conduct), [0] * len(table.conduct)
        self.anchor: dict[str, float] = {}  # segment -> the reputation that trust drifts to
        self.failed_by: Crisis | None = None  # what last set the failure
        self.crises: list[Crisis] = []
        self.announced: list[str] = []  # answers that are not yet paid for
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
    def running_crisis(self) -> Crisis | None:
        """The crisis whose bad service her customers get today."""
        return self.failed_by if self.failure > 0.0 else None

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
        """Section 7.2: money comes in, announced answers are given, the strategy turns a view into an action, rewards owed are paid."""
        model, run = self.model, self.model.scenario.run
        since = model.day + run.warm_up if model.day < 0 else model.day
        self.accrued = int(100.0 * self.table.budget_per_day * (since + 1) + 0.5)
        for event in self.campaigns:
            self.accrued += sum(self.bought_by(event).values()) * min(max(model.day - event.day, 0), event.days)
        self.announced = [answer for answer in self.announced if not self.keep_word(answer)]
        self.action = self.table.strategy.decide(self.view())
        assert self.action.cents() <= (0 if self.announced else self.purse), "overspending"
        if self.action.response != "silence":
            known = [crisis for crisis in self.known_crises() if crisis.answer == "silence"]
            self.respond(self.action.response, known, self.action.response_cents)
        self.promise = self.own_promise if self.action.promise is None else self.action.promise
        paid = min(self.reward_debt, self.action.reward_cents, self.purse)
        self.reward_debt -= paid
        self.spend("reward", paid / 100.0, paid)
        self.programme = self.action.reward > 0 and self.reward_debt == 0
        for event in self.campaigns:
            if event.day <= model.day < event.day + event.days:
                bought = self.bought_by(event)
                self.accrued += sum(bought.values())
                self.action = replace(self.action, ads=(*self.action.ads, *(AdBuy(name, cents) for name, cents in bought.items())))

    @property
    def campaigns(self) -> list[Any]:
        """Those of its own, in order of their days."""
        own = (event for event in self.model.scenario.events if event.kind == "campaign" and event.brand == self.name)
        return sorted(own, key=lambda event: event.day)

    def bought_by(self, campaign: Any) -> dict[str, int]:
        """Cents of a campaign's day, by channel."""
        cents = {name: int(100.0 * campaign.money_per_day * share + 0.5) for name, share in sorted(campaign.channels.items())}
        return {name: money for name, money in cents.items() if money > 0}

    def known_crises(self) -> list[Crisis]:
        """Those the brand has noticed by now."""
        return [crisis for crisis in self.crises if self.model.day >= crisis.day + self.model.scenario.crises.known_after]

    def keep_word(self, answer: str) -> bool:
        """Give an announced answer to all it concerns, if there is the money; whether the matter is settled."""
        concerned = [crisis for crisis in self.crises if crisis.answer != answer]
        return not concerned or self.respond(answer, concerned, self.purse)

    def respond(self, answer: str, crises: list[Crisis], cents: int) -> bool:
        """One answer to some crises: paid in full, or not given."""
        rule = self.model.scenario.crises
        repairs = answer == "apology" and self.running_crisis in crises
        bill = {
            "response": rule.statement_cost if answer != "silence" else 0.0,
            "compensation": rule.compensation_cost if answer == "compensation" else 0.0,
            "repair": rule.repair_cost if repairs else 0.0,
        }
        prices = {line: int(cost * 100.0 + 0.5) for line, cost in bill.items()}
        if not crises or sum(prices.values()) > min(cents, self.purse):
            return False
        for line, price in prices.items():
            self.spend(line, 1.0 if price else 0.0, price)
        for crisis in crises:
            crisis.answer, crisis.answered_day = answer, self.model.day
        if repairs:
            self.failing_until = min(self.failing_until, self.model.day + rule.repair_days)
        return True

    def view(self) -> MarketView:
        model, scenario = self.model, self.model.scenario
        channels = scenario.advertising.channels
        return MarketView(
            day=model.day, brand=self.name, purse_cents=0 if self.announced else self.purse,
            budget_cents=round(100.0 * self.table.budget_per_day),
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
            crises=tuple(
                (crisis.number, model.day - crisis.day - scenario.crises.known_after, crisis.answer) for crisis in self.known_crises()
            ),
            statement_cost=scenario.crises.statement_cost, compensation_cost=scenario.crises.compensation_cost,
            repair_cost=scenario.crises.repair_cost,
        )  # fmt: skip

    def advertise(self) -> None:
        """Section 7.3: money becomes impressions, impressions become exposures."""
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
        """Section 7.4: replies, invitations, newsletters."""
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
        """Section 7.9: what is said in public and paid for is heard, some of it, later."""
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
        """Section 7.9: first come first served within a class; the rest waits, or goes away angry."""
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
            open_minded = relation.trust >= rule.hater_below
            up[i] += dose(rule.gain * m) if open_minded else 0
            learnt[i] += dose(rule.learning * m)
            if item.kind == COMPLAINT:
                if open_minded and relation.trust < 1.0:
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
            for axis, value in enumerate(consumer.values[: len(self.conduct)]):
                self.heard_values[axis] += fixed(value)
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
            for axis in range(len(self.conduct)):
                self.conduct[axis] += step * (self.heard_values[axis] / ONE / people - self.conduct[axis])
            self.look_at_fit()

    def gather(self) -> None:
        """Section 7.9: the propose-and-vote platform lives on its own activity."""
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

    def weigh(self) -> None:
        """Reputation: what was said in public today counts by whom it could reach."""
        rule, n = self.model.scenario.reputation, len(self.model.consumers)
        said = [(message, len(teller.hearers)) for message, teller in self.model.mentions if message.brand == self.index]
        praise = sum(audience for message, audience in said if message.valence > 0)
        blame = sum(audience for message, audience in said if message.valence < 0)
        up, down = -math.expm1(-(rule.build * praise / n)), -math.expm1(-(rule.loss * blame / n))
        for segment, anchor in self.anchor.items():
            self.anchor[segment] = stored(anchor + up * (1.0 - anchor) - down * anchor)

    def resonance(self) -> float:
        """Cosine between what the brand does and what those value whom others hear."""
        if not self.conduct:
            return math.nan
        valued = [math.fsum(len(c.hearers) * c.values[axis] for c in self.model.consumers) for axis in range(len(self.conduct))]
        lengths = math.hypot(*self.conduct) * math.hypot(*valued)
        return sum(map(math.prod, zip(self.conduct, valued, strict=True))) / lengths if lengths > 0.0 else math.nan

    def forget(self) -> None:
        half = self.model.scenario.forgetting.insight
        if not math.isinf(half):
            self.insight *= math.exp(-LN2 / half)
