// Both errors over all t on a logarithmic scale, with the baseline of always guessing zero. What has not been bet on is
// not drawn: points() gives [{t, error, x0_error, seen}], of which those not seen are left out; now() is the current t.

import { say } from "./languages.js";
import { clamp } from "./numbers.js";

export function createErrorChart(widget, canvas, points, T, now) {
  const { colour, createChart } = widget;
  const HIGH = 1,
    LOW = -5; // powers of ten
  return createChart(canvas, (context, w, h) => {
    if (!T()) return; // nothing is known yet
    const left = 48,
      right = w - 10,
      top = 8,
      bottom = h - 24;
    const toX = (t) => left + (t / T()) * (right - left);
    const toY = (value) => top + ((HIGH - clamp(Math.log10(value), LOW, HIGH)) / (HIGH - LOW)) * (bottom - top);
    const accent = colour("--color-accent"),
      ink = colour("--body-text-color");

    context.fillStyle = ink;
    context.globalAlpha = 0.75;
    context.textAlign = "right";
    for (let power = LOW; power <= 0; power++) {
      context.fillText(power < -3 ? `1e−${-power}` : String(10 ** power), left - 6, toY(10 ** power) + 4);
      context.fillRect(left, toY(10 ** power), right - left, 0.25);
    }
    context.textAlign = "center";
    for (const share of [0, 0.5, 1])
      context.fillText(share ? share * T() : "t = 0", clamp(toX(share * T()), left, right - 14), h - 6);
    context.globalAlpha = 1;
    context.strokeStyle = ink;
    context.setLineDash([6, 4]);
    context.beginPath();
    context.moveTo(left, toY(1));
    context.lineTo(right, toY(1));
    context.stroke();
    context.setLineDash([]);
    context.textAlign = "right";
    context.fillText(say("always guessing zero: 1"), right, toY(1) - 6);
    context.globalAlpha = 0.35;
    context.fillRect(toX(now()) - 0.5, top, 1, bottom - top);
    context.globalAlpha = 1;

    const all = points(),
      seen = all.filter((point) => point.seen);
    for (const [name, colourOf] of [
      ["x0_error", ink],
      ["error", accent],
    ]) {
      context.strokeStyle = context.fillStyle = colourOf;
      context.lineWidth = 2;
      if (all.length && seen.length === all.length) {
        context.beginPath();
        for (const point of all) context.lineTo(toX(point.t), toY(point[name]));
        context.stroke();
      }
      const dots = seen.length === all.length ? seen.filter((point) => point.t === now()) : seen;
      for (const point of dots) {
        context.beginPath();
        context.arc(toX(point.t), toY(point[name]), point.t === now() ? 6 : 4, 0, 2 * Math.PI);
        if (name === "error") context.fill();
        else context.stroke();
      }
    }
    if (!seen.length) {
      context.fillStyle = ink;
      context.globalAlpha = 0.75;
      context.textAlign = "center";
      context.fillText(say("Each bet adds its point."), (left + right) / 2, (top + bottom) / 2);
      context.globalAlpha = 1;
    }
  });
}
