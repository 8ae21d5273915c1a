// The mixing desk's two charts. They draw what the desk holds: mixtures, one x_t for each schedule, and t.

// The histogram of x_t's pixels, against the density they end up with. A second x_t is drawn as an outline.
function createHistogram(canvas, mixtures) {
  const LOW = -3.5, BINS = 35, WIDTH = -2 * LOW / BINS, TOP = 0.75;
  return createChart(canvas, (context, w, h) => {
    const base = h - 22;
    const toX = (value) => (value - LOW) / (-2 * LOW) * w;
    const toY = (density) => base - Math.min(1, density / TOP) * (base - 6);

    mixtures().forEach((x_t, second) => {
      const counts = new Float32Array(BINS);
      for (const value of x_t) counts[clamp(Math.floor((value - LOW) / WIDTH), 0, BINS - 1)]++;
      const tops = Array.from(counts, (count) => toY(count / x_t.length / WIDTH));
      context.fillStyle = context.strokeStyle = colour("--color-accent");
      context.lineWidth = 2;
      context.globalAlpha = second ? 1 : 0.55;
      context.beginPath();
      tops.forEach((y, bin) => {
        const left = toX(LOW + bin * WIDTH), right = left + w / BINS;
        if (second) { context.lineTo(left, y); context.lineTo(right, y); } else context.rect(left + 0.5, y, w / BINS - 1, base - y);
      });
      if (second) context.stroke(); else context.fill();
    });

    context.globalAlpha = 1;
    context.strokeStyle = context.fillStyle = colour("--body-text-color");
    context.lineWidth = 2;
    context.beginPath();
    for (let x = 0; x <= w; x += 2) {
      const value = LOW + x / w * -2 * LOW;
      context.lineTo(x, toY(Math.exp(-value * value / 2) / Math.sqrt(2 * Math.PI)));
    }
    context.stroke();
    context.globalAlpha = 0.6;
    context.fillRect(0, base, w, 1);
    context.textAlign = "center";
    for (const tick of [-3, -2, -1, 0, 1, 2, 3]) context.fillText(String(tick).replace("-", "−"), toX(tick), h - 5);
    context.globalAlpha = 1;
  });
}

// log SNR = ln(alpha_bar / (1 - alpha_bar)) over t for each schedule, the second dashed, with a dot at t on each.
function createSnrChart(canvas, schedules, now) {
  const HIGH = 10;
  const logSnr = ({ signal, noise }, t) => 2 * Math.log(signal[t] / noise[t]);  // infinite at t = 0
  return createChart(canvas, (context, w, h) => {
    const left = 34, right = w - 10, top = 10, bottom = h - 24;
    const last = schedules()[0].signal.length - 1;
    const toX = (t) => left + t / last * (right - left);
    const toY = (value) => top + (HIGH - clamp(value, -HIGH, HIGH)) / (2 * HIGH) * (bottom - top);
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
      for (let x = left; x <= right; x += 2) context.lineTo(x, toY(logSnr(schedule, Math.round((x - left) / (right - left) * last))));
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
