"""The commands that simulate, compare and look.

Everything slow is imported when a command needs it, so that --help answers at once.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.speaking import FAILED, STOPPED, WRONG_INPUT, answering, note, notes, progress, say

if TYPE_CHECKING:
    from simulator.experiments.comparison import Comparison
    from simulator.scenario.schema import Scenario

MAIN_JOB = "three_eras"
REPLICATES = 20

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Marketing strategies compared on a simulated market: interruption, permission, interaction, and the word of mouth between them. "
    "Without a command: compares the three eras (bundled scenarios) and writes a report under out/.",
)  # fmt: skip

ScenarioPath = Annotated[str, typer.Argument(metavar="SCENARIO", help="a scenario file, or the name of a bundled one: three_eras/mixed")]
ScenarioPaths = Annotated[list[str], typer.Argument(metavar="SCENARIO ...", help="scenario files, folders, or names of bundled ones")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="the luck of the run; replicate r has seed + r")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="change a value of the scenario; may be repeated")]
Replicates = Annotated[int, typer.Option("--replicates", min=1, help="how many paired runs of each scenario")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="where to write")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="processes (default: one for each processor)")]
Quiet = Annotated[bool, typer.Option("--quiet", help="no progress and no notes")]
Json = Annotated[bool, typer.Option("--json", help="print results for other programs")]
KeepIds = Annotated[bool, typer.Option("--keep-ids", help="also write which consumer is which id of the network's file (ids.csv)")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (default: the program's own arguments) and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a letter shows ?
    app(args=None if arguments is None else list(arguments), prog_name=_program())


@app.callback(invoke_without_command=True)
def main_job(
    context: typer.Context, seed: Seed = 1, settings: Settings = None, replicates: Replicates = REPLICATES, out: Out = None,
    workers: Workers = None, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    if context.invoked_subcommand is not None:
        if (seed, settings or None, replicates, out, workers, quiet, json) != (1, None, REPLICATES, None, None, False, False):
            raise typer.BadParameter(f"options go behind the command: {_program()} {context.invoked_subcommand} --option")
        return
    _compare([MAIN_JOB], MAIN_JOB, seed, settings, replicates, out, workers, quiet, json)


@app.command()
def simulate(
    scenario: ScenarioPath, seed: Seed = 1, settings: Settings = None, out: Out = None, quiet: Quiet = False, json: Json = False,
    keep_ids: KeepIds = False,
) -> None:  # fmt: skip
    """Run one scenario once and print its key figures; --out keeps every table."""
    if keep_ids and out is None:
        raise typer.BadParameter("--keep-ids needs --out")
    with answering():
        chosen = load([scenario], settings, quiet)[0]
        from simulator.model import social_graph
        from simulator.report.machine import as_json, run_data
        from simulator.report.text import kpi_lines
        from simulator.simulate import simulate as run_scenario

        graph = social_graph(chosen, seed)
        with progress("simulating", "days", quiet) as tell:
            run = run_scenario(chosen, seed, graph=graph, progress=tell)
        notes(run.notices, quiet)
        if out is not None:
            folder = run.save(out)
            if keep_ids:
                _write_ids(graph.ids, folder)
            note(f"written to {out}", quiet)
        typer.echo(as_json(run_data(run)) if json else kpi_lines(run_data(run)["kpis"], chosen.market.currency))


@app.command()
def compare(
    scenarios: ScenarioPaths, seed: Seed = 1, settings: Settings = None, replicates: Replicates = REPLICATES, out: Out = None,
    workers: Workers = None, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Compare scenarios by paired runs: same people, same ties, same luck. Writes a report."""
    _compare(scenarios, None, seed, settings, replicates, out, workers, quiet, json)


