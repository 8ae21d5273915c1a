// A paragraph whose values change.

import { say } from "./languages.js";
import { equip } from "./widget.js";

/** @import { WordsValue } from "./payload_types.js" */

export function mount({ element }) {
  const { part } = equip(element);

  /** @param {WordsValue} value */
  return function receive(value) {
    part("sentence").textContent = say(value.sentence);
  };
}
