// Runs in a Web Worker: computes what the page asks for, see ../device_worker.js. Tasks take turns step by step, and
// between two steps it listens.

import { compile, load, troubleOf } from "./graph.js";
import { TASKS } from "./tasks.js";

const HELD_NETWORKS = 3;
const PATIENCE_MS = 20; // between two looks of a patient task whether others are done
const ALIVE_MS = 1000; // between two signs of life: a slow device may have nothing else to tell for long

class NotArrived extends Error {}
class Cancelled extends Error {}

/** @type {Record<string, Uint8Array>} */
const files = {}; // that the page has given
/** @type {Record<string, { like: string, weights: Record<string, Float32Array> }>} */
const made = {}; // and the networks that it has made

async function fetched(address) {
  if (address in files) return files[address].slice().buffer;
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

async function opened(address) {
  const { like, weights } = made[address] ?? { like: address, weights: {} };
  const [bytes, compiled] = await Promise.all([fetched(like), kernels]);
  const network = await load(bytes, compiled);
  if (address in made) network.replace(weights);
  return network;
}

function networkAt(address) {
  if (!networks.has(address)) {
    kernels ??= compile((name) => fetched(name in files ? name : new URL(name, import.meta.url)));
    networks.set(address, opened(address));
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

const notWhole = (error) => error instanceof NotArrived || /only in part|damaged/.test(error.message);

const wanted = new Map(); // of the tasks that have not been cancelled, by number: whether it is a patient one
const othersFirst = () => [...wanted.values()].includes(false);
setInterval(() => wanted.size && postMessage({ alive: true }), ALIVE_MS);

self.onmessage = async ({ data }) => {
  const { number, task, job, cancel } = data;
  if (data.files) {
    Object.assign(files, data.files);
    Object.assign(made, data.made);
    return;
  }
  if (cancel) {
    wanted.delete(number);
    return;
  }
  wanted.set(number, Boolean(job.patient));
  const line = {
    number,
    tell: (news, transfer = []) => postMessage({ number, ...news }, { transfer }),
    // Let others have a turn; where it is no longer wanted, it ends here.
    turn: async () => {
      await turn();
      while (wanted.get(number) && othersFirst()) await new Promise((later) => setTimeout(later, PATIENCE_MS));
      if (!wanted.has(number)) throw new Cancelled();
    },
  };
  try {
    const network = await networkAt(job.model);
    await line.turn();
    await TASKS[task](network, job, line);
    if (task === "compute") networks.delete(job.model); // it was asked once, and may be large
  } catch (error) {
    if (!(error instanceof Cancelled)) {
      networks.delete(job.model); // a next time it is fetched anew
      kernels = null;
      if (wanted.has(number)) line.tell({ trouble: notWhole(error) ? "fetch" : troubleOf(error) });
    }
  }
  wanted.delete(number);
};
