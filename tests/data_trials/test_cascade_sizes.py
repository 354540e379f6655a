"""How large cascades are in the default market, beside those of a real platform.

Data: 3,333 retweet cascades of #auspol tweets (github behavioral-ds/evently). A tweet and its retweets are people who told, so
they stand beside `tellers`, not beside `heard`. The comparison is between unlike things, and says so: most everyday talk
in the model is about products, offline, to one partner; the tweets are political, public, and collected because they were there.
`python -m pytest -s -m long tests/data_trials/test_cascade_sizes.py` prints the table of docs/validity.md.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from simulator import load_scenario, simulate
from simulator.experiments.sizes import SizeFigures, cascade_sizes, ks_distance, size_figures
from tests.data_trials.real import DATA, needs_data

pytestmark = needs_data

MARKET = Path(__file__).resolve().parents[2] / "scenarios" / "three_eras" / "interruption.toml"


@pytest.fixture(scope="module")
def retweets() -> NDArray[np.int64]:
    """int64 [3333]: tweet and retweets of each cascade."""
    with gzip.open(DATA / "cascades" / "auspol_retweets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return np.array(list(Counter(row["cascade"] for row in csv.DictReader(file)).values()))


def organic(seeds: range, in_public: bool, **changes: object) -> pd.DataFrame:
    """Messages of the default market that consumers started, over runs."""
    scenario = load_scenario(MARKET).override(changes)
    return pd.concat([cascade_sizes(simulate(scenario, seed), in_public=in_public) for seed in seeds], ignore_index=True)


def line(name: str, found: SizeFigures, distance: float | None = None) -> str:
    tail = f"{found.tail:.2f} +- {found.tail_se:.2f} ({found.in_tail})" if found.in_tail else "none"
    ks = "" if distance is None else f"{distance:.2f}"
    return (
        f"| {name} | {found.cascades:,} | {found.mean:.2f} | {found.median:g} | {found.p90:g} | {found.p99:g} | {found.largest} "
        f"| {found.singles:.2f} | {tail} | {ks} |"
    )


def test_the_data_are_those_described(retweets: NDArray[np.int64]) -> None:
    found = size_figures(retweets)
    assert (found.cascades, found.median, found.largest) == (3333, 2.0, 309)
    assert (found.mean, found.p99, found.singles) == pytest.approx((3.15, 29.0, 0.49), abs=0.005)
    assert 2.0 < found.tail < 3.0  # a heavy tail


@pytest.mark.slow
@pytest.mark.compiled
def test_everyday_talk_has_the_middle_of_real_cascades_but_not_their_tail(retweets: NDArray[np.int64]) -> None:
    """Found, not wished for: docs/validity.md reports it."""
    public, real = size_figures(organic(range(1, 2), True, **{"run.days": 60})["tellers"]), size_figures(retweets)
    assert abs(public.median - real.median) <= 1
    assert public.singles > 0.4
    assert public.p99 < real.p99 / 2
    assert public.largest < real.largest / 10


@pytest.mark.long
def test_sizes_beside_the_real_ones(retweets: NDArray[np.int64]) -> None:
    seeds = range(1, 6)
    everything, public = organic(seeds, False), organic(seeds, True)
    large = organic(range(1, 2), True, **{"population.size": 32_000})
    print("\n| cascades | number | mean | median | p90 | p99 | largest | singles | tail exponent (sizes from 10 on) | KS distance |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    print(line("auspol: tweet and retweets", size_figures(retweets)))
    rows = (
        ("model, told in public: tellers", public["tellers"]), ("model, all: tellers", everything["tellers"]),
        ("model, all: heard", everything["heard"]), ("model, blame told in public: tellers", public.loc[public["valence"] < 0, "tellers"]),
        ("model, 32,000 consumers, told in public: tellers", large["tellers"]),
        ("model, 32,000 consumers, told in public: heard", large["heard"]),
    )  # fmt: skip
    for name, sizes in rows:
        print(line(name, size_figures(sizes), ks_distance(sizes, retweets)))
    for share in (0.2, 0.3, 0.45):
        hotter = organic(range(1, 2), True, **{"word_of_mouth.share": share})["tellers"]
        print(line(f"model, told in public, share {share}: tellers", size_figures(hotter), ks_distance(hotter, retweets)))
