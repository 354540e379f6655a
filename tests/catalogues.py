"""Every text that is marked for translation, and the catalogues brought up to date with them.

python -m tests.catalogues      what a catalogue lacks, and what nothing in the program says any more
python -m tests.catalogues --update   write both into the .po files: what is new without a translation, what is gone taken out
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from simulator.cli import app
from simulator.language import CATALOGUES, DOMAIN, ENGLISH, LANGUAGES
from simulator.parameters import DESIGN, Table, declaration

ROOT = Path(__file__).parent.parent / "simulator"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}

Text = str | tuple[str, ...]


def marked() -> dict[Text, str]:
    """Text (one and many, where it has a plural) -> the file that says it first."""
    found: dict[Text, str] = {}
    for pattern, method in (("*.py", "python"), ("*.jinja", "jinja2")):
        for path in sorted(ROOT.rglob(pattern)):
            for _, text, _, _ in extract_from_file(method, path, keywords=KEYWORDS, options={"encoding": "utf-8"}):
                found.setdefault(text, path.relative_to(ROOT).as_posix())
    for text in meanings():
        found.setdefault(text, "parameters.py")
    for text in helps():
        found.setdefault(text, "cli/commands.py")
    return found


def meanings() -> Iterator[str]:
    """What is declared of parameters that reports list: those that are assumptions or from the literature."""
    import simulator.scenario.schema  # noqa: F401 - declares them

    tables: list[type[Table]] = [Table]
    for table in tables:
        tables += table.__subclasses__()
        for name, field in table.model_fields.items():
            if field.description and declaration(table, name).get("evidence", DESIGN) != DESIGN:
                yield field.description


def helps() -> Iterator[str]:
    """The texts of help: they stand where commands are declared, unmarked, and are translated when they are shown."""
    group: Any = typer.main.get_command(app)
    for command in (group, *group.commands.values()):
        yield from filter(None, (getattr(said, "help", None) for said in (command, *command.params)))


def catalogue(spoken: str) -> Catalog:
    """A language's catalogue as it is written."""
    with _file(spoken).open("rb") as file:
        return read_po(file, locale=spoken, domain=DOMAIN)


def texts(known: Catalog) -> dict[Text, Message]:
    """What a catalogue holds, its head left out."""
    return {message.id: message for message in known if message.id}


def update(spoken: str) -> None:
    """Write a catalogue with exactly the texts that are marked, in the order of the files that say them."""
    wanted, known = marked(), texts(catalogue(spoken)) if _file(spoken).exists() else {}
    new = Catalog(locale=spoken)
    for text, file in sorted(wanted.items(), key=lambda item: item[1]):
        new.add(text, known[text].string if text in known else ("" if isinstance(text, str) else ("", "")), locations=[(file, None)])
    plurals = f'"Plural-Forms: {new.plural_forms}\\n"'
    head = f'msgid ""\nmsgstr ""\n"Language: {spoken}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n{plurals}\n\n'
    _file(spoken).parent.mkdir(parents=True, exist_ok=True)
    with _file(spoken).open("wb") as file_:
        file_.write(head.encode())
        write_po(file_, new, width=140, omit_header=True)


def _file(spoken: str) -> Path:
    return CATALOGUES / spoken / "LC_MESSAGES" / f"{DOMAIN}.po"


if __name__ == "__main__":
    for name in LANGUAGES:
        if name == ENGLISH:
            continue
        if "--update" in sys.argv:
            update(name)
        known = texts(catalogue(name))
        for text, file in marked().items():
            if text not in known or not all(known[text].string if isinstance(text, tuple) else [known[text].string]):
                print(f"{name} lacks ({file}): {text!r}")
        for text in known.keys() - marked().keys():
            print(f"{name} has no use for: {text!r}")
