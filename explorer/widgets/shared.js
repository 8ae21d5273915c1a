// What every widget uses. Gradio runs this text, with the widget's own behind it, as the body of one function
// (element, trigger, props, server, upload, watch) for each mounted component. So everything declared here
// belongs to one widget on the page, and two films never share a clock.

const root = element.querySelector("[data-widget]");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
const PIXELS = 28 * 28;

// ---- numbers ----

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// The same rounding as explorer/pixels.py: -1 is black (0), +1 is white (255), what lies outside is clipped.
const toGrey = (value) => Math.round((clamp(value, -1, 1) + 1) * 127.5);

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const floatsOf = (base64) => new Float32Array(bytesOf(base64).buffer);

// Normal numbers that are the same at every visit, for what is shown before anything was computed.
function restingNoise(count, seed) {
  let state = seed;
  const uniform = () => {  // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
  return Float32Array.from({ length: count }, () =>  // Box and Muller
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}

// ---- pictures ----

// One grey picture, its top left corner at (x, y). CSS enlarges the canvas; its own pixels stay the picture's.
function drawGrey(context, grey, x = 0, y = 0, w = 28, h = 28) {
  const image = context.createImageData(w, h);
  for (let i = 0; i < w * h; i++) {
    image.data[4 * i] = image.data[4 * i + 1] = image.data[4 * i + 2] = grey[i];
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, x, y);
}

// As square a grid for n pictures as leaves no hole.
function gridColumns(n) {
  let columns = Math.ceil(Math.sqrt(n));
  while (n % columns) columns++;
  return columns;
}

// n pictures in rows of `columns`, one transparent pixel between them.
function drawGrid(canvas, grey, n, columns = gridColumns(n)) {
  const width = columns * 29 - 1, height = Math.ceil(n / columns) * 29 - 1;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  for (let i = 0; i < n; i++) {
    const picture = grey.subarray(i * PIXELS, (i + 1) * PIXELS);
    drawGrey(context, picture, (i % columns) * 29, Math.floor(i / columns) * 29);
  }
}

// A chart drawn at the screen's own resolution, again whenever its size changes. Returns the function that redraws it.
function createChart(canvas, draw) {
  const redraw = () => {
    const w = canvas.clientWidth, h = canvas.clientHeight, ratio = window.devicePixelRatio || 1;
    if (!w || !h) return;  // in a tab that is not open
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    context.font = `13px ${getComputedStyle(root).fontFamily}`;
    draw(context, w, h);
  };
  new ResizeObserver(redraw).observe(canvas);
  return redraw;
}

// The theme's colours, light or dark, under Gradio's own names.
const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

// ---- words ----

// A text that is drawn rather than written, in the page's language.
const spoken = (text) => window.explorerSay?.(text) ?? text;

// For screen readers: the latest sentence, and never more than one in `pause` milliseconds.
function createAnnouncer(region, pause = 2000) {
  let latest = "", timer = null;
  return (sentence) => {
    latest = sentence;
    timer ??= setTimeout(() => { region.textContent = latest; timer = null; }, pause);
  };
}

// For the lesson bar: what of this widget belongs into the page's address.
const tellLink = (values) => root.dispatchEvent(new CustomEvent("explorer:link", { bubbles: true, detail: { values } }));

// ---- the first second ----

// Press a button of the page when this widget is first seen, unless a viewer was faster, or `untouched` says no.
function pressWhenSeen(selector, untouched) {
  let pressed = false;
  const notice = (event) => { pressed ||= Boolean(event.target.closest?.(selector)); };
  document.addEventListener("click", notice);
  const eye = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    eye.disconnect();
    setTimeout(() => {
      document.removeEventListener("click", notice);
      if (!pressed && untouched()) document.querySelector(selector)?.click();
    }, 200);
  });
  eye.observe(root);
}

// ---- transport ----

