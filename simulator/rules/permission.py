"""Permission: a brand asks for consent, then writes to those who gave it, as often as they bear.

    accepted    with  acceptance trust relevance (1 - privacy_concern) f
    opted out   with  1 - exp(-u0 exp(overmailing (w - free_frequency)+) (1 - relevance))     w: newsletters a week
    u0 = opt_out_per_send / mean(1 - relevance)

relevance, f, desire: reception.py. Consent is a hard gate, checked where a newsletter is delivered: none ever reaches
someone who has not opted in. A refusal is remembered: asking again within recontact_after days costs double
irritation, and a brand that respects refusal asks at most max_invitations times. At acceptance 0 nobody joins, at
opt_out_per_send 0 nobody leaves, at overmailing 0 they leave no matter how often one writes. .25% opt-outs a send at
one newsletter a week: Mailchimp 2019; the rise with frequency follows Kumar, Zhang and Luo (2014) in direction only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from simulator.engine.chance import fold, uniform
from simulator.engine.chunks import joined, run_chunks
from simulator.engine.compiled import compiled
from simulator.parameters import ASSUMPTION, DESIGN, LITERATURE, Table, parameter
from simulator.rules.reception import desire_of_week, effective_tolerance, freshness, relevance_of
from simulator.world.market import CENTS, Market
from simulator.world.state import ASKED, F64, I64, NEVER, OPTED_IN, OPTED_OUT, REFUSED, Action

if TYPE_CHECKING:
    from simulator.rules.advertising import Parameters as Advertising


class Parameters(Table):
    """[permission]"""

    acceptance: float = parameter(
        0.3, unit="share", meaning="invitations accepted by someone who trusts fully, fits fully and fears nothing; at 0 nobody joins",
        evidence=ASSUMPTION, plausible=(0.1, 0.6), off=0.0, ge=0, le=1,
    )  # fmt: skip
    open_rate: float = parameter(
        0.4, unit="share", meaning="noticed newsletters opened at full relevance; at 0 none", evidence=ASSUMPTION,
        source="gives openings near 22.7% of sends (Mailchimp 2019)", plausible=(0.25, 0.6), off=0.0, ge=0, le=1,
    )  # fmt: skip
    credibility: float = parameter(
        0.56, unit="share", meaning="how far a claim in a newsletter is believed", evidence=LITERATURE,
        source="Nielsen 2013, Global Trust in Advertising: e-mail signed up for 56%", ge=0, le=1,
    )  # fmt: skip
    recall: float = parameter(
        0.4, unit="share", meaning="awareness gained from one opened newsletter; at 0 none", evidence=ASSUMPTION,
        plausible=(0.1, 0.6), off=0.0, ge=0, le=1,
    )  # fmt: skip
    intrusiveness: float = parameter(
        0.05, unit="irritation per noticed newsletter", meaning="how much one annoys someone of no tolerance; at 0 nobody minds",
        evidence=ASSUMPTION, plausible=(0.0, 0.2), off=0.0, ge=0, le=10,
    )  # fmt: skip
    opt_out_per_send: float = parameter(
        0.0025, unit="share", meaning="opt-outs per newsletter at free_frequency, on average over the market; at 0 nobody leaves",
        evidence=LITERATURE, source="Mailchimp 2019 benchmarks: .25% of sends", plausible=(0.001, 0.005), off=0.0, ge=0, le=1,
    )  # fmt: skip
    overmailing: float = parameter(
        0.5, unit="per weekly newsletter",
        meaning="growth of the opt-out hazard with each weekly newsletter above free_frequency; at 0 none",
        evidence=ASSUMPTION, plausible=(0.1, 1.0), off=0.0, ge=0, le=10,
    )  # fmt: skip
    free_frequency: float = parameter(
        1.0, unit="1/week", meaning="newsletters a week that nobody minds", evidence=ASSUMPTION, plausible=(0.5, 3.0), ge=0
    )
    desire_spread: float = parameter(
        0.3, unit="share", meaning="how far a week's desire strays from fit; at 0 every week is alike", evidence=ASSUMPTION,
        plausible=(0.0, 0.6), off=0.0, ge=0, le=1,
    )  # fmt: skip
    wanted_above: float = parameter(
        0.5, unit="share", meaning="a newsletter is wanted when this week's desire is at least this", evidence=ASSUMPTION, ge=0, le=1
    )
    recontact_after: int = parameter(
        60, unit="days", meaning="before which asking again costs double irritation, and a respectful brand does not ask",
        evidence=ASSUMPTION, plausible=(14, 180), ge=0, le=10_000,
    )  # fmt: skip
    max_invitations: int = parameter(
        3, unit="invitations", meaning="after which a brand that respects refusal never asks again", evidence=ASSUMPTION,
        plausible=(1, 6), ge=0, le=255,
    )  # fmt: skip
    invitation_intrusiveness: float = parameter(
        0.3, unit="irritation per invitation", meaning="how much being asked annoys someone of no tolerance; at 0 nobody minds",
        evidence=ASSUMPTION, plausible=(0.0, 0.6), off=0.0, ge=0, le=10,
    )  # fmt: skip
    cost_per_send: float = parameter(0.002, unit="currency", meaning="price of one newsletter to one person", evidence=ASSUMPTION, ge=0)
    cost_per_invitation: float = parameter(0.01, unit="currency", meaning="price of asking one person", evidence=ASSUMPTION, ge=0)
    learning: float = parameter(
        0.02, unit="share per purchase", meaning="what a member's purchase teaches the brand about her; at 0 nothing",
        evidence=ASSUMPTION, plausible=(0.005, 0.1), off=0.0, ge=0, le=1,
    )  # fmt: skip
    jurisdiction: Literal["consent", "none"] = parameter(
        "consent", unit="", meaning="consent: channels that require it cannot be bought unsolicited; none: they can", evidence=DESIGN
    )


# -- formulas ------------------------------------------------------------------------------------------------------


@compiled
def acceptance_probability(acceptance: float, trust: float, relevance: float, privacy_concern: float, fresh: float) -> float:
    """Chance that an invitation is accepted."""
    return acceptance * trust * relevance * (1.0 - privacy_concern) * fresh


@compiled
def annoyance_of_invitation(intrusiveness: float, tolerance: float, again: bool) -> float:
    """Irritation added by an invitation; double when the last one is not long ago."""
    return intrusiveness * (1.0 - tolerance) * (2.0 if again else 1.0)


@compiled
def opt_out_probability(base: float, overmailing: float, frequency: float, free_frequency: float, relevance: float) -> float:
    """Chance that one newsletter makes a member leave, at `frequency` newsletters a week."""
    return -math.expm1(-(base * math.exp(overmailing * max(0.0, frequency - free_frequency)) * (1.0 - relevance)))


@compiled
def is_due(frequency: float, day: int, stagger: float) -> bool:
    """Whether a member's turn is today: `frequency` newsletters a week (at most 7), evenly spaced, each member on her days."""
    daily = frequency / 7.0
    return math.floor(daily * (day + 1) + stagger) > math.floor(daily * day + stagger)


