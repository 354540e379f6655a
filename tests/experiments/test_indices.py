"""Screening, indices and shares of the space, on functions whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.experiments.flips import dependence, flip_map, shares, threshold
from simulator.experiments.indices import OTHERS, even, grouped, indices, luck, screened, spread, survivors, trajectories
from simulator.experiments.paired import F64
from simulator.parameters import InputError

pytest.importorskip("SALib", reason="the extra `sensitivity` is not installed")

ABC = ["a", "b", "c"]


def ishigami(u: F64) -> F64:
    """Ishigami and Homma (1990) with a = 7, b = .1; u in 0..1."""
    x = math.pi * (2.0 * u - 1.0)
    value: F64 = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return value


FIRST = {"a": 0.3139, "b": 0.4424, "c": 0.0}
TOTAL = {"a": 0.5576, "b": 0.4424, "c": 0.2437}


def test_indices_of_ishigami_are_the_known_ones() -> None:
    table = indices(ABC, ishigami(spread(ABC, ABC, 1024, 1))[:, None]).set_index("key")
    for key in ABC:
        assert table.loc[key, "S1"] == pytest.approx(FIRST[key], abs=0.05)
        assert table.loc[key, "ST"] == pytest.approx(TOTAL[key], abs=0.05)
        assert table.loc[key, "S1_low"] <= FIRST[key] <= table.loc[key, "S1_high"]
        assert table.loc[key, "ST_low"] <= TOTAL[key] <= table.loc[key, "ST_high"]


def test_indices_of_a_group_of_the_g_function_are_the_known_ones() -> None:
    a = np.array([0.0, 1.0, 4.5, 9.0, 9.0, 99.0])  # Sobol's g: variance of a factor is 1 / (3 (1 + a)^2)
    names = [f"x{place}" for place in range(len(a))]
    groups = grouped(names, ["x0", "x1"])
    u = spread(names, groups, 1024, 3)
    y = np.prod((np.abs(4.0 * u - 2.0) + a) / (1.0 + a), axis=1)
    parts = 1.0 / (3.0 * (1.0 + a) ** 2)
    variance = np.prod(1.0 + parts) - 1.0
    table = indices(groups, y[:, None]).set_index("key")
    rest = np.prod(1.0 + parts[2:]) - 1.0
    for key, part in (("x0", parts[0]), ("x1", parts[1]), (OTHERS, rest)):
        others = (1.0 + variance) / (1.0 + part)
        assert table.loc[key, "S1"] == pytest.approx(part / variance, abs=0.05)
        assert table.loc[key, "ST"] == pytest.approx(part * others / variance, abs=0.05)


def test_luck_is_told_from_parameters() -> None:
    u = spread(ABC, ABC, 1024, 2)
    noise = np.random.default_rng(4).normal(0.0, 3.0, (len(u), 4))
    y = 5.0 * u[:, :1] + noise + np.array([0.0, 1.0, 2.0, 3.0])  # what a seed does everywhere is in no difference between points
    table = indices(ABC, y).set_index("key")
    assert not table.loc["a", "within_noise"]
    assert table.loc["b", "within_noise"]
    assert table.loc["c", "within_noise"]
    of_noise = (9.0 / 4.0) / (25.0 / 12.0 + 9.0 / 4.0)
    assert table.loc["b", "noise"] == pytest.approx(of_noise, abs=0.05)
    assert table.loc["b", "ST"] == pytest.approx(of_noise, abs=0.05)
    found = luck(y[even(ABC, len(u))])
    whole = 25.0 / 12.0 + 9.0 + np.var([0, 1, 2, 3], ddof=1)
    assert found["parameters"] == pytest.approx(25.0 / 12.0 / whole, abs=0.03)
    assert found["luck"] == pytest.approx(9.0 / whole, abs=0.03)
    assert sum(found[name] for name in ("parameters", "seed", "luck")) == pytest.approx(1.0)


def test_without_replicates_luck_is_not_guessed() -> None:
    u = spread(ABC, ABC, 64, 2)
    assert indices(ABC, u[:, :1])["noise"].isna().all()
    assert math.isnan(luck(u[:, :1])["luck"])
    points = trajectories(ABC, 4, 1)
    assert screened(ABC, points, points[:, :1])["noise"].isna().all()


def test_where_nothing_varies_every_index_is_zero() -> None:
    table = indices(ABC, np.full((5 * 16, 2), 3.0))
    assert not table[["S1", "ST", "noise"]].to_numpy().any()


def test_points_with_unknown_outcomes_are_left_out() -> None:
    y = np.repeat(ishigami(spread(ABC, ABC, 1024, 1))[:, None], 2, axis=1)
    y[7, 1] = np.nan
    assert indices(ABC, y).set_index("key").loc["b", "S1"] == pytest.approx(FIRST["b"], abs=0.05)
    with pytest.raises(InputError, match="base points are whole"):
        indices(ABC, np.full((10, 2), np.nan))
    points = trajectories(ABC, 6, 1)
    outcome = points[:, :1].copy()
    outcome[0] = np.nan
    assert screened(ABC, points, outcome)["mu_star"].tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_screening_finds_effects_signs_interactions_and_exact_zeros() -> None:
    names = ["up", "down", "left", "right", "idle"]
    points = trajectories(names, 20, 1)
    y = 3.0 * points[:, 0] - 2.0 * points[:, 1] + points[:, 2] * points[:, 3]
    table = screened(names, points, y[:, None]).set_index("key")
    assert table.loc["up", "mu"] == pytest.approx(3.0)
    assert table.loc["down", "mu"] == pytest.approx(-2.0)
    assert table.loc["up", "sigma"] == pytest.approx(0.0, abs=1e-9)
    assert table.loc["left", "sigma"] > 0.1
    assert table.loc["idle", "mu_star"] == 0.0
    assert table.index[:2].tolist() == ["up", "down"]
    assert survivors([table.reset_index()], 3) == ["up", "down", *table.index[2:3]]


def test_screening_calls_luck_luck() -> None:
    names = [f"x{place}" for place in range(30)]
    points = trajectories(names, 10, 1)
    y = points[:, :1] * 5.0 + np.random.default_rng(1).normal(0.0, 1.0, (len(points), 4))
    table = screened(names, points, y).set_index("key")
    assert not table.loc["x0", "within_noise"]
    assert table["within_noise"].sum() >= 24  # 19 of 20 among 29
    assert survivors([table.reset_index()], 10)[0] == "x0"


def test_sequences_are_even_only_at_powers_of_two() -> None:
    with pytest.raises(InputError, match="64 or 128"):
        spread(ABC, ABC, 100, 1)


def test_the_same_seed_gives_the_same_points() -> None:
    assert (spread(ABC, ABC, 8, 5) == spread(ABC, ABC, 8, 5)).all()
    assert (spread(ABC, ABC, 8, 5) != spread(ABC, ABC, 8, 6)).any()
    assert (trajectories(ABC, 3, 5) == trajectories(ABC, 3, 5)).all()


def test_shares_of_the_space_count_ties_apart() -> None:
    found = shares(np.array([1.0, 1.0, 1.0, -1.0, 0.0, np.nan]))
    assert [found[name]["share"] for name in ("ahead", "tie", "behind")] == [0.6, 0.2, 0.2]
    assert found["ahead"]["n"] == 5
    assert found["ahead"]["low"] == pytest.approx(0.2307, abs=1e-3)  # Wilson's interval of 3 of 5
    assert found["ahead"]["high"] == pytest.approx(0.8824, abs=1e-3)


def test_the_parameter_that_flips_the_winner_is_found_with_its_value() -> None:
    u = np.random.default_rng(3).random((400, 3))
    state = np.where(u[:, 1] > 0.6, 1.0, -1.0)
    table = dependence(ABC, u, state, 10.0 * u)
    first = table.iloc[0]
    assert first["key"] == "b"
    assert first["difference"] == 1.0
    assert first["flips_at"] == pytest.approx(6.0, abs=0.2)
    assert first["accuracy"] == 1.0
    assert first["below"] == -1.0
    assert table["flips_at"].isna().sum() == 2  # the others do not flip it by more than the choice of points


def test_the_best_threshold_is_that_of_trying_all() -> None:
    generator = np.random.default_rng(8)
    x = generator.random(60)
    ahead = generator.random(60) < x
    value, right, below = threshold(x, ahead, False)
    assert right == max(np.mean((x > cut) == ahead) for cut in np.sort(x)[:-1])
    assert np.mean((x > value) == ahead) == right
    assert below == -1.0


def test_the_map_adds_up_to_the_whole() -> None:
    u = np.random.default_rng(3).random((300, 2))
    state = np.sign(u[:, 0] - u[:, 1])
    state[:7] = 0.0
    table = flip_map(["a", "b"], u, state, [np.linspace(0.0, 1.0, 4)] * 2)
    assert table["n"].sum() == 293
    assert table["ties"].sum() == 7
    assert table["ahead"].sum() == (state > 0.0).sum()
    corner = table[(table["x_low"] == 0.0) & (table["y_high"] == 1.0)].iloc[0]
    assert corner["share"] == 0.0  # a small, b large
