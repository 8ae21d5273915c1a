// The plane of the map: where a picture lies on it, by the linear map of explorer/core/projection.py.

import { PIXELS, floatsOf } from "./numbers.js";

/** @import { Plane } from "./payload_types.js" */

/**
 * How to find where pictures lie: grey levels (n, 784) -> (n, 2).
 *
 * @param {Pick<Plane, "axes" | "offset">} plane
 */
export function projectionOn({ axes: encoded, offset }) {
  const axes = floatsOf(encoded);
  return (grey) => {
    const found = new Float32Array((2 * grey.length) / PIXELS);
    for (let k = 0; 2 * k < found.length; k++) {
      let x = 0,
        y = 0;
      for (let p = 0; p < PIXELS; p++) {
        const value = grey[k * PIXELS + p] / 127.5 - 1;
        x += value * axes[2 * p];
        y += value * axes[2 * p + 1];
      }
      found[2 * k] = x - offset[0];
      found[2 * k + 1] = y - offset[1];
    }
    return found;
  };
}

/**
 * The same in whole numbers of 16 bits, as the server sends places: in units of 1 / unit.
 *
 * @param {Plane} plane
 */
export function placesOn(plane) {
  const project = projectionOn(plane);
  return (grey) =>
    Int16Array.from(project(grey), (place) => Math.max(-32768, Math.min(32767, Math.round(place * plane.unit))));
}
