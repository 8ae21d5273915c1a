// For the Python tests: trainings on the device, in this one thread. Gets a list of jobs as JSON: file, pictures
// (greys), labels and fitted, all names of files; seed, threads, steps, and out, a folder for the averaged weights by
// name; pause: after so many steps another training goes on. Tells the losses of each, and why it broke off.

import { readFileSync, writeFileSync } from "node:fs";

import { compile } from "../../explorer/widgets/device/graph.js";
import { Diverged, Training } from "../../explorer/widgets/device/training.js";
import { trainingShare } from "../../explorer/widgets/device/training_share.js";

const folder = new URL("../../explorer/widgets/device/", import.meta.url);
const bytesOf = (file) => Uint8Array.from(readFileSync(file)).buffer;
const kernels = await compile(async (name) => bytesOf(new URL(name, folder)));

// What a page asks of a worker, without one.
function startWorker() {
  const worker = { onmessage: null, postMessage: null, terminate: () => {} };
  const hear = trainingShare((data) => queueMicrotask(() => worker.onmessage({ data })));
  let before = Promise.resolve();
  worker.postMessage = (message) => (before = before.then(() => hear(structuredClone(message))));
  return worker;
}

async function done({ file, seed, threads, steps, pause, out, ...files }) {
  const opened = () => Training.open({ file: bytesOf(file), kernels, threads, startWorker });
  const [pictures, labels] = [files.pictures, files.labels].map((name) => new Uint8Array(bytesOf(name)));
  const data = { seed, pictures, labels, fitted: bytesOf(files.fitted) };
  let training = await opened();
  await training.begin(data);
  const losses = [];
  let broken = null;
  try {
    for await (const { loss, step } of training.steps({ steps })) {
      losses.push(loss);
      if (step === pause) break;
    }
    if (pause) {
      const state = await training.state();
      training.close();
      training = await opened();
      await training.begin({ ...data, state });
      for await (const { loss } of training.steps({ steps })) losses.push(loss);
    }
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
    broken = error.message;
  }
  for (const [name, weights] of Object.entries(await training.averages())) writeFileSync(`${out}/${name}`, weights);
  training.close();
  return { losses, broken };
}

const told = [];
for (const job of JSON.parse(readFileSync(process.argv[2], "utf8"))) told.push(await done(job));
process.stdout.write(JSON.stringify(told));
