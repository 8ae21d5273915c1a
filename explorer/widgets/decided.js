// When a film's digit was decided, as far as its forks have shown: the largest t from which all six futures became the
// same digit. A fork that ended in several digits is the proof that it was still open there.

import { DECIDED, STILL_OPEN } from "./shared_texts.js";

/** What the forks of one film have shown. */
export function createDecided() {
  let decidedAt = /** @type {number[]} */ ([]),
    smallestOpen = Infinity,
    film = 0; // how many there have been
  return {
    /** Another film: nothing is known of it. */
    forget() {
      decidedAt = [];
      smallestOpen = Infinity;
      film++;
    },
    /** Which film it is, for `note` of a fork that takes a while. */
    get film() {
      return film;
    },
    /**
     * A fork has ended.
     * @param {number} of which film it was made of
     * @param {number} t where it was made
     * @param {unknown} sentence what was said of its ends, as a text with values
     */
    note(of, t, sentence) {
      if (of !== film) return;
      const told = JSON.stringify(sentence ?? "");
      if (told.includes(DECIDED)) decidedAt.push(t);
      else if (told.includes(STILL_OPEN)) smallestOpen = Math.min(smallestOpen, t);
    },
    /** Null where no fork has shown it. Six that happened to agree above a t that was open prove nothing. */
    get t() {
      const below = decidedAt.filter((t) => t < smallestOpen);
      return below.length ? Math.max(...below) : null;
    },
  };
}

export const decided = createDecided(); // of the film of this page
