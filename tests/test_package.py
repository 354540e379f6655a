"""What users install: a wheel with its scenarios inside, and imports that cost no more than they must."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.slow
def test_the_wheel_holds_the_package_the_bundled_scenarios_and_the_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    scenarios = {path.relative_to(ROOT).as_posix() for path in (ROOT / "scenarios").rglob("*.toml")}
    assert scenarios
    assert {f"simulator/{path}" for path in scenarios} <= names
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "simulator").rglob("*.py")}
    assert sources | {"simulator/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "out", "docs"))]


@pytest.mark.slow
def test_scenarios_are_found_inside_the_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        from simulator.scenario.bundled import bundled
        print(bundled("three_eras/interaction"))
    """
    # -I leaves out the checkout and every path but the environment's own
    command = [sys.executable, "-I", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=True)
    assert Path(done.stdout.strip()) == tmp_path / "simulator" / "scenarios" / "three_eras" / "interaction.toml"


def modules_after(code: str) -> set[str]:
    """The top-level packages that a new interpreter holds after running `code`."""
    code += "\nimport sys; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    return set(done.stdout.split())


def test_importing_the_simulator_costs_nothing() -> None:
    assert not modules_after("import simulator") & {"numpy", "numba", "pandas", "mesa", "pydantic", "networkx", "matplotlib", "solara"}


def test_simulate_imports_neither_plots_nor_the_application() -> None:
    assert not modules_after("from simulator import simulate, load_scenario") & {"matplotlib", "solara"}


def test_reading_a_scenario_imports_neither_numba_nor_pandas() -> None:
    """A bad scenario is refused at once."""
    code = "from simulator import load_scenario; load_scenario('scenarios/three_eras/interaction.toml')"
    assert not modules_after(code) & {"numba", "pandas", "mesa", "matplotlib", "solara"}


def test_constraints_are_plain_pins_of_what_the_project_needs() -> None:
    """A constraints file names versions, no host and no comment; every dependency and test tool is pinned.

    Not so the programs that benchmarks and comparisons run beside ours: some exist as source only, or not for Windows.
    """
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line) for line in lines)
    pinned = {normalised(line.partition("==")[0]) for line in lines}
    assert len(pinned) == len(lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(need for extra in extras if extra not in ("benchmark", "peers") for need in extras[extra])]
    assert {normalised(re.split(r"[<>=!~;\[ ]", need, maxsplit=1)[0]) for need in wanted} <= pinned


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_version_is_the_same_in_the_citation_and_the_changelog() -> None:
    import simulator

    assert f"\nversion: {simulator.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## {simulator.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
