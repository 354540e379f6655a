"""A widget of a component's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import anywidget
import solara

Own = TypeVar("Own", bound=anywidget.AnyWidget)


def use_widget(kind: Callable[[], Own], hear: Callable[[Any], None]) -> Own:
    """Made once and closed with its component; what it sends goes to `hear` as it was last rendered. A hook: call it in each rendering."""
    latest = solara.use_ref(hear)
    latest.current = hear

    def made() -> Own:
        widget = kind()
        widget.on_msg(lambda _widget, content, _buffers: latest.current(content))
        return widget

    widget: Own = solara.use_memo(made, [])
    solara.use_effect(lambda: widget.close, [])
    return widget
