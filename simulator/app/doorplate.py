"""What the page tells the browser itself: the query of the address bar, the language of the document, and that one may zoom in."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

SCRIPT = """
function render({ model }) {
  const say = () => {
    const query = model.get("query");
    if (query && location.search !== `?${query}`) history.replaceState(history.state, "", `${location.pathname}?${query}`);
    document.documentElement.lang = model.get("language");
  };
  for (const name of ["query", "language", "room"]) model.on(`change:${name}`, () => setTimeout(say));
  say();
  document.querySelector("meta[name=viewport]")?.setAttribute("content", "width=device-width, initial-scale=1"); // Solara's forbids zooming
}
export default { render };
"""


class Doorplate(anywidget.AnyWidget):
    """query: without its question mark; language: of <html lang>; room: another page has its address said anew."""

    _esm: Any = SCRIPT
    query = traitlets.Unicode().tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    room = traitlets.Unicode().tag(sync=True)
