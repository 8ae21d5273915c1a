// The device's workers in a page that is a file: nothing can be loaded by an address there, so they are made of the
// file's own texts, and get what they run as bytes.

import { hostDevice } from "../device_worker.js";
import { facts } from "./facts.js";
import { fileInside } from "./inside.js";

const KERNELS = ["kernels.wasm", "kernels_relaxed.wasm"];
const SCRIPT = "device/worker.js";

/** @type {Promise<void> | null} */
let unpacking = null;

/** Fulfilled when the device has all that it needs to compute. */
export function deviceReady() {
  unpacking ??= (async () => {
    const names = [facts.films.model, ...KERNELS];
    const [script, ...contents] = await Promise.all([SCRIPT, ...names].map(fileInside));
    const address = URL.createObjectURL(new Blob([/** @type {any} */ (script)], { type: "text/javascript" }));
    const start = () => new Worker(address);
    hostDevice({ start, files: Object.fromEntries(names.map((name, k) => [name, contents[k]])) });
  })();
  return unpacking;
}
