"""Numbers and chance (section 7.0 of docs/model.md): what the state keeps, doses, and dice with and without addresses."""

from __future__ import annotations

import functools
import math
import random

import numpy as np

from simulator.engine import chance

fold, uniform = chance.fold.python, chance.uniform.python
poisson, gumbel, integer = chance.poisson.python, chance.gumbel.python, chance.integer.python
normal_quantile = chance.normal_quantile.python
name_key = functools.cache(chance.name_key)

LN2 = math.log(2.0)
ONE = 2.0**32


def stored(x: float) -> float:
    """x as the state keeps it: rounded to float32."""
    return float(np.float32(x))


def dose(x: float) -> int:
    """-log(1 - x) in whole numbers of 2^-32, at most 64."""
    if x <= 0.0:
        return 0
    return 64 << 32 if x >= 1.0 else min(64 << 32, int(-math.log1p(-x) * ONE + 0.5))


def share(doses: int) -> float:
    """What a sum of doses moves: 1 - exp(-sum)."""
    return -math.expm1(-doses / ONE)


def moved(v: float, up: int, down: int) -> float:
    """v after the doses up and down."""
    return min(1.0, max(0.0, v + share(up) * (1.0 - v) - share(down) * v))


def drawn(v: float, pulls: list[tuple[int, float]]) -> float:
    """v after (dose, target) pulls."""
    doses = sum(w for w, _ in pulls)
    if doses == 0:
        return v
    return v + share(doses) * (sum(int(w * target + 0.5) for w, target in pulls) / doses - v)


def fixed(x: float) -> int:
    """x as a whole number of 2^-32, so that a sum has no order."""
    return round(x * ONE)


def fixed_mean(values: list[float]) -> float:
    """The mean of float32 values, by a sum that has no order."""
    return sum(fixed(v) for v in values) / (ONE * max(1, len(values)))


class AddressedDice:
    """Every draw has an address: (seed, stream, parts ...)."""

    def __init__(self, seed: int) -> None:
        self.at = functools.lru_cache(65536)(lambda stream, common: int(chance.address(seed, stream, *common)))

    def draw(self, stream: str, common: tuple[int, ...], *own: int) -> float:
        """The uniform [stream, common; own]."""
        place = self.at(stream, common)
        for part in own:
            place = fold(place, part)
        return uniform(place)

    def mark(self, name: str, *parts: int) -> int:
        """A 64-bit word that depends on the parts alone: keys of messages, the order of rivals for a hearer's ear."""
        place = name_key(name)
        for part in parts:
            place = fold(place, part)
        return place


class PlainDice:
    """One stream of random numbers, as usual: what a model without addresses would pay for its chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def draw(self, stream: str, common: tuple[int, ...], *own: int) -> float:
        """The next number."""
        return self.random.random()

    def mark(self, name: str, *parts: int) -> int:
        """The next 64 bits."""
        return self.random.getrandbits(64)
