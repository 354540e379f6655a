"""The browser that pages are opened in, and visits to a server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlparse

import pytest

from tests.browser.visiting import PROJECTOR, end, started

BROWSER = os.environ.get("WORLD_OF_MOUTH_BROWSER") or shutil.which("chromium") or ""
SWITCHES = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'world-of-mouth[test]'")
    if not BROWSER:
        pytest.skip("there is no chromium: apt-get install chromium, or name one in WORLD_OF_MOUTH_BROWSER")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=BROWSER, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[str]:
    server, address = started(
        tmp_path_factory.mktemp("app"), SOLARA_KERNEL_CULL_TIMEOUT="5s"
    )  # places are few, and closing is not always heard
    yield address
    end(server)


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens a page; at the end nothing may have been complained about, and nothing asked of another host."""
    contexts: list[Any] = []
    complaints: list[str] = []
    asked: set[str] = set()

    def opened(query: str = "", viewport: dict[str, int] = PROJECTOR, seen: str = ".wom-masthead", **more: Any) -> Any:
        context = browser.new_context(viewport=viewport, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.add(urlparse(request.url).hostname or ""))
        page.goto(address + query)
        page.wait_for_selector(seen)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert asked - {"", "127.0.0.1"} == set()
