// The page's key: by it the server finds what is this page's own when the page is loaded anew. It is random, lasts as
// long as the tab, and belongs to one page: a browser copies a tab's storage when the tab is duplicated.

import { recallInTab, rememberInTab } from "./tab_storage.js";

// within which another page says that the key is its own
const ANSWER_MS = 150; // where nobody knows whether there is another
const BUSY_MS = 3000; // where it is known that another page has it: that one may be busy with a film

const fresh = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

function openChannel() {
  try {
    return new BroadcastChannel("ddpm-explorer-keys");
  } catch {
    return null; // blocked, like storage
  }
}

/**
 * Make the key this page's, as long as the page is open. False: another page has it. Null: not known, since a browser
 * has no locks where there is no https, nor in some frames.
 *
 * @param {string} key
 * @param {LockOptions} options
 * @returns {Promise<boolean | null>}
 */
function reserve(key, options = { ifAvailable: true }) {
  return new Promise((told) => {
    const hold = (lock) => {
      told(Boolean(lock));
      return lock && new Promise(() => {}); // until the page is closed
    };
    const asked = navigator.locks?.request(`ddpm-explorer-${key}`, options, hold);
    if (asked) asked.catch(() => told(null));
    else told(null);
  });
}

const isTaken = (channel, key, milliseconds) =>
  new Promise((answer) => {
    channel.onmessage = ({ data }) => data.held === key && answer(true);
    channel.postMessage({ asked: key });
    setTimeout(() => answer(false), milliseconds);
  });

async function findKey() {
  const channel = openChannel();
  const kept = recallInTab("key");
  let key = /^[0-9a-f]{32}$/.test(kept ?? "") ? kept : fresh();
  const reserved = await reserve(key);
  if (channel && key === kept && !reserved) {
    // a lock may outlive its page by a moment: only another page's answer counts
    if (await isTaken(channel, key, reserved === null ? ANSWER_MS : BUSY_MS)) {
      key = fresh();
      reserve(key);
    } else if (reserved === false) reserve(key, {}); // as soon as the lock is free
  }
  if (channel)
    channel.onmessage = ({ data }) => {
      if (data.asked === key) channel.postMessage({ held: key });
    };
  if (key !== kept) rememberInTab("holds", ""); // another page's
  rememberInTab("key", key);
  return key;
}

/** @type {Promise<string>} */
export const pageKey = findKey();
