// Long way = short way, as explorer/demos/two_ways.py goes it: the same steps, the same noise. A test compares both.

import { COPIES, COPIES_SHOWN } from "../constants.js";
import { Generator } from "../device/randn.js";
import { PIXELS, clamp, imageOf, toBase64, toGrey } from "../numbers.js";
import { facts } from "./facts.js";

/** @import { TwoWaysValue } from "../payload_types.js" */

const A_TURN = 20; // milliseconds of work between which the page draws and hears its viewer
const SIZE = COPIES * PIXELS;

const rounded = (value, digits) => Number(value.toFixed(digits));
const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

/** All copies as one float32 array: signal * x + noise * eps, which both ways are made of. */
function mixed(x, signal, noise, eps) {
  for (let i = 0; i < SIZE; i++) x[i] = signal * x[i] + noise * eps[i];
  return x;
}

function copiesOf(image) {
  const copies = new Float32Array(SIZE);
  for (let k = 0; k < COPIES; k++) copies.set(image, k * PIXELS);
  return copies;
}

/** Each pixel's mean and variance over the copies. @param {Float32Array} x */
function moments(x) {
  const means = new Float32Array(PIXELS),
    variances = new Float32Array(PIXELS);
  for (let p = 0; p < PIXELS; p++) {
    let sum = 0,
      squares = 0;
    for (let i = p; i < SIZE; i += PIXELS) sum += x[i];
    for (let i = p; i < SIZE; i += PIXELS) squares += (x[i] - sum / COPIES) ** 2;
    means[p] = sum / COPIES;
    variances[p] = squares / (COPIES - 1);
  }
  return { means, variances };
}

/** The histogram of all pixels of all copies; what lies beyond counts at the ends. @param {Float32Array} x */
function density(x) {
  const { from, to, count } = facts.two_ways.bins,
    width = (to - from) / count,
    counts = new Array(count).fill(0);
  for (const value of x) counts[clamp(Math.floor((value - from) / width), 0, count - 1)]++;
  return counts.map((found) => rounded(found / (SIZE * width), 4));
}

/** @param {"steps" | "jump"} name @param {Float32Array[]} arrived all copies at each stop */
function way(name, arrived) {
  const found = arrived.map(moments);
  const bytes = (rows) => toBase64(Uint8Array.from(rows.flatMap((row) => Array.from(row, toGrey))));
  return {
    name,
    pictures: bytes(arrived.map((x) => x.subarray(0, COPIES_SHOWN * PIXELS))),
    mean: bytes(found.map(({ means }) => means)),
    variance: bytes(found.map(({ variances }) => variances.map((value) => value - 1))),
    density: arrived.map(density),
    means: found.map(({ means }) => rounded(mean(means), 3)),
    variances: found.map(({ variances }) => rounded(mean(variances), 3)),
  };
}

/**
 * Both ways from one picture, with fresh noise from one seed.
 *
 * @param {Uint8Array} grey
 * @param {{ signal: number[], noise: number[], steps: { signal: number[], noise: number[] } }} rule by t; of `steps`,
 *   what one step from t - 1 to t does
 * @returns {Promise<TwoWaysValue>}
 */
export async function twoWays(grey, rule, seed) {
  const T = rule.signal.length - 1,
    { stops: parts, formulas } = facts.two_ways,
    generator = new Generator(seed),
    image = imageOf(grey);
  const stops = [...new Set(Array.from({ length: parts }, (_, k) => Math.round((T * (k + 1)) / parts)))];
  const stepped = [],
    jumped = [];
  let turn = performance.now();
  const rest = async () => {
    if (performance.now() - turn < A_TURN) return;
    await new Promise((done) => setTimeout(done));
    turn = performance.now();
  };
  const x = copiesOf(image);
  for (let t = 1; t <= T; t++) {
    mixed(x, rule.steps.signal[t], rule.steps.noise[t], generator.normal(SIZE));
    if (stops.includes(t)) stepped.push(x.slice());
    await rest();
  }
  for (const t of stops) {
    jumped.push(mixed(copiesOf(image), rule.signal[t], rule.noise[t], generator.normal(SIZE)));
    await rest();
  }
  const expected = stops.map((t) => rounded(rule.noise[t] ** 2, 3));
  return {
    t: stops,
    ways: [way("steps", stepped), way("jump", jumped)],
    formula: formulas[expected[expected.length - 1] <= 1 ? 0 : 1],
    expected,
    apart: stops.map((_, k) => {
      const [a, b] = [stepped[k], jumped[k]].map((all) => all.subarray(0, COPIES_SHOWN * PIXELS));
      return rounded(mean(a.map((value, i) => Math.abs(value - b[i]))), 2);
    }),
  };
}
