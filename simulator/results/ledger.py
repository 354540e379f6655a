"""The ledger: every change in the minds of a few consumers, with its cause and its author.

It is taken from outside, as the difference that a rule makes to the rows of the panel, so that no rule knows of it and no result
depends on it. What several tellers did on one day is split by their doses (the last takes what rounding leaves), what an
advertisement did into what it gained and what its annoyance cost. The entries of a consumer, brand and quantity form a chain: each
begins where the one before ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.engine.chance import name_key
from simulator.engine.dose import dose, share
from simulator.parameters import InputError
from simulator.rules import advertising, telling
from simulator.world.events import selected
from simulator.world.market import Market
from simulator.world.state import F64, I8, I32, I64, JOURNALIST, LAYERS, U8

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario.schema import Scenario

QUANTITIES = ("trust", "awareness", "irritation", "satisfaction", "consent", "blocked")
"""What is followed; consent as its code (0 none, 1 asked, 2 opted in, 3 refused, 4 opted out), blocked as 0 or 1."""

CAUSES = (
    "ad", "annoyance", "newsletter", "invitation", "accepted", "refused", "opted out", "experience", "praise heard", "blame heard",
    "answer", "unanswered complaint", "took part", "reputation", "forgetting", "other",
)  # fmt: skip

COLUMNS = {
    "day": "int64", "consumer": "int64", "brand": "str", "quantity": "str", "cause": "str", "by": "str", "before": "float64",
    "after": "float64", "amount": "float64",
}  # fmt: skip

NOBODY = -1
_AD, _ANNOYANCE, _NEWSLETTER, _INVITATION = range(4)
_REPLIES = (CAUSES.index("other"), _INVITATION, CAUSES.index("accepted"), CAUSES.index("refused"), CAUSES.index("opted out"))
_PRAISE, _BLAME, _ANSWER, _UNANSWERED = (CAUSES.index(name) for name in ("praise heard", "blame heard", "answer", "unanswered complaint"))
_SIMPLE = {"experience": "experience", "co_creation": "took part"}


class Block(NamedTuple):
    """Entries of one quantity from one rule and day: parallel arrays. by: number of a brand, brands + consumer, or NOBODY."""

    day: int
    quantity: int
    consumer: I32
    brand: I8
    cause: U8
    by: I64
    before: F64
    after: F64


class Telling(NamedTuple):
    """What one telling of today weighs for its hearer, as doses."""

    teller: int
    praises: bool
    awareness: int
    trust: int


class Ledger:
    """The book of a panel. `open` before a rule acts, `close` after it."""

    def __init__(self, market: Market, scenario: Scenario) -> None:
        self.market, self.scenario = market, scenario
        self.panel = panel_of(market, scenario.record.panel)
        self.blocks: list[Block] = []
        self._before: list[np.ndarray] = []

    def open(self) -> None:
        """Note how the panel stands."""
        self._before = [getattr(self.market.state, name)[self.panel] for name in QUANTITIES]

    def close(self, rule: str) -> None:
        """Write down what a rule changed."""
        market = self.market
        if market.day < 0:
            return
        for quantity, (name, before) in enumerate(zip(QUANTITIES, self._before, strict=True)):
            after = getattr(market.state, name)[self.panel]
            rows, columns = np.nonzero(after != before)
            if len(rows) == 0:
                continue
            was, now = before[rows, columns].astype(np.float64), after[rows, columns].astype(np.float64)
            consumers, brands = self.panel[rows], columns.astype(np.int8)
            if rule == "word_of_mouth" and name in ("trust", "awareness"):
                self._tellings(quantity, consumers, brands, was, now)
            elif rule == "advertising" and name == "trust":
                self._advertising(quantity, rows, consumers, brands, was, now)
            else:
                causes = self._causes(rule, name, consumers, brands, was, now)
                nobody = causes == CAUSES.index("forgetting")
                by = np.where(nobody, NOBODY, brands.astype(np.int64))
                self.blocks.append(Block(market.day, quantity, consumers, brands, causes, by, was, now))

    def _causes(self, rule: str, name: str, consumers: I32, brands: I8, was: F64, now: F64) -> U8:
        """uint8: places in CAUSES."""
        if rule == "permission":
            causes = np.full(len(now), _INVITATION) if name != "consent" else np.array(_REPLIES)[now.astype(np.int64)]
        elif rule == "advertising":
            causes = np.where(self._saw_ads(consumers, brands), _AD, _NEWSLETTER)
        elif rule == "conversation":
            causes = np.where((now < was) & (name == "trust"), _UNANSWERED, _ANSWER)
        elif rule == "forgetting":
            causes = np.full(len(now), CAUSES.index("reputation" if name == "trust" else "forgetting"))
        else:
            causes = np.full(len(now), CAUSES.index(_SIMPLE.get(rule, "other")))
        return causes.astype(np.uint8)

    def _saw_ads(self, consumers: I32, brands: I8) -> np.ndarray:
        """bool: whether an unsolicited contact of the brand was delivered to the consumer today."""
        contacts = self.market.contacts
        plans = np.array([brand for brand, _ in contacts.plans], np.int64)
        delivered = contacts.delivered[consumers] > 0 if len(plans) else np.zeros((len(consumers), 0), bool)
        seen: np.ndarray = (delivered & (plans[None, :] == brands[:, None])).any(axis=1)
        return seen

    def _advertising(self, quantity: int, rows: I64, consumers: I32, brands: I8, was: F64, now: F64) -> None:
        """Trust that contacts gained, and what the annoyance about them cost."""
        parameters, irritation = self.scenario.advertising, self._before[QUANTITIES.index("irritation")]
        gained = np.where(self._saw_ads(consumers, brands), _AD, _NEWSLETTER)
        parts = []
        for row, b, value, cause in zip(rows, brands, was, gained, strict=True):
            harm = advertising.harm_of_irritation.python(float(irritation[row, b]), parameters.reactance, parameters.tolerance_point)
            annoyance = (_ANNOYANCE, int(b), -share.python(dose.python(harm)) * value)
            gain = (int(cause), int(b), 0.0)
            parts.append([gain] if harm <= 0.0 else [annoyance, gain] if parameters.gain > 0.0 else [annoyance])
        self._split(quantity, consumers, brands, was, now, parts)

    def _tellings(self, quantity: int, consumers: I32, brands: I8, was: F64, now: F64) -> None:
        """What each teller of today did to trust or awareness."""
        heard = self._heard_today()
        brand_count = len(self.market.names)
        parts = []
        for i, b, value in zip(consumers, brands, was, strict=True):
            tellings = sorted(heard.get((int(i), int(b)), []), key=lambda one: int(self.market.consumers.keys[one.teller]))
            doses = [one.trust if QUANTITIES[quantity] == "trust" else one.awareness for one in tellings]
            rising = [one.praises or QUANTITIES[quantity] == "awareness" for one in tellings]
            up, down = (sum(d for d, rises in zip(doses, rising, strict=True) if rises == way) for way in (True, False))
            room = {True: share.python(up) * (1.0 - value) / max(1, up), False: -share.python(down) * value / max(1, down)}
            chain = [
                (_PRAISE if one.praises else _BLAME, brand_count + one.teller, room[rises] * d)
                for one, d, rises in zip(tellings, doses, rising, strict=True) if d > 0
            ]  # fmt: skip
            parts.append(chain or [(CAUSES.index("other"), NOBODY, 0.0)])
        self._split(quantity, consumers, brands, was, now, parts)

    def _heard_today(self) -> dict[tuple[int, int], list[Telling]]:
        """Today's credited tellings to the panel, by (consumer, brand), with their doses."""
        market, w, roles = self.market, self.scenario.word_of_mouth, self.scenario.roles
        m, state = market.messages, market.state
        began = int(np.searchsorted(m.entry_day[: m.entries], market.day))
        told = began + np.flatnonzero((m.entry_parent[began : m.entries] >= 0) & np.isin(m.entry_consumer[began : m.entries], self.panel))
        trust, place = self._before[0], {int(i): row for row, i in enumerate(self.panel)}
        heard: dict[tuple[int, int], list[Telling]] = {}
        for e in told.tolist():
            i, number, teller = int(m.entry_consumer[e]), int(m.entry_message[e]), int(m.entry_consumer[m.entry_parent[e]])
            b, praises = int(m.brand[number]), bool(m.valence[number] > 0)
            journalist = len(market.role) > 0 and bool(market.role[teller] & JOURNALIST)
            credibility = roles.journalist_credibility if journalist else getattr(w.credibility, LAYERS[m.entry_layer[e]])
            x = telling.hearing_strength.python(credibility, float(m.window_arousal[number - m.first]), w.strength)
            if not praises:
                argued = telling.counter_argument.python(float(state.loyalty[i, b]), float(trust[place[i], b]), w.defence)
                x = min(1.0, w.negativity * x) * argued
            told_doses = Telling(teller, praises, dose.python(w.recall * credibility), dose.python(x))
            heard.setdefault((i, b), []).append(told_doses)
        return heard

    def _split(
        self, quantity: int, consumers: I32, brands: I8, was: F64, now: F64, parts: Sequence[Sequence[tuple[int, int, float]]]
    ) -> None:
        """A chain of entries for every change; the last of each takes the remainder."""
        rows: list[tuple[int, int, int, int, float, float]] = []
        for i, b, before, after, chain in zip(consumers, brands, was.tolist(), now.tolist(), parts, strict=True):
            for step, (cause, by, amount) in enumerate(chain):
                end = after if step == len(chain) - 1 else before + amount
                rows.append((int(i), int(b), cause, by, before, end))
                before = end
        columns = list(zip(*rows, strict=True))
        kinds = (np.int32, np.int8, np.uint8, np.int64, np.float64, np.float64)
        arrays = [np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        self.blocks.append(Block(self.market.day, quantity, *arrays))

    # -- reading -------------------------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """COLUMNS, in order of time. `by`: a brand, the number of the consumer who told, or nothing."""
        import pandas as pd

        names = np.array([*self.market.names], dtype=object)
        parts = []
        for block in self.blocks:
            authors = [
                names[by] if 0 <= by < len(names) else str(by - len(names)) if by >= 0 else "" for by in block.by.tolist()
            ]  # fmt: skip
            parts.append({
                "day": np.full(len(block.consumer), block.day), "consumer": block.consumer, "brand": names[block.brand],
                "quantity": np.full(len(block.consumer), QUANTITIES[block.quantity], dtype=object),
                "cause": np.array(CAUSES, dtype=object)[block.cause], "by": np.array(authors, dtype=object),
                "before": block.before, "after": block.after, "amount": block.after - block.before,
            })  # fmt: skip
        columns = {name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0, object) for name in COLUMNS}
        return pd.DataFrame(columns).astype(COLUMNS)

    # -- checkpoint ----------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that must survive a restart, as arrays."""
        lengths = np.array([(block.day, block.quantity, len(block.consumer)) for block in self.blocks], np.int64).reshape(-1, 3)
        joined = {
            name: np.concatenate([getattr(block, name) for block in self.blocks]) for name in Block._fields[2:] if self.blocks
        }  # fmt: skip
        return {"blocks": lengths} | joined

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Continue from `arrays()`."""
        self.blocks = list(_cut(kept))


def _cut(kept: dict[str, np.ndarray]) -> Iterator[Block]:
    start = 0
    for day, quantity, length in kept["blocks"].tolist():
        columns = (kept[name][start : start + length] for name in Block._fields[2:])
        yield Block(day, quantity, *columns)
        start += length


def panel_of(market: Market, asked: object) -> I32:
    """int32: the consumers of `record.panel`, in ascending order: ids, a number drawn by chance, or a segment."""
    from simulator.scenario.problems import unknown
    from simulator.scenario.schema import OfSegment

    if isinstance(asked, OfSegment):
        if asked.segment not in market.segments:
            raise InputError(unknown("segment", asked.segment, market.segments), key="record.panel.segment")
        return np.flatnonzero(market.consumers.segment == market.segments.index(asked.segment)).astype(np.int32)
    try:
        chosen = selected(market, asked, name_key("panel"))  # type: ignore[arg-type]  # ids or a number, says the schema
    except InputError as error:
        raise InputError(error.message.replace("an event takes", "the panel has"), key="record.panel") from None
    return np.sort(chosen)


def empty_table() -> pd.DataFrame:
    """The ledger of nobody."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
