"""Addressed chance: every draw has an address, not a history.

An address is made by folding parts (seed, stream, day, who, which) into a 64-bit word; the draw is a
function of the address alone. So two runs that share an address share the luck, and results cannot
depend on order, threads or restart. The mixer is a bijective finaliser of the splitmix family (Steele,
Lea, Flood 2014, doi:10.1145/2660193.2660195; constants: Pelle Evensen's "moremur"), which makes `fold`
a bijection of its last part: within one stream and day no two consumers can share a draw.

The plain functions define the numbers; the `_native` forms are the same in machine words.
"""

from __future__ import annotations

import functools
import hashlib
import math
from typing import SupportsInt

import numpy as np

from simulator.engine.compiled import Compiled, compiled

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN = np.uint64(0x9E37_79B9_7F4A_7C15)
_M1 = np.uint64(0x3C79_AC49_2BA7_B653)
_M2 = np.uint64(0x1C69_B3F7_4AC4_AE35)
_S12, _S27, _S33 = np.uint64(12), np.uint64(27), np.uint64(33)

LARGE_MEAN = 500.0
"""Above this mean a Poisson draw is the rounded normal quantile."""


def _fold_plain(address: SupportsInt, part: SupportsInt) -> int:
    """The address one part further: mix(address xor part * golden). Both are read modulo 2^64."""
    x = (int(address) ^ (int(part) * 0x9E37_79B9_7F4A_7C15)) & _MASK
    x ^= x >> 27
    x = (x * 0x3C79_AC49_2BA7_B653) & _MASK
    x ^= x >> 33
    x = (x * 0x1C69_B3F7_4AC4_AE35) & _MASK
    return x ^ (x >> 27)


def _fold_native(address, part):  # type: ignore[no-untyped-def]  # typed by numba: uint64, any integer
    x = np.uint64(address) ^ (np.uint64(part) * _GOLDEN)
    x ^= x >> _S27
    x *= _M1
    x ^= x >> _S33
    x *= _M2
    return x ^ (x >> _S27)


def _uniform_plain(address: SupportsInt) -> float:
    """The draw at an address: uniform on the open interval (0, 1), 52 bits."""
    return ((int(address) >> 12) + 0.5) * 2.0**-52


def _uniform_native(address):  # type: ignore[no-untyped-def]  # typed by numba: uint64
    return (np.int64(address >> _S12) + 0.5) * 2.0**-52


fold = Compiled(_fold_plain, _fold_native)
uniform = Compiled(_uniform_plain, _uniform_native)


@functools.cache
def name_key(name: str) -> int:
    """A stable 64-bit key of a name (never Python's salted hash)."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def address(seed: int, stream: str, *parts: int) -> np.uint64:
    """The address of (seed, stream, parts ...): where kernels continue with the consumer's key."""
    place = _stream(seed, stream)
    for part in parts:
        place = _fold_plain(place, part)
    return np.uint64(place)


@functools.lru_cache(1024)
def _stream(seed: int, stream: str) -> int:
    return _fold_plain(_fold_plain(0, seed), name_key(stream))


@compiled
def integer(n: int, u: float) -> int:
    """A whole number 0 .. n-1 from a uniform draw u."""
    return min(int(u * n), n - 1)


_CENTRE_OVER = (
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
)  # fmt: skip
_CENTRE_UNDER = (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
)  # fmt: skip
_MIDDLE_OVER = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
    3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
)  # fmt: skip
_MIDDLE_UNDER = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0,
)  # fmt: skip
_TAIL_OVER = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0,
)  # fmt: skip
_TAIL_UNDER = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0,
)  # fmt: skip


@compiled
def polynomial(r: float, coefficients: tuple[float, ...]) -> float:
    """A polynomial by Horner's rule, the highest power first."""
    value = 0.0
    for coefficient in coefficients:
        value = value * r + coefficient
    return value


@compiled
def normal_quantile(u: float) -> float:
    """The standard normal quantile (Wichura 1988, algorithm AS 241, doi:10.2307/2347330), to 1e-15."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * polynomial(r, _CENTRE_OVER) / polynomial(r, _CENTRE_UNDER)
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        size = polynomial(r - 1.6, _MIDDLE_OVER) / polynomial(r - 1.6, _MIDDLE_UNDER)
    else:
        size = polynomial(r - 5.0, _TAIL_OVER) / polynomial(r - 5.0, _TAIL_UNDER)
    return -size if q < 0.0 else size


@compiled
def poisson(mean: float, u: float) -> int:
    """A Poisson number by inversion of one uniform draw: monotone in the mean, more money never loses a contact."""
    if u < 1.0 - mean:  # exp(-mean) is never smaller than 1 - mean: spares the exponential for rare things
        return 0
    if mean > LARGE_MEAN:
        return max(0, int(math.floor(mean + math.sqrt(mean) * normal_quantile(u) + 0.5)))
    k = 0
    p = math.exp(-mean)
    cumulated = p
    while u >= cumulated and p > 0.0:
        k += 1
        p *= mean / k
        cumulated += p
    return k


@compiled
def gumbel(u: float) -> float:
    """Standard Gumbel noise: the largest of utility + noise is a multinomial logit choice (McFadden 1974)."""
    return -math.log(-math.log(u))
