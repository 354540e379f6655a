"""What is installed, and whether it can work: what `doctor` says."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from simulator.engine.compiled import cache_folder
from simulator.experiments.pool import available_cpus
from simulator.language import N_, _
from simulator.results.provenance import versions

OLDEST_PYTHON = (3, 11)
REPORTING = ("matplotlib", "jinja2", "typer", "rich", "pydantic", "pyarrow", "networkx", "solara")


def findings() -> tuple[list[tuple[str, str]], list[str]]:
    """(what, value) of the installation, what in English, and a sentence for each thing that is wrong."""
    found, problems = list(versions().items()), []
    for package in REPORTING:
        try:
            found.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            found.append((package, _("missing")))
            problems.append(_("{package} is not installed: install the package again").format(package=package))
    if sys.version_info < OLDEST_PYTHON:
        problems.append(_("Python {version} or later is needed").format(version=".".join(map(str, OLDEST_PYTHON))))
    kernels = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_folder())
    found += [
        (N_("package"), str(Path(__file__).resolve().parent.parent)),
        (N_("processors"), str(available_cpus())),
        (N_("compiled rules"), _("{folder} ({count} kept)").format(folder=kernels, count=len(list(kernels.rglob("*.nbc"))))),
    ]
    if not _writable(kernels):
        wrong = _("{folder} cannot be written: rules are compiled again in every process (set NUMBA_CACHE_DIR to another folder)")
        problems.append(wrong.format(folder=kernels))
    return found, problems


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