@app.command()
def check(
    scenarios: ScenarioPaths, start: Annotated[bool, typer.Option("--start", help="also: asked for on day 0, found on day 0, gap")] = False,
    seed: Seed = 1, settings: Settings = None, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Validate scenario files without running them."""
    with answering():
        from simulator.parameters import InputError

        found: list[dict[str, Any]] = []
        for path in _expanded(scenarios):
            try:
                chosen = load([str(path)], settings, quiet=True)[0]
            except InputError as error:
                found.append({"scenario": str(path), "valid": False, "problems": str(error).splitlines()})
                continue
            from simulator.experiments.opening import opening, thin_groups

            entry = {"scenario": str(path), "valid": True, "hash": chosen.hash, "notes": [*chosen.notices, *thin_groups(chosen)]}
            if start:
                entry["start"] = opening(chosen, seed)
            found.append(entry)
        if json:
            from simulator.report.machine import as_json, records

            typer.echo(as_json([entry | ({"start": records(entry["start"])} if "start" in entry else {}) for entry in found]))
        else:
            for entry in found:
                _show_check(entry, quiet)
        if not all(entry["valid"] for entry in found):
            raise typer.Exit(WRONG_INPUT)


@app.command()
def graph(scenario: ScenarioPath, seed: Seed = 1, settings: Settings = None, quiet: Quiet = False, json: Json = False) -> None:
    """What the social graph of a scenario looks like."""
    with answering():
        chosen = load([scenario], settings, quiet)[0]
        from simulator.model import social_graph
        from simulator.report.machine import as_json
        from simulator.report.text import fact_lines
        from simulator.world.graph_facts import graph_facts

        made = social_graph(chosen, seed)
        notes(made.notices, quiet)
        facts = graph_facts(made)
        typer.echo(as_json(facts) if json else fact_lines(facts))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check while one types."""
    with answering():
        import json

        from simulator.scenario.schema import json_schema

        typer.echo(json.dumps(json_schema(), indent=1, ensure_ascii=False))


@app.command()
def doctor(
    prepare: Annotated[bool, typer.Option("--prepare", help="compile the rules now, so that the first run starts at once")] = False,
    quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Is everything installed, and can it work?"""
    with answering():
        from simulator.report.installation import findings
        from simulator.report.machine import as_json
        from simulator.report.text import aligned

        if prepare:
            from simulator.experiments.compare import compare as run_comparison

            small = {"population.size": 400, "run.days": 35}
            scenarios = [chosen.override(small) for chosen in load([MAIN_JOB], None, quiet=True)]
            with progress("compiling", "replicates", quiet) as tell:
                run_comparison(scenarios, replicates=1, workers=1, progress=tell)
        found, problems = findings()
        if json:
            typer.echo(as_json({"found": dict(found), "problems": problems}))
        else:
            typer.echo(aligned(["what", "found"], [[name, value] for name, value in found]))
            typer.echo("\n" + ("\n".join(f"problem: {problem}" for problem in problems) or "all well"))
        if problems:
            raise typer.Exit(FAILED)


# -- what commands share ---------------------------------------------------------------------------------------------


def _compare(
    arguments: Sequence[str], name: str | None, seed: int, settings: Sequence[str] | None, replicates: int, out: Path | None,
    workers: int | None, quiet: bool, json: bool,
) -> None:  # fmt: skip
    with answering():
        scenarios = load(arguments, settings, quiet)
        from simulator.experiments.compare import compare as run_comparison
        from simulator.experiments.compare import planned
        from simulator.report.folder import folder_for
        from simulator.report.machine import as_json, comparison_data
        from simulator.report.page import write_report
        from simulator.report.text import comparison_table

        name = name or _common_name([scenario.path for scenario in scenarios if scenario.path])
        folder = folder_for(planned(scenarios, replicates, seed), name, out)
        if out is None and folder.name != name:
            note(f"out/{name} holds another comparison and stays as it is", quiet)
        with progress("comparing", "replicates", quiet) as tell:
            result = run_comparison(scenarios, replicates, seed, workers, progress=tell)
        notes(result.notices, quiet)
        notes([f"warning: {warning}" for warning in result.warnings], quiet)
        page = write_report(result, folder, _in_words(name), _command())
        if json:
            typer.echo(as_json(comparison_data(result) | {"report": str(page)}))
        else:
            _show_comparison(result, page, comparison_table(result))
        if result.interrupted:
            say(f"stopped: {result.completed} of {result.replicates} replicates are kept")
            raise typer.Exit(STOPPED)
        if len(result.failures):
            for row in result.failures.itertuples():
                say(f"failed: {row.scenario}, seed {row.seed}: {row.error}")
            raise typer.Exit(FAILED)


def _show_comparison(result: Comparison, page: Path, table: str) -> None:
    from simulator.report.answer import answer

    typer.echo(f"{table}\n\n{answer(result)}\nIllustrative: the numbers are those of a model and its assumptions.\n\nReport: {page}")


def _show_check(entry: dict[str, Any], quiet: bool) -> None:
    if not entry["valid"]:
        for problem in entry["problems"]:
            say(problem)
        return
    typer.echo(f"{entry['scenario']}: valid")
    notes(entry["notes"], quiet)
    if "start" in entry:
        from simulator.report.text import opening_table

        typer.echo(f"\n{opening_table(entry['start'])}\n")


def load(arguments: Sequence[str], settings: Sequence[str] | None, quiet: bool) -> list[Scenario]:
    """The scenarios that words on the command line stand for, with all that is wrong in any of them reported at once."""
    from simulator.parameters import InputError
    from simulator.scenario.load import load_scenario
    from simulator.scenario.overrides import setting

    values = dict(setting(text) for text in settings or ())
    scenarios, problems = [], []
    for path in _expanded(arguments):
        try:
            scenarios.append(load_scenario(path, values))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(dict.fromkeys("\n".join(problems).splitlines())))
    notes(dict.fromkeys(notice for scenario in scenarios for notice in scenario.notices), quiet)
    return scenarios


def _expanded(arguments: Sequence[str]) -> list[Path]:
    """Files as they are, folders as the scenarios in them, bundled names where there is no such file."""
    from simulator.parameters import InputError
    from simulator.scenario.bundled import bundled

    paths = []
    for argument in arguments:
        path = Path(argument)
        if not path.exists():
            with contextlib.suppress(InputError):
                path = bundled(argument)
        inside = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not inside:
            raise InputError(f"{argument} holds no scenario: there is no .toml file in it")
        paths += inside
    return paths


def _write_ids(ids: Sequence[str] | None, folder: Path) -> None:
    import csv

    if ids is None:
        say("note: the network is not from a file, so consumers have no ids")
        return
    with (folder / "ids.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("consumer", "id"), *enumerate(ids)])


def _common_name(paths: Sequence[Path]) -> str:
    """What to call a comparison: the folder of its scenarios, else their names."""
    folders = {path.parent for path in paths}
    if len(folders) == 1 and len(paths) > 2:
        return folders.pop().name
    return "_vs_".join(path.stem for path in paths)[:80] or "comparison"


def _in_words(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def _program() -> str:
    return "python run.py" if Path(sys.argv[0]).name == "run.py" else "world-of-mouth"


def _command() -> str:
    return f"{_program()} {shlex.join(sys.argv[1:])}".strip()
