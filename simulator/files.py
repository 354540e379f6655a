"""Files are written whole or not at all: to a place of their own first, which then takes the place of the older file."""

from __future__ import annotations

import contextlib
import errno
import uuid
from collections.abc import Iterator
from pathlib import Path

from simulator.language import _
from simulator.parameters import InputError


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write: what stands there at the end of the block becomes `path`; after an error nothing is left.

    Folders above are made. Raises OSError where nothing can be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")  # jobs on several machines may share the folder
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def written(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all; text as UTF-8. Raises InputError where that cannot be."""
    try:
        with whole(path) as part:
            part.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = _("the disk is full; what is finished is kept, and the same command goes on once there is room") if full else error.strerror
        raise InputError(_("cannot write to {folder}: {why}").format(folder=path.parent, why=what or error)) from error
