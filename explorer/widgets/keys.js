// What a player does for a key that was pressed elsewhere on the page: on the stage, the whole page is its keyboard.

/** @type {WeakMap<Element, Record<string, (value?: any) => void>>} by a widget's root */
const offered = new WeakMap();

/** These can be asked of this widget, by their names. */
export const offer = (root, acts) => offered.set(root, { ...offered.get(root), ...acts });

/** Ask for one, with a value where it takes one; whether the widget knows it. */
export function ask(root, name, value = undefined) {
  const act = offered.get(root)?.[name];
  act?.(value);
  return Boolean(act);
}
