// A place to bring scenario files to: chosen or dropped. Files that are too large are measured here and never sent.
const element = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text !== undefined) made.textContent = text; return made; };

function render({ model, el }) {
  const root = element("div", "wom-compare-drop"), input = element("input", "wom-unseen"), button = element("button", "wom-compare-pick"), hint = element("p", "wom-soft");
  Object.assign(input, { type: "file", accept: ".toml,text/plain", tabIndex: -1 });
  input.setAttribute("aria-hidden", "true");
  button.type = "button";
  root.append(button, hint, input);
  el.append(root);

  async function bring(file) {
    if (!file || model.get("disabled")) return;
    if (file.size > model.get("most")) { model.send({ kind: "large", name: file.name, size: file.size }); return; }
    model.send({ kind: "file", name: file.name }, undefined, [await file.arrayBuffer()]);
  }
  function say() {
    const words = model.get("words");
    button.textContent = words.choose || ""; hint.textContent = words.hint || ""; button.disabled = model.get("disabled");
  }
  button.onclick = () => input.click();
  input.onchange = () => { bring(input.files[0]); input.value = ""; };
  root.addEventListener("dragover", (event) => { event.preventDefault(); root.classList.add("over"); });
  root.addEventListener("dragleave", () => root.classList.remove("over"));
  root.addEventListener("drop", (event) => { event.preventDefault(); root.classList.remove("over"); bring(event.dataTransfer.files[0]); });
  for (const name of ["words", "disabled"]) model.on(`change:${name}`, say);
  say();
}

export default { render };
