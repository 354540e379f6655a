"""Doses: one cause moves what its formula says; several commute and never leave 0..1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.compiled import compiled
from simulator.engine.dose import FULL, aimed, dose, drawn, moved, share

shares = st.floats(0.0, 1.0)
doses = st.integers(0, 100 * FULL)


@given(shares)
def test_one_cause_moves_its_share(x: float) -> None:
    assert share.python(dose.python(x)) == pytest.approx(x, abs=2.0**-32)


@given(shares, shares)
def test_one_cause_is_the_formula_of_the_document(value: float, x: float) -> None:
    assert moved.python(value, dose.python(x), 0) == pytest.approx(value + x * (1.0 - value), abs=1e-9)
    assert moved.python(value, 0, dose.python(x)) == pytest.approx(value - x * value, abs=1e-9)


@given(shares, st.integers(1, 20))
def test_n_equal_causes_move_what_n_steps_move(x: float, n: int) -> None:
    """1 - (1 - x)^n, as repeated contacts do."""
    assert share.python(n * dose.python(x)) == pytest.approx(1.0 - (1.0 - x) ** n, abs=1e-8)


@given(shares, st.lists(shares, max_size=8), st.lists(shares, max_size=8), st.randoms())
def test_causes_commute_to_the_bit(value: float, ups: list[float], downs: list[float], chance: object) -> None:
    first = moved.python(value, sum(map(dose.python, ups)), sum(map(dose.python, downs)))
    chance.shuffle(ups)  # type: ignore[attr-defined]  # Hypothesis hands over a random.Random
    chance.shuffle(downs)  # type: ignore[attr-defined]
    assert moved.python(value, sum(map(dose.python, ups)), sum(map(dose.python, downs))) == first


@given(shares, doses, doses)
def test_a_moved_value_stays_in_0_to_1(value: float, up: int, down: int) -> None:
    assert 0.0 <= moved.python(value, up, down) <= 1.0


@given(shares)
def test_no_dose_changes_nothing(value: float) -> None:
    assert moved.python(value, 0, 0) == value
    assert drawn.python(value, 0, 0) == value


def test_doses_at_the_ends() -> None:
    assert dose.python(0.0) == dose.python(-1.0) == 0
    assert dose.python(1.0) == dose.python(2.0) == FULL
    assert dose.python(math.nextafter(1.0, 0.0)) < FULL
    assert share.python(FULL) == 1.0


@given(shares, shares)
def test_more_is_a_larger_dose(x: float, y: float) -> None:
    low, high = sorted((x, y))
    assert dose.python(low) <= dose.python(high)


@given(shares, st.lists(st.tuples(st.floats(0.001, 0.9), shares), min_size=1, max_size=6))
def test_a_drawn_value_goes_towards_the_weighted_mean_target(value: float, pulls: list[tuple[float, float]]) -> None:
    weights = [dose.python(x) for x, _ in pulls]
    total = sum(weights)
    target = sum(w * t for w, (_, t) in zip(weights, pulls, strict=True)) / total
    reached = drawn.python(value, total, sum(aimed.python(w, t) for w, (_, t) in zip(weights, pulls, strict=True)))
    assert reached == pytest.approx(value + share.python(total) * (target - value), abs=1e-6)
    assert min(value, target) - 1e-6 <= reached <= max(value, target) + 1e-6


@compiled
def all_doses(x):  # type: ignore[no-untyped-def]  # float64 array
    out = np.empty(len(x), np.int64)
    for i in range(len(x)):
        out[i] = dose(x[i])
    return out


@compiled
def all_moved(values, up, down):  # type: ignore[no-untyped-def]  # float32 and int64 arrays
    out = np.empty(len(values), np.float32)
    for i in range(len(values)):
        out[i] = moved(np.float64(values[i]), up[i], down[i])
    return out


@compiled
def all_drawn(values, total, targets):  # type: ignore[no-untyped-def]  # float32, int64, float64 arrays
    out = np.empty(len(values), np.float32)
    for i in range(len(values)):
        out[i] = drawn(np.float64(values[i]), total[i], aimed(total[i], targets[i]))
    return out


def test_doses_are_the_same_in_plain_python_and_compiled() -> None:
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.random(50_000), rng.random(50_000) ** 8, [0.0, 1.0, 5e-324, 1.0 - 2.0**-53]])
    ups = all_doses(x)
    assert ups.tolist() == [dose.python(v) for v in x.tolist()]
    # state is float32 and formulas are float64: float() would do for one of the two worlds only
    values, downs, targets = rng.random(len(x), dtype=np.float32), ups[::-1].copy(), rng.random(len(x))
    plain = map(moved.python, values.tolist(), ups.tolist(), downs.tolist())
    assert np.array_equal(all_moved(values, ups, downs), np.fromiter(plain, np.float32))
    plain = map(drawn.python, values.tolist(), ups.tolist(), map(aimed.python, ups.tolist(), targets.tolist()))
    assert np.array_equal(all_drawn(values, ups, targets), np.fromiter(plain, np.float32))
