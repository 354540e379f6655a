"""The command that makes a report again and says whether the same comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.commands import Json, Quiet, Workers, app
from simulator.cli.speaking import FAILED, answering, progress, say
from simulator.language import _

Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--files", metavar="DIR", help="where files that the scenarios name may lie (default: beside the report); may be repeated"
    ),
]


@app.command()
def reproduce(
    report: Annotated[Path, typer.Argument(metavar="REPORT.html", help="a report of `compare`")], workers: Workers = None,
    files: Files = None, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Run the scenarios that a report holds once more, and say whether every table comes out the same.

    Exit code 0: equal. 3: something differs; the tables are named.
    """
    with answering():
        from simulator.experiments.reproduce import read_recipe
        from simulator.experiments.reproduce import reproduce as make_again
        from simulator.report.machine import as_json

        known = read_recipe(report, files or ())
        versions = known.other_versions
        if versions and not json:
            say(_("made with other versions, so that numbers may differ: {versions}").format(versions="; ".join(versions)))
        with progress(_("reproducing"), _("replicates and draws"), quiet) as tell:
            made = make_again(known, workers, tell)
        if json:
            facts = {"report": str(report), "world": known.world, "confirmed": made.confirmed, "equal": made.equal,
                     "different": made.different, "other_versions": versions}  # fmt: skip
            typer.echo(as_json(facts))
        elif made.confirmed:
            said = _("equal: world {world}, {count} tables ({names})")
            typer.echo(said.format(world=known.world, count=len(made.equal), names=", ".join(made.equal)))
        else:
            said = _("different: {different}; equal: {equal}")
            typer.echo(said.format(different=", ".join(made.different), equal=", ".join(made.equal) or _("nothing")))
        if not made.confirmed:
            raise typer.Exit(FAILED)
