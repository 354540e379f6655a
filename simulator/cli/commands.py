"""The commands that simulate, compare and look.

Everything slow is imported when a command needs it, so that --help answers at once.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from simulator.cli.speaking import FAILED, STOPPED, WRONG_INPUT, answering, note, notes, progress, say, warn
from simulator.cli.spoken import PLAINER, Spoken
from simulator.language import _, language

if TYPE_CHECKING:
    from simulator.experiments.comparison import Comparison
    from simulator.scenario.schema import Scenario

MAIN_JOB = "three_eras"
REPLICATES = 20
DRAWS = 60

app = typer.Typer(
    cls=Spoken, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
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
Doubt = Annotated[
    Literal["luck", "assumptions", "both"],
    typer.Option("--doubt", help="what a verdict has to survive: more luck, other plausible values of the assumptions, or both"),
]
Draws = Annotated[int, typer.Option("--draws", min=1, help="how many other values of the assumptions are drawn")]
Until = Annotated[
    Literal["decided"] | None,
    typer.Option("--until", help="go on until luck leaves no headline figure open: up to five times --replicates, by stricter verdicts"),
]
CsvFormat = Annotated[
    Literal["english", "french"], typer.Option("--csv", help="french: with semicolons and decimal commas, for French Excel")
]
Explain = Annotated[bool, typer.Option("--explain", help="also what moved trust, and who was won and lost")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (default: the program's own arguments) and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors=PLAINER)  # type: ignore[union-attr]  # not of a stream that was put in its place
    app(args=None if arguments is None else list(arguments), prog_name=_program())


@app.callback(invoke_without_command=True)
def main_job(
    context: typer.Context, seed: Seed = 1, settings: Settings = None, replicates: Replicates = REPLICATES, out: Out = None,
    workers: Workers = None, quiet: Quiet = False, json: Json = False, csv: CsvFormat = "english",
) -> None:  # fmt: skip
    if context.invoked_subcommand is not None:
        given = (seed, settings or None, replicates, out, workers, quiet, json, csv)
        if given != (1, None, REPLICATES, None, None, False, False, "english"):
            wrong = _("options go behind the command: {program} {command} --option")
            raise typer.BadParameter(wrong.format(program=_program(), command=context.invoked_subcommand))
        return
    note(_("verdicts know luck only; `compare three_eras` also draws other values of the assumptions, and takes minutes"), quiet)
    _compare([MAIN_JOB], MAIN_JOB, seed, settings, replicates, out, workers, quiet, json, {"doubt": "luck"}, csv=csv)


@app.command()
def simulate(
    scenario: ScenarioPath, seed: Seed = 1, settings: Settings = None, out: Out = None, quiet: Quiet = False, json: Json = False,
    keep_ids: KeepIds = False,
) -> None:  # fmt: skip
    """Run one scenario once and print its key figures; --out keeps every table."""
    if keep_ids and out is None:
        raise typer.BadParameter(_("--keep-ids needs --out"))
    with answering():
        chosen = load([scenario], settings, quiet)[0]
        from simulator.model import social_graph
        from simulator.report.machine import as_json, run_data
        from simulator.report.text import kpi_lines
        from simulator.simulate import simulate as run_scenario

        graph = social_graph(chosen, seed)
        with progress(_("simulating"), _("days"), quiet) as tell:
            run = run_scenario(chosen, seed, graph=graph, progress=tell)
        notes(run.notices, quiet)
        if out is not None:
            folder = run.save(out)
            if keep_ids:
                _write_ids(graph.ids, folder)
            note(_("written to {place}").format(place=out), quiet)
        typer.echo(as_json(run_data(run)) if json else kpi_lines(run_data(run)["kpis"], chosen.market.currency))


@app.command()
def compare(
    scenarios: ScenarioPaths, seed: Seed = 1, settings: Settings = None, replicates: Replicates = REPLICATES, out: Out = None,
    workers: Workers = None, quiet: Quiet = False, json: Json = False, doubt: Doubt = "both", draws: Draws = DRAWS, until: Until = None,
    explain: Explain = False, csv: CsvFormat = "english",
) -> None:  # fmt: skip
    """Compare scenarios by paired runs: same people, same ties, same luck. Writes a report."""
    rules = {"doubt": doubt, "draws": draws, "until": until or ""}
    _compare(scenarios, None, seed, settings, replicates, out, workers, quiet, json, rules, explain, csv)


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
    prepare: Annotated[
        bool, typer.Option("--prepare", help="compile, draw and compute now what the application needs: it then works without a network")
    ] = False,
    quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Is everything installed, and can it work?"""
    with answering():
        from simulator.report.installation import findings
        from simulator.report.machine import as_json
        from simulator.report.text import aligned

        missing: list[str] = []
        if prepare:
            from simulator.cli.preparation import prepared

            missing = prepared(quiet)
        found, problems = findings()
        if json:
            typer.echo(as_json({"found": dict(found), "problems": problems} | ({"missing": missing} if prepare else {})))
        else:
            typer.echo(aligned([_("what"), _("found")], [[_(name), value] for name, value in found]))
            well = _("ready, works offline") if prepare else _("all well")
            said = [_("problem: {problem}").format(problem=problem) for problem in problems]
            said += [_("missing: {thing}").format(thing=thing) for thing in missing]
            typer.echo("\n" + ("\n".join(said) or well))
        if problems or missing:
            raise typer.Exit(FAILED)


