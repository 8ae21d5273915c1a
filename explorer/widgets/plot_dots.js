// Moves the dots on the alpha_bar curves, which are the last traces of a Plotly figure somewhere else on the page. It
// may not be there yet, and the server may replace it at any time by a new figure, whose dots then stand where Python
// put them. So the dots are set at most once per screen frame when t moves, and looked after now and then in between.

import { query } from "./address.js";

const TAB = "add"; // where it stands
const IN_SIGHT_MS = 400; // somebody may only pass by
const AWAY_MS = 5000; // a page whose link leads to another tab shows this one at first, on a slow machine for seconds

const leadsAway = () => ![null, TAB].includes(new URLSearchParams(query()).get("tab"));

// inSight: is called once, when the column around the figure has come in sight.
export function createPlotDots(widget, inSight) {
  const { root } = widget;
  let wanted = null,
    scheduled = false,
    seen = null,
    soon;

  function tell() {
    seen.disconnect();
    inSight();
  }

  function lookOut() {
    const aside = document.getElementById(`${wanted.plot}-aside`);
    if (seen || !aside) return;
    seen = new IntersectionObserver((sights) => {
      clearTimeout(soon);
      if (sights.at(-1).isIntersecting) soon = setTimeout(tell, leadsAway() ? AWAY_MS : IN_SIGHT_MS);
    });
    seen.observe(aside);
  }

  function apply() {
    scheduled = false;
    if (!wanted?.plot) return;
    const { Plotly } = /** @type {any} */ (window); // there once a plot of Gradio's is
    /** @type {any} */
    const graph = document.getElementById(wanted.plot)?.querySelector(".js-plotly-plot");
    const { t, alpha_bars } = wanted;
    const first = (graph?.data?.length ?? 0) - alpha_bars.length;
    if (!Plotly || first < alpha_bars.length) return; // a figure of fewer curves, soon to be replaced
    if (
      alpha_bars.every(
        (alpha_bar, i) => graph.data[first + i].x?.[0] === t && graph.data[first + i].y?.[0] === alpha_bar,
      )
    )
      return;
    const change = { x: alpha_bars.map(() => [t]), y: alpha_bars.map((alpha_bar) => [alpha_bar]) };
    Promise.resolve(
      Plotly.restyle(
        graph,
        change,
        alpha_bars.map((_, i) => first + i),
      ),
    ).catch(() => {});
  }

  const keeper = setInterval(() => (root.isConnected ? apply() : clearInterval(keeper)), 300);

  return (where) => {
    wanted = where;
    if (where?.plot) lookOut();
    if (!scheduled) requestAnimationFrame(apply);
    scheduled = true;
  };
}
