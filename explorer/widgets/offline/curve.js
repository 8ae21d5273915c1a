// The alpha_bar curve, which is plotly's on a server's page: its figure with the same traces, drawn on a canvas, for
// plotly's script alone would be a fifth of the file. It moves its dots as plotly does (see plot_dots.js).

import { equip } from "../widget.js";
import { make } from "./controls.js";
import { facts } from "./facts.js";

const MARGIN = { left: 44, right: 16, top: 36, bottom: 40 };
const DASHES = [[], [8, 6]];

export function createCurve() {
  const canvas = make("canvas", { role: "img" });
  const graph = /** @type {any} */ (make("div", { class: "js-plotly-plot" }, canvas));
  const frame = make("div", { "data-widget": "curve" }, graph);
  const { colour, createChart } = equip(make("div", {}, frame));
  let curves = [],
    T = 1,
    title = "";

  const redraw = createChart(canvas, (context, w, h) => {
    const x = (t) => MARGIN.left + ((t + 0.02 * T) / (1.04 * T)) * (w - MARGIN.left - MARGIN.right);
    const y = (a) => h - MARGIN.bottom - ((a + 0.04) / 1.1) * (h - MARGIN.top - MARGIN.bottom);
    const ink = colour("--body-text-color"),
      grid = colour("--border-color-primary");
    Object.assign(context, { fillStyle: ink, strokeStyle: grid, lineWidth: 1, textAlign: "left" });
    context.font = context.font.replace(/^\S+/, "15px");
    context.fillText(title, 12, 20);
    context.font = context.font.replace(/^\S+/, "14px");
    context.textAlign = "center";
    const line = (x1, y1, x2, y2) => {
      context.beginPath();
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
      context.stroke();
    };
    for (let k = 0; k <= 5; k++) {
      const t = (k * T) / 5;
      line(x(t), MARGIN.top, x(t), h - MARGIN.bottom);
      context.fillText(String(t), x(t), h - MARGIN.bottom + 18);
    }
    context.fillText("t", (w + MARGIN.left) / 2, h - 5);
    context.textAlign = "right";
    for (const a of [0, 0.5, 1]) {
      line(MARGIN.left, y(a), w - MARGIN.right, y(a));
      context.fillText(String(a), MARGIN.left - 6, y(a) + 5);
    }
    const quiet = colour("--body-text-color-subdued");
    curves.forEach((alphaBars, i) => {
      context.beginPath();
      context.setLineDash(DASHES[i]);
      Object.assign(context, { strokeStyle: quiet, lineWidth: 3 });
      alphaBars.forEach((a, t) => context.lineTo(x(t), y(a)));
      context.stroke();
      context.setLineDash([]);
    });
    if (curves.length > 1)
      curves.forEach((_, i) => {
        context.setLineDash(DASHES[i]);
        line(w - 120, MARGIN.top + 12 + 18 * i, w - 84, MARGIN.top + 12 + 18 * i);
        context.setLineDash([]);
        context.fillText(graph.data[i].name, w - MARGIN.right, MARGIN.top + 17 + 18 * i);
      });
    for (const dot of graph.data.slice(curves.length)) {
      context.beginPath();
      context.arc(x(dot.x[0]), y(dot.y[0]), 8, 0, 2 * Math.PI);
      Object.assign(context, { fillStyle: colour("--color-accent"), strokeStyle: "white", lineWidth: 2 });
      context.fill();
      context.stroke();
    }
  });
  graph.data = [];

  /** @param {{ schedule: string, T: number } | null} value */
  function show(value) {
    if (!value?.schedule) return;
    const { data, layout } = facts.figures[value.schedule][value.T];
    const kinds = facts.desks[value.schedule][value.T].schedules;
    [T, title] = [value.T, layout];
    curves = kinds.map((kind) => facts.rules[kind][T].signal.map((signal) => signal ** 2));
    graph.data = data.map((trace, i) => ({ ...trace, x: [0], y: [curves[i % kinds.length][0]] }));
    canvas.setAttribute("aria-label", title);
    redraw();
  }

  // what plot_dots.js asks of plotly
  /** @type {any} */ (window).Plotly = {
    restyle(of, { x, y }, traces) {
      traces.forEach((trace, i) => Object.assign(of.data[trace], { x: x[i], y: y[i] }));
      redraw();
    },
  };

  return { element: frame, show, enable: () => {} };
}
