// The two algorithms, see explorer/page/tabs/algorithms.py: the file carries runs of them.

import { tellOnce } from "../notice.js";
import { jsonInside } from "./inside.js";

/** @import { AlgorithmValue } from "../payload_types.js" */
/** @import { Asked } from "./events.js" */

/** @type {Promise<{ runs: [AlgorithmValue, AlgorithmValue][], told: any }> | null} */
let held = null;

function carried() {
  held ??= jsonInside("algorithms.json");
  return held;
}

/** @param {Asked} asked */
async function run({ value }) {
  const { runs } = await carried();
  const [training, generation] = runs[value("algorithm-seed") % runs.length];
  return { "algorithm-training": training, "algorithm-generation": generation };
}

/** @param {Asked} asked */
async function again({ value }) {
  const { runs, told } = await carried();
  const next = value("algorithm-seed") + 1;
  if (next % runs.length === 0) tellOnce([told]);
  return { "algorithm-seed": next };
}

export const ALGORITHMS = {
  "algorithms.build.run": run,
  "algorithms.build.<lambda> of algorithm-again.click lesson-bar.key_algorithms_again": again,
};
