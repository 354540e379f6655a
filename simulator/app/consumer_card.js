// The card about one consumer: how she stands, her diary, her life in the other world. All that it shows is put in as text.
const CARD_TABS = ["state", "diary", "other"], AGAIN = 1000; // milliseconds between two looks at a life that goes on

function consumerCard(card, words, send, close) {
  let chosen = -1, world = 0, tab = "state", about = null, life = null, waiting = false, today = 0, head = null, body = null;

  function table(rows) {
    const made = element("table", "wom-table");
    rows.forEach((row, index) => {
      const line = element("tr");
      row.forEach((cell, k) => { const [text, mark] = Array.isArray(cell) ? cell : [cell, ""]; line.append(element(index && k ? "td" : "th", mark, text)); });
      made.append(line);
    });
    return made;
  }

  function list(entries) {
    if (!entries.length) return element("p", "", words().uneventful);
    const made = element("ol", "wom-diary");
    for (const entry of entries) { const line = element("li", entry.alone ? "wom-alone" : ""); line.append(element("b", "", entry.day), element("span", "", entry.text)); made.append(line); }
    return made;
  }

  function fill() {
    const atEnd = body.scrollTop + body.clientHeight >= body.scrollHeight - 4, before = body.scrollTop, first = body.dataset.tab !== tab || body.dataset.empty === "true";
    const parts = tab === "state" ? [table(about.rows), ...(about.other ? [element("p", "", about.other)] : [])]
      : !life || tab === "other" && !life.whole ? [element("p", "wom-telling", words().telling)]
      : tab === "diary" ? [list(life.diary)] : [element("p", "wom-parting", life.parting), element("p", "", life.against), table(life.rows), list(life.other)];
    body.dataset.tab = tab; body.dataset.empty = String(tab !== "state" && !life); body.dataset.day = life ? life.day : "";
    body.replaceChildren(...parts);
    body.scrollTop = tab === "diary" && (first || atEnd) ? body.scrollHeight : first ? 0 : before;
  }

  function build() {
    const shut = element("button", "wom-close", "×"), tabs = element("div", "wom-tabs"), held = card.contains(document.activeElement);
    shut.type = "button"; shut.setAttribute("aria-label", words().close); shut.onclick = close;
    tabs.setAttribute("role", "tablist");
    for (const name of CARD_TABS) {
      const one = element("button", `wom-tab${name === tab ? " on" : ""}`, words()[`card_${name}`]);
      one.type = "button"; one.dataset.id = name; one.setAttribute("role", "tab"); one.setAttribute("aria-selected", String(name === tab)); one.tabIndex = name === tab ? 0 : -1;
      one.onclick = () => open(name); one.onpointerdown = (event) => event.preventDefault();
      one.onkeydown = (event) => { const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key]; if (way) { open(CARD_TABS[(CARD_TABS.indexOf(name) + way + CARD_TABS.length) % CARD_TABS.length]); card.querySelector(".wom-tab.on").focus(); event.preventDefault(); } };
      tabs.append(one);
    }
    head = element("h3", "", about.title);
    body = element("div", "wom-card-body"); body.tabIndex = 0; body.setAttribute("role", "tabpanel"); body.setAttribute("aria-label", about.title);
    card.replaceChildren(shut, head, element("p", "wom-card-ties", about.text), tabs, body);
    card.dataset.side = world ? "left" : "right";
    fill();
    if (held) card.querySelector(".wom-tab.on").focus();
  }

  function open(name) { tab = name; build(); ask(); }

  function ask() {
    if (chosen < 0 || tab === "state" || waiting || life && life.day === today) return;
    waiting = true;
    send("life", chosen, world);
  }

  return {
    choose(k, w) { if (k !== chosen || w !== world) { life = about = null; waiting = false; } chosen = k; world = w; card.hidden = true; card.replaceChildren(); },
    at(day) { today = day; if (chosen >= 0) send("look", chosen, world); ask(); },
    reword() { if (chosen >= 0) { life = null; waiting = false; send("look", chosen, world); } },
    take(message) {
      if (message.place !== chosen || message.world !== world) return;
      if (message.kind === "consumer") {
        const fresh = !about;
        about = message;
        if (fresh || head.textContent !== about.title || card.querySelector(".wom-card-ties").textContent !== about.text) { card.hidden = false; build(); } else if (tab === "state") fill();
        if (!waiting) ask();
      } else if (message.kind === "life") {
        if (message.whole || !life?.whole || message.day < life.day) life = message; // what was known of the other world is not taken away
        if (about) fill();
        if (message.whole) setTimeout(() => { waiting = false; ask(); }, AGAIN);
      }
    },
  };
}
