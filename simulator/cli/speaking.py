"""How the command line speaks: exit codes, sentences to the user, errors as sentences, progress."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import typer

from simulator.language import _

DONE, WRONG_INPUT, USAGE, FAILED, STOPPED = 0, 1, 2, 3, 130
"""Exit codes; STOPPED is Ctrl-C."""


def say(text: str) -> None:
    """To the user, not into results."""
    typer.echo(text, err=True)


def note(text: str, quiet: bool) -> None:
    """A remark that --quiet leaves out."""
    if not quiet:
        say(_("note: {text}").format(text=text))


def notes(texts: Iterable[str], quiet: bool) -> None:
    """Several remarks."""
    for text in texts:
        note(text, quiet)


def warn(texts: Iterable[str]) -> None:
    """Warnings, which are said even with --quiet."""
    for text in texts:
        say(_("warning: {text}").format(text=text))


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Errors become messages and exit codes."""
    try:
        yield
    except (typer.Exit, typer.BadParameter, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        say(_("stopped"))
        raise typer.Exit(STOPPED) from None
    except Exception as error:  # whatever it is, the user gets a sentence
        from simulator.parameters import InputError

        if isinstance(error, InputError):
            say(str(error))
            raise typer.Exit(WRONG_INPUT) from None
        if os.environ.get("WORLD_OF_MOUTH_DEBUG"):
            raise
        say(_("failed: {error}\n(WORLD_OF_MOUTH_DEBUG=1 shows where)").format(error=f"{type(error).__name__}: {error}"))
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
                   TextColumn(_("left")), TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(doing, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        tenths, start, before = -1, time.monotonic(), 0  # before: done by an earlier call

        def line(done: int, total: int) -> None:
            nonlocal tenths, before
            before = done if tenths < 0 else before
            tenth = 10 * done // max(1, total)
            if tenth > tenths:
                tenths = tenth
                left = (time.monotonic() - start) / (done - before) * (total - done) if done > before else 0.0
                said = (
                    _("{doing}: {done} of {total} {unit}")
                    if left < 1.0
                    else _("{doing}: {done} of {total} {unit}, about {left:.0f} s left")
                )
                say(said.format(doing=doing, done=done, total=total, unit=unit, left=left))

        yield line
