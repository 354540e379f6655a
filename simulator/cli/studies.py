"""The commands that run one scenario under many settings, and read what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from simulator.cli.commands import REPLICATES, Json, Quiet, Replicates, ScenarioPath, Seed, Settings, Workers, app, load
from simulator.cli.speaking import FAILED, STOPPED, answering, note, progress, say
from simulator.language import _, number

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
StudyPath = Annotated[Path, typer.Argument(metavar="FOLDER", help="a study's folder")]
Html = Annotated[bool, typer.Option("--html", help="write a self-contained page, results.html in the folder")]
Page = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="write the page to this file")]
Goal = Annotated[str, typer.Option("--best", metavar="FIGURE", help="the key figure of which the best setting is wanted")]
Limits = Annotated[
    list[str] | None, typer.Option("--subject-to", metavar="'FIGURE>=NUMBER'", help="what its mean must be there; may be repeated")
]
By = Annotated[str | None, typer.Option("--by", metavar="KEY,KEY", help="the keys of the page's maps (default: the strongest two)")]
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
        from simulator.experiments.study import MANIFEST, Study
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
            with progress(_("sweeping"), _("runs"), quiet) as tell:
                run(plan, out, workers, share=share, cluster=cluster, progress=tell)
        except KeyboardInterrupt:
            if not (out / MANIFEST).exists():
                raise
            study = Study(out)
            kept = _("stopped: {done} of {all} runs are kept in {folder}; the same command goes on")
            say(kept.format(done=study.runs - len(study.missing), all=study.runs, folder=out))
            raise typer.Exit(STOPPED) from None
        _report(Study(out), json, quiet)


@app.command()
def results(
    folder: StudyPath, html: Html = False, out: Page = None, best: Goal = "profit", subject_to: Limits = None, by: By = None,
    quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """What a study holds, what is missing of it, and what it says: its best setting, and on one page what each key does."""
    if by is not None and not (html or out):
        raise typer.BadParameter(_("it chooses the keys of the page's maps, so it needs --html"), param_hint="--by")
    with answering():
        from simulator.experiments.study import Study

        study, limits, page = Study(folder), subject_to or [], None
        if html or out is not None:
            from simulator.report.study_page import write_study_page

            page = write_study_page(study, out, best, limits, [key.strip() for key in by.split(",")] if by else [])
        _report(study, json, quiet, best, limits, page)


def _report(study: Study, json: bool, quiet: bool, goal: str = "profit", limits: Sequence[str] = (), page: Path | None = None) -> None:
    from simulator.experiments.best import best
    from simulator.report.machine import as_json
    from simulator.report.study import best_data, best_lines, study_data, study_lines

    data, found = study_data(study), best(study, goal, limits)
    if json:
        typer.echo(as_json(data | {"best": best_data(found)} | ({"page": str(page)} if page else {})))
    else:
        typer.echo(
            "\n".join([study_lines(data), "", *best_lines(study, found), *(["\n" + _("Page: {page}").format(page=page)] if page else [])])
        )
    if data["failed"]:
        raise typer.Exit(FAILED)
    if data["missing"]:
        note(_("{count} runs are missing: parts {parts}").format(count=data["missing"], parts=data["missing_parts"]), quiet)


def _share(text: str | None) -> tuple[int, int]:
    """(i, n) of `i/n`."""
    if text is None:
        return 1, 1
    i, sign, n = text.partition("/")
    if not sign or not i.isdecimal() or not n.isdecimal() or not 1 <= int(i) <= int(n):
        wrong = _('"{text}" is no share; allowed: i/n with i from 1 to n, such as 3/8').format(text=text)
        raise typer.BadParameter(wrong, param_hint="--part")
    return int(i), int(n)


def _estimated(facts: dict[str, Any]) -> str:
    said = _(
        "{settings} settings x {replicates} replicates = {runs} runs in {parts} parts\n"
        "about {seconds} s a run: {hours} hours with {workers} processes\n"
        "about {megabytes} MB"
    )
    counts = {name: number(facts[name]) for name in ("settings", "replicates", "runs", "parts", "megabytes", "workers")}
    return said.format(seconds=number(facts["seconds_of_a_run"], 2), hours=number(facts["hours"], 2), **counts)
