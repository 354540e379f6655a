"""Pages from templates: everything that users wrote is escaped, and the words are those of the language spoken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulator.language import _, language, number, percent


def rendered(template: str, **values: Any) -> str:
    """A page of this folder's template, which also knows `_`, `language`, `number` and `percent`."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(template).render(_=_, language=language(), number=number, percent=percent, **values)
