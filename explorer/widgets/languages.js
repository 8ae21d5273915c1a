// The page's language: the one chosen before, else the browser's, else English; lang= in the address overrides both.
// Sentences are made here as texts with their values, and so said in it.

import { query } from "./address.js";
import { recall } from "./storage.js";
import { createSay } from "./translate.js";

const AGAIN_MS = 1500;
export const STORED = "ddpm-explorer-language";

// By their codes, English first: where the dictionary lies, from the page's root on; "" for English, which needs none.
/** @type {Record<string, string>} */
const offered = JSON.parse(
  globalThis.document?.querySelector("meta[name=explorer-languages]")?.getAttribute("content") ?? '{"en":""}',
);

function chosen() {
  const wanted = [
    new URLSearchParams(query()).get("lang"),
    recall(STORED),
    ...(globalThis.navigator?.languages ?? []).map((tag) => tag.split("-")[0]),
  ];
  return wanted.find((code) => code !== null && code in offered) ?? Object.keys(offered)[0];
}

export const language = chosen();

/** @type {Record<string, string>} */
let dictionary = {};
let speak = createSay(dictionary);

async function load() {
  if (!offered[language]) return;
  const address = new URL(`../../${offered[language]}`, import.meta.url);
  const fetched = () => fetch(address).then((answer) => answer.json());
  const again = () => new Promise((later) => setTimeout(later, AGAIN_MS)).then(fetched);
  dictionary = await fetched().catch(again);
  speak = createSay(dictionary);
}

/** Fulfilled when sentences can be said; where the dictionary cannot be had, they stay English. */
export const ready = load().catch(() => {});

/** @type {typeof speak} a text with its values, in the page's language */
export const say = (told, ...values) => speak(told, ...values);

/** Sentences one after the other; empty ones are left out. */
export const sayAll = (...sentences) =>
  sentences
    .filter(Boolean)
    .map((sentence) => say(sentence))
    .reduce((first, second) => say("{0} {1}", first, second), "")
    .trim();

/** Every text that the language has, by the English one. */
export const texts = () => dictionary;
