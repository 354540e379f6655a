// The minutes of a step, and the keys of the session.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };

function render({ model, el }) {
  const root = element("div", "wom-story-clock"), face = element("b", "wom-story-time"), go = element("button", "wom-button"), help = element("button", "wom-button wom-story-help", "?"), card = element("div", "wom-story-keys");
  go.type = help.type = "button"; card.hidden = true;
  face.setAttribute("role", "timer");
  root.append(face, go, help, card);
  el.append(root);
  let base = 0, left = 300, running = false, beat = 0;
  const words = () => model.get("words"), send = (kind, value = null) => model.send({ kind, value });
  const rest = () => left - (running ? (performance.now() - base) / 1000 : 0);

  function show() {
    const now = Math.max(0, Math.ceil(rest())), text = `${Math.floor(now / 60)}:${String(now % 60).padStart(2, "0")}`;
    if (face.textContent !== text) face.textContent = text;
    root.dataset.over = String(rest() <= 0); root.dataset.running = String(running);
  }
  function set() { left = model.get("left"); running = model.get("running"); base = performance.now(); say(); }
  function say() {
    go.textContent = running ? words().pause : words().start; go.title = `${go.textContent} (T)`; help.title = words().help; help.setAttribute("aria-label", words().help); face.setAttribute("aria-label", words().left);
    card.replaceChildren(element("h3", "", words().keys), ...model.get("shortcuts").map(([key, does]) => { const line = element("p"); line.append(element("kbd", "", key), element("span", "", does)); return line; }));
    show();
  }
  function toggle() { left = Math.max(0, rest()); base = performance.now(); running = !running; say(); send("timer", [running, left]); }
  const helped = (on) => { card.hidden = !on; help.setAttribute("aria-expanded", String(on)); };
  go.onclick = toggle; help.onclick = () => helped(card.hidden);

  function key(event) {
    const at = event.target, tag = at.tagName || "";
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "TEXTAREA", "SELECT"].includes(tag) || at.isContentEditable) return;
    if (event.key === "Enter" && ["BUTTON", "A"].includes(tag) && !at.closest(".wom-story-tab.on")) return; // a button is pressed by it, but that of the open step does nothing
    const kind = { ArrowRight: "next", n: "next", ArrowLeft: "previous", p: "previous", r: "reset", Enter: "run", s: "skip" }[event.key];
    if (kind) send(kind);
    else if (event.key === "t") toggle();
    else if (event.key === "?") helped(card.hidden);
    else if (event.key === "Escape" && !card.hidden) helped(false);
    else return;
    event.preventDefault();
  }
  document.addEventListener("keydown", key);
  beat = setInterval(show, 250);
  model.on("change:stamp", set);
  for (const name of ["words", "shortcuts"]) model.on(`change:${name}`, say);
  set();
  return () => { document.removeEventListener("keydown", key); clearInterval(beat); };
}

export default { render };
