"""What a page says, by itself, while it has no connection: the server looks for nobody, so the words are there beforehand.

Solara tries to connect again and again, and then the run goes on where it stands. If what the visitor had begun is gone by then, the page
offers to open the same world anew. Solara's own signs of both are in English only, and the second cannot be clicked below the first.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

SCRIPT = """
const PATIENCE = 800, EVERY = 200; // milliseconds: shorter breaks are nobody's business
function render({ model }) {
  const card = document.createElement("div");
  card.className = "wom-lost";
  card.hidden = true;
  card.innerHTML = `<div class="wom-lost-card" role="alertdialog" aria-labelledby="wom-lost-title" aria-describedby="wom-lost-text">
    <h1 id="wom-lost-title"></h1><p id="wom-lost-text"></p><button type="button" class="wom-submit"></button></div>`;
  const [title, text, again] = card.querySelectorAll("h1, p, button");
  again.addEventListener("click", () => location.reload());
  document.body.append(card);
  let since = null, gone = false;
  const look = () => {
    const page = window.app?.$data; // Solara's
    if (!page) return;
    if (page.needsRefresh) { gone = true; page.needsRefresh = false; }
    if (page.connectionStatus === "connected" || !page.wasConnected) since = null;
    else since ??= performance.now();
    const shown = gone || (since !== null && performance.now() - since > PATIENCE);
    if (shown === !card.hidden && again.hidden === !gone) return;
    const words = model.get("words");
    title.textContent = gone ? words.gone : words.lost;
    text.textContent = gone ? words.anew : words.kept;
    again.textContent = words.again;
    again.hidden = !gone;
    card.dataset.gone = gone;
    card.hidden = !shown;
    if (shown && gone) again.focus();
  };
  const timer = setInterval(look, EVERY);
  return () => { clearInterval(timer); card.remove(); };
}
export default { render };
"""


class Connection(anywidget.AnyWidget):
    """words: {lost, kept, gone, anew, again}."""

    _esm: Any = SCRIPT
    words = traitlets.Dict().tag(sync=True)
