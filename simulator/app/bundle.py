"""A folder from which a laptop without a network installs and opens the application:

    python -m simulator.app.bundle FOLDER [--platform windows] [--python 3.12] [--json] [--language fr]

It holds wheels of this project and of all that it needs, at the versions of constraints.txt (of an installed package: at the versions
installed beside it), drawings and worlds computed beforehand, starters and README.txt. It is made under another name and renamed, so that
there is a whole folder or none. With --json every line is an object, as prepare.py says; at last {"folder", "files", "size", "notes"} or
{"problem", "input"}.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from email.parser import Parser
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from simulator.app.prepare import STEPS, STOPPED, prepare
from simulator.app.starters import FILES
from simulator.language import ENGLISH, LANGUAGES, _, speak
from simulator.parameters import InputError

PROJECT = "world-of-mouth"
ROOM = 2**30
"""Bytes that must be free."""

Tell = Callable[[str, str, int, int], None]


class Target(NamedTuple):
    """A laptop: which wheels it takes, and what requirements of packages see of it."""

    name: str
    tags: tuple[str, ...]
    environment: dict[str, str]


def _target(name: str, tags: tuple[str, ...], platform: str, system: str, os_name: str, machine: str) -> Target:
    return Target(name, tags, {"sys_platform": platform, "platform_system": system, "os_name": os_name, "platform_machine": machine})


TARGETS = {
    "here": Target("", (), {}),
    "linux": _target(
        "Linux, Intel or AMD", ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        "linux", "Linux", "posix", "x86_64",
    ),
    "windows": _target("Windows, Intel or AMD", ("win_amd64",), "win32", "Windows", "nt", "AMD64"),
    "macos": _target("macOS 14 or later, Apple silicon", ("macosx_14_0_arm64",), "darwin", "Darwin", "posix", "arm64"),
}  # fmt: skip


def bundle(folder: Path, platform: str, python: str, tell: Tell) -> dict[str, Any]:
    """Make the folder; {"folder", "files", "size": megabytes, "notes"}. Raises InputError or RuntimeError with a sentence."""
    python = python or f"{sys.version_info[0]}.{sys.version_info[1]}"
    _refuse(folder, python)
    target = TARGETS[platform]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent, ignore_cleanup_errors=True) as place:
        made = Path(place) / folder.name
        wheels = made / "wheels"
        wheels.mkdir(parents=True)
        tell(_("fetching packages"), _("wheels"), 0, 1)
        own = _own_wheel(wheels)
        _fetch_all(own, wheels, target, python, tell)
        notes = _prepare_into(made / "cache", tell)
        _write_texts(made, own, target, python)
        for guide in (_checkout() / "docs").glob("workshop*.md"):  # an installed package has none
            shutil.copy(guide, made)
        made.rename(folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return {"folder": str(folder), "files": len(files), "size": round(size), "notes": notes}


def _refuse(folder: Path, python: str) -> None:
    """A sentence where it cannot be done."""
    if folder.exists():
        raise InputError(_("{folder} is there already; name a folder that is not").format(folder=folder))
    parts = python.split(".")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts) or not (3, 11) <= (int(parts[0]), int(parts[1])) < (4, 0):
        raise InputError(_("{python} is no version of Python; allowed: 3.11 or later, such as 3.12").format(python=python))
    if importlib.util.find_spec("pip") is None:
        raise InputError(_("pip is missing, which fetches the packages: python -m ensurepip"))
    near = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not os.access(near, os.W_OK):
        raise InputError(_("{folder} cannot be written").format(folder=near))
    if shutil.disk_usage(near).free < ROOM:
        raise InputError(_("{folder} has less than a gigabyte left, which a bundle takes").format(folder=near))


def _checkout() -> Path:
    """The folder that holds the package: that of pyproject.toml, if this is a checkout."""
    return Path(__file__).resolve().parents[2]


# -- wheels ----------------------------------------------------------------------------------------------------------


def _own_wheel(wheels: Path) -> Path:
    """The wheel of this project: built from the checkout, or packed again from what is installed."""
    if not (_checkout() / "pyproject.toml").is_file():
        return repacked(metadata.distribution(PROJECT), wheels)
    isolated = [] if importlib.util.find_spec("hatchling") is None else ["--no-build-isolation"]
    _pip("wheel", "--no-deps", *isolated, "--wheel-dir", str(wheels), str(_checkout()))
    (own,) = wheels.glob("*.whl")
    return own


def repacked(installed: metadata.Distribution, wheels: Path) -> Path:
    """A wheel with the files of an installed distribution: what an installer adds by itself is left out, the record written anew."""
    version = installed.version
    name = f"{canonicalize_name(installed.name).replace('-', '_')}-{version}"
    left_out = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}
    files = [
        each for each in installed.files or () if each.parts[0] != ".." and "__pycache__" not in each.parts and each.name not in left_out
    ]
    if not any(each.parts[0] == "simulator" for each in files):
        raise RuntimeError(_("this installation holds no files that could be packed: install the package from its wheel"))
    path, record = wheels / f"{name}-py3-none-any.whl", []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in files:
            content = Path(str(installed.locate_file(each))).read_bytes()
            packed.writestr(each.as_posix(), content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
            record.append(f"{each.as_posix()},sha256={digest},{len(content)}\n")
        where = f"{name}.dist-info/RECORD"
        packed.writestr(where, "".join(record) + f"{where},,\n")
    return path


def _fetch_all(own: Path, wheels: Path, target: Target, python: str, tell: Tell) -> None:
    """Wheels of everything that `own` needs on the target, round by round: what the new ones need is the next round.

    (Asked to fetch for another platform, pip would decide by this one what is needed.)
    """
    pins = _pins()
    here = {name: str(value) for name, value in default_environment().items()}
    environment = {**here, **target.environment, "python_version": python, "python_full_version": f"{python}.0"}
    flags = ["--only-binary", ":all:", "--no-deps", "--dest", str(wheels), "--python-version", python, "--implementation", "cp"]
    flags = flags if target.tags else flags[:5]
    flags += [word for tag in target.tags for word in ("--platform", tag)]
    there: set[str] = {_name(own)}
    extras: dict[str, set[str]] = {}
    new, rounds = [own], 0
    while new:
        wanted: dict[str, str] = {}
        for requirement in (each for wheel in new for each in _needed(wheel, extras.get(_name(wheel), set()), environment)):
            name = canonicalize_name(requirement.name)
            extras.setdefault(name, set()).update(requirement.extras)
            if name not in there:
                wanted[name] = f"{name}=={pins[name]}" if name in pins else f"{name}{requirement.specifier}"
        before, rounds = set(wheels.glob("*.whl")), rounds + 1
        for done, line in enumerate(_pip_lines("download", *flags, *sorted(wanted.values())) if wanted else ()):
            tell(_("fetching packages"), _("wheels"), len(there) - 1 + min(done, len(wanted)), len(there) - 1 + len(wanted))
            del line
        new = sorted(set(wheels.glob("*.whl")) - before)
        there |= {_name(wheel) for wheel in new}
    tell(_("fetching packages"), _("wheels"), len(there), len(there))


def _pins() -> dict[str, str]:
    """Versions by name: those of constraints.txt in a checkout, else those installed."""
    pinned = _checkout() / "constraints.txt"
    if pinned.is_file():
        pairs = [line.partition("==")[::2] for line in pinned.read_text(encoding="utf-8").split()]
    else:
        pairs = [(each.name, each.version) for each in metadata.distributions()]
    return {canonicalize_name(name): version for name, version in pairs}


def _needed(wheel: Path, extras: set[str], environment: dict[str, str]) -> Iterator[Requirement]:
    """What a wheel requires where `environment` holds."""
    with zipfile.ZipFile(wheel) as packed:
        (where,) = [name for name in packed.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")]
        said = Parser().parsestr(packed.read(where).decode("utf-8"))
    for text in said.get_all("Requires-Dist", []):
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras)):
            yield requirement


def _name(wheel: Path) -> str:
    return parse_wheel_filename(wheel.name)[0]


def _pip(*words: str) -> None:
    for line in _pip_lines(*words):
        del line


def _pip_lines(*words: str) -> Iterator[str]:
    """One line for each package that pip deals with. Raises RuntimeError with what it says at last, if it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *words]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace") as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            said.append(line.strip())
            if line.startswith(("Collecting", "Processing", "Looking")):
                yield line
    if pip.returncode:
        wrong = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR:")] or said[-1:] or [""]
        far = _("a package cannot be fetched (is there a network?): {error}")
        raise RuntimeError((far if words[0] == "download" else "pip: {error}").format(error=wrong[-1][:300]))


