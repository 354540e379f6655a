"""The command that fits a scenario to what a market did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from simulator.cli.commands import Json, Quiet, ScenarioPath, Seed, Settings, Workers, _command, app, load
from simulator.cli.speaking import STOPPED, answering, progress, say
from simulator.language import _

Observed = Annotated[
    Path, typer.Option("--to", metavar="FILE.csv", help="the observed series; columns period, value and, of a tracker, sample")
]
Free = Annotated[
    list[str], typer.Option("--free", metavar="KEY=LOW:HIGH", help="a parameter to be estimated, and its range; may be repeated")
]
Measure = Annotated[str, typer.Option("--measure", help="what was observed: units, adoptions, aided_awareness, penetration, ...")]
Period = Annotated[
    Literal["day", "week", "month", "quarter", "year"] | None,
    typer.Option("--period", help="what a row is (default: as its periods are written)"),
]
DaysPerRow = Annotated[
    int | None, typer.Option("--days-per-row", min=1, help="simulated days that a row is (default: 1, 7, 30, 91; of a year 50)")
]
Season = Annotated[
    str | None, typer.Option("--season", metavar="0.8,1.1,... | FILE.csv", help="factors of a cycle that multiply expected units")
]
Scale = Annotated[
    Literal["free", "fixed"] | None,
    typer.Option(
        "--scale", help="whether the size of the market is estimated too (default: where the scenario names none and spends nothing)"
    ),
]
Trials = Annotated[int, typer.Option("--trials", min=1, help="how many settings are simulated")]
RunsEach = Annotated[int, typer.Option("--replicates", min=1, help="runs of every setting, all with the same luck")]
Holdout = Annotated[float, typer.Option("--holdout", help="share of the rows, the last, on which the forecast is judged; 0: none")]
CalibrationFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="folder of the trials and results; the same command goes on where it stopped")
]


@app.command()
def calibrate(
    scenario: ScenarioPath, to: Observed, free: Free, measure: Measure = "units", period: Period = None, days_per_row: DaysPerRow = None,
    season: Season = None, scale: Scale = None, trials: Trials = 100, replicates: RunsEach = 4, holdout: Holdout = 0.25, seed: Seed = 1,
    settings: Settings = None, out: CalibrationFolder = None, workers: Workers = None, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Fit a scenario to an observed series, hold its last quarter out, and say what the data cannot tell."""
    with answering():
        from simulator.experiments.observed import read_series, with_season

        series = with_season(read_series(to, period, days_per_row), season)
        chosen = load([scenario], settings, quiet)[0]
        from simulator.experiments.calibrate import calibrate as fit_to
        from simulator.experiments.design import axis
        from simulator.report.calibration import calibration_data, calibration_lines, write_calibration
        from simulator.report.machine import as_json

        folder = out or Path("out") / f"calibrate_{chosen.name}_to_{to.stem}"
        try:
            with progress(_("calibrating"), _("trials"), quiet) as tell:
                found = fit_to(
                    chosen, series, [axis(text) for text in free], measure=measure, scale=scale, trials=trials, replicates=replicates,
                    holdout=holdout, seed=seed, workers=workers, out=folder, progress=tell,
                )  # fmt: skip
        except KeyboardInterrupt:
            say(_("stopped: finished trials are kept in {folder}; the same command goes on").format(folder=folder))
            raise typer.Exit(STOPPED) from None
        page = write_calibration(found, folder, _command())
        data = calibration_data(found) | {"folder": str(folder), "report": str(page)}
        places = _("Scenario: {scenario}\nReport: {page}").format(scenario=folder / "fitted.toml", page=page)
        typer.echo(as_json(data) if json else f"{calibration_lines(found)}\n\n{places}")
