// A picture file, seen through the drawing pads, to be drawn over: a server's page finds the digit in it, see
// explorer/page/uploading.py.

import { say } from "../languages.js";
import { tellMissing } from "./events.js";
import { facts } from "./facts.js";

const root = document.documentElement;
let traced = ""; // the picture's address
let asked = 0; // pictures so far

function show(address) {
  if (traced) URL.revokeObjectURL(traced);
  traced = address;
  root.style.setProperty("--traced", `url("${address}")`);
  root.classList.toggle("traced", Boolean(address));
}

/** A button on each pad, seen while there is a picture. */
function offerRemoval() {
  for (const tools of document.querySelectorAll(".pad .tools:not(:has([data-part=untrace]))")) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: say("No picture") });
    button.dataset.part = "untrace";
    button.addEventListener("click", () => show(""));
    tools.append(button);
  }
}

/** From now on the picture lies under every pad, in place of one that is there. @param {File} file */
export async function trace(file) {
  const number = ++asked,
    address = URL.createObjectURL(file);
  try {
    await Object.assign(new Image(), { src: address }).decode();
  } catch {
    URL.revokeObjectURL(address);
    return tellMissing(facts.pictures.unreadable);
  }
  if (number !== asked) return URL.revokeObjectURL(address);
  offerRemoval();
  show(address);
  tellMissing(facts.pictures.traced);
}

export const TRACING = {
  "uploading.UploadPart.listen.receive": ({ event: file }) => void trace(file),
};