# -- kernels -------------------------------------------------------------------------------------------------------


@compiled
def answer_invitations(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    asked, keys, brand_keys, accept_day, acceptance, wear_out, mean_fit, privacy_concern, fit, knowledge, trust, irritation, consent
):
    """Everybody asked yesterday answers today; returns int64 [B]: how many opt in. asked: places in the flattened [n, B]."""
    brands = len(brand_keys)
    opted_in = np.zeros(brands, np.int64)
    for place in asked:
        i, b = place // brands, place % brands
        relevance = relevance_of(np.float64(knowledge[i, b]), np.float64(fit[i, b]), mean_fit[b])
        fresh = freshness(np.float64(irritation[i, b]), wear_out)
        p = acceptance_probability(acceptance, np.float64(trust[i, b]), relevance, np.float64(privacy_concern[i]), fresh)
        if uniform(fold(fold(accept_day, brand_keys[b]), keys[i])) < p:
            consent[i, b] = OPTED_IN
            opted_in[b] += 1
        else:
            consent[i, b] = REFUSED
    return opted_in


@compiled
def may_be_asked(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, b, day, respect, max_invitations, recontact_after, touched, blocked, consent, invited_day, invitations
):
    """int64: consumers start..stop at a touchpoint with brand b whom it may ask for consent."""
    found = np.empty(stop - start, np.int64)
    count = 0
    for i in range(start, stop):
        if touched[i, b] == 0 or blocked[i, b] != 0:
            continue
        status = consent[i, b]
        if status in (ASKED, OPTED_IN) or (status == OPTED_OUT and respect):
            continue
        if respect and (invitations[i, b] >= max_invitations or asked_lately(day, invited_day[i, b], recontact_after)):
            continue
        found[count] = i
        count += 1
    return found[:count].copy()


