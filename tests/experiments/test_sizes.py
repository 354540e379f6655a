"""Sizes of cascades: figures that can be checked by hand, and tails that are found again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator import load_scenario, simulate
from simulator.experiments.sizes import cascade_sizes, ks_distance, size_figures, tail_exponent
from simulator.parameters import InputError


def test_figures_by_hand() -> None:
    found = size_figures([1, 1, 2, 4, 12], tail_from=4)
    assert (found.cascades, found.mean, found.median, found.largest, found.singles, found.in_tail) == (5, 4.0, 2.0, 12, 0.4, 2)


@pytest.mark.parametrize("exponent", [2.0, 2.5, 3.5])
def test_the_exponent_of_a_power_law_is_found_again(exponent: float) -> None:
    sizes = np.arange(1, 200_000, dtype=float)
    chances = sizes**-exponent / (sizes**-exponent).sum()
    drawn = np.random.default_rng(5).choice(sizes.astype(int), 200_000, p=chances)
    found, error, count = tail_exponent(drawn, 10)
    assert count == (drawn >= 10).sum()
    assert abs(found - exponent) < 4 * error
    assert error == pytest.approx((exponent - 1) / math.sqrt(count), rel=0.1)  # as of a continuous power law


def test_a_thin_tail_has_a_large_exponent() -> None:
    drawn = np.random.default_rng(5).geometric(0.3, 100_000)
    assert tail_exponent(drawn, 10)[0] > 4.0


def test_a_tail_needs_two_sizes() -> None:
    assert math.isnan(tail_exponent([1, 2, 30, 30], 10)[0])
    assert math.isnan(size_figures([1, 2, 3]).tail)


def test_the_distance_of_distributions_is_the_largest_difference() -> None:
    assert ks_distance([1, 2, 3, 4], [1, 2, 3, 4]) == 0.0
    assert ks_distance([1, 1, 1, 2], [1, 2, 2, 2]) == 0.5
    assert ks_distance([1, 1], [2, 2]) == 1.0


@pytest.mark.parametrize("bad", [[], [0, 1], [1.5], [math.inf], [[1]]])
def test_what_is_no_size_is_refused(bad: list[float]) -> None:
    with pytest.raises(InputError, match="whole numbers"):
        size_figures(bad)


def test_heard_and_tellers_are_those_of_the_log() -> None:
    scenario = load_scenario({
        "run": {"days": 20}, "population": {"size": 300}, "word_of_mouth": {"share": 0.3},
        "brands": [
            {"name": "Aurora", "start": {"awareness": 0.8, "penetration": 0.5, "loyalty": 0.5}},
            {"name": "Borealis", "start": {"awareness": 0.8, "penetration": 0.3, "loyalty": 0.5}},
        ],
        "events": [{"day": 3, "brand": "Aurora", "kind": "scandal", "severity": 0.8}],
    })  # fmt: skip
    run = simulate(scenario, seed=2)
    sizes, log = cascade_sizes(run), run.tellings
    authors = dict(zip(run.messages["message"], run.messages["author"], strict=True))
    assert len(sizes) == sum(author >= 0 for author in authors.values()) and len(sizes) > 50
    for row in sizes.itertuples():
        of_message = log[log["message"] == row.message]
        assert row.heard == 1 + len(of_message)
        assert row.tellers == len({authors[row.message], *of_message["teller"]})
    aurora = cascade_sizes(run, "Aurora", in_public=True)
    assert 0 < len(aurora) < len(sizes) and set(aurora["brand"]) == {"Aurora"}
    assert set(aurora["message"]) <= set(log.loc[log["online"] == 1, "message"])
    with pytest.raises(InputError, match=r"record\.tellings = true"):
        cascade_sizes(simulate(scenario.override({"record.tellings": False}), seed=2))
