// What this device can be asked: a film, one step of it, guesses of one noise at many t. All numbers come with the job,
// from explorer/page/payloads/device_jobs.py; here is no formula.

import { placesOn } from "../plane.js";
import { bytesOf, floatsOf, imageOf, toGrey } from "../numbers.js";
import { filmSteps, stepsOf } from "./film_steps.js";
import { DeviceError, PIXELS } from "./graph.js";

/** @import { DeviceJob, GuessJob, LookJob } from "../payload_types.js" */
/** @typedef {{ number: number, tell: (news: object, transfer?: any[]) => void, turn: () => Promise<void> }} Line */

const CHUNK_MS = 80; // between two chunks of frames of a film, but the first, which comes at once
const HELD_FILMS = 2; // whose x_t are kept for questions about their steps, up to 5 MB each
const GUESSES = 4; // in a turn
const CLASSES = 10;

const walked = new Map(); // of the latest films, by their numbers: x_t by the number of the step that is from it

/**
 * Tells { start, t, pixels, places, seconds } with frames, as in FilmValue, and { done } with the last ones; with the
 * first ones { guess }, the first frame's x0_hat in grey levels.
 *
 * @param {any} network
 * @param {DeviceJob} job
 * @param {Line} line
 */
async function film(network, job, line) {
  const size = job.n * PIXELS;
  const began = performance.now();
  const places = job.plane ? placesOn(job.plane) : null;
  const kept = new Map();
  if (!job.patient) walked.set(line.number, kept);
  if (walked.size > HELD_FILMS) walked.delete(walked.keys().next().value);
  let told = 0,
    start = 0;
  let times = [],
    pictures = [],
    lie = [],
    guess = null; // x0_hat of the first frame

  /** @param {Record<string, Float32Array>} shown by the strips' names */
  function keep(t, shown) {
    const grey = new Uint8Array(job.strips.length * size);
    job.strips.forEach((strip, s) => grey.set(greyOf(shown[strip]), s * size));
    if (start + times.length === 0) guess = greyOf(shown.x0_hat);
    times.push(t);
    pictures.push(grey);
    if (places) lie.push(...places(greyOf(shown.x0_hat)));
  }

  function tell(done = false) {
    const pixels = new Uint8Array(times.length * job.strips.length * size);
    pictures.forEach((grey, k) => pixels.set(grey, k * grey.length));
    const seconds = (performance.now() - began) / 1000;
    const more = { ...(places ? { places: Int16Array.from(lie) } : {}), ...(start === 0 ? { guess } : {}) };
    line.tell({ start, t: times, pixels, ...more, seconds, done }, [pixels.buffer]);
    start += times.length;
    [times, pictures, lie, told] = [[], [], [], performance.now()];
  }

  const last = stepsOf(job.table).length - 1;
  let number = 0;
  for (const { t, x_t, x0Hat, epsHat, xPrev } of filmSteps(network, job.table, filmOf(job))) {
    const shown = number - job.first;
    if (shown >= 0 && shown % job.stride === 0) {
      keep(t, { x_t, x0_hat: x0Hat, eps_hat: epsHat });
      kept.set(number, x_t);
    }
    if (number === last) keep(0, { x_t: xPrev, x0_hat: xPrev, eps_hat: new Float32Array(size) });
    else if (times.length && performance.now() - told > CHUNK_MS) tell();
    number += 1;
    await line.turn();
  }
  tell(true);
}

/**
 * Tells { step, done }: the step from job.t of one of the film's pictures, with what x_prev was made of; see filmSteps.
 * Where this worker has the film's x_t, it costs one guess; else the film is walked once more.
 *
 * @param {any} network
 * @param {LookJob} job
 * @param {Line} line
 */
async function look(network, { film: whole, number, t, picture }, line) {
  const wantedStep = stepsOf(whole.table).findIndex(([time]) => time === t);
  if (wantedStep < 0) throw new DeviceError(`this film has no step from t = ${t}`);
  const own = (all) => all.subarray(picture * PIXELS, (picture + 1) * PIXELS);
  const { seeds, labels, x_0 } = filmOf(whole);
  const alone = { seeds: [seeds[picture]], labels: [labels[picture]], x_0: x_0 && own(x_0) };
  const x_t = walked.get(number)?.get(wantedStep);
  const from = x_t ? { step: wantedStep, x_t: own(x_t).slice() } : null;
  let at = from ? wantedStep : 0;
  for (const step of filmSteps(network, whole.table, { ...alone, from })) {
    if (at === wantedStep) return line.tell({ step, done: true });
    at += 1;
    await line.turn();
  }
  throw new DeviceError("this film has ended before");
}

