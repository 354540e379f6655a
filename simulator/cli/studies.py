"""The commands that run one scenario under many settings, and read what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from simulator.cli.commands import REPLICATES, Json, Quiet, Replicates, ScenarioPath, Seed, Settings, Workers, app, load
from simulator.cli.speaking import FAILED, STOPPED, answering, note, progress, say

if TYPE_CHECKING:
    from simulator.experiments.study import Study

Vary = Annotated[
    list[str],
    typer.Option("--vary", metavar="KEY=1,2,3 | KEY=LOW:HIGH:STEPS", help="what to vary; `scenario=a.toml,b.toml` varies whole files"),
]
Design = Annotated[Literal["grid", "lhs", "sobol"], typer.Option("--design", help="every combination, or --points spread over the ranges")]
Points = Annotated[int, typer.Option("--points", min=1, help="settings of a Latin hypercube or a Sobol sequence")]
Keep = Annotated[
    Literal["kpis", "weekly", "daily", "logs"],
    typer.Option("--keep", help="what to keep of each run: key figures; and the focal brand's weeks; and every day; and every message"),
]
StudyFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="the study's folder; the same command goes on where it stopped")]
Share = Annotated[str | None, typer.Option("--part", metavar="I/N", help="only the I-th of N shares, for one job of an array")]
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="a Dask scheduler, such as tcp://10.0.0.1:8786")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="print runs, bytes and hours, and write nothing")]


@app.command()
def sweep(
    scenario: ScenarioPath, vary: Vary, out: StudyFolder, design: Design = "grid", points: Points = 64, replicates: Replicates = REPLICATES,
    seed: Seed = 1, settings: Settings = None, keep: Keep = "weekly", workers: Workers = None, part: Share = None,
    cluster: Cluster = None, dry_run: DryRun = False, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Run a scenario under many settings, and lose nothing: killed at any moment, the same command does what is missing."""
    with answering():
        share = _share(part)
        base = load([scenario], settings, quiet)[0]
        from simulator.experiments.design import axis
        from simulator.experiments.pool import available_cpus
        from simulator.experiments.study import Study
        from simulator.experiments.sweep import estimate, plan_of, run
        from simulator.report.machine import as_json

        plan = plan_of(base, [axis(text) for text in vary], replicates, kind=design, points=points, seed=seed, keep=keep)
        if dry_run:
            guess = estimate(plan, workers or available_cpus())
            facts = {"runs": guess.runs, "settings": len(plan.cells), "replicates": plan.replicates, "parts": guess.parts,
                     "seconds_of_a_run": guess.seconds_of_a_run, "workers": guess.workers, "hours": guess.hours,
                     "megabytes": guess.megabytes}  # fmt: skip
            typer.echo(as_json(facts) if json else _estimated(facts))
            return
        try:
            with progress("sweeping", "runs", quiet) as tell:
                run(plan, out, workers, share=share, cluster=cluster, progress=tell)
        except KeyboardInterrupt:
            study = Study(out)
            say(f"stopped: {study.runs - len(study.missing)} of {study.runs} runs are kept in {out}; the same command goes on")
            raise typer.Exit(STOPPED) from None
        _report(Study(out), json, quiet)


@app.command()
def results(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="a study's folder")], quiet: Quiet = False, json: Json = False
) -> None:
    """What a study holds, what is missing of it, and what it says."""
    with answering():
        from simulator.experiments.study import Study

        _report(Study(folder), json, quiet)


def _report(study: Study, json: bool, quiet: bool) -> None:
    from simulator.report.machine import as_json
    from simulator.report.study import study_data, study_lines

    data: dict[str, Any] = study_data(study)
    typer.echo(as_json(data) if json else study_lines(data))
    if data["failed"]:
        raise typer.Exit(FAILED)
    if data["missing"]:
        note(f"{data['missing']} runs are missing: parts {data['missing_parts']}", quiet)


def _share(text: str | None) -> tuple[int, int]:
    """(i, n) of `i/n`."""
    if text is None:
        return 1, 1
    i, sign, n = text.partition("/")
    if not sign or not i.isdecimal() or not n.isdecimal() or not 1 <= int(i) <= int(n):
        raise typer.BadParameter(f'"{text}" is no share; allowed: i/n with i from 1 to n, such as 3/8', param_hint="--part")
    return int(i), int(n)


def _estimated(facts: dict[str, Any]) -> str:
    return (
        f"{facts['settings']:,} settings x {facts['replicates']:,} replicates = {facts['runs']:,} runs in {facts['parts']:,} parts\n"
        f"about {facts['seconds_of_a_run']:.2f} s a run: {facts['hours']:.2f} hours with {facts['workers']} processes\n"
        f"about {facts['megabytes']:,.0f} MB"
    )
