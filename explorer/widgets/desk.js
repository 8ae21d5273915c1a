// The mixing desk: x_t = signal[t] * x_0 + noise[t] * eps, for every t, with no server in the loop.

const announce = createAnnouncer(part("spoken"));
const moveDot = createPlotDot();
const contexts = Object.fromEntries(["signal", "noise", "x_t"].map(
  (role) => [role, root.querySelector(`[data-role="${role}"]`).getContext("2d")]));

let desk = null;        // the latest value, with x_0 and eps decoded
let x_t = null;         // what the histogram counts
let led = false;        // this move was made by another desk of the group, which has announced it

// ---- the mathematics: one line ----

const mix = (t) => Float32Array.from(desk.x_0, (x_0, i) => desk.signal[t] * x_0 + desk.noise[t] * desk.eps[i]);

// ---- what t means, in words ----

function inWords(t) {
  if (t === 0) return "the clean picture, before any noise";
  const snr = (desk.signal[t] / desk.noise[t]) ** 2;  // signal-to-noise ratio
  if (snr > 30) return "only a little dust on the picture";
  if (snr > 3) return "the picture is still much stronger than the noise";
  if (snr > 1.25) return "the noise is catching up";
  if (snr > 0.8) return "the noise is now as strong as the picture";
  if (snr > 0.25) return "the noise has taken over, but the shape still shows";
  if (snr > 0.03) return "only a trace of the picture is left";
  if (snr > 0.001) return "almost nothing of the picture is left";
  return "as good as pure noise: the picture is gone";
}

function sentence(t) {
  const alpha_bar = desk.signal[t] ** 2;
  const signal = Math.round(100 * alpha_bar);
  return `The picture is ${signal}% signal, ${100 - signal}% noise (ᾱ\u00a0=\u00a0${alpha_bar.toFixed(3)}): ${inWords(t)}.`;
}

// ---- one t on screen ----

function show(t) {
  if (!desk) return;
  const alpha_bar = desk.signal[t] ** 2;
  x_t = mix(t);
  drawGrey(contexts.signal, desk.x_0.map((x_0) => toGrey(desk.signal[t] * x_0)));
  drawGrey(contexts.noise, desk.eps.map((eps) => toGrey(desk.noise[t] * eps)));
  drawGrey(contexts.x_t, x_t.map(toGrey));
  drawHistogram();

  part("t").textContent = t;
  part("signal").textContent = desk.signal[t].toFixed(2);
  part("noise").textContent = desk.noise[t].toFixed(2);
  part("sentence").textContent = sentence(t);
  announce(`t = ${t}. ${sentence(t)}`);
  const name = typeof desk.label === "number" && desk.label < 10 ? `the digit ${desk.label}` : "the picture";
  contexts.signal.canvas.setAttribute("aria-label", `${name} times ${desk.signal[t].toFixed(2)}`);
  contexts.noise.canvas.setAttribute("aria-label", `Gaussian noise times ${desk.noise[t].toFixed(2)}`);
  contexts.x_t.canvas.setAttribute("aria-label", `x_t: ${name} with noise at t = ${t}; ${inWords(t)}`);
  markNearest(t);

  moveDot({ t, alpha_bar, plot: desk.plot ?? "alpha-bar-plot", dot: desk.dot ?? -1 });
  root.dataset.t = t;
  const detail = { t, alpha_bar, T: desk.T, group: led ? undefined : desk.group, source: root };
  window.dispatchEvent(new CustomEvent("ddpm:t", { detail }));
}

const transport = createTransport({ show, describe: (t) => `t = ${t}` });
for (const unused of ["reverse", "live"]) part(unused).hidden = true;
part("scrub").setAttribute("aria-label", "Timestep t: how much noise");

// ---- the histogram of x_t's pixels, against the density they end up with ----