// Play, pause, step, scrub, speed and loop over positions 0..last, for the markup of transport.html.
//   show(index)  draws one position; called whenever it changes
//   reach()      the furthest position there is, while the rest is still to come (all, if not given)
//   rested()     called when the clock has stood still at a position for REST_MS
// At 1x the whole length takes `seconds`. While `following`, the clock runs after reach(): the further behind, the
// faster, but never past what has arrived.
function createTransport({ show, describe, seconds = 6, reach = null, rested = () => {} }) {
  const controls = ["reverse", "back", "play", "forward", "live", "scrub"].map(part);
  const [reverse, back, play, forward, live, scrub] = controls;
  reach ??= () => transport.last;
  const HOLD = 900;  // a looping film rests on its last picture for this many milliseconds
  const REST_MS = 350;
  let restsAt = -1, resting = null;
  let position = 0, shown = -1, direction = 1, playing = false, following = false, clock = null, before = 0, holdUntil = 0;

  const transport = {
    last: 0,
    get index() { return Math.floor(position + 1e-6); },
    get playing() { return playing; },
    get following() { return following; },
    setLast(last) {
      transport.last = last;
      scrub.max = Math.max(1, last);
      for (const control of controls) control.disabled = last < 1;
      refresh();
    },
    moveTo(index) {
      position = clamp(Math.round(index), 0, reach());
      refresh();
    },
    // What a viewer does by hand stops the clock.
    seek(index) {
      transport.pause();
      transport.moveTo(index);
    },
    play(towards = 1) {
      if (transport.last < 1) return;
      direction = towards;
      following = false;
      if (towards > 0 && transport.index >= transport.last) position = 0;
      if (towards < 0 && transport.index <= 0) position = reach();
      start();
    },
    pause() {
      playing = following = false;
      if (clock) cancelAnimationFrame(clock);
      clock = null;
      refresh();
    },
    follow() {
      direction = 1;
      following = true;
      start();
    },
    redraw() {
      shown = -1;
      refresh();
    },
    refresh,
  };

  function start() {
    playing = true;
    holdUntil = 0;
    before = performance.now();
    clock ??= requestAnimationFrame(tick);
    refresh();
  }

  function tick(now) {
    clock = null;
    if (!root.isConnected) return;  // the page has removed this widget
    const elapsed = Math.min(0.1, Math.max(0, now - before) / 1000);
    before = now;
    if (now >= holdUntil) advance(elapsed, now);
    refresh();
    if (playing) clock = requestAnimationFrame(tick);
  }

  function advance(elapsed, now) {
    const edge = reach();
    if (following) {
      const rate = clamp((edge - position) / 0.25, 4, Math.max(8, transport.last / 2));
      position = Math.min(edge, position + rate * elapsed);
    } else {
      if (holdUntil) { position = direction > 0 ? 0 : edge; holdUntil = 0; }
      position += direction * elapsed * Number(part("speed").value) * transport.last / seconds;
      position = clamp(position, 0, edge);
      following = direction > 0 && position >= edge && edge < transport.last;
    }
    const atEnd = direction > 0 ? position >= transport.last : position <= 0;
    if (!atEnd) return;
    following = false;
    if (part("loop").checked) holdUntil = now + HOLD;
    else playing = false;
  }

  function refresh() {
    const index = transport.index;
    const percent = (value) => `${100 * value / Math.max(1, transport.last)}%`;
    if (index !== shown) {
      shown = index;
      show(index);
    }
    scrub.value = index;
    scrub.style.setProperty("--at", percent(index));
    scrub.style.setProperty("--held", percent(Math.max(0, reach())));
    scrub.setAttribute("aria-valuetext", describe(index));
    const stands = playing ? -1 : index;
    if (stands !== restsAt) {
      restsAt = stands;
      clearTimeout(resting);
      if (stands >= 0) resting = setTimeout(rested, REST_MS);
    }
    root.dataset.playing = playing;
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    live.setAttribute("aria-pressed", following);
  }

  const page = () => Math.max(1, Math.round(transport.last / 10));
  const keys = {
    ArrowLeft: () => transport.seek(transport.index - 1),
    ArrowRight: () => transport.seek(transport.index + 1),
    PageDown: () => transport.seek(transport.index - page()),
    PageUp: () => transport.seek(transport.index + page()),
    Home: () => transport.seek(0),
    End: () => transport.seek(transport.last),
    " ": () => (playing ? transport.pause() : transport.play()),
  };

  root.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys) || transport.last < 1) return;
    if (target.closest("select, textarea, [contenteditable], input:not([type=range], [type=checkbox])")) return;
    if (event.key === " " && target.closest("button, input[type=checkbox]")) return;  // it presses that control
    event.preventDefault();
    keys[event.key]();
  });
  back.addEventListener("click", keys.ArrowLeft);
  forward.addEventListener("click", keys.ArrowRight);
  play.addEventListener("click", keys[" "]);
  reverse.addEventListener("click", () => transport.play(-1));
  live.addEventListener("click", () => transport.follow());
  scrub.addEventListener("input", () => transport.seek(Number(scrub.value)));
  return transport;
}