# -- what commands share ---------------------------------------------------------------------------------------------


def _compare(
    arguments: Sequence[str], name: str | None, seed: int, settings: Sequence[str] | None, replicates: int, out: Path | None,
    workers: int | None, quiet: bool, json: bool, rules: Mapping[str, Any], explain: bool = False, csv: str = "english",
) -> None:  # fmt: skip
    """rules: arguments of `compare` that the world code knows too."""
    with answering():
        scenarios = load(arguments, settings, quiet)
        from simulator.experiments.compare import compare as run_comparison
        from simulator.experiments.compare import planned
        from simulator.report.folder import folder_for
        from simulator.report.machine import as_json, comparison_data
        from simulator.report.page import write_report
        from simulator.report.text import comparison_table

        name = name or _common_name([scenario.path for scenario in scenarios if scenario.path])
        folder = folder_for(planned(scenarios, replicates, seed, **rules), name, out)
        if out is None and folder.name != name:
            note(_("out/{name} holds another comparison and stays as it is").format(name=name), quiet)
        with progress(_("comparing"), _("replicates") if rules["doubt"] == "luck" else _("replicates and draws"), quiet) as tell:
            result = run_comparison(scenarios, replicates, seed, workers, progress=tell, explain=explain, **rules)
        notes(result.notices, quiet)
        warn(result.warnings)
        page = write_report(result, folder, _in_words(name), _command(), language(), csv)
        if json:
            typer.echo(as_json(comparison_data(result) | {"report": str(page)}))
        else:
            _show_comparison(result, page, comparison_table(result))
        if result.interrupted:
            kept = _("stopped: {done} of {all} replicates are kept")
            say(kept.format(done=result.completed, all=result.replicates))
            raise typer.Exit(STOPPED)
        if len(result.failures):
            for row in result.failures.itertuples():
                say(_("failed: {scenario}, seed {seed}: {error}").format(scenario=row.scenario, seed=row.seed, error=row.error))
            raise typer.Exit(FAILED)


def _show_comparison(result: Comparison, page: Path, table: str) -> None:
    from simulator.report.answer import answer
    from simulator.report.causes import explanation

    why = explanation(result)
    typer.echo(f"{table}\n\n{answer(result)}\n{_('Illustrative: the numbers are those of a model and its assumptions.')}\n")
    typer.echo((f"{why}\n\n" if why else "") + _("Report: {page}").format(page=page))


def _show_check(entry: dict[str, Any], quiet: bool) -> None:
    if not entry["valid"]:
        for problem in entry["problems"]:
            say(problem)
        return
    typer.echo(_("{scenario}: valid").format(scenario=entry["scenario"]))
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
            raise InputError(_("{folder} holds no scenario: there is no .toml file in it").format(folder=argument))
        paths += inside
    return paths


def _write_ids(ids: Sequence[str] | None, folder: Path) -> None:
    import csv

    if ids is None:
        note(_("the network is not from a file, so consumers have no ids"), quiet=False)
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
