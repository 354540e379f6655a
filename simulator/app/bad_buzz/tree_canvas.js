// The tree of a story, growing with time, in one world or in two: generations on rings, whoever hears it in both at the same place in both.
// Below it the number of hearers by day, which is also the way to go to a moment.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };
const ICONS = { play: "M8 5v14l11-7z", pause: "M6 5h4v14H6zM14 5h4v14h-4z" };
const DAYS_A_SECOND = 2.2, NEVER = -1;

function render({ model, el }) {
  const root = element("div", "wom-bad-buzz-stage"), canvas = element("canvas", "wom-bad-buzz-tree"), legend = element("div", "wom-bad-buzz-legend"), tip = element("div", "wom-tip"), curve = element("canvas", "wom-bad-buzz-curve");
  const transport = element("div", "wom-transport wom-bad-buzz-transport"), playing = element("button", "wom-button wom-play"), line = element("div", "wom-line"), slider = element("input", "wom-slider"), said = element("output", "wom-bad-buzz-day"), spoken = element("p", "wom-unseen");
  playing.type = "button"; slider.type = "range"; tip.hidden = true; canvas.tabIndex = 0; canvas.setAttribute("role", "img"); curve.setAttribute("role", "img"); spoken.setAttribute("aria-live", "polite");
  line.append(slider); transport.append(playing, line, said); root.append(canvas, legend, tip, curve, transport, spoken); el.append(root);
  const still = matchMedia("(prefers-reduced-motion: reduce)"), pen = canvas.getContext("2d"), ink = curve.getContext("2d");
  let consumers = [], points = [], worlds = [], places = [], moment = 0, running = false, wanted = 0, before = 0, pointed = null, below = new Set(), shown = "";
  const status = () => model.get("status"), words = () => model.get("words"), send = (kind, value) => model.send({ kind, value });
  const numbers = (name, Kind) => { const view = model.get(name); return view && view.byteLength ? new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)) : new Kind(0); };
  const format = (value) => new Intl.NumberFormat(words().locale || "en").format(value);

  function read() {
    const s = status();
    if (s.story === undefined) return;
    consumers = numbers("consumers", Int32Array); points = numbers("points", Float32Array);
    const n = consumers.length, parts = { days: Int16Array, parents: Int32Array, told: Int32Array, online: Uint8Array };
    for (const [name, Kind] of Object.entries(parts)) parts[name] = numbers(name, Kind);
    worlds = (s.worlds || []).map((title, w) => Object.fromEntries([["title", title], ...Object.entries(parts).map(([name, all]) => [name, all.subarray(w * n, w * n + n)])]));
    slider.min = s.first - 1; slider.max = s.last; slider.step = still.matches ? 1 : .05;
    const now = `${s.story} ${worlds.length} ${s.twin}`;
    if (now !== shown) { // another story: from its beginning, or where one was when one left the page
      const kept = model.get("moment");
      shown = now; moment = kept.shown === now ? kept.at : still.matches ? s.last : s.first - 1; running = kept.shown !== now && !still.matches;
    }
    reword(); subtree(); paint();
  }

  function reword() {
    const w = words(), s = status();
    if (!w.day) return;
    const icon = running ? "pause" : "play";
    if (playing.dataset.icon !== icon) { playing.dataset.icon = icon; playing.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`; }
    playing.title = running ? w.pause : w.play; playing.setAttribute("aria-label", playing.title);
    slider.setAttribute("aria-label", w.moment); canvas.setAttribute("aria-label", s.spoken || ""); curve.setAttribute("aria-label", s.curveSpoken || "");
    const items = [["told", w.told], ["heard", w.heard], ["spreader", w.spreader]];
    if (s.chosen >= 0) items.push(["below", w.below.replace("{id}", consumers[s.chosen])]);
    if (worlds.length > 1) items.push(["ghost", w.ghost], ["instead", w.instead]);
    const text = items.map(([, label]) => label).join();
    if (legend.dataset.text !== text) { legend.dataset.text = text; legend.replaceChildren(...items.map(([kind, label]) => { const item = element("span", "wom-legend-item"), mark = element("i", "wom-bad-buzz-mark"); mark.dataset.kind = kind; item.append(mark, element("span", "", label)); return item; })); }
  }

  function subtree() { // who heard it by way of the chosen teller, as it was
    below = new Set();
    const s = status(), parents = worlds.length ? worlds[0].parents : [];
    if (s.chosen < 0 || s.chosen === undefined) return;
    below.add(s.chosen);
    for (let k = 0; k < parents.length; k++) if (parents[k] >= 0 && below.has(parents[k])) below.add(k);
  }

  function fit(board, paper) {
    const ratio = Math.min(2, devicePixelRatio || 1), w = board.clientWidth, h = board.clientHeight;
    if (board.width !== Math.round(w * ratio) || board.height !== Math.round(h * ratio)) { board.width = Math.round(w * ratio); board.height = Math.round(h * ratio); }
    paper.setTransform(ratio, 0, 0, ratio, 0, 0); paper.clearRect(0, 0, w, h);
    return [w, h];
  }

  const paint = () => { if (!wanted) wanted = requestAnimationFrame(draw); };

  function draw(now) {
    wanted = 0;
    const s = status();
    if (!worlds.length || !root.isConnected) return;
    if (running) {
      moment = Math.min(s.last, moment + Math.min(.1, before ? (now - before) / 1000 : 0) * DAYS_A_SECOND);
      if (moment >= s.last) pause(); else paint();
    }
    before = running ? now : 0;
    slider.value = moment; said.textContent = `${words().day} ${Math.max(s.first, Math.floor(moment))}`; slider.setAttribute("aria-valuetext", said.textContent);
    root.dataset.moment = moment.toFixed(2); root.dataset.running = String(running);
    trees(); hearers();
  }

  function trees() {
    const s = status(), [w, h] = fit(canvas, pen), style = getComputedStyle(root), colour = (name) => style.getPropertyValue(name).trim();
    const c = Object.fromEntries(["ink", "soft", "faint", "line", "tie", "warning", "high", "paper"].map((name) => [name, colour(`--wom-${name}`)]));
    const wide = w / worlds.length, top = worlds.length > 1 ? 72 : 34, scale = Math.min(wide / 2 - 14, (h - top) / 2 - 10);
    pen.textAlign = "center"; places = [];
    worlds.forEach((world, k) => {
      const cx = wide * (k + .5), cy = top + (h - top) / 2, x = (e) => cx + points[2 * e] * scale, y = (e) => cy + points[2 * e + 1] * scale, twin = k > 0, other = worlds[1 - k];
      places.push({ x, y, world, twin });
      pen.strokeStyle = c.line; pen.lineWidth = .6; pen.globalAlpha = .7;
      for (const radius of s.radii) { pen.beginPath(); pen.arc(cx, cy, radius * scale, 0, 7); pen.stroke(); }
      pen.globalAlpha = 1;
      if (worlds.length > 1) { pen.fillStyle = twin ? c.high : c.ink; pen.font = `600 13px ${style.fontFamily}`; pen.fillText(world.title, cx, 62, wide - 12); }
      const edges = (which, shade, width, alpha) => {
        pen.strokeStyle = shade; pen.lineWidth = width; pen.globalAlpha = alpha; pen.beginPath();
        for (let e = 0; e < consumers.length; e++) {
          if (world.days[e] === NEVER || world.days[e] > moment + 1 || !which(e)) continue;
          const parent = world.parents[e], grown = Math.min(1, moment + 1 - world.days[e]);
          if (grown <= 0 || (parent < 0 && !s.event)) continue;
          const fromX = parent < 0 ? cx : x(parent), fromY = parent < 0 ? cy : y(parent);
          pen.moveTo(fromX, fromY); pen.lineTo(fromX + (x(e) - fromX) * grown, fromY + (y(e) - fromY) * grown);
        }
        pen.stroke(); pen.globalAlpha = 1;
      };
      const today = (e) => moment < s.last && world.days[e] > moment - 1, own = (e) => !twin && below.has(e) && below.has(world.parents[e]);
      edges((e) => !today(e) && !own(e), c.tie, .7, .38); edges((e) => !today(e) && own(e), c.high, 1.3, .85); edges(today, c.warning, 1.2, .8);
      if (s.event) { pen.fillStyle = c.ink; pen.beginPath(); for (let tip = 0; tip < 10; tip++) { const far = tip % 2 ? 3.4 : 8, turn = tip * Math.PI / 5 - Math.PI / 2; pen.lineTo(cx + far * Math.cos(turn), cy + far * Math.sin(turn)); } pen.fill(); }
      const big = Math.max(.7, Math.min(1.5, scale / 230, 26 / Math.sqrt(consumers.length))), marked = new Set(s.marked);
      for (let pass = 0; pass < 4; pass++) for (let e = 0; e < consumers.length; e++) {
        const told = world.told[e], heard = world.days[e] !== NEVER && world.days[e] <= moment, layer = e === s.removed && twin ? 3 : marked.has(e) || e === s.chosen ? 2 : told > 0 ? 1 : 0;
        if (layer !== pass) continue;
        if (layer === 3) { cross(x(e), y(e), 7, c); continue; }
        if (!heard) {
          if (twin && world.days[e] === NEVER && other.days[e] !== NEVER && other.days[e] <= moment) { pen.strokeStyle = c.faint; pen.lineWidth = 1; pen.beginPath(); pen.arc(x(e), y(e), 1.9 * big, 0, 7); pen.stroke(); }
          continue;
        }
        const size = (told ? 1.7 + Math.sqrt(told) * 1.05 : 1.5) * big;
        if (twin && other.days[e] === NEVER) { pen.fillStyle = c.high; pen.beginPath(); pen.moveTo(x(e), y(e) - size - 2.4); pen.lineTo(x(e) + size + 2.4, y(e)); pen.lineTo(x(e), y(e) + size + 2.4); pen.lineTo(x(e) - size - 2.4, y(e)); pen.fill(); continue; }
        pen.fillStyle = marked.has(e) && told ? c.warning : told ? c.ink : c.faint;
        pen.beginPath(); pen.arc(x(e), y(e), size, 0, 7); pen.fill();
        if (layer === 2) { pen.strokeStyle = e === s.chosen ? c.high : c.paper; pen.lineWidth = e === s.chosen ? 3 : 1; pen.beginPath(); pen.arc(x(e), y(e), size + (e === s.chosen ? 3 : .5), 0, 7); pen.stroke(); }
      }
      pen.font = `600 11px ${style.fontFamily}`; pen.lineWidth = 3; pen.strokeStyle = c.paper;
      const taken = [];
      for (const e of new Set([s.chosen, s.removed, ...(worlds.length > 1 ? [] : s.marked)])) {
        if (!(e >= 0) || world.days[e] === NEVER && e !== s.removed || world.days[e] > moment) continue;
        const spot = [x(e), y(e) - 10 - (e === s.removed && twin ? 2 : Math.sqrt(world.told[e]) * 1.05 * big)];
        if (taken.some(([a, b]) => Math.abs(a - spot[0]) < 28 && Math.abs(b - spot[1]) < 12)) continue;
        taken.push(spot); pen.strokeText(consumers[e], ...spot); pen.fillStyle = e === s.chosen ? c.high : c.ink; pen.fillText(consumers[e], ...spot);
      }
    });
    if (worlds.length > 1) { pen.strokeStyle = c.line; pen.lineWidth = 1; pen.beginPath(); pen.moveTo(w / 2, 50); pen.lineTo(w / 2, h - 8); pen.stroke(); }
  }

  function cross(x, y, size, c) {
    pen.fillStyle = c.paper; pen.strokeStyle = c.warning; pen.lineWidth = 2;
    pen.beginPath(); pen.arc(x, y, size, 0, 7); pen.fill(); pen.stroke();
    pen.beginPath(); pen.moveTo(x - size * .6, y - size * .6); pen.lineTo(x + size * .6, y + size * .6); pen.moveTo(x + size * .6, y - size * .6); pen.lineTo(x - size * .6, y + size * .6); pen.stroke();
  }

  const LEFT = 46, RIGHT = 104, TOP = 20, BOTTOM = 18;
  const dayAt = (event) => { const s = status(), box = curve.getBoundingClientRect(); return Math.min(s.last, Math.max(s.first - 1, s.first - 1 + (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT) * (s.last - s.first + 1))); };

  function hearers() {
    const s = status(), [w, h] = fit(curve, ink), style = getComputedStyle(root), colour = (name) => style.getPropertyValue(name).trim(), high = Math.max(1, ...s.curves.flat());
    const x = (day) => LEFT + (day - s.first + 1) / (s.last - s.first + 1) * (w - LEFT - RIGHT), y = (value) => h - BOTTOM - value / high * (h - TOP - BOTTOM);
    ink.font = `11px ${style.fontFamily}`; ink.fillStyle = colour("--wom-soft"); ink.textAlign = "left"; ink.textBaseline = "alphabetic"; ink.fillText(words().hearers, 12, 12);
    ink.strokeStyle = colour("--wom-line"); ink.lineWidth = 1; ink.textAlign = "right"; ink.textBaseline = "middle";
    for (const value of [0, high]) { const at = Math.round(y(value)) + .5; ink.beginPath(); ink.moveTo(LEFT, at); ink.lineTo(w - RIGHT, at); ink.stroke(); ink.fillText(format(value), LEFT - 5, at); }
    ink.textAlign = "center"; ink.textBaseline = "alphabetic";
    const step = Math.max(1, Math.ceil((s.last - s.first + 1) / 8));
    for (let day = s.first; day <= s.last; day += step) ink.fillText(day === s.first ? `${words().day} ${day}` : day, x(day), h - 4);
    const ends = [];
    s.curves.forEach((values, k) => {
      const shade = colour(k ? "--wom-high" : "--wom-ink");
      for (const past of [false, true]) { // what is still to come is drawn faintly
        ink.strokeStyle = shade; ink.globalAlpha = past ? 1 : .25; ink.lineWidth = past ? 2.4 : 1.4; ink.setLineDash(k ? [6, 3] : []); ink.beginPath(); ink.moveTo(x(s.first - 1), y(0));
        values.forEach((value, d) => { if (!past || s.first + d <= moment) ink.lineTo(x(s.first + d), y(value)); });
        if (past && moment < s.last) { const d = Math.floor(moment) - s.first, from = d < 0 ? 0 : values[d], to = values[d + 1] ?? from; ink.lineTo(x(moment), y(from + (to - from) * (moment - Math.floor(moment)))); }
        ink.stroke(); ink.globalAlpha = 1; ink.setLineDash([]);
      }
      ends.push({ y: y(values[values.length - 1]), text: `${format(values[values.length - 1])} ${s.labels[k]}`, shade });
    });
    ends.sort((a, b) => a.y - b.y); if (ends.length > 1 && ends[1].y - ends[0].y < 13) ends[1].y = ends[0].y + 13;
    const over = Math.max(0, ends[ends.length - 1].y - (h - BOTTOM)); ink.textAlign = "left"; ink.textBaseline = "middle"; ink.font = `600 11px ${style.fontFamily}`;
    for (const end of ends) { ink.fillStyle = end.shade; ink.fillText(end.text, w - RIGHT + 6, end.y - over, RIGHT - 10); }
    ink.font = `11px ${style.fontFamily}`; ink.textBaseline = "alphabetic";
    for (const mark of s.marks) { ink.strokeStyle = ink.fillStyle = colour("--wom-warning"); ink.lineWidth = 1; ink.setLineDash([3, 3]); ink.beginPath(); ink.moveTo(x(mark.day), TOP - 4); ink.lineTo(x(mark.day), h - BOTTOM); ink.stroke(); ink.setLineDash([]); const late = x(mark.day) > w * .6; ink.textAlign = late ? "right" : "left"; ink.fillText(mark.label, x(mark.day) + (late ? -5 : 5), TOP + 10); }
    ink.strokeStyle = colour("--wom-ink"); ink.lineWidth = 1; ink.beginPath(); ink.moveTo(x(moment), TOP - 4); ink.lineTo(x(moment), h - BOTTOM + 3); ink.stroke();
  }

  // -- what the visitor does
  function pause() { running = false; keep(); reword(); paint(); }
  function toggle() {
    const s = status();
    if (running) { pause(); return; }
    if (moment >= s.last) moment = s.first - 1;
    if (still.matches) { moment = Math.min(s.last, Math.floor(moment) + 1); keep(); paint(); return; } // a day at a time
    running = true; before = 0; reword(); paint();
  }
  function keep() { model.set("moment", { shown, at: moment }); model.save_changes(); }
  function go(to) { const s = status(); running = false; moment = Math.min(s.last, Math.max(s.first - 1, to)); keep(); reword(); paint(); }
  function near(event) {
    const box = canvas.getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
    let best = null, least = 11;
    for (const place of places) for (let e = 0; e < consumers.length; e++) {
      const day = place.world.days[e], ghost = place.twin && day === NEVER;
      if (day > moment || (day === NEVER && !ghost)) continue;
      const far = Math.hypot(place.x(e) - px, place.y(e) - py) - Math.min(4, Math.sqrt(place.world.told[e]));
      if (far < least) { least = far; best = { e, place, px, py }; }
    }
    return best;
  }
  canvas.addEventListener("pointermove", (event) => {
    pointed = near(event); canvas.style.cursor = pointed ? "pointer" : "default"; tip.hidden = !pointed;
    if (!pointed) return;
    const { e, place } = pointed, w = words(), day = place.world.days[e], parent = place.world.parents[e];
    const how = day === NEVER ? w.never : parent < 0 ? w.began.replace("{day}", day) : (place.world.online[e] ? w.online : w.offline).replace("{day}", day).replace("{teller}", consumers[parent]);
    tip.textContent = [w.consumer.replace("{id}", consumers[e]), how, day === NEVER ? "" : w.tells.replace("{count}", format(place.world.told[e]))].filter(Boolean).join(" · ");
    tip.style.left = `${Math.min(pointed.px + 12, canvas.clientWidth - 190)}px`; tip.style.top = `${pointed.py + 14}px`;
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("click", (event) => { const found = near(event); if (found) send("pick", consumers[found.e]); });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === " ") toggle(); else if (event.key === "ArrowRight") go(Math.floor(moment) + 1); else if (event.key === "ArrowLeft") go(Math.ceil(moment) - 1); else return;
    event.preventDefault();
  });
  let dragging = false;
  curve.addEventListener("pointerdown", (event) => { dragging = true; curve.setPointerCapture(event.pointerId); go(dayAt(event)); });
  curve.addEventListener("pointermove", (event) => { if (dragging) go(dayAt(event)); });
  curve.addEventListener("pointerup", () => { dragging = false; });
  slider.addEventListener("input", () => { running = false; moment = Number(slider.value); reword(); paint(); });
  slider.addEventListener("change", () => go(Number(slider.value)));
  playing.onclick = toggle;

  model.on("change:status", read); model.on("change:words", () => { reword(); paint(); });
  const watcher = new ResizeObserver(paint); watcher.observe(root);
  const themes = new MutationObserver(paint), themed = document.querySelector(".v-application");
  if (themed) themes.observe(themed, { attributes: true, attributeFilter: ["class"] });
  read();
  return () => { if (running) keep(); watcher.disconnect(); themes.disconnect(); cancelAnimationFrame(wanted); };
}

export default { render };
