"""What a series cannot tell about the parameters fitted to it, in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.experiments.estimation import EDGE
from simulator.language import _

if TYPE_CHECKING:
    from simulator.experiments.calibration import Calibration

TOO_CLOSE = 0.95
"""Correlation of two estimates from which they count as one."""

ROUGH = 1.0
"""Error of the emulator from which it blurs the estimates, as a share of the residuals."""


def doubts(fitted: Calibration) -> Iterator[str]:
    """Sentences; none where the data tell everything apart."""
    k = len(fitted.cube.keys)
    for j, (key, seen) in enumerate(zip(fitted.names, fitted.profiles, strict=True)):
        span = _("{low:.3g} to {high:.3g}").format(low=fitted.value(j, seen.low), high=fitted.value(j, seen.high))
        at_end = j < k and not EDGE < float(fitted.final.point[j]) < 1.0 - EDGE
        if seen.open_low and seen.open_high:
            yield _("the data say nothing about {key}: all of {span} fits as well").format(key=key, span=span)
        elif seen.open_low or seen.open_high:
            if seen.open_low:
                said = _("the data do not say how small {key} is: its interval, {span}, ends where its range does")
            else:
                said = _("the data do not say how large {key} is: its interval, {span}, ends where its range does")
            yield said.format(key=key, span=span)
        again = (seen.statistic <= seen.limit) & ((seen.places < seen.low - EDGE) | (seen.places > seen.high + EDGE))
        if again.any():
            yield f"{key} may as well be about {fitted.value(j, float(seen.places[again][0])):.3g}; more --trials would tell"
        if at_end:
            yield _("the estimate of {key} lies at the end of its range; widen --free {key}").format(key=key)
    for row in fitted.correlation.to_dict("records"):
        together = float(row["correlation"])
        if abs(together) > TOO_CLOSE:
            if together < 0:
                said = _("the data cannot tell {b} and {a} apart: the one up and the other down fits as well (correlation {together:.2f})")
            else:
                said = _("the data cannot tell {b} and {a} apart: both up or both down fits as well (correlation {together:.2f})")
            yield said.format(a=row["a"], b=row["b"], together=together)
    residual = math.sqrt(fitted.final.rss / fitted.final.freedom)
    error = fitted.final.emulator.error * fitted.final.scale / float(fitted.final.data.spread.mean())
    if error > ROUGH * residual:
        yield _("the simulated curves are rough (error {share:.0%} of the residuals): more --trials or --replicates").format(
            share=error / residual
        )
    failed = sum(bool(trial.error) for trial in fitted.ledger)
    if failed:
        yield _("{failed} trials failed and are not used; trials.csv says why").format(failed=failed)
