// A form made from declarations: what may be set, what it means, in which unit, and how well its default is known.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };
let forms = 0;

function render({ model, el }) {
  const root = element("form", "wom-form"), own = ++forms;
  el.append(root);
  let values = {};
  const words = () => model.get("words"), number = (value, step) => new Intl.NumberFormat(words().locale, { maximumFractionDigits: step >= 1 ? 0 : 3 }).format(value);

  function slider(id, low, high, step, value, changed) {
    const range = element("input", "wom-slider"), shown = element("output", "wom-value", number(value, step));
    Object.assign(range, { type: "range", id, min: low, max: high, step, value });
    range.addEventListener("input", () => { shown.textContent = number(Number(range.value), step); changed(Number(range.value)); });
    const line = element("div", "wom-slide"); line.append(range, shown);
    return line;
  }

  function field(lever) {
    const id = `wom-${own}-${lever.name}`, box = element("div", "wom-field"), head = element("div", "wom-field-head"), label = element("label", "", lever.label);
    label.htmlFor = id;
    const tag = element("span", "wom-evidence", lever.evidence); tag.title = words().evidence; tag.dataset.kind = lever.tag;
    head.append(label, element("span", "wom-unit", lever.unit), tag);
    const help = element("p", "wom-help", lever.meaning); help.id = `${id}-help`;
    box.append(head);
    values[lever.name] = lever.value;
    if (lever.form === "truth") {
      const check = element("input", "wom-check"); check.type = "checkbox"; check.id = id; check.checked = lever.value; check.onchange = () => { values[lever.name] = check.checked; };
      head.prepend(check);
    } else if (lever.form === "choice") {
      const group = element("div", "wom-segments wom-wrap"); group.setAttribute("role", "radiogroup"); group.setAttribute("aria-label", lever.label);
      const paint = () => [...group.children].forEach((one) => { const on = one.dataset.value === values[lever.name]; one.classList.toggle("on", on); one.setAttribute("aria-checked", String(on)); });
      for (const choice of lever.choices) { const one = element("button", "wom-button", choice.label); one.type = "button"; one.dataset.value = choice.value; one.setAttribute("role", "radio"); one.onclick = () => { values[lever.name] = choice.value; paint(); }; group.append(one); }
      paint(); box.append(group);
    } else if (lever.form === "mix") {
      values[lever.name] = { ...lever.value };
      const grid = element("div", "wom-mix");
      for (const choice of lever.choices) {
        const inner = `${id}-${choice.value}`, name = element("label", "", choice.label); name.htmlFor = inner;
        grid.append(name, slider(inner, 0, 1, .05, values[lever.name][choice.value] || 0, (value) => { values[lever.name][choice.value] = value; }));
      }
      box.append(grid);
    } else box.append(slider(id, lever.low, lever.high, lever.step, lever.value, (value) => { values[lever.name] = value; }));
    box.querySelectorAll("input").forEach((input) => input.setAttribute("aria-describedby", help.id));
    box.append(help);
    return box;
  }

  function build() {
    values = {};
    const submit = element("button", "wom-submit", model.get("action")), foot = element("div", "wom-form-foot");
    submit.type = "submit"; submit.disabled = model.get("disabled");
    foot.append(submit, element("p", "wom-soft", model.get("remark")));
    root.replaceChildren(...model.get("levers").map(field), foot);
  }
  root.addEventListener("submit", (event) => { event.preventDefault(); model.send({ kind: "submit", value: values }); });
  for (const name of ["levers", "words"]) model.on(`change:${name}`, build);
  for (const name of ["action", "remark", "disabled"]) model.on(`change:${name}`, () => { const submit = root.querySelector(".wom-submit"); submit.textContent = model.get("action"); submit.disabled = model.get("disabled"); submit.nextSibling.textContent = model.get("remark"); });
  build();
}

export default { render };
