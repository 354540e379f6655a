"""The language of the command line: `--lang` with every command, and what typer says by itself, in that language.

Help is written in English where a command is declared and translated when it is shown; so are typer's own words.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from simulator.language import ENGLISH, LANGUAGES, N_, _, language, speaking

OPTION = "--lang"
VARIABLE = "WORLD_OF_MOUTH_LANG"

Language = Annotated[
    Literal["en", "fr"], typer.Option(OPTION, envvar=VARIABLE, expose_value=False, help=N_("language of what is printed, and of reports"))
]

SAID = (
    N_("Usage: {rest}"), N_("Try '{command}' for help."), N_("Error: {message}"), N_("Invalid value for {name}: {message}"),
    N_("Invalid value: {message}"), N_("Value error, {message}"), N_("Missing argument {name}."), N_("Missing option {name}."),
    N_("No such command {name}. Did you mean {names}?"), N_("No such command {name}."),
    N_("No such option: {name} (Possible options: {names})"), N_("No such option: {name}"),
    N_("Option {name} requires an argument."), N_("Option {name} does not take a value."),
    N_("Got unexpected extra argument(s) ({names})"), N_("{value} is not one of {names}."),
    N_("Input should be a valid integer, unable to parse string as an integer"),
    N_("Input should be a valid number, unable to parse string as a number"),
    N_("Input should be greater than or equal to {limit}"), N_("Input should be less than or equal to {limit}"),
)  # fmt: skip
"""What typer says of wrong usage, the more particular first; where it ends with a `message`, that is another of them."""

WORDS = (
    N_("Usage:"), N_("Arguments:"), N_("Options:"), N_("Commands:"), N_("Show this message and exit."), N_("[required]"), N_("default:"),
    N_("env var:"),
)  # fmt: skip
"""What typer adds to help."""

LIKE = {"\N{NARROW NO-BREAK SPACE}": " ", "\N{NO-BREAK SPACE}": " ", "\N{MINUS SIGN}": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
"""What stands for a letter that a terminal lacks."""

WRONG_USAGE: Any = typer.BadParameter.__mro__[2]
"""The base of all that typer says of wrong usage, which has no public name."""


class Spoken(TyperGroup):
    """The commands, in the language that is asked for."""

    def main(
        self, args: Sequence[str] | None = None, prog_name: str | None = None, complete_var: str | None = None,
        standalone_mode: bool = True, windows_expand_args: bool = True, **extra: Any,
    ) -> Any:  # fmt: skip
        """As that of any command of typer; the language holds for this call."""
        words = sys.argv[1:] if args is None else list(args)
        with speaking(asked(words)):
            for command in (self, *self.commands.values()):
                _make_speak(command)
            if language() == ENGLISH or not standalone_mode:
                return super().main(args, prog_name, complete_var, standalone_mode, windows_expand_args, **extra)
            try:
                code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
            except WRONG_USAGE as error:
                shown = io.StringIO()
                error.show(shown)
                typer.echo("\n".join(map(reworded, shown.getvalue().splitlines())), err=True)
                code = error.exit_code
            sys.exit(code or 0)


def plainer(error: UnicodeError) -> tuple[str, int]:
    """For a terminal that lacks a letter: another that says the same, else `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(LIKE.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


PLAINER = "plainer"
codecs.register_error(PLAINER, plainer)


def asked(words: Sequence[str]) -> str:
    """The language that the arguments name, else the environment; what is no language is refused later, and in English."""
    named = [os.environ.get(VARIABLE) or ENGLISH]
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        if word == OPTION:
            named.append(following)
        elif word.startswith(f"{OPTION}="):
            named.append(word.partition("=")[2])
    return named[-1] if named[-1] in LANGUAGES else ENGLISH


def reworded(line: str) -> str:
    """A line of typer's in the language spoken; as it is where it is not known."""
    for template in SAID:
        form = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template))
        if found := re.fullmatch(form, line):
            parts = {name: reworded(text) if name == "message" else text for name, text in found.groupdict().items()}
            return _(template).format(**parts)
    return line


def _make_speak(command: Any) -> None:
    """Give a command --lang, and its help in the language spoken."""
    command.params.append(_option())
    if language() == ENGLISH:
        return
    for spoken in (command, *command.params):
        spoken.help = _(spoken.help) if spoken.help else spoken.help
    plain = command.get_help

    def translated(context: Any) -> str:
        text: str = plain(context)
        for word in WORDS:
            text = re.sub(re.escape(word).replace("\\ ", r"\s+"), _(word), text)
        return text

    command.get_help = translated


def _option() -> Any:
    """--lang, as typer makes an option of its declaration."""
    only = typer.Typer(add_completion=False)

    @only.command()
    def command(lang: Language = "en") -> None: ...

    return typer.main.get_command(only).params[0]
