// The networks that films are made with: the file's own, and those that were trained or loaded here.

import { giveDevice } from "../device_worker.js";
import { Mistake } from "./events.js";
import { facts } from "./facts.js";

/**
 * @typedef {{ address: string, alphaBar: ArrayLike<number>, classes: number[], file: () => Uint8Array | null,
 *   drawer?: any, tag?: string, done?: string, captions?: string[] }} Network
 * address: by which the device knows it; file: as a file of weights, null for the file's own network. The other texts
 * tell who draws, see perfect_facts and drawer_facts in explorer/page/offline/facts.py.
 */

const HELD = 12; // about 2 MB each

/** @type {Map<string, Network>} */
const held = new Map();

/** What is known of a network; of the file's own where no other is named. @param {string} [model] @returns {Network} */
export function networkOf(model = "") {
  const { model: address, perfect } = facts.films;
  const ours = { address, alphaBar: facts.alpha_bar, classes: [...Array(10).keys()], file: () => null };
  if (model === perfect.model) return { ...ours, ...perfect, address: model, file: () => null };
  return held.get(model) ?? ours;
}

/** The last timestep of a network. @param {string} [model] */
export const lastOf = (model) => networkOf(model).alphaBar.length - 1;

/**
 * Hold a network that was made here. like: the file's name of one of its kind; weights: in place of that one's.
 *
 * @param {string} model
 * @param {{ like: string, weights: Record<string, Float32Array> }} made
 * @param {Omit<Network, "address">} network
 */
export function holdNetwork(model, made, network) {
  giveDevice({ made: { [model]: made } });
  held.set(model, { ...network, address: model });
  if (held.size > HELD) held.delete(held.keys().next().value);
}

/** As networks.model_for: the name of the network that is chosen; "" for the file's own. */
export function modelFor(choice, own) {
  const { ours, exact } = facts.films.networks;
  if (choice === ours) return "";
  if (choice === exact) return facts.films.perfect.model;
  if (!held.has(own)) throw new Mistake(facts.films.no_own);
  return own;
}
