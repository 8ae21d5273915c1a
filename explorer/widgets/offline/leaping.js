// The answers of One leap or many, see explorer/page/tabs/one_leap.py.

import { xAt } from "../answers.js";
import { NULL_LABEL } from "../constants.js";
import { digit, facts, lastT, troubleIn } from "./facts.js";
import { calculate } from "./formulas.js";
import { filmJob, forkSeeds, freshRun, request } from "./film_jobs.js";
import { lastOf, modelFor, networkOf } from "./networks.js";
import { filmNews } from "./removing.js";
import { deviceReady } from "./workers.js";

/** @import { Asked } from "./events.js" */

const SETTINGS = ["digits", "sampler", "t", "seed"];

/** As film_requests.race: the columns' films, the last one of every step. */
export async function race({ digits, sampler, seed, t: wanted, model = "" }) {
  const t = Math.min(wanted, lastOf(model));
  const rows = [facts.leap.all, facts.leap.all_any].includes(digits) ? 10 : 1;
  const seeds = Array.from({ length: rows }, (_, k) => seed + k);
  const shown = rows === 10 ? [...seeds.keys()] : [digits === "any" ? seed % 10 : Number(digits)];
  const labels = ["any", facts.leap.all_any].includes(digits) ? seeds.map(() => NULL_LABEL) : shown;
  const start = t === lastOf(model) ? {} : { x_0: await picturesOf(shown, seed), t_start: t };
  const counts = [...facts.films.evaluations.filter((count) => count < t), t];
  return counts.map((steps) => request({ seeds, labels, sampler, steps, model, ...start }));
}

async function picturesOf(labels, example) {
  const found = await Promise.all(labels.map((label) => digit(label, example)));
  const all = new Uint8Array(found.reduce((sum, { grey }) => sum + grey.length, 0));
  found.reduce((at, { grey }) => (all.set(grey, at), at + grey.length), 0);
  return all;
}

/** @param {Asked} asked */
async function run({ value }) {
  const model = modelFor(value("leap-network"), value("own-model"));
  await deviceReady(model);
  /** @type {any} */
  const settings = { ...Object.fromEntries(SETTINGS.map((name) => [name, value(`leap-${name}`)])), model };
  const films = await race(settings);
  const again = { settings };
  const jobs = films.map((film) => ({ ...filmJob(film, again, ["x_t"]), plane: facts.plane }));
  const last = films[films.length - 1];
  const { drawer = "", captions = ["network call", "network calls"] } = networkOf(model);
  return {
    leaps: {
      run: freshRun(),
      columns: films.map(({ steps }) => steps),
      captions: films.map(({ steps }) => captions[Number(steps > 1)]),
      drawer,
      t_start: last.steps,
      n: last.seeds.length,
      news: [],
      status: facts.working,
      device: jobs,
      over: facts.leap.over,
    },
  };
}

/** This device cannot compute: nobody else is there. @param {Asked} asked */
const takeOver = ({ value, event }) => ({
  leaps: {
    ...value("leaps"),
    run: freshRun(),
    device: undefined,
    status: troubleIn(event),
  },
});

/** Why the leap from t is hard, with the numbers. @param {Asked} asked */
function reason({ value }) {
  const t = value("leap-t"),
    [signal] = calculate(facts.formulas.mixture, [facts.alpha_bar[t]]);
  const factor = Math.round(1 / signal).toLocaleString("en");
  const { text, values } = facts.leap.reason;
  const why = { text: values[0].text, values: [t, signal.toFixed(4), factor] };
  return { "leap-why": { sentence: { text, values: [why, ...values.slice(1)] } } };
}

// ---- many futures ----

/** As film_requests.futures. */
export async function futures({ label, t, seed }) {
  const start = t === lastT() ? {} : { x_0: (await digit(label, seed)).grey, t_start: t };
  const steps = Math.min(t, facts.films.future_steps);
  const film = request({ seeds: [seed], labels: [NULL_LABEL], steps, ...start });
  return { ...film, fork_t: t, fork_seeds: forkSeeds(seed, facts.films.futures) };
}

/** @param {Asked} asked */
async function complete({ value }) {
  await deviceReady();
  const settings = { label: value("futures-label"), t: value("futures-t"), seed: value("futures-seed") };
  const film = await futures(settings);
  const { ending } = facts.futures;
  const [first, ...others] = ending.tiles;
  const tiles = [{ ...first, name: xAt(settings.t) }, ...others];
  const news = filmNews(film, settings, ["x_t"]);
  const job = { ...news.device, plane: facts.plane, ending: { ...ending, t: settings.t, tiles } };
  return { futures: { ...news, device: job } };
}

/** This device cannot compute: nobody else is there. @param {Asked} asked */
const giveUp = ({ event }) => ({
  futures: {
    run: freshRun(),
    n: facts.films.futures,
    strips: ["x_t"],
    T: lastT(),
    resting: troubleIn(event),
  },
});

/** What a link changes here. */
export const restoreLeaping = ({ map }) => ({
  leaps: facts.leap.resting,
  "leap-map": { ...facts.maps.leap, view: map },
});

export const LEAPING = {
  "one_leap._race.run": run,
  "one_leap._race.halt": () => {}, // the device stops by the page's own script
  "one_leap._race.take_over": takeOver,
  "one_leap._race.<lambda> of leap-t.change": reason,
  "one_leap._race.<lambda> of leap-all.click lesson-bar.key_leap_all": () => ({ "leap-digits": facts.leap.all }),
  "one_leap._futures.run": complete,
  "one_leap._futures.take_over": giveUp,
  "one_leap._futures.<lambda> of futures-again.click lesson-bar.key_futures_again": ({ value }) => ({
    "futures-seed": value("futures-seed") + 1,
  }),
};