@compiled
def asked_lately(day: int, invited_day: int, recontact_after: int) -> bool:
    """Whether the last invitation is less than `recontact_after` days old."""
    return invited_day != NEVER and day - int(invited_day) < recontact_after


@compiled
def ask(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    chosen, b, day, intrusiveness, recontact_after, ad_tolerance, trust, irritation, consent, invited_day, invitations
):
    """Invite the chosen consumers."""
    for i in chosen:
        tolerance = effective_tolerance(np.float64(ad_tolerance[i]), np.float64(trust[i, b]))
        again = asked_lately(day, invited_day[i, b], recontact_after)
        irritation[i, b] = np.float64(irritation[i, b]) + annoyance_of_invitation(intrusiveness, tolerance, again)
        consent[i, b] = ASKED
        invited_day[i, b] = day
        if invitations[i, b] < 255:
            invitations[i, b] += 1


@compiled
def due_today(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    start, stop, b, day, frequency, only_wanted, desire_spread, keys, stagger, desire_week, fit, consent, blocked
):
    """int64: members start..stop of brand b whose turn it is, and who want it if the brand asks for that."""
    found = np.empty(stop - start, np.int64)
    count = 0
    for i in range(start, stop):
        if consent[i, b] != OPTED_IN or blocked[i, b] != 0 or not is_due(frequency, day, uniform(fold(stagger, keys[i]))):
            continue
        if only_wanted > 0.0 and desire_of_week(np.float64(fit[i, b]), desire_spread, uniform(fold(desire_week, keys[i]))) < only_wanted:
            continue
        found[count] = i
        count += 1
    return found[:count].copy()


@compiled
def send(  # type: ignore[no-untyped-def]  # kernel: typed by numba
    chosen, b, frequency, base, overmailing, free_frequency, wanted_above, desire_spread, keys, desire_week, opt_out, mean_fit,
    fit, knowledge, consent, sent,
):  # fmt: skip
    """Write to the chosen members; returns how many wanted it and how many opted out (after this newsletter)."""
    wanted, left = 0, 0
    for i in chosen:
        sent[i, b] = 1
        suits = np.float64(fit[i, b])
        if desire_of_week(suits, desire_spread, uniform(fold(desire_week, keys[i]))) >= wanted_above:
            wanted += 1
        relevance = relevance_of(np.float64(knowledge[i, b]), suits, mean_fit)
        if uniform(fold(opt_out, keys[i])) < opt_out_probability(base, overmailing, frequency, free_frequency, relevance):
            consent[i, b] = OPTED_OUT
            left += 1
    return wanted, left


@compiled
def lots(chosen, place, keys):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """float64: the draw at an address of each of the chosen consumers."""
    drawn = np.empty(len(chosen))
    for row in range(len(chosen)):
        drawn[row] = uniform(fold(place, keys[chosen[row]]))
    return drawn


# -- phases --------------------------------------------------------------------------------------------------------


def pay_rewards(market: Market) -> None:
    """Members redeem what they earned, as far as the purse allows (phase decide, once actions are known)."""
    for b, action in enumerate(market.actions):
        cents = min(int(market.brands.reward_debt[b]), action.reward_cents, market.purse(b))
        if cents > 0:
            market.brands.reward_debt[b] -= cents
            market.spend(b, "reward", cents / CENTS, cents)


