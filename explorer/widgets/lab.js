// The training lab: a loss curve and checkpoints that grow while a network is trained on the server.

import { createHistory } from "./lab_history.js";
import { createLook } from "./lab_look.js";
import { BANDS, bandOf, createLossChart, smooth } from "./lab_loss.js";
import { createDeviceTraining } from "./lab_device.js";
import { say, sayAll } from "./languages.js";
import { PIXELS, bytesOf, clamp, pixelsOf, restingNoise, toGrey } from "./numbers.js";
import { drawGrid } from "./pictures.js";
import { createAnnouncer } from "./speech.js";
import { tellTruths } from "./truths.js";
import { equip } from "./widget.js";

/** @import { LabCheckpoint, LabFile, LabResting, LabValue } from "./payload_types.js" */

export function mount({ element, server, trigger }) {
  const widget = equip(element);
  const { colour, part, root } = widget;

  const announce = createAnnouncer(part("spoken"), 5000);
  const freshRun = (run) => ({ run, about: "", model: "", points: [], checkpoints: [], secondsLeft: null, images: 0 });
  const runs = new Map(); // by name: all that this page has heard of
  let lab = freshRun(null);
  let turn = 0; // late news of an earlier turn may still be on their way when the next has begun

  const pointsOf = (run) => run.points.filter(Boolean); // there are gaps if the page was not listening from the start
  const points = () => pointsOf(lab);
  const elapsed = () => points().at(-1)?.[1] ?? 0;

  const drawLoss = createLossChart(
    widget,
    part("loss"),
    () => [{ points: points(), stroke: colour("--color-accent"), detail: true, reads: readsOf(lab) }],
    () => (lab.secondsLeft === null ? elapsed() || 60 : elapsed() + lab.secondsLeft),
  );

  // How many of a checkpoint's pictures are read as asked; null where nobody reads them.
  const rightOf = ({ asked, read }) => (read.length ? read.filter((digit, i) => digit === asked[i]).length : null);

  // [[seconds, share read as asked]] of a run's checkpoints.
  const readsOf = (run) =>
    run.checkpoints
      .filter(({ read }) => read.length)
      .map((checkpoint) => [checkpoint.seconds, rightOf(checkpoint) / checkpoint.n]);

  // when most of its digits were first read as asked
  tellTruths(root, { seconds: () => readsOf(lab).find(([, share]) => share > 0.5)?.[0] });

  const lossOf = (known) => smooth(known.map((point) => point[2])).at(-1) ?? null;
  const lossAt = (step) => lossOf(points().filter((point) => point[0] <= step));

  const look = createLook(widget, () => lab.checkpoints, lossAt);
  new ResizeObserver(look.redraw).observe(root);

  // ---- checkpoints ----

  function buildRow({ seconds, step, n, grey, asked, read }) {
    const right = rightOf({ asked, read });
    const row = document.createElement("button"),
      label = document.createElement("span"),
      canvas = document.createElement("canvas");
    row.type = "button";
    row.dataset.step = step;
    row.setAttribute(
      "aria-label",
      say("Look at the {0} pictures drawn after {1}, step {2}", n, look.time(seconds), step),
    );
    row.addEventListener("click", () =>
      look.choose(lab.checkpoints.findIndex((checkpoint) => checkpoint.step === step)),
    );
    label.textContent = look.time(seconds);
    if (right !== null) {
      label.textContent = say("{0} · {1}/{2}", look.time(seconds), right, n);
      row.title = say("{0} of {1} are read as asked: {2}", right, n, read.join(" "));
    }
    drawGrid(canvas, grey.subarray(grey.length - n * PIXELS), n, n); // the film's last frame
    row.append(label, canvas);
    return row;
  }

  /** @param {LabCheckpoint[]} arrived */
  function addCheckpoints(arrived) {
    for (const { data, ...facts } of arrived) {
      if (lab.checkpoints.some(({ step }) => step === facts.step)) continue;
      const checkpoint = { ...facts, grey: pixelsOf(data) };
      lab.checkpoints.push(checkpoint);
      part("rows").prepend(buildRow(checkpoint));
    }
    if (arrived.length) look.arrived();
  }

  function readsInWords() {
    const last = lab.checkpoints.at(-1),
      right = last ? rightOf(last) : null;
    return right === null ? "" : say("Of the last checkpoint's {0} pictures {1} are read as asked.", last.n, right);
  }

  function turnTo(run) {
    lab = run;
    part("rows").replaceChildren(...lab.checkpoints.map(buildRow).reverse());
    part("now-loss").textContent = say("how wrong the guessed noise is");
    part("left").textContent = "";
    look.restart();
  }

  // Films are large: only the latest runs keep theirs, the others their last digits.
  const WITH_FILMS = 3;

  function forgetFilms() {
    for (const run of [...runs.values()].slice(0, -WITH_FILMS))
      if (run !== lab) run.checkpoints = run.checkpoints.slice(-1);
  }

  // ---- values from Python ----

  const CLOCK_TOLD = 1.5; // times the seconds left that the clock must show for it to be told
  const byTheClock = (seconds) =>
    seconds < 100 ? say("{0} s", Math.round(seconds)) : say("{0} min", Math.round(seconds / 60));

  /** @param {Partial<LabValue>} value */
  function showProgress(value) {
    const percent = Math.round(100 * clamp(value.progress ?? 0, 0, 1));
    part("fill").style.width = `${percent}%`;
    part("bar").setAttribute("aria-valuenow", percent);
    const facts = [];
    if (value.running && value.clock_left > CLOCK_TOLD * value.seconds_left)
      facts.push(say("{0} left, about {1} by the clock", look.time(value.seconds_left), byTheClock(value.clock_left)));
    else if (value.running && value.seconds_left > 0) facts.push(say("{0} left", look.time(value.seconds_left)));
    if (value.images_seen) facts.push(say("{0} images", Math.round(value.images_seen).toLocaleString("en")));
    if (value.images_per_second)
      facts.push(say("{0} images/s", Math.round(value.images_per_second).toLocaleString("en")));
    part("left").textContent = facts.join(" · ");
    if (value.status) part("status").textContent = say(value.status);
  }

  /** @param {LabValue & Partial<LabResting>} value */
  function receive(value) {
    if (!value || (value.turn ?? 0) < turn) return;
    turn = value.turn ?? 0;
    if (value.device) return void device.begin(value);
    if (value.order) return device.carryOut(value);
    if (value.running && value.run) device.drop(); // the server's takes its place
    show(value);
  }

  const device = createDeviceTraining(root, {
    receive: (value) => show(value),
    trained: (told) => trigger("trained", told),
    handOver: (wish) => trigger("take_over", wish),
  });

  /** @param {Partial<LabValue> & Partial<LabResting>} value */
  function show(value) {
    if (value.run && value.run !== lab.run) {
      if (!runs.has(value.run)) runs.set(value.run, freshRun(value.run));
      turnTo(runs.get(value.run));
      forgetFilms();
    }
    if (!value.run && value.running) return showProgress(value); // of a training that has not begun
    Object.assign(lab, {
      about: value.about,
      own: value.own,
      running: Boolean(value.running),
      secondsLeft: value.seconds_left ?? null,
      images: value.images_seen ?? 0,
    });
    lab.model = value.model || lab.model;
    for (const point of value.points ?? []) lab.points[point[0] - 1] = point;
    const end = value.run && !value.running ? value.checkpoints?.at(-1) : null;
    if (end) lab.points.splice(end.step); // told by a machine that died, and not made again
    showProgress(value);
    addCheckpoints(value.checkpoints ?? []);
    drawLoss();

    const known = points();
    if (known.length) {
      const loss = lossAt(known.at(-1)[0]),
        step = known.at(-1)[0].toLocaleString("en"),
        sentence = say("{0} at step {1}", loss.toFixed(3), step);
      part("now-loss").textContent = sentence;
      const bands = BANDS.map(({ name }, b) => [name, smooth(bandOf(known, b), 0.96).at(-1)]).filter(
        ([, value]) => value !== null,
      );
      part("loss").setAttribute(
        "aria-label",
        sayAll(
          say("Loss curve: {0}; always guessing zero would give 1.", sentence),
          say(
            "By t: {0}.",
            bands.map(([name, value]) => `${say(name)} ${value.toFixed(3)}`),
          ),
          readsInWords(),
        ),
      );
      announce(sayAll(value.status, say("Loss {0} at step {1}.", loss.toFixed(3), step)));
      Object.assign(root.dataset, { loss: loss.toFixed(5), step: known.at(-1)[0] });
    }
    part("download").disabled = !lab.model;
    showHistory();
    Object.assign(root.dataset, {
      run: lab.run ?? "",
      points: known.length,
      progress: value.progress ?? 0,
      running: Boolean(lab.running),
      checkpoints: lab.checkpoints.length,
      state: lab.checkpoints.length ? "training" : "resting",
    });
  }

  // ---- taking it along ----

  part("download").addEventListener("click", async () => {
    /** @type {LabFile} */
    const file = await server.download(lab.model);
    if (file?.data === undefined) {
      part("status").textContent = say(file?.problem ?? "The file could not be had from the server.");
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytesOf(file.data)], { type: "application/octet-stream" }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });

  const showHistory = createHistory(
    widget,
    () => [...runs.values()].filter((run) => run.own && !run.running && run.points.length),
    pointsOf,
    lossOf,
  );

  part("legend").append(
    ...BANDS.map(({ name, stroke, dash }) => {
      const item = document.createElement("li"),
        line = document.createElement("i");
      line.style.borderTop = `0.13rem ${dash.length ? (dash[0] < 5 ? "dotted" : "dashed") : "solid"} ${stroke}`;
      item.append(line, say(name));
      return item;
    }),
  );
  const reads = document.createElement("li"),
    square = document.createElement("i");
  square.className = "square";
  reads.append(square, say("share of the digits that a small reader reads as asked"));
  part("legend").append(reads);
  const noise = Uint8Array.from(restingNoise(10 * PIXELS, 3), toGrey);
  drawGrid(part("now"), noise, 10, 10); // for the moment until random weights have drawn
  turnTo(lab);
  drawLoss();
  Object.assign(root.dataset, { run: "", points: 0, loss: "", progress: 0, running: false, checkpoints: 0 });
  return receive;
}
