// A step of a film taken apart on this device, and the real digit that is nearest to what the film has in mind then.

import { anatomyTiles, inMind, nearestTiles } from "./answers.js";
import { deliver } from "./deliver.js";
import { askDevice } from "./device_worker.js";
import { bytesOf } from "./numbers.js";

/** @import { LookJob, Likeness } from "./payload_types.js" */

const [STEP, NEAREST] = ["step", "nearest"]; // the tiles' ids

/**
 * @param {LookJob} job
 * @param {(pictures: Uint8Array) => Promise<Likeness>} likeness
 * @param {(trouble: string) => void} giveUp
 * @returns {{ cancel: () => void }}
 */
export function takeApart(job, likeness, giveUp) {
  let wanted = true;
  const task = askDevice("look", job, async ({ step, trouble }) => {
    if (trouble) return giveUp(trouble);
    deliver(STEP, anatomyTiles(step, job.film.sampler));
    const { nearest, usual } = await likeness(inMind(step)).catch(() => ({ nearest: null, usual: [] }));
    if (wanted && nearest) deliver(NEAREST, nearestTiles(step, { ...nearest, grey: bytesOf(nearest.data) }, usual));
  });
  return {
    cancel() {
      wanted = false;
      task.cancel();
    },
  };
}
