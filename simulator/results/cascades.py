"""Cascades: who told whom, as trees made from the log of tellings, and what they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.trees import generations, measure_trees
from simulator.results.daily import ratio
from simulator.world.state import F64, I32, I64

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trees:
    """The trees of some messages: one entry a consumer who knows a message; parents before their children.

    message: int32 [entries], a place in `ids`; consumer: int32; day: int32, on which she got to know it;
    parent: int32, the entry of whom she has it from, -1 for authors and first tellers of an event's message.
    """

    ids: I64
    message: I32
    consumer: I32
    day: I32
    parent: I32


def trees(messages: pd.DataFrame, tellings: pd.DataFrame) -> Trees:
    """The trees of `messages` (columns message, day, author) from `tellings` (columns message, day, teller, hearer).

    An event (author -1) is a root that is not counted; its first tellers are those who tell without having heard. A first teller
    who told nobody leaves no trace in the log: `run.messages` counts her, these trees do not.
    """
    ids = np.sort(messages["message"].to_numpy(np.int64))
    began = messages.set_index("message")["day"].reindex(ids).to_numpy(np.int64)
    log = tellings[tellings["message"].isin(ids)].sort_values("day", kind="stable")
    told, teller, hearer = (log[name].to_numpy(np.int64) for name in ("message", "teller", "hearer"))
    told = np.searchsorted(ids, told)
    authors = messages.set_index("message")["author"].reindex(ids).to_numpy(np.int64)
    width = int(max(authors.max(initial=0), teller.max(initial=0), hearer.max(initial=0))) + 1
    written = np.flatnonzero(authors >= 0)
    first = np.setdiff1d(told * width + teller, np.concatenate([told * width + hearer, written * width + authors[written]]))

    root = np.concatenate([written * width + authors[written], first])
    root.sort()
    pair = np.concatenate([root, told * width + hearer])
    day = np.concatenate([began[root // width], log["day"].to_numpy(np.int64)])
    order = np.argsort(pair, kind="stable")
    parent = np.full(len(pair), -1, np.int64)
    parent[len(root) :] = order[np.searchsorted(pair, told * width + teller, sorter=order)]
    return Trees(ids, *(column.astype(np.int32) for column in (pair // width, pair % width, day, parent)))


def measures(of: Trees) -> pd.DataFrame:
    """Columns message, size, depth, breadth, virality (see `engine.trees`): the same figures as in `run.messages`."""
    import pandas as pd

    size, depth, breadth, virality = measure_trees(of.message, of.parent, len(of.ids))
    return pd.DataFrame({"message": of.ids, "size": size, "depth": depth, "breadth": breadth, "virality": virality})


def reproduction(of: Trees, by: str = "generation") -> pd.DataFrame:
    """Columns `by`, consumers, children, reproduction_number: how many consumers one consumer told, on average.

    by: "generation" (0: authors and first tellers) or "day" (of getting to know the message). The last days of a run are censored:
    who heard yesterday has not finished telling.
    """
    import pandas as pd

    cohort = generations(of.parent) if by == "generation" else of.day
    if by not in ("generation", "day"):
        raise ValueError(f"by is {by!r}; allowed: generation, day")
    children = np.bincount(of.parent[of.parent >= 0], minlength=len(of.parent))
    values, place = np.unique(cohort, return_inverse=True)
    consumers = np.bincount(place, minlength=len(values))
    told: F64 = np.bincount(place, weights=children, minlength=len(values)).astype(np.float64)
    number = ratio(told, consumers.astype(np.float64))
    return pd.DataFrame({by: values, "consumers": consumers, "children": told.astype(np.int64), "reproduction_number": number})
