"""Who means ill, or only has a bad network: a clear answer or none, never a traceback, a hang, or another visitor's harm."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

import pytest

from tests.browser.visiting import PROJECTOR, end, picture, started

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]

PLACES = 8
GONE = 10.0
"""Seconds after which this server lets go of a page that is gone; in life it is five minutes."""

HOOK = """
window.sockets = []; window.cut = false;
const Real = WebSocket;
window.WebSocket = class extends Real {
  constructor(address, ...more) { super(window.cut ? "ws://127.0.0.1:9/" : address, ...more); window.sockets.push(this); }
};
"""
"""Keeps the connections of a page, so that tests can cut them or speak through them."""

CAPTURED = """() => { window.heard = []; for (const each of window.sockets) each.addEventListener("message", (event) => {
  try { const said = JSON.parse(event.data); if (said.content && said.content.comm_id) window.heard.push(said.content.comm_id); } catch {}
}); }"""


NONSENSE_FOR_WIDGETS = """() => {
  const values = [null, -1, 1e308, "x".repeat(9000), [], {}, {kind: "seek", value: 1e300}, {kind: "seek", value: -5},
    {kind: "look", value: 1e9}, {kind: "speed", value: "fast"}, {kind: "brand", value: [[]]}, {kind: {}},
    {kind: "submit", value: {severity: "<script>"}}, {kind: "view", value: {"a": 1}}];
  let k = 0;
  for (const id of new Set(window.heard)) for (const value of values) for (const data of [
      {method: "custom", content: value}, {method: "update", state: {frame: value, status: value, brands: value, nothing: value}},
      {method: "update", state: value}, {method: value}, {method: "backbone", sync_data: value}, value])
    window.sockets.at(-1).send(JSON.stringify({channel: "shell", parent_header: {}, metadata: {}, content: {comm_id: id, data},
      header: {msg_id: `n${k++}`, msg_type: "comm_msg", username: "", session: "s", version: "5.3", date: new Date().toISOString()}}));
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, cache: Path, browser: Any) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    log = tmp_path_factory.mktemp("hostile") / "errors"
    with log.open("w") as errors:
        server, address = started(cache, places=PLACES, errors=errors, SOLARA_KERNEL_CULL_TIMEOUT=f"{GONE:.0f}s")
        yield server, address, log
        end(server)
    assert "Traceback" not in log.read_text()


