"""Every mechanism that can be switched off, and the words of the reference that are the mechanism.

A mechanism is a parameter that declares an off-value. `MECHANISMS` says which words of which method of the reference
(tests/reference) speak of it and what is left of them when it is struck out; nothing else in the reference may read
the parameter. `settings` are changes of the busy market in which the mechanism has something to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from simulator.parameters import has_off, off_value
from simulator.scenario.schema import Scenario
from tests.reference.brand import BrandAgent
from tests.reference.consumer import ConsumerAgent
from tests.reference.market import ReferenceModel


class Cut(NamedTuple):
    """Words to be struck out of a method; they stand there exactly once."""

    owner: type
    method: str
    words: str
    left: str = ""


class Mechanism(NamedTuple):
    """What has to be struck out, and where the mechanism shows."""

    cuts: tuple[Cut, ...]
    settings: dict[str, Any]


def struck(owner: type, method: str, *pairs: tuple[str, str], **settings: Any) -> Mechanism:
    """A mechanism of one method; settings as dotted keys with __ for the dot."""
    return Mechanism(
        tuple(Cut(owner, method, words, left) for words, left in pairs), {key.replace("__", "."): x for key, x in settings.items()}
    )


def consumer(method: str, *pairs: tuple[str, str], **settings: Any) -> Mechanism:
    """... of what consumers do."""
    return struck(ConsumerAgent, method, *pairs, **settings)


def brand(method: str, *pairs: tuple[str, str], **settings: Any) -> Mechanism:
    """... of what brands do."""
    return struck(BrandAgent, method, *pairs, **settings)


def market(method: str, *pairs: tuple[str, str], **settings: Any) -> Mechanism:
    """... of what goes around and what happens."""
    return struck(ReferenceModel, method, *pairs, **settings)


def cell(row: str, cluster: str) -> Mechanism:
    """One cell of the response matrix: for this answer in this cluster the answer changes no talk."""
    line = "rule, waited = self.scenario.crises, crisis.answered_day - crisis.day\n"
    said = row.removesuffix("_exposed").removesuffix("_late")
    when = {
        "denial": "crisis.exposed_day == NEVER", "denial_exposed": "crisis.exposed_day != NEVER",
        "compensation": "waited <= rule.late_after", "compensation_late": "waited > rule.late_after",
    }.get(row, "True")  # fmt: skip
    silent = f'    if crisis.answer == "{said}" and crisis.cluster == "{cluster}" and {when}:\n        return 1.0\n'
    event = {"kind": "scandal", "tellers": 40} if row != "denial_exposed" else {"kind": "service_failure", "days": 14}
    events = [
        event | {"brand": "Aurora", "severity": 0.9, "cluster": cluster, "day": 2},
        {"kind": "response", "brand": "Aurora", "answer": said, "day": 3},
    ]
    return market(
        "multiplier", (line, line + silent), events=events, crises__matrix={row: {cluster: 0.2}}, crises__exposure=1.0,
        crises__late_after=0 if row == "compensation_late" else 5, word_of_mouth__share=0.3,
    )  # fmt: skip


DURABLE = {"market__kind": "durable", "purchase__p": 0.1, "purchase__q": 0.5} | {
    f"brands__{name}__start__penetration": 0.05 for name in ("Aurora", "Boreal", "Cirrus")
}
HOPE = "rule.expectation_weight * (hope - 0.5) + "
OPENED = " + opened * dose(permission.recall * f)"
ADS = "sum(noticed * dose(channel.recall * f) for channel, noticed in seen)"
MAIL = " + (m * permission.intrusiveness) * (1.0 - self.tolerance(brand)) * (\n        1.0 + (relation.fit - desire)\n    )"

MECHANISMS: dict[str, Mechanism] = {
    # advertising and permission
    "advertising.attention": consumer("notice", ("min(1.0, self.model.scenario.advertising.attention / contacts)", "1.0")),
    "advertising.wear_out": consumer(
        "freshness", ("math.exp(-self.model.scenario.advertising.wear_out * self.relations[brand.index].irritation)", "1.0")
    ),
    "advertising.gain": consumer("take_in", ("dose(rule.gain * x * f)", "0")),
    "advertising.expectation_weight": consumer("take_in", ("(dose(rule.expectation_weight * x * trust), brand.promise)", "")),
    "advertising.reactance": consumer(
        "take_in", ("dose(-math.expm1(-(rule.reactance * max(0.0, irritation - rule.tolerance_point))))", "0")
    ),
    "advertising.block_hazard": consumer(
        "take_in",
        ("hazard = rule.block_hazard * math.expm1(min(irritation / rule.block_scale, 50.0))", ""),
        ('brand.draw("block", self.key) < -math.expm1(-hazard)', "False"),
        advertising__block_hazard=0.3,
    ),
    "advertising.channels.intrusiveness": consumer("take_in", ("intrusion += noticed * channel.intrusiveness", "pass")),
    "advertising.channels.recall": consumer("take_in", (ADS + OPENED, OPENED.removeprefix(" + "))),
    "permission.acceptance": brand("hear_replies", ('self.draw("accept", consumer.key) < p', "False"), (
        "p = permission.acceptance * relation.trust * relevance * (1.0 - consumer.privacy_concern) * consumer.freshness(self)", ""
    )),
    "permission.open_rate": brand(
        "send", ("min(1.0, max(0.0, permission.open_rate * relevance * (1.0 + (desire - relation.fit))))", "0.0")
    ),
    "permission.recall": consumer("take_in", (OPENED, "")),
    "permission.intrusiveness": consumer("take_in", (MAIL, "")),
    "permission.opt_out_per_send": brand(
        "send",
        ("u0 = permission.opt_out_per_send / self.mean_irrelevance", ""),
        ("h = u0 * math.exp(permission.overmailing * max(0.0, w - permission.free_frequency)) * (1.0 - relevance)", ""),
        ('self.draw("opt_out", consumer.key) < -math.expm1(-h)', "False"),
        permission__opt_out_per_send=0.1,
    ),
    "permission.overmailing": brand(
        "send", (" * math.exp(permission.overmailing * max(0.0, w - permission.free_frequency))", ""),
        permission__opt_out_per_send=0.1, permission__overmailing=2.0,
    ),
    "permission.desire_spread": brand("send", ("min(1.0, max(0.0, relation.fit + permission.desire_spread * wish))", "relation.fit")),
    "permission.invitation_intrusiveness": brand(
        "invite",
        ("harm = permission.invitation_intrusiveness * (1.0 - consumer.tolerance(self)) * (2.0 if recently else 1.0)", ""),
        ("stored(relation.irritation + harm)", "relation.irritation"),
    ),
    "permission.learning": consumer("experience", ("dose(self.model.scenario.permission.learning)", "0")),
    # buying
    "purchase.trust_weight": consumer("choose", ("rule.trust_weight * belief + ", "")),
    "purchase.expectation_weight": consumer("choose", (HOPE, "")),
    "purchase.fit_weight": consumer("choose", (HOPE + "rule.fit_weight * relation.fit\n", HOPE.removesuffix(" + ") + "\n")),
    "purchase.loyalty_weight": consumer("choose", ("+ rule.loyalty_weight * relation.loyalty\n", "")),
    "purchase.price_weight": consumer(
        "choose", ("- rule.price_weight * (brand.price / self.model.scenario.market.price - 1.0)", ""), brands__Aurora__price=5.0
    ),
    "purchase.proof_weight": consumer("choose", (" + rule.proof_weight * social", "")),
    "purchase.reward_weight": consumer(
        "choose", ("+ rule.reward_weight * (brand.action.reward / brand.price if member and brand.price > 0 else 0.0)", ""),
        brands__Boreal__budget_per_day=2000.0, brands__Boreal__strategy__reward=9.0, brands__Boreal__start__opt_in=0.6,
    ),
    "purchase.irritation_weight": consumer("choose", ("- rule.irritation_weight * relation.irritation", "")),
    "purchase.search": consumer(
        "choose", ('rule.search > 0 and draw("search", (day,), self.key, k) < rule.search', "False"), purchase__search=0.5
    ),
    "purchase.rating_weight": consumer("choose", ("if searches:", "if False:"), purchase__search=0.5),
    "purchase.p": consumer(
        "adopt", ("p = rule.p if brand.table.p is None else brand.table.p", ""), ("p * drive + social", "social"), **DURABLE
    ),
    "purchase.q": consumer(
        "adopt",
        ("q = rule.q if brand.table.q is None else brand.table.q", ""),
        ("q * self.proof[brand.index] / self.proof_total if self.proof_total and self.proof[brand.index] else 0.0", "0.0"),
        ("q if self.proof[brand.index] >= self.threshold else 0.0", "0.0"),
        **DURABLE,
    ),
    "purchase.fit_exponent": consumer("adopt", ("relation.fit**rule.fit_exponent * ", ""), **DURABLE),
    "purchase.trust_exponent": consumer("adopt", (" * (relation.trust / 0.5) ** rule.trust_exponent", ""), **DURABLE),
    "purchase.valence_matters": consumer(
        "look_around", (" * sign if purchase.valence_matters else weight", ""), purchase__valence_matters=True
    ),
    "purchase.threshold": Mechanism(
        (
            Cut(ConsumerAgent, "look_around", '(self.model.durable and purchase.threshold != "off") or '),
            Cut(ConsumerAgent, "adopt", 'rule.threshold == "off"', "True"),
        ),
        {key.replace("__", "."): value for key, value in DURABLE.items()} | {"purchase.threshold": 2},
    ),
    # living with it
    "experience.eta": consumer(
        "experience",
        ("dose(rule.eta * s)", "0"), ("dose(rule.negativity * rule.eta * -s)", "0"),
        ("rule.negativity * rule.eta * -s * relation.trust", "0.0"),
    ),
    "experience.negativity": consumer(
        "experience",
        ("dose(rule.negativity * rule.eta * -s)", "dose(rule.eta * -s)"),
        ("rule.negativity * rule.eta * -s * relation.trust", "rule.eta * -s * relation.trust"),
    ),
    "experience.zone": Mechanism(
        (
            Cut(ConsumerAgent, "experience", "max(0.0, abs(d) - rule.zone) / (1.0 - rule.zone)", "abs(d)"),
            Cut(ConsumerAgent, "speak", "gap - self.model.scenario.experience.zone", "gap"),
        ),
        {},
    ),
    "experience.expectation_rate": consumer(
        "experience", ('change["pulls"].append((dose(rule.expectation_rate), bought.level))', "pass")
    ),
    "experience.noise": consumer(
        "experience", (" + luck", ""), ('luck = rule.noise * normal_quantile(brand.draw("experience", self.key, bought.occasion))', "")
    ),
    "experience.fit_exponent": Mechanism(
        (
            Cut(ConsumerAgent, "experience", " * relation.fit**rule.fit_exponent"),
            Cut(ConsumerAgent, "claimed", " * fit**self.model.scenario.experience.fit_exponent"),
        ),
        {},
    ),
    "experience.smoothing": consumer(
        "experience",
        ("kept = rule.smoothing * other.loyalty", "pass"),
        ("other.loyalty = stored(kept + (1.0 - rule.smoothing) * (1.0 if brand == bought.brand.index else 0.0))", "pass"),
    ),
    "experience.use": Mechanism(
        (
            Cut(ConsumerAgent, "experience", "dose(rule.use)", "0"),
            Cut(ReferenceModel, "lay", "self.scenario.experience.use", "0.0"),
        ),
        {},
    ),
    # talking
    "word_of_mouth.base_rate": consumer("speak", ("rule.base_rate + ", "")),
    "word_of_mouth.a_plus": consumer("speak", (" + rule.a_plus * max(0.0, s)", ""), word_of_mouth__a_plus=4.0),
    "word_of_mouth.a_minus": consumer("speak", (" + rule.a_minus * max(0.0, -s)", "")),
    "word_of_mouth.refutation": consumer(
        "speak", ("rule.refutation > 0.0 and beyond > 0.0", "False"), ("urge += rule.refutation * beyond", "pass")
    ),
    "word_of_mouth.standing": consumer("speak", ("self.voice * rule.standing * relation.loyalty", "0.0")),
    "word_of_mouth.hearsay": consumer("speak", ("self.voice * rule.hearsay * relation.awareness", "0.0"), word_of_mouth__hearsay=0.2),
    "word_of_mouth.annoyance": consumer(
        "speak", ('x > 0.0 and brand.draw("annoyed", self.key) < -math.expm1(-(self.voice * rule.annoyance * x))', "False"),
        word_of_mouth__annoyance=0.5,
    ),
    "word_of_mouth.valence_trust": consumer("opinion", (" + rule.valence_trust * (relation.trust - 0.5)", "")),
    "word_of_mouth.valence_satisfaction": consumer("opinion", (" + rule.valence_satisfaction * relation.satisfaction", "")),
    "word_of_mouth.hot": market("reach", (" + (1.0 - rule.online) * rule.hot * (message.arousal * message.arousal)", "")),
    "word_of_mouth.visibility": market(
        "reach", ("[(layer, hearer) for layer, hearer, _ in teller.hearers if draw(hearer.key) < rule.visibility]", "[]")
    ),
    "word_of_mouth.share": market("tells", ("rule.share * (1.0 + message.arousal) * heat * agree * fade", "0.0")),
    "word_of_mouth.negative_share": market("tells", ("rule.negative_share * ", "")),
    "word_of_mouth.interest_half_life": market(
        "tells",
        ("fade = 1.0 if math.isinf(rule.interest_half_life) else math.exp(-LN2 * age / rule.interest_half_life)", ""),
        (" * fade", ""),
    ),
    "word_of_mouth.agreement": market(
        "tells",
        ("agree = 1.0 - rule.agreement * (1.0 - trust) if message.valence > 0 else 1.0 - rule.agreement * trust", ""),
        (" * agree", ""),
    ),
    "word_of_mouth.strength": market("hear", ("c * (1.0 + message.arousal) / 2.0 * rule.strength", "0.0")),
    "word_of_mouth.recall": market("hear", ("recalled += dose(rule.recall * c)", "pass")),
    "word_of_mouth.carry": market("hear", ("pulls.append((dose(rule.carry * x), message.level))", "pass")),
    "word_of_mouth.defence": market(
        "hear",
        ("loyal = rule.defence * relation.loyalty * max(0.0, 2.0 * relation.trust - 1.0)", "pass"),
        (" * (1.0 - loyal)", ""),
        brands__Aurora__start__reputation=0.8,
    ),
    # answering
    "conversation.gain": brand("converse", ("dose(rule.gain * m)", "0")),
    "conversation.learning": brand("converse", ("dose(rule.learning * m)", "0")),
    "conversation.recovery": brand(
        "converse",
        ("dose(min(1.0, rule.recovery * m * item.amount / (1.0 - relation.trust)))", "0"),
        ("relation.satisfaction + rule.recovery * m * (rule.recovery_level - relation.satisfaction)", "relation.satisfaction"),
        brands__Cirrus__quality=0.1,
    ),
    "conversation.complain": brand(
        "listen", ('self.draw("complain", consumer.key, bought.occasion) < rule.complain * -bought.surprise', "False")
    ),
    "conversation.unanswered": brand("converse", ("dose(rule.unanswered)", "0")),
    "conversation.insight_rate": brand(
        "learn", ("self.insight += (1.0 - self.insight) * -math.expm1(-rule.insight_rate * things / n)", "pass")
    ),
    "conversation.hater_below": brand("converse", ("relation.trust >= rule.hater_below", "True"), conversation__hater_below=0.5),
    "conversation.service_ceiling": brand(
        "mend", ("self.service += action.fix * self.insight * (rule.service_ceiling - self.service)", "pass")
    ),
    "co_creation.contribution": brand(
        "gather",
        ('self.draw("contribute", consumer.key) < -math.expm1(-(rule.contribution * consumer.engagement * pull))', "False"),
        co_creation__contribution=2.0,
    ),
    "co_creation.ownership": brand("gather", ("dose(rule.ownership)", "0"), co_creation__contribution=2.0),
    # forgetting
    "forgetting.awareness": consumer("forget", ('"awareness", ', "")),
    "forgetting.irritation": consumer("forget", ('"irritation", ', "")),
    "forgetting.knowledge": consumer("forget", ('"knowledge", ', "")),
    "forgetting.satisfaction": consumer("forget", (', "satisfaction"', "")),
    "forgetting.trust": consumer("forget", ("if not math.isinf(rule.trust):", "if False:")),
    "forgetting.insight": brand("forget", ("half = self.model.scenario.forgetting.insight", "half = math.inf")),
    # reputation, roles, crises
    "reputation.build": brand("weigh", ("-math.expm1(-(rule.build * praise / n))", "0.0")),
    "reputation.loss": brand("weigh", ("-math.expm1(-(rule.loss * blame / n))", "0.0")),
    "roles.journalist_arousal": market("is_news", ("bool(entry.message.arousal > self.scenario.roles.journalist_arousal)", "False")),
    "roles.prescriber_weight": consumer(
        "look_around", ("round(1024 * self.model.tie_weights[layer] * self.model.scenario.roles.prescriber_weight)", "weight")
    ),
    "roles.defends": consumer("defend", ('brand.draw("defend", self.key) < rule.defends', "False")),
    "crises.exposure": market("expose", ('denied and self.dice.draw("exposure", (self.day,), crisis.key) < rule.exposure', "False")),
    "crises.fading": market(
        "multiplier", ("row if math.isinf(rule.fading) else 1.0 + (row - 1.0) * math.exp(-waited / rule.fading)", "row"), crises__fading=0.3
    ),
} | {
    f"crises.matrix.{row}.{cluster}": cell(row, cluster)
    for row in ("denial", "denial_exposed", "explanation", "empathy", "apology", "compensation", "compensation_late")
    for cluster in ("victim", "accidental", "preventable")
}  # fmt: skip
"""By the dotted key of the parameter, brands and channels left out."""

MECHANISMS |= {"brands.p": MECHANISMS["purchase.p"], "brands.q": MECHANISMS["purchase.q"]}


def off_values() -> dict[str, Any]:
    """Every parameter of a scenario that declares an off-value: dotted key (brands, channels and classes left out) -> the value."""
    return dict(_off_values(Scenario, ""))


def _off_values(table: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in table.model_fields.items():
        if has_off(table, name):
            yield f"{prefix}{name}", off_value(table, name)
        for inner in _tables(field.annotation):
            yield from _off_values(inner, f"{prefix}{name}.")


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables(part)
