"""What is installed, and whether it can work: what `doctor` says."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from simulator.engine.compiled import cache_folder
from simulator.experiments.pool import available_cpus
from simulator.results.provenance import versions

OLDEST_PYTHON = (3, 11)
REPORTING = ("matplotlib", "jinja2", "typer", "rich", "pydantic", "pyarrow", "networkx", "solara")


def findings() -> tuple[list[tuple[str, str]], list[str]]:
    """(what, value) of the installation, and a sentence for each thing that is wrong."""
    found, problems = list(versions().items()), []
    for package in REPORTING:
        try:
            found.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            found.append((package, "missing"))
            problems.append(f"{package} is not installed: install the package again")
    if sys.version_info < OLDEST_PYTHON:
        problems.append(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or later is needed")
    kernels = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_folder())
    found += [
        ("package", str(Path(__file__).resolve().parent.parent)),
        ("processors", str(available_cpus())),
        ("compiled rules", f"{kernels} ({len(list(kernels.rglob('*.nbc')))} kept)"),
    ]
    if not _writable(kernels):
        problems.append(f"{kernels} cannot be written: rules are compiled again in every process (set NUMBA_CACHE_DIR to another folder)")
    return found, problems


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
