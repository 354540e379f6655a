"""The server of the application: `python -m simulator.app.server --port 8765`. It serves this machine and asks no other for anything.

Ended by Ctrl-C; prints the address when it answers.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import threading
import warnings
import webbrowser
from typing import Any

from simulator.language import ENGLISH, LANGUAGES

PAGES, MESA = "simulator.app.pages", "simulator.app.mesa_page"

HOST, PORT = "127.0.0.1", 8765

SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False", "SOLARA_THEME_VARIANT": "light", "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_TITLE": "World of Mouth", "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False", "SOLARA_KERNEL_CULL_TIMEOUT": "5m",
    "SOLARA_SESSION_HTTP_ONLY": "True", "SOLARA_SESSION_SAME_SITE": "lax", "SOLARA_MODE": "production", "SOLARA_CHECK_HOOKS": "off",
}  # fmt: skip
"""Of Solara, unless the environment says otherwise. A page that is gone is kept for so long: the network of a room is not perfect."""


def serve(host: str = HOST, port: int = PORT, *, browser: bool = True, mesa: bool = False, language: str = ENGLISH) -> None:
    """Serve until Ctrl-C. mesa: the model in Mesa's own application; language: of the page that opens."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    os.environ["SOLARA_APP"] = MESA if mesa else PAGES
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")  # Solara says so of every page that has no certificate
    _log_in_lines()
    import uvicorn
    from solara.server import settings
    from solara.server.starlette import app

    from simulator.app.guard import LARGEST_MESSAGE, Guard

    settings.main.mode, settings.main.root_path = "production", ""  # else the first request says where the page's files are
    config = uvicorn.Config(
        Guard(app, host, settings.assets.proxy_cache_dir), host=host, port=port, log_config=None, access_log=False, proxy_headers=False,
        server_header=False, ws_max_size=LARGEST_MESSAGE, ws_max_queue=8, timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    threading.Thread(target=_announce, args=(server, host, port, browser, language), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has closed everything before it raises it again
        server.run()


class _Line(logging.Formatter):
    """A line for each thing that went wrong; what Python was doing only for who asks for it."""

    def formatException(self, ei: Any) -> str:
        return super().formatException(ei) if os.environ.get("WORLD_OF_MOUTH_DEBUG") else ""

    def format(self, record: logging.LogRecord) -> str:
        said = super().format(record).rstrip()
        kind = record.exc_info[1] if record.exc_info else None
        return said if kind is None else f"{said} ({type(kind).__name__}: {kind})"


def _log_in_lines() -> None:
    """Warnings and errors of all packages, on the terminal of the server's owner."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Line("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _announce(server: Any, host: str, port: int, browser: bool, language: str) -> None:
    """Say where the page is as soon as it can be opened."""
    waiting = threading.Event()
    while not server.started:
        if server.should_exit:
            return
        waiting.wait(0.05)
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    if language != ENGLISH:
        address += f"/?language={language}"
    print(address, flush=True)
    if browser:
        webbrowser.open(address)


def main() -> None:
    """The command line of the server alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--mesa", action="store_true")
    parser.add_argument("--language", choices=LANGUAGES, default=ENGLISH)
    given = parser.parse_args()
    serve(given.host, given.port, browser=not given.no_browser, mesa=given.mesa, language=given.language)


if __name__ == "__main__":
    main()
