"""The commands that ask what an answer rests on, and where it flips."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.commands import (
    REPLICATES,
    Json,
    Out,
    Quiet,
    Replicates,
    ScenarioPath,
    ScenarioPaths,
    Seed,
    Settings,
    Workers,
    _command,
    app,
    load,
)
from simulator.cli.speaking import FAILED, STOPPED, answering, note, progress, say
from simulator.language import _, number

KpiNames = Annotated[str, typer.Option("--kpi", metavar="KPI,KPI", help="key figures to look at")]
KpiName = Annotated[str, typer.Option("--kpi", metavar="KPI", help="the key figure that decides")]
Trajectories = Annotated[int, typer.Option("--trajectories", min=2, help="of the screening: (parameters + 1) points each")]
Points = Annotated[int, typer.Option("--points", min=0, help="base points of the indices, a power of two; 0: screening only")]
Each = Annotated[int, typer.Option("--replicates", min=1, help="seeds of every point; from 2 on luck is told from parameters")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--keys", metavar="KEY", help="only these: a parameter, a whole table, KEY=LOW:HIGH, or `all`; commas, or repeated"),
]
RunFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="folder of the runs; the same command goes on where it stopped")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="print runs and hours, and write nothing")]
Key = Annotated[str, typer.Option("--key", metavar="KEY", help="what to look along; set in both scenarios, or in the one that has it")]
Low = Annotated[float | None, typer.Option("--low", help="where to begin (default: the lowest plausible value)")]
High = Annotated[float | None, typer.Option("--high", help="where to end (default: the highest plausible value)")]
Steps = Annotated[int, typer.Option("--steps", min=2, help="values tried first; two flips between neighbours are not seen")]


@app.command()
def sensitivity(
    scenarios: ScenarioPaths, kpi: KpiNames = "profit", trajectories: Trajectories = 10, points: Points = 256, replicates: Each = 2,
    keys: Keys = None, seed: Seed = 1, settings: Settings = None, out: RunFolder = None, workers: Workers = None, dry_run: DryRun = False,
    quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """In what share of the plausible assumptions does A beat B, what flips it, and which parameters matter? Of one scenario: the last."""
    with answering():
        chosen = load(scenarios, settings, quiet)
        from simulator.experiments.indices import salib
        from simulator.experiments.pool import available_cpus
        from simulator.experiments.sensitivity import default_folder, estimate, question, run
        from simulator.report.machine import as_json
        from simulator.report.sensitivity import sensitivity_data, sensitivity_lines, write_sensitivity

        salib()
        asked = question(
            chosen, _listed(kpi), trajectories, points, replicates, seed, [key for text in keys or () for key in _listed(text)]
        )
        if dry_run:
            guess = estimate(asked, workers or available_cpus())
            facts = {"runs": guess.runs, "parameters": guess.parameters, "seconds_of_a_run": guess.seconds_of_a_run,
                     "workers": guess.workers, "hours": guess.hours}  # fmt: skip
            typer.echo(as_json(facts) if json else _estimated(facts))
            return
        folder = out if out is not None else default_folder(asked)
        try:
            with progress(_("simulating"), _("runs"), quiet) as tell:
                found = run(asked, folder, workers, tell)
        except KeyboardInterrupt:
            say(_("stopped: what finished is kept in {folder}; the same command goes on").format(folder=folder))
            raise typer.Exit(STOPPED) from None
        page = write_sensitivity(found, _command())
        typer.echo(
            as_json(sensitivity_data(found) | {"report": str(page)})
            if json
            else f"{sensitivity_lines(found)}\n\n" + _("Report: {page}").format(page=page)
        )
        if len(found.failed):
            first = found.failed.iloc[0]
            said = _("failed: {count} runs, the first: {scenario}, point {point}: {error}")
            say(said.format(count=len(found.failed), scenario=first["scenario"], point=first["point"], error=first["error"]))
            raise typer.Exit(FAILED)


@app.command()
def breakeven(
    a: ScenarioPath, b: ScenarioPath, key: Key, low: Low = None, high: High = None, kpi: KpiName = "profit",
    replicates: Replicates = REPLICATES, steps: Steps = 9, seed: Seed = 1, settings: Settings = None, out: Out = None,
    workers: Workers = None, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Where the verdict between two scenarios flips: `B is ahead below 7.20 EUR [6.10, 8.40]`."""
    with answering():
        chosen = load([a, b], settings, quiet)
        from simulator.experiments.breakeven import breakeven as search
        from simulator.parameters import InputError
        from simulator.report.breakeven import breakeven_data, breakeven_lines, check_folder, write_breakeven
        from simulator.report.machine import as_json

        if len(chosen) != 2:
            wrong = _("{a} and {b} hold {count} scenarios; a verdict needs two files")
            raise InputError(wrong.format(a=a, b=b, count=len(chosen)))
        if out is not None:
            check_folder(out)
        with progress(_("simulating"), _("pairs"), quiet) as tell:
            found = search(chosen[0], chosen[1], key, low, high, kpi, replicates, seed, workers, steps=steps, progress=tell)
        data = breakeven_data(found)
        if len(found.set_in) == 1:
            note(_("only {scenario} has {key}").format(scenario=found.set_in[0], key=key), quiet)
        if out is not None:
            data["report"] = str(write_breakeven(found, out, chosen, _command()))
        typer.echo(
            as_json(data)
            if json
            else breakeven_lines(found) + ("\n\n" + _("Report: {page}").format(page=data["report"]) if out is not None else "")
        )
        for place, error in found.failures.items():
            say(_("failed: {place}: {error}").format(place=place, error=error))
        if found.failures:
            raise typer.Exit(FAILED)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _estimated(facts: dict[str, Any]) -> str:
    said = _("{parameters} parameters, up to {runs} runs\nabout {seconds} s a run: up to {hours} hours with {workers} processes")
    counts = {name: number(facts[name]) for name in ("parameters", "runs", "workers")}
    return said.format(seconds=number(facts["seconds_of_a_run"], 2), hours=number(facts["hours"], 2), **counts)
