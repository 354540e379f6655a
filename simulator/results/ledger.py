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
from simulator.engine.dose import FULL, ONE, UNIT
from simulator.language import _, number
from simulator.parameters import InputError
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

QUIET = ("reputation", "forgetting")
"""Causes of every day, which stories leave out unless asked."""

COLUMNS = {
    "day": "int64", "consumer": "int64", "brand": "str", "quantity": "str", "cause": "str", "by": "str", "before": "float64",
    "after": "float64", "amount": "float64",
}  # fmt: skip

NOBODY = -1
_AD, _ANNOYANCE, _NEWSLETTER, _INVITATION = range(4)
_REPLIES = (CAUSES.index("other"), _INVITATION, CAUSES.index("accepted"), CAUSES.index("refused"), CAUSES.index("opted out"))
_PRAISE, _BLAME, _ANSWER, _UNANSWERED = (CAUSES.index(name) for name in ("praise heard", "blame heard", "answer", "unanswered complaint"))
_OTHER, _FORGETTING = CAUSES.index("other"), CAUSES.index("forgetting")
_SIMPLE = {"experience": "experience", "co_creation": "took part"}

BYTES_A_DAY = 4 * 30
"""That a consumer's entries about a brand take on a day: at least what fades of four quantities."""

LARGE = 2e9
"""Bytes from which a user is warned of the size of a ledger."""

FEW_IDS = 10_000
"""Ids among which one may look for what was meant."""

_ROUNDING = 2.0**-24
"""The most that storing a share as float32 changes it."""


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


class Changes(NamedTuple):
    """What a rule changed of one quantity: parallel arrays, in order of consumer and brand."""

    name: str
    row: I64  # place in the panel
    consumer: I32
    brand: I8
    was: F64
    now: F64


class Tellings(NamedTuple):
    """What today's credited tellings to the panel weigh for their hearers, as doses; in order of hearer, brand and teller's key."""

    row: I64  # place of the hearer in the panel
    brand: I64
    teller: I64
    praises: np.ndarray  # bool
    awareness: F64
    trust: F64


