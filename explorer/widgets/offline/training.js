// The answers of Train, see explorer/page/tabs/train.py: this device trains.

import { deviceAnswer } from "../device_worker.js";
import { sizeOf } from "../device/training_step.js";
import { say } from "../languages.js";
import { floatsOf, PIXELS } from "../numbers.js";
import { Changed, Mistake } from "./events.js";
import { facts, troubleIn } from "./facts.js";
import { request, samplerTable } from "./film_jobs.js";
import { asText, checked } from "./linking.js";
import { holdNetwork, networkOf } from "./networks.js";
import { classesOf, drawingsOf, drawnData, DRAWINGS } from "./own_drawings.js";
import { readWeights, writeWeights } from "./safetensors.js";
import { aboutVariant, dataOf, trainingOf, variantOf } from "./variants.js";
import { trainingReady } from "./workers.js";

/** @import { Asked } from "./events.js" */
/**
 * @typedef {{ name: string, experiment: any, classes: number[], seconds: number, about: any, told: any,
 *   fitted: () => Promise<Record<string, Float32Array>> }} Given a training of this page; classes: the digits that it
 *   learns; about: its variant; told: its settings in words; fitted: what was fitted to its pictures
 */

/** @type {Given | null} */
let given = null; // the latest one
let [turn, runs, models] = [0, 0, 0];

const told = (text, ...values) => ({ text, values });
const texts = () => facts.trainings.texts;

// ---- what the form says ----

/** A setting's value. @param {Asked} asked */
function read({ value }, name) {
  const rule = facts.links.tabs.train[name],
    said = value(facts.links.controls.train[name].component);
  const found = said === null ? undefined : checked(rule, asText(said));
  if (found === undefined) throw new Mistake(told(texts().refusal.text, rule.name, rule.allowed, `'${asText(said)}'`));
  return found;
}

/** @param {Asked} asked @returns {any} the experiment, by the names of its settings */
function experimentOf(asked) {
  const { flags, drawings } = facts.trainings;
  const drawn = asked.value("train-data") === drawings.data; // in place of a data set
  const own = (name) => (drawn && name === "dataset" ? facts.links.tabs.train.dataset.default : read(asked, name));
  return Object.fromEntries(Object.keys(flags).map((name) => [name, own(name)]));
}

/** As Training.about and Experiment.differences. */
function inWords(experiment, seconds, drawings) {
  const differs = Object.entries(facts.trainings.differs).filter(
    ([name]) => asText(experiment[name]) !== asText(facts.links.tabs.train[name].default),
  );
  const words = differs.map(([name, text]) => told(text, asText(experiment[name]).replaceAll(",", " ")));
  const drawn = drawings.length ? [told(facts.trainings.drawings.about, drawings.length)] : [];
  return told("{0}", [told("{0} s", String(seconds)), told("seed {0}", experiment.seed), ...drawn, ...words]);
}

/** @param {Asked} asked */
function tell(asked) {
  const { flags, out } = facts.trainings;
  try {
    const experiment = experimentOf(asked);
    if (drawingsOf(asked).length) return { "train-command": say(facts.trainings.drawings.command) };
    const options = Object.entries(flags).map(([name, flag]) => `${flag} ${asText(experiment[name])}`);
    const seconds = `--seconds ${read(asked, "seconds")}`;
    return { "train-command": ["python -m explorer train", seconds, ...options, `--out ${out}`].join(" ") };
  } catch (error) {
    if (error instanceof Mistake) return { "train-command": `# ${error.message}` };
    throw error;
  }
}

// ---- news of a training ----

/** What the lab is shown, see LabValue. @param {Given} training */
const news = ({ name, about, told: words, seconds }, more) => ({
  run: name,
  turn: ++turn,
  about: words,
  model: "",
  T: about.schedule.T,
  points: [],
  progress: 0,
  seconds_left: seconds,
  clock_left: 0,
  images_seen: 0,
  images_per_second: 0,
  status: texts().begun,
  running: true,
  own: true,
  checkpoints: [],
  ...more,
});

const goesOn = () => ({
  "train-go-on": new Changed({ interactive: true }),
  "train-rewind": new Changed({ interactive: true }),
});

