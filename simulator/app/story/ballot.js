// Answers to predict, the hands counted for each, and after the run in how many worlds each holds.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };
const MOST = 999;

function render({ model, el }) {
  const root = element("div", "wom-story-ballot");
  root.setAttribute("role", "group");
  el.append(root);
  let rows = [], made = "";
  const counted = (row) => Math.max(0, Math.min(MOST, Math.floor(Number(row.input.value) || 0)));

  function grow() {
    const hands = rows.map(counted), most = Math.max(1, ...hands), all = hands.reduce((sum, each) => sum + each, 0);
    rows.forEach((row, k) => { row.bar.style.width = `${100 * hands[k] / most}%`; row.share.textContent = all ? new Intl.NumberFormat(model.get("words").locale, { style: "percent" }).format(hands[k] / all) : ""; });
  }

  function build() {
    const answers = model.get("answers"), words = model.get("words");
    const now = JSON.stringify(answers.map((each) => [each.id, each.label])) + JSON.stringify(words);
    if (now !== made) {
      made = now;
      root.setAttribute("aria-label", words.title || "");
      rows = answers.map((answer) => {
        const line = element("div", "wom-story-answer"), mark = element("span", "wom-story-mark"), label = element("label", "wom-story-label", answer.label), input = element("input", "wom-story-hands");
        const hands = element("div", "wom-story-track"), bar = element("span", "wom-story-bar"), share = element("span", "wom-story-share"), came = element("div", "wom-story-track wom-story-came"), cameBar = element("span", "wom-story-bar"), said = element("span", "wom-story-share");
        input.type = "number"; input.min = 0; input.max = MOST; input.step = 1; input.inputMode = "numeric"; input.placeholder = "0"; input.id = `wom-hands-${answer.id}`; label.htmlFor = input.id;
        input.setAttribute("aria-label", `${answer.label}: ${words.hands}`);
        input.addEventListener("input", () => { grow(); model.send({ kind: "hands", value: Object.fromEntries(rows.map((row, k) => [answers[k].id, counted(row)])) }); });
        input.addEventListener("keydown", (event) => { if (event.key === "Enter") { const next = rows[rows.findIndex((row) => row.input === input) + 1]; next ? next.input.select() : input.blur(); event.preventDefault(); event.stopPropagation(); } });
        hands.append(bar, share); came.append(cameBar, said);
        line.append(mark, label, input, hands, came);
        return { line, mark, input, bar, share, came, cameBar, said };
      });
      root.replaceChildren(element("p", "wom-story-ask", words.title), ...rows.map((row) => row.line));
    }
    answers.forEach((answer, k) => {
      const row = rows[k], told = answer.worlds !== null;
      if (document.activeElement !== row.input) row.input.value = answer.hands || "";
      row.input.disabled = model.get("locked");
      row.line.dataset.right = String(answer.right); row.mark.textContent = answer.right ? "✓" : "";
      row.mark.title = answer.right ? words.right : ""; row.mark.setAttribute("aria-label", answer.right ? words.right : "");
      row.came.hidden = !told; row.cameBar.style.width = told ? `${100 * answer.worlds}%` : "0"; row.said.textContent = answer.said;
    });
    root.dataset.told = String(answers.some((answer) => answer.worlds !== null));
    grow();
  }
  for (const name of ["answers", "words", "locked"]) model.on(`change:${name}`, build);
  build();
}

export default { render };
