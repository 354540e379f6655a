"""Why scenarios differ in trust: the difference of mean trust, attributed to causes.

Every change of anybody's trust is written into a ledger with its cause (`results.ledger`); summed over all consumers the entries lead
from mean trust on day 0 to mean trust at the end. This is bookkeeping, not a counterfactual: what a cause is credited with is what it
moved, whether or not something else would have moved it instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.experiments.graphs import forget, graph_of
from simulator.experiments.pool import Progress, run_all
from simulator.model import WordOfMouthModel
from simulator.results.ledger import CAUSES, Ledger, Sums
from simulator.scenario.schema import Scenario
from simulator.world.state import F64, I32

if TYPE_CHECKING:
    import pandas as pd

    from simulator.world.graph import SocialGraph

MOST_EXPLAINED = 4
"""Replicates that a comparison explains, of all it has."""

START = "start"
"""The cause of what was there on day 0."""

COLUMNS = ("a", "b", "cause", "amount_a", "amount_b", "difference", "n")


class _Task(NamedTuple):
    scenarios: tuple[Scenario, ...]
    focal: str
    seed: int


def explained(
    scenarios: Sequence[Scenario], names: Sequence[str], focal: str, seed: int = 1, replicates: int = MOST_EXPLAINED,
    workers: int | None = None, progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Columns a, b, cause, amount_a, amount_b, difference, n: a row for each pair of scenarios and cause that did something.

    amount_a   what the cause moved mean trust in the focal brand over all consumers, mean over n replicates; those of a pair sum to
               mean trust at the end of a, as cause `start` is mean trust on day 0. amount_b likewise
    difference amount_a - amount_b; those of a pair sum to the difference of mean trust

    Replicate r has seed + r, as in `compare`; one that fails is left out. A difference to the baseline, `names[0]`, has it as b.
    """
    import pandas as pd

    tasks = [_Task(tuple(scenarios), focal, seed + number) for number in range(replicates)]
    forget()
    finished = run_all(attributed, tasks, workers, progress)
    if finished.interrupted:
        raise KeyboardInterrupt
    if not finished.results:
        return empty()
    causes = (START, *CAUSES)
    mean: F64 = np.mean([table for _, table in sorted(finished.results.items())], axis=0)  # [scenarios, causes]
    rows = [
        (names[a], names[b], cause, float(mean[a, place]), float(mean[b, place]), float(mean[a, place] - mean[b, place]))
        for b in range(len(names)) for a in range(b + 1, len(names)) for place, cause in enumerate(causes)
        if mean[a, place] != 0.0 or mean[b, place] != 0.0
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS[:-1])).assign(n=len(finished.results))


def empty() -> pd.DataFrame:
    """Nothing explained."""
    import pandas as pd

    return pd.DataFrame(
        {name: pd.Series(dtype=kind) for name, kind in zip(COLUMNS, (*["str"] * 3, *["float64"] * 3, "int64"), strict=True)}
    )


def attributed(task: _Task) -> F64:
    """float64 [scenarios, 1 + causes]: mean trust on day 0, and what each cause moved it."""
    tables = []
    for scenario in task.scenarios:
        model = watched(scenario, task.seed, graph_of(scenario, task.seed))
        sums = model.ledger = Sums(model.market, scenario)
        live(model)
        brand, n = model.market.names.index(task.focal), model.market.n
        tables.append(np.concatenate([[sums.opening[brand]], sums.moved[brand]]) / n)
    return np.stack(tables)


def watched(scenario: Scenario, seed: int, graph: SocialGraph, panel: I32 | None = None) -> WordOfMouthModel:
    """A model on its day 0, with a ledger of these consumers if a panel is given."""
    model = WordOfMouthModel.build(scenario.override({"record.panel": []}), seed, graph=graph)
    if panel is not None:
        model.ledger = Ledger(model.market, scenario, panel)
    return model


def live(model: WordOfMouthModel) -> None:
    """Simulate all its days."""
    while model.market.day < model.scenario.run.days:
        model.step()
