// The page's key: by it the server finds what is this page's own when the page is loaded anew. It is random, lasts as
// long as the tab, and belongs to one page: a browser copies a tab's storage when the tab is duplicated.

import { recallInTab, rememberInTab } from "./tab_storage.js";

const ANSWER_MS = 150; // within which another page says that the key is its own

const fresh = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

function openChannel() {
  try {
    return new BroadcastChannel("ddpm-explorer-keys");
  } catch {
    return null; // blocked, like storage
  }
}

async function findKey() {
  const channel = openChannel();
  const kept = recallInTab("key");
  let key = /^[0-9a-f]{32}$/.test(kept ?? "") ? kept : fresh();
  if (channel && key === kept) {
    const taken = await new Promise((answer) => {
      channel.onmessage = ({ data }) => data.held === key && answer(true);
      channel.postMessage({ asked: key });
      setTimeout(() => answer(false), ANSWER_MS);
    });
    if (taken) key = fresh();
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
