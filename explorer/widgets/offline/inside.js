// What lies in the file. Whatever a module fetches by an address made from its own is found here; everything else is
// refused, so that nothing leaves the device.

import { unpacked } from "./unpack.js";

const ROOT = "https://inside.invalid/"; // as in explorer/page/offline/write.py

/** @type {Map<string, (name: string) => Promise<Uint8Array>>} */
const makers = new Map(); // of files that are made when they are asked for, by the folder's name

/** Files in this folder are made by `make(name)`, where they do not lie in the page. */
export const answerFrom = (folder, make) => makers.set(folder, make);

let offered = 0;

/** The address of a file that is made when it is asked for. @param {() => Promise<Uint8Array>} make */
export function offer(make) {
  const name = `explorer-made/${++offered}.bin`;
  makers.set(name, make);
  return name;
}

/** The content of a file. Rejected for one that there is not. @param {string} name */
export async function fileInside(name) {
  const content = await unpacked(name);
  if (content) return content;
  const maker = [...makers].find(([folder]) => name.startsWith(folder));
  if (!maker) throw new TypeError(`the file has nothing called ${name}`);
  return maker[1](name);
}

/** The same of a JSON file. @param {string} name @returns {Promise<any>} */
export const jsonInside = async (name) => JSON.parse(new TextDecoder().decode(await fileInside(name)));

window.fetch = async (asked) => {
  const address = String(/** @type {any} */ (asked)?.url ?? asked);
  if (!address.startsWith(ROOT)) throw new TypeError("this page asks nobody for anything");
  return new Response(/** @type {any} */ (await fileInside(address.slice(ROOT.length))));
};
