"""Addressed chance: the plain functions define the numbers, machine words give the same, and they are good dice.

All tests are deterministic: they hold or fail for ever. Bounds are set so that good dice would pass a single
test with probability above .9999.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from simulator.engine import chance
from simulator.engine.chance import address, fold, gumbel, integer, name_key, normal_quantile, poisson, uniform
from simulator.engine.compiled import compiled

MANY = 100_000
words = st.integers(0, 2**64 - 1)


@compiled
def fold_all(places, part):  # type: ignore[no-untyped-def]  # arrays of addresses
    out = np.empty(len(places), np.uint64)
    for i in range(len(places)):
        out[i] = fold(places[i], part)
    return out


@compiled
def fold_range(place, n):  # type: ignore[no-untyped-def]  # the addresses of consumers 0..n-1
    out = np.empty(n, np.uint64)
    for i in range(n):
        out[i] = fold(place, i)
    return out


@compiled
def fold_each(place, parts):  # type: ignore[no-untyped-def]  # one address, an array of parts
    out = np.empty(len(parts), np.uint64)
    for i in range(len(parts)):
        out[i] = fold(place, parts[i])
    return out


@compiled
def uniform_all(places):  # type: ignore[no-untyped-def]
    out = np.empty(len(places), np.float64)
    for i in range(len(places)):
        out[i] = uniform(places[i])
    return out


@compiled
def poisson_all(means, u):  # type: ignore[no-untyped-def]
    out = np.empty(len(u), np.int64)
    for i in range(len(u)):
        out[i] = poisson(means[i], u[i])
    return out


@compiled
def normal_all(u):  # type: ignore[no-untyped-def]
    out = np.empty(len(u), np.float64)
    for i in range(len(u)):
        out[i] = normal_quantile(u[i])
    return out


@compiled
def gumbel_all(u):  # type: ignore[no-untyped-def]
    out = np.empty(len(u), np.float64)
    for i in range(len(u)):
        out[i] = gumbel(u[i])
    return out


@compiled
def integer_all(n, u):  # type: ignore[no-untyped-def]
    out = np.empty(len(u), np.int64)
    for i in range(len(u)):
        out[i] = integer(n[i], u[i])
    return out


def random_words(n: int = MANY) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2**64, n, dtype=np.uint64)


def draws(seed: int = 1, stream: str = "advertise", day: int = 0, n: int = MANY) -> np.ndarray:
    """What n consumers draw from one stream on one day."""
    return uniform_all(fold_range(address(seed, stream, day), n))


# --- plain equals compiled


def test_fold_is_the_same_in_plain_python_and_in_machine_words() -> None:
    places, parts = random_words(), random_words()[::-1]
    for part in (0, 1, 2**63 - 1):
        assert fold_all(places, part).tolist() == [fold.python(int(place), part) for place in places]
    for place, part in zip(places[:2000].tolist(), parts[:2000].tolist(), strict=True):
        assert int(fold.kernel(np.uint64(place), np.uint64(part))) == fold.python(place, part)


@given(words, st.integers(-(2**63), 2**63 - 1))
def test_parts_are_read_modulo_two_to_the_64(place: int, part: int) -> None:
    assert fold.python(place, part) == fold.python(place, part % 2**64)
    assert int(fold.kernel(np.uint64(place), np.int64(part))) == fold.python(place, part)


def test_uniform_is_the_same_in_plain_python_and_in_machine_words() -> None:
    places = np.concatenate([random_words(), np.array([0, 1, 2**63, 2**64 - 1, 4095, 4096], np.uint64)])
    assert uniform_all(places).tolist() == [uniform.python(int(place)) for place in places]


def test_poisson_is_the_same_in_plain_python_and_compiled() -> None:
    u = uniform_all(random_words())
    means = np.exp(np.linspace(math.log(1e-6), math.log(2000.0), MANY))
    assert poisson_all(means, u).tolist() == [poisson.python(m, x) for m, x in zip(means.tolist(), u.tolist(), strict=True)]


def test_normal_quantile_and_gumbel_are_the_same_in_plain_python_and_compiled() -> None:
    u = np.concatenate([uniform_all(random_words()), [2.0**-53, 1.0 - 2.0**-53, 1e-12, 0.5]])
    assert normal_all(u).tolist() == [normal_quantile.python(x) for x in u.tolist()]
    assert gumbel_all(u).tolist() == [gumbel.python(x) for x in u.tolist()]


def test_integer_is_the_same_in_plain_python_and_compiled() -> None:
    u = uniform_all(random_words())
    n = 1 + (random_words() >> np.uint64(34)).astype(np.int64)
    assert integer_all(n, u).tolist() == [integer.python(k, x) for k, x in zip(n.tolist(), u.tolist(), strict=True)]


def test_an_address_is_its_parts_folded_one_by_one() -> None:
    place = fold.python(fold.python(fold.python(fold.python(0, 7), name_key("talk")), 3), 11)
    assert int(address(7, "talk", 3, 11)) == place
    assert isinstance(address(7, "talk"), np.uint64)


def test_keys_of_names_never_change() -> None:
    """They are part of every run's luck: a change here changes all results."""
    assert name_key("Aurora") == 12783321074561813906
    assert int(address(1, "advertise", 0, 0)) == 6379703882899593451
    assert uniform.python(address(1, "advertise", 0, 0)) == 0.34584444048269736


