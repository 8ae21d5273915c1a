// The whole crowd on the map: where each of its pictures is at every frame, as far as it has arrived.

import { bytesOf } from "./numbers.js";

/** @import { CrowdNews } from "./payload_types.js" */

export const BETWEEN = 8; // positions of the clock from one frame to the next: the dots glide

export function createCrowd() {
  const crowd = {
    /** @type {string | null} */
    run: null,
    total: 0,
    /** @type {number[]} */
    t: [],
    done: false,
    arrived: 0,
    /** @type {(Int16Array | null)[]} */
    paths: [], // of each picture, (frames, 2)
    /** @type {(number | null)[]} */
    read: [],
    take,
    at,
  };

  /** @param {CrowdNews} news @returns {boolean} whether it is another crowd than before */
  function take(news) {
    const another = news.run !== crowd.run;
    if (another) {
      Object.assign(crowd, { run: news.run, total: news.total, done: false, arrived: 0 });
      crowd.paths = new Array(news.total).fill(null);
      crowd.read = new Array(news.total).fill(null);
    }
    if (news.groups.length) {
      crowd.t = news.t;
      const places = new Int16Array(bytesOf(news.places).buffer),
        size = 2 * news.t.length;
      news.read.forEach((label, i) => {
        const picture = news.groups[Math.floor(i / news.each)] * news.each + (i % news.each);
        if (crowd.paths[picture] === null) crowd.arrived++;
        crowd.paths[picture] = places.subarray(i * size, (i + 1) * size);
        crowd.read[picture] = label;
      });
    }
    crowd.done = news.done;
    return another;
  }

  /** The pictures that are here, at a position of the clock, also between two: {x, y, label}; a label once it has
   * ended. */
  function at(index, unit) {
    const frame = Math.floor(index / BETWEEN),
      part = (index % BETWEEN) / BETWEEN,
      found = [];
    for (let k = 0; k < crowd.total; k++) {
      const path = crowd.paths[k];
      if (!path) continue;
      const next = Math.min(frame + 1, crowd.t.length - 1),
        glide = (axis) => (path[2 * frame + axis] * (1 - part) + path[2 * next + axis] * part) / unit;
      found.push({ x: glide(0), y: glide(1), label: crowd.read[k] });
    }
    return found;
  }

  return crowd;
}
