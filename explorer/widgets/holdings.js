// What the server holds that is this page's own, as its answers tell; and what it holds no longer when the page is
// loaded anew: the server was started anew, or the page was away for too long.

import { tellOnce } from "./notice.js";
import { recallInTab, rememberInTab } from "./tab_storage.js";

const LOST = {
  training: "The server no longer has your training: start it again.",
  network: "The server no longer has the network that you trained or loaded.",
  picture: "The server no longer has your own picture: draw it or upload it again.",
  drawings: "The server no longer has your drawings to learn from: draw them again.",
};

const sentenceOf = (name) => LOST[Object.keys(LOST).find((word) => name.includes(word)) ?? ""];
let known = null; // the last answer's

/** Whether this page was loaded anew: the same view, in the same tab. */
export function loadedAnew() {
  const [entry] = /** @type {any[]} */ (performance.getEntriesByType("navigation"));
  return ["reload", "back_forward"].includes(entry?.type) || Boolean(/** @type {any} */ (document).wasDiscarded);
}

/** @param {string} text names, with commas between them */
export function compareHoldings(text) {
  if (text === known) return;
  if (known === null) {
    const held = text.split(","),
      before = (recallInTab("holds") ?? "").split(",");
    const lost = new Set(before.filter((name) => name && !held.includes(name)).map(sentenceOf));
    if (lost.size) tellOnce([...lost].filter(Boolean));
  }
  known = text;
  rememberInTab("holds", text);
}
