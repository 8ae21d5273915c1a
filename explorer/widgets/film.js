// The film player. Chunks of frames arrive in props.value while the server computes them; the player keeps them all
// and shows them at its own pace, so that playing, stepping and scrubbing never ask the server for anything. It asks by
// events: "begin", for a film; "take_over", for one that this device was to compute and cannot; and for what the server
// alone knows "rest", the clock has stopped at a picture, and "fork".

import { NULL_LABEL, STRIPS } from "./constants.js";
import { createDevicePlayer } from "./device_films.js";
import { offer } from "./keys.js";
import { say } from "./languages.js";
import { PIXELS, pixelsOf, placesFrom, restingNoise, toBase64, toGrey } from "./numbers.js";
import { tellPaths } from "./paths.js";
import { drawGrid, gridColumns } from "./pictures.js";
import { createSaving, stripOf } from "./save.js";
import { createAnnouncer } from "./speech.js";
import { tellTruths } from "./truths.js";
import { equip } from "./widget.js";

/** @import { FilmQuestion, FilmRest, FilmValue } from "./payload_types.js" */

export function mount({ element, trigger, server }) {
  const widget = equip(element);
  const { whenSeen, motion, createTransport, tellLink, part, root } = widget;

  const canvases = Object.fromEntries(STRIPS.map((strip) => [strip, root.querySelector(`[data-strip="${strip}"]`)]));
  const announce = createAnnouncer(part("spoken"));
  let film = null; // see emptyFilm; null until the first frame of the run is here
  let run = null;
  const replaced = new Set(); // earlier runs: a last chunk of theirs may still be on its way when the next has begun

  /** @param {FilmValue} value */
  function emptyFilm({ total, n, w, h, strips }) {
    const size = n * w * h; // bytes of one strip in one frame
    return {
      total,
      n,
      strips,
      size,
      frames: new Uint8Array(total * strips.length * size), // (total, strips, n, h, w)
      places: /** @type {Int16Array | null} */ (null), // (total, n, 2), see FilmValue
      times: new Array(total).fill(null), // the t of every frame; null where none has arrived
      w,
      h,
      held: 0,
      newest: -1,
      done: false,
    };
  }

  // ---- one frame on screen ----

  // A chunk can be missing where the page was not listening (a tab never opened): show the nearest frame before it.
  function nearestHeld(index) {
    for (let i = index; i >= 0; i--) if (film.times[i] !== null) return i;
    return film.times.findIndex((t) => t !== null);
  }

  function show(index) {
    if (!film || film.held === 0) return;
    const frame = nearestHeld(index);
    const t = film.times[frame];
    film.strips.forEach((strip, s) => {
      drawGrid(canvases[strip], stripOf(film, frame, s), film.n);
      const words =
        film.n === 1
          ? say("{0} at t = {1}, one picture", strip, t)
          : say("{0} at t = {1}, {2} pictures", strip, t, film.n);
      canvases[strip].setAttribute("aria-label", drawer ? say("{0}, drawn by {1}", words, drawer) : words);
    });
    part("t").textContent = t;
    part("count").textContent = say("picture {0} of {1}", frame + 1, film.total);
    announce(t === 0 ? say("t = 0, the finished picture") : `t = ${t}`);
    root.dataset.frame = frame;
    root.dataset.t = t;
    tellLink({ t });
    tellMap(frame);
  }

  // For the map, where the guess of each frame leads.
  function tellMap(at) {
    const told = film, // the map may ask for it when the next one has begun
      { n, places, strips, times } = told,
      guess = strips.indexOf("x0_hat");
    tellPaths(root, {
      run,
      n,
      at,
      times,
      pictures: guess < 0 ? undefined : (frame) => stripOf(told, frame, guess),
      places: places ? (frame) => places.subarray(2 * n * frame, 2 * n * (frame + 1)) : undefined,
      clock: () => transport.position,
      playing: () => transport.playing,
    });
  }

  const transport = createTransport({
    show,
    describe: (index) => (film?.held ? `t = ${film.times[nearestHeld(index)]}` : say("nothing computed yet")),
    reach: () => (film ? Math.max(0, film.newest) : 0),
    rested: () => {
      if (film?.held && settings) ask(question());
    },
  });
  part("scrub").setAttribute("aria-label", say("Film, from noise to digit"));

  // ---- questions to the server about the picture on screen ----

  let settings = null; // what the film was made with; null for a film that answers no questions

  // From t = 0 no step leads on: there the question is about the last one kept.
  /** @returns {FilmQuestion} */
  function question() {
    const frame = Number(root.dataset.frame),
      t = film.times[frame] || film.times[nearestHeld(frame - 1)];
    return { settings, t, picture: Number(part("picture").value || 0) };
  }

  // Whoever has computed the film takes its steps apart.
  function ask(about) {
    if (device.hasMade(run)) device.look(about, (again) => trigger("rest", again));
    else trigger("rest", about);
  }

  /** @param {Partial<FilmValue>} value */
  function setAsking(value) {
    settings = value.settings ?? null;
    part("asking").hidden = !settings;
    part("which").hidden = value.n === 1;
    part("picture").replaceChildren(...Array.from({ length: value.n }, (_, k) => new Option(String(k + 1), String(k))));
  }

  part("picture").addEventListener("change", () => {
    if (film?.held && !transport.playing) ask(question());
  });
  function fork() {
    if (!film?.held || !settings) return;
    transport.pause();
    trigger("fork", question());
  }
  part("fork").addEventListener("click", fork);
  offer(root, { fork });
  // where the film stands; of a fork, where it was made
  const shownT = () => film?.times[Number(root.dataset.frame)];
  tellTruths(root, root.closest("#fork") ? { decided: () => film?.times[0] } : { known: shownT, decided: shownT });
  const refreshSaving = createSaving(widget, () => film);

  // ---- before the first frame ----

  /** @param {FilmRest} value */
  function layOut({ n = 1, strips = STRIPS.slice(0, 2) }) {
    for (const strip of STRIPS) root.querySelector(`[data-panel="${strip}"]`).hidden = !strips.includes(strip);
    root.style.setProperty("--shape", gridColumns(n) ** 2 / n); // width by height
    root.dataset.strips = strips.length;
  }

  /** @param {FilmRest} value the value that comes before the first film */
  function rest({ n = 1, T, resting }) {
    STRIPS.forEach((strip, s) => {
      drawGrid(canvases[strip], Uint8Array.from(restingNoise(n * PIXELS, strip === "eps_hat" ? 1 : 1 + s), toGrey), n);
      canvases[strip].setAttribute("aria-label", say("Noise: nothing has been computed yet"));
    });
    part("t").textContent = T ?? "–";
    for (const name of ["count", "asked", "drawer", "by"]) part(name).textContent = "";
    if (resting) part("status").textContent = say(resting);
    root.dataset.state = "resting";
  }

  // ---- values from Python, and from this device ----

  /** @param {FilmValue} chunk */
  function store(chunk) {
    film ??= emptyFilm(chunk);
    film.frames.set(pixelsOf(chunk.data), chunk.start * film.strips.length * film.size);
    chunk.t.forEach((t, i) => {
      if (film.times[chunk.start + i] === null) film.held++;
      film.times[chunk.start + i] = t;
    });
    if (chunk.places) {
      film.places ??= new Int16Array(2 * film.total * film.n);
      film.places.set(placesFrom(chunk.places), 2 * chunk.start * film.n);
    }
    film.newest = Math.max(film.newest, chunk.start + chunk.count - 1);
  }

  /** @param {Pick<FilmValue, "labels" | "learnt">} value */
  function askedFor({ labels, learnt }) {
    const names = labels.map((label) => (label === NULL_LABEL ? say("any digit") : String(label)));
    const asked = names.every((name) => name === names[0]) ? names[0] : names.join(" ");
    if (!learnt) return say("asked for: {0}", asked);
    return say("asked for: {0}, which this network never learnt: it knows {1}", asked, learnt.join(" "));
  }

  /** @type {string | import("./payload_types.js").Text} */
  let drawer = ""; // who draws, where it is not the pretrained network

  /** @param {Partial<FilmValue>} value */
  function tellDrawer(value) {
    drawer = value.drawer ?? "";
    if (film) film.tag = value.tag ?? "";
    part("drawer").textContent = drawer ? say("drawn by {0}", drawer) : "";
    part("expects").textContent = drawer
      ? say("the guess of {0}", drawer)
      : say("where the network thinks this is going");
  }

  let stopAt = 0; // where a link wants the film to be looked at

  function stopThere() {
    const index = film.times.findIndex((t) => t !== null && t <= stopAt);
    if (!stopAt || index < 0) return;
    stopAt = 0;
    transport.seek(index);
  }

  let begun = false; // whether this player has asked for a film

  function begin() {
    begun = true;
    trigger("begin", {});
  }

  /** @param {FilmRest & FilmValue} value */
  function receive(value) {
    if (value?.begin === "now") return begin();
    if (value?.stop_at !== undefined) stopAt = value.stop_at;
    if (value?.begin === "when seen") {
      begun = false;
      whenSeen(begin, () => !begun && !run);
    }
    if (!value || replaced.has(value.run)) return;
    if (value.run !== run) {
      if (run) replaced.add(run);
      run = value.run;
      film = null;
      device.cancel();
      transport.pause();
      transport.setLast(0);
      transport.moveTo(0);
      layOut(value);
      rest(value);
      setAsking(value);
    }
    if (value.count > 0) {
      const isFirst = film === null;
      store(value);
      root.dataset.state = "film";
      if (isFirst) {
        transport.setLast(film.total - 1);
        transport.redraw();
        if (!motion.matches) transport.follow();
      }
    }
    if (value.status) part("status").textContent = say(value.status);
    if (value.labels?.length)
      part("by").textContent = value.by_device ? say("computed by your device") : say("computed by this server");
    if (value.labels?.length) {
      part("asked").textContent = askedFor(value);
      tellDrawer(value);
    }
    if (film && value.done && !film.done) {
      film.done = true;
      transport.setLast(film.newest); // fewer than promised, if it was stopped
      if (motion.matches) transport.moveTo(film.newest); // no film for those who asked for stillness: its result
    }
    if (film) stopThere();
    if (value.device) device.begin(value);
    transport.refresh();
    refreshSaving();
    part("fork").disabled = !film;
    part("scrub-start").textContent = say("noise");
    part("scrub-end").textContent = say("digit");
    part("live").hidden = !film || film.done;
    Object.assign(root.dataset, {
      run: run ?? "",
      held: film?.held ?? 0,
      total: film?.total ?? 0,
      done: Boolean(film?.done),
    });
  }

  const device = createDevicePlayer(root, {
    receive,
    handOver: (wish) => trigger("take_over", wish),
    likeness: (pictures) => server.likeness({ pictures: toBase64(pictures) }),
  });
  layOut({});
  rest({});

  return receive;
}
