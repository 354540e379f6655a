"""Thresholds: how many of her ties must own a durable before a consumer follows (`purchase.threshold`).

A threshold is a whole number of owning ties, or a share of a consumer's ties that becomes one when the market opens:

    m = max(1, ceil(share ties - 1e-9))          a share without ties is never reached; a number 0 adopts at once

so that only whole numbers are ever compared (7 of 100 reach .07). Ties are those in to her that `purchase.tie_weights` counts;
on a complete graph everybody else. A list, a distribution or a file gives every consumer her own: whole numbers count ties; if
one of them has a point, all are shares. What is drawn is drawn once, at [threshold; i]:

    { uniform = [low, high] }   low + integer(high - low + 1, u), or the share low + (high - low) u
    { normal = [mean, sd] }     a whole mean: floor(mean + sd z + .5), at least 0; else the share mean + sd z, clipped to 0..1

with z the normal quantile of u. (Granovetter 1978, AJS 83:1420; Watts 2002, doi:10.1073/pnas.082090499.)
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from simulator.engine.chance import fold, integer, normal_quantile, uniform
from simulator.engine.compiled import compiled
from simulator.language import _, number
from simulator.parameters import InputError, Table, parameter
from simulator.world.csv_records import records
from simulator.world.market import Market
from simulator.world.state import F64, I64

UNREACHABLE = 2**31 - 1
"""The threshold of those who never adopt by it."""

LARGEST = 100_000_000
"""Bytes of a file of thresholds: some ten million consumers."""

Number = int | float
"""A whole number counts ties; one with a point is a share of them."""


def _of_one_kind(given: tuple[Number, ...]) -> tuple[Number, ...]:
    """All whole numbers of at least 0, or all shares."""
    whole = all(isinstance(each, int) for each in given)
    for each in given:
        if not 0 <= each <= (UNREACHABLE if whole else 1):
            wrong = _(
                "{value} is out of range; allowed: whole numbers of at least 0, or shares from 0 to 1 if one of the numbers has a point"
            )
            raise PydanticCustomError("thresholds", wrong.format(value=each))
    return given if whole else tuple(float(each) for each in given)


def _in_order(given: tuple[Number, ...]) -> tuple[Number, ...]:
    if given[0] > given[1]:
        raise PydanticCustomError("thresholds", _("{value} is not in order; allowed: the lower number first").format(value=list(given)))
    return given


def _spread(given: tuple[Number, float]) -> tuple[Number, float]:
    _of_one_kind(given[:1])
    if given[1] < 0:
        wrong = _("{value} is out of range; allowed: a standard deviation of at least 0")
        raise PydanticCustomError("thresholds", wrong.format(value=given[1]))
    return given


class ShareOfTies(Table):
    """A threshold as a share of one's ties."""

    share: float = parameter(unit="share", meaning="of a consumer's ties that must own the brand", ge=0, le=1)


class UniformThresholds(Table):
    """Thresholds that are equally likely between two ends."""

    uniform: Annotated[tuple[Number, Number], AfterValidator(_of_one_kind), AfterValidator(_in_order)] = parameter(
        unit="ties or share", meaning="lowest and highest: whole numbers count ties, with a point they are shares of a consumer's ties"
    )


class NormalThresholds(Table):
    """Thresholds spread normally around a mean."""

    normal: Annotated[tuple[Number, float], AfterValidator(_spread)] = parameter(
        unit="ties or share", meaning="mean and standard deviation: a whole mean counts ties, with a point it is a share of ties"
    )


class ThresholdsFromFile(Table):
    """Thresholds from a CSV file with the columns id and threshold."""

    file: str = parameter(unit="", meaning="path of a CSV file (id,threshold): whole numbers count ties, else all are shares", file=True)

    def model_post_init(self, context: Any) -> None:
        """Read the file as soon as its path is known, so that its errors are found when the scenario is read."""
        if Path(self.file).is_absolute() and Path(self.file).is_file():
            read_thresholds(self.file)


Threshold = (
    Literal["off"]
    | Annotated[int, Field(ge=0)]
    | ShareOfTies
    | Annotated[tuple[Number, ...], AfterValidator(_of_one_kind)]
    | UniformThresholds
    | NormalThresholds
    | ThresholdsFromFile
)
"""What `purchase.threshold` may be."""


# -- formulas ------------------------------------------------------------------------------------------------------


@compiled
def ties_needed(share: float, ties: int) -> int:
    """Owning ties that a share asks for: whole numbers, so that 7 of 100 reach .07; without ties never."""
    if ties == 0:
        return UNREACHABLE
    return max(1, int(math.ceil(share * ties - 1e-9)))


@compiled
def all_needed(shares, ties):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """int64 [n]: owning ties that each share asks for."""
    needed = np.empty(len(shares), np.int64)
    for i in range(len(shares)):
        needed[i] = ties_needed(shares[i], ties[i])
    return needed


@compiled
def drawn_whole(place, keys, low, high):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """int64 [n]: a whole number low .. high for each consumer."""
    drawn = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        drawn[i] = low + integer(high - low + 1, uniform(fold(place, keys[i])))
    return drawn


@compiled
def drawn_between(place, keys, low, high):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """float64 [n]: a number between low and high for each consumer."""
    drawn = np.empty(len(keys))
    for i in range(len(keys)):
        drawn[i] = low + (high - low) * uniform(fold(place, keys[i]))
    return drawn


