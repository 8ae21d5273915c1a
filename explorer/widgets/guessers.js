// Four guessers side by side. All that they say is here at once; which t is shown is the browser's. It follows the game
// above: where that stands at some t, this does too.

import { drawErrorAxes, markNow } from "./error_axes.js";
import { PIXELS, bytesOf, restingNoise, toGrey } from "./numbers.js";
import { drawGrey } from "./pictures.js";
import { equip } from "./widget.js";

export function mount({ element }) {
  const widget = equip(element);
  const { colour, createChart, createTransport, part, root } = widget;

  const NAMES = {
    zero: "always guessing zero",
    network: "the network",
    fair: "the perfect guesser without this digit",
    heart: "the perfect guesser with this digit",
  };
  const TILES = ["x_t", ...Object.keys(NAMES)];
  const contexts = Object.fromEntries(
    TILES.map((tile) => [tile, root.querySelector(`[data-tile="${tile}"]`).getContext("2d")]),
  );
  let asked = null; // the latest value, decoded

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
    contexts.x_t.canvas.setAttribute("aria-label", `x_t, the noisy picture, at t = ${t}`);
    for (const { name, x0_hat, error } of asked.guessers) {
      drawGrey(contexts[name], cut(x0_hat));
      const figure = contexts[name].canvas.parentElement;
      figure.querySelector("p").textContent = `MSE ${inWords(error[index])}`;
      contexts[name].canvas.setAttribute("aria-label", `x0_hat of ${NAMES[name]}, at t = ${t}`);
    }
    const said = asked.guessers.map(({ name, error }) => `${NAMES[name]} ${inWords(error[index])}`).join(", ");
    part("curve").setAttribute("aria-label", `Errors over t; at t = ${t}: ${said}`);
    part("t").textContent = t;
    part("sentence").textContent = sentence(index);
    root.dataset.t = t;
    drawCurve();
  }

  function sentence(index) {
    const error = Object.fromEntries(asked.guessers.map((guesser) => [guesser.name, guesser.error[index]]));
    if (!("fair" in error)) return "Your picture is none of the 10,000 digits: nobody here knows it by heart.";
    if (error.fair > 2 * error.network)
      return "None of the other digits is this one: here the network is better, for it has learnt strokes, not digits.";
    if (error.network > 1.1 * error.fair)
      return "Many digits fit, and nothing is better than their exact average: the network comes near it.";
    return "The network and the exact average of the other digits are about as good.";
  }

  const transport = createTransport({
    show,
    describe: (index) => (asked ? `t = ${asked.t[index]}` : ""),
  });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", "Timestep t: how much noise");

  const follow = (event) => {
    if (!root.isConnected) return document.removeEventListener("explorer:link", follow);
    if (event.target.dataset?.widget !== "guess" || transport.playing) return;
    const index = asked?.t.indexOf(event.detail.values.t) ?? -1;
    if (index >= 0) transport.moveTo(index);
  };
  document.addEventListener("explorer:link", follow);

  function receive(value) {
    if (!value?.guessers) return;
    const another = asked?.start !== value.start;
    const guessers = value.guessers.map((guesser) => ({
      ...guesser,
      x0_hat: bytesOf(guesser.x0_hat),
    }));
    asked = { ...value, guessers, x_t: bytesOf(value.x_t) };
    const there = guessers.map((guesser) => guesser.name);
    for (const name of Object.keys(NAMES)) {
      root.querySelector(`[data-guesser="${name}"]`).hidden = !there.includes(name);
      root.querySelector(`[data-key="${name}"]`).hidden = !there.includes(name);
    }
    part("scrub-start").textContent = `t = ${asked.t[0]}, hardly any noise`;
    part("scrub-end").textContent = `t = ${asked.T}, noise`;
    transport.setLast(asked.t.length - 1);
    if (another) transport.moveTo(asked.start);
    root.dataset.state = "ready";
    root.dataset.key = asked.key;
    transport.redraw();
  }

  TILES.forEach((tile, i) => {
    drawGrey(contexts[tile], Uint8Array.from(restingNoise(PIXELS, 1 + i), toGrey));
    contexts[tile].canvas.setAttribute("aria-label", "Noise: nothing has been computed yet");
  });
  part("curve").setAttribute("aria-label", "Errors over t: nothing has been computed yet");
  return receive;
}
