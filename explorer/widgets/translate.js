// From English texts to those of a dictionary. A text may have places {0}, {1} ..., filled by its values: texts, which
// are translated too, numbers, and rows of them.

/** @import { Text } from "./payload_types.js" */
/** @typedef {string | number | Text | (string | number | Text)[]} Value */

/**
 * @param {Record<string, string>} dictionary
 * @returns {(told: string | Text, ...values: Value[]) => string} says a text with its values, in English where the
 *   dictionary has no such text
 */
export function createSay(dictionary) {
  const between = dictionary[", "] ?? ", ";

  /** @param {Value} value */
  function shown(value) {
    if (typeof value === "number") return String(value);
    if (Array.isArray(value)) return value.map(shown).join(between);
    return say(value);
  }

  /**
   * @param {string | Text} told
   * @param {Value[]} values
   */
  function say(told, ...values) {
    if (typeof told !== "string") return say(told.text, ...told.values);
    const text = Object.hasOwn(dictionary, told) ? dictionary[told] : told; // not what every object has
    return values.length ? text.replace(/\{(\d)\}/g, (_, place) => shown(values[Number(place)])) : text;
  }

  return say;
}
