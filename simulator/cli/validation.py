"""The command that holds the model against theory and literature."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.commands import Json, Quiet, Workers, app
from simulator.cli.speaking import FAILED, STOPPED, answering, note, progress, say
from simulator.language import _

SEEDS = 3

Quick = Annotated[bool, typer.Option("--quick", help="smaller runs: the whole table in under three minutes on two processors")]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="ID,ID", help="some targets only, such as A1,B3; may be repeated")]
FirstSeed = Annotated[int, typer.Option("--seed", min=0, max=2**62, help=f"the first of the {SEEDS} seeds that targets are measured with")]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="also write the table, such as docs/validity.md")]


@app.command()
def validate(
    quick: Quick = False, only: Only = None, seed: FirstSeed = 1, out: OutFile = None, workers: Workers = None, quiet: Quiet = False,
    json: Json = False,
) -> None:  # fmt: skip
    """The model against theory and literature: expected, measured, tolerance, verdict.

    Exit code 0: measured, also where published models or facts are missed (the table says so and why). 3: a target that theory
    fixes exactly (A1, A2, A4, A6, A8, A9, A10, A12, A13) fails, or something broke. 130: stopped; the table holds what was measured
    and no file is written.
    """
    with answering():
        from simulator.experiments.validate import STOPPED as UNFINISHED
        from simulator.experiments.validate import chosen_targets, failure
        from simulator.experiments.validate import validate as measure
        from simulator.experiments.validity.target import Effort
        from simulator.files import written
        from simulator.report.machine import as_json
        from simulator.report.validity import page, table, validity_data

        ids = [id for text in only or () for id in text.split(",")]
        chosen_targets(ids)  # a wrong id is said at once
        effort = Effort(quick, tuple(range(seed, seed + SEEDS)))
        with progress(_("validating"), _("targets"), quiet) as tell:
            results = measure(effort, ids, workers, tell)
        typer.echo(as_json(validity_data(results, effort)) if json else table(results))
        if any(result.problem == UNFINISHED for result in results):
            say(_("stopped"))
            raise typer.Exit(STOPPED)
        if out is not None:
            written(out, page(results, effort))
            note(_("written to {place}").format(place=out), quiet)
        problems = [text for text in map(failure, results) if text]
        for text in problems:
            say(text)
        if problems:
            raise typer.Exit(FAILED)
