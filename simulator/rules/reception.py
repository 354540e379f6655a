"""Reception: with what mind a consumer meets what a brand says to her. Formulas shared by advertisements and newsletters.

    f         = exp(-wear_out irritation)                                freshness
    tolerance = ad_tolerance + (1 - ad_tolerance) (2 trust - 1)+         refractory to one brand, open to another
    relevance = knowledge fit + (1 - knowledge) mean_fit                 her fit, as far as the brand knows her
    desire    = fit + desire_spread (2 u - 1), within 0..1               what she wants this week
    opening   = open_rate relevance (1 + desire - fit), within 0..1

Limits: at wear_out 0 messages stay fresh, at ad_tolerance 1 nothing annoys, at knowledge 0 everybody looks average,
at desire_spread 0 a week is like any other. All assumptions.
"""

from __future__ import annotations

import math

from simulator.engine.compiled import compiled


@compiled
def freshness(irritation: float, wear_out: float) -> float:
    """f: how much of a message still gets through to an irritated consumer, 0..1."""
    return math.exp(-wear_out * irritation)


@compiled
def effective_tolerance(ad_tolerance: float, trust: float) -> float:
    """Tolerance of this brand: the sceptic who loves a brand listens to it. At neutral trust or below it is the trait."""
    return ad_tolerance + (1.0 - ad_tolerance) * max(0.0, 2.0 * trust - 1.0)


@compiled
def relevance_of(knowledge: float, fit: float, mean_fit: float) -> float:
    """Personal fit seen through what the brand knows of her: at knowledge 0 she is anybody."""
    return knowledge * fit + (1.0 - knowledge) * mean_fit


@compiled
def desire_of_week(fit: float, spread: float, u: float) -> float:
    """What she wants to hear of the brand this week: around fit, 0..1; at spread 0 exactly fit."""
    return min(1.0, max(0.0, fit + spread * (2.0 * u - 1.0)))


@compiled
def opening_probability(open_rate: float, relevance: float, desire: float, fit: float) -> float:
    """Chance that a noticed newsletter is opened: an unwanted one less, by the distance of this week's desire from fit."""
    return min(1.0, max(0.0, open_rate * relevance * (1.0 + (desire - fit))))
