"""Trees: measures that can be checked by hand, and against a slow count of all distances."""

from __future__ import annotations

from collections import deque

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.trees import generations, measure_trees
from simulator.results import cascades


def measured(parent: list[int], message: list[int] | None = None, n: int = 1) -> tuple[np.ndarray, ...]:
    own = np.zeros(len(parent), np.int32) if message is None else np.array(message, np.int32)
    return measure_trees(own, np.array(parent, np.int32), n)


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_a_star_has_virality_2_minus_2_over_n(n: int) -> None:
    size, depth, breadth, virality = measured([-1] + [0] * (n - 1))
    assert (size[0], depth[0], breadth[0]) == (n, 1, n - 1)
    assert virality[0] == pytest.approx(2 - 2 / n, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_a_line_has_virality_a_third_of_n_plus_1(n: int) -> None:
    size, depth, breadth, virality = measured([k - 1 for k in range(n)])
    assert (size[0], depth[0], breadth[0]) == (n, n - 1, 1)
    assert virality[0] == pytest.approx((n + 1) / 3, abs=1e-9)


def test_a_balanced_binary_tree_of_depth_3() -> None:
    size, depth, breadth, virality = measured([-1] + [(k - 1) // 2 for k in range(1, 15)])
    assert (size[0], depth[0], breadth[0]) == (15, 3, 8)
    assert virality[0] == pytest.approx(3.504762, abs=5e-7)


def test_one_consumer_has_no_virality_and_no_tree_is_no_error() -> None:
    size, depth, breadth, virality = measured([-1], n=2)
    assert (size.tolist(), depth.tolist(), breadth.tolist()) == ([1, 0], [0, 0], [1, 0])
    assert np.isnan(virality).all()
    assert len(measured([], n=0)[0]) == 0


def test_first_tellers_of_an_event_are_two_steps_apart_and_the_event_is_not_counted() -> None:
    size, depth, breadth, virality = measured([-1, -1, -1])
    assert (size[0], depth[0], breadth[0], virality[0]) == (3, 0, 3, 2.0)


def forests() -> st.SearchStrategy[list[tuple[int, int]]]:
    """Entries (message, parent) of up to three trees that grew at the same time, some of them of events."""

    @st.composite
    def grow(draw: st.DrawFn) -> list[tuple[int, int]]:
        entries: list[tuple[int, int]] = []
        for _ in range(draw(st.integers(0, 30))):
            message = draw(st.integers(0, 2))
            own = [e for e, (m, _) in enumerate(entries) if m == message]
            entries.append((message, draw(st.sampled_from([-1, *own]))))
        return entries

    return grow()


def slow(parent: dict[int, int]) -> tuple[int, int, int, float]:
    """Every distance by a walk from every consumer; the event (or nobody) is the node -1."""
    roots = [e for e, p in parent.items() if p < 0]
    ties: dict[int, list[int]] = {e: [] for e in parent}
    if len(roots) > 1:
        ties[-1] = []
    for e, p in parent.items():
        if p >= 0 or len(roots) > 1:
            ties[e].append(p)
            ties[p].append(e)

    def away(origin: int) -> dict[int, int]:
        steps, queue = {origin: 0}, deque([origin])
        while queue:
            e = queue.popleft()
            for other in ties[e]:
                if other not in steps:
                    steps[other] = steps[e] + 1
                    queue.append(other)
        return steps

    n = len(parent)
    total = sum(steps for e in parent for other, steps in away(e).items() if other >= 0)
    generation = {}
    for e, p in parent.items():
        generation[e] = generation[p] + 1 if p >= 0 else 0
    members = np.bincount(list(generation.values()) or [0])
    return n, max(generation.values(), default=0), int(members.max()) if n else 0, total / (n * (n - 1)) if n > 1 else np.nan


@given(forests())
def test_one_pass_equals_all_distances(entries: list[tuple[int, int]]) -> None:
    fast = measured([p for _, p in entries], [m for m, _ in entries], 3)
    for message in range(3):
        expected = slow({e: p for e, (m, p) in enumerate(entries) if m == message})
        assert tuple(column[message] for column in fast[:3]) == expected[:3]
        assert fast[3][message] == pytest.approx(expected[3], nan_ok=True, abs=1e-12)


MESSAGES = pd.DataFrame({"message": [7, 9], "day": [0, 1], "author": [3, -1]})
TELLINGS = pd.DataFrame(
    # author 3 tells 0 and 1, 0 tells 2; the event's first tellers 5 and 6 tell 3 and 4
    {"message": [7, 7, 9, 9, 7], "day": [0, 1, 1, 1, 2], "teller": [3, 3, 5, 6, 0], "hearer": [0, 1, 3, 4, 2]}
)


def test_trees_are_made_from_the_log_alone() -> None:
    made = cascades.trees(MESSAGES, TELLINGS)
    table = cascades.measures(made).set_index("message")
    assert table.loc[7, ["size", "depth", "breadth"]].tolist() == [4, 2, 2]
    assert table.loc[9, ["size", "depth", "breadth"]].tolist() == [4, 1, 2]
    # 3-0 1, 3-1 1, 3-2 2, 0-1 2, 0-2 1, 1-2 3; and 5-6 2, 5-3 1, 6-4 1, 5-4 3, 6-3 3, 3-4 4
    assert table["virality"].tolist() == pytest.approx([10 / 6, 14 / 6])
    assert (made.parent < np.arange(len(made.parent))).all()
    assert generations(made.parent).tolist() == [0, 0, 0, 1, 1, 1, 1, 2]


def test_reproduction_counts_children_of_each_generation_or_day() -> None:
    made = cascades.trees(MESSAGES, TELLINGS)
    table = cascades.reproduction(made)
    assert table["consumers"].tolist() == [3, 4, 1]
    assert table["children"].tolist() == [4, 1, 0]
    assert table["reproduction_number"].tolist() == pytest.approx([4 / 3, 1 / 4, 0.0])
    by_day = cascades.reproduction(made, "day")
    assert by_day["consumers"].sum() == 8 and by_day["children"].sum() == 5
    with pytest.raises(ValueError, match="allowed: generation, day"):
        cascades.reproduction(made, "week")


def test_a_log_without_tellings_has_trees_of_authors() -> None:
    made = cascades.trees(MESSAGES.head(1), TELLINGS.head(0))
    assert cascades.measures(made)["size"].tolist() == [1]
    assert cascades.reproduction(made)["reproduction_number"].tolist() == [0.0]
