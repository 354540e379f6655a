"""How the tests open pages: a server of their own, screens, screenshots."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[2]
PROJECTOR, WIDE, PHONE = {"width": 1280, "height": 720}, {"width": 1920, "height": 1080}, {"width": 390, "height": 844}
SETTLED = 300.0
"""Milliseconds after which a page has laid itself out anew."""
DARK = "rgb(20, 23, 27)"
"""The ground of the dark pages."""

PICTURES = os.environ.get("WORLD_OF_MOUTH_PICTURES")
"""A folder where screenshots are kept, to be looked at."""


def started(folder: Path, *words: str, places: int = 3, errors: Any = None, **settings: str) -> tuple[subprocess.Popen[str], str]:
    """A server and its address. errors: a file for what it complains about; settings: of the environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = (
        os.environ | {"WORLD_OF_MOUTH_CACHE": str(folder), "WORLD_OF_MOUTH_VISITORS": str(places), "PYTHONPATH": str(HOME)} | settings
    )
    command = [sys.executable, "-m", "simulator.app.server", "--port", str(port), "--no-browser", *words]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=folder)
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


def end(server: subprocess.Popen[str]) -> None:
    server.terminate()
    server.communicate(timeout=30)


def picture(page: Any, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def shown_on(page: Any, screen: dict[str, int], mode: str = "light", language: str = "en") -> None:
    """The page as it is, on another screen, in another mode and language."""
    page.set_viewport_size(screen)
    if (page.evaluate("getComputedStyle(document.querySelector('.wom-app')).backgroundColor") == DARK) != (mode == "dark"):
        page.locator(".wom-theme").click()
    page.locator(".wom-settings").get_by_text(language.upper(), exact=True).click()
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)
    page.wait_for_timeout(SETTLED)


def cut_off(page: Any) -> list[str]:
    """What can be seen in part only, since the screen ends before it does."""
    script = """() => [...document.querySelectorAll('.wom-app *')].filter((each) => each.offsetParent && !each.closest('.wom-unseen')
        && each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.className)"""
    found: list[str] = page.evaluate(script)
    return found


def ink(page: Any) -> int:
    """How many different colours the canvas shows."""
    script = (
        """canvas => new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
    )
    found: int = page.eval_on_selector(".wom-canvas", script)
    return found
