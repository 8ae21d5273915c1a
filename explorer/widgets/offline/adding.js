// The answers of Add noise, see explorer/page/tabs/add_noise.py.

import { Generator } from "../device/randn.js";
import { imageOf, PIXELS, toBase64 } from "../numbers.js";
import { facts } from "./facts.js";
import { twoWays } from "./two_ways.js";

/** @import { Asked } from "./events.js" */
/** @import { Picture } from "./facts.js" */

/** The noise of a seed: torch's own. */
export const noiseOf = (seed) => new Generator(seed).normal(PIXELS);

/** What a link says of a picture and its noise. @param {Picture} picture */
export const linkOf = ({ label, example }, noise_seed) =>
  example === null ? { own: true } : { own: false, label, example, noise_seed };

/** @param {Picture} picture */
export function deskValue(picture, seed, schedule, T, t) {
  const { schedules, ...about } = facts.desks[schedule][T];
  return {
    ...about,
    t,
    x_0: toBase64(imageOf(picture.grey)),
    eps: toBase64(noiseOf(seed)),
    schedules: schedules.map((kind) => ({ kind, ...facts.rules[kind][T] })),
    label: picture.label,
    caption: picture.caption,
    link: linkOf(picture, seed),
  };
}

/** @param {Asked} asked */
function show({ value }) {
  const [picture, seed] = [value("forward-picture"), value("forward-noise-seed")];
  return { desk: deskValue(picture, seed, value("forward-schedule"), value("forward-T"), value("desk-start")) };
}

/** @param {Asked} asked */
function changeSchedule(asked) {
  const curve = { schedule: asked.value("forward-schedule"), T: asked.value("forward-T") };
  return { ...show(asked), "alpha-bar-plot": curve };
}

/** @param {Asked} asked */
async function compare({ value }) {
  if (!value("two-ways-opened")) return {};
  const [kind, T] = [value("forward-schedule"), value("forward-T")];
  const rule = facts.rules[facts.desks[kind][T].schedules[0]][T];
  return { "two-ways": await twoWays(value("forward-picture").grey, rule, value("forward-noise-seed")) };
}

/** What a link changes here. */
export function restoreAdding(picture, { noise_seed, schedule, T, t }) {
  return {
    desk: deskValue(picture, Number(noise_seed), schedule, Number(T), Number(t)),
    "alpha-bar-plot": { schedule, T: Number(T) },
    "desk-start": Number(t),
  };
}

export const ADDING = {
  "add_noise.build.show": show,
  "add_noise.build.change_schedule": changeSchedule,
  "add_noise.build.compare": compare,
  "add_noise.build.<lambda> of two-ways-panel.expand": () => ({ "two-ways-opened": true }),
  "add_noise.build.<lambda> of two-ways-panel.collapse": () => ({ "two-ways-opened": false }),
};
