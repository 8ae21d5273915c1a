// The answers of Guess the noise, see explorer/page/tabs/guess_noise.py: the device asks the network.

import { NULL_LABEL } from "../constants.js";
import { crc32 } from "../crc32.js";
import { deviceAnswer } from "../device_worker.js";
import { greyOf } from "../device/tasks.js";
import { imageOf, PIXELS, toBase64, toGrey } from "../numbers.js";
import { linkOf, noiseOf } from "./adding.js";
import { Mistake } from "./events.js";
import { digits, facts, troubleIn } from "./facts.js";
import { deviceReady } from "./workers.js";

/** @import { Asked } from "./events.js" */
/** @import { Picture } from "./facts.js" */

// by it the game and the guessers know that they speak of the same scene
const keyOf = ({ grey }, seed, label) => `${crc32(Uint8Array.from(grey)).toString(16)}-${seed}-${label}`;

/** x_t at each of the game's t, and what always guessing zero leads to, which is x_t taken for the picture. */
function guessersValue({ key, start }, image, eps) {
  const { value, to_x_0 } = facts.guess;
  const size = value.t.length * PIXELS;
  const [x_t, ofZero] = [new Uint8Array(size), new Uint8Array(size)];
  value.t.forEach((_, k) => {
    for (let p = 0; p < PIXELS; p++) {
      const mixed = value.signal[k] * image[p] + value.noise[k] * eps[p];
      x_t[k * PIXELS + p] = toGrey(mixed);
      ofZero[k * PIXELS + p] = toGrey(to_x_0[k][0] * mixed);
    }
  });
  const error = eps.reduce((sum, each) => sum + each ** 2, 0) / PIXELS;
  const zero = { name: "zero", x0_hat: toBase64(ofZero), error: value.t.map(() => error) };
  return { key, t: value.t, start, T: value.T, x_t: toBase64(x_t), guessers: [zero] };
}

/**
 * The perfect guesser's answers, without this digit and with it; of a picture that is none of its digits, with all of
 * them. As compare in explorer/page/guessers.py.
 *
 * @param {any} job the network's
 * @param {Picture} picture
 */
async function perfectGuesses(job, { example, label }) {
  const { model } = facts.films.perfect;
  await deviceReady(model);
  const asked = [{ name: "heart", job: { ...job, model } }];
  if (example !== null) {
    const number = (await digits()).members[label][example];
    asked.unshift({ name: "fair", job: { ...job, model, left_out: number } });
  }
  const found = [];
  for (const { name, job: own } of asked) {
    const { x0_hat, error } = await deviceAnswer("guess", own);
    found.push({ name, x0_hat: toBase64(greyOf(x0_hat)), error });
  }
  return found;
}

/** @param {Asked} asked */
async function* ask({ value: of }) {
  const [picture, seed, at] = [of("guess-picture"), of("guess-noise-seed"), of("guess-start")];
  const { value, to_x_0 } = facts.guess;
  const [image, eps] = [imageOf(picture.grey), noiseOf(seed)];
  const label = of("guess-told") === "the digit" ? picture.label : NULL_LABEL;
  const far = value.t.map((t) => Math.abs(t - at));
  const scene = {
    ...value,
    key: keyOf(picture, seed, label),
    start: far.indexOf(Math.min(...far)),
    x_0: toBase64(image),
    eps: toBase64(eps),
    caption: picture.caption,
    link: linkOf(picture, seed),
  };
  yield { guess: scene };
  await deviceReady();
  const { t, signal, noise } = value;
  const job = { model: facts.films.model, t, label, x_0: scene.x_0, eps: scene.eps, signal, noise, to_x_0 };
  const beside = guessersValue(scene, image, eps);
  yield { guess: { ...scene, device: job }, guessers: beside };
  try {
    yield { guessers: { ...beside, guessers: [...beside.guessers, ...(await perfectGuesses(job, picture))] } };
  } catch (error) {
    throw error.trouble ? new Mistake(troubleIn(error)) : error;
  }
}

/** This device cannot guess: nobody else is there. @param {Asked} asked */
const takeOver = ({ value, event }) => ({
  guess: { ...value("guess"), device: undefined, why: troubleIn(event) },
});

export const GUESSING = {
  "guess_noise.build.ask": ask,
  "guess_noise.build.take_over": takeOver,
};
