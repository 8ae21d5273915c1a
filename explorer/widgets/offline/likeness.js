// What real digits say of pictures, as explorer/data/nearest_digits.py does: the nearest of them vote, and the nearest
// of all is told. A test compares both.

import { PIXELS, bytesOf, toBase64 } from "../numbers.js";
import { digits, facts } from "./facts.js";

/** @import { Likeness } from "../payload_types.js" */

/** Each picture with mean 0 and length 1. @param {Uint8Array} pictures */
function normalised(pictures) {
  const rows = new Float32Array(pictures.length);
  for (let from = 0; from < rows.length; from += PIXELS) {
    let sum = 0,
      square = 0;
    for (let i = from; i < from + PIXELS; i++) sum += pictures[i];
    const mean = sum / PIXELS;
    for (let i = from; i < from + PIXELS; i++) square += (pictures[i] - mean) ** 2;
    const length = Math.max(Math.sqrt(square), 1e-6);
    for (let i = from; i < from + PIXELS; i++) rows[i] = (pictures[i] - mean) / length;
  }
  return rows;
}

function dot(a, i, b, k) {
  let sum = 0;
  for (let p = 0; p < PIXELS; p++) sum += a[i * PIXELS + p] * b[k * PIXELS + p];
  return sum;
}

/** @type {Float32Array | null} */
let real = null;

/** The label with the most votes among the nearest real digits, the lower one of two with as many. */
function reading(rows, k, labels) {
  const { votes } = facts.likeness;
  const alike = Float32Array.from(labels, (_, number) => dot(real, number, rows, k));
  const nearest = [...alike.keys()].sort((a, b) => alike[b] - alike[a]).slice(0, votes);
  const counts = new Array(10).fill(0);
  for (const number of nearest) counts[labels[number]]++;
  const most = Math.max(...counts);
  return { label: counts.indexOf(most), votes: most };
}

function nearestTo(picture, { pixels, labels }) {
  let best = 0,
    least = Infinity;
  for (let number = 0; number < labels.length; number++) {
    let square = 0;
    for (let p = 0; p < PIXELS && square < least; p++) square += (picture[p] - pixels[number * PIXELS + p]) ** 2;
    if (square < least) [best, least] = [number, square];
  }
  const data = toBase64(pixels.subarray(best * PIXELS, (best + 1) * PIXELS));
  return { number: best, label: labels[best], distance: Math.sqrt(least / PIXELS) / 255, data };
}

/** What a picture is read as. The page draws before, also where many are read one after another. */
export async function readAs(picture) {
  const known = await digits();
  real ??= normalised(known.pixels);
  await new Promise((done) => setTimeout(done));
  return reading(normalised(picture), 0, known.labels).label;
}

/** @param {Uint8Array} pictures (n, 784) grey levels @returns {Promise<Likeness>} */
export async function likenessOf(pictures) {
  const known = await digits();
  real ??= normalised(known.pixels);
  const rows = normalised(pictures);
  const all = [...Array(pictures.length / PIXELS).keys()];
  return {
    readings: all.map((k) => reading(rows, k, known.labels)),
    votes: facts.likeness.votes,
    correlations: all.map((i) => all.map((k) => dot(rows, i, rows, k))),
    nearest: nearestTo(pictures.subarray(0, PIXELS), known),
    usual: facts.likeness.usual,
  };
}

/** As the server function of this name. @param {{ pictures: string }} asked */
export const likeness = ({ pictures }) => likenessOf(bytesOf(pictures));
