"""Does every pin of constraints.txt have a wheel for Windows and for macOS on Apple silicon?

The installer resolves all pins for the other platform without installing anything: a pin that only exists as
source, or not for that platform, is an error that names it.

python .ci/wheels.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
PLATFORMS = ("win_amd64", "macosx_14_0_arm64")
PYTHON = "3.11.2"  # the oldest we promise: that of Debian 12


def missing(platform: str) -> str:
    """What the installer says against the pins on `platform`; empty if nothing."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--implementation",
            "cp",
            "--platform",
            platform,
            "--python-version",
            PYTHON,
            "--target",
            folder,
            "-r",
            str(CONSTRAINTS),
        ]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if "No matching distribution" in line]
    return "\n".join(lines) or done.stderr


def main() -> int:
    """Check all platforms; 1 if a pin has no wheel on one."""
    pins = CONSTRAINTS.read_text(encoding="utf-8").split()
    bad = [pin for pin in pins if pin.count("==") != 1]
    complaints = [f"not a plain name==version line: {pin}" for pin in bad]
    with ThreadPoolExecutor() as pool:
        complaints += [f"{platform}: {error}" for platform, error in zip(PLATFORMS, pool.map(missing, PLATFORMS), strict=True) if error]
    print("\n".join(complaints) or f"{len(pins)} pins have wheels for {' and '.join(PLATFORMS)}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
