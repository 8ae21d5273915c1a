// Where a view stands in the page's address: in its query; on a page that is a file, behind the #, since not every
// place from which a file is opened keeps a query.

/** Whether this page is a file. */
export const isFile = Boolean(globalThis.document?.querySelector("meta[name=explorer-file]"));

/** What links to other views of this page begin with. */
export const MARK = isFile ? "#" : "?";

/** The view's names and values, as they stand in the address. */
export const query = () => ((isFile ? globalThis.location?.hash : globalThis.location?.search) ?? "").slice(1);

/** The page's address up to a view. */
export const pageAddress = () => location.href.replace(/[?#].*$/s, "");

/** Let the address say this view, without a reload. @param {string} text a query */
export function showQuery(text) {
  const address = isFile ? `#${text}` : location.pathname + (text && `?${text}`) + location.hash;
  history.replaceState(history.state, "", address);
}

/** Open this view: by a reload, but not of a file (see offline/host.js). @param {string} text a query */
export function goTo(text) {
  if (isFile) location.hash = text;
  else location.search = text;
}

/** Load the page anew, in this view. @param {string} text a query */
export function reloadAs(text) {
  if (isFile) showQuery(text);
  else if (text !== query()) return goTo(text);
  location.reload();
}
