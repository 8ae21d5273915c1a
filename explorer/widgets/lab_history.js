// The runs of this page, in a table; two of them can be laid side by side.

import { createLossChart } from "./lab_loss.js";
import { say } from "./languages.js";
import { PIXELS } from "./numbers.js";
import { drawGrid } from "./pictures.js";

// runs() -> the runs to list; pointsOf(run) -> its known points; lossOf(points) -> the trend's last value.
// Returns the function that shows them anew.
export function createHistory(widget, runs, pointsOf, lossOf) {
  const { colour, part, root } = widget;
  const chosen = []; // names of one or two runs, the longest chosen first
  const strokes = () => [colour("--color-accent"), "#3b82f6"];
  const pair = () => chosen.map((name) => runs().find(({ run }) => run === name)).filter(Boolean);

  const drawBoth = createLossChart(
    widget,
    part("both"),
    () => pair().map((run, i) => ({ points: pointsOf(run), stroke: strokes()[i], detail: false })),
    () => Math.max(...pair().map((run) => pointsOf(run).at(-1)?.[1] ?? 0)),
  );

  function digitsOf(run) {
    const canvas = document.createElement("canvas"),
      last = run.checkpoints.at(-1);
    if (last) drawGrid(canvas, last.grey.subarray(last.grey.length - last.n * PIXELS), last.n, last.n);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", last ? say("Its digits after step {0}", last.step) : say("No digits drawn"));
    return canvas;
  }

  const inWords = (run, number) =>
    say(
      "Run {0}: {1}. {2}",
      number + 1,
      run.about,
      say("{0} images, loss {1}", run.images.toLocaleString("en"), lossOf(pointsOf(run)).toFixed(3)),
    );

  function buildRun(run, number) {
    const row = document.createElement("label"),
      box = document.createElement("input"),
      words = document.createElement("span");
    box.type = "checkbox";
    box.checked = chosen.includes(run.run);
    box.addEventListener("change", () => toggle(run.run, box.checked));
    words.textContent = inWords(run, number);
    row.append(box, words, digitsOf(run));
    return row;
  }

  function toggle(name, on) {
    if (on) chosen.push(name);
    else chosen.splice(chosen.indexOf(name), 1);
    while (chosen.length > 2) chosen.shift();
    show();
  }

  let shown = "";

  function show() {
    const listed = runs(),
      state = JSON.stringify([listed.map(({ run, images }) => [run, images]), chosen]);
    if (state === shown) return; // a list rebuilt under a finger swallows its click
    shown = state;
    part("runs-empty").hidden = listed.length > 0;
    const focused = [...part("runs").children].findIndex((row) => row.contains(document.activeElement));
    part("runs").replaceChildren(...listed.map(buildRun));
    part("runs").children[focused]?.querySelector("input").focus();
    const two = pair();
    part("comparison").hidden = two.length < 2;
    part("sides").replaceChildren(
      ...two.map((run, i) => {
        const side = document.createElement("figure"),
          caption = document.createElement("figcaption");
        side.style.setProperty("--mark", strokes()[i]);
        caption.textContent = inWords(run, listed.indexOf(run));
        side.append(digitsOf(run), caption);
        return side;
      }),
    );
    drawBoth();
    Object.assign(root.dataset, { runs: listed.length, compared: two.length });
  }
  return show;
}