const filmOf = (T, model) =>
  request({ sampler: "ddim", steps: Math.min(facts.trainings.film_steps, T), model, eta: 0 });
const labelsOf = (classes) => Array.from({ length: facts.trainings.drawn }, (_, k) => classes[k % classes.length]);

/** @param {Asked} asked */
async function train(asked) {
  const experiment = experimentOf(asked),
    drawings = drawingsOf(asked),
    seconds = read(asked, "seconds");
  if (experiment.dataset !== facts.links.tabs.train.dataset.default) throw new Mistake(texts().bundled);
  const variant = variantOf(experiment);
  if (!variant) throw new Mistake(texts().others);
  const about = await aboutVariant(variant);
  const classes = drawings.length ? classesOf(drawings) : experiment.classes;
  const { reader } = facts.trainings.files;
  await trainingReady([about.model, reader]);
  const data = drawings.length ? drawnData(about, drawings, experiment.seed) : await dataOf(about, classes);
  const words = inWords(experiment, seconds, drawings);
  given = { name: `run-${++runs}`, experiment, classes, seconds, about, told: words, fitted: data.fitted };
  // what is drawn before the first step is drawn by a network of its own, see ../lab_device.js
  const model = `${about.model}#drawing`;
  const known = { alphaBar: about.alpha_bar, classes, file: () => null };
  for (const name of [model, `${model}#untrained`]) holdNetwork(name, { like: about.model, weights: {} }, known);
  const job = {
    training: trainingOf(about, experiment),
    model,
    reader,
    data: data.address,
    pictures: data.count,
    least: 0, // nobody else is there to train
    floats: drawings.length > 0,
    seed: experiment.seed,
    seconds,
    T: about.schedule.T,
    table: samplerTable(filmOf(about.schedule.T, model)),
    labels: labelsOf(classes),
    checkpoints: facts.trainings.checkpoints,
    drawing_share: facts.trainings.drawing_share,
  };
  return { lab: news(given, { device: job }), ...goesOn() };
}

/** What the device is to do with the training that it has. */
const ordered = (what, seconds, more = {}) => ({ lab: news(given, { order: { what, seconds }, ...more }) });

/** @param {Asked} asked */
function goOn(asked) {
  if (!given) throw new Mistake(texts().none);
  given = { ...given, seconds: read(asked, "seconds") };
  return ordered("go on", given.seconds);
}

function rewind() {
  if (!given) throw new Mistake(texts().none);
  given = { ...given, name: `run-${++runs}` };
  return ordered("rewind", given.seconds, { status: texts().rewound, running: false });
}

// ---- what was learnt ----

/** Hold a network of this page's. who: "own", or "file" where it was loaded; returns its name. */
function held(about, notes, tensors, who = "own") {
  const model = `own-${++models}`;
  const { name, tag, after } = facts.films.drawers[who];
  const { steps } = notes;
  const drawer = steps
    ? { drawer: told(after.text, steps.toLocaleString("en")), tag: `${tag} ${steps}` }
    : { drawer: name, tag };
  const shapes = { ...about.head.weights, ...about.head.fitted };
  holdNetwork(
    model,
    { like: about.model, weights: tensors },
    {
      ...drawer,
      alphaBar: about.alpha_bar,
      classes: notes.classes ?? [...Array(10).keys()],
      file: () => writeWeights({ network: about.network, schedule: about.schedule, notes }, shapes, tensors),
    },
  );
  return model;
}

