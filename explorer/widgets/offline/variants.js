// The trainings that this file can do: their parts, put together for a training's settings.

import { NULL_LABEL } from "../constants.js";
import { packTraining, sizeOf } from "../device/training_step.js";
import { deviceAnswer } from "../device_worker.js";
import { imageOf, PIXELS } from "../numbers.js";
import { digits, facts } from "./facts.js";
import { fileInside, jsonInside, offer } from "./inside.js";
import { deviceHas } from "./workers.js";

/** @type {Map<string, Promise<any>>} */
const abouts = new Map();

/** All of a variant: as explorer/page/offline/trainings.py writes it, alpha_bar as numbers. @returns {Promise<any>} */
export function aboutVariant({ about: name }) {
  const read = async () => {
    const about = await jsonInside(name);
    const alphaBar = new Float64Array((await fileInside(about.alpha_bar)).slice().buffer);
    return { ...about, alpha_bar: alphaBar };
  };
  if (!abouts.has(name)) abouts.set(name, read());
  return abouts.get(name);
}

/** The variant of these settings, undefined where the file has none. @param {Record<string, any>} experiment */
export const variantOf = (experiment) =>
  facts.trainings.variants.find(({ settings }) =>
    Object.entries(settings).every(([name, value]) => experiment[name] === value),
  );

/** The address of the training itself. */
export function trainingOf(about, { learning_rate, batch }) {
  return offer(async () => {
    const names = [about.gradient, about.update];
    const [gradient, update] = await Promise.all(names.map(fileInside));
    const { rise, ...tables } = await jsonInside(facts.trainings.files.tables);
    const share = learning_rate / facts.trainings.usual_rate;
    const head = { ...about.head, ...tables, rise: rise.map((rate) => rate * share), batch };
    return new Uint8Array(packTraining({ head, gradient, update }));
  });
}

/** What is fitted to all digits, by name; nothing for a network without it. */
export async function fittedTo({ head: { fitted } }) {
  const found = /** @type {Record<string, Float32Array>} */ ({});
  if (!Object.keys(fitted).length) return found;
  const bytes = await fileInside(facts.trainings.files.fitted);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 0;
  for (const [name, shape] of Object.entries(fitted)) {
    const [rows, count] = [shape[0], sizeOf(shape)];
    const numbers = (found[name] = new Float32Array(count));
    const [scales, first] = [at, at + 4 * rows];
    for (let i = 0; i < count; i++) {
      const row = Math.floor((i * rows) / count);
      numbers[i] = view.getInt16(first + 2 * i, true) * view.getFloat32(scales + 4 * row, true);
    }
    at = first + 4 * Math.ceil((2 * count) / 4);
  }
  return found;
}

/**
 * The same to other pictures, by this device, as LinearGuess.fit in explorer/core/linear_guess.py.
 *
 * @param {any} about the training's variant
 * @param {(number: number) => Float32Array} image a picture, -1 to 1
 * @param {Uint8Array} labels of all pictures
 * @returns {Promise<Record<string, Float32Array>>}
 */
export async function fittedFor({ head: { fitted } }, image, labels) {
  const names = Object.keys(fitted);
  if (!names.length) return {};
  const { fits } = facts.trainings;
  const every = Math.ceil(labels.length / fits[fits.length - 1].most);
  const chosen = [...labels.keys()].filter((number) => number % every === 0);
  const { most, file } = fits.find((fit) => fit.most >= chosen.length);
  const [x, member] = [PIXELS, NULL_LABEL].map((columns) => new Float32Array(most * columns));
  chosen.forEach((number, row) => {
    x.set(image(number), row * PIXELS);
    member[row * NULL_LABEL + labels[number]] = 1;
  });
  await deviceHas([file]);
  const field = (name) => name.split(".").pop(); // of core's Fitted
  const lengths = Object.fromEntries(names.map((name) => [field(name), sizeOf(fitted[name])]));
  const { made } = await deviceAnswer("compute", { model: file, given: { x, member }, lengths });
  return Object.fromEntries(names.map((name) => [name, made[field(name)]]));
}

/**
 * What a training learns from: how many pictures, the address of all, and what is fitted to them; found when it is
 * asked for.
 *
 * @param {Uint8Array} labels
 * @param {() => Promise<Uint8Array | Float32Array>} pictures
 * @param {() => Promise<Record<string, Float32Array>>} fit
 */
export function learntFrom(labels, pictures, fit) {
  /** @type {Promise<Record<string, Float32Array>> | null} */
  let fitting = null;
  const fitted = () => (fitting ??= fit());
  const make = async () => {
    const parts = /** @type {any[]} */ ([labels, await pictures(), ...Object.values(await fitted())]);
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  };
  return { count: labels.length, address: offer(make), fitted };
}

/** The clear digits of these classes. @param {number[]} classes */
export async function dataOf(about, classes) {
  const { pixels, labels, unclear } = await digits();
  const chosen = [...labels.keys()].filter((number) => classes.includes(labels[number]) && !unclear.has(number));
  const own = Uint8Array.from(chosen, (number) => labels[number]);
  const grey = (k) => pixels.subarray(chosen[k] * PIXELS, (chosen[k] + 1) * PIXELS);
  const pictures = async () => {
    const all = new Uint8Array(chosen.length * PIXELS);
    chosen.forEach((_, k) => all.set(grey(k), k * PIXELS));
    return all;
  };
  const whole = chosen.length === labels.length - unclear.size;
  const fit = () => (whole ? fittedTo(about) : fittedFor(about, (k) => imageOf(grey(k)), own));
  return learntFrom(own, pictures, fit);
}
