"""Social graphs and consumers read from files: CSV, GraphML, GEXF, each also compressed with gzip."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
from numpy.typing import NDArray

from simulator.engine.chance import name_key
from simulator.language import _, number
from simulator.parameters import InputError
from simulator.world.csv_records import content, records
from simulator.world.graph_communities import closest, found_communities, overlaps
from simulator.world.graph_layers import Given, Layer, SocialGraph, neighbourhood, sorted_rows
from simulator.world.state import F32, F64, FOLLOW, I8, I32, LAYERS, STRONG, U64, WEAK

KINDS = (".csv", ".graphml", ".gexf")
UNKNOWN = -1  # a tie whose layer the file does not name
WEIGHT_UNIT = 1024  # the whole number that stands for the mean weight

TRAITS = {
    "media_weight": math.inf,
    "ad_tolerance": 1.0,
    "scepticism": 1.0,
    "privacy_concern": 1.0,
    "voice": math.inf,
    "engagement": 1.0,
    "purchase_rate": math.inf,
    "need_1": math.inf,
    "need_2": math.inf,
}
"""Traits a consumers file may give, with the largest value of each; all but needs are at least 0."""


@dataclass
class Read:
    """A file of ties as it was read: rows of numbers of consumers, who are numbered as they appeared."""

    file: str
    number: dict[str, int] = field(default_factory=dict)  # id -> number
    source: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    weight: list[float] | None = None
    layer: list[int] | None = None
    directed: bool | None = None  # what the file itself says
    notices: list[str] = field(default_factory=list)

    def consumer(self, name: str) -> int:
        """The number of a consumer, a new one for a new id."""
        return self.number.setdefault(name, len(self.number))


def graph_from_file(path: Path, consumers: Path | None, directed: bool | None, direction: str | None, strong_share: float) -> SocialGraph:
    """The graph of a file: consumers in the order of their keys, ties sorted into layers, communities found.

    A layer column decides where it exists. Else mutual ties are strong for the `strong_share` of them whose circles
    overlap most, and weak for the rest; one-way ties are follow.
    """
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in KINDS:
        wrong = _("cannot read this kind of file; a graph is one of {kinds}, or one of these with .gz")
        raise InputError(wrong.format(kinds=", ".join(KINDS)), str(path))
    read = _csv_ties(path) if suffix == ".csv" else _xml_ties(path, suffix)
    rows = _csv_consumers(consumers, read) if consumers is not None else {}
    if directed is None:
        directed = bool(read.directed)
    if directed and direction is None:
        raise InputError(
            _('the ties of this file have a direction: say which with direction = "teller_to_hearer", "follower_to_followed" or "mutual"'),
            str(path),
            key="network.direction",
        )
    ids, keys, place = _by_key(read)
    one_way = directed and direction != "mutual"
    if one_way and direction == "follower_to_followed":
        read.source, read.target = read.target, read.source
    layers = _layers(read, keys, place, one_way, strong_share)
    graph = SocialGraph(len(ids), keys, layers, np.zeros(len(ids), np.int32), ids=ids, notices=read.notices)
    graph.community = found_communities(*neighbourhood(graph))
    if consumers is not None:
        graph.given = _given(str(consumers), ids, rows)
    return graph


def _by_key(read: Read) -> tuple[tuple[str, ...], U64, I32]:
    """Ids and keys in ascending order of keys, and the position of each number."""
    names = list(read.number)
    hashed = np.array([name_key(name) for name in names], dtype=np.uint64)
    order = np.argsort(hashed, kind="stable")
    keys = hashed[order]
    if len(keys) > 1 and bool((keys[1:] == keys[:-1]).any()):
        raise InputError(_("two ids have the same key; rename one of them"), read.file)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return tuple(names[k] for k in order), keys, place


def _layers(read: Read, keys: U64, place: I32, one_way: bool, strong_share: float) -> tuple[Layer, Layer, Layer]:
    n = len(keys)
    teller, hearer = place[np.array(read.source, np.int64)], place[np.array(read.target, np.int64)]
    weight = np.ones(len(teller)) if read.weight is None else np.array(read.weight)
    layer = np.full(len(teller), UNKNOWN, np.int8) if read.layer is None else np.array(read.layer, np.int8)
    loops = teller == hearer
    if not one_way:
        teller, hearer = np.minimum(teller, hearer), np.maximum(teller, hearer)
    code = teller * np.int64(n) + hearer
    # of repeated ties the one in the closest layer stays, then the heaviest: the order of the file does not matter
    order = np.lexsort((-weight, layer, code))
    order = order[~loops[order]]
    order = order[np.concatenate([np.ones(1, bool), np.diff(code[order]) != 0])] if len(order) else order
    repeated = len(code) - int(loops.sum()) - len(order)
    if loops.any() or repeated:
        read.notices.append(
            _("{file}: {own} ties of a consumer with herself and {repeated} repeated ties were left out").format(
                file=Path(read.file).name, own=number(int(loops.sum())), repeated=number(repeated)
            )
        )
    if not len(order):
        raise InputError(_("has no ties between different consumers"), read.file)
    teller, hearer, weight, layer = teller[order], hearer[order], weight[order], layer[order]
    if one_way:
        teller, hearer, weight, layer = _both_ways_where_mutual(n, teller, hearer, weight, layer)
    else:
        teller, hearer = np.concatenate([teller, hearer]), np.concatenate([hearer, teller])
        weight, layer = np.tile(weight, 2), np.tile(layer, 2)
        layer[layer == UNKNOWN] = WEAK
    if read.layer is None:
        _mark_strong(n, keys, teller, hearer, layer, strong_share)
    unit = None if read.weight is None else float(np.sort(weight).mean()) / WEIGHT_UNIT
    strong, weak, follow = (_layer(n, layer == k, teller, hearer, weight, unit) for k in (STRONG, WEAK, FOLLOW))
    return strong, weak, follow


def _both_ways_where_mutual(n: int, teller: I32, hearer: I32, weight: F64, layer: I8) -> tuple[I32, I32, F64, I8]:
    """One-way ties, sorted: a tie whose reverse exists too is mutual; a named strong or weak tie gets its reverse."""
    code, reverse = teller * np.int64(n) + hearer, hearer * np.int64(n) + teller
    at = np.minimum(np.searchsorted(code, reverse), len(code) - 1)
    returned = code[at] == reverse
    layer = np.where(returned, np.minimum(layer, layer[at]), layer)
    layer = np.where(layer != UNKNOWN, layer, np.where(returned, WEAK, FOLLOW)).astype(np.int8)
    missing = ~returned & (layer != FOLLOW)
    return (
        np.concatenate([teller, hearer[missing]]),
        np.concatenate([hearer, teller[missing]]),
        np.concatenate([weight, weight[missing]]),
        np.concatenate([layer, layer[missing]]),
    )


def _mark_strong(n: int, keys: U64, teller: I32, hearer: I32, layer: I8, strong_share: float) -> None:
    """Of the mutual ties, all weak so far, those with the most overlapping circles become strong."""
    mutual = layer == WEAK
    start, other = sorted_rows(n, teller[mutual], hearer[mutual], False)
    one = np.repeat(np.arange(n, dtype=np.int32), np.diff(start))
    once = one < other  # rows are in the order of the keys: the smaller key first
    one, two = one[once], other[once]
    chosen = closest(overlaps(start, other, one, two), keys[one], keys[two], strong_share)
    strong = np.sort(one[chosen] * np.int64(n) + two[chosen])
    code = np.minimum(teller, hearer) * np.int64(n) + np.maximum(teller, hearer)
    layer[mutual & np.isin(code, strong)] = STRONG


def _layer(n: int, of_layer: NDArray[np.bool_], teller: I32, hearer: I32, weight: F64, unit: float | None) -> Layer:
    order = np.flatnonzero(of_layer)
    order = order[np.lexsort((hearer[order], teller[order]))]
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(teller[order], minlength=n))])
    if unit is None:
        return Layer(start, hearer[order])
    return Layer(start, hearer[order], np.clip(np.rint(weight[order] / unit), 1, 2**30).astype(np.int32))


def _without_extra(read: Read, path: Path, heading: list[str], known: tuple[str, ...]) -> None:
    extra = [name for name in heading if name not in known]
    if extra:
        read.notices.append(_("{file}: columns ignored: {names}").format(file=path.name, names=", ".join(extra)))


def _csv_ties(path: Path) -> Read:
    """Columns source, target and, if wished, weight and layer."""
    read = Read(str(path))
    lines = records(path, ("source", "target"))
    heading = next(lines)[1]
    _without_extra(read, path, heading, ("source", "target", "weight", "layer"))
    source, target = heading.index("source"), heading.index("target")
    weight = heading.index("weight") if "weight" in heading else None
    layer = heading.index("layer") if "layer" in heading else None
    read.weight = None if weight is None else []
    read.layer = None if layer is None else []
    for line, row in lines:
        if not row[source] or not row[target]:
            raise InputError(_("a tie needs a source and a target"), str(path), line)
        read.source.append(read.consumer(row[source]))
        read.target.append(read.consumer(row[target]))
        if weight is not None and read.weight is not None:
            read.weight.append(_weight(row[weight], str(path), line))
        if layer is not None and read.layer is not None:
            read.layer.append(_layer_number(row[layer], str(path), line))
    return read


def _weight(value: Any, file: str, line: int | None, tie: str = "") -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(tie + _("weight {value!r} is not a number").format(value=str(value)), file, line)
    if number <= 0:
        wrong = _("weight {value} is not positive: a weight says how often two people talk; leave out ties that carry no talk or distrust")
        raise InputError(tie + wrong.format(value=value), file, line)
    return number


def _layer_number(value: Any, file: str, line: int | None, tie: str = "") -> int:
    if value not in LAYERS:
        wrong = _("layer {value!r} is not one of {names}").format(value=str(value), names=", ".join(LAYERS))
        raise InputError(tie + wrong, file, line)
    return LAYERS.index(value)


def _xml_ties(path: Path, suffix: str) -> Read:
    """GraphML or GEXF; attributes weight and layer of the ties are read if all ties have them."""
    import networkx

    data = io.BytesIO(content(path))
    try:
        found = networkx.read_graphml(data) if suffix == ".graphml" else networkx.read_gexf(data)
    except ParseError as error:
        raise InputError(_("is not well-formed XML ({error})").format(error=error.msg), str(path), error.position[0]) from None
    except (networkx.NetworkXError, KeyError, ValueError, TypeError, AttributeError, StopIteration) as error:
        raise InputError(_("is not a {kind} graph ({error})").format(kind=suffix[1:], error=error), str(path)) from None
    read = Read(str(path), directed=found.is_directed())
    for node in found.nodes:
        read.consumer(str(node))
    ties = list(found.edges(data=True))
    named = {name: sum(name in values for source, target, values in ties) for name in ("weight", "layer")}
    for name, times in named.items():
        if 0 < times < len(ties):
            wrong = _("{lacking} of {all} ties have no {name}: give it to all or none")
            raise InputError(wrong.format(lacking=number(len(ties) - times), all=number(len(ties)), name=name), str(path))
    read.source = [read.consumer(str(source)) for source, target, values in ties]
    read.target = [read.consumer(str(target)) for source, target, values in ties]
    if named["weight"]:
        read.weight = [_weight(values["weight"], str(path), None, _tie(s, t)) for s, t, values in ties]
    if named["layer"]:
        read.layer = [_layer_number(values["layer"], str(path), None, _tie(s, t)) for s, t, values in ties]
    return read


def _tie(source: Any, target: Any) -> str:
    return _("tie {source!r} - {target!r}: ").format(source=source, target=target)


def _csv_consumers(path: Path, read: Read) -> dict[str, tuple[int, str, dict[str, float]]]:
    """Columns id and, if wished, segment and traits: id -> (line, segment, values). Ids without ties join the graph."""
    lines = records(path, ("id",))
    heading = next(lines)[1]
    _without_extra(read, path, heading, ("id", "segment", *TRAITS))
    tied = len(read.number)
    rows: dict[str, tuple[int, str, dict[str, float]]] = {}
    for line, row in lines:
        cells = dict(zip(heading, row, strict=True))
        name = cells["id"]
        if not name:
            raise InputError(_("a consumer needs an id"), str(path), line)
        if name in rows:
            raise InputError(_("consumer {name!r} stands already in line {line}").format(name=name, line=rows[name][0]), str(path), line)
        values = {trait: _trait(trait, cells[trait], str(path), line) for trait in TRAITS if cells.get(trait)}
        rows[name] = line, cells.get("segment", ""), values
        read.consumer(name)
    alone, unnamed = len(read.number) - tied, len(read.number) - len(rows)
    if alone:
        read.notices.append(_("{file}: {count} consumers have no tie").format(file=path.name, count=number(alone)))
    if unnamed:
        said = _("{file}: {count} consumers of the graph are not in it; their traits are drawn")
        read.notices.append(said.format(file=path.name, count=number(unnamed)))
    return rows


def _trait(trait: str, text: str, file: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    low, high = (-math.inf if trait.startswith("need") else 0.0), TRAITS[trait]
    if not math.isfinite(value) or not low <= value <= high:
        if math.isfinite(high):
            wrong = _("{trait} {text!r} is not a number from 0 to {high:g}")
        else:
            wrong = _("{trait} {text!r} is not a number of at least 0") if low == 0.0 else _("{trait} {text!r} is not a number")
        raise InputError(wrong.format(trait=trait, text=text, high=high), file, line)
    return value


def _given(file: str, ids: tuple[str, ...], rows: dict[str, tuple[int, str, dict[str, float]]]) -> Given:
    nothing: tuple[int, str, dict[str, float]] = (0, "", {})
    found = [rows.get(name, nothing) for name in ids]
    values: dict[str, F32] = {
        trait: np.array([row[2].get(trait, math.nan) for row in found], np.float32)
        for trait in TRAITS
        if any(trait in row[2] for row in found)
    }
    return Given(file, np.array([row[0] for row in found], np.int64), tuple(row[1] for row in found), values)
