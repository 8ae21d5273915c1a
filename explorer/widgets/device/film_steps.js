// The walk from noise to a digit, step by step, as explorer/core/sampling.py has it. All its coefficients come as a
// table from explorer/device/tables.py; here they are only multiplied and added.

import { doublesOf, joined } from "../numbers.js";
import { PIXELS } from "./graph.js";
import { Generator } from "./randn.js";

const NUMBERS = 10; // in a row of a table, see Coefficients in explorer/device/tables.py

/**
 * The rows of a table; they travel packed, as base64 of float64.
 *
 * @param {any} table
 * @returns {number[][]}
 */
export function stepsOf({ steps }) {
  if (typeof steps !== "string") return steps;
  const all = doublesOf(steps);
  return Array.from({ length: all.length / NUMBERS }, (_, k) => [...all.subarray(k * NUMBERS, (k + 1) * NUMBERS)]);
}

/**
 * A film, as an iterator of its steps: { t, tPrev, x_t, epsHat, x0Hat, xPrev, mean, coefficients }, with Float32Arrays
 * of all pictures; mean is xPrev without its fresh noise, and coefficients the step's own of the table.
 *
 * network: from `load`. table: a SamplerTable. seeds, labels: one a picture; all noise of a picture comes from its
 * seed. x_0: Float32Array of pictures to begin with, noised to the first t; without them the beginning is pure noise.
 * fork: { step, seeds }: before the step of this number the one picture becomes as many as there are seeds, and its
 * noise from there on comes from these. from: { step, x_t }: where the film stood before the step of this number; those
 * before it are not computed again.
 */
export function* filmSteps(network, table, { seeds, labels, x_0 = null, fork = null, from = null, clip = true }) {
  let generators = generatorsOf(seeds);
  let asked = labels;
  let x_t = drawn(generators);
  if (x_0) x_t = x_t.map((eps, i) => table.signal * x_0[i] + table.noise * eps);
  for (const [number, coefficients] of stepsOf(table).entries()) {
    if (fork?.step === number) {
      generators = generatorsOf(fork.seeds);
      asked = fork.seeds.map(() => labels[0]);
      x_t = joined(fork.seeds.map(() => x_t));
    }
    const [t, tPrev] = coefficients;
    const fresh = table.random && tPrev > 0;
    if (from && number < from.step) {
      if (fresh) drawn(generators); // they stand where they stood then
      continue;
    }
    if (from?.step === number) x_t = from.x_t;
    const guess = guided(network, table, x_t, t, asked);
    const noise = fresh ? drawn(generators) : null;
    const step = stepped(coefficients, x_t, guess, noise, clip);
    yield { t, tPrev, x_t, coefficients, ...step };
    x_t = step.xPrev;
  }
}

const generatorsOf = (seeds) => seeds.map((seed) => new Generator(seed));

// A picture's noise from each generator.
const drawn = (generators) => joined(generators.map((generator) => generator.normal(PIXELS)));

// eps_hat with classifier-free guidance: a mixture of the guesses with and without label. One that counts nothing is
// not asked for, and a picture of any digit has but one.
function guided(network, { guided: [labelled, free], null_label: anyDigit }, x_t, t, labels) {
  const asked = labelled === 0 ? labels.map(() => anyDigit) : labels;
  const twice = free === 0 || labelled === 0 ? [] : [...labels.keys()].filter((k) => labels[k] !== anyDigit);
  const again = twice.map((k) => x_t.subarray(k * PIXELS, (k + 1) * PIXELS));
  const both = network.run({
    x_t: joined([x_t, ...again]),
    t: Array(labels.length + twice.length).fill(t),
    label: [...asked, ...twice.map(() => anyDigit)],
  });
  twice.forEach((k, row) => {
    const own = both.subarray(k * PIXELS, (k + 1) * PIXELS);
    const other = both.subarray(x_t.length + row * PIXELS);
    own.forEach((eps, i) => (own[i] = labelled * eps + free * other[i]));
  });
  return both.subarray(0, x_t.length);
}

function stepped(coefficients, x_t, guess, noise, clip) {
  const [, , xToX0, epsToX0, xToEps, x0ToEps, x0ToPrev, xToPrev, epsToPrev, noiseToPrev] = coefficients;
  const [epsHat, x0Hat, mean, xPrev] = [0, 0, 0, 0].map(() => new Float32Array(x_t.length));
  for (let i = 0; i < x_t.length; i++) {
    x0Hat[i] = xToX0 * x_t[i] + epsToX0 * guess[i];
    epsHat[i] = guess[i];
    if (clip) {
      x0Hat[i] = Math.min(Math.max(x0Hat[i], -1), 1);
      epsHat[i] = xToEps * x_t[i] + x0ToEps * x0Hat[i];
    }
    const middle = x0ToPrev * x0Hat[i] + xToPrev * x_t[i] + epsToPrev * epsHat[i];
    mean[i] = middle;
    xPrev[i] = middle + noiseToPrev * (noise ? noise[i] : 0);
  }
  return { epsHat, x0Hat, mean, xPrev };
}
