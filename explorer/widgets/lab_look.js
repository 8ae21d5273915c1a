// Looking back into a training: which checkpoint, and how far its film from the same noise has come.

import { say } from "./languages.js";
import { PIXELS, clamp } from "./numbers.js";
import { tellPaths } from "./paths.js";
import { drawGrid } from "./pictures.js";

// checkpoints() -> [{seconds, step, t, n, count, grey: (count, n, 28, 28) uint8}]; lossAt(step) -> a number, or null.
export function createLook(widget, checkpoints, lossAt) {
  const { createTransport, part, root } = widget;
  const when = part("when");
  let chosen = 0,
    newest = true; // newest: goes along as checkpoints arrive

  const frame = () => checkpoints()[chosen];
  const time = (seconds) => say("{0} s", seconds < 10 ? seconds.toFixed(1) : Math.round(seconds));

  function show(index) {
    const checkpoint = frame();
    if (!checkpoint) return;
    const { n, t, grey, seconds, step } = checkpoint,
      size = n * PIXELS;
    drawGrid(
      part("now"),
      grey.subarray(index * size, (index + 1) * size),
      n,
      root.clientWidth < 480 ? Math.ceil(n / 2) : n,
    ); // two rows on a phone
    const loss = lossAt(step),
      trained = step ? say("after {0} of training", time(seconds)) : say("before training"),
      words = loss === null ? trained : say("{0}, loss {1}", trained, loss.toFixed(3));
    part("now").setAttribute("aria-label", say("{0} pictures {1}, at t = {2}", n, trained, t[index]));
    part("now-when").textContent = say("{0}, t = {1}", words, t[index]);
    Object.assign(root.dataset, { shown: step, frame: index });
  }

  const transport = createTransport({ show, seconds: 4, describe: (index) => `t = ${frame()?.t[index] ?? ""}` });
  part("scrub").setAttribute("aria-label", say("Generation time, from noise to digit"));
  part("scrub-start").textContent = say("noise");
  part("scrub-end").textContent = say("digit");
  part("live").hidden = true;

  function choose(index) {
    chosen = clamp(index, 0, Math.max(0, checkpoints().length - 1));
    newest = chosen === checkpoints().length - 1;
    const checkpoint = frame();
    when.disabled = checkpoints().length < 2;
    when.max = Math.max(1, checkpoints().length - 1);
    when.value = chosen;
    when.style.setProperty("--at", `${(100 * chosen) / when.max}%`);
    when.style.setProperty("--held", "100%");
    when.setAttribute(
      "aria-valuetext",
      checkpoint ? say("after {0}, step {1}", time(checkpoint.seconds), checkpoint.step) : say("nothing yet"),
    );
    part("when-end").textContent = checkpoints().length > 1 ? time(checkpoints().at(-1).seconds) : "";
    [...part("rows").children].forEach((row) =>
      row.setAttribute("aria-current", Number(row.dataset.step) === checkpoint?.step),
    );
    transport.redraw();
    tellMap();
  }

  // For the map: the way of each digit through the training, by what is drawn in the end at each checkpoint.
  function tellMap() {
    const all = checkpoints(),
      { n = 0 } = frame() ?? {};
    tellPaths(root, {
      run: `${root.dataset.run} ${all.length}`,
      n,
      at: n ? chosen : -1,
      times: all.map(() => 0),
      pictures: (at) => all[at].grey.subarray(all[at].grey.length - n * PIXELS),
      names: all.map(({ seconds, step }) =>
        step ? say("after {0} of training", time(seconds)) : say("before training"),
      ),
    });
  }
  when.addEventListener("input", () => choose(Number(when.value)));
  when.addEventListener("keydown", (event) => event.stopPropagation()); // its arrow keys are not the film's

  // New checkpoints are there. What the viewer looks at stays, unless it was the newest.
  function arrived() {
    if (transport.last === 0 && checkpoints().length) {
      transport.setLast(checkpoints()[0].count - 1);
      transport.moveTo(transport.last);
    }
    choose(newest ? checkpoints().length - 1 : chosen);
  }

  // Another run is looked at.
  function restart() {
    newest = true;
    transport.pause();
    transport.setLast(0);
    arrived();
  }

  return { time, choose, arrived, restart, redraw: transport.redraw };
}
