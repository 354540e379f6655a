// Twenty worlds on small canvases, or one of them large beside its twin, all by one clock (simulator/app/bad_day/canvas.py).
const NEVER = 255, SPEEDS = [2, 5, 10, 20];

let kept = { edition: null, day: 0, speed: SPEEDS[1] }; // the clock, for when the page is left and opened again

const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };
const filled = (text, values) => (text || "").replace(/\{(\w+)\}/g, (whole, name) => name in values ? values[name] : whole);
const copied = (bytes) => bytes && bytes.byteLength ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) : new ArrayBuffer(0);
const icons = {
  play: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4.5v15l12.5-7.5z"/></svg>', pause: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z"/></svg>',
  step: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5v14l10-7zM16.5 5H19v14h-2.5z"/></svg>', restart: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5h2.5v14H5zM19 5v14L9 12z"/></svg>',
  end: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 5v14l7.5-7zM11.5 5v14l7.5-7zM19 5h2v14h-2z"/></svg>',
};

// who told whom: whom each consumer told, how many have it from her in all, and tellers by that
function tree(days, tellers) {
  const n = days.length, told = Array.from({ length: n }, () => []), below = new Uint16Array(n);
  const order = [...days.keys()].filter((k) => days[k] !== NEVER).sort((a, b) => days[a] - days[b] || (tellers[a] >= 0) - (tellers[b] >= 0)); // only first tellers tell on the day they know it
  for (const k of order) if (tellers[k] >= 0) told[tellers[k]].push(k);
  for (const k of order.slice().reverse()) if (tellers[k] >= 0) below[tellers[k]] += below[k] + 1;
  return { days, tellers, told, below, order, ranked: order.filter((k) => below[k]).sort((a, b) => below[b] - below[a] || a - b) };
}

function subtree(of, k) {
  const found = new Set(), open = [k];
  while (open.length) for (const child of of.told[open.pop()]) { found.add(child); open.push(child); }
  return found;
}

function star(path, x, y, r) {
  for (let k = 0; k < 10; k++) { const far = r * (k % 2 ? .6 : 1.5), a = k * Math.PI / 5 - Math.PI / 2; path[k ? "lineTo" : "moveTo"](x + far * Math.cos(a), y + far * Math.sin(a)); }
  path.closePath();
}
const disc = (path, x, y, r) => { path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); };
const triangle = (path, x, y, r) => { path.moveTo(x, y + r * 1.2); path.lineTo(x + r * 1.1, y - r * .8); path.lineTo(x - r * 1.1, y - r * .8); path.closePath(); };

