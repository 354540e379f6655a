"""Events: what happens to a brand on a date, and whom it takes.

Each kind of event is declared beside the rule that makes it act; here is what all have in common.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from simulator.engine.chance import fold, name_key, uniform
from simulator.engine.compiled import compiled
from simulator.language import _
from simulator.parameters import InputError, Table, parameter
from simulator.world.market import Market
from simulator.world.selection import Highest, Selection, Share
from simulator.world.state import F64, I32, I64, U64

ROLES = "population.roles"
"""Where roles are written."""


class Event(Table):
    """Something dated that happens to a brand."""

    kind: str
    day: int = parameter(unit="day", meaning="when it happens, before anything else that day", ge=0)
    brand: str = parameter(unit="", meaning="to which brand")
    rule: ClassVar[str]  # the rule file it belongs to: a model without that rule is spared the event

    @abstractmethod
    def act(self, market: Market, key: int) -> None:
        """Change the market at the start of the day. `key` is the event's own address."""


def event_key(kind: str, brand: str, day: int, occurrence: int) -> int:
    """The address of an event: kind, brand, day and its number among equals."""
    word = name_key(kind)
    for part in (name_key(brand), day, occurrence):
        word = int(fold(word, part))
    return word


@compiled
def draws(place, keys):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """float64 [n]: everybody's draw at an address."""
    values = np.empty(len(keys))
    for i in range(len(keys)):
        values[i] = uniform(fold(place, keys[i]))
    return values


def selected(market: Market, selection: Selection, key: int, place: str = "events") -> I32:
    """int32: the consumers that an event or a role (written at `place`) takes, in ascending order of their keys."""
    keys: U64 = market.consumers.keys
    if isinstance(selection, tuple):
        # a consumer of a file has the key of her id there; without a file her key is her number, wherever she is stored
        named = [name_key(str(each)) if market.graph.ids is not None else int(each) for each in selection]
        chosen = np.flatnonzero(np.isin(keys, np.array(named, np.uint64)))
        if len(chosen) < len(set(named)):
            known = set(keys[chosen].tolist())
            unknown = next(each for each, word in zip(selection, named, strict=True) if word not in known)
            wrong = _("an event takes consumer {id}, who is not in the market")
            if place == ROLES:
                wrong = _("a role takes consumer {id}, who is not in the market")
            raise InputError(wrong.format(id=unknown), key=place)
    elif isinstance(selection, Highest):
        chosen = _smallest(-market.audience, keys, selection.highest_audience)
    else:
        luck = draws(market.at("event", key), keys)
        if isinstance(selection, Share):
            chosen = np.flatnonzero(luck < selection.share)
        else:
            chosen = _smallest(luck, keys, selection)
    return chosen[np.argsort(keys[chosen])].astype(np.int32)


def _smallest(values: F64 | I64, keys: U64, count: int) -> I64:
    """int64: where the smallest values stand; equal ones by key. Sorts only those that may be among them."""
    few = np.arange(len(values))
    if 0 < count < len(values):
        few = np.flatnonzero(values <= np.partition(values, count - 1)[count - 1])
    smallest: I64 = few[np.lexsort((keys[few], values[few]))][:count]
    return smallest
