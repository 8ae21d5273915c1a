// The truth of a class's question, as far as it can be read from what the page shows: each widget says what it knows,
// and nobody has to type it.

/** @typedef {Record<string, () => number | null | undefined>} Truths by the question's id; nothing: not known now */

/** @type {Map<Element, Truths>} by a widget's root, in the order of the page */
const known = new Map();

/**
 * This widget knows the truth of these questions.
 * @param {Element} root
 * @param {Truths} truths
 */
export const tellTruths = (root, truths) => known.set(root, truths);

/**
 * The truth of a question, read from what is seen now; of two that know one, the later on the page, which is made from
 * the one before. Null where nothing that is seen says it.
 * @param {string} question
 * @returns {number | null}
 */
export function truthOf(question) {
  let found = null;
  for (const [root, truths] of known) {
    if (!root.isConnected) known.delete(root);
    else if (root.checkVisibility()) found = truths[question]?.() ?? found;
  }
  return found;
}
