// The one worker of the whole page in which this device computes: films, steps of them, guesses. What it can be asked,
// and what it then tells, stands in device/tasks.js.

import { deviceCan, noteBroken } from "./device_able.js";

const PATIENCE_TICKS = 30; // of TICK_MS without a sign of life while it computes: it hangs, or is no more
const TICK_MS = 1000; // a page that sleeps does not tick
const ABSOLUTE = /^[a-z]+:/i;

const host = {
  start: () => new Worker(new URL("./device/worker.js", import.meta.url), { type: "module" }),
  startTraining: () => new Worker(new URL("./device/training_worker.js", import.meta.url), { type: "module" }),
  /** @type {Record<string, Uint8Array>} */
  files: {},
  /** @type {Record<string, { like: string, weights: Record<string, Float32Array> }>} */
  made: {},
};

/**
 * For a page that has no server: how its worker is started, and the files that are here already and are not to be
 * fetched, the networks by the names by which jobs call them, and "kernels.wasm" and "kernels_relaxed.wasm".
 *
 * @param {Partial<typeof host>} own
 */
export function hostDevice(own) {
  Object.assign(host, own);
}

/**
 * More files, and networks that are made here: by the names by which jobs call them, the file that each is like, and
 * what it has in place of that file's weights.
 *
 * @param {Partial<Pick<typeof host, "files" | "made">>} more
 */
export function giveDevice({ files = {}, made = {} }) {
  Object.assign(host.files, files);
  Object.assign(host.made, made);
  worker?.postMessage({ files, made });
}

/** @type {Worker | null} */
let worker = null;
let newest = 0;
let silent = 0; // ticks
/** @type {ReturnType<typeof setInterval> | undefined} */
let watch;
const listeners = new Map(); // of what is being computed, by number

function start() {
  if (!deviceCan()) throw new Error("unable");
  worker = host.start();
  worker.onmessage = ({ data }) => {
    silent = 0;
    const listener = listeners.get(data.number);
    if (data.done || data.trouble) forget(data.number);
    if (data.trouble) noteBroken();
    listener?.(data);
  };
  worker.onerror = (event) => {
    event.preventDefault(); // it is told on the page
    end("died");
  };
  worker.onmessageerror = () => end("died");
  worker.postMessage({ files: host.files, made: host.made });
  watch = setInterval(() => listeners.size && ++silent > PATIENCE_TICKS && end("died"), TICK_MS);
}

/** The worker is no more: whoever waits for it is told. */
function end(trouble) {
  worker?.terminate();
  worker = null;
  clearInterval(watch);
  noteBroken();
  const waiting = [...listeners.values()];
  listeners.clear();
  silent = 0;
  waiting.forEach((listener) => listener({ trouble }));
}

function forget(number) {
  listeners.delete(number);
  silent = 0;
}

function modelAt(address) {
  if (address in host.files || address in host.made || ABSOLUTE.test(address)) return address;
  return new URL(`../../${address}`, import.meta.url).href;
}

/** A worker in which a thread of a training runs. */
export const startTrainingWorker = () => host.startTraining();

/**
 * What lies at an address from the page's root on. Throws where it does not arrive.
 *
 * @param {string} address
 */
export const bytesAt = (address) => bytesFrom(address, modelAt(address));

/** The kernels' file of this name, see `compile`. @param {string} name */
export const kernelsNamed = (name) => bytesFrom(name, new URL(`./device/${name}`, import.meta.url).href);

/** @returns {Promise<ArrayBuffer>} */
async function bytesFrom(name, address) {
  if (name in host.files) return /** @type {ArrayBuffer} */ (host.files[name].slice().buffer);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.arrayBuffer();
}

/**
 * Begin a task. `listener` hears its news, of which the last has { done: true }, or { trouble } where the device cannot
 * go on: "unable", "fetch", "memory" or "died". Nothing is heard any more after it was cancelled.
 *
 * @template {{ model: string }} Job
 * @param {"film" | "look" | "guess" | "draw" | "read" | "compute"} task
 * @param {Job} job
 * @param {(news: any) => void} listener
 * @returns {{ number: number, cancel: () => void }} its number, by which a later task may name it
 */
export function askDevice(task, job, listener) {
  const number = ++newest;
  listeners.set(number, listener);
  try {
    if (!worker) start();
    worker.postMessage({ number, task, job: { ...job, model: modelAt(job.model) } });
  } catch (error) {
    forget(number);
    noteBroken();
    const trouble = error.message === "unable" ? "unable" : "died"; // the latter where a frame allows no worker
    let heard = true;
    queueMicrotask(() => heard && listener({ trouble }));
    return { number, cancel: () => (heard = false) };
  }
  return {
    number,
    cancel() {
      if (!listeners.has(number)) return;
      forget(number);
      worker?.postMessage({ number, cancel: true });
    },
  };
}

/**
 * What the device makes of a task that tells all at its end. Rejected with an error that has the trouble.
 *
 * @param {"guess" | "draw" | "read" | "compute"} task
 * @param {any} job
 * @returns {Promise<any>}
 */
export function deviceAnswer(task, job) {
  return new Promise((resolve, reject) => {
    askDevice(task, job, (news) => {
      if (news.trouble) reject(Object.assign(new Error(news.trouble), news));
      else resolve(news);
    });
  });
}
