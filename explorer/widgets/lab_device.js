// A training that this device does, for the lab: what the lab receives looks as what the server sends, see LabValue.
// The training stays here when it has ended, so that it can go on or be rewound; what it has learnt goes to the server.

import { noteBroken } from "./device_able.js";
import { bytesAt, deviceAnswer, kernelsNamed, startTrainingWorker } from "./device_worker.js";
import { compile, PIXELS } from "./device/graph.js";
import { Diverged, mostThreads, Training } from "./device/training.js";
import { BANDS } from "./lab_loss.js";
import { joined, toBase64 } from "./numbers.js";

/** @import { LabValue, Trained } from "./payload_types.js" */

const TOLD_MS = 250; // between two news
const ASLEEP_MS = 10_000; // longer between two steps, by the calendar: the device has slept
const TRIAL_SECONDS = 1; // of training, after which a device that trains unasked must have been quick
// No timer drives a training, so a hidden page, whose timers are slowed down, is no reason to stop.
const SAYING = {
  trains: "Your device trains: {0} images a second.",
  hidden: "Your device trains, also while this page is hidden: {0} images a second.",
  slept: "Your device slept, and goes on: {0} images a second.",
};

/**
 * receive: takes LabValues; trained: what was learnt, for the server; handOver: asks the server for the same training.
 *
 * @param {HTMLElement} root hears the event explorer:stop
 * @param {{ receive: (value: any) => void, trained: (told: Trained) => void,
 *   handOver: (wish: { trouble: string }) => void }} lab
 */
export function createDeviceTraining(root, { receive, trained, handOver }) {
  let held = null; // { job, value, training, data, running, stopped }

  function drop() {
    held?.training?.close();
    held = null;
  }

  /** @param {LabValue} value with a job */
  async function begin(value) {
    drop();
    const { device: job, ...about } = value;
    const mine = (held = { job, value: about, training: null, data: null, running: true, stopped: false });
    await attempt(mine, async () => {
      receive({ ...about, status: "Your device gets ready to train.", running: true });
      const [file, data, kernels] = await Promise.all([
        bytesAt(job.training),
        bytesAt(job.data),
        compile(kernelsNamed),
      ]).catch((error) => {
        throw Object.assign(error, {
          trouble: error.trouble ?? (error.cause instanceof WebAssembly.CompileError ? "unable" : "fetch"),
        });
      });
      if (held !== mine) return;
      const training = await Training.open({ file, kernels, threads: mostThreads(), startWorker: startTrainingWorker });
      if (held !== mine) return training.close();
      mine.training = training;
      mine.data = partsOf(job, data, training.head.fitted);
      await training.begin({ seed: job.seed, ...mine.data });
      await goOn(mine, job.seconds);
    });
  }

  // What goes wrong with a training that is still wanted makes the server take over.
  async function attempt(mine, work) {
    try {
      await work();
    } catch (error) {
      if (held !== mine) return;
      drop();
      if (error.trouble !== "slow") noteBroken();
      handOver({ trouble: error.trouble ?? "died" });
    }
  }

  async function goOn(mine, seconds) {
    const { training, job, value } = mine;
    Object.assign(mine, { running: true, stopped: false });
    const every = seconds / job.checkpoints;
    const dueAfter = () => every * (Math.floor(training.seconds / every) + 1);
    let [due, told, points, broke] = [dueAfter(), performance.now(), [], null];
    let [hidden, slept, before] = [false, false, Date.now()];

    function tell(checkpoints, more = {}) {
      if (held !== mine) return;
      const seen = training.step * training.head.batch;
      const rate = training.seconds ? seen / training.seconds : 0;
      receive({
        ...{ ...value, points, checkpoints, running: true, T: job.T, images_seen: seen, images_per_second: rate },
        ...{ progress: Math.min(1, training.seconds / seconds), seconds_left: Math.max(0, seconds - training.seconds) },
        ...{ status: { text: SAYING[slept ? "slept" : hidden ? "hidden" : "trains"], values: [Math.round(rate)] } },
        ...more,
      });
      [points, told] = [[], performance.now()];
    }

    const quickEnough = training.step === 0 && job.least ? trialOf(training, job.least) : () => true;
    if (training.step === 0) tell([await drawn(mine)], { status: "Random weights: this is what they draw." });
    try {
      for await (const step of training.steps({ seconds })) {
        if (held !== mine) return;
        points.push(pointOf(step, job.T));
        hidden ||= document.hidden;
        slept ||= Date.now() - before > ASLEEP_MS;
        before = Date.now();
        if (mine.stopped) break;
        if (!quickEnough()) throw Object.assign(new Error("too slow to train unasked"), { trouble: "slow" });
        if (performance.now() - told < TOLD_MS) continue;
        if (training.seconds < due) tell([]);
        else {
          const began = performance.now();
          tell([await drawn(mine)]);
          const cost = (performance.now() - began) / 1000;
          due = Math.max(dueAfter(), training.seconds + cost / job.drawing_share);
          before = Date.now();
        }
      }
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      broke = { broke: String(error.loss).toLowerCase() };
    }
    const last = await drawn(mine);
    const weights = toBase64(joined(Object.values(await training.averages())));
    if (held !== mine) return;
    mine.running = false;
    tell([last], { running: false });
    trained({ run: value.run, step: training.step, seconds: training.seconds, weights, ...broke });
  }

  /** The films of a checkpoint, by the averaged weights as they are now. */
  async function drawn({ training, job, data }) {
    const { step, seconds } = training;
    // Before the first step nothing is fitted to the pictures, as on the server. What was once fitted stays in a
    // network, so this one is another, under an address of its own.
    const untrained = step === 0;
    const model = untrained ? `${job.model}#untrained` : job.model;
    const weights = { ...(await training.averages()), ...(untrained ? {} : data.fitted) };
    const seeds = job.labels.map((_, k) => k);
    const { t, frames } = await deviceAnswer("draw", { model, table: job.table, seeds, labels: job.labels, weights });
    const last = frames.slice(-seeds.length * PIXELS);
    const { digits } = job.reader ? await deviceAnswer("read", { model: job.reader, pictures: last }) : { digits: [] };
    return { seconds, step, t, count: t.length, n: seeds.length, asked: job.labels, read: digits, data: frames };
  }

  /** @param {LabValue} value with an order */
  function carryOut({ order, ...value }) {
    const mine = held;
    const refuse = (status) => receive({ ...mine?.value, turn: value.turn, points: [], checkpoints: [], status });
    if (!mine?.training) return refuse("This training is no longer on your device: press start.");
    if (mine.running) return;
    if (order.what === "rewind") {
      mine.value = value;
      void attempt(mine, async () => {
        await mine.training.begin({ seed: mine.job.seed, ...mine.data });
        receive({ ...value, T: mine.job.T, checkpoints: [await drawn(mine)], running: false });
      });
    } else if (mine.training.seconds >= order.seconds) {
      const text = "This training has had its {0} seconds: choose a longer training time, or rewind it.";
      refuse({ text, values: [order.seconds] });
    } else {
      mine.value = { ...mine.value, turn: value.turn, about: value.about };
      void attempt(mine, () => goOn(mine, order.seconds));
    }
  }

  root.addEventListener("explorer:stop", () => {
    if (!held?.running) return;
    held.stopped = true;
    if (held.training) return; // it hears of it after its step
    const { value } = held;
    drop();
    receive({ ...value, running: false, status: "Stopped before your device had begun." });
  });
  return { begin, carryOut, drop };
}