function render({ model, el }) {
  const root = element("div", "wom-stage wom-bad-stage"), head = element("div", "wom-bad-head"), field = element("div", "wom-bad-field");
  const transport = element("div", "wom-transport"), spoken = element("p", "wom-unseen");
  spoken.setAttribute("aria-live", "polite"); spoken.setAttribute("role", "status");
  root.append(head, field, transport, spoken); el.append(root);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let points = new Float32Array(0), ties = new Uint16Array(0), worlds = [], twin = null, cells = [], panes = [];
  let day = kept.day, speed = kept.speed, playing = false, since = 0, wanted = 0, colours = {}, edition = kept.edition, over = -1, drawn = 0;
  let playButton, slider, counter, figure, gone = false;

  const status = () => model.get("status") || {}, words = () => model.get("words") || {};
  const send = (kind, value) => model.send({ kind, value });
  const ready = () => worlds.length > 0 && points.length > 0;
  const large = () => status().opened >= 0 && ready();
  const heardBy = (of, d) => { let heard = 0; for (const k of of.order) { if (of.days[k] > d) break; if (of.tellers[k] >= 0) heard++; } return heard; };
  const ignitedBy = (d) => model.get("ignited").filter((at) => at >= 0 && at <= d).length;

  // -- what comes from the simulator
  function readWorlds() {
    const n = status().n || 0, days = new Uint8Array(copied(model.get("days"))), tellers = new Int16Array(copied(model.get("tellers")));
    worlds = n && days.length ? [...Array(days.length / n).keys()].map((w) => tree(days.slice(w * n, w * n + n), tellers.slice(w * n, w * n + n))) : [];
    const other = new Uint8Array(copied(model.get("twin_days")));
    twin = other.length ? tree(other, new Int16Array(copied(model.get("twin_tellers")))) : null;
    points = new Float32Array(copied(model.get("positions"))); ties = new Uint16Array(copied(model.get("ties")));
  }

  // -- geometry and looks
  function readColours() {
    const style = getComputedStyle(root);
    for (const name of ["ink", "soft", "faint", "tie", "accent", "paper", "card", "better", "worse", "line", "high"]) colours[name] = style.getPropertyValue(`--wom-${name}`).trim();
  }
  function fit(canvas) {
    const box = canvas.getBoundingClientRect(), ratio = Math.min(2, devicePixelRatio || 1);
    if (!box.width || !box.height) return null;
    const pen = canvas.getContext("2d"), width = box.width, height = box.height;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio); }
    return { pen, width, height, ratio };
  }
  function placed(width, height, margin) {
    const screen = new Float32Array(points.length), w = (width - 2 * margin) / 2, h = (height - 2 * margin) / 2;
    for (let k = 0; k < points.length; k += 2) { screen[k] = width / 2 + points[k] * w; screen[k + 1] = height / 2 + points[k + 1] * h; }
    return screen;
  }
  function town(pen, screen, r, faintness) {
    pen.strokeStyle = colours.tie; pen.lineWidth = .5; pen.globalAlpha = faintness; pen.beginPath();
    for (let k = 0; k < ties.length; k += 2) { pen.moveTo(screen[2 * ties[k]], screen[2 * ties[k] + 1]); pen.lineTo(screen[2 * ties[k + 1]], screen[2 * ties[k + 1] + 1]); }
    pen.stroke(); pen.globalAlpha = 1;
    const path = new Path2D();
    for (let k = 0; k < screen.length; k += 2) disc(path, screen[k], screen[k + 1], r);
    pen.fillStyle = colours.faint; pen.fill(path);
  }
  let backdrops = new Map(); // by size: the town before anything happens, the same in all worlds
  function backdrop(width, height, ratio, margin, r, faintness) {
    const name = `${width} ${height} ${ratio}`;
    if (!backdrops.has(name)) {
      const canvas = document.createElement("canvas"), screen = placed(width, height, margin);
      canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
      const pen = canvas.getContext("2d"); pen.scale(ratio, ratio); town(pen, screen, r, faintness);
      backdrops.set(name, { canvas, screen });
    }
    return backdrops.get(name);
  }

  // -- twenty small worlds
  function drawCell(cell, w) {
    const at = fit(cell.canvas);
    if (!at) return;
    const { pen, width, height, ratio } = at, { canvas, screen } = backdrop(width, height, ratio, 7, 1.1, .035), of = worlds[w];
    pen.setTransform(1, 0, 0, 1, 0, 0); pen.clearRect(0, 0, cell.canvas.width, cell.canvas.height); pen.drawImage(canvas, 0, 0); pen.scale(ratio, ratio);
    const telling = new Path2D(), quiet = new Path2D(), first = new Path2D(), lines = new Path2D();
    for (const k of of.order) {
      if (of.days[k] > day) break;
      const x = screen[2 * k], y = screen[2 * k + 1];
      if (of.tellers[k] < 0) star(first, x, y, 4);
      else if (day - of.days[k] <= status().attention) disc(telling, x, y, 2.7); else disc(quiet, x, y, 2);
      if (of.days[k] === day && of.tellers[k] >= 0) { lines.moveTo(screen[2 * of.tellers[k]], screen[2 * of.tellers[k] + 1]); lines.lineTo(x, y); }
    }
    pen.strokeStyle = colours.accent; pen.lineWidth = .9; pen.stroke(lines);
    pen.fillStyle = colours.ink; pen.fill(quiet); pen.fillStyle = colours.accent; pen.fill(telling); pen.fillStyle = colours.ink; pen.fill(first);
  }
  function stateOf(w) {
    const at = model.get("ignited")[w], ends = model.get("over")[w];
    return { burning: at >= 0 && at <= day, dead: !(at >= 0 && at <= day) && day >= ends && day >= status().scandal, out: day >= ends };
  }
  function sayCell(cell, w) {
    const { burning, dead } = stateOf(w), heard = heardBy(worlds[w], day), t = words();
    cell.button.classList.toggle("burning", burning); cell.button.classList.toggle("dead", dead);
    cell.state.textContent = burning ? t.ignited : dead ? t.died : "";
    cell.heard.textContent = day >= status().scandal ? heard : "";
    cell.button.setAttribute("aria-label", filled(t.world_spoken, { world: w + 1, state: burning ? filled(t.ignited_on, { day: model.get("ignited")[w] }) : dead ? t.died : "", heard }).replace(/\s+/g, " "));
  }
  function buildGrid() {
    field.className = "wom-bad-field"; field.replaceChildren(); panes = [];
    const grid = element("div", "wom-bad-grid"); grid.setAttribute("role", "group"); grid.setAttribute("aria-label", words().grid);
    cells = worlds.map((_, w) => {
      const button = element("button", "wom-bad-world"), top = element("span", "wom-bad-world-head"), canvas = element("canvas");
      const state = element("b"), heard = element("i");
      top.append(element("span", "", filled(words().world, { world: w + 1 })), state, heard); canvas.setAttribute("aria-hidden", "true");
      button.type = "button"; button.append(top, canvas); button.onclick = () => { halt(); send("open", w); };
      button.onkeydown = (event) => {
        const wide = getComputedStyle(grid).gridTemplateColumns.split(" ").length, to = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide }[event.key];
        if (to && cells[w + to]) { cells[w + to].button.focus(); event.preventDefault(); }
      };
      grid.append(button);
      return { button, state, heard, canvas };
    });
    field.append(grid);
    const legend = element("div", "wom-bad-legend");
    legend.append(...marks([["star", "first"], ["telling", "telling"], ["quiet", "quiet"], ["faint", "unaware"]]), element("span", "wom-bad-hint", words().hint));
    field.append(legend);
  }

  // -- one world, and its twin beside it
  function buildLarge() {
    field.className = "wom-bad-field wom-bad-large"; field.replaceChildren(); cells = [];
    panes = (twin ? [worlds[status().opened], twin] : [worlds[status().opened]]).map((of, side) => {
      const figure = element("figure", "wom-bad-pane"), caption = element("figcaption"), canvas = element("canvas"), name = element("b"), note = element("span");
      caption.append(name, note); figure.append(caption, canvas);
      canvas.tabIndex = 0; canvas.setAttribute("role", "img");
      canvas.onclick = (event) => { const k = nearest(event, of); if (k >= 0) send("teller", k); };
      canvas.onpointermove = (event) => { const k = nearest(event, of); canvas.style.cursor = k >= 0 ? "pointer" : "default"; if (k !== over) { over = k; ask(); } };
      canvas.onpointerleave = () => { over = -1; ask(); };
      canvas.onkeydown = (event) => {
        const first = worlds[status().opened], at = first.ranked.indexOf(status().chosen), step = { ArrowRight: 1, ArrowDown: 1, n: 1, ArrowLeft: -1, ArrowUp: -1, p: -1 }[event.key];
        if (step && first.ranked.length) { send("teller", first.ranked[(at + step + first.ranked.length) % first.ranked.length]); event.preventDefault(); }
      };
      return { of, side, figure, name, note, canvas, screen: null };
    });
    const both = element("div", "wom-bad-panes"); both.append(...panes.map((pane) => pane.figure));
    const legend = element("div", "wom-bad-legend"), shown = [["star", "first"], ["telling", "telling"], ["quiet", "quiet"], ["chosen", "branch"]];
    if (twin) shown.push(["spared", "spared"], ["struck", "struck"]);
    legend.append(...marks(shown)); field.append(both, legend);
  }
  function nearest(event, of) {
    const box = event.currentTarget.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const pane = panes.find((each) => each.of === of);
    let best = -1, least = 144;
    if (pane?.screen) for (const k of worlds[status().opened].order) { const d = (pane.screen[2 * k] - x) ** 2 + (pane.screen[2 * k + 1] - y) ** 2; if (d < least) { least = d; best = k; } }
    return best;
  }
  function drawPane(pane, age) {
    const at = fit(pane.canvas);
    if (!at) return;
    const { pen, width, height, ratio } = at, r = Math.max(2.6, Math.min(6, Math.sqrt(width * height) / 130)), margin = 26;
    const { canvas, screen } = backdrop(width, height, ratio, margin, r * .5, .13), { of } = pane, s = status();
    pane.screen = screen;
    pen.setTransform(1, 0, 0, 1, 0, 0); pen.clearRect(0, 0, pane.canvas.width, pane.canvas.height); pen.drawImage(canvas, 0, 0); pen.scale(ratio, ratio);
    const branch = s.chosen >= 0 ? subtree(of, s.chosen) : new Set(), plain = new Path2D(), strong = new Path2D();
    const telling = new Path2D(), quiet = new Path2D(), first = new Path2D(), spared = new Path2D(), struck = new Path2D();
    for (const k of of.order) {
      if (of.days[k] > day) break;
      const x = screen[2 * k], y = screen[2 * k + 1], from = of.tellers[k], there = of.days[k] === day ? age : 1;
      if (from >= 0) {
        const line = branch.has(k) ? strong : plain, a = screen[2 * from], b = screen[2 * from + 1];
        line.moveTo(a, b); line.lineTo(a + (x - a) * there, b + (y - b) * there);
      }
      if (there < .6) continue;
      if (from < 0) star(first, x, y, r * 1.3);
      else if (pane.side && worlds[s.opened].days[k] === NEVER) triangle(struck, x, y, r * 1.4);
      else if (day - of.days[k] <= s.attention) disc(telling, x, y, r * 1.1); else disc(quiet, x, y, r * .85);
    }
    if (pane.side) for (const k of worlds[s.opened].order) if (worlds[s.opened].days[k] <= day && of.days[k] === NEVER) disc(spared, screen[2 * k], screen[2 * k + 1], r);
    pen.strokeStyle = colours.soft; pen.lineWidth = .9; pen.globalAlpha = .6; pen.stroke(plain);
    pen.globalAlpha = 1; pen.strokeStyle = colours.accent; pen.lineWidth = 1.9; pen.stroke(strong);
    pen.fillStyle = colours.ink; pen.fill(quiet); pen.fillStyle = colours.accent; pen.fill(telling); pen.fillStyle = colours.ink; pen.fill(first);
    pen.fillStyle = colours.paper; pen.fill(spared); pen.strokeStyle = colours.better; pen.lineWidth = 2; pen.stroke(spared);
    pen.fillStyle = colours.worse; pen.fill(struck);
    const labels = [], mark = (k, text, line) => { if (k < 0) return; const x = screen[2 * k], y = screen[2 * k + 1]; pen.strokeStyle = colours.ink; pen.lineWidth = line; pen.beginPath(); pen.arc(x, y, r + 5, 0, 2 * Math.PI); pen.stroke(); if (text) labels.push([x, y, text]); };
    if (s.carrier >= 0 && of.days[s.carrier] <= day && !(pane.side && s.carrier === s.removed)) mark(s.carrier, pane.side ? "" : words().carrier, 2.2);
    if (s.chosen >= 0 && s.chosen !== s.carrier && s.chosen !== s.removed) mark(s.chosen, `${s.chosen}`, 2.2);
    if (over >= 0 && over !== s.chosen && over !== s.carrier) mark(over, `${over}`, 1);
    for (const k of pane.side ? [s.removed, s.silent] : [s.silent]) if (k >= 0) {
      const x = screen[2 * k], y = screen[2 * k + 1], far = r + 5;
      mark(k, words().removed, 2.2); pen.beginPath(); pen.moveTo(x - far, y - far); pen.lineTo(x + far, y + far); pen.moveTo(x + far, y - far); pen.lineTo(x - far, y + far); pen.stroke();
    }
    pen.font = `600 12px ${getComputedStyle(root).fontFamily}`; pen.textBaseline = "middle"; pen.lineJoin = "round";
    for (const [x, y, text] of labels) {
      const wide = pen.measureText(text).width, left = x + r + 9 + wide > width - 4 ? x - r - 9 - wide : x + r + 9;
      pen.strokeStyle = colours.paper; pen.lineWidth = 4; pen.strokeText(text, left, y); pen.fillStyle = colours.ink; pen.fillText(text, left, y);
    }
  }

  // -- what is said of the day
  function compared(d) {
    const one = worlds[status().opened]; let spared = 0, struck = 0;
    for (let k = 0; k < one.days.length; k++) { spared += one.days[k] <= d && twin.days[k] === NEVER; struck += twin.days[k] <= d && one.days[k] === NEVER; }
    return { spared, struck };
  }
  function sayDay() {
    const s = status(), t = words(), ended = day >= s.last;
    root.dataset.day = day; root.dataset.playing = String(playing);
    counter.textContent = day;
    slider.value = day;
    slider.setAttribute("aria-valuetext", `${t.day} ${day}`);
    let speech;
    if (large()) {
      panes.forEach((pane) => {
        const heard = heardBy(pane.of, day), text = filled(t.heard, { heard, n: s.n });
        pane.name.textContent = pane.side ? t.twin : filled(t.world, { world: s.opened + 1 });
        pane.note.textContent = text;
        pane.canvas.setAttribute("aria-label", `${pane.name.textContent}: ${text}. ${t.keys}`);
      });
      if (twin) {
        const { spared, struck } = compared(day);
        figure.count.textContent = spared; figure.text.textContent = t.spared_count; figure.more.textContent = filled(t.struck_count, { struck });
        speech = `${filled(t.on_day, { day })} ${filled(t.pair_spoken, { first: heardBy(worlds[s.opened], day), second: heardBy(twin, day), spared, struck })}`;
        root.dataset.spared = spared; root.dataset.struck = struck;
      } else {
        figure.count.textContent = heardBy(worlds[s.opened], day); figure.text.textContent = t.heard_count; figure.more.textContent = "";
        speech = `${filled(t.on_day, { day })} ${filled(t.heard, { heard: heardBy(worlds[s.opened], day), n: s.n })}.`;
      }
    } else {
      const lit = ignitedBy(day), count = model.get("counts")[lit] || {};
      figure.count.textContent = lit; figure.text.textContent = ended ? t.ignited_end : t.ignited_so_far; figure.more.textContent = ended ? count.interval : "";
      figure.bar.hidden = !ended;
      figure.band.style.left = `${100 * count.low}%`; figure.band.style.width = `${100 * (count.high - count.low)}%`; figure.dot.style.left = `${100 * lit / (s.worlds || 1)}%`;
      speech = `${filled(t.on_day, { day })} ${count.text || ""} ${ended ? count.interval || "" : ""}`;
      root.dataset.ignited = lit;
    }
    if (!playing && spoken.textContent !== speech) spoken.textContent = speech;
  }
  function buildHead() {
    head.replaceChildren();
    const s = status(), t = words();
    if (large()) { const back = button("wom-bad-back", t.back, () => { halt(); send("open", -1); }); head.append(back); }
    figure = { count: element("b", "wom-bad-count"), text: element("span", "wom-bad-text"), more: element("span", "wom-bad-more"), bar: element("div", "wom-bad-bar"), band: element("i"), dot: element("b") };
    const lines = element("div", "wom-bad-lines"); lines.append(figure.text, figure.more);
    figure.bar.append(figure.band, figure.dot); figure.bar.setAttribute("aria-hidden", "true"); figure.bar.hidden = true;
    const big = element("div", "wom-day wom-bad-day"); counter = element("b", "", day);
    big.append(element("span", "wom-day-word", t.day), counter, element("span", "wom-day-of", `/ ${s.last}`));
    head.append(figure.count, lines, figure.bar, big);
  }
  function marks(pairs) {
    return pairs.map(([kind, name]) => {
      const item = element("span", "wom-legend-item"), small = element("canvas"), pen = small.getContext("2d"), path = new Path2D();
      small.width = small.height = 28; small.style.width = small.style.height = "14px"; small.setAttribute("aria-hidden", "true");
      const colour = { star: colours.ink, telling: colours.accent, quiet: colours.ink, faint: colours.faint, chosen: colours.accent, spared: colours.better, struck: colours.worse }[kind];
      if (kind === "star") star(path, 14, 14, 8); else if (kind === "struck") triangle(path, 14, 14, 9); else if (kind === "chosen") { path.moveTo(2, 24); path.lineTo(26, 4); } else disc(path, 14, 14, { telling: 9, quiet: 7, faint: 4, spared: 9 }[kind]);
      pen.fillStyle = pen.strokeStyle = colour; pen.lineWidth = kind === "chosen" ? 5 : 4; kind === "chosen" || kind === "spared" ? pen.stroke(path) : pen.fill(path);
      item.append(small, element("span", "", words()[name]));
      return item;
    });
  }

  // -- the clock
  function halt() { if (!playing) return; playing = false; settle(); }
  function settle() { if (playButton) { playButton.innerHTML = playing ? icons.pause : icons.play; playButton.setAttribute("aria-label", playing ? words().pause : words().play); playButton.title = playing ? words().pause : words().play; } if (!playing) { send("day", day); if (day >= status().last && ready() && (twin || !large())) send("ended", 1); } sayDay(); ask(); }
  function goTo(d) { day = Math.max(0, Math.min(status().last || 0, d)); since = performance.now(); playing = false; showDay(); settle(); }
  function toggle() { if (!ready()) return; playing = !playing; if (playing && day >= status().last) { day = 0; showDay(); } since = performance.now(); settle(); }
  function showDay() { if (!ready()) return; cells.forEach(sayCell); cells.forEach(drawCell); sayDay(); drawn++; root.dataset.drawn = drawn; }
  function tick(now) {
    wanted = 0;
    if (gone || !ready() || !figure) return;
    if (playing && now - since >= 1000 / speed) {
      const more = Math.min(7, Math.floor((now - since) * speed / 1000));
      since += more * 1000 / speed; day = Math.min(status().last, day + more);
      showDay();
      if (day >= status().last) { playing = false; settle(); }
    }
    if (large()) { const age = still.matches || !playing ? 1 : Math.min(1, (now - since) * speed / 1000); panes.forEach((pane) => drawPane(pane, age)); }
    if (playing) ask();
  }
  function ask() { if (!wanted) wanted = requestAnimationFrame(tick); }

  const button = (name, label, action, icon) => { const made = element("button", `wom-button ${name}`); made.type = "button"; made.title = label; made.setAttribute("aria-label", label); if (icon) made.innerHTML = icon; else made.textContent = label; made.onclick = action; return made; };
  function buildTransport() {
    const t = words(), s = status();
    transport.replaceChildren();
    playButton = button("wom-play", playing ? t.pause : t.play, toggle, playing ? icons.pause : icons.play);
    slider = element("input", "wom-slider"); slider.type = "range"; slider.min = 0; slider.max = s.last; slider.step = 1; slider.value = day; slider.setAttribute("aria-label", t.rewind); slider.title = t.rewind;
    slider.addEventListener("input", () => goTo(Number(slider.value)));
    const line = element("div", "wom-line"), dots = element("div", "wom-marks");
    for (const [at, label] of [[s.scandal, t.scandal], [s.answered, t.answer], [large() && twin ? s.twin_answered : -1, t.twin_answer]]) if (at >= 0 && at <= s.last) { const dot = element("span", "wom-mark"); dot.style.left = `calc(${at / s.last} * (100% - 16px) + 8px)`; dot.title = filled(label, { day: at }); dots.append(dot); }
    line.append(dots, slider);
    const speeds = element("div", "wom-segments wom-speeds"); speeds.setAttribute("role", "radiogroup"); speeds.setAttribute("aria-label", t.speed);
    for (const each of SPEEDS) { const one = button(each === speed ? "on" : "", `${each}`, () => { speed = each; since = performance.now(); [...speeds.children].forEach((other) => { other.classList.toggle("on", other === one); other.setAttribute("aria-checked", String(other === one)); }); }); one.setAttribute("role", "radio"); one.setAttribute("aria-checked", String(each === speed)); one.title = filled(t.speeds, { speed: each }); one.setAttribute("aria-label", one.title); speeds.append(one); }
    transport.append(button("wom-small", t.restart, () => goTo(0), icons.restart), playButton, button("wom-small", t.step, () => goTo(day + 1), icons.step), button("wom-small", t.end, () => goTo(s.last), icons.end), line, speeds);
    for (const each of transport.querySelectorAll("button, input")) each.disabled = !ready();
  }

  // -- what has changed is built again
  function rebuild() {
    const t = words(), s = status();
    if (gone || !t.day) return;
    readColours(); readWorlds(); backdrops = new Map();
    if (s.edition !== edition) { day = s.start || 0; playing = false; edition = s.edition; if (ready() && large() && twin && !still.matches) { playing = true; since = performance.now(); } }
    const held = root.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null, inside = root.contains(document.activeElement);
    buildHead(); buildTransport();
    if (!ready()) {
      field.className = "wom-bad-field wom-bad-waiting"; cells = panes = [];
      const bar = element("div", "wom-bad-progress"), part = element("i"), text = element("p", "", filled(t.waiting, { done: s.done || 0, worlds: s.worlds }));
      bar.setAttribute("role", "progressbar"); bar.setAttribute("aria-valuemin", 0); bar.setAttribute("aria-valuemax", s.worlds); bar.setAttribute("aria-valuenow", s.done || 0); bar.setAttribute("aria-label", text.textContent);
      part.style.width = `${100 * (s.done || 0) / (s.worlds || 1)}%`; bar.append(part); field.replaceChildren(text, bar);
      head.style.visibility = "hidden";
    } else {
      head.style.visibility = "";
      if (large()) buildLarge(); else buildGrid();
      root.dataset.mode = large() ? twin ? "twin" : "world" : "twenty";
      showDay(); ask();
    }
    root.dataset.ready = String(ready()); root.dataset.edition = s.edition;
    root.setAttribute("aria-busy", String(!ready()));
    if (inside && !root.contains(document.activeElement)) ([...root.querySelectorAll("[aria-label]")].find((each) => each.getAttribute("aria-label") === held && each.tabIndex >= 0) || playButton).focus();
  }
  let due = 0;
  const soon = () => { if (!due) due = setTimeout(() => { due = 0; rebuild(); }, 0); }; // several attributes come together
  function chosen() { // only the choice of a teller: the clock goes on
    const { chosen: a, ...now } = status(), { chosen: b, ...was } = last;
    const same = JSON.stringify(now) === JSON.stringify(was); last = status();
    if (same && large()) ask(); else soon();
  }
  let last = status();
  function key(event) {
    const tag = event.target.tagName;
    if (["INPUT", "TEXTAREA", "SELECT", ...(event.key === "Escape" ? [] : ["BUTTON"])].includes(tag) && event.target !== slider || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") toggle();
    else if (event.key === ".") goTo(day + 1);
    else if (event.key === ",") goTo(day - 1);
    else if (event.key === "Escape" && large()) { halt(); send("open", -1); }
    else return;
    event.preventDefault();
  }
  document.addEventListener("keydown", key);
  const watcher = new ResizeObserver(() => { backdrops = new Map(); showDay(); ask(); }); watcher.observe(field);
  const themes = new MutationObserver(soon), themed = document.querySelector(".v-application");
  if (themed) themes.observe(themed, { attributes: true, attributeFilter: ["class"] });
  for (const name of ["positions", "days", "twin_days", "words", "counts"]) model.on(`change:${name}`, soon);
  model.on("change:status", chosen);
  rebuild();
  return () => { gone = true; kept = { edition, day, speed }; document.removeEventListener("keydown", key); watcher.disconnect(); themes.disconnect(); cancelAnimationFrame(wanted); clearTimeout(due); };
}

export default { render };
