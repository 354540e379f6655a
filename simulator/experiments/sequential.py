"""More pairs until the answer is there: a group-sequential rule that keeps the error rate.

Looking again and again at the usual 5% would find a difference sooner or later where there is none. Here the 5% are shared evenly among
all looks that may be taken (Bonferroni): each tests at 1%, with intervals to match, so that the chance of a false claim in any of them
is at most 5%, however the looks hang together. Pocock's boundary (1977, Biometrika 64:191) would be a little less strict, but is exact
only for normal means of a single figure. When to stop may depend on whatever was seen: the level has been paid for beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.experiments.paired import LEVEL, UNCLEAR
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

DECIDED = "decided"
LOOKS = 5
"""How often one may look at most: after R, 2R, ... pairs."""


def level_of(until: str) -> float:
    """The level at which the tables of a comparison test: all of it for one look, a part for each of several."""
    return LEVEL / LOOKS if until == DECIDED else LEVEL


def undecided(verdicts: pd.DataFrame) -> int:
    """How many rows of the last day luck leaves open: headline figures that are known in any pair."""
    headline = [name for name, kpi in KPIS.items() if kpi.headline]
    rows = verdicts[(verdicts["day"] == verdicts["day"].max()) & verdicts["kpi"].isin(headline) & (verdicts["n"] > 0)]
    return int((rows["luck_verdict"] == UNCLEAR).sum())


def look_table(looks: list[tuple[int, int, int]]) -> pd.DataFrame:
    """Columns look, replicates, undecided."""
    import pandas as pd

    return pd.DataFrame(looks, columns=["look", "replicates", "undecided"])
