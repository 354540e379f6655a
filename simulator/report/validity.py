"""The table of validity: on the terminal, as docs/validity.md, as JSON."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.experiments.validate import FAILS, HOLDS, NOT_MEASURED, Result
from simulator.experiments.validity.target import Check, Effort
from simulator.report.numbers import NOTHING
from simulator.results.provenance import plain, versions

NAMES = {"A": "Exact theory", "B": "Published models", "C": "Facts about markets"}
WIDTH = 140


def table(results: Sequence[Result], width: int = WIDTH) -> str:
    """The table as text, a row for each number, `width` letters wide; below it why targets fail or were not measured."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("target", "what", "expected", "measured", "accepted", "verdict"):
        shown.add_column(name, justify="right" if name in ("expected", "measured") else "left", overflow="fold")
    for result in results:
        shown.add_row(*map(Text, (result.target.id, result.target.claim, "", "", "", result.verdict)), end_section=not result.checks)
        for check in result.checks:
            cells = ("", check.what, expected(check), measured(check), accepted(check), "" if check.passed else "outside")
            shown.add_row(*map(Text, cells), end_section=check is result.checks[-1])
    text = io.StringIO()
    Console(width=width, no_color=True, force_terminal=False, legacy_windows=False, file=text).print(shown)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    reasons = [f"{result.target.id} {result.verdict}: {result.reason}" for result in results if result.reason]
    return "\n".join([*lines, "", *reasons, *([""] if reasons else []), counted(results)])


def counted(results: Sequence[Result]) -> str:
    """How many targets there are of each verdict, in words."""
    verdicts = Counter(result.verdict for result in results)
    numbers = sum(len(result.checks) for result in results)
    parts = ", ".join(f"{verdicts[verdict]} {word}" for verdict, word in ((HOLDS, "hold"), (FAILS, "fail"), (NOT_MEASURED, "not measured")))
    return f"{len(results)} targets: {parts} ({numbers} numbers)"


def page(results: Sequence[Result], effort: Effort, when: datetime | None = None) -> str:
    """docs/validity.md: the table with all that belongs to it, and how to run the canonical scenarios on one's own graph."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"cell": cell, "expected": expected, "measured": measured, "accepted": accepted}
    groups = [(name, [result for result in results if result.target.id[:1] == letter]) for letter, name in NAMES.items()]
    return environment.get_template("validity.md.jinja").render(
        groups=[(name, group) for name, group in groups if group], counted=counted(results), effort=effort, versions=versions(),
        when=when or datetime.now(UTC), minutes=sum(result.seconds for result in results) / 60.0,
    )  # fmt: skip


def validity_data(results: Sequence[Result], effort: Effort) -> dict[str, Any]:
    """Everything, for other programs; infinite ends of ranges as {"float": "inf"}."""
    data: dict[str, Any] = plain({
        "versions": versions(), "quick": effort.quick, "seeds": list(effort.seeds),
        "targets": [
            {
                "id": result.target.id, "claim": result.target.claim, "source": result.target.source, "setup": result.target.setup,
                "tolerance": result.target.tolerance, "verdict": result.verdict, "reason": result.reason, "seconds": result.seconds,
                "checks": [{**vars(check), "passed": check.passed} for check in result.checks],
            }
            for result in results
        ],
    })  # fmt: skip
    return data


def cell(text: str) -> str:
    """A text that may stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def expected(check: Check) -> str:
    """What the source says; nothing where it gives only a range."""
    return NOTHING if check.expected is None else _number(check.expected, check.unit)


def measured(check: Check) -> str:
    """The number with its standard error, if it has one."""
    if check.error == 0.0:
        return _number(check.measured, check.unit)
    return f"{_number(check.measured, '')} \N{PLUS-MINUS SIGN} {check.error:.2g} {check.unit}".rstrip()


def accepted(check: Check) -> str:
    """The accepted range in words."""
    low, high = check.low, check.high
    if 0.0 < low < 1e-9 and high == float("inf"):
        return "more than 0"
    if low == high:
        return f"exactly {_number(low, '')}"
    if high == float("inf"):
        return "anything" if low == -float("inf") else f"at least {_number(low, '')}"
    return f"at most {_number(high, '')}" if low == -float("inf") else f"{_number(low, '')} to {_number(high, '')}"


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.5g}"
    return f"{text} {unit}".rstrip()
