// The crowd of Remove noise, gathered as explorer/page/crowd.py does it, but by this device and of fewer noises.

import { NULL_LABEL } from "../constants.js";
import { askDevice } from "../device_worker.js";
import { say } from "../languages.js";
import { PIXELS, toBase64 } from "../numbers.js";
import { CROWD_DONE, CROWD_DRAWN, CROWD_OF_EACH, CROWD_READ, CROWD_SO_FAR, CROWD_STOPPED } from "../shared_texts.js";
import { facts, troubleIn } from "./facts.js";
import { filmJob, freshRun } from "./film_jobs.js";
import { readAs } from "./likeness.js";
import { lastOf, modelFor } from "./networks.js";
import { filmOf } from "./removing.js";
import { deviceReady } from "./workers.js";

/** @import { CrowdNews } from "../payload_types.js" */
/** @import { Asked } from "./events.js" */
/**
 * @typedef {{ t: number[], places: Int16Array, read: number[] }} Group some of the pictures, from noise to digit;
 *   places: (pictures, frames, 2)
 * @typedef {{ key: string, jobs: any[], groups: Map<number, Group> }} Crowd as far as it has been gathered
 * @typedef {{ over: boolean, cancel: () => void }} Gathering
 */

const EACH = 8; // pictures in a group: a step of theirs is over before a viewer feels it

/** @type {Crowd} */
let crowd = { key: "", jobs: [], groups: new Map() }; // the latest, which goes on where it was
/** @type {Gathering} */
let gathering = { over: true, cancel: () => {} };

/** The films of a crowd, a group in each: of half as many noises where a step of one takes two guesses. */
export function crowdOf({ label, seed, guidance, model = "" }) {
  const { noises, sampler, steps } = facts.films.crowd;
  const about = {
    label,
    guidance,
    model,
    sampler,
    steps: Math.min(steps, lastOf(model)),
    eta: 0,
    pictures: EACH,
  };
  const jobs = Array.from({ length: noises / EACH }, (_, k) => {
    const job = filmJob(filmOf({ ...about, seed: seed + k * EACH }), {}, ["x0_hat"]);
    return { ...job, plane: facts.plane, patient: true };
  });
  const [{ table, labels }] = jobs;
  return table.guided.includes(0) || labels[0] === NULL_LABEL ? jobs : jobs.slice(0, jobs.length / 2);
}

/** A group's film, seen to its end; of a crowd that is over, nothing more. @param {Gathering} own */
const seen = (job, own) =>
  new Promise((resolve, reject) => {
    const found = { t: [], places: [], ends: new Uint8Array() };
    const task = askDevice("film", job, ({ trouble, t, places, pixels, done }) => {
      if (trouble) return void reject(Object.assign(new Error(trouble), { trouble }));
      found.t.push(...t);
      found.places.push(...places);
      if (pixels.length) found.ends = pixels.subarray(-job.n * PIXELS);
      if (done) resolve(found);
    });
    own.cancel = () => {
      task.cancel();
      resolve(found);
    };
  });

/** @returns {Promise<Group>} */
async function groupOf(job, own) {
  const { t, places, ends } = await seen(job, own);
  const way = (k) => t.flatMap((_, frame) => places.slice(2 * (frame * job.n + k), 2 * (frame * job.n + k + 1)));
  const read = [];
  for (let k = 0; k < job.n && !own.over; k++) read.push(await readAs(ends.subarray(k * PIXELS, (k + 1) * PIXELS)));
  return {
    t,
    places: Int16Array.from(Array.from({ length: job.n }, (_, k) => way(k)).flat()),
    read,
  };
}

const told = (text, ...values) => ({ text, values });
const both = (first, second) => told("{0} {1}", first, second);

// How large a crowd is here, and why.
const size = ({ jobs }) =>
  say(
    "The crowd has {0} noises here, and {1} steps each: your device computes them alone, where a server computes {2}.",
    jobs.length * EACH,
    jobs[0].total - 1,
    facts.films.crowd.servers,
  );

const soFar = ({ jobs, groups }) => told(CROWD_SO_FAR, groups.size * EACH, jobs.length * EACH);

/** What it has come to. */
function ended({ jobs, groups }) {
  if (groups.size < jobs.length) return CROWD_STOPPED;
  const counts = new Array(10).fill(0);
  for (const { read } of groups.values()) for (const label of read) counts[label]++;
  const found = counts.flatMap((count, label) => (count ? [told(CROWD_OF_EACH, label, count)] : []));
  return both(told(CROWD_DONE, jobs.length * EACH), told(CROWD_READ, found));
}

/** For the map: the groups with these numbers. @returns {{ "film-map": { crowd: CrowdNews } }} */
function news(run, { jobs, groups }, numbers, status, done = false) {
  const shown = numbers.map((number) => groups.get(number));
  const crowd = {
    run,
    total: jobs.length * EACH,
    groups: numbers,
    each: EACH,
    t: shown[0]?.t ?? [],
    places: toBase64(Int16Array.from(shown.flatMap(({ places }) => [...places]))),
    read: shown.flatMap(({ read }) => read),
    status,
    done,
  };
  return { "film-map": { crowd } };
}

/** @param {Asked} asked */
async function* gather({ value }) {
  const chosen = value("film-network");
  const model = modelFor(chosen, value("own-model"));
  const settings = {
    label: value("film-label"),
    seed: value("film-seed"),
    guidance: value("film-guidance"),
    model,
  };
  end();
  /** @type {Gathering} */
  const own = (gathering = { over: false, cancel: () => {} });
  const key = JSON.stringify(settings);
  if (crowd.key !== key) crowd = { key, jobs: crowdOf(settings), groups: new Map() };
  const [run, whole] = [freshRun(), crowd];
  yield news(run, whole, [...whole.groups.keys()], both(soFar(whole), size(whole)));
  let trouble = null;
  try {
    await deviceReady(model);
    for (let number = whole.groups.size; number < whole.jobs.length && !own.over; number++) {
      const group = await groupOf(whole.jobs[number], own);
      if (own.over) break;
      whole.groups.set(number, group);
      yield news(run, whole, [number], both(soFar(whole), size(whole)));
    }
  } catch (error) {
    if (!error.trouble) console.error(error);
    trouble = troubleIn(error);
  }
  if (gathering !== own) return; // a word of this crowd could cover one of the next
  own.over = true;
  const drawn = chosen === facts.films.networks.ours ? ended(whole) : both(told(CROWD_DRAWN, chosen), ended(whole));
  yield news(run, whole, [...whole.groups.keys()], trouble ?? both(drawn, size(whole)), true);
}

function end() {
  gathering.over = true;
  gathering.cancel();
}

export const GATHERING = {
  "remove_noise.Handlers.gather": gather,
  "remove_noise.Handlers.disperse": end,
};
