// The device's worker in a page that is a file: nothing can be loaded by an address there, so it is made of the page's
// own text, and gets what it runs as bytes.

import { hostDevice } from "../device_worker.js";
import { facts } from "./facts.js";
import { fileInside } from "./inside.js";

const KERNELS = ["kernels.wasm", "kernels_relaxed.wasm"];

function start() {
  const script = document.getElementById("worker").textContent;
  return new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
}

/** @type {Promise<void> | null} */
let unpacking = null;

/** Fulfilled when the device has all that it needs to compute. */
export function deviceReady() {
  unpacking ??= (async () => {
    const names = [facts.films.model, ...KERNELS];
    const contents = await Promise.all(names.map(fileInside));
    hostDevice({ start, files: Object.fromEntries(names.map((name, k) => [name, contents[k]])) });
  })();
  return unpacking;
}
