// The dots of the map, fetched once a page, and the place of any picture on it.

import { PIXELS, bytesOf } from "./numbers.js";
import { projectionOn } from "./plane.js";

/** @import { MapFile } from "./payload_types.js" */

const root = new URL("../../", import.meta.url); // of the page

const wordsOf = (base64) => new Int16Array(bytesOf(base64).buffer);

/** @param {MapFile} file */
export function createPlaces(file) {
  const placesOf = projectionOn(file);
  const places = Float32Array.from(wordsOf(file.places), (whole) => whole / file.unit);
  const labels = bytesOf(file.labels);
  const numbers = new Uint16Array(bytesOf(file.numbers).buffer);
  const centres = Array.from({ length: 10 }, () => [0, 0, 0]); // the sums of x and of y, and their number
  labels.forEach((label, i) => {
    centres[label][0] += places[2 * i];
    centres[label][1] += places[2 * i + 1];
    centres[label][2]++;
  });
  const middles = centres.map(([x, y, count]) => [x / count, y / count]);

  /** The label whose middle is nearest. */
  function nearestMiddle(x, y) {
    const far = middles.map(([a, b]) => (a - x) ** 2 + (b - y) ** 2);
    return far.indexOf(Math.min(...far));
  }

  /** The position of the nearest dot. */
  function nearestDot(x, y) {
    let best = 0,
      least = Infinity;
    for (let i = 0; i < file.n; i++) {
      const far = (places[2 * i] - x) ** 2 + (places[2 * i + 1] - y) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  return { ...file, places, labels, numbers, middles, placesOf, nearestMiddle, nearestDot };
}

/** @type {Map<string, Promise<ReturnType<typeof createPlaces>>>} */
const fetched = new Map(); // by address: several maps on a page share it

/** The map at this address; rejected where it cannot be had, and asked for anew the next time. */
export function placesAt(address) {
  if (!fetched.has(address)) {
    const asked = fetch(new URL(`${address}/map.json`, root)).then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return createPlaces(await answer.json());
    });
    asked.catch(() => fetched.delete(address));
    fetched.set(address, asked);
  }
  return fetched.get(address);
}

/** @type {Map<string, Promise<Uint8Array>>} */
const chunks = new Map();

/** The picture of the dot at this position, 784 grey levels; its neighbours come with it. */
export async function digitAt(address, map, position) {
  const chunk = Math.floor(position / map.chunk),
    name = `${address}/digits-${chunk}.bin`;
  if (!chunks.has(name)) {
    const asked = fetch(new URL(name, root)).then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return new Uint8Array(await answer.arrayBuffer());
    });
    asked.catch(() => chunks.delete(name));
    chunks.set(name, asked);
  }
  const pictures = await chunks.get(name),
    from = (position % map.chunk) * PIXELS;
  return pictures.subarray(from, from + PIXELS);
}
