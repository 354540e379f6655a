"""Who is let in to the application, and what a page may load."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from simulator.app.guard import LARGEST_BODY, MOST_OPEN, Guard, Message, _paced, names_of

FILE = "/_solara/cdn/app@1.0.0/page.js"


class Behind:
    """An application that takes whatever it is sent."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []
        self.heard: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            self.heard.append(await receive())
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def guard(behind: Behind, tmp_path: Path) -> Guard:
    (tmp_path / "app@1.0.0").mkdir()
    (tmp_path / "app@1.0.0" / "page.js").touch()
    return Guard(behind, "127.0.0.1", tmp_path)


def asked(guard: Guard, path: str = "/", kind: str = "http", message: Any = None, **headers: str) -> list[Any]:
    """What is sent in answer."""
    given = {"host": "127.0.0.1:8765"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {"type": kind, "path": path, "headers": [(name.encode(), value.encode()) for name, value in given.items()]}
    sent: list[Any] = []

    async def receive() -> Any:
        return message

    async def send(answer: Any) -> None:
        sent.append(answer)

    asyncio.run(guard(scope, receive, send))
    return sent


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "[::1]:8765", "localhost:8765", "LOCALHOST", "192.168.1.20:8765"])
def test_this_machine_is_known_by_its_numbers_and_its_own_names(host: str, guard: Guard) -> None:
    assert asked(guard, host=host)[0]["status"] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "evil.example:8765"])
def test_a_name_of_somebody_else_is_refused(host: str, guard: Guard, behind: Behind) -> None:
    assert asked(guard, host=host)[0]["status"] == 421
    assert asked(guard, kind="websocket", host=host) == [{"type": "websocket.close", "code": 1008}]
    assert behind.scopes == []


def test_more_names_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_OF_MOUTH_NAMES", "Workshop.example, laptop.lan,")
    assert {"workshop.example", "laptop.lan", "localhost", "0.0.0.0"} <= names_of("0.0.0.0")
    assert "" not in names_of("127.0.0.1")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1:8765.evil.example"])
def test_what_pages_of_other_sites_send_is_refused(origin: str, guard: Guard) -> None:
    assert asked(guard, origin=origin)[0]["status"] == 403
    assert asked(guard, kind="websocket", origin=origin)[0]["type"] == "websocket.close"
    assert asked(guard, origin="http://127.0.0.1:8765")[0]["status"] == 200


def test_files_that_are_not_here_are_missing_and_not_fetched(guard: Guard) -> None:
    assert asked(guard, FILE)[0]["status"] == 200
    for path in ("/_solara/cdn/other@1.0.0/page.js", "/_solara/cdn/../secret", "/_solara/cdn/%2e%2e/secret", "/_solara/cdn/", "/resourcez"):
        assert asked(guard, path)[0]["status"] == 404


@pytest.mark.parametrize(
    ("length", "status"), [("0", 200), (str(LARGEST_BODY), 200), (str(LARGEST_BODY + 1), 413), ("9" * 30, 413), ("x", 413)]
)
def test_large_requests_are_refused_by_their_announcement(length: str, status: int, guard: Guard) -> None:
    assert asked(guard, content_length=length)[0]["status"] == status


def test_headers_of_proxies_are_taken_away(guard: Guard, behind: Behind) -> None:
    asked(guard, script_name="//evil.example", x_forwarded_host="evil.example", accept="*/*")
    assert [name for name, value in behind.scopes[0]["headers"]] == [b"host", b"accept"]


def test_a_widget_that_is_asked_for_too_early_is_found(guard: Guard, behind: Behind) -> None:
    asked(guard, "/jupyter/anywidget.js")
    assert behind.scopes[0]["path"] == "/jupyter/nbextensions/anywidget/index.js"


def test_every_page_says_that_nothing_comes_from_elsewhere(guard: Guard) -> None:
    headers = dict(asked(guard)[0]["headers"])
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy and "ws://127.0.0.1:8765" in policy and "frame-ancestors 'none'" in policy
    assert "http:" not in policy and "https:" not in policy and "*" not in policy
    assert headers[b"x-frame-options"] == b"DENY" and headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize("content", [b"", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00", b"\x00\x00\x00\x05" + bytes(8)])
def test_a_message_with_more_parts_than_bytes_is_not_passed_on(content: bytes, guard: Guard, behind: Behind) -> None:
    """Making room for as many parts as are announced would stop the whole server for seconds."""
    asked(guard, kind="websocket", message={"type": "websocket.receive", "bytes": content})
    assert behind.heard == []
    asked(guard, kind="websocket", message={"type": "websocket.receive", "bytes": b"\x00\x00\x00\x01" + bytes(4) + b"{}"})
    asked(guard, kind="websocket", message={"type": "websocket.receive", "text": "{}"})
    assert len(behind.heard) == 2


def test_a_connection_that_breaks_down_ends_alone_and_frees_its_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        raise ExceptionGroup("several", [ValueError("nonsense\nof two lines")])

    guard = Guard(breaks, "127.0.0.1", tmp_path)
    for _ in range(MOST_OPEN + 1):
        assert asked(guard, kind="websocket") == []
    assert "ValueError: nonsense of two lines" in caplog.text and "Traceback" not in caplog.text


def test_there_are_only_so_many_connections(guard: Guard) -> None:
    guard._open = MOST_OPEN
    assert asked(guard, kind="websocket")[0]["type"] == "websocket.close"
    assert asked(guard)[0]["status"] == 200


def test_who_sends_too_much_is_heard_more_slowly_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.app.guard.AT_ONCE", 5.0)
    monkeypatch.setattr("simulator.app.guard.MOST_MESSAGES", 100.0)
    numbers = iter(range(25))

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": str(next(numbers))}

    async def all_of_them() -> list[str]:
        paced = _paced(receive)
        return [(await paced())["text"] for _ in range(25)]

    began = time.monotonic()
    assert asyncio.run(all_of_them()) == [str(number) for number in range(25)]
    assert 0.15 < time.monotonic() - began < 5.0  # 20 beyond the first five, at 100 a second
