"""Changes that commute: several causes move one quantity in one phase, in any order, on any thread.

Each cause that would move a share x of the room adds the dose -log(1 - x), a whole number of 2^-32; together
they move 1 - exp(-sum). For one cause this is x again. Whole numbers make the sum independent of order.
"""

from __future__ import annotations

import math

from simulator.engine.compiled import compiled

ONE = 4294967296.0  # 2^32
UNIT = 2.0**-32
FULL = 274877906944  # 64 * 2^32: moves all there is to move


@compiled
def dose(x: float) -> int:
    """The dose of a cause that alone would move the share x (0..1) of the room."""
    if x <= 0.0:
        return 0
    if x >= 1.0:
        return FULL
    return min(FULL, int(-math.log1p(-x) * ONE + 0.5))


@compiled
def share(total: int) -> float:
    """The share of the room that a sum of doses moves: 1 - exp(-total)."""
    return -math.expm1(-total * UNIT)


@compiled
def moved(value: float, up: int, down: int) -> float:
    """value + U (1 - value) - D value, with U and D the shares moved by the summed doses; stays in 0..1."""
    if down == 0:  # the commonest case, and the same number
        return value if up == 0 else min(1.0, value + share(up) * (1.0 - value))
    return min(1.0, max(0.0, value + share(up) * (1.0 - value) - share(down) * value))


@compiled
def aimed(amount: int, target: float) -> int:
    """A dose times the level it pulls to (0..1): summed beside the doses, it gives their weighted mean."""
    return int(amount * target + 0.5)


@compiled
def drawn(value: float, total: int, aimed_total: int) -> float:
    """value pulled by the share of `total` towards the dose-weighted mean target."""
    if total == 0:
        return value
    return value + share(total) * (aimed_total / total - value)
