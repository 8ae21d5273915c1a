// The picture chooser's answers, see explorer/page/picture_chooser.py: the same for every tab that has one.

import { NULL_LABEL } from "../constants.js";
import { drawn } from "./drawing.js";
import { digit, facts, unpackedPicture } from "./facts.js";

/** @import { Asked } from "./events.js" */

const LAST_EXAMPLE = 9_999; // as EXAMPLE in explorer/page/settings.py
const LAST_SEED = 2 ** 31 - 1;

// "forward-picture" among the outputs says which chooser it is
const prefixOf = (/** @type {Asked} */ { outputs }) =>
  outputs.map((name) => /^(\w+)-(?:picture|noise-seed)$/.exec(name)?.[1]).find(Boolean);

/** @param {Asked} asked */
async function byClass(asked) {
  const prefix = prefixOf(asked);
  return {
    [`${prefix}-picture`]: await digit(asked.value(`${prefix}-label`), 0),
    [`${prefix}-example`]: 0,
    [`${prefix}-no-digit`]: null,
    [`${prefix}-uploaded`]: null,
  };
}

/** @param {Asked} asked */
async function nextExample(asked) {
  const prefix = prefixOf(asked),
    label = asked.value(`${prefix}-label`) ?? 7,
    picture = await digit(label, (asked.value(`${prefix}-example`) + 1) % LAST_EXAMPLE);
  return {
    [`${prefix}-picture`]: picture,
    [`${prefix}-example`]: picture.example,
    [`${prefix}-label`]: label,
    [`${prefix}-no-digit`]: null,
    [`${prefix}-uploaded`]: null,
  };
}

/** @param {Asked} asked */
function drawing(asked) {
  const prefix = prefixOf(asked),
    strokes = asked.value(`${prefix}-pad`);
  if (!strokes) return {}; // the pad was cleared: what was shown stays
  const grey = drawn(strokes, facts.drawing);
  return {
    [`${prefix}-picture`]: { grey, label: NULL_LABEL, caption: facts.pictures.drawn, example: null },
    [`${prefix}-label`]: null,
    [`${prefix}-no-digit`]: null,
    [`${prefix}-uploaded`]: null,
  };
}

/** @param {Asked} asked */
function strange(asked) {
  const prefix = prefixOf(asked);
  return {
    [`${prefix}-picture`]: unpackedPicture(facts.pictures.none[asked.value(`${prefix}-no-digit`)]),
    [`${prefix}-label`]: null,
    [`${prefix}-uploaded`]: null,
  };
}

/** @param {Asked} asked */
function nextNoise(asked) {
  const name = `${prefixOf(asked)}-noise-seed`;
  return { [name]: (asked.value(name) + 1) % LAST_SEED };
}

/** A link's digit and noise: what changes in this tab's chooser. */
export async function restoreChooser(prefix, { label, example, noise_seed }) {
  const picture = await digit(Number(label), Number(example));
  return {
    [`${prefix}-picture`]: picture,
    [`${prefix}-noise-seed`]: Number(noise_seed),
    [`${prefix}-example`]: picture.example,
    [`${prefix}-uploaded`]: null,
  };
}

export const CHOOSING = {
  "picture_chooser.build.by_class": byClass,
  "picture_chooser.build.next_example": nextExample,
  "picture_chooser.build.drawing": drawing,
  "picture_chooser.build.strange": strange,
  "picture_chooser.build.next_noise": nextNoise,
};
