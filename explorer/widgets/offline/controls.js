// The controls of the page as one file: the few of Gradio's that the page uses, with the ids, names and roles that they
// have there. Each is made of its part of the layout, and gives back its element and how a value is shown in it.
//
// tell(event, value): the viewer has done something.

let counted = 0;
const fresh = (word) => `${word}-${++counted}`;

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") made.textContent = value;
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const head = ({ label, info }) => [
  make("span", { class: "control-label", text: label }),
  info ? make("div", { class: "control-info", text: info }) : null,
];

/** One of a few, or with `several` some of them. */
function choice({ props }, tell, { several }) {
  const group = fresh("choice");
  const boxes = props.choices.map(([text, value]) => {
    const input = make("input", { type: several ? "checkbox" : "radio", name: group, value });
    const label = make("label", {}, input, make("span", { text }));
    input.addEventListener("change", () => tell("input", several ? chosen() : value));
    return { input, label, value };
  });
  const chosen = () => boxes.filter(({ input }) => input.checked).map(({ value }) => value);
  const element = make("fieldset", {}, ...head(props), make("div", { class: "options" }, ...boxes.map((b) => b.label)));
  return {
    element,
    show(value) {
      const on = several ? (value ?? []) : [value];
      for (const { input, label, value: own } of boxes) {
        input.checked = on.includes(own);
        label.classList.toggle("selected", input.checked);
      }
    },
    enable: (can) => boxes.forEach(({ input }) => (input.disabled = !can)),
  };
}

function dropdown({ props }, tell) {
  const select = make("select", { "aria-label": props.label });
  select.append(...props.choices.map(([text], i) => new Option(text, String(i))));
  select.addEventListener("change", () => tell("input", props.choices[Number(select.value)][1]));
  return {
    element: make("div", {}, ...head(props), select),
    show: (value) => (select.value = String(props.choices.findIndex(([, own]) => own === value))),
    enable: (can) => (select.disabled = !can),
  };
}

const asNumber = (text) => (text === "" ? null : Number(text));

function number({ props }, tell) {
  const input = make("input", { type: "number", "aria-label": props.label, step: props.step ?? "any" });
  input.addEventListener("input", () => tell("input", asNumber(input.value)));
  return {
    element: make("label", {}, ...head(props), input),
    show: (value) => {
      if (asNumber(input.value) !== value) input.value = value ?? "";
    },
    enable: (can) => (input.disabled = !can),
  };
}

function slider({ props }, tell) {
  const limits = { min: props.minimum, max: props.maximum, step: props.step };
  const field = make("input", { type: "number", "aria-label": `number input for ${props.label}`, ...limits });
  const range = make("input", { type: "range", "aria-label": `range slider for ${props.label}`, ...limits });
  const [low, high] = [props.minimum, props.maximum].map((text) => make("span", { class: "lay-limit", text }));
  const fit = (value) => Math.min(Number(range.max), Math.max(Number(range.min), value));
  function show(value) {
    if (asNumber(field.value) !== value) field.value = value;
    range.value = value;
    const share = (fit(value) - Number(range.min)) / (Number(range.max) - Number(range.min));
    range.style.setProperty("--passed", `${100 * share}%`);
  }
  const told = (name) => (event) => {
    const value = fit(Number(event.target.value));
    show(value);
    tell(name, value);
  };
  for (const input of [field, range]) {
    input.addEventListener("input", told("input"));
    input.addEventListener("change", told("release"));
  }
  return {
    element: make(
      "div",
      {},
      make("div", { class: "lay-slider-head" }, make("div", {}, ...head(props)), field),
      make("div", { class: "lay-slider" }, low, range, high),
    ),
    show,
    enable: (can) => (field.disabled = range.disabled = !can),
    change({ maximum }) {
      if (maximum === undefined) return;
      field.max = range.max = high.textContent = String(maximum);
    },
  };
}

function button({ props }, tell) {
  const element = make("button", { type: "button", class: `${props.size} ${props.variant}`, text: props.value });
  element.addEventListener("click", () => tell("click"));
  return { element, show: () => {}, enable: (can) => (element.disabled = !can) };
}

function uploadButton({ props }, tell) {
  const input = make("input", { type: "file", hidden: "", accept: (props.file_types ?? []).join(",") });
  const element = make("button", { type: "button", class: `${props.size} ${props.variant}`, text: props.label }, input);
  element.addEventListener("click", (event) => event.target !== input && input.showPicker());
  input.addEventListener("change", () => {
    if (input.files[0]) tell("upload", input.files[0]);
    input.value = "";
  });
  return { element, show: () => {}, enable: (can) => (element.disabled = !can) };
}

function textbox({ props }) {
  const area = make("textarea", { rows: props.lines ?? 1, readonly: "", "aria-label": props.label });
  return {
    element: make("label", {}, ...head(props), area),
    show: (value) => (area.value = value ?? ""),
    enable: () => {},
  };
}

function markdown({ props }) {
  const element = make("div", { class: "prose" });
  element.innerHTML = props.value; // our own text, made by layout.py
  return { element, show: () => {}, enable: () => {} };
}

/** By their kinds as Gradio names them. */
export const CONTROLS = {
  radio: (part, tell) => choice(part, tell, { several: false }),
  checkboxgroup: (part, tell) => choice(part, tell, { several: true }),
  dropdown,
  number,
  slider,
  button,
  uploadbutton: uploadButton,
  textbox,
  markdown,
};
/** Those that stand in a frame. */
export const FRAMED = ["radio", "checkboxgroup", "dropdown", "number", "slider", "textbox"];
