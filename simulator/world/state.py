"""The state of a market: columns per consumer and brand, what a brand may see, what it may do.

Rules and strategies never import each other; they meet here.
Shapes: n consumers, B brands; arrays are C-contiguous, so that one consumer's brands lie together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I8 = NDArray[np.int8]
I16 = NDArray[np.int16]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U64 = NDArray[np.uint64]

NONE, ASKED, OPTED_IN, REFUSED, OPTED_OUT = range(5)
"""Values of `consent`."""

NEVER = -32768
"""A day that never came, in int16 columns of days."""

REACHED_PAID, REACHED_OWNED, REACHED_EARNED = 1, 2, 4
"""Bits of `reached`."""

TOUCH_AD, TOUCH_PURCHASE, TOUCH_CONVERSATION = 1, 2, 4
"""Bits of `touched`: the touchpoints at which a brand may invite."""

STRONG, WEAK, FOLLOW = range(3)
LAYERS = ("strong", "weak", "follow")

ORIGINS = (
    "experience", "standing", "hearsay", "annoyance", "staged", "scandal", "refutation", "false_rumour", "defence",
)  # fmt: skip
"""Why a message was started; the position is the code in `messages.origin`."""

SOURCES = ("ad", "owned", "told", "seen", "spontaneous")
"""What led to a first purchase; the position is the code in `influence` and `adoptions.source`."""

AD, OWNED, TOLD, SEEN, SPONTANEOUS = range(5)

CLASSES = ("complaint", "negative", "question", "idea", "praise")
"""What waits for an answer, most urgent first."""

CLUSTERS = ("victim", "accidental", "preventable")
"""How far a crisis is the brand's own doing (Coombs 2007); the position is the code in `Crisis.cluster`."""

ANSWERS = ("silence", "denial", "explanation", "empathy", "apology", "compensation")
"""What a brand may say to a crisis; the position is the code in `Crisis.answer`, 0 while nothing has been said."""

JOURNALIST, PRESCRIBER = 1, 2
"""Bits of `market.role`."""


@dataclass(slots=True)
class State:
    """What changes from day to day for each consumer and brand: arrays [n_consumers, n_brands]."""

    awareness: F32  # 0..1, memory strength
    trust: F32  # 0..1, neutral .5
    expectation: F32  # 0..1, what I believe I would get
    irritation: F32  # >= 0
    knowledge: F32  # 0..1, what the brand knows of me
    loyalty: F32  # 0..1, smoothed share of my purchases; sums to at most 1 over brands
    satisfaction: F32  # -1..1, last experience, fading
    purchases: I32  # count, start position included as 1
    consent: U8  # NONE, ASKED, OPTED_IN, REFUSED, OPTED_OUT
    blocked: U8  # 1 = the brand's unsolicited contacts no longer arrive
    invited_day: I16  # day of the last invitation, NEVER if none
    invitations: U8  # how many so far, at most 255
    touched: U8  # TOUCH_* bits since the brand last wrote
    reached: U8  # REACHED_* bits since day 0
    praised_day: I16  # last day on which she told a positive message, NEVER if none
    influence: U8  # index into SOURCES: what last told her of the brand
    teller: I32  # who did, if it was a consumer; else -1

    @classmethod
    def empty(cls, n: int, brands: int) -> State:
        """All zero, neutral where zero would mean something."""
        shape = (n, brands)
        return cls(
            awareness=np.zeros(shape, np.float32),
            trust=np.full(shape, 0.5, np.float32),
            expectation=np.full(shape, 0.5, np.float32),
            irritation=np.zeros(shape, np.float32),
            knowledge=np.zeros(shape, np.float32),
            loyalty=np.zeros(shape, np.float32),
            satisfaction=np.zeros(shape, np.float32),
            purchases=np.zeros(shape, np.int32),
            consent=np.zeros(shape, np.uint8),
            blocked=np.zeros(shape, np.uint8),
            invited_day=np.full(shape, NEVER, np.int16),
            invitations=np.zeros(shape, np.uint8),
            touched=np.zeros(shape, np.uint8),
            reached=np.zeros(shape, np.uint8),
            praised_day=np.full(shape, NEVER, np.int16),
            influence=np.full(shape, SPONTANEOUS, np.uint8),
            teller=np.full(shape, -1, np.int32),
        )


@dataclass(slots=True)
class BrandState:
    """What changes for each brand; arrays [n_brands] unless said. Money in integer cents of the real market."""

    quality: F64  # 0..1, as designed
    service: F64  # added to the delivered quality: 0 as designed, negative in a failure, positive when fixed
    promise: F64  # 0..1, what advertising claims today
    price: F64
    unit_cost: F64
    p: F64  # 1/day, durable markets: adoption driven from outside
    q: F64  # 1/day, durable markets: adoption driven by those who own it
    fixed_costs: F64  # per day
    position: F64  # [B, 2], point in need space
    insight: F64  # 0..1, what the brand has understood from listening
    activity: F64  # of its platform, contributions per consumer and day, smoothed
    in_stock: U8  # 0 during a stock-out
    stocked_from: I64  # day on which a stock-out ends
    failing_until: I64  # day on which a service failure ends
    failure: F64  # depth of the running service failure
    accrued: I64  # cents made available so far
    spent: I64  # cents spent so far
    reward_debt: I64  # cents of loyalty rewards earned by members and not yet paid
    heard_needs: F64  # [B, 2], sum of the needs of consumers conversed with (multiples of 2^-32)
    heard_people: I64  # how many conversations that sum holds
    heard_valence: I64  # public mentions that praised less those that blamed (the crowd's rating)
    heard_mentions: I64  # how many public mentions
    conduct: F64  # [B, V], what the brand's conduct stands for; V = 0 where the scenario speaks of no values
    heard_values: F64  # [B, V], sum of the values of consumers conversed with (multiples of 2^-32)


