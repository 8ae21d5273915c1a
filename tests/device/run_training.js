// For the Python tests: trainings on the device, in this one thread. Gets a list of jobs as JSON: file, pictures
// (greys), labels and fitted (by name), all names of files; seed, threads, steps, and out, a folder for the averaged
// weights by name. Tells the losses of each.

import { readFileSync, writeFileSync } from "node:fs";

import { compile } from "../../explorer/widgets/device/graph.js";
import { Training } from "../../explorer/widgets/device/training.js";
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

const told = [];
for (const { file, pictures, labels, fitted, seed, threads, steps, out } of JSON.parse(readFileSync(process.argv[2]))) {
  const training = await Training.open({ file: bytesOf(file), kernels, threads, startWorker });
  const numbers = Object.entries(fitted).map(([name, path]) => [name, new Float32Array(bytesOf(path))]);
  const data = { pictures: new Uint8Array(bytesOf(pictures)), labels: new Uint8Array(bytesOf(labels)) };
  await training.begin({ seed, ...data, fitted: Object.fromEntries(numbers) });
  const losses = [];
  for await (const { loss } of training.steps({ steps })) losses.push(loss);
  for (const [name, weights] of Object.entries(await training.averages())) writeFileSync(`${out}/${name}`, weights);
  training.close();
  told.push(losses);
}
process.stdout.write(JSON.stringify(told));