# -- the rest of the folder ------------------------------------------------------------------------------------------


def _prepare_into(cache: Path, tell: Tell) -> list[str]:
    """Drawings and worlds, computed into the folder; what could not be is a note: the laptop computes it at its first start."""
    cache.mkdir()
    before = os.environ.get("WORLD_OF_MOUTH_CACHE")
    os.environ["WORLD_OF_MOUTH_CACHE"] = str(cache)
    try:
        return prepare(tell, steps=STEPS[1:-1])
    finally:
        os.environ.pop("WORLD_OF_MOUTH_CACHE")
        if before is not None:
            os.environ["WORLD_OF_MOUTH_CACHE"] = before


def _write_texts(made: Path, own: Path, target: Target, python: str) -> None:
    release = str(parse_wheel_filename(own.name)[1])
    words = {
        "project": PROJECT, "release": release, "python": python, "version": python.replace(".", ", "),
        "system": target.name or sys.platform,
    }  # fmt: skip
    for name, text in FILES.items():
        ends = "\r\n" if name.endswith((".bat", ".txt")) else "\n"
        (made / name).write_bytes(text.format(**words).replace("\n", ends).encode("utf-8"))
        (made / name).chmod(0o644 if name.endswith(".txt") else 0o755)


def main() -> None:
    """Bundle, and end with 0, or 1 with what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--platform", choices=TARGETS, default="here")
    parser.add_argument("--python", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--language", choices=LANGUAGES, default=ENGLISH)
    given = parser.parse_args()
    speak(given.language)

    def tell(doing: str, unit: str, done: int, total: int) -> None:
        said = {"doing": doing, "unit": unit, "done": done, "total": total}
        print(json.dumps(said) if given.json else f"{doing}: {done}/{total} {unit}", flush=True)

    try:
        last = bundle(given.folder, given.platform, given.python, tell)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except (InputError, RuntimeError, OSError) as error:
        last = {"problem": str(error), "input": isinstance(error, InputError)}
    print(json.dumps(last) if given.json else last.get("problem", last), flush=True)
    sys.exit(1 if "problem" in last else 0)


if __name__ == "__main__":
    main()
