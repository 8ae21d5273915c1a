// Films that this device computes, for the players: one worker for the whole page, in which the network is loaded once.
// What it sends looks as what the server sends, see FilmValue; where it cannot go on, the server takes over.

import { say } from "./languages.js";
import { deviceCan, noteBroken } from "./device_able.js";

/** @import { DeviceJob, FilmValue } from "./payload_types.js" */

const PATIENCE_TICKS = 30; // of TICK_MS without a word from the worker, while it computes: it hangs, or is no more
const TICK_MS = 1000; // a page that sleeps does not tick

/** @type {Worker | null} */
let worker = null;
let newest = 0;
let silent = 0; // ticks
let watch = null;
const films = new Map(); // what is being computed, by number: its listener

function start() {
  if (!deviceCan()) throw new Error("unable");
  worker = new Worker(new URL("./device/worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => {
    silent = 0;
    films.get(data.film)?.(data);
    if (data.done || data.trouble) forget(data.film);
  };
  worker.onerror = (event) => {
    event.preventDefault(); // it is told on the page
    end("died");
  };
  worker.onmessageerror = () => end("died");
  watch = setInterval(() => films.size && ++silent > PATIENCE_TICKS && end("died"), TICK_MS);
}

/** The worker is no more: whoever waits for it is told. */
function end(trouble) {
  worker?.terminate();
  worker = null;
  clearInterval(watch);
  noteBroken();
  const waiting = [...films.values()];
  films.clear();
  waiting.forEach((listener) => listener({ trouble }));
}

function forget(film) {
  films.delete(film);
  silent = 0;
}

/**
 * Begin a film. `listener` hears of it: { start, t, pixels, seconds } with frames, { done, seconds } at its end, or
 * { trouble } where the device cannot go on: "unable", "fetch", "memory" or "died". Nothing is heard any more after
 * the film was cancelled.
 *
 * @param {DeviceJob} job
 * @param {(news: any) => void} listener
 */
export function computeFilm(job, listener) {
  const film = ++newest;
  const cancel = () => {
    if (!films.has(film)) return;
    forget(film);
    worker?.postMessage({ film, cancel: true });
  };
  films.set(film, (news) => {
    if (news.trouble) noteBroken();
    listener(news);
  });
  try {
    if (!worker) start();
    const model = new URL(`../../${job.model}`, import.meta.url).href;
    worker.postMessage({ film, job: { ...job, model } });
  } catch (error) {
    forget(film);
    noteBroken();
    const trouble = error.message === "unable" ? "unable" : "died"; // the latter where a frame allows no worker
    queueMicrotask(() => listener({ trouble }));
  }
  return { cancel };
}

/**
 * What a player has for films of its own: it begins them, and receives values as if they came from the server.
 *
 * root: hears the event explorer:stop. receive: takes the FilmValues. handOver: asks the server for the same film.
 *
 * @param {HTMLElement} root
 * @param {(value: any) => void} receive
 * @param {(wish: object) => void} handOver
 */
export function createDevicePlayer(root, receive, handOver) {
  let running = null; // { value, seconds, cancel }

  function cancel() {
    running?.cancel();
    running = null;
  }

  /** @param {FilmValue} value with a job */
  function begin(value) {
    cancel();
    const { device, ...about } = value;
    const rest = { ...about, total: device.total };
    const own = (running = { value: rest, seconds: 0, cancel: () => {} });
    const none = { count: 0, start: 0, t: [], data: "" };
    running.cancel = computeFilm(device, (news) => {
      if (running !== own) return;
      own.seconds = news.seconds ?? own.seconds;
      const value = { ...rest, status: null, seconds: own.seconds };
      if (news.trouble) {
        running = null;
        return handOver({ ...device.again, trouble: news.trouble });
      }
      if (news.t) receive({ ...value, start: news.start, count: news.t.length, t: news.t, data: news.pixels });
      if (news.done) {
        running = null;
        receive({
          ...value,
          ...none,
          done: true,
          status: doneStatus(device.table.steps.length, own.seconds.toFixed(1)),
        });
      }
    }).cancel;
  }

  root.addEventListener("explorer:stop", () => {
    if (!running) return;
    const { value, seconds } = running;
    cancel();
    const status = say("Stopped here. What has been made can still be scrubbed.");
    receive({ ...value, seconds, count: 0, done: true, status });
  });
  return { begin, cancel };
}

const doneStatus = (evaluations, seconds) =>
  evaluations === 1
    ? say("Done: 1 network evaluation a picture, {0} s.", seconds)
    : say("Done: {0} network evaluations a picture, {1} s.", evaluations, seconds);
