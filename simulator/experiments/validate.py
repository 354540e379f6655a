"""The model against theory, published models and facts: every target measured, with a verdict.

Targets are declared in `validity/`, one room for each kind of source. A verdict is about numbers only: a target holds if
every one of its checks lies in the range fixed beforehand. What fails is a result, not an error.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.experiments import validity
from simulator.experiments.pool import Progress, described, run_all
from simulator.experiments.validity.target import Check, Effort, Target
from simulator.language import _
from simulator.parameters import InputError

HOLDS, FAILS, NOT_MEASURED = "holds", "fails", "not measured"
STOPPED = "stopped before it was measured"
EXACT = frozenset(("A1", "A2", "A4", "A6", "A8", "A9", "A10", "A12", "A13"))
"""The targets that theory fixes to the number, for the very set-up that is simulated."""

QUICKEST = "A8"
"""Measured first, because the first runs before there are processes."""


@dataclass(frozen=True)
class Result:
    """What became of a target."""

    target: Target
    checks: tuple[Check, ...] = ()
    problem: str = ""
    """Why nothing was measured, if something went wrong."""
    seconds: float = field(default=0.0, compare=False)
    """Of a processor."""

    @property
    def verdict(self) -> str:
        """holds, fails or not measured."""
        if self.problem or not self.checks:
            return NOT_MEASURED
        return HOLDS if all(check.passed for check in self.checks) else FAILS

    @property
    def reason(self) -> str:
        """Why it fails or was not measured, as far as known; empty if it holds."""
        return "" if self.verdict == HOLDS else self.problem or self.target.explanation

    @property
    def exact(self) -> bool:
        """Whether theory fixes the numbers, so that failing is an error of the program."""
        return self.target.id in EXACT


class Task(NamedTuple):
    """One target to measure; targets are measured apart, so that their number of processes changes nothing."""

    target: Target
    effort: Effort


def all_targets() -> tuple[Target, ...]:
    """Every target that a module of `validity` declares in its TARGETS, by id."""
    found: dict[str, Target] = {}
    for module in pkgutil.iter_modules(validity.__path__, f"{validity.__name__}."):
        for target in getattr(importlib.import_module(module.name), "TARGETS", ()):
            if found.setdefault(target.id, target) is not target:
                raise ValueError(f"two targets are called {target.id}")
    return tuple(sorted(found.values(), key=lambda target: by_number(target.id)))


def chosen_targets(only: Iterable[str] = (), targets: Sequence[Target] | None = None) -> tuple[Target, ...]:
    """The targets of these ids (any case), or all; InputError for an id that there is not."""
    known = {target.id.casefold(): target for target in (all_targets() if targets is None else targets)}
    wanted = [name.strip().casefold() for name in only if name.strip()]
    for name in wanted:
        if name not in known:
            raise InputError(
                _("there is no target {id}; allowed: {names}").format(
                    id=name.upper(), names=", ".join(target.id for target in known.values())
                )
            )
    return tuple(target for key, target in known.items() if not wanted or key in wanted)


def by_number(id: str) -> tuple[str, int]:
    """A2 before A10."""
    found = re.fullmatch(r"(\D*)(\d*)", id)
    return (found[1], int(found[2] or 0)) if found else (id, 0)


def validate(
    effort: Effort = Effort(),  # noqa: B008 - an immutable value
    only: Iterable[str] = (),
    workers: int | None = None,
    progress: Progress | None = None,
    targets: Sequence[Target] | None = None,
) -> list[Result]:
    """Measure targets and compare; results in the order of their ids, whatever the number of workers.

    only      ids such as A1; none: all
    workers   processes (default: one for each processor)
    targets   instead of all that `validity` declares
    Ctrl-C ends it early: what had not been measured says so.
    """
    chosen = chosen_targets(only, targets)
    order = sorted(range(len(chosen)), key=lambda place: chosen[place].id != QUICKEST)
    finished = run_all(measured, [Task(chosen[place], effort) for place in order], workers, progress)
    left = STOPPED if finished.interrupted else _("nothing came back")
    found = {place: finished.results.get(turn) or Result(chosen[place], problem=finished.errors.get(turn, left))
             for turn, place in enumerate(order)}  # fmt: skip
    return [found[place] for place in range(len(chosen))]


def measured(task: Task) -> Result:
    """One target, measured; whatever breaks is its own problem."""
    start = time.process_time()
    try:
        checks, problem = tuple(task.target.measure(task.effort)), ""
    except Exception as error:  # one broken target must not end the others
        checks, problem = (), described(error)
    return Result(task.target, checks, problem, time.process_time() - start)


def failure(result: Result) -> str:
    """A sentence if the result is an error of the program: an exact target that fails, or anything that broke; else empty."""
    if result.problem:
        return _("{id} was not measured: {problem}").format(id=result.target.id, problem=result.problem)
    if result.exact and result.verdict == FAILS:
        return _("{id} fails, though theory is exact there: {claim}").format(id=result.target.id, claim=result.target.claim)
    return ""
