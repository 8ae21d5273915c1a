// One of the threads that train together: it answers the messages of training.js, each with its number. It needs no
// worker, any port will do.
//
//   hears                                          tells
//   { open: { file, compiled } }
//   { begin: what TrainingStep.begin takes }
//   { share: [first, end] }                        { gradient, errors, t, seconds }    of a part of the next batch
//   { sum, rate, decay }                           { moved, seconds }                  as TrainingStep.descend
//   { tell: "averages" or "state" }                { told }
//
// What cannot be done is answered by { trouble, why }; trouble is "memory", "unable" or "died".

import { troubleOf } from "./graph.js";
import { parseTraining, TrainingStep } from "./training_step.js";

/**
 * @param {(message: object, transfer: Transferable[]) => void} tell
 * @returns {(message: any) => Promise<void>} what hears
 */
export function trainingShare(tell) {
  let step = null;

  function addUp([first, end]) {
    const found = step.addUp(first, end);
    const gradient = first < end ? step.gradients.numbers.slice() : null;
    return { ...found, gradient };
  }

  async function answer(message) {
    if (message.open) step = await TrainingStep.open(parseTraining(message.open.file), message.open.compiled);
    else if (message.begin) step.begin(message.begin);
    else if (message.share) return addUp(message.share);
    else if (message.sum) return { moved: step.descend(message.sum, message.rate, message.decay) };
    else return { told: message.tell === "state" ? step.state : step.averagesByName() };
    return {};
  }

  return async (message) => {
    const began = performance.now();
    let answered;
    try {
      answered = await answer(message);
    } catch (error) {
      answered = { trouble: troubleOf(error), why: String(error) };
    }
    const seconds = (performance.now() - began) / 1000;
    tell({ id: message.id, seconds, ...answered }, answered.gradient ? [answered.gradient.buffer] : []);
  };
}