const drawHistogram = createChart(part("histogram"), (context, w, h) => {
  const LOW = -3.5, BINS = 35, WIDTH = -2 * LOW / BINS, TOP = 0.75, base = h - 22;
  const toX = (value) => (value - LOW) / (-2 * LOW) * w;
  const toY = (density) => base - Math.min(1, density / TOP) * (base - 6);
  const counts = new Float32Array(BINS);
  for (const value of x_t) counts[clamp(Math.floor((value - LOW) / WIDTH), 0, BINS - 1)]++;

  context.fillStyle = colour("--color-accent");
  context.globalAlpha = 0.55;
  counts.forEach((count, bin) => {
    const y = toY(count / x_t.length / WIDTH);
    context.fillRect(toX(LOW + bin * WIDTH) + 0.5, y, w / BINS - 1, base - y);
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
  context.lineWidth = 1;
  context.globalAlpha = 0.6;
  context.fillRect(0, base, w, 1);
  context.textAlign = "center";
  for (const tick of [-3, -2, -1, 0, 1, 2, 3]) context.fillText(String(tick).replace("-", "−"), toX(tick), h - 5);
  context.globalAlpha = 1;
});

// ---- the filmstrip ----

function buildStrip() {
  const frames = (desk.strip ?? []).map((t) => {
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    const name = document.createElement("span");
    canvas.width = canvas.height = 28;
    drawGrey(canvas.getContext("2d"), mix(t).map(toGrey));
    name.textContent = t;
    button.type = "button";
    button.dataset.t = t;
    button.setAttribute("aria-label", `Jump to t = ${t}`);
    button.append(canvas, name);
    return button;
  });
  const focused = document.activeElement?.dataset.t;
  const hadFocus = part("strip").contains(document.activeElement);
  part("strip").replaceChildren(...frames);
  if (hadFocus) frames.find((button) => button.dataset.t === focused)?.focus();
}

function markNearest(t) {
  const frames = [...part("strip").querySelectorAll("button")];
  const distance = (button) => Math.abs(button.dataset.t - t);
  const nearest = frames.reduce((best, button) => (!best || distance(button) < distance(best) ? button : best), null);
  for (const button of frames) button.setAttribute("aria-current", button === nearest);
}

part("strip").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) transport.seek(Number(button.dataset.t));
});

// ---- values from Python ----

function receive(value) {
  if (!value?.x_0) return;
  const isNew = !desk || value.T !== desk.T || (value.t_key !== undefined && value.t_key !== desk.t_key);
  desk = { ...value, x_0: floatsOf(value.x_0), eps: floatsOf(value.eps) };
  root.dataset.state = "ready";
  root.dataset.T = desk.T;
  part("caption").textContent = desk.caption ?? "";
  part("scrub-start").textContent = "t = 0, the picture";
  part("scrub-end").textContent = `t = ${desk.T}, noise`;
  buildStrip();
  transport.setLast(desk.T);
  if (isNew) transport.seek(value.t ?? 0);
  transport.redraw();
}

// Before there is a picture: a ring for a digit, and the tiles it would be mixed from.
function rest() {
  const ring = Float32Array.from({ length: PIXELS }, (_, i) => {
    const distance = Math.hypot((i % 28 - 13.5) / 6, (Math.floor(i / 28) - 13.5) / 8.5);
    return clamp(2.2 - 6 * Math.abs(distance - 1), -1, 1);
  });
  const eps = restingNoise(PIXELS, 7);
  x_t = ring.map((x_0, i) => Math.SQRT1_2 * (x_0 + eps[i]));
  drawGrey(contexts.signal, ring.map((x_0) => toGrey(Math.SQRT1_2 * x_0)));
  drawGrey(contexts.noise, eps.map((value) => toGrey(Math.SQRT1_2 * value)));
  drawGrey(contexts.x_t, x_t.map(toGrey));
  drawHistogram();
}

// Desks of one group keep the same share of their way, also when their T differ.
window.addEventListener("ddpm:t", function follow({ detail }) {
  if (!root.isConnected) return window.removeEventListener("ddpm:t", follow);
  if (!desk?.group || detail.group !== desk.group || detail.source === root) return;
  led = true;
  transport.seek(Math.round(detail.t / detail.T * desk.T));
  led = false;
});

root.ddpmDesk = { get t() { return transport.index; }, set t(t) { transport.seek(t); } };
rest();
watch("value", () => receive(props.value));
receive(props.value);
