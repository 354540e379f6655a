"""The doctors of Medical Innovation: who named whom, when each first prescribed tetracycline, and three models of why.

Each model says how likely a doctor who has not adopted does so in a month: 1 - exp(-(p + q social)), social the share of
those she looks to who adopted in an earlier month. She looks to
    nobody      q = 0: everybody decides alone
    everybody   all other doctors of the study (Bass)
    city        all other doctors of her city
    ties        the doctors she named as adviser, discussion partner or friend
"""

from __future__ import annotations

import csv
import gzip
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from simulator import RunResult, Scenario, load_scenario
from tests.data_trials.real import DATA

F64 = NDArray[np.float64]
MONTHS = 17
HALF_OF_CHI_SQUARED = 1.92
"""By so much a log-likelihood may fall inside a 95% interval of one parameter."""

KINDS = ("nobody", "everybody", "city", "ties")


@dataclass(frozen=True)
class Doctors:
    """125 doctors in four cities: month of adoption (1 .. 17, inf: not within the study) and whom each one named."""

    city: NDArray[np.int64]  # [n]
    month: F64  # [n]
    named: NDArray[np.bool_]  # [n, n] row: she who named, column: whom

    @property
    def adopters(self) -> NDArray[np.int64]:
        """int64 [17]: how many had adopted by the end of each month."""
        return (self.month[:, None] <= np.arange(1, MONTHS + 1)).sum(axis=0)

    def looks_to(self, kind: str) -> NDArray[np.bool_]:
        """bool [n, n]: whom each doctor looks to under a model."""
        others = ~np.eye(len(self.month), dtype=bool)
        if kind == "ties":
            return self.named
        if kind == "city":
            return (self.city[:, None] == self.city) & others
        return others if kind == "everybody" else np.zeros_like(others)

    def social(self, kind: str) -> F64:
        """float64 [n, 17]: share of those she looks to who adopted before each month; 0 if she looks to nobody."""
        circle = self.looks_to(kind)
        before = (self.month[:, None] < np.arange(1, MONTHS + 1)).astype(np.float64)
        return circle @ before / np.maximum(1, circle.sum(axis=1))[:, None]


def read_doctors() -> Doctors:
    """From shared/data/adoption."""
    nodes = _rows(DATA / "adoption" / "medical_innovation_nodes.csv.gz")
    edges = _rows(DATA / "adoption" / "medical_innovation_edges.csv.gz")
    named = np.zeros((len(nodes), len(nodes)), bool)
    for row in edges:
        named[int(row["source"]), int(row["target"])] = True
    month = np.array([float(row["adoption_time"] or math.inf) for row in nodes])
    return Doctors(np.array([int(row["group"]) for row in nodes]), month, named)


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- likelihood ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Likelihood:
    """How likely the months of adoption are, given p and q; all arrays [n, 17]."""

    social: F64
    adopts: NDArray[np.bool_]
    waits: NDArray[np.bool_]

    @classmethod
    def of(cls, doctors: Doctors, kind: str, who: NDArray[np.bool_] | None = None) -> Likelihood:
        """Of the doctors `who` (default: all) under a model."""
        months = np.arange(1, MONTHS + 1)
        rows = slice(None) if who is None else who
        month = doctors.month[rows, None]
        return cls(doctors.social(kind)[rows], month == months, month > months)

    def log(self, p: float, q: float) -> float:
        """Logarithm: a proper score, the larger the better."""
        hazard = p + q * self.social
        return float(np.log(-np.expm1(-hazard[self.adopts])).sum() - hazard[self.waits].sum())

    def best(self, with_ties: bool = True) -> tuple[float, float]:
        """p and q of the largest likelihood, per month; q = 0 unless `with_ties`. One start is enough: the logarithm is concave."""
        bounds = [(1e-6, 5.0), (0.0, 5.0 if with_ties else 0.0)]
        p, q = minimize(lambda x: -self.log(x[0], x[1]), [0.1, 0.1 * with_ties], bounds=bounds, method="L-BFGS-B").x.tolist()
        return p, q

    def largest_q(self) -> float:
        """The largest q inside the 95% interval, to .005: where the best p leaves the logarithm at most 1.92 below its maximum."""
        line = self.log(*self.best()) - HALF_OF_CHI_SQUARED
        rates, within = np.linspace(0.002, 0.2, 100), 0.0
        for q in np.arange(0.0, 1.0, 0.005).tolist():
            if max(self.log(p, q) for p in rates) >= line:
                within = q
        return within


def best_p_and_q(doctors: Doctors, kind: str, who: NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """p and q of the largest likelihood, per month; q is 0 for `nobody`."""
    return Likelihood.of(doctors, kind, who).best(kind != "nobody")


def left_out(doctors: Doctors, kind: str) -> dict[int, float]:
    """Log score of each city under the p and q of the other cities."""
    scores = {}
    for city in np.unique(doctors.city).tolist():
        here = doctors.city == city
        p, q = best_p_and_q(doctors, kind, ~here)
        scores[city] = Likelihood.of(doctors, kind, here).log(p, q)
    return scores


# -- simulation ----------------------------------------------------------------------------------------------------


def study(doctors: Doctors, kind: str, p: float, q: float, folder: Path) -> Scenario:
    """The scenario of a model: a durable market of 125 doctors, a day of it a month. Files of ties are written into `folder`.

    One who was named tells those who named her: direction follower_to_followed.
    """
    network: dict[str, Any] = {"kind": "complete"}
    if kind in ("ties", "city"):
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("source", "target"), *np.argwhere(doctors.looks_to(kind)).tolist()])
        with (folder / "doctors.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id",), *((i,) for i in range(len(doctors.month)))])
        network = {
            "kind": "file", "path": str(folder / f"{kind}.csv"), "consumers": str(folder / "doctors.csv"), "directed": True,
            "direction": "follower_to_followed",
        }  # fmt: skip
    return load_scenario({
        "run": {"days": MONTHS}, "population": {"size": len(doctors.month)}, "network": network, "market": {"kind": "durable"},
        "purchase": {
            "spontaneous": True, "fit_exponent": "off", "trust_exponent": "off", "p": p, "q": q,
            "tie_weights": {"strong": 1.0, "weak": 1.0, "follow": 1.0},
        },
        "word_of_mouth": dict.fromkeys(("base_rate", "a_plus", "a_minus", "standing", "hearsay", "annoyance", "refutation"), "off"),
        "brands": [{"name": "tetracycline"}],
    })  # fmt: skip


def adopted_by(run: RunResult) -> NDArray[np.int64]:
    """int64 [17]: adopters by the end of each simulated month."""
    return (run.adoptions["day"].to_numpy()[:, None] <= np.arange(MONTHS)).sum(axis=0)
