// Numbers: from what Python sends to what is drawn.

import { SIDE } from "./constants.js";

export const PIXELS = SIDE * SIDE;

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// The same rounding as explorer/data/pixels.py: -1 is black (0), +1 is white (255), what lies outside is clipped.
export const toGrey = (value) => Math.round((clamp(value, -1, 1) + 1) * 127.5);

// The other way: a picture's grey levels as the core's numbers.
export const imageOf = (grey) => Float32Array.from(grey, (level) => level / 127.5 - 1);

// As Python, numpy and torch round: a half to the even neighbour.
export function roundEven(value) {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low & 1) : Math.round(value);
}

export function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Grey levels, as they come from the server or from this device. @param {string | Uint8Array} data */
export const pixelsOf = (data) => (typeof data === "string" ? bytesOf(data) : data);

/** Bytes as they travel. @param {ArrayBufferView} array */
export function toBase64(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Places on the map, as they come from the server or from this device. @param {string | Int16Array} data */
export const placesFrom = (data) => (typeof data === "string" ? new Int16Array(bytesOf(data).buffer) : data);

export const doublesOf = (base64) => new Float64Array(bytesOf(base64).buffer);
export const floatsOf = (base64) => new Float32Array(bytesOf(base64).buffer);

/** One after the other. @param {Float32Array[]} parts */
export function joined(parts) {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// Normal numbers that are the same at every visit, for what is shown before anything was computed.
export function restingNoise(count, seed) {
  let state = seed;
  const uniform = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
  return Float32Array.from(
    { length: count },
    () =>
      // Box and Muller
      Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