def write(market: Market, permission: Parameters, advertising: Advertising) -> None:
    """Answers to yesterday's invitations, new invitations, newsletters (phase write)."""
    contacts = market.contacts
    if len(contacts.sent):
        contacts.sent.fill(0)
    _answers(market, permission, advertising.wear_out)
    for b, action in enumerate(market.actions):
        if action.invite:
            _invite(market, permission, b, action)
    market.state.touched.fill(0)
    writing = [b for b, action in enumerate(market.actions) if action.sends_per_week > 0.0]
    if not writing:
        if len(contacts.sent):
            contacts.sent = contacts.sent[:0]
        return
    if contacts.sent.shape != market.state.consent.shape:
        contacts.sent = np.zeros(market.state.consent.shape, np.uint8)
    for b in writing:
        _send(market, permission, b, market.actions[b])


def _answers(market: Market, permission: Parameters, wear_out: float) -> None:
    state, people = market.state, market.consumers
    asked = np.flatnonzero(state.consent.reshape(-1) == ASKED)
    if len(asked) == 0:
        return
    opted_in = answer_invitations(
        asked, people.keys, market.keys, market.at("accept", market.day), permission.acceptance, wear_out, market.mean_fit,
        people.privacy_concern, market.fit, state.knowledge, state.trust, state.irritation, state.consent,
    )  # fmt: skip
    market.count_all("opt_ins", opted_in)


def _invite(market: Market, permission: Parameters, b: int, action: Action) -> None:
    p, state = permission, market.state
    affordable = market.affordable(b, action.invite_cents, p.cost_per_invitation)
    if affordable <= 0:
        return

    def chunk(start: int, stop: int) -> I64:
        found: I64 = may_be_asked(
            start, stop, b, market.day, action.respect_refusal, p.max_invitations, p.recontact_after,
            state.touched, state.blocked, state.consent, state.invited_day, state.invitations,
        )  # fmt: skip
        return found

    candidates = joined(run_chunks(chunk, market.n, market.threads))
    chosen = _rationed(market, candidates, affordable, "invite", b)
    if len(chosen) == 0:
        return
    ask(
        chosen, b, market.day, p.invitation_intrusiveness, p.recontact_after, market.consumers.ad_tolerance,
        state.trust, state.irritation, state.consent, state.invited_day, state.invitations,
    )  # fmt: skip
    market.count("invitations", b, len(chosen))
    market.pay(b, "invitations", len(chosen), p.cost_per_invitation)


def _send(market: Market, permission: Parameters, b: int, action: Action) -> None:
    p, state, keys = permission, market.state, market.consumers.keys
    affordable = market.affordable(b, action.send_cents, p.cost_per_send)
    if affordable <= 0:
        return
    frequency = min(7.0, action.sends_per_week)
    stagger, desire_week = market.at("stagger", market.key(b)), market.at("desire", market.day // 7, market.key(b))

    def chunk(start: int, stop: int) -> I64:
        found: I64 = due_today(
            start, stop, b, market.day, frequency, action.only_wanted, p.desire_spread, keys, stagger, desire_week,
            market.fit, state.consent, state.blocked,
        )  # fmt: skip
        return found

    due = joined(run_chunks(chunk, market.n, market.threads))
    chosen = _rationed(market, due, affordable, "send", b)
    if len(chosen) == 0:
        return
    wanted, left = send(
        chosen, b, frequency, p.opt_out_per_send / market.mean_irrelevance[b], p.overmailing, p.free_frequency, p.wanted_above,
        p.desire_spread, keys, desire_week, market.at("opt_out", market.day, market.key(b)), market.mean_fit[b],
        market.fit, state.knowledge, state.consent, market.contacts.sent,
    )  # fmt: skip
    market.count("sends", b, len(chosen))
    market.count("wanted", b, wanted)
    market.count("opt_outs", b, left)
    market.pay(b, "sends", len(chosen), p.cost_per_send)


def _rationed(market: Market, candidates: I64, affordable: int, stream: str, b: int) -> I64:
    """Where money is short, those with the smallest draws; equal draws by key."""
    if affordable >= len(candidates):
        return candidates
    keys = market.consumers.keys
    drawn: F64 = lots(candidates, market.at(stream, market.day, market.key(b)), keys)
    limit = np.partition(drawn, affordable - 1)[affordable - 1]
    below, equal = candidates[drawn < limit], candidates[drawn == limit]
    return np.concatenate([below, equal[np.argsort(keys[equal])][: affordable - len(below)]])
