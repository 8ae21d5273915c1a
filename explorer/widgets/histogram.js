// A histogram of pixels, against the density of pure noise: filled for the first, outlined for a second.

import { clamp } from "./numbers.js";

const HISTOGRAM = { low: -3.5, bins: 35, width: 0.2 };

// How often each value occurs among these; what lies beyond the ends counts there. The axis is so many times wider.
export function densityOf(values, wider = 1) {
  const { bins } = HISTOGRAM,
    low = HISTOGRAM.low * wider,
    width = HISTOGRAM.width * wider,
    density = new Float32Array(bins);
  for (const value of values)
    density[clamp(Math.floor((value - low) / width), 0, bins - 1)] += 1 / (values.length * width);
  return density;
}

// densities() gives one or two lists of HISTOGRAM.bins densities; wider() how many times longer their axis is.
export function createHistogram(widget, canvas, densities, wider = () => 1) {
  const { colour, createChart } = widget;
  const { bins } = HISTOGRAM;
  return createChart(canvas, (context, w, h) => {
    const low = HISTOGRAM.low * wider(),
      width = HISTOGRAM.width * wider(),
      TOP = 0.75 / wider(),
      span = bins * width;
    const base = h - 22;
    const toX = (value) => ((value - low) / span) * w;
    const toY = (density) => base - Math.min(1, density / TOP) * (base - 6);

    densities().forEach((density, second) => {
      context.fillStyle = context.strokeStyle = colour("--color-accent");
      context.lineWidth = 2;
      context.globalAlpha = second ? 1 : 0.55;
      context.beginPath();
      density.forEach((height, bin) => {
        const y = toY(height),
          left = toX(low + bin * width),
          right = left + w / bins;
        if (second) {
          context.lineTo(left, y);
          context.lineTo(right, y);
        } else context.rect(left + 0.5, y, w / bins - 1, base - y);
      });
      if (second) context.stroke();
      else context.fill();
    });

    context.globalAlpha = 1;
    context.strokeStyle = context.fillStyle = colour("--body-text-color");
    context.lineWidth = 2;
    context.beginPath();
    for (let x = 0; x <= w; x += 2) {
      const value = low + (x / w) * span;
      context.lineTo(x, toY(Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI)));
    }
    context.stroke();
    context.globalAlpha = 0.6;
    context.fillRect(0, base, w, 1);
    context.textAlign = "center";
    for (const tick of [-3, -2, -1, 0, 1, 2, 3].map((whole) => whole * wider()))
      context.fillText(String(tick).replace("-", "−"), toX(tick), h - 5);
    context.globalAlpha = 1;
  });
}
