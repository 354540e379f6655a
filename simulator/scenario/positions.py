"""Where a value stands in a TOML file.

`tomllib` forgets positions. This scanner reads a text that tomllib has accepted a second time and keeps,
for every key and every item of an array, the line on which it is written. It decodes nothing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field

from simulator.language import _

DEEPEST = 40
"""How deep tables and arrays may be nested: far beyond any scenario, far below Python's own limit."""

NOWHERE = ""
"""The folder of a text that may name no files."""

_DEEP_KEY = re.compile(
    r"""(?<![\w."'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){%d}""" % DEEPEST  # noqa: UP031  # braces are the pattern's
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_BASIC = re.compile(r'"(?:[^"\\]|\\.)*"')
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*?"{3,5}')
_LITERAL = re.compile(r"'[^']*'")
_LONG_LITERAL = re.compile(r"'''(?:[^']|'{1,2}(?!'))*?'{3,5}")


def too_deep() -> str:
    """What is said of what is nested beyond `DEEPEST`."""
    return _("nested more than {levels} deep").format(levels=DEEPEST)


class TooDeepError(ValueError):
    """Tables or arrays nested beyond `DEEPEST`."""

    def __init__(self, line: int) -> None:
        super().__init__(too_deep())
        self.line = line


@dataclass(slots=True)
class Spot:
    """Where a value is written: file as shown to the user, line from 1, and the same for what lies inside it.

    `folder` is the folder against which paths written here are read; None for an override, whose paths are the user's own, and
    NOWHERE for a text from outside, which may name none.
    """

    file: str
    line: int
    folder: str | None = None
    parts: dict[str | int, Spot] = field(default_factory=dict)

    def child(self, part: str | int, line: int) -> Spot:
        """The spot of a part, made on `line` if it is new."""
        if part not in self.parts:
            self.parts[part] = Spot(self.file, line, self.folder)
        return self.parts[part]

    def at(self, path: tuple[str | int, ...]) -> Spot:
        """The spot of the value at `path`, or of the nearest table around it that is written down."""
        spot = self
        for part in path:
            if part not in spot.parts:
                return spot
            spot = spot.parts[part]
        return spot


def refuse_too_deep(text: str) -> None:
    """Raises `TooDeepError` where a dotted key has more than `DEEPEST` parts, without parsing anything."""
    found = _DEEP_KEY.search(text)
    if found is not None:
        raise TooDeepError(text.count("\n", 0, found.start()) + 1)


def scan(text: str, file: str, folder: str | None = None) -> Spot:
    """The spots of all values of a valid TOML text. Raises `TooDeepError`."""
    return _Scanner(text, Spot(file, 1, folder)).run()


def split_key(key: str) -> list[str] | None:
    """The parts of a dotted TOML key such as `a."b c".d`; None if it is not one."""
    scanner = _Scanner(key, Spot("", 1))
    try:
        parts = scanner.key()
    except (ValueError, IndexError):
        return None
    return parts if scanner.at == len(key) else None


class _Scanner:
    def __init__(self, text: str, root: Spot) -> None:
        self.text, self.root, self.at = text, root, 0
        self._counted, self._line = 0, 1

    def run(self) -> Spot:
        table = self.root
        while self.blank() < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self.header(2)
            elif self.text[self.at] == "[":
                table = self.header(1)
            else:
                self.pair(table, 1)
        return self.root

    def line(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"unexpected text at {self.at}")
        self.at = found.end()
        return self.at

    def blank(self) -> int:
        return self.skip(_BLANK)

    def key(self) -> list[str]:
        parts = []
        while True:
            self.skip(_SPACE)
            start = self.at
            quote = self.text[self.at]
            self.skip(_BASIC if quote == '"' else _LITERAL if quote == "'" else _BARE)
            written = self.text[start : self.at]
            parts.append(str(tomllib.loads(f"k = {written}")["k"]) if quote in "\"'" else written)
            self.skip(_SPACE)
            if self.at >= len(self.text) or self.text[self.at] != ".":
                return parts
            self.at += 1

    def header(self, brackets: int) -> Spot:
        line = self.line()
        self.at += brackets
        parts = self.key()
        self.at += brackets
        if len(parts) > DEEPEST:
            raise TooDeepError(line)
        table = self.root
        for part in parts[:-1]:
            table = _last(table.child(part, line))
        table = table.child(parts[-1], line)
        if brackets == 1:
            table.line = line
            return table
        return table.child(len(table.parts), line)

    def pair(self, table: Spot, depth: int) -> None:
        line = self.line()
        parts = self.key()
        for part in parts:
            table = table.child(part, line)
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(table, depth + len(parts))

    def value(self, spot: Spot, depth: int) -> None:
        if depth > DEEPEST:
            raise TooDeepError(self.line())
        text, at = self.text, self.at
        if text.startswith('"""', at):
            self.skip(_LONG_BASIC)
        elif text.startswith("'''", at):
            self.skip(_LONG_LITERAL)
        elif text[at] == '"':
            self.skip(_BASIC)
        elif text[at] == "'":
            self.skip(_LITERAL)
        elif text[at] == "[":
            self.items(spot, depth)
        elif text[at] == "{":
            self.pairs(spot, depth)
        else:
            self.skip(_SCALAR)

    def items(self, spot: Spot, depth: int) -> None:
        self.at += 1
        while self.text[self.blank()] != "]":
            self.value(spot.child(len(spot.parts), self.line()), depth + 1)
            if self.text[self.blank()] == ",":
                self.at += 1
        self.at += 1

    def pairs(self, spot: Spot, depth: int) -> None:
        self.at += 1
        while self.text[self.blank()] != "}":
            self.pair(spot, depth)
            if self.text[self.blank()] == ",":
                self.at += 1
        self.at += 1


def _last(spot: Spot) -> Spot:
    """The table itself, or the last one of an array of tables."""
    return spot.parts.get(len(spot.parts) - 1, spot) if spot.parts else spot
