"""Drawings: the same graph looks the same, friends come together, large markets are sampled with their friends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import load_scenario
from simulator.app import layout
from simulator.app.layout import drawing_of, sample
from simulator.model import social_graph
from simulator.scenario.bundled import bundled
from simulator.world.graph import SocialGraph

pytestmark = pytest.mark.compiled

KINDS: dict[str, dict[str, Any]] = {
    "communities": {"network.community_size": 40}, "small_world": {}, "scale_free": {}, "lattice": {}, "ring": {}, "complete": {},
    "random": {"network.degree": 0.0},
}  # fmt: skip


def graph(size: int = 400, kind: str = "communities", **changes: Any) -> SocialGraph:
    settings = {"population.size": size, "network.kind": kind} | changes
    return social_graph(load_scenario(bundled("three_eras/silent"), settings), seed=1)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path))
    layout._made.clear()
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_has_a_place_within_the_picture(kind: str) -> None:
    drawing = drawing_of(graph(kind=kind, **KINDS[kind]))
    assert drawing.whole and drawing.positions.shape == (400, 2)
    assert np.isfinite(drawing.positions).all() and np.abs(drawing.positions).max() <= 1.0 + 1e-6
    assert len(np.unique(drawing.positions, axis=0)) > 390


def test_the_same_graph_always_looks_the_same(own_cache: Path) -> None:
    first = drawing_of(graph()).positions
    layout._made.clear()
    assert np.array_equal(drawing_of(graph()).positions, first)  # from the folder
    for file in own_cache.iterdir():
        file.unlink()
    layout._made.clear()
    assert np.array_equal(drawing_of(graph()).positions, first)  # made again


def test_a_damaged_file_in_the_cache_is_made_again(own_cache: Path) -> None:
    first = drawing_of(graph()).positions
    for damage in (b"", b"rubbish", next(own_cache.glob("*.npy")).read_bytes()[:-9]):
        next(own_cache.glob("*.npy")).write_bytes(damage)
        layout._made.clear()
        assert np.array_equal(drawing_of(graph()).positions, first)


def test_a_cache_that_cannot_be_written_is_no_misfortune(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path / "file"))
    assert drawing_of(graph()).whole


def test_friends_stand_closer_than_strangers() -> None:
    for kind in ("communities", "small_world", "ring"):
        drawing = drawing_of(graph(kind=kind))
        apart = np.linalg.norm(drawing.positions[drawing.ties[:, 0]] - drawing.positions[drawing.ties[:, 1]], axis=1).mean()
        strangers = np.linalg.norm(drawing.positions - np.roll(drawing.positions, 137, axis=0), axis=1).mean()
        assert apart < 0.75 * strangers, kind


def test_of_a_large_market_whole_communities_are_drawn_with_the_ties_among_them() -> None:
    large = graph(2000, **{"network.community_size": 50})
    chosen = sample(large, 500)
    sizes = np.bincount(large.community)
    drawn = np.bincount(large.community[chosen], minlength=len(sizes))
    assert len(chosen) == 500 and np.array_equal(chosen, np.unique(chosen))
    assert np.count_nonzero((drawn > 0) & (drawn < sizes)) <= 1
    drawing = drawing_of(large, 500)
    assert not drawing.whole and np.array_equal(drawing.consumers, chosen)
    assert np.array_equal(drawing.place[chosen], np.arange(500)) and np.count_nonzero(drawing.place < 0) == 1500
    pairs = chosen[drawing.ties.astype(np.int64)]
    strong = large.layers[0]
    known = set(zip(strong.tellers().tolist(), strong.hearer.tolist(), strict=True))
    among = sum(a < b and drawing.place[a] >= 0 and drawing.place[b] >= 0 for a, b in known)
    assert sum((int(a), int(b)) in known for a, b in pairs) == among > 500


def test_where_there_are_no_communities_friends_of_friends_are_drawn() -> None:
    drawing = drawing_of(graph(2000, "small_world"), 300)
    assert len(drawing.consumers) == 300 and len(drawing.ties) > 300


def test_no_more_ties_are_drawn_than_a_page_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_TIES", 100)
    assert len(drawing_of(graph()).ties) == 100


def test_a_market_of_one_or_two_can_be_drawn() -> None:
    for size in (1, 2, 3):
        assert drawing_of(graph(size, "random", **{"network.degree": 0.0})).positions.shape == (size, 2)
