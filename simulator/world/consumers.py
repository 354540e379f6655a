"""Consumers as columns: traits that stay the same all through a run.

Chance is addressed by the consumer's key, so that the same consumer has the same traits wherever she is stored,
whatever else the scenario says. Streams: segment, media_weight, voice, ad_tolerance, scepticism, privacy_concern,
engagement, needs.centre (by community) and needs (by consumer).
"""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from simulator.engine.chance import address, fold, normal_quantile, uniform
from simulator.engine.compiled import compiled
from simulator.language import _
from simulator.parameters import ASSUMPTION, InputError, Table, parameter
from simulator.world.graph_layers import Address, Given, SocialGraph, neighbourhood
from simulator.world.selection import Selection
from simulator.world.state import F32, F64, I8, I32, I64, U8, U64

UNIFORM_TRAITS = ("ad_tolerance", "scepticism", "privacy_concern", "engagement")
"""Traits 0..1, spread evenly around the mean of the segment."""

GAMMA_TRAITS = {"media_weight": "media_shape", "voice": "voice_shape"}
"""Multipliers of mean 1, and the parameter that holds their shape."""


class Segment(Table):
    """A part of the market; a trait given here replaces the population's."""

    name: str = parameter(unit="", meaning="by which targets, start values and files refer to it", min_length=1)
    share: float = parameter(unit="share", meaning="of all consumers", ge=0, le=1)
    media_shape: float | None = parameter(None, unit="", meaning="instead of the population's", gt=0, infinite=True)
    voice_shape: float | None = parameter(None, unit="", meaning="instead of the population's", gt=0, infinite=True)
    purchase_rate: float | None = parameter(None, unit="1/day", meaning="instead of the population's", ge=0)
    ad_tolerance: float | None = parameter(None, unit="", meaning="instead of the population's", ge=0, le=1)
    scepticism: float | None = parameter(None, unit="", meaning="instead of the population's", ge=0, le=1)
    privacy_concern: float | None = parameter(None, unit="", meaning="instead of the population's", ge=0, le=1)
    engagement: float | None = parameter(None, unit="", meaning="instead of the population's", ge=0, le=1)
    trait_spread: float | None = parameter(None, unit="", meaning="instead of the population's", ge=0, le=0.5)
    needs_spread: float | None = parameter(None, unit="", meaning="instead of the population's", ge=0)
    needs_within: float | None = parameter(None, unit="", meaning="instead of the population's", ge=0)
    values: tuple[float, ...] = parameter(
        (), unit="", meaning="what its consumers hold dear, a number for each value; all segments as many, or none", max_length=8
    )


class Role(Table):
    """Consumers with a say of their own: see [roles] for what they do."""

    kind: Literal["journalist", "prescriber", "ambassador"] = parameter(
        unit="", meaning="journalist: tells everybody what is hot; prescriber: counts for more; ambassador: defends her brand"
    )
    consumers: Selection = parameter(unit="consumers", meaning="who they are")
    brand: str | None = parameter(None, unit="", meaning="the brand that an ambassador defends")

    @model_validator(mode="after")
    def _ambassadors_have_a_brand(self) -> Role:
        if (self.kind == "ambassador") != (self.brand is not None):
            wrong = _("an ambassador needs a brand") if self.brand is None else _("a {kind} has no brand; only an ambassador has")
            raise PydanticCustomError("brand", wrong, {"kind": self.kind})
        return self