/** The device has trained. @param {Asked} asked */
async function takeIn({ event }) {
  if (!given || event.run !== given.name) throw new Mistake(texts().lost);
  const { about, experiment, classes, seconds } = given;
  const numbers = floatsOf(event.weights);
  let at = 0;
  const own = ([name, shape]) => [name, numbers.slice(at, (at += sizeOf(shape)))];
  const weights = Object.fromEntries(Object.entries(about.head.weights).map(own));
  const { step, broke } = event;
  const story = { steps: step, images_seen: step * experiment.batch, seconds: Number(event.seconds.toFixed(2)) };
  const tensors = { ...weights, ...(await given.fitted()) };
  const model = step ? held(about, { ...story, ...experiment, classes }, tensors) : "";
  const progress = Math.min(1, event.seconds / seconds);
  const diverged = texts().early.values[0];
  const early = told(texts().early.text, told(diverged.text, broke, step + 1));
  const status = broke ? early : progress < 1 ? texts().stopped : texts().ended;
  const rate = event.seconds ? story.images_seen / event.seconds : 0;
  const counted = { images_seen: story.images_seen, images_per_second: rate };
  const left = { progress, seconds_left: Math.max(0, seconds - event.seconds) };
  const shown = { lab: news(given, { model, status, running: false, ...counted, ...left }), ...goesOn() };
  return model ? { ...shown, "own-model": model, "train-watch": new Changed({ interactive: true }) } : shown;
}

/** This device cannot train: nobody else is there. @param {Asked} asked */
const takeOver = ({ event }) => (given ? { lab: news(given, { status: troubleIn(event), running: false }) } : {});

/** A file of weights. @param {Asked} asked */
async function bring({ event }) {
  const file = readWeights(await event.arrayBuffer());
  const same = (a, b) => Object.keys(b).every((name) => asText(a?.[name] ?? "") === asText(b[name]));
  const all = await Promise.all(facts.trainings.variants.map(aboutVariant));
  const about = all.find(({ network, schedule }) => same(file.network, network) && same(file.schedule, schedule));
  if (!about) throw new Mistake("This page can load only networks like those that it trains.");
  const tensors = {};
  for (const [name, shape] of Object.entries({ ...about.head.weights, ...about.head.fitted })) {
    const found = file.tensors[name];
    if (!found || found.numbers.length !== sizeOf(shape))
      throw new Mistake("this file's weights do not fit the network that it describes");
    if (!found.numbers.every(Number.isFinite)) throw new Mistake("this file's weights are not all finite numbers");
    tensors[name] = found.numbers;
  }
  const { reader } = facts.trainings.files;
  await trainingReady([about.model, reader]);
  const steps = Number.isFinite(file.notes.steps) ? file.notes.steps : 0;
  const seconds = Number.isFinite(file.notes.seconds) ? file.notes.seconds : 0;
  const model = held(about, { ...file.notes, steps }, tensors, "file");
  given = null;
  const drawn = await checkpointOf(model, about.schedule.T, reader, { step: steps, seconds });
  const status = told(
    "Loaded: a network after {0} steps. This is what it draws; its loss curve is not part of the file.",
    steps.toLocaleString("en"),
  );
  const fresh = {
    name: `run-${++runs}`,
    about,
    told: "",
    seconds: 0,
    experiment: null,
    classes: [],
    fitted: async () => ({}),
  };
  return {
    lab: news(fresh, { model, status, running: false, checkpoints: [drawn] }),
    "own-model": model,
    "train-watch": new Changed({ interactive: true }),
  };
}

/** What a network draws, see LabCheckpoint. */
async function checkpointOf(model, T, reader, when) {
  const film = filmOf(T, model);
  const labels = labelsOf(networkOf(model).classes);
  const seeds = [...labels.keys()];
  const job = { model, table: samplerTable(film), seeds, labels, weights: {} };
  const { t, frames } = await deviceAnswer("draw", job);
  const { digits } = await deviceAnswer("read", { model: reader, pictures: frames.slice(-labels.length * PIXELS) });
  return { ...when, t, count: t.length, n: labels.length, asked: labels, read: digits, data: frames };
}

export const TRAINING = {
  ...DRAWINGS,
  "train.Handlers.train": train,
  "train.Handlers.train_on": goOn,
  "train.Handlers.take_back": rewind,
  "train.Handlers.halt": () => {}, // the device stops by the page's own script
  "train.Handlers.take_in": takeIn,
  "train.Handlers.take_over": takeOver,
  "train.Handlers.bring": bring,
  "train.Handlers.tell": tell,
  "train.Handlers.greet": () => ({ "train-greeted": true }),
  "train.build.<lambda> of train-watch.click": ({ value }) => ({ "watch-requests": value("watch-requests") + 1 }),
};