// Says after each step whether the training is quick enough so far. The first one, in which all is made ready, does not
// count; after TRIAL_SECONDS nothing is asked any more.
function trialOf(training, least) {
  let [over, first] = [false, null];
  return () => {
    if (over) return true;
    first ??= training.seconds;
    const [steps, seconds] = [training.step - 1, training.seconds - first];
    over = steps > 0 && seconds >= TRIAL_SECONDS;
    return !over || (steps * training.head.batch) / seconds >= least;
  };
}

// What a TrainingJob's data are made of, as Training.begin takes it.
function partsOf({ pictures: count, floats }, data, fitted) {
  const labels = new Uint8Array(data, 0, count);
  const bytes = count * PIXELS * (floats ? 4 : 1);
  const numbers = (from, length) => new Float32Array(data.slice(from, from + length));
  const pictures = floats ? numbers(count, bytes) : new Uint8Array(data, count, bytes);
  let at = count + bytes;
  const read = ([name, shape]) => {
    const length = 4 * shape.reduce((product, n) => product * n, 1);
    at += length;
    return [name, numbers(at - length, length)];
  };
  return { pictures, labels, fitted: Object.fromEntries(Object.entries(fitted).map(read)) };
}

// A step for the loss curve, as in LabValue: the mean error also in each part of 1..T.
function pointOf({ step, seconds, loss, t, errors }, T) {
  const parts = BANDS.map((_, band) => errors.filter((_, k) => Math.floor(((t[k] - 1) * BANDS.length) / T) === band));
  const means = parts.map((own) => (own.length ? own.reduce((sum, error) => sum + error, 0) / own.length : null));
  return [step, seconds, loss, ...means];
}
