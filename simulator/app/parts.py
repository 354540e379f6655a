"""Parts that several pages are made of."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import solara

from simulator.app.lever_form import LeverForm, described, form_words
from simulator.app.levers import Lever
from simulator.app.own_widget import use_widget
from simulator.language import speaking


@solara.component
def Segments(
    values: tuple[str, ...] | list[str], labels: list[str], value: str, on_value: Callable[[str], None], label: str = "", wrap: bool = False
) -> None:  # fmt: skip
    """A few words of which one is chosen."""
    with solara.Div(
        classes=["wom-segments", "wom-wrap"] if wrap else ["wom-segments"], attributes={"role": "radiogroup", "aria-label": label}
    ):
        for each, name in zip(values, labels, strict=True):
            on = each == value
            solara.Button(
                name, on_click=lambda each=each: on_value(each), text=True, classes=["wom-button", "on"] if on else ["wom-button"],
                attributes={"role": "radio", "aria-checked": str(on).lower()},
            )  # fmt: skip


@solara.component
def Form(
    levers: list[Lever], values: dict[str, Any], action: str, remark: str, disabled: bool, submit: Callable[[dict[str, Any]], None],
    language: str, key: str,
) -> Any:  # fmt: skip
    """The form of some levers; `key`: it begins anew when this changes, and only then."""
    form = use_widget(LeverForm, lambda content: _submitted(content, submit))

    def refill() -> None:
        with speaking(language), form.hold_sync():
            form.levers, form.words = described(levers, values), form_words()

    def retitle() -> None:
        with form.hold_sync():
            form.action, form.remark, form.disabled = action, remark, disabled

    solara.use_effect(refill, [key, language])
    solara.use_effect(retitle, [action, remark, disabled])
    return solara.Div(children=[form])


def _submitted(content: Any, submit: Callable[[dict[str, Any]], None]) -> None:
    """A message of a form; anything else that a page sends is passed over."""
    if isinstance(content, dict) and content.get("kind") == "submit" and isinstance(content.get("value"), dict):
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            submit(content["value"])
