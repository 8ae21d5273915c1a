// What lies in the file. Whatever a module fetches by an address made from its own is found here; everything else is
// refused, so that nothing leaves the device.

import { bytesOf } from "../numbers.js";

const ROOT = "https://inside.invalid/"; // as in explorer/page/offline/write.py

const textOf = (name) => document.querySelector(`[data-file="${CSS.escape(name)}"]`)?.textContent;

async function unpacked(base64) {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @type {Map<string, (name: string) => Promise<Uint8Array>>} */
const makers = new Map(); // of files that are made when they are asked for, by the folder's name

/** Files in this folder are made by `make(name)`, where they do not lie in the page. */
export const answerFrom = (folder, make) => makers.set(folder, make);

/** The content of a file. Rejected for one that there is not. @param {string} name */
export async function fileInside(name) {
  const base64 = textOf(name);
  if (base64) return unpacked(base64);
  const maker = [...makers].find(([folder]) => name.startsWith(folder));
  if (!maker) throw new TypeError(`the file has nothing called ${name}`);
  return maker[1](name);
}

window.fetch = async (asked) => {
  const address = String(/** @type {any} */ (asked)?.url ?? asked);
  if (!address.startsWith(ROOT)) throw new TypeError("this page asks nobody for anything");
  return new Response(/** @type {any} */ (await fileInside(address.slice(ROOT.length))));
};
