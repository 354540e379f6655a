"""Designs: the settings a sweep tries."""

from __future__ import annotations

import itertools

import pytest

from simulator.experiments.design import MOST_CELLS, Axis, axes_of, axis, cells, count
from simulator.parameters import InputError


def test_a_grid_has_every_combination_the_last_key_fastest() -> None:
    made = cells(axes_of({"a": [1, 2], "b": "0:1:3"}))
    assert made == [{"a": a, "b": b} for a, b in itertools.product([1, 2], [0.0, 0.5, 1.0])]


def test_levels_on_the_command_line_are_read_as_toml() -> None:
    assert axis("k=1,2.5,true,silent").levels == (1, 2.5, True, "silent")
    assert axis("k=[1, 2],{ share = 0.1 },'a,b'").levels == ([1, 2], {"share": 0.1}, "a,b")
    assert axis("scenario=a.toml,b.toml").levels == ("a.toml", "b.toml")


def test_a_range_of_whole_numbers_has_whole_levels() -> None:
    assert Axis("k", low=1.0, high=5.0, steps=3, whole=True).in_grid() == (1, 3, 5)
    assert {Axis("k", low=1.0, high=3.0, whole=True).at(u / 100) for u in range(100)} == {1, 2, 3}


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_spread_points_cover_every_part_of_each_range_and_each_level(kind: str) -> None:
    made = cells(axes_of({"x": (10.0, 20.0), "y": ["p", "q"]}), kind, points=16)  # type: ignore[arg-type]  # parametrised
    sixteenths = sorted(int((cell["x"] - 10.0) / 10.0 * 16) for cell in made)
    assert sixteenths == list(range(16))
    assert {cell["y"] for cell in made} == {"p", "q"}
    assert sum(cell["y"] == "p" for cell in made) == 8


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_points_follow_from_the_seed_alone(kind: str) -> None:
    axes = axes_of({"x": (0.0, 1.0), "y": (0.0, 1.0)})
    assert cells(axes, kind, 8, 1) == cells(axes, kind, 8, 1)  # type: ignore[arg-type]  # parametrised
    assert cells(axes, kind, 8, 1) != cells(axes, kind, 8, 2)  # type: ignore[arg-type]  # parametrised


def test_values_can_be_typed_again() -> None:
    for cell in cells(axes_of({"x": (0.0, 1.0)}), "lhs", 32):
        assert float(f"{cell['x']:.6g}") == cell["x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("share", 'does not say what to vary; allowed: key=1,2,3 or key=low:high:steps'),
        ("share=", "does not say what to vary"),
        ("share=2:1:3", "empty range"),
        ("share=1:1:3", "empty range"),
        ("share=0:inf:3", "empty range"),
        ("share=0:1:1", "1 steps"),
        ("share=0:1:2.5", "2.5 steps"),
        ("share=1,,2", "value 2 of the list is empty"),
        ("share=1,1", "listed twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_varied_is_said(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        axis(text)


def test_a_key_is_varied_once_and_something_is_varied() -> None:
    with pytest.raises(InputError, match="nothing is varied"):
        axes_of({})
    with pytest.raises(InputError, match="no number of steps"):
        cells(axes_of({"x": (0.0, 1.0)}))
    with pytest.raises(InputError, match="even only at powers of two: 8 or 16"):
        cells(axes_of({"x": (0.0, 1.0)}), "sobol", 12)


def test_a_design_is_counted_before_it_is_made() -> None:
    axes = tuple(Axis(f"k{k}", low=0.0, high=1.0, steps=1000) for k in range(3))
    assert count(axes, "grid", 0) == 10**9
    with pytest.raises(InputError, match=f"1,000,000,000 settings are too many; allowed: up to {MOST_CELLS:,}"):
        cells(axes)
