"""What a background process does: `python -m simulator.app.compare.work`, started and ended by `job.Job`.

It takes one pickled task from standard input and answers with pickled messages on standard output. It runs on one thread, behind
everybody else, writes no file, and ends at once when its input ends: that is how it notices that the server is gone.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import sys
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.experiments.pool import THREAD_LIMITS, described
from simulator.language import LANGUAGES, _, number, speak, speaking
from simulator.parameters import InputError
from simulator.scenario.load import load_text
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Scenario

MOST_MEMORY = 3_000_000_000
"""Bytes of a background process, where the system can say so."""

MOST_PROBLEMS = 40
"""That a page shows."""

SOURCE_WIDTH = 160
"""Letters of a line that a page shows."""

Say = Callable[..., None]


@dataclass(frozen=True)
class Reading:
    """A file to be read: its name, its bytes. Answered by ("scenario", Scenario) or ("problems", [Wrong])."""

    name: str
    raw: bytes
    language: str


@dataclass(frozen=True)
class Wrong:
    """A problem of an uploaded file, with the line it speaks of."""

    line: int  # 0: of the file as a whole
    source: str
    key: str
    text: str


@dataclass(frozen=True)
class Comparing:
    """Scenarios to compare. Answered by ("progress", done, total) again and again, ("papers", {language: paper}), and
    ("files", language, html, zip) for each language.
    """

    scenarios: tuple[Scenario, ...]
    names: tuple[str, ...]
    replicates: int
    seed: int
    doubt: str
    title: str
    language: str


def read(task: Reading, say: Say) -> None:
    """Read an uploaded file."""
    from simulator.app.compare.limits import MOST_CONSUMERS, refused

    try:
        scenario = load_text(task.raw, task.name)
    except ScenarioError as error:
        lines = task.raw.decode("utf-8", "replace").splitlines()
        found = []
        for problem in error.problems[:MOST_PROBLEMS]:
            own = problem.file == task.name and 0 < problem.line <= len(lines)
            text = problem.text
            if problem.key == "population.size":
                text += " (" + _("this page: at most {most}").format(most=number(MOST_CONSUMERS)) + ")"
            found.append(Wrong(problem.line if own else 0, lines[problem.line - 1][:SOURCE_WIDTH] if own else "", problem.key, text))
        more = len(error.problems) - MOST_PROBLEMS
        if more > 0:
            found.append(Wrong(0, "", "", _("and {n} more").format(n=number(more))))
        say("problems", found)
        return
    sentence = refused(scenario)
    say("problems", [Wrong(0, "", "", sentence)]) if sentence else say("scenario", scenario)


def run(task: Comparing, say: Say) -> None:
    """Run a comparison and say what it found, in every language."""
    from simulator.app.compare.paper import paper
    from simulator.experiments.compare import compare

    result = compare(
        task.scenarios, task.replicates, task.seed, 1, task.names, lambda done, total: say("progress", done, total), doubt=task.doubt
    )
    papers = {}
    for language in LANGUAGES:
        with speaking(language):
            papers[language] = paper(result)
    say("papers", papers)
    for language in sorted(LANGUAGES, key=lambda each: each != task.language):
        with speaking(language):
            say("files", language, *downloads(result, task.title))


def downloads(comparison: Any, title: str) -> tuple[bytes, bytes]:
    """The report and an archive of its tables, in the language spoken."""
    from simulator.language import language
    from simulator.report.page import PAGE, files
    from simulator.scenario.writing import as_text

    written = files(comparison, PAGE, title, csv="french" if language() == "fr" else "english")
    page = written.pop(PAGE)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in written.items():
            if "/" not in name:
                packed.writestr(name, content)
        for place, scenario in enumerate(comparison.scenarios, start=1):
            packed.writestr(f"scenarios/{place}.toml", as_text(scenario.to_dict()))
    return page if isinstance(page, bytes) else page.encode(), archive.getvalue()


def main() -> None:
    """Do the task of standard input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer

    def say(*message: Any) -> None:
        answers.write(pickle.dumps(message))
        answers.flush()

    try:
        task = pickle.load(sys.stdin.buffer)
    except EOFError:
        return
    threading.Thread(target=_end_with_input, daemon=True).start()
    _be_modest()
    speak(task.language)
    try:
        read(task, say) if isinstance(task, Reading) else run(task, say)
        say("end")
    except InputError as error:
        say("refused", error.message)
    except MemoryError:
        say("refused", _("This needs more memory than one visitor may have."))
    except BrokenPipeError:
        return
    except Exception as error:  # whatever it is: the visitor is told in a sentence
        say("refused", _("This went wrong: {error}").format(error=described(error)))


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _be_modest() -> None:
    """One thread, behind everybody else, with a limit on memory."""
    for name in THREAD_LIMITS:
        os.environ[name] = "1"
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):  # not on every system
        os.nice(10)
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    # by its own name, so that what is pickled here can be read there
    from simulator.app.compare.work import main as start

    start()
