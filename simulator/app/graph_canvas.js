// The social graph on a canvas. Positions and ties come once, then one frame of bytes a day (simulator/app/scene.py).
function render({ model, el }) {
  const root = element("div", "wom-stage"), scene = element("div", "wom-worlds"), tip = element("div", "wom-tip");
  const legend = element("div", "wom-legend"), toolbar = element("div", "wom-views"), big = element("div", "wom-day"), transport = element("div", "wom-transport");
  const spoken = element("p", "wom-unseen"), card = element("div", "wom-consumer");
  spoken.setAttribute("aria-live", "polite");
  tip.hidden = card.hidden = true;
  root.append(scene, toolbar, big, legend, tip, card, transport, spoken);
  el.append(root);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const web = document.createElement("canvas"), worlds = []; // pictures of the same consumers, side by side
  let points = new Float32Array(0), ties = new Uint16Array(0);
  let width = 1, height = 1, ratio = 1, zoom = 1, shiftX = 0, shiftY = 0, palette = [], scale = 3, webAt = null, wanted = 0, came = 0, beat = 300;
  let screen = new Float32Array(0), chosen = -1, chosenIn = 0, over = -1, friends = new Set(), neighbours = [], frames = 0, day = 0, seeking = false, colourless = true;

  const words = () => model.get("words"), status = () => model.get("status"), view = () => status().view;
  const send = (kind, value, world = 0) => model.send({ kind, value, world });
  const about = consumerCard(card, words, send, () => choose(-1));

  // -- geometry: that of every picture
  const margin = () => worlds.length > 1 ? 28 : 75, middle = () => worlds.length > 1 ? height / 2 + 8 : (height - 34) / 2;

  function place() {
    screen = new Float32Array(points.length);
    const w = (width - 56) / 2 * zoom, h = (height - 2 * margin()) / 2 * zoom, middleX = width / 2 + shiftX, middleY = middle() + shiftY;
    for (let k = 0; k < points.length; k += 2) { screen[k] = middleX + points[k] * w; screen[k + 1] = middleY + points[k + 1] * h; }
    scale = Math.max(1.4, Math.min(9, Math.sqrt(w * h / Math.max(1, points.length / 2)) * .23));
  }

  function resize() {
    const two = worlds.length > 1, whole = root.getBoundingClientRect();
    scene.style.top = two ? `${toolbar.offsetTop + toolbar.offsetHeight + 10}px` : ""; scene.style.bottom = two ? `${whole.height - legend.offsetTop + 8}px` : "";
    card.style.top = two ? `${toolbar.offsetTop + toolbar.offsetHeight + 20}px` : ""; card.style.maxHeight = two ? `${legend.offsetTop - toolbar.offsetTop - toolbar.offsetHeight - 38}px` : "";
    const box = worlds.length ? worlds[0].box.getBoundingClientRect() : {};
    if (!box.width || !box.height) return;
    width = box.width; height = box.height; ratio = Math.min(2, devicePixelRatio || 1);
    for (const { canvas } of worlds) { canvas.width = width * ratio; canvas.height = height * ratio; }
    place(); webAt = null; ask();
    if (colourless) repaint(); // colours are those of the page, which this was not yet part of
  }

  function repaint() { if (!words().day) return; colourless = !root.isConnected; palette = looks(view(), getComputedStyle(root), model.get("scales").steps); webAt = null; drawLegend(); if (worlds.length > 1) resize(); ask(); }

  // -- drawing
  function drawWeb() {
    web.width = width * ratio; web.height = height * ratio;
    const pen = web.getContext("2d");
    pen.scale(ratio, ratio);
    pen.strokeStyle = getComputedStyle(root).getPropertyValue("--wom-tie");
    pen.lineWidth = .6; pen.globalAlpha = Math.min(.4, 500 / Math.max(1, ties.length / 2) + .04) * Math.min(2, Math.sqrt(zoom));
    pen.beginPath();
    for (let k = 0; k < ties.length; k += 2) {
      const a = 2 * ties[k], b = 2 * ties[k + 1];
      pen.moveTo(screen[a], screen[a + 1]); pen.lineTo(screen[b], screen[b + 1]);
    }
    pen.stroke();
    webAt = [shiftX, shiftY];
  }

  function ask() { if (!wanted) wanted = requestAnimationFrame(draw); }

  function draw(now) {
    wanted = 0;
    if (!points.length || !worlds.length) return;
    if (!webAt) drawWeb();
    const style = getComputedStyle(root), age = (now - came) / beat, moving = !still.matches && age < 1;
    for (const world of worlds) drawWorld(world, style, moving ? Math.max(0, age) : 1);
    if (moving && worlds.some((world) => world.told.pairs.length)) ask();
    frames++;
  }

  function drawWorld({ canvas, context, states, told }, style, age) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(web, (shiftX - webAt[0]) * ratio, (shiftY - webAt[1]) * ratio);
    context.scale(ratio, ratio);
    const paths = palette.map(() => new Path2D()), praise = new Path2D(), warning = new Path2D();
    for (let k = 0; k < states.length; k++) {
      const x = screen[2 * k], y = screen[2 * k + 1];
      if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
      const state = states[k], look = palette[state & 15] || palette[0], path = paths[state & 15] || paths[0];
      if (view() === "talk" && state > 15) shape(state & WARNED ? warning : praise, state & WARNED ? "down" : "triangle", x, y, scale * 1.5);
      else {
        shape(path, look.shape, x, y, scale * look.size);
        if (state > 15) { const ring = state & WARNED ? warning : praise; ring.moveTo(x + scale * 1.9, y); ring.arc(x, y, scale * 1.9, 0, 2 * Math.PI); }
      }
    }
    context.globalAlpha = chosen >= 0 ? .35 : 1;
    palette.forEach((look, k) => { if (look) { context.fillStyle = css(look.rgb); context.fill(paths[k]); } });
    context.globalAlpha = 1;
    const good = style.getPropertyValue("--wom-praise"), bad = style.getPropertyValue("--wom-warning");
    for (const [path, colour] of [[praise, good], [warning, bad]]) {
      if (view() === "talk") { context.fillStyle = colour; context.fill(path); }
      else { context.strokeStyle = colour; context.lineWidth = colour === bad ? 1.5 : .8; context.stroke(path); }
    }
    drawTold(context, told, age, style, good, bad);
    if (chosen >= 0) drawChosen(context, states, style);
    if (over >= 0 && over !== chosen) ring(context, over, style.getPropertyValue("--wom-ink"), 1.5);
  }

  // along the ties, in the colour of the brand that is spoken of where that is the view; a warning is dashed and ends in a point
  function drawTold(context, told, age, style, good, bad) {
    const groups = view() === "favourite" ? model.get("brands").length : 1, top = told.pairs.length / 2;
    for (let group = 0; group < 2 * groups; group++) {
      const warned = group % 2, brand = group >> 1, lines = new Path2D(), heads = new Path2D();
      for (let k = 0; k < 2 * top; k += 2) {
        if (told.about[k + 1] !== warned || groups > 1 && told.about[k] !== brand) continue;
        const a = 2 * told.pairs[k], b = 2 * told.pairs[k + 1], x = screen[a], y = screen[a + 1];
        const hereX = x + (screen[b] - x) * age, hereY = y + (screen[b + 1] - y) * age;
        lines.moveTo(x, y); lines.lineTo(hereX, hereY);
        shape(heads, warned ? "down" : "circle", hereX, hereY, Math.max(1.8, scale * .6));
      }
      context.strokeStyle = context.fillStyle = groups > 1 ? style.getPropertyValue(`--wom-brand-${Math.min(brand, 7)}`) : warned ? bad : good;
      context.globalAlpha = .6; context.lineWidth = 1.2; context.setLineDash(warned ? [4, 3] : []); context.stroke(lines);
      context.setLineDash([]); context.globalAlpha = 1; context.fill(heads);
    }
  }

  function ring(context, k, colour, line) {
    context.strokeStyle = colour; context.lineWidth = line; context.beginPath();
    context.arc(screen[2 * k], screen[2 * k + 1], scale + 4, 0, 2 * Math.PI); context.stroke();
  }

  function drawChosen(context, states, style) {
    const ink = style.getPropertyValue("--wom-ink");
    context.strokeStyle = ink; context.lineWidth = .8; context.beginPath();
    for (const k of friends) { context.moveTo(screen[2 * chosen], screen[2 * chosen + 1]); context.lineTo(screen[2 * k], screen[2 * k + 1]); }
    context.stroke();
    for (const k of [...friends, chosen]) {
      const look = palette[states[k] & 15] || palette[0], path = new Path2D();
      shape(path, look.shape, screen[2 * k], screen[2 * k + 1], scale * (k === chosen ? 1.5 : 1.1));
      context.fillStyle = css(look.rgb); context.fill(path); context.stroke(path);
    }
    ring(context, chosen, ink, 2);
  }

  // -- what comes from the run
  function readLayout() {
    const p = model.get("positions"), t = model.get("ties");
    points = new Float32Array(p.buffer.slice(p.byteOffset, p.byteOffset + p.byteLength));
    ties = new Uint16Array(t.buffer.slice(t.byteOffset, t.byteOffset + t.byteLength));
    neighbours = []; choose(-1); place(); webAt = null; ask();
  }

  function readFrame() {
    const bytes = model.get("frame");
    if (!bytes || bytes.byteLength < 16 || !counter) return;
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), number = data.getUint32(0, true);
    let at = 0, w = 0;
    for (; at < bytes.byteLength; w++) { // one world after another
      const n = data.getUint32(at + 8, true), m = data.getUint32(at + 12, true), from = bytes.byteOffset + at + 16, pairsAt = from + n + (4 - n % 4) % 4;
      const world = worlds[w] || opened(w);
      world.states = new Uint8Array(bytes.buffer.slice(from, from + n));
      world.told = { pairs: new Uint16Array(bytes.buffer.slice(pairsAt, pairsAt + 4 * m)), about: new Uint8Array(bytes.buffer.slice(pairsAt + 4 * m, pairsAt + 6 * m)) };
      at = pairsAt + 6 * m - bytes.byteOffset; at += (4 - at % 4) % 4;
    }
    if (w !== worlds.length || root.dataset.worlds !== String(w)) arrange(w);
    day = data.getUint32(4, true);
    const now = performance.now();
    beat = status().playing ? Math.max(60, Math.min(600, 1000 / status().speed)) : 600;
    came = now;
    root.dataset.frame = number; root.dataset.day = day; root.dataset.drawn = frames;
    if (!seeking) slider.value = day;
    counter.textContent = day;
    send("seen", number);
    ask();
    about.at(day);
  }

  function arrange(count) {
    while (worlds.length > count) worlds.pop().box.remove();
    root.dataset.worlds = count;
    if (chosenIn >= count) choose(-1);
    name(); resize();
  }

  const name = () => worlds.forEach((world, w) => { world.title.textContent = (model.get("worlds") || [])[w] || ""; describe(world, w); });
  const describe = ({ canvas }, w) => canvas.setAttribute("aria-label", [(model.get("worlds") || [])[w], words().picture, status().spoken].filter(Boolean).join(" "));

  // -- whom one looks at
  function nearest(event) {
    const box = event.currentTarget.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = -1, least = Math.max(64, scale * scale * 4);
    for (let k = 0; k < points.length / 2; k++) { const d = (screen[2 * k] - x) ** 2 + (screen[2 * k + 1] - y) ** 2; if (d < least) { least = d; best = k; } }
    return best;
  }

  function tiedTo(k) {
    if (!neighbours.length) {
      neighbours = Array.from({ length: points.length / 2 }, () => []);
      for (let t = 0; t < ties.length; t += 2) { neighbours[ties[t]].push(ties[t + 1]); neighbours[ties[t + 1]].push(ties[t]); }
    }
    return neighbours[k] || [];
  }

  function choose(k, w = 0) {
    chosen = k; chosenIn = w; friends = new Set(k >= 0 ? tiedTo(k) : []);
    about.choose(k, w);
    if (k >= 0) about.at(day);
    ask();
  }

  model.on("msg:custom", about.take);

  function opened(w) {
    const box = element("div", "wom-world"), canvas = element("canvas", "wom-canvas"), title = element("p", "wom-world-title");
    let drag = null;
    canvas.tabIndex = 0; canvas.setAttribute("role", "img");
    box.append(canvas, title); scene.append(box);
    canvas.addEventListener("pointerdown", (event) => { drag = { x: event.clientX, y: event.clientY, shiftX, shiftY, moved: false }; canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener("pointermove", (event) => {
      if (drag) {
        const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
        drag.moved ||= Math.abs(dx) + Math.abs(dy) > 4;
        if (drag.moved) { shiftX = drag.shiftX + dx; shiftY = drag.shiftY + dy; place(); tip.hidden = true; ask(); }
        return;
      }
      const k = nearest(event);
      if (k !== over) { over = k; ask(); }
      tip.hidden = k < 0;
      if (k >= 0) {
        const box = root.getBoundingClientRect();
        tip.textContent = `${words().consumer} ${model.get("numbers") ? model.get("numbers")[k] : k}: ${meaning(worlds[w].states[k])}`;
        tip.style.left = `${Math.min(event.clientX - box.left + 14, box.width - 220)}px`; tip.style.top = `${event.clientY - box.top + 14}px`;
      }
    });
    canvas.addEventListener("pointerup", (event) => { if (drag && !drag.moved) { const k = nearest(event); choose(k === chosen && w === chosenIn ? -1 : k, w); } if (drag?.moved) webAt = null; drag = null; ask(); });
    canvas.addEventListener("pointerleave", () => { over = -1; tip.hidden = true; ask(); });
    canvas.addEventListener("wheel", (event) => { event.preventDefault(); const box = canvas.getBoundingClientRect(); zoomBy(Math.exp(-event.deltaY * .0015), event.clientX - box.left, event.clientY - box.top); }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const step = 40, move = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
      if (move) { shiftX += move[0]; shiftY += move[1]; place(); webAt = null; ask(); }
      else if (event.key === "+" || event.key === "=") zoomBy(1.25);
      else if (event.key === "-") zoomBy(.8);
      else if (event.key === "0") { zoom = 1; shiftX = shiftY = 0; place(); webAt = null; ask(); }
      else if (event.key === "Escape") choose(-1);
      else if (event.key === "n") choose((chosen + 1) % Math.max(1, points.length / 2), w);
      else return;
      event.preventDefault();
    });
    worlds.push({ box, canvas, title, context: canvas.getContext("2d"), states: new Uint8Array(0), told: { pairs: new Uint16Array(0), about: new Uint8Array(0) } });
    return worlds[w];
  }

  function zoomBy(factor, x = width / 2, y = height / 2) {
    const next = Math.max(.6, Math.min(14, zoom * factor)), real = next / zoom, middleX = width / 2, middleY = middle();
    shiftX = x - middleX - (x - middleX - shiftX) * real; shiftY = y - middleY - (y - middleY - shiftY) * real;
    zoom = next; place(); webAt = null; ask();
  }

  function meaning(state) {
    const entry = (model.get("scales")[view()] || []).find((each) => each.value === (state & 15));
    const flags = [state & PRAISED ? words().praised : "", state & WARNED ? words().warned : ""].filter(Boolean);
    return [entry ? entry.label : "", ...flags].filter(Boolean).join(", ") || words().silent;
  }

  // -- what surrounds the canvas
  function drawLegend() {
    legend.replaceChildren();
    const entries = (model.get("scales")[view()] || []).filter((entry) => entry.label && entry.legend !== false);
    const add = (mark, text) => { const item = element("span", "wom-legend-item"); item.append(mark, element("span", "", text)); legend.append(item); };
    const mark = (rgb, kind, size, hollow) => {
      const small = element("canvas"); small.width = small.height = 28; small.style.width = small.style.height = "14px"; small.setAttribute("aria-hidden", "true");
      const pen = small.getContext("2d"), path = new Path2D(); shape(path, kind, 14, 14, 9 * size);
      pen.fillStyle = pen.strokeStyle = typeof rgb === "string" ? rgb : css(rgb); pen.lineWidth = 3; hollow ? pen.stroke(path) : pen.fill(path);
      return small;
    };
    for (const entry of entries) { const look = palette[entry.value]; if (look) add(mark(look.rgb, look.shape, Math.min(1, look.size)), entry.label); }
    const style = getComputedStyle(root), talk = view() === "talk";
    add(mark(style.getPropertyValue("--wom-praise"), talk ? "triangle" : "ring", .8, !talk), view() === "difference" ? words().praised_here : words().praised);
    add(mark(style.getPropertyValue("--wom-warning"), talk ? "down" : "ring", .8, !talk), view() === "difference" ? words().warned_here : words().warned);
    if (model.get("sampled")) legend.append(element("span", "wom-legend-note", model.get("sampled")));
  }

  const button = (name, label, action, icon) => { const made = element("button", `wom-button ${name}`); made.type = "button"; made.title = label; made.setAttribute("aria-label", label); made.innerHTML = icon || ""; if (!icon) made.textContent = label; made.onclick = action; made.onpointerdown = (event) => event.preventDefault(); return made; }; // a click takes no focus: the space bar stays that of the player
  const icons = {
    play: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4.5v15l12.5-7.5z"/></svg>', pause: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z"/></svg>',
    step: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5v14l10-7zM16.5 5H19v14h-2.5z"/></svg>', restart: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5h2.5v14H5zM19 5v14L9 12z"/></svg>',
  };
  let playing, slider, counter;
  // what was clicked looks clicked at once; the run follows
  const picked = (kind, value) => (event) => { for (const one of event.currentTarget.parentElement.children) { const on = one === event.currentTarget; one.classList.toggle("on", on); one.setAttribute("aria-checked", String(on)); } send(kind, value); };
  const toggle = () => { const on = root.dataset.playing !== "true"; root.dataset.playing = String(on); playing.innerHTML = on ? icons.pause : icons.play; if (on && day >= status().days) send("seek", status().first || 0); send(on ? "play" : "pause"); }; // at the end, play begins anew
  function build() {
    const w = words(), s = status();
    toolbar.replaceChildren();
    const views = element("div", "wom-segments"); views.setAttribute("role", "radiogroup"); views.setAttribute("aria-label", w.colour);
    for (const each of model.get("views")) {
      const one = button(each.id === s.view ? "on" : "", each.label, picked("view", each.id));
      one.setAttribute("role", "radio"); one.setAttribute("aria-checked", String(each.id === s.view)); views.append(one);
    }
    toolbar.append(views);
    if (s.view !== "favourite" && model.get("brands").length > 1) {
      const brands = element("div", "wom-segments wom-brands"); brands.setAttribute("role", "radiogroup"); brands.setAttribute("aria-label", w.brand);
      model.get("brands").forEach((name, b) => {
        const one = button(b === s.brand ? "on" : "", name, picked("brand", b));
        one.setAttribute("role", "radio"); one.setAttribute("aria-checked", String(b === s.brand)); one.style.setProperty("--own", `var(--wom-brand-${Math.min(b, 7)})`); brands.append(one);
      });
      toolbar.append(brands);
    }
    big.replaceChildren(element("span", "wom-day-word", w.day));
    counter = element("b", "", day); big.append(counter, element("span", "wom-day-of", `/ ${s.days}`));
    transport.replaceChildren();
    const first = s.first || 0; // before it there is nothing to see
    playing = button("wom-play", s.playing ? w.pause : w.play, toggle, s.playing ? icons.pause : icons.play);
    slider = element("input", "wom-slider"); slider.type = "range"; slider.min = first; slider.max = s.days; slider.step = 1; slider.value = day; slider.setAttribute("aria-label", w.rewind); slider.title = w.rewind;
    slider.addEventListener("input", () => { seeking = true; counter.textContent = slider.value; });
    slider.addEventListener("change", () => { seeking = false; send("seek", Number(slider.value)); });
    const line = element("div", "wom-line"), marks = element("div", "wom-marks");
    for (const mark of s.marks || []) { if (mark.day < first) continue; const dot = element("span", "wom-mark"); dot.style.left = `calc(${(mark.day - first) / Math.max(1, s.days - first)} * (100% - 16px) + 8px)`; dot.title = mark.label; marks.append(dot); }
    line.append(marks, slider);
    const speeds = element("div", "wom-segments wom-speeds"); speeds.setAttribute("role", "radiogroup"); speeds.setAttribute("aria-label", w.speed);
    for (const speed of model.get("speeds")) { const one = button(speed === s.speed ? "on" : "", `${speed}`, picked("speed", speed)); one.title = w.speeds.replace("{speed}", speed); one.setAttribute("role", "radio"); one.setAttribute("aria-checked", String(speed === s.speed)); one.setAttribute("aria-label", one.title); speeds.append(one); }
    transport.append(button("wom-small", w.restart, () => send("seek", first), icons.restart), playing, button("wom-small", w.step, () => send("step"), icons.step), line, speeds);
    root.dataset.playing = String(s.playing);
    name();
    if (!s.playing) spoken.textContent = status().spoken || "";
    root.setAttribute("aria-busy", String(!s.ready));
    repaint();
  }
  let before = "", said = "";
  function restate() { // only what has changed is built again, so that the focus stays where it is
    if (!words().day) return; // nothing has come yet
    const s = status(), held = document.activeElement && root.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    const now = JSON.stringify([{ ...s, spoken: "" }, words(), model.get("views"), model.get("brands"), model.get("scales"), model.get("sampled"), model.get("worlds")]);
    if (now !== before) { const spoke = JSON.stringify(words()); before = now; build(); if (spoke !== said) { said = spoke; about.reword(); } if (!root.dataset.frame) readFrame(); if (held && !worlds.some(({ canvas }) => held === canvas.getAttribute("aria-label"))) { const again = [...root.querySelectorAll("[aria-label]")].find((each) => each.getAttribute("aria-label") === held) || playing; again.focus(); } }
    else if (!s.playing) { spoken.textContent = s.spoken || ""; worlds.forEach(describe); }
  }
  function key(event) {
    const tag = event.target.tagName;
    if (["INPUT", "TEXTAREA", "SELECT", "BUTTON"].includes(tag) && event.target !== slider || event.target.isContentEditable || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") toggle();
    else if (event.key === ".") send("step");
    else if (event.key === ",") send("seek", Math.max(0, day - 1));
    else return;
    event.preventDefault();
  }
  document.addEventListener("keydown", key);
  const watcher = new ResizeObserver(resize); watcher.observe(root);
  const themes = new MutationObserver(repaint), themed = document.querySelector(".v-application");
  if (themed) themes.observe(themed, { attributes: true, attributeFilter: ["class"] });
  for (const name of ["positions", "ties"]) model.on(`change:${name}`, readLayout);
  model.on("change:frame", readFrame);
  for (const name of ["status", "words", "views", "brands", "scales", "sampled", "worlds"]) model.on(`change:${name}`, restate);

  restate(); readLayout(); resize(); readFrame();
  return () => { document.removeEventListener("keydown", key); watcher.disconnect(); themes.disconnect(); cancelAnimationFrame(wanted); };
}

export default { render };
