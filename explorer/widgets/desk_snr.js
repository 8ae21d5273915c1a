// log SNR = ln(alpha_bar / (1 - alpha_bar)) over t for each schedule, the second dashed, with a dot at t on each.

import { clamp } from "./numbers.js";

export function createSnrChart(widget, canvas, schedules, now) {
  const { colour, createChart } = widget;
  const HIGH = 10;
  const logSnr = ({ signal, noise }, t) => 2 * Math.log(signal[t] / noise[t]); // infinite at t = 0
  return createChart(canvas, (context, w, h) => {
    const left = 34,
      right = w - 10,
      top = 10,
      bottom = h - 24;
    const last = schedules()[0].signal.length - 1;
    const toX = (t) => left + (t / last) * (right - left);
    const toY = (value) => top + ((HIGH - clamp(value, -HIGH, HIGH)) / (2 * HIGH)) * (bottom - top);
    context.fillStyle = context.strokeStyle = colour("--body-text-color");
    context.globalAlpha = 0.7;
    context.textAlign = "right";
    for (const value of [-10, -5, 0, 5, 10]) {
      context.fillText(String(value).replace("-", "−"), left - 6, toY(value) + 4);
      context.fillRect(left, toY(value), right - left, value === 0 ? 1 : 0.25);
    }
    context.textAlign = "center";
    context.fillText("t", (left + right) / 2, h - 6);
    context.globalAlpha = 1;
    context.lineWidth = 2;
    schedules().forEach((schedule, second) => {
      context.setLineDash(second ? [6, 4] : []);
      context.beginPath();
      for (let x = left; x <= right; x += 2)
        context.lineTo(x, toY(logSnr(schedule, Math.round(((x - left) / (right - left)) * last))));
      context.stroke();
    });
    context.setLineDash([]);
    context.fillStyle = colour("--color-accent");
    for (const schedule of schedules()) {
      context.beginPath();
      context.arc(toX(now()), toY(logSnr(schedule, now())), 7, 0, 2 * Math.PI);
      context.fill();
    }
  });
}
