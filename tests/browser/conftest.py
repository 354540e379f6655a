"""The browser that pages are opened in, and visits to a server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
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


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What servers keep of graphs and worlds: empty at first, and then one for all."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def address(cache: Path, browser: Any) -> Iterator[str]:
    server, address = started(cache, SOLARA_KERNEL_CULL_TIMEOUT="5s")  # places are few, and closing is not always heard
    yield address
    end(server)


@pytest.fixture(scope="module")
def returning(browser: Any) -> Iterator[Any]:
    """A browser that has been here before and has kept what it fetched: half as much work for the processor."""
    context = browser.new_context(viewport=PROJECTOR)
    yield context
    context.close()


@pytest.fixture
def visit(browser: Any, address: str, returning: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page; at the end nothing may have been complained about, and nothing asked of another host."""
    contexts: list[Any] = []
    complaints: list[str] = []
    asked: set[str] = set()

    def opened(query: str = "", viewport: dict[str, int] = PROJECTOR, seen: str = ".wom-masthead", **more: Any) -> Any:
        plain = viewport == PROJECTOR and not more and not contexts
        context = returning if plain else browser.new_context(viewport=viewport, **more)
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
    for page in returning.pages:
        page.close()
    returning.clear_cookies()  # another visitor
    for context in contexts:
        if context is not returning:
            context.close()
    assert complaints == []
    assert asked - {"", "127.0.0.1"} == set()
