// Pseudocode, line by line. The whole run is here: stepping asks the server for nothing. Variables keep the value that
// a line has given them until another line changes it, as in a debugger.

import { bytesOf } from "./numbers.js";
import { drawGrid } from "./pictures.js";
import { createAnnouncer } from "./speech.js";
import { equip } from "./widget.js";

export function mount({ element }) {
  const { createTransport, part, root } = equip(element);

  const MARKS = { network: "network", data: "real data", noise: "fresh noise" };
  const announce = createAnnouncer(part("spoken"));
  let lines = [],
    moments = [],
    shownLines = null;

  function make(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  // ---- the lines, and the marks that the student puts on them ----

  function buildLines() {
    part("lines").replaceChildren(
      ...lines.map((line, i) => {
        const item = document.createElement("li"),
          code = make("code", line.text),
          marks = make("span", "", { class: "marks", role: "group", "aria-label": `Line ${i + 1} uses` });
        code.style.paddingLeft = `${1.6 * line.indent}em`;
        marks.append(
          ...Object.entries(MARKS).map(([use, name]) =>
            make("button", name, { type: "button", "data-use": use, "aria-pressed": "false" }),
          ),
        );
        item.append(code, marks);
        return item;
      }),
    );
  }

  function clearVerdicts() {
    for (const button of part("lines").querySelectorAll("[data-verdict]")) button.removeAttribute("data-verdict");
    part("verdict").textContent = "";
  }

  part("lines").addEventListener("click", (event) => {
    const button = event.target.closest("[data-use]");
    if (!button) return;
    clearVerdicts();
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
  });

  part("check").addEventListener("click", () => {
    clearVerdicts();
    const found = { right: 0, wrong: 0, missed: 0 };
    [...part("lines").children].forEach((item, i) => {
      for (const button of item.querySelectorAll("[data-use]")) {
        const marked = button.getAttribute("aria-pressed") === "true",
          uses = lines[i].uses.includes(button.dataset.use);
        const verdict = marked ? (uses ? "right" : "wrong") : uses ? "missed" : "";
        if (verdict) {
          button.dataset.verdict = verdict;
          found[verdict]++;
        }
      }
    });
    const all = found.right + found.missed;
    const remark = found.missed ? "Dashed: missed." : found.wrong ? "" : "All right.";
    part("verdict").textContent =
      `${found.right} of ${all} found${found.wrong ? `, ${found.wrong} not so` : ""}. ${remark}`;
  });

  // ---- the variables after a moment ----

  function variablesAt(index) {
    const variables = new Map();
    moments.slice(0, index + 1).forEach(({ images, numbers }, at) => {
      for (const [name, data] of Object.entries(images)) variables.set(name, { name, data, fresh: at === index });
      for (const [name, number] of Object.entries(numbers)) variables.set(name, { name, number, fresh: at === index });
    });
    return [...variables.values()];
  }

  function numberOf({ name, number, fresh }) {
    const box = make("p", "", { "data-fresh": fresh });
    box.append(make("span", name), ` ${number}`);
    return box;
  }

  function figureOf({ name, data, fresh }) {
    const figure = make("figure", "", { "data-fresh": fresh }),
      canvas = make("canvas", "", { role: "img", "aria-label": `${name}${fresh ? ", just changed" : ""}` });
    drawGrid(canvas, bytesOf(data), 1);
    figure.append(make("figcaption", name), canvas);
    return figure;
  }

  function show(index) {
    if (!moments.length) return;
    const { line } = moments[index];
    [...part("lines").children].forEach((item, i) =>
      i === line ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current"),
    );
    const variables = variablesAt(index),
      isNumber = ({ number }) => number !== undefined;
    part("numbers").replaceChildren(...variables.filter(isNumber).map(numberOf));
    part("variables").replaceChildren(...variables.filter((variable) => !isNumber(variable)).map(figureOf));
    root.dataset.line = line;
    root.dataset.moment = index;
    announce(`Line ${line + 1}: ${lines[line].text}`);
  }

  const transport = createTransport({
    show,
    seconds: 30,
    describe: (index) =>
      moments.length ? `line ${moments[index].line + 1}: ${lines[moments[index].line].text}` : "not run yet",
  });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", "Line by line");
  for (const [name, words] of [
    ["forward", "Next line"],
    ["back", "Line before"],
  ]) {
    part(name).setAttribute("aria-label", words);
    part(name).title = `${words} (${name === "forward" ? "right" : "left"} arrow)`;
  }
  part("forward").append("Next line");

  // ---- values from Python ----

  function receive(value) {
    if (!value?.lines) return;
    part("title").textContent = value.title;
    part("remark").textContent = value.remark;
    if (JSON.stringify(value.lines) !== shownLines) {
      shownLines = JSON.stringify(value.lines);
      lines = value.lines;
      buildLines();
    }
    const isNew = JSON.stringify(value.moments) !== JSON.stringify(moments);
    moments = value.moments;
    transport.setLast(Math.max(0, moments.length - 1));
    if (isNew && moments.length) {
      transport.seek(0);
      transport.redraw();
    }
    root.dataset.state = moments.length ? "ready" : "resting";
    root.dataset.moments = moments.length;
  }
  return receive;
}
