// What the players on this page show now, for the maps: a player tells, and a map that is open listens.

/**
 * @typedef {object} Told
 * @property {string} run another run is another film
 * @property {number} n pictures, each with a path
 * @property {number} at the frame that is shown
 * @property {(number | null)[]} times t of each frame, null where it is not here
 * @property {(frame: number) => Uint8Array | null} [pictures] what the network has in mind, (n, 784) grey levels
 * @property {(frame: number) => Int16Array | null} [places] where that lies, (n, 2), in place of the pictures
 * @property {string[]} [names] of the frames, in place of t
 * @property {string[]} [marks] a few letters for each path
 * @property {() => number} [clock] how far the player is: at, and the part of the way to the next frame
 * @property {() => boolean} [playing] whether the clock runs
 */

const PLAYERS = "#film, #fork, #leaps, #futures, #lab"; // by their ids on the page

/** @type {Map<string, Told>} */
const told = new Map(); // by player
/** @type {Set<(name: string) => void>} */
const listeners = new Set();

/**
 * @param {Element} root the player's
 * @param {Told} news
 */
export function tellPaths(root, news) {
  const name = root.closest(PLAYERS)?.id ?? "";
  told.set(name, news);
  for (const listener of listeners) listener(name);
}

export const pathsOf = (name) => told.get(name) ?? null;

/** Hear of every change; returns how to end that. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
