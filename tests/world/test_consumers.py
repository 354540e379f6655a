"""Consumers' traits: distributions, segments, homophily, and that they hang on nothing but key and seed."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from simulator.engine.chance import address, fold, normal_quantile, uniform
from simulator.parameters import InputError
from simulator.world.consumers import UNIFORM_TRAITS, Consumers, Population, Segment, make_consumers
from simulator.world.graph import Network, SocialGraph, make_graph


def market(n: int = 400, **network: Any) -> SocialGraph:
    return make_graph(Network(**network), n, 1, Path())


def equal(one: Consumers, other: Consumers) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def test_traits_hang_on_key_and_seed_alone() -> None:
    graph = market()
    one = make_consumers(Population(), graph, 7)
    assert equal(one, make_consumers(Population(size=99), market(), 7))
    assert not equal(one, make_consumers(Population(), graph, 8))
    permutation = np.random.default_rng(0).permutation(graph.n)
    assert equal(make_consumers(Population(), graph.relabelled(permutation), 7), one.relabelled(permutation))
    other_graph = make_consumers(Population(), market(kind="ring"), 7)
    assert (other_graph.voice == one.voice).all() and (other_graph.scepticism == one.scepticism).all()


def test_the_draws_stand_at_their_addresses() -> None:
    graph = market()
    made = make_consumers(Population(media_shape=1.0, needs_spread=0.7, needs_within=0.5), graph, 7)
    i = 123
    u = uniform(fold(address(7, "media_weight"), i))
    assert made.media_weight[i] == np.float32(-math.log1p(-u))
    half = math.sqrt(3.0) * 0.2
    u = uniform(fold(address(7, "scepticism"), i))
    assert made.scepticism[i] == pytest.approx(0.3 + min(half, 0.3) * (2 * u - 1))
    for axis in range(2):
        centre = normal_quantile(uniform(fold(fold(address(7, "needs.centre"), int(graph.community[i])), axis)))
        within = normal_quantile(uniform(fold(fold(address(7, "needs"), i), axis)))
        assert made.needs[i, axis] == np.float32(0.7 * centre + 0.5 * within)


def test_columns_have_their_types_and_shapes() -> None:
    made = make_consumers(Population(), market(), 1)
    kinds = {f.name: getattr(made, f.name).dtype for f in fields(made) if isinstance(getattr(made, f.name), np.ndarray)}
    assert kinds.pop("keys") == np.uint64 and kinds.pop("segment") == np.uint8 and kinds.pop("employer") == np.int8
    assert set(kinds.values()) == {np.dtype(np.float32)}
    assert made.needs.shape == (400, 2) and made.segment_names == ("everybody",) and set(made.employer) == {-1}


@pytest.mark.compiled
@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 7.5])
def test_media_use_and_voice_are_gamma_of_mean_one(shape: float) -> None:
    made = make_consumers(Population(media_shape=shape, voice_shape=shape), market(20_000), 1)
    for values in (made.media_weight, made.voice):
        assert stats.kstest(values, stats.gamma(shape, scale=1 / shape).cdf).pvalue > 0.001
        assert values.mean() == pytest.approx(1.0, abs=0.05)
    assert np.corrcoef(made.media_weight, made.voice)[0, 1] == pytest.approx(0.0, abs=0.03)


def test_infinite_shapes_make_everybody_equal() -> None:
    made = make_consumers(Population(media_shape="off", voice_shape=math.inf, trait_spread="off", needs_within="off"), market(), 1)
    assert set(made.media_weight) == set(made.voice) == {np.float32(1.0)}
    assert set(made.ad_tolerance) == {np.float32(0.5)}
    assert len(np.unique(made.needs, axis=0)) == len(set(market().community))
    assert not make_consumers(Population(needs_within=0.0, needs_spread=0.0), market(), 1).needs.any()


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("mean", "spread", "expected"), [(0.5, 0.2, 0.2), (0.05, 0.2, 0.05 / math.sqrt(3)), (1.0, 0.3, 0.0), (0.4, 0.0, 0.0)]
)
def test_traits_keep_their_mean_and_stay_between_0_and_1(mean: float, spread: float, expected: float) -> None:
    settings: dict[str, Any] = dict.fromkeys(UNIFORM_TRAITS, mean)
    made = make_consumers(Population(trait_spread=spread, **settings), market(20_000, kind="ring"), 1)
    for trait in UNIFORM_TRAITS:
        values = getattr(made, trait)
        assert values.min() >= 0 and values.max() <= 1
        assert values.mean() == pytest.approx(mean, abs=0.005) and values.std() == pytest.approx(expected, abs=0.005)


@pytest.mark.compiled
def test_segments_have_their_shares_and_their_traits() -> None:
    population = Population(
        segments=(
            Segment(name="many", share=0.8),
            Segment(name="few", share=0.2, ad_tolerance=0.05, purchase_rate=0.5, voice_shape=math.inf),
        )
    )
    made = make_consumers(population, market(20_000), 1)
    few = made.segment == 1
    assert few.mean() == pytest.approx(0.2, abs=0.01) and made.segment_names == ("many", "few")
    assert made.ad_tolerance[few].mean() == pytest.approx(0.05, abs=0.002) and made.ad_tolerance[~few].mean() == pytest.approx(
        0.5, abs=0.01
    )
    assert set(made.purchase_rate[few]) == {np.float32(0.5)} and set(made.purchase_rate[~few]) == {np.float32(1 / 14)}
    assert set(made.voice[few]) == {np.float32(1.0)} and made.voice[~few].std() > 0.5


def test_the_traits_of_one_segment_do_not_shift_those_of_others() -> None:
    shares = (Segment(name="a", share=0.5), Segment(name="b", share=0.5))
    changed = (Segment(name="a", share=0.5), Segment(name="b", share=0.5, scepticism=0.9, needs_within=0.1))
    one, other = (make_consumers(Population(segments=segments), market(), 1) for segments in (shares, changed))
    a = one.segment == 0
    assert (one.segment == other.segment).all()
    for column in ("scepticism", "needs", "voice"):
        assert (getattr(one, column)[a] == getattr(other, column)[a]).all()
    assert (one.scepticism[~a] != other.scepticism[~a]).any()


@pytest.mark.parametrize(
    ("segments", "words"),
    [
        ([{"name": "a", "share": 0.5}, {"name": "b", "share": 0.4}], "sum to 0.9, not to 1"),
        ([{"name": "a", "share": 0.5}, {"name": "a", "share": 0.5}], "two segments are named 'a'"),
        ([], "at least 1"),
        ([{"name": "a", "share": 1.5}], "less than or equal to 1"),
        ([{"name": "", "share": 1.0}], "at least 1"),
        ([{"name": "a", "share": 1.0, "shoe": 4}], "Extra inputs"),
    ],
)
def test_segments_that_are_no_partition_are_refused(segments: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Population(segments=segments)


@pytest.mark.compiled
def test_consumers_of_one_community_want_alike() -> None:
    graph = market(20_000)
    made = make_consumers(Population(), graph, 1)
    assert made.needs.std(axis=0) == pytest.approx(math.sqrt(0.7**2 + 0.5**2), abs=0.06)
    within = np.sqrt(np.mean([made.needs[graph.community == c].var(axis=0) for c in range(50)]))
    assert within == pytest.approx(0.5, abs=0.02)


def ring_of_cliques(folder: Path, cliques: int = 40, size: int = 12) -> SocialGraph:
    rows = [f"{c}.{i},{c}.{j}" for c in range(cliques) for i in range(size) for j in range(i)]
    rows += [f"{c}.0,{(c + 1) % cliques}.1" for c in range(cliques)]
    (folder / "ties.csv").write_text("source,target\n" + "\n".join(rows), encoding="utf-8")
    return make_graph(Network(kind="file", path="ties.csv"), 1, 1, folder)


def test_in_a_graph_from_a_file_neighbours_want_alike(tmp_path: Path) -> None:
    graph = ring_of_cliques(tmp_path)
    alike = make_consumers(Population(needs_spread=0.0), graph, 1)
    a, b = graph.layers[0].tellers(), graph.layers[0].hearer
    assert np.corrcoef(alike.needs[a, 0], alike.needs[b, 0])[0, 1] > 0.2  # expected: (2/11 + 10/121) / (1 + 1/11)
    assert alike.needs.std() == pytest.approx(0.5, abs=0.05)
    permutation = np.random.default_rng(3).permutation(graph.n)
    assert equal(
        make_consumers(Population(), graph.relabelled(permutation), 2), make_consumers(Population(), graph, 2).relabelled(permutation)
    )


def test_what_the_consumers_file_gives_stands(tmp_path: Path) -> None:
    (tmp_path / "ties.csv").write_text("source,target\na,b\nb,c\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text(
        "id,segment,voice,need_2,purchase_rate,scepticism\na,few,3,-1.5,0.25,\nb,,,,,1\n", encoding="utf-8"
    )
    graph = make_graph(Network(kind="file", path="ties.csv", consumers="people.csv"), 1, 1, tmp_path)
    population = Population(segments=(Segment(name="many", share=1.0), Segment(name="few", share=0.0)))
    made = make_consumers(population, graph, 1)
    assert graph.ids is not None
    a, b, c = (graph.ids.index(name) for name in "abc")
    assert made.segment[a] == 1 and made.segment[b] == made.segment[c] == 0
    assert made.voice[a] == 3 and made.needs[a, 1] == -1.5 and made.purchase_rate[a] == 0.25 and made.scepticism[b] == 1
    bare = make_consumers(population, make_graph(Network(kind="file", path="ties.csv"), 1, 1, tmp_path), 1)
    assert made.scepticism[a] == bare.scepticism[a] and made.voice[b] == bare.voice[b] and made.needs[a, 0] == bare.needs[a, 0]
    with pytest.raises(InputError, match="segment 'few' is not one of the population's: everybody") as refusal:
        make_consumers(Population(), graph, 1)
    assert refusal.value.line == 2 and str(refusal.value.file).endswith("people.csv")
