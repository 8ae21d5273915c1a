// Moves the dot on the alpha_bar curve. The curve is a Plotly figure somewhere else on the page: it may not be there
// yet, and the server may replace it at any time by a new figure, whose dot then stands where Python put it. So the dot
// is set at most once per screen frame when t moves, and looked after now and then in between.
function createPlotDot() {
  let wanted = null, scheduled = false;

  function apply() {
    scheduled = false;
    if (!wanted?.plot) return;
    const graph = document.getElementById(wanted.plot)?.querySelector(".js-plotly-plot");
    if (!window.Plotly || !graph?.data?.length) return;
    const trace = wanted.dot < 0 ? graph.data.length + wanted.dot : wanted.dot;
    const dot = graph.data[trace];
    if (!dot || (dot.x?.[0] === wanted.t && dot.y?.[0] === wanted.alpha_bar)) return;
    Promise.resolve(window.Plotly.restyle(graph, { x: [[wanted.t]], y: [[wanted.alpha_bar]] }, [trace])).catch(() => {});
  }

  const keeper = setInterval(() => (root.isConnected ? apply() : clearInterval(keeper)), 300);

  return (where) => {
    wanted = where;
    if (!scheduled) requestAnimationFrame(apply);
    scheduled = true;
  };
}
