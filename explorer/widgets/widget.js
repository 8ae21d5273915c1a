// What a widget has of its own on the page: its root, its parts, and helpers that are bound to them.

import { createTransport } from "./transport.js";

const CHART_PX = 13; // the letters of a chart

/**
 * @param {HTMLElement} element what Gradio has mounted
 */
export function equip(element) {
  /** @type {any} */
  const root = element.querySelector("[data-widget]");
  /** @type {(name: string) => any} */
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const motion = window.matchMedia("(prefers-reduced-motion: reduce)");

  // The theme's colours, light or dark, under Gradio's own names.
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  // A chart drawn at the screen's own resolution, again whenever its size changes. Returns the function that redraws
  // it.
  function createChart(canvas, draw) {
    const redraw = () => {
      const style = getComputedStyle(canvas),
        scale = Math.max(1, parseFloat(style.fontSize) / CHART_PX || 1), // on the stage all is larger
        ratio = (window.devicePixelRatio || 1) * scale,
        w = canvas.clientWidth / scale,
        h = canvas.clientHeight / scale;
      if (!w || !h) return; // in a tab that is not open
      if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
        canvas.width = Math.round(w * ratio);
        canvas.height = Math.round(h * ratio);
      }
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, w, h);
      context.font = `${CHART_PX}px ${style.fontFamily}`;
      draw(context, w, h);
    };
    new ResizeObserver(redraw).observe(canvas);
    return redraw;
  }

  // For the lesson bar: what of this widget belongs into the page's address.
  const tellLink = (values) =>
    root.dispatchEvent(new CustomEvent("explorer:link", { bubbles: true, detail: { values } }));

  // Call `begin` a moment after this widget is seen, unless a viewer presses a button before, or `untouched` says no.
  // Only the last call counts.
  let waiting = new AbortController();
  function whenSeen(begin, untouched) {
    waiting.abort();
    const { signal } = (waiting = new AbortController());
    let pressed = false;
    const notice = (event) => {
      pressed ||= Boolean(event.target.closest?.("button"));
    };
    const eye = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      eye.disconnect();
      document.addEventListener("click", notice, { signal });
      setTimeout(() => {
        document.removeEventListener("click", notice);
        if (!signal.aborted && !pressed && untouched()) begin();
      }, 200);
    });
    signal.addEventListener("abort", () => eye.disconnect());
    eye.observe(root);
  }

  const widget = { root, part, motion, colour, createChart, tellLink, whenSeen };
  return { ...widget, createTransport: (options) => createTransport(widget, options) };
}
