"""The command that asks why: one consumer's diary."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli.commands import Json, Quiet, ScenarioPath, Seed, Settings, app, load
from simulator.cli.speaking import answering, notes, progress
from simulator.language import _

Who = Annotated[str, typer.Option("--consumer", metavar="ID", help="her number, or her id in the network's file")]
OfBrand = Annotated[str | None, typer.Option("--brand", help="only what concerns this brand")]
Everything = Annotated[bool, typer.Option("--all", help="also what happens every day: forgetting, and drifting to what others think")]


@app.command()
def why(
    scenario: ScenarioPath, consumer: Who, seed: Seed = 1, brand: OfBrand = None, settings: Settings = None,
    everything: Everything = False, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """One consumer's diary: the same run once more, with every change of her mind written down, and its cause."""
    with answering():
        chosen = load([scenario], settings, quiet)[0]
        from simulator.parameters import InputError
        from simulator.report.diary import diary, sums
        from simulator.report.machine import as_json, records
        from simulator.scenario.problems import unknown
        from simulator.simulate import simulate

        names = [each.name for each in chosen.brands]
        if brand is not None and brand not in names:
            raise InputError(unknown("brand", brand, names), key="--brand")
        who: int | str = consumer if chosen.network.kind == "file" or not consumer.isdecimal() else int(consumer)
        watched = chosen.override({"record.panel": [who]})
        try:
            with progress(_("simulating"), _("days"), quiet) as tell:
                run = simulate(watched, seed, progress=tell)
        except InputError as error:
            if error.key == "record.panel":
                raise InputError(error.message, key="--consumer") from None
            raise
        notes(run.notices, quiet)
        ledger = run.ledger if brand is None else run.ledger[run.ledger["brand"] == brand]
        if json:
            typer.echo(as_json(records(ledger)))
        else:
            lines = diary(ledger, everything) or [_("Nothing happened to this consumer but what happens every day.")]
            typer.echo("\n".join([*lines, "", *sums(ledger)]).rstrip())
