// Four guessers side by side. All that they say is here at once; which t is shown is the browser's. It follows the game
// above: where that stands at some t, this does too.

import { drawErrorAxes, markNow } from "./error_axes.js";
import { receiveGuesser } from "./deliver.js";
import { say } from "./languages.js";
import { PIXELS, bytesOf, restingNoise, toGrey } from "./numbers.js";
import { drawGrey } from "./pictures.js";
import { equip } from "./widget.js";

/** @import { Guesser, GuessersValue } from "./payload_types.js" */

export function mount({ element }) {
  const widget = equip(element);
  const { colour, createChart, createTransport, part, root } = widget;

  const NAMES = {
    zero: say("always guessing zero"),
    network: say("the network"),
    fair: say("the perfect guesser without this digit"),
    heart: say("the perfect guesser with this digit"),
  };
  const TILES = ["x_t", ...Object.keys(NAMES)];
  const contexts = Object.fromEntries(
    TILES.map((tile) => [tile, root.querySelector(`[data-tile="${tile}"]`).getContext("2d")]),
  );
  /** @typedef {Omit<Guesser, "x0_hat"> & { x0_hat: Uint8Array }} Decoded */
  /** @type {Omit<GuessersValue, "x_t" | "guessers"> & { x_t: Uint8Array, guessers: Decoded[] } | null} */
  let asked = null; // the latest value, decoded

  /** @type {{ key: string, guesser: Guesser } | null} */
  let fromDevice = null; // the network's latest answers that this device has found

  const now = () => asked.t[transport.index];
  const inWords = (error) =>
    error < 1e-4 ? "0.0000" : error >= 100 ? String(Math.round(error)) : error.toPrecision(2);

  const drawCurve = createChart(part("curve"), (context, w, h) => {
    const ink = colour("--body-text-color");
    const axes = drawErrorAxes(context, {
      w,
      h,
      T: asked?.T ?? 1000,
      low: -4,
      high: 4,
      ink,
    });
    if (!asked) return;
    markNow(context, axes, now(), ink);
    const looks = {
      network: [colour("--color-accent"), []],
      fair: [colour("--fair"), []],
      heart: [ink, [2, 4]],
    };
    for (const { name, error } of asked.guessers) {
      if (!(name in looks)) continue; // zero is the baseline
      const [line, dash] = looks[name];
      context.strokeStyle = context.fillStyle = line;
      context.lineWidth = 2.5;
      context.setLineDash(dash);
      context.beginPath();
      error.forEach((value, i) => context.lineTo(axes.toX(asked.t[i]), axes.toY(value)));
      context.stroke();
      context.setLineDash([]);
      context.beginPath();
      context.arc(axes.toX(now()), axes.toY(error[transport.index]), 5, 0, 2 * Math.PI);
      context.fill();
    }
  });

  function show(index) {
    if (!asked) return;
    const t = asked.t[index];
    const cut = (strip) => strip.subarray(index * PIXELS, (index + 1) * PIXELS);
    drawGrey(contexts.x_t, cut(asked.x_t));
    contexts.x_t.canvas.setAttribute("aria-label", say("{0}, at t = {1}", say("x_t, the noisy picture"), t));
    for (const { name, x0_hat, error } of asked.guessers) {
      drawGrey(contexts[name], cut(x0_hat));
      const figure = contexts[name].canvas.parentElement;
      figure.querySelector("p").textContent = say("MSE {0}", inWords(error[index]));
      contexts[name].canvas.setAttribute("aria-label", say("x0_hat of {0}, at t = {1}", NAMES[name], t));
    }
    const said = asked.guessers.map(({ name, error }) => say("{0} {1}", NAMES[name], inWords(error[index])));
    part("curve").setAttribute("aria-label", say("Errors over t; at t = {0}: {1}", t, said));
    part("t").textContent = t;
    part("sentence").textContent = sentence(index);
    root.dataset.t = t;
    drawCurve();
  }

  function sentence(index) {
    const error = Object.fromEntries(asked.guessers.map((guesser) => [guesser.name, guesser.error[index]]));
    if (!("network" in error)) return say("The network is guessing.");
    if (!("fair" in error)) return say("Your picture is none of the 10,000 digits: nobody here knows it by heart.");
    if (error.fair > 2 * error.network)
      return say(
        "None of the other digits is this one: here the network is better, for it has learnt strokes, not digits.",
      );
    if (error.network > 1.1 * error.fair)
      return say("Many digits fit, and nothing is better than their exact average: the network comes near it.");
    return say("The network and the exact average of the other digits are about as good.");
  }

  const transport = createTransport({
    show,
    describe: (index) => (asked ? `t = ${asked.t[index]}` : ""),
  });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", say("Timestep t: how much noise"));

  const follow = (event) => {
    if (!root.isConnected) return document.removeEventListener("explorer:link", follow);
    if (event.target.dataset?.widget !== "guess" || transport.playing) return;
    const index = asked?.t.indexOf(event.detail.values.t) ?? -1;
    if (index >= 0) transport.moveTo(index);
  };
  document.addEventListener("explorer:link", follow);

  /** @param {GuessersValue} value */
  function complete({ key, guessers }) {
    if (fromDevice?.key !== key || guessers.some(({ name }) => name === "network")) return guessers;
    return [guessers[0], fromDevice.guesser, ...guessers.slice(1)];
  }

  let latest = null;
  receiveGuesser(root, (found) => {
    fromDevice = found;
    if (latest?.key === found.key) receive(latest);
  });

  /** @param {GuessersValue} value */
  function receive(value) {
    if (!value?.guessers) return;
    latest = value;
    const another = asked?.start !== value.start;
    const guessers = complete(value).map((guesser) => ({
      ...guesser,
      x0_hat: bytesOf(guesser.x0_hat),
    }));
    asked = { ...value, guessers, x_t: bytesOf(value.x_t) };
    /** @type {string[]} */
    const there = guessers.map((guesser) => guesser.name);
    for (const name of Object.keys(NAMES)) {
      root.querySelector(`[data-guesser="${name}"]`).hidden = !there.includes(name);
      root.querySelector(`[data-key="${name}"]`).hidden = !there.includes(name);
    }
    part("scrub-start").textContent = say("t = {0}, hardly any noise", asked.t[0]);
    part("scrub-end").textContent = say("t = {0}, noise", asked.T);
    transport.setLast(asked.t.length - 1);
    if (another) transport.moveTo(asked.start);
    root.dataset.state = "ready";
    root.dataset.key = asked.key;
    transport.redraw();
  }

  TILES.forEach((tile, i) => {
    drawGrey(contexts[tile], Uint8Array.from(restingNoise(PIXELS, 1 + i), toGrey));
    contexts[tile].canvas.setAttribute("aria-label", say("Noise: nothing has been computed yet"));
  });
  part("curve").setAttribute("aria-label", say("Errors over t: nothing has been computed yet"));
  return receive;
}
