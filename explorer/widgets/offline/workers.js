// The device's workers in a page that is a file: nothing can be loaded by an address there, so they are made of the
// file's own texts, and get what they run as bytes.

import { giveDevice, hostDevice } from "../device_worker.js";
import { digits, facts } from "./facts.js";
import { fileInside } from "./inside.js";

const KERNELS = ["kernels.wasm", "kernels_relaxed.wasm"];
const SCRIPTS = ["device/worker.js", "device/training_worker.js"];

/** What starts a worker with this script. @param {string} name */
async function starter(name) {
  const script = /** @type {any} */ (await fileInside(name));
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  return () => new Worker(address);
}

const filesInside = async (names) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await fileInside(name)])));

async function unpack() {
  const [start, files] = await Promise.all([starter(SCRIPTS[0]), filesInside([facts.films.model, ...KERNELS])]);
  hostDevice({ start, files });
}

/** The perfect guesser: its graph, and the digits that it knows. */
async function unpackPerfect() {
  const { model, file } = facts.films.perfect;
  const [{ pixels, labels }, files] = await Promise.all([digits(), filesInside([file])]);
  const ink = new Float32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4); // as they lie, see graph.js
  giveDevice({ files, made: { [model]: { like: file, weights: { ink, labels: Float32Array.from(labels) } } } });
}

/** @type {Promise<void> | null} */
let unpacking = null;
/** @type {Promise<void> | null} */
let unpackingPerfect = null;

/** Fulfilled when the device has all that it needs to compute films by this network. @param {string} [model] */
export async function deviceReady(model = "") {
  await (unpacking ??= unpack());
  if (model === facts.films.perfect.model) await (unpackingPerfect ??= unpackPerfect());
}

/** @type {Promise<void> | null} */
let unpackingMore = null;

/** The device is given these files. @param {string[]} names */
export const deviceHas = async (names) => giveDevice({ files: await filesInside(names) });

/** The same for trainings. @param {string[]} networks names of files that draw and read there */
export async function trainingReady(networks) {
  await deviceReady();
  await (unpackingMore ??= starter(SCRIPTS[1]).then((startTraining) => hostDevice({ startTraining })));
  await deviceHas(networks);
}
