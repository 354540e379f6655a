"""Who knows whom: the `[network]` table of a scenario and the social graph made or read from it."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from pathlib import Path
from typing import Literal

import numpy as np

from simulator.language import _, number
from simulator.parameters import ASSUMPTION, InputError, Table, parameter
from simulator.world.graph_layers import Given as Given
from simulator.world.graph_layers import Layer as Layer
from simulator.world.graph_layers import SocialGraph as SocialGraph
from simulator.world.graph_layers import sorted_rows
from simulator.world.state import LAYERS

MOST_CONSUMERS = 2**31 - 1
"""Consumers are numbered in 32 bits."""


class Network(Table):
    """The social graph: drawn by a maker, or read from a file."""

    kind: Literal["communities", "small_world", "scale_free", "random", "regular", "lattice", "ring", "complete", "file"] = parameter(
        "communities", unit="", meaning="how the graph comes about"
    )
    seed: int | None = parameter(
        None, unit="", meaning="chance of the graph; without it the graph is drawn from the seed of the run", ge=0, lt=2**63
    )
    layer: Literal["strong", "weak", "follow"] = parameter(
        "strong", unit="", meaning="the layer of all ties (small_world, scale_free, random, regular, lattice, ring, complete)"
    )
    community_size: int = parameter(
        100, unit="consumers", meaning="consumers of one community (communities)", evidence=ASSUMPTION, plausible=(30, 500), ge=3
    )
    strong: float = parameter(
        10.0,
        unit="ties",
        meaning="close mutual ties of a consumer on average (communities)",
        evidence=ASSUMPTION,
        plausible=(4.0, 15.0),
        off=0.0,
        ge=0,
        le=10_000,
    )
    rewired: float = parameter(
        0.1,
        unit="share",
        evidence=ASSUMPTION,
        plausible=(0.0, 0.3),
        off=0.0,
        ge=0,
        le=1,
        meaning="close ties that leave the circle for anybody (communities, small_world); at 0 only circles, at 1 none",
    )
    weak: float = parameter(
        6.0,
        unit="ties",
        meaning="acquaintances of a consumer on average (communities)",
        evidence=ASSUMPTION,
        plausible=(2.0, 20.0),
        off=0.0,
        ge=0,
        le=10_000,
    )
    homophily: float = parameter(
        0.7,
        unit="share",
        evidence=ASSUMPTION,
        plausible=(0.3, 0.9),
        off=0.0,
        ge=0,
        le=1,
        meaning="acquaintances drawn from one's own community (communities); at 0 from anybody, at 1 all of them",
    )
    follow: float = parameter(
        4.0,
        unit="ties",
        meaning="consumers that one follows on average (communities)",
        evidence=ASSUMPTION,
        plausible=(1.0, 10.0),
        off=0.0,
        ge=0,
        le=10_000,
    )
    follow_audience: float = parameter(
        2.1,
        unit="",
        meaning="exponent of the distribution of audiences: the smaller, the more goes to a few (communities)",
        evidence=ASSUMPTION,
        plausible=(1.8, 3.0),
        gt=1,
        le=100,
    )
    largest_audience: float = parameter(
        0.02,
        unit="share",
        meaning="of the market that the largest audience holds at most (communities)",
        evidence=ASSUMPTION,
        plausible=(0.005, 0.1),
        gt=0,
        le=1,
    )
    degree: float = parameter(
        10.0, unit="ties", meaning="ties of a consumer (small_world, regular, ring: exactly; random: on average)", ge=0
    )
    links: int = parameter(5, unit="ties", meaning="ties that each newcomer makes (scale_free)", ge=1)
    neighbourhood: Literal["moore", "von_neumann"] = parameter("moore", unit="", meaning="8 or 4 neighbours on the torus (lattice)")
    rows: int | None = parameter(
        None,
        unit="consumers",
        ge=3,
        meaning="height of the torus (lattice): population.size must be rows x columns; without it as square as possible",
    )
    path: str | None = parameter(None, unit="", meaning="file of ties: .csv, .graphml or .gexf, also with .gz (file)", file=True)
    consumers: str | None = parameter(None, unit="", meaning="CSV file with id, segment and any trait of the consumers (file)", file=True)
    directed: bool | None = parameter(
        None, unit="", meaning="whether ties have a direction (file); without it as the file says, a CSV file being undirected"
    )
    direction: Literal["teller_to_hearer", "follower_to_followed", "mutual"] | None = parameter(
        None, unit="", meaning="what source and target of a directed tie are (file)"
    )
    strong_share: float = parameter(
        0.3,
        unit="share",
        evidence=ASSUMPTION,
        plausible=(0.1, 0.6),
        ge=0,
        le=1,
        meaning="mutual ties that are strong, those with the most common neighbours (file without a layer column)",
    )


def make_graph(network: Network, size: int, seed: int, folder: Path) -> SocialGraph:
    """The social graph of `size` consumers (of a file: as many as it holds). Relative paths start at `folder`."""
    problems = network_problems(network, size)
    if problems:
        raise InputError(problems[0][1], key=problems[0][0])
    if network.kind == "file":
        from simulator.world.graph_files import graph_from_file  # only who reads files needs networkx

        return graph_from_file(
            folder / str(network.path),
            None if network.consumers is None else folder / network.consumers,
            network.directed,
            network.direction,
            network.strong_share,
        )
    return _made(network, size, seed if network.seed is None else network.seed)


def _made(network: Network, n: int, seed: int) -> SocialGraph:
    from simulator.world import graph_makers as makers

    keys = np.arange(n, dtype=np.uint64)
    alone = np.arange(n, dtype=np.int32)  # without communities everybody is one of her own
    degree = int(network.degree)
    match network.kind:
        case "communities":
            layers, community = makers.communities(
                n,
                seed,
                community_size=network.community_size,
                strong=network.strong,
                rewired=network.rewired,
                weak=network.weak,
                homophily=network.homophily,
                follow=network.follow,
                follow_audience=network.follow_audience,
                largest_audience=network.largest_audience,
            )
            notices = []
            if network.follow > network.largest_audience * n:
                said = _(
                    "network.follow: an audience of at most {most:g} of {n} consumers leaves room for "
                    "{found:.2g} of the {asked:g} ties asked"
                )
                notices.append(said.format(most=network.largest_audience, n=number(n), found=layers[2].ties / n, asked=network.follow))
            return SocialGraph(n, keys, layers, community, notices=notices)
        case "complete":
            nobody = Layer.empty(n)
            return SocialGraph(n, keys, (nobody, nobody, nobody), alone, complete=True, complete_layer=network.layer)
        case "small_world":
            pairs = makers.small_world(n, seed, degree, network.rewired)
        case "ring":
            pairs = makers.ring(n, degree)
        case "regular":
            pairs = makers.regular(n, seed, degree)
        case "random":
            pairs = makers.random(n, seed, network.degree)
        case "scale_free":
            pairs = makers.scale_free(n, seed, network.links)
        case _:
            height = torus_rows(network, n)
            pairs = makers.lattice(height, n // height, network.neighbourhood)
    only = Layer(*sorted_rows(n, *pairs, True))
    strong, weak, follow = (only if name == network.layer else Layer.empty(n) for name in LAYERS)
    return SocialGraph(n, keys, (strong, weak, follow), alone)


def network_problems(network: Network, size: int) -> list[tuple[str, str]]:
    """What is impossible about a network of `size` consumers: (dotted key, message), nothing being allocated."""
    if network.kind == "file":
        problems = []
        if network.path is None:
            problems.append(("network.path", _('a network of kind "file" needs the path of a file')))
        if network.directed and network.direction is None:
            wrong = _('directed ties need a direction: "teller_to_hearer", "follower_to_followed" or "mutual"')
            problems.append(("network.direction", wrong))
        return problems
    too_large = size_problem(size, ties_per_consumer(network, size))
    if too_large:
        return [("population.size", too_large)]
    most = size - 1
    whole = network.degree == int(network.degree)
    if network.kind in ("small_world", "ring") and (not whole or network.degree % 2 or network.degree > most):
        wrong = _("{degree:g} is not an even whole number of at most {most}, as many as each can have")
        return [("network.degree", wrong.format(degree=network.degree, most=most))]
    if network.kind == "regular" and (not whole or network.degree > most or network.degree * size % 2):
        wrong = _("{degree:g} is not a whole number of at most {most} that times {size} consumers is even")
        return [("network.degree", wrong.format(degree=network.degree, most=most, size=size))]
    if network.kind == "random" and network.degree > most:
        return [("network.degree", _("{ties:g} is more than the {most} others there are").format(ties=network.degree, most=most))]
    if network.kind == "scale_free" and network.links > most:
        return [("network.links", _("{ties:g} is more than the {most} others there are").format(ties=network.links, most=most))]
    if network.kind == "lattice" and not torus_rows(network, size):
        if network.rows:
            wrong = _("{size} consumers cannot be laid out in {rows} rows of equal length of at least 3")
        else:
            wrong = _("{size} consumers cannot be laid out in rows and columns of at least 3 of equal length of at least 3")
        return [("population.size", wrong.format(size=size, rows=network.rows))]
    return []


def torus_rows(network: Network, size: int) -> int:
    """How many rows the torus has, 0 if it cannot be: rows and columns are at least 3."""
    candidates = [network.rows] if network.rows else range(math.isqrt(size), 2, -1)
    return next((rows for rows in candidates if size % rows == 0 and size // rows >= 3), 0)


def ties_per_consumer(network: Network, size: int) -> float:
    """About how many directed ties a consumer will have stored."""
    match network.kind:
        case "communities":
            return network.strong + network.weak + network.follow
        case "scale_free":
            return 2.0 * network.links
        case "lattice":
            return 8.0
        case "complete" | "file":
            return 0.0
        case _:
            return min(network.degree, size)


def size_problem(size: int, ties: float) -> str | None:
    """Why a graph of `size` consumers with `ties` directed ties each cannot be built here, if so."""
    if size > MOST_CONSUMERS:
        return _("{size} consumers are too many; at most {most}").format(size=number(size), most=number(MOST_CONSUMERS))
    needed = size * (100.0 + 16.0 * ties)  # rows, keys, traits; a tie while it is being sorted
    if needed > memory():
        said = _("{size} consumers need about {needed} GB of memory; this machine has {there}")
        return said.format(size=number(size), needed=number(needed / 2**30), there=number(memory() / 2**30))
    return None


def memory() -> float:
    """Bytes of memory of this machine; infinity where it does not say."""
    if sys.platform == "win32":

        class Status(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong), ("bytes", ctypes.c_ulonglong * 7)]

        status = Status(length=ctypes.sizeof(Status))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return float(status.bytes[0])
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return math.inf
    return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
