// For the Python tests: films with exported networks. Gets a list of jobs as JSON, each with the names of files: model,
// and out, where the steps go one after another (x_t, eps_hat, x0_hat, x_prev of all pictures, float32); with the table
// and what filmSteps takes, and x_0 as a file where there is one. `last`: only the last step is wanted.

import { readFileSync, writeFileSync } from "node:fs";

import { filmSteps } from "../../explorer/widgets/device/film_steps.js";
import { compile, load } from "../../explorer/widgets/device/graph.js";

const folder = new URL("../../explorer/widgets/device/", import.meta.url);
const bytesOf = (file) => Uint8Array.from(readFileSync(file)).buffer;
const kernels = await compile(async (name) => bytesOf(new URL(name, folder)));

for (const { model, out, table, film, x_0, last } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const network = await load(bytesOf(model), kernels);
  const steps = [];
  for (const step of filmSteps(network, table, { ...film, x_0: x_0 && new Float32Array(bytesOf(x_0)) })) {
    if (last) steps.length = 0;
    steps.push(step);
  }
  const parts = steps.flatMap(({ x_t, epsHat, x0Hat, xPrev }) => [x_t, epsHat, x0Hat, xPrev]);
  writeFileSync(out, Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
}
