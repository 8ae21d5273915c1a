// The answers of Remove noise, see explorer/page/tabs/remove_noise.py.

import { xAt } from "../answers.js";
import { NULL_LABEL, STRIPS } from "../constants.js";
import { filmJob, forkSeeds, freshRun, request } from "./film_jobs.js";
import { Changed } from "./events.js";
import { facts, lastT, troubleIn } from "./facts.js";
import { lastOf, modelFor, networkOf } from "./networks.js";
import { deviceReady } from "./workers.js";

/** @import { Asked } from "./events.js" */

const SETTINGS = ["label", "seed", "sampler", "steps", "guidance", "eta", "pictures"];

/** The form's settings of a film. @param {Asked} asked @returns {any} */
const settingsOf = ({ value }) => Object.fromEntries(SETTINGS.map((name) => [name, value(`film-${name}`)]));

/** The film of these settings, as film_requests.film. */
export function filmOf({ pictures, label, seed, sampler, steps, guidance, eta, model = "" }) {
  const seeds = Array.from({ length: pictures }, (_, k) => seed + k);
  return request({ seeds, labels: seeds.map(() => label ?? NULL_LABEL), sampler, steps, guidance, eta, model });
}

/** News of a film that this device is to compute: the job. @param {readonly string[]} strips */
export function filmNews(film, about, strips = STRIPS) {
  const job = filmJob(film, { settings: about }, strips);
  const { classes, drawer, tag } = networkOf(film.model);
  const unknown = film.labels.some((label) => label !== NULL_LABEL && !classes.includes(label));
  return {
    ...(unknown ? { learnt: classes } : {}),
    ...(drawer ? { drawer, tag } : {}),
    run: freshRun(),
    n: job.n,
    w: 28,
    h: 28,
    strips: [...strips],
    start: 0,
    count: 0,
    total: 0,
    t: [],
    data: "",
    done: false,
    status: facts.working,
    seconds: 0,
    labels: film.labels,
    by_device: true,
    device: job,
  };
}

/** @param {Asked} asked */
async function run(asked) {
  const model = modelFor(asked.value("film-network"), asked.value("own-model"));
  await deviceReady(model);
  const settings = settingsOf(asked);
  const about = { ...settings, steps: Math.min(settings.steps, lastOf(model)), model };
  return { film: { ...filmNews(filmOf(about), about), settings: about } };
}

/** This device cannot compute: nobody else is there. @param {Asked} asked */
function takeOver({ event }) {
  const status = troubleIn(event);
  return {
    film: { run: freshRun(), n: 1, strips: [...STRIPS], T: lastT(), resting: status, status },
  };
}

// ---- one's own network ----

/** No more steps than the network has. */
function stepsFor(model, steps) {
  const last = lastOf(model);
  return new Changed({ maximum: last, value: Math.min(steps, last) });
}

/** Another network was chosen. @param {Asked} asked */
function fitSteps({ value }) {
  const own = value("film-network") === facts.films.networks.own;
  return { "film-steps": stepsFor(own ? value("own-model") : "", value("film-steps")) };
}

/** There is another network of one's own. @param {Asked} asked */
const fitOwn = (asked) => (asked.value("film-network") === facts.films.networks.own ? fitSteps(asked) : {});

/** @param {Asked} asked */
const watchOwn = ({ value }) => ({
  "film-network": facts.films.networks.own,
  "film-steps": stepsFor(value("own-model"), value("film-steps")),
});

// ---- questions about the picture on screen ----

/** The device has made the film and takes its steps apart by itself: it asks only where it could not. */
function takeApart({ event }) {
  const sentence = troubleIn(event);
  return { step: { ...facts.step, sentence }, nearest: facts.nearest };
}

/** As explorer/page/futures_film.py. @param {Asked} asked */
async function partWays({ event }) {
  const { settings, t, picture } = event;
  await deviceReady(settings.model);
  const whole = filmOf(settings);
  const { strips, none, sentence } = facts.fork;
  if (whole.sampler === "ddim" && whole.eta === 0)
    return { fork: { run: freshRun(), n: facts.films.forks, strips, T: t, resting: none } };
  const [seeds, labels] = [[whole.seeds[picture]], [whole.labels[picture]]];
  const film = { ...whole, seeds, labels, fork_t: t, fork_seeds: forkSeeds(seeds[0], facts.films.forks) };
  const news = filmNews(film, { ...event }, strips);
  const status = { ...sentence, values: [xAt(t)] };
  return { fork: { ...news, status, device: { ...news.device, ending: { kind: "fork", t } } } };
}

/** @param {Asked} asked */
const giveUpFork = ({ event }) => ({
  fork: {
    run: freshRun(),
    n: facts.films.forks,
    strips: facts.fork.strips,
    T: lastT(),
    resting: troubleIn(event),
  },
});

/** What a link changes here. */
export const restoreRemoving = ({ t, map }) => ({
  film: { n: 1, strips: [...STRIPS], T: lastT(), begin: "when seen", stop_at: Number(t) },
  "film-map": { ...facts.maps.remove, view: map },
});

export const REMOVING = {
  "remove_noise.Handlers.run": run,
  "remove_noise.Handlers.halt": () => {}, // the device stops by the page's own script
  "remove_noise.Handlers.take_over": takeOver,
  "remove_noise.Handlers.take_apart": takeApart,
  "remove_noise.Handlers.part_ways": partWays,
  "remove_noise.Handlers.take_over_fork": giveUpFork,
  "remove_noise.Handlers.fit_steps": fitSteps,
  "remove_noise.Handlers.fit_own": fitOwn,
  "remove_noise.Handlers.watch_own": watchOwn,
  "remove_noise.build.<lambda> of ": ({ value }) => ({ film: { begin: "now", wish: value("watch-requests") } }),
  "remove_noise.build.<lambda> of film-dice.click lesson-bar.key_film_dice": () => ({
    "film-seed": Math.floor(Math.random() * 1_000_000),
  }),
};
