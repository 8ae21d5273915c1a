// The map's digits, which a server's page fetches by neighbours: here they are taken from the digits that are there.

import { PIXELS, bytesOf } from "../numbers.js";
import { digits } from "./facts.js";
import { answerFrom, fileInside } from "./inside.js";

async function read(folder) {
  const { numbers, chunk } = JSON.parse(new TextDecoder().decode(await fileInside(`${folder}/map.json`)));
  return { numbers: new Uint16Array(bytesOf(numbers).buffer), chunk };
}

/** Let the map find its digits inside. */
export function openMap() {
  /** @type {ReturnType<typeof read> | null} */
  let map = null; // there is one in a file
  answerFrom("explorer-map/", async (name) => {
    const { numbers, chunk } = await (map ??= read(name.slice(0, name.lastIndexOf("/"))));
    const first = Number(/digits-(\d+)\.bin$/.exec(name)[1]) * chunk;
    const { pixels } = await digits();
    const found = new Uint8Array(chunk * PIXELS);
    numbers.subarray(first, first + chunk).forEach((number, k) => {
      found.set(pixels.subarray(number * PIXELS, (number + 1) * PIXELS), k * PIXELS);
    });
    return found;
  });
}
