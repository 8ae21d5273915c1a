// What a page keeps in the browser. Storage may be blocked (in frames on another site, in private windows), and then
// throws whenever it is touched: what belongs to one tab then stands in the entry of its history, which lasts as long.

const NAME = "ddpm-explorer";

function createStore(storage, fallback) {
  return {
    /** @returns {string | null} */
    get(name) {
      try {
        return storage().getItem(`${NAME}-${name}`) ?? fallback.get(name);
      } catch {
        return fallback.get(name);
      }
    },
    /** Whether it will be there when the page is loaded anew. */
    set(name, text) {
      try {
        storage().setItem(`${NAME}-${name}`, text);
        return true;
      } catch {
        return fallback.set(name, text);
      }
    },
  };
}

const nowhere = { get: () => null, set: () => false };

const inHistory = {
  get: (name) => history.state?.[NAME]?.[name] ?? null,
  set(name, text) {
    try {
      history.replaceState({ ...history.state, [NAME]: { ...history.state?.[NAME], [name]: text } }, "");
      return true;
    } catch {
      return false; // too much, or too often
    }
  },
};

export const browserStore = createStore(() => localStorage, nowhere);
export const tabStore = createStore(() => sessionStorage, inHistory);
