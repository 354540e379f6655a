"""What a study says of its settings: how far each key moves a figure, and where two keys meet.

A cell's value is its mean over replicates; a level of a key is the mean of its cells, so that each setting counts alike however
many of its runs there are. Where the design has every combination of levels, the settings beside a level are the same for all
levels, and its interval is that of luck (over replicates). Where settings were spread over ranges, those beside a level
differ by chance, and its interval is that of its cells.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.experiments.paired import CONFIDENCE, F64
from simulator.experiments.study import Study
from simulator.language import _
from simulator.results.provenance import plain

if TYPE_CHECKING:
    import pandas as pd

I64 = NDArray[np.int64]

MOST_LEVELS = 16
"""Numbers with more levels than this are shown in bins."""

BINS = 6
CELLS_OF_A_BIN = 4
"""Bins are fewer rather than to hold fewer cells than this."""


@dataclass(frozen=True, eq=False)
class Levels:
    """What a key takes in a study, numbers with many levels gathered into bins of about as many cells each."""

    key: str
    labels: tuple[str, ...]
    positions: F64  # [levels]: the number, or the mean of the bin's; 0, 1, ... for what is no number
    of_cell: I64  # [cells]: which level each cell has
    numeric: bool
    binned: bool


def levels_of(study: Study, key: str, bins: int = BINS) -> Levels:
    """The levels of a varied key: numbers in their order, all else in the order in which it was listed."""
    values = [cell[key] for cell in study.cells]
    if not all(_is_number(value) for value in values):
        labels, codes = _distinct([as_text(value) for value in values])
        return Levels(key, labels, np.arange(len(labels), dtype=np.float64), codes, numeric=False, binned=False)
    numbers = np.array(values, dtype=np.float64)
    positions, codes = np.unique(numbers, return_inverse=True)
    if len(positions) <= MOST_LEVELS:
        return Levels(key, tuple(f"{value:g}" for value in positions), positions, codes.astype(np.int64), numeric=True, binned=False)
    bins = max(2, min(bins, len(numbers) // CELLS_OF_A_BIN))
    edges = np.quantile(numbers, np.linspace(0.0, 1.0, bins + 1))
    codes = np.unique(np.searchsorted(edges[1:-1], numbers, side="right"), return_inverse=True)[1].astype(np.int64)
    inside = [numbers[codes == code] for code in range(codes.max() + 1)]
    labels = tuple(_("{low} to {high}").format(low=f"{part.min():.3g}", high=f"{part.max():.3g}") for part in inside)
    return Levels(key, labels, np.array([part.mean() for part in inside]), codes, numeric=True, binned=True)


def as_text(value: Any) -> str:
    """A varied value as a word."""
    return value if isinstance(value, str) else json.dumps(plain(value), sort_keys=True)


def values_of(study: Study, kpi: str) -> F64:
    """A figure of every run, float64 [cells, replicates]; NaN where a run is missing, failed, or does not know it."""
    frame = study.frame()
    values = np.full((len(study.cells), study.replicates), np.nan)
    if len(frame):
        frame = frame[frame["error"].isna()]
        values[frame["cell"].to_numpy(np.int64), frame["replicate"].to_numpy(np.int64)] = frame[kpi].to_numpy(np.float64)
    return values


def means(values: F64, axis: int = 1) -> F64:
    """Means of what is known along an axis; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    result: F64 = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return result


def every_combination(study: Study) -> bool:
    """Whether the design has each combination of its keys' levels once."""
    levels = [len({as_text(cell[key]) for cell in study.cells}) for key in study.keys]
    return math.prod(levels) == len(study.cells)


def main_effects(study: Study, kpis: Sequence[str]) -> pd.DataFrame:
    """Columns key, level, position, kpi, n, mean, low, high: each figure at each level of each key, with the 95% interval of the mean.

    n: replicates where the design has every combination of levels, else cells.
    """
    import pandas as pd

    whole, levels, rows = every_combination(study), [levels_of(study, key) for key in study.keys], []
    for kpi in kpis:
        values = values_of(study, kpi)
        cells = means(values)
        luck = values - cells[:, None]
        for each in levels:
            for number, label in enumerate(each.labels):
                chosen = (each.of_cell == number) & ~np.isnan(cells)
                mean = float(cells[chosen].mean()) if chosen.any() else math.nan
                sample = mean + means(luck[chosen], axis=0) if whole else cells[chosen]
                n, low, high = _interval(sample[~np.isnan(sample)], mean)
                rows.append((each.key, label, float(each.positions[number]), kpi, n, mean, low, high))
    return pd.DataFrame(rows, columns=["key", "level", "position", "kpi", "n", "mean", "low", "high"])


def strengths(study: Study, kpi: str) -> dict[str, float]:
    """Key -> share of a figure's variance over cells that lies between the key's levels (0..1), the strongest key first."""
    cells = means(values_of(study, kpi))
    known = ~np.isnan(cells)
    total = float(((cells[known] - cells[known].mean()) ** 2).sum()) if known.any() else 0.0
    found = {}
    for key in study.keys:
        each = levels_of(study, key)
        codes, values = each.of_cell[known], cells[known]
        count = np.bincount(codes, minlength=len(each.labels))
        between = np.bincount(codes, values - values.mean(), minlength=len(each.labels)) if len(values) else np.zeros(1)
        found[key] = float((between**2 / np.maximum(count, 1)).sum()) / total if total > 0.0 else 0.0
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def surface(study: Study, one: str, other: str, kpi: str) -> tuple[Levels, Levels, F64]:
    """A figure over two keys: their levels and float64 [levels of one, levels of the other], NaN where no run finished."""
    bins = max(2, min(BINS, math.isqrt(len(study.cells) // CELLS_OF_A_BIN)))
    a, b = levels_of(study, one, bins), levels_of(study, other, bins)
    cells = means(values_of(study, kpi))
    known = ~np.isnan(cells)
    shape = (len(a.labels), len(b.labels))
    place = np.ravel_multi_index((a.of_cell[known], b.of_cell[known]), shape)
    count, total = (np.bincount(place, weights, minlength=math.prod(shape)) for weights in (None, cells[known]))
    return a, b, np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(shape)


def _interval(sample: F64, mean: float) -> tuple[int, float, float]:
    """How many values, and the ends of Student's interval around their mean; NaN below two."""
    from scipy import stats

    n = len(sample)
    if n < 2:
        return n, math.nan, math.nan
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1) * sample.std(ddof=1) / math.sqrt(n))
    return n, mean - half, mean + half


def _distinct(texts: Sequence[str]) -> tuple[tuple[str, ...], I64]:
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return tuple(places), np.array([places[text] for text in texts], dtype=np.int64)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
