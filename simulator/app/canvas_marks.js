// What a value looks like: colour, shape and size (simulator/app/scene.py says what it means).
const PRAISED = 16, WARNED = 32, NOBODY = 15;
const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "hexagon", "bar", "ring"];

function shape(path, kind, x, y, r) {
  switch (kind) {
    case "square": path.rect(x - r * .85, y - r * .85, r * 1.7, r * 1.7); break;
    case "triangle": path.moveTo(x, y - r * 1.15); path.lineTo(x + r * 1.05, y + r * .8); path.lineTo(x - r * 1.05, y + r * .8); path.closePath(); break;
    case "down": path.moveTo(x, y + r * 1.15); path.lineTo(x + r * 1.05, y - r * .8); path.lineTo(x - r * 1.05, y - r * .8); path.closePath(); break;
    case "diamond": path.moveTo(x, y - r * 1.25); path.lineTo(x + r * 1.1, y); path.lineTo(x, y + r * 1.25); path.lineTo(x - r * 1.1, y); path.closePath(); break;
    case "cross": path.rect(x - r * 1.1, y - r * .4, r * 2.2, r * .8); path.rect(x - r * .4, y - r * 1.1, r * .8, r * 2.2); break;
    case "hexagon": for (let k = 0; k < 6; k++) path[k ? "lineTo" : "moveTo"](x + r * 1.1 * Math.cos(k * Math.PI / 3), y + r * 1.1 * Math.sin(k * Math.PI / 3)); path.closePath(); break;
    case "bar": path.rect(x - r * 1.2, y - r * .5, r * 2.4, r); break;
    case "star": for (let k = 0; k < 10; k++) { const far = r * (k % 2 ? .65 : 1.5), a = k * Math.PI / 5 - Math.PI / 2; path[k ? "lineTo" : "moveTo"](x + far * Math.cos(a), y + far * Math.sin(a)); } path.closePath(); break;
    default: path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI);
  }
}

const mixed = (a, b, t) => a.map((value, k) => Math.round(value + (b[k] - value) * t));
const parsed = (text) => { const n = parseInt(text.trim().slice(1), 16); return [n >> 16, n >> 8 & 255, n & 255]; };
const css = (rgb) => `rgb(${rgb.join(",")})`;
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };

// what a value of the lower four bits looks like: {colour, shape, size}
function looks(view, style, steps) {
  const colour = (name) => parsed(style.getPropertyValue(name));
  const faint = colour("--wom-faint"), brands = [...Array(8).keys()].map((b) => colour(`--wom-brand-${b}`));
  if (view === "favourite") {
    const made = brands.map((rgb, b) => ({ rgb, shape: SHAPES[b], size: 1 }));
    made[NOBODY] = { rgb: faint, shape: "circle", size: .6 };
    return made;
  }
  if (view === "trust") {
    const low = colour("--wom-low"), middle = colour("--wom-middle"), high = colour("--wom-high"), half = (steps - 1) / 2;
    return [...Array(steps).keys()].map((k) => ({ rgb: k < half ? mixed(low, middle, k / half) : mixed(middle, high, (k - half) / half), shape: "circle", size: .8 + .35 * Math.abs(k - half) / half }));
  }
  if (view === "awareness") return [...Array(steps).keys()].map((k) => ({ rgb: mixed(faint, colour("--wom-high"), k / (steps - 1)), shape: "circle", size: .7 + .4 * k / (steps - 1) }));
  if (view === "tier") {
    const high = colour("--wom-high");
    return [{ rgb: faint, shape: "circle", size: .6 }, { rgb: high, shape: "square", size: 1 }, { rgb: colour("--wom-brand-1"), shape: "star", size: 1.15 }, { rgb: mixed(faint, high, .7), shape: "diamond", size: .95 }, { rgb: mixed(faint, high, .4), shape: "circle", size: .85 }];
  }
  if (view === "difference") { // the favourite of who has another one there; then trust, what was heard; NOBODY: no difference
    const made = brands.map((rgb, b) => ({ rgb, shape: SHAPES[b], size: 1.7 }));
    made[8] = { rgb: colour("--wom-high"), shape: "cross", size: 1.4 };
    made[9] = { rgb: colour("--wom-low"), shape: "bar", size: 1.4 };
    made[10] = { rgb: colour("--wom-ink"), shape: "star", size: 1 };
    made[11] = { rgb: colour("--wom-soft"), shape: "down", size: 1 };
    made[12] = { rgb: colour("--wom-soft"), shape: "hexagon", size: 1.5 };
    made[NOBODY] = { rgb: mixed(faint, colour("--wom-paper"), .3), shape: "circle", size: .6 };
    return made;
  }
  return [{ rgb: faint, shape: "circle", size: .7 }];
}
