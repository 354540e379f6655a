// Key figures, curves, the log and the table of a run, growing with it. Numbers come ready to be read; curves as plain numbers, a few days at a time.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };
const LEFT = 42, RIGHT = 66; // room for the figures of the axis, and for names
const DASHES = [[], [6, 3], [2, 3], [9, 3, 2, 3], [12, 4], [4, 4], [1, 2], [8, 2, 1, 2]];

function render({ model, el }) {
  const root = element("div", "wom-instruments"), cards = element("div", "wom-cards"), lead = element("p", "wom-lead"), tabs = element("div", "wom-tabs"), body = element("div", "wom-body");
  tabs.setAttribute("role", "tablist");
  lead.hidden = true;
  root.append(cards, lead, tabs, body);
  el.append(root);
  let series = {}, from = 0, wanted = 0, charts = [], at = -1, drawnAt = "";
  const words = () => model.get("words"), send = (kind, value) => model.send({ kind, value });

  function take() {
    const news = model.get("news");
    if (!news || !news.series) return;
    if (news.from === 0) series = {};
    for (const [name, rows] of Object.entries(news.series)) series[name] = [...(series[name] || []).slice(0, news.from), ...rows];
    if (!from !== !news.days) drawnAt = ""; // the first day takes the invitation away
    from = news.days;
    drawCards(); if (model.get("tab") !== "curves" || !drawnAt) fill(); ask();
  }

  function drawCards() {
    const said = model.get("news").sentence || "";
    lead.hidden = !said; if (lead.textContent !== said) lead.textContent = said;
    const list = model.get("news").cards || [];
    if (cards.children.length !== list.length) cards.replaceChildren(...list.map(() => { const card = element("div", "wom-card"); card.append(element("span", "wom-card-name"), element("b", "wom-card-value"), element("span", "wom-card-change")); return card; }));
    list.forEach((each, k) => {
      const [name, value, change] = cards.children[k].children;
      if (name.textContent !== each.name) name.textContent = each.name;
      cards.children[k].title = each.definition;
      value.textContent = each.value; change.textContent = each.change; change.dataset.mood = each.mood;
    });
  }

  function drawTabs() {
    const held = tabs.contains(document.activeElement);
    tabs.replaceChildren(...model.get("tabs").map(({ id, label }) => {
      const tab = element("button", `wom-tab${id === model.get("tab") ? " on" : ""}`, label);
      tab.type = "button"; tab.setAttribute("role", "tab"); tab.setAttribute("aria-selected", String(id === model.get("tab"))); tab.tabIndex = id === model.get("tab") ? 0 : -1; tab.dataset.id = id;
      tab.onclick = () => send("tab", id); tab.onpointerdown = (event) => event.preventDefault();
      tab.onkeydown = (event) => { const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key]; if (way) { const all = model.get("tabs"), here = all.findIndex((each) => each.id === id); send("tab", all[(here + way + all.length) % all.length].id); event.preventDefault(); } };
      return tab;
    }));
    if (held) tabs.querySelector(".on")?.focus();
  }

  function fill() {
    const tab = model.get("tab"), news = model.get("news") || {};
    if (tab === "curves") { if (drawnAt !== "curves") layCharts(); ask(); drawnAt = "curves"; return; }
    charts = []; drawnAt = tab;
    if (tab === "log") {
      const list = element("ol", "wom-log");
      for (const entry of [...(news.log || [])].reverse()) {
        const line = element("li"), when = element("button", "wom-log-day", `${words().day} ${entry.day}`);
        when.type = "button"; when.title = words().goto; when.onclick = () => send("seek", entry.day);
        line.style.setProperty("--own", entry.brand < 0 ? "var(--wom-soft)" : `var(--wom-brand-${Math.min(entry.brand, 7)})`); line.dataset.kind = entry.kind;
        line.append(when, element("span", "", entry.text)); list.append(line);
      }
      body.replaceChildren(list.children.length ? list : element("p", "wom-soft", words().nothing));
    } else if (tab === "table") {
      const table = element("table", "wom-table"), head = element("tr");
      for (const cell of (news.table || [[]])[0]) head.append(element("th", "", cell));
      table.append(head);
      for (const row of (news.table || []).slice(1)) { const line = element("tr"); row.forEach((cell, k) => line.append(element(k ? "td" : "th", "", cell))); table.append(line); }
      body.replaceChildren(table);
    } else body.replaceChildren();
    body.hidden = !["curves", "log", "table"].includes(tab);
  }

  function layCharts() {
    body.hidden = false;
    charts = model.get("curves").map((curve) => {
      const figure = element("figure", "wom-chart"), title = element("figcaption"), canvas = element("canvas");
      title.append(element("b", "", curve.label), element("span", "wom-soft", ` ${curve.unit}`));
      canvas.setAttribute("role", "img");
      figure.append(title, canvas);
      canvas.addEventListener("pointermove", (event) => { const box = canvas.getBoundingClientRect(); at = Math.round((event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT) * model.get("days")); ask(); });
      canvas.addEventListener("pointerleave", () => { at = -1; ask(); });
      canvas.addEventListener("click", () => { if (at >= 0 && at <= model.get("days")) send("seek", at); });
      return { figure, canvas, curve };
    });
    body.replaceChildren(...charts.map((chart) => chart.figure));
    if (!from) body.append(element("p", "wom-begin", words().begin));
  }

  const ink = (b) => Math.min((model.get("inks") || [])[b] ?? b, 7);

  function ask() { if (!wanted) wanted = requestAnimationFrame(draw); }

  function draw() {
    wanted = 0;
    if (model.get("tab") !== "curves") return;
    const style = getComputedStyle(root), colour = (name) => style.getPropertyValue(name).trim(), ratio = Math.min(2, devicePixelRatio || 1), days = model.get("days"), brands = model.get("brands");
    for (const { canvas, curve } of charts) {
      const w = canvas.clientWidth, h = canvas.clientHeight;
      if (!w || !h) continue;
      if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) { canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio); }
      const pen = canvas.getContext("2d"), rows = series[curve.id] || [], right = RIGHT, left = LEFT, top = 6, bottom = 15;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0); pen.clearRect(0, 0, w, h);
      const values = rows.flat().filter((value) => value !== null), percent = curve.percent;
      let low = curve.zero ? 0 : Math.min(...values), high = Math.max(...values, curve.zero ? 1e-6 : -Infinity);
      if (!values.length) { low = 0; high = 1; }
      const room = Math.max(high - low, curve.least || 1e-6) * .08; high += room; if (!curve.zero) low -= room; if (percent) { high = Math.min(1, Math.max(high, low + .02)); low = Math.max(0, low); }
      const x = (day) => left + day / days * (w - left - right), y = (value) => h - bottom - (value - low) / (high - low || 1) * (h - top - bottom);
      pen.font = `10px ${style.fontFamily}`; pen.lineWidth = 1;
      for (const value of ticks(low, high)) { const line = Math.round(y(value)) + .5; pen.strokeStyle = colour("--wom-line"); pen.beginPath(); pen.moveTo(left, line); pen.lineTo(w - right, line); pen.stroke(); pen.fillStyle = colour("--wom-soft"); pen.textBaseline = "middle"; pen.textAlign = "right"; pen.fillText(written(value, curve, high - low), left - 5, line); }
      for (const mark of model.get("marks") || []) { pen.strokeStyle = colour("--wom-accent"); pen.setLineDash([2, 2]); pen.beginPath(); pen.moveTo(x(mark.day), top); pen.lineTo(x(mark.day), h - bottom); pen.stroke(); pen.setLineDash([]); }
      if (model.get("between")) {
        const both = rows.map((row, day) => [day, ...row]).filter(([, one, other]) => one != null && other != null);
        pen.fillStyle = colour(`--wom-brand-${ink(0)}`); pen.globalAlpha = .18; pen.beginPath();
        both.forEach(([day, one], k) => pen[k ? "lineTo" : "moveTo"](x(day), y(one)));
        [...both].reverse().forEach(([day, , other]) => pen.lineTo(x(day), y(other)));
        pen.fill(); pen.globalAlpha = 1;
      }
      const ends = [];
      brands.forEach((name, b) => {
        pen.strokeStyle = colour(`--wom-brand-${ink(b)}`); pen.lineWidth = b === model.get("focal") ? 2.6 : 1.7; pen.setLineDash(DASHES[b % DASHES.length]); pen.lineJoin = "round"; pen.beginPath();
        let drawing = false, last = null;
        rows.forEach((row, day) => { const value = row[b]; if (value === null || value === undefined) { drawing = false; return; } pen[drawing ? "lineTo" : "moveTo"](x(day), y(value)); drawing = true; last = value; });
        pen.stroke(); pen.setLineDash([]);
        if (last !== null) { const day = rows.length - 1; pen.fillStyle = pen.strokeStyle; pen.beginPath(); pen.arc(x(day), y(last), 2.6, 0, 7); pen.fill(); ends.push({ name, y: y(last), colour: colour(`--wom-brand-ink-${ink(b)}`), bold: b === model.get("focal") }); }
      });
      ends.sort((a, b) => a.y - b.y);
      ends.forEach((end, k) => { if (k && end.y - ends[k - 1].y < 12) end.y = ends[k - 1].y + 12; });
      const over = ends.length ? Math.max(0, ends[ends.length - 1].y - (h - bottom - 2)) : 0;
      pen.textBaseline = "middle"; pen.textAlign = "left";
      const day = rows.length - 1;
      for (const end of ends) { pen.fillStyle = end.colour; pen.font = `${end.bold ? "600 " : ""}11px ${style.fontFamily}`; pen.fillText(end.name, Math.min(x(Math.max(0, day)) + 6, w - right + 6), end.y - over, right - 8); }
      pen.font = `10px ${style.fontFamily}`; pen.fillStyle = colour("--wom-soft"); pen.textBaseline = "alphabetic"; pen.textAlign = "left"; pen.fillText(`${words().day} 0`, left, h - 2); pen.textAlign = "right"; pen.fillText(String(days), w - right, h - 2);
      if (at >= 0 && at < rows.length) {
        pen.strokeStyle = colour("--wom-ink"); pen.beginPath(); pen.moveTo(x(at), top); pen.lineTo(x(at), h - bottom); pen.stroke();
        const text = [`${words().day} ${at}`, ...brands.map((name, b) => `${name} ${rows[at][b] === null ? "–" : written(rows[at][b], curve, high - low)}`), ...(model.get("between") && rows[at].length > 1 && !rows[at].includes(null) ? [`${words().difference} ${written(rows[at][1] - rows[at][0], curve, 0)}`] : [])], wide = Math.max(...text.map((line) => pen.measureText(line).width)) + 12;
        const boxX = x(at) + wide + 8 > w ? x(at) - wide - 6 : x(at) + 6;
        pen.fillStyle = colour("--wom-card"); pen.strokeStyle = colour("--wom-line"); pen.fillRect(boxX, top, wide, text.length * 13 + 6); pen.strokeRect(boxX, top, wide, text.length * 13 + 6);
        pen.textAlign = "left"; text.forEach((line, k) => { pen.fillStyle = k && k <= brands.length ? colour(`--wom-brand-ink-${ink(k - 1)}`) : colour("--wom-ink"); pen.fillText(line, boxX + 6, top + 13 + 13 * k); });
      }
      canvas.setAttribute("aria-label", `${curve.label}. ${words().day} ${Math.max(0, day)}: ${brands.map((name, b) => `${name} ${day >= 0 && rows[day][b] !== null ? written(rows[day][b], curve, 1) : "–"}`).join(", ")}.`);
    }
  }

  // two to five round numbers
  function ticks(low, high) {
    const rough = (high - low) / 4 || 1, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough), found = [];
    for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-6; value += step) found.push(Math.abs(value) < step * 1e-6 ? 0 : value);
    return found;
  }

  function written(value, curve, span) {
    const decimals = curve.percent ? (span < .08 ? 1 : 0) : span < .3 ? 2 : span < 3 ? 2 : span < 30 ? 1 : 0;
    return new Intl.NumberFormat(words().locale, { style: curve.percent ? "percent" : "decimal", minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value);
  }

  const all = () => { if (!words().day || !model.get("news").series) return; drawTabs(); drawnAt = ""; drawCards(); fill(); ask(); };
  model.on("change:news", take);
  for (const name of ["words", "tabs", "tab", "curves", "brands", "focal", "inks", "between"]) model.on(`change:${name}`, all);
  for (const name of ["days", "marks"]) model.on(`change:${name}`, ask);
  const watcher = new ResizeObserver(ask); watcher.observe(root);
  const themes = new MutationObserver(ask), themed = document.querySelector(".v-application");
  if (themed) themes.observe(themed, { attributes: true, attributeFilter: ["class"] });
  if (model.get("news")?.series) take();
  all();
  return () => { watcher.disconnect(); themes.disconnect(); cancelAnimationFrame(wanted); };
}

export default { render };
