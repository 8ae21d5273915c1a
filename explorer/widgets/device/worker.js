// Runs in a Web Worker: computes films for the page's players. See computeFilm in ../device_films.js for what it hears
// and tells. Films take turns step by step, and between two steps it listens.

import { bytesOf, toGrey } from "../numbers.js";
import { filmSteps } from "./film_steps.js";
import { compile, load, PIXELS } from "./graph.js";

/** @import { DeviceJob } from "../payload_types.js" */

const CHUNK_MS = 80; // between two chunks of frames of a film, but the first, which comes at once
const HELD_NETWORKS = 2;

class NotArrived extends Error {}

async function fetched(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new NotArrived(`${address}: ${answer.status}`);
    return await answer.arrayBuffer();
  } catch (error) {
    throw new NotArrived(String(error), { cause: error });
  }
}

let kernels = null; // a promise of the compiled ones
const networks = new Map(); // promises, by address

function networkAt(address) {
  if (!networks.has(address)) {
    kernels ??= compile((name) => fetched(new URL(name, import.meta.url)));
    networks.set(
      address,
      Promise.all([fetched(address), kernels]).then(([bytes, compiled]) => load(bytes, compiled)),
    );
    if (networks.size > HELD_NETWORKS) networks.delete(networks.keys().next().value);
  }
  return networks.get(address);
}

// A turn of the loop, at once: what the page has sent is heard before it goes on.
const turn = () =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });

const wanted = new Set(); // the numbers of the films that have not been cancelled

/**
 * @param {number} film
 * @param {DeviceJob} job
 */
async function compute(film, job) {
  const network = await networkAt(job.model);
  const size = job.n * PIXELS;
  const began = performance.now();
  let told = 0,
    start = 0;
  let times = [],
    pictures = [];

  /** @param {Record<string, Float32Array>} shown by the strips' names */
  function keep(t, shown) {
    const grey = new Uint8Array(job.strips.length * size);
    job.strips.forEach((strip, s) => shown[strip].forEach((value, i) => (grey[s * size + i] = toGrey(value))));
    times.push(t);
    pictures.push(grey);
  }

  function tell(done = false) {
    const pixels = new Uint8Array(times.length * job.strips.length * size);
    pictures.forEach((grey, k) => pixels.set(grey, k * grey.length));
    const seconds = (performance.now() - began) / 1000;
    postMessage({ film, start, t: times, pixels, seconds, done }, { transfer: [pixels.buffer] });
    start += times.length;
    [times, pictures, told] = [[], [], performance.now()];
  }

  const last = job.table.steps.length - 1;
  let number = 0;
  for (const { t, x_t, x0Hat, epsHat, xPrev } of filmSteps(network, job.table, filmOf(job))) {
    const shown = number - job.first;
    if (shown >= 0 && shown % job.stride === 0) keep(t, { x_t, x0_hat: x0Hat, eps_hat: epsHat });
    if (number === last) keep(0, { x_t: xPrev, x0_hat: xPrev, eps_hat: new Float32Array(size) });
    else if (times.length && performance.now() - told > CHUNK_MS) tell();
    number += 1;
    await turn();
    if (!wanted.has(film)) return;
  }
  tell(true);
}

/** @param {DeviceJob} job */
function filmOf({ seeds, labels, x_0, first, fork_seeds }) {
  const pictures = x_0 ? Float32Array.from(bytesOf(x_0), (grey) => grey / 127.5 - 1) : null;
  const fork = fork_seeds.length ? { step: first, seeds: fork_seeds } : null;
  return { seeds, labels, x_0: pictures, fork };
}

function troubleOf(error) {
  if (error instanceof NotArrived || /only in part/.test(error.message)) return "fetch";
  if (error instanceof RangeError || error.cause instanceof RangeError) return "memory";
  if (error.cause instanceof WebAssembly.CompileError) return "unable";
  return "died";
}

self.onmessage = async ({ data: { film, job, cancel } }) => {
  if (cancel) {
    wanted.delete(film);
    return;
  }
  wanted.add(film);
  try {
    await compute(film, job);
  } catch (error) {
    networks.delete(job.model); // a next time it is fetched anew
    kernels = null;
    if (wanted.has(film)) postMessage({ film, trouble: troubleOf(error) });
  }
  wanted.delete(film);
};