/**
 * Tells { eps_hat, x0_hat, error, x0_error, done }, as in the engine's Guess: of every t, in Float32Arrays.
 *
 * @param {any} network
 * @param {GuessJob} job
 * @param {Line} line
 */
async function guess(network, job, line) {
  const [x_0, eps] = [job.x_0, job.eps].map(floatsOf);
  const n = job.t.length;
  const eps_hat = new Float32Array(n * PIXELS);
  const x0_hat = new Float32Array(n * PIXELS);
  const error = [],
    x0_error = [];
  for (let first = 0; first < n; first += GUESSES) {
    const times = job.t.slice(first, first + GUESSES);
    const x_t = new Float32Array(times.length * PIXELS);
    x_t.forEach((_, i) => {
      const k = first + Math.floor(i / PIXELS);
      x_t[i] = job.signal[k] * x_0[i % PIXELS] + job.noise[k] * eps[i % PIXELS];
    });
    const found = network.run({ x_t, t: times, label: times.map(() => job.label), leftOut: job.left_out });
    eps_hat.set(found, first * PIXELS);
    times.forEach((_, row) => {
      const [ofX, ofEps] = job.to_x_0[first + row];
      let noiseMissed = 0,
        pictureMissed = 0;
      for (let p = 0; p < PIXELS; p++) {
        const i = row * PIXELS + p;
        const clean = ofX * x_t[i] + ofEps * found[i];
        x0_hat[first * PIXELS + i] = clean;
        noiseMissed += (eps[p] - found[i]) ** 2;
        pictureMissed += (x_0[p] - clean) ** 2;
      }
      error.push(noiseMissed / PIXELS);
      x0_error.push(pictureMissed / PIXELS);
    });
    await line.turn();
  }
  if (!error.every(Number.isFinite)) throw new DeviceError("the network's answer is not a number");
  line.tell({ eps_hat, x0_hat, error, x0_error, done: true }, [eps_hat.buffer, x0_hat.buffer]);
}

/**
 * Tells { t, frames, done }: the film that a training draws at a checkpoint, by these weights.
 *
 * @param {any} network
 * @param {{ table: any, seeds: number[], labels: number[], weights: Record<string, Float32Array> }} job
 * @param {Line} line
 */
async function draw(network, { table, seeds, labels, weights }, line) {
  const size = seeds.length * PIXELS;
  const frames = new Uint8Array((stepsOf(table).length + 1) * size);
  const times = [];
  network.replace(weights);
  for (const { t, x_t, xPrev } of filmSteps(network, table, { seeds, labels })) {
    frames.set(greyOf(x_t), times.length * size);
    times.push(t);
    frames.set(greyOf(xPrev), times.length * size); // of the last step alone it stays
    await line.turn();
  }
  line.tell({ t: [...times, 0], frames, done: true }, [frames.buffer]);
}

/**
 * Tells { digits, done }: what each of these pictures, grey levels, is read as.
 *
 * @param {any} reader
 * @param {{ pictures: Uint8Array }} job
 * @param {Line} line
 */
async function read(reader, { pictures }, line) {
  const count = pictures.length / PIXELS;
  const own = (k) => imageOf(pictures.subarray(k * PIXELS, (k + 1) * PIXELS));
  line.tell({ digits: Array.from({ length: count }, (_, k) => reader.read(own(k), CLASSES)), done: true });
}

/**
 * Tells { made, done }: what any graph makes of these numbers, both by their names.
 *
 * @param {any} graph
 * @param {{ given: Record<string, Float32Array>, lengths: Record<string, number> }} job
 * @param {Line} line
 */
async function compute(graph, { given, lengths }, line) {
  line.tell({ made: graph.compute(given, lengths), done: true });
}

export const greyOf = (picture) => Uint8Array.from(picture, toGrey);

/** @param {DeviceJob} job */
function filmOf({ seeds, labels, x_0, first, fork_seeds }) {
  const pictures = x_0 ? imageOf(bytesOf(x_0)) : null;
  const fork = fork_seeds.length ? { step: first, seeds: fork_seeds } : null;
  return { seeds, labels, x_0: pictures, fork };
}

export const TASKS = { film, look, guess, draw, read, compute };