class Population(Table):
    """Who the consumers are."""

    size: int = parameter(4000, unit="consumers", meaning='how many are simulated (network.kind = "file": as many as in the file)', ge=1)
    represents: float | None = parameter(None, unit="people", meaning="the market they stand for; without it their own number", ge=1)
    segments: tuple[Segment, ...] = parameter(
        (Segment(name="everybody", share=1.0),), unit="", meaning="parts of the market that differ in traits", min_length=1, max_length=250
    )
    roles: tuple[Role, ...] = parameter((), unit="", meaning="consumers with a say of their own: journalists, prescribers, ambassadors")
    media_shape: float = parameter(
        1.0,
        unit="",
        meaning="shape of the Gamma distribution of media use: the smaller, the more a few see most ads",
        evidence=ASSUMPTION,
        plausible=(0.5, 3.0),
        off=math.inf,
        gt=0,
    )
    voice_shape: float = parameter(
        2.0,
        unit="",
        meaning="shape of the Gamma distribution of the urge to talk: the smaller, the more a few do the talking",
        evidence=ASSUMPTION,
        plausible=(0.7, 4.0),
        off=math.inf,
        gt=0,
    )
    purchase_rate: float = parameter(1.0 / 14.0, unit="1/day", meaning="occasions to buy", evidence=ASSUMPTION, plausible=(0.01, 0.3), ge=0)
    ad_tolerance: float = parameter(
        0.5,
        unit="",
        meaning="mean; at 0 every unsolicited contact annoys fully, at 1 none does",
        evidence=ASSUMPTION,
        plausible=(0.2, 0.8),
        ge=0,
        le=1,
    )
    scepticism: float = parameter(
        0.3,
        unit="",
        meaning="mean discount on what brands say of themselves; at 1 they are not believed at all",
        evidence=ASSUMPTION,
        plausible=(0.1, 0.6),
        ge=0,
        le=1,
    )
    privacy_concern: float = parameter(
        0.4,
        unit="",
        meaning="mean reluctance to be written to; at 1 nobody ever consents",
        evidence=ASSUMPTION,
        plausible=(0.2, 0.7),
        ge=0,
        le=1,
    )
    engagement: float = parameter(
        0.3,
        unit="",
        meaning="mean willingness to converse with brands; at 0 conversations move nobody",
        evidence=ASSUMPTION,
        plausible=(0.1, 0.6),
        ge=0,
        le=1,
    )
    trait_spread: float = parameter(
        0.2,
        unit="",
        meaning="standard deviation of these traits among consumers, less where 0 or 1 is near",
        evidence=ASSUMPTION,
        plausible=(0.0, 0.28),
        off=0.0,
        ge=0,
        le=0.5,
    )
    needs_spread: float = parameter(
        0.7,
        unit="",
        meaning="standard deviation of the centres of communities in need space",
        evidence=ASSUMPTION,
        plausible=(0.3, 1.5),
        off=0.0,
        ge=0,
    )
    needs_within: float = parameter(
        0.5,
        unit="",
        meaning="standard deviation of needs inside a community; at 0 its members want the same",
        evidence=ASSUMPTION,
        plausible=(0.2, 1.0),
        off=0.0,
        ge=0,
    )

    @model_validator(mode="after")
    def _segments_are_a_partition(self) -> Population:
        names = [segment.name for segment in self.segments]
        if len(set(names)) < len(names):
            double = next(name for name in names if names.count(name) > 1)
            raise PydanticCustomError("segments", _("two segments are named '{double}'"), {"double": double})
        total = math.fsum(segment.share for segment in self.segments)
        if abs(total - 1.0) > 1e-9:
            wrong = _("the shares of the segments sum to {total}, not to 1")
            raise PydanticCustomError("segments", wrong, {"total": f"{total:.6g}"})
        lengths = {len(segment.values) for segment in self.segments}
        if len(lengths) > 1 or 1 in lengths:
            raise PydanticCustomError("segments", _("values: 2 to 8 numbers, as many in every segment, or none in all of them"))
        return self

    def of_segments(self, trait: str) -> F64:
        """float64 [segments]: a parameter as it holds in each segment."""
        return np.array(
            [getattr(self, trait) if getattr(segment, trait) is None else getattr(segment, trait) for segment in self.segments],
            dtype=np.float64,
        )


@dataclass(slots=True)
class Consumers:
    """Traits of consumers; columns of n rows."""

    n: int
    keys: U64  # by which consumers appear in addresses
    segment: U8  # index into segment_names
    segment_names: tuple[str, ...]
    media_weight: F32  # >= 0, mean 1: share of the impressions that reach her
    ad_tolerance: F32  # 0 refractory .. 1 never annoyed
    scepticism: F32  # 0..1, discount on messages of brands
    privacy_concern: F32  # 0..1
    voice: F32  # >= 0, mean 1: multiplies the urge to talk
    engagement: F32  # 0..1, willingness to converse with brands
    needs: F32  # [n, 2], point in need space
    purchase_rate: F32  # occasions per day
    employer: I8  # brand she works for, -1 none

    def relabelled(self, permutation: I64) -> Consumers:
        """The same consumers in another order: position p holds who stood at permutation[p]."""
        result = copy(self)
        for column in fields(self):
            values = getattr(self, column.name)
            if isinstance(values, np.ndarray):
                setattr(result, column.name, values[permutation])
        return result


def make_consumers(population: Population, graph: SocialGraph, seed: int) -> Consumers:
    """Draw the traits of all consumers of a graph; what a consumers file gives stands."""
    names = tuple(segment.name for segment in population.segments)
    segment = _segments(population, names, graph, seed)
    traits: dict[str, F32] = {}
    for trait, shape in GAMMA_TRAITS.items():
        draws = uniforms(address(seed, trait), graph.keys)
        traits[trait] = gamma_of_mean_1(draws, population.of_segments(shape)[segment])
    spread = population.of_segments("trait_spread")
    for trait in UNIFORM_TRAITS:
        mean = population.of_segments(trait)
        half = np.minimum(math.sqrt(3.0) * spread, np.minimum(mean, 1.0 - mean))
        traits[trait] = around(address(seed, trait), graph.keys, segment, mean, half)
    needs = _needs(population, segment, graph, seed)
    rate = population.of_segments("purchase_rate")[segment].astype(np.float32)
    given = dict(graph.given.values) if graph.given else {}
    for axis, name in enumerate(("need_1", "need_2")):
        needs[:, axis] = _where_given(given.get(name), needs[:, axis])
    return Consumers(
        n=graph.n,
        keys=graph.keys,
        segment=segment,
        segment_names=names,
        needs=needs,
        purchase_rate=_where_given(given.get("purchase_rate"), rate),
        employer=np.full(graph.n, -1, np.int8),
        **{name: _where_given(given.get(name), drawn) for name, drawn in traits.items()},
    )


