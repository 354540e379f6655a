"""Events: what happens to a brand on a date, and whom it takes.

Each kind of event is declared beside the rule that makes it act; here is what all have in common.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from simulator.engine.chance import fold, name_key, uniform
from simulator.engine.compiled import compiled
from simulator.parameters import InputError, Table, parameter
from simulator.world.market import Market
from simulator.world.state import I32, U64


class Highest(Table):
    """The consumers with the largest audiences."""

    highest_audience: int = parameter(unit="consumers", meaning="how many, largest audience first", ge=1)


class Share(Table):
    """A random share of the market."""

    share: float = parameter(unit="share", meaning="of all consumers, drawn by chance", ge=0, le=1)


Selection = Annotated[int, Field(ge=0)] | tuple[int | str, ...] | Highest | Share
"""Whom an event takes: so many drawn by chance | these ids | { highest_audience = k } | { share = x }."""


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


def selected(market: Market, selection: int | tuple[int | str, ...] | Highest | Share, key: int) -> I32:
    """int32: the consumers that an event takes, in ascending order of their keys."""
    keys: U64 = market.consumers.keys
    if isinstance(selection, tuple):
        # a consumer of a file has the key of her id there; without a file her key is her number, wherever she is stored
        named = [name_key(str(each)) if market.graph.ids is not None else int(each) for each in selection]
        chosen = np.flatnonzero(np.isin(keys, np.array(named, np.uint64)))
        if len(chosen) < len(set(named)):
            known = set(keys[chosen].tolist())
            unknown = next(each for each, word in zip(selection, named, strict=True) if word not in known)
            raise InputError(f"an event takes consumer {unknown}, who is not in the market", key="events")
    elif isinstance(selection, Highest):
        chosen = np.lexsort((keys, -market.graph.audience()))[: selection.highest_audience]
    else:
        luck = draws(market.at("event", key), keys)
        if isinstance(selection, Share):
            chosen = np.flatnonzero(luck < selection.share)
        else:
            chosen = np.lexsort((keys, luck))[:selection]
    return chosen[np.argsort(keys[chosen])].astype(np.int32)
