// For the Python tests: guesses with exported networks. Gets a list of jobs as JSON, each with the names of files:
// model, x_t (float32), t and label (lists), out (where eps_hat goes, float32); of a perfect guesser, ink (a file of
// bytes), labels and left_out too. Tells what failed, by job.

import { readFileSync, writeFileSync } from "node:fs";

import { compile, DeviceError, load } from "../../explorer/widgets/device/graph.js";

const folder = new URL("../../explorer/widgets/device/", import.meta.url);
const bytesOf = (file) => Uint8Array.from(readFileSync(file)).buffer;
const kernels = await compile(async (name) => bytesOf(new URL(name, folder)));

const errors = [];
for (const { model, x_t, t, label, out, ink, labels, left_out: leftOut } of JSON.parse(
  readFileSync(process.argv[2], "utf8"),
)) {
  try {
    const network = await load(bytesOf(model), kernels);
    if (ink) network.replace({ ink: new Float32Array(bytesOf(ink)), labels: Float32Array.from(labels) });
    writeFileSync(out, network.run({ x_t: new Float32Array(bytesOf(x_t)), t, label, leftOut }));
    errors.push(null);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    errors.push(error.message);
  }
}
process.stdout.write(JSON.stringify(errors));