@compiled
def drawn_normal(place, keys, mean, sd):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """float64 [n]: a normal number for each consumer."""
    drawn = np.empty(len(keys))
    for i in range(len(keys)):
        drawn[i] = mean + sd * normal_quantile(uniform(fold(place, keys[i])))
    return drawn


# -- who needs how many ----------------------------------------------------------------------------------------------


def thresholds_of(market: Market, threshold: Any) -> I64:
    """int64 [n]: owning ties that each consumer needs; [0] if thresholds are off."""
    keys, place = market.consumers.keys, market.at("threshold")
    if threshold == "off":
        return np.zeros(0, np.int64)
    if isinstance(threshold, int):
        return np.full(market.n, threshold, np.int64)
    if isinstance(threshold, ShareOfTies):
        return _counted(market, np.full(market.n, threshold.share))
    if isinstance(threshold, UniformThresholds):
        low, high = threshold.uniform
        if isinstance(low, int):
            return np.asarray(drawn_whole(place, keys, low, high), np.int64)
        return _counted(market, drawn_between(place, keys, low, high))
    if isinstance(threshold, NormalThresholds):
        mean, sd = threshold.normal
        drawn = drawn_normal(place, keys, float(mean), sd)
        if isinstance(mean, int):
            rounded: I64 = np.clip(np.floor(drawn + 0.5), 0, UNREACHABLE).astype(np.int64)
            return rounded
        return _counted(market, np.clip(drawn, 0.0, 1.0))
    given = _of_the_file(market, threshold.file) if isinstance(threshold, ThresholdsFromFile) else _of_the_list(market, threshold)
    needed: I64 = given if given.dtype == np.int64 else _counted(market, given)
    return needed


def _counted(market: Market, shares: F64) -> I64:
    """Shares of ties as numbers of ties."""
    needed: I64 = all_needed(shares, market.proof_total)
    return needed


def _of_the_list(market: Market, given: tuple[int, ...] | tuple[float, ...]) -> np.ndarray:
    """A list goes by the numbers of the consumers, wherever they are stored."""
    if market.graph.ids is not None:
        raise InputError(
            _("a list goes by number, and the consumers of this graph have ids; allowed: { file = ... } with columns id and threshold"),
            key="purchase.threshold",
        )
    if len(given) != market.n:
        wanted = _("a list of thresholds needs one for each of the {n} consumers, not {given}")
        raise InputError(wanted.format(n=market.n, given=len(given)), key="purchase.threshold")
    values: np.ndarray = np.array(given, np.int64 if all(isinstance(each, int) for each in given) else np.float64)
    by_key: np.ndarray = values[market.consumers.keys.astype(np.int64)]
    return by_key


def _of_the_file(market: Market, path: str) -> np.ndarray:
    """A file goes by id: that of the graph's file, else the consumer's number. Everybody must be in it, and nobody else."""
    lines, values, notice = read_thresholds(path)
    if notice:
        market.notices.append(notice)
    ids = market.graph.ids if market.graph.ids is not None else [str(key) for key in market.consumers.keys.tolist()]
    known = set(ids)
    stranger = next((name for name in lines if name not in known), None)
    if stranger is not None:
        raise InputError(_("there is no consumer {name!r} in the market").format(name=stranger), path, lines[stranger])
    place = {name: at for at, name in enumerate(lines)}
    missing = next((name for name in ids if name not in place), None)
    if missing is not None:
        wrong = _("says nothing of consumer {name!r}; allowed: a line for each of the {n} consumers")
        raise InputError(wrong.format(name=missing, n=number(market.n)), path)
    by_id: np.ndarray = values[[place[name] for name in ids]]
    return by_id


def read_thresholds(path: str) -> tuple[dict[str, int], np.ndarray, str]:
    """A file of thresholds: id -> line, the thresholds in the order of the lines (int64, or float64 if shares), a notice or "".

    Whatever is wrong with it is an `InputError` with file and line.
    """
    if Path(path).is_file() and Path(path).stat().st_size > LARGEST:
        raise InputError(_("has more than {most} bytes: these cannot be thresholds").format(most=number(LARGEST)), path)
    table = records(Path(path), ("id", "threshold"))
    heading = next(table)[1]
    name_at, value_at = heading.index("id"), heading.index("threshold")
    lines: dict[str, int] = {}
    texts: list[str] = []
    for line, row in table:
        name = row[name_at]
        if not name:
            raise InputError(_("a threshold needs the id of a consumer"), path, line)
        if name in lines:
            raise InputError(_("consumer {name!r} stands already in line {line}").format(name=name, line=lines[name]), path, line)
        lines[name] = line
        texts.append(row[value_at])
    whole = all(re.fullmatch(r"\+?[0-9]{1,9}", text, re.ASCII) for text in texts)
    values: np.ndarray = np.array(
        [int(text) if whole else _share(text, path, line) for text, line in zip(texts, lines.values(), strict=True)],
        np.int64 if whole else np.float64,
    )
    extra = [name for name in heading if name not in ("id", "threshold")]
    notice = _("{file}: columns ignored: {names}").format(file=Path(path).name, names=", ".join(extra))
    return lines, values, notice if extra else ""


def _share(text: str, path: str, line: int) -> float:
    """A cell of a file in which not all are whole numbers."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        wrong = _("{text!r} is no threshold; allowed: whole numbers of ties in all lines, or shares from 0 to 1 in all of them")
        raise InputError(wrong.format(text=text), path, line)
    return value
