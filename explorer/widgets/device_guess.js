// The guessing game's answers by this device: what a network guesses of one noise at many t, as Python would send them.

import { askDevice } from "./device_worker.js";
import { toBase64, toGrey } from "./numbers.js";

/** @typedef {import("./payload_types.js").GuessJob} GuessJob */
/** @typedef {import("./payload_types.js").GuessValue} GuessValue */
/** @typedef {import("./payload_types.js").Guesser} Guesser */

/**
 * @param {GuessJob} job
 * @param {(answers: Pick<GuessValue, "eps_hat" | "error" | "x0_error">, guesser: Guesser) => void} answer hears what
 *   the game wants to know, and the same network as one of several guessers
 * @param {(trouble: string) => void} giveUp
 * @returns {{ cancel: () => void }}
 */
export function guessOnDevice(job, answer, giveUp) {
  return askDevice("guess", job, ({ trouble, eps_hat, x0_hat, error, x0_error }) => {
    if (trouble) return giveUp(trouble);
    answer(
      { eps_hat: toBase64(eps_hat), error, x0_error },
      { name: "network", x0_hat: toBase64(Uint8Array.from(x0_hat, toGrey)), error },
    );
  });
}
