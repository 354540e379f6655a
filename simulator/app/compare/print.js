// A comparison on paper: headline first, then figures. Everything a scenario says comes in as text, never as markup.
const element = (tag, name, text) => { const made = document.createElement(tag); if (name) made.className = name; if (text !== undefined) made.textContent = text; return made; };
const SVG = "http://www.w3.org/2000/svg", DASHES = ["5 3", "", "9 3 2 3", "2 3", "12 4"];
const shape = (tag, attributes, text) => { const made = document.createElementNS(SVG, tag); for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value); if (text !== undefined) made.textContent = text; return made; };
const colour = (place) => `var(--wom-brand-${place ? place - 1 : 7})`, inkOf = (place) => `var(--wom-brand-ink-${place ? place - 1 : 7})`;

function render({ model, el }) {
  const root = element("div", "wom-print");
  el.append(root);
  let figures = [];
  const words = () => model.get("words"), paper = () => model.get("paper");
  const short = (text, letters) => text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1)).trimEnd()}…`;

  function scale(values, zero, percent) {
    let low = Math.min(...values, zero ? 0 : Infinity), high = Math.max(...values, zero ? 0 : -Infinity);
    if (!Number.isFinite(low)) { low = 0; high = 1; }
    const room = Math.max(high - low, percent ? .01 : Math.abs(high) * .01 || 1e-6) * .06;
    high += high > 0 || !zero ? room : 0; low -= low < 0 || !zero ? room : 0;
    if (percent) { high = Math.min(Math.max(1, Math.max(...values)), high); low = Math.max(Math.min(0, Math.min(...values)), low); }
    return [low, high];
  }
  function ticks(low, high, most) {
    const rough = (high - low) / most || 1, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * .999), found = [];
    for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-6; value += step) found.push(Math.abs(value) < step * 1e-6 ? 0 : value);
    return { step, found };
  }
  function written(value, percent, step) {
    if (value === null || value === undefined) return "–";
    const size = step * (percent ? 100 : 1), decimals = Math.max(0, Math.min(5, Math.ceil(-Math.log10(size) - 1e-9)));
    const large = Math.abs(value) >= 1e5 || step >= 1e4;
    return new Intl.NumberFormat(words().locale, { style: percent ? "percent" : "decimal", minimumFractionDigits: large ? 0 : decimals, maximumFractionDigits: large ? 1 : decimals, notation: large ? "compact" : "standard" }).format(value);
  }

  // -- a figure: title, picture, its table ---------------------------------------------------------------------------
  function figure(chart) {
    const box = element("figure", "wom-print-figure"), head = element("figcaption"), title = element("b", "", chart.title), sub = element("span", "wom-soft", chart.subtitle);
    const swap = element("button", "wom-print-swap", words().table), stage = element("div", "wom-print-stage"), live = element("div", "wom-unseen");
    swap.type = "button"; swap.setAttribute("aria-pressed", "false"); live.setAttribute("aria-live", "polite");
    head.append(title, sub, swap); box.append(head, stage, live);
    box.dataset.chart = chart.id;
    const it = { chart, stage, live, at: -1, table: false };
    swap.onclick = () => { it.table = !it.table; swap.textContent = it.table ? words().picture : words().table; swap.setAttribute("aria-pressed", String(it.table)); draw(it); };
    figures.push(it);
    return box;
  }
  function draw(it) {
    if (it.table) { it.stage.replaceChildren(it.chart.form === "curve" ? curveTable(it.chart) : markTable(it.chart)); return; }
    const width = it.stage.clientWidth, height = it.stage.clientHeight;
    if (width < 40 || height < 40) return;
    const picture = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", tabindex: 0, "aria-label": told(it.chart) });
    if (it.chart.form === "curve") curve(it, picture, width, height); else difference(it, picture, width, height);
    const focused = it.stage.contains(document.activeElement);
    it.stage.replaceChildren(picture);
    if (focused) picture.focus();
  }
  function told(chart) {
    const rows = chart.form === "curve" ? chart.series.map((each) => `${each.name} ${each.end}`) : chart.marks.map((each) => `${each.name} ${each.text}`);
    return `${chart.title}. ${chart.subtitle}: ${rows.join(", ")}.`;
  }

  function curve(it, picture, width, height) {
    const chart = it.chart, names = chart.series.map((each) => each.name), longest = Math.max(...names.map((name) => name.length), 3);
    const letters = Math.min(longest, Math.max(8, Math.floor(width * .3 / 6.2))), left = 40, right = letters * 6.2 + 12, top = 8, bottom = 20;
    const values = chart.series.flatMap((each) => [...each.low, ...each.high, ...each.mean]).filter((value) => value !== null), [low, high] = scale(values, chart.zero, chart.percent);
    const last = Math.max(...chart.series.map((each) => each.days[each.days.length - 1]), 1), x = (day) => left + day / last * (width - left - right), y = (value) => height - bottom - (value - low) / (high - low || 1) * (height - top - bottom);
    const grid = ticks(low, high, Math.max(2, Math.min(5, height / 44)));
    for (const value of grid.found) {
      picture.append(shape("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "wom-print-grid" }), shape("text", { x: left - 6, y: y(value) + 3.5, class: "wom-print-tick", "text-anchor": "end" }, written(value, chart.percent, grid.step)));
    }
    const weeks = last >= 28, unit = weeks ? 7 : 1, every = [1, 2, 4, 13, 26, 52, 104].find((each) => (last + 1) / unit / each <= 7) || 208;
    for (let count = every; count * unit <= last + 1; count += every) picture.append(shape("text", { x: x(count * unit - 1), y: height - 5, class: "wom-print-tick", "text-anchor": "middle" }, count === every ? `${weeks ? words().week : words().day} ${count}` : String(count)));
    const path = (days, row) => { let pen = false, said = ""; row.forEach((value, k) => { if (value === null) { pen = false; return; } said += `${pen ? "L" : "M"}${x(days[k]).toFixed(1)} ${y(value).toFixed(1)}`; pen = true; }); return said; };
    for (const each of chart.series) {
      const known = each.days.map((day, k) => k).filter((k) => each.low[k] !== null);
      if (known.length) picture.append(shape("path", { d: `M${known.map((k) => `${x(each.days[k]).toFixed(1)} ${y(each.high[k]).toFixed(1)}`).join("L")}L${known.reverse().map((k) => `${x(each.days[k]).toFixed(1)} ${y(each.low[k]).toFixed(1)}`).join("L")}Z`, fill: colour(each.place), opacity: .14 }));
    }
    const ends = [];
    for (const each of chart.series) {
      picture.append(shape("path", { d: path(each.days, each.mean), fill: "none", stroke: colour(each.place), "stroke-width": 2, "stroke-dasharray": DASHES[each.place % DASHES.length], "stroke-linejoin": "round" }));
      const end = each.mean[each.mean.length - 1];
      if (end !== null) ends.push({ name: each.name, place: each.place, y: y(end), x: x(each.days[each.days.length - 1]) });
    }
    ends.sort((a, b) => a.y - b.y);
    ends.forEach((end, k) => { end.at = Math.max(end.y, k ? ends[k - 1].at + 13 : top + 4); });
    const over = ends.length ? Math.max(0, ends[ends.length - 1].at - (height - bottom)) : 0;
    for (const end of ends) picture.append(shape("text", { x: width - right + 6, y: end.at - over + 4, class: "wom-print-name", fill: inkOf(end.place) }, short(end.name, letters)));
    if (it.at >= 0) cursor(it, picture, x, y, width, right, top, height - bottom, grid.step);
    const nearest = (event) => { const box = picture.getBoundingClientRect(); return Math.round(Math.max(0, Math.min(1, (event.clientX - box.left - left) / (width - left - right))) * (chart.series[0].days.length - 1)); };
    picture.onpointermove = (event) => { const at = nearest(event); if (at !== it.at) { it.at = at; draw(it); } };
    picture.onpointerleave = () => { if (it.at >= 0) { it.at = -1; draw(it); } };
    picture.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key], most = chart.series[0].days.length - 1;
      if (step) it.at = Math.max(0, Math.min(most, (it.at < 0 ? (step > 0 ? -1 : most + 1) : it.at) + step)); else if (event.key === "Home") it.at = 0; else if (event.key === "End") it.at = most; else if (event.key === "Escape") it.at = -1; else return;
      event.preventDefault(); draw(it);
      it.live.textContent = it.at < 0 ? "" : said(it, grid.step).join(", ");
    };
  }
  function said(it, step) {
    const day = it.chart.series[0].days[it.at];
    return [`${words().day} ${day + 1}`, ...it.chart.series.map((each) => `${each.name} ${written(each.mean[it.at], it.chart.percent, step / 10)} [${written(each.low[it.at], it.chart.percent, step / 10)}; ${written(each.high[it.at], it.chart.percent, step / 10)}]`)];
  }
  function cursor(it, picture, x, y, width, right, top, floor, step) {
    const lines = said(it, step), at = x(it.chart.series[0].days[it.at]), wide = Math.min(width * .7, Math.max(...lines.map((line) => short(line, 46).length)) * 5.9 + 14), tall = lines.length * 14 + 8, from = at + wide + 10 > width ? at - wide - 8 : at + 8;
    picture.append(shape("line", { x1: at, x2: at, y1: top, y2: floor, class: "wom-print-cursor" }));
    for (const each of it.chart.series) if (each.mean[it.at] !== null && it.at < each.mean.length) picture.append(shape("circle", { cx: at, cy: y(each.mean[it.at]), r: 3, fill: colour(each.place) }));
    picture.append(shape("rect", { x: Math.max(2, from), y: top, width: wide, height: tall, rx: 4, class: "wom-print-box" }));
    lines.forEach((line, k) => picture.append(shape("text", { x: Math.max(2, from) + 7, y: top + 15 + 14 * k, class: "wom-print-said", fill: k ? inkOf(it.chart.series[k - 1].place) : "var(--wom-ink)" }, short(line, 46))));
  }
  function difference(it, picture, width, height) {
    const marks = it.chart.marks, letters = Math.min(Math.max(...marks.map((mark) => mark.name.length)), Math.floor(width * .3 / 6.2)), left = letters * 6.2 + 14, right = 14, bottom = 22, top = 6;
    const [low, high] = scale(marks.flatMap((mark) => [mark.mean, mark.low, mark.high, 0]).filter((value) => value !== null), true, false), x = (value) => left + (value - low) / (high - low || 1) * (width - left - right), row = (height - top - bottom) / marks.length;
    const grid = ticks(low, high, Math.max(2, Math.min(5, (width - left) / 75)));
    for (const value of grid.found) picture.append(shape("line", { x1: x(value), x2: x(value), y1: top, y2: height - bottom, class: value === 0 ? "wom-print-zero" : "wom-print-grid" }), shape("text", { x: x(value), y: height - 6, class: "wom-print-tick", "text-anchor": "middle" }, written(value, false, grid.step)));
    marks.forEach((mark, k) => {
      const y = top + row * (k + .5);
      picture.append(shape("text", { x: left - 10, y: y + 4, class: "wom-print-name", fill: inkOf(mark.place), "text-anchor": "end" }, short(mark.name, letters)));
      if (mark.low !== null) picture.append(shape("line", { x1: x(mark.low), x2: x(mark.high), y1: y, y2: y, stroke: colour(mark.place), "stroke-width": 5, "stroke-linecap": "round", opacity: .5 }));
      picture.append(shape("circle", { cx: x(mark.mean), cy: y, r: 4.5, fill: inkOf(mark.place) }));
      const wide = mark.text.length * 5.7, near = x(mark.mean) - left > wide || x(mark.mean) + wide > width;
      if (row > 30) picture.append(shape("text", { x: near ? Math.max(left + wide, x(mark.mean)) : Math.max(left + 4, x(mark.mean)), y: y - 10, class: "wom-print-said", fill: "var(--wom-ink)", "text-anchor": near ? "end" : "start" }, mark.text));
    });
  }

  // -- tables ----------------------------------------------------------------------------------------------------------
  function table(header, rows, caption) {
    const box = element("div", "wom-print-scroll"), made = element("table", "wom-table wom-print-table"), head = element("thead"), body = element("tbody"), first = element("tr");
    box.tabIndex = 0;
    if (caption) made.append(element("caption", "", caption));
    header.forEach((name, k) => { const cell = element("th", "", name); cell.scope = "col"; if (k) cell.style.color = inkOf(paper().names.indexOf(name)); first.append(cell); });
    head.append(first);
    for (const row of rows) { const line = element("tr"); row.forEach((value, k) => { const cell = element(k ? "td" : "th", "", k && value instanceof Node ? undefined : value); if (!k) cell.scope = "row"; if (value instanceof Node) cell.append(value); line.append(cell); }); body.append(line); }
    made.append(head, body); box.append(made);
    return box;
  }
  function curveTable(chart) {
    const days = chart.series[0].days, every = Math.max(1, Math.ceil(days.length / 14)), kept = days.map((day, k) => k).filter((k) => (days.length - 1 - k) % every === 0);
    const values = chart.series.flatMap((each) => each.mean).filter((value) => value !== null), step = (Math.max(...values) - Math.min(...values)) / 100 || 1e-3;
    return table([words().day, ...chart.series.map((each) => each.name)], kept.map((k) => [String(days[k] + 1), ...chart.series.map((each) => `${written(each.mean[k], chart.percent, step)} [${written(each.low[k], chart.percent, step)}; ${written(each.high[k], chart.percent, step)}]`)]));
  }
  const markTable = (chart) => table([words().scenario, words().difference], chart.marks.map((mark) => [mark.name, mark.text]));
  function cell(each) {
    const box = element("div", "wom-print-cell"), first = element("div"), second = element("div");
    first.append(element("b", "", each.value)); box.append(first);
    if (each.verdict) { first.append(element("small", "wom-soft", each.difference)); second.append(element("small", each.kind, `${each.sign} ${each.verdict}`), element("small", "wom-soft", each.doubts)); box.append(second); }
    return box;
  }

  // -- the sides -------------------------------------------------------------------------------------------------------
  function front(page) {
    const head = element("header", "wom-print-head"), line = element("p", "wom-print-deck");
    const headline = element("h2", page.headline.length > 230 ? "long" : "", page.headline);
    if (page.stamp) { const stamp = element("span", "wom-print-stamp", page.stamp); stamp.title = page.meaning; line.append(stamp, " "); }
    line.append(page.deck || "");
    head.append(headline, line);
    root.append(head);
    if (!page.charts) { root.append(list(page.failures || [])); return; }
    const body = element("div", "wom-print-front"), grid = element("div", "wom-print-grid4"), side = element("aside", "wom-print-side");
    for (const id of page.front) { const chart = page.charts.find((each) => each.id === id); if (chart) grid.append(figure(chart)); }
    if (page.verdicts.length) {
      side.append(element("h3", "", words().verdicts.replace("{name}", page.baseline)));
      for (const one of page.verdicts) {
        const box = element("section"), name = element("h4", "", one.name);
        box.style.borderColor = colour(one.place); name.style.color = inkOf(one.place);
        box.append(name);
        for (const each of one.lines) {
          const row = element("div", "wom-print-verdict"); row.title = each.doubts;
          row.append(element("span", "wom-print-label", each.label), element("b", each.kind, `${each.sign} ${each.said}`), element("span", "wom-soft", each.difference));
          box.append(row);
        }
        side.append(box);
      }
      side.append(element("p", "wom-soft", `${words().band} ${words().dots}`));
    }
    side.tabIndex = 0;
    body.append(grid, side); root.append(body);
  }
  function list(lines) { const made = element("ul", "wom-print-list"); for (const line of lines) made.append(element("li", "", line)); return made; }
  const sides = {
    front,
    figures(page) {
      root.append(element("p", "wom-print-caption", page.caption), table([words().figure, ...page.names], page.figures.rows.map((row) => [row.label, ...row.cells.map(cell)])), element("p", "wom-soft wom-print-note", words().key));
    },
    curves(page) { const grid = element("div", "wom-print-curves"); for (const chart of page.charts) grid.append(figure(chart)); root.append(grid); },
    doubts(page) {
      const box = element("div", "wom-print-doubts"), one = element("div"), other = element("div");
      one.append(element("h3", "", words().changes), list(page.changes));
      if (page.warnings.length) one.append(element("h3", "", words().warnings), list(page.warnings));
      if (page.failures.length) one.append(element("h3", "", words().failed), list(page.failures));
      if (page.course) other.append(element("h3", "", words().course.replace("{name}", page.baseline)), table([words().figure, ...page.course.names], page.course.rows.map((row) => [row.label, ...row.cells])));
      if (page.causal) other.append(element("h3", "", words().causal), table([words().figure, ...page.causal.names], page.causal.rows.map((row) => [row.label, ...row.cells])));
      box.append(one, other); root.append(box);
    },
  };

  function build() {
    const page = paper();
    figures = []; root.replaceChildren();
    if (!page.headline || !words().locale) return;
    root.dataset.side = model.get("tab");
    (sides[page.charts ? model.get("tab") : "front"] || front)(page);
    requestAnimationFrame(() => figures.forEach(draw));
  }
  const watcher = new ResizeObserver(() => figures.forEach(draw));
  watcher.observe(root);
  for (const name of ["paper", "words", "tab"]) model.on(`change:${name}`, build);
  build();
  return () => watcher.disconnect();
}

export default { render };
