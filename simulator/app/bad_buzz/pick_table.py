"""A table in which one row can be chosen, by mouse and by keys: an own widget. Texts are shown as they are, never as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import solara
import traitlets

from simulator.app.own_widget import use_widget

HERE = Path(__file__).parent


class PickList(anywidget.AnyWidget):
    """caption, shown: whether it is to be seen; columns: [{label, title, wide}]; rows: [{id, cells, title}]; chosen: an id."""

    _esm = HERE / "pick_table.js"
    caption = traitlets.Unicode().tag(sync=True)
    shown = traitlets.Bool(False).tag(sync=True)
    columns = traitlets.List().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)


class Column(NamedTuple):
    """A heading; title: what it means; wide: the column that holds the button of each row."""

    label: str
    title: str = ""
    wide: bool = False


class Line(NamedTuple):
    """A row that can be chosen."""

    id: str
    cells: tuple[str, ...]
    title: str = ""


@solara.component
def PickTable(
    caption: str, columns: Sequence[Column], lines: Sequence[Line], chosen: str, on_pick: Callable[[str], None], shown: bool = True
) -> Any:  # fmt: skip
    """on_pick: only ever called with the id of a row."""
    allowed = frozenset(line.id for line in lines)

    def hear(content: Any) -> None:
        if isinstance(content, dict) and content.get("kind") == "pick" and content.get("value") in allowed:
            on_pick(content["value"])

    widget = use_widget(PickList, hear)

    def fill() -> None:
        with widget.hold_sync():
            widget.caption, widget.shown, widget.chosen = caption, shown, chosen
            widget.columns = [column._asdict() for column in columns]
            widget.rows = [{"id": line.id, "cells": list(line.cells), "title": line.title} for line in lines]

    solara.use_effect(fill, [caption, tuple(columns), tuple(lines), chosen, shown])
    return solara.Div(children=[widget])
