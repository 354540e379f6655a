"""Tables in CSV files as people write them: a heading, one record a line, plain or compressed with gzip."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from simulator.language import _
from simulator.parameters import InputError


def content(path: Path) -> bytes:
    """What a file holds, uncompressed."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.name.endswith(".gz") else data
    except FileNotFoundError:
        raise InputError(_("no such file"), str(path)) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(_("is not a complete gzip file ({error})").format(error=error), str(path)) from None
    except OSError as error:
        raise InputError(_("cannot be read ({error})").format(error=error.strerror or error), str(path)) from None


def records(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV file as (number, cells), the heading first; blank lines are passed over."""
    data = content(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_("is not UTF-8 text"), str(path), data[: error.start].count(b"\n") + 1) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    width = 0
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            if not width:
                width = len(row)
                _check_heading(path, reader.line_num, row, needed)
            elif len(row) != width:
                wrong = _("has {cells} cells where the heading has {width}").format(cells=len(row), width=width)
                raise InputError(wrong, str(path), reader.line_num)
            yield reader.line_num, row
    except csv.Error as error:
        wrong = _("is not a line of comma-separated values ({error})").format(error=error)
        raise InputError(wrong, str(path), reader.line_num) from None
    if not width:
        raise InputError(_("is empty; the first line names the columns: {names}").format(names=", ".join(needed)), str(path))


def _check_heading(path: Path, line: int, heading: list[str], needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in heading]
    if missing:
        wrong = _("the first line must name the columns {names}; found: {found}")
        raise InputError(wrong.format(names=", ".join(needed), found=", ".join(heading)[:80]), str(path), line)
    double = [name for name, times in Counter(heading).items() if times > 1]
    if double:
        raise InputError(_("column {name!r} is named twice").format(name=double[0]), str(path), line)
