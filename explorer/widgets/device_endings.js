// What a film that this device has computed comes to, beside its pictures: a sentence on a fork's futures, and the
// tiles of many futures. Each is made of a job and of who compares with real digits; it notes the film's news, and
// gives its verdict at the end, a sentence or null.

import { averageOf, forkVerdict, futuresSentence } from "./answers.js";
import { deliver } from "./deliver.js";
import { PIXELS, toBase64 } from "./numbers.js";

/** @import { DeviceJob, Likeness } from "./payload_types.js" */
/** @typedef {(pictures: Uint8Array) => Promise<Likeness>} Compare */

// x_t of a chunk's last frame: the first of its strips
export function lastOf({ t, pixels }, { n, strips }) {
  const size = n * PIXELS,
    from = (t.length - 1) * strips.length * size;
  return pixels.slice(from, from + size);
}

/** @param {DeviceJob} job @param {Compare} likeness */
function fork(job, likeness) {
  let last = null;
  return {
    note: (news) => (last = lastOf(news, job)),
    verdict: async () => forkVerdict(job.ending.t, await likeness(last)),
  };
}

/** @param {DeviceJob} job @param {Compare} likeness */
function futures(job, likeness) {
  const { tiles, into, sentence } = job.ending;
  let first = null, // x_t, and the network's one guess
    last = null;

  function show(average, words) {
    const pictures = [first[0], average, first[1]];
    const filled = tiles.map((tile, i) => (pictures[i] ? { ...tile, n: 1, data: toBase64(pictures[i]) } : tile));
    deliver(into, { tiles: filled, sentence: words });
  }

  return {
    note(news) {
      last = lastOf(news, job);
      if (!news.guess) return;
      first = [news.pixels.slice(0, PIXELS), news.guess.subarray(0, PIXELS)];
      show(null, sentence);
    },
    async verdict() {
      const average = averageOf(last);
      const all = new Uint8Array(last.length + 2 * PIXELS);
      [average, first[1], last].reduce((at, each) => (all.set(each, at), at + each.length), 0);
      try {
        show(average, futuresSentence(await likeness(all)));
      } catch {
        show(average, sentence); // without what real digits say
      }
      return null;
    },
  };
}

export const ENDINGS = { fork, futures };
