"""Advertising: money becomes unsolicited contacts, scarce attention notices some, each moves its consumer.

    exposures ~ Poisson(media_weight impressions / N)          equal weights: net reach is 1 - exp(-GRP/100)
    noticed with probability min(1, attention / contacts)      all brands share one consumer's attention
    awareness    up by 1 - (1 - recall f)^n                    f = exp(-wear_out irritation), freshness
    trust        up by gain c (1 - scepticism) f               down by 1 - exp(-reactance (irritation - tolerance_point)+)
    expectation  pulled to the promise by expectation_weight c (1 - scepticism) trust
    irritation   up by intrusiveness (1 - tolerance) n         tolerance = ad_tolerance + (1 - ad_tolerance)(2 trust - 1)+
    blocked      with 1 - exp(-block_hazard (exp(irritation / block_scale) - 1))

n: noticed contacts of the day; c, recall, intrusiveness: of the channel. So attitude first rises with frequency,
peaks and falls (Schmidt and Eisend 2015, J Advertising 44:415-428: near ten exposures), while memory goes on rising.
Limits: intrusiveness 0 or reactance 0 removes the fall, gain 0 the rise, attention infinity the rivalry for attention.
Reach by Poisson exposures with Gamma weights is the negative binomial of media planning; the rest is assumption
unless a parameter names its source. Newsletters (permission.py) are noticed here too: attention knows no senders.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import field_validator

from simulator.engine.chance import fold, name_key, poisson, uniform
from simulator.engine.chunks import run_chunks, sum_of
from simulator.engine.compiled import compiled
from simulator.engine.dose import aimed, dose, drawn, moved
from simulator.parameters import ASSUMPTION, LITERATURE, Table, parameter
from simulator.rules.reception import desire_of_week, effective_tolerance, freshness, opening_probability, relevance_of
from simulator.world.market import CENTS, Market
from simulator.world.state import AD, F64, I64, OPTED_IN, OPTED_OUT, OWNED, REACHED_OWNED, REACHED_PAID, TOUCH_AD, U64

if TYPE_CHECKING:
    from simulator.rules.permission import Parameters as Permission

NIELSEN = "Nielsen 2013, Global Trust in Advertising"

MOST_CONTACTS = 65535
"""A consumer's contacts with one plan on one day are at most this many."""


class Channel(Table):
    """A medium that money buys."""

    cpm: float = parameter(unit="currency per 1,000 impressions", meaning="price", evidence=ASSUMPTION, gt=0)
    intrusiveness: float = parameter(
        unit="irritation per noticed contact", meaning="how much one contact annoys someone of no tolerance; at 0 nobody minds",
        evidence=ASSUMPTION, plausible=(0.0, 0.5), off=0.0, ge=0, le=10,
    )  # fmt: skip
    credibility: float = parameter(
        unit="share", meaning="how far a claim made here is believed; at 0 not at all", evidence=LITERATURE, source=NIELSEN, ge=0, le=1
    )
    recall: float = parameter(
        unit="share", meaning="awareness gained from one noticed contact; at 0 nobody remembers", evidence=ASSUMPTION,
        plausible=(0.02, 0.3), off=0.0, ge=0, le=1,
    )  # fmt: skip
    requires_consent: bool = parameter(False, unit="", meaning="may not be used unsolicited (European law on e-mail and mobile text)")


CHANNELS: dict[str, Channel] = {
    "tv": Channel(cpm=10.0, intrusiveness=0.2, credibility=0.62, recall=0.12),
    "video_preroll": Channel(cpm=12.0, intrusiveness=0.2, credibility=0.48, recall=0.12),
    "display_banner": Channel(cpm=3.0, intrusiveness=0.08, credibility=0.42, recall=0.04),
    "popup": Channel(cpm=4.0, intrusiveness=0.4, credibility=0.42, recall=0.08),
    "mobile_text": Channel(cpm=25.0, intrusiveness=0.35, credibility=0.37, recall=0.15, requires_consent=True),
    "billboard": Channel(cpm=5.0, intrusiveness=0.03, credibility=0.57, recall=0.05),
    "search": Channel(cpm=20.0, intrusiveness=0.02, credibility=0.48, recall=0.1),
    "sponsored_post": Channel(cpm=8.0, intrusiveness=0.1, credibility=0.48, recall=0.08),
    "email": Channel(cpm=5.0, intrusiveness=0.3, credibility=0.37, recall=0.08, requires_consent=True),
}
"""Channels as shipped. Order of credibility: Nielsen 2013 (TV 62, billboard 57, search, online video and social 48,
banner 42, mobile text 37%); unsolicited e-mail is taken to be believed as little as mobile text."""


