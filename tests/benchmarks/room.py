"""A room full of people: so many real browser sessions at once on one server, each playing a market of its own.

python -m tests.benchmarks.room [--sessions 20] [--minutes 5] [--size 1000] [--speed 15]     (needs playwright, chromium and psutil)

Prints one JSON line: errors; days shown a second in each session; megabytes of the server at the start, when all are in, in the middle, at
the end, and when all have left; whether each page shows the figures of its own seed; how long the next visitor waited after one had left.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from simulator import Scenario, load_scenario, simulate
from simulator.scenario.bundled import bundled
from tests.benchmarks.market import ROOT, machine

SCENARIO = "three_eras/interaction"

PLAYS = """speed => {
  const stage = document.querySelector(".wom-stage"), press = (name) => document.querySelectorAll(".wom-transport button")[name].click();
  const wanted = [...document.querySelectorAll(".wom-transport button")].find((each) => each.textContent.trim().startsWith(`${speed}`));
  wanted?.click();
  window.shown = 0;
  let before = Number(stage.dataset.day);
  new MutationObserver(() => {
    const day = Number(stage.dataset.day);
    if (day > before) window.shown += 1;
    before = day;
  }).observe(stage, { attributes: true, attributeFilter: ["data-day"] });
  window.again = setInterval(() => {
    if (stage.dataset.playing === "true") return;
    press(Number(stage.dataset.day) > 0 ? 0 : 1);
  }, 1000);
}"""
"""Play, and begin again at the end; counts the days that the page has shown."""

STANDS = """() => { clearInterval(window.again); const stage = document.querySelector(".wom-stage");
  if (stage.dataset.playing === "true") document.querySelectorAll(".wom-transport button")[1].click(); }"""


def market(size: int) -> Scenario:
    """What all sessions play."""
    return load_scenario(bundled(SCENARIO)).override({"population.size": size})


def serve(port: int, size: int) -> None:
    """The application, with markets of this size."""
    from simulator.app import server
    from simulator.app.live import desk

    desk.load_scenario = lambda path: load_scenario(path).override({"population.size": size})  # type: ignore[assignment]
    server.serve(port=port, browser=False)


def started(size: int, sessions: int, log: Path) -> tuple[subprocess.Popen[str], str]:
    """A server that has as many places as there are sessions."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.benchmarks.room", "--serve", str(port), "--size", str(size)]
    environment = {"MALLOC_ARENA_MAX": "2"} | os.environ | {"WORLD_OF_MOUTH_VISITORS": str(sessions), "PYTHONPATH": str(ROOT)}
    with log.open("w") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=ROOT)
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


def measured(sessions: int, minutes: float, size: int, speed: int) -> dict[str, Any]:
    """What the module says."""
    import psutil
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import BROWSER, SWITCHES

    log = Path(tempfile.mkstemp()[1])
    server, address = started(size, sessions, log)
    process = psutil.Process(server.pid)
    found: dict[str, Any] = {"benchmark": "room", "sessions": sessions, "minutes": minutes, "size": size, "speed": speed} | machine()
    errors: list[str] = []
    memory: dict[str, float] = {}

    def weigh(when: str) -> None:
        memory[when] = round(process.memory_info().rss / 1e6, 1)

    def opened(browser: Any, seed: int, seen: str) -> Any:
        page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        page.set_default_timeout(120_000)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/live?scenario={SCENARIO}&seed={seed}")
        page.wait_for_selector(seen)
        return page

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=SWITCHES)
            opened(browser, 1, ".wom-stage[data-frame]").context.close()  # the first one compiles and draws
            time.sleep(5.0)
            weigh("start")
            pages = [opened(browser, seed, ".wom-stage[data-frame]") for seed in range(1, sessions + 1)]
            weigh("all_in")
            for page in pages:
                page.evaluate(PLAYS, speed)
            since = time.perf_counter()
            _sleep(pages, since + 30.0 * minutes)
            weigh("middle")
            _sleep(pages, since + 60.0 * minutes)
            took = time.perf_counter() - since
            shown = [page.evaluate("window.shown") / took for page in pages]
            weigh("end")
            for page in pages:
                page.evaluate(STANDS)
            own = [_figures_are_its_own(page, size, seed) for seed, page in enumerate(pages, 1)]
            late = opened(browser, sessions + 1, ".wom-waiting-card")
            pages[0].context.close()
            since = time.perf_counter()
            late.wait_for_selector(".wom-stage[data-frame]")
            found["next_waited_seconds"] = round(time.perf_counter() - since, 1)
            for page in [*pages[1:], late]:
                page.context.close()
            time.sleep(10.0)
            weigh("all_left")
            browser.close()
    finally:
        server.terminate()
        server.wait(30)
    said = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    log.unlink()
    return found | {
        "errors": errors[:5], "error_count": len(errors), "server_said": said[:5], "own_figures": sum(own),
        "days_per_second": {"min": round(min(shown), 2), "median": round(statistics.median(shown), 2), "max": round(max(shown), 2)},
        "megabytes": memory, "megabytes_per_session": round((memory["end"] - memory["start"]) / sessions, 1),
    }  # fmt: skip


def _sleep(pages: list[Any], until: float) -> None:
    """Until then, letting the pages' messages through."""
    while (left := until - time.perf_counter()) > 0:
        pages[0].wait_for_timeout(min(1000.0, 1000.0 * left))


def _figures_are_its_own(page: Any, size: int, seed: int) -> bool:
    """Whether the units of each brand on the page are those that its seed leads to."""
    page.wait_for_selector(".wom-stage[data-playing=false]")
    page.wait_for_timeout(500)
    page.click("[data-id=table]")
    page.wait_for_selector(".wom-body .wom-table td", state="attached")
    page.wait_for_timeout(500)
    shown, day = page.inner_text(".wom-body .wom-table"), int(page.get_attribute(".wom-stage", "data-day"))
    if day == 0:
        return True
    daily = simulate(market(size), seed=seed, until=day).daily
    return all(f"{units:,.0f}" in shown for units in daily.groupby("brand")["units"].sum())


def main() -> None:
    """The benchmark, or its server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--speed", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="three sessions for twelve seconds")
    parser.add_argument("--serve", type=int, metavar="PORT", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.size)
        return
    sessions, minutes = (3, 0.2) if given.quick else (given.sessions, given.minutes)
    print(json.dumps(measured(sessions, minutes, given.size, given.speed)))


if __name__ == "__main__":
    main()