def test_python_may_fold_what_it_folded() -> None:
    """Python's whole numbers have no size: no address is too big, none is negative."""
    place: int | np.uint64 = address(1, "talk")
    for part in range(100):
        place = fold(place, part)
        assert 0 <= place < 2**64
        assert 0.0 < uniform(place) < 1.0


# --- uniform


def test_draws_are_strictly_between_0_and_1() -> None:
    assert 0.0 < uniform.python(0) < uniform.python(2**64 - 1) < 1.0
    assert uniform.python(2**64 - 1) == 1.0 - 2.0**-53


def luck(p_values: list[float]) -> float:
    """The smallest p-value, corrected for their number."""
    return min(p_values) * len(p_values)


@pytest.mark.compiled
def test_draws_are_uniform_over_consumers_days_streams_and_seeds() -> None:
    over_consumers = [draws(seed, stream, day) for seed in (1, 2**40) for stream in ("advertise", "tell") for day in (0, 1, 181)]
    over_days = [np.array([uniform.python(fold.python(address(1, "buy", day), i)) for day in range(5000)]) for i in (0, 1, 3999)]
    over_seeds = [np.array([uniform.python(fold.python(address(seed, "buy", 0), i)) for seed in range(5000)]) for i in (0, 1)]
    over_streams = [np.array([uniform.python(fold.python(address(1, f"stream {k}", 0), 0)) for k in range(5000)])]
    samples = over_consumers + over_days + over_seeds + over_streams
    assert luck([stats.kstest(sample, "uniform").pvalue for sample in samples]) > 1e-4


