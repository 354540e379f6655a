"""All that the application needs, made beforehand, so that it opens at once and without a network:

    python -m simulator.app.prepare [--json] [--language fr] [--workers 2]

compiles the rules, draws the social graphs of the bundled scenarios, computes the worlds of the pages that begin with many, and opens the
page once. What is there already is only looked at. Ended by Ctrl-C it keeps what is done. With --json every line is an object:
{"doing", "unit", "done", "total"} while it works, at last {"missing"}, a list of sentences.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import ProxyHandler, build_opener

from simulator.experiments.pool import Progress
from simulator.language import ENGLISH, LANGUAGES, N_, _, speak

STOPPED = 130
SERVER = "simulator.app.server"
PATIENCE = 60.0
"""Seconds that a server has to answer."""

SMALL = {"population.size": 400, "run.days": 35}
"""Of the markets that are run to compile the rules: every rule speaks in five weeks."""


class Step(NamedTuple):
    """do: called with where to tell (done, total) and the number of processes; says what is missing in the end."""

    doing: str
    unit: str
    do: Callable[[Progress, int | None], list[str]]


def compiled(tell: Progress, workers: int | None = None) -> list[str]:
    """Machine code of the rules, by the runs that need it."""
    from simulator.experiments.compare import compare
    from simulator.experiments.live import Happening, LiveRun
    from simulator.scenario.bundled import bundled
    from simulator.scenario.load import load_scenario

    scenarios = [load_scenario(path, SMALL) for path in sorted(bundled("three_eras").glob("*.toml"))]
    tell(0, len(scenarios) + 1)
    compare(scenarios, replicates=1, workers=1, progress=lambda done, total: tell(done, total + 1), doubt="luck")
    live = LiveRun(scenarios[0], 1)
    live.intervene(Happening("scandal", scenarios[0].focal, {"severity": 0.9}))
    live.go_to(SMALL["run.days"])
    tell(len(scenarios) + 1, len(scenarios) + 1)
    return []


def drawn(tell: Progress, workers: int | None = None) -> list[str]:
    """The social graphs of the bundled scenarios, as the pages draw them with the first seed."""
    from simulator.app.address import Address, scenario_names
    from simulator.app.cache import cache_folder
    from simulator.app.layout import drawing_of
    from simulator.model import social_graph
    from simulator.scenario.bundled import bundled
    from simulator.scenario.load import load_scenario

    names = scenario_names()
    for done, name in enumerate(names):
        tell(done, len(names))
        drawing_of(social_graph(load_scenario(bundled(name)), Address().seed))
    tell(len(names), len(names))
    if next(cache_folder().glob("layout-*.npy"), None) is None:
        return [_("{folder} cannot be written: graphs are drawn anew each time").format(folder=cache_folder())]
    return []


def worlds_of(page: str) -> Callable[[Progress, int | None], list[str]]:
    """The worlds that a page begins with."""

    def made(tell: Progress, workers: int | None = None) -> list[str]:
        worlds = importlib.import_module(f"simulator.app.{page}.worlds")
        if worlds.ready():
            worlds.prepare(progress=tell, workers=workers)
        missing: list[str] = worlds.ready()
        return missing

    return made


def opened(tell: Progress, workers: int | None = None) -> list[str]:
    """The page, fetched once from a server of its own, with every file that it names."""
    if importlib.util.find_spec("solara_assets") is None:
        return [_("the files of the page: install the package again, or pip install solara-assets")]
    tell(0, 1)
    with _server() as address:
        if not address:
            return [_("the server does not start (run.py app says why)")]
        missing, seen, waiting = [], set[str](), [address]
        while waiting:
            tell(len(seen), len(seen) + len(waiting))
            here = waiting.pop()
            seen.add(here)
            text = _fetched(here)
            if text is None:
                missing.append(_("a file of the page: {path}").format(path=urlsplit(here).path))
            else:
                waiting += sorted(set(_named(here, text)) - seen - set(waiting))
        tell(len(seen), len(seen))
    return missing


STEPS = (
    Step(N_("compiling the rules"), N_("runs"), compiled),
    Step(N_("drawing the social graphs"), N_("scenarios"), drawn),
    Step(N_("computing the worlds of the story"), N_("worlds"), worlds_of("story")),
    Step(N_("computing the bad days"), N_("worlds"), worlds_of("bad_day")),
    Step(N_("opening the page"), N_("files"), opened),
)


def prepare(tell: Callable[[str, str, int, int], None], workers: int | None = None, steps: tuple[Step, ...] = STEPS) -> list[str]:
    """All steps; sentences about what is missing. tell: (doing, unit, done, total). A step that breaks down does not end the others."""
    missing: list[str] = []
    for step in steps:
        doing, unit = _(step.doing), _(step.unit)

        def told(done: int, total: int, doing: str = doing, unit: str = unit) -> None:
            tell(doing, unit, done, total)

        try:
            missing += step.do(told, workers)
        except Exception as error:  # whatever it is, the others are still of use
            missing.append(f"{doing}: {type(error).__name__}: {error}")
    return missing


# -- the page --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _server() -> Iterator[str]:
    """A server of this application on a free port; its address, empty if it does not answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", SERVER, "--port", str(port), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    late = threading.Timer(PATIENCE, server.kill)
    late.start()
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        late.cancel()
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def _fetched(address: str) -> str | None:
    """The text behind an address of this machine; None if there is nothing."""
    try:
        with build_opener(ProxyHandler({})).open(address, timeout=PATIENCE) as answer:
            body: bytes = answer.read()
            return body.decode("utf-8", errors="replace") if _names_files(answer.headers.get_content_type()) else ""
    except (URLError, OSError):
        return None


def _names_files(kind: str) -> bool:
    return kind in ("text/html", "text/css")


def _named(here: str, text: str) -> list[str]:
    """The addresses of this server that a page or style sheet names."""
    if text.lstrip().startswith("<!"):
        found = re.findall(r"""(?:\s(?:src|href)=|^\s*)"(/[^"\s]+\.(?:js|css|png|svg)[^"\s]*)\"""", text, flags=re.MULTILINE)
    else:
        found = re.findall(r"""url\(["']?([^"')]+)["']?\)""", text)
    server = urlsplit(here).netloc
    whole = [urljoin(here, name).partition("#")[0] for name in found if not name.startswith(("data:", "#"))]
    return [address for address in whole if urlsplit(address).netloc == server]


# -- the command line ------------------------------------------------------------------------------------------------


def main() -> None:
    """Prepare, and end with 0 if nothing is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--language", choices=LANGUAGES, default=ENGLISH)
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    speak(given.language)
    said_at, said_of = 0.0, ""

    def tell(doing: str, unit: str, done: int, total: int) -> None:
        nonlocal said_at, said_of
        if given.json:
            print(json.dumps({"doing": doing, "unit": unit, "done": done, "total": total}), flush=True)
        elif done == total or doing != said_of or time.monotonic() - said_at > 5.0:
            said_at, said_of = time.monotonic(), doing
            print(f"{doing}: {done}/{total} {unit}", flush=True)

    try:
        missing = prepare(tell, given.workers)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    print(json.dumps({"missing": missing}) if given.json else "\n".join(missing) or _("ready, works offline"), flush=True)
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