class Ledger:
    """The book of a panel. `open` in the morning, `close` after each rule.

    panel     consumers in ascending order; default: those of `record.panel`
    followed  some of QUANTITIES
    """

    def __init__(self, market: Market, scenario: Scenario, panel: I32 | None = None, followed: Sequence[str] = QUANTITIES) -> None:
        self.market, self.scenario, self.followed = market, scenario, tuple(followed)
        self.panel = panel_of(market, scenario.record.panel) if panel is None else panel
        if panel is None:
            self._warn_of_size()
        self.blocks: list[Block] = []
        self._everybody = len(self.panel) == market.n
        self._row = np.full(market.n, -1)  # of each consumer in the panel
        self._row[self.panel] = np.arange(len(self.panel))
        self._before: dict[str, np.ndarray] = {}
        self._noted = tuple(dict.fromkeys((*self.followed, "trust", "irritation")))  # by these two, causes are told apart

    def _warn_of_size(self) -> None:
        people, days = len(self.panel), self.scenario.run.days
        size = BYTES_A_DAY * people * len(self.market.names) * days
        if size > LARGE:
            said = _("the ledger of {people} consumers over {days} days takes about {size} GB of memory")
            self.market.notices.append(said.format(people=number(people), days=number(days), size=number(size / 1e9)))

    def open(self) -> None:
        """Note how the panel stands."""
        self._before = self._stands()

    def _stands(self) -> dict[str, np.ndarray]:
        state, panel = self.market.state, self.panel
        return {name: getattr(state, name).copy() if self._everybody else getattr(state, name)[panel] for name in self._noted}

    def close(self, rule: str) -> None:
        """Write down what a rule changed since the last look."""
        if self.market.day < 0:
            return
        stands = self._stands()
        tellings: Tellings | None = None
        for name in self.followed:
            before, after = self._before[name], stands[name]
            differs = before != after
            if not differs.any():
                continue
            row, brand = np.nonzero(differs)
            was, now = before[row, brand].astype(np.float64), after[row, brand].astype(np.float64)
            changes = Changes(name, row, self.panel[row], brand.astype(np.int8), was, now)
            if rule == "word_of_mouth" and name in ("trust", "awareness"):
                tellings = self._heard_today() if tellings is None else tellings
                self._tellings(changes, tellings)
            elif rule == "advertising" and name == "trust":
                self._advertising(changes)
            else:
                causes = self._causes(rule, changes)
                by = np.where(causes == _FORGETTING, NOBODY, brand)
                self._write(Block(self.market.day, QUANTITIES.index(name), changes.consumer, changes.brand, causes, by, was, now))
        self._before = stands

    def _write(self, block: Block) -> None:
        self.blocks.append(block)

    def _causes(self, rule: str, changes: Changes) -> U8:
        """uint8: places in CAUSES."""
        name, now = changes.name, changes.now
        if rule == "permission":
            causes = np.full(len(now), _INVITATION) if name != "consent" else np.array(_REPLIES)[now.astype(np.int64)]
        elif rule == "advertising":
            causes = np.where(self._saw_ads(changes), _AD, _NEWSLETTER)
        elif rule == "conversation":
            causes = np.where((now < changes.was) & (name == "trust"), _UNANSWERED, _ANSWER)
        elif rule == "forgetting":
            causes = np.full(len(now), CAUSES.index("reputation") if name == "trust" else _FORGETTING)
        else:
            causes = np.full(len(now), CAUSES.index(_SIMPLE.get(rule, "other")))
        return causes.astype(np.uint8)

    def _saw_ads(self, changes: Changes) -> np.ndarray:
        """bool: whether an unsolicited contact of the brand was delivered to the consumer today."""
        contacts = self.market.contacts
        seen = np.zeros(len(changes.consumer), np.bool_)
        for plan, (brand, *_channel) in enumerate(contacts.plans):
            seen |= (changes.brand == brand) & (contacts.delivered[changes.consumer, plan] > 0)
        return seen

    def _advertising(self, changes: Changes) -> None:
        """Trust that contacts gained, and what the annoyance about them cost."""
        parameters, was, brand = self.scenario.advertising, changes.was, changes.brand.astype(np.int64)
        irritation = self._before["irritation"][changes.row, changes.brand].astype(np.float64)
        # as in `advertising.harm_of_irritation`; an infinite tolerance point leaves nothing above it
        lost = -np.expm1(-parameters.reactance * np.maximum(0.0, irritation - parameters.tolerance_point)) * was
        annoyed, gained = lost > 0.0, changes.now - (was - lost) > _ROUNDING
        both = annoyed & gained
        change = np.repeat(np.arange(len(was)), 1 + both)
        first = np.concatenate([[True], change[1:] != change[:-1]])
        cause = np.where(annoyed[change] & first, _ANNOYANCE, np.where(self._saw_ads(changes), _AD, _NEWSLETTER)[change])
        self._split(changes, change, cause, brand[change], np.where(first, -lost[change], 0.0))

    def _tellings(self, changes: Changes, heard: Tellings) -> None:
        """What each teller of today did to trust or awareness."""
        brands, was = len(self.market.names), changes.was
        changed = changes.row * brands + changes.brand
        dose = heard.trust if changes.name == "trust" else heard.awareness
        place = np.searchsorted(changed, heard.row * brands + heard.brand)
        place[place == len(changed)] = 0
        counts = (dose > 0.0) & (changed[place] == heard.row * brands + heard.brand)
        change, dose, praises, teller = place[counts], dose[counts], heard.praises[counts], heard.teller[counts]
        up = praises if changes.name == "trust" else np.ones(len(dose), np.bool_)
        rising, falling = (np.bincount(change, dose * way, len(was)).astype(np.float64) for way in (up, ~up))
        per_rise = _share(rising) * (1.0 - was) / np.maximum(1.0, rising)
        per_fall = _share(falling) * was / np.maximum(1.0, falling)
        amount = np.where(up, per_rise[change], -per_fall[change]) * dose
        cause, by = np.where(praises, _PRAISE, _BLAME), brands + teller
        silent = np.flatnonzero(np.bincount(change, minlength=len(was)) == 0)
        if len(silent):  # a rule that nobody here knows of may have done it
            where = np.searchsorted(change, silent)
            change, cause, by, amount = (
                np.insert(column, where, value)
                for column, value in ((change, silent), (cause, _OTHER), (by, NOBODY), (amount, 0.0))
            )  # fmt: skip
        self._split(changes, change, cause, by, amount)

    def _heard_today(self) -> Tellings:
        """Today's credited tellings to the panel, weighed as `telling.take_in` does."""
        market, w, roles = self.market, self.scenario.word_of_mouth, self.scenario.roles
        m, began = market.messages, int(np.searchsorted(market.messages.entry_day[: market.messages.entries], market.day))
        told = began + np.flatnonzero((m.entry_parent[began : m.entries] >= 0) & (self._row[m.entry_consumer[began : m.entries]] >= 0))
        hearer, number, teller = m.entry_consumer[told], m.entry_message[told], m.entry_consumer[m.entry_parent[told]].astype(np.int64)
        row, brand, praises, source = self._row[hearer], m.brand[number].astype(np.int64), m.valence[number] > 0, m.entry_layer[told]
        if len(market.role):
            source = np.where(market.role[teller] & JOURNALIST != 0, len(LAYERS), source)
        credibility = np.array([*(getattr(w.credibility, layer) for layer in LAYERS), roles.journalist_credibility])[source]
        x = credibility * (1.0 + m.window_arousal[number - m.first]) / 2.0 * w.strength
        loyalty, trusted = market.state.loyalty[hearer, brand].astype(np.float64), self._before["trust"][row, brand].astype(np.float64)
        argued = 1.0 - w.defence * loyalty * np.maximum(0.0, 2.0 * trusted - 1.0)
        x = np.where(praises, x, np.minimum(1.0, w.negativity * x) * argued)
        order = np.lexsort((market.consumers.keys[teller], brand, row))
        awareness, trust = _doses(w.recall * credibility), _doses(x)
        return Tellings(row[order], brand[order], teller[order], praises[order], awareness[order], trust[order])

    def _split(self, changes: Changes, change: I64, cause: I64, by: I64, amount: F64) -> None:
        """A chain of entries for every change, the last of which takes the remainder.

        change: int64 [entries], of which change each entry is a part, ascending and none left out.
        """
        count = np.bincount(change)
        first, level = np.cumsum(count) - count, changes.was.copy()
        before, after = np.empty(len(change)), np.empty(len(change))
        for step in range(int(count.max())):  # not one sum over all, so that a consumer's entries do not depend on the rest of the panel
            going = np.flatnonzero(count > step)
            at = first[going] + step
            before[at] = level[going]
            level[going] += amount[at]
            after[at] = level[going]
        after[first + count - 1] = changes.now
        self._write(Block(
            self.market.day, QUANTITIES.index(changes.name), changes.consumer[change], changes.brand[change], cause.astype(np.uint8), by,
            before, after,
        ))  # fmt: skip

    # -- reading -------------------------------------------------------------------------------------------------

    def table(self, left_out: Sequence[str] = ()) -> pd.DataFrame:
        """COLUMNS, in order of time. `by`: a brand, the number of the consumer who told, or nothing. left_out: some of CAUSES."""
        import pandas as pd

        if not self.blocks:
            return empty_table()
        found = self.arrays()
        day, quantity, length = found.pop("blocks").T
        found |= {"day": np.repeat(day, length), "quantity": np.repeat(quantity, length)}
        if left_out:
            kept = ~np.isin(found["cause"], [CAUSES.index(cause) for cause in left_out])
            found = {name: column[kept] for name, column in found.items()}
        names = np.array(self.market.names, dtype=object)
        authors = np.array([*names, *map(str, range(self.market.n)), ""], dtype=object)  # the last is NOBODY
        words = {
            "brand": names[found["brand"]], "quantity": np.array(QUANTITIES, dtype=object)[found["quantity"]],
            "cause": np.array(CAUSES, dtype=object)[found["cause"]], "by": authors[found["by"]], "amount": found["after"] - found["before"],
        }  # fmt: skip
        return pd.DataFrame(found | words)[list(COLUMNS)].astype(COLUMNS)

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


