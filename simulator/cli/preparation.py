"""The command that makes a folder for a laptop without a network, and what `doctor --prepare` does. The application does the work."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from simulator.cli.commands import Json, Quiet, app
from simulator.cli.processes import lines
from simulator.cli.speaking import FAILED, WRONG_INPUT, answering, note, progress, say
from simulator.language import _

PREPARE, BUNDLE = "simulator.app.prepare", "simulator.app.bundle"

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="the folder to make; it must not be there yet")]
Platform = Annotated[
    Literal["here", "linux", "windows", "macos"],
    typer.Option("--platform", help="the laptop's system: that of this machine, Linux or Windows on Intel and AMD, macOS on Apple silicon"),
]
Python = Annotated[str, typer.Option("--python", help="the laptop's version of Python, such as 3.12 (default: that of this machine)")]


def followed(module: str, *words: str, quiet: bool) -> dict[str, Any]:
    """Progress of a module of the application, a bar for each thing it does; what it says at last."""
    last: dict[str, Any] = {}
    for (doing, unit), said in groupby(lines(module, *words), key=lambda line: (line.get("doing"), line.get("unit"))):
        if doing is None:
            (*_earlier, last) = said
            continue
        with progress(doing, unit, quiet) as tell:
            for line in said:
                if tell is not None:
                    tell(line["done"], line["total"])
    return last


def prepared(quiet: bool) -> list[str]:
    """Prepare the application; sentences about what is missing."""
    missing: list[str] = followed(PREPARE, quiet=quiet)["missing"]
    return missing


@app.command()
def bundle(folder: Folder, platform: Platform = "here", python: Python = "", quiet: Quiet = False, json: Json = False) -> None:
    """Make a folder from which a laptop without a network installs and opens the application."""
    with answering():
        from simulator.report.machine import as_json

        words = [str(folder), "--platform", platform, *(["--python", python] if python else [])]
        result = followed(BUNDLE, *words, quiet=quiet)
        if "problem" in result:
            say(result["problem"])
            raise typer.Exit(WRONG_INPUT if result.get("input") else FAILED)
        for text in result["notes"]:
            note(text, quiet)
        if json:
            typer.echo(as_json(result))
        else:
            typer.echo(_("{folder}: {files} files, {size} MB. Copy it to the laptop and read README.txt.").format(**result))
