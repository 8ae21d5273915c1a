// What a page remembers from one visit to the next. In a frame of another site and in some private windows the browser
// forbids it, and even asking throws: then nothing is remembered, and nothing breaks.

/**
 * @param {string} name
 * @returns {string | null}
 */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @returns {boolean} whether it will be remembered
 */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
    return localStorage.getItem(name) === value;
  } catch {
    return false;
  }
}
