"""A list to choose from, as the browser itself makes it: with groups, for keyboard, touch and screen readers alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import solara
import traitlets

from simulator.app.own_widget import use_widget

SCRIPT = """
function render({ model, el }) {
  const label = document.createElement("label"), name = document.createElement("span"), list = document.createElement("select");
  label.className = "wom-choice"; label.append(name, list); el.append(label);
  const option = ({ value, label }) => Object.assign(document.createElement("option"), { value, textContent: label });
  const fill = () => {
    name.textContent = model.get("label");
    list.replaceChildren(...model.get("groups").flatMap((group) => {
      if (!group.label) return group.options.map(option);
      const made = Object.assign(document.createElement("optgroup"), { label: group.label });
      made.append(...group.options.map(option));
      return [made];
    }));
    list.value = model.get("value");
  };
  list.onchange = () => model.send({ kind: "choose", value: list.value });
  for (const each of ["label", "groups"]) model.on(`change:${each}`, fill);
  model.on("change:value", () => { list.value = model.get("value"); });
  fill();
}
export default { render };
"""


class ChoiceList(anywidget.AnyWidget):
    """label; groups: [{label, options: [{value, label}]}], an empty label for options without a group; value: what is chosen."""

    _esm: Any = SCRIPT
    label = traitlets.Unicode().tag(sync=True)
    groups = traitlets.List().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)


@solara.component
def Choice(label: str, groups: Mapping[str, Mapping[str, str]], value: str, on_value: Callable[[str], None]) -> Any:
    """groups: by label (empty: none), what each value is called. on_value: only ever called with one of the values."""
    allowed = frozenset(each for options in groups.values() for each in options)

    def hear(content: Any) -> None:
        if isinstance(content, dict) and content.get("kind") == "choose" and content.get("value") in allowed:
            on_value(content["value"])

    widget = use_widget(ChoiceList, hear)

    def fill() -> None:
        shown = [{"label": group, "options": [{"value": v, "label": name} for v, name in named.items()]} for group, named in groups.items()]
        with widget.hold_sync():
            widget.label, widget.groups, widget.value = label, shown, value

    solara.use_effect(fill, [label, str(groups), value])
    return solara.Div(children=[widget])