@pytest.fixture
def address(served: tuple[subprocess.Popen[str], str, Path]) -> Iterator[str]:
    """Whatever a test does, the server answers after it."""
    yield served[1]
    assert status(served[1]) == 200


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens a page of a visitor; `beside` another page it is a tab of the same browser."""
    contexts: list[Any] = []

    def opened(path: str = "/live", seen: str = ".wom-stage[data-frame]", beside: Any = None) -> Any:
        context = beside.context if beside else browser.new_context(viewport=PROJECTOR)
        contexts.append(context)
        made = context.new_page()
        made.set_default_timeout(30_000)
        made.add_init_script(HOOK)
        made.goto(address + path)
        made.wait_for_selector(seen)
        return made

    yield opened
    for context in dict.fromkeys(contexts):
        context.close()


def status(address: str, **headers: str) -> int:
    try:
        with urlopen(Request(address, headers={name.replace("_", "-"): value for name, value in headers.items()}), timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def connected(address: str, **more: Any) -> Any:
    """A connection as pages have it, of a visitor of its own."""
    websockets = pytest.importorskip("websockets.sync.client")
    where = f"ws://{urlparse(address).netloc}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"
    headers = {"Cookie": f"solara-session-id={uuid.uuid4()}"} | more.pop("additional_headers", {})
    return websockets.connect(where, additional_headers=headers, max_size=None, proxy=None, **more)


def memory(server: subprocess.Popen[str]) -> float:
    """Megabytes."""
    psutil = pytest.importorskip("psutil")
    return float(psutil.Process(server.pid).memory_info().rss) / 1e6


def day(page: Any) -> int:
    return int(page.get_attribute(".wom-stage", "data-day"))


def plays(page: Any) -> None:
    """The run of this page goes on within three seconds."""
    page.wait_for_function("day => Number(document.querySelector('.wom-stage').dataset.day) > day", arg=day(page), timeout=3000)


def play(page: Any) -> None:
    page.focus(".wom-canvas")
    page.keyboard.press("Space")
    page.wait_for_selector(".wom-stage[data-playing=true]")


# -- at the door ---------------------------------------------------------------------------------------------------------


def test_a_page_of_another_site_can_neither_read_nor_connect_nor_frame_ours(address: str) -> None:
    from websockets.exceptions import InvalidStatus

    here = urlparse(address).netloc
    assert status(address, Origin="http://evil.example") == 403
    assert status(address, Host="evil.example") == 421  # a name that was made to point to this machine
    assert status(address, Origin=f"http://{here}") == 200
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": f"http://{here}.evil.example"}):
        with pytest.raises(InvalidStatus):
            connected(address, additional_headers=headers)
    with urlopen(address) as answer:
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_headers_of_a_proxy_move_nobodys_files(address: str) -> None:
    for name in ("Script_Name", "X_Script_Name", "X_Forwarded_Host", "X_Forwarded_Proto"):
        assert status(address, **{name: "//evil.example"}) == 200
    with urlopen(address) as answer:
        assert b"evil.example" not in answer.read()


@pytest.mark.parametrize(
    "path",
    ["/resourcez", "/_solara/cdn/left-pad@1.3.0/index.js", "/static/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
     "/_solara/cdn/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd", "/jupyter/nbextensions/..%2f..%2f..%2fetc/passwd",
     "/<script>alert(1)</script>"],
)  # fmt: skip
def test_there_is_no_such_page(path: str, address: str) -> None:
    assert status(address + path.replace("<", "%3C").replace(">", "%3E")) == 404


def test_a_browser_that_asks_for_widgets_too_early_gets_them(address: str) -> None:
    assert status(f"{address}/jupyter/anywidget.js") == status(f"{address}/jupyter/nbextensions/anywidget/index.js") == 200


def test_a_request_of_100_megabytes_is_refused_at_its_first_line(address: str) -> None:
    assert status(address, Content_Length=str(10**8)) == 413


NONSENSE_IN_THE_ADDRESS = [
    "?scenario=%3Cimg%20src%3Dx%20onerror%3D%22window.evil%3D1%22%3E&seed=1", "?scenario=../../../../etc/passwd",
    "?scenario=/etc/passwd&seed=%00", "?seed=99999999999999999999999&language=%3Cscript%3Ewindow.evil%3D1%3C/script%3E",
    "?" + "scenario=a&" * 150, "?scenario=three_eras%2F..%2F..%2Fbase%2Fmarket",
]  # fmt: skip


def test_nonsense_in_the_address_opens_the_first_world(address: str, page: Callable[..., Any]) -> None:
    opened = page("/live")
    for query in NONSENSE_IN_THE_ADDRESS:
        opened.goto(f"{address}/live{query}")
        opened.wait_for_selector(".wom-stage[data-frame]")
        assert opened.evaluate("window.evil") is None
        assert "scenario=three_eras/interruption&" in opened.url


# -- too much of it ------------------------------------------------------------------------------------------------------


def test_a_message_of_100_megabytes_ends_its_own_connection_and_no_other(
    served: tuple[subprocess.Popen[str], str, Path], page: Callable[..., Any]
) -> None:
    from websockets.exceptions import ConnectionClosed

    other = page()
    play(other)
    before = memory(served[0])
    with pytest.raises((ConnectionClosed, OSError)), connected(served[1]) as ill:
        ill.send("x" * 10**8)
        ill.recv(timeout=20)
    plays(other)
    assert memory(served[0]) - before < 60.0


def said(kind: str, **content: Any) -> str:
    """A message as pages send them."""
    return json.dumps({"header": {"msg_type": kind}, "channel": "shell", "content": content})


NONSENSE = [
    "", "{", "[]", "null", '"', "{}", '{"header": 7}', "[" * 100_000, said("comm_open"), said("execute_request"),
    said("comm_msg", comm_id="nobody", data={}), b"", b"\xff" * 9, b"\x00\x00\x00\x02" * 40,
    b"\x7f\xff\xff\xff",  # says that it has two thousand million parts
]  # fmt: skip


def test_nonsense_on_a_connection_is_passed_over_or_ends_it(address: str, page: Callable[..., Any]) -> None:
    from websockets.exceptions import ConnectionClosed

    other = page()
    play(other)
    for nonsense in NONSENSE:
        with connected(address) as ill:
            ill.send(nonsense)
            with contextlib.suppress(TimeoutError, ConnectionClosed):
                ill.recv(timeout=0.3)
    plays(other)


def test_nonsense_to_the_widgets_of_ones_own_page_harms_nobody(page: Callable[..., Any]) -> None:
    other, ill = page(), page()
    play(other)
    ill.evaluate(CAPTURED)
    play(ill)
    plays(ill)
    ill.evaluate(NONSENSE_FOR_WIDGETS)
    plays(other)
    ill.reload()
    ill.wait_for_selector(".wom-stage[data-frame]")


def answered_in(page: Any) -> float:
    """Seconds until play or pause has reached the run and come back: the slowest of four times."""
    slowest = 0.0
    for _ in range(4):
        before, since = page.get_attribute(".wom-stage", "data-playing"), time.monotonic()
        frame = page.get_attribute(".wom-stage", "data-frame")
        page.keyboard.press("Space")
        page.wait_for_function(
            """([playing, frame]) => { const now = document.querySelector('.wom-stage').dataset;
                return now.playing !== playing && now.frame !== frame; }""",
            arg=[before, frame],
        )
        slowest = max(slowest, time.monotonic() - since)
        page.wait_for_timeout(500)
    return slowest


def test_500_clicks_a_second_keep_nobody_waiting(page: Callable[..., Any]) -> None:
    other, ill = page(), page()
    play(other)
    calm = answered_in(other)
    ill.evaluate("""() => { window.clicks = 0; const places = [...document.querySelectorAll(".wom-transport button")];
      window.clicking = setInterval(() => { for (let k = 0; k < 10; k++) places[window.clicks++ % 4].click(); }, 20); }""")
    ill.wait_for_function("() => window.clicks > 500")
    busy = answered_in(other)
    ill.evaluate("() => clearInterval(window.clicking)")
    assert busy < 3.0 + calm  # beside other tests, on two processors; .3 where nothing else runs
    ill.goto(ill.url.replace("seed=1", "seed=2"))
    ill.wait_for_selector(".wom-stage[data-frame]")


# -- connections that break ----------------------------------------------------------------------------------------------


def test_a_run_goes_on_after_the_connection_was_cut(page: Callable[..., Any]) -> None:
    one = page()
    play(one)
    plays(one)
    one.evaluate("() => { window.cut = true; window.sockets.forEach((each) => each.close()); }")
    one.get_by_text("The connection is lost").wait_for()
    here = day(one)
    picture(one, "disconnected")
    one.evaluate("() => { window.cut = false; }")
    one.get_by_text("The connection is lost").wait_for(state="hidden")
    one.wait_for_function("day => Number(document.querySelector('.wom-stage').dataset.day) > day", arg=here, timeout=15_000)


def test_after_too_long_a_break_the_page_says_what_to_do_and_opens_the_same_world(page: Callable[..., Any]) -> None:
    one = page("/live?seed=5")
    one.evaluate("() => { window.cut = true; window.sockets.forEach((each) => each.close()); }")
    one.wait_for_timeout(1000 * (GONE + 2.0))
    one.evaluate("() => { window.cut = false; }")
    one.get_by_role("button", name="Open it again").wait_for()
    picture(one, "too_late")
    one.get_by_role("button", name="Open it again").click()
    one.wait_for_selector(".wom-stage[data-frame]")
    assert "seed=5" in one.url


def test_one_browser_with_many_tabs_leaves_places_to_others(page: Callable[..., Any]) -> None:
    light = {"path": "/compare", "seen": ".wom-compare-go"}
    tabs = [page(**light)]
    tabs += [page(beside=tabs[0], **light) for _ in range(5)]
    late = page("/compare", seen=".wom-waiting-card", beside=tabs[0])
    assert "This browser has 6 pages open" in late.inner_text(".wom-waiting-card")
    picture(late, "many_tabs")
    page()
    tabs[-1].close()
    late.wait_for_selector(".wom-compare-go")


@pytest.mark.long
def test_pages_left_without_a_word_are_let_go(served: tuple[subprocess.Popen[str], str, Path], page: Callable[..., Any]) -> None:
    """Twice the places, one after another: the last gets in only because the first were let go, and memory does not grow with them."""
    resident = []
    for _ in range(2):
        opened = [page(f"/live?seed={seed}") for seed in range(PLACES)]
        for one in opened:
            one.evaluate("() => { navigator.sendBeacon = () => true; window.cut = true; window.sockets.forEach((each) => each.close()); }")
        time.sleep(GONE + 4.0)
        resident.append(memory(served[0]))
    assert resident[1] - resident[0] < 5.0 * PLACES
