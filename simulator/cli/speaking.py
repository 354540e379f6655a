"""How the command line speaks: exit codes, sentences to the user, errors as sentences, progress."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import typer

DONE, WRONG_INPUT, USAGE, FAILED, STOPPED = 0, 1, 2, 3, 130
"""Exit codes; STOPPED is Ctrl-C."""


def say(text: str) -> None:
    """To the user, not into results."""
    typer.echo(text, err=True)


def note(text: str, quiet: bool) -> None:
    """A remark that --quiet leaves out."""
    if not quiet:
        say(f"note: {text}")


def notes(texts: Any, quiet: bool) -> None:
    """Several remarks; warnings are said even with --quiet."""
    for text in texts:
        note(text, quiet) if not text.startswith("warning: ") else say(text)


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Errors become messages and exit codes."""
    try:
        yield
    except (typer.Exit, typer.BadParameter, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        say("stopped")
        raise typer.Exit(STOPPED) from None
    except Exception as error:  # whatever it is, the user gets a sentence
        from simulator.parameters import InputError

        if isinstance(error, InputError):
            say(str(error))
            raise typer.Exit(WRONG_INPUT) from None
        if os.environ.get("WORLD_OF_MOUTH_DEBUG"):
            raise
        say(f"failed: {type(error).__name__}: {error}\n(WORLD_OF_MOUTH_DEBUG=1 shows where)")
        raise typer.Exit(FAILED) from None


@contextlib.contextmanager
def progress(doing: str, unit: str, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, a line now and then elsewhere, nothing if quiet; yields what to call with (done, total)."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn(),
                   TextColumn("left"), TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(doing, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        said, start, before = -1, time.monotonic(), 0  # before: done by an earlier call

        def line(done: int, total: int) -> None:
            nonlocal said, before
            before = done if said < 0 else before
            tenth = 10 * done // max(1, total)
            if tenth > said:
                said = tenth
                left = (time.monotonic() - start) / (done - before) * (total - done) if done > before else 0.0
                say(f"{doing}: {done} of {total} {unit}" + (f", about {left:.0f} s left" if left >= 1.0 else ""))

        yield line
