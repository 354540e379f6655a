"""The scenarios that come with the simulator: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from simulator.language import _
from simulator.parameters import InputError
from simulator.scenario.problems import unknown


def bundled(name: str = "") -> Path:
    """The path of a bundled scenario or folder: `three_eras`, `three_eras/mixed.toml` or `three_eras/mixed`."""
    folder = scenarios_folder()
    for candidate in (folder / name, folder / f"{name}.toml"):
        if candidate.exists():
            return candidate
    raise InputError(unknown("bundled scenario", name, bundled_names()))


def bundled_names() -> list[str]:
    """What `bundled` accepts: every scenario file (those that others are based on excepted), with its folder."""
    return [name for name in bundled_files() if Path(name).parent.name != "base"]


def bundled_files() -> list[str]:
    """Every scenario file that comes with the simulator, with its folder."""
    folder = scenarios_folder()
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.toml"))


def scenarios_folder() -> Path:
    """Where the bundled scenarios are."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "scenarios", package.parent / "scenarios"):
        if (folder / "three_eras").is_dir():
            return folder
    raise InputError(_("the bundled scenarios are missing: install the package again"))
