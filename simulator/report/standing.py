"""How far a market is from being anybody's: illustrative, set to a market, or fitted to it and held out."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.experiments.comparison import Comparison
from simulator.language import N_, _

ILLUSTRATIVE, SET, FITTED = N_("illustrative"), N_("set to your market"), N_("fitted and held out")

MEANING = {
    ILLUSTRATIVE: N_("A plausible market, not yours: nothing was fitted to data. Read directions, not amounts."),
    SET: N_("Numbers of this market were entered or fitted{source}; how it does on data that were held back was not tried."),
    FITTED: N_("Parameters were fitted{source}, and tried on a part of the data that was held back."),
}
"""What each of them means for a reader."""


@dataclass(frozen=True)
class Standing:
    """The word on the stamp and what it means."""

    word: str  # untranslated
    label: str
    meaning: str
    result: str = ""  # of a calibration, in the words that it was written down with


def standing(comparison: Comparison) -> Standing:
    """The weakest standing of the scenarios compared, as their `[calibration]` says."""
    order = (ILLUSTRATIVE, SET, FITTED)
    weakest = min((scenario.calibration for scenario in comparison.scenarios), key=lambda each: order.index(each.status))
    source = _(" to {source}").format(source=weakest.to) if weakest.to else ""
    return Standing(weakest.status, _(weakest.status), _(MEANING[weakest.status]).format(source=source), weakest.result)
