// The trainings that this file can do: their parts, put together for a training's settings.

import { packTraining, sizeOf } from "../device/training_step.js";
import { PIXELS } from "../numbers.js";
import { digits, facts } from "./facts.js";
import { fileInside, jsonInside, offer } from "./inside.js";

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

/** How many digits of these classes there are, and the address of what is learnt from. @param {number[]} classes */
export async function dataOf(about, classes) {
  const { pixels, labels } = await digits();
  const chosen = [...labels.keys()].filter((number) => classes.includes(labels[number]));
  const make = async () => {
    const fitted = Object.values(await fittedTo(about)).map(({ buffer }) => new Uint8Array(buffer));
    const length = fitted.reduce((sum, part) => sum + part.length, chosen.length * (1 + PIXELS));
    const bytes = new Uint8Array(length);
    chosen.forEach((number, k) => {
      bytes[k] = labels[number];
      bytes.set(pixels.subarray(number * PIXELS, (number + 1) * PIXELS), chosen.length + k * PIXELS);
    });
    fitted.reduce((at, part) => (bytes.set(part, at), at + part.length), chosen.length * (1 + PIXELS));
    return bytes;
  };
  return { count: chosen.length, address: offer(make) };
}
