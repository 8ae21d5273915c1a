// What a page remembers when it is loaded anew in the same tab. Where the browser forbids storage, it stands in the
// tab's history, which lasts as long.

const NAME = "ddpm-explorer";

/**
 * @param {string} name
 * @returns {string | null}
 */
export function recallInTab(name) {
  try {
    const text = sessionStorage.getItem(`${NAME}-${name}`);
    if (text !== null) return text;
  } catch {
    // forbidden
  }
  return history.state?.[NAME]?.[name] ?? null;
}

/**
 * @param {string} name
 * @param {string} text
 */
export function rememberInTab(name, text) {
  try {
    sessionStorage.setItem(`${NAME}-${name}`, text);
  } catch {
    history.replaceState({ ...history.state, [NAME]: { ...history.state?.[NAME], [name]: text } }, "");
  }
}