class Parameters(Table):
    """[advertising]"""

    attention: float = parameter(
        4.0, unit="contacts/day", meaning="brand contacts a consumer can notice in a day, all brands together",
        evidence=ASSUMPTION, plausible=(1.0, 16.0), off=math.inf, gt=0,
    )  # fmt: skip
    wear_out: float = parameter(
        0.5, unit="per unit of irritation", meaning="how fast irritation dulls messages; at 0 they stay as fresh",
        evidence=ASSUMPTION, plausible=(0.0, 1.5), off=0.0, ge=0, le=100,
    )  # fmt: skip
    gain: float = parameter(
        0.02, unit="share/day", meaning="trust gained on a day with a noticed, fully credible contact; at 0 none",
        evidence=ASSUMPTION, source="set with reactance so that attitude peaks near ten exposures (Schmidt and Eisend 2015)",
        plausible=(0.005, 0.05), off=0.0, ge=0, le=1,
    )  # fmt: skip
    expectation_weight: float = parameter(
        0.1, unit="share/day", meaning="how far a fully credible claim pulls expectation to the promise on a day; at 0 claims are ignored",
        evidence=ASSUMPTION, plausible=(0.02, 0.3), off=0.0, ge=0, le=1,
    )  # fmt: skip
    reactance: float = parameter(
        0.05, unit="1/day per unit of irritation",
        meaning="trust lost on a day of contact above the tolerance point; at 0 intrusion is free",
        evidence=ASSUMPTION, source="set with gain so that attitude peaks near ten exposures (Schmidt and Eisend 2015)",
        plausible=(0.01, 0.2), off=0.0, ge=0, le=100,
    )  # fmt: skip
    tolerance_point: float = parameter(
        0.5, unit="irritation", meaning="irritation that is still put up with", evidence=ASSUMPTION, plausible=(0.2, 1.0),
        ge=0, infinite=True,
    )  # fmt: skip
    block_hazard: float = parameter(
        0.0005, unit="1/day", meaning="scale of the hazard to block a brand for good on a day of contact; at 0 nobody blocks",
        evidence=ASSUMPTION, plausible=(0.0, 0.002), off=0.0, ge=0, le=100,
    )  # fmt: skip
    block_scale: float = parameter(
        1.0, unit="irritation", meaning="irritation at which the hazard to block takes off", evidence=ASSUMPTION, plausible=(0.5, 2.0), gt=0
    )
    channels: dict[str, Channel] = parameter(
        factory=lambda: dict(CHANNELS), unit="", meaning="media: what a scenario gives is merged key by key with the shipped ones"
    )

    @field_validator("channels", mode="before")
    @classmethod
    def _merged_with_the_shipped(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        shipped: dict[str, Any] = {name: channel.model_dump() for name, channel in CHANNELS.items()}
        for name, channel in given.items():
            shipped[name] = {**shipped.get(name, {}), **channel} if isinstance(channel, dict) else channel
        return shipped


# -- formulas ------------------------------------------------------------------------------------------------------


@compiled
def notice_probability(attention: float, contacts: int) -> float:
    """Chance that one of the day's contacts is noticed."""
    return min(1.0, attention / contacts)


@compiled
def harm_of_irritation(irritation: float, reactance: float, tolerance_point: float) -> float:
    """Share of trust lost on a day with a noticed contact."""
    return -math.expm1(-(reactance * max(0.0, irritation - tolerance_point)))


@compiled
def blocking_probability(irritation: float, hazard: float, scale: float) -> float:
    """Chance to block the brand for good on a day with a noticed advertisement."""
    return -math.expm1(-(hazard * math.expm1(min(irritation / scale, 50.0))))


# -- kernels -------------------------------------------------------------------------------------------------------


@compiled
def deliver_contacts(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, brand_keys, place, segment, media_weight, blocked, plan_brand, channel_key, rates, delivered, reached
):
    """Draws the exposures of consumers start..stop to all plans; returns int64 [plans], how many.

    rates: float64 [segments, plans], mean exposures at media weight 1.
    """
    plans = len(plan_brand)
    total = np.zeros(plans, np.int64)
    addresses = np.empty(plans, np.uint64)
    for plan in range(plans):
        addresses[plan] = fold(fold(place, brand_keys[plan_brand[plan]]), channel_key[plan])
    for i in range(start, stop):
        weight, group, key = np.float64(media_weight[i]), segment[i], keys[i]
        for plan in range(plans):
            delivered[i, plan] = 0
            mean = weight * rates[group, plan]
            u = uniform(fold(addresses[plan], key))
            if u < 1.0 - mean or mean <= 0.0:  # the first as in `poisson`: most people get nothing
                continue
            b = plan_brand[plan]
            if blocked[i, b] == 0:
                count = min(MOST_CONTACTS, poisson(mean, u))
                if count > 0:
                    delivered[i, plan] = count
                    reached[i, b] |= REACHED_PAID
                    total[plan] += count
    return total


@compiled
def notice_contacts(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, keys, brand_keys, first_plan, channel_key, delivered, sent, newsletters,
    recall, credibility, intrusiveness, promise, mean_fit,
    notice_day, owned_key, open_day, desire_week, block_day,
    attention, wear_out, gain, expectation_weight, reactance, tolerance_point, block_hazard, block_scale,
    owned_recall, owned_credibility, owned_intrusiveness, open_rate, desire_spread,
    ad_tolerance, scepticism, fit, awareness, trust, expectation, irritation, knowledge,
    consent, blocked, touched, reached, influence, teller,
):  # fmt: skip
    """What today's contacts do to consumers start..stop; returns int64 [4, B]: contacts noticed, opened, blocked, opted out.

    Plans first_plan[b]..first_plan[b+1] are those of brand b, ordered by channel name.
    """
    plans, brands = delivered.shape[1], len(brand_keys)
    tally = np.zeros((4, brands), np.int64)
    for i in range(start, stop):
        contacts = 0
        for plan in range(plans):
            contacts += delivered[i, plan]
        if newsletters:
            for b in range(brands):
                contacts += sent[i, b]
        if contacts == 0:
            continue
        chance = notice_probability(attention, contacts)
        key = keys[i]
        for b in range(brands):
            irritated = np.float64(irritation[i, b])
            fresh = -1.0  # computed when first needed
            noticed = 0
            remembered = 0
            believed = 0.0
            annoying = 0.0
            for plan in range(first_plan[b], first_plan[b + 1]):
                here = int(delivered[i, plan])
                if here == 0:
                    continue
                if chance < 1.0:
                    place = fold(fold(fold(notice_day, brand_keys[b]), channel_key[plan]), key)
                    came = here
                    here = 0
                    for k in range(came):
                        if uniform(fold(place, k)) < chance:
                            here += 1
                    if here == 0:
                        continue
                if fresh < 0.0:
                    fresh = freshness(irritated, wear_out)
                noticed += here
                remembered += here * dose(recall[plan] * fresh)
                believed += here * credibility[plan]
                annoying += here * intrusiveness[plan]
            letter, opened = 0, 0
            trusted = np.float64(trust[i, b])
            suits = np.float64(fit[i, b])
            desire: float = suits
            if newsletters and sent[i, b] > 0:
                place = fold(fold(fold(notice_day, brand_keys[b]), owned_key), key)
                if chance >= 1.0 or uniform(fold(place, 0)) < chance:
                    letter = 1
                    relevance = relevance_of(np.float64(knowledge[i, b]), suits, mean_fit[b])
                    desire = desire_of_week(suits, desire_spread, uniform(fold(fold(desire_week, brand_keys[b]), key)))
                    if uniform(fold(fold(open_day, brand_keys[b]), key)) < opening_probability(open_rate, relevance, desire, suits):
                        opened = 1
            if noticed + letter == 0:
                continue
            if fresh < 0.0:
                fresh = freshness(irritated, wear_out)
            if noticed + opened > 0:
                if opened > 0:
                    remembered += dose(owned_recall * fresh)
                    believed += owned_credibility
                persuaded = believed / (noticed + opened) * (1.0 - np.float64(scepticism[i]))
                awareness[i, b] = moved(np.float64(awareness[i, b]), remembered, 0)
                weight = dose(expectation_weight * persuaded * trusted)
                expectation[i, b] = drawn(np.float64(expectation[i, b]), weight, aimed(weight, promise[b]))
                won = dose(gain * persuaded * fresh)
            else:
                won = 0
            lost = 0
            if irritated > tolerance_point:
                lost = dose(harm_of_irritation(irritated, reactance, tolerance_point))
            if won > 0 or lost > 0:
                trust[i, b] = moved(trusted, won, lost)
            room = 1.0 - effective_tolerance(np.float64(ad_tolerance[i]), trusted)
            irritation[i, b] = irritated + (annoying * room + (letter * owned_intrusiveness) * room * (1.0 + (suits - desire)))
            if noticed > 0:
                tally[0, b] += noticed
                touched[i, b] |= TOUCH_AD
                influence[i, b] = AD
                teller[i, b] = -1
                if irritated > 0.0 and block_hazard > 0.0:
                    u = uniform(fold(fold(block_day, brand_keys[b]), key))
                    if u < blocking_probability(irritated, block_hazard, block_scale):
                        blocked[i, b] = 1
                        tally[2, b] += 1
                        if consent[i, b] == OPTED_IN:
                            consent[i, b] = OPTED_OUT
                            tally[3, b] += 1
            if opened > 0:
                tally[1, b] += 1
                reached[i, b] |= REACHED_OWNED
                influence[i, b] = OWNED
                teller[i, b] = -1
    return tally


# -- phases --------------------------------------------------------------------------------------------------------


def deliver(market: Market, advertising: Parameters) -> None:
    """Bought impressions reach people, wanted or not (phase advertise)."""
    contacts, bought = market.contacts, []
    for b, action in enumerate(market.actions):
        for buy in sorted(action.ads, key=lambda buy: buy.channel):
            impressions = 1000.0 * (buy.cents / CENTS) / advertising.channels[buy.channel].cpm
            if impressions > 0.0:
                market.spend(b, f"ads:{buy.channel}", impressions, buy.cents)
                market.count("impressions", b, impressions)
                bought.append(((b, buy.channel), _rate_by_segment(market, impressions, buy.segments)))
    contacts.plans = sorted({plan for plan, _rate in bought})  # by brand, then by the name of the channel
    plans, n = len(contacts.plans), market.n
    if contacts.delivered.shape != (n, plans):
        contacts.delivered = np.zeros((n, plans), np.uint16)
    if plans == 0:
        return
    brand = np.array([b for b, _channel in contacts.plans], np.int64)
    by_segment = np.zeros((len(market.segments), plans))
    for plan, rate in bought:
        by_segment[:, contacts.plans.index(plan)] += rate
    place, channel_key = market.at("advertise", market.day), _channel_keys(market)
    people, state = market.consumers, market.state

    def chunk(start: int, stop: int) -> I64:
        total: I64 = deliver_contacts(
            start, stop, people.keys, market.keys, place, people.segment, people.media_weight, state.blocked, brand, channel_key,
            by_segment, contacts.delivered, state.reached,
        )  # fmt: skip
        return total

    for (b, _channel), total in zip(contacts.plans, sum_of(run_chunks(chunk, n, market.threads)).tolist(), strict=True):
        market.count("delivered", b, total)


def _channel_keys(market: Market) -> U64:
    """uint64 [plans]: keys of the channels, for addresses."""
    return np.array([name_key(channel) for _brand, channel in market.contacts.plans], np.uint64)


def _rate_by_segment(market: Market, impressions: float, targets: tuple[str, ...]) -> float | F64:
    """Mean exposures of one consumer of average media weight: the same everywhere, or float64 [segments]."""
    everywhere = impressions / (market.scale * market.n)
    if not targets:
        return everywhere
    targeted = np.array([name in targets for name in market.segments])
    share = market.people_in_segments[targeted].sum() / market.n
    return np.where(targeted, everywhere / share if share > 0 else 0.0, 0.0)


def notice(market: Market, advertising: Parameters, permission: Permission) -> None:
    """Scarce attention notices some of the day's contacts, and these have their effects (end of phase write)."""
    a, p, contacts, state, people = advertising, permission, market.contacts, market.state, market.consumers
    newsletters = len(contacts.sent) > 0
    if not contacts.plans and not newsletters:
        return
    day, brands = market.day, len(market.names)
    channels = [a.channels[name] for _brand, name in contacts.plans]
    first_plan = np.searchsorted([b for b, _channel in contacts.plans], np.arange(brands + 1)).astype(np.int64)
    recall, credibility, intrusiveness = (
        np.array(column, np.float64)
        for column in (
            [channel.recall for channel in channels], [channel.credibility for channel in channels],
            [channel.intrusiveness for channel in channels],
        )
    )  # fmt: skip
    notice_day, channel_key, owned_key = market.at("notice", day), _channel_keys(market), np.uint64(name_key("owned"))
    open_day, desire_week, block_day = market.at("open", day), market.at("desire", day // 7), market.at("block", day)
    sent = contacts.sent if newsletters else np.zeros((0, brands), np.uint8)

    def chunk(start: int, stop: int) -> I64:
        tally: I64 = notice_contacts(
            start, stop, people.keys, market.keys, first_plan, channel_key, contacts.delivered, sent, newsletters,
            recall, credibility, intrusiveness, market.brands.promise, market.mean_fit,
            notice_day, owned_key, open_day, desire_week, block_day,
            a.attention, a.wear_out, a.gain, a.expectation_weight, a.reactance, a.tolerance_point, a.block_hazard, a.block_scale,
            p.recall, p.credibility, p.intrusiveness, p.open_rate, p.desire_spread,
            people.ad_tolerance, people.scepticism, market.fit, state.awareness, state.trust, state.expectation, state.irritation,
            state.knowledge, state.consent, state.blocked, state.touched, state.reached, state.influence, state.teller,
        )  # fmt: skip
        return tally

    tally = sum_of(run_chunks(chunk, market.n, market.threads))
    for name, counted in zip(("contacts", "opened", "blocked", "opt_outs"), tally, strict=True):
        market.count_all(name, counted)