def _where_given(given: F32 | None, drawn: F32) -> F32:
    return drawn if given is None else np.where(np.isnan(given), drawn, given).astype(np.float32)


def _segments(population: Population, names: tuple[str, ...], graph: SocialGraph, seed: int) -> U8:
    """uint8 [n]: the segment in whose stretch of the cumulated shares her draw falls, or the one given."""
    draws = uniforms(address(seed, "segment"), graph.keys)
    shares = np.cumsum([segment.share for segment in population.segments])
    segment = np.minimum(np.searchsorted(shares, draws, side="right"), len(names) - 1).astype(np.uint8)
    if graph.given:
        for i, name in enumerate(graph.given.segment):
            if name:
                segment[i] = _segment_number(name, names, graph.given, i)
    return segment


def _segment_number(name: str, names: tuple[str, ...], given: Given, i: int) -> int:
    if name not in names:
        wrong = _("segment {name!r} is not one of the population's: {names}").format(name=name, names=", ".join(names))
        raise InputError(wrong, str(Path(given.file)), int(given.line[i]))
    return names.index(name)


def _needs(population: Population, segment: U8, graph: SocialGraph, seed: int) -> F32:
    """float32 [n, 2]: centre of the community + distance from it; in a graph from a file the distance is shared with neighbours."""
    within = normals(address(seed, "needs"), graph.keys)
    if graph.ids is not None:
        within = smoothed(*neighbourhood(graph), within)
    return need_points(
        address(seed, "needs.centre"),
        graph.community,
        segment,
        population.of_segments("needs_spread"),
        population.of_segments("needs_within"),
        within,
    )


def gamma_of_mean_1(draws: F64, shape: F64) -> F32:
    """float32 [n]: Gamma(shape) / shape at the quantiles `draws`; infinite shape: 1 for everybody."""
    from scipy.special import gammaincinv  # slow to import; reading a scenario does without

    result = np.ones(len(draws), np.float32)
    for k in np.unique(shape):
        at = shape == k
        if k == 1.0:
            result[at] = exponentials(draws[at])
        elif math.isfinite(k):
            result[at] = gammaincinv(k, draws[at]) / k
    return result


@compiled
def uniforms(place: Address, keys: U64) -> F64:
    """float64 [n]: each consumer's draw at an address."""
    draws = np.empty(len(keys))
    for i in range(len(keys)):
        draws[i] = uniform(fold(place, keys[i]))
    return draws


@compiled
def normals(place: Address, keys: U64) -> F64:
    """float64 [n, 2]: two standard normal draws of each consumer."""
    draws = np.empty((len(keys), 2))
    for i in range(len(keys)):
        for axis in range(2):
            draws[i, axis] = normal_quantile(uniform(fold(fold(place, keys[i]), axis)))
    return draws


@compiled
def exponentials(draws: F64) -> F64:
    """float64 [n]: quantiles of the exponential distribution of mean 1, which is Gamma(1)."""
    result = np.empty(len(draws))
    for i in range(len(draws)):
        result[i] = -math.log1p(-draws[i])
    return result


@compiled
def around(place: Address, keys: U64, segment: U8, mean: F64, half: F64) -> F32:
    """float32 [n]: a trait drawn evenly from mean - half .. mean + half of the consumer's segment."""
    trait = np.empty(len(keys), np.float32)
    for i in range(len(keys)):
        s = segment[i]
        trait[i] = mean[s] + half[s] * (2.0 * uniform(fold(place, keys[i])) - 1.0)
    return trait


@compiled
def smoothed(start: I64, other: I32, within: F64) -> F64:
    """float64 [n, 2]: each consumer's draw plus the mean draw of her neighbours, scaled back to variance 1.

    Neighbours are summed in whole numbers of 2^-32, so that the order in which they are stored does not matter.
    """
    result = np.empty_like(within)
    for i in range(len(within)):
        count = start[i + 1] - start[i]
        for axis in range(2):
            total = 0
            for at in range(start[i], start[i + 1]):
                total += int(math.floor(within[other[at], axis] * 4294967296.0 + 0.5))
            shared = total / 4294967296.0 / count if count > 0 else 0.0
            scale = math.sqrt(1.0 + 1.0 / count) if count > 0 else 1.0
            result[i, axis] = (within[i, axis] + shared) / scale
    return result


@compiled
def need_points(centre: Address, community: I32, segment: U8, spread: F64, inside: F64, within: F64) -> F32:
    """float32 [n, 2]: spread * normal of the community + inside * normal of the consumer."""
    needs = np.empty((len(community), 2), np.float32)
    for i in range(len(community)):
        for axis in range(2):
            z = normal_quantile(uniform(fold(fold(centre, community[i]), axis)))
            needs[i, axis] = spread[segment[i]] * z + inside[segment[i]] * within[i, axis]
    return needs
