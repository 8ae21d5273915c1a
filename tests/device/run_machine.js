// For the Python tests: exported graphs with any inputs and outputs. Gets a list of jobs as JSON: graph, a file;
// inputs, by name files of float32, and so outputs, with their counts; runs, how often.

import { readFileSync, writeFileSync } from "node:fs";

import { compile, open } from "../../explorer/widgets/device/graph.js";

const folder = new URL("../../explorer/widgets/device/", import.meta.url);
const bytesOf = (file) => Uint8Array.from(readFileSync(file)).buffer;
const kernels = await compile(async (name) => bytesOf(new URL(name, folder)));

for (const { graph, inputs, outputs, runs } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const { head, tensors, setUp, execute } = await open(bytesOf(graph), kernels);
  for (const [name, file] of Object.entries(inputs)) tensors.set(new Float32Array(bytesOf(file)), head.places[name]);
  setUp();
  for (let run = 0; run < runs; run++) execute();
  for (const [name, { file, count }] of Object.entries(outputs)) {
    writeFileSync(file, tensors.slice(head.places[name], head.places[name] + count));
  }
}