class Sums(Ledger):
    """What each cause did to trust, summed over all consumers: no entries, so that a whole market fits.

    moved: float64 [brands, causes]; opening: float64 [brands], the sum of trust when the book was opened.
    """

    def __init__(self, market: Market, scenario: Scenario) -> None:
        super().__init__(market, scenario, np.arange(market.n, dtype=np.int32), ("trust",))
        self.opening: F64 = market.state.trust.sum(axis=0, dtype=np.float64)
        self.moved = np.zeros((len(market.names), len(CAUSES)))

    def _write(self, block: Block) -> None:
        place = block.brand.astype(np.int64) * len(CAUSES) + block.cause
        self.moved += np.bincount(place, block.after - block.before, self.moved.size).reshape(self.moved.shape)


def _doses(x: F64) -> F64:
    """`engine.dose.dose` of many."""
    some = np.minimum(x, 1.0 - 2.0**-53)
    return np.where(x >= 1.0, FULL, np.floor(-np.log1p(-some) * ONE + 0.5))


def _share(total: F64) -> F64:
    """`engine.dose.share` of many."""
    return -np.expm1(-total * UNIT)


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
    if isinstance(asked, tuple):
        _refuse_strangers(market, asked)
    return np.sort(selected(market, asked, name_key("panel")))  # type: ignore[arg-type]  # ids or a number, says the schema


def _refuse_strangers(market: Market, asked: Sequence[int | str]) -> None:
    """Every id must be that of a consumer."""
    from simulator.scenario.problems import did_you_mean, shown

    ids = market.graph.ids
    known = frozenset(ids or ())
    for each in asked:
        if ids is None and not (str(each).isdecimal() and int(each) < market.n):
            wrong = _("consumer {id} is not in the market; allowed: 0 to {last}").format(id=shown(each), last=market.n - 1)
            raise InputError(wrong, key="record.panel")
        if ids is not None and str(each) not in known:
            alike = did_you_mean(each, ids) if len(ids) <= FEW_IDS else ""
            raise InputError(_("consumer {id} is not in the network's file").format(id=shown(each)) + alike, key="record.panel")


def empty_table() -> pd.DataFrame:
    """The ledger of nobody."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
