"""Social proof: one sees what the people around one bought last.

    social = weight of the ties who show the brand / weight of all ties            0 without ties

What prescribers show weighs more (roles.py). A change of what somebody shows moves the `proof` of her hearers once, so that a day
costs only its changes. With `valence_matters` disappointed owners count against the brand.
"""

from __future__ import annotations

import numpy as np

from simulator.engine.compiled import compiled
from simulator.world.state import PRESCRIBER


@compiled
def social_proof(proof: int, total: int) -> float:
    """Share of a consumer's ties (by weight) who show the brand; 0 without ties."""
    return proof / total if total > 0 else 0.0


@compiled
def displayed(shown: int, valence_matters: bool) -> int:
    """What of a display counts: 0 nothing, +(b+1) brand b, -(b+1) brand b and against it."""
    return shown if valence_matters else abs(shown)


@compiled
def show(changed, usual, prescribed, role, start, hearer, shown, shown_next, valence_matters, proof):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """The hearers of those who show something new see it: `proof` moves along the ties of one layer.

    usual, prescribed: weight of a tie from anybody, and from a prescriber; role: uint8 [n], or [0] where nobody has any.
    """
    for i in changed:
        weight = prescribed if len(role) > 0 and role[i] & PRESCRIBER else usual
        old = displayed(int(shown[i]), valence_matters)
        new = displayed(int(shown_next[i]), valence_matters)
        if old == new:
            continue
        for tie in range(start[i], start[i + 1]):
            if old != 0:
                proof[hearer[tie], abs(old) - 1] -= weight if old > 0 else -weight
            if new != 0:
                proof[hearer[tie], abs(new) - 1] += weight if new > 0 else -weight


@compiled
def show_to_all(changed, shown, shown_next, valence_matters, proof):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """The same on a complete graph: everybody sees it but she herself."""
    brands = proof.shape[1]
    move = np.zeros(brands, np.int64)
    for i in changed:
        old = displayed(int(shown[i]), valence_matters)
        new = displayed(int(shown_next[i]), valence_matters)
        if old != 0:
            sign = 1 if old > 0 else -1
            move[abs(old) - 1] -= sign
            proof[i, abs(old) - 1] += sign
        if new != 0:
            sign = 1 if new > 0 else -1
            move[abs(new) - 1] += sign
            proof[i, abs(new) - 1] -= sign
    for b in range(brands):
        if move[b] != 0:
            for i in range(len(proof)):
                proof[i, b] += move[b]
