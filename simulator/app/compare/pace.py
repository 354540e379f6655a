"""How fast this machine has turned out to be."""

from __future__ import annotations

WEIGHT = 0.5
"""Of what was seen last."""

SLOWEST, FASTEST = 50.0, 0.1


class Pace:
    """Seconds that comparisons took, over the seconds that were thought."""

    def __init__(self) -> None:
        self._factor = 1.0

    def learn(self, thought: float, took: float) -> None:
        """One more comparison is over."""
        seen = min(SLOWEST, max(FASTEST, took / max(thought, 0.1)))
        self._factor += WEIGHT * (seen - self._factor)

    def expected(self, thought: float) -> float:
        """Seconds, corrected by what was seen."""
        return thought * self._factor


PACE = Pace()
"""Of this server."""
