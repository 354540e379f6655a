"""What there is besides consumers and brands: relations, messages, who knows them, purchases, what waits, crises."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reference.brand import BrandAgent
    from tests.reference.consumer import ConsumerAgent

NONE, ASKED, OPTED_IN, REFUSED, OPTED_OUT = range(5)
PAID, OWNED_REACH, EARNED = 1, 2, 4
TOUCH_AD, TOUCH_PURCHASE, TOUCH_CONVERSATION = 1, 2, 4
AD, OWNED, TOLD, SEEN, SPONTANEOUS = range(5)
COMPLAINT, NEGATIVE, QUESTION, IDEA, PRAISE = range(5)
EXPERIENCE, STANDING, HEARSAY, ANNOYANCE, STAGED, SCANDAL, REFUTATION, FALSE_RUMOUR, DEFENCE = range(9)
STRONG, WEAK, FOLLOW = range(3)
LAYERS = ("strong", "weak", "follow")
NEVER = -32768


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
    purchases: int = 0
    consent: int = NONE
    blocked: bool = False
    invited_day: int = NEVER
    invitations: int = 0
    touched: int = 0
    reached: int = 0
    praised_day: int = NEVER
    blamed_day: int = NEVER  # on which somebody last told her something bad of the brand
    influence: int = SPONTANEOUS
    teller: int = -1
    mute: bool = False  # says nothing about the brand

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
    topic: Crisis | None = None
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


@dataclass(slots=True, eq=False)
class Crisis:
    """A story that puts a brand's name at stake, and what the brand has said to it."""

    number: int
    key: int
    day: int
    cluster: str
    fault: bool
    severity: float
    tellers: list[ConsumerAgent]
    answer: str = "silence"
    answered_day: int = NEVER
    exposed_day: int = NEVER


@dataclass(slots=True, order=True)
class Item:
    """Something that waits for a brand's answer."""

    kind: int
    day: int
    key: int
    consumer: ConsumerAgent = field(compare=False)
    amount: float = field(compare=False, default=0.0)
