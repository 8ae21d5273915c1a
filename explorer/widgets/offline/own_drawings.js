// Drawings to learn from: collected as explorer/page/experiment_form.py does, and varied by this device as
// explorer/data/augment.py does, whose operations it is given.

import { compile, open, PIXELS } from "../device/graph.js";
import { Generator } from "../device/randn.js";
import { imageOf } from "../numbers.js";
import { drawn } from "./drawing.js";
import { Mistake } from "./events.js";
import { facts } from "./facts.js";
import { fileInside } from "./inside.js";
import { fittedFor, learntFrom } from "./variants.js";

/** @import { Asked } from "./events.js" */
/** @typedef {{ grey: Uint8Array, label: number }} Drawing */

const known = () => facts.trainings.drawings;

/** Which there are, in words. @param {Drawing[]} drawings */
const counted = (drawings) => {
  const { none, some } = known().words;
  if (!drawings.length) return none;
  return { sentence: { ...some.sentence, values: [drawings.length, drawings.map(({ label }) => label)] } };
};

/** @param {Asked} asked */
function add({ value }) {
  const [drawings, strokes] = [value("train-drawings"), value("train-pad")];
  if (drawings.length >= known().most) throw new Mistake(known().enough);
  if (!strokes) throw new Mistake(facts.drawing.empty);
  const more = [...drawings, { grey: drawn(strokes, facts.drawing), label: value("train-drawn-label") }];
  return { "train-drawings": more, "train-drawn": counted(more), "train-pad": null };
}

/** Those that are to be learnt from; none where the digits are. @param {Asked} asked @returns {Drawing[]} */
export function drawingsOf({ value }) {
  if (value("train-data") !== known().data) return [];
  if (!value("train-drawings").length) throw new Mistake(known().missing);
  return value("train-drawings");
}

/** The drawings, and then their variants, -1 to 1. @param {Drawing[]} drawings @returns {Promise<Float32Array>} */
export async function variedPictures(drawings, seed) {
  const { file, variants, numbers } = known();
  const bytesOf = async (name) => /** @type {ArrayBuffer} */ ((await fileInside(name)).slice().buffer);
  const { head, tensors, setUp, execute } = await open(await bytesOf(file), await compile(bytesOf));
  setUp();
  const originals = drawings.map(({ grey }) => imageOf(grey));
  const u = new Generator(seed).uniform(variants * numbers);
  const pictures = new Float32Array((drawings.length + variants) * PIXELS);
  originals.forEach((image, k) => pictures.set(image, k * PIXELS));
  for (let k = 0; k < variants; k++) {
    tensors.set(originals[k % originals.length], head.places.picture);
    tensors.set(u.subarray(k * numbers, (k + 1) * numbers), head.places.u);
    execute();
    const made = tensors.subarray(head.places.varied, head.places.varied + PIXELS);
    pictures.set(made, (originals.length + k) * PIXELS);
  }
  return pictures;
}

/** As dataOf in variants.js, of drawings. @param {Drawing[]} drawings */
export function drawnData(about, drawings, seed) {
  const count = drawings.length + known().variants;
  const labels = Uint8Array.from({ length: count }, (_, k) => drawings[k % drawings.length].label);
  /** @type {Promise<Float32Array> | null} */
  let varying = null;
  const pictures = () => (varying ??= variedPictures(drawings, seed));
  const fit = async () => {
    const all = await pictures();
    return fittedFor(about, (k) => all.subarray(k * PIXELS, (k + 1) * PIXELS), labels);
  };
  return learntFrom(labels, pictures, fit);
}

/** The digits that they are. @param {Drawing[]} drawings */
export const classesOf = (drawings) => [...new Set(drawings.map(({ label }) => label))].sort((a, b) => a - b);

export const DRAWINGS = {
  "experiment_form._drawings.add_drawing": add,
  "experiment_form._drawings.<lambda> of train-remove.click": () => ({
    "train-drawings": [],
    "train-drawn": counted([]),
  }),
};
