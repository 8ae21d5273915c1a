// Both errors over all t on a logarithmic scale, with the baseline of always guessing zero. What has not been bet on is
// not drawn: points() gives [{t, error, x0_error, seen}], of which those not seen are left out; now() is the current t.

import { drawErrorAxes, markNow } from "./error_axes.js";
import { say } from "./languages.js";

export function createErrorChart(widget, canvas, points, T, now) {
  const { colour, createChart } = widget;
  return createChart(canvas, (context, w, h) => {
    if (!T()) return; // nothing is known yet
    const accent = colour("--color-accent"),
      ink = colour("--body-text-color");
    const axes = drawErrorAxes(context, { w, h, T: T(), low: -5, high: 1, ink });
    const { toX, toY, left, right, top, bottom } = axes;
    markNow(context, axes, now(), ink);

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
