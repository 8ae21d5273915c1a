// The page as one file: lays out what explorer/page/offline/layout.py has read from Gradio's page, mounts the widgets
// in it as gr.HTML would, and lets events call the answers of this device.

import { query, showQuery } from "../address.js";
import { ready } from "../languages.js";
import { ANSWERS } from "./answers.js";
import { arrive, page, unpackedPicture } from "./facts.js";
import { heedFiles } from "./dropped.js";
import { createEvents } from "./events.js";
import { createLayout } from "./lay_out.js";
import { openMap } from "./map_inside.js";
import { giveUp } from "./unpack.js";

// A link within the file changes what stands behind the #, and loads nothing.
function followLink() {
  document.dispatchEvent(new CustomEvent("explorer:show", { detail: { query: query() } }));
}

/** @param {Record<string, any>} modules of the widgets, by their names */
export async function open(modules) {
  try {
    openMap();
    heedFiles();
    await Promise.all([arrive(), ready]);
    if (page.opening && !query()) showQuery(page.opening); // the first of some lessons
    const components = new Map();
    for (const [name, value] of Object.entries(page.states))
      components.set(name, { name, value: value?.grey ? unpackedPicture(value) : value, show: () => {} });
    const scripts = /** @type {any} */ (window).explorerHandlers;
    const events = createEvents(components, page.events, scripts, ANSWERS, page.missing);
    createLayout(components, events, modules);
    window.addEventListener("hashchange", followLink);
  } catch (error) {
    giveUp(error);
  }
}
