// Films as jobs for the device, as explorer/serving/film_course.py and explorer/page/payloads/device_jobs.py make them:
// the coefficients come from formulas that torch has traced from the core.

import { PIXELS, toBase64 } from "../numbers.js";
import { NULL_LABEL, STRIPS } from "../constants.js";
import { facts } from "./facts.js";
import { calculate } from "./formulas.js";
import { lastOf, networkOf } from "./networks.js";

/**
 * @typedef {{ seeds: number[], labels: number[], sampler: string, steps: number, guidance: number, eta: number,
 *   x_0: Uint8Array | null, t_start: number | null, fork_t: number | null, fork_seeds: number[],
 *   model: string }} FilmRequest
 */

let runs = 0;
/** A name for a film that no other has. */
export const freshRun = () => `film-${++runs}`;

/** The seeds of the futures of a picture, as film_requests.fork. */
export const forkSeeds = (seed, count) => Array.from({ length: count }, (_, k) => seed + 10 ** 9 * (k + 1));

/** @returns {FilmRequest} */
export const request = (settings) => ({
  sampler: "ddpm",
  steps: 250,
  guidance: 1,
  eta: 0,
  x_0: null,
  t_start: null,
  fork_t: null,
  fork_seeds: [],
  model: "",
  ...settings,
});

/** The timesteps at which the network is asked. @param {FilmRequest} film */
export const visited = ({ t_start, steps, model }) =>
  Array.from({ length: steps }, (_, k) => calculate(facts.formulas.evenly, [t_start ?? lastOf(model), steps, k])[0]);

/** A SamplerTable, see explorer/device/tables.py. @param {FilmRequest} film */
export function samplerTable(film) {
  const times = [...visited(film), 0];
  const { alphaBar } = networkOf(film.model);
  const steps = times.slice(0, -1).map((t, k) => {
    const tPrev = times[k + 1];
    return [t, tPrev, ...calculate(facts.formulas[film.sampler], [alphaBar[t], alphaBar[tPrev], film.eta])];
  });
  const [signal, noise] = calculate(facts.formulas.mixture, [alphaBar[times[0]]]);
  return {
    steps: toBase64(Float64Array.from(steps.flat())), // as they travel, see ../device/film_steps.js
    random: film.sampler === "ddpm" || film.eta > 0,
    guided: calculate(facts.formulas.guided, [film.guidance]),
    signal,
    noise,
    null_label: NULL_LABEL,
  };
}

/**
 * @param {FilmRequest} film
 * @param {object} again what comes back where the device cannot go on
 * @param {readonly string[]} strips
 */
export function filmJob(film, again, strips = STRIPS) {
  const table = samplerTable(film);
  const n = film.fork_seeds.length || film.seeds.length;
  const times = visited(film);
  const first = film.fork_t === null ? 0 : times.indexOf(film.fork_t);
  const { bytes, least, shown } = facts.films;
  const { address, done } = networkOf(film.model);
  const affordable = Math.max(least, Math.floor(bytes / (shown * n * PIXELS)));
  const stride = Math.ceil((times.length - first) / affordable);
  return {
    model: address,
    strips: [...strips],
    n,
    sampler: film.sampler,
    table,
    seeds: film.seeds,
    labels: film.labels,
    x_0: film.x_0 ? toBase64(film.x_0) : "",
    fork_seeds: film.fork_seeds,
    first,
    stride,
    total: Math.ceil((times.length - first) / stride) + 1,
    again,
    ...(done ? { done } : {}),
  };
}
