"""Who was won and who was lost: consumers who end as customers of the focal brand in one scenario and not in its paired twin.

A customer of a brand is who bought it last, of all brands (in a durable market: who owns it); who bought nothing in the run stays what
she was on day 0. The two lives of such a consumer are told once more with her in the panel; they part on the first day on which
something happens to her in one of them and not in the other: the same cause, author and brand count as the same, whatever the
amounts, and what happens every day (forgetting, the drift to reputation) does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from simulator.engine.chance import address
from simulator.experiments.comparison import same_world
from simulator.experiments.explain import live, watched
from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.pool import Progress, run_all
from simulator.results.ledger import CAUSES, QUIET
from simulator.scenario.schema import Scenario
from simulator.world.state import I32

if TYPE_CHECKING:
    import pandas as pd

Result = TypeVar("Result")

MOST_LIVES = 100
"""Consumers of a pair of scenarios whose lives are told: so many of the won, so many of the lost."""

QUICK = 5_000_000
"""Consumers times days of all scenarios, up to which other processes would take longer to start than they save."""

COLUMNS = {
    "a": "str", "b": "str", "replicate": "int64", "consumer": "int64", "segment": "str", "kind": "str", "day": "float64",
    "quantity": "str", "cause": "str", "by": "str", "brand": "str", "life": "str",
}  # fmt: skip

WON, LOST = "won", "lost"

_NO_TEXT = {"quantity": "", "cause": "", "by": "", "brand": "", "life": ""}

_HAPPENING = ["consumer", "day", "brand", "cause", "by"]
"""What makes two entries of two lives the same happening."""


class _Task(NamedTuple):
    scenario: Scenario
    focal: str
    seed: int
    panel: tuple[int, ...] | None  # None: who ends as a customer is all that is asked


class End(NamedTuple):
    """How a run ends for everybody."""

    customer: np.ndarray  # bool [n], of the focal brand
    segment: np.ndarray  # of names [n]


def flipped(
    scenarios: Sequence[Scenario], names: Sequence[str], focal: str, seed: int = 1, workers: int | None = None,
    progress: Progress | None = None, most: int = MOST_LIVES,
) -> pd.DataFrame:  # fmt: skip
    """A row for each pair of scenarios and consumer who flipped, in the first replicate (that with `seed`).

    a, b, replicate (0), consumer, segment, kind: won, a customer at the end of a and not of b, or lost, the other way round
    day, quantity, cause, by, brand   the happening with which her two lives part, as the ledger has it; by: a brand or a consumer
    life                              the scenario, a or b, in whose life it happened

    The happening is told for at most `most` of the won and of the lost of a pair, drawn by chance if there are more; day is NaN and the
    texts are empty for the others, and where the ledger knows no difference. Pairs with other people or ties are left out.
    """
    import pandas as pd

    forget()
    total = 2 * len(scenarios)
    if sum(each.population.size * each.run.days for each in scenarios) <= QUICK:
        workers = 1
    ends: dict[int, End] = _each(ended, [_Task(each, focal, seed, None) for each in scenarios], workers, _part(progress, 0, total))
    pairs = [
        (a, b) for b in range(len(names)) for a in range(b + 1, len(names))
        if a in ends and b in ends and same_world(scenarios[a], scenarios[b])
    ]  # fmt: skip
    who = {(a, b): np.flatnonzero(ends[a].customer != ends[b].customer).astype(np.int32) for a, b in pairs}
    told = {pair: _some(consumers, ends[pair[0]].customer[consumers], most, seed) for pair, consumers in who.items()}
    panels = [
        np.unique(np.concatenate([np.zeros(0, np.int32), *(told[pair] for pair in pairs if each in pair)])) for each in range(len(names))
    ]
    tasks = [_Task(each, focal, seed, tuple(panel.tolist())) for each, panel in zip(scenarios, panels, strict=True)]
    lives: dict[int, pd.DataFrame] = _each(lived, tasks, workers, _part(progress, len(scenarios), total))
    parts = []
    for (a, b), consumers in who.items():
        if a not in lives or b not in lives:
            continue
        won = ends[a].customer[consumers]
        part = pd.DataFrame({"consumer": consumers, "segment": ends[a].segment[consumers], "kind": np.where(won, WON, LOST)})
        one, other = (lives[each][lives[each]["consumer"].isin(told[a, b])] for each in (a, b))
        part = part.merge(parting(one, other, names[a], names[b]), on="consumer", how="left")
        parts.append(part.assign(a=names[a], b=names[b], replicate=0))
    return pd.concat(parts, ignore_index=True).fillna(_NO_TEXT)[list(COLUMNS)].astype(COLUMNS) if parts else empty()


def empty() -> pd.DataFrame:
    """Nobody flipped, or nobody asked."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def parting(one: pd.DataFrame, other: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """Columns consumer, day, quantity, cause, by, brand, life: for each consumer the first happening in one of two ledgers only.

    On one day the first in the order of CAUSES, which is about that of the day; then that of the life in a.
    """
    import pandas as pd

    firsts = [ledger.drop_duplicates(_HAPPENING)[[*_HAPPENING, "quantity"]].assign(life=name) for ledger, name in ((one, a), (other, b))]
    alone = pd.concat(firsts, ignore_index=True).drop_duplicates(_HAPPENING, keep=False)
    order = alone["cause"].map({cause: place for place, cause in enumerate(CAUSES)})
    first = alone.assign(order=order, later=alone["life"] != a).sort_values(
        ["consumer", "day", "order", "later", "brand", "by"], kind="stable"
    )
    return first.drop_duplicates("consumer")[["consumer", "day", "quantity", "cause", "by", "brand", "life"]]


def ended(task: _Task) -> End:
    """A run without a ledger: who ends as a customer."""
    model = watched(task.scenario, task.seed, graph_of(task.scenario, task.seed))
    live(model)
    market = model.market
    customer = np.abs(market.shown_next) == market.names.index(task.focal) + 1
    return End(customer, np.array(market.segments, dtype=object)[market.consumers.segment])


def lived(task: _Task) -> pd.DataFrame:
    """What happened to the panel, but for what happens every day: a ledger."""
    panel: I32 = np.array(task.panel, np.int32)
    model = watched(task.scenario, task.seed, graph_of(task.scenario, task.seed), panel)
    if len(panel):
        live(model)
    assert model.ledger is not None
    return model.ledger.table(left_out=QUIET)


def _each(work: Callable[[_Task], Result], tasks: Sequence[_Task], workers: int | None, progress: Progress) -> dict[int, Result]:
    finished = run_all(work, tasks, workers, progress)
    if finished.interrupted:
        raise KeyboardInterrupt
    return finished.results


def _part(progress: Progress | None, done: int, total: int) -> Progress:
    """Progress of a part of the work that begins when `done` of `total` tasks are done."""
    return lambda more, _: progress(done + more, total) if progress is not None else None


def _some(consumers: I32, won: np.ndarray, most: int, seed: int) -> I32:
    """At most so many of the won, and of the lost, by chance."""
    luck = np.random.default_rng(int(address(seed, "flipped")))
    parts = [consumers[won], consumers[~won]]
    return np.concatenate([part if len(part) <= most else luck.choice(part, most, replace=False) for part in parts])
