// Pseudocode, line by line. The whole run is here: stepping asks the server for nothing. Variables keep the value that
// a line has given them until another line changes it, as in a debugger.

import { say, sayAll } from "./languages.js";
import { bytesOf } from "./numbers.js";
import { drawGrid } from "./pictures.js";
import { createAnnouncer } from "./speech.js";
import { equip } from "./widget.js";

/** @import { AlgorithmLine, AlgorithmMoment, AlgorithmValue } from "./payload_types.js" */

export function mount({ element }) {
  const { createTransport, part, root } = equip(element);

  const MARKS = { network: say("network"), data: say("real data"), noise: say("fresh noise") };
  const announce = createAnnouncer(part("spoken"));
  /** @type {AlgorithmLine[]} */
  let lines = [];
  /** @type {AlgorithmMoment[]} */
  let moments = [];
  let shownLines = null;

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
          code = make("code", say(line.text)),
          marks = make("span", "", { class: "marks", role: "group", "aria-label": say("Line {0} uses", i + 1) });
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
    const remark = found.missed ? say("Dashed: missed.") : found.wrong ? "" : say("All right.");
    const count = found.wrong
      ? say("{0} of {1} found, {2} not so.", found.right, all, found.wrong)
      : say("{0} of {1} found.", found.right, all);
    part("verdict").textContent = sayAll(count, remark);
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
    box.append(make("span", say(name)), ` ${number}`);
    return box;
  }

  function figureOf({ name, data, fresh }) {
    const figure = make("figure", "", { "data-fresh": fresh }),
      canvas = make("canvas", "", { role: "img", "aria-label": fresh ? say("{0}, just changed", name) : say(name) });
    drawGrid(canvas, bytesOf(data), 1);
    figure.append(make("figcaption", say(name)), canvas);
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
    announce(say("Line {0}: {1}", line + 1, lines[line].text));
  }

  const transport = createTransport({
    show,
    seconds: 30,
    describe: (index) =>
      moments.length
        ? say("Line {0}: {1}", moments[index].line + 1, lines[moments[index].line].text)
        : say("not run yet"),
  });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", say("Line by line"));
  for (const [name, words, title] of [
    ["forward", say("Next line"), say("Next line (right arrow)")],
    ["back", say("Line before"), say("Line before (left arrow)")],
  ]) {
    part(name).setAttribute("aria-label", words);
    part(name).title = title;
  }
  part("forward").append(say("Next line"));

  // ---- values from Python ----

  // Where the loop goes round for the first time: by then each of its variables is on screen.
  function firstRound() {
    const back = moments.findIndex(({ line }, i) => i + 1 < moments.length && moments[i + 1].line <= line);
    return back < 0 ? moments.length - 1 : back;
  }

  /** @param {AlgorithmValue} value */
  function receive(value) {
    if (!value?.lines) return;
    part("title").textContent = say(value.title);
    part("remark").textContent = say(value.remark);
    if (JSON.stringify(value.lines) !== shownLines) {
      shownLines = JSON.stringify(value.lines);
      lines = value.lines;
      buildLines();
    }
    const isNew = JSON.stringify(value.moments) !== JSON.stringify(moments);
    moments = value.moments;
    transport.setLast(Math.max(0, moments.length - 1));
    if (isNew && moments.length) {
      transport.seek(firstRound());
      transport.redraw();
    }
    root.dataset.state = moments.length ? "ready" : "resting";
    root.dataset.moments = moments.length;
  }
  return receive;
}
