// The answers of Rescue my digit, see explorer/page/tabs/rescue.py.

import { xAt } from "../answers.js";
import { NULL_LABEL } from "../constants.js";
import { imageOf, toBase64, toGrey } from "../numbers.js";
import { noiseOf } from "./adding.js";
import { facts } from "./facts.js";
import { calculate } from "./formulas.js";
import { filmJob, request } from "./film_jobs.js";
import { deviceReady } from "./workers.js";

/** @import { Asked } from "./events.js" */
/** @import { Picture } from "./facts.js" */

/** As film_requests.rescue. @param {Picture} picture */
export const rescue = ({ grey }, t, seed) =>
  request({ seeds: [seed], labels: [NULL_LABEL], steps: Math.min(t, facts.films.rescue_steps), x_0: grey, t_start: t });

/** The tiles before the network has been asked. @param {Picture} picture */
function before(picture, t, seed) {
  const [signal, noise] = calculate(facts.formulas.mixture, [facts.alpha_bar[t]]);
  const [image, eps] = [imageOf(picture.grey), noiseOf(seed)];
  const noised = Uint8Array.from(image, (x_0, i) => toGrey(signal * x_0 + noise * eps[i]));
  const { tiles, sentence } = facts.rescue.before;
  const [original, mixed, rescued] = tiles;
  return {
    tiles: [
      { ...original, data: toBase64(picture.grey) },
      { ...mixed, name: xAt(t), note: { ...mixed.note, values: [t] }, data: toBase64(noised) },
      rescued,
    ],
    sentence,
  };
}

/** @param {Asked} asked @returns {[Picture, number, number]} */
const scene = ({ value }) => [value("rescue-picture"), value("rescue-t"), value("rescue-noise-seed")];

/** @param {Asked} asked */
async function run(asked) {
  await deviceReady();
  const bet = asked.value("rescue-bet");
  const film = filmJob(rescue(...scene(asked)), {}, ["x_t"]);
  const device = { film, bet: bet === null ? null : bet === facts.rescue.bets[0] };
  return { rescue: { ...before(...scene(asked)), sentence: facts.working, device } };
}

/** This device cannot compute: nobody else is there. @param {Asked} asked */
const takeOver = (asked) => ({
  rescue: { ...before(...scene(asked)), sentence: facts.troubles[asked.event?.trouble] ?? facts.troubles.died },
});

export const RESCUING = {
  "rescue.build.preview": (/** @type {Asked} */ asked) => ({ rescue: before(...scene(asked)) }),
  "rescue.build.run": run,
  "rescue.build.take_over": takeOver,
};
