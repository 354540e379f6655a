"""What is made beforehand, and the folder for a laptop without a network; without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from simulator.app import bundle as bundling
from simulator.app import prepare as preparing
from simulator.app.bundle import TARGETS, bundle, repacked
from simulator.app.prepare import Step, prepare
from simulator.app.starters import FILES
from simulator.parameters import InputError

HOME = Path(__file__).parents[2]


def steps(*done: Any) -> tuple[Step, ...]:
    return tuple(Step(f"step {k}", "things", do) for k, do in enumerate(done))


def broken(tell: Any, workers: int | None) -> list[str]:
    raise OSError("no room")


def test_a_step_that_breaks_down_is_missing_and_does_not_end_the_others() -> None:
    told: list[tuple[str, str, int, int]] = []

    def fine(tell: Any, workers: int | None) -> list[str]:
        tell(1, 2)
        return []

    missing = prepare(lambda *news: told.append(news), steps=steps(broken, fine, lambda tell, workers: ["a file"]))
    assert missing == ["step 0: OSError: no room", "a file"]
    assert told == [("step 1", "things", 1, 2)]


def test_worlds_that_are_there_are_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Worlds:
        missing = ["the worlds"]
        computed = 0

        def ready(self) -> list[str]:
            return self.missing

        def prepare(self, progress: Any, workers: int | None) -> None:
            self.computed, self.missing = self.computed + 1, []

    worlds = Worlds()
    monkeypatch.setattr(preparing.importlib, "import_module", lambda name: worlds)
    make = preparing.worlds_of("story")
    assert make(lambda done, total: None, 1) == make(lambda done, total: None, 1) == []
    assert worlds.computed == 1


def test_files_that_a_page_names_are_found_and_others_are_not_ours() -> None:
    page = (
        """<!doctype html><script src="/a.js?v=1"></script><link href="/b/c.css"><a href="/live"></a><img src="https://x.example/d.png">"""
    )
    assert preparing._named("http://127.0.0.1:1/", page) == ["http://127.0.0.1:1/a.js?v=1", "http://127.0.0.1:1/b/c.css"]
    style = (
        """@font-face { src: url("../f.woff2#x") } i { background: url(data:image/png;base64,AA) } u { src: url(https://x.example/g) }"""
    )
    assert preparing._named("http://127.0.0.1:1/b/c.css", style) == ["http://127.0.0.1:1/f.woff2"]


# -- bundles -------------------------------------------------------------------------------------------------------------


def quiet(doing: str, unit: str, done: int, total: int) -> None: ...


@pytest.mark.parametrize("python", ["3", "2.7", "3.10", "latest", "3.11.2", "4.0", "3.x"])
def test_a_version_of_python_that_there_is_not_is_refused(python: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no version of Python"):
        bundle(tmp_path / "made", "here", python, quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is there already"):
        bundle(tmp_path, "here", "", quiet)


@pytest.mark.slow
def test_without_a_network_there_is_a_sentence_and_no_folder(tmp_path: Path) -> None:
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "PIP_PROXY"), "http://127.0.0.1:9")
    environment = os.environ | nowhere | {
        "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1",
        "PIP_FIND_LINKS": "", "PYTHONPATH": str(HOME),
    }  # fmt: skip
    command = [sys.executable, "-m", "simulator.app.bundle", str(tmp_path / "made"), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    said = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1 and "is there a network?" in said["problem"] and not said["input"]
    assert list(tmp_path.iterdir()) == [] and "Traceback" not in done.stderr


def test_an_installed_package_is_packed_again_as_the_wheel_that_it_came_from(tmp_path: Path) -> None:
    """As an installer leaves it: with a script elsewhere, compiled files, and notes of its own."""
    site = tmp_path / "site"
    info = site / "world_of_mouth-9.9.dist-info"
    for name in ("simulator/__init__.py", "simulator/scenarios/a.toml", "simulator/__pycache__/x.pyc", f"{info.name}/METADATA",
                 f"{info.name}/INSTALLER", f"{info.name}/entry_points.txt"):  # fmt: skip
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(f"Name: world-of-mouth\nVersion: 9.9\n{name}", encoding="utf-8")
    written = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in [*written, "../../bin/world-of-mouth", f"{info.name}/RECORD"]))
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = repacked(metadata.PathDistribution(info), wheels)
    assert wheel.name == "world_of_mouth-9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        record = packed.read(f"{info.name}/RECORD").decode()
    kept = {"simulator/__init__.py", "simulator/scenarios/a.toml", f"{info.name}/METADATA", f"{info.name}/entry_points.txt"}
    assert names == kept | {f"{info.name}/RECORD"} and {line.partition(",")[0] for line in record.splitlines()} == names


def test_an_editable_installation_is_said_to_hold_nothing(tmp_path: Path) -> None:
    info = tmp_path / "world_of_mouth-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: world-of-mouth\nVersion: 9.9\n")
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n")
    with pytest.raises(RuntimeError, match="no files that could be packed"):
        repacked(metadata.PathDistribution(info), tmp_path)


@pytest.mark.parametrize(
    ("platform", "needed"), [("windows", {"colorama", "always"}), ("macos", {"appnope", "always"}), ("linux", {"always"})]
)
def test_what_is_needed_is_decided_by_the_laptop_and_not_by_this_machine(platform: str, needed: set[str], tmp_path: Path) -> None:
    wheel = tmp_path / "some_thing-1.0-py3-none-any.whl"
    said = ["Name: some-thing", "Version: 1.0", "Requires-Dist: always>=1", 'Requires-Dist: colorama; sys_platform == "win32"',
            'Requires-Dist: appnope; platform_system == "Darwin"', 'Requires-Dist: old; python_version < "3.12"',
            'Requires-Dist: more; extra == "more"']  # fmt: skip
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("some_thing-1.0.dist-info/METADATA", "\n".join(said))
    here = {name: str(value) for name, value in bundling.default_environment().items()}
    environment = here | TARGETS[platform].environment | {"python_version": "3.12"}
    assert {each.name for each in bundling._needed(wheel, set(), environment)} == needed
    assert {each.name for each in bundling._needed(wheel, {"more"}, environment)} == needed | {"more"}


def test_starters_and_readme_say_the_same_version_and_name_no_place(tmp_path: Path) -> None:
    own = tmp_path / "world_of_mouth-9.9-py3-none-any.whl"
    bundling._write_texts(tmp_path, own, TARGETS["windows"], "3.12")
    for name in FILES:
        text = (tmp_path / name).read_bytes().decode("utf-8")
        assert "3.12" in text and "{" not in text.replace("{ echo", "") and str(HOME) not in text
        assert (tmp_path / name).stat().st_mode & 0o111 or name == "README.txt" or os.name == "nt"
    assert "sys.version_info[:2] != (3, 12)" in (tmp_path / "start.sh").read_text()
    if os.name == "posix":
        subprocess.run(["sh", "-n", str(tmp_path / "start.sh")], check=True)
