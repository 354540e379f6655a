// Twenty worlds unfold day by day: a thin curve for each world and variant, a thick one for the median, dots at the end.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };
const DASHES = [[], [7, 4], [2, 3]], SPEEDS = [7, 14, 28], SHAPES = ["circle", "square", "triangle"];
const ICONS = {
  play: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4.5v15l12.5-7.5z"/></svg>', pause: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z"/></svg>',
  end: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 5v14l10-7zM15.5 5H18v14h-2.5z"/></svg>', start: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5h2.5v14H5zM19 5v14L9 12z"/></svg>',
};

function render({ model, el }) {
  const root = element("div", "wom-story-worlds"), figures = element("div", "wom-story-charts"), table = element("div", "wom-story-table"), bar = element("div", "wom-story-transport");
  root.append(figures, table, bar);
  el.append(root);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let charts = [], at = 0, playing = false, speed = SPEEDS[0], last = 0, wanted = 0, told = 0, said = -1, run = "", values = new Float32Array(0), medians = [];
  const words = () => model.get("words"), days = () => model.get("days"), send = (kind, value = null) => model.send({ kind, value });
  const value = (c, v, w, d) => values[((c * model.get("variants").length + v) * model.get("worlds") + w) * days() + d];
  const number = (chart, x, digits) => new Intl.NumberFormat(words().locale, { style: chart.percent ? "percent" : "decimal", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(x);

  function take() {
    const bytes = model.get("curves");
    values = bytes.byteLength ? new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)) : new Float32Array(0);
    medians = model.get("charts").map((_, c) => model.get("variants").map((_, v) => Array.from({ length: days() }, (_, d) => {
      const all = []; for (let w = 0; w < model.get("worlds"); w++) { const x = value(c, v, w, d); if (!Number.isNaN(x)) all.push(x); }
      all.sort((a, b) => a - b); const middle = all.length >> 1;
      return all.length ? all.length % 2 ? all[middle] : (all[middle - 1] + all[middle]) / 2 : NaN;
    })));
  }

  // -- time
  function begin() {
    if (model.get("run") === run) { if (model.get("told") && at < days()) finish(); return; }
    run = model.get("run"); take(); lay(); said = -1;
    if (!run) return;
    if (model.get("told") || still.matches) finish(); else { at = 0; play(true); }
  }
  function finish() { at = days(); play(false); tell(true); if (!model.get("told")) send("end"); }
  function play(on) { playing = on; last = 0; if (on && at >= days()) at = 0; buttons(); ask(); }
  function tell(now = false) {
    const day = Math.min(days(), Math.floor(at));
    if (day !== said && (now || performance.now() - told > 60)) { said = day; told = performance.now(); send("day", day); root.dataset.day = day; }
  }
  function ask() { if (!wanted) wanted = requestAnimationFrame(step); }
  function step(now) {
    wanted = 0;
    if (playing) {
      if (last) at = Math.min(days(), at + Math.min(.25, (now - last) / 1000) * speed);
      last = now;
      if (at >= days()) finish(); else { tell(); ask(); }
    }
    draw();
  }

  // -- the picture
  function lay() {
    charts = model.get("charts").map((chart, c) => {
      const figure = element("figure", "wom-story-chart"), canvas = element("canvas");
      canvas.setAttribute("role", "img");
      figure.append(element("figcaption", "", chart.label), canvas);
      return { figure, canvas, chart, c };
    });
    figures.replaceChildren(...charts.map((each) => each.figure));
  }

  function limits(c) {
    let low = Infinity, high = -Infinity;
    const size = model.get("variants").length * model.get("worlds") * days(), since = model.get("charts")[c].since;
    for (let k = c * size; k < (c + 1) * size; k++) { if (k % days() < since) continue; const x = values[k]; if (x < low) low = x; if (x > high) high = x; }
    if (!(high > low)) return [0, 1];
    const room = (high - low) * .06;
    return [Math.max(0, low - room), Math.min(1, high + room)];
  }

  function draw() {
    const style = getComputedStyle(root), colour = (name) => style.getPropertyValue(name).trim(), ratio = Math.min(2, devicePixelRatio || 1), count = model.get("worlds"), variants = model.get("variants"), until = Math.min(days() - 1, Math.floor(at) - 1);
    for (const { canvas, chart, c } of charts) {
      const w = canvas.clientWidth, h = canvas.clientHeight;
      if (!w || !h || !values.length) continue;
      if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) { canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio); }
      const pen = canvas.getContext("2d"), left = 38, right = Math.min(150, w * .27), top = 8, bottom = 18, [low, high] = limits(c);
      const x = (day) => left + day / (days() - 1) * (w - left - right), y = (v) => h - bottom - (v - low) / (high - low) * (h - top - bottom);
      pen.setTransform(ratio, 0, 0, ratio, 0, 0); pen.clearRect(0, 0, w, h); pen.font = `11px ${style.fontFamily}`; pen.textBaseline = "middle";
      for (const tick of ticks(low, high)) { const line = Math.round(y(tick)) + .5; pen.strokeStyle = colour("--wom-line"); pen.lineWidth = 1; pen.beginPath(); pen.moveTo(left, line); pen.lineTo(w - right, line); pen.stroke(); pen.fillStyle = colour("--wom-soft"); pen.textAlign = "right"; pen.fillText(number(chart, tick, chart.percent ? high - low < .08 ? 1 : 0 : 2), left - 5, line); }
      for (const mark of model.get("marks")) { pen.strokeStyle = colour("--wom-accent"); pen.setLineDash([2, 2]); pen.beginPath(); pen.moveTo(x(mark.day), top); pen.lineTo(x(mark.day), h - bottom); pen.stroke(); pen.setLineDash([]); pen.fillStyle = colour("--wom-accent"); pen.textAlign = "left"; pen.fillText(mark.label, x(mark.day) + 4, top + 6); }
      const ends = [];
      variants.forEach((variant, v) => {
        const own = colour(`--wom-brand-${v}`);
        const curve = (read) => { pen.beginPath(); let drawing = false; for (let d = chart.since; d <= until; d++) { const each = read(d); if (Number.isNaN(each)) { drawing = false; continue; } pen[drawing ? "lineTo" : "moveTo"](x(d), y(each)); drawing = true; } pen.stroke(); };
        pen.strokeStyle = pen.fillStyle = own; pen.lineJoin = "round"; pen.lineWidth = 1; pen.globalAlpha = .3;
        for (let world = 0; world < count; world++) curve((d) => value(c, v, world, d));
        pen.globalAlpha = 1;
        if (until < chart.since) return;
        pen.lineWidth = 3; pen.setLineDash(DASHES[v]); curve((d) => medians[c][v][d]); pen.setLineDash([]);
        const edge = x(until) + 8 + v * 9;
        pen.globalAlpha = .75;
        for (let world = 0; world < count; world++) { const each = value(c, v, world, until); if (!Number.isNaN(each)) dot(pen, SHAPES[v], edge, y(each), 2.6); }
        pen.globalAlpha = 1;
        const middle = medians[c][v][until];
        if (!Number.isNaN(middle)) ends.push({ text: `${variant.label} ${number(chart, middle, chart.percent ? 1 : 2)}`, y: y(middle), ink: colour(`--wom-brand-ink-${v}`), v });
      });
      ends.sort((a, b) => a.y - b.y);
      ends.forEach((end, k) => { if (k && end.y - ends[k - 1].y < 14) end.y = ends[k - 1].y + 14; });
      const over = ends.length ? Math.max(0, ends[ends.length - 1].y - (h - bottom - 2)) : 0;
      pen.textAlign = "left"; pen.font = `600 12px ${style.fontFamily}`;
      for (const end of ends) { pen.fillStyle = end.ink; const from = Math.min(x(until), w - right) + 12 + 9 * variants.length; pen.fillText(end.text, from, end.y - over, w - from - 2); }
      pen.font = `11px ${style.fontFamily}`; pen.fillStyle = colour("--wom-soft"); pen.textBaseline = "alphabetic"; pen.fillText(`${words().day} 0`, left, h - 4); pen.textAlign = "right"; pen.fillText(String(days()), w - right, h - 4);
      canvas.setAttribute("aria-label", `${chart.label}. ${words().day} ${Math.max(0, until + 1)}. ${words().median}: ${ends.map((end) => end.text).join(", ") || "–"}.`);
    }
    counter.textContent = Math.min(days(), Math.floor(at)); root.dataset.playing = String(playing);
  }

  function dot(pen, kind, x, y, r) {
    pen.beginPath();
    if (kind === "square") pen.rect(x - r * .9, y - r * .9, r * 1.8, r * 1.8);
    else if (kind === "triangle") { pen.moveTo(x, y - r * 1.2); pen.lineTo(x + r * 1.1, y + r * .8); pen.lineTo(x - r * 1.1, y + r * .8); pen.closePath(); }
    else pen.arc(x, y, r, 0, 7);
    pen.fill();
  }

  function ticks(low, high) {
    const rough = (high - low) / 4 || 1, power = 10 ** Math.floor(Math.log10(rough)), size = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough), found = [];
    for (let each = Math.ceil(low / size) * size; each <= high + size * 1e-6; each += size) found.push(Math.abs(each) < size * 1e-6 ? 0 : each);
    return found;
  }

  // -- what surrounds it
  const counter = element("b", "wom-story-day");
  const button = (label, icon, action) => { const made = element("button", "wom-button wom-story-icon"); made.type = "button"; made.title = label; made.setAttribute("aria-label", label); made.innerHTML = icon; made.onclick = action; return made; };
  function buttons() {
    const w = words(), held = bar.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    if (!w.day) return;
    const main = button(playing ? w.pause : w.play, playing ? ICONS.pause : ICONS.play, () => play(!playing)), speeds = element("div", "wom-segments"), more = element("button", "wom-button wom-story-more", w.table), day = element("span", "wom-story-count");
    main.dataset.id = "main"; main.classList.add("wom-story-main");
    speeds.setAttribute("role", "radiogroup"); speeds.setAttribute("aria-label", w.speed);
    SPEEDS.forEach((each, k) => { const one = element("button", `wom-button${each === speed ? " on" : ""}`, `${[1, 2, 4][k]}×`); one.type = "button"; one.dataset.id = `speed${each}`; one.setAttribute("role", "radio"); one.setAttribute("aria-checked", String(each === speed)); one.onclick = () => { speed = each; buttons(); }; speeds.append(one); });
    more.type = "button"; more.dataset.id = "more"; more.setAttribute("aria-expanded", String(root.dataset.table === "true")); more.onclick = () => { root.dataset.table = String(root.dataset.table !== "true"); buttons(); ask(); };
    day.append(element("span", "", `${w.day} `), counter, element("span", "", ` / ${days()}`));
    const back = button(w.restart, ICONS.start, () => { at = 0; play(!still.matches); tell(true); }), end = button(w.skip, ICONS.end, finish);
    back.dataset.id = "back"; end.dataset.id = "end";
    bar.replaceChildren(back, main, end, speeds, day, more);
    if (held) bar.querySelector(`[data-id=${held}]`)?.focus();
  }
  function fill() {
    const made = element("table", "wom-table");
    for (const [k, row] of model.get("table").entries()) { const line = element("tr"); row.forEach((cell, place) => line.append(element(k && place ? "td" : "th", "", cell))); made.append(line); }
    table.replaceChildren(made);
  }

  model.on("change:run", begin); model.on("change:told", begin);
  model.on("change:table", fill);
  model.on("change:charts", () => { lay(); ask(); });
  for (const name of ["words", "variants", "marks"]) model.on(`change:${name}`, () => { buttons(); ask(); });
  model.on("msg:custom", (message) => { if (message.kind === "skip" && run && at < days()) finish(); });
  const watcher = new ResizeObserver(ask); watcher.observe(root);
  const themes = new MutationObserver(ask), themed = document.querySelector(".v-application");
  if (themed) themes.observe(themed, { attributes: true, attributeFilter: ["class"] });
  fill(); begin(); buttons(); ask();
  return () => { watcher.disconnect(); themes.disconnect(); cancelAnimationFrame(wanted); };
}

export default { render };
