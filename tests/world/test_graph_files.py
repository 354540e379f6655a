"""Graphs read from files: what they become, and how a file that is wrong is refused."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from simulator.engine.chance import name_key
from simulator.parameters import InputError
from simulator.world.graph import Network, SocialGraph, make_graph
from simulator.world.graph_communities import found_communities
from simulator.world.graph_layers import neighbourhood, sorted_rows
from simulator.world.state import FOLLOW, STRONG, WEAK

DIRECTED = {"directed": True, "direction": "teller_to_hearer"}


def read(folder: Path, text: str | bytes, name: str = "ties.csv", **settings: Any) -> SocialGraph:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return make_graph(Network(kind="file", path=name, **settings), 4000, 1, folder)


def named(graph: SocialGraph, layer: int) -> dict[tuple[str, str], int | None]:
    assert graph.ids is not None
    chosen = graph.layers[layer]
    weights = [None] * chosen.ties if chosen.weight is None else chosen.weight.tolist()
    return {(graph.ids[i], graph.ids[j]): w for i, j, w in zip(chosen.tellers(), chosen.hearer, weights, strict=True)}


def same(one: SocialGraph, other: SocialGraph) -> bool:
    return (
        one.ids == other.ids and (one.community == other.community).all() and (one.keys == other.keys).all()
        and all(named(one, layer) == named(other, layer) for layer in range(3))
    )  # fmt: skip


def test_consumers_carry_stable_keys_of_their_ids_and_stand_in_their_order(tmp_path: Path) -> None:
    graph = read(tmp_path, "source,target\nZoé,bob\nbob,42\n")
    assert graph.n == 3 and graph.ids is not None and set(graph.ids) == {"Zoé", "bob", "42"}
    assert graph.keys.tolist() == [name_key(name) for name in graph.ids] == sorted(graph.keys.tolist())
    assert name_key("bob") == 10566683571197309812  # must never change: traits and luck hang on it


def test_undirected_ties_are_mutual_and_the_most_overlapping_are_strong(tmp_path: Path) -> None:
    # two triangles joined by a bridge: the bridge has no common neighbours
    graph = read(tmp_path, "source,target\na,b\nb,c\nc,a\nc,d\nd,e\ne,f\nf,d\n", strong_share=0.9)
    assert set(named(graph, WEAK)) == {("c", "d"), ("d", "c")}
    assert len(named(graph, STRONG)) == 12 and not named(graph, FOLLOW)
    assert len(set(graph.community)) == 2
    assert read(tmp_path, "source,target\na,b\nb,c\n", strong_share=0.0).layers[STRONG].ties == 0
    assert read(tmp_path, "source,target\na,b\nb,c\n", strong_share=1.0).layers[WEAK].ties == 0


def test_one_way_ties_follow_and_returned_ones_are_mutual(tmp_path: Path) -> None:
    text = "source,target\na,b\nb,a\na,c\n"
    told = read(tmp_path, text, **DIRECTED)
    assert set(named(told, FOLLOW)) == {("a", "c")} and set(named(told, WEAK)) | set(named(told, STRONG)) == {("a", "b"), ("b", "a")}
    assert set(named(read(tmp_path, text, directed=True, direction="follower_to_followed"), FOLLOW)) == {("c", "a")}
    mutual = read(tmp_path, text, directed=True, direction="mutual")
    assert not named(mutual, FOLLOW) and mutual.layers[WEAK].ties + mutual.layers[STRONG].ties == 4


def test_a_layer_column_decides_and_the_closest_layer_wins(tmp_path: Path) -> None:
    text = "source,target,layer\na,b,follow\nb,a,weak\nb,c,follow\nc,d,strong\nd,c,follow\nd,a,weak\n"
    graph = read(tmp_path, text, **DIRECTED)
    assert set(named(graph, STRONG)) == {("c", "d"), ("d", "c")}
    assert set(named(graph, WEAK)) == {("a", "b"), ("b", "a"), ("a", "d"), ("d", "a")}
    assert set(named(graph, FOLLOW)) == {("b", "c")}


def test_weights_become_whole_numbers_in_proportion(tmp_path: Path) -> None:
    graph = read(tmp_path, "source,target,weight\na,b,0.5\nb,c,1.5\nc,d,1.0\n")
    weights = named(graph, STRONG) | named(graph, WEAK)
    assert weights["a", "b"] == weights["b", "a"] == 512 and weights["c", "b"] == 1536 and weights["c", "d"] == 1024
    tiny = read(tmp_path, "source,target,weight\na,b,1e-30\nb,c,1e30\n")
    assert set((named(tiny, STRONG) | named(tiny, WEAK)).values()) == {1, 2048}
    directed = read(tmp_path, "source,target,weight\na,b,1\nb,a,3\n", **DIRECTED)
    weights = named(directed, STRONG) | named(directed, WEAK)
    assert weights["b", "a"] == 3 * weights["a", "b"]


def test_selves_and_repeats_are_left_out_and_counted(tmp_path: Path) -> None:
    graph = read(tmp_path, "source,target\na,a\na,b\nb,a\na,b\nc,a\nc,c\n")
    assert graph.n == 3 and sum(layer.ties for layer in graph.layers) == 4
    assert graph.notices == ["ties.csv: 2 ties of a consumer with herself and 2 repeated ties were left out"]
    directed = read(tmp_path, "source,target\na,b\nb,a\na,b\n", **DIRECTED)
    assert "1 repeated" in directed.notices[0] and sum(layer.ties for layer in directed.layers) == 2


@pytest.mark.parametrize("settings", [{}, DIRECTED, {"directed": True, "direction": "mutual"}])
def test_the_order_of_the_file_does_not_matter(tmp_path: Path, settings: dict[str, Any]) -> None:
    dice = random.Random(5)
    rows = [f"u{dice.randrange(40)},u{dice.randrange(40)},{dice.randrange(1, 9)}" for _ in range(300)]
    graphs = []
    for _ in range(3):
        dice.shuffle(rows)
        graphs.append(read(tmp_path, "source,target,weight\n" + "\n".join(rows), **settings))
    assert same(graphs[0], graphs[1]) and same(graphs[0], graphs[2])
    layered = [row + f",{dice.choice(['strong', 'weak', 'follow'])}" for row in rows]
    one = read(tmp_path, "source,target,weight,layer\n" + "\n".join(layered), **settings)
    assert same(one, read(tmp_path, "source,target,weight,layer\n" + "\n".join(sorted(layered)), **settings))
    pairs = [{frozenset(tie) for tie in named(one, layer)} for layer in range(3)]
    assert not (pairs[0] & pairs[1] or pairs[0] & pairs[2] or pairs[1] & pairs[2])
    assert all(set(named(one, layer)) == {(b, a) for a, b in named(one, layer)} for layer in (STRONG, WEAK))


@pytest.mark.parametrize(("kind", "write"), [("graphml", networkx.write_graphml), ("gexf", networkx.write_gexf)])
@pytest.mark.parametrize("zipped", [False, True])
def test_all_formats_hold_the_same_graph(tmp_path: Path, kind: str, write: Any, zipped: bool) -> None:
    karate = networkx.karate_club_graph()
    lines = "\n".join(f"{a},{b},{values['weight']}" for a, b, values in karate.edges(data=True))
    table = read(tmp_path, gzip.compress(f"source,target,weight\n{lines}\n".encode()), "karate.csv.gz")
    plain = tmp_path / f"plain.{kind}"
    write(karate, plain)
    data = gzip.compress(plain.read_bytes()) if zipped else plain.read_bytes()
    assert same(read(tmp_path, data, f"karate.{kind}{'.gz' * zipped}"), table)


def test_xml_says_itself_whether_it_is_directed_and_keeps_isolated_consumers(tmp_path: Path) -> None:
    graph = networkx.DiGraph([("a", "b")])
    graph.add_node("alone")
    graph["a"]["b"]["layer"] = "follow"
    networkx.write_graphml(graph, tmp_path / "g.graphml")
    text = (tmp_path / "g.graphml").read_bytes()
    with pytest.raises(InputError, match="direction"):
        read(tmp_path, text, "g.graphml")
    made = read(tmp_path, text, "g.graphml", direction="follower_to_followed")
    assert made.n == 3 and set(named(made, FOLLOW)) == {("b", "a")}
    assert not named(read(tmp_path, text, "g.graphml", direction="follower_to_followed", directed=False), STRONG)


def test_columns_in_any_order_quoted_with_blanks_and_a_byte_order_mark(tmp_path: Path) -> None:
    graph = read(tmp_path, '\ufeffwhen,target , source,weight\n1,"b, the second", a ,2\n\n2,c,a,1\r\n')
    assert set(graph.ids or ()) == {"a", "b, the second", "c"}
    assert graph.notices == ["ties.csv: columns ignored: when"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "is empty"),
        ("source,target\n", None, "no ties"),
        ("source,target\na,a\n", None, "no ties"),
        ("0,1\n1,2\n", 1, "must name the columns source, target; found: 0, 1"),
        ("source;target\na;b\n", 1, "must name the columns"),
        ("source,target,source\na,b,c\n", 1, "named twice"),
        ("source,target\na,b\nc\n", 3, "has 1 cells where the heading has 2"),
        ("source,target\na,b\nc,d,e\n", 3, "has 3 cells"),
        ("source,target\na,b\n\n ,c\n", 4, "needs a source and a target"),
        ("source,target,weight\na,b,1\nb,c,heavy\n", 3, "weight 'heavy' is not a number"),
        ("source,target,weight\na,b,nan\n", 2, "weight 'nan' is not a number"),
        ("source,target,weight\na,b,inf\n", 2, "is not a number"),
        ("source,target,weight\na,b,\n", 2, "weight '' is not a number"),
        ("source,target,weight\na,b,-3\n", 2, "weight -3 is not positive: a weight says how often"),
        ("source,target,weight\na,b,0\n", 2, "not positive"),
        ("source,target,layer\na,b,close\n", 2, "layer 'close' is not one of strong, weak, follow"),
        ('source,target\na,"b\nc,d\n', 3, "comma-separated"),
        (b"source,target\na,b\nc,\xe9\n", 3, "not UTF-8"),
    ],
)
def test_a_malformed_table_is_refused_with_its_line(tmp_path: Path, text: str | bytes, line: int | None, words: str) -> None:
    with pytest.raises(InputError, match=words) as refusal:
        read(tmp_path, text)
    assert refusal.value.line == line and refusal.value.file == str(tmp_path / "ties.csv")


def test_files_that_are_not_what_they_seem_are_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"source,target\n" + b"".join(b"%d,%d\n" % (i, i + 1) for i in range(999)))
    for name, data, words in (
        ("ties.csv.gz", whole[:-20], "not a complete gzip"), ("ties.csv.gz", b"source,target\na,b\n", "not a complete gzip"),
        ("ties.csv.gz", whole[:200] + b"xxxx" + whole[204:], "not a complete gzip"), ("ties.csv", whole, "not UTF-8"),
        ("ties.xlsx", b"", ".csv, .graphml, .gexf"), ("ties", b"", "cannot read this kind"),
        ("g.graphml", b"<graphml><node", "not well-formed XML"), ("g.gexf", b"", "not well-formed"),
        ("g.graphml", b"<html/>", "is not a graphml graph"), ("g.gexf", b"<gexf/>", "is not a gexf graph"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            read(tmp_path, data, name)
    with pytest.raises(InputError, match="no such file"):
        make_graph(Network(kind="file", path="nowhere.csv"), 10, 1, tmp_path)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        make_graph(Network(kind="file", path="folder.csv"), 10, 1, tmp_path)


def test_xml_with_wrong_weights_is_refused(tmp_path: Path) -> None:
    graph = networkx.Graph([("a", "b"), ("b", "c")])
    for values, words in (({"weight": -1.0}, "tie 'a' - 'b': weight -1.0 is not positive"), ({"layer": "near"}, "layer 'near'")):
        for name, value in values.items():
            networkx.set_edge_attributes(graph, value, name)
        networkx.write_graphml(graph, tmp_path / "w.graphml")
        with pytest.raises(InputError, match=words):
            read(tmp_path, (tmp_path / "w.graphml").read_bytes(), "g.graphml")
        networkx.set_edge_attributes(graph, 1.0, "weight")
    del graph["a"]["b"]["weight"]
    networkx.write_graphml(graph, tmp_path / "w.graphml")
    with pytest.raises(InputError, match="1 of 2 ties have no weight"):
        read(tmp_path, (tmp_path / "w.graphml").read_bytes(), "g.graphml")


def test_communities_are_as_modular_as_those_of_networkx() -> None:
    planted = networkx.planted_partition_graph(12, 25, 0.4, 0.01, seed=3)
    karate = networkx.karate_club_graph()
    for graph in (planted, karate):
        ends = np.array(list(graph.edges), np.int32).T
        label = found_communities(*sorted_rows(len(graph), np.ascontiguousarray(ends[0]), np.ascontiguousarray(ends[1]), True))
        mine = [set(np.flatnonzero(label == c).tolist()) for c in np.unique(label)]
        theirs = networkx.community.louvain_communities(graph, weight=None, seed=1)
        modularity = networkx.community.modularity
        assert modularity(graph, mine, weight=None) > modularity(graph, theirs, weight=None) - 0.02
        assert label.tolist() == [int(np.flatnonzero(np.unique(label) == c)[0]) for c in label]  # numbered without gaps
        first = [int(np.flatnonzero(label == c)[0]) for c in np.unique(label)]
        assert first == sorted(first)
    assert sorted(map(len, mine))


def test_isolated_consumers_are_communities_of_their_own() -> None:
    label = found_communities(*sorted_rows(4, np.array([1], np.int32), np.array([3], np.int32), True))
    assert label.tolist() == [0, 1, 2, 1]


def test_people_without_ties_join_through_the_consumers_file(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,segment,voice,need_1,shoe\na,young,2.5,-1,44\nalone,,,,\n", encoding="utf-8")
    graph = read(tmp_path, "source,target\na,b\n", consumers="people.csv")
    assert graph.n == 3 and graph.given is not None and graph.ids is not None
    at = {name: k for k, name in enumerate(graph.ids)}
    assert graph.given.segment[at["a"]] == "young" and graph.given.segment[at["b"]] == ""
    assert graph.given.values["voice"][at["a"]] == 2.5 and np.isnan(graph.given.values["voice"][at["alone"]])
    assert set(graph.given.values) == {"voice", "need_1"}
    assert graph.given.line[at["a"]] == 2 and graph.given.line[at["b"]] == 0
    assert [n.split(":")[1].split()[0] for n in graph.notices] == ["columns", "1", "1"]
    assert len(neighbourhood(graph)[1]) == 2
    moved = graph.relabelled(np.array([2, 0, 1]))
    assert moved.given is not None and moved.ids is not None
    assert moved.given.segment[moved.ids.index("a")] == "young" and moved.given.line[moved.ids.index("a")] == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name\na\n", 1, "must name the columns id"),
        ("id\na\nb,c\n", 3, "has 2 cells"),
        ("id,voice\n,1\n", 2, "needs an id"),
        ("id\na\nb\na\n", 4, "'a' stands already in line 2"),
        ("id,ad_tolerance\na,1.5\n", 2, "ad_tolerance '1.5' is not a number from 0 to 1"),
        ("id,voice\na,-1\n", 2, "voice '-1' is not a number of at least 0"),
        ("id,need_2\na,north\n", 2, "need_2 'north' is not a number"),
    ],
)
def test_a_malformed_consumers_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as refusal:
        read(tmp_path, "source,target\na,b\n", consumers="people.csv")
    assert refusal.value.line == line and refusal.value.file == str(tmp_path / "people.csv")
