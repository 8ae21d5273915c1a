// The clock and the scrub bar of everything that plays.

import { offer } from "./keys.js";
import { say } from "./languages.js";
import { clamp } from "./numbers.js";

// Play, pause, step, scrub, speed and loop over positions 0..last, for the markup of transport.html.
//   show(index)  draws one position; called whenever it changes
//   reach()      the furthest position there is, while the rest is still to come (all, if not given)
//   rested()     called when the clock has stood still at a position for REST_MS
// At 1x the whole length takes `seconds`. While `following`, the clock runs after reach(): the further behind, the
// faster, but never past what has arrived.
export function createTransport({ root, part }, { show, describe, seconds = 6, reach = null, rested = () => {} }) {
  const controls = ["reverse", "back", "play", "forward", "live", "scrub"].map(part);
  const [reverse, back, play, forward, live, scrub] = controls;
  reach ??= () => transport.last;
  const HOLD = 900; // a looping film rests on its last picture for this many milliseconds
  const REST_MS = 350;
  let restsAt = -1,
    resting = null;
  let position = 0,
    shown = -1,
    direction = 1,
    playing = false,
    following = false,
    clock = null,
    before = 0,
    holdUntil = 0;

  const transport = {
    last: 0,
    get index() {
      return Math.floor(position + 1e-6);
    },
    /** Between two indices, while it plays: for what moves more smoothly than from one to the next. */
    get position() {
      return position;
    },
    get playing() {
      return playing;
    },
    get following() {
      return following;
    },
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
    if (!root.isConnected) return; // the page has removed this widget
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
      if (holdUntil) {
        position = direction > 0 ? 0 : edge;
        holdUntil = 0;
      }
      position += (direction * elapsed * Number(part("speed").value) * transport.last) / seconds;
      position = clamp(position, 0, edge);
      following = direction > 0 && position >= edge && edge < transport.last;
    }
    const atEnd = direction > 0 ? position >= transport.last : position <= 0;
    if (!atEnd) return;
    following = false;
    if (part("loop").checked) holdUntil = now + HOLD;
    else playing = false;
  }

  // Only what has changed is written: a clock ticks with every painting of the screen, and whatever is written to the
  // page costs it a new layout.
  const written = new Map();

  function write(name, value, put) {
    if (written.get(name) === value) return;
    written.set(name, value);
    put(value);
  }

  function refresh() {
    const index = transport.index;
    const percent = (value) => `${(100 * value) / Math.max(1, transport.last)}%`;
    if (index !== shown) {
      shown = index;
      show(index);
    }
    if (Number(scrub.value) !== index) scrub.value = index;
    write("at", percent(index), (value) => scrub.style.setProperty("--at", value));
    write("held", percent(Math.max(0, reach())), (value) => scrub.style.setProperty("--held", value));
    write("words", describe(index), (value) => scrub.setAttribute("aria-valuetext", value));
    const stands = playing ? -1 : index;
    if (stands !== restsAt) {
      restsAt = stands;
      clearTimeout(resting);
      if (stands >= 0) resting = setTimeout(rested, REST_MS);
    }
    write("playing", playing, () => {
      root.dataset.playing = playing;
      play.setAttribute("aria-label", playing ? say("Pause") : say("Play"));
    });
    write("following", following, (value) => live.setAttribute("aria-pressed", value));
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

  const whereThereIsSomething = (act) => () => {
    if (transport.last > 0) act();
  };
  offer(root, {
    toggle: whereThereIsSomething(keys[" "]),
    back: whereThereIsSomething(keys.ArrowLeft),
    forward: whereThereIsSomething(keys.ArrowRight),
    start: whereThereIsSomething(keys.Home),
    end: whereThereIsSomething(keys.End),
    seek: (index) => transport.last > 0 && transport.seek(index),
    speed: () => {
      part("speed").selectedIndex = (part("speed").selectedIndex + 1) % part("speed").options.length;
    },
  });
  root.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys) || transport.last < 1) return;
    if (target.closest("select, textarea, [contenteditable], input:not([type=range], [type=checkbox])")) return;
    if (event.key === " " && target.closest("button, input[type=checkbox]")) return; // it presses that control
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
