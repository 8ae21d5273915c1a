// The mixing desk: x_t = signal[t] * x_0 + noise[t] * eps, for every t, with no server in the loop.

import { NOISE_OVER_DIGIT, NULL_LABEL, SIDE } from "./constants.js";
import { receiveSeek } from "./deliver.js";
import { createSnrChart } from "./desk_snr.js";
import { createHistogram, densityOf } from "./histogram.js";
import { say } from "./languages.js";
import { PIXELS, clamp, floatsOf, restingNoise, toGrey } from "./numbers.js";
import { drawGrey } from "./pictures.js";
import { createPlotDots } from "./plot_dots.js";
import { createAnnouncer } from "./speech.js";
import { tellTruths } from "./truths.js";
import { equip } from "./widget.js";

/** @import { DeskValue } from "./payload_types.js" */

export function mount({ element, trigger }) {
  const widget = equip(element);
  const { createTransport, tellLink, part, root } = widget;

  const announce = createAnnouncer(part("spoken"));
  const moveDots = createPlotDots(widget, () => trigger("plot_in_sight", {}));
  const contexts = Object.fromEntries(
    ["signal", "noise", "x_t"].map((role) => [role, root.querySelector(`[data-role="${role}"]`).getContext("2d")]),
  );
  const lanes = [0, 1].map((lane) => root.querySelector(`[data-race="${lane}"]`));

  const NO_NOISE = say("No noise yet: at t = 0 nothing is mixed in. Grey is the number 0.");
  part("empty").textContent = NO_NOISE;
  /** @type {Omit<DeskValue, "x_0" | "eps"> & { x_0: Float32Array, eps: Float32Array } | null} */
  let desk = null; // the latest value, with x_0 and eps decoded
  let mixtures = []; // x_t of each schedule
  let now = 0;

  // Where nothing is shrunk the pixels leave the usual axis, which then grows twice.
  const wider = () => [1, 3, 10].find((times) => !desk || desk.schedules[0].noise[now] <= 1.2 * times) ?? 10;
  const drawHistogram = createHistogram(
    widget,
    part("histogram"),
    () => mixtures.map((x_t) => densityOf(x_t, wider())),
    wider,
  );
  const drawSnr = createSnrChart(
    widget,
    part("snr"),
    () => desk.schedules,
    () => now,
  );

  // ---- the mathematics: one line ----

  const mix = (t, { signal, noise }) =>
    Float32Array.from(desk.x_0, (x_0, i) => signal[t] * x_0 + noise[t] * desk.eps[i]);

  // ---- what t means, in words ----

  function inWords(t, { signal, noise }) {
    if (t === 0) return say("the clean picture, before any noise");
    const snr = (signal[t] / noise[t]) ** 2; // signal-to-noise ratio
    if (snr > 30) return say("only a little dust on the picture");
    if (snr > 3) return say("the picture is still much stronger than the noise");
    if (snr > 1.25) return say("the noise is catching up");
    if (snr > 0.8) return say("the noise is now as strong as the picture");
    if (snr > 0.25) return say("the noise has taken over, but the shape still shows");
    if (snr > 0.03) return say("only a trace of the picture is left");
    if (snr > 0.001) return say("almost nothing of the picture is left");
    return say("as good as pure noise: the picture is gone");
  }

  const percent = (t, { signal }) => Math.round(100 * signal[t] ** 2);

  function sentence(t) {
    const [first, second] = desk.schedules;
    if (second)
      return say(
        "Same picture, same noise: the {0} schedule keeps {1}% of the signal here, the {2} one {3}%.",
        first.kind,
        percent(t, first),
        second.kind,
        percent(t, second),
      );
    if (first.signal[desk.T] === 1)
      return say(
        "Noise of {0}% on a picture that stays whole: {1}.",
        Math.round(100 * first.noise[t]),
        inWords(t, first),
      );
    const signal = percent(t, first);
    const alpha_bar = (first.signal[t] ** 2).toFixed(3);
    return say(
      "The picture is {0}% signal, {1}% noise (ᾱ\u00a0=\u00a0{2}): {3}.",
      signal,
      100 - signal,
      alpha_bar,
      inWords(t, first),
    );
  }

  tellTruths(root, {
    readable() {
      const [{ signal, noise }, other] = desk?.schedules ?? [{}];
      const drowned = other || !noise ? -1 : noise.findIndex((sigma, t) => sigma >= NOISE_OVER_DIGIT * signal[t]);
      return drowned < 0 ? null : drowned;
    },
  });

  // ---- one t on screen ----

  function show(t) {
    if (!desk) return;
    now = t;
    mixtures = desk.schedules.map((schedule) => mix(t, schedule));
    if (desk.schedules.length > 1) showRace(t);
    else showSum(t);
    drawHistogram();
    part("t").textContent = t;
    part("sentence").textContent = sentence(t);
    announce(`t = ${t}. ${sentence(t)}`);
    markNearest(t);
    moveDots({ t, alpha_bars: desk.schedules.map(({ signal }) => signal[t] ** 2), plot: desk.plot });
    root.dataset.t = t;
    tellLink({ t });
  }

  function showSum(t) {
    const [schedule] = desk.schedules,
      [x_t] = mixtures,
      signal = schedule.signal[t],
      noise = schedule.noise[t];
    drawGrey(
      contexts.signal,
      desk.x_0.map((x_0) => toGrey(signal * x_0)),
    );
    drawGrey(
      contexts.noise,
      desk.eps.map((eps) => toGrey(noise * eps)),
    );
    drawGrey(contexts.x_t, x_t.map(toGrey));
    part("signal").textContent = signal.toFixed(2);
    part("noise").textContent = noise.toFixed(2);
    const name = desk.label < NULL_LABEL ? say("the digit {0}", desk.label) : say("the picture");
    contexts.signal.canvas.setAttribute("aria-label", say("{0} times {1}", name, signal.toFixed(2)));
    part("empty").hidden = noise > 0;
    contexts.noise.canvas.setAttribute(
      "aria-label",
      noise > 0 ? say("Gaussian noise times {0}", noise.toFixed(2)) : NO_NOISE,
    );
    contexts.x_t.canvas.setAttribute(
      "aria-label",
      say("x_t: {0} with noise at t = {1}; {2}", name, t, inWords(t, schedule)),
    );
  }

  function showRace(t) {
    desk.schedules.forEach((schedule, lane) => {
      drawGrey(lanes[lane].getContext("2d"), mixtures[lane].map(toGrey));
      lanes[lane].previousElementSibling.textContent = `${say(schedule.kind)}: ${percent(t, schedule)}%`;
      lanes[lane].setAttribute(
        "aria-label",
        say("x_t of the {0} schedule at t = {1}; {2}", schedule.kind, t, inWords(t, schedule)),
      );
    });
    part("snr").setAttribute("aria-label", say("Log signal-to-noise ratio of both schedules, with dots at t = {0}", t));
    drawSnr();
  }

  const transport = createTransport({ show, describe: (t) => `t = ${t}` });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", say("Timestep t: how much noise"));

  // ---- the filmstrip ----

  function picture(x_t) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    drawGrey(canvas.getContext("2d"), x_t.map(toGrey));
    return canvas;
  }

  function buildStrip() {
    const frames = desk.strip.map((t) => {
      const button = document.createElement("button");
      const name = document.createElement("span");
      name.textContent = String(t);
      button.type = "button";
      button.dataset.t = String(t);
      button.setAttribute("aria-label", say("Jump to t = {0}", t));
      button.append(...desk.schedules.map((schedule) => picture(mix(t, schedule))), name);
      return button;
    });
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.t;
    const hadFocus = part("strip").contains(document.activeElement);
    part("strip").replaceChildren(...frames);
    if (hadFocus) frames.find((button) => button.dataset.t === focused)?.focus();
  }

  function markNearest(t) {
    const frames = [...part("strip").querySelectorAll("button")];
    const distance = (button) => Math.abs(button.dataset.t - t);
    const nearest = frames.reduce((best, button) => (!best || distance(button) < distance(best) ? button : best), null);
    for (const button of frames) button.setAttribute("aria-current", button === nearest);
  }

  part("strip").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) transport.seek(Number(button.dataset.t));
  });

  receiveSeek(root, (t) => transport.seek(t));

  // ---- values from Python ----

  /** @param {DeskValue} value */
  function receive(value) {
    if (!value?.x_0) return;
    const start = desk?.t !== value.t;
    const share = start ? value.t / value.T : transport.index / desk.T;
    const otherT = desk?.T !== value.T;
    desk = { ...value, x_0: floatsOf(value.x_0), eps: floatsOf(value.eps) };
    const race = desk.schedules.length > 1;
    part("mix").hidden = race;
    part("race").hidden = !race;
    part("key").textContent = race
      ? say("({0} filled, {1} outlined)", desk.schedules[0].kind, desk.schedules[1].kind)
      : "";
    part("warning").hidden = !desk.warning;
    part("warning").textContent = say(desk.warning);
    part("caption").textContent = say(desk.caption);
    part("scrub-start").textContent = say("t = 0, the picture");
    part("scrub-end").textContent = desk.warning ? `t = ${desk.T}` : say("t = {0}, noise", desk.T);
    Object.assign(root.dataset, { state: "ready", T: desk.T, race });
    buildStrip();
    transport.setLast(desk.T);
    if (start || otherT) transport.seek(share * desk.T);
    transport.redraw();
    tellLink(desk.link);
  }

  // Before there is a picture: a ring for a digit, and the tiles it would be mixed from.
  function rest() {
    const ring = Float32Array.from({ length: PIXELS }, (_, i) => {
      const distance = Math.hypot(((i % SIDE) - 13.5) / 6, (Math.floor(i / SIDE) - 13.5) / 8.5);
      return clamp(2.2 - 6 * Math.abs(distance - 1), -1, 1);
    });
    const eps = restingNoise(PIXELS, 7);
    mixtures = [ring.map((x_0, i) => Math.SQRT1_2 * (x_0 + eps[i]))];
    drawGrey(
      contexts.signal,
      ring.map((x_0) => toGrey(Math.SQRT1_2 * x_0)),
    );
    drawGrey(
      contexts.noise,
      eps.map((value) => toGrey(Math.SQRT1_2 * value)),
    );
    drawGrey(contexts.x_t, mixtures[0].map(toGrey));
    drawHistogram();
  }

  rest();
  return receive;
}