def test_every_bit_is_fair_and_independent_of_every_other() -> None:
    """Over consecutive consumers of one day: 64 frequencies and 2016 pairs."""
    places = fold_range(address(1, "notice", 12), MANY)
    bits = ((places[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).astype(np.float64)
    z = (bits.mean(axis=0) - 0.5) * 2.0 * math.sqrt(MANY)
    assert abs(z).max() < 5.0
    correlation = np.corrcoef(bits.T) - np.eye(64)
    assert abs(correlation).max() * math.sqrt(MANY) < 5.5


@pytest.mark.parametrize("bit", [0, 1, 5, 17, 31, 32, 48, 63])
def test_one_changed_bit_of_a_part_changes_half_the_bits(bit: int) -> None:
    """Avalanche: no bit of the result leans on a bit of the key."""
    parts = np.arange(20_000, dtype=np.uint64)
    start = address(1, "advertise", 3)
    before = fold_each(start, parts)
    after = fold_each(start, parts ^ np.uint64(1 << bit))
    flipped = ((before ^ after)[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    assert abs(flipped.mean(axis=0) - 0.5).max() < 0.03


def test_pairs_and_triples_of_neighbours_fill_the_cube() -> None:
    """Chi-square of (consumer i, i+1), (day d, d+1) and (i, i+1, i+2) on a grid."""
    u, v = draws(day=5), draws(day=6)
    pairs = [np.stack([u[:-1], u[1:]]), np.stack([u, v])]
    p_values = []
    for sample in pairs:
        cells = np.histogram2d(*sample, bins=32, range=[[0, 1], [0, 1]])[0]
        p_values.append(stats.chisquare(cells.ravel()).pvalue)
    cube = np.histogramdd(np.stack([u[:-2], u[1:-1], u[2:]], axis=1), bins=12, range=[[0, 1]] * 3)[0]
    p_values.append(stats.chisquare(cube.ravel()).pvalue)
    assert luck(p_values) > 1e-4


def test_neighbouring_addresses_are_uncorrelated() -> None:
    """Consumers, days, streams, seeds, and second indices next to each other."""
    base = draws()
    others = {
        "next consumer": np.roll(base, 1),
        "next day": draws(day=1),
        "next week": draws(day=7),
        "next seed": draws(seed=2),
        "other stream": draws(stream="advertised"),
        "second index": uniform_all(fold_all(fold_range(address(1, "advertise", 0), MANY), 1)),
    }
    bound = 4.5 / math.sqrt(MANY)
    for what, other in others.items():
        for f in (lambda x: x, lambda x: abs(x - 0.5), lambda x: x < 0.01):
            assert abs(np.corrcoef(f(base), f(other))[0, 1]) < bound, what


def test_many_seeds_and_days_are_uncorrelated_in_pairs() -> None:
    rows = np.stack([draws(seed, "speak", day, 20_000) for seed in range(6) for day in range(6)])
    correlation = np.corrcoef(rows) - np.eye(len(rows))
    assert abs(correlation).max() * math.sqrt(20_000) < 5.0


# --- no overlap


def test_fold_is_a_bijection_of_its_last_part() -> None:
    """Within one stream and day no two consumers can share a draw."""
    places = fold_range(address(1, "buy", 9), 10 * MANY)
    assert len(np.unique(places)) == len(places)


def test_streams_days_and_seeds_do_not_overlap() -> None:
    everything = [
        fold_range(address(seed, stream, day), 2_000)
        for seed, stream, day in itertools.product((0, 1, 2), ("advertise", "buy", "tell"), range(20))
    ]
    together = np.concatenate(everything)
    assert len(np.unique(together)) == len(together)


def test_the_order_of_parts_matters() -> None:
    assert address(1, "tell", 2, 3) != address(1, "tell", 3, 2)
    assert address(0, "tell") != address(0, "tell", 0)


# --- forms of draws


@given(st.integers(1, 2**53), st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_integer_stays_in_range(n: int, u: float) -> None:
    assert 0 <= integer.python(n, u) < n


def test_integer_is_uniform() -> None:
    counts = np.bincount(integer_all(np.full(MANY, 7), draws()), minlength=7)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_normal_quantile_is_that_of_scipy() -> None:
    u = np.concatenate([draws(), 2.0 ** -np.arange(2.0, 53.0), 1.0 - 2.0 ** -np.arange(2.0, 53.0)])
    ours, theirs = normal_all(u), special.ndtri(u)
    assert np.abs(ours - theirs).max() < 1e-12
    assert normal_quantile.python(0.5) == 0.0


def test_poisson_is_the_inverse_of_the_distribution_function() -> None:
    u = draws(n=2_000)
    for mean in (1e-9, 0.01, 0.1, 1.0, 3.7, 40.0, 499.0):
        ours = poisson_all(np.full(len(u), mean), u)
        assert ours.tolist() == stats.poisson.ppf(u, mean).astype(int).tolist(), mean


@pytest.mark.compiled
def test_poisson_above_500_is_the_rounded_normal_quantile() -> None:
    u = draws()
    for mean in (501.0, 2_000.0, 60_000.0):
        numbers = poisson_all(np.full(len(u), mean), u)
        assert abs(numbers.mean() - mean) < 5.0 * math.sqrt(mean / MANY)
        assert abs(numbers.var() / mean - 1.0) < 0.03


def test_poisson_zero_without_a_mean() -> None:
    assert [poisson.python(0.0, u) for u in (2.0**-53, 0.5, 1.0 - 2.0**-53)] == [0, 0, 0]


@given(st.floats(0.0, 600.0), st.floats(0.0, 1.0, exclude_min=True, exclude_max=True), st.floats(1.0, 1.5))
def test_more_money_never_loses_a_contact(mean: float, u: float, more: float) -> None:
    if not mean <= chance.LARGE_MEAN < mean * more:  # where the two forms meet they may differ by rounding
        assert poisson.python(mean, u) <= poisson.python(mean * more, u)


def test_the_shortcut_for_rare_things_changes_nothing() -> None:
    """poisson skips the exponential below 1 - mean; there the full inversion says 0 too."""
    for mean in (1e-12, 1e-3, 0.3, 0.9):
        for u in (2.0**-53, (1.0 - mean) * (1.0 - 1e-15), math.nextafter(1.0 - mean, 0.0)):
            if 0.0 < u < 1.0 - mean:
                assert u <= math.exp(-mean)
                assert poisson.python(mean, u) == 0


def test_gumbel_noise_makes_a_logit_choice() -> None:
    utilities = np.array([0.0, 1.0, -0.5])
    noise = np.stack([gumbel_all(draws(stream=f"choice {b}")) for b in range(3)], axis=1)
    chosen = np.bincount((utilities + noise).argmax(axis=1), minlength=3)
    expected = np.exp(utilities) / np.exp(utilities).sum() * MANY
    assert stats.chisquare(chosen, expected).pvalue > 1e-3
    assert stats.kstest(noise[:, 0], "gumbel_r").pvalue > 1e-3
