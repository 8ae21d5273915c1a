// The map. The dots are fetched when it is first opened; whatever a player of this page shows then draws its path over
// them, found in the browser from the pictures that the player has; only a crowd is asked of the server.

import { say, sayAll } from "./languages.js";
import { BETWEEN, createCrowd } from "./map_crowd.js";
import { digitAt, placesAt } from "./map_places.js";
import { COLOURS, createScene } from "./map_scene.js";
import { honestWords, viewsInWords } from "./map_words.js";
import { clamp } from "./numbers.js";
import { listen, pathsOf } from "./paths.js";
import { drawGrey } from "./pictures.js";
import { createAnnouncer } from "./speech.js";
import { equip } from "./widget.js";

/** @import { MapValue } from "./payload_types.js" */

const WORDS_MS = 250; // while something moves, what is told in words changes so often: nobody reads faster

export function mount({ element, trigger }) {
  const widget = equip(element);
  const { createTransport, motion, part, root } = widget;
  const announce = createAnnouncer(part("spoken"));

  const VIEWS = viewsInWords();

  /** @type {MapValue} */
  let place = {};
  /** @type {import("./paths.js").Told | any} */
  let told = null;
  let view = "film";
  /** @type {any} */
  let map = null; // see map_places.js; null until it has been fetched
  let pointer = null; // the position of the dot that is pointed at
  let cross = [0, 0]; // where the arrow keys have led
  let cached = { run: null, frames: new Map() }; // places of the frames of the film that is drawn
  const crowd = createCrowd();

  // ---- drawing ----

  function placesOf(frame) {
    if (cached.run !== told.run) cached = { run: told.run, frames: new Map() };
    let found = cached.frames.get(frame);
    if (!found) {
      const sent = told.places?.(frame);
      found = sent ? Float32Array.from(sent, (whole) => whole / map.unit) : map.placesOf(told.pictures(frame));
      cached.frames.set(frame, found);
    }
    return found;
  }

  const scene = createScene(widget, () => ({
    map,
    told,
    placesOf,
    crowd: view === "crowd" && map ? crowd.at(transport.position, map.unit) : null,
    pointer,
  }));

  let scheduled = false,
    drawn = 0,
    toldAt = 0; // when the words were last made

  // Draw at the next painting of the screen, and at each one after it while something moves.
  function draw() {
    if (scheduled || !part("fold").open) return;
    scheduled = true;
    requestAnimationFrame((now) => {
      scheduled = false;
      if (!map || !root.isConnected) return;
      told = view === "crowd" ? null : pathsOf(view);
      if (told && told.at < 0) told = null;
      scene.redraw();
      const moving = view === "crowd" ? transport.playing : Boolean(told?.playing?.());
      if (!moving || now - toldAt > WORDS_MS) {
        toldAt = now;
        tell();
      }
      root.dataset.drawn = String(++drawn);
      if (moving) draw();
    });
  }

  // How many lie nearest to the middle of which digit, the most first: [[digit, how many]].
  function counts(points) {
    const found = new Map();
    for (const { x, y } of points) {
      const label = map.nearestMiddle(x, y);
      found.set(label, (found.get(label) ?? 0) + 1);
    }
    return [...found].sort((a, b) => b[1] - a[1]);
  }

  function tell() {
    const [, bet, empty] = VIEWS[view];
    let points = [],
      when = "";
    if (told) {
      const end = placesOf(told.at);
      points = Array.from({ length: told.n }, (_, k) => ({ x: end[2 * k], y: end[2 * k + 1] }));
      when = told.names?.[told.at] ?? `t = ${told.times[told.at]}`;
    } else if (view === "crowd" && crowd.arrived) {
      points = crowd.at(transport.index, map.unit);
      when = `t = ${crowd.t[Math.floor(transport.index / BETWEEN)]}`;
    }
    const found = counts(points);
    const where = !points.length
      ? empty
      : points.length === 1
        ? say("{0}: the guess lies nearest to the middle of the {1}s.", when, found[0][0])
        : say(
            "{0}: nearest to the middle of {1}.",
            when,
            found.map(([label, many]) => say("the {0}s: {1}", label, many)),
          );
    part("sentence").textContent = sayAll(where, bet);
    part("plane").setAttribute("aria-label", sayAll(say("Map of 10,000 digits."), where));
    if (points.length) announce(where);
    Object.assign(root.dataset, { paths: points.length, nearest: found.map(([label]) => label).join(" ") });
  }

  // ---- the digit that is pointed at ----

  async function point(x, y) {
    if (!map) return;
    cross = [x, y];
    const dot = map.nearestDot(x, y);
    if (dot === pointer) return;
    pointer = dot;
    draw();
    const words = say("Digit number {0}, a {1}", map.numbers[dot], map.labels[dot]);
    part("which").textContent = words;
    part("digit").setAttribute("aria-label", words);
    root.dataset.dot = map.numbers[dot];
    try {
      const grey = await digitAt(place.address, map, dot);
      if (dot === pointer) drawGrey(part("digit").getContext("2d"), grey);
    } catch {
      if (dot === pointer) part("which").textContent = say("This digit did not arrive: point at it again.");
      pointer = null;
    }
  }

  const pointed = (event) => point(...scene.placeAt(event.offsetX, event.offsetY));
  part("plane").addEventListener("pointermove", pointed);
  part("plane").addEventListener("pointerdown", pointed);
  part("plane").addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // these are not the clock's here
    const stride = event.shiftKey ? 0.2 : 0.04;
    point(clamp(cross[0] + way[0] * stride, -1.1, 1.1), clamp(cross[1] + way[1] * stride, -1.1, 1.1));
    announce(part("which").textContent);
  });

  // ---- opening, and what is drawn ----

  const tellLink = () =>
    root.dispatchEvent(
      new CustomEvent("explorer:link", {
        bubbles: true,
        detail: { tab: place.tab, values: { map: part("fold").open ? view : "closed" } },
      }),
    );

  function choose(name) {
    view = name;
    for (const button of part("views").children) button.setAttribute("aria-pressed", button.dataset.view === view);
    part("crowd").hidden = view !== "crowd";
    root.dataset.view = view;
    draw();
  }

  async function opened() {
    tellLink();
    root.dataset.state = part("fold").open ? "open" : "closed";
    if (!part("fold").open) return transport.pause();
    if (!map) {
      try {
        map = await placesAt(place.address);
      } catch {
        part("sentence").textContent = say("The map did not arrive: close this part and open it again.");
        return;
      }
      part("honest").textContent = honestWords(map);
      root.dataset.state = "ready";
    }
    root.dataset.state = "ready";
    draw();
  }

  part("fold").addEventListener("toggle", opened);
  // dark or light
  new MutationObserver(scene.refresh).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  // on the stage there is nothing else to see
  const frame = root.closest("[id$=-map]");
  const onStage = () => {
    if (frame?.dataset.stage === "block") part("fold").open = true;
  };
  if (frame) new MutationObserver(onStage).observe(frame, { attributes: true, attributeFilter: ["data-stage"] });
  const silence = listen((name) => {
    if (!root.isConnected) silence();
    else if (name === view) draw();
  });

  onStage();

  part("keys").append(
    ...COLOURS.map((paint, label) => {
      const item = document.createElement("li"),
        dot = document.createElement("i");
      dot.style.background = paint;
      item.append(dot, String(label));
      return item;
    }),
  );

  // ---- the crowd ----

  const transport = createTransport({
    show: () => draw(),
    describe: (index) => (crowd.t.length ? `t = ${crowd.t[Math.floor(index / BETWEEN)]}` : ""),
  });
  part("live").hidden = true;
  part("scrub").setAttribute("aria-label", say("The crowd, from noise to digits"));
  part("scrub-start").textContent = say("noise");
  part("scrub-end").textContent = say("digit");
  part("gather").addEventListener("click", () => trigger("crowd", {}));
  part("halt").addEventListener("click", () => trigger("halt", {}));

  /** @param {MapValue["crowd"]} news */
  function gather(news) {
    if (crowd.take(news)) {
      transport.pause();
      transport.setLast(0);
      transport.moveTo(0);
    }
    part("halt").hidden = news.done;
    if (crowd.arrived && transport.last === 0) {
      transport.setLast((crowd.t.length - 1) * BETWEEN);
      if (motion.matches) transport.moveTo(transport.last);
      else transport.play();
    }
    if (news.status) part("status").textContent = say(news.status);
    Object.assign(root.dataset, { crowd: crowd.arrived, done: crowd.done });
    draw();
  }

  // ---- values from Python ----

  /** @param {MapValue} value */
  function receive(value) {
    if (!value) return;
    if (value.views) {
      place = value;
      part("views").replaceChildren(
        ...value.views.map((name) => {
          const button = document.createElement("button");
          button.type = "button";
          button.dataset.view = name;
          button.textContent = VIEWS[name][0];
          button.addEventListener("click", () => {
            choose(name);
            tellLink();
          });
          return button;
        }),
      );
      part("views").hidden = value.views.length < 2;
      choose(value.view && value.view !== "closed" ? value.view : value.views[0]);
      if (value.view) part("fold").open = value.view !== "closed"; // its toggle follows
      if (value.view === "crowd" && !crowd.arrived) trigger("crowd", {});
    }
    if (value.crowd) gather(value.crowd);
  }

  return receive;
}
