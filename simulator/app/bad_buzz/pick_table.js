// A table in which one row is chosen: by a click, or with the arrow keys.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };

function render({ model, el }) {
  const table = element("table", "wom-bad-buzz-pick");
  el.append(table);
  const choose = (value) => model.send({ kind: "pick", value });

  function fill() {
    const held = table.contains(document.activeElement) ? document.activeElement.dataset.id : null, chosen = model.get("chosen"), rows = model.get("rows"), columns = model.get("columns");
    const caption = element("caption", model.get("shown") ? "" : "wom-unseen", model.get("caption")), head = element("tr"), body = element("tbody"), top = element("thead");
    for (const { label, title, wide } of columns) { const cell = element("th", wide ? "wide" : "", label); cell.scope = "col"; if (title) cell.title = title; head.append(cell); }
    top.append(head);
    const here = rows.some(({ id }) => id === chosen) ? chosen : rows[0]?.id;
    rows.forEach(({ id, cells, title }, k) => {
      const line = element("tr", id === chosen ? "on" : "");
      cells.forEach((text, c) => {
        const cell = element(columns[c].wide ? "th" : "td", columns[c].wide ? "wide" : "");
        if (columns[c].wide) {
          const button = element("button", "", text); button.type = "button"; button.dataset.id = id; button.tabIndex = id === here ? 0 : -1; button.setAttribute("aria-pressed", String(id === chosen)); cell.scope = "row";
          if (title) button.title = title;
          button.onkeydown = (event) => { const way = { ArrowDown: 1, ArrowUp: -1 }[event.key]; if (!way) return; event.preventDefault(); const next = rows[(k + way + rows.length) % rows.length]; body.querySelector(`[data-id="${CSS.escape(next.id)}"]`).focus(); };
          cell.append(button);
        } else cell.textContent = text;
        line.append(cell);
      });
      line.onclick = () => choose(id);
      body.append(line);
    });
    table.replaceChildren(caption, top, body);
    if (held !== null) (body.querySelector(`[data-id="${CSS.escape(held)}"]`) || body.querySelector("button"))?.focus();
  }

  for (const name of ["columns", "rows", "chosen", "caption", "shown"]) model.on(`change:${name}`, fill);
  fill();
}

export default { render };