@dataclass(frozen=True, slots=True)
class AdBuy:
    """Money for one channel on one day: cents, aimed at segments (empty: everybody)."""

    channel: str
    cents: int
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """What a brand does today. Defaults: nothing. All `cents` together must fit the purse."""

    ads: tuple[AdBuy, ...] = ()
    promise: float | None = None  # None: the brand's own promise
    invite: bool = False  # ask for consent at touchpoints
    invite_cents: int = 0
    respect_refusal: bool = True
    sends_per_week: float = 0.0  # newsletters to each member
    send_cents: int = 0
    only_wanted: float = 0.0  # send only where this week's desire is at least this (0: to all members)
    reward: float = 0.0  # money per purchase of a member
    reward_cents: int = 0  # what may be paid out today
    listening: float = 0.0  # probability to detect a public mention
    listening_cents: int = 0  # what the listening desk costs today
    conversation_cents: int = 0
    effort: float = 0.0  # the brand's side of a conversation, 0..1
    fix: float = 0.0  # share of the gap to perfect service closed per day at full insight
    fix_cents: int = 0
    integrate: float = 0.0  # share of the way to the participants' mean need per day at full insight
    platform: bool = False  # run a propose-and-vote platform
    platform_cents: int = 0
    response: str = ANSWERS[0]  # what it says to crises that it knows of and has not answered
    response_cents: int = 0  # what saying it may cost

    def cents(self) -> int:
        """All money this action may use."""
        return (
            sum(buy.cents for buy in self.ads)
            + self.invite_cents
            + self.send_cents
            + self.reward_cents
            + self.listening_cents
            + self.conversation_cents
            + self.fix_cents
            + self.platform_cents
            + self.response_cents
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """One past day as a brand saw it."""

    day: int
    spend: float
    units: float
    revenue: float
    list_size: float
    opt_ins: float
    opt_outs: float
    mentions_positive: float
    mentions_negative: float
    complaints: float
    conversations: float


@dataclass(frozen=True, slots=True)
class MarketView:
    """What a brand may know when it decides: its own books and what it has heard. Never the truth.

    Counts and money are those of the real market. `cpm` is the rate card: channel -> price of 1,000 impressions.
    """

    day: int
    brand: str
    purse_cents: int  # what is available and unspent, today's budget included
    budget_cents: int  # today's budget
    scale: float  # real people per simulated consumer
    represents: float  # real people in the market
    price: float
    quality: float  # as designed
    promise: float
    position: tuple[float, float]
    list_size: float
    reward_debt_cents: int
    heard_positive: int  # mentions detected since the start
    heard_negative: int
    waiting: int  # messages and complaints in the queue
    cpm: Mapping[str, float]
    requires_consent: Mapping[str, bool]  # channel -> may not be used unsolicited
    cost_per_send: float
    cost_per_conversation: float
    rivals: tuple[tuple[str, float, float], ...]  # name, public price, public promise
    history: tuple[Seen, ...] = ()
    listening_cost: float = 0.0  # per day, of the listening desk
    fix_cost: float = 0.0  # per day, of fixing the service
    platform_cost: float = 0.0  # per day, of the platform
    segments: Mapping[str, float] = field(default_factory=dict)  # segment -> share of the market (public census)
    crises: tuple[tuple[int, int, str], ...] = ()  # own crises that it knows of: number, days since, what it has answered
    statement_cost: float = 0.0  # of any answer to crises
    compensation_cost: float = 0.0  # of offering compensation, on top of it
    repair_cost: float = 0.0  # of repairing what an apology is for, on top of it


@dataclass(slots=True)
class Purchases:
    """Today's purchases, one row each, ordered by consumer and occasion."""

    consumer: I32
    brand: I8
    occasion: I16
    experienced: F64  # P, the level experienced; NaN before the experience phase
    surprise: F64  # S, -1..1; NaN before the experience phase
    trust_lost: F64  # what a bad experience took from trust

    @classmethod
    def none(cls) -> Purchases:
        """No purchase yet today."""
        return cls(
            np.zeros(0, np.int32), np.zeros(0, np.int8), np.zeros(0, np.int16), np.zeros(0), np.zeros(0), np.zeros(0)
        )  # fmt: skip


@dataclass(slots=True)
class Contacts:
    """Today's brand contacts before anyone notices them."""

    plans: list[tuple[int, str]] = field(default_factory=list)  # (brand, channel) of each column of `delivered`
    delivered: U16 = field(default_factory=lambda: np.zeros((0, 0), np.uint16))  # [n, plans]
    sent: U8 = field(default_factory=lambda: np.zeros((0, 0), np.uint8))  # [n, B], 1 = a newsletter came today


@dataclass(slots=True)
class Waiting:
    """The brands' queue of things to answer: parallel columns, one row an item."""

    brand: I8
    kind: U8  # index into CLASSES
    day: I32  # on which it reaches the brand
    consumer: I32
    key: U64  # orders items of one class and day
    amount: F64  # trust taken by the experience behind a complaint

    @classmethod
    def none(cls) -> Waiting:
        """Nothing waits."""
        return cls(
            np.zeros(0, np.int8), np.zeros(0, np.uint8), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0)
        )  # fmt: skip
