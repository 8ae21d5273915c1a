// For the Python tests: what the device is asked, as its worker does it, and what is made of the answers for the page.
// Gets [{ model, task, job, number, likeness, bet, original }] as JSON, pictures as base64; writes for each all news,
// and the payloads.

import { readFileSync } from "node:fs";

import * as answers from "../../explorer/widgets/answers.js";
import { compile, load } from "../../explorer/widgets/device/graph.js";
import { TASKS } from "../../explorer/widgets/device/tasks.js";
import { bytesOf } from "../../explorer/widgets/numbers.js";

const folder = new URL("../../explorer/widgets/device/", import.meta.url);
const read = (file) => Uint8Array.from(readFileSync(file)).buffer;
const kernels = await compile(async (name) => read(new URL(name, folder)));
const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(/** @type {any} */ (value)) : value);

const networks = new Map();
const told = [];
for (const { task, job, number } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  if (!networks.has(job.model)) networks.set(job.model, await load(read(job.model), kernels));
  const network = networks.get(job.model);
  const run = network.run.bind(network);
  let evaluations = 0;
  const news = [];
  const counting = { run: (asked) => ((evaluations += 1), run(asked)), read: network.read.bind(network) };
  if (job.pictures) job.pictures = bytesOf(job.pictures);
  await TASKS[task](counting, job, { number, tell: (one) => news.push(one), turn: async () => {} });
  told.push({ news, evaluations });
}

const [, , , says] = process.argv;
const said = JSON.parse(readFileSync(says, "utf8")).map(({ about, like, t, bet, step }) => {
  if (about === "fork") return answers.forkVerdict(t, like);
  if (about === "futures") return answers.futuresSentence(like);
  if (about === "rescue") return answers.rescueVerdict(like, bet);
  if (about === "average") return answers.averageOf(bytesOf(step));
  const found = told[step].news[0].step;
  if (about === "anatomy") return answers.anatomyTiles(found, t);
  return answers.nearestTiles(found, { ...like.nearest, grey: bytesOf(like.nearest.data) }, like.usual);
});
process.stdout.write(JSON.stringify({ told, said }, plain));
