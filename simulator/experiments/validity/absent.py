"""Targets that are known and not measured here, each with its reason."""

from __future__ import annotations

from simulator.experiments.validity.target import Check, Effort, Target


def nothing(_: Effort) -> list[Check]:
    """No checks: the target's explanation says why."""
    return []


TARGETS = (
    Target(
        "A11",
        "Opinions that are averaged with those of neighbours come to the consensus that the weights give",
        "DeGroot 1974, JASA 69:118-121; Friedkin and Johnsen 1990",
        "none",
        "none",
        nothing,
        "Trust is moved by experiences and tellings and is never averaged over neighbours.",
    ),
    Target(
        "B7",
        "Opinions that move towards those nearby end in few clusters",
        "Deffuant et al. 2000; Hegselmann and Krause 2002, JASSS 5(3)",
        "none",
        "none",
        nothing,
        "The model has no opinions on a scale that average with others': trust moves by what is told, not by what others think.",
    ),
    Target(
        "B8",
        "An agent-based model reproduces the Bass curve",
        "Rand and Rust 2011, IJRM 28:181-193",
        "as A1",
        "as A1",
        nothing,
        "Their worked example is A1, which is measured.",
    ),
)
