// The axes of a chart of errors over t: t from left to right, powers of ten from top to bottom. Draws them, and the
// baseline of always guessing zero, which costs 1; returns where a t and an error lie.

import { say } from "./languages.js";
import { clamp } from "./numbers.js";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ w: number, h: number, T: number, low: number, high: number, ink: string }} size low, high: powers of ten
 */
export function drawErrorAxes(context, { w, h, T, low, high, ink }) {
  const left = 48,
    right = w - 10,
    top = 8,
    bottom = h - 24;
  const toX = (t) => left + (t / T) * (right - left);
  const toY = (value) => top + ((high - clamp(Math.log10(value), low, high)) / (high - low)) * (bottom - top);

  context.fillStyle = ink;
  context.globalAlpha = 0.75;
  context.textAlign = "right";
  for (let power = low; power <= Math.max(0, high - 1); power++) {
    context.fillText(power < -3 ? `1e−${-power}` : String(10 ** power), left - 6, toY(10 ** power) + 4);
    context.fillRect(left, toY(10 ** power), right - left, 0.25);
  }
  context.textAlign = "center";
  for (const share of [0, 0.5, 1])
    context.fillText(share ? String(share * T) : "t = 0", clamp(toX(share * T), left, right - 14), h - 6);
  context.globalAlpha = 1;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.setLineDash([6, 4]);
  context.beginPath();
  context.moveTo(left, toY(1));
  context.lineTo(right, toY(1));
  context.stroke();
  context.setLineDash([]);
  context.textAlign = "right";
  context.fillText(say("always guessing zero: 1"), right, toY(1) - 6);
  return { toX, toY, left, right, top, bottom };
}

// A thin line where t stands.
export function markNow(context, { toX, top, bottom }, t, ink) {
  context.fillStyle = ink;
  context.globalAlpha = 0.35;
  context.fillRect(toX(t) - 0.5, top, 1, bottom - top);
  context.globalAlpha = 1;
}
