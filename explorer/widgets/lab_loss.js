// The loss curve of a training, or of two beside each other.

import { say } from "./languages.js";
import { clamp } from "./numbers.js";

export const BANDS = [
  // as many as explorer.lab.session.BANDS; colour and dashes, so that the lines differ without colour too
  { name: "little noise", stroke: "#3b82f6", dash: [2, 3] },
  { name: "some", stroke: "#10b981", dash: [7, 3] },
  { name: "almost only noise", stroke: "#a855f7", dash: [] },
];

// The loss jumps from batch to batch; its trend is an exponential moving average (without the bias of a cold start).
// A batch can lack a band: null is left out, and the trend stays.
export function smooth(losses, decay = 0.9) {
  let sum = 0,
    weight = 0;
  return losses.map((loss) => {
    if (loss !== null) {
      sum = decay * sum + (1 - decay) * loss;
      weight = decay * weight + (1 - decay);
    }
    return weight ? sum / weight : null;
  });
}

export const bandOf = (points, band) => points.map((point) => point[3 + band]);

function drawLine(context, xs, ys) {
  context.beginPath();
  ys.forEach((y, i) => {
    if (y !== null) context.lineTo(xs[i], y);
  });
  context.stroke();
}

// curves() -> [{points: [[step, seconds, loss, by_t...]], stroke, detail}], end() -> seconds on the axis.
// detail: with its raw losses and its loss by t, for one that has the chart to itself.
export function createLossChart(widget, canvas, curves, end) {
  const { colour, createChart } = widget;
  return createChart(canvas, (context, w, h) => {
    const left = 46,
      right = w - (curves().some(({ reads = [] }) => reads.length) ? 46 : 12),
      top = 10,
      bottom = h - 40,
      last = Math.max(1, end());
    const toX = (second) => left + Math.min(1, second / last) * (right - left);
    // The square root spreads the small losses, where most of the learning happens, and still reaches zero.
    const toY = (loss) => (loss === null ? null : bottom - Math.sqrt(clamp(loss, 0, 1.2) / 1.2) * (bottom - top));
    const text = colour("--body-text-color");

    context.lineWidth = 1;
    context.fillStyle = text;
    context.globalAlpha = 0.75;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of [0, 0.02, 0.1, 0.25, 0.5, 1]) {
      context.strokeStyle = colour("--border-color-primary");
      drawLine(context, [left, right], [toY(tick), toY(tick)]);
      context.fillText(tick, left - 8, toY(tick));
    }
    const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];
    const step = steps.find((s) => last / s <= Math.max(3, w / 90)) ?? 3600;
    context.textAlign = "center";
    for (let second = 0; second <= 1.001 * last; second += step) context.fillText(second, toX(second), bottom + 14);
    context.fillText(say("seconds of training"), (left + right) / 2, bottom + 31);
    context.globalAlpha = 1;

    context.setLineDash([6, 5]);
    context.strokeStyle = text;
    context.lineWidth = 1.5;
    drawLine(context, [left, right], [toY(1), toY(1)]);
    context.setLineDash([]);
    context.textAlign = "right";
    context.fillText(say("always guessing zero: 1"), right, toY(1) - 10);

    context.lineJoin = "round";

    // The share of the drawn digits that are read as asked, on an axis of its own at the right.
    function drawReads(reads) {
      if (!reads.length) return;
      const toShare = (share) => bottom - share * (bottom - top);
      context.fillStyle = context.strokeStyle = text;
      context.textAlign = "left";
      for (const percent of [0, 50, 100]) context.fillText(`${percent}%`, right + 6, toShare(percent / 100));
      context.lineWidth = 1;
      drawLine(
        context,
        reads.map(([second]) => toX(second)),
        reads.map(([, share]) => toShare(share)),
      );
      for (const [second, share] of reads) context.fillRect(toX(second) - 4, toShare(share) - 4, 8, 8);
    }

    for (const { points, stroke, detail, reads = [] } of curves()) {
      drawReads(reads);
      const xs = points.map((point) => toX(point[1]));
      if (detail) {
        context.fillStyle = stroke;
        context.globalAlpha = 0.4;
        points.forEach(([, , loss], i) => context.fillRect(xs[i] - 1, toY(loss) - 1, 2, 2));
        context.globalAlpha = 1;
        context.lineWidth = 1.5;
        BANDS.forEach((band, b) => {
          context.strokeStyle = band.stroke;
          context.setLineDash(band.dash);
          drawLine(context, xs, smooth(bandOf(points, b), 0.96).map(toY));
        });
        context.setLineDash([]);
      }
      context.strokeStyle = stroke;
      context.lineWidth = 3;
      drawLine(context, xs, smooth(points.map((point) => point[2])).map(toY));
    }
  });
}
