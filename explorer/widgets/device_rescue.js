// Rescue my digit on this device: the tiles that Python has begun, with the rescued picture as far as it is.

import { rescueVerdict } from "./answers.js";
import { lastOf } from "./device_endings.js";
import { askDevice } from "./device_worker.js";
import { PIXELS, bytesOf, toBase64 } from "./numbers.js";

/** @import { Likeness, TilesValue } from "./payload_types.js" */

const RESCUED = 2; // which tile

/**
 * @param {TilesValue} value with a job
 * @param {(pictures: Uint8Array) => Promise<Likeness>} likeness
 * @param {(value: TilesValue) => void} show
 * @param {(wish: object) => void} handOver asks the server for the same
 * @returns {{ cancel: () => void }}
 */
export function rescueOnDevice({ device: { film, bet }, ...value }, likeness, show, handOver) {
  let wanted = true;
  const task = askDevice("film", film, async ({ t, pixels, done, trouble }) => {
    if (trouble) return handOver({ ...film.again, trouble });
    const rescued = lastOf({ t, pixels }, { n: 1, strips: film.strips });
    const with_ = (sentence) => ({
      tiles: value.tiles.map((tile, k) => (k === RESCUED ? { ...tile, n: 1, data: toBase64(rescued) } : tile)),
      sentence,
    });
    show(with_(value.sentence));
    if (!done) return;
    const both = new Uint8Array(2 * PIXELS);
    both.set(bytesOf(value.tiles[0].data));
    both.set(rescued, PIXELS);
    const like = await likeness(both).catch(() => null);
    if (wanted && like) show(with_(rescueVerdict(like, bet)));
  });
  return {
    cancel() {
      wanted = false;
      task.cancel();
    },
  };
}
