// The race: one film a column, all from the same noise. While they are computed each column shows its newest picture;
// afterwards one clock runs over t, and each column shows what it held at that t, so that a leap stands still until it
// lands.

import { askDevice } from "./device_worker.js";
import { say } from "./languages.js";
import { PIXELS, pixelsOf, placesFrom, restingNoise, toGrey } from "./numbers.js";
import { tellPaths } from "./paths.js";
import { drawGrid } from "./pictures.js";
import { createAnnouncer } from "./speech.js";
import { equip } from "./widget.js";

/** @import { LeapsNews, LeapsValue } from "./payload_types.js" */

export function mount({ element, trigger }) {
  const { whenSeen, motion, createTransport, part, root } = equip(element);

  const announce = createAnnouncer(part("spoken"));
  let race = null; // { t_start, n, films: [{ frames: Map from t to grey levels, t: newest, done }] }
  let run = null;
  const replaced = new Set(); // as in the film player

  // ---- the columns ----

  /** @param {LeapsValue} value */
  function layOut({ columns, captions, drawer, n, t_start }) {
    race = {
      t_start,
      n,
      films: columns.map(() => ({ frames: new Map(), places: new Map(), t: null, done: false })),
      columns,
      names: columns.map((evaluations, column) => `${evaluations} ${say(captions[column])}`),
    };
    part("drawer").textContent = drawer ? say("drawn by {0}", drawer) : "";
    part("columns").replaceChildren(
      ...columns.map((evaluations, column) => {
        const figure = document.createElement("figure"),
          caption = document.createElement("figcaption");
        const count = document.createElement("b"),
          words = document.createElement("span"),
          time = document.createElement("div");
        count.textContent = evaluations.toLocaleString("en");
        words.textContent = say(captions[column]);
        time.className = "time";
        caption.append(count, words);
        const canvas = document.createElement("canvas");
        canvas.setAttribute("role", "img");
        figure.append(caption, canvas, time);
        return figure;
      }),
    );
    root.dataset.rows = n;
    root.dataset.state = "resting";
    const noise = Uint8Array.from(restingNoise(n * PIXELS, 1), toGrey);
    race.films.forEach((_, column) => paint(column, noise, say("noise")));
  }

  function paint(column, grey, words) {
    const canvas = part("columns").querySelectorAll("canvas")[column];
    drawGrid(canvas, grey, race.n, 1);
    canvas.setAttribute("aria-label", say("{0}: {1}", race.names[column], words));
  }

  function tellTime(column, seconds) {
    part("columns").querySelectorAll(".time")[column].textContent = say("{0} s", seconds.toFixed(seconds < 1 ? 2 : 1));
  }

  // What a column held when the clock stood at t: its latest x at t or before.
  function heldAt(film, t) {
    let best = null;
    for (const time of film.frames.keys()) if (time >= t && (best === null || time < best)) best = time;
    return best;
  }

  function show(index) {
    if (!race?.films.some((film) => film.frames.size)) return;
    const now = race.t_start - index;
    const live = transport.following;
    race.films.forEach((film, column) => {
      const t = live ? film.t : heldAt(film, now);
      if (t === null) return;
      paint(column, film.frames.get(t), t === 0 ? say("the finished picture") : say("x at t = {0}", t));
    });
    part("t").textContent = now;
    announce(now === 0 ? say("t = 0, all pictures are finished") : `t = ${now}`);
    root.dataset.t = now;
    tellMap(index);
  }

  // For the map: one path a column and picture, each standing still between two of its looks.
  function tellMap(index) {
    const { films, n, t_start } = race,
      held = films.every((film) => film.places.size > 0);
    tellPaths(root, {
      run: `${run} ${films.map((film) => film.places.size)}`,
      n: films.length * n,
      at: held ? index : -1,
      times: Array.from({ length: t_start + 1 }, (_, i) => t_start - i),
      places: (frame) => {
        const found = new Int16Array(2 * films.length * n);
        films.forEach(({ places }, column) => {
          let t = t_start;
          for (const time of places.keys()) if (time >= t_start - frame && time < t) t = time;
          found.set(places.get(t) ?? places.values().next().value, 2 * n * column);
        });
        return found;
      },
      marks: n === 1 ? race.columns.map(String) : undefined,
      clock: () => transport.position,
      playing: () => transport.playing,
    });
  }

  // ---- one clock for all ----

  const finished = () => Boolean(race?.films.length) && race.films.every((film) => film.done);

  // As far as the slowest one while they are computed; in the end, which may be a stop, as far as any.
  function reached() {
    if (!race?.films.length) return 0;
    const times = race.films.map((film) => film.t ?? race.t_start);
    return race.t_start - (finished() ? Math.min(...times) : Math.max(...times));
  }

  const transport = createTransport({
    show,
    describe: (index) => `t = ${(race?.t_start ?? 0) - index}`,
    reach: reached,
  });
  part("scrub").setAttribute("aria-label", say("All films, from noise to digit"));
  part("scrub-start").textContent = say("noise");
  part("scrub-end").textContent = say("digit");

  // ---- columns that this device computes ----

  let computing = []; // what is to be cancelled

  function cancel() {
    computing.forEach((film) => film.cancel());
    computing = [];
  }

  /** @param {LeapsValue} value */
  function begin({ device, over, ...value }) {
    computing = device.map((job, column) =>
      askDevice("film", job, (news) => {
        if (news.trouble) {
          cancel();
          return trigger("take_over", { ...job.again, trouble: news.trouble });
        }
        const { start, t, pixels, places, seconds, done } = news;
        const frames = { column, start, count: t.length, t, data: pixels, places, seconds, done };
        receive(/** @type {any} */ ({ ...value, news: [frames], status: "" }));
        if (finished()) part("status").textContent = say(over);
      }),
    );
  }

  root.addEventListener("explorer:stop", () => {
    if (!race || finished()) return;
    cancel();
    race.films.forEach((film) => (film.done = true));
    finish();
  });

  function finish() {
    transport.setLast(reached());
    transport.moveTo(reached());
  }

  // ---- values from Python ----

  /** @param {LeapsNews} news of one column */
  function take({ column, count, t: times, data, places, done, seconds }) {
    const film = race.films[column],
      { n } = race;
    if (count > 0) {
      const grey = pixelsOf(data),
        found = places ? placesFrom(places) : null;
      times.forEach((t, i) => film.frames.set(t, grey.subarray(i * n * PIXELS, (i + 1) * n * PIXELS)));
      if (found) times.forEach((t, i) => film.places.set(t, found.subarray(2 * i * n, 2 * (i + 1) * n)));
      film.t = times[times.length - 1];
      root.dataset.state = "film";
    }
    film.done ||= done;
    tellTime(column, seconds);
  }

  /** @param {LeapsValue} value */
  function receive(value) {
    if (value?.begin === "when seen")
      whenSeen(
        () => trigger("begin", {}),
        () => !run,
      );
    if (!value || replaced.has(value.run)) return;
    if (value.run !== run) {
      if (run) replaced.add(run);
      run = value.run;
      cancel();
      transport.pause();
      transport.setLast(0);
      transport.moveTo(0);
      layOut(value);
      part("t").textContent = value.t_start;
    }
    const first = root.dataset.state === "resting";
    value.news.forEach(take);
    if (root.dataset.state === "film") {
      if (first) {
        transport.setLast(race.t_start);
        if (!motion.matches) transport.follow();
      }
      if (transport.following) transport.redraw();
    }
    value.ends?.forEach((end, column) => {
      const film = race.films[column];
      if (end) {
        film.frames.set(end.t, pixelsOf(end.data));
        film.places.set(end.t, placesFrom(end.places));
        film.t = end.t;
        tellTime(column, end.seconds);
        root.dataset.state = "film";
      }
      film.done = true;
    });
    if (value.status) part("status").textContent = say(value.status);
    const done = finished();
    if (done && root.dataset.done !== "true") finish();
    else if (value.ends) transport.redraw(); // a column's last frames came with its end
    if (value.device) begin(value);
    part("live").hidden = root.dataset.state === "resting" || done;
    transport.refresh();
    Object.assign(root.dataset, { run: run ?? "", done });
  }

  return receive;
}
