"""What stands between the network and the application: who may ask, for what, how much, and what a page may load.

A page of another site must not drive a visitor's local application. So the address must be this machine's (a name that somebody else made
point here, "DNS rebinding", is refused) and whatever a browser sends must come from a page of ours. Nothing is fetched from other machines
on behalf of a page: files that are not here are missing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_OPEN = 256
"""Connections of pages at once, of those who are in and those who wait; each costs a thread."""

LARGEST_BODY = 65_536
"""Bytes of a request: pages send what they have to say over their connection, which has a limit of its own."""

LARGEST_MESSAGE = 2**22
"""Bytes of a message of a page; uploads come in pieces of a quarter of that."""

MOST_MESSAGES, AT_ONCE = 150.0, 600.0
"""Of a page, a second and in one go: far more than playing at full speed needs. Who sends more is heard more slowly; nobody else is."""

FILES = "/_solara/cdn/"
"""Where pages ask for their own files; Solara fetches what it lacks from the network."""

HIDDEN = ("/resourcez",)
"""How busy the machine is, is nobody's business."""

EARLY = {"/jupyter/anywidget.js": "/jupyter/nbextensions/anywidget/index.js"}
"""A slow browser may ask for a widget before Solara has told it where widgets are: here is where."""

FORGED = (b"script-name", b"x-script-name", b"forwarded", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix")
"""Of proxies, which there are none of: Solara takes from them where its files are, for everybody."""

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob: data: ws://{host} wss://{host}; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-src 'self' blob:; frame-ancestors 'none'"
)
"""What a page may load: Vue compiles its templates in the page, and widgets come as blobs; nothing comes from elsewhere."""

HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}  # fmt: skip

log = logging.getLogger(__name__)


class Guard:
    """An ASGI application around another one. host: where it listens; files: the folder of the page's own files."""

    def __init__(self, application: Application, host: str, files: Path) -> None:
        self._application, self._files = application, files
        self._names = names_of(host)
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or turn away with a sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        refusal = self._refusal(scope, headers, host)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
            return
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in FORGED]
        if scope["path"] in EARLY:
            scope["path"] = EARLY[scope["path"]]
            scope["raw_path"] = scope["path"].encode("ascii")
        if scope["type"] == "http":
            await self._application(scope, receive, _with_headers(send, host))
        else:
            await self._connect(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes], host: str) -> tuple[int, str] | None:
        """The status and the sentence, if this request is turned away."""
        if not self._is_ours(host):
            return 421, "This server does not go by that name: use the address that it printed when it started."
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and origin.lower().partition("://")[2] != host.lower():
            return 403, "Pages of other sites may not use this one."
        if not _small(headers):
            return 413, "That is more than this server takes."
        path = scope["path"]
        if path in HIDDEN or (path.startswith(FILES) and not self._is_here(path.removeprefix(FILES))):
            return 404, "There is no such page."
        if scope["type"] == "websocket" and self._open >= MOST_OPEN:
            return 503, "Too many pages are open."
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether a Host header names this machine. A number always does: only names can be made to point to others."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        try:
            ipaddress.ip_address(name.partition("%")[0])
        except ValueError:
            return name.rstrip(".").lower() in self._names
        return True

    def _is_here(self, path: str) -> bool:
        """Whether a file of the page lies in its folder."""
        wanted = Path(os.path.normpath(self._files / unquote(path)))
        return wanted.is_relative_to(self._files) and wanted.is_file()

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The connection of a page: whatever goes wrong ends this connection, with a line for the server's owner."""
        self._open += 1
        try:
            await self._application(scope, _sensible(_paced(receive)), send)
        except Exception as error:  # a message that makes no sense, from a page that is not ours
            log.warning("a page sent what it should not have, and was cut off: %s", _first(error))
        finally:
            self._open -= 1


def _sensible(receive: Receive) -> Receive:
    """Binary messages begin with the number of their parts and where each begins; Solara makes room for whatever number is said."""

    async def received() -> Message:
        message = await receive()
        content = message.get("bytes")
        if content is not None and not 8 <= 4 * (int.from_bytes(content[:4], "big") + 1) <= len(content):
            raise ValueError("a binary message with more parts than it has bytes")
        return message

    return received


def _paced(receive: Receive) -> Receive:
    """A bucket of AT_ONCE messages, filled again by MOST_MESSAGES a second; what is still to be read waits in the visitor's own line."""
    left, since = AT_ONCE, time.monotonic()

    async def received() -> Message:
        nonlocal left, since
        now = time.monotonic()
        left, since = min(AT_ONCE, left + (now - since) * MOST_MESSAGES) - 1.0, now
        if left < 0.0:
            await asyncio.sleep(-left / MOST_MESSAGES)
        return await receive()

    return received


def names_of(host: str) -> frozenset[str]:
    """By which names a server may be called: this machine's, and those of WORLD_OF_MOUTH_NAMES, separated by commas."""
    here = socket.gethostname().lower()
    given = os.environ.get("WORLD_OF_MOUTH_NAMES", "").lower().split(",")
    return frozenset({"localhost", host.lower(), here, f"{here.partition('.')[0]}.local", *(name.strip() for name in given)} - {""})


def _small(headers: dict[bytes, bytes]) -> bool:
    length = headers.get(b"content-length", b"0").decode("latin-1").strip()
    return length.isascii() and length.isdecimal() and len(length) < 10 and int(length) <= LARGEST_BODY


def _first(error: BaseException) -> str:
    """What went wrong in one line: the first one of a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"[:200].replace("\n", " ")


def _with_headers(send: Send, host: str) -> Send:
    """Adds to a response what a page may do."""
    more = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    more.append((b"content-security-policy", POLICY.format(host=host).encode("latin-1")))

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *more]
        await send(message)

    return sent


async def _refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = f"{sentence}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
