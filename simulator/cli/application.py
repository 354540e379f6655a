"""The command that opens the application. It starts the server by its name: command line and application never import each other."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from simulator.cli.commands import app
from simulator.cli.processes import ended, started
from simulator.cli.speaking import FAILED, answering, say

SERVER = "simulator.app.server"
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="where it listens")]
Host = Annotated[str, typer.Option("--host", help="which address it listens on; 0.0.0.0 opens it to everybody in the network")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="do not open a browser")]
Mesa = Annotated[bool, typer.Option("--mesa", help="the model in Mesa's own application")]


@app.command("app")
def open_application(port: Port = 8765, host: Host = "127.0.0.1", no_browser: NoBrowser = False, mesa: Mesa = False) -> None:
    """Open the application in a browser. Ctrl-C ends it."""
    with answering():
        _refuse_without_assets()
        _refuse_if_taken(host, port)
        words = ["--host", host, "--port", str(port), *["--no-browser"] * no_browser, *["--mesa"] * mesa]
        server = started(SERVER, *words)
        try:
            code = server.wait()
        except KeyboardInterrupt:  # the terminal has told the server as well
            code = ended(server)
            say("stopped")
        if code not in (0, -signal.SIGINT, -signal.SIGTERM, 130):
            raise typer.Exit(FAILED)


def _refuse_without_assets() -> None:
    """The page's own files come from a package: without them they would be fetched from the network, or be missing."""
    import importlib.util

    from simulator.parameters import InputError

    if importlib.util.find_spec("solara_assets") is None:
        raise InputError("the files of the page are missing: pip install solara-assets")


def _refuse_if_taken(host: str, port: int) -> None:
    """A sentence where the address cannot be listened on."""
    import socket

    from simulator.parameters import InputError

    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise InputError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; allowed: a free port, such as --port {port + 1}"
        ) from None
