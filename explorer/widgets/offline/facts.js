// What the page as one file knows, see explorer/page/offline/facts.py; and the digits.

import { bytesOf, PIXELS } from "../numbers.js";
import { fileInside, jsonInside } from "./inside.js";

/** @type {any} */
export const facts = {}; // filled by `arrive`
/** @type {any} */
export const page = {}; // the layout, see explorer/page/offline/layout.py

/** Read what the page is made of. */
export async function arrive() {
  const { page: layout, facts: known } = await jsonInside("page.json");
  Object.assign(page, layout);
  Object.assign(facts, known);
}

/** @type {Promise<{ pixels: Uint8Array, labels: Uint8Array, members: number[][], unclear: Set<number> }> | null} */
let held = null;

/**
 * The bundled digits; members: by label, the numbers of its digits in the file's order; unclear: the numbers of those
 * that no training learns from.
 */
export function digits() {
  held ??= Promise.all(["digits.bin", "labels.bin", "unclear.bin"].map(fileInside)).then(([pixels, labels, rows]) => {
    const members = Array.from({ length: 10 }, () => /** @type {number[]} */ ([]));
    labels.forEach((label, number) => members[label].push(number));
    const unclear = new Set(new Uint16Array(rows.slice().buffer));
    return { pixels, labels, members, unclear };
  });
  return held;
}

/** @typedef {{ grey: Uint8Array, label: number, caption: any, example: number | null }} Picture */

/** A picture as the page's description carries it. @returns {Picture} */
export const unpackedPicture = (packed) => ({ ...packed, grey: bytesOf(packed.grey) });

/** The last timestep: T of the pretrained network. */
export const lastT = () => facts.alpha_bar.length - 1;

/** The sentence on why this device cannot compute, of an event with the trouble. @param {any} event */
export const troubleIn = (event) => facts.troubles[event?.trouble] ?? facts.troubles.died;

/** The example-th digit of a class, counted around. @returns {Promise<Picture>} */
export async function digit(label, example) {
  const { pixels, members } = await digits();
  const own = members[label];
  const place = ((example % own.length) + own.length) % own.length;
  const number = own[place];
  return {
    grey: pixels.slice(number * PIXELS, (number + 1) * PIXELS),
    label,
    caption: { text: facts.pictures.digit, values: [label, number] },
    example: place,
  };
}
